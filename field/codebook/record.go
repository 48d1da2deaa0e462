package codebook

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Batch is what one file or one click records: everything in it is written under one ledger entry, or nothing.
type Batch struct {
	Source string // hand, file, door, phone, text
	Note   string // what a later reader of the ledger should know: the file's name
	By     int64  // account of who learned it; 0: the actor, who otherwise only wrote it down
}

// by is whose record it is.
func (b Batch) by(a org.Actor) int64 { return cmp.Or(b.By, int64(a.Account())) }

// Mark gives people a code or tag, or takes it from them. It returns how many rows that changed: marking twice is harmless.
func (s *Store) Mark(ctx context.Context, tx *db.Tx, a org.Actor, k Kind, id ID, people []int64, on bool, b Batch) (int64, error) {
	d, err := s.usable(ctx, tx, a, k, id, on)
	if err != nil {
		return 0, err
	}
	if k != Code && k != Tag {
		return 0, fault.Invalidf("Only activist codes and tags are given to people this way.")
	}
	if err := voterfile.MustShow(ctx, tx, a, s.now(), people); err != nil {
		return 0, err
	}
	var n int64
	kind := KindMark
	if on {
		n, err = putMarks(ctx, tx, k, id, int64(a.Org()), b.by(a), s.now(), people)
	} else {
		kind = KindUnmark
		n, err = dropMarks(ctx, tx, k, id, int64(a.Org()), people)
	}
	if err != nil {
		return n, fmt.Errorf("marking people with %s: %w", k.Object(id), err)
	}
	return n, s.recorded(ctx, tx, a, kind, d, b, what(k), people, nil)
}

// Answer is what one person answered.
type Answer struct {
	ID       string // made by whoever took the answer; "" makes one here. Sending it again changes nothing
	Person   int64
	Response ID
	At       time.Time // zero: now
}

// Answers records what people answered to one question. The latest answer of each is theirs; earlier ones are kept.
func (s *Store) Answers(ctx context.Context, tx *db.Tx, a org.Actor, question ID, answers []Answer, b Batch) error {
	d, err := s.usable(ctx, tx, a, Question, question, true)
	if err != nil {
		return err
	}
	people := make([]int64, len(answers))
	now := s.now()
	for i := range answers {
		x := &answers[i]
		people[i] = x.Person
		if !slices.ContainsFunc(d.Parts, func(p Part) bool { return p.ID == x.Response }) {
			return errNoResponse(d)
		}
		if x.ID == "" {
			x.ID = rand.Text()
		}
		if x.At.IsZero() {
			x.At = now
		}
		if x.At.After(now.Add(24 * time.Hour)) {
			return fault.Invalidf("This answer is dated in the future. Check the clock of the device, or the file.")
		}
	}
	if err := voterfile.MustShow(ctx, tx, a, s.now(), people); err != nil {
		return err
	}
	if err := putAnswers(ctx, tx, question, int64(a.Org()), b.by(a), b.Source, answers); err != nil {
		return fmt.Errorf("recording answers to %s: %w", Question.Object(question), err)
	}
	return s.recorded(ctx, tx, a, KindAnswer, d, b, change.Answer, people, nil)
}

func errNoResponse(d Definition) *fault.Error {
	return fault.Invalidf("This is not a response of the question %q. Choose one of its responses.", d.Name)
}

// Filling is what a custom field of one person holds: Text for text and choice, Number for number and date.
type Filling struct {
	Person int64
	Text   string
	Number int64
	Clear  bool // the field is empty again
}

// Fill fills a custom field of people.
func (s *Store) Fill(ctx context.Context, tx *db.Tx, a org.Actor, field ID, fillings []Filling, b Batch) error {
	d, err := s.usable(ctx, tx, a, Custom, field, true)
	if err != nil {
		return err
	}
	people := make([]int64, len(fillings))
	for i := range fillings {
		f := &fillings[i]
		people[i] = f.Person
		if err := d.fits(f); err != nil {
			return err
		}
	}
	if err := voterfile.MustShow(ctx, tx, a, s.now(), people); err != nil {
		return err
	}
	if err := putFillings(ctx, tx, field, int64(a.Org()), int64(a.Account()), s.now(), fillings); err != nil {
		return fmt.Errorf("filling %s: %w", Custom.Object(field), err)
	}
	return s.recorded(ctx, tx, a, KindCustom, d, b, change.Custom, people, nil)
}

// fits refuses what a custom field cannot hold.
func (d Definition) fits(f *Filling) error {
	if f.Clear {
		return nil
	}
	switch d.Type {
	case Text:
		if f.Text = tidy(f.Text); f.Text == "" || utf8.RuneCountInString(f.Text) > longestName {
			return fault.Invalidf("The field %q holds 1 to %d letters.", d.Name, longestName)
		}
	case Choice:
		if !slices.Contains(d.Choices, f.Text) {
			return fault.Invalidf("%q is not a choice of the field %q.", f.Text, d.Name)
		}
	case Date:
		y, m, day := int(f.Number/10000), time.Month(f.Number/100%100), int(f.Number%100)
		if t := time.Date(y, m, day, 0, 0, 0, 0, time.UTC); t.Year() != y || t.Month() != m || t.Day() != day {
			return fault.Invalidf("The field %q holds a date.", d.Name)
		}
	}
	return nil
}

