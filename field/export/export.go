// Package export takes people of a list out of the site: as a table, as mailing labels, as call sheets and as walk lists.
//
// An export is asked for with a purpose. Up to a number of people that the organisation sets for each role it can be taken at once; above it another
// person approves first. A file is written while it is taken and kept nowhere here; what left, why, and the hash of its bytes is in the ledger.
// Voters with a protected address are in none, and people who do not wish to be contacted in the way that the file is for are taken out.
package export

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Config is what a Store stands on. All but Now is needed.
type Config struct {
	DB       *db.DB
	Lists    *liststore.Store
	Orgs     *org.Orgs
	Accounts *account.Accounts
	Words    *words.Catalog
	Outbox   *outbox.Outbox   // nil: nobody is written to
	Origin   string           // of the site, for links in messages
	Now      func() time.Time // nil: time.Now
}

// Store makes exports.
type Store struct {
	db       *db.DB
	lists    *liststore.Store
	orgs     *org.Orgs
	accounts *account.Accounts
	words    *words.Catalog
	outbox   *outbox.Outbox
	origin   string
	now      func() time.Time
}

// New returns the exports of a site.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{db: c.DB, lists: c.Lists, orgs: c.Orgs, accounts: c.Accounts, words: c.Words, outbox: c.Outbox, origin: c.Origin, now: c.Now}
}

// ID names one export.
type ID int64

// Form is what an export looks like.
type Form string

// The forms.
const (
	CSV    Form = "csv"
	XLSX   Form = "xlsx"
	Labels Form = "labels" // mailing labels, 30 on a sheet
	Calls  Form = "calls"  // call sheets
	Walk   Form = "walk"   // walk lists
)

// Forms returns all forms in the order to offer them.
func Forms() []Form { return []Form{CSV, XLSX, Walk, Calls, Labels} }

// ParseForm returns the form called s.
func ParseForm(s string) (Form, bool) { return Form(s), slices.Contains(Forms(), Form(s)) }

// Name returns what people call the form, in English, as a words key.
func (f Form) Name() string {
	switch f {
	case CSV:
		return "Table (CSV)"
	case XLSX:
		return "Spreadsheet (Excel)"
	case Labels:
		return "Mailing labels (PDF)"
	case Calls:
		return "Call sheets (PDF)"
	}
	return "Walk lists (PDF)"
}

// Table reports whether the form is a table whose columns one chooses.
func (f Form) Table() bool { return f == CSV || f == XLSX }

// Ending is the ending of the file's name. Printed forms of many people are several PDFs in one archive.
func (e Export) Ending() string {
	switch {
	case e.Form.Table():
		return string(e.Form)
	case e.Files() > 1:
		return "zip"
	}
	return "pdf"
}

// Files is how many files the people of a printed form fill, about; 1 for a table.
func (e Export) Files() int64 {
	if e.Form.Table() {
		return 1
	}
	return max(1, (e.People+paperFile-1)/paperFile)
}

// channel returns what a printed form is for, whatever was chosen.
func (f Form) channel(chosen liststore.Channel) liststore.Channel {
	switch f {
	case Labels:
		return person.ByMail
	case Calls:
		return person.ByCall
	case Walk:
		return person.ByDoor
	}
	return chosen
}

// State is where an export stands.
type State string

// The states.
const (
	Waiting  State = "waiting"  // for another person's yes
	Approved State = "approved" // by somebody, or because it is within the limit: it can be taken
	Refused  State = "refused"
	Done     State = "done"  // taken; for a day it can be taken again
	Ended    State = "ended" // its day is over
)

// takeTime is how long an approved export can be taken: people change, and so does what was approved.
const takeTime = 24 * time.Hour

// A PDF holds about paperFile people, 2,000 sheets: a day of printing, and what is in memory at a time. Printed forms of more people are several of them.
const (
	paperFile = 20_000
	paperMost = 20 * paperFile
)

