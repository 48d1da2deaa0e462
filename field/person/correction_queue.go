package person

import (
	"context"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/org"
)

// Queued is a correction as the queue shows it: with whom it is about.
type Queued struct {
	Correction
	Name string // "Aguilar, Rosa Elena"
	City string
}

type queuedRow struct {
	Correction
	Last   string `db:"last_name"`
	First  string `db:"first_name"`
	Middle string `db:"middle_name"`
	Suffix string `db:"suffix"`
	City   string `db:"city"`
	Hidden bool   `db:"confidential"`
}

// MostQueued is how many corrections the queue shows at once.
const MostQueued = 100

// Corrections returns the corrections of the actor's organisation: those that wait, oldest first, or those that were judged, newest
// first. Who may not judge sees their own. more says that there are more than shown.
func (p *Store) Corrections(ctx context.Context, actor org.Actor, judged bool) (all []Queued, more bool, err error) {
	if err := actor.Must(PermitCorrect); err != nil {
		return nil, false, err
	}
	ctx = actor.Within(ctx)
	f, err := p.fenceOf(ctx, actor, true)
	if err != nil || len(f.files) == 0 {
		return nil, false, err
	}
	rows, err := p.queue(ctx, f, judged, saidTo(actor), MostQueued+1)
	if err != nil {
		return nil, false, fmt.Errorf("reading the corrections: %w", err)
	}
	for _, r := range rows {
		if !r.Kind.shownTo(actor, r.Hidden) {
			continue
		}
		q := Queued{Correction: r.Correction, Name: listName(r.Last, r.First, r.Middle, r.Suffix)}
		if !r.Hidden {
			q.City = ProperAddress(r.City)
		}
		all = append(all, q)
	}
	if len(all) > MostQueued {
		all = all[:MostQueued]
	}
	return all, len(rows) > MostQueued, nil
}

// said is whose corrections the actor sees.
type said struct {
	everybody bool
	account   int64
}

func saidTo(actor org.Actor) said {
	return said{actor.May(PermitJudge), int64(actor.Account())}
}

// FixDays is within how many days a correction is to be judged, and RateDays of how many days the rate is told.
const (
	FixDays  = 7
	RateDays = 90
)

// FixRate says how corrections fare: of those made in the last RateDays days, and by whom the actor may see.
type FixRate struct {
	Waiting  int64     // now, however old
	Oldest   time.Time // of those that wait; zero when none does
	Of       int64     // made in the last RateDays days, and judged or older than FixDays days
	InTime   int64     // of these, accepted within FixDays days
	Accepted int64     // in the last RateDays days
	Declined int64
}

// FixRate returns how corrections of the actor's organisation fare; to those who may not judge, how their own do.
func (p *Store) FixRate(ctx context.Context, actor org.Actor) (FixRate, error) {
	if err := actor.Must(PermitCorrect); err != nil {
		return FixRate{}, err
	}
	ctx = actor.Within(ctx)
	now := p.now()
	r, err := p.fixRate(ctx, int64(actor.Org()), saidTo(actor), now.AddDate(0, 0, -RateDays), now.AddDate(0, 0, -FixDays), FixDays*24*time.Hour)
	if err != nil {
		return FixRate{}, fmt.Errorf("counting corrections: %w", err)
	}
	return r, nil
}
