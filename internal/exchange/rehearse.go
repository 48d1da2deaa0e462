package exchange

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// Record is one row of a file with its values.
type Record struct {
	Row    int            // as a spreadsheet program counts
	Values map[string]any // by column key; empty cells are absent
}

// Text returns the value of a column as text, "" when it is absent or no text.
func (r Record) Text(key string) string {
	s, _ := r.Values[key].(string)
	return s
}

// Plan is a file, what its rows are, and which of its columns is which.
type Plan struct {
	File    *File
	Noun    Noun
	Mapping Mapping
	// Check says what else is wrong with records, up to checkMost at a time: one fault or nil for each, in order; fault.Inputs
	// names the columns by their keys. It may put what it found into a record's Values, and must not write. An error is not
	// about a row: it ends the reading. Nil checks nothing.
	Check func(ctx context.Context, rs []Record) ([]error, error)
}

// checkMost is how many records are checked together: enough for one question to the database to answer for all.
const checkMost = 2000

// Trouble is one thing that is wrong or odd about one row.
type Trouble struct {
	Row     int
	Column  string // the file's header; "" for the whole row
	Value   string // the cell as it was read
	Err     *fault.Error
	Refused bool // the row will not be loaded; otherwise it will
}

// Action says what happens to a row with this trouble.
func (t Trouble) Action(tr words.Translator) string {
	if t.Refused {
		return tr.T("This row is not loaded.")
	}
	return tr.T("The row is loaded with this value.")
}

// Report counts what a rehearsal or a load found.
type Report struct {
	Read     int // rows that are not blank
	Fit      int // rows that can be loaded, or were
	Refused  int
	Odd      int       // rows that fit and have something odd
	Troubles []Trouble // the first reportMost
	More     int       // troubles beyond those
	Hash     string    // of the file that was read
}

// reportMost is how many troubles a report holds; all of them are in the file that WriteTroubles makes.
const reportMost = 500

// outcome is one row tried.
type outcome struct {
	row      Row
	record   Record
	troubles []Trouble
	refused  bool
}

// Rehearse tries every row and writes nothing. The error is about the file or the mapping; what is wrong with single rows
// is in the report.
func Rehearse(ctx context.Context, p Plan) (Report, error) {
	r := Report{Hash: p.File.Hash}
	for o, err := range p.try(ctx) {
		if err != nil {
			return Report{}, err
		}
		r.add(o)
	}
	if r.Read == 0 {
		return Report{}, fault.Invalidf("The file has a header and no rows below it.")
	}
	return r, nil
}

func (r *Report) add(o outcome) {
	r.Read++
	switch {
	case o.refused:
		r.Refused++
	default:
		r.Fit++
		if len(o.troubles) > 0 {
			r.Odd++
		}
	}
	room := min(len(o.troubles), reportMost-len(r.Troubles))
	r.Troubles = append(r.Troubles, o.troubles[:room]...)
	r.More += len(o.troubles) - room
}

// try runs every row through the columns' parsers, the uniqueness of the noun and the plan's check.
func (p Plan) try(ctx context.Context) iter.Seq2[outcome, error] {
	return func(yield func(outcome, error) bool) {
		if err := p.Mapping.Check(p.Noun, p.File.Headers); err != nil {
			yield(outcome{}, err)
			return
		}
		t := trier{plan: p, index: map[string]int{}, seen: map[[16]byte]int{}}
		for key, h := range p.Mapping {
			if i := slices.Index(p.File.Headers, h); i >= 0 {
				t.index[key] = i
			}
		}
		var batch []outcome
		for row, err := range p.File.Rows(ctx) {
			if err != nil {
				yield(outcome{}, err)
				return
			}
			o, err := t.one(row)
			if err != nil {
				yield(outcome{}, err)
				return
			}
			if batch = append(batch, o); len(batch) == checkMost {
				if !t.checked(ctx, batch, yield) {
					return
				}
				batch = batch[:0]
			}
		}
		t.checked(ctx, batch, yield)
	}
}

// checked runs the plan's check over those of batch that are not refused yet, and yields all of them.
func (t *trier) checked(ctx context.Context, batch []outcome, yield func(outcome, error) bool) bool {
	if t.plan.Check != nil {
		if err := t.check(ctx, batch); err != nil {
			yield(outcome{}, err)
			return false
		}
	}
	for _, o := range batch {
		if !yield(o, nil) {
			return false
		}
	}
	return true
}

func (t *trier) check(ctx context.Context, batch []outcome) error {
	var records []Record
	var at []int
	for i, o := range batch {
		if !o.refused {
			records, at = append(records, o.record), append(at, i)
		}
	}
	if len(records) == 0 {
		return nil
	}
	wrong, err := t.plan.Check(ctx, records)
	if err != nil {
		return err
	}
	for i, err := range wrong {
		o := &batch[at[i]]
		var in fault.Inputs
		if !errors.As(err, &in) {
			if err := t.refuse(o, "", "", err); err != nil {
				return err
			}
		}
		for _, x := range in {
			if err := t.refuse(o, x.Name, "", x.Err); err != nil {
				return err
			}
		}
	}
	return nil
}

// trier tries rows and remembers which unique values it has seen.
type trier struct {
	plan  Plan
	index map[string]int // column key → index in the row
	seen  map[[16]byte]int
}

