package personkey

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"SMITH": "smith", "Núñez-O'Neal": "nunezoneal", "DE LA CRUZ": "delacruz", "Đặng": "dang", "Groß": "gross", "5TH": "5th",
		"  two  blanks ": "twoblanks", "": "", "李": "", "plain": "plain", "Ångström": "angstrom",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	for in, want := range map[string][]string{
		"López García": {"lopez", "garcia"}, "de la Cruz Soto": {"delacruz", "cruz", "soto"}, "SMITH": nil, "O'NEAL": nil,
		"DE LA CRUZ": {"cruz"}, "Smith-Jones": {"smith", "jones"}, "MC DONALD": {"donald"}, "García y Vega": {"garcia", "vega"}, "": nil,
	} {
		if diff := cmp.Diff(want, Parts(in)); diff != "" {
			t.Errorf("Parts(%q): %s", in, diff)
		}
	}
}

func TestWords(t *testing.T) {
	if diff := cmp.Diff([]string{"oneal", "jr", "mary", "ann"}, Words("O'Neal Jr., Mary-Ann")); diff != "" {
		t.Error(diff)
	}
}

func TestFoldIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		f := Fold(s)
		if Fold(f) != f || !folded(f) {
			t.Fatalf("Fold(%q) = %q", s, f)
		}
		for _, p := range Parts(s) {
			if !strings.Contains(f, p) {
				t.Fatalf("part %q of %q is not in %q", p, s, f)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"SMITH", "Núñez-O'Neal", "\xff\x00", "de la Cruz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !folded(Fold(s)) {
			t.Errorf("Fold(%q) = %q", s, Fold(s))
		}
		Parts(s)
	})
}
