package ledger

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// Options says what Verify compares the ledger with.
type Options struct {
	Keys        []string     // public keys that may have signed checkpoints (Seal.Keys); without any, no checkpoint is believed
	Checkpoints []Checkpoint // kept outside the database: Seal.Anchors, and any that people bring
}

// Tamper says what was done to a ledger.
type Tamper string

// The ways to tamper, as far as they can be told apart.
const (
	Edited    Tamper = "edited"
	Deleted   Tamper = "deleted"
	Reordered Tamper = "reordered"
	Truncated Tamper = "truncated"
	BackDated Tamper = "back-dated"
	Forged    Tamper = "forged" // a checkpoint that the ledger's key did not sign
)

// Finding is one thing that is not as it was written.
type Finding struct {
	Entry  int64 // the first entry concerned
	Tamper Tamper
	Fault  *fault.Error // what it is, in plain words
	vague  bool         // only that it lies somewhere in a range
}

// Report is the outcome of Verify.
type Report struct {
	Entries     int64
	Root        string    // tree hash over all entries, base64
	Last        time.Time // of the last entry
	Personal    int64     // entries whose personal part is there and is what was committed to
	Erased      int64     // entries whose personal part was erased, as a later entry says
	Checkpoints int       // checkpoints that agree
	Clock       []int64   // entries that say the clock was set back: not wrong, but worth a look
	Findings    []Finding // those of one entry first, by number; empty when all is well
}

// OK reports whether the ledger is what was written.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// Who has changed this much has made the point: bounds of a report, and of the entries kept in memory to
// find out what was done to them.
const (
	findingsMost = 100
	suspectsMost = 1000
)

// Verify reads the whole ledger, recomputes every hash and compares it with what is stored, with the
// checkpoints and with the ones given. An error means that it could not be read; what is wrong with the
// ledger itself is in the report.
func Verify(ctx context.Context, r db.Reader, o Options) (Report, error) {
	v := &verifier{lost: map[int64]bool{}, sealed: map[int64]bool{}, marks: map[int64][]Checkpoint{}}
	keys, err := verifiers(o.Keys)
	if err != nil {
		return Report{}, err
	}
	kept, err := allCheckpoints(ctx, r) // before the entries: each must be covered by them
	if err != nil {
		return Report{}, fmt.Errorf("reading the checkpoints: %w", err)
	}
	for _, k := range kept {
		c, err := k.checkpoint()
		if err != nil || c.Size != k.Size || !c.signedBy(keys) {
			v.find(k.Size, Forged, fault.Conflictf("The checkpoint of %d entries in the database is not signed by the ledger's key.", k.Size))
			continue
		}
		v.sealed[c.Size] = true
		v.marks[c.Size] = append(v.marks[c.Size], c)
	}
	for _, c := range o.Checkpoints {
		if !c.signedBy(keys) {
			v.find(c.Size, Forged, fault.Conflictf("A checkpoint of %d entries that was given is not signed by the ledger's key.", c.Size))
			continue
		}
		v.marks[c.Size] = append(v.marks[c.Size], c)
	}
	for row, err := range everyRow(ctx, r) {
		if err != nil {
			return Report{}, fmt.Errorf("reading the ledger: %w", err)
		}
		v.row(row)
	}
	v.end()
	return v.report, nil
}

// verifier walks the ledger once, from its first entry to its last.
type verifier struct {
	report Report
	tree   tree
	last   int64     // number of the entry before
	at     time.Time // time of the entry before
	gap    bool      // an entry is missing, so no tree hash after it can be right
	upper  bool      // a hash above the leaves was wrong, so those above it are too
	good   int64     // entries under the last checkpoint that agreed
	bad    []suspect
	lost   map[int64]bool
	sealed map[int64]bool // sizes of the checkpoints in the database
	marks  map[int64][]Checkpoint
}

// suspect is an entry that does not have its own hash.
type suspect struct {
	row
	before time.Time // of the entry before it
}

func (v *verifier) find(entry int64, how Tamper, f *fault.Error) {
	if len(v.report.Findings) < findingsMost {
		v.report.Findings = append(v.report.Findings, Finding{Entry: entry, Tamper: how, Fault: f})
	}
}

// findWithin notes that something from entry first on is wrong, and it cannot be told which.
func (v *verifier) findWithin(first int64, f *fault.Error) {
	if len(v.report.Findings) < findingsMost {
		v.report.Findings = append(v.report.Findings, Finding{Entry: first, Tamper: Edited, Fault: f, vague: true})
	}
}

func (v *verifier) row(r fullRow) {
	switch want := v.last + 1; {
	case r.N > want+1:
		v.find(want, Deleted, fault.Conflictf("Entries %d to %d were deleted.", want, r.N-1))
		v.gap = true
	case r.N > want:
		v.find(want, Deleted, fault.Conflictf("Entry %d was deleted.", want))
		v.gap = true
	}
	v.last = r.N
	v.report.Entries++
	leaf := tlog.RecordHash(r.record())
	if stored, ok := ownHash(r.row); ok && stored == leaf {
		v.order(r.row)
		v.meaning(r)
	} else {
		if len(v.bad) < suspectsMost {
			v.bad = append(v.bad, suspect{r.row, v.at})
		}
		leaf = stored // so that only this entry is blamed
	}
	v.place(r.row, leaf)
}

