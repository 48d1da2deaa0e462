package scan

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/internal/fault"
)

// Registration mode reads pages without timing marks: a page is laid upon its own blank page, first as a whole and then around each oval.

// Target is an oval of a blank page.
type Target struct {
	Contest string  `json:"contestId"`
	Option  string  `json:"optionId"` // an option's id or write-in-N
	X       float64 `json:"cx"`       // its centre, in the blank page's pixels
	Y       float64 `json:"cy"`
	Width   float64 `json:"w"`
	Height  float64 `json:"h"`
}

// Targets reads a list of targets as JSON: an object whose targets are the ovals.
func Targets(data []byte) ([]Target, error) {
	w := struct{ Targets []Target }{}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fault.Invalidf("The list of ovals (targets) is not the JSON it should be.").Because(err)
	}
	for i, t := range w.Targets {
		if t.Contest == "" || t.Option == "" || t.Width < 12 || t.Height < 8 || t.Width > 400 || t.Height > 400 || t.X < 0 || t.Y < 0 {
			return nil, fault.Invalidf("Oval %d in the list (targets) has no contest or no option, or its size and place make no sense.", i+1)
		}
	}
	if len(w.Targets) == 0 {
		return nil, fault.Invalidf("The list of ovals (targets) is empty.")
	}
	return w.Targets, nil
}

// Template is a blank page with its ovals.
type Template struct {
	grey    *image.Gray
	coarse  *image.Gray
	targets []Target
}

// PageReading is what was read of a page in registration mode.
type PageReading struct {
	UpsideDown bool
	Agreement  float64 // share of the blank page's parts that were found where the whole says
	Ovals      []Oval
	Contests   []Contest
}

// Review reports whether a person has to look at the page before it counts.
func (p *PageReading) Review() bool {
	return slices.ContainsFunc(p.Ovals, func(o Oval) bool { return o.Class == Marginal })
}

const (
	coarser   = 8   // full pixels in one of the coarse image
	blockHalf = 12  // coarse pixels
	blockStep = 14  // from one block to the next
	blockFar  = 11  // how far a block is looked for: two degrees of turn on 14 inches
	alike     = 0.6 // correlation from which on a block is found
	leastPart = 0.2 // share of the blocks that must lie where the whole says; the ovals are looked at again

	nearby     = 10  // pixels that an oval's surroundings are looked for
	leastAlike = 0.6 // correlation of an oval's surroundings
)

// NewTemplate returns a template of a blank page.
func NewTemplate(blank *image.Gray, targets []Target) *Template {
	r := raster{grey: flat(blank), zoom: 1}
	t := &Template{grey: r.grey, targets: targets}
	r.coarsen(coarser)
	t.coarse = r.grey
	return t
}

// flat returns an image whose corner is at (0, 0).
func flat(img *image.Gray) *image.Gray {
	return &image.Gray{Pix: img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y):], Stride: img.Stride, Rect: img.Rect.Sub(img.Rect.Min)}
}

// affine maps the blank page's pixels to the page's.
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) at(x, y float64) point {
	return point{m.a*x + m.b*y + m.c, m.d*x + m.e*y + m.f}
}

// pair is a part of the blank page and where it was found.
type pair struct{ from, to point }

// Page reads a page whichever way up it is. Exactly one of its results is nil.
func (t *Template) Page(e *ballot.Election, img *image.Gray, th ballot.Thresholds) (*PageReading, *Refusal) {
	if img.Rect.Dx()*img.Rect.Dy() > MaxPixels {
		return nil, &Refusal{Reason: TooLarge, Numbers: []Number{{"pixels", float64(img.Rect.Dx() * img.Rect.Dy())}, {"most", MaxPixels}}}
	}
	zoom := float64(img.Rect.Dx()) / float64(t.grey.Rect.Dx())
	if zoom < 0.9 {
		return nil, &Refusal{Reason: TooCoarse, Numbers: []Number{{"pixels for one of the blank page", zoom}}}
	}
	r := raster{grey: flat(img), zoom: 1}
	if zoom > 1.01 {
		r.coarsen(zoom)
	}
	r.crop = r.grey.Rect
	if !r.otsu(4) {
		return nil, &Refusal{Reason: NoPaper, Numbers: []Number{{"level of paper", r.paper}, {"level of ink", r.ink}}}
	}
	up, partUp := t.lay(r.grey)
	turned := turnedOver(r.grey)
	down, partDown := t.lay(turned)
	out := &PageReading{UpsideDown: partDown > partUp, Agreement: math.Max(partUp, partDown)}
	if out.Agreement < leastPart {
		return nil, &Refusal{Reason: NotOnTemplate, Numbers: []Number{{"share found", out.Agreement}, {"least", leastPart}}}
	}
	m := up
	if out.UpsideDown {
		m, r.grey = down, turned
	}
	r.pack()
	lost := 0
	for _, target := range t.targets {
		o := t.measure(&r, m, target, th)
		if o.Doubt == NotFound {
			lost++
		}
		if out.UpsideDown {
			c := o.Crop
			o.Crop = image.Rect(img.Rect.Dx()-c.Max.X, img.Rect.Dy()-c.Max.Y, img.Rect.Dx()-c.Min.X, img.Rect.Dy()-c.Min.Y)
		}
		out.Ovals = append(out.Ovals, o)
	}
	if 5*lost > len(t.targets) {
		return nil, &Refusal{Reason: NotOnTemplate, Numbers: []Number{{"ovals not found", float64(lost)}, {"of", float64(len(t.targets))}}}
	}
	out.Contests = count(e, out.Ovals)
	return out, nil
}

