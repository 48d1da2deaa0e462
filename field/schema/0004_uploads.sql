-- One file of what an organisation knows about people, between choosing it and having loaded it (field/upload). state: received, rehearsing, rehearsed,
-- loading, loaded, failed (message says why; nothing was written).
CREATE TABLE field_upload (
  id @identity,
  org_id @int NOT NULL,
  voterfile_id @int NOT NULL,
  kind @text NOT NULL,
  object_id @int NOT NULL,                -- the code, question, score …; 0 for kinds without one
  choices @text NOT NULL,                 -- JSON: what else was chosen about it
  state @text NOT NULL CHECK (state IN ('received', 'rehearsing', 'rehearsed', 'loading', 'loaded', 'failed')),
  file_name @text NOT NULL,
  file_hash @text NOT NULL,               -- of the stored file
  file_size @int NOT NULL,
  mapping @text NOT NULL DEFAULT '{}',    -- JSON: column key to header
  report @text NOT NULL DEFAULT '{}',     -- JSON: counts and the first troubles of the rehearsal or the load
  message @text NOT NULL DEFAULT '',      -- JSON: why it failed, '' otherwise
  run_token @text NOT NULL DEFAULT '',    -- which run of the server works on it
  load_id @int NOT NULL DEFAULT 0,        -- of scores: the file that waits for approval
  created_by @int NOT NULL,
  created_at @int NOT NULL,
  changed_at @int NOT NULL
) @strict;
CREATE INDEX field_upload_org ON field_upload (org_id, id);
CREATE INDEX field_upload_file ON field_upload (file_hash);
