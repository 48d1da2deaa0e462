package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Sweep says which columns of a table are read of all rows whose key is in a range: what replicas are built from. It is made for millions of rows.
// Postgres sends them in their binary form, texts joined into one; of SQLite the pages of the table are read and taken apart here. Neither makes a Go value of
// each field.
type Sweep struct {
	Table    string
	Key      string   // the first column of the primary key, whole numbers
	From, To int64    // To is not included
	Ints     []string // columns, none of which holds NULL
	Reals    []string
	Texts    []string
}

// Swept is one row of a Sweep: its fields in the order of the columns. They are good until the next row.
type Swept struct {
	Key   int64
	Ints  []int64
	Reals []float64
	Texts [][]byte
}

func (s *Sweep) row() *Swept {
	return &Swept{Ints: make([]int64, len(s.Ints)), Reals: make([]float64, len(s.Reals)), Texts: make([][]byte, len(s.Texts))}
}

// Each calls f with every row, in no order. All rows are of one moment.
func (s Sweep) Each(ctx context.Context, d *DB, f func(*Swept) error) (err error) {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reading all of %s: %w", s.Table, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("reading all of %s: %w", s.Table, err)
	}
	if d.engine == Postgres {
		err = s.eachPostgres(ctx, conn, f)
	} else {
		err = s.eachSQLite(ctx, tx, f)
	}
	if end := tx.Rollback(); err == nil && !errors.Is(end, sql.ErrTxDone) { // nothing was written
		err = end
	}
	if err != nil {
		return fmt.Errorf("reading all of %s: %w", s.Table, err)
	}
	return nil
}

// joint stands between texts that come as one. A row in which a text holds it is read again, each text by itself.
const joint = "\x1f"

// query selects the columns; joined says whether texts come as one.
func (s *Sweep) query(joined bool) string {
	columns := append([]string{s.Key}, s.Ints...)
	columns = append(columns, s.Reals...)
	if joined {
		columns = append(columns, `concat_ws(E'\x1f', `+strings.Join(s.Texts, ", ")+`)`)
	} else {
		columns = append(columns, s.Texts...)
	}
	return `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + s.Table + ` WHERE ` + s.Key + ` >= $1 AND ` + s.Key + ` < $2`
}
