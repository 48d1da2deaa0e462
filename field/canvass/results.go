package canvass

import (
	"context"
	"fmt"
	"slices"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// usual are the results that an organisation starts with, by channel: the short set that parties recommend.
var usual = map[person.Channel][]contact.Result{
	person.ByDoor: {contact.NotHome, contact.Refused, contact.Moved, contact.LitDropped, contact.CallBack, contact.Inaccessible, contact.Language, contact.Deceased, contact.DoNotKnock},
	person.ByCall: {contact.NotHome, contact.LeftMessage, contact.Refused, contact.CallBack, contact.WrongNumber, contact.Disconnected, contact.Busy, contact.Language, contact.Moved, contact.Deceased, contact.DoNotCall},
	person.ByText: {contact.WrongNumber, contact.Refused, contact.DoNotText, contact.Deceased},
}

// Choosable returns all results that can happen by a channel, in the order to offer them. Reached is not among them: it is recorded by talking.
func Choosable(c person.Channel) []contact.Meaning {
	return slices.DeleteFunc(contact.Meanings(), func(m contact.Meaning) bool { return m.Result == contact.Reached || !slices.Contains(m.Channels, c) })
}

// Results returns the results that people of the actor's organisation choose from by a channel, in order.
func (s *Store) Results(ctx context.Context, a org.Actor, c person.Channel) ([]contact.Meaning, error) {
	chosen, err := results(a.Within(ctx), s.c.DB, int64(a.Org()), c)
	if err != nil {
		return nil, fmt.Errorf("reading which results can be recorded: %w", err)
	}
	if len(chosen) == 0 {
		chosen = usual[c]
	}
	var all []contact.Meaning
	for _, r := range chosen {
		if m, ok := contact.MeaningOf(r); ok {
			all = append(all, m)
		}
	}
	return all, nil
}

// SetResults chooses them; none is the usual set again.
func (s *Store) SetResults(ctx context.Context, a org.Actor, c person.Channel, chosen []contact.Result) error {
	if err := a.Must(PermitSettings); err != nil {
		return err
	}
	can := Choosable(c)
	if len(can) == 0 {
		return fault.Invalidf("Choose a channel.")
	}
	words := make([]string, len(chosen))
	for i, r := range chosen {
		words[i] = string(r)
		if !slices.ContainsFunc(can, func(m contact.Meaning) bool { return m.Result == r }) || slices.Contains(chosen[:i], r) {
			return fault.Invalidf("%q cannot be recorded by this channel, or is chosen twice.", string(r))
		}
	}
	return s.c.DB.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		if err := putResults(ctx, tx, int64(a.Org()), c, chosen); err != nil {
			return fmt.Errorf("choosing which results can be recorded: %w", err)
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindResults, Object: "field_canvass_result", Data: map[string]any{"channel": string(c), "results": words}})
		return err
	})
}

// whole says whom a result is about: a person, the whole door, or either.
func whole(r contact.Result) string {
	switch r {
	case contact.Moved, contact.Deceased, contact.CallBack, contact.DoNotCall, contact.DoNotText, contact.DoNotEmail, contact.DoNotMail:
		return "person"
	case contact.Inaccessible, contact.LitDropped:
		return "door"
	}
	return "any"
}

// quickest is how many of the chosen results have a button of their own; the others are behind one.
const quickest = 4
