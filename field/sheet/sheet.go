// Package sheet is how results come back on paper: the codes on printed walk lists and call sheets, read with a scanner, and rows filled in by hand.
//
// Whoever enters sees what each code says before anything is recorded. Then all of it is recorded at once, or nothing, and sending it a second time changes
// nothing.
package sheet

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// KindLook is the ledger kind of names that were shown because somebody scanned their codes.
const KindLook ledger.Kind = "field.sheet.look"

// Kinds describe it.
var Kinds = []ledger.KindDef{{Kind: KindLook, Sentence: "The names of people on a paper sheet were shown"}}

// Most is how many codes one sheet holds; then it is recorded and the next begins.
const Most = 500

// Sheet is what somebody has scanned so far.
type Sheet struct {
	ID      string         // random, made with the sheet: recording it twice is recording it once
	Channel person.Channel // walk lists are by door, call sheets by phone
	Day     time.Time      // when it happened; zero: now
	Grid    bool           // nobody scanned it: the codes stand for what was filled in by hand
	By      int64          // account of who walked or called; 0: whoever enters it. The ledger keeps who entered it beside
	Turf    int64          // that was walked, so that its board counts the visits; 0: none
	Codes   []string       // the digits, in the order in which they were scanned
}

// Past is what was last recorded about a person by a channel.
type Past struct {
	Person int64          `db:"person_id"`
	Result contact.Result `db:"result"`
	By     int64          `db:"account_id"`
	At     time.Time      `db:"tried_at"`
}

// Last returns what the actor's organisation last recorded about each of the people by a channel; who has nothing is missing.
func (s *Store) Last(ctx context.Context, a org.Actor, by person.Channel, people []int64) (map[int64]Past, error) {
	ctx = a.Within(ctx)
	if err := a.Must(contact.PermitSee); err != nil {
		return nil, err
	}
	all, err := attempts(ctx, s.c.DB, int64(a.Org()), by, people)
	last := make(map[int64]Past, len(all))
	for _, p := range all { // oldest first
		last[p.Person] = p
	}
	return last, err
}

// Line is what one code says.
type Line struct {
	Code     string
	Person   int64
	Name     string // "Rosa Elena Aguilar"
	Address  string
	Kind     export.ScanKind
	What     string         // the response or code; of a result its English name, to be translated
	Question codebook.ID    // of a response
	Asked    string         // the question's name
	Object   codebook.ID    // the response or code
	Result   contact.Result // of a result
	Number   string         // of a result that says something of a phone number: that number, ten digits; "" when it is not known
	Replaced bool           // a later code says otherwise
	Refused  *fault.Error   // why it is not recorded

	end string // of the number that was printed beside it
}

// Good reports whether the line will be recorded.
func (l Line) Good() bool { return l.Refused == nil && !l.Replaced }

// about names what a later code of the same person replaces: one result, one response to each question.
func (l Line) about() [3]int64 { return [3]int64{l.Person, int64(l.Kind), int64(l.Question)} }

// Config says on what a Store stands.
type Config struct {
	DB       *db.DB
	Codebook *codebook.Store
	Contacts *contact.Store
	Canvass  *canvass.Store   // who walked which turf; nil: sheets of turf are refused
	Now      func() time.Time // nil: time.Now
}

// Store reads and records sheets.
type Store struct{ c Config }

// New returns the store that c describes.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{c: c}
}

// may refuses whoever may not see names, or not record.
func may(a org.Actor) error {
	if err := a.Must(contact.PermitRecord); err != nil {
		return err
	}
	if err := a.Must(codebook.PermitRecord); err != nil {
		return err
	}
	return a.Must(person.PermitLook)
}

// Read says what each code of a sheet means. That the names of the people of fresh codes are shown is recorded.
func (s *Store) Read(ctx context.Context, a org.Actor, sh Sheet, fresh ...string) ([]Line, error) {
	ctx = a.Within(ctx)
	if err := may(a); err != nil {
		return nil, err
	}
	lines, err := s.read(ctx, s.c.DB, a, sh)
	if err != nil {
		return nil, err
	}
	var shown []int64
	for _, l := range lines {
		if l.Name != "" && slices.Contains(fresh, l.Code) && !slices.Contains(shown, l.Person) {
			shown = append(shown, l.Person)
		}
	}
	if len(shown) == 0 {
		return lines, nil
	}
	return lines, s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error { return looked(ctx, tx, a, shown) })
}

// Show records that the names of people were shown, to be written beside.
func (s *Store) Show(ctx context.Context, a org.Actor, people []int64) error {
	if err := may(a); err != nil || len(people) == 0 {
		return err
	}
	return s.c.DB.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error { return looked(ctx, tx, a, people) })
}

func looked(ctx context.Context, tx *db.Tx, a org.Actor, people []int64) error {
	_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindLook, Object: "field_person", Data: map[string]any{"people": people}})
	return err
}

