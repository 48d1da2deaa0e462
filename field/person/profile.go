package person

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Profile is one person as far as one role may see. A part that the role may not see is nil and was never read; a part that is
// empty was read and holds nothing. Dates are yyyymmdd, 0 for none.
type Profile struct {
	ID           ID            `json:"id"`
	Name         string        `json:"name"`   // "Aguilar, Rosa Elena"
	Spoken       string        `json:"spoken"` // "Rosa Aguilar"
	Age          int           `json:"age,omitempty"`
	Confidential bool          `json:"confidential,omitempty"`
	Minor        bool          `json:"minor,omitempty"`
	Registration Registration  `json:"registration"`
	Birth        *Birth        `json:"birth,omitempty"`
	Demographic  *Demographic  `json:"demographic,omitempty"`
	Address      *Address      `json:"address,omitempty"`
	Districts    *Districts    `json:"districts,omitempty"`
	Votes        *Votes        `json:"votes,omitempty"`
	Phones       *[]Phone      `json:"phones,omitempty"`
	Emails       *[]Email      `json:"emails,omitempty"`
	Household    *[]Housemate  `json:"household,omitempty"`
	Notes        *[]Note       `json:"notes,omitempty"`
	Suppressions []Suppression `json:"suppressions,omitempty"`
	Corrections  *[]Correction `json:"corrections,omitempty"`
}

// Registration is what the state says about the registration itself.
type Registration struct {
	StateID      string `json:"state_id"`
	State        string `json:"state"`
	Status       Status `json:"status"`
	StatusCode   string `json:"status_code,omitempty"` // as the state writes it
	Reason       string `json:"reason,omitempty"`
	RegisteredOn int    `json:"registered_on,omitempty"`
	DroppedOn    int    `json:"dropped_on,omitempty"`  // missing from the files since
	FileDate     int    `json:"file_date,omitempty"`   // of the newest file
	County       string `json:"county,omitempty"`      // code, as the file has it
	CountyName   string `json:"county_name,omitempty"` // "" where the layout does not know it
}

// Birth is the birth as the file gives it; many states give the year only.
type Birth struct {
	Year int `json:"year"`
	Date int `json:"date,omitempty"`
}

// Demographic is what a registration may say about a person.
type Demographic struct {
	Party     string `json:"party,omitempty"`
	Sex       string `json:"sex,omitempty"`
	Race      string `json:"race,omitempty"`
	Ethnicity string `json:"ethnicity,omitempty"`
}

// Address is the residence, never there for a confidential voter.
type Address struct {
	Line  string `json:"line"`
	City  string `json:"city"`
	State string `json:"state,omitempty"`
	Zip   string `json:"zip,omitempty"`
	Key   int64  `json:"-"` // joins place_address
}

// Districts are the areas the person votes in.
type Districts struct {
	Precinct string     `json:"precinct,omitempty"`
	Known    []District `json:"known,omitempty"` // congress, state senate, state house, municipality
	Others   []District `json:"others,omitempty"`
}

// District is one area: its kind as in the voter file layouts ("congress", "school") and its code.
type District struct {
	Kind string `json:"kind"`
	Code string `json:"code"`
}

// Phone is one number, the state's or the organisation's own.
type Phone struct {
	Number     string    `json:"number"`
	Kind       string    `json:"kind"`
	Source     string    `json:"source"`
	Confidence int       `json:"confidence"`
	Own        bool      `json:"own,omitempty"`     // added by the reader's organisation
	WrongAt    time.Time `json:"wrong_at,omitzero"` // when it was marked wrong
}

// Email is one address with where it came from.
type Email struct {
	Email      string    `json:"email"`
	Source     string    `json:"source"`
	Confidence int       `json:"confidence"`
	Own        bool      `json:"own,omitempty"`
	WrongAt    time.Time `json:"wrong_at,omitzero"`
}

// Housemate is another person at the same door.
type Housemate struct {
	ID     ID     `json:"id"`
	Name   string `json:"name"`
	Age    int    `json:"age,omitempty"`
	Status Status `json:"status"`
}

// Note is what somebody of the organisation wrote.
type Note struct {
	Body    string    `json:"body" db:"body"`
	Account int64     `json:"account" db:"account_id"`
	At      time.Time `json:"at" db:"created_at"`
}

// Look opens a profile for a purpose and records it. A person outside the actor's fence is NotFound, as if there were none.
func (p *Store) Look(ctx context.Context, actor org.Actor, id ID, why Purpose) (Profile, error) {
	ctx = actor.Within(ctx)
	if err := actor.Must(PermitLook); err != nil {
		return Profile{}, err
	}
	if _, ok := ParsePurpose(string(why)); !ok {
		return Profile{}, fault.Invalidf("Say why you open this record. The purpose is recorded.")
	}
	prof, err := p.profile(ctx, actor, id)
	if err != nil {
		return Profile{}, err
	}
	err = p.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: KindLook, Object: id.Object(), Purpose: string(why),
			Data: map[string]any{"shown": strings.Join(prof.shown(), ",")}})
		return err
	})
	if err != nil {
		return Profile{}, fmt.Errorf("recording a look: %w", err)
	}
	p.keepPurpose(actor, why)
	return prof, nil
}

