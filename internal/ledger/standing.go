package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// Standing is how far the ledger is known to be what was written.
type Standing struct {
	Entries    int64        // in all
	Checkpoint Checkpoint   // the newest; the zero one when there is none
	Wrong      *fault.Error // what does not agree: the checkpoint's signature, its tree, or an entry after it; nil when all does

	// The last time that every entry was recomputed; At is zero when that was never done.
	Whole struct {
		At      time.Time
		Entries int64
		Found   int64 // things that were not as they were written
	}
}

// Standing checks the newest checkpoint and recomputes the entries after it: a moment's work, good for a page. What is older
// stands under the checkpoint's tree as the database has it; only Recompute reads it again.
func (s *Seal) Standing(ctx context.Context, r db.Reader) (Standing, error) {
	var st Standing
	var err error
	if st.Checkpoint, err = lastCheckpoint(ctx, r); err != nil {
		return st, fmt.Errorf("reading the last checkpoint: %w", err)
	}
	if st.Entries, err = lastNumber(ctx, r); err != nil {
		return st, fmt.Errorf("reading the end of the ledger: %w", err)
	}
	if err := s.agree(ctx, r, st); err != nil {
		if st.Wrong = fault.As(err); st.Wrong == nil {
			return st, err
		}
	}
	v, err := lastVerified(ctx, r)
	if err != nil || v.N == 0 {
		return st, err
	}
	var said struct{ Entries, Found int64 }
	if err := json.Unmarshal([]byte(v.Data), &said); err != nil {
		return st, fmt.Errorf("reading entry %d: %w", v.N, err)
	}
	st.Whole.At, st.Whole.Entries, st.Whole.Found = v.At, said.Entries, said.Found
	return st, nil
}

func (s *Seal) agree(ctx context.Context, r db.Reader, st Standing) error {
	c := st.Checkpoint
	keys, err := verifiers(s.keys)
	if err != nil {
		return err
	}
	s.mu.Lock()
	anchored := s.anchored
	s.mu.Unlock()
	switch {
	case max(c.Size, anchored) > st.Entries:
		return fault.Conflictf("The ledger was cut off: it ends with entry %d, but a signed checkpoint counts %d entries.", st.Entries, max(c.Size, anchored))
	case c.Size > 0 && !c.signedBy(keys):
		return fault.Conflictf("The checkpoint of %d entries in the database is not signed by the ledger's key.", c.Size)
	}
	return checkSince(ctx, r, c)
}

// Recompute is Verify with all that is kept here, and an entry that says what came of it. Call it once a day: it reads the whole ledger.
func (s *Seal) Recompute(ctx context.Context, d *db.DB) (Report, error) {
	anchors, err := s.Anchors()
	if err != nil {
		return Report{}, err
	}
	report, err := Verify(ctx, d, Options{Keys: s.keys, Checkpoints: anchors})
	if err != nil {
		return Report{}, err
	}
	err = d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := Append(ctx, tx, Who{Via: "job"}, Entry{Kind: KindVerify,
			Data: map[string]any{"entries": report.Entries, "checkpoints": report.Checkpoints, "found": len(report.Findings)}})
		return err
	})
	return report, err
}

// FirstSince returns the number of the first entry made at or after a moment, and one more than the last number when there is
// none. It is found by halving, not by reading: entries are numbered in the order of time, except where one says that the
// clock was set back, and there the answer may be off by the entries of that hour.
func FirstSince(ctx context.Context, r db.Reader, at time.Time) (int64, error) {
	last, err := lastNumber(ctx, r)
	if err != nil {
		return 0, fmt.Errorf("reading the end of the ledger: %w", err)
	}
	low, high := int64(1), last+1
	for low < high {
		mid := low + (high-low)/2
		m, err := momentOf(ctx, r, mid)
		if err != nil {
			return 0, fmt.Errorf("reading entry %d: %w", mid, err)
		}
		if m.At.Before(at) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, nil
}

// CountSince returns how many entries of one organisation were made at or after a moment.
func CountSince(ctx context.Context, r db.Reader, org int64, at time.Time) (int64, error) {
	first, err := FirstSince(ctx, r, at)
	if err != nil {
		return 0, err
	}
	return countFrom(ctx, r, org, first)
}

// EntryOf returns one entry of one organisation; another's is not found, just as one that does not exist.
func EntryOf(ctx context.Context, r db.Reader, org, n int64) (Record, error) {
	e, err := fullRowOf(ctx, r, org, n)
	if errors.Is(err, db.ErrNone) {
		return Record{}, fault.NotFoundf("The ledger has no entry %d.", n)
	}
	if err != nil {
		return Record{}, fmt.Errorf("reading entry %d: %w", n, err)
	}
	return e.toRecord()
}
