-- How an organisation's files name the columns of one noun, kept for the next file that looks the same.
CREATE TABLE exchange_template (
  id @identity,
  org_id @int NOT NULL,
  noun @text NOT NULL,
  name @text NOT NULL,
  mapping @text NOT NULL,                -- JSON: column key → header of the file
  created_by @int NOT NULL,              -- account
  created_at @int NOT NULL,
  used_at @int NOT NULL,
  UNIQUE (org_id, noun, name)
) @strict;
