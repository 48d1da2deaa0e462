-- What is said at a door or on the phone. Each script belongs to one organisation; others on the site see it when it is shared.
CREATE TABLE field_script (
  id @identity,
  org_id @int NOT NULL,
  name @text NOT NULL,
  purpose @text NOT NULL DEFAULT '',
  channel @text NOT NULL CHECK (channel IN ('door', 'phone', 'text')),
  status @text NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
  shared @small NOT NULL DEFAULT 0,
  draft @text NOT NULL DEFAULT '',        -- JSON of script.Content being written, '' when there is none
  version @int NOT NULL DEFAULT 0,        -- the newest published, 0 none yet
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL,
  UNIQUE (org_id, name)
) @strict;

-- A version once published never changes: packets name it.
CREATE TABLE field_script_version (
  script_id @int NOT NULL,
  version @int NOT NULL,
  content @text NOT NULL,                 -- canonical JSON of script.Content
  published_by @int NOT NULL,
  published_at @int NOT NULL,
  PRIMARY KEY (script_id, version)
) @strict;
