package person

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

const (
	sourceOwn  = "added by your organization"
	sourceMark = "mark" // a row that only says that the state's number is wrong
)

// PhoneKinds are the kinds of number, as stored.
func PhoneKinds() []string { return []string{"cell", "home", "work", "unknown"} }

// AddPhone adds a number of the organisation's own to a person.
func (p *Store) AddPhone(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, number, kind string) error {
	if err := actor.Must(PermitPhoneAdd); err != nil {
		return err
	}
	var wrong fault.Inputs
	digits := phoneDigits(number, 0)
	if _, letters := count(number); letters > 0 || len(digits) != 10 || digits[0] < '2' {
		wrong.Add("phone", "Write the number with its area code, ten digits: (555) 014-6630.")
	}
	if !slices.Contains(PhoneKinds(), kind) {
		wrong.Add("kind", "Choose what kind of number it is.")
	}
	if err := wrong.Or(); err != nil {
		return err
	}
	r, err := p.within(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	if r.Confidential {
		return fault.Deniedf("This voter's address is protected by law. No phone number is kept for them here.")
	}
	if err := p.putPhone(ctx, tx, actor, id, phoneRow{Number: digits, Kind: kind, Source: sourceOwn, Confidence: 60}); err != nil {
		return fmt.Errorf("adding a phone number to person %d: %w", id, err)
	}
	return p.recordPhone(ctx, tx, actor, KindPhoneAdd, id, digits, map[string]any{"kind": kind})
}

// MarkPhone says for the actor's organisation that a number is wrong, or right after all. The state's row stays as it is.
func (p *Store) MarkPhone(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, number string, wrong bool) error {
	if err := actor.Must(PermitPhoneAdd); err != nil {
		return err
	}
	r, err := p.within(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	rows, err := p.phonesOf(ctx, tx, id, int64(actor.Org()))
	if err != nil {
		return fmt.Errorf("reading the phone numbers of person %d: %w", id, err)
	}
	own := slices.IndexFunc(rows, func(x phoneRow) bool { return x.Number == number && x.Org != 0 })
	of := slices.IndexFunc(rows, func(x phoneRow) bool { return x.Number == number })
	if r.Confidential || of < 0 {
		return fault.NotFoundf("This person has no such number.")
	}
	mark := phoneRow{Number: number, Kind: rows[of].Kind, Source: sourceMark}
	if own >= 0 {
		mark = rows[own]
	}
	mark.WrongAt = time.Time{}
	if wrong {
		mark.WrongAt = p.now()
	}
	if err := p.putPhone(ctx, tx, actor, id, mark); err != nil {
		return fmt.Errorf("marking a phone number of person %d: %w", id, err)
	}
	return p.recordPhone(ctx, tx, actor, KindPhoneWrong, id, number, map[string]any{"wrong": wrong})
}

func (p *Store) recordPhone(ctx context.Context, tx *db.Tx, actor org.Actor, kind ledger.Kind, id ID, number string, data map[string]any) error {
	n, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: kind, Object: id.Object(), Data: data,
		Personal: map[string]any{"number": number}})
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Change{Person: int64(id), Org: int64(actor.Org()), What: change.Phone})
}
