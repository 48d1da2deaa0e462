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
	stmt driver.StmtExecContext
	args []driver.NamedValue
}

func newManyInserter(ctx context.Context, tx *Tx, q string, values int) (*manyInserter, error) {
	if tx.over.Load() {
		return nil, errOver
	}
	m := &manyInserter{conn: tx.prepared.conn, args: make([]driver.NamedValue, values)}
	for i := range m.args {
		m.args[i].Ordinal = i + 1
	}
	return m, m.conn.Raw(func(dc any) error {
		stmt, err := dc.(driver.ConnPrepareContext).PrepareContext(ctx, q)
		if err != nil {
			return err
		}
		m.stmt = stmt.(driver.StmtExecContext)
		return nil
	})
}

// set takes the value at place i. It is used until the next exec has run.
func (m *manyInserter) set(i int, v any) error {
	switch v.(type) {
	case int64, string, float64, []byte, nil:
		m.args[i].Value = v
		return nil
	}
	value, err := driver.DefaultParameterConverter.ConvertValue(v)
	if err != nil {
		return fmt.Errorf("value %d: %w", i+1, err)
	}
	m.args[i].Value = value
	return nil
}

func (m *manyInserter) exec(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // a statement interrupted half-way would undo the work of all who share the commit
	return m.conn.Raw(func(any) error {
		_, err := m.stmt.ExecContext(ctx, m.args)
		return err
	})
}

func (m *manyInserter) close() error {
	return m.conn.Raw(func(any) error { return m.stmt.(driver.Stmt).Close() })
}