// shown names the parts of the profile that were read, for the ledger.
func (prof Profile) shown() []string {
	all := []string{"registration"}
	for _, part := range []struct {
		name string
		is   bool
	}{{"address", prof.Address != nil}, {"birth", prof.Birth != nil}, {"demographic", prof.Demographic != nil}, {"votes", prof.Votes != nil},
		{"phones", prof.Phones != nil}, {"emails", prof.Emails != nil}, {"household", prof.Household != nil}, {"notes", prof.Notes != nil},
		{"corrections", prof.Corrections != nil}} {
		if part.is {
			all = append(all, part.name)
		}
	}
	return all
}

var errNobody = fault.NotFoundf("There is no such person here, or none that you may see.")

// profile reads what the actor may see, part by part.
func (p *Store) profile(ctx context.Context, actor org.Actor, id ID) (Profile, error) {
	f, err := p.fenceOf(ctx, actor, true)
	if err != nil {
		return Profile{}, err
	}
	r, err := p.record(ctx, p.db, f, id)
	if errors.Is(err, db.ErrNone) {
		return Profile{}, errNobody
	}
	if err != nil {
		return Profile{}, fmt.Errorf("reading person %d: %w", id, err)
	}
	prof := p.registration(r, actor)
	for _, part := range []struct {
		may  bool
		read func(context.Context, *Profile, record, fence) error
	}{
		{true, p.readFile},
		{true, p.readSuppressions},
		{actor.May(PermitVote), p.readVotes(actor)},
		{actor.May(PermitPhone) && !r.Confidential, p.readPhones},
		{actor.May(PermitEmail) && !r.Confidential, p.readEmails},
		{actor.May(PermitHousehold) && !r.Confidential, p.readHousehold},
		{actor.May(PermitNote), p.readNotes},
		{actor.May(PermitCorrect), p.readCorrections(actor)},
	} {
		if !part.may {
			continue
		}
		if err := part.read(ctx, &prof, r, f); err != nil {
			return Profile{}, fmt.Errorf("reading person %d: %w", id, err)
		}
	}
	return prof, nil
}

// registration is the part of the profile that lies in the person's own row.
func (p *Store) registration(r record, actor org.Actor) Profile {
	prof := Profile{ID: r.ID, Name: listName(r.Last, r.First, r.Middle, r.Suffix), Spoken: spokenName(r.Last, r.First, r.Suffix),
		Confidential: r.Confidential, Minor: r.Minor,
		Registration: Registration{StateID: r.StateID, State: r.Region, Status: r.Status, StatusCode: r.StatusCode,
			RegisteredOn: r.RegisteredOn, DroppedOn: r.DroppedOn, County: r.County}}
	if r.BirthYear != 0 && !r.Minor {
		prof.Age = p.ageOf(r.BirthYear, r.BirthDate, actor.May(PermitBirth))
		if actor.May(PermitBirth) {
			prof.Birth = &Birth{Year: r.BirthYear, Date: r.BirthDate}
		}
	}
	if actor.May(PermitDemographic) {
		prof.Demographic = &Demographic{Party: r.Party, Sex: r.Sex, Race: r.Race, Ethnicity: r.Ethnicity}
		prof.Registration.Reason = r.Reason // may tell of a sentence, an illness or a move
	}
	if r.Confidential {
		return prof
	}
	if r.Address != "" {
		prof.Address = &Address{Line: ProperAddress(r.Address), City: ProperAddress(r.City), State: r.Region, Zip: r.Zip, Key: r.AddressKey}
	}
	prof.Districts = r.areas()
	return prof
}

// ageOf returns the age reached this year, or the age today when the date is known and may be used.
func (p *Store) ageOf(year, date int, exact bool) int {
	now := p.now()
	age := now.Year() - year
	if exact && date/10000 == year && date%10000 > int(now.Month())*100+now.Day() {
		age--
	}
	return age
}

func (r record) areas() *Districts {
	d := &Districts{Precinct: r.Precinct}
	for _, k := range []District{{"congress", r.Congress}, {"state_senate", r.StateSenate}, {"state_house", r.StateHouse}, {"municipality", r.Municipality}} {
		if k.Code != "" {
			d.Known = append(d.Known, k)
		}
	}
	var others map[string]any
	if json.Unmarshal([]byte(r.Districts), &others) == nil {
		for kind, code := range others {
			if s := fmt.Sprint(code); s != "" {
				d.Others = append(d.Others, District{kind, s})
			}
		}
	}
	slices.SortFunc(d.Others, func(a, b District) int { return strings.Compare(a.Kind, b.Kind) })
	return d
}

