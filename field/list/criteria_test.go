package list

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// What a criteria says survives its JSON form byte for byte, whatever it asks; it can be asked; and it says itself in both languages.
func TestAnyCriteriaSurvivesAndSpeaks(t *testing.T) {
	en, es := translators(t)
	cat := world()
	rapid.Check(t, func(t *rapid.T) {
		c := genCriteria().Draw(t, "criteria")
		form, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(form)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		again, err := json.Marshal(back)
		if err != nil || !bytes.Equal(form, again) {
			t.Fatalf("%s became %s, %v", form, again, err)
		}
		p, err := Check(c, cat)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		if p.Key() != mustCheck(t, back, cat).Key() || len(p.Key()) != 32 {
			t.Fatalf("%s: the key %q depends on more than the criteria", form, p.Key())
		}
		checkPlan(t, p.Steps)
		if Explain(p) == "" {
			t.Fatal("no explanation")
		}
		for _, tr := range []words.Translator{en, es} {
			s := Plain(Sentence(c, cat, tr))
			if len(s) < 4 || strings.Contains(s, "%!") || strings.Contains(s, "\x00") {
				t.Fatalf("%s says %q", form, s)
			}
			if steps := Steps(c, cat, tr); len(steps) != len(c.Steps) {
				t.Fatalf("%d lines for %d steps", len(steps), len(c.Steps))
			}
		}
	})
}

