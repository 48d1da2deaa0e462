package scan

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// paint draws a rectangle.
func paint(img *image.Gray, r image.Rectangle, level uint8) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetGray(x, y, color.Gray{level})
		}
	}
}

func clone(img *image.Gray) *image.Gray {
	out := *img
	out.Pix = slices.Clone(img.Pix)
	return &out
}

// photo is a picture of something else: smooth shades and a pattern.
func photo() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 1700, 2200))
	for y := range 2200 {
		for x := range 1700 {
			v := 128 + 60*math.Sin(float64(x)/90)*math.Cos(float64(y)/130) + 50*math.Sin(float64(x*y)/90000)
			img.Pix[y*img.Stride+x] = uint8(v)
		}
	}
	return img
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	d := renderedElection(t)
	s := blankSheet(d)
	s.marks = map[int]inked{0: {share: 0.9, level: 20}, 6: {share: 0.8, level: 30}}
	front, back := s.draw(t, 0), s.draw(t, 1)
	second := s
	second.page.Number = 3
	back2, front2 := second.draw(t, 1), second.draw(t, 0)
	foreign := s
	foreign.page.HashStart = strings.Repeat("ab", 10)
	other := s
	other.page.Precinct = 1
	test := s
	test.page.Test = true
	nowhere := s
	nowhere.page.Precinct = 9
	nobody := s
	nobody.page.Style = 5
	oval := func(i int) (int, int) {
		x, y := d.Paper.Place(d.Styles[0].Sheets[0][0][i].Bubble)
		return int(x * testPPI), int(y * testPPI)
	}
	ox, _ := oval(0)
	blank := image.NewGray(image.Rect(0, 0, 1700, 2200))
	paint(blank, blank.Rect, 245)
	black := image.NewGray(image.Rect(0, 0, 1700, 2200))
	with := func(img *image.Gray, change func(*image.Gray)) *image.Gray {
		out := clone(img)
		change(out)
		return out
	}
	streak := func(x, wide int, level uint8) func(*image.Gray) {
		return func(img *image.Gray) { paint(img, image.Rect(x, 0, x+wide, img.Rect.Dy()), level) }
	}
	small := func(img *image.Gray, by float64) *image.Gray { // printed smaller on the same paper
		out := clone(blank)
		in := scanning{scaleX: by, scaleY: by}.through(img, seeded(1))
		for y := range in.Rect.Dy() {
			copy(out.Pix[(y+(2200-in.Rect.Dy())/2)*out.Stride+(1700-in.Rect.Dx())/2:], in.Pix[y*in.Stride:y*in.Stride+in.Rect.Dx()])
		}
		return scanning{margin: 30}.through(out, seeded(1))
	}
	usualOptions := Options{Thresholds: usual}
	cases := []struct {
		name    string
		a, b    *image.Gray
		options Options
		want    Reason
	}{
		{"blank page", blank, blank, usualOptions, NoPaper},
		{"nothing but the bed", black, black, usualOptions, NoPaper},
		{"no image", nil, back, usualOptions, NotAnImage},
		{"a thumbnail", image.NewGray(image.Rect(0, 0, 100, 130)), back, usualOptions, NoPaper},
		{"photo", photo(), photo(), usualOptions, NoTimingMarks},
		{"page 1 with page 4", front, back2, usualOptions, SidesDisagree},
		{"front twice", front, front, usualOptions, SidesDisagree},
		{"fronts of two sheets", front, front2, usualOptions, SidesDisagree},
		{"another election", foreign.draw(t, 0), foreign.draw(t, 1), usualOptions, OtherElection},
		{"back of another precinct's", front, other.draw(t, 1), usualOptions, SidesDisagree},
		{"wrong precinct", other.draw(t, 0), other.draw(t, 1), Options{Thresholds: usual, Precincts: []string{"p0"}}, WrongPrecinct},
		{"test ballot in the election", test.draw(t, 0), test.draw(t, 1), usualOptions, WrongMode},
		{"official ballot in a test", front, back, Options{Thresholds: usual, Test: true}, WrongMode},
		{"no such precinct", nowhere.draw(t, 0), nowhere.draw(t, 1), usualOptions, NoSuchPage},
		{"no such style", nobody.draw(t, 0), nobody.draw(t, 1), usualOptions, NoSuchPage},
		{"printed at 93 %", small(front, 0.93), small(back, 0.93), usualOptions, WrongScale},
		{"streak through an oval", with(front, streak(ox, 2, 0)), back, usualOptions, Streaks},
		{"wide streak beside ovals", with(front, streak(ox+60, 8, 0)), back, usualOptions, Streaks},
		{"torn corner", with(front, func(m *image.Gray) { paint(m, image.Rect(0, 0, 260, 260), 245) }), back, usualOptions, TornTimingMarks},
		{"half a sheet", with(front, func(m *image.Gray) { paint(m, image.Rect(0, 1100, 1700, 2200), 245) }), back, usualOptions, WrongPaper},
		{"no code on either side", with(front, cover), with(back, cover), usualOptions, NoCode},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := NewReader(d, c.options)
			got, refused := r.Sheet(c.a, c.b)
			if got != nil || refused == nil {
				t.Fatalf("read: %+v", got)
			}
			t.Logf("%v: %s", refused.Reason, refused.Evidence())
			if refused.Reason != c.want {
				t.Errorf("refused as %v, want %v", refused.Reason, c.want)
			}
			if c.a != nil && c.b != nil {
				if _, turned := r.Sheet(c.b, c.a); turned == nil || turned.Reason != c.want {
					t.Errorf("the other way round: %+v", turned)
				}
			}
		})
	}
}

