package ledger

import "golang.org/x/mod/sumdb/tlog"

// tree is the right edge of a Merkle tree (RFC 6962 §2.1) that grows leaf by leaf. It is written apart from
// tlog.StoredHashes, which Append uses, so that Verify does not repeat a mistake of the writer.
type tree struct {
	n    int64
	full []tlog.Hash // the roots of the complete subtrees, largest first: one for each 1 in n's binary digits
}

// push adds a leaf and returns the hashes it completes, lowest level first.
func (t *tree) push(leaf tlog.Hash) []tlog.Hash {
	made := []tlog.Hash{leaf}
	for m := t.n; m&1 == 1; m >>= 1 {
		last := len(t.full) - 1
		leaf = tlog.NodeHash(t.full[last], leaf)
		t.full = t.full[:last]
		made = append(made, leaf)
	}
	t.full = append(t.full, leaf)
	t.n++
	return made
}

// root returns the hash over all leaves; the tree has at least one.
func (t *tree) root() tlog.Hash {
	h := t.full[len(t.full)-1]
	for i := len(t.full) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.full[i], h)
	}
	return h
}