func mustCheck(t *rapid.T, c Criteria, cat *Catalog) Plan {
	p, err := Check(c, cat)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// checkPlan holds plans to what engines are promised.
func checkPlan(t *rapid.T, steps []Step) {
	var walk func(n Node)
	walk = func(n Node) {
		switch n := n.(type) {
		case All:
			for _, x := range n {
				walk(x)
			}
		case Any:
			for _, x := range n {
				walk(x)
			}
		case None:
			for _, x := range n {
				walk(x)
			}
		case LivesWith:
			walk(n.Who)
		case Sub:
			checkPlan(t, n.Steps)
		case Between:
			if n.Attr == Age || n.Attr == BirthYear || n.From == nil && n.To == nil {
				t.Fatalf("%+v in a plan", n)
			}
		case Known:
			if n.Attr != Birth && n.Attr != RegisteredOn && n.Attr != Door && n.Attr != Place {
				t.Fatalf("%+v in a plan", n)
			}
		case Voted:
			if n.AtLeast == nil || n.AtMost == nil || n.Last != 0 {
				t.Fatalf("%+v in a plan", n)
			}
		case Contact:
			if n.AtLeast == nil || n.Within != 0 {
				t.Fatalf("%+v in a plan", n)
			}
		case Inside, Near, Score:
			t.Fatalf("%T in a plan", n)
		case Saved:
			if n.List != 20 {
				t.Fatalf("the search %d is no plan", n.List)
			}
		}
	}
	for i, s := range steps {
		if s.Where != nil {
			walk(s.Where)
		} else if s.Do == Add || s.Do == Narrow || s.Do == Remove {
			t.Fatalf("step %d without a condition", i)
		}
	}
}

func start(n Node) Criteria { return Criteria{Version: 1, Steps: []Step{{Do: Start, Where: n}}} }

func TestAgesBecomeBirths(t *testing.T) {
	for _, c := range []struct {
		birth int64
		age   int64
	}{{20001121, 26}, {20001122, 25}, {20001120, 26}, {20080229, 18}, {19000101, 126}, {20261121, 0}} {
		for age := int64(0); age < 130; age++ {
			p, err := Check(start(Between{Age, &age, &age}), world())
			if err != nil {
				t.Fatal(err)
			}
			b := p.Steps[0].Where.(Between)
			if in := c.birth >= *b.From && c.birth <= *b.To; in != (age == c.age) {
				t.Errorf("born %d, aged %d: %t", c.birth, age, in)
			}
		}
	}
}

func problemsOf(err error) Problems {
	var p Problems
	errors.As(err, &p)
	return p
}

func TestParseRefuses(t *testing.T) {
	en, es := translators(t)
	node := func(s string) string { return `{"version":1,"steps":[{"do":"start","where":` + s + `}]}` }
	deep := strings.Repeat(`{"all":[`, 25) + `{"email":{}}` + strings.Repeat(`]}`, 25)
	many := `{"any":[` + strings.Repeat(`{"email":{}},`, 2100) + `{"email":{}}]}`
	values := `{"tag":{"tags":[` + strings.Repeat(`1,`, 10_001) + `1]}}`
	for _, c := range []struct{ in, want string }{
		{``, "This is not JSON, which begins with a brace: {. docs/criteria.md has examples."},
		{`{"version":1,"steps":[{"do":"start"}]} x`, "After the criteria, on line 1, comes something else: “x”. Leave it out."},
		{"{\"version\": 1,\n \"steps\": [{\"do\" \"start\"}]}", "This is not JSON: on line 2 something is wrong after “…ion\": 1, \"steps\": [{\"do\"”."},
		{"{\"version\": 1,\n\n \"version\": 1}", `The member "version" is there twice, the second time on line 3. Keep one.`},
		{`{"steps":[{"do":"start"}]}`, `Say which version of the form this is: "version": 1.`},
		{`{"version":2,"steps":[{"do":"start"}]}`, "This is version 2 of the form; this program reads up to version 1. Update the program."},
		{`{"version":1,"steps":[]}`, "The criteria have no step."},
		{`{"version":1,"version":1,"steps":[]}`, `The member "version" is there twice`},
		{`{"version":1,"Steps":[{"do":"start"}]}`, `"Steps" is not known here.`},
		{`{"version":1,"steps":[{"do":"narrow","where":{"email":{}}}]}`, `Step 1: The first step must be "start".`},
		{`{"version":1,"steps":[{"do":"start"},{"do":"dance"}]}`, `Step 2: There is no step "dance".`},
		{`{"version":1,"steps":[{"do":"start"},{"do":"remove"}]}`, `Step 2: Say who: this step needs "where".`},
		{`{"version":1,"steps":[{"do":"start","take":5}]}`, `Step 1: A step "start" takes no such member.`},
		{`{"version":1,"steps":[{"do":"start"},{"do":"part","part":3,"parts":2}]}`, "Step 2: Say which part of how many"},
		{node(`{"any":[{"email":{}},{"all":[{"tag":{}},{"email":{}}]}]}`), "Step 1, any of, condition 2, all of, condition 1: Choose at least one value, or take this condition away."},
		{node(`{"email":{},"phone":{}}`), "Step 1: A condition has exactly one member, which says its kind; this one has 2."},
		{node(`{"e-mail":{}}`), `Step 1: There is no kind of condition "e-mail".`},
		{node(`{"email":{"x":1}}`), `Step 1: "x" is not known here.`},
		{node(`{"is":{"attr":"party","values":"DEM"}}`), "Step 1: “values” must be a list in square brackets."},
		{node(`{"is":{"attr":"party","values":[1]}}`), "Step 1: “values” must be a list of texts in quotation marks."},
		{node(`{"is":{"attr":"colour","values":["x"]}}`), `Step 1: There is no attribute "colour".`},
		{node(`{"is":{"attr":"age","values":["25"]}}`), `Step 1: The attribute "age" has no values to choose from. Use "between" or "known".`},
		{node(`{"is":{"attr":"status","values":["Active"]}}`), `Step 1: There is no value "Active" here. The values are active, inactive`},
		{node(`{"is":{"attr":"party","values":["a\u0000b"]}}`), "Step 1: A text here has a letter that cannot be stored (NUL). Take it out."},
		{node(`{"between":{"attr":"age","from":40,"to":25}}`), "Step 1: The lower bound 40 is above the upper bound 25. Exchange them."},
		{node(`{"between":{"attr":"age","from":25.5}}`), "Step 1: “from” must be a whole number without quotation marks."},
		{node(`{"between":{"attr":"birth","from":19800230}}`), "Step 1: There is no day 19800230."},
		{node(`{"between":{"attr":"registered_on","from":20260301,"to":20260228}}`), "Step 1: The lower bound 2026-03-01 is above the upper bound 2026-02-28."},
		{node(`{"voted":{"elections":[1,2],"at_least":3}}`), "Step 1: Nobody can have voted in 3 of 2 elections."},
		{node(`{"voted":{"last":2}}`), "Step 1: Say in how many of them"},
		{node(`{"contacted":{"at_most":0}}`), "Step 1: At most 0 times, and at least once, is nobody."},
		{node(`{"contacted":{"within":3,"since":20260101}}`), `Step 1: Say either the last days ("within")`},
		{node(`{"near":{"metres":5}}`), "Step 1: “lon” is missing."},
		{node(`{"near":{"lon":0,"lat":91,"metres":5}}`), "Step 1: Longitude 0, latitude 91 is no place."},
		{node(`{"inside":{"rings":[]}}`), "Step 1: Draw an area first: it has no corner."},
		{node(`{"inside":{"rings":[[[0,0],[1,1],[2,2]]]}}`), "Step 1: A ring of an area needs three corners that are not in a line."},
		{node(`{"inside":{"rings":[[[0,0],[1,1],[1,0],[0,1]]]}}`), "Step 1: The border of the area crosses itself near latitude 0.50000, longitude 0.50000."},
		{node(`{"inside":{"rings":[[[0,0],[1]]]}}`), "Step 1: An area is a list of rings"},
		{node(`{"lives_with":{}}`), `Step 1: Say with whom: "who" is missing.`},
		{node(`null`), "Step 1: A condition is an object in braces"},
		{node(deep), "nested more than 20 deep"},
		{node(many), "Step 1, any of, condition 2000: A criteria has at most 2000 conditions."},
		{node(values), "Step 1: “tags” has 10002 values; one condition takes at most 10000."},
		{node(`{"inside":{"rings":[[` + strings.Repeat(`[-78.123456,35.123456],`, 60_000) + `[0,0]]]}}`), "The criteria are longer than 1024 kB. Mostly an area on the map has far too many points"},
	} {
		_, err := Parse([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.200s\n got %v\nwant %s", c.in, err, c.want)
			continue
		}
		for _, p := range problemsOf(err) {
			if s := p.Sentence(es); strings.Contains(s, "%!") || s == p.Sentence(en) {
				t.Errorf("%q in Spanish is %q", p.Sentence(en), s)
			}
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	_, es := translators(t)
	volunteer := world()
	volunteer.Attrs = map[Attr]bool{City: true}
	volunteer.Contacts, volunteer.Phones, volunteer.Elections = false, false, nil
	long := world()
	for i := range int64(25) {
		long.Saved[100+i] = SavedDef{Definition{ID: 100 + i, Name: fmt.Sprint("S", i)}, &Criteria{Steps: []Step{{Do: Start, Where: Saved{101 + i}}}}}
	}
	wide := world()
	for i := range int64(15) {
		wide.Saved[200+i] = SavedDef{Definition{ID: 200 + i, Name: fmt.Sprint("W", i)}, &Criteria{Steps: []Step{{Do: Start, Where: Any{Saved{201 + i}, Saved{201 + i}}}}}}
	}
	wide.Saved[215] = SavedDef{Definition{ID: 215, Name: "W15"}, nil}
	old := world()
	old.Saved[300] = SavedDef{Definition{ID: 300, Name: "Old"}, &Criteria{Steps: []Step{{Do: Start, Where: Known{"colour"}}}}}
	for _, c := range []struct {
		n    Node
		cat  *Catalog
		want string
	}{
		{Code{Codes: []int64{99}}, world(), "Step 1: There is no activist code 99 here: it does not exist, or is not shared with your organization."},
		{Tag{[]int64{99}}, world(), "Step 1: There is no tag 99 here"},
		{Score{Score: 99}, world(), "Step 1: There is no score 99 here"},
		{Answered{Question: 99}, world(), "Step 1: There is no survey question 99 here"},
		{Answered{Question: 5, Responses: []int64{7}}, world(), "Step 1: 7 is no answer or group of that question or target."},
		{Answered{Question: 5, By: []int64{7}}, world(), "Step 1: There is no account 7 that your organization can ask about."},
		{Target{10, []int64{7}}, world(), "Step 1: 7 is no answer or group"},
		{Event{[]int64{99}, nil}, world(), "Step 1: There is no event 99 here"},
		{Custom{Field: 99}, world(), "Step 1: There is no custom field 99 here"},
		{Custom{Field: 8, Values: []string{"x"}}, world(), "Step 1: The custom field “Pledge” has an order."},
		{Custom{Field: 6, From: ptr(int64(1))}, world(), "Step 1: The custom field “Language” has no order."},
		{Custom{Field: 6, Values: []string{"Dutch"}}, world(), `Step 1: The custom field “Language” has no choice "Dutch".`},
		{Custom{Field: 9, From: ptr(int64(20260230))}, world(), "Step 1: There is no day 20260230."},
		{Saved{99}, world(), "Step 1: There is no saved list or search 99 here: it was deleted, or is not shared with your organization."},
		{Turf{Turfs: []int64{401, 99}}, world(), "Step 1: There is no turf 99 on this voter file, or you do not see its map."},
		{Turf{Maps: []int64{99}}, world(), "Step 1: There is no map of turf 99 on this voter file, or you do not see it."},
		{Turf{Turfs: []int64{401}, Maps: []int64{40}}, world(), "Step 1: Choose either turfs or whole maps, not both."},
		{Turf{}, world(), "Step 1: Choose at least one value, or take this condition away."},
		{Saved{24}, world(), "Step 1, in the saved search “Self”: The saved search “Self” uses itself."},
		{Any{Saved{22}}, world(), "Step 1, any of, condition 1, in the saved search “B”: The saved search “A” uses “B”, which uses “A” again."},
		{Saved{100}, long, "Saved searches use each other more than 20 deep here."},
		{Saved{200}, wide, "more than 20000 conditions"},
		{Saved{300}, old, "Step 1, in the saved search “Old”: It can no longer be read."},
		{Voted{Elections: []int64{7}, AtLeast: ptr(1)}, world(), "Step 1: No vote of the election 7 is on this voter file"},
		{Voted{Last: 5, LastType: "general", AtLeast: ptr(1)}, world(), "Step 1: This voter file knows of 4 elections of that type before today"},
		{Name{"last", false, []string{"?"}}, world(), `Step 1: The name "?" has no letter to look for.`},
		{All{Is{Party, []string{"DEM"}}, Is{City, []string{"X"}}}, volunteer, `Step 1, all of, condition 1: Your role may not ask about the attribute "party", or this voter file does not have it.`},
		{Phone{}, volunteer, "Step 1: Your role may not ask about phone numbers and email addresses."},
		{Email{}, volunteer, "Step 1: Your role may not ask about phone numbers and email addresses."},
		{Contact{}, volunteer, "Step 1: Your role may not ask about contacts and suppressions."},
		{Suppressed{}, volunteer, "Step 1: Your role may not ask about contacts and suppressions."},
		{Voted{Last: 1, AtLeast: ptr(1)}, volunteer, "Step 1: This voter file knows of 0 elections"},
		{Near{0, 0, 5}, volunteer, `Step 1: Your role may not ask about the attribute "place", or this voter file does not have it.`},
		{Saved{21}, volunteer, `Step 1, in the saved search “Young voters”: Your role may not ask about the attribute "age", or this voter file does not have it.`},
	} {
		_, err := Check(start(c.n), c.cat)
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v\n got %v\nwant %s", c.n, err, c.want)
			continue
		}
		for _, p := range problemsOf(err) {
			if s := p.Sentence(es); strings.Contains(s, "%!") || s == p.Sentence(words.Translator{}) {
				t.Errorf("%q in Spanish is %q", p.Sentence(words.Translator{}), s)
			}
		}
	}
	if _, err := CheckAs(23, start(Saved{22}), world()); err == nil || !strings.Contains(err.Error(), "The saved search “B” uses “A”, which uses “B” again.") {
		t.Errorf("a search saved into a ring: %v", err)
	}
	oldest := Criteria{Steps: []Step{{Do: Start}, {Do: OnePerHousehold, Prefer: Oldest}, {Do: OnePerHousehold, Prefer: MostVotes}}}
	if _, err := Check(oldest, volunteer); err == nil || len(problemsOf(err)) != 2 {
		t.Errorf("who may not ask for ages learns who is the oldest: %v", err)
	}
}

func TestNormalForm(t *testing.T) {
	a, b := Email{}, Known{Door}
	for _, c := range []struct{ in, want Node }{
		{All{All{a, b}, All{}}, All{a, b}},
		{All{a}, a},
		{All{a, Any{}}, Any{}},
		{Any{Any{a}, Any{b, Any{}}}, Any{a, b}},
		{Any{a, All{}}, All{}},
		{None{}, All{}},
		{None{None{a}}, a},
		{None{None{a, b}}, Any{a, b}},
		{None{Any{a, b}}, None{a, b}},
		{None{All{a, b}}, None{All{a, b}}},
		{None{All{}}, Any{}},
		{LivesWith{All{}}, All{}},
		{LivesWith{Any{}}, Any{}},
	} {
		if d := cmp.Diff(c.want, normal(c.in)); d != "" {
			t.Errorf("%+v: %s", c.in, d)
		}
	}
	p, err := Check(start(All{All{a, b}}), world())
	q, err2 := Check(start(All{b, a}), world())
	if err != nil || err2 != nil || p.Key() != q.Key() {
		t.Error("the key depends on the order of conditions")
	}
	other := world()
	other.Universe.Org = 8
	if q, _ = Check(start(All{b, a}), other); p.Key() == q.Key() {
		t.Error("two organisations have one key")
	}
}

func TestScoresAreExact(t *testing.T) {
	for _, c := range []struct{ in, from, to int64 }{{705, 705, 705}, {3, 3, 3}, {1000, 1000, 1000}} {
		f := float64(c.in) / 10
		p, err := Check(start(Score{4, &f, &f}), world())
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Steps[0].Where.(Scored); got.From != c.from || got.To != c.to {
			t.Errorf("%v is %+v", f, got)
		}
	}
	p, err := Check(start(Score{4, nil, ptr(70.55)}), world())
	if got := p.Steps[0].Where.(Scored); err != nil || got.From != math.MinInt64 || got.To != 705 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestManyPointsAreTakenTogether(t *testing.T) {
	ring := make([][2]float64, 0, 200_000)
	for i := range 200_000 { // a circle of 2 km: points about 6 cm apart
		a := float64(i) / 200_000 * 2 * math.Pi
		ring = append(ring, [2]float64{-78.6 + 0.022*math.Cos(a), 35.7 + 0.018*math.Sin(a)})
	}
	p, err := Check(start(Inside{[][][2]float64{ring}}), world())
	if err != nil {
		t.Fatal(err)
	}
	a := p.Steps[0].Where.(Area)
	if n := len(a.Rings[0]); n < 1000 || n > MaxPoints || !a.Has(-78_600_000, 35_700_000) || a.Has(-78_630_000, 35_700_000) {
		t.Errorf("%d corners", n)
	}
	for i := range ring {
		ring[i][0] = -78.6 + (ring[i][0]+78.6)*100 // kilometres
	}
	_, err = Check(start(Inside{[][][2]float64{ring}}), world())
	if err == nil || !strings.Contains(err.Error(), "corners; it may have 10000. Draw it with fewer") {
		t.Errorf("got %v", err)
	}
}

// Two areas with a common border share no place and leave none out.
func TestNeighbouringAreasTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Int32Range(-50, 50), 6, 6).Draw(t, "x")
		var west, east [][2]float64
		for i, v := range x {
			p := [2]float64{float64(v) / 1e6, float64(i*20) / 1e6}
			west, east = append(west, p), append(east, p)
		}
		west = append(west, [2]float64{-100e-6, 100e-6}, [2]float64{-100e-6, 0})
		east = append(east, [2]float64{100e-6, 100e-6}, [2]float64{100e-6, 0})
		a, err := makeArea([][][2]float64{west})
		b, err2 := makeArea([][][2]float64{east})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for lon := Micro(-100); lon < 100; lon++ {
			lat := rapid.Int32Range(0, 99).Draw(t, "lat")
			if a.Has(lon, lat) == b.Has(lon, lat) {
				t.Fatalf("%d, %d: in both or in none", lon, lat)
			}
		}
	})
}

