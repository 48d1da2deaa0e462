package sheet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Record records the good lines of a sheet, all or none, and returns how many there were. Whoever answered something and has no result was reached.
func (s *Store) Record(ctx context.Context, a org.Actor, sh Sheet) (int, error) {
	ctx = a.Within(ctx)
	if err := may(a); err != nil {
		return 0, err
	}
	if len(sh.ID) < 16 || len(sh.ID) > 64 {
		return 0, fault.Invalidf("The form could not be read. Go back and send it again.")
	}
	if err := s.walked(ctx, a, sh); err != nil {
		return 0, err
	}
	n := 0
	err := s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		lines, err := s.read(ctx, tx, a, sh)
		if err != nil {
			return err
		}
		lines = slices.DeleteFunc(lines, func(l Line) bool { return !l.Good() })
		if n = len(lines); n == 0 {
			return fault.Invalidf("Nothing here can be recorded yet. Scan a code first.")
		}
		at, err := s.when(sh.Day)
		if err != nil {
			return err
		}
		return s.write(ctx, tx, a, sh, at, lines)
	})
	return n, err
}

// walked refuses who did not walk for the organisation, and turf that the actor does not see.
func (s *Store) walked(ctx context.Context, a org.Actor, sh Sheet) error {
	if sh.By == 0 && sh.Turf == 0 {
		return nil
	}
	if s.c.Canvass == nil {
		return errNoWalker()
	}
	w, err := s.c.Canvass.Walkers(ctx, a, sh.Turf)
	if err != nil {
		return err
	}
	if sh.By != 0 && sh.By != int64(a.Account()) && !w.Has(sh.By) {
		return errNoWalker()
	}
	return nil
}

func errNoWalker() error {
	return fault.Inputs{{Name: "who", Err: fault.Invalidf("Choose somebody of your organization.")}}
}

// when is the time that is kept with a day: noon, or now when it is today.
func (s *Store) when(day time.Time) (time.Time, error) {
	now := s.c.Now()
	if day.IsZero() || day.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return now, nil
	}
	if day.After(now) {
		return now, fault.Inputs{{Name: "day", Err: fault.Invalidf("This day is in the future. Say when people were visited.")}}
	}
	if day.Before(now.AddDate(-2, 0, 0)) {
		return now, fault.Inputs{{Name: "day", Err: fault.Invalidf("This day is more than two years ago. Say when people were visited.")}}
	}
	return day.Add(12 * time.Hour), nil
}

// write records lines under ids made of the sheet and the person, so that the same sheet sent again finds them there.
func (s *Store) write(ctx context.Context, tx *db.Tx, a org.Actor, sh Sheet, at time.Time, lines []Line) error {
	source := contact.FromScan
	if sh.Grid {
		source = contact.FromPaper
	}
	by := sh.By
	if by == int64(a.Account()) {
		by = 0
	}
	batch := codebook.Batch{Source: source, By: by}
	var attempts []contact.Attempt
	tried := map[int64]bool{}
	try := func(person int64, r contact.Result, number string) {
		tried[person] = true
		attempts = append(attempts, contact.Attempt{ID: fmt.Sprintf("%s-%d", sh.ID, person), Person: person, Channel: sh.Channel, Result: r, Number: number, At: at, By: by})
	}
	for _, l := range lines {
		if l.Kind == export.ScanResult {
			try(l.Person, l.Result, l.Number)
		}
	}
	answers, marks := map[codebook.ID][]codebook.Answer{}, map[codebook.ID][]int64{}
	for _, l := range lines {
		switch l.Kind {
		case export.ScanResponse:
			answers[l.Question] = append(answers[l.Question], codebook.Answer{ID: fmt.Sprintf("%s-%d-%d", sh.ID, l.Question, l.Person), Person: l.Person, Response: l.Object, At: at})
		case export.ScanCode:
			marks[l.Object] = append(marks[l.Object], l.Person)
		default:
			continue
		}
		if !tried[l.Person] {
			try(l.Person, contact.Reached, "")
		}
	}
	for _, q := range sorted(answers) {
		if err := s.c.Codebook.Answers(ctx, tx, a, q, answers[q], batch); err != nil {
			return fmt.Errorf("recording a sheet: %w", err)
		}
	}
	for _, c := range sorted(marks) {
		if _, err := s.c.Codebook.Mark(ctx, tx, a, codebook.Code, c, marks[c], true, batch); err != nil {
			return fmt.Errorf("recording a sheet: %w", err)
		}
	}
	if sh.Turf != 0 {
		if err := s.c.Canvass.Walked(ctx, tx, a, canvass.OnPaper{Turf: sh.Turf, By: cmp.Or(by, int64(a.Account())), Tried: attempts, Answered: answers}); err != nil {
			return fmt.Errorf("counting a sheet of turf: %w", err)
		}
	}
	if err := s.c.Contacts.Record(ctx, tx, a, source, "", attempts); err != nil {
		return fmt.Errorf("recording a sheet: %w", err)
	}
	return nil
}

func sorted[T any](m map[codebook.ID]T) []codebook.ID {
	var ids []codebook.ID
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
