package scan

import (
	"encoding/json"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/boombuler/barcode/qr"

	"github.com/openprecinct/precinct/election/ballot"
)

// inked is a pen's mark in an oval: which share of its inside is covered, how dark, and how far from the middle.
type inked struct {
	share  float64
	level  uint8
	dx, dy float64 // inches
}

// sheetOf is a ballot that a test draws. Pixels are 200 to an inch.
type sheetOf struct {
	def   *ballot.Definition
	style ballot.Style
	page  ballot.Page
	marks map[int]inked // by the number of the position on this side
	names map[int]bool  // write-in lines with a name
}

const testPPI = 200.0

// draw draws one side.
func (s sheetOf) draw(t testing.TB, side int) *image.Gray {
	t.Helper()
	paper := s.def.Paper
	img := image.NewGray(image.Rect(0, 0, int(ballot.PaperWidth*testPPI), int(paper.Height()*testPPI)))
	for i := range img.Pix {
		img.Pix[i] = 245
	}
	fill := func(x, y, w, h float64, level uint8) { // inches, about a centre
		for py := int(math.Round((y - h/2) * testPPI)); py < int(math.Round((y+h/2)*testPPI)); py++ {
			for px := int(math.Round((x - w/2) * testPPI)); px < int(math.Round((x+w/2)*testPPI)); px++ {
				img.SetGray(px, py, color.Gray{level})
			}
		}
	}
	mark := func(c, r int) {
		x, y := paper.Place(ballot.Point{Col: float64(c), Row: float64(r)})
		fill(x, y, ballot.MarkWidth, ballot.MarkHeight, 10)
	}
	for c := range ballot.Columns {
		mark(c, 0)
		mark(c, paper.Rows()-1)
	}
	for r := range paper.Rows() {
		mark(0, r)
		mark(ballot.Columns-1, r)
	}
	p := s.page
	p.Number += side
	text, err := p.Text()
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(text, qr.H, qr.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	n := code.Bounds().Dx()
	x0, y0 := paper.Place(ballot.Point{Col: 1, Row: float64(paper.Rows() - 4)})
	for j := range n {
		for i := range n {
			if c, _, _, _ := code.At(i, j).RGBA(); c == 0 {
				m := ballot.QRSize / float64(n)
				fill(x0+(float64(i)+0.5)*m, y0+(float64(j)+0.5)*m, m, m, 10)
			}
		}
	}
	for i, pos := range s.style.Sheets[p.Sheet()-1][side] {
		x, y := paper.Place(pos.Bubble)
		s.oval(img, x, y, s.marks[i])
		if s.names[i] {
			ax, ay := paper.Place(ballot.Point{Col: pos.Area.Col + pos.Area.Width/2, Row: pos.Area.Row + pos.Area.Height/2})
			fill(ax, ay, 0.8, 0.05, 20)
			fill(ax-0.3, ay, 0.03, 0.15, 20)
		}
	}
	return img
}

// oval draws an oval, anti-aliased, with a mark in it.
func (s sheetOf) oval(img *image.Gray, x, y float64, m inked) {
	half := ballot.OvalLine * testPPI / 2
	w, h := ballot.OvalWidth*testPPI/2, ballot.OvalHeight*testPPI/2
	round := math.Min(ballot.OvalRadius*testPPI, h)
	for py := int(y*testPPI - h - 3); py < int(y*testPPI+h+4); py++ {
		for px := int(x*testPPI - w - 3); px < int(x*testPPI+w+4); px++ {
			u, v := float64(px)+0.5-x*testPPI, float64(py)+0.5-y*testPPI
			d := boxDistance(u, v, w, h, round)
			ink := math.Max(0, math.Min(1, half+0.5-math.Abs(d+half)))
			level := 245 - ink*235
			// A mark is a blob with the oval's shape, as large as its share of the inside.
			if m.share > 0 {
				k := math.Sqrt(m.share)
				if boxDistance(u-m.dx*testPPI, v-m.dy*testPPI, k*(w-2*half), k*(h-2*half), k*round) <= 0 {
					level = math.Min(level, float64(m.level))
				}
			}
			if o := img.GrayAt(px, py).Y; float64(o) > level {
				img.SetGray(px, py, color.Gray{uint8(level)})
			}
		}
	}
}

// scanning is what a scanner does to a sheet.
type scanning struct {
	degrees, scaleX, scaleY float64
	noise, gain, offset     float64
	warp                    float64 // pixels of uneven feed
	speckles                int
	down                    bool
	margin                  int // of the dark bed around the paper
}

// through returns an image as a scanner would give it.
func (s scanning) through(img *image.Gray, rng *rand.Rand) *image.Gray {
	if s.scaleX == 0 {
		s.scaleX, s.scaleY = 1, 1
	}
	if s.gain == 0 {
		s.gain = 1
	}
	b := img.Bounds()
	w, h := int(float64(b.Dx())*s.scaleX)+2*s.margin, int(float64(b.Dy())*s.scaleY)+2*s.margin
	out := image.NewGray(image.Rect(0, 0, w, h))
	sin, cos := math.Sincos(s.degrees * math.Pi / 180)
	bed := 20.0
	if s.margin == 0 {
		bed = 245
	}
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= b.Dx() || y >= b.Dy() {
			return bed
		}
		return float64(img.Pix[y*img.Stride+x])
	}
	for y := range h {
		for x := range w {
			u, v := float64(x)-float64(w-1)/2, float64(y)-float64(h-1)/2
			u, v = (u*cos+v*sin)/s.scaleX, (v*cos-u*sin)/s.scaleY
			v += s.warp * math.Sin(float64(y)/350)
			if s.down {
				u, v = -u, -v
			}
			fx, fy := u+float64(b.Dx()-1)/2, v+float64(b.Dy()-1)/2
			ix, iy := int(math.Floor(fx)), int(math.Floor(fy))
			tx, ty := fx-float64(ix), fy-float64(iy)
			p := (at(ix, iy)*(1-tx)+at(ix+1, iy)*tx)*(1-ty) + (at(ix, iy+1)*(1-tx)+at(ix+1, iy+1)*tx)*ty
			p = p*s.gain + s.offset
			if s.noise > 0 {
				p += rng.NormFloat64() * s.noise
			}
			out.Pix[y*out.Stride+x] = uint8(math.Max(0, math.Min(255, p)))
		}
	}
	for range s.speckles {
		out.Pix[rng.IntN(len(out.Pix))] = 0
	}
	return out
}