// SignupWord says where a person stands with an event, in the reader's language.
func SignupWord(t words.Translator, status string) string {
	switch status {
	case "invited":
		return t.T("invited")
	case "signed_up":
		return t.T("signed up")
	case "confirmed":
		return t.T("confirmed")
	case "declined":
		return t.T("declined")
	case "cancelled":
		return t.T("cancelled")
	case "came":
		return t.T("came")
	case "no_show":
		return t.T("did not come")
	}
	return t.T("walked in")
}

// SignupStatuses returns where a person may stand with an event, in the order to show them.
func SignupStatuses() []string {
	return []string{"invited", "signed_up", "confirmed", "declined", "cancelled", "came", "no_show", "walk_in"}
}

// SignUp records where people stand with an event.
func (s *Store) SignUp(ctx context.Context, tx *db.Tx, a org.Actor, event ID, status string, people []int64, b Batch) error {
	d, err := s.usable(ctx, tx, a, Event, event, true)
	if err != nil {
		return err
	}
	if !slices.Contains(SignupStatuses(), status) {
		return fault.Invalidf("%q is not a status of a sign-up. Use one of: %s.", status, "invited, signed_up, confirmed, declined, cancelled, came, no_show, walk_in")
	}
	if err := voterfile.MustShow(ctx, tx, a, s.now(), people); err != nil {
		return err
	}
	if err := putSignups(ctx, tx, event, int64(a.Org()), status, s.now(), people); err != nil {
		return fmt.Errorf("recording sign-ups for %s: %w", Event.Object(event), err)
	}
	return s.recorded(ctx, tx, a, KindSignup, d, b, change.Signup, people, map[string]any{"status": status})
}

// Aim puts people into one group of a vote target of the actor's own organisation.
func (s *Store) Aim(ctx context.Context, tx *db.Tx, a org.Actor, target, group ID, people []int64, b Batch) error {
	d, err := s.own(ctx, tx, a, Target, target)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(d.Parts, func(p Part) bool { return p.ID == group }) {
		return fault.Invalidf("This is not a group of the target %q.", d.Name)
	}
	if err := voterfile.MustShow(ctx, tx, a, s.now(), people); err != nil {
		return err
	}
	if err := putTargets(ctx, tx, target, group, people); err != nil {
		return fmt.Errorf("filling %s: %w", Target.Object(target), err)
	}
	return s.recorded(ctx, tx, a, KindTarget, d, b, change.Target, people, map[string]any{"group": int64(group)})
}

// usable returns a definition with which the actor may record.
func (s *Store) usable(ctx context.Context, tx *db.Tx, a org.Actor, k Kind, id ID, fresh bool) (Definition, error) {
	if err := a.Must(PermitRecord); err != nil {
		return Definition{}, err
	}
	d, err := one(ctx, tx, k, int64(a.Org()), id)
	if err != nil {
		return Definition{}, err
	}
	if fresh && d.Status != Active {
		return Definition{}, fault.Conflictf("%q is not in use any more. Its organization can make it active again.", d.Name)
	}
	return d, nil
}

// own returns a definition that belongs to the actor's organisation.
func (s *Store) own(ctx context.Context, r db.Reader, a org.Actor, k Kind, id ID) (Definition, error) {
	if err := a.Must(PermitRecord); err != nil {
		return Definition{}, err
	}
	d, err := one(ctx, r, k, int64(a.Org()), id)
	if err != nil {
		return Definition{}, err
	}
	if d.Org != int64(a.Org()) {
		return Definition{}, fault.Deniedf("This belongs to %s, who share it with you. Only they can change it.", d.OrgName)
	}
	return d, nil
}

// recorded writes the ledger entry and the changes of one batch.
func (s *Store) recorded(ctx context.Context, tx *db.Tx, a org.Actor, kind ledger.Kind, d Definition, b Batch, w change.What, people []int64, more map[string]any) error {
	data := map[string]any{"people": len(people), "source": b.Source, "name": d.Name}
	for k, v := range more {
		data[k] = v
	}
	if b.Note != "" {
		data["note"] = b.Note
	}
	if b.By != 0 {
		data["by"] = b.By // the entry's own account is who wrote it down
	}
	e := ledger.Entry{Kind: kind, Object: d.Kind.Object(d.ID), Data: data}
	if len(people) == 1 {
		data["person"] = people[0]
	}
	n, err := ledger.Append(ctx, tx, a.Who(), e)
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Of(w, int64(a.Org()), int64(d.ID), people)...)
}

func what(k Kind) change.What {
	if k == Tag {
		return change.Tag
	}
	return change.Code
}
