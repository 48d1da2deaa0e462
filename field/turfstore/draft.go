package turfstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

// draft is what one step keeps.
type draft struct {
	Wish  Wish           `json:"wish"`
	Plan  turf.Plan      `json:"plan"`
	Names map[int]string `json:"names,omitempty"` // of turfs that somebody named, by the ID they have in the plan
}

// firstDraft cuts a map for the first time. Doors that lie apart from all others leave the ground.
func firstDraft(ctx context.Context, g *ground, w Wish) (draft, error) {
	o, apart, err := prepare(*g, w)
	if err != nil {
		return draft{}, err
	}
	if len(apart) > 0 {
		g.Doors = slices.DeleteFunc(g.Doors, func(d Door) bool {
			if !slices.Contains(apart, d.Key) {
				return false
			}
			g.Left = append(g.Left, d.left(Far))
			return true
		})
		if o, _, err = prepare(*g, w); err != nil {
			return draft{}, err
		}
	}
	d := draft{Wish: w}
	d.Plan, err = o.cut.Cut(ctx, w.Rules)
	return d, err
}

// Draft is how the doors of a map are cut now, before it is saved.
type Draft struct {
	Map      Map
	Wish     Wish
	Undo     bool // there is a step before
	Redo     bool // and one after
	Turfs    []DraftTurf
	Loose    int // doors in no turf
	Smallest int
	Largest  int

	o *opened
	draft
}

// DraftTurf is one turf of a draft.
type DraftTurf struct {
	turf.Turf
	Name   string // that somebody gave it, else ""
	People int
	Metres int
	Mins   int
	Saved  TurfID // the turf saved with exactly these doors; 0 for none
	Held   bool   // it is with somebody: it does not change
	Middle geo.Point
}

// Draft returns how a map is cut now.
func (s *Store) Draft(ctx context.Context, a org.Actor, id MapID) (Draft, error) {
	m, err := s.Map(ctx, a, id)
	if err != nil {
		return Draft{}, err
	}
	d, err := s.step(ctx, a, m)
	if err != nil {
		return Draft{}, err
	}
	return s.shown(ctx, a, m, d)
}

// step reads the step of a map that holds now.
func (s *Store) step(ctx context.Context, a org.Actor, m Map) (draft, error) {
	r, err := draftAt(a.Within(ctx), s.db, a.Org(), m.ID, m.Step)
	if errors.Is(err, db.ErrNone) { // somebody went on between two statements
		return draft{}, errOlder()
	}
	if err != nil {
		return draft{}, fmt.Errorf("reading how a map is cut: %w", err)
	}
	var d draft
	return d, unpack(r.Plan, &d)
}

// shown completes a draft with what is saved and handed out.
func (s *Store) shown(ctx context.Context, a org.Actor, m Map, d draft) (Draft, error) {
	o, err := s.open(ctx, s.db, a, m.ID, d.Wish)
	if err != nil {
		return Draft{}, err
	}
	saved, err := turfRows(a.Within(ctx), s.db, a.Org(), m.ID)
	if err != nil {
		return Draft{}, fmt.Errorf("reading the turfs of a map: %w", err)
	}
	out, err := liveHandouts(a.Within(ctx), s.db, a.Org(), m.ID, s.now())
	if err != nil {
		return Draft{}, fmt.Errorf("reading what of a map is handed out: %w", err)
	}
	steps, err := draftSteps(a.Within(ctx), s.db, a.Org(), m.ID)
	if err != nil {
		return Draft{}, fmt.Errorf("reading how a map was cut: %w", err)
	}
	x := Draft{Map: m, Wish: d.Wish, o: o, draft: d, Loose: len(d.Plan.Loose), Undo: slices.Contains(steps, m.Step-1), Redo: slices.Contains(steps, m.Step+1)}
	with := make(map[string]TurfID, len(saved))
	for _, r := range slices.Backward(saved) {
		with[r.Hash] = r.ID
	}
	held := make(map[TurfID]bool, len(out))
	for _, h := range out {
		held[h.Turf] = true
	}
	for _, t := range d.Plan.Turfs {
		q := DraftTurf{Turf: t, Name: d.Names[t.ID], Metres: whole(t.Path), Mins: whole(t.Minutes), Middle: o.plane.Unproject(t.Centre)}
		for _, i := range t.Doors {
			q.People += o.ground.Doors[o.door[i]].Visit
		}
		if q.Saved = with[o.hash(t)]; q.Saved != 0 {
			q.Held = held[q.Saved]
		}
		if n := len(t.Doors); x.Smallest == 0 || n < x.Smallest {
			x.Smallest = n
		}
		x.Largest = max(x.Largest, len(t.Doors))
		x.Turfs = append(x.Turfs, q)
	}
	return x, nil
}

