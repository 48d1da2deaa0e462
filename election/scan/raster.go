package scan

import (
	"encoding/binary"
	"image"
	"math"
	"math/bits"
)

// Limits of what is looked at.
const (
	// MaxPixels is how many pixels an image may have: a sheet of 8.5 by 22 inches at 600 pixels to an inch has 67 million.
	MaxPixels = 80_000_000

	workPPI    = 200.0 // sheets that are finer are made this coarse
	finestPPI  = 206.0 // up to here a sheet is read as it is
	coarsePPI  = 140.0 // below this an oval's line is too thin to be told from dust
	leastPaper = 200   // pixels each way, or it is no sheet

	leastContrast = 40 // grey levels between paper and ink, on average
)

// raster is one side of a sheet in black and white: one bit a pixel, 1 is dark, rows padded to whole words. It keeps the grey levels for what asks about them.
type raster struct {
	grey      *image.Gray
	crop      image.Rectangle // the paper in grey; pixel (0, 0) of bits is its corner
	zoom      float64         // pixels of the given image for one of ours
	w, h      int
	words     int // in a row, with one more than needed so that windows may run over
	bits      []uint64
	threshold uint8   // a pixel below it is dark
	ink       float64 // mean level of dark pixels
	paper     float64 // and of the others
	ppi       float64 // pixels to an inch, if the paper is 8.5 inches wide
}

// load makes black and white of a grey image. It reports false where there is no paper to be seen.
func (r *raster) load(img *image.Gray) bool {
	b := img.Bounds()
	if b.Dx() < leastPaper || b.Dy() < leastPaper {
		return false
	}
	r.grey, r.zoom = img, 1
	if !r.outline() {
		return false
	}
	if r.ppi > finestPPI {
		r.coarsen(r.ppi / workPPI)
		if !r.outline() {
			return false
		}
	}
	r.pack()
	return true
}

// outline finds threshold and paper: the levels' histogram is cut where its two parts differ most (Otsu 1979), edges without paper are cut off, and the
// levels of what is left are cut again.
func (r *raster) outline() bool {
	r.crop = r.grey.Bounds()
	if !r.otsu(16) && r.paper < 128 {
		return false
	}
	r.cut()
	if r.crop.Dx() < leastPaper || r.crop.Dy() < leastPaper {
		return false
	}
	r.otsu(8)
	r.ppi = r.paperWidth() / 8.5
	return r.paper-r.ink >= leastContrast
}

// otsu sets threshold, ink and paper from the rows of the crop, a step apart.
func (r *raster) otsu(step int) bool {
	var hist [256]int
	for y := r.crop.Min.Y; y < r.crop.Max.Y; y += step {
		at := r.grey.PixOffset(r.crop.Min.X, y)
		for _, p := range r.grey.Pix[at : at+r.crop.Dx()] {
			hist[p]++
		}
	}
	total, sum := 0, 0.0
	for v, n := range hist {
		total, sum = total+n, sum+float64(v)*float64(n)
	}
	best, below, belowSum := -1.0, 0, 0.0
	first, last := 0, 0
	for v := range 255 {
		below, belowSum = below+hist[v], belowSum+float64(v)*float64(hist[v])
		if below == 0 || below == total {
			continue
		}
		ink, paper := belowSum/float64(below), (sum-belowSum)/float64(total-below)
		between := float64(below) * float64(total-below) * (paper - ink) * (paper - ink)
		if between > best {
			best, first, r.ink, r.paper = between, v, ink, paper
		}
		if between >= best {
			last = v
		}
	}
	if best < 0 { // one level only
		r.ink, r.paper = sum/float64(max(total, 1)), sum/float64(max(total, 1))
		return false
	}
	r.threshold = uint8((first+last)/2 + 1)
	return r.paper-r.ink >= leastContrast
}

