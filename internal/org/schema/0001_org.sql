CREATE TABLE org (
	id @identity,
	parent_id @int,
	kind @text NOT NULL,
	name @text NOT NULL,
	cycle_ends_at @int NOT NULL DEFAULT 0,
	created_at @int NOT NULL,
	ended_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX org_parent ON org (parent_id);

CREATE TABLE org_role (
	id @identity,
	org_id @int NOT NULL REFERENCES org (id),
	name @text NOT NULL,
	purpose @text NOT NULL,
	permits @text NOT NULL,
	ended_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX org_role_org ON org_role (org_id);

CREATE TABLE org_membership (
	id @identity,
	org_id @int NOT NULL REFERENCES org (id),
	account_id @int NOT NULL REFERENCES account (id),
	role @text NOT NULL,
	scope_kind @text NOT NULL DEFAULT '',
	scope_id @int NOT NULL DEFAULT 0,
	began_at @int NOT NULL,
	began_by @int NOT NULL,
	expires_at @int NOT NULL,
	warned_at @int NOT NULL DEFAULT 0,
	seen_at @int NOT NULL DEFAULT 0,
	ended_at @int NOT NULL DEFAULT 0,
	ended_by @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX org_membership_account ON org_membership (account_id, org_id);
CREATE INDEX org_membership_org ON org_membership (org_id, ended_at);

CREATE TABLE org_invitation (
	id @identity,
	org_id @int NOT NULL REFERENCES org (id),
	hash @text NOT NULL UNIQUE,
	email @text NOT NULL,
	name @text NOT NULL,
	role @text NOT NULL,
	scope_kind @text NOT NULL DEFAULT '',
	scope_id @int NOT NULL DEFAULT 0,
	member_until @int NOT NULL,
	made_at @int NOT NULL,
	made_by @int NOT NULL,
	ends_at @int NOT NULL,
	accepted_at @int NOT NULL DEFAULT 0,
	ended_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX org_invitation_org ON org_invitation (org_id);

CREATE TABLE org_group (
	id @identity,
	org_id @int NOT NULL REFERENCES org (id),
	name @text NOT NULL,
	ended_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX org_group_org ON org_group (org_id);

CREATE TABLE org_group_member (
	group_id @int NOT NULL REFERENCES org_group (id),
	account_id @int NOT NULL REFERENCES account (id),
	PRIMARY KEY (group_id, account_id)
) @strict;

CREATE TABLE org_folder (
	id @identity,
	org_id @int NOT NULL REFERENCES org (id),
	name @text NOT NULL,
	made_at @int NOT NULL,
	ended_at @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX org_folder_org ON org_folder (org_id);

CREATE TABLE org_folder_share (
	folder_id @int NOT NULL REFERENCES org_folder (id),
	kind @text NOT NULL,
	target_id @int NOT NULL,
	may_change @int NOT NULL DEFAULT 0,
	PRIMARY KEY (folder_id, kind, target_id)
) @strict;
CREATE INDEX org_folder_share_target ON org_folder_share (kind, target_id);