func (p *Store) readFile(ctx context.Context, prof *Profile, r record, _ fence) error {
	f, err := p.newestFile(ctx, r.File)
	prof.Registration.FileDate = f.Made
	prof.Registration.CountyName = Proper(layout.CountyName(layout.ID(f.Layout), r.County))
	return err
}

// readPhones joins the state's numbers with the organisation's own; the organisation's word on a number goes before the state's.
func (p *Store) readPhones(ctx context.Context, prof *Profile, r record, f fence) error {
	rows, err := p.phonesOf(ctx, p.db, r.ID, f.org)
	if err != nil {
		return err
	}
	all := []Phone{}
	for _, row := range rows {
		ph := Phone{Number: row.Number, Kind: row.Kind, Source: row.Source, Confidence: row.Confidence, Own: row.Org != 0, WrongAt: row.WrongAt}
		i := slices.IndexFunc(all, func(x Phone) bool { return x.Number == row.Number })
		switch {
		case i < 0:
			all = append(all, ph)
		case ph.Own && row.Source == sourceMark:
			all[i].WrongAt, all[i].Kind = row.WrongAt, row.Kind
		case ph.Own:
			all[i] = ph
		}
	}
	all = slices.DeleteFunc(all, func(x Phone) bool { return x.Source == sourceMark })
	slices.SortStableFunc(all, func(a, b Phone) int {
		if a.WrongAt.IsZero() != b.WrongAt.IsZero() {
			return btoi(!a.WrongAt.IsZero()) - btoi(!b.WrongAt.IsZero())
		}
		return b.Confidence - a.Confidence
	})
	prof.Phones = &all
	return nil
}

func (p *Store) readEmails(ctx context.Context, prof *Profile, r record, f fence) error {
	rows, err := p.emailsOf(ctx, p.db, r.ID, f.org)
	if err != nil {
		return err
	}
	all := []Email{}
	for _, row := range rows {
		e := Email{Email: row.Email, Source: row.Source, Confidence: row.Confidence, Own: row.Org != 0, WrongAt: row.WrongAt}
		i := slices.IndexFunc(all, func(x Email) bool { return x.Email == row.Email })
		switch {
		case row.Source == sourceMark && i >= 0:
			all[i].WrongAt = row.WrongAt
		case row.Source == sourceMark: // of an address that the voter file no longer has
		case i >= 0:
			all[i] = e
		default:
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b Email) int {
		return cmp.Or(btoi(!a.WrongAt.IsZero())-btoi(!b.WrongAt.IsZero()), b.Confidence-a.Confidence)
	})
	prof.Emails = &all
	return nil
}

// readHousehold lists the others at the door; a protected voter is nobody's housemate, whoever asks.
func (p *Store) readHousehold(ctx context.Context, prof *Profile, r record, f fence) error {
	all := []Housemate{}
	prof.Household = &all
	if r.Household == 0 {
		return nil
	}
	f.confidential, f.dropped = false, false
	rows, err := p.household(ctx, f, r.Household, r.ID)
	for _, h := range rows {
		mate := Housemate{ID: h.ID, Name: spokenName(h.Last, h.First, h.Suffix), Status: h.Status}
		if h.BirthYear != 0 && !h.Minor {
			mate.Age = p.ageOf(h.BirthYear, 0, false)
		}
		all = append(all, mate)
	}
	return err
}

func (p *Store) readNotes(ctx context.Context, prof *Profile, r record, f fence) error {
	notes, err := p.notesOf(ctx, r.ID, f.org)
	if notes == nil {
		notes = []Note{}
	}
	prof.Notes = &notes
	return err
}

func (p *Store) readSuppressions(ctx context.Context, prof *Profile, r record, f fence) (err error) {
	prof.Suppressions, err = p.suppressionsOf(ctx, p.db, r.ID, f.org)
	return err
}

// Looks returns who of the actor's organisation opened a profile, when and why, newest first.
func (p *Store) Looks(ctx context.Context, actor org.Actor, id ID) ([]ledger.Record, error) {
	ctx = actor.Within(ctx)
	if err := actor.Must(PermitLooks); err != nil {
		return nil, err
	}
	f, err := p.fenceOf(ctx, actor, true)
	if err != nil {
		return nil, err
	}
	if _, err := p.record(ctx, p.db, f, id); errors.Is(err, db.ErrNone) {
		return nil, errNobody
	} else if err != nil {
		return nil, fmt.Errorf("reading person %d: %w", id, err)
	}
	return ledger.Entries(ctx, p.db, ledger.Filter{Object: id.Object(), Kind: KindLook, Org: int64(actor.Org()), Limit: 100})
}