func (s *Store) read(ctx context.Context, r db.Reader, a org.Actor, sh Sheet) ([]Line, error) {
	if len(sh.Codes) > Most {
		return nil, fault.Invalidf("A sheet holds at most %d codes. Record it, then begin the next.", Most)
	}
	lines := make([]Line, len(sh.Codes))
	var ids []int64
	for i, code := range sh.Codes {
		lines[i] = parse(code, sh.Channel)
		if lines[i].Refused == nil {
			ids = append(ids, lines[i].Person)
		}
	}
	files, err := voterfile.Visible(ctx, r, a, s.c.Now())
	if err != nil {
		return nil, err
	}
	people, err := peopleOf(ctx, r, files, ids)
	if err != nil {
		return nil, err
	}
	if err := s.name(ctx, r, a, lines); err != nil {
		return nil, err
	}
	if err := s.number(ctx, r, a, lines); err != nil {
		return nil, err
	}
	last := map[[3]int64]int{}
	for i := range lines {
		l := &lines[i]
		p, ok := people[l.Person]
		switch {
		case l.Refused != nil:
			continue
		case !ok:
			l.Refused = fault.NotFoundf("This person is not in a voter file that your organization may see, or the address is protected.")
			continue
		}
		l.Name, l.Address = p.name(), p.address()
		if l.Kind == export.ScanCode {
			continue
		}
		if before, ok := last[l.about()]; ok {
			lines[before].Replaced = true
		}
		last[l.about()] = i
	}
	return lines, nil
}

// parse reads the digits and, of a result, what it says.
func parse(code string, by person.Channel) Line {
	l := Line{Code: code}
	scan, err := export.ParseScan(code)
	if err != nil {
		l.Refused = fault.As(err)
		return l
	}
	l.Person, l.Kind, l.Object = scan.Person, scan.Kind, codebook.ID(scan.Object)
	if scan.Kind == export.ScanResponse || scan.Kind == export.ScanCode {
		return l
	}
	l.Kind = export.ScanResult
	l.end, _ = scan.NumberEnd()
	result, ok := scan.ResultOf()
	m, _ := contact.MeaningOf(result)
	switch {
	case !ok:
		l.Refused = fault.Invalidf("This code names a result that is not known here. Update the program, or enter it by hand.")
	case !slices.Contains(m.Channels, by) && by == person.ByCall:
		l.Refused = fault.Invalidf("This cannot be the result of a call. Is it a walk list?")
	case !slices.Contains(m.Channels, by):
		l.Refused = fault.Invalidf("This cannot be the result of a visit. Is it a call sheet?")
	}
	l.Result, l.What = result, m.Name
	return l
}

// number finds the phone numbers that results say something of: the one whose last digits are in the code, else the one that a call sheet would print.
func (s *Store) number(ctx context.Context, r db.Reader, a org.Actor, lines []Line) error {
	var ids []int64
	about := func(l Line) bool {
		m, _ := contact.MeaningOf(l.Result)
		return l.Refused == nil && m.BadNumber
	}
	for _, l := range lines {
		if about(l) {
			ids = append(ids, l.Person)
		}
	}
	known, err := numbersOf(ctx, r, int64(a.Org()), ids)
	if err != nil {
		return fmt.Errorf("reading phone numbers: %w", err)
	}
	for i := range lines {
		if !about(lines[i]) {
			continue
		}
		for _, n := range known[lines[i].Person] {
			if strings.HasSuffix(n.Number, lines[i].end) && (lines[i].end != "" || !n.Wrong) {
				lines[i].Number = n.Number
				break
			}
		}
	}
	return nil
}

// name finds the responses and codes that the lines name.
func (s *Store) name(ctx context.Context, r db.Reader, a org.Actor, lines []Line) error {
	questions, err := s.c.Codebook.Known(ctx, r, a, codebook.Question)
	if err != nil {
		return err
	}
	codes, err := s.c.Codebook.Known(ctx, r, a, codebook.Code)
	if err != nil {
		return err
	}
	for i := range lines {
		l := &lines[i]
		if l.Refused != nil || l.Kind == export.ScanResult {
			continue
		}
		var d codebook.Definition
		if l.Kind == export.ScanCode {
			d = definition(codes, func(d codebook.Definition) bool { return d.ID == l.Object })
			l.What = d.Name
		} else {
			d = definition(questions, func(d codebook.Definition) bool { return part(d, l.Object).ID != 0 })
			l.Question, l.Asked, l.What = d.ID, d.Name, part(d, l.Object).Name
		}
		switch {
		case d.ID == 0:
			l.Refused = fault.NotFoundf("What this code records is gone, or no longer shared with your organization.")
		case d.Status != codebook.Active:
			l.Refused = fault.Conflictf("%q is not in use any more. Its organization can make it active again.", d.Name)
		}
	}
	return nil
}

func definition(all []codebook.Definition, is func(codebook.Definition) bool) codebook.Definition {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return codebook.Definition{}
}

func part(d codebook.Definition, id codebook.ID) codebook.Part {
	if i := slices.IndexFunc(d.Parts, func(p codebook.Part) bool { return p.ID == id }); i >= 0 {
		return d.Parts[i]
	}
	return codebook.Part{}
}

// name is how the person is called.
func (p personRow) name() string {
	return strings.TrimSpace(strings.TrimSpace(person.Proper(p.First)+" "+person.Proper(p.Last)) + " " + person.Proper(p.Suffix))
}

func (p personRow) address() string {
	return person.ProperAddress(strings.Join(strings.Fields(p.House+" "+p.Street+" "+p.Unit), " "))
}
