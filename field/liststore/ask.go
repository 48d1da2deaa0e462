package liststore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// whole returns the criteria with the steps that are always on: suppressed people are taken out before anybody is chosen among those who are left
// (one per household, a sample, a part), and at the end.
func (k Ask) whole() (whole list.Criteria, always, at []int) {
	whole.Version = k.Criteria.Version
	loose := false // people came in since the last always-on step
	put := func() {
		if loose && k.Channel != NoContact {
			always = append(always, len(whole.Steps))
			whole.Steps = append(whole.Steps, list.Step{Do: list.Remove, Where: list.Suppressed{Channels: []string{string(k.Channel)}}})
		}
		loose = false
	}
	for _, step := range k.Criteria.Steps {
		switch step.Do {
		case list.OnePerHousehold, list.Sample, list.Part:
			put()
		case list.Start, list.Add, list.Households:
			loose = true
		}
		at = append(at, len(whole.Steps))
		whole.Steps = append(whole.Steps, step)
	}
	put()
	return whole, always, at
}

// Check says whether the actor may ask k, and what exactly is asked then.
func (s *Store) Check(ctx context.Context, a org.Actor, k Ask) (Checked, error) {
	return s.checkAs(ctx, a, k, 0)
}

// checkAs is Check for what is to be saved as self, which must not use itself.
func (s *Store) checkAs(ctx context.Context, a org.Actor, k Ask, self ListID) (Checked, error) {
	if err := a.Must(PermitCount); err != nil {
		return Checked{}, err
	}
	cat, err := s.catalog(ctx, a, k.File, k.Criteria)
	if err != nil {
		return Checked{}, err
	}
	return check(a, cat, k, self)
}

// check is Check with a catalogue at hand, for the saved search self or, with 0, for none.
func check(a org.Actor, cat *list.Catalog, k Ask, self ListID) (Checked, error) {
	if _, ok := ParseChannel(string(k.Channel)); !ok {
		return Checked{}, fault.Invalidf("There is no way of contact called “%s”.", string(k.Channel))
	}
	if k.Dropped && !a.May(person.PermitDropped) || k.Minors && !a.May(person.PermitMinor) {
		return Checked{}, fault.Deniedf("Your role in this organization does not see people who are no longer on file or not yet 18.")
	}
	if k.Criteria.Version == 0 {
		k.Criteria.Version = list.Version
	}
	cat.Universe.Dropped, cat.Universe.Minors = k.Dropped, k.Minors
	c := Checked{Ask: k, Catalog: cat}
	c.Whole, c.Always, c.At = k.whole()
	// What the person wrote is judged by itself, so that trouble is told with the numbers of the steps that the person sees.
	if _, err := list.CheckAs(int64(self), k.Criteria, cat); err != nil {
		return Checked{}, err
	}
	withheld := cat.Contacts
	cat.Contacts = true // the always-on steps ask on nobody's behalf
	var err error
	c.Plan, err = list.CheckAs(int64(self), c.Whole, cat)
	cat.Contacts = withheld
	return c, err
}

// answering is what evaluates a plan: a segment, or the database.
type answering struct {
	view  *segment.View // nil: the database
	epoch int64
}

// answerer returns the segment of a voter file where one stands, without waiting for one.
func (s *Store) answerer(ctx context.Context, file int64) (answering, error) {
	if s.engine != nil {
		if view, _ := s.engine.Current(file); view != nil {
			return answering{view: view, epoch: view.Epoch()}, nil
		}
	}
	epoch, err := change.Newest(db.WithSite(ctx), s.db)
	return answering{epoch: epoch}, err
}

// Building says how far the segment of a voter file is; zero when one stands, or none is made.
func (s *Store) Building(ctx context.Context, a org.Actor, file int64) (segment.State, error) {
	if err := a.Must(PermitCount); err != nil {
		return segment.State{}, err
	}
	if s.engine == nil {
		return segment.State{}, nil
	}
	_, state := s.engine.Current(file)
	return state, nil
}

// Count counts whom k describes.
func (s *Store) Count(ctx context.Context, a org.Actor, k Ask) (Answer, error) {
	began := time.Now()
	c, err := s.Check(ctx, a, k)
	if err != nil {
		return Answer{}, err
	}
	by, err := s.answerer(ctx, int64(k.File))
	if err != nil {
		return Answer{}, err
	}
	got := Answer{Checked: c, Epoch: by.epoch, Slow: by.view == nil}
	if by.view != nil {
		err = got.countSegment(ctx, by.view)
	}
	if by.view == nil || errors.Is(err, segment.ErrDamaged) {
		got.Slow, got.Steps = true, nil
		err = s.countSlowly(ctx, &got)
	}
	got.Took = time.Since(began)
	return got, err
}

func (g *Answer) countSegment(ctx context.Context, v *segment.View) error {
	r, err := v.Eval(ctx, g.Plan)
	if err != nil {
		return fmt.Errorf("counting in the segment: %w", err)
	}
	n, err := r.Counts(ctx)
	if err != nil {
		return fmt.Errorf("counting in the segment: %w", err)
	}
	g.Counts = Counts(n)
	before := int64(0)
	for i, step := range r.Steps {
		g.Steps = append(g.Steps, StepCount{Before: before, After: step.People, Always: slices.Contains(g.Always, i)})
		before = step.People
	}
	return nil
}

func (s *Store) countSlowly(ctx context.Context, g *Answer) error {
	n, err := SlowCounts(db.WithSite(ctx), s.db, g.Plan) // a plan carries its own fence
	if err != nil {
		return fmt.Errorf("counting in the database: %w", err)
	}
	g.Counts = n.counts()
	before := int64(0)
	for i, after := range n.Steps {
		g.Steps = append(g.Steps, StepCount{Before: before, After: after, Always: slices.Contains(g.Always, i)})
		before = after
	}
	return nil
}

func (f SlowFigures) counts() Counts {
	return Counts{People: f.People, Doors: f.Doors, Phones: f.Phones, Emails: f.Emails}
}

// View checks k and returns the segment that answers it, or ErrNoSegment.
func (s *Store) View(ctx context.Context, a org.Actor, k Ask) (*segment.View, Checked, error) {
	c, err := s.Check(ctx, a, k)
	if err != nil {
		return nil, c, err
	}
	by, err := s.answerer(ctx, int64(k.File))
	if err == nil && by.view == nil {
		err = ErrNoSegment
	}
	return by.view, c, err
}

// Options counts what each option of groups would leave of k, were it chosen in a step of k.Criteria.
func (s *Store) Options(ctx context.Context, a org.Actor, k Ask, step int, groups []segment.Group) (*segment.Panel, error) {
	v, c, err := s.View(ctx, a, k)
	if err != nil {
		return nil, err
	}
	if step < 0 || step >= len(c.At) {
		return nil, fault.Invalidf("There is no step %d.", step+1)
	}
	return v.Options(ctx, c.Plan, c.At[step], groups)
}

// Crosstab counts the people of k by two groups at once.
func (s *Store) Crosstab(ctx context.Context, a org.Actor, k Ask, rows, cols segment.Group) (*segment.Table, error) {
	v, c, err := s.View(ctx, a, k)
	if err != nil {
		return nil, err
	}
	r, err := v.Eval(ctx, c.Plan)
	if err != nil {
		return nil, err
	}
	return v.Crosstab(ctx, c.Plan.Universe, c.Plan.Today, r.Set, rows, cols)
}

// isFault reports whether err is one a person can act on.
func isFault(err error) bool {
	var f *fault.Error
	var in fault.Inputs
	return errors.As(err, &f) || errors.As(err, &in)
}
