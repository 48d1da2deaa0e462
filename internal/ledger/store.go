package ledger

import (
	"context"
	"errors"
	"iter"
	"math/bits"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/db"
)

const rowColumns = `n, at, account, org, via, kind, object, purpose, data, personal, hashes`

func lastRow(ctx context.Context, r db.Reader) (row, error) {
	last, err := db.One[row](ctx, r, `SELECT `+rowColumns+` FROM ledger_entry ORDER BY n DESC LIMIT 1`)
	if errors.Is(err, db.ErrNone) {
		return row{}, nil
	}
	return last, err
}

type hashRow struct {
	N      int64  `db:"n"`
	Hashes []byte `db:"hashes"`
}

// openTip reads the hashes that the next count entries after last build on.
func openTip(ctx context.Context, tx *db.Tx, last row, count int) (*tip, error) {
	p := &tip{last: last, hashes: map[int64]tlog.Hash{}}
	holdHashes(p.hashes, last.N, last.Hashes)
	more := frontier(last.N)
	if count == 1 { // then only the subtrees that this entry completes, on average one
		more = more[len(more)-bits.TrailingZeros64(^uint64(last.N)):]
	}
	if len(more) < 2 { // the last row is at hand
		return p, nil
	}
	more = more[:len(more)-1]
	rows, err := db.All[hashRow](ctx, tx, `SELECT n, hashes FROM ledger_entry WHERE n IN (?)`, more)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		holdHashes(p.hashes, r.N, r.Hashes)
	}
	return p, nil
}

// bulkFrom is the number of rows from which a bulk load is quicker than single inserts.
const bulkFrom = 8

func (p *tip) write(ctx context.Context, tx *db.Tx) error {
	if len(p.rows) >= bulkFrom {
		return p.writeBulk(ctx, tx)
	}
	for _, r := range p.rows {
		_, err := db.Exec(ctx, tx, `INSERT INTO ledger_entry (`+rowColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.N, r.At, r.Account, r.Org, r.Via, r.Kind, r.Object, r.Purpose, r.Data, r.Personal, r.Hashes)
		if err != nil {
			return err
		}
	}
	for _, r := range p.personal {
		if _, err := db.Exec(ctx, tx, `INSERT INTO ledger_personal (n, salt, body) VALUES (?, ?, ?)`, r.N, r.Salt, r.Body); err != nil {
			return err
		}
	}
	return nil
}

func (p *tip) writeBulk(ctx context.Context, tx *db.Tx) error {
	columns := []string{"n", "at", "account", "org", "via", "kind", "object", "purpose", "data", "personal", "hashes"}
	_, err := db.Bulk(ctx, tx, "ledger_entry", columns, func(yield func([]any) bool) {
		for _, r := range p.rows {
			if !yield([]any{r.N, r.At, r.Account, r.Org, r.Via, r.Kind, r.Object, r.Purpose, r.Data, r.Personal, r.Hashes}) {
				return
			}
		}
	})
	if err != nil || len(p.personal) == 0 {
		return err
	}
	_, err = db.Bulk(ctx, tx, "ledger_personal", []string{"n", "salt", "body"}, func(yield func([]any) bool) {
		for _, r := range p.personal {
			if !yield([]any{r.N, r.Salt, r.Body}) {
				return
			}
		}
	})
	return err
}

// storedHashes reads hashes by tlog's index.
func storedHashes(ctx context.Context, r db.Reader) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		at := make(map[int64]tlog.Hash, len(indexes))
		var numbers []int64
		for _, x := range indexes {
			level, k := tlog.SplitStoredHashIndex(x)
			numbers = append(numbers, (k+1)<<level)
		}
		if len(numbers) > 0 {
			rows, err := db.All[hashRow](ctx, r, `SELECT n, hashes FROM ledger_entry WHERE n IN (?)`, numbers)
			if err != nil {
				return nil, err
			}
			for _, row := range rows {
				holdHashes(at, row.N, row.Hashes)
			}
		}
		return (&tip{hashes: at}).read(indexes)
	})
}

// frontierHashes returns the roots of the complete subtrees over n entries, largest first.
func frontierHashes(ctx context.Context, r db.Reader, n int64) ([]tlog.Hash, error) {
	var indexes []int64
	done := int64(0)
	for _, end := range frontier(n) {
		level := bits.TrailingZeros64(uint64(end - done))
		indexes = append(indexes, tlog.StoredHashIndex(level, (end-1)>>level))
		done = end
	}
	return storedHashes(ctx, r).ReadHashes(indexes)
}

func rowOf(ctx context.Context, r db.Reader, n int64) (row, error) {
	return db.One[row](ctx, r, `SELECT `+rowColumns+` FROM ledger_entry WHERE n = ?`, n)
}

func rowsAfter(ctx context.Context, r db.Reader, n int64) iter.Seq2[row, error] {
	return db.Each[row](ctx, r, `SELECT `+rowColumns+` FROM ledger_entry WHERE n > ? ORDER BY n`, n)
}

type checkpointRow struct {
	Size int64     `db:"size"`
	At   time.Time `db:"at"`
	Note string    `db:"note"`
}

