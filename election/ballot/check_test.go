package ballot

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRealDefinitionsHaveNoProblem(t *testing.T) {
	for _, path := range realDefinitions[:2] {
		d, err := Parse(sample(t, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range Check(&d.Election) {
			t.Errorf("%s: %s", path, p)
		}
	}
	for _, path := range realDefinitions[2:] {
		d, err := Parse(sample(t, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range Check(&d.Election) {
			t.Logf("%s: %s", path, p)
		}
	}
}

// small is an election of one town with two wards, in which nothing is wrong.
func small() *Election {
	oval := func(contest, option string, row float64) Position {
		return Position{Contest: contest, Option: option, Bubble: Point{3, row}, Bounds: Box{2, row - 1, 8, 2}}
	}
	line := oval("mayor", "", 16)
	line.Area = Box{4, 15, 7, 1}
	sheet := Sheet{{oval("mayor", "ash", 10), oval("mayor", "birch", 13), line}, {oval("park", "yes", 5), oval("park", "no", 8)}}
	return &Election{Format: V41, ID: "e", Title: "Town election", State: "Ames", Date: "2026-11-03", Jurisdiction: Jurisdiction{"t", "Town"}, Paper: Letter, Codes: QRCodes,
		Districts: []District{{"town", "Town"}, {"w1", "Ward 1"}}, Parties: []Party{{"d", "Day", "Day Party", "D"}},
		Precincts: []Precinct{{ID: "1", Name: "One", Districts: []string{"town", "w1"}}},
		Contests: []Contest{{ID: "mayor", District: "town", Title: "Mayor", Seats: 1, WriteIns: true, Options: []Option{{ID: "ash", Name: "Ash", Parties: []string{"d"}}, {ID: "birch", Name: "Birch"}}},
			{ID: "park", Kind: Measure, District: "w1", Title: "Park", Seats: 1, Options: []Option{{ID: "yes", Name: "Yes"}, {ID: "no", Name: "No"}}}},
		Styles: []Style{{ID: "1", Precincts: []string{"1"}, Districts: []string{"town", "w1"}, Languages: []string{"en"}, Sheets: []Sheet{sheet}}}}
}

func TestEveryProblemIsFound(t *testing.T) {
	if got := Check(small()); len(got) != 0 {
		t.Fatalf("nothing is wrong, and yet: %v", got)
	}
	for _, c := range []struct {
		spoil func(*Election)
		want  string
	}{
		{func(e *Election) { e.Title = "" }, "election: The election has no title."},
		{func(e *Election) { e.Date = "11/3/2026" }, "election: The date of the election is “11/3/2026”. It is written year-month-day, as 2026-11-03."},
		{func(e *Election) { e.Paper = "a4" }, "election: The paper is “a4”."},
		{func(e *Election) { e.Codes = "barcode" }, "election: Pages say what they are by “barcode”."},
		{func(e *Election) { e.Districts = append(e.Districts, District{"town", "Again"}) }, "district town: Two of them have the id “town”."},
		{func(e *Election) { e.Parties[0].ID = "" }, "party 1: It has no id."},
		{func(e *Election) { e.Precincts[0].Districts[0] = "x" }, "precinct 1: It names the district “x”, which does not exist."},
		{func(e *Election) { e.Precincts[0].Splits = []Split{{ID: "s", Districts: []string{"w1"}}} }, "precinct 1: It has splits and districts of its own: only one of both."},
		{func(e *Election) { e.Places = []Place{{ID: "p", Precincts: []PlacePrecinct{{"9", nil}}}} }, "polling place p: It names the precinct “9”, which does not exist."},
		{func(e *Election) { e.Contests[0].Seats = 0 }, "contest mayor: Voters may mark 0 options; it must be 1 or more."},
		{func(e *Election) { e.Contests[1].Options = e.Contests[1].Options[:1] }, "contest park: It needs two or more answers, of which a voter marks one; it has 1, of which 1 are marked."},
		{func(e *Election) { e.Contests[0].Party = "d" }, "contest mayor: It is the contest of a party, and the election is not a primary."},
		{func(e *Election) { e.Contests[0].Options[0].Parties = []string{"z"} }, "contest mayor → option ash: It names the party “z”, which does not exist."},
		{func(e *Election) { e.Contests[0].Options[0].ID = "birch" }, "contest mayor → option birch: Two of them have the id “birch”."},
		{func(e *Election) { e.Contests[0].District = "w9" }, "contest mayor: It names the district “w9”, which does not exist."},
		{func(e *Election) { e.Styles[0].Party = "d" }, "ballot style 1: It is the ballot of a party, and the election is not a closed primary."},
		{func(e *Election) { e.Styles[0].Precincts = nil }, "ballot style 1: It names no precinct: nobody gets it."},
		{func(e *Election) { e.Styles[0].Order = map[string][]Ordered{"mayor": {{"ash", nil}}} }, "ballot style 1 → contest mayor: The option “Birch” is missing from its order: it would not be printed."},
		{func(e *Election) {
			e.Styles[0].Order = map[string][]Ordered{"park": {{"yes", nil}, {"no", nil}, {"so", nil}}}
		}, "ballot style 1 → contest park: It orders the option “so”, which the contest does not have."},
		{func(e *Election) { e.Styles[0].Sheets[0][Back] = nil }, "ballot style 1 → contest park: “Yes” has 0 ovals, not 1."},
		{func(e *Election) { e.Styles[0].Sheets[0][Front][2].WriteIn = 1 }, "ballot style 1 → page 1: Contest “mayor” has line 2 for a written name; it may have 1."},
		{func(e *Election) { e.Styles[0].Sheets[0][Front][1].Bubble.Row = 10.2 }, "ballot style 1 → page 1: Two ovals lie on each other at column 3.00, row 10.20."},
		{func(e *Election) { e.Styles[0].Sheets[0][Front][1].Bubble.Row = 40 }, "ballot style 1 → page 1: The oval at column 3.00, row 40.00 does not lie between the timing marks."},
		{func(e *Election) { e.Styles[0].Sheets[0][Front][1].Option = "elm" }, "ballot style 1 → page 1: There is an oval for “elm” of contest “mayor”, which does not stand on this style."},
		{func(e *Election) { e.Styles = append(e.Styles, e.Styles[0]); e.Styles[1].ID = "2" }, "precinct 1: Its voters get two ballot styles, “1” and “2”."},
		{func(e *Election) { e.Styles[0].Districts = []string{"town"}; e.Styles[0].Sheets = nil }, "precinct 1: No ballot style has the districts of its voters: they get no ballot, or a wrong one."},
	} {
		e := small()
		c.spoil(e)
		got := Check(e)
		if !slices.ContainsFunc(got, func(p Problem) bool { return strings.HasPrefix(p.String(), c.want) && !p.Warning }) {
			t.Errorf("not found: %s\nfound: %v", c.want, got)
		}
	}
}

func TestWhoVotesInWhat(t *testing.T) {
	e := small()
	e.Type = ClosedPrimary
	e.Contests[0].Party = "d"
	names := func(s Style) (all []string) {
		for _, c := range e.ContestsOf(s) {
			all = append(all, c.ID)
		}
		return all
	}
	for _, c := range []struct {
		party string
		kind  Type
		want  []string
	}{{"d", ClosedPrimary, []string{"mayor", "park"}}, {"", ClosedPrimary, []string{"park"}}, {"", OpenPrimary, []string{"mayor", "park"}}} {
		e.Type, e.Styles[0].Party = c.kind, c.party
		if diff := cmp.Diff(c.want, names(e.Styles[0])); diff != "" {
			t.Errorf("party %q, %v: %s", c.party, c.kind, diff)
		}
	}
}
