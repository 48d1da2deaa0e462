package person

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Mistake is what may be wrong about a person.
type Mistake string

// The mistakes.
const (
	HasMoved       Mistake = "moved"
	HasDied        Mistake = "deceased"
	WrongName      Mistake = "name"
	WrongAddress   Mistake = "address"
	WrongPhone     Mistake = "phone_wrong"
	WrongPhoneKind Mistake = "phone_kind"
	WrongEmail     Mistake = "email_wrong"
	WrongOther     Mistake = "other"
)

// Mistakes returns all of them in the order to offer them.
func Mistakes() []Mistake {
	return []Mistake{HasMoved, HasDied, WrongName, WrongAddress, WrongPhone, WrongPhoneKind, WrongEmail, WrongOther}
}

// Judgement is what became of a correction.
type Judgement string

// The judgements. A correction begins as Waiting and changes once.
const (
	Waiting   Judgement = "waiting"
	Accepted  Judgement = "accepted"
	Declined  Judgement = "declined"
	Withdrawn Judgement = "withdrawn"
)

// Correction is what an organisation says is wrong about a person. It belongs to that organisation alone, and the voter file's row
// stays as it is: the profile shows both.
type Correction struct {
	ID        string    `json:"id" db:"correction_id"`
	Person    ID        `json:"-" db:"person_id"`
	Kind      Mistake   `json:"kind" db:"kind"`
	About     string    `json:"about,omitempty" db:"about"` // the phone number or email address it is about
	Was       string    `json:"was,omitempty" db:"was"`     // what the voter file said then
	Should    string    `json:"should,omitempty" db:"should"`
	Why       string    `json:"why,omitempty" db:"why"`
	State     Judgement `json:"state" db:"state"`
	Account   int64     `json:"account" db:"account_id"`
	At        time.Time `json:"at" db:"created_at"`
	DecidedBy int64     `json:"-" db:"decided_by"`
	DecidedAt time.Time `json:"decided_at,omitzero" db:"decided_at"`
	Answer    string    `json:"answer,omitempty" db:"answer"`
}

// Said is what somebody says when they correct a mistake.
type Said struct {
	ID     string // made by whoever says it; "" makes one here
	Kind   Mistake
	About  string // which phone number (ten digits) or email address
	Should string // what it should be
	Why    string // how they know; may be empty
	By     int64  // the account whose word it is; 0: the actor's
}

const longestCorrection = 200 // letters

// What the reason of a suppression says when an accepted correction set it; pages say it in the reader's language.
const (
	ReasonMoved = "A correction was accepted: the person has moved away."
	ReasonDied  = "A correction was accepted: the person has died."
)

var errProtected = fault.Deniedf("This voter's address is protected by law. Only the name, or that the person has died, can be corrected here.")

// Correct puts a correction into the queue of the actor's organisation.
func (p *Store) Correct(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, s Said) error {
	if err := actor.Must(PermitCorrect); err != nil {
		return err
	}
	r, err := p.within(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	if !slices.Contains(Mistakes(), s.Kind) {
		return fault.Invalidf("Choose what is wrong.")
	}
	if r.Confidential && s.Kind != WrongName && s.Kind != HasDied {
		return errProtected
	}
	s.Should, s.Why = db.Storable(strings.TrimSpace(s.Should)), db.Storable(strings.TrimSpace(s.Why))
	if err := s.check(r); err != nil {
		return err
	}
	if s.ID == "" {
		s.ID = rand.Text()
	}
	c := Correction{ID: s.ID, Person: id, Kind: s.Kind, Should: s.Should, Why: s.Why, State: Waiting, Account: cmp.Or(s.By, int64(actor.Account())), At: p.now()}
	if err := p.fill(ctx, tx, actor, r, s, &c); err != nil {
		return err
	}
	if again, err := p.saidAlready(ctx, tx, actor, c); err != nil {
		return fmt.Errorf("reading the corrections of person %d: %w", id, err)
	} else if again {
		return fault.Conflictf("Your organization has said this already.")
	}
	if err := p.insertCorrection(ctx, tx, actor, c); err != nil {
		return fmt.Errorf("correcting person %d: %w", id, err)
	}
	return p.recordCorrection(ctx, tx, actor, KindCorrectionMake, c, map[string]any{"about": c.About, "should": c.Should, "why": c.Why})
}

// check judges what was typed.
func (s Said) check(r record) error {
	var wrong fault.Inputs
	switch {
	case s.Should == "" && (s.Kind == WrongName || s.Kind == WrongAddress || s.Kind == WrongOther):
		wrong.Add("should", "Write what it should be.")
	case s.Kind == WrongPhoneKind && (!slices.Contains(PhoneKinds(), s.Should) || s.Should == "unknown"):
		wrong.Add("should", "Choose what kind of number it is.")
	case s.Kind == WrongName && fieldsFold(s.Should) == fieldsFold(r.First+" "+r.Middle+" "+r.Last+" "+r.Suffix),
		s.Kind == WrongAddress && personkey.Fold(s.Should) == personkey.Fold(r.Address):
		wrong.Add("should", "The voter file says exactly this.")
	}
	for _, in := range []struct{ name, text string }{{"should", s.Should}, {"why", s.Why}} {
		if utf8.RuneCountInString(in.text) > longestCorrection {
			wrong.Add(in.name, "This has at most %d letters. Shorten it.", longestCorrection)
		}
	}
	return wrong.Or()
}

// fieldsFold folds a name without regard to double blanks, and with regard to accents, which may be the mistake.
func fieldsFold(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), " ")) }

