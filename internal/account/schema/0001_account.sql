CREATE TABLE account (
	id @identity,
	handle @text NOT NULL UNIQUE,
	name @text NOT NULL,
	email @text NOT NULL UNIQUE,
	lang @text NOT NULL DEFAULT '',
	password @text NOT NULL DEFAULT '',
	code_seed @text NOT NULL DEFAULT '',
	code_step @int NOT NULL DEFAULT 0,
	created_at @int NOT NULL,
	disabled_at @int NOT NULL DEFAULT 0
) @strict;

CREATE TABLE account_key (
	id @identity,
	account_id @int NOT NULL REFERENCES account (id),
	name @text NOT NULL,
	credential @text NOT NULL UNIQUE,
	record @text NOT NULL,
	made_at @int NOT NULL,
	used_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX account_key_account ON account_key (account_id);

CREATE TABLE account_recovery (
	account_id @int NOT NULL REFERENCES account (id),
	hash @text NOT NULL,
	used_at @int NOT NULL DEFAULT 0,
	PRIMARY KEY (account_id, hash)
) @strict;

CREATE TABLE account_session (
	id @identity,
	account_id @int NOT NULL REFERENCES account (id),
	token @text NOT NULL UNIQUE,
	network @text NOT NULL,
	agent @text NOT NULL,
	started_at @int NOT NULL,
	seen_at @int NOT NULL,
	factor_at @int NOT NULL DEFAULT 0,
	ends_at @int NOT NULL,
	ended_at @int NOT NULL DEFAULT 0,
	ended_why @text NOT NULL DEFAULT ''
) @strict;
CREATE INDEX account_session_account ON account_session (account_id, started_at);

CREATE TABLE account_link (
	hash @text NOT NULL PRIMARY KEY,
	account_id @int NOT NULL REFERENCES account (id),
	purpose @text NOT NULL,
	factor @int NOT NULL DEFAULT 0,
	ends_at @int NOT NULL,
	used_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX account_link_account ON account_link (account_id);

CREATE TABLE account_limit (
	name @text NOT NULL PRIMARY KEY,
	tries @int NOT NULL,
	last_at @int NOT NULL,
	until_at @int NOT NULL DEFAULT 0
) @strict;

CREATE TABLE account_spent (
	hash @text NOT NULL PRIMARY KEY,
	ends_at @int NOT NULL
) @strict;
