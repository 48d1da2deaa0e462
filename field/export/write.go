package export

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Write writes the file of an export that the actor asked for and may take, and records what left.
func (s *Store) Write(ctx context.Context, a org.Actor, id ID, w io.Writer) (exchange.Receipt, error) {
	e, err := s.Export(ctx, a, id)
	if err != nil {
		return exchange.Receipt{}, err
	}
	switch {
	case !e.Own:
		return exchange.Receipt{}, fault.Deniedf("Only the person who asked for an export takes it.")
	case e.State == Waiting:
		return exchange.Receipt{}, fault.Deniedf("This export waits for another person's approval.")
	case e.State == Refused, e.State == Ended:
		return exchange.Receipt{}, fault.Conflictf("This export can no longer be taken. Ask for it again.")
	}
	c, err := s.lists.Check(ctx, a, e.Ask)
	if err != nil {
		return exchange.Receipt{}, err
	}
	ctx = a.Within(ctx)
	rows, people, _, err := s.lists.Each(ctx, c, e.Order)
	if err != nil {
		return exchange.Receipt{}, err
	}
	limit, err := s.limitOf(ctx, a)
	if err != nil {
		return exchange.Receipt{}, err
	}
	if people > max(limit, e.People) {
		return exchange.Receipt{}, fault.Conflictf("There are %s people now; %s were approved. Ask for the export again.", number(people), number(e.People))
	}
	leaving := exchange.Leaving{Noun: id.Object(), Permit: PermitMake, Purpose: e.Purpose, Filter: e.Sentence, Name: s.FileName(e), Kind: string(e.Form)}
	t := s.words.In(e.Lang)
	var r exchange.Receipt
	if e.Form.Table() {
		r, err = s.writeTable(ctx, a, e, c, t, leaving, w, rows)
	} else {
		r, err = exchange.Leave(ctx, s.db, a, leaving, w, func(w io.Writer) (int64, error) { return s.writePaper(ctx, a, e, c, t, w, rows) })
	}
	if err != nil {
		return r, err
	}
	return r, s.db.Transact(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		return finishExport(ctx, tx, id, r.Rows, r.SHA256, s.now())
	})
}

// FileName is what the file of an export is called, without its ending.
func (s *Store) FileName(e Export) string {
	name := e.Sheet.Title
	if name == "" {
		name = s.words.In(e.Lang).T("Export %s", itoa(int64(e.ID)))
	}
	return name
}

// writeTable writes CSV or XLSX.
func (s *Store) writeTable(ctx context.Context, a org.Actor, e Export, c liststore.Checked, t words.Translator, l exchange.Leaving, w io.Writer,
	rows iter.Seq2[liststore.Row, error]) (exchange.Receipt, error) {
	all, err := s.Columns(ctx, a, e.File)
	if err != nil {
		return exchange.Receipt{}, err
	}
	columns, needs, err := chosen(all, e.Columns)
	if err != nil {
		return exchange.Receipt{}, err
	}
	if e.Form == XLSX {
		l.Format = exchange.XLSX
	}
	for _, col := range columns {
		l.Headers = append(l.Headers, col.Label(t))
	}
	cells := make([]any, len(columns))
	return exchange.Export(ctx, s.db, a, l, w, func(yield func([]any, error) bool) {
		for r, err := range s.records(ctx, c, rows, needs) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, col := range columns {
				cells[i] = col.of(r)
			}
			if !yield(cells, nil) {
				return
			}
		}
	})
}

// chosen returns the columns with keys, in their order. One that is gone or withheld since the export was asked for is refused.
func chosen(all []Column, keys []string) (columns []Column, needs need, err error) {
	for _, key := range keys {
		i := slices.IndexFunc(all, func(c Column) bool { return c.Key == key })
		if i < 0 {
			return nil, 0, fault.Conflictf("The column “%s” of this export is no longer there for you. Ask for it again.", key)
		}
		columns = append(columns, all[i])
		needs |= all[i].needs
	}
	return columns, needs, nil
}

// writePaper writes a PDF.
func (s *Store) writePaper(ctx context.Context, a org.Actor, e Export, c liststore.Checked, t words.Translator, w io.Writer,
	rows iter.Seq2[liststore.Row, error]) (int64, error) {
	needs := need(0)
	if e.Form == Calls {
		needs = needPhones
	}
	people := s.records(ctx, c, rows, needs)
	asked := answersOf(t, e, c.Catalog)
	file := func(w io.Writer, people iter.Seq2[*record, error]) (int64, error) {
		p := newPaper(t, e, s.now(), c.Catalog.Today)
		p.demographic, p.exactAge = a.May(person.PermitDemographic), a.May(person.PermitBirth)
		return p.write(w, people, asked)
	}
	if e.Files() == 1 {
		return file(w, people)
	}
	return archive(w, s.FileName(e), s.now(), parts(people, paperFile), file)
}

// write prints people and writes the PDF.
func (p *paper) write(w io.Writer, people iter.Seq2[*record, error], asked []answers) (n int64, err error) {
	if p.e.Form == Labels {
		n, err = p.labels(people, p.e.Sheet.Household)
	} else {
		n, err = p.sheets(people, asked)
	}
	if err != nil {
		return n, err
	}
	if err := p.out(w); err != nil {
		return n, fmt.Errorf("writing a PDF: %w", err)
	}
	return n, nil
}