func (c checkpointRow) checkpoint() (Checkpoint, error) {
	p, err := ParseCheckpoint(c.Note)
	p.At = c.At
	return p, err
}

// lastCheckpoint returns the newest checkpoint, or the zero one.
func lastCheckpoint(ctx context.Context, r db.Reader) (Checkpoint, error) {
	c, err := db.One[checkpointRow](ctx, r, `SELECT size, at, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1`)
	if errors.Is(err, db.ErrNone) {
		return Checkpoint{}, nil
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return c.checkpoint()
}

func allCheckpoints(ctx context.Context, r db.Reader) ([]checkpointRow, error) {
	return db.All[checkpointRow](ctx, r, `SELECT size, at, note FROM ledger_checkpoint ORDER BY size`)
}

func insertCheckpoint(ctx context.Context, tx *db.Tx, c Checkpoint) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO ledger_checkpoint (size, at, note) VALUES (?, ?, ?)`, c.Size, c.At, c.Note)
	return err
}

type fullRow struct {
	row
	Salt []byte `db:"salt"`
	Body string `db:"body"`
}

const fullColumns = `e.n, e.at, e.account, e.org, e.via, e.kind, e.object, e.purpose, e.data, e.personal, e.hashes, p.salt, p.body`

// everyRow reads the whole ledger in one statement, so that it sees one state of it.
func everyRow(ctx context.Context, r db.Reader) iter.Seq2[fullRow, error] {
	return db.Each[fullRow](ctx, r, `SELECT `+fullColumns+` FROM ledger_entry e LEFT JOIN ledger_personal p ON p.n = e.n ORDER BY e.n`)
}

func fullRowOf(ctx context.Context, r db.Reader, org, n int64) (fullRow, error) {
	return db.One[fullRow](ctx, r, `SELECT `+fullColumns+` FROM ledger_entry e LEFT JOIN ledger_personal p ON p.n = e.n WHERE e.n = ? AND e.org = ?`, n, org)
}

func (f Filter) rows(ctx context.Context, r db.Reader) ([]fullRow, error) {
	q := db.Q(`SELECT `+fullColumns+` FROM ledger_entry e LEFT JOIN ledger_personal p ON p.n = e.n WHERE 1 = 1`).
		If(f.Object != "", `AND e.object = ? AND e.object <> ''`, f.Object).
		If(f.Kind != "", `AND e.kind = ?`, string(f.Kind)).
		If(f.Kinds != nil, `AND e.kind IN (?)`, texts(f.Kinds)).
		If(f.Account != 0, `AND e.account = ?`, f.Account).
		If(f.Org != 0, `AND e.org = ?`, f.Org).
		If(f.Before != 0, `AND e.n < ?`, f.Before).
		If(f.After != 0, `AND e.n > ?`, f.After).
		If(!f.Since.IsZero(), `AND e.at >= ?`, f.Since).
		If(f.Oldest, `ORDER BY e.n LIMIT ?`, f.limit()).
		If(!f.Oldest, `ORDER BY e.n DESC LIMIT ?`, f.limit())
	return db.AllOf[fullRow](ctx, r, q)
}

func personalOf(ctx context.Context, tx *db.Tx, object string) ([]int64, error) {
	return db.All[int64](ctx, tx, `SELECT e.n FROM ledger_entry e JOIN ledger_personal p ON p.n = e.n WHERE e.object = ? AND e.object <> '' ORDER BY e.n`, object)
}

func personalAmong(ctx context.Context, tx *db.Tx, numbers []int64) ([]int64, error) {
	return db.All[int64](ctx, tx, `SELECT n FROM ledger_personal WHERE n IN (?) ORDER BY n`, numbers)
}

func deletePersonal(ctx context.Context, tx *db.Tx, numbers []int64) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM ledger_personal WHERE n IN (?)`, numbers)
	return err
}

func texts(all []Kind) []string {
	s := make([]string, len(all))
	for i, k := range all {
		s[i] = string(k)
	}
	return s
}

type momentRow struct {
	N  int64     `db:"n"`
	At time.Time `db:"at"`
}

func momentOf(ctx context.Context, r db.Reader, n int64) (momentRow, error) {
	return db.One[momentRow](ctx, r, `SELECT n, at FROM ledger_entry WHERE n = ?`, n)
}

func lastNumber(ctx context.Context, r db.Reader) (int64, error) {
	return db.One[int64](ctx, r, `SELECT COALESCE(MAX(n), 0) FROM ledger_entry`)
}

func countFrom(ctx context.Context, r db.Reader, org, n int64) (int64, error) {
	return db.One[int64](ctx, r, `SELECT COUNT(*) FROM ledger_entry WHERE org = ? AND n >= ?`, org, n)
}

// lastVerified returns the newest entry about a whole recomputation, or the zero row.
func lastVerified(ctx context.Context, r db.Reader) (row, error) {
	v, err := db.One[row](ctx, r, `SELECT `+rowColumns+` FROM ledger_entry WHERE org = 0 AND kind = ? ORDER BY n DESC LIMIT 1`, string(KindVerify))
	if errors.Is(err, db.ErrNone) {
		return row{}, nil
	}
	return v, err
}