func TestRanksArePermuted(t *testing.T) {
	seen := map[int64]bool{}
	for i := range int64(100_000) {
		r := Rank(i, 7)
		if r < 0 || r > 1<<31-2 || seen[r] {
			t.Fatalf("rank %d of %d", r, i)
		}
		seen[r] = true
	}
	if Rank(math.MinInt64, 1<<31-2) < 0 || Rank(-5, 0) < 0 {
		t.Error("a rank below zero")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"version":1,"steps":[{"do":"start","where":{"all":[{"is":{"attr":"party","values":["DEM"]}},{"none":[{"email":{}}]}]}}]}`,
		`{"version":1,"steps":[{"do":"start","where":{"inside":{"rings":[[[0,0],[1,0],[1,1]]]}}},{"do":"part","part":1,"parts":2,"seed":3}]}`,
		`{"version":1,"steps":[{"do":"start","where":{"score":{"score":4,"from":-0.0}}},{"do":"remove","where":{"contacted":{"at_least":0,"at_most":2,"within":30}}}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data)
		if err != nil {
			if len(problemsOf(err)) == 0 {
				t.Errorf("%T is no Problems", err)
			}
			return
		}
		form, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(form)
		if err != nil || !reflect.DeepEqual(c, back) {
			t.Fatalf("%s became %s: %v", data, form, err)
		}
		if Plain(Sentence(c, world(), words.Translator{})) == "" {
			t.Error("nothing to say")
		}
		if p, err := Check(c, world()); err == nil && (p.Key() == "" || Explain(p) == "") {
			t.Error("a plan without a key")
		} else if err != nil && len(problemsOf(err)) == 0 {
			t.Errorf("%T is no Problems", err)
		}
	})
}