func turnedOver(img *image.Gray) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(img.Rect)
	for y := range h {
		for x := range w {
			out.Pix[y*out.Stride+x] = img.Pix[(h-1-y)*img.Stride+w-1-x]
		}
	}
	return out
}

// lay finds how the blank page lies on a page, and which share of its parts agrees.
func (t *Template) lay(page *image.Gray) (affine, float64) {
	r := raster{grey: page, zoom: 1}
	r.coarsen(coarser)
	var found []pair
	blocks := 0
	b := t.coarse.Rect
	for y := blockHalf; y < b.Dy()-blockHalf; y += blockStep {
		for x := blockHalf; x < b.Dx()-blockHalf; x += blockStep {
			p := patch{grey: t.coarse, x: x, y: y, halfW: blockHalf, halfH: blockHalf, step: 1}
			if !p.prepare() {
				continue
			}
			blocks++
			if dx, dy, c := p.search(r.grey, x, y, blockFar); c >= alike {
				found = append(found, pair{point{coarser * (float64(x) + 0.5), coarser * (float64(y) + 0.5)}, point{coarser * (float64(x+dx) + 0.5), coarser * (float64(y+dy) + 0.5)}})
			}
		}
	}
	m, n := consensus(found)
	return m, float64(n) / float64(max(blocks, 1))
}

// consensus returns the map on which most pairs agree, and on how many it does. Triples are taken in a fixed order, so the answer is always the same.
func consensus(all []pair) (affine, int) {
	const tries, close = 500, 1.2 * coarser
	var best affine
	most, seed := 0, uint64(1)
	next := func() pair {
		seed = seed*6364136223846793005 + 1442695040888963407
		return all[seed>>33%uint64(len(all))]
	}
	agreeing := func(m affine) (in []pair) {
		for _, p := range all {
			if near(m.at(p.from.x, p.from.y), p.to, close) {
				in = append(in, p)
			}
		}
		return in
	}
	for range tries {
		if len(all) < 6 {
			break
		}
		if m, ok := solve([]pair{next(), next(), next()}); ok {
			if n := len(agreeing(m)); n > most {
				best, most = m, n
			}
		}
	}
	for range 3 {
		if m, ok := solve(agreeing(best)); most > 0 && ok && len(agreeing(m)) >= most {
			best, most = m, len(agreeing(m))
		}
	}
	return best, most
}

// solve returns the map that takes pairs to each other with the least squares, if it is one a scanner makes: nearly the same size, hardly turned.
func solve(pairs []pair) (affine, bool) {
	var s, sx, sy, sxx, sxy, syy float64
	var u, ux, uy, v, vx, vy float64
	for _, p := range pairs {
		x, y := p.from.x, p.from.y
		s, sx, sy, sxx, sxy, syy = s+1, sx+x, sy+y, sxx+x*x, sxy+x*y, syy+y*y
		u, ux, uy = u+p.to.x, ux+p.to.x*x, uy+p.to.x*y
		v, vx, vy = v+p.to.y, vx+p.to.y*x, vy+p.to.y*y
	}
	det := sxx*(syy*s-sy*sy) - sxy*(sxy*s-sy*sx) + sx*(sxy*sy-syy*sx)
	if math.Abs(det) < 1e6 {
		return affine{}, false
	}
	row := func(rx, ry, r float64) (a, b, c float64) {
		a = (rx*(syy*s-sy*sy) - sxy*(ry*s-sy*r) + sx*(ry*sy-syy*r)) / det
		b = (sxx*(ry*s-r*sy) - rx*(sxy*s-sy*sx) + sx*(sxy*r-ry*sx)) / det
		return a, b, (r - a*sx - b*sy) / s
	}
	var m affine
	m.a, m.b, m.c = row(ux, uy, u)
	m.d, m.e, m.f = row(vx, vy, v)
	ok := math.Abs(m.a-1) < 0.05 && math.Abs(m.e-1) < 0.05 && math.Abs(m.b) < 0.06 && math.Abs(m.d) < 0.06
	return m, ok
}