func ownHash(r row) (h tlog.Hash, ok bool) {
	if len(r.Hashes) < tlog.HashSize {
		return h, false
	}
	copy(h[:], r.Hashes)
	return h, true
}

// order checks that time does not run backwards, but where an entry says so.
func (v *verifier) order(r row) {
	if r.Kind == string(KindClock) {
		v.report.Clock = append(v.report.Clock, r.N)
	} else if r.At.Before(v.at) {
		v.find(r.N, BackDated, backDated(r, v.at))
	}
	v.at = r.At
}

func backDated(r row, before time.Time) *fault.Error {
	return fault.Conflictf("Entry %d was back-dated: it says %s, but the entry before it says %s.", r.N, stamp(r.At), stamp(before))
}

// meaning checks what an intact entry says about other rows.
func (v *verifier) meaning(r fullRow) {
	switch {
	case r.row.Personal == nil:
	case r.Salt == nil:
		v.lost[r.N] = true
	case !hmac.Equal(commit(r.Salt, r.Body), r.row.Personal):
		v.find(r.N, Edited, fault.Conflictf("The personal part of entry %d was edited.", r.N))
	default:
		v.report.Personal++
	}
	switch Kind(r.Kind) {
	case KindErase:
		var said struct{ Entries []int64 }
		if json.Unmarshal([]byte(r.Data), &said) != nil {
			return
		}
		for _, n := range said.Entries {
			if v.lost[n] {
				delete(v.lost, n)
				v.report.Erased++
			}
		}
	case KindCheckpoint:
		if !v.sealed[r.N] {
			v.find(r.N, Deleted, fault.Conflictf("The checkpoint made with entry %d is not in the database.", r.N))
		}
	}
}

// place puts the entry into the tree and compares the hashes that it completes, and the checkpoints that end here.
func (v *verifier) place(r row, leaf tlog.Hash) {
	if v.gap {
		return
	}
	made := v.tree.push(leaf)
	if !v.upper && len(r.Hashes) >= tlog.HashSize && !bytes.Equal(joinHashes(made[1:]), r.Hashes[tlog.HashSize:]) {
		v.upper = true
		v.findWithin(v.good+1, fault.Conflictf("The tree hashes kept with entry %d do not agree with the entries: one of the entries %d to %d was edited and its own hash recalculated.", r.N, v.good+1, r.N))
	}
	for _, c := range v.marks[r.N] {
		if c.Root != v.tree.root() {
			v.findWithin(v.good+1, fault.Conflictf("Entries %d to %d are not the ones that were sealed under the checkpoint of %d entries: something among them was edited, deleted or put in, and the hashes recalculated.", v.good+1, r.N, r.N))
			return
		}
		if !c.At.IsZero() && !c.At.Equal(r.At) {
			v.find(r.N, BackDated, fault.Conflictf("The date of the checkpoint of %d entries was edited: it says %s, its entry says %s.", r.N, stamp(c.At), stamp(r.At)))
			return
		}
		v.report.Checkpoints++
	}
	if len(v.marks[r.N]) > 0 {
		v.good = r.N
	}
}

func (v *verifier) end() {
	v.report.Last = v.at
	if !v.gap && v.tree.n > 0 {
		v.report.Root = v.tree.root().String()
	}
	for i, s := range v.bad {
		v.blame(i, s)
	}
	for _, n := range slices.Sorted(maps.Keys(v.lost)) {
		v.find(n, Deleted, fault.Conflictf("The personal part of entry %d is gone, and no entry says who erased it.", n))
	}
	longest := Checkpoint{}
	for _, all := range v.marks {
		for _, c := range all {
			if c.Size > max(v.last, longest.Size) {
				longest = c
			}
		}
	}
	if longest.Size > 0 {
		v.find(v.last+1, Truncated, fault.Conflictf("The ledger was cut off: it ends with entry %d, but a signed checkpoint counts %d entries.", v.last, longest.Size))
	}
	slices.SortStableFunc(v.report.Findings, func(a, b Finding) int {
		switch {
		case a.vague == b.vague:
			return cmp.Compare(a.Entry, b.Entry)
		case b.vague:
			return -1
		default:
			return 1
		}
	})
}

// moveReach is how far from its place an entry is looked for that does not have its own hash.
const moveReach = 2000

// blame says what happened to the i-th entry that does not have its own hash.
func (v *verifier) blame(i int, s suspect) {
	r := s.row
	for j, other := range v.bad[:min(len(v.bad), findingsMost)] {
		if want, ok := ownHash(other.row); ok && j != i && hashAs(r, other.N) == want { // what it says was written elsewhere
			v.find(r.N, Reordered, fault.Conflictf("Entries were reordered: what entry %d says now was written as entry %d.", r.N, other.N))
			return
		}
	}
	if own, ok := ownHash(r); ok && i < findingsMost {
		for n := max(1, r.N-moveReach); n <= r.N+moveReach; n++ {
			if hashAs(r, n) == own { // moved with its hash
				v.find(r.N, Reordered, fault.Conflictf("Entries were reordered: what entry %d says now was written as entry %d.", r.N, n))
				return
			}
		}
	}
	if r.At.Before(s.before) {
		v.find(r.N, BackDated, backDated(r, s.before))
		return
	}
	v.find(r.N, Edited, fault.Conflictf("Entry %d was edited.", r.N))
}

func hashAs(r row, n int64) tlog.Hash {
	r.N = n
	return tlog.RecordHash(r.record())
}
