-- What a phone was given: kept as issued, so that work recorded in another packet, or at other doors, is known.
CREATE TABLE field_canvass_packet (
  id @text NOT NULL PRIMARY KEY,          -- 32 hexadecimal digits, random
  org_id @int NOT NULL,
  map_id @int NOT NULL,
  turf_id @int NOT NULL,                  -- 0 for doors taken from a whole map
  handout_id @int NOT NULL,
  device_id @text NOT NULL,               -- offline_device
  account_id @int NOT NULL,
  script_id @int NOT NULL DEFAULT 0,
  script_version @int NOT NULL DEFAULT 0, -- of the script as it was taken along; 0 until then
  doors @int NOT NULL,
  hash @text NOT NULL DEFAULT '',         -- SHA-256 of the text it was taken along with last, '' until then
  content @text NOT NULL,                 -- JSON: the doors in walk order and the people behind them, all that were ever in it
  made_at @int NOT NULL,
  ends_at @int NOT NULL,
  returned_at @int NOT NULL DEFAULT 0     -- when the phone gave it back
) @strict;
CREATE INDEX field_canvass_packet_turf ON field_canvass_packet (turf_id);
CREATE INDEX field_canvass_packet_map ON field_canvass_packet (org_id, map_id);
CREATE UNIQUE INDEX field_canvass_packet_device ON field_canvass_packet (device_id, handout_id, id);

-- Which hand-outs a device was let in to by their list numbers.
CREATE TABLE field_canvass_join (
  device_id @text NOT NULL,
  handout_id @int NOT NULL,
  org_id @int NOT NULL,
  joined_at @int NOT NULL,
  PRIMARY KEY (device_id, handout_id)
) @strict;

-- What was tried and found at one door, as canvassers recorded it; the boards read it. These tables are projections of offline_event: an event that is
-- taken back leaves them.
CREATE TABLE field_canvass_door (
  org_id @int NOT NULL,
  event_id @code NOT NULL,
  map_id @int NOT NULL,
  turf_id @int NOT NULL,
  packet_id @text NOT NULL,
  account_id @int NOT NULL,
  door @text NOT NULL,
  result @text NOT NULL,
  talked @small NOT NULL,                 -- 1 when somebody was talked with
  at @int NOT NULL,
  PRIMARY KEY (org_id, event_id)
) @clustered;
CREATE INDEX field_canvass_door_map ON field_canvass_door (org_id, map_id, turf_id, at);
CREATE INDEX field_canvass_door_at ON field_canvass_door (org_id, at);

CREATE TABLE field_canvass_answer (
  org_id @int NOT NULL,
  event_id @code NOT NULL,
  person_id @int NOT NULL,
  map_id @int NOT NULL,
  turf_id @int NOT NULL,
  account_id @int NOT NULL,
  door @text NOT NULL,
  question_id @int NOT NULL,
  response_id @int NOT NULL,
  at @int NOT NULL,
  PRIMARY KEY (org_id, event_id, person_id)
) @clustered;
CREATE INDEX field_canvass_answer_map ON field_canvass_answer (org_id, map_id, question_id);

-- What phones decided about people that only the newest word counts for: a code, a place at an event, a wish not to be reached. The newest by time holds,
-- in whichever order they arrive; without any, what was before.
CREATE TABLE field_canvass_mark (
  org_id @int NOT NULL,
  person_id @int NOT NULL,
  what @text NOT NULL,                    -- code/34, event/5, stop/door
  event_id @code NOT NULL,
  value @text NOT NULL,                   -- on, off, a status of a sign-up, or '' for as it was
  was @text NOT NULL,                     -- how it was before phones said anything
  at @int NOT NULL,
  PRIMARY KEY (org_id, person_id, what, event_id)
) @clustered;
CREATE INDEX field_canvass_mark_event ON field_canvass_mark (org_id, event_id);

-- What canvassers wrote about a door and not about a person: the next one there reads it.
CREATE TABLE field_canvass_hint (
  org_id @int NOT NULL,
  door @text NOT NULL,
  event_id @code NOT NULL,
  body @text NOT NULL,
  account_id @int NOT NULL,
  at @int NOT NULL,
  PRIMARY KEY (org_id, door, event_id)
) @clustered;

-- Somebody met at a door who is not on the list; staff finds out who it is.
CREATE TABLE field_canvass_met (
  org_id @int NOT NULL,
  id @text NOT NULL,                      -- made by the phone: n- and 32 hexadecimal digits
  event_id @code NOT NULL,
  packet_id @text NOT NULL,
  device_id @text NOT NULL,
  door @text NOT NULL,
  content @text NOT NULL,                 -- JSON: what was written down
  state @text NOT NULL CHECK (state IN ('waiting', 'matched', 'kept')),
  person_id @int NOT NULL DEFAULT 0,
  account_id @int NOT NULL,
  met_at @int NOT NULL,
  decided_by @int NOT NULL DEFAULT 0,
  decided_at @int NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, id)
) @clustered;
CREATE INDEX field_canvass_met_state ON field_canvass_met (org_id, state, met_at);

-- What was recorded about somebody met, until it is known who that is.
CREATE TABLE field_canvass_later (
  org_id @int NOT NULL,
  event_id @code NOT NULL,
  met_id @text NOT NULL,
  device_id @text NOT NULL,
  packet_id @text NOT NULL,
  kind @text NOT NULL,
  body @text NOT NULL,
  at @int NOT NULL,
  PRIMARY KEY (org_id, event_id)
) @clustered;
CREATE INDEX field_canvass_later_met ON field_canvass_later (org_id, met_id);

-- A unit or a household that is not in the voter file.
CREATE TABLE field_canvass_place (
  org_id @int NOT NULL,
  id @text NOT NULL,                      -- made by the phone: n- and 32 hexadecimal digits
  event_id @code NOT NULL,
  packet_id @text NOT NULL,
  content @text NOT NULL,                 -- JSON: house, street, unit, where it lies
  account_id @int NOT NULL,
  found_at @int NOT NULL,
  PRIMARY KEY (org_id, id)
) @clustered;

-- The results that an organisation's people choose from, by channel, in order.
CREATE TABLE field_canvass_result (
  org_id @int NOT NULL,
  channel @text NOT NULL,
  place @small NOT NULL,
  result @text NOT NULL,
  PRIMARY KEY (org_id, channel, place)
) @clustered;
