package scan

import (
	"flag"
	"image"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// within returns something a scanner may do to a sheet.
func within(rng *rand.Rand) scanning {
	u := func(a float64) float64 { return (2*rng.Float64() - 1) * a }
	return scanning{degrees: u(2), scaleX: 1 + u(0.02), scaleY: 1 + u(0.02), noise: 8 * rng.Float64(), gain: 1 - 0.3*rng.Float64(), offset: 20 * rng.Float64(),
		warp: u(3), speckles: rng.IntN(3000), down: rng.IntN(2) == 0, margin: rng.IntN(60)}
}

func TestSamplesGiveTheSameVotesHoweverTheyWereScanned(t *testing.T) {
	rounds := uint64(4)
	if testing.Short() {
		rounds = 1
	}
	for n, dir := range sampleDirs {
		t.Run(dir, func(t *testing.T) {
			s := openSample(t, dir)
			want, why := s.reader.Sheet(s.sides[0], s.sides[1])
			read := 0
			for i := range rounds {
				rng := seeded(uint64(n)*100 + i)
				how := within(rng)
				if want == nil {
					how.degrees, how.margin, how.warp = 0, 0, 0 // what is turned or bent afterwards is no streak any more, nor what does not reach the edge
				}
				a, b := how.through(s.sides[0], rng), how.through(s.sides[1], rng)
				if rng.IntN(2) == 0 {
					a, b = b, a
				}
				got, refused := s.reader.Sheet(a, b)
				if refused != nil {
					t.Logf("%+v: refused, %v %s", how, refused.Reason, refused.Evidence())
					continue
				}
				if want == nil {
					t.Fatalf("%+v: read, though the scan itself is refused: %v", how, why.Reason)
				}
				read++
				if !maps.EqualFunc(votesOf(got), votesOf(want), slices.Equal) && !got.Review() {
					t.Errorf("%+v: votes %v, want %v", how, votesOf(got), votesOf(want))
				}
				for _, o := range got.Ovals {
					if o.Class == Marginal {
						t.Logf("%+v: %s is marginal: %s, match %.2f fill %.3f", how, OptionID(o.Position), o.Doubt, o.Match, o.Fill)
					}
				}
			}
			if want != nil && read == 0 {
				t.Error("no scan of it was read")
			}
		})
	}
}

// drawn draws a sheet with random marks and returns what must come out of each oval: nothing, a mark, or a share that a person may be asked about.
func drawn(t *testing.T, s sheetOf, rng *rand.Rand) (a, b *image.Gray, want [2][]float64) {
	t.Helper()
	var sides [2]*image.Gray
	for side := range sides {
		s.marks = map[int]inked{}
		want[side] = make([]float64, len(s.style.Sheets[0][side]))
		for i := range want[side] {
			switch rng.IntN(4) {
			case 0:
				m := inked{share: 0.12 + 0.88*rng.Float64(), level: uint8(10 + rng.IntN(80)), dx: 0.02 * (rng.Float64() - 0.5), dy: 0.02 * (rng.Float64() - 0.5)}
				s.marks[i], want[side][i] = m, m.share
			case 1:
				m := inked{share: 0.10 * rng.Float64(), level: 20}
				s.marks[i], want[side][i] = m, m.share
			}
		}
		sides[side] = s.draw(t, side)
	}
	return sides[0], sides[1], want
}

var drawnSheets = flag.Uint64("sheets", 24, "how many sheets are drawn and read")

// TestRenderedSheetsAreNeverMisread reads drawn sheets with marks of all sizes. Outside a declared band — a blob of more than three and less than eight
// hundredths of an oval's inside — nothing may be taken for what it is not.
func TestRenderedSheetsAreNeverMisread(t *testing.T) {
	d := renderedElection(t)
	r := NewReader(d, Options{Thresholds: usual})
	sheets := *drawnSheets
	if testing.Short() {
		sheets = 3
	}
	var curve [21][3]int
	positions, refusals, asked := 0, 0, 0
	for n := range sheets {
		rng := seeded(n)
		a, b, want := drawn(t, blankSheet(d), rng)
		how := within(rng)
		got, refused := r.Sheet(how.through(a, rng), how.through(b, rng))
		if refused != nil {
			refusals++
			t.Logf("%+v: refused, %v %s", how, refused.Reason, refused.Evidence())
			continue
		}
		at := [2]int{}
		for _, o := range got.Ovals {
			side := 1 - o.Page%2
			share := want[side][at[side]]
			at[side]++
			positions++
			curve[min(int(share*100), 20)][o.Class]++
			switch {
			case o.Class == Marked && share < 0.03, o.Class == Blank && share > 0.08:
				t.Errorf("%+v: a mark of %.3f is read as %s: %+v", how, share, o.Class, o)
			case o.Class == Marginal && (share < 0.03 || share > 0.08):
				asked++
				t.Logf("%+v: asked about %.3f: %s match %.2f fill %.3f adaptive %.3f", how, share, o.Doubt, o.Match, o.Fill, o.Adaptive)
			}
		}
	}
	t.Logf("%d positions, %d sheets refused, %d ovals outside the band put before a person", positions, refusals, asked)
	for i, c := range curve {
		t.Logf("share %.2f: blank %d, marginal %d, marked %d", float64(i)/100, c[Blank], c[Marginal], c[Marked])
	}
	if uint64(refusals) > sheets/8 || 50*asked > positions {
		t.Errorf("%d of %d sheets refused, %d of %d ovals put before a person", refusals, sheets, asked, positions)
	}
}