func TestExplain(t *testing.T) {
	p, err := Check(Criteria{Steps: []Step{{Do: Start, Where: All{Is{Party, []string{"DEM"}}, Voted{Last: 2, LastType: "general", AtLeast: ptr(1)}, None{Code{Codes: []int64{1}, Days: Days{Within: 30}}}}},
		{Do: Remove, Where: Saved{21}}, {Do: Part, Part: 1, Parts: 3, Seed: 9}}}, world())
	if err != nil {
		t.Fatal(err)
	}
	want := `universe: voter file 3, asked by organization 7, without dropped people, without minors, without confidential voters; contacts of organizations 7
today: 20261121
key: ` + p.Key() + `
1. start
     all of
       party is "DEM"
       voted in 1 to 2 of elections 2024110501, 2026110301
       none of
         code 1 from 2026-10-23T00:00:00Z until before 2026-11-22T00:00:00Z
2. remove
     found by search 21
       1. start
            birth ≥ 19961122
3. part: 1 of 3, seed 9, whole households: false
`
	if d := cmp.Diff(want, Explain(p)); d != "" {
		t.Error(d)
	}
}

// The dearest area: as many corners as are allowed, no two edges crossing, and each beside all others.
func BenchmarkArea(b *testing.B) {
	ring := [][2]float64{{70, -1}, {-1, -1}}
	for i := range MaxPoints - 4 {
		ring = append(ring, [2]float64{float64(i%2) * 60, float64(i%2)*60 + float64(i)/1e4})
	}
	ring = append(ring, [2]float64{70, 70})
	for b.Loop() {
		if _, err := makeArea([][][2]float64{ring}); err == nil {
			b.Fatal("nobody can draw that")
		}
	}
}