func whole(x float64) int { return int(math.Round(x)) }

// hash names doors in an order.
func (o *opened) hash(t turf.Turf) string {
	h := sha256.New()
	for _, i := range t.Doors {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], bits(o.ground.Doors[o.door[i]].Key))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Outlines returns the rings of each turf, by the ID it has in the plan: outer ones counter-clockwise, holes clockwise, closed.
func (d Draft) Outlines() map[int][][]geo.Point {
	all := make(map[int][][]geo.Point, len(d.Turfs))
	for id, outline := range d.o.cut.Outlines(d.Plan) {
		for _, r := range outline {
			if ring := d.o.points(r); len(ring) > 2 {
				all[id] = append(all[id], append(ring, ring[0]))
			}
		}
	}
	return all
}

// Walk returns the walk of a turf along the streets, from its first door to its last.
func (d Draft) Walk(id int) []geo.Point { return d.o.points(d.o.cut.Legs(d.Plan, id)) }

func (o *opened) points(all []geo.XY) []geo.Point {
	out := make([]geo.Point, len(all))
	for i, p := range all {
		out[i] = o.plane.Unproject(p)
	}
	return out
}

// Doors returns the doors of the map in the order that Of counts them.
func (d Draft) Doors() []Door {
	all := make([]Door, len(d.o.door))
	for i, at := range d.o.door {
		all[i] = d.o.ground.Doors[at]
	}
	return all
}

// Doubted returns how many doors stand at a point with many other addresses, which is probably not where they are.
func (d Draft) Doubted() int { return d.o.cut.Doubted() }

// Of says for each door of Doors in which turf it is; 0 in none.
func (d Draft) Of() []int {
	all := make([]int, len(d.o.door))
	for _, t := range d.Plan.Turfs {
		for _, i := range t.Doors {
			all[i] = t.ID
		}
	}
	return all
}

// Box is the rectangle around all doors.
func (d Draft) Box() geo.Box {
	b := geo.EmptyBox()
	for _, x := range d.o.ground.Doors {
		b = b.Extend(x.At)
	}
	return b
}

// Try cuts a map as w asks and keeps nothing: for a slider while it moves. Locked turfs and those with somebody stay.
func (s *Store) Try(ctx context.Context, a org.Actor, id MapID, w Wish) (Draft, error) {
	if err := a.Must(PermitCut); err != nil {
		return Draft{}, err
	}
	m, err := s.Map(ctx, a, id)
	if err != nil {
		return Draft{}, err
	}
	d, err := s.step(ctx, a, m)
	if err != nil {
		return Draft{}, err
	}
	w.Rules.Quick = true
	x, err := s.recut(ctx, a, m, d, w)
	if err != nil {
		return Draft{}, err
	}
	return s.shown(ctx, a, m, x)
}

// recut cuts all that is not locked and not with somebody.
func (s *Store) recut(ctx context.Context, a org.Actor, m Map, d draft, w Wish) (draft, error) {
	rules, err := w.Rules.Check() // w keeps what was asked: bounds that were left open follow the target
	if err != nil {
		return d, err
	}
	if err := w.check(); err != nil {
		return d, err
	}
	o, err := s.open(ctx, s.db, a, m.ID, w)
	if err != nil {
		return d, err
	}
	now, err := s.shown(ctx, a, m, d)
	if err != nil {
		return d, err
	}
	p, fresh := d.Plan, true
	for _, t := range now.Turfs {
		fresh = fresh && t.Saved == 0
		if t.Held && !t.Locked {
			if p, err = o.cut.Lock(p, t.ID, true); err != nil {
				return d, err
			}
		}
	}
	before := p
	if p, err = o.cut.Recut(ctx, p, rules); err != nil {
		return d, err
	}
	next := draft{Wish: w, Plan: p}
	if fresh { // nobody knows these turfs by their numbers yet
		next.Plan = o.cut.Renumber(p)
	}
	next.Names = carried(d.Names, before, next.Plan)
	return next, nil
}

// carried gives the names of turfs to those with the same doors in another plan.
func carried(names map[int]string, from, to turf.Plan) map[int]string {
	out := map[int]string{}
	for _, t := range from.Turfs {
		if names[t.ID] == "" {
			continue
		}
		for _, x := range to.Turfs {
			if slices.Equal(x.Doors, t.Doors) {
				out[x.ID] = names[t.ID]
			}
		}
	}
	return out
}

