package turf

import (
	"context"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// New is the ID that asks Move for a new turf.
const New = -1

// Turf returns the turf with an ID.
func (p Plan) Turf(id int) (Turf, bool) {
	for _, t := range p.Turfs {
		if t.ID == id {
			return t, true
		}
	}
	return Turf{}, false
}

// draft is a plan under change: what it shares with the plan it came from is only read.
type draft struct {
	g    *Ground
	plan Plan
	in   []int // by inner number: position in plan.Turfs, or -1
	next map[int][]int32
}

// draft begins a change of a plan, and refuses plans of another city.
func (g *Ground) draft(p Plan) (*draft, error) {
	d := &draft{g: g, plan: p, in: make([]int, len(g.doors)), next: map[int][]int32{}}
	d.plan.Turfs, d.plan.Loose = slices.Clone(p.Turfs), slices.Clone(p.Loose)
	for i := range d.in {
		d.in[i] = -1
	}
	held := 0
	for t, u := range p.Turfs {
		for _, i := range u.Doors {
			k, err := g.number(i)
			if err != nil || d.in[k] >= 0 {
				return nil, foreign()
			}
			d.in[k] = t
			held++
		}
	}
	if held+len(p.Loose) != len(g.doors) {
		return nil, foreign()
	}
	return d, nil
}

// number returns the inner number of a door, and refuses doors of another city.
func (g *Ground) number(door int32) (int32, error) {
	if door < 0 || int(door) >= len(g.inner) {
		return 0, foreign()
	}
	return g.inner[door], nil
}

func foreign() error {
	return fault.Conflictf("The doors have changed since this plan was made. Open it again.")
}

func (d *draft) find(id int) (int, error) {
	for t, u := range d.plan.Turfs {
		if u.ID == id {
			return t, nil
		}
	}
	return 0, fault.NotFoundf("There is no turf %d here any more. Somebody joined or cut it.", id)
}

// open returns the position of a turf that may be changed.
func (d *draft) open(id int) (int, error) {
	t, err := d.find(id)
	if err == nil && d.plan.Turfs[t].Locked {
		err = locked(id)
	}
	return t, err
}

// free refuses doors, by inner number, that a locked turf has.
func (d *draft) free(doors []int32) error {
	for _, k := range doors {
		if t := d.in[k]; t >= 0 && d.plan.Turfs[t].Locked {
			return locked(d.plan.Turfs[t].ID)
		}
	}
	return nil
}

func locked(id int) error { return fault.Conflictf("Turf %d is locked. Unlock it first.", id) }

func (d *draft) doors(t int) []int32 {
	if n, ok := d.next[t]; ok {
		return n
	}
	var all []int32
	for _, i := range d.plan.Turfs[t].Doors {
		all = append(all, d.g.inner[i])
	}
	return all
}

// fresh adds an empty turf.
func (d *draft) fresh() int {
	d.plan.Turfs = append(d.plan.Turfs, Turf{ID: d.plan.Next, Hue: -1})
	d.plan.Next++
	d.next[len(d.plan.Turfs)-1] = nil
	return len(d.plan.Turfs) - 1
}

// take moves doors, by inner number, to the turf at position to, or to no turf when it is -1.
func (d *draft) take(doors []int32, to int) {
	left := map[int]bool{}
	var came []int32
	for _, k := range doors {
		if d.in[k] != to {
			left[d.in[k]] = true
			came = append(came, k)
			d.in[k] = to
		}
	}
	for t := range left {
		if t >= 0 {
			d.next[t] = slices.DeleteFunc(slices.Clone(d.doors(t)), func(k int32) bool { return d.in[k] != t })
		}
	}
	if to >= 0 {
		d.next[to] = append(slices.Clone(d.doors(to)), came...)
	}
	if to < 0 || left[-1] {
		d.plan.Loose = nil
		for i, k := range d.g.inner {
			if d.in[k] < 0 {
				d.plan.Loose = append(d.plan.Loose, int32(i)) // #nosec G115 -- MaxDoors
			}
		}
	}
}

// finish walks what changed anew, drops turfs without doors, and colours what is new.
func (d *draft) finish() Plan {
	changed := make([]int, 0, len(d.next))
	for t := range d.next {
		changed = append(changed, t)
	}
	slices.Sort(changed)
	r := d.plan.Rules
	inParts(len(changed), worthSurveyor, func(int) func(int) {
		s := newSurveyor(d.g)
		touch := newContact(&d.g.net)
		var m matrix
		return func(i int) {
			t := changed[i]
			if len(d.next[t]) == 0 {
				return
			}
			old := d.plan.Turfs[t]
			w := s.tour(d.next[t], false, &m, r.kicks(), r.Seed)
			if old.Start != nil {
				w.begin(&m, *old.Start)
			}
			u := d.g.turf(old.ID, &w, touch)
			u.Hue, u.Spare, u.Start, u.Near = old.Hue, old.Spare, old.Start, old.Near
			if !r.within(&u) {
				u.Why = WhyEdited
			}
			d.plan.Turfs[t] = u
		}
	})
	kept := d.plan.Turfs[:0]
	for t, u := range d.plan.Turfs {
		if doors, ok := d.next[t]; !ok || len(doors) > 0 {
			kept = append(kept, u)
		}
	}
	d.plan.Turfs = kept
	d.g.colour(&d.plan)
	return d.plan
}

// within says whether a turf keeps to the bounds.
func (r Rules) within(t *Turf) bool {
	if r.By == ByMinutes {
		return t.Minutes >= float64(r.Min)-0.5 && t.Minutes <= float64(r.Max)+0.5
	}
	return t.Size >= r.Min && t.Size <= r.Max
}

// Move puts doors, by index of City.Doors, into a turf: to is its ID, 0 for no turf, New for a new one. All of a building
// goes, unless the building was split.
func (g *Ground) Move(p Plan, doors []int32, to int) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	var moving []int32
	for _, i := range doors {
		k, err := g.number(i)
		if err != nil {
			return p, err
		}
		moving = append(moving, d.mates(k)...)
	}
	slices.Sort(moving)
	return d.move(slices.Compact(moving), to)
}