// A place whose two numbers were exchanged is a place too, and nobody's; what is said of it names the condition and how many would live there.
func TestWhatIsSaidOfAnAreaWithNobody(t *testing.T) {
	en, es := translators(t)
	near := Near{Lon: 35.78, Lat: -78.64, Metres: 500}
	square := Inside{[][][2]float64{{{100, 30}, {101, 30}, {101, 31}}}}
	heres := Heres(Criteria{Steps: []Step{{Do: Start, Where: Any{Email{}, All{near, Code{Codes: []int64{1}}}}}, {Do: Remove, Where: LivesWith{square}}}})
	if len(heres) != 2 {
		t.Fatalf("%d places", len(heres))
	}
	if n, ok := heres[0].Exchanged(); !ok || n != (Near{Lon: -78.64, Lat: 35.78, Metres: 500}) {
		t.Errorf("exchanged: %v", n)
	}
	if n, ok := heres[1].Exchanged(); ok {
		t.Errorf("latitude 100 is on earth: %v", n)
	}
	for _, c := range []struct {
		exchanged, placed int64
		want              string
	}{
		{12345, 9, "Step 1, any of, condition 2, all of, condition 1: Nobody of this voter file lives around latitude -78.6400, longitude 35.7800. With the two exchanged it would be 12,345 people. Exchange them."},
		{0, 9, "Step 1, any of, condition 2, all of, condition 1: Nobody of this voter file lives around latitude -78.6400, longitude 35.7800. Is that place outside of the state, or are the two numbers exchanged?"},
		{0, 0, "Step 1, any of, condition 2, all of, condition 1: No address of this voter file is on the map yet, so nobody lives in any area. Load address points first."},
	} {
		p := heres[0].Deserted(c.exchanged, c.placed)
		if s := p.Sentence(en); s != c.want {
			t.Errorf("got %s\nwant %s", s, c.want)
		}
		if s := p.Sentence(es); s == c.want || strings.Contains(s, "%!") {
			t.Errorf("in Spanish: %s", s)
		}
	}
	if s := heres[1].Deserted(0, 1).Sentence(en); !strings.HasPrefix(s, "Step 2, lives with, condition 1: Nobody of this voter file lives around latitude 30.5000, longitude 100.5000.") {
		t.Error(s)
	}
}