// fill adds what the voter file says now, and refuses a number or address that the person does not have or the actor may not see.
func (p *Store) fill(ctx context.Context, tx *db.Tx, actor org.Actor, r record, s Said, c *Correction) error {
	switch s.Kind {
	case WrongName:
		c.Was = listName(r.Last, r.First, r.Middle, r.Suffix)
	case WrongAddress, HasMoved:
		c.Was = strings.Trim(ProperAddress(r.Address)+", "+ProperAddress(r.City), ", ")
	case WrongPhone, WrongPhoneKind:
		if err := actor.Must(PermitPhone); err != nil {
			return err
		}
		rows, err := p.phonesOf(ctx, tx, r.ID, int64(actor.Org()))
		if err != nil {
			return fmt.Errorf("reading the phone numbers of person %d: %w", r.ID, err)
		}
		i := slices.IndexFunc(rows, func(x phoneRow) bool { return x.Number == s.About })
		if i < 0 {
			return fault.NotFoundf("This person has no such number.")
		}
		c.About, c.Was = s.About, rows[i].Kind
	case WrongEmail:
		if err := actor.Must(PermitEmail); err != nil {
			return err
		}
		rows, err := p.emailsOf(ctx, tx, r.ID, int64(actor.Org()))
		if err != nil {
			return fmt.Errorf("reading the email addresses of person %d: %w", r.ID, err)
		}
		if !slices.ContainsFunc(rows, func(x emailRow) bool { return x.Email == s.About }) {
			return fault.NotFoundf("This person has no such email address.")
		}
		c.About = s.About
	}
	return nil
}

// Withdraw takes back a correction that waits, by the one who made it.
func (p *Store) Withdraw(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, correction string) error {
	if err := actor.Must(PermitCorrect); err != nil {
		return err
	}
	c, err := p.waiting(ctx, tx, actor, id, correction)
	if err != nil {
		return err
	}
	if c.Account != int64(actor.Account()) {
		return fault.Deniedf("Only the one who made a correction can take it back.")
	}
	c.State, c.DecidedBy, c.DecidedAt = Withdrawn, int64(actor.Account()), p.now()
	if err := p.decideCorrection(ctx, tx, actor, c); err != nil {
		return fmt.Errorf("withdrawing a correction of person %d: %w", id, err)
	}
	return p.recordCorrection(ctx, tx, actor, KindCorrectionWithdraw, c, nil)
}

// waiting returns a correction of the actor's organisation that nobody has judged yet.
func (p *Store) waiting(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, correction string) (Correction, error) {
	if _, err := p.within(ctx, tx, actor, id); err != nil {
		return Correction{}, err
	}
	c, err := p.correction(ctx, tx, actor, id, correction)
	if errors.Is(err, db.ErrNone) {
		return c, fault.NotFoundf("There is no such correction.")
	}
	if err != nil {
		return c, fmt.Errorf("reading a correction of person %d: %w", id, err)
	}
	if c.State != Waiting {
		return c, fault.Conflictf("This correction has been judged already.")
	}
	return c, nil
}

// Judge accepts or declines a correction. Who declines says why. What is accepted takes effect for the actor's organisation alone: a
// wrong number or address is marked, a number's kind is changed, and who has moved away or died is no longer to be reached.
func (p *Store) Judge(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, correction string, accept bool, answer string) error {
	if err := actor.Must(PermitJudge); err != nil {
		return err
	}
	answer = db.Storable(strings.TrimSpace(answer))
	var wrong fault.Inputs
	switch {
	case !accept && answer == "":
		wrong.Add("answer", "Say why you decline, so that the one who said it learns it.")
	case utf8.RuneCountInString(answer) > longestCorrection:
		wrong.Add("answer", "This has at most %d letters. Shorten it.", longestCorrection)
	}
	if err := wrong.Or(); err != nil {
		return err
	}
	c, err := p.waiting(ctx, tx, actor, id, correction)
	if err != nil {
		return err
	}
	c.State, c.DecidedBy, c.DecidedAt, c.Answer = Declined, int64(actor.Account()), p.now(), answer
	kind := KindCorrectionDecline
	if accept {
		c.State, kind = Accepted, KindCorrectionAccept
		if err := p.takeEffect(ctx, tx, actor, c); err != nil {
			return fmt.Errorf("accepting a correction of person %d: %w", id, err)
		}
	}
	if err := p.decideCorrection(ctx, tx, actor, c); err != nil {
		return fmt.Errorf("judging a correction of person %d: %w", id, err)
	}
	return p.recordCorrection(ctx, tx, actor, kind, c, map[string]any{"answer": answer})
}

