-- A phone, a scanner: something a person took along. Of its secret only the SHA-256 is stored.
CREATE TABLE offline_device (
  id @text NOT NULL PRIMARY KEY,          -- 32 hexadecimal digits, random
  org_id @int NOT NULL,
  account_id @int NOT NULL,
  program @text NOT NULL,                 -- what it is for: canvass
  label @text NOT NULL,                   -- what its person calls it
  agent @text NOT NULL,                   -- what kind of device, shortened
  token @text NOT NULL UNIQUE,
  made_at @int NOT NULL,
  seen_at @int NOT NULL,                  -- last heard of
  synced_at @int NOT NULL DEFAULT 0,      -- last sent something
  skew @int NOT NULL DEFAULT 0,           -- how far its clock is behind ours, in milliseconds, when last heard of
  revoked_at @int NOT NULL DEFAULT 0,
  revoked_by @int NOT NULL DEFAULT 0,
  revoked_why @text NOT NULL DEFAULT ''
) @strict;
CREATE INDEX offline_device_org ON offline_device (org_id, program, seen_at);
CREATE INDEX offline_device_account ON offline_device (account_id);

-- What devices recorded, as they sent it. Rows are never changed but for what became of them, and never deleted.
CREATE TABLE offline_event (
  org_id @int NOT NULL,
  id @code NOT NULL,                      -- made by the device; or made here when two different records came under one number
  device_id @text NOT NULL,
  seq @int NOT NULL,                      -- its place among those of the device
  kind @text NOT NULL,
  thing @text NOT NULL,                   -- what it was recorded in: a packet
  undoes @text NOT NULL,                  -- the id of the event it takes back, '' for all but undo
  body @text NOT NULL,                    -- JSON as sent
  at @int NOT NULL,                       -- by the device's clock
  corrected_at @int NOT NULL,             -- by ours
  received_at @int NOT NULL,
  state @text NOT NULL CHECK (state IN ('applied', 'aside', 'undone', 'kept')),
  why @text NOT NULL DEFAULT '',          -- of what is set aside: an English sentence with its arguments, as JSON
  decided_by @int NOT NULL DEFAULT 0,
  decided_at @int NOT NULL DEFAULT 0,
  decision @text NOT NULL DEFAULT '',     -- why, in the words of who decided
  PRIMARY KEY (org_id, id)
) @strict;
CREATE INDEX offline_event_device ON offline_event (device_id, seq);
CREATE INDEX offline_event_undoes ON offline_event (device_id, undoes) WHERE undoes <> '';
CREATE INDEX offline_event_aside ON offline_event (org_id, received_at) WHERE state = 'aside';
