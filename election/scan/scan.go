// Package scan reads marked ballots from images: it finds the timing marks, asks each side which ballot it is, looks at every oval and says what was voted.
//
// It follows the steps of VotingWorks' interpreter (vxsuite, ballot-interpreter) so that both read the same sheets, and refuses where it would have to guess.
// The stages stand in files of their own: raster (black and white), marks, grid, code, streaks, ovals, votes; register reads pages without timing marks.
package scan

import (
	_ "embed" // the sentences
	"image"
	"math"
	"slices"
	"sync"

	"github.com/openprecinct/precinct/election/ballot"
)

// Spanish is what the package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Options say what a reader takes.
type Options struct {
	Thresholds     ballot.Thresholds
	Test           bool     // test ballots are read, and official ones are not
	OfficialInTest bool     // in a test official ones are read too
	Precincts      []string // ids; none means all
	LeastScale     float64  // below which a print is refused; 0 is 0.95
	NoStreaks      bool     // streaks are not looked for
}

// OptionsOf returns the options that the settings of an election's machines ask for.
func OptionsOf(s ballot.Settings) Options {
	return Options{Thresholds: s.Thresholds, OfficialInTest: s.OfficialInTest, LeastScale: s.LeastScale, NoStreaks: s.NoStreaks}
}

// The scale of a print that is read, where the settings do not say.
const (
	leastScale = 0.95
	mostScale  = 1.05
)

// Reader reads the sheets of one election. It may be used by many goroutines at once.
type Reader struct {
	election *ballot.Definition
	options  Options
	hash     string
	scratch  sync.Pool
}

// NewReader returns a reader for the sheets of an election.
func NewReader(d *ballot.Definition, o Options) *Reader {
	if o.LeastScale <= 0 {
		o.LeastScale = leastScale
	}
	r := &Reader{election: d, options: o, hash: d.HashText()}
	r.scratch.New = func() any { return new(scratch) }
	return r
}

// scratch is what one sheet needs while it is read.
type scratch struct{ sides [2]side }

// side is one image on its way.
type side struct {
	raster  raster
	grid    grid
	said    said
	streaks []int
	stencil stencil
	refused *Refusal
}

// Reading is what was read of a sheet.
type Reading struct {
	Page      ballot.Page // of the front; its hash and mode are not known for timing-mark codes
	Card      ballot.CardFront
	Precinct  string // ids; "" where a timing-mark code does not say which of several
	Style     string
	Sheet     int    // from 1
	Pages     [2]int // numbers of front and back
	FrontSide int    // which of the two images is the front: 0 or 1
	// Inferred is the image whose code could not be read and follows from the other; -1 where both were.
	Inferred int
	Sides    [2]Side // as the images were given
	Ovals    []Oval  // in the order of the definition, front first
	WriteIns []WriteIn
	Contests []Contest
}

// Side is what was measured of one image.
type Side struct {
	UpsideDown     bool
	Threshold      uint8   // a darker pixel is ink
	PPI            float64 // of the image
	ScaleX, ScaleY float64 // of the print
	Skew           float64 // degrees, clockwise
	Marks          int     // timing marks that were seen along left and right
	Streaks        int     // columns with a streak
}

// Review reports whether a person has to look at the sheet before it counts: at least one oval is marginal.
func (r *Reading) Review() bool {
	return slices.ContainsFunc(r.Ovals, func(o Oval) bool { return o.Class == Marginal })
}

// Sheet reads both sides of a sheet, given in either order and any way up. Exactly one of its results is nil.
func (r *Reader) Sheet(a, b *image.Gray) (*Reading, *Refusal) {
	s := r.scratch.Get().(*scratch)
	defer func() {
		s.sides[0].raster.grey, s.sides[1].raster.grey = nil, nil // whoever gave the images has them back
		r.scratch.Put(s)
	}()
	var both sync.WaitGroup
	both.Go(func() { r.prepare(&s.sides[1], b, 1) })
	r.prepare(&s.sides[0], a, 0)
	both.Wait()
	if refused := prepared(s); refused != nil {
		return nil, refused
	}
	out := &Reading{}
	if refused := r.identify(s, out); refused != nil {
		return nil, refused
	}
	return r.look(s, out)
}

