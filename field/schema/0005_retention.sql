-- When the files of an import were given up because nobody needs them any more; 0 while they are kept. What it changed stays known.
ALTER TABLE field_voterfile_import ADD COLUMN forgotten_at @int NOT NULL DEFAULT 0;
