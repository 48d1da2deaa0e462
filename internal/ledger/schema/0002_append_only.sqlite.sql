-- Against mistakes, not against thieves: whoever may drop a trigger is caught by the checkpoints.
CREATE TRIGGER ledger_entry_unchanged BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
CREATE TRIGGER ledger_entry_kept BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;
CREATE TRIGGER ledger_checkpoint_unchanged BEFORE UPDATE ON ledger_checkpoint BEGIN SELECT RAISE(ABORT, 'ledger checkpoints are never changed'); END;
CREATE TRIGGER ledger_checkpoint_kept BEFORE DELETE ON ledger_checkpoint BEGIN SELECT RAISE(ABORT, 'ledger checkpoints are never deleted'); END;
CREATE TRIGGER ledger_personal_unchanged BEFORE UPDATE ON ledger_personal BEGIN SELECT RAISE(ABORT, 'the personal part of an entry is erased or kept, never changed'); END;