// prepared returns why one of the sides cannot be read. A streak explains why marks are missing, so it is told first.
func prepared(s *scratch) *Refusal {
	var first *Refusal
	for i := range s.sides {
		if f := s.sides[i].refused; f != nil && (first == nil || f.Reason == Streaks && first.Reason != Streaks) {
			first = f
		}
	}
	return first
}

// prepare does with one side all that does not need the other.
func (r *Reader) prepare(s *side, img *image.Gray, which int) {
	s.refused, s.said, s.streaks, s.grid = nil, said{}, s.streaks[:0], grid{}
	refuse := func(reason Reason, numbers ...Number) {
		s.refused = &Refusal{Reason: reason, Side: which, Numbers: numbers}
	}
	if img == nil {
		refuse(NotAnImage)
		return
	}
	if n := img.Bounds().Dx() * img.Bounds().Dy(); n > MaxPixels {
		refuse(TooLarge, Number{"pixels", float64(n)}, Number{"most", MaxPixels})
		return
	}
	g, reason := r.first(s, img)
	if reason == NoTimingMarks || reason == WrongPaper || reason == TornTimingMarks {
		// Shading may have been taken for ink. Once more, with an image in which the paper is equally light everywhere.
		if g2, second := r.first(s, even(img)); second == None {
			g, reason = g2, None
		} else {
			g, reason = r.first(s, img)
		}
	}
	switch reason {
	case NoPaper:
		refuse(NoPaper, Number{"level of paper", s.raster.paper}, Number{"level of ink", s.raster.ink})
		return
	case TooCoarse:
		refuse(TooCoarse, Number{"pixels to an inch", s.raster.ppi}, Number{"least", coarsePPI})
		return
	}
	if n := len(s.streaks); n > mostStreak || reason != None && n > 1 {
		x := float64(s.streaks[0])
		refuse(Streaks, Number{"pixels wide", float64(n)}, Number{"first column", x})
		s.refused.Crop = s.raster.given(x-20, 0, float64(s.streaks[n-1])+20, float64(s.raster.h))
		return
	}
	if reason != None {
		refuse(reason, Number{"pixels to an inch", s.raster.ppi})
		return
	}
	if out := math.Min(g.scaleX, g.scaleY); out < r.options.LeastScale || math.Max(g.scaleX, g.scaleY) > mostScale {
		refuse(WrongScale, Number{"horizontal", g.scaleX}, Number{"vertical", g.scaleY}, Number{"least", r.options.LeastScale}, Number{"most", mostScale})
		return
	}
	s.grid = g
	if top, bottom, between := s.raster.edges(&g); max(top, bottom) < ballot.Columns*4/5 || between > ballot.Columns/5 {
		refuse(TornTimingMarks, Number{"marks at the top", float64(top)}, Number{"at the bottom", float64(bottom)}, Number{"dark between marks", float64(between)})
		return
	}
	s.said = s.raster.ask(&r.election.Election, &s.grid)
}

// first takes a side as far as its grid.
func (r *Reader) first(s *side, img *image.Gray) (grid, Reason) {
	s.streaks = s.streaks[:0]
	if !s.raster.load(img) {
		return grid{}, NoPaper
	}
	if s.raster.ppi < coarsePPI {
		return grid{}, TooCoarse
	}
	if !r.options.NoStreaks {
		s.streaks = s.raster.pale(s.raster.streaks(s.streaks))
	}
	g, reason := s.raster.fit(&r.election.Election)
	if reason == None && !r.options.NoStreaks {
		s.streaks = s.raster.cuts(&g, s.streaks)
	}
	return g, reason
}