// renderedElection is an invented election with many ovals on both sides of two sheets.
func renderedElection(t testing.TB) *ballot.Definition {
	t.Helper()
	type m = map[string]any
	contests, front, back := []m{}, []m{}, []m{}
	for c := range 24 {
		id := string(rune('a' + c))
		cands := []m{}
		for k := range 4 {
			cands = append(cands, m{"id": id + string(rune('0'+k)), "name": "Option"})
		}
		contests = append(contests, m{"id": id, "districtId": "d", "type": "candidate", "title": id, "seats": 1 + c%2, "candidates": cands, "allowWriteIns": true})
		for k := range 5 {
			p := m{"type": "option", "sheetNumber": 1, "side": "front", "column": 1.9 + 7.7*float64(c%4), "row": 8.37 + 8.9*float64(c%12/4) + 1.3*float64(k), "contestId": id}
			if k < 4 {
				p["optionId"] = id + string(rune('0'+k))
			} else {
				p["type"], p["writeInIndex"] = "write-in", 0
				p["writeInArea"] = m{"x": p["column"].(float64) + 0.9, "y": p["row"].(float64) - 0.8, "width": 5.5, "height": 1}
			}
			if c < 12 {
				front = append(front, p)
			} else {
				p["side"] = "back"
				back = append(back, p)
			}
		}
	}
	two := []m{}
	for _, p := range front[:10] {
		q := m{}
		for k, v := range p {
			q[k] = v
		}
		q["sheetNumber"] = 2
		two = append(two, q)
	}
	data, err := json.Marshal(m{"id": "e", "type": "general", "title": "T", "state": "S", "county": m{"id": "c", "name": "C"}, "date": "2026-11-03", "seal": "",
		"ballotLayout": m{"paperSize": "letter", "metadataEncoding": "qr-code"}, "districts": []m{{"id": "d", "name": "D"}}, "parties": []m{},
		"precincts": []m{{"id": "p0", "name": "P", "districtIds": []string{"d"}}, {"id": "p1", "name": "Q", "districtIds": []string{"d"}}}, "contests": contests,
		"ballotStyles":  []m{{"id": "s", "groupId": "s", "precincts": []string{"p0", "p1"}, "districts": []string{"d"}, "languages": []string{"en"}}},
		"ballotStrings": m{}, "gridLayouts": []m{{"ballotStyleId": "s", "optionBoundsFromTargetMark": m{"top": 1, "right": 1, "bottom": 1, "left": 1}, "gridPositions": append(append(front, back...), two...)}}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := ballot.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func blankSheet(d *ballot.Definition) sheetOf {
	return sheetOf{def: d, style: d.Styles[0], page: ballot.Page{HashStart: d.HashText()[:20], Number: 1}}
}

var usual = ballot.Thresholds{Marginal: 0.05, Definite: 0.07, WriteIn: 0.05}

func seeded(n uint64) *rand.Rand { return rand.New(rand.NewPCG(20261103, n)) }
