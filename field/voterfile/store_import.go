package voterfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// importRow is a row of field_voterfile_import.
type importRow struct {
	Import
	FilesText   string `db:"files"`
	ReasonText  string `db:"message"`
	ReportText  string `db:"report"`
	Base        int64  `db:"base_id"`
	Cursor      string `db:"cursor"`
	FirstPerson int64  `db:"first_person_id"`
	NextPerson  int64  `db:"next_person_id"`
}

const importColumns = `id, voterfile_id, state, file_date, stage, done, total, message, account_id, created_at, changed_at,
	files, report, base_id, cursor, first_person_id, next_person_id, forgotten_at`

func (i importRow) received() (files []Received, err error) {
	if err := json.Unmarshal([]byte(i.FilesText), &files); err != nil {
		return nil, fmt.Errorf("reading the files of import %d: %w", i.ID, err)
	}
	return files, nil
}

func (i importRow) report() (r Report, err error) {
	if err := json.Unmarshal([]byte(i.ReportText), &r); err != nil {
		return r, fmt.Errorf("reading the report of import %d: %w", i.ID, err)
	}
	return r, nil
}

func (s *Store) insertImport(ctx context.Context, tx *db.Tx, a org.Actor, file FileID, files []Received, made layout.Date) (ImportID, error) {
	text, err := json.Marshal(files)
	if err != nil {
		return 0, err
	}
	return db.One[ImportID](ctx, tx, `INSERT INTO field_voterfile_import (voterfile_id, state, files, file_date, account_id, created_at, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, file, StateReceived, string(text), int64(made), int64(a.Account()), s.now(), s.now())
}

// mine returns an import and its file, when the actor's organisation owns it and the actor may import.
func (s *Store) mine(ctx context.Context, a org.Actor, id ImportID) (importRow, File, error) {
	if err := a.Must(PermitImport); err != nil {
		return importRow{}, File{}, err
	}
	imp, file, err := s.seen(ctx, a, id)
	if err == nil && !imp.Gone.IsZero() {
		err = fault.Conflictf("The files of import %d were deleted, because it was not loaded for a long time or newer ones were. Give the files again.", id)
	}
	return imp, file, err
}

func (s *Store) seen(ctx context.Context, a org.Actor, id ImportID) (importRow, File, error) {
	imp, err := db.One[importRow](ctx, s.DB, `SELECT `+importColumns+` FROM field_voterfile_import WHERE id = ?`, id)
	if errors.Is(err, db.ErrNone) {
		return imp, File{}, fault.NotFoundf("There is no import %d here.", id)
	}
	if err != nil {
		return imp, File{}, err
	}
	file, err := s.file(ctx, a, imp.File)
	if fault.KindOf(err) == fault.NotFound {
		return importRow{}, File{}, fault.NotFoundf("There is no import %d here.", id)
	}
	return imp, file, err
}

// Status returns an import with its files and report.
func (s *Store) Status(ctx context.Context, a org.Actor, id ImportID) (Import, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return Import{}, err
	}
	row, _, err := s.seen(ctx, a, id)
	if err != nil {
		return Import{}, err
	}
	return row.whole()
}

func (i importRow) whole() (Import, error) {
	var err error
	if i.Files, err = i.received(); err != nil {
		return Import{}, err
	}
	if i.ReasonText != "" {
		if err := json.Unmarshal([]byte(i.ReasonText), &i.Reason); err != nil {
			return Import{}, fmt.Errorf("reading why import %d was refused: %w", i.ID, err)
		}
		i.Message = i.Reason.String()
	}
	i.Report, err = i.report()
	return i.Import, err
}

// Imports returns the imports of a voter file, the newest first.
func (s *Store) Imports(ctx context.Context, a org.Actor, id FileID) ([]Import, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	if _, err := s.file(ctx, a, id); err != nil {
		return nil, err
	}
	var all []Import
	for row, err := range db.Each[importRow](ctx, s.DB, `SELECT `+importColumns+` FROM field_voterfile_import WHERE voterfile_id = ? ORDER BY id DESC`, id) {
		if err != nil {
			return nil, err
		}
		one, err := row.whole()
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// loadedImport is the import that a file's people come from.
type loadedImport struct {
	ID      int64
	Columns []Columns
}

func (s *Store) lastLoaded(ctx context.Context, file FileID) (loadedImport, error) {
	row, err := db.One[importRow](ctx, s.DB, `SELECT `+importColumns+` FROM field_voterfile_import WHERE voterfile_id = ? AND state = 'loaded' ORDER BY id DESC`, file)
	if errors.Is(err, db.ErrNone) {
		return loadedImport{}, nil
	}
	if err != nil {
		return loadedImport{}, err
	}
	r, err := row.report()
	return loadedImport{ID: int64(row.ID), Columns: r.Columns}, err
}

func (s *Store) lastLoadedIn(ctx context.Context, tx *db.Tx, file FileID) (int64, error) {
	return db.One[int64](ctx, tx, `SELECT MAX(id) FROM field_voterfile_import WHERE voterfile_id = ? AND state = 'loaded'`, file)
}

// saveReport keeps what a rehearsal found.
func (s *Store) saveReport(ctx context.Context, tx *db.Tx, r *run, base int64, report Report, refusals []Refusal) error {
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	n, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET state = 'rehearsed', base_id = ?, report = ?, message = '', changed_at = ? WHERE id = ? AND run_token = ?`,
		base, string(text), s.now(), r.id, r.token)
	if err != nil {
		return err
	}
	if n == 0 {
		return errTaken()
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM field_voterfile_county WHERE import_id = ?`, r.id); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM field_voterfile_refusal WHERE import_id = ?`, r.id); err != nil {
		return err
	}
	_, err = db.Bulk(ctx, tx, "field_voterfile_county", []string{"import_id", "county", "before_people", "read_people", "new_people", "changed_people",
		"moved_people", "party_people", "dropped_people", "returned_people"}, func(yield func([]any) bool) {
		for _, c := range report.Counties {
			if !yield([]any{int64(r.id), c.Code, c.Before, c.Read, c.New, c.Changed, c.Moved, c.Party, c.Dropped, c.Returned}) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	_, err = db.Bulk(ctx, tx, "field_voterfile_refusal", []string{"import_id", "number", "file", "line", "column_name", "value", "why", "args", "refused"},
		func(yield func([]any) bool) {
			for i, x := range refusals {
				args, _ := json.Marshal(x.Why.Args) // texts and numbers
				if !yield([]any{int64(r.id), int64(i + 1), x.File, x.Line, x.Column, x.Value, x.Why.Format, string(args), x.Refused}) {
					return
				}
			}
		})
	return err
}

// saveRefused keeps why the files of an import were refused.
func (s *Store) saveRefused(ctx context.Context, r *run, why Reason) error {
	text, err := json.Marshal(why)
	if err != nil {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET state = 'refused', message = ?, changed_at = ? WHERE id = ? AND run_token = ?`,
			string(text), s.now(), r.id, r.token)
		return err
	})
}

type refusalRow struct {
	Number  int64  `db:"number"`
	File    string `db:"file"`
	Line    int64  `db:"line"`
	Column  string `db:"column_name"`
	Value   string `db:"value"`
	Format  string `db:"why"`
	Args    string `db:"args"`
	Refused bool   `db:"refused"`
}

// RefusalList returns what was left out of an import, in the order of files and lines, beginning after number after, at most limit.
// The report's counts say how many there are in all: only the first 10,000 are kept.
func (s *Store) RefusalList(ctx context.Context, a org.Actor, id ImportID, after, limit int) ([]Refusal, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitImport); err != nil {
		return nil, err
	}
	if _, _, err := s.seen(ctx, a, id); err != nil {
		return nil, err
	}
	var all []Refusal
	for row, err := range db.Each[refusalRow](ctx, s.DB, `SELECT number, file, line, column_name, value, why, args, refused FROM field_voterfile_refusal
		WHERE import_id = ? AND number > ? ORDER BY number LIMIT ?`, id, after, limit) {
		if err != nil {
			return nil, err
		}
		x := Refusal{File: row.File, Line: row.Line, Column: row.Column, Value: row.Value, Refused: row.Refused, Why: Sentence{Format: row.Format}}
		if err := json.Unmarshal([]byte(row.Args), &x.Why.Args); err != nil {
			return nil, fmt.Errorf("reading the refusals of import %d: %w", id, err)
		}
		all = append(all, x)
	}
	return all, nil
}

// Refusals writes what was left out of an import as CSV for a spreadsheet: no cell can be taken for a formula.
func (s *Store) Refusals(ctx context.Context, a org.Actor, id ImportID, w io.Writer) error {
	all, err := s.RefusalList(ctx, a, id, 0, keptRefusals)
	if err != nil {
		return err
	}
	var b strings.Builder
	row := func(cells ...string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('"')
			b.WriteString(strings.ReplaceAll(exchange.Armed(c), `"`, `""`))
			b.WriteByte('"')
		}
		b.WriteString("\r\n")
	}
	row("file", "line", "column", "value", "left out", "reason")
	for _, x := range all {
		what := "cell"
		if x.Refused {
			what = "row"
		}
		row(x.File, fmt.Sprint(x.Line), x.Column, x.Value, what, x.Why.String())
	}
	_, err = io.WriteString(w, b.String())
	return err
}
