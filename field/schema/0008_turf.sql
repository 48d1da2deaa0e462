-- The doors of one list, cut into turfs.
CREATE TABLE field_turf_map (
  id @identity,
  org_id @int NOT NULL,
  voterfile_id @int NOT NULL,
  list_id @int NOT NULL,                  -- field_list it was made from
  folder_id @int NOT NULL DEFAULT 0,      -- org_folder; 0 for everybody of the organisation who may see turf
  script_id @int NOT NULL DEFAULT 0,
  name @text NOT NULL,
  region @text NOT NULL DEFAULT '',       -- maps of one part of the country stand together
  doors @int NOT NULL,
  people @int NOT NULL,
  left_out @text NOT NULL DEFAULT '{}',   -- JSON: how many doors could not be cut in, by reason
  ground @bytes NOT NULL,                 -- the doors with their people and the streets between them, as they were when the map was made
  step @int NOT NULL DEFAULT 1,           -- which draft holds now: undo and redo move it
  edition @int NOT NULL DEFAULT 1,        -- counts what was done to the drafts: an edit of an older one is refused
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  archived_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_turf_map_org ON field_turf_map (org_id, archived_at);

-- One way in which the doors of a map were cut, on the way to what is saved. An edit is another step.
CREATE TABLE field_turf_draft (
  map_id @int NOT NULL,
  step @int NOT NULL,
  org_id @int NOT NULL,
  what @text NOT NULL,                    -- word of the edit that made it
  plan @bytes NOT NULL,                   -- which doors are in which turf, and what is locked
  made_by @int NOT NULL,
  made_at @int NOT NULL,
  PRIMARY KEY (map_id, step)
) @strict;

-- One turf as it was saved. Its doors never change: a turf that is cut differently is retired and another takes its place.
CREATE TABLE field_turf (
  id @identity,
  map_id @int NOT NULL,
  org_id @int NOT NULL,
  number @int NOT NULL,
  name @text NOT NULL,
  hue @small NOT NULL,
  doors @int NOT NULL,
  people @int NOT NULL,
  metres @int NOT NULL,
  minutes @int NOT NULL,
  spare @small NOT NULL DEFAULT 0,
  hash @text NOT NULL,                    -- of its doors in walk order: the same doors cut again are the same turf
  content @bytes NOT NULL,                -- the doors in walk order with the people on the list, the outline and the start
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  retired_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_turf_map_id ON field_turf (map_id, retired_at);

-- A turf (or with turf_id 0 a whole map, whose doors phones take as they go) given to a person, a group, or whoever knows the list number.
CREATE TABLE field_turf_handout (
  id @identity,
  org_id @int NOT NULL,
  map_id @int NOT NULL,
  turf_id @int NOT NULL,
  to_kind @text NOT NULL CHECK (to_kind IN ('account', 'group', 'number')),
  to_id @int NOT NULL DEFAULT 0,
  list_number @text NOT NULL DEFAULT '',  -- digits
  script_id @int NOT NULL DEFAULT 0,
  script_version @int NOT NULL DEFAULT 0, -- 0 for the newest when it is fetched
  doors_each @int NOT NULL DEFAULT 0,     -- of a whole map: how many doors a phone takes at once
  days @int NOT NULL DEFAULT 0,           -- and for how long
  given_by @int NOT NULL,
  given_at @int NOT NULL,
  ends_at @int NOT NULL,
  recalled_by @int NOT NULL DEFAULT 0,
  recalled_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_turf_handout_map ON field_turf_handout (map_id);
-- A number that was given to two would open the wrong turf: not within an organisation, and not across them.
CREATE UNIQUE INDEX field_turf_handout_number ON field_turf_handout (list_number) WHERE list_number <> '' AND recalled_at = 0;
CREATE INDEX field_turf_handout_to ON field_turf_handout (to_kind, to_id);

-- Doors of a map that one phone has taken for some days.
CREATE TABLE field_turf_claim (
  map_id @int NOT NULL,
  door @int NOT NULL,                     -- household_key
  org_id @int NOT NULL,
  packet_id @text NOT NULL,
  until_at @int NOT NULL,
  PRIMARY KEY (map_id, door)
) @strict;
