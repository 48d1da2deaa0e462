package scan

import (
	"image"
	"math"
	"slices"

	"github.com/openprecinct/precinct/election/ballot"
)

// Streaks: what a scanner draws when a grain lies on its glass, dark or light.
const (
	streakEdge  = 20   // columns at each side that are not looked at
	streakGap   = 15   // rows of light that end one
	streakDark  = 0.75 // share of rows in which it or the column beside it is dark
	streakAlone = 0.25 // and it alone
	streakBand  = 16   // rows looked at together first
	mostStreak  = 5    // columns in all, from which on a sheet is refused
)

// streaks appends the columns in which dark runs from top to bottom.
func (r *raster) streaks(all []int) []int {
	// A streak leaves no band of rows light that is twice the gap: most columns are out after one look at ORs of bands.
	for w := range r.words - 1 {
		may := ^uint64(0)
		var last uint64 = ^uint64(0)
		for y := 0; y+streakBand <= r.h && may != 0; y += streakBand {
			var any uint64
			for i := range streakBand {
				any |= r.bits[(y+i)*r.words+w]
			}
			may &= any | last
			last = any
		}
		for i := 0; may != 0; i, may = i+1, may>>1 {
			x := w*64 + i
			if may&1 == 1 && x >= streakEdge && x < r.w-streakEdge && r.streak(x) {
				all = append(all, x)
			}
		}
	}
	return all
}

// pale appends the columns in which light runs from top to bottom, through what must be dark: the bed of the scanner above and below the paper.
func (r *raster) pale(all []int) []int {
	b := r.grey.Bounds()
	above, below := image.Rect(r.crop.Min.X, b.Min.Y, r.crop.Max.X, r.crop.Min.Y), image.Rect(r.crop.Min.X, r.crop.Max.Y, r.crop.Max.X, b.Max.Y)
	if !r.bed(above) || !r.bed(below) {
		return all
	}
	for x := streakEdge; x < r.w-streakEdge; x++ {
		if r.light(above, x) && r.light(below, x) {
			all = append(all, x)
		}
	}
	return all
}

// bed reports whether a part of the image is high enough, and nearly all of it dark.
func (r *raster) bed(part image.Rectangle) bool {
	const least = 8
	if part.Dy() < least {
		return false
	}
	light := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		at := r.grey.PixOffset(part.Min.X, y)
		for _, p := range r.grey.Pix[at : at+part.Dx()] {
			if p >= r.threshold {
				light++
			}
		}
	}
	return 8*light < part.Dx()*part.Dy()
}

// light reports whether nine of ten pixels of a column are light.
func (r *raster) light(part image.Rectangle, x int) bool {
	n := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		if r.grey.Pix[r.grey.PixOffset(part.Min.X+x, y)] >= r.threshold {
			n++
		}
	}
	return 10*n >= 9*part.Dy()
}

// cuts appends the columns in which the marks of both the top and the bottom row are cut through.
func (r *raster) cuts(g *grid, all []int) []int {
	half := int(0.4 * markWidth * r.ppi)
	last := float64(len(g.left) - 1)
	white := func(x, y int) bool { return !r.dark(x, y-2) && !r.dark(x, y) && !r.dark(x, y+2) }
	for c := range ballot.Columns {
		top, bottom := g.at(ballot.Point{Col: float64(c)}), g.at(ballot.Point{Col: float64(c), Row: last})
		if r.markAt(top) < 0.4 || r.markAt(bottom) < 0.4 {
			continue // one is missing: that is told elsewhere
		}
		for x := int(math.Max(top.x, bottom.x)) - half; x <= int(math.Min(top.x, bottom.x))+half; x++ {
			if white(x, int(math.Round(top.y))) && white(x, int(math.Round(bottom.y))) && !slices.Contains(all, x) {
				all = append(all, x)
			}
		}
	}
	return all
}

// streak reports whether a column is part of a streak.
func (r *raster) streak(x int) bool {
	alone, pair, gap := 0, 0, 0
	for y := range r.h {
		dark := r.dark(x, y)
		if dark {
			alone++
		}
		if dark || r.dark(x+1, y) || r.dark(x-1, y) {
			pair++
			gap = 0
		} else if gap++; gap > streakGap && y > streakEdge+streakGap && y < r.h-streakEdge {
			return false
		}
	}
	return float64(alone) >= streakAlone*float64(r.h) && float64(pair) >= streakDark*float64(r.h)
}
