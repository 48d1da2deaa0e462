package ledger

import (
	"context"
	"errors"
	"math/bits"

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
