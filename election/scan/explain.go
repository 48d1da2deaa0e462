package scan

import (
	"image"
	"image/color"
	"math"

	"github.com/openprecinct/precinct/election/ballot"
)

// Picture is one stage of reading one side, drawn.
type Picture struct {
	Name  string // side-a-1-ink and so on
	Image image.Image
}

var (
	colourMark     = color.RGBA{0, 110, 200, 255}
	colourMarked   = color.RGBA{0, 130, 60, 255}
	colourMarginal = color.RGBA{220, 120, 0, 255}
	colourBlank    = color.RGBA{130, 130, 160, 255}
	colourStreak   = color.RGBA{220, 30, 30, 255}
)

// Explain reads a sheet and draws what was seen of each side, stage by stage: black and white, timing marks with what stands between them, ovals. Where the
// sheet is refused, the pictures go as far as it was read.
func (r *Reader) Explain(a, b *image.Gray) ([]Picture, *Reading, *Refusal) {
	s := new(scratch)
	var pictures []Picture
	for i, img := range []*image.Gray{a, b} {
		r.prepare(&s.sides[i], img, i)
	}
	out := &Reading{Inferred: -1}
	refused := prepared(s)
	if refused == nil {
		refused = r.identify(s, out)
	}
	if refused == nil {
		out, refused = r.look(s, out)
	}
	for i := range s.sides {
		x, name := &s.sides[i], "side-"+string(rune('a'+i))
		if x.raster.bits == nil {
			continue
		}
		pictures = append(pictures, Picture{name + "-1-ink", x.raster.drawn()})
		if len(x.grid.left) == 0 && len(x.streaks) == 0 {
			continue
		}
		marks := x.drawMarks()
		pictures = append(pictures, Picture{name + "-2-marks", marks})
		if refused == nil {
			pictures = append(pictures, Picture{name + "-3-ovals", x.drawOvals(out, i)})
		}
	}
	if refused != nil {
		return pictures, nil, refused
	}
	return pictures, out, nil
}

// drawn returns the black and white of a side.
func (r *raster) drawn() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, r.w, r.h))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := range r.h {
		for x := range r.w {
			if r.dark(x, y) {
				img.SetRGBA(x, y, color.RGBA{60, 60, 60, 255})
			}
		}
	}
	return img
}

func (s *side) drawMarks() *image.RGBA {
	img := s.raster.drawn()
	for _, x := range s.streaks {
		frame(img, image.Rect(x-1, 0, x+2, s.raster.h), colourStreak)
	}
	if len(s.grid.left) == 0 {
		return img
	}
	for row := range s.grid.left {
		for col := range ballot.Columns {
			p := s.grid.at(ballot.Point{Col: float64(col), Row: float64(row)})
			dot(img, p, colourMark)
			if col == 0 || col == ballot.Columns-1 {
				w, h := markWidth*s.raster.ppi/2, markHeight*s.raster.ppi/2
				frame(img, image.Rect(int(p.x-w), int(p.y-h), int(p.x+w), int(p.y+h)), colourMark)
			}
		}
	}
	return img
}

func (s *side) drawOvals(out *Reading, which int) *image.RGBA {
	img := s.raster.drawn()
	ours := func(r image.Rectangle) image.Rectangle {
		f := func(v, o int) int { return int(math.Round(float64(v)/s.raster.zoom)) - o }
		return image.Rect(f(r.Min.X, s.raster.crop.Min.X), f(r.Min.Y, s.raster.crop.Min.Y), f(r.Max.X, s.raster.crop.Min.X), f(r.Max.Y, s.raster.crop.Min.Y))
	}
	for _, o := range out.Ovals {
		if o.Side == which {
			frame(img, ours(o.Crop), [...]color.RGBA{colourBlank, colourMarginal, colourMarked}[o.Class])
		}
	}
	for _, w := range out.WriteIns {
		if w.Side == which {
			c := colourBlank
			if w.Unmarked {
				c = colourMarginal
			}
			frame(img, ours(w.Crop), c)
		}
	}
	return img
}

func dot(img *image.RGBA, p point, c color.RGBA) {
	x, y := int(math.Round(p.x)), int(math.Round(p.y))
	for d := -2; d <= 2; d++ {
		img.SetRGBA(x+d, y, c)
		img.SetRGBA(x, y+d, c)
	}
}

// frame draws the outline of a rectangle, two pixels wide.
func frame(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	for x := r.Min.X; x < r.Max.X; x++ {
		for d := range 2 {
			img.SetRGBA(x, r.Min.Y+d, c)
			img.SetRGBA(x, r.Max.Y-1-d, c)
		}
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for d := range 2 {
			img.SetRGBA(r.Min.X+d, y, c)
			img.SetRGBA(r.Max.X-1-d, y, c)
		}
	}
}