// cut shrinks the crop by rows and columns at its edges of which not a tenth is paper.
func (r *raster) cut() {
	c, t := r.crop, r.threshold
	row := func(y int) bool {
		n, at := 0, r.grey.PixOffset(c.Min.X, y)
		for _, p := range r.grey.Pix[at : at+c.Dx()] {
			if p >= t {
				n++
			}
		}
		return 10*n > c.Dx()
	}
	column := func(x int) bool {
		n, all := 0, 0
		for y := c.Min.Y; y < c.Max.Y; y += 4 {
			all++
			if r.grey.Pix[r.grey.PixOffset(x, y)] >= t {
				n++
			}
		}
		return 10*n > all
	}
	for c.Min.Y < c.Max.Y && !row(c.Min.Y) {
		c.Min.Y++
	}
	for c.Max.Y > c.Min.Y && !row(c.Max.Y-1) {
		c.Max.Y--
	}
	for c.Min.X < c.Max.X && !column(c.Min.X) {
		c.Min.X++
	}
	for c.Max.X > c.Min.X && !column(c.Max.X-1) {
		c.Max.X--
	}
	r.crop = c
}

// paperWidth returns the width of the paper: the median over rows of the distance from the first to the last stretch of paper, along the top of a turned sheet.
func (r *raster) paperWidth() float64 {
	const stretch = 6
	var hist [1 << 15]int32
	rows := int32(0)
	var ends [2][3]float64 // sums over rows of 1, x and the middle of y, to learn by how much the sheet is turned
	for y := r.crop.Min.Y + r.crop.Dy()/8; y < r.crop.Max.Y-r.crop.Dy()/8; y += 16 {
		at := r.grey.PixOffset(r.crop.Min.X, y)
		row := r.grey.Pix[at : at+r.crop.Dx()]
		first, last := firstPaper(row, r.threshold, stretch), lastPaper(row, r.threshold, stretch)
		if last <= first {
			continue
		}
		rows++
		hist[min(last-first, len(hist)-1)]++
		half := 0
		if y > (r.crop.Min.Y+r.crop.Max.Y)/2 {
			half = 1
		}
		ends[half][0]++
		ends[half][1] += float64(first + last)
		ends[half][2] += float64(y)
	}
	seen := int32(0)
	for w, n := range hist {
		if seen += n; 2*seen > rows {
			turn := 0.0
			if ends[0][0] > 0 && ends[1][0] > 0 {
				dx := (ends[1][1]/ends[1][0] - ends[0][1]/ends[0][0]) / 2
				turn = dx / (ends[1][2]/ends[1][0] - ends[0][2]/ends[0][0])
			}
			return float64(w) / math.Sqrt(1+turn*turn)
		}
	}
	return 0
}

func firstPaper(row []uint8, t uint8, stretch int) int {
	run := 0
	for x, p := range row {
		if run++; p < t {
			run = 0
		}
		if run == stretch {
			return x - stretch + 1
		}
	}
	return len(row)
}

func lastPaper(row []uint8, t uint8, stretch int) int {
	run := 0
	for x := len(row) - 1; x >= 0; x-- {
		if run++; row[x] < t {
			run = 0
		}
		if run == stretch {
			return x + stretch
		}
	}
	return 0
}

// coarsen replaces the grey image by one in which a pixel is the mean of by times by.
func (r *raster) coarsen(by float64) {
	b := r.grey.Bounds()
	w, h := int(float64(b.Dx())/by), int(float64(b.Dy())/by)
	out := image.NewGray(image.Rect(0, 0, w, h))
	cols := make([]int, w+1)
	for x := range cols {
		cols[x] = min(int(float64(x)*by), b.Dx())
	}
	sums := make([]uint32, b.Dx()) // of the rows that become one
	for y := range h {
		y0, y1 := int(float64(y)*by), min(max(int(float64(y+1)*by), int(float64(y)*by)+1), b.Dy())
		clear(sums)
		for sy := y0; sy < y1; sy++ {
			row := r.grey.Pix[sy*r.grey.Stride : sy*r.grey.Stride+len(sums)]
			for x, p := range row {
				sums[x] += uint32(p)
			}
		}
		line := out.Pix[y*out.Stride : y*out.Stride+w]
		x0, high := 0, uint32(y1-y0)
		for x := range line {
			x1, sum := cols[x+1], uint32(0)
			for _, s := range sums[x0:x1] {
				sum += s
			}
			line[x] = uint8(sum / (uint32(x1-x0) * high))
			x0 = x1
		}
	}
	r.grey, r.zoom = out, r.zoom*by
}

