-- What organisations themselves know and ask about a person: never part of the voter file, never shared without a grant.
CREATE TABLE field_note (
  person_id @int NOT NULL,
  note_id @text NOT NULL,                 -- random
  org_id @int NOT NULL,
  body @text NOT NULL,
  account_id @int NOT NULL,
  created_at @int NOT NULL,
  PRIMARY KEY (person_id, note_id)
) @strict;

CREATE TABLE field_suppression (
  person_id @int NOT NULL,
  org_id @int NOT NULL,                   -- 0 for the whole site
  channel @text NOT NULL CHECK (channel IN ('door', 'phone', 'text', 'mail', 'email')),
  reason @text NOT NULL,
  account_id @int NOT NULL,
  created_at @int NOT NULL,
  PRIMARY KEY (person_id, org_id, channel)
) @strict;