// Sheet is what a printed form needs to know besides the people.
type Sheet struct {
	Title     string           `json:"title,omitempty"`
	Household bool             `json:"household,omitempty"` // labels: one for each household
	Scan      bool             `json:"scan,omitempty"`      // a code to scan beside every answer
	Results   []contact.Result `json:"results,omitempty"`
	Questions []int64          `json:"questions,omitempty"`
	Codes     []int64          `json:"codes,omitempty"`
}

// Request is an export as it is asked for.
type Request struct {
	liststore.Ask
	List    liststore.ListID // which it was asked from; 0 for none
	Form    Form
	Columns []string // of a table, by key
	Order   liststore.Order
	Sheet   Sheet
	Lang    words.Lang
	Purpose string
}

// shape is what the table keeps of a request as JSON.
type shape struct {
	Columns []string        `json:"columns,omitempty"`
	Order   liststore.Order `json:"order,omitempty"`
	Sheet   Sheet           `json:"sheet,omitzero"`
	Lang    words.Lang      `json:"lang"`
}

// Export is an export that was asked for.
type Export struct {
	ID ID
	Request
	Sentence  string // whom it holds, in the asker's language
	State     State
	People    int64 // counted when it was asked for
	Rows      int64 // that left
	SHA256    string
	By        int64
	ByName    string
	Asked     time.Time
	DecidedBy int64 // 0 when it was within the limit
	Decider   string
	Decided   time.Time
	Reason    string // why it was refused
	Taken     time.Time
	Own       bool // the actor asked for it
	MayDecide bool
}

// Offer is what an export would be, before it is asked for.
type Offer struct {
	liststore.Answer
	Sentence string
	Limit    int64 // of the actor's roles
}

// Within reports whether the export needs nobody's yes.
func (o Offer) Within() bool { return o.People <= o.Limit }

// Offer counts what r would hold.
func (s *Store) Offer(ctx context.Context, a org.Actor, r Request) (Offer, error) {
	if err := a.Must(PermitMake); err != nil {
		return Offer{}, err
	}
	r.Channel = r.Form.channel(r.Channel)
	n, err := s.lists.Count(ctx, a, r.Ask)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{Answer: n, Sentence: s.sentence(n.Checked, r.Lang)}
	o.Limit, err = s.limitOf(ctx, a)
	return o, err
}

func (s *Store) sentence(c liststore.Checked, lang words.Lang) string {
	return list.Plain(list.Sentence(c.Whole, c.Catalog, s.words.In(lang)))
}

const mostPurpose = 500 // letters

// check refuses what cannot be, beside its input.
func (r *Request) check(may []Column) error {
	var in fault.Inputs
	if _, ok := ParseForm(string(r.Form)); !ok {
		in.Add("form", "Choose what the export should look like.")
	}
	r.Channel = r.Form.channel(r.Channel)
	switch r.Purpose = strings.TrimSpace(r.Purpose); {
	case r.Purpose == "":
		in.Add("purpose", "Say what the export is for. The reason is kept with it.")
	case utf8.RuneCountInString(r.Purpose) > mostPurpose:
		in.Add("purpose", "A reason can have %d letters.", mostPurpose)
	}
	if utf8.RuneCountInString(r.Sheet.Title) > 100 {
		in.Add("title", "A title can have %d letters.", 100)
	}
	if r.Form.Table() {
		r.checkColumns(may, &in)
	} else if len(r.Sheet.Results)+len(r.Sheet.Questions)+len(r.Sheet.Codes) > 20 {
		in.Add("questions", "A sheet has room for %d questions, codes and results.", 20)
	}
	return in.Or()
}

func (r *Request) checkColumns(may []Column, in *fault.Inputs) {
	if len(r.Columns) == 0 {
		in.Add("columns", "Choose at least one column.")
	}
	for _, key := range r.Columns {
		i := slices.IndexFunc(may, func(c Column) bool { return c.Key == key })
		switch {
		case i < 0:
			in.Add("columns", "There is no column “%s” here, or your role does not see it.", key)
			return
		case may[i].phone && r.Channel != person.ByCall && r.Channel != person.ByText:
			in.Add("channel", "Phone numbers leave only for calls or texts: choose which, so that people who do not wish it are taken out.")
			return
		case may[i].email && r.Channel != person.ByEmail:
			in.Add("channel", "Email addresses leave only for email: choose it, so that people who do not wish it are taken out.")
			return
		}
	}
}

