-- The doors of one list, cut into turfs.
CREATE TABLE field_turf_map (
  id @identity,
  org_id @int NOT NULL,
  voterfile_id @int NOT NULL,
  list_id @int NOT NULL,                  -- field_list it was made from
  folder_id @int NOT NULL DEFAULT 0,      -- org_folder
  script_id @int NOT NULL DEFAULT 0,
  name @text NOT NULL,
  doors @int NOT NULL,
  people @int NOT NULL,
  left_out @text NOT NULL DEFAULT '{}',   -- JSON: doors that could not be cut in, by reason
  rules @text NOT NULL,                   -- JSON of turf.Rules
  version @int NOT NULL DEFAULT 1,        -- of the draft; an edit of an older one is refused
  draft @bytes NOT NULL,                  -- the doors and which turf each is in
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  archived_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_turf_map_org ON field_turf_map (org_id, archived_at);

-- One turf as it was saved. A turf that was handed out is not changed: it is retired and another takes its place.
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
  list_number @text NOT NULL DEFAULT '',  -- digits; unique among those that have not ended
  script_id @int NOT NULL DEFAULT 0,
  script_version @int NOT NULL DEFAULT 0,
  doors_each @int NOT NULL DEFAULT 0,     -- of a whole map: how many doors a phone takes at once
  days @int NOT NULL DEFAULT 0,           -- and for how long
  given_by @int NOT NULL,
  given_at @int NOT NULL,
  ends_at @int NOT NULL,
  recalled_by @int NOT NULL DEFAULT 0,
  recalled_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_turf_handout_map ON field_turf_handout (map_id);
CREATE INDEX field_turf_handout_number ON field_turf_handout (list_number);
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
