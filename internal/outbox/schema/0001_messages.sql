-- A message waits while sent_at and failed_at are 0. due_at is when the next attempt may begin; while one runs it is when
-- the message may be tried again if the sender died.
CREATE TABLE outbox_message (
  id @identity,
  org_id @int NOT NULL,                   -- 0 when the site itself writes
  kind @text NOT NULL,                    -- what for, spelled as the ledger does: org.invite
  to_name @text NOT NULL,
  to_email @text NOT NULL,
  lang @text NOT NULL,
  subject @text NOT NULL,
  body @text NOT NULL,                    -- emptied when the message has left: it may hold a one-time link
  message_id @text NOT NULL,              -- the same at every attempt, so that a server can drop a second copy
  created_at @int NOT NULL,
  due_at @int NOT NULL,
  attempts @int NOT NULL,
  sent_at @int NOT NULL,
  failed_at @int NOT NULL,
  reply @text NOT NULL                    -- the server's last words
) @strict;
CREATE INDEX outbox_message_due ON outbox_message (due_at) WHERE sent_at = 0 AND failed_at = 0;
