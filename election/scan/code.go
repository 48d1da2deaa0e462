package scan

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"

	"github.com/openprecinct/precinct/election/ballot"
)

// said is what one side says of itself.
type said struct {
	page  ballot.Page // of a QR code
	front ballot.CardFront
	back  ballot.CardBack
	side  int // Front or Back
	ok    bool
	alien bool // there is a code, but not a ballot's
}

// ask reads the code of a side and turns the grid so that the page is the right way up.
func (r *raster) ask(e *ballot.Election, g *grid) said {
	if e.Codes == ballot.TimingMarks {
		return r.card(g)
	}
	// Right side up the code is at the bottom left; if it is at the top right, the sheet came upside down.
	low, high := r.corner(g, false), r.corner(g, true)
	for _, c := range []struct {
		box  [4]int
		down bool
	}{{low, false}, {high, true}} {
		text, ok := r.qr(c.box)
		if !ok {
			continue
		}
		p, err := ballot.PageOf(text)
		if err != nil {
			return said{alien: true}
		}
		if c.down {
			g.turn()
		}
		return said{page: p, side: p.Side(), ok: true}
	}
	return said{}
}

// corner returns the box in which the QR code may be: at the bottom left, or at the top right.
func (r *raster) corner(g *grid, top bool) [4]int {
	rows := float64(len(g.left) - 1)
	wide := 4.6
	a, b := ballot.Point{Col: 0.45, Row: rows - wide}, ballot.Point{Col: wide, Row: rows - 0.3}
	if top {
		a, b = ballot.Point{Col: ballot.Columns - 1 - wide, Row: 0.3}, ballot.Point{Col: ballot.Columns - 1.45, Row: wide}
	}
	p, q := g.at(a), g.at(b)
	return [4]int{max(int(p.x), 0), max(int(p.y), 0), min(int(q.x), r.w), min(int(q.y), r.h)}
}

// qr reads a QR code within a box.
func (r *raster) qr(box [4]int) (string, bool) {
	w, h := box[2]-box[0], box[3]-box[1]
	if w < 40 || h < 40 {
		return "", false
	}
	m, err := gozxing.NewBitMatrix(w, h)
	if err != nil {
		return "", false
	}
	for y := range h {
		r.runs(box[0], box[2], box[1]+y, func(a, b int) {
			for x := a; x < b; x++ {
				if r.dark(x, box[1]+y) {
					m.Set(x-box[0], y)
				}
			}
		})
	}
	found, err := detector.NewDetector(m).DetectWithoutHints()
	if err != nil {
		return "", false
	}
	text, err := decoder.NewDecoder().DecodeWithoutHint(found.GetBits())
	if err != nil {
		return "", false
	}
	return text.GetText(), true
}

// card reads the marks of the bottom row of an AccuVote ballot, whichever row of the image that is: the other row is full.
func (r *raster) card(g *grid) said {
	top, bottom, _ := r.edges(g)
	switch {
	case bottom == ballot.Columns && top < ballot.Columns:
		g.turn()
	case top != ballot.Columns || bottom == ballot.Columns:
		return said{}
	}
	row, marks := float64(len(g.left)-1), uint32(0)
	for i := range 32 {
		dark := r.markAt(g.at(ballot.Point{Col: float64(32 - i), Row: row}))
		switch {
		case dark >= 0.6:
			marks |= 1 << i
		case dark > 0.25:
			return said{} // there or not? Nothing is guessed.
		}
	}
	front, isFront := ballot.CardFrontOf(marks)
	back, isBack := ballot.CardBackOf(marks)
	switch {
	case isBack: // all of its last eleven bits are as they must be
		return said{back: back, side: ballot.Back, ok: true}
	case isFront:
		return said{front: front, side: ballot.Front, ok: true}
	}
	return said{alien: true}
}