// cover hides the code.
func cover(m *image.Gray) { paint(m, image.Rect(90, 1900, 300, 2120), 245) }

func TestASheetWithOneCodeIsReadWhenItsOvalsSayWhichWayUpItIs(t *testing.T) {
	d := renderedElection(t)
	s := blankSheet(d)
	s.marks = map[int]inked{2: {share: 0.9, level: 20}}
	front, back := s.draw(t, 0), s.draw(t, 1)
	want, refused := NewReader(d, Options{Thresholds: usual}).Sheet(front, back)
	if refused != nil {
		t.Fatal(refused.Reason)
	}
	for _, down := range []bool{false, true} {
		for which, sides := range [2][2]*image.Gray{{clone(front), back}, {front, clone(back)}} {
			cover(sides[which])
			how := scanning{down: down}
			got, refused := NewReader(d, Options{Thresholds: usual}).Sheet(how.through(sides[0], nil), how.through(sides[1], nil))
			if refused != nil {
				t.Errorf("upside down %v, code of %d hidden: refused, %v", down, which, refused.Reason)
				continue
			}
			if diff := cmp.Diff(votesOf(want), votesOf(got)); diff != "" || got.Inferred != which || got.Sides[which].UpsideDown != down {
				t.Errorf("inferred %d, upside down %v: %s", got.Inferred, got.Sides[which].UpsideDown, diff)
			}
		}
	}
}

func TestDamageThatIsSmallIsReadOver(t *testing.T) {
	d := renderedElection(t)
	s := blankSheet(d)
	s.marks = map[int]inked{0: {share: 0.9, level: 20}}
	s.names = map[int]bool{4: true}
	front, back := s.draw(t, 0), s.draw(t, 1)
	damaged := map[string]func(*image.Gray){
		"a mark is missing":       func(m *image.Gray) { paint(m, image.Rect(20, 670, 110, 700), 245) },
		"a corner mark is gone":   func(m *image.Gray) { paint(m, image.Rect(0, 0, 100, 60), 245) },
		"a mark is smeared":       func(m *image.Gray) { paint(m, image.Rect(40, 1000, 76, 1040), 20) },
		"a fold across":           func(m *image.Gray) { paint(m, image.Rect(0, 990, 1700, 993), 245) },
		"a fold down":             func(m *image.Gray) { paint(m, image.Rect(848, 0, 850, 2200), 200) },
		"a hole":                  func(m *image.Gray) { paint(m, image.Rect(800, 60, 860, 120), 10) },
		"a thin line beside":      func(m *image.Gray) { paint(m, image.Rect(600, 0, 602, 2200), 10) },
		"shading from the spine":  func(m *image.Gray) { shade(m) },
		"a black bed, cut closer": func(m *image.Gray) { paint(m, image.Rect(0, 0, 1700, 12), 0) },
	}
	want := []string{"a", "m"} // the first on each side
	for name, damage := range damaged {
		t.Run(name, func(t *testing.T) {
			img := clone(front)
			damage(img)
			got, refused := NewReader(d, Options{Thresholds: usual}).Sheet(img, back)
			if refused != nil {
				t.Fatalf("refused: %v %s", refused.Reason, refused.Evidence())
			}
			for _, c := range got.Contests {
				if slices.Contains(want, c.ID) != (len(c.Votes) == 1) {
					t.Errorf("contest %s: %v", c.ID, c.Votes)
				}
			}
			if got.Review() {
				t.Error("it is put before a person")
			}
			if i := slices.IndexFunc(got.WriteIns, func(w WriteIn) bool { return w.Unmarked }); i != 0 {
				t.Errorf("the name without a mark was not noticed: %d", i)
			}
		})
	}
}