// Ask asks for an export. It is approved at once when it holds no more people than the actor's roles may take.
func (s *Store) Ask(ctx context.Context, a org.Actor, r Request) (Export, error) {
	if err := a.Must(PermitMake); err != nil {
		return Export{}, err
	}
	may, err := s.Columns(ctx, a, r.File)
	if err != nil {
		return Export{}, err
	}
	if err := r.check(may); err != nil {
		return Export{}, err
	}
	o, err := s.Offer(ctx, a, r)
	switch {
	case err != nil:
		return Export{}, err
	case o.People == 0:
		return Export{}, fault.Inputs{{Name: "criteria", Err: fault.Invalidf("Nobody is left to export.")}}
	case !r.Form.Table() && o.People > paperMost:
		return Export{}, fault.Inputs{{Name: "form", Err: fault.Invalidf("A printed form holds at most %s people. Split the list, or choose a table.", number(paperMost))}}
	}
	row, err := newRow(a, r, o, s.now())
	if err != nil {
		return Export{}, err
	}
	approvers, err := s.orgs.Holders(ctx, a, PermitApprove)
	if err != nil {
		return Export{}, err
	}
	var id ID
	err = s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		if id, err = insertExport(ctx, tx, row); err != nil {
			return err
		}
		if row.State == Waiting {
			if err := s.tellApprovers(ctx, tx, a, approvers, id, row); err != nil {
				return err
			}
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindAsk, Object: id.Object(), Purpose: r.Purpose,
			Data:     map[string]any{"form": string(r.Form), "channel": string(r.Channel), "columns": r.Columns, "people": o.People, "limit": o.Limit, "state": string(row.State), "list": int64(r.List), "epoch": o.Epoch},
			Personal: map[string]any{"filter": o.Sentence}})
		return err
	})
	if err != nil {
		return Export{}, fmt.Errorf("asking for an export: %w", err)
	}
	return s.Export(ctx, a, id)
}

func newRow(a org.Actor, r Request, o Offer, now time.Time) (exportRow, error) {
	criteria, err := json.Marshal(r.Criteria)
	if err != nil {
		return exportRow{}, fmt.Errorf("writing a criteria: %w", err)
	}
	columns, err := json.Marshal(shape{Columns: r.Columns, Order: r.Order, Sheet: r.Sheet, Lang: r.Lang})
	if err != nil {
		return exportRow{}, fmt.Errorf("writing the columns of an export: %w", err)
	}
	row := exportRow{Org: a.Org(), File: r.File, List: r.List, Channel: r.Channel, AlsoDropped: r.Dropped, Minors: r.Minors, Criteria: string(criteria),
		Sentence: o.Sentence, Form: r.Form, Columns: string(columns), Purpose: r.Purpose, State: Waiting, People: o.People, By: int64(a.Account()), Asked: now}
	if o.Within() {
		row.State, row.Decided = Approved, now
	}
	return row, nil
}

func errNoExport() error {
	return fault.NotFoundf("There is no such export here, or it is somebody else's.")
}

// Export returns an export that the actor asked for or may decide about.
func (s *Store) Export(ctx context.Context, a org.Actor, id ID) (Export, error) {
	all, err := s.exports(ctx, a, id)
	if err == nil && len(all) == 0 {
		err = errNoExport()
	}
	if err != nil {
		return Export{}, err
	}
	return all[0], nil
}

// Exports returns the exports that the actor asked for and, for who decides, everybody's, newest first.
func (s *Store) Exports(ctx context.Context, a org.Actor) ([]Export, error) {
	return s.exports(ctx, a, 0)
}