// mates returns the doors that go where a door goes: those of its building, or of its part of it.
func (d *draft) mates(k int32) []int32 {
	site := &d.g.sites[d.g.doors[k].site]
	if !d.plan.divided(d.g, site) {
		return site.doors
	}
	var all []int32
	for _, m := range site.doors {
		if d.in[m] == d.in[k] {
			all = append(all, m)
		}
	}
	return all
}

func (p Plan) divided(g *Ground, s *site) bool {
	return slices.ContainsFunc(p.Split, func(q Parts) bool { return q.Door == g.order[s.doors[0]] })
}

func (d *draft) move(doors []int32, to int) (Plan, error) {
	if len(doors) == 0 {
		return d.plan, fault.Invalidf("No doors are chosen. Draw around some, or choose a turf.")
	}
	if err := d.free(doors); err != nil {
		return d.plan, err
	}
	at := -1
	switch to {
	case 0:
	case New:
		at = d.fresh()
	default:
		var err error
		if at, err = d.open(to); err != nil {
			return d.plan, err
		}
	}
	d.take(doors, at)
	return d.finish(), nil
}

// MoveBlock moves the doors that stand on the same piece of street as a door, and in the same turf.
func (g *Ground) MoveBlock(p Plan, door int32, to int) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	k, err := g.number(door)
	if err != nil {
		return p, err
	}
	var moving []int32
	for m := range g.doors {
		if m := int32(m); m == k || g.doors[k].edge >= 0 && g.doors[m].edge == g.doors[k].edge && d.in[m] == d.in[k] { // #nosec G115 -- MaxDoors
			moving = append(moving, d.mates(m)...)
		}
	}
	slices.Sort(moving)
	return d.move(slices.Compact(moving), to)
}

// Bisect cuts a turf into two about equal ones; the second gets a new ID.
func (g *Ground) Bisect(p Plan, id int) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	t, err := d.open(id)
	if err != nil {
		return p, err
	}
	sites := d.sites(d.doors(t))
	if len(sites) < 2 {
		return p, fault.Invalidf("Turf %d is one building; it cannot be cut in two. Split the building instead.", id)
	}
	var total int32
	for _, s := range sites {
		total += s.weight
	}
	part := g.on(sites)
	q := part.newPartition(allOf(len(part.sites)), part.weights(), max(1, total/4), max(1, total/2), max(1, total-total/4))
	q.bisect(allOf(len(q.units)), 2, 0)
	q.open(2)
	if q.size[0] > 0 && q.size[1] > 0 {
		q.refine()
	}
	halves := q.turfs()
	if len(halves[1]) > 0 {
		d.take(part.doorsOf(q.sites(halves[1])), d.fresh())
	}
	return d.finish(), nil
}

func allOf(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i) // #nosec G115 -- MaxDoors
	}
	return all
}

// Merge puts the doors of one turf into another, which keeps its ID.
func (g *Ground) Merge(p Plan, into, from int) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	if into == from {
		return p, fault.Invalidf("Choose two turfs to join; %d was chosen twice.", into)
	}
	a, err := d.open(into)
	if err != nil {
		return p, err
	}
	b, err := d.open(from)
	if err != nil {
		return p, err
	}
	d.take(d.doors(b), a)
	return d.finish(), nil
}

