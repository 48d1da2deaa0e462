package turfstore

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/org"
)

// Do is one kind of change to a draft.
type Do string

// The kinds.
const (
	DoCut    Do = "cut"    // all that is not locked, by Edit.Wish
	DoNew    Do = "new"    // a turf of the doors inside Edit.Ring
	DoMove   Do = "move"   // the doors inside Edit.Ring, or behind Edit.At, to the turf Edit.To
	DoDrop   Do = "drop"   // the doors inside Edit.Ring, or whole turfs, into no turf
	DoBlock  Do = "block"  // the doors of one turf on the piece of street at Edit.At to the turf Edit.To
	DoBisect Do = "bisect" // each of the turfs into two
	DoJoin   Do = "join"   // the turfs into the first of them
	DoSplit  Do = "split"  // the building at Edit.At over Edit.Parts turfs
	DoLock   Do = "lock"
	DoUnlock Do = "unlock"
	DoSpare  Do = "spare"
	DoUsual  Do = "usual" // no longer spare
	DoStart  Do = "start" // the walk of a turf begins nearest to Edit.At; without it, where it likes
	DoName   Do = "name"
)

// Edit is one change to a draft. Places are where somebody pointed: the door nearest to them is meant.
type Edit struct {
	Do    Do
	Wish  Wish
	Turfs []int // by the ID they have in the plan
	To    int
	Ring  []geo.Point
	At    *geo.Point
	Parts int
	Name  string
}

// Edit changes the draft of a map as somebody saw it: edition is that of the draft they looked at.
func (s *Store) Edit(ctx context.Context, a org.Actor, id MapID, edition int64, e Edit) (Draft, error) {
	if err := a.Must(PermitCut); err != nil {
		return Draft{}, err
	}
	m, err := s.Map(ctx, a, id)
	if err != nil {
		return Draft{}, err
	}
	if m.Edition != edition {
		return Draft{}, errOlder()
	}
	d, err := s.step(ctx, a, m)
	if err != nil {
		return Draft{}, err
	}
	if e.Do == DoCut {
		if d, err = s.recut(ctx, a, m, d, e.Wish); err != nil {
			return Draft{}, err
		}
	} else {
		o, err := s.open(ctx, s.db, a, id, d.Wish)
		if err != nil {
			return Draft{}, err
		}
		if d, err = d.edited(o, e); err != nil {
			return Draft{}, err
		}
	}
	if err := s.unheld(ctx, a, m, d); err != nil {
		return Draft{}, err
	}
	if err := s.put(ctx, a, m, edition, e.Do, d); err != nil {
		return Draft{}, err
	}
	return s.Draft(ctx, a, id)
}

// edited returns the draft after one change.
func (d draft) edited(o *opened, e Edit) (draft, error) {
	var err error
	p := d.Plan
	switch e.Do {
	case DoNew:
		p, err = o.move(p, e, turf.New)
	case DoMove:
		p, err = o.move(p, e, e.To)
	case DoDrop:
		p, err = o.drop(p, e)
	case DoBlock, DoSplit:
		p, err = o.at(p, e)
	case DoBisect, DoLock, DoUnlock, DoSpare, DoUsual, DoStart:
		if len(e.Turfs) == 0 {
			return d, errNoneChosen()
		}
		for _, id := range e.Turfs {
			if p, err = o.one(p, e, id); err != nil {
				return d, err
			}
		}
	case DoJoin:
		if len(e.Turfs) < 2 {
			return d, fault.Invalidf("Choose two turfs or more to join them.")
		}
		for _, id := range e.Turfs[1:] {
			if p, err = o.cut.Merge(p, e.Turfs[0], id); err != nil {
				return d, err
			}
		}
	case DoName:
		return d.named(e)
	default:
		return d, fault.Invalidf("There is no such change to a map: “%s”.", string(e.Do))
	}
	if err != nil {
		return d, err
	}
	return draft{Wish: d.Wish, Plan: p, Names: d.Names}, nil
}

func errNoneChosen() error { return fault.Invalidf("Choose at least one turf first.") }

// one makes the changes that each of the chosen turfs gets by itself.
func (o *opened) one(p turf.Plan, e Edit, id int) (turf.Plan, error) {
	switch e.Do {
	case DoBisect:
		return o.cut.Bisect(p, id)
	case DoLock, DoUnlock:
		return o.cut.Lock(p, id, e.Do == DoLock)
	case DoSpare, DoUsual:
		return o.cut.Spare(p, id, e.Do == DoSpare)
	}
	if e.At == nil {
		return o.cut.Reorder(p, id, nil)
	}
	if !sound(*e.At) {
		return p, fault.Invalidf("A corner of this shape is nowhere on the globe. Draw it again.")
	}
	at := o.plane.Project(*e.At)
	return o.cut.Reorder(p, id, &at)
}

