package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// manyInserter runs one SQLite statement over and over with many values each time. It speaks to the driver directly: between them,
// database/sql and the copying of arguments it does cost a quarter of a bulk insert.
type manyInserter struct {
	conn *sql.Conn
	stmt driver.StmtExecContext // compiled when it is first full: few rows need none
	args []driver.NamedValue
	n    int // values of args in use
}

func newManyInserter(tx *Tx, values int) (*manyInserter, error) {
	if tx.over.Load() {
		return nil, errOver
	}
	return &manyInserter{conn: tx.prepared.conn, args: make([]driver.NamedValue, values)}, nil
}

// add takes the values of one row. They are used until the next exec has run.
func (m *manyInserter) add(row []any) error {
	for _, v := range row {
		a := &m.args[m.n]
		switch v := v.(type) {
		case int64, string, float64, []byte, nil:
			a.Value = v
		case bool:
			a.Value = btoi(v)
		default:
			one := [1]any{v}
			bindInPlace(one[:])
			value, err := driver.DefaultParameterConverter.ConvertValue(one[0])
			if err != nil {
				return fmt.Errorf("value %d: %w", m.n+1, err)
			}
			a.Value = value
		}
		m.n++
		a.Ordinal = m.n
	}
	return nil
}

func (m *manyInserter) full() bool { return m.n == len(m.args) }

// exec inserts the rows added since the last time; text gives the statement for as many as fit.
func (m *manyInserter) exec(ctx context.Context, text func() string) error {
	ctx = context.WithoutCancel(ctx) // a statement interrupted half-way would undo the work of all who share the commit
	m.n = 0
	return m.conn.Raw(func(dc any) error {
		if m.stmt == nil {
			stmt, err := dc.(driver.ConnPrepareContext).PrepareContext(ctx, text())
			if err != nil {
				return err
			}
			m.stmt = stmt.(driver.StmtExecContext)
		}
		_, err := m.stmt.ExecContext(ctx, m.args)
		return err
	})
}

// values returns those added since the last exec.
func (m *manyInserter) values() []any {
	out := make([]any, m.n)
	for i := range out {
		out[i] = m.args[i].Value
	}
	return out
}

func (m *manyInserter) close() error {
	if m.stmt == nil {
		return nil
	}
	return m.conn.Raw(func(any) error { return m.stmt.(driver.Stmt).Close() })
}
