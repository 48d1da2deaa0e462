package canvass

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Walkers are those under whose names results from paper can be recorded.
type Walkers struct {
	All    []Walker // by name
	Likely int64    // account of whom the turf was handed to, or whose phone took it along; 0 when that is not known
}

// Walker is one of them.
type Walker struct {
	Account int64
	Name    string
}

// Has reports whether an account is among them.
func (w Walkers) Has(account int64) bool {
	return slices.ContainsFunc(w.All, func(x Walker) bool { return x.Account == account })
}

// Walkers returns who can have walked: members of the actor's organisation who may take turf along, and whoever had the turf, also when they have left since.
// turf is 0 for none.
func (s *Store) Walkers(ctx context.Context, a org.Actor, turf int64) (w Walkers, err error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return w, err
	}
	members, err := s.c.Orgs.Holders(ctx, a, PermitWalk)
	if err != nil {
		return w, fmt.Errorf("reading who walks: %w", err)
	}
	for _, m := range members {
		if !w.Has(int64(m.Account)) {
			w.All = append(w.All, Walker{int64(m.Account), m.Name})
		}
	}
	if turf != 0 {
		if _, err := s.Turf(ctx, a, turf); err != nil {
			return w, err
		}
		had, err := hadTurf(ctx, s.c.DB, int64(a.Org()), turf)
		if err != nil {
			return w, fmt.Errorf("reading who had a turf: %w", err)
		}
		for _, x := range had {
			w.Likely = cmp.Or(w.Likely, x.ID)
			if !w.Has(x.ID) {
				w.All = append(w.All, Walker{x.ID, x.Name})
			}
		}
	}
	slices.SortFunc(w.All, func(x, y Walker) int {
		return cmp.Or(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), cmp.Compare(x.Account, y.Account))
	})
	return w, nil
}

// GivenTurf is a turf to enter what came back of it on paper.
type GivenTurf struct {
	Turf    int64  `db:"turf_id"`
	Name    string `db:"name"`
	Map     int64  `db:"map_id"`
	MapName string `db:"map_name"`
}

// Turf returns a turf of a map that the actor sees.
func (s *Store) Turf(ctx context.Context, a org.Actor, turf int64) (GivenTurf, error) {
	if err := a.Must(PermitSee); err != nil {
		return GivenTurf{}, err
	}
	refused := fault.NotFoundf("There is no such turf here, or its folder is not shared with you.")
	t, err := turfByID(a.Within(ctx), s.c.DB, int64(a.Org()), turf)
	if errors.Is(err, db.ErrNone) {
		return t, refused
	}
	if err != nil {
		return t, fmt.Errorf("reading a turf: %w", err)
	}
	x, err := s.sight(ctx, a)
	if err == nil && !x.sees(t.Map) {
		return GivenTurf{}, refused
	}
	return t, err
}

// mostGiven is how many turfs are offered at once; those handed out last come first.
const mostGiven = 300

// Given returns the turfs that were handed out, in maps that the actor sees.
func (s *Store) Given(ctx context.Context, a org.Actor) ([]GivenTurf, error) {
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	x, err := s.sight(ctx, a)
	if err != nil {
		return nil, err
	}
	all, err := givenTurfs(a.Within(ctx), s.c.DB, int64(a.Org()), x.live, mostGiven)
	if err != nil {
		return nil, fmt.Errorf("reading which turfs were handed out: %w", err)
	}
	return all, nil
}

// OnTurf returns the doors of a turf as they are now, in walk order. Who shows the names records that.
func (s *Store) OnTurf(ctx context.Context, a org.Actor, turf int64) (turfstore.Content, error) {
	if err := a.Must(turfstore.PermitSee); err != nil {
		return turfstore.Content{}, err
	}
	if _, err := s.Turf(ctx, a, turf); err != nil {
		return turfstore.Content{}, err
	}
	return s.c.Turfs.Doors(ctx, s.c.DB, a, turfstore.TurfID(turf))
}

// OnPaper is what came back of a turf on paper.
type OnPaper struct {
	Turf     int64
	By       int64 // account of who walked
	Tried    []contact.Attempt
	Answered map[codebook.ID][]codebook.Answer // by question
}

// Walked lets boards count what came back on paper, beside what comes from phones; who calls it records the rest. Several people of one door with one
// result on one day are one visit. Who does not live in the turf counts on no board.
func (s *Store) Walked(ctx context.Context, tx *db.Tx, a org.Actor, p OnPaper) error {
	t, err := turfByID(ctx, tx, int64(a.Org()), p.Turf)
	if err != nil {
		return fmt.Errorf("reading a turf: %w", err)
	}
	c, err := s.c.Turfs.Doors(ctx, tx, a, turfstore.TurfID(p.Turf))
	if err != nil {
		return err
	}
	at := map[int64]string{}
	for _, d := range c.Doors {
		for _, x := range d.People {
			at[x.ID] = doorID(d.Key)
		}
	}
	var visits []paperVisit
	for _, x := range p.Tried {
		if door, ok := at[x.Person]; ok {
			m, _ := contact.MeaningOf(x.Result)
			visits = append(visits, paperVisit{ID: fmt.Sprintf("paper-%d-%s-%s-%s-%d", p.Turf, door, x.At.UTC().Format(time.DateOnly), x.Result, p.By), Door: door, Result: string(x.Result), Talked: m.Counts, At: x.At})
		}
	}
	var answers []paperAnswer
	for q, given := range p.Answered {
		for _, x := range given {
			if door, ok := at[x.Person]; ok {
				answers = append(answers, paperAnswer{ID: x.ID, Person: x.Person, Door: door, Question: int64(q), Response: int64(x.Response), At: x.At})
			}
		}
	}
	slices.SortFunc(answers, func(x, y paperAnswer) int { return strings.Compare(x.ID, y.ID) })
	if err := putPaperVisits(ctx, tx, int64(a.Org()), t.Map, p, visits); err != nil {
		return fmt.Errorf("keeping what was tried at doors: %w", err)
	}
	if err := putPaperAnswers(ctx, tx, int64(a.Org()), t.Map, p, answers); err != nil {
		return fmt.Errorf("keeping what was answered at doors: %w", err)
	}
	return nil
}