// inside returns the doors that are meant: those in the ring, or the one at the point.
func (o *opened) inside(e Edit) ([]int32, error) {
	if len(e.Ring) < 3 {
		door, err := o.nearest(e)
		return []int32{door}, err
	}
	if len(e.Ring) > mostCorners {
		return nil, fault.Invalidf("This shape has too many corners; %d are possible. Draw it again with fewer.", mostCorners)
	}
	ring := make([]geo.XY, len(e.Ring))
	for i, p := range e.Ring {
		if !sound(p) {
			return nil, fault.Invalidf("A corner of this shape is nowhere on the globe. Draw it again.")
		}
		ring[i] = o.plane.Project(p)
	}
	doors := o.cut.Inside(ring)
	if len(doors) == 0 {
		return nil, fault.Invalidf("There is no door inside this shape.")
	}
	return doors, nil
}

// mostAway is how far in metres from a door one may point.
const mostAway = 250

// nearest returns the door nearest to where somebody pointed.
func (o *opened) nearest(e Edit) (int32, error) {
	best, at := -1.0, int32(-1)
	if e.At != nil && sound(*e.At) {
		p := o.plane.Project(*e.At)
		for i, d := range o.cut.City().Doors {
			if x := (d.At.X-p.X)*(d.At.X-p.X) + (d.At.Y-p.Y)*(d.At.Y-p.Y); x < mostAway*mostAway && (at < 0 || x < best) {
				best, at = x, int32(i)
			}
		}
	}
	if at < 0 {
		return 0, fault.Invalidf("There is no door near this place. Choose a door on the map.")
	}
	return at, nil
}

func (o *opened) move(p turf.Plan, e Edit, to int) (turf.Plan, error) {
	doors, err := o.inside(e)
	if err != nil {
		return p, err
	}
	locked := map[int32]bool{}
	for _, t := range p.Turfs {
		if t.Locked && t.ID != to {
			for _, i := range t.Doors {
				locked[i] = true
			}
		}
	}
	if doors = slices.DeleteFunc(doors, func(i int32) bool { return locked[i] }); len(doors) == 0 {
		return p, fault.Invalidf("All doors in this shape are in locked turfs. Unlock them first.")
	}
	return o.cut.Move(p, doors, to)
}

// drop takes doors out of all turfs: those in a shape, or those of the chosen turfs.
func (o *opened) drop(p turf.Plan, e Edit) (turf.Plan, error) {
	if len(e.Ring) > 0 || e.At != nil {
		return o.move(p, e, 0)
	}
	if len(e.Turfs) == 0 {
		return p, errNoneChosen()
	}
	for _, id := range e.Turfs {
		t, ok := p.Turf(id)
		if !ok {
			return p, fault.Invalidf("There is no turf %d in this map any more.", id)
		}
		var err error
		if p, err = o.cut.Move(p, slices.Clone(t.Doors), 0); err != nil {
			return p, err
		}
	}
	return p, nil
}

// mostParts is over how many turfs a building can be divided.
const mostParts = 20

// at makes the changes that begin with a door somebody pointed at.
func (o *opened) at(p turf.Plan, e Edit) (turf.Plan, error) {
	door, err := o.nearest(e)
	if err != nil {
		return p, err
	}
	if e.Do == DoBlock {
		return o.cut.MoveBlock(p, door, e.To)
	}
	if e.Parts < 2 || e.Parts > mostParts {
		return p, fault.Invalidf("A building can be divided into 2 to %d parts.", mostParts)
	}
	return o.cut.SplitBuilding(p, door, e.Parts)
}

// mostName is how many letters the name of a turf has.
const mostName = 60

func (d draft) named(e Edit) (draft, error) {
	name := strings.Join(strings.Fields(db.Storable(e.Name)), " ")
	if utf8.RuneCountInString(name) > mostName {
		return d, fault.Invalidf("The name of a turf can have %d letters.", mostName)
	}
	if len(e.Turfs) != 1 {
		return d, errNoneChosen()
	}
	if _, ok := d.Plan.Turf(e.Turfs[0]); !ok {
		return d, fault.Invalidf("There is no turf %d in this map any more.", e.Turfs[0])
	}
	names := map[int]string{e.Turfs[0]: name}
	for id, n := range d.Names {
		if id != e.Turfs[0] && n != "" {
			names[id] = n
		}
	}
	return draft{Wish: d.Wish, Plan: d.Plan, Names: names}, nil
}
