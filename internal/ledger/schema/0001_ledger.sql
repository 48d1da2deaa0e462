-- One row per entry, never changed. hashes holds the tree hashes that this entry completes, lowest level
-- first, 32 bytes each: the hash of level L over entries k·2^L … (k+1)·2^L−1 (counted from 0) lives in the
-- row of the last of them, at byte 32·L. So an entry and its place in the tree are one insert.
CREATE TABLE ledger_entry (
	n         @id,                     -- 1, 2, 3, … without gaps
	at        @int NOT NULL,
	account   @int NOT NULL,           -- 0: the operator or the program itself
	org       @int NOT NULL,           -- 0: done for the whole site
	via       @text NOT NULL,
	kind      @text NOT NULL,
	object    @text NOT NULL,
	purpose   @text NOT NULL,
	data      @text NOT NULL,          -- canonical JSON
	personal  @bytes,                  -- commitment to ledger_personal, or NULL
	hashes    @bytes NOT NULL
) @strict;
CREATE INDEX ledger_entry_object  ON ledger_entry (object, n) WHERE object <> '';
CREATE INDEX ledger_entry_account ON ledger_entry (account, n);
CREATE INDEX ledger_entry_org     ON ledger_entry (org, n);

-- Facts about persons, outside the tree: deleting a row is the only change ever made here.
CREATE TABLE ledger_personal (
	n     @id,
	salt  @bytes NOT NULL,
	body  @text NOT NULL               -- canonical JSON
) @strict;

-- Signed checkpoints, each a note over the first size entries.
CREATE TABLE ledger_checkpoint (
	size  @id,
	at    @int NOT NULL,
	note  @text NOT NULL
) @strict;