// SplitBuilding divides the building that a door is in into equal parts, in the order of its doors' keys: the first stays
// in the turf, each of the others becomes a turf. Recut may put the parts into different turfs from then on.
func (g *Ground) SplitBuilding(p Plan, door int32, parts int) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	k, err := g.number(door)
	if err != nil {
		return p, err
	}
	site := &g.sites[g.doors[k].site]
	n := len(site.doors)
	if parts < 2 || parts > n {
		return p, fault.Invalidf("A building with %d doors can be split into 2 to %d parts, not %d.", n, n, parts)
	}
	if err := d.free(site.doors); err != nil {
		return p, err
	}
	for i := 1; i < parts; i++ {
		d.take(site.doors[n*i/parts:n*(i+1)/parts], d.fresh())
	}
	first := g.order[site.doors[0]]
	d.plan.Split = slices.DeleteFunc(slices.Clone(p.Split), func(q Parts) bool { return q.Door == first })
	d.plan.Split = append(d.plan.Split, Parts{first, parts})
	return d.finish(), nil
}

// Lock fixes a turf, or frees it: a locked turf is not changed by edits or by Recut.
func (g *Ground) Lock(p Plan, id int, on bool) (Plan, error) {
	return g.mark(p, id, func(t *Turf) { t.Locked = on })
}

// Spare keeps a turf back for whoever is done early, or gives it out again.
func (g *Ground) Spare(p Plan, id int, on bool) (Plan, error) {
	return g.mark(p, id, func(t *Turf) { t.Spare = on })
}

func (g *Ground) mark(p Plan, id int, change func(*Turf)) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	t, err := d.find(id)
	if err != nil {
		return p, err
	}
	change(&d.plan.Turfs[t])
	return d.plan, nil
}

// Reorder lets the walk of a turf begin at the door nearest to start; nil lets it begin where the way back is longest.
func (g *Ground) Reorder(p Plan, id int, start *geo.XY) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	t, err := d.open(id)
	if err != nil {
		return p, err
	}
	if start != nil && !sound(*start) {
		return p, fault.Invalidf("The start chosen is nowhere. Choose a place on the map.")
	}
	d.plan.Turfs[t].Start = start
	d.next[t] = d.doors(t)
	return d.finish(), nil
}

// Recut cuts all doors anew that are not in locked turfs, those in no turf too.
func (g *Ground) Recut(ctx context.Context, p Plan, r Rules) (Plan, error) {
	d, err := g.draft(p)
	if err != nil {
		return p, err
	}
	if r, err = r.Check(); err != nil {
		return p, err
	}
	var free []int32
	for k, t := range d.in {
		if t < 0 || !d.plan.Turfs[t].Locked {
			free = append(free, int32(k)) // #nosec G115 -- MaxDoors
		}
	}
	kept := slices.DeleteFunc(d.plan.Turfs, func(t Turf) bool { return !t.Locked })
	next := Plan{Rules: r, Turfs: kept, Split: slices.Clone(p.Split), Next: p.Next}
	go g.cells()
	turfs, err := g.on(d.pieces(free)).cut(ctx, r, next.Next)
	if err != nil {
		return p, err
	}
	next.Next += len(turfs)
	next.Turfs = append(next.Turfs, turfs...)
	for i := range next.Turfs {
		t := &next.Turfs[i]
		if t.Hue = -1; t.Locked {
			if t.Why = ""; !r.within(t) {
				t.Why = WhyLocked
			}
		}
	}
	g.colour(&next)
	return next, nil
}

// sites returns the parts of buildings that doors make up.
func (d *draft) sites(doors []int32) []site {
	of := map[int32][]int32{}
	for _, k := range slices.Sorted(slices.Values(doors)) {
		of[d.g.doors[k].site] = append(of[d.g.doors[k].site], k)
	}
	var all []site
	for s := range d.g.sites {
		if mine, ok := of[int32(s)]; ok { // #nosec G115 -- MaxDoors
			all = append(all, d.g.part(&d.g.sites[s], mine))
		}
	}
	return all
}

// pieces is sites, with divided buildings in their parts.
func (d *draft) pieces(doors []int32) []site {
	var all []site
	for _, s := range d.sites(doors) {
		parts := 1
		whole := &d.g.sites[d.g.doors[s.doors[0]].site]
		for _, q := range d.plan.Split {
			if q.Door == d.g.order[whole.doors[0]] {
				parts = min(q.Parts, len(s.doors))
			}
		}
		n := len(s.doors)
		for i := range parts {
			all = append(all, d.g.part(whole, s.doors[n*i/parts:n*(i+1)/parts]))
		}
	}
	return all
}

// part is a site with some of its doors.
func (g *Ground) part(s *site, doors []int32) site {
	p := site{doors: doors, at: s.at, edge: s.edge, along: s.along, side: s.side}
	for _, k := range doors {
		p.weight += g.doors[k].weight
	}
	return p
}

// on returns the same ground with other sites, to cut only those.
func (g *Ground) on(sites []site) *Ground {
	return &Ground{city: g.city, order: g.order, inner: g.inner, doors: g.doors, net: g.net, sites: sites, doubted: g.doubted}
}

func (g *Ground) weights() []int32 {
	w := make([]int32, len(g.sites))
	for i, s := range g.sites {
		w[i] = s.weight
	}
	return w
}
