CREATE TABLE place_address (
  key @id,                                -- place.Key of the address without its unit
  lon @real NOT NULL,
  lat @real NOT NULL,
  source @text NOT NULL                   -- the file it came from
) @strict;

-- Precincts, districts, counties, towns; parks and water for the maps.
CREATE TABLE place_area (
  id @identity,
  kind @text NOT NULL,                    -- precinct, congress, state_senate …; park, water
  state @text NOT NULL,                   -- postal code: NC
  county @text NOT NULL,                  -- of a precinct; '' for everything else
  code @text NOT NULL,                    -- as voter files write it, without leading zeros
  name @text NOT NULL,
  shape @bytes NOT NULL,
  west @real NOT NULL,
  south @real NOT NULL,
  east @real NOT NULL,
  north @real NOT NULL,
  loaded_at @int NOT NULL,
  UNIQUE (kind, state, county, code)
) @strict;
CREATE INDEX place_area_box ON place_area (kind, west, east, south, north);

CREATE TABLE place_street (
  id @id,                                 -- TIGER's TLID, or a hash of the line
  cell @int NOT NULL,                     -- the tile it lies in, at the level of its size
  name @text NOT NULL,
  class @text NOT NULL,                   -- MTFCC: S1100 highway, S1200 main road, S1400 street
  line @bytes NOT NULL
) @strict;
CREATE INDEX place_street_cell ON place_street (cell);
