package db

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// eachSQLite walks the b-tree of the table. Pages come through the table sqlite_dbpage, which shows those of the transaction's moment, whatever
// of them stands in the write-ahead log.
func (s *Sweep) eachSQLite(ctx context.Context, tx *sql.Tx, f func(*Swept) error) error {
	w := &walker{ctx: ctx, tx: tx, sweep: s, f: f, row: s.row()}
	root, err := w.prepare()
	if err != nil {
		return err
	}
	defer func() {
		if w.stmt != nil {
			_ = w.stmt.Close() // ends with the transaction
		}
	}()
	return w.walk([]uint32{root}, 0)
}

// walker goes through one table.
type walker struct {
	ctx      context.Context
	tx       *sql.Tx
	sweep    *Sweep
	f        func(*Swept) error
	stmt     *sql.Stmt
	args     []any
	reserved int
	key      int   // field of the key; -1 when it is the rowid
	ints     []int // fields of the record, by column
	reals    []int
	texts    []int
	fields   []field
	row      *Swept
	long     []byte // a payload that is spread over pages
	levels   [deepest][]byte
	more     []byte // the page on which a payload goes on
}

const (
	// pagesAtOnce is how many pages are read with one statement.
	pagesAtOnce = 64
	// deepest is how many levels a b-tree may have; with pages of 512 bytes and the largest file there are fewer.
	deepest = 20
)

// prepare finds where the table is and how its records are made.
func (w *walker) prepare() (root uint32, err error) {
	var text string
	if err := w.tx.QueryRowContext(w.ctx, `SELECT rootpage, sql FROM sqlite_schema WHERE type = 'table' AND name = ?`, w.sweep.Table).Scan(&root, &text); err != nil {
		return 0, err
	}
	var first []byte
	if err := w.tx.QueryRowContext(w.ctx, `SELECT data FROM sqlite_dbpage WHERE pgno = 1`).Scan(&first); err != nil {
		return 0, err
	}
	if len(first) < 100 || first[56] != 0 || first[57] != 0 || first[58] != 0 || first[59] > 1 {
		return 0, errors.New("the database is not in UTF-8")
	}
	w.reserved = int(first[20])
	if err := w.columns(text); err != nil {
		return 0, err
	}
	w.stmt, err = w.tx.PrepareContext(w.ctx, `SELECT pgno, data FROM sqlite_dbpage WHERE pgno IN (?`+strings.Repeat(`, ?`, pagesAtOnce-1)+`)`)
	w.args = make([]any, pagesAtOnce)
	return root, err
}