// Stops returns the channels that an accepted correction of kind m closes.
func (m Mistake) Stops() []Channel {
	switch m {
	case HasDied:
		return Channels()
	case HasMoved:
		return []Channel{ByDoor, ByMail}
	}
	return nil
}

func (p *Store) takeEffect(ctx context.Context, tx *db.Tx, actor org.Actor, c Correction) error {
	switch c.Kind {
	case WrongPhone, WrongPhoneKind:
		return p.correctPhone(ctx, tx, actor, c)
	case WrongEmail:
		return p.putEmail(ctx, tx, actor, c.Person, emailRow{Email: c.About, Source: sourceMark, WrongAt: c.DecidedAt})
	}
	reason := ReasonMoved
	if c.Kind == HasDied {
		reason = ReasonDied
	}
	for _, by := range c.Kind.Stops() {
		if _, err := p.insertSuppression(ctx, tx, actor, c.Person, by, reason); err != nil {
			return err
		}
	}
	return nil
}

// correctPhone writes the organisation's own word on a number, beside the state's.
func (p *Store) correctPhone(ctx context.Context, tx *db.Tx, actor org.Actor, c Correction) error {
	rows, err := p.phonesOf(ctx, tx, c.Person, int64(actor.Org()))
	if err != nil {
		return err
	}
	r := phoneRow{Number: c.About, Kind: c.Was, Source: sourceMark}
	for _, x := range rows { // the state's before the organisation's own
		if x.Number == c.About {
			r.Kind, r.WrongAt = x.Kind, x.WrongAt
			if x.Org != 0 {
				r.Source, r.Confidence = x.Source, x.Confidence
			}
		}
	}
	if c.Kind == WrongPhone {
		r.WrongAt = c.DecidedAt
	} else {
		r.Kind = c.Should
	}
	return p.putPhone(ctx, tx, actor, c.Person, r)
}

func (p *Store) recordCorrection(ctx context.Context, tx *db.Tx, actor org.Actor, kind ledger.Kind, c Correction, personal map[string]any) error {
	data := map[string]any{"correction": c.ID, "kind": string(c.Kind)}
	if kind == KindCorrectionAccept {
		var stops []string
		for _, by := range c.Kind.Stops() {
			stops = append(stops, string(by))
		}
		data["suppressed"] = strings.Join(stops, ",")
	}
	n, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: kind, Object: c.Person.Object(), Data: data, Personal: personal})
	if err != nil || kind != KindCorrectionAccept {
		return err
	}
	var all []change.Change
	for _, w := range []change.What{change.Phone, change.Email, change.Suppression} { // whichever of them it was
		all = append(all, change.Change{Person: int64(c.Person), Org: int64(actor.Org()), What: w})
	}
	return change.Record(ctx, tx, n, all...)
}

// readCorrections shows what the organisation says, as far as the reader may see what it is about; not what was declined or taken
// back, nor what a newer voter file says by itself.
func (p *Store) readCorrections(actor org.Actor) func(context.Context, *Profile, record, fence) error {
	return func(ctx context.Context, prof *Profile, r record, f fence) error {
		rows, err := p.correctionsOf(ctx, r.ID, f.org)
		all := []Correction{}
		for _, c := range rows {
			if c.Kind.shownTo(actor, r.Confidential) && !c.settled(r) {
				all = append(all, c)
			}
		}
		prof.Corrections = &all
		return err
	}
}

// shownTo reports whether the actor may read corrections of kind m; of a protected voter, only those that say nothing of where.
func (m Mistake) shownTo(actor org.Actor, confidential bool) bool {
	switch m {
	case WrongName, HasDied:
		return true
	case WrongPhone, WrongPhoneKind:
		return !confidential && actor.May(PermitPhone)
	case WrongEmail:
		return !confidential && actor.May(PermitEmail)
	}
	return !confidential
}

// settled reports whether the voter file now says what the correction asked for.
func (c Correction) settled(r record) bool {
	switch c.Kind {
	case WrongName:
		return c.Should != "" && fieldsFold(c.Should) == fieldsFold(r.First+" "+r.Middle+" "+r.Last+" "+r.Suffix)
	case WrongAddress:
		return c.Should != "" && personkey.Fold(c.Should) == personkey.Fold(r.Address)
	}
	return false
}
