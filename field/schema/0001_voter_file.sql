-- A voter file as one organisation licensed it from a state. Partners see it by grant.
CREATE TABLE field_voterfile (
  id @identity,
  org_id @int NOT NULL,
  state @text NOT NULL,
  layout @text NOT NULL,
  name @text NOT NULL,
  mapping @text NOT NULL DEFAULT '',      -- JSON of a generic layout, '' where the layout needs none
  terms @text NOT NULL DEFAULT '',        -- what the state allows it to be used for, in words
  stop_share @real NOT NULL DEFAULT 0.1,  -- a county where more than this share would drop stops the import
  created_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

CREATE TABLE field_voterfile_grant (
  voterfile_id @int NOT NULL,
  org_id @int NOT NULL,
  terms @text NOT NULL DEFAULT '',
  granted_by @int NOT NULL,
  granted_at @int NOT NULL,
  ends_at @int NOT NULL,
  PRIMARY KEY (voterfile_id, org_id)
) @strict;

-- One import of one set of files. state: received, refused (not what it was said to be), rehearsed, loading, stopped
-- (between two chunks, by a person), loaded.
CREATE TABLE field_voterfile_import (
  id @identity,
  voterfile_id @int NOT NULL,
  state @text NOT NULL CHECK (state IN ('received', 'refused', 'rehearsed', 'loading', 'stopped', 'loaded')),
  files @text NOT NULL,                   -- JSON: name, kind, blob, bytes and columns of each file
  file_date @int NOT NULL,                -- yyyymmdd the state made the file; people missing from it are dropped on this date
  base_id @int NOT NULL DEFAULT 0,        -- the import that was loaded last when this one was rehearsed
  stage @text NOT NULL DEFAULT '',
  done @int NOT NULL DEFAULT 0,
  total @int NOT NULL DEFAULT 0,
  cursor @code NOT NULL DEFAULT '',       -- last state id that is merged: where an interrupted load goes on
  first_person_id @int NOT NULL DEFAULT 0, -- of the new people; fixed at the start of the load, so that it is repeatable
  next_person_id @int NOT NULL DEFAULT 0, -- after the cursor
  report @text NOT NULL DEFAULT '{}',     -- JSON: counts, drift, stops and elections of the rehearsal
  message @text NOT NULL DEFAULT '',      -- JSON: why the files were refused, '' otherwise
  run_token @text NOT NULL DEFAULT '',    -- which run holds the import: a chunk of any other run is refused
  run_host @text NOT NULL DEFAULT '',
  run_pid @int NOT NULL DEFAULT 0,
  run_seen_at @int NOT NULL DEFAULT 0,
  stop_asked @small NOT NULL DEFAULT 0,
  account_id @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL
) @strict;
CREATE INDEX field_voterfile_import_file ON field_voterfile_import (voterfile_id);

CREATE TABLE field_voterfile_county (
  import_id @int NOT NULL,
  county @text NOT NULL,
  before_people @int NOT NULL DEFAULT 0,
  read_people @int NOT NULL DEFAULT 0,
  new_people @int NOT NULL DEFAULT 0,
  changed_people @int NOT NULL DEFAULT 0,
  moved_people @int NOT NULL DEFAULT 0,
  party_people @int NOT NULL DEFAULT 0,
  dropped_people @int NOT NULL DEFAULT 0,
  returned_people @int NOT NULL DEFAULT 0,
  PRIMARY KEY (import_id, county)
) @strict;

CREATE TABLE field_voterfile_refusal (
  import_id @int NOT NULL,
  number @int NOT NULL,
  file @text NOT NULL,
  line @int NOT NULL,
  column_name @text NOT NULL,
  value @text NOT NULL,
  why @text NOT NULL,                     -- the English sentence with its verbs, the key of its translation
  args @text NOT NULL,                    -- JSON: what fills the verbs
  refused @int NOT NULL,                  -- 1 the row was left out, 0 it went in with a warning
  PRIMARY KEY (import_id, number)
) @strict;

CREATE TABLE field_election (
  id @id,                                 -- yyyymmdd * 100 + type, so the same election has the same id everywhere
  held_on @int NOT NULL,
  type @small NOT NULL,
  name @text NOT NULL
) @strict;

-- The state's own voter id to our person id: a table of its own, keyed by the state's id. It also remembers what the
-- next file is compared with, so that people who did not change are neither read nor written.
CREATE TABLE field_voter_key (
  voterfile_id @int NOT NULL,
  state_id @code NOT NULL,
  person_id @int NOT NULL,
  row_hash @int NOT NULL,                 -- of the voter's row in normal form
  vote_hash @int NOT NULL,                -- of the voter's votes in the file that last changed them, 0 none yet
  household_key @int NOT NULL,            -- as in field_person: another one means that the voter moved
  county @text NOT NULL,
  party @text NOT NULL,
  dropped_on @int NOT NULL,
  PRIMARY KEY (voterfile_id, state_id)
) @clustered;

-- The next free person id of the site; imports take theirs in one piece.
CREATE TABLE field_person_next (
  one @id CHECK (one = 1),
  next_id @int NOT NULL
) @strict;
INSERT INTO field_person_next (one, next_id) VALUES (1, 1);

CREATE TABLE field_person (
  person_id @int NOT NULL PRIMARY KEY,
  voterfile_id @int NOT NULL,
  state_id @code NOT NULL,
  last_name @text NOT NULL,
  first_name @text NOT NULL,
  middle_name @text NOT NULL,
  suffix @text NOT NULL,
  last_key @code NOT NULL,                -- personkey.Fold of the whole last name, for look-up
  first_key @code NOT NULL,
  birth_year @small NOT NULL,             -- 0 unknown
  birth_date @int NOT NULL,               -- yyyymmdd, 0 unknown
  sex @text NOT NULL,                     -- F, M, X or U
  race @text NOT NULL,
  ethnicity @text NOT NULL,
  party @text NOT NULL,
  status @text NOT NULL,                  -- active, inactive, removed, pending, preregistered, unknown
  status_code @text NOT NULL,             -- as the state writes it
  status_reason @text NOT NULL,
  registered_on @int NOT NULL,            -- yyyymmdd
  house @text NOT NULL,
  street @text NOT NULL,                  -- name with directions and type: "N CEDAR ST"
  unit @text NOT NULL,
  address @text NOT NULL,                 -- the line as written
  city @text NOT NULL,
  region @text NOT NULL,                  -- state
  zip @text NOT NULL,                     -- zip5 or zip5-zip4
  street_key @code NOT NULL,              -- personkey.Fold of the street's name without directions and type
  household_key @int NOT NULL,            -- hash of the normalised address with its unit; 0 when there is none
  address_key @int NOT NULL,              -- hash of the normalised address without its unit: joins place_address
  mailing @text NOT NULL,                 -- JSON, '' when it is the residence
  county @text NOT NULL,                  -- code
  precinct @text NOT NULL,
  congress @text NOT NULL,
  state_senate @text NOT NULL,
  state_house @text NOT NULL,
  municipality @text NOT NULL,
  districts @text NOT NULL,               -- JSON of every other district kind to its code
  confidential @small NOT NULL,
  minor @small NOT NULL,
  dropped_on @int NOT NULL DEFAULT 0,     -- yyyymmdd; 0 while in the file
  raw_import_id @int NOT NULL,            -- the import whose stored file holds the raw row
  raw_file @small NOT NULL,
  raw_offset @int NOT NULL,
  raw_length @int NOT NULL,
  raw_hash @int NOT NULL,                 -- layout.Hash of the raw row
  import_id @int NOT NULL                 -- the import that last changed this row
) @strict;
CREATE INDEX field_person_name ON field_person (last_key, first_key);
CREATE INDEX field_person_street ON field_person (street_key, house);
CREATE INDEX field_person_household ON field_person (household_key);

-- Each part of a last name of several ("López", "García" of "López García"; personkey.Parts), so that each finds its person.
CREATE TABLE field_person_name_part (
  person_id @int NOT NULL,
  part @code NOT NULL,
  first_key @code NOT NULL,               -- the person's, so that part and first name are one step in the index
  PRIMARY KEY (person_id, part)
) @clustered;
CREATE INDEX field_person_name_part_part ON field_person_name_part (part, first_key, person_id);

-- Every distinct word of a name or street in a voter file: what a misspelled word is compared with.
CREATE TABLE field_person_word (
  voterfile_id @int NOT NULL,
  kind @small NOT NULL,                   -- 1 last_key or part, 2 first_key, 3 street_key
  word @code NOT NULL,
  PRIMARY KEY (voterfile_id, kind, word)
) @clustered;

CREATE TABLE field_vote (
  person_id @int NOT NULL,
  election_id @int NOT NULL,
  method @small NOT NULL,
  party @text NOT NULL,
  county @text NOT NULL,                  -- where the vote was cast, '' when it is the person's county
  PRIMARY KEY (person_id, election_id)
) @clustered;

CREATE TABLE field_phone (
  person_id @int NOT NULL,
  number @code NOT NULL,                  -- ten digits
  org_id @int NOT NULL,                   -- 0 when it came with the voter file
  kind @text NOT NULL,                    -- cell, home, work, unknown
  source @text NOT NULL,
  confidence @small NOT NULL,             -- 0 to 100
  wrong_at @int NOT NULL DEFAULT 0,
  PRIMARY KEY (person_id, number, org_id)
) @clustered;
CREATE INDEX field_phone_number ON field_phone (number);

CREATE TABLE field_email (
  person_id @int NOT NULL,
  email @text NOT NULL,
  org_id @int NOT NULL,
  source @text NOT NULL,
  confidence @small NOT NULL,
  wrong_at @int NOT NULL DEFAULT 0,
  PRIMARY KEY (person_id, email, org_id)
) @clustered;
