package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/db"
)

// Filter says which entries to read; its zero value means all. Fields that are set must all hold.
type Filter struct {
	Object  string
	Kind    Kind
	Kinds   []Kind // any of these; nil means all
	Account int64
	Org     int64
	Since   time.Time
	Before  int64 // only entries with a lower number: the last one of the page before
	After   int64 // only entries with a higher number
	Oldest  bool  // take the oldest that match instead of the newest: the page before this one
	Limit   int   // 0 means 100; 1000 at the most
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 100
	}
	return min(f.Limit, 1000)
}

// Record is an entry as it was recorded. Numbers in Data and Personal are json.Number, times are text.
type Record struct {
	Entry
	Who
	Number int64
	At     time.Time
	Hash   tlog.Hash // of the entry, as it stands in the tree
	Erased bool      // it had a personal part, which is gone
}

// Entries returns entries, newest first. "Who looked at this?" is a Filter with Object and Kind.
func Entries(ctx context.Context, r db.Reader, f Filter) ([]Record, error) {
	rows, err := f.rows(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	if f.Oldest {
		slices.Reverse(rows)
	}
	all := make([]Record, len(rows))
	for i, r := range rows {
		if all[i], err = r.toRecord(); err != nil {
			return nil, fmt.Errorf("reading entry %d: %w", r.N, err)
		}
	}
	return all, nil
}

func (r fullRow) toRecord() (Record, error) {
	rec := Record{
		Entry:  Entry{Kind: Kind(r.Kind), Object: r.Object, Purpose: r.Purpose},
		Who:    Who{Account: r.Account, Org: r.Org, Via: r.Via},
		Number: r.N, At: r.At, Erased: r.row.Personal != nil && r.Salt == nil,
	}
	rec.Hash, _ = ownHash(r.row) // whether it is the right one is for Verify to say
	var err error
	if rec.Data, err = object(r.Data); err != nil {
		return rec, err
	}
	if r.Salt != nil {
		rec.Personal, err = object(r.Body)
	}
	return rec, err
}

// object reads canonical JSON back.
func object(text string) (map[string]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	return m, nil
}
