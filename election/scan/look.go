package scan

import (
	"math"

	"github.com/openprecinct/precinct/election/ballot"
)

// look measures every oval of an identified sheet and counts what is marked.
func (r *Reader) look(s *scratch, out *Reading) (*Reading, *Refusal) {
	style := r.election.Styles[out.Page.Style]
	sheet := style.Sheets[out.Sheet-1]
	out.Ovals = make([]Oval, 0, len(sheet[0])+len(sheet[1]))
	for page, positions := range sheet {
		which := out.FrontSide
		if page == ballot.Back {
			which = 1 - out.FrontSide
		}
		x := &s.sides[which]
		x.stencil.make(&x.grid, x.raster.ppi*x.grid.scaleY)
		if which == out.Inferred && len(positions) > 0 && !settle(x, positions) {
			return nil, &Refusal{Reason: NoCode, Side: which}
		}
		for _, p := range positions {
			o := Oval{Position: p, Side: which, Page: out.Pages[page]}
			at := x.grid.at(p.Bubble)
			x.raster.find(&x.stencil, at, &o)
			x.raster.classify(&x.stencil, at, r.options.Thresholds, &o)
			if refused := x.streaked(at, &o); refused != nil {
				return nil, refused
			}
			out.Ovals = append(out.Ovals, o)
			if w, ok := r.line(x, &o); ok {
				out.WriteIns = append(out.WriteIns, w)
			}
		}
	}
	for i := range s.sides {
		out.Sides[i] = s.sides[i].measured()
	}
	out.Contests = count(&r.election.Election, out.Ovals)
	return out, nil
}

// streaked refuses a sheet with a streak through an oval.
func (s *side) streaked(at point, o *Oval) *Refusal {
	for _, x := range s.streaks {
		if math.Abs(float64(x)-at.x) <= float64(s.stencil.w)/2+1 {
			return &Refusal{Reason: Streaks, Side: o.Side, Crop: o.Crop, Numbers: []Number{{"pixels wide", float64(len(s.streaks))}, {"first column", float64(x)}}}
		}
	}
	return nil
}

// line looks at the line of a write-in.
func (r *Reader) line(s *side, o *Oval) (WriteIn, bool) {
	p := o.Position
	if p.Option != "" || p.Area.Width <= 0 || p.Area.Height <= 0 {
		return WriteIn{}, false
	}
	w := WriteIn{Contest: p.Contest, Index: p.WriteIn, Side: o.Side}
	w.Ink, w.Crop = s.raster.area(&s.grid, p.Area)
	w.Unmarked = o.Class != Marked && w.Ink >= r.options.Thresholds.WriteIn
	return w, true
}

// settle decides which way up a side is that does not say so itself: the way in which its ovals are where they must be, if that is clear.
func settle(s *side, positions []ballot.Position) bool {
	up := s.worst(positions)
	s.grid.turn()
	down := s.worst(positions)
	if up > down {
		s.grid.turn()
		up, down = down, up
	}
	return down >= leastMatch+0.1 && up < leastMatch
}

// worst returns the match of the oval that matches least.
func (s *side) worst(positions []ballot.Position) float64 {
	worst := 1.0
	for _, p := range positions {
		var o Oval
		s.raster.find(&s.stencil, s.grid.at(p.Bubble), &o)
		worst = math.Min(worst, o.Match)
	}
	return worst
}

func (s *side) measured() Side {
	g := &s.grid
	return Side{UpsideDown: g.upsideDown, Threshold: s.raster.threshold, PPI: s.raster.ppi * s.raster.zoom, ScaleX: g.scaleX, ScaleY: g.scaleY,
		Skew: g.skew * 180 / math.Pi, Marks: g.found, Streaks: len(s.streaks)}
}
