package person

import (
	"testing"

	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"smith", "smith", 0}, {"smith", "smyth", 1}, {"smith", "smtih", 1}, {"smith", "smit", 1}, {"aguilar", "agiular", 1},
		{"ca", "abc", 3}, {"kitten", "sitting", 3}, {"abc", "", 3}} {
		if got := distance(c.a, c.b, 9); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestDistanceIsThatOfThePlainDefinition(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,7}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, most := word.Draw(t, "a"), word.Draw(t, "b"), rapid.IntRange(0, 4).Draw(t, "most")
		want := min(slowDistance(a, b), most+1)
		if got := distance(a, b, most); got != want {
			t.Fatalf("distance(%q, %q, %d) = %d, want %d", a, b, most, got, want)
		}
	})
}

// slowDistance is the recursive definition.
func slowDistance(a, b string) int {
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	i, j := len(a)-1, len(b)-1
	d := slowDistance(a[:i], b[:j])
	if a[i] != b[j] {
		d++
	}
	d = min(d, slowDistance(a[:i], b)+1, slowDistance(a, b[:j])+1)
	if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
		d = min(d, slowDistance(a[:i-1], b[:j-1])+1)
	}
	return d
}

func TestSoundKey(t *testing.T) {
	for _, pair := range [][2]string{{"jimenez", "gimenez"}, {"jimenez", "ximenes"}, {"stephen", "steven"}, {"kathryn", "catherine"}, {"gonzalez", "gonsales"},
		{"vasquez", "basques"}, {"llanes", "yanes"}, {"lee", "li"}, {"hernandez", "ernandez"}, {"phillips", "filips"}, {"garrett", "garet"}} {
		if soundKey(pair[0]) != soundKey(pair[1]) {
			t.Errorf("%s and %s do not sound alike", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"smith", "jones"}, {"martin", "marlin"}, {"bell", "ball-"}, {"rosa", "rose-t"}} {
		if soundKey(pair[0]) == soundKey(pair[1]) {
			t.Errorf("%s and %s sound alike", pair[0], pair[1])
		}
	}
}

func TestLexicon(t *testing.T) {
	var l lexicon
	for _, w := range []string{"smith", "agular", "aguilar", "aguilera", "smythe", "ruiz", "aguilar"} {
		l.add(w)
	}
	l.settle()
	if l.len() != 6 || !l.has("aguilar") || l.has("aguil") {
		t.Fatalf("%d words", l.len())
	}
	if got := wordsOf(l.alike("agiular", 9)); len(got) == 0 || got[0] != "aguilar" {
		t.Errorf("alike: %v", got)
	}
	if got := wordsOf(l.prefixed("aguil", 9)); len(got) != 2 || got[0] != "aguilar" {
		t.Errorf("prefixed: %v", got)
	}
}

func TestNamesAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]string{"AGUILAR": "Aguilar", "O'NEAL": "O'Neal", "MCDONALD": "McDonald", "DE LA CRUZ": "De La Cruz", "Ñame": "Ñame",
		"SMITH-JONES": "Smith-Jones", "ÁVILA": "Ávila", "": ""} {
		if got := Proper(in); got != want {
			t.Errorf("Proper(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"1140 N CEDAR ST APT 3B": "1140 N Cedar St Apt 3B", "12 1/2 5TH AVE NE": "12 1/2 5th Ave NE", "PO BOX 12": "PO Box 12",
		"SABLE POINT": "Sable Point", "37-15 O'HARA RD": "37-15 O'Hara Rd", "As Written": "As Written", "": ""} {
		if got := ProperAddress(in); got != want {
			t.Errorf("ProperAddress(%q) = %q, want %q", in, got, want)
		}
	}
	if got := listName("AGUILAR", "ROSA", "ELENA", "III"); got != "Aguilar, Rosa Elena, III" {
		t.Error(got)
	}
}