// shade darkens a sheet towards its left.
func shade(m *image.Gray) {
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			k := 0.6 + 0.4*math.Min(1, float64(x)/700)
			m.Pix[y*m.Stride+x] = uint8(float64(m.Pix[y*m.Stride+x]) * k)
		}
	}
}

func TestLightPencilIsPutBeforeAPerson(t *testing.T) {
	d := renderedElection(t)
	s := blankSheet(d)
	s.marks = map[int]inked{0: {share: 0.7, level: 165}}
	got, refused := NewReader(d, Options{Thresholds: usual}).Sheet(s.draw(t, 0), s.draw(t, 1))
	if refused != nil {
		t.Fatal(refused.Reason)
	}
	if o := got.Ovals[0]; o.Class != Marginal || o.Doubt != Faint {
		t.Errorf("light pencil is %s %s: %+v", o.Class, o.Doubt, o)
	}
}

func TestImagesThatAreNoneAreRefused(t *testing.T) {
	d := renderedElection(t)
	img := blankSheet(d).draw(t, 0)
	var whole, flat bytes.Buffer
	if err := jpeg.Encode(&whole, img, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&flat, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	// A header of 200 megapixels.
	huge := flat.Bytes()
	binary.BigEndian.PutUint32(huge[16:], 20000)
	binary.BigEndian.PutUint32(huge[20:], 10000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	for _, c := range []struct {
		name string
		data []byte
		want Reason
	}{{"truncated JPEG", whole.Bytes()[:whole.Len()/2], NotAnImage}, {"200 megapixels", huge, TooLarge}, {"nothing", nil, NotAnImage}, {"text", []byte("ballot"), NotAnImage}} {
		if got, refused := Decode(c.data); got != nil || refused == nil || refused.Reason != c.want {
			t.Errorf("%s: %+v", c.name, refused)
		}
	}
	if got, refused := Decode(whole.Bytes()); refused != nil || got.Rect != img.Rect {
		t.Errorf("a whole JPEG is refused: %+v", refused)
	}
}

func TestEveryReasonIsSaid(t *testing.T) {
	for _, reason := range Reasons() {
		r := Refusal{Reason: reason}
		if reason.String() == "" || reason.Peer() == "" || strings.HasPrefix(r.Err().Error(), "refusing a sheet") {
			t.Errorf("reason %d has no words", reason)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(bitsOf(f, 20, 9, func(x, y int) bool { return x > y }))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if img, refused := Decode(data); (img == nil) == (refused == nil) {
			t.Errorf("neither or both: %v %v", img, refused)
		}
	})
}

// bitsOf returns a picture as a PNG of one bit a pixel.
func bitsOf(t testing.TB, w, h int, set func(x, y int) bool) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Gray{0}, color.Gray{255}})
	for y := range h {
		for x := range w {
			if set(x, y) {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	// The palette is taken out and the header says grey.
	data := b.Bytes()
	at := bytes.Index(data, []byte("PLTE")) - 4
	data = append(data[:at:at], data[at+12+6:]...)
	data[25] = 0
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestBlackAndWhitePNGIsReadAsTheStandardLibraryReadsIt(t *testing.T) {
	for w := 1; w < 70; w += 7 {
		rng := seeded(uint64(w))
		data := bitsOf(t, w, 40, func(x, y int) bool { return rng.IntN(5) == 0 || (x/3+y/4)%2 == 0 })
		want, err := png.Decode(bytes.NewReader(data))
		if err != nil || !isBitPNG(data) {
			t.Fatal(err)
		}
		got, refused := Decode(data)
		if refused != nil || !bytes.Equal(got.Pix, want.(*image.Gray).Pix) {
			t.Errorf("width %d differs: %+v", w, refused)
		}
		for cut := range data {
			if _, refused := Decode(data[:cut]); refused == nil {
				t.Errorf("cut off after %d bytes it is read", cut)
			}
		}
		for i := 8; i < len(data); i++ {
			bad := slices.Clone(data)
			bad[i] ^= 1 << (i % 8)
			if got, refused := Decode(bad); refused == nil && !bytes.Equal(got.Pix, want.(*image.Gray).Pix) {
				t.Errorf("with byte %d changed it is another image", i)
			}
		}
	}
}

func TestRowsOfAPNGAreUnfiltered(t *testing.T) {
	above, want := []byte{7, 200, 13, 90, 255}, []byte{250, 3, 77, 128, 1}
	filters := map[byte]func(left, up, corner byte) byte{
		0: func(_, _, _ byte) byte { return 0 }, 1: func(l, _, _ byte) byte { return l }, 2: func(_, u, _ byte) byte { return u },
		3: func(l, u, _ byte) byte { return byte((int(l) + int(u)) / 2) }, 4: paeth,
	}
	for kind, f := range filters {
		row, left, corner := make([]byte, len(want)), byte(0), byte(0)
		for i := range want {
			row[i] = want[i] - f(left, above[i], corner)
			left, corner = want[i], above[i]
		}
		if err := unfilter(kind, row, above); err != nil || !bytes.Equal(row, want) {
			t.Errorf("filter %d: %v, %v", kind, row, err)
		}
	}
	if unfilter(5, []byte{1}, []byte{1}) == nil {
		t.Error("a filter that does not exist is undone")
	}
}

func FuzzTargets(f *testing.F) {
	f.Add([]byte(`{"targets":[{"contestId":"a","optionId":"b","cx":10,"cy":10,"w":32,"h":22}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := Targets(data); (len(list) == 0) == (err == nil) {
			t.Errorf("%d targets, %v", len(list), err)
		}
	})
}

// FuzzSheet reads sheets with a part painted over: whatever that does, both results agree about which of them there is, and an oval far from it keeps its vote.
func FuzzSheet(f *testing.F) {
	d := renderedElection(f)
	s := blankSheet(d)
	s.marks = map[int]inked{0: {share: 0.9, level: 20}, 31: {share: 0.9, level: 20}}
	front, back := s.draw(f, 0), s.draw(f, 1)
	r := NewReader(d, Options{Thresholds: usual})
	f.Add(uint16(100), uint16(100), uint16(80), uint16(50), uint8(0))
	f.Add(uint16(0), uint16(0), uint16(1700), uint16(30), uint8(255))
	f.Fuzz(func(t *testing.T, x, y, w, h uint16, level uint8) {
		img := clone(front)
		box := image.Rect(int(x), int(y), int(x)+int(w), int(y)+int(h)).Intersect(img.Rect)
		paint(img, box, level)
		got, refused := r.Sheet(img, back)
		if (got == nil) == (refused == nil) {
			t.Fatal("neither or both")
		}
		if got == nil {
			return
		}
		for i, o := range got.Ovals {
			if marked := i%60 == 0 || i%60 == 31; !o.Crop.Overlaps(box) && o.Page == 1 && o.Class != Marginal && marked != (o.Class == Marked) {
				t.Errorf("oval %d at %v is %s although only %v was painted over", i, o.Crop, o.Class, box)
			}
		}
	})
}