// mostLines and mostCorners bound the barriers that people draw.
const (
	mostLines   = 200
	mostCorners = 2000
)

func (w Wish) check() error {
	n := 0
	for _, l := range w.Lines {
		n += len(l)
		for _, p := range l {
			if !sound(p) {
				return fault.Invalidf("A corner of this shape is nowhere on the globe. Draw it again.")
			}
		}
	}
	if len(w.Lines) > mostLines || n > mostCorners {
		return fault.Invalidf("There can be %d barriers with %d corners together. Remove some.", mostLines, mostCorners)
	}
	return nil
}

func sound(p geo.Point) bool { return math.Abs(p.Lon) <= 180 && math.Abs(p.Lat) <= 85 }

// errOlder tells the second of two who edit one map.
func errOlder() error {
	return fault.Conflictf("Somebody else changed this map a moment ago. Your change was not made. Look at the map as it is now, and make it again.")
}

// mostSteps is how far back one can undo.
const mostSteps = 50

// put keeps d as the step after m's, and forgets what was undone before.
func (s *Store) put(ctx context.Context, a org.Actor, m Map, edition int64, what Do, d draft) error {
	if m.Edition != edition {
		return errOlder()
	}
	packed, err := pack(d)
	if err != nil {
		return err
	}
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		n, err := moveTo(ctx, tx, a.Org(), m.ID, edition, m.Step+1, s.now())
		if err != nil {
			return err
		}
		if n == 0 {
			return errOlder()
		}
		if err := dropDrafts(ctx, tx, a.Org(), m.ID, m.Step+1-mostSteps, m.Step); err != nil {
			return err
		}
		if err := insertDraft(ctx, tx, draftRow{Map: m.ID, Step: m.Step + 1, Org: a.Org(), What: string(what), Plan: packed, By: int64(a.Account()), At: s.now()}); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindCut, Object: m.ID.Object(), Data: map[string]any{"what": string(what), "step": m.Step + 1, "turfs": len(d.Plan.Turfs)}})
		return err
	})
}

// Undo goes back one step of a map's drafts, Redo forward again.
func (s *Store) Undo(ctx context.Context, a org.Actor, id MapID, edition int64) error {
	return s.turn(ctx, a, id, edition, -1)
}

// Redo takes an Undo back.
func (s *Store) Redo(ctx context.Context, a org.Actor, id MapID, edition int64) error {
	return s.turn(ctx, a, id, edition, 1)
}

func (s *Store) turn(ctx context.Context, a org.Actor, id MapID, edition, by int64) error {
	if err := a.Must(PermitCut); err != nil {
		return err
	}
	m, err := s.Map(ctx, a, id)
	if err != nil {
		return err
	}
	m.Step += by
	d, err := s.step(ctx, a, m)
	if err != nil {
		if fault.KindOf(err) == fault.Conflict {
			return fault.Conflictf("There is nothing more to undo or redo.")
		}
		return err
	}
	if err := s.unheld(ctx, a, m, d); err != nil {
		return err
	}
	what := map[int64]string{-1: "undo", 1: "redo"}[by]
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		n, err := moveTo(ctx, tx, a.Org(), id, edition, m.Step, s.now())
		if err != nil {
			return err
		}
		if n == 0 {
			return errOlder()
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindCut, Object: id.Object(), Data: map[string]any{"what": what, "step": m.Step}})
		return err
	})
}

// unheld refuses a draft in which a turf that is with somebody is not as they have it.
func (s *Store) unheld(ctx context.Context, a org.Actor, m Map, d draft) error {
	o, err := s.open(ctx, s.db, a, m.ID, d.Wish)
	if err != nil {
		return err
	}
	held, err := heldTurfs(a.Within(ctx), s.db, a.Org(), m.ID, s.now())
	if err != nil {
		return fmt.Errorf("reading what of a map is handed out: %w", err)
	}
	have := map[string]bool{}
	for _, t := range d.Plan.Turfs {
		have[o.hash(t)] = true
	}
	for _, h := range held {
		if !have[h.Hash] {
			return fault.Conflictf("%s is with somebody. Recall it before you change it.", h.Name)
		}
	}
	return nil
}

// Streets returns the pieces of street around the doors, as they were when the map was made.
func (d Draft) Streets() []place.Street { return d.o.ground.Streets }

// Water returns the water between them.
func (d Draft) Water() []geo.Polygon { return d.o.ground.Water }
