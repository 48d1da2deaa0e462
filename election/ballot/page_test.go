package ballot

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const samples = "../../../shared/samples/ballots"

// sample reads one of the samples, or skips the test loudly where they are not.
func sample(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(samples, path))
	if err != nil {
		t.Skipf("NOT TESTED: the samples are not here: %v", err)
	}
	return b
}

func TestCodesOfRealPages(t *testing.T) {
	var all []struct {
		Format, Election, QRText, BytesHex, BallotHash20 string
		PrecinctIndex, BallotStyleIndex, PageNumber      int
		IsTestMode, AuditIDPresent                       bool
		BallotType                                       string
	}
	if err := json.Unmarshal(sample(t, "qr/vectors.json"), &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		p, err := PageOf(v.QRText)
		if err != nil {
			t.Errorf("%s: %v", v.QRText, err)
			continue
		}
		want := Page{HashStart: v.BallotHash20, Precinct: v.PrecinctIndex, Style: v.BallotStyleIndex, Number: v.PageNumber, Test: v.IsTestMode}
		if v.Format == "v4.1" {
			want.Format = V41
		}
		if want.For = p.For; v.BallotType != p.For.String() || v.AuditIDPresent != (p.AuditID != "") || p != want {
			t.Errorf("%s: %+v, want %+v", v.QRText, p, want)
		}
		d, err := Parse(sample(t, filepath.Join("qr", v.Election)))
		if err != nil {
			t.Fatal(err)
		}
		if d.HashText()[:hashDigits] != v.BallotHash20 {
			t.Errorf("%s: the hash of the definition is %s", v.Election, d.HashText())
		}
		if again, err := p.Text(); err != nil || again != v.QRText {
			t.Errorf("written again: %s, %v; want %s", again, err, v.QRText)
		}
	}
	if len(all) != 6 {
		t.Errorf("%d pages, want 6", len(all))
	}
}

func TestPagesAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := Page{Format: Format(rapid.IntRange(0, 1).Draw(r, "format")), HashStart: hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(r, "hash")),
			Precinct: rapid.IntRange(0, 1<<13-1).Draw(r, "precinct"), Style: rapid.IntRange(0, 1<<13-1).Draw(r, "style"), Number: rapid.IntRange(1, MaxPage).Draw(r, "page"),
			Test: rapid.Bool().Draw(r, "test"), For: Use(rapid.IntRange(0, 2).Draw(r, "use")), AuditID: rapid.StringN(0, 20, 255).Draw(r, "audit id")}
		text, err := p.Text()
		if err != nil {
			r.Fatal(err)
		}
		got, err := PageOf(text)
		if err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			r.Fatalf("(-written +read)\n%s", diff)
		}
	})
}

func TestMarksOfCards(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := CardFront{rapid.IntRange(0, 8191).Draw(r, "batch"), rapid.IntRange(0, 8191).Draw(r, "card"), rapid.IntRange(0, 7).Draw(r, "sequence")}
		if got, ok := CardFrontOf(f.Marks()); !ok || got != f {
			r.Fatalf("%+v read as %+v, %t", f, got, ok)
		}
		if _, ok := CardFrontOf(f.Marks() ^ 1<<rapid.IntRange(0, 31).Draw(r, "bit")); ok {
			r.Fatal("one mark too few or too many is not noticed")
		}
		b := CardBack{rapid.IntRange(1, 31).Draw(r, "day"), rapid.IntRange(1, 12).Draw(r, "month"), rapid.IntRange(0, 99).Draw(r, "year"), 'A' + byte(rapid.IntRange(0, 25).Draw(r, "type"))}
		if got, ok := CardBackOf(b.Marks()); !ok || got != b {
			r.Fatalf("%+v read as %+v, %t", b, got, ok)
		}
	})
}

func FuzzDecodePage(f *testing.F) {
	for _, s := range []string{"564201fc42b2550ca6be89c4cb0000000040", "5650022ff9cd7f09838ef9bb370000000200", "5642"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodePage(b)
		if err != nil {
			return
		}
		if again, err := p.Encode(); err != nil || string(again) != string(b) {
			t.Errorf("%x is read as %+v, which is written as %x, %v", b, p, again, err)
		}
	})
}
