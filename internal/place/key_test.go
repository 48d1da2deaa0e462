package place_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/place"
)

type address struct{ house, street, city, zip string }

func key(a address) int64 { return place.Key(a.house, a.street, a.city, a.zip) }

func TestSpellingsOfOneAddressHaveOneKey(t *testing.T) {
	for name, same := range map[string][]address{
		"case, spaces, ZIP+4": {{"1140", "N CEDAR ST", "RALEIGH", "27601"}, {" 01140", "n  cedar st ", "Raleigh", "27601-1234"}},
		"words in full":       {{"1140", "N CEDAR ST", "", "27601"}, {"1140", "North Cedar Street", "", "276011234"}, {"1140", "N. Cedar Str.", "", "27601"}},
		"city beside a ZIP":   {{"5", "OAK LN", "WAKE FOREST", "27587"}, {"5", "OAK LANE", "Rolesville", "27587"}},
		"city without a ZIP":  {{"5", "OAK LN", "ST LOUIS", ""}, {"5", "OAK LN", "Saint Louis", ""}, {"5", "OAK LN", "St. Louis", "0"}},
		"postdirectional":     {{"9", "MAIN ST SOUTH", "", "27601"}, {"9", "MAIN STREET S", "", "27601"}},
		"two directions":      {{"9", "NW 5TH AVE", "", "33101"}, {"9", "N.W. Fifth Avenue", "", "33101"}, {"9", "NORTH WEST 5TH AV", "", "33101"}},
		"saint":               {{"9", "ST CHARLES AVE", "", "70115"}, {"9", "Saint Charles Avenue", "", "70115"}},
		"highway":             {{"88", "US HIGHWAY 1", "", "27587"}, {"88", "US HWY 1", "", "27587"}},
		"county road":         {{"88", "COUNTY ROAD 20", "", "44001"}, {"88", "CO RD 20", "", "44001"}, {"88", "CR 20", "", "44001"}, {"88", "Co. Rd. 20", "", "44001"}},
		"rural route":         {{"", "RR 2 BOX 5", "", "28001"}, {"", "RURAL ROUTE 2 BOX 5", "", "28001"}},
		"leading type":        {{"7", "AVENUE C", "", "11218"}, {"7", "AVE C", "", "11218"}},
		"accents":             {{"7", "CALLE PEÑA", "", "00901"}, {"7", "Calle Pena", "", "00901"}, {"7", "Calle Pen\u0303a", "", "00901"}},
		"apostrophe":          {{"7", "O'BRIEN CT", "", "02139"}, {"7", "OBRIEN COURT", "", "02139"}, {"7", "O’Brien Ct", "", "02139"}},
		"hyphen in the house": {{"37-15", "81ST ST", "", "11372"}, {"3715", "81st Street", "", "11372"}},
		"letter of the house": {{"12 A", "ELM ST", "", "02139"}, {"12a", "ELM ST", "", "02139"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := key(same[0])
			if want == 0 {
				t.Errorf("%+v has no key", same[0])
			}
			for _, a := range same[1:] {
				if got := key(a); got != want {
					t.Errorf("%+v and %+v differ", a, same[0])
				}
			}
		})
	}
}

func TestDifferentAddressesHaveDifferentKeys(t *testing.T) {
	all := []address{
		{"1140", "N CEDAR ST", "", "27601"}, {"1140", "S CEDAR ST", "", "27601"}, {"1140", "CEDAR ST", "", "27601"},
		{"1140", "N CEDAR AVE", "", "27601"}, {"1140", "N CEDAR ST", "", "27602"}, {"1141", "N CEDAR ST", "", "27601"},
		{"1140", "N CEDAR ST", "RALEIGH", ""}, {"1140", "N CEDAR ST", "DURHAM", ""},
		{"1140", "NORTH AVE", "", "27601"}, {"1140", "N AVE", "", "27601"},
		{"1140", "E ST", "", "27601"}, {"1140", "EAST ST", "", "27601"}, {"1140", "E ST NE", "", "27601"},
		{"12", "1ST ST", "", "27601"}, {"121", "ST ST", "", "27601"}, {"12 1/2", "ELM ST", "", "27601"}, {"121/2", "ELM ST", "", "27601"},
		{"12", "COURT ST", "", "27601"}, {"12", "COURT", "", "27601"}, {"10", "ELM ST", "", "27601"}, {"1", "ELM ST", "", "27601"},
		{"", "RR 2 BOX 5", "", "27601"}, {"", "RR 2 BOX 6", "", "27601"}, {"", "RR 3 BOX 5", "", "27601"}, {"2", "RR BOX 5", "", "27601"},
	}
	seen := map[int64]address{}
	for _, a := range all {
		if other, ok := seen[key(a)]; ok {
			t.Errorf("%+v and %+v have one key", a, other)
		}
		seen[key(a)] = a
	}
}

func TestKeyIsZeroWithoutAPlace(t *testing.T) {
	for _, a := range []address{{}, {"12", "", "RALEIGH", "27601"}, {"12", "ELM ST", "", ""}, {"12", "ELM ST", "", "276"}, {"12", " . ", "", "27601"}} {
		if got := key(a); got != 0 {
			t.Errorf("%+v has key %d, want 0", a, got)
		}
	}
}

// The keys are in databases: this test fails when the function changes, which needs a migration.
func TestKeyStaysTheSame(t *testing.T) {
	for a, want := range map[address]int64{
		{"1140", "N CEDAR ST", "RALEIGH", "27601"}: 3598978519370010895,
		{"12 1/2", "Fifth Avenue NW", "", "33101"}: -7774996405388112578,
		{"", "COUNTY ROAD 20", "Wooster", ""}:      6574698906697273289,
	} {
		if got := key(a); got != want {
			t.Errorf("%+v: key %d, want %d", a, got, want)
		}
	}
}

func TestCaseAndSpacesNeverCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom(strings.Fields("N SOUTH EAST MAIN ST STREET AVE LAKE 5TH FIRST SAINT ROAD 20 COUNTY HIGHWAY NW E O'BRIEN")), 1, 6).Draw(t, "words")
		house := fmt.Sprint(rapid.IntRange(1, 99999).Draw(t, "house"))
		line := strings.Join(words, " ")
		if place.Key(house, line, "", "27601") != place.Key("0"+house, "  "+strings.ToLower(strings.Join(words, "  ")), "x", "27601-0001") {
			t.Fatalf("%s %s has two keys", house, line)
		}
	})
}

func FuzzKey(f *testing.F) {
	f.Add("12", "N CEDAR ST", "RALEIGH", "27601")
	f.Add("", "É’ñ\xff '", "\x00", "1-2-3-4-5")
	f.Fuzz(func(t *testing.T, house, street, city, zip string) {
		loud := func(s string) string {
			return " " + strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' {
					return r - 'a' + 'A'
				}
				return r
			}, s) + " "
		}
		if utf8.ValidString(house+street+city+zip) && place.Key(house, street, city, zip) != place.Key(loud(house), loud(street), loud(city), loud(zip)) {
			t.Error("case or spaces around count")
		}
	})
}

func BenchmarkKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		place.Key("1140", "N CEDAR ST", "RALEIGH", "276011234")
	}
}