func (s *Store) exports(ctx context.Context, a org.Actor, id ID) ([]Export, error) {
	if !a.May(PermitApprove) {
		if err := a.Must(PermitMake); err != nil {
			return nil, err
		}
	}
	by := int64(-1)
	if !a.May(PermitApprove) {
		by = int64(a.Account())
	}
	rows, err := s.exportRows(a.Within(ctx), a.Org(), by, id)
	if err != nil {
		return nil, fmt.Errorf("reading the exports: %w", err)
	}
	all := make([]Export, len(rows))
	for i, r := range rows {
		if all[i], err = s.read(ctx, a, r); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Waiting counts the exports that wait for the actor's decision.
func (s *Store) Waiting(ctx context.Context, a org.Actor) (int64, error) {
	if !a.May(PermitApprove) {
		return 0, nil
	}
	return s.waiting(a.Within(ctx), a.Org(), int64(a.Account()))
}

func (s *Store) read(ctx context.Context, a org.Actor, r exportRow) (Export, error) {
	e := Export{ID: r.ID, Sentence: r.Sentence, State: r.State, People: r.People, Rows: r.Rows, SHA256: r.SHA256, By: r.By, Asked: r.Asked,
		DecidedBy: r.DecidedBy, Decided: r.Decided, Reason: r.Reason, Taken: r.Done, Own: r.By == int64(a.Account()),
		Request: Request{List: r.List, Form: r.Form, Purpose: r.Purpose,
			Ask: liststore.Ask{File: r.File, Channel: r.Channel, Dropped: r.AlsoDropped, Minors: r.Minors}}}
	var sh shape
	if err := json.Unmarshal([]byte(r.Columns), &sh); err != nil {
		return e, fmt.Errorf("reading the columns of export %d: %w", r.ID, err)
	}
	e.Columns, e.Order, e.Sheet, e.Lang = sh.Columns, sh.Order, sh.Sheet, sh.Lang
	var err error
	if e.Criteria, err = list.Parse([]byte(r.Criteria)); err != nil {
		return e, fmt.Errorf("reading the criteria of export %d: %w", r.ID, err)
	}
	if (e.State == Approved || e.State == Done) && s.now().Sub(e.Decided) > takeTime {
		e.State = Ended
	}
	e.ByName, e.Decider = s.nameOf(ctx, r.By), s.nameOf(ctx, r.DecidedBy)
	e.MayDecide = e.State == Waiting && a.May(PermitApprove) && !e.Own
	return e, nil
}

func (s *Store) nameOf(ctx context.Context, id int64) string {
	if id == 0 || s.accounts == nil {
		return person.Nobody
	}
	acc, err := s.accounts.Account(ctx, account.ID(id))
	if err != nil {
		return person.Nobody
	}
	return acc.Name
}

// Decide approves or refuses another person's export; a refusal needs a reason.
func (s *Store) Decide(ctx context.Context, a org.Actor, id ID, yes bool, reason string) error {
	if err := a.Must(PermitApprove); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case !yes && reason == "":
		return fault.Inputs{{Name: "reason", Err: fault.Invalidf("Say why, so that the person who asked knows what to change.")}}
	case utf8.RuneCountInString(reason) > mostPurpose:
		return fault.Inputs{{Name: "reason", Err: fault.Invalidf("A reason can have %d letters.", mostPurpose)}}
	}
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		r, err := lockExport(ctx, tx, id, a.Org())
		switch {
		case errors.Is(err, db.ErrNone):
			return errNoExport()
		case err != nil:
			return err
		case r.By == int64(a.Account()):
			return fault.Deniedf("You asked for this export yourself. Another person decides.")
		case r.State != Waiting:
			return fault.Conflictf("Somebody else decided about this export already.")
		}
		state, kind := Approved, KindApprove
		if !yes {
			state, kind = Refused, KindRefuse
		}
		if err := decideExport(ctx, tx, id, state, int64(a.Account()), s.now(), reason); err != nil {
			return err
		}
		if err := s.tellAsker(ctx, tx, a, r, kind); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: kind, Object: id.Object(), Purpose: reason, Data: map[string]any{"people": r.People, "asked_by": r.By}})
		return err
	})
}

// number writes n with commas for a fault, whose sentence is the same in both languages' digits.
func number(n int64) string { return words.Translator{}.Number(n) }

// Until is when an approved export can no longer be taken.
func (e Export) Until() time.Time { return e.Decided.Add(takeTime) }
