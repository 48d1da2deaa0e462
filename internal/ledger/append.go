package ledger

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/bits"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/db"
)

// Append records e in the caller's transaction and returns its number. Call it last: on Postgres everyone
// who appends waits from here until this transaction ends, because a log has one order.
func Append(ctx context.Context, tx *db.Tx, who Who, e Entry) (number int64, err error) {
	return appendAll(ctx, tx, time.Now(), who, []Entry{e})
}

// AppendAll records several entries of one doer, in order, at little more than the cost of one, and returns
// the number of the first.
func AppendAll(ctx context.Context, tx *db.Tx, who Who, entries ...Entry) (first int64, err error) {
	return appendAll(ctx, tx, time.Now(), who, entries)
}

// clockSlack is how far the clock may fall behind the last entry (a correction over the network) and an entry
// simply takes the last one's time. A larger step back is recorded for all to see.
const clockSlack = time.Minute

func appendAll(ctx context.Context, tx *db.Tx, now time.Time, who Who, entries []Entry) (first int64, err error) {
	if err := db.Lock(ctx, tx, "ledger"); err != nil {
		return 0, fmt.Errorf("waiting to append to the ledger: %w", err)
	}
	last, err := lastRow(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("reading the end of the ledger: %w", err)
	}
	at := now.UTC().Truncate(time.Millisecond)
	clock := false
	switch behind := last.At.Sub(at); {
	case behind > clockSlack:
		clock = true
	case behind > 0:
		at = last.At
	}
	count := len(entries)
	if clock {
		count++
	}
	p, err := openTip(ctx, tx, last, count)
	if err != nil {
		return 0, fmt.Errorf("reading the end of the ledger: %w", err)
	}
	if clock {
		set := Entry{Kind: KindClock, Data: map[string]any{"from": last.At, "to": at}}
		if err := p.add(at, Who{Via: "program"}, set); err != nil {
			return 0, err
		}
	}
	first = p.last.N + 1
	for _, e := range entries {
		if err := p.add(at, who, e); err != nil {
			return 0, fmt.Errorf("recording %s: %w", e.Kind, err)
		}
	}
	if err := p.write(ctx, tx); err != nil {
		return 0, fmt.Errorf("writing to the ledger: %w", err)
	}
	return first, nil
}

// tip is the end of the log and what is to be added there.
type tip struct {
	last     row
	hashes   map[int64]tlog.Hash // the stored hashes that the next entries may need, by tlog's index
	rows     []row
	personal []personalRow
}

type personalRow struct {
	N    int64  `db:"n"`
	Salt []byte `db:"salt"`
	Body string `db:"body"`
}

// add makes the next row from e.
func (p *tip) add(at time.Time, who Who, e Entry) error {
	if err := checkKind(e.Kind); err != nil {
		return err
	}
	data, err := canonical(e.Data)
	if err != nil {
		return err
	}
	r := row{N: p.last.N + 1, At: at, Account: who.Account, Org: who.Org, Via: db.Storable(who.Via), Kind: string(e.Kind),
		Object: db.Storable(e.Object), Purpose: db.Storable(e.Purpose), Data: data}
	if len(e.Personal) > 0 {
		body, err := canonical(e.Personal)
		if err != nil {
			return err
		}
		part := personalRow{N: r.N, Salt: make([]byte, sha256Size), Body: body}
		rand.Read(part.Salt)
		r.Personal = commit(part.Salt, part.Body)
		p.personal = append(p.personal, part)
	}
	made, err := tlog.StoredHashes(r.N-1, r.record(), tlog.HashReaderFunc(p.read))
	if err != nil {
		return err
	}
	r.Hashes = make([]byte, 0, len(made)*tlog.HashSize)
	at0 := tlog.StoredHashIndex(0, r.N-1)
	for i, h := range made {
		p.hashes[at0+int64(i)] = h
		r.Hashes = append(r.Hashes, h[:]...)
	}
	p.rows = append(p.rows, r)
	p.last = r
	return nil
}

const sha256Size = tlog.HashSize

func (p *tip) read(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		h, ok := p.hashes[x]
		if !ok {
			return nil, fmt.Errorf("the hash with index %d is not at hand", x)
		}
		out[i] = h
	}
	return out, nil
}

// frontier returns the numbers of the rows that hold the hashes over all n entries: one for each 1 in n's
// binary digits, largest subtree first. Later entries need no others.
func frontier(n int64) []int64 {
	var all []int64
	for done := int64(0); done < n; {
		done += 1 << (bits.Len64(uint64(n-done)) - 1)
		all = append(all, done)
	}
	return all
}

// holdHashes notes the hashes stored in the row of entry n.
func holdHashes(into map[int64]tlog.Hash, n int64, stored []byte) {
	at := tlog.StoredHashIndex(0, n-1)
	for i := int64(0); len(stored) >= tlog.HashSize; i, stored = i+1, stored[tlog.HashSize:] {
		into[at+i] = tlog.Hash(stored[:tlog.HashSize])
	}
}

var catalogue atomic.Pointer[map[Kind]KindDef]

// Declare sets the catalogue of kinds; from then on Append refuses every other kind. The program calls it
// once when it starts: a kind is a word of the program, not of one database.
func Declare(kinds ...[]KindDef) error {
	m, err := catalogueOf(kinds...)
	if err != nil {
		return err
	}
	catalogue.Store(&m)
	return nil
}

func catalogueOf(kinds ...[]KindDef) (map[Kind]KindDef, error) {
	m := map[Kind]KindDef{}
	for _, all := range append(kinds, Kinds) {
		for _, k := range all {
			if _, twice := m[k.Kind]; twice {
				return nil, fmt.Errorf("ledger kind %s is declared twice", k.Kind)
			}
			if k.Kind == "" || k.Sentence == "" {
				return nil, fmt.Errorf("ledger kind %q (%s): want a name and a sentence", k.Kind, k.Sentence)
			}
			m[k.Kind] = k
		}
	}
	return m, nil
}

func checkKind(k Kind) error {
	if k == "" {
		return fmt.Errorf("an entry without a kind")
	}
	if m := catalogue.Load(); m != nil {
		if _, ok := (*m)[k]; !ok {
			return fmt.Errorf("ledger kind %s is not in the catalogue: declare it in the package's entries.go", k)
		}
	}
	return nil
}
