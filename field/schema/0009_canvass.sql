-- What a phone was given: kept as issued, so that a tampered or foreign packet is known by its hash.
CREATE TABLE field_canvass_packet (
  id @text NOT NULL PRIMARY KEY,          -- 32 hexadecimal digits, random
  org_id @int NOT NULL,
  map_id @int NOT NULL,
  turf_id @int NOT NULL,                  -- 0 for doors taken from a whole map
  handout_id @int NOT NULL,
  device_id @text NOT NULL,               -- offline_device
  account_id @int NOT NULL,
  script_id @int NOT NULL,
  script_version @int NOT NULL,
  doors @int NOT NULL,
  hash @text NOT NULL,                    -- SHA-256 of the packet's text
  content @bytes NOT NULL,                -- which doors and people are in it
  made_at @int NOT NULL,
  ends_at @int NOT NULL,
  recalled_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_canvass_packet_turf ON field_canvass_packet (turf_id);
CREATE INDEX field_canvass_packet_device ON field_canvass_packet (device_id);

-- What was tried and found at one door, as canvassers recorded it; the boards read it. Rows are projections of offline_event.
CREATE TABLE field_canvass_door (
  event_id @text NOT NULL PRIMARY KEY,
  org_id @int NOT NULL,
  map_id @int NOT NULL,
  turf_id @int NOT NULL,
  packet_id @text NOT NULL,
  account_id @int NOT NULL,
  door @text NOT NULL,
  result @text NOT NULL,
  at @int NOT NULL
) @strict;
CREATE INDEX field_canvass_door_turf ON field_canvass_door (turf_id, at);
CREATE INDEX field_canvass_door_map ON field_canvass_door (map_id, at);

-- Somebody met at a door who is not on the list; staff finds out who it is.
CREATE TABLE field_canvass_met (
  id @text NOT NULL PRIMARY KEY,          -- made by the phone
  org_id @int NOT NULL,
  packet_id @text NOT NULL,
  door @text NOT NULL,
  content @text NOT NULL,                 -- JSON: what was written down
  state @text NOT NULL CHECK (state IN ('waiting', 'matched', 'kept', 'dismissed')),
  person_id @int NOT NULL DEFAULT 0,
  account_id @int NOT NULL,
  met_at @int NOT NULL,
  decided_by @int NOT NULL DEFAULT 0,
  decided_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_canvass_met_org ON field_canvass_met (org_id, state, met_at);

-- A unit or a household that is not in the voter file.
CREATE TABLE field_canvass_place (
  id @text NOT NULL PRIMARY KEY,          -- made by the phone
  org_id @int NOT NULL,
  packet_id @text NOT NULL,
  content @text NOT NULL,                 -- JSON: house, street, unit, where it lies
  account_id @int NOT NULL,
  found_at @int NOT NULL
) @strict;

-- The results that an organisation's people choose from, by channel, in order.
CREATE TABLE field_canvass_result (
  org_id @int NOT NULL,
  channel @text NOT NULL,
  place @small NOT NULL,
  result @text NOT NULL,
  PRIMARY KEY (org_id, channel, place)
) @strict;
