package contact

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Record writes attempts down, and what their results say besides. source is hand, file, door, phone or text; note is what a later reader of the ledger should
// know, such as a file's name. All are written, or none.
func (s *Store) Record(ctx context.Context, tx *db.Tx, a org.Actor, source, note string, attempts []Attempt) error {
	if err := a.Must(PermitRecord); err != nil {
		return err
	}
	now := s.now()
	for i := range attempts {
		if err := attempts[i].check(now); err != nil {
			return err
		}
	}
	people := peopleOf(attempts)
	if err := voterfile.MustShow(ctx, tx, a, s.now(), people); err != nil {
		return err
	}
	fresh, err := putAttempts(ctx, tx, int64(a.Org()), int64(a.Account()), source, attempts)
	if err != nil {
		return fmt.Errorf("recording attempts: %w", err)
	}
	more, err := s.effects(ctx, tx, a, fresh, now)
	if err != nil {
		return fmt.Errorf("recording what attempts say besides: %w", err)
	}
	data := map[string]any{"attempts": len(fresh), "source": source}
	if note != "" {
		data["note"] = note
	}
	if by := column(attempts, func(x Attempt) int64 { return x.By }); len(by) == 1 && by[0] != 0 {
		data["by"] = by[0] // the entry's own account is who wrote it down
	}
	if len(attempts) == 1 {
		data["person"], data["channel"], data["result"] = attempts[0].Person, string(attempts[0].Channel), string(attempts[0].Result)
	}
	n, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindRecord, Object: "field_contact", Data: data})
	if err != nil {
		return err
	}
	all := append(change.Of(change.Contact, int64(a.Org()), 0, people), more...)
	return change.Record(ctx, tx, n, all...)
}

// check cleans an attempt and says what is wrong with it.
func (x *Attempt) check(now time.Time) error {
	m, ok := MeaningOf(x.Result)
	if !ok {
		return fault.Invalidf("%q is not a result of an attempt.", string(x.Result))
	}
	if !slices.Contains(m.Channels, x.Channel) {
		return fault.Invalidf("An attempt by %s cannot end with %q.", string(x.Channel), m.Name)
	}
	if x.ID == "" {
		x.ID = rand.Text()
	}
	if x.At.IsZero() {
		x.At = now
	}
	if x.At.After(now.Add(24 * time.Hour)) {
		return fault.Invalidf("This attempt is dated in the future. Check the clock of the device, or the file.")
	}
	return nil
}

// effects writes what the results of new attempts say besides, and returns the changes that makes.
func (s *Store) effects(ctx context.Context, tx *db.Tx, a org.Actor, attempts []Attempt, now time.Time) ([]change.Change, error) {
	var stop []suppression
	var bad []Attempt
	for _, x := range attempts {
		m, _ := MeaningOf(x.Result)
		for _, c := range m.Suppresses {
			stop = append(stop, suppression{person: x.Person, channel: c, reason: m.Name})
		}
		if m.BadNumber && x.Number != "" {
			bad = append(bad, x)
		}
	}
	var all []change.Change
	if len(stop) > 0 {
		if err := putSuppressions(ctx, tx, int64(a.Org()), int64(a.Account()), now, stop); err != nil {
			return nil, err
		}
		all = change.Of(change.Suppression, int64(a.Org()), 0, column(stop, func(x suppression) int64 { return x.person }))
	}
	if len(bad) > 0 {
		if err := markWrong(ctx, tx, int64(a.Org()), now, bad); err != nil {
			return nil, err
		}
		all = append(all, change.Of(change.Phone, int64(a.Org()), 0, peopleOf(bad))...)
	}
	return all, nil
}

// suppression is a wish that a result brought with it.
type suppression struct {
	person  int64
	channel person.Channel
	reason  string
}

// column returns the distinct people of rows in order.
func column[T any](rows []T, of func(T) int64) []int64 {
	all := make([]int64, len(rows))
	for i, r := range rows {
		all[i] = of(r)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func peopleOf(attempts []Attempt) []int64 {
	return column(attempts, func(x Attempt) int64 { return x.Person })
}

// History returns what the actor's organisation tried with one person, newest first.
func (s *Store) History(ctx context.Context, a org.Actor, who int64) ([]Past, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return history(ctx, s.DB, int64(a.Org()), who)
}

// Past is one attempt as kept.
type Past struct {
	Channel person.Channel `db:"channel"`
	Result  Result         `db:"result"`
	Source  string         `db:"source"`
	By      int64          `db:"account_id"`
	At      time.Time      `db:"tried_at"`
}
