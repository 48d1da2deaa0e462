package app

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
)

// KeepTime is how long a file is kept that nobody needs any more: long enough to notice a mistake, and longer than any upload takes.
const KeepTime = 30 * 24 * time.Hour

// Retention is what a program does about the stored files that it no longer needs.
type Retention struct {
	Held   func(ctx context.Context) ([]string, error)              // the names of those it still needs
	Over   func(ctx context.Context, t time.Time) ([]string, error) // a sentence for each thing not touched since t whose files Forget would give up
	Forget func(ctx context.Context, t time.Time) error             // gives them up, each with an entry in the ledger
}

// entrySweep says which stored files were deleted because nothing referred to them.
const entrySweep ledger.Kind = "site.sweep"

var siteKinds = []ledger.KindDef{{Kind: entrySweep, Sentence: "Stored files that nothing referred to any more were deleted"}}

// siteSpanish is this package's sentences in Spanish.
//
//go:embed es.json
var siteSpanish []byte

// Leftovers returns a sentence for each thing that the daily housekeeping would delete next.
func (s *Site) Leftovers(ctx context.Context) ([]string, error) {
	t := s.Now().Add(-KeepTime)
	var all []string
	for _, w := range s.work {
		if w.Retention == nil {
			continue
		}
		over, err := w.Retention.Over(ctx, t)
		if err != nil {
			return nil, err
		}
		all = append(all, over...)
	}
	files, bytes := 0, int64(0)
	err := s.unheld(ctx, func(hash string) error {
		at, size, err := s.Blobs.Stored(hash)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !at.Before(t) {
			return nil
		}
		files, bytes = files+1, bytes+size
		return err
	})
	if files > 0 {
		all = append(all, fmt.Sprintf("%d stored files (%d MB) that nothing refers to will be deleted by the daily housekeeping.", files, bytes>>20))
	}
	return all, err
}

// sweep gives up what is over and deletes the stored files that nothing refers to and that were stored long ago: one that is on its way in is
// referred to only when it is whole.
func (s *Site) sweep(ctx context.Context) error {
	t := s.Now().Add(-KeepTime)
	for _, w := range s.work {
		if w.Retention == nil {
			continue
		}
		if err := w.Retention.Forget(ctx, t); err != nil {
			return err
		}
	}
	var gone []any
	err := s.unheld(ctx, func(hash string) error {
		deleted, err := s.Blobs.DeleteOlder(ctx, hash, t)
		if deleted {
			gone = append(gone, hash)
		}
		return err
	})
	if len(gone) == 0 {
		return err
	}
	return errors.Join(err, s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, ledger.Who{Via: "job"}, ledger.Entry{Kind: entrySweep, Data: map[string]any{"files": gone}})
		return err
	}))
}

// unheld calls f for each stored file that no program needs.
func (s *Site) unheld(ctx context.Context, f func(hash string) error) error {
	held := map[string]bool{}
	for _, w := range s.work {
		if w.Retention == nil {
			continue
		}
		all, err := w.Retention.Held(ctx)
		if err != nil {
			return err
		}
		for _, hash := range all {
			held[hash] = true
		}
	}
	for hash, err := range s.Blobs.All(ctx) {
		if err != nil {
			return err
		}
		if held[hash] {
			continue
		}
		if err := f(hash); err != nil {
			return err
		}
	}
	return nil
}
