-- In which an organisation's days begin and its times are said: a name of the tz database, '' for the server's.
ALTER TABLE org ADD COLUMN zone @text NOT NULL DEFAULT '';
