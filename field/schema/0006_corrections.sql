-- What an organisation says is wrong about a person, until somebody there judges it. The state's own row stays as it is.
CREATE TABLE field_correction (
  person_id @int NOT NULL,
  correction_id @code NOT NULL,           -- random
  org_id @int NOT NULL,
  kind @text NOT NULL CHECK (kind IN ('name', 'address', 'moved', 'deceased', 'phone_kind', 'phone_wrong', 'email_wrong', 'other')),
  about @text NOT NULL,                   -- the phone number or email address it is about, '' otherwise
  was @text NOT NULL,                     -- what the voter file said then
  should @text NOT NULL,                  -- what it should be, '' where the kind says it all
  why @text NOT NULL,                     -- how it is known
  state @text NOT NULL CHECK (state IN ('waiting', 'accepted', 'declined', 'withdrawn')),
  account_id @int NOT NULL,
  created_at @int NOT NULL,
  decided_by @int NOT NULL DEFAULT 0,
  decided_at @int NOT NULL DEFAULT 0,
  answer @text NOT NULL DEFAULT '',       -- what the one who judged it said
  PRIMARY KEY (person_id, correction_id)
) @strict;
CREATE INDEX field_correction_queue ON field_correction (org_id, state, created_at);

-- For looking up by a first name alone, by a middle name or the second of two first names, and by an email address. Beginnings are columns and
-- not expressions of an index: on Postgres, row-level security keeps a function of what is in a row from choosing the rows.
ALTER TABLE field_person ADD COLUMN middle_begin @code GENERATED ALWAYS AS (SUBSTR(UPPER(middle_name), 1, 3)) @derived;
ALTER TABLE field_email ADD COLUMN email_begin @code GENERATED ALWAYS AS (SUBSTR(LOWER(email), 1, 5)) @derived;
-- The year of birth stands in the indexes of names so that it narrows a common one without reading its people.
DROP INDEX field_person_name;
CREATE INDEX field_person_name ON field_person (last_key, first_key, birth_year);
CREATE INDEX field_person_first ON field_person (first_key, last_key, birth_year);
CREATE INDEX field_person_middle ON field_person (last_key, middle_begin) WHERE LENGTH(middle_name) >= 3;
CREATE INDEX field_person_several ON field_person (last_key) WHERE first_name LIKE '% %';
CREATE INDEX field_email_begin ON field_email (email_begin);