// measure looks at one oval of a page.
func (t *Template) measure(r *raster, m affine, target Target, th ballot.Thresholds) Oval {
	o := Oval{Position: ballot.Position{Contest: target.Contest, Option: target.Option}}
	if n := 0; strings.HasPrefix(target.Option, "write-in-") {
		if _, err := fmt.Sscanf(target.Option, "write-in-%d", &n); err == nil {
			o.Position.Option, o.Position.WriteIn = "", n
		}
	}
	w, h := int(target.Width/2), int(target.Height/2)
	x, y := int(math.Round(target.X)), int(math.Round(target.Y))
	at := m.at(target.X, target.Y)
	px, py := int(math.Round(at.x)), int(math.Round(at.y))
	p := patch{grey: t.grey, x: x, y: y, halfW: 4 * w, halfH: 3 * h, step: 1, skipW: w - 3, skipH: h - 3}
	if p.prepare() {
		o.Dx, o.Dy, o.Match = p.search(r.grey, px, py, nearby)
	}
	px, py = px+o.Dx, py+o.Dy
	inside, dark := 0, 0
	for dy := -h; dy <= h; dy++ {
		for dx := -w; dx <= w; dx++ {
			u, v := float64(dx)/(float64(w)-3), float64(dy)/(float64(h)-3)
			if u*u+v*v > 1 {
				continue
			}
			inside++
			if r.dark(px+dx, py+dy) {
				dark++
			}
		}
	}
	o.Fill = float64(dark) / float64(max(inside, 1))
	o.Adaptive = o.Fill
	o.Crop = r.given(float64(px-w-6), float64(py-h-6), float64(px+w+6), float64(py+h+6))
	switch {
	case o.Match < leastAlike:
		o.Class, o.Doubt = Marginal, NotFound
	case o.Fill >= th.Definite:
		o.Class = Marked
	case o.Fill >= th.Marginal:
		o.Class = Marginal
	}
	return o
}

// patch is a part of a blank page that is looked for elsewhere. Its middle may be left out.
type patch struct {
	grey         *image.Gray
	x, y         int
	halfW, halfH int
	step         int
	skipW, skipH int
	mean, spread float64
	n            int
}

// each calls with the offsets of the patch's pixels.
func (p *patch) each(call func(dx, dy int)) {
	for dy := -p.halfH; dy <= p.halfH; dy += p.step {
		for dx := -p.halfW; dx <= p.halfW; dx += p.step {
			if p.skipW == 0 || max(dx, -dx) > p.skipW || max(dy, -dy) > p.skipH {
				call(dx, dy)
			}
		}
	}
}

// level returns a pixel; outside the image is paper.
func level(img *image.Gray, x, y int) float64 {
	if x < 0 || y < 0 || x >= img.Rect.Dx() || y >= img.Rect.Dy() {
		return 255
	}
	return float64(img.Pix[y*img.Stride+x])
}

// prepare measures the patch and reports whether there is enough on it to be found.
func (p *patch) prepare() bool {
	sum, squares := 0.0, 0.0
	p.each(func(dx, dy int) {
		v := level(p.grey, p.x+dx, p.y+dy)
		p.n, sum, squares = p.n+1, sum+v, squares+v*v
	})
	n := float64(p.n)
	p.mean = sum / n
	p.spread = squares/n - p.mean*p.mean
	return p.spread > 400
}

// search returns where around a place an image correlates best with the patch. It steps by two first and then looks closely.
func (p *patch) search(img *image.Gray, x, y, far int) (bx, by int, best float64) {
	for dy := -far; dy <= far; dy += 2 {
		for dx := -far; dx <= far; dx += 2 {
			if c := p.correlation(img, x+dx, y+dy); c > best {
				best, bx, by = c, dx, dy
			}
		}
	}
	cx, cy := bx, by
	for dy := cy - 1; dy <= cy+1; dy++ {
		for dx := cx - 1; dx <= cx+1; dx++ {
			if c := p.correlation(img, x+dx, y+dy); c > best {
				best, bx, by = c, dx, dy
			}
		}
	}
	return bx, by, best
}

// correlation returns how alike the patch and an image are, from -1 to 1.
func (p *patch) correlation(img *image.Gray, x, y int) float64 {
	sum, squares, product := 0.0, 0.0, 0.0
	p.each(func(dx, dy int) {
		v := level(img, x+dx, y+dy)
		sum, squares, product = sum+v, squares+v*v, product+v*level(p.grey, p.x+dx, p.y+dy)
	})
	n := float64(p.n)
	mean := sum / n
	spread := squares/n - mean*mean
	if spread < 1 {
		return 0
	}
	return (product/n - mean*p.mean) / math.Sqrt(spread*p.spread)
}
