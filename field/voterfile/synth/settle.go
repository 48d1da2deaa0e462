package synth

import (
	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// door is where a household lives.
type door struct {
	addr     layout.Address
	precinct int
	street   street
	unit     bool
}

const (
	vacantDoors = 32
	perHome     = 196 // voters in a hundred homes, as homeKinds make them
)

// settle fills the county's doors with people, street by street in a shuffled order, until its voters are placed.
func (w *writer) settle(p *plat) error {
	if err := w.writeStreets(p); err != nil {
		return err
	}
	c := p.c
	w.r = newChance(w.s.opts.Seed, 'W', uint64(c.index))
	w.vacant, w.turn = w.vacant[:0], 0
	order := make([]int, len(p.segments))
	for i := range order {
		j := w.r.n(i + 1)
		order[i], order[j] = order[j], i
	}
	t := tally{doors: p.doors, voters: c.voters}
	for _, i := range order {
		g := &p.segments[i]
		for k, d := range [2]*side{&g.left, &g.right} {
			if d.precinct < 0 || d.lots == 0 {
				continue
			}
			if err := w.side(p, g, d, k == 0, &t); err != nil {
				return err
			}
		}
	}
	return w.overflow(&t)
}

// tally is what is left to place in a county.
type tally struct {
	doors, voters, number int
	annex                 int
	last                  door // the last home, where an apartment house takes those who found no door
	at                    spot
	tlid                  int
}

// side settles one side of a street.
func (w *writer) side(p *plat, g *segment, d *side, left bool, t *tally) error {
	name := p.streets[g.street]
	q := &w.s.precincts[d.precinct]
	for lot := range d.lots {
		at := 1024 * (2*lot + 1) / (2 * d.lots)
		at += w.r.in(-150, 150) / d.lots
		number := g.low + at*(g.span+2)/2048*2
		off := g.off + w.r.in(-200, 400)
		if left {
			number++
		} else {
			off = -off
		}
		units := 1
		if d.units > 0 && lot == d.lots/2 {
			units = d.units
		}
		h := door{precinct: d.precinct, street: name}
		h.addr = layout.Address{House: w.names.number("", number, 0), PreDir: g.pre, Street: name.name, StreetType: name.kind,
			City: w.s.towns[w.s.counties[q.county].towns[0]].name, State: w.s.opts.Layout.State(), ZIP5: w.zip(q.zip)}
		if q.town >= 0 {
			h.addr.City = w.s.towns[q.town].name
		}
		if w.r.permille(850) {
			h.addr.ZIP4 = w.names.number("", 1000+w.r.n(9000), 4)
		}
		h.addr.Line = w.names.join(h.addr.House, g.pre, name.name, name.kind)
		spot := beside(g.a, g.b, at, off)
		if err := w.address(&h, spot, g.tlid, left, units); err != nil {
			return err
		}
		if err := w.building(&h, spot, g.tlid, units, t); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) zip(n int) string { return w.names.number("", n, 5) }

// building settles the homes of one house.
func (w *writer) building(h *door, at spot, tlid, units int, t *tally) error {
	kind := ""
	if units > 1 {
		kind = apartmentDirs[w.r.n(len(apartmentDirs))]
	}
	perFloor := w.r.in(4, 8)
	for u := range units {
		d := *h
		if units > 1 {
			d.unit, d.addr.UnitType = true, kind
			if units > 12 {
				d.addr.Unit = w.names.number("", (u/perFloor+1)*100+u%perFloor+1, 3)
			} else if kind == "UNIT" {
				d.addr.Unit = initials[u+1]
			} else {
				d.addr.Unit = w.names.number("", u+1, 0)
			}
		}
		if err := w.home(&d, at, tlid, t); err != nil {
			return err
		}
	}
	return nil
}

// home decides whether a door is empty and who lives there. The share of empty doors follows what is left to place, so
// that doors and voters run out together.
func (w *writer) home(d *door, at spot, tlid int, t *tally) error {
	full := 1000
	if t.doors > 0 {
		full = min(980, t.voters*100_000/(t.doors*perHome)+1)
	}
	t.doors--
	w.m.Doors++
	empty := !w.r.permille(full)
	if len(w.vacant) < 2 && t.doors > 4 || empty && t.voters > 0 {
		w.keepVacant(*d)
		return nil
	}
	if t.voters == 0 {
		return nil
	}
	return w.household(d, at, tlid, t)
}

// keepVacant remembers the latest empty doors: those who move later move there.
func (w *writer) keepVacant(d door) {
	w.spell(&d)
	if len(w.vacant) < vacantDoors {
		w.vacant = append(w.vacant, d)
		return
	}
	w.vacant[w.turn] = d
	w.turn = (w.turn + 1) % vacantDoors
}

func (w *writer) household(d *door, at spot, tlid int, t *tally) error {
	q := &w.s.precincts[d.precinct]
	h := &w.homeBuffer
	w.lean = leans[w.county.mix] + below(mix2(w.s.opts.Seed^'L', uint64(d.precinct)), 161) - 80
	if q.town < 0 {
		w.lean -= 60
	}
	w.populate(h, q, w.group(d.precinct), t.voters)
	if h.route > 0 {
		d.addr = layout.Address{Street: w.names.join("RR", itoaSmall(h.route), "BOX", itoaSmall(h.box)), City: d.addr.City, State: d.addr.State, ZIP5: d.addr.ZIP5}
		d.addr.Line = d.addr.Street
		d.unit = false
		if err := w.address(d, at, tlid, true, 1); err != nil {
			return err
		}
	}
	w.spell(d)
	w.m.Households++
	for i := range h.people {
		p := &h.people[i]
		p.number = t.number
		t.number++
		if err := w.live(p, d); err != nil {
			return err
		}
	}
	t.voters -= len(h.people)
	t.last, t.at, t.tlid = *d, at, tlid
	return nil
}

// overflow houses those for whom no door was left in one more apartment house, at the last home's number.
func (w *writer) overflow(t *tally) error {
	for t.voters > 0 {
		t.annex++
		d := t.last
		if d.addr.Line == "" {
			d = w.vacant[0]
		}
		d.addr.Line2 = ""
		d.unit, d.addr.UnitType, d.addr.Unit = true, "APT", w.names.number("A", t.annex, 0)
		d.addr.Line = w.names.join(d.addr.House, d.addr.PreDir, d.addr.Street, d.addr.StreetType)
		w.m.Doors++
		if err := w.household(&d, t.at, t.tlid, t); err != nil {
			return err
		}
	}
	return nil
}

// spell puts the unit where the state's layout has it.
func (w *writer) spell(d *door) {
	if !d.unit {
		return
	}
	if w.s.code.unitApart {
		d.addr.Line2 = w.names.join(d.addr.UnitType, d.addr.Unit)
		return
	}
	d.addr.Line = w.names.join(d.addr.Line, d.addr.UnitType, d.addr.Unit)
}

// group draws the community of a home: half the homes of a precinct belong to the one it is known for.
func (w *writer) group(precinct int) uint8 {
	mix := mixes[w.county.mix]
	if w.r.permille(400) {
		known := newChance(w.s.opts.Seed, 'K', uint64(precinct))
		return uint8(known.weighted(mix[:], 1000))
	}
	return uint8(w.r.weighted(mix[:], 1000))
}

var small = func() (out [1000]string) {
	for i := range out {
		out[i] = itoa(i)
	}
	return out
}()

// itoaSmall returns n in decimal without allocating, 0 ≤ n < 1000.
func itoaSmall(n int) string { return small[n] }