// pack sets the bits: dark is below the threshold.
func (r *raster) pack() {
	r.w, r.h = r.crop.Dx(), r.crop.Dy()
	r.words = (r.w+63)/64 + 1
	if n := r.words * r.h; cap(r.bits) < n {
		r.bits = make([]uint64, n)
	} else {
		r.bits = r.bits[:n]
	}
	const high = 0x8080808080808080
	t := uint64(r.threshold) * 0x0101010101010101
	for y := range r.h {
		at := r.grey.PixOffset(r.crop.Min.X, r.crop.Min.Y+y)
		row, out := r.grey.Pix[at:at+r.w], r.bits[y*r.words:(y+1)*r.words]
		x := 0
		for ; x+64 <= len(row); x += 64 {
			block, word := row[x:x+64:x+64], uint64(0)
			for i := 0; i < 64; i += 8 {
				// Eight bytes are compared at once: a byte is smaller when its high bit is, or when those are equal and the other seven bits are.
				p := binary.LittleEndian.Uint64(block[i : i+8 : i+8])
				ge := (p | high) - (t &^ high)
				less := (^p&t | ^(p^t)&^ge) & high
				word |= (less >> 7 * 0x0102040810204080 >> 56) << i
			}
			out[x>>6] = word
		}
		out[len(out)-1], out[x>>6] = 0, 0
		for ; x < len(row); x++ {
			if row[x] < r.threshold {
				out[x>>6] |= 1 << (x & 63)
			}
		}
	}
}

// dark reports whether a pixel is dark; outside the paper none is.
func (r *raster) dark(x, y int) bool {
	return x >= 0 && y >= 0 && x < r.w && y < r.h && r.bits[y*r.words+x>>6]>>(x&63)&1 == 1
}

// window returns the 64 pixels of row y from x on. What lies outside is not dark.
func (r *raster) window(x, y int) uint64 {
	if y < 0 || y >= r.h || x <= -64 || x >= r.w {
		return 0
	}
	if x < 0 {
		return r.bits[y*r.words] << -x
	}
	at, s := y*r.words+x>>6, x&63
	if s == 0 {
		return r.bits[at]
	}
	return r.bits[at]>>s | r.bits[at+1]<<(64-s)
}

// count returns how many pixels of row y are dark from x0 up to x1.
func (r *raster) count(x0, x1, y int) int {
	n := 0
	for x := x0; x < x1; x += 64 {
		w := r.window(x, y)
		if left := x1 - x; left < 64 {
			w &= 1<<left - 1
		}
		n += bits.OnesCount64(w)
	}
	return n
}

// share returns which share of the pixels of a rectangle is dark.
func (r *raster) share(x0, y0, x1, y1 int) float64 {
	if x1 <= x0 || y1 <= y0 {
		return 0
	}
	n := 0
	for y := y0; y < y1; y++ {
		n += r.count(x0, x1, y)
	}
	return float64(n) / float64((x1-x0)*(y1-y0))
}

// given returns a rectangle of ours in pixels of the image that was given.
func (r *raster) given(x0, y0, x1, y1 float64) image.Rectangle {
	f := func(v float64, o int) int { return int(math.Round((v + float64(o)) * r.zoom)) }
	return image.Rect(f(x0, r.crop.Min.X), f(y0, r.crop.Min.Y), f(x1, r.crop.Min.X), f(y1, r.crop.Min.Y))
}