// columns finds the fields of the columns. A table WITHOUT ROWID stores those of its primary key before the others.
func (w *walker) columns(text string) error {
	rows, err := w.tx.QueryContext(w.ctx, `SELECT name, upper(type), pk FROM pragma_table_info(?) ORDER BY cid`, w.sweep.Table)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has what matters
	plain := !strings.Contains(strings.ToUpper(text), "WITHOUT ROWID")
	var names, keys []string
	rowid := ""
	for rows.Next() {
		var name, kind string
		var pk int
		if err := rows.Scan(&name, &kind, &pk); err != nil {
			return err
		}
		if plain && pk > 0 && kind == "INTEGER" {
			rowid += name + " "
		}
		switch {
		case plain || pk == 0:
			names = append(names, name)
		default:
			for len(keys) < pk {
				keys = append(keys, "")
			}
			keys[pk-1] = name
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	names = append(keys, names...)
	last := 0
	at := func(name string) int {
		for i, n := range names {
			if n == name {
				last = max(last, i+1)
				return i
			}
		}
		err = errors.Join(err, fmt.Errorf("there is no column %s", name))
		return 0
	}
	if w.key = at(w.sweep.Key); plain {
		if rowid != w.sweep.Key+" " {
			w.key = math.MaxInt // not what the tree is in order of
		} else {
			w.key = -1
		}
	}
	if w.key == math.MaxInt || w.key > 0 {
		return fmt.Errorf("%s is not what the rows are in order of", w.sweep.Key)
	}
	for _, part := range []struct {
		names []string
		to    *[]int
	}{{w.sweep.Ints, &w.ints}, {w.sweep.Reals, &w.reals}, {w.sweep.Texts, &w.texts}} {
		for _, name := range part.names {
			*part.to = append(*part.to, at(name))
		}
	}
	w.fields = make([]field, max(last, 1))
	return err
}

// walk goes through some pages, and what is below them.
func (w *walker) walk(numbers []uint32, level int) error {
	if level == deepest {
		return errPage
	}
	for len(numbers) > 0 {
		n := min(len(numbers), pagesAtOnce)
		size, err := w.read(numbers[:n], &w.levels[level])
		if err != nil {
			return err
		}
		numbers = numbers[n:]
		for i := range n {
			if err := w.page(w.levels[level][i*size:(i+1)*size], level); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) page(data []byte, level int) error {
	p, err := newPage(data, w.reserved)
	if err != nil {
		return err
	}
	if ofTable := p.kind == tableInner || p.kind == tableLeaf; ofTable != (w.key < 0) {
		return errPage
	}
	var below []uint32
	from, to := w.sweep.From, w.sweep.To
	before := int64(math.MinInt64) // the key left of the cell
	for i := range p.cells {
		c, err := p.cell(i)
		if err != nil {
			return err
		}
		key := c.rowid
		if p.kind != tableInner {
			if key, err = w.record(&c); err != nil {
				return err
			}
		}
		if p.inner() && before < to && key >= from {
			below = append(below, c.left)
		}
		if p.kind != tableInner && key >= from && key < to {
			if err := w.hand(key); err != nil {
				return err
			}
		}
		before = key
	}
	if !p.inner() {
		return nil
	}
	if before < to {
		below = append(below, p.last())
	}
	return w.walk(below, level+1)
}

// record takes the record of a cell apart and returns its key.
func (w *walker) record(c *cell) (key int64, err error) {
	payload := c.payload
	if c.overflow != 0 {
		if payload, err = w.gather(c); err != nil {
			return 0, err
		}
	}
	if err := record(payload, w.fields); err != nil {
		return 0, err
	}
	if w.key < 0 {
		return c.rowid, nil
	}
	key, ok := w.fields[w.key].whole()
	if !ok {
		return 0, errPage
	}
	return key, nil
}

// gather reads the rest of a payload from the pages where it goes on.
func (w *walker) gather(c *cell) ([]byte, error) {
	w.long = append(w.long[:0], c.payload...)
	for next := c.overflow; next != 0 && len(w.long) < c.size; {
		size, err := w.read([]uint32{next}, &w.more)
		if err != nil {
			return nil, err
		}
		if size-w.reserved < 8 {
			return nil, errPage
		}
		data := w.more[:size-w.reserved]
		next = binary.BigEndian.Uint32(data)
		w.long = append(w.long, data[4:4+min(len(data)-4, c.size-len(w.long))]...)
	}
	if len(w.long) != c.size {
		return nil, errPage
	}
	return w.long, nil
}

// hand calls f with the record that was taken apart last.
func (w *walker) hand(key int64) error {
	r := w.row
	r.Key = key
	var ok bool
	for i, at := range w.ints {
		if r.Ints[i], ok = w.fields[at].whole(); !ok {
			return fmt.Errorf("%s of %d is no whole number", w.sweep.Ints[i], key)
		}
	}
	for i, at := range w.reals {
		if r.Reals[i], ok = w.fields[at].float(); !ok {
			return fmt.Errorf("%s of %d is no number", w.sweep.Reals[i], key)
		}
	}
	for i, at := range w.texts {
		if r.Texts[i], ok = w.fields[at].text(); !ok {
			return fmt.Errorf("%s of %d is no text", w.sweep.Texts[i], key)
		}
	}
	return w.f(r)
}

// read puts some pages one after the other into a buffer, in the order asked for, and returns how long each is.
func (w *walker) read(numbers []uint32, to *[]byte) (size int, err error) {
	for i := range w.args {
		w.args[i] = int64(numbers[min(i, len(numbers)-1)])
	}
	rows, err := w.stmt.QueryContext(w.ctx, w.args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has what matters
	got := 0
	for rows.Next() {
		var number int64
		var data sql.RawBytes
		if err := rows.Scan(&number, &data); err != nil {
			return 0, err
		}
		size = len(data)
		*to = slices.Grow((*to)[:0], size*len(numbers))[:size*len(numbers)]
		for i, n := range numbers {
			if int64(n) == number {
				copy((*to)[i*size:], data)
				got++
			}
		}
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if got != len(numbers) {
		return 0, errPage
	}
	return size, nil
}
