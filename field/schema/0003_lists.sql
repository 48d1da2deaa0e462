-- What organisations define to record what they learn about people, what they learned, and the lists they make of it.

-- The feed by which list segments learn what was written (field/change).
CREATE TABLE field_change (
  number @int NOT NULL,                   -- of the ledger entry: numbers are in commit order
  place @int NOT NULL,
  voterfile_id @int NOT NULL,
  person_id @int NOT NULL,                -- 0 for very many at once
  org_id @int NOT NULL,
  what @text NOT NULL,
  object_id @int NOT NULL,
  PRIMARY KEY (number, place)
) @clustered;

-- An activist code, tag, event …: each definition has names of three lengths, belongs to one organisation, and is seen by the others on the
-- same voter file when it is shared. status: active (may be used), inactive (kept, not offered), archived (hidden).
CREATE TABLE field_code (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  medium_name @text NOT NULL,
  short_name @text NOT NULL,
  purpose @text NOT NULL DEFAULT '',
  cycle @small NOT NULL DEFAULT 0,        -- year, 0 for every year
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

CREATE TABLE field_tag (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  purpose @text NOT NULL DEFAULT '',
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

CREATE TABLE field_question (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  medium_name @text NOT NULL,
  short_name @text NOT NULL,
  script @text NOT NULL DEFAULT '',       -- what is asked, in words
  cycle @small NOT NULL DEFAULT 0,
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  UNIQUE (org_id, name, cycle)
) @strict;

CREATE TABLE field_response (
  id @identity,
  question_id @int NOT NULL,
  position @small NOT NULL,
  name @text NOT NULL,
  medium_name @text NOT NULL,
  short_name @text NOT NULL,
  status @text NOT NULL CHECK (status IN ('active', 'inactive')),
  UNIQUE (question_id, position)
) @strict;

-- Values are whole numbers of 10^-decimals, so what a vendor sent comes back digit for digit.
CREATE TABLE field_score (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  medium_name @text NOT NULL,
  short_name @text NOT NULL,
  purpose @text NOT NULL DEFAULT '',
  decimals @small NOT NULL,               -- 0 to 6
  min_value @int NOT NULL,
  max_value @int NOT NULL,
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

-- One file of scores: nobody sees them until a person approves. Then its rows replace those of the people in it (or, with whole, of everybody).
CREATE TABLE field_score_load (
  id @identity,
  score_id @int NOT NULL,
  voterfile_id @int NOT NULL,
  org_id @int NOT NULL,
  file_name @text NOT NULL,
  whole @small NOT NULL DEFAULT 0,
  state @text NOT NULL CHECK (state IN ('waiting', 'approving', 'approved', 'refused')),
  wanted_average @int,                    -- said before loading, in the score's whole numbers
  tolerance @int,
  figures @text NOT NULL DEFAULT '{}',    -- JSON: rows, matched, average, median, min, max, raised, lowered, new, out of range
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  decided_by @int NOT NULL DEFAULT 0,
  decided_at @int NOT NULL DEFAULT 0
) @strict;

CREATE TABLE field_score_row (
  load_id @int NOT NULL,
  person_id @int NOT NULL,
  value @int NOT NULL,
  PRIMARY KEY (load_id, person_id)
) @clustered;

-- kind: text, choice, number (whole), date (yyyymmdd).
CREATE TABLE field_custom (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  purpose @text NOT NULL DEFAULT '',
  kind @text NOT NULL CHECK (kind IN ('text', 'choice', 'number', 'date')),
  choices @text NOT NULL DEFAULT '[]',    -- JSON
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

-- A vote target: a universe in groups, each worth some points.
CREATE TABLE field_target (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  purpose @text NOT NULL DEFAULT '',
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

CREATE TABLE field_target_group (
  id @identity,
  target_id @int NOT NULL,
  position @small NOT NULL,
  name @text NOT NULL,
  points @int NOT NULL DEFAULT 0,
  UNIQUE (target_id, position)
) @strict;

CREATE TABLE field_event (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  purpose @text NOT NULL DEFAULT '',
  starts_at @int NOT NULL,
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL
) @strict;

-- What was learned. Each row belongs to the organisation whose person wrote it down.
CREATE TABLE field_person_code (
  person_id @int NOT NULL,
  code_id @int NOT NULL,
  org_id @int NOT NULL,
  account_id @int NOT NULL,
  applied_at @int NOT NULL,
  PRIMARY KEY (person_id, code_id, org_id)
) @clustered;
CREATE INDEX field_person_code_code ON field_person_code (code_id, person_id);

CREATE TABLE field_person_tag (
  person_id @int NOT NULL,
  tag_id @int NOT NULL,
  org_id @int NOT NULL,
  account_id @int NOT NULL,
  applied_at @int NOT NULL,
  PRIMARY KEY (person_id, tag_id, org_id)
) @clustered;
CREATE INDEX field_person_tag_tag ON field_person_tag (tag_id, person_id);

-- The latest answer (answered_at, then answer_id) is the person's; earlier ones are kept.
CREATE TABLE field_answer (
  person_id @int NOT NULL,
  answer_id @code NOT NULL,               -- random, made by whoever took the answer, so that sending it twice is harmless
  question_id @int NOT NULL,
  response_id @int NOT NULL,
  org_id @int NOT NULL,
  account_id @int NOT NULL,
  source @text NOT NULL,                  -- hand, file, door, phone, text
  answered_at @int NOT NULL,
  PRIMARY KEY (person_id, answer_id)
) @clustered;
CREATE INDEX field_answer_question ON field_answer (question_id, person_id);

CREATE TABLE field_person_score (
  person_id @int NOT NULL,
  score_id @int NOT NULL,
  value @int NOT NULL,
  PRIMARY KEY (person_id, score_id)
) @clustered;
CREATE INDEX field_person_score_score ON field_person_score (score_id, person_id);

CREATE TABLE field_person_custom (
  person_id @int NOT NULL,
  custom_id @int NOT NULL,
  org_id @int NOT NULL,
  text_value @text NOT NULL,              -- of text and choice
  number_value @int NOT NULL,             -- of number and date
  account_id @int NOT NULL,
  changed_at @int NOT NULL,
  PRIMARY KEY (person_id, custom_id, org_id)
) @clustered;
CREATE INDEX field_person_custom_custom ON field_person_custom (custom_id, person_id);

CREATE TABLE field_person_target (
  person_id @int NOT NULL,
  target_id @int NOT NULL,
  group_id @int NOT NULL,
  PRIMARY KEY (person_id, target_id)
) @clustered;
CREATE INDEX field_person_target_target ON field_person_target (target_id, person_id);

CREATE TABLE field_signup (
  person_id @int NOT NULL,
  event_id @int NOT NULL,
  org_id @int NOT NULL,
  status @text NOT NULL CHECK (status IN ('invited', 'signed_up', 'confirmed', 'declined', 'cancelled', 'came', 'no_show', 'walk_in')),
  changed_at @int NOT NULL,
  PRIMARY KEY (person_id, event_id)
) @clustered;
CREATE INDEX field_signup_event ON field_signup (event_id, person_id);

-- One attempt to reach a person. result is a word of field/contact's closed list.
CREATE TABLE field_contact (
  person_id @int NOT NULL,
  contact_id @code NOT NULL,              -- random, made by whoever tried
  org_id @int NOT NULL,
  account_id @int NOT NULL,
  channel @text NOT NULL CHECK (channel IN ('door', 'phone', 'text', 'mail', 'email')),
  result @text NOT NULL,
  source @text NOT NULL,                  -- hand, file, door, phone, text
  tried_at @int NOT NULL,
  PRIMARY KEY (person_id, contact_id)
) @clustered;
CREATE INDEX field_contact_org ON field_contact (org_id, tried_at);

-- What organisations themselves know of phones and e-mail addresses is little beside what came with the voter file.
CREATE INDEX field_phone_own ON field_phone (org_id, person_id) WHERE org_id <> 0;
CREATE INDEX field_email_own ON field_email (org_id, person_id) WHERE org_id <> 0;

-- A saved search (criteria, asked anew) or list (people, fixed).
CREATE TABLE field_list (
  id @identity,
  org_id @int NOT NULL,
  voterfile_id @int NOT NULL,
  folder_id @int NOT NULL,                -- org_folder; 0 for the maker's own
  kind @text NOT NULL CHECK (kind IN ('list', 'search')),
  name @text NOT NULL,
  channel @text NOT NULL DEFAULT '',      -- for contact by this way: the suppressed are taken out; '' not for contact
  dropped @small NOT NULL DEFAULT 0,      -- 1 with people who are no longer in the newest file
  minors @small NOT NULL DEFAULT 0,       -- 1 with 16- and 17-year-olds who registered ahead
  criteria @text NOT NULL,                -- JSON: what the list was built from, what the search asks
  people @int NOT NULL,                   -- when last counted
  doors @int NOT NULL,
  epoch @int NOT NULL,                    -- ledger number of that count
  counted_at @int NOT NULL,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  deleted_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_list_org ON field_list (org_id, folder_id);

-- The people of a list: one row for each 65,536 person ids of which at least one is on it.
CREATE TABLE field_list_chunk (
  list_id @int NOT NULL,
  chunk @int NOT NULL,                    -- person_id >> 16
  people @bytes NOT NULL,                 -- roaring bitmap of the low 16 bits, in its portable form
  PRIMARY KEY (list_id, chunk)
) @strict;

-- One export, asked for and perhaps waiting for another person's yes.
CREATE TABLE field_export (
  id @identity,
  org_id @int NOT NULL,
  voterfile_id @int NOT NULL,
  list_id @int NOT NULL DEFAULT 0,
  channel @text NOT NULL DEFAULT '',      -- as in field_list
  dropped @small NOT NULL DEFAULT 0,
  minors @small NOT NULL DEFAULT 0,
  criteria @text NOT NULL,                -- JSON; what exactly goes out
  sentence @text NOT NULL,
  form @text NOT NULL CHECK (form IN ('csv', 'xlsx', 'labels', 'calls', 'walk')),
  columns @text NOT NULL,                 -- JSON: columns, order, language and what the form needs
  purpose @text NOT NULL,
  state @text NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'done', 'ended')),
  people @int NOT NULL,                   -- counted when asked
  rows_out @int NOT NULL DEFAULT 0,
  sha256 @text NOT NULL DEFAULT '',
  asked_by @int NOT NULL,
  asked_at @int NOT NULL,
  decided_by @int NOT NULL DEFAULT 0,
  decided_at @int NOT NULL DEFAULT 0,
  reason @text NOT NULL DEFAULT '',
  done_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX field_export_org ON field_export (org_id, state);

CREATE TABLE field_export_format (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  form @text NOT NULL,
  columns @text NOT NULL,
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

-- How many people one export of a role may hold before another person approves; a role without a row has the product's limit.
CREATE TABLE field_export_limit (
  org_id @int NOT NULL,
  role @text NOT NULL,
  people @int NOT NULL,
  changed_by @int NOT NULL,
  changed_at @int NOT NULL,
  PRIMARY KEY (org_id, role)
) @clustered;
