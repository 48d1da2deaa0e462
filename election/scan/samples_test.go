package scan

import (
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/ballot"
)

const samples = "../../../shared/samples/ballots"

// expectation is an expected.json of the samples.
type expectation struct {
	Election       string
	SystemSettings string
	Images         map[string]string
	MarkThresholds *struct{ Marginal, Definite, WriteInTextArea float64 }
	ScannerConfig  struct {
		TestMode, AllowOfficialBallotsInTestMode bool
	}
	Expected struct {
		Outcome, Reason string
		Metadata        *struct {
			BallotHash20, PrecinctID, BallotStyleID, BallotType string
			IsTestMode                                          bool
			SheetNumber                                         int
			PageNumbers                                         [2]int
			SideAIsFront, UpsideDown                            bool
		}
		Votes    map[string][]string
		Contests map[string]struct {
			Overvotes, Undervotes int
			Status                []string
		}
		UnmarkedWriteIns [][2]string
		Options          []struct{ ContestID, OptionID, Class string }
	}
}

// sample is a sheet of the samples, ready to be read.
type sample struct {
	name   string
	want   expectation
	reader *Reader
	sides  [2]*image.Gray
}

func openSample(t testing.TB, dir string) sample {
	t.Helper()
	dir = filepath.Join(samples, dir)
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Skipf("SKIPPED: the sample ballots are not beside the repository: %v", err)
	}
	s := sample{name: dir}
	if err := json.Unmarshal(data, &s.want); err != nil {
		t.Fatal(err)
	}
	d, err := ballot.Parse(read(t, filepath.Join(dir, s.want.Election)))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Thresholds: ballot.Thresholds{Marginal: 0.05, Definite: 0.07, WriteIn: 0.05}}
	if m := s.want.MarkThresholds; m != nil {
		o.Thresholds = ballot.Thresholds{Marginal: m.Marginal, Definite: m.Definite, WriteIn: m.WriteInTextArea}
	}
	o.Test, o.OfficialInTest = s.want.ScannerConfig.TestMode, s.want.ScannerConfig.AllowOfficialBallotsInTestMode
	s.reader = NewReader(d, o)
	for i, names := range [2][2]string{{"sideA", "front"}, {"sideB", "back"}} {
		file := s.want.Images[names[0]] + s.want.Images[names[1]]
		img, refused := Decode(read(t, filepath.Join(dir, file)))
		if refused != nil {
			t.Fatal(refused.Err())
		}
		s.sides[i] = img
	}
	return s
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// votesOf returns the votes of a reading by contest.
func votesOf(r *Reading) map[string][]string {
	votes := map[string][]string{}
	for _, c := range r.Contests {
		v := slices.Clone(c.Votes)
		slices.Sort(v)
		votes[c.ID] = v
	}
	return votes
}

var sampleDirs = []string{"vx-qr/S1", "vx-qr/S2", "vx-qr/S3", "vx-qr/S4", "vx-qr/S5", "accuvote-scan"}

func TestSamplesAreReadAsExpected(t *testing.T) {
	for _, dir := range sampleDirs {
		t.Run(dir, func(t *testing.T) {
			s := openSample(t, dir)
			got, refused := s.reader.Sheet(s.sides[0], s.sides[1])
			if refused != nil {
				t.Logf("refused: %v, side %d: %s", refused.Reason, refused.Side, refused.Evidence())
				if s.want.Expected.Outcome != "rejected" || refused.Reason.Peer() != s.want.Expected.Reason {
					t.Fatalf("want %s %s", s.want.Expected.Outcome, s.want.Expected.Reason)
				}
				return
			}
			compareReading(t, s, got)
		})
	}
}

func compareReading(t *testing.T, s sample, got *Reading) {
	want := s.want.Expected
	for _, o := range got.Ovals {
		t.Logf("%s %s: match %.2f fill %.3f adaptive %.3f at %d,%d: %s %s", o.Position.Contest, OptionID(o.Position), o.Match, o.Fill, o.Adaptive, o.Dx, o.Dy, o.Class, o.Doubt)
	}
	t.Logf("%+v", got.Sides)
	if want.Outcome != "accepted" || got.Review() {
		t.Errorf("accepted, review %v; want %s", got.Review(), want.Outcome)
	}
	for c := range want.Votes {
		slices.Sort(want.Votes[c])
	}
	if d := cmp.Diff(want.Votes, votesOf(got)); d != "" {
		t.Error(d)
	}
	for _, c := range got.Contests {
		if w, ok := want.Contests[c.ID]; ok {
			if w.Overvotes != c.Overvotes || w.Undervotes != c.Undervotes || !slices.Equal(w.Status, c.Status()) {
				t.Errorf("contest %+v, %v; want %+v", c, c.Status(), w)
			}
		}
	}
	unmarked := [][2]string{}
	for _, w := range got.WriteIns {
		t.Logf("write-in %s: %.3f", w.Contest, w.Ink)
		if w.Unmarked {
			unmarked = append(unmarked, [2]string{w.Contest, OptionID(ballot.Position{WriteIn: w.Index})})
		}
	}
	if want.UnmarkedWriteIns != nil {
		if d := cmp.Diff(want.UnmarkedWriteIns, unmarked); d != "" {
			t.Error(d)
		}
	}
	compareClasses(t, s, got)
	if m := want.Metadata; m != nil {
		w := *m
		w.BallotHash20, w.PrecinctID, w.BallotStyleID, w.BallotType = got.Page.HashStart, got.Precinct, got.Style, got.Page.For.String()
		w.IsTestMode, w.SheetNumber, w.PageNumbers = got.Page.Test, got.Sheet, got.Pages
		w.SideAIsFront, w.UpsideDown = got.FrontSide == 0, got.Sides[got.FrontSide].UpsideDown
		if d := cmp.Diff(*m, w); d != "" {
			t.Error(d)
		}
	}
}

func compareClasses(t *testing.T, s sample, got *Reading) {
	for _, w := range s.want.Expected.Options {
		at := slices.IndexFunc(got.Ovals, func(o Oval) bool {
			return o.Position.Contest == w.ContestID && OptionID(o.Position) == w.OptionID
		})
		if at < 0 || got.Ovals[at].Class.String() != w.Class {
			t.Errorf("oval %+v is not so", w)
		}
	}
}

func BenchmarkSheet(b *testing.B) {
	for _, dir := range []string{"vx-qr/S3", "vx-qr/S2", "accuvote-scan"} {
		b.Run(filepath.Base(dir), func(b *testing.B) {
			s := openSample(b, dir)
			b.ReportAllocs()
			for b.Loop() {
				if _, refused := s.reader.Sheet(s.sides[0], s.sides[1]); refused != nil {
					b.Fatal(refused.Reason)
				}
			}
		})
	}
}

func BenchmarkFrom1BitPNG(b *testing.B) {
	s := openSample(b, "vx-qr/S4")
	var data [2][]byte
	for i, n := range []string{"sideA", "sideB"} {
		data[i] = read(b, filepath.Join(s.name, s.want.Images[n]))
	}
	b.ReportAllocs()
	for b.Loop() {
		x, _ := Decode(data[0])
		y, _ := Decode(data[1])
		if _, refused := s.reader.Sheet(x, y); refused != nil {
			b.Fatal(refused.Reason)
		}
	}
}
