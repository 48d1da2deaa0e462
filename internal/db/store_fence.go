package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// fencedRole is what statements run as on Postgres, unless they run for the whole site. It owns nothing, so row-level security binds it, which
// binds neither a superuser nor the owner of a table.
const fencedRole = "precinct_fenced"

// settings are how a transaction is told for whom it runs; they end with it.
func (f Fence) settings() (role, org string) {
	switch {
	case f.site:
		return "none", ""
	case f.org != 0:
		return fencedRole, strconv.FormatInt(f.org, 10)
	}
	return fencedRole, ""
}

// openFenced opens a pool in which every statement is inside a fence: there is no way past it but db.WithSite.
func openFenced(url string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(fencedConnector{stdlib.GetConnector(*c)}), nil
}

type fencedConnector struct{ driver.Connector }

func (c fencedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &fencedConn{Conn: conn.(*stdlib.Conn)}, nil
}

// fencedConn tells Postgres with every transaction, and with every query outside one, whose it is. It tells so in the same round trip.
type fencedConn struct {
	*stdlib.Conn
	inTx bool
}

// BeginTx begins a transaction inside the fence of ctx.
func (c *fencedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if o != (driver.TxOptions{}) {
		return nil, errors.New("transactions have no options here")
	}
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	role, org := FenceOf(ctx).settings() // neither holds a quote
	tx, err := c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{
		BeginQuery: "BEGIN; SELECT set_config('role', '" + role + "', true), set_config('precinct.org', '" + org + "', true)"})
	if err != nil {
		return nil, err
	}
	c.inTx = true
	return &fencedTx{ctx: ctx, conn: c, tx: tx}, nil
}

type fencedTx struct {
	ctx  context.Context
	conn *fencedConn
	tx   pgx.Tx
}

func (t *fencedTx) Commit() error {
	t.conn.inTx = false
	return t.tx.Commit(t.ctx)
}

func (t *fencedTx) Rollback() error {
	t.conn.inTx = false
	return t.tx.Rollback(t.ctx)
}

// QueryContext runs a query inside the fence of ctx.
func (c *fencedConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	if c.inTx { // which has a fence
		return c.Conn.QueryContext(ctx, q, args)
	}
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a.Value
	}
	role, org := FenceOf(ctx).settings()
	var b pgx.Batch // one round trip and, outside a transaction, one transaction
	b.Queue("SELECT set_config('role', $1, true), set_config('precinct.org', $2, true)", role, org)
	b.Queue(q, values...)
	answers := c.Conn.Conn().SendBatch(ctx, &b)
	rows, err := secondOf(answers)
	if err != nil {
		err = errors.Join(err, ignoreSame(answers.Close(), err))
		if pgconn.SafeToRetry(err) {
			return nil, driver.ErrBadConn
		}
		return nil, err
	}
	return rows, nil
}

// secondOf passes the answer to the settings and returns the one to the query, its first row read: until then the columns are not known.
func secondOf(answers pgx.BatchResults) (driver.Rows, error) {
	if _, err := answers.Exec(); err != nil {
		return nil, err
	}
	rows, err := answers.Query()
	if err != nil {
		return nil, err
	}
	r := &fencedRows{answers: answers, rows: rows, first: true, more: rows.Next()}
	if err := rows.Err(); err != nil {
		rows.Close()
		return nil, err
	}
	return r, nil
}

// ignoreSame drops what closing says again.
func ignoreSame(again, err error) error {
	if again == nil || again.Error() == err.Error() {
		return nil
	}
	return again
}

// ExecContext runs a statement in a transaction. Outside one only CREATE and DROP DATABASE have to be, and they run for the site.
func (c *fencedConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	if !c.inTx && !FenceOf(ctx).site {
		return nil, errors.New("a statement that changes something belongs into a transaction")
	}
	return c.Conn.ExecContext(ctx, q, args)
}

// PrepareContext is refused outside a transaction: a statement kept there would run outside every fence.
func (c *fencedConn) PrepareContext(ctx context.Context, q string) (driver.Stmt, error) {
	if !c.inTx {
		return nil, errors.New("pgx keeps statements by itself")
	}
	return c.Conn.PrepareContext(ctx, q)
}

// Prepare is PrepareContext.
func (c *fencedConn) Prepare(q string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), q)
}

// fencedRows are the rows of a query that was sent together with its settings.
type fencedRows struct {
	answers     pgx.BatchResults
	rows        pgx.Rows
	first, more bool // the first row is read already, and there is one
}

func (r *fencedRows) Columns() []string {
	all := make([]string, len(r.rows.FieldDescriptions()))
	for i, f := range r.rows.FieldDescriptions() {
		all[i] = f.Name
	}
	return all
}

func (r *fencedRows) Next(to []driver.Value) error {
	if !r.first {
		r.more = r.rows.Next()
	}
	r.first = false
	if !r.more {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	values, err := r.rows.Values()
	if err != nil {
		return err
	}
	for i, v := range values {
		if to[i], err = plain(v); err != nil {
			return err
		}
	}
	return nil
}

// plain turns what pgx reads into one of the few kinds of values that this package hands out.
func plain(v any) (driver.Value, error) {
	switch v := v.(type) {
	case int32:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case driver.Valuer: // a sum of numbers is a numeric
		return v.Value()
	}
	return v, nil
}

func (r *fencedRows) Close() error {
	r.rows.Close()
	return r.answers.Close()
}