func (t *trier) one(row Row) (outcome, error) {
	row.Cells = slices.Clone(row.Cells)
	o := outcome{row: row, record: Record{Row: row.Number, Values: map[string]any{}}}
	if row.Err != nil {
		if err := t.refuse(&o, "", "", row.Err); err != nil {
			return o, err
		}
		return o, nil
	}
	t.notes(&o)
	for _, c := range t.plan.Noun.Columns {
		if err := t.value(&o, c); err != nil {
			return o, err
		}
	}
	if o.refused {
		return o, nil
	}
	t.unique(&o)
	return o, nil
}

// notes takes over what the reading found odd, of the columns that are used.
func (t *trier) notes(o *outcome) {
	for _, n := range o.row.Notes {
		if n.Column >= len(t.plan.File.Headers) || !slices.Contains(slices.Collect(maps.Values(t.index)), n.Column) {
			continue
		}
		o.troubles = append(o.troubles, Trouble{Row: o.row.Number, Column: t.plan.File.Headers[n.Column], Value: n.Value, Err: n.Err, Refused: n.Fatal})
		o.refused = o.refused || n.Fatal
	}
}

// value parses one cell into the record.
func (t *trier) value(o *outcome, c Column) error {
	i, ok := t.index[c.Key]
	cell := ""
	if ok {
		cell = o.row.Cells[i]
	}
	if cell == "" {
		if c.Required && !o.refused {
			return t.refuse(o, c.Key, "", fault.Invalidf("The cell is empty. Every row needs it."))
		}
		return nil
	}
	if c.Parse == nil {
		o.record.Values[c.Key] = cell
		return nil
	}
	v, err := c.Parse(cell)
	if err != nil {
		return t.refuse(o, c.Key, cell, err)
	}
	o.record.Values[c.Key] = v
	return nil
}

// unique refuses a row whose unique columns an earlier row had.
func (t *trier) unique(o *outcome) {
	if len(t.plan.Noun.Unique) == 0 {
		return
	}
	h := sha256.New()
	some := false
	for _, key := range t.plan.Noun.Unique {
		v := o.record.Values[key]
		some = some || v != nil
		_, _ = io.WriteString(h, valueText(v)+"\x00") // a hash takes everything
	}
	if !some {
		return
	}
	id := [16]byte(h.Sum(nil))
	if first, twice := t.seen[id]; twice {
		key := t.plan.Noun.Unique[0]
		_ = t.refuse(o, key, valueText(o.record.Values[key]), fault.Invalidf("Row %d has the same. The first one counts.", first))
		return
	}
	t.seen[id] = o.row.Number
}

// refuse notes why a row cannot be loaded. An error that is no fault is not about the row: it is returned and ends the
// reading.
func (t *trier) refuse(o *outcome, key, cell string, err error) error {
	if err == nil {
		return nil
	}
	f := fault.As(err)
	if f == nil {
		return err
	}
	header := t.plan.Mapping[key]
	if i, ok := t.index[key]; ok && cell == "" && i < len(o.row.Cells) {
		cell = o.row.Cells[i]
	}
	o.troubles = append(o.troubles, Trouble{Row: o.row.Number, Column: header, Value: cell, Err: f, Refused: true})
	o.refused = true
	return nil
}

// WriteTroubles writes every trouble of the plan as CSV for download: row, column, value, what is wrong, what happens.
func WriteTroubles(ctx context.Context, p Plan, w io.Writer, t words.Translator) error {
	out := NewCSV(w)
	if err := out.Row(t.T("Row"), t.T("Column"), t.T("Value"), t.T("What is wrong"), t.T("What happens")); err != nil {
		return err
	}
	for o, err := range p.try(ctx) {
		if err != nil {
			return err
		}
		for _, x := range o.troubles {
			if err := out.Row(int64(x.Row), x.Column, x.Value, t.T(x.Err.Format, x.Err.Args...), x.Action(t)); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

// WriteRefused writes the refused rows as CSV in the file's own columns and with the reason at the end, so that they can be
// mended and chosen again.
func WriteRefused(ctx context.Context, p Plan, w io.Writer, t words.Translator) error {
	out := NewCSV(w)
	line := make([]any, 0, len(p.File.Headers)+1)
	for _, h := range p.File.Headers {
		line = append(line, h)
	}
	if err := out.Row(append(line, t.T("Why it was not loaded"))...); err != nil {
		return err
	}
	for o, err := range p.try(ctx) {
		if err != nil {
			return err
		}
		if !o.refused {
			continue
		}
		line = line[:0]
		for _, c := range o.row.Cells[:min(len(o.row.Cells), len(p.File.Headers))] {
			line = append(line, c)
		}
		for len(line) < len(p.File.Headers) {
			line = append(line, "")
		}
		if err := out.Row(append(line, reasons(o.troubles, t))...); err != nil {
			return err
		}
	}
	return out.Close()
}

func reasons(all []Trouble, t words.Translator) string {
	s := ""
	for _, x := range all {
		if !x.Refused {
			continue
		}
		if s != "" {
			s += " "
		}
		if x.Column != "" {
			s += x.Column + ": "
		}
		s += t.T(x.Err.Format, x.Err.Args...)
	}
	return s
}
