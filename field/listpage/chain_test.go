package listpage

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/list"
)

func ptr[T any](x T) *T { return &x }

// values the panel offers, by key.
var offered = map[string][]string{
	"party": {"DEM", "REP", "UNA"}, "county": {"063", "183"}, "status": {"active", "removed"}, "precinct": {"063/12-01", "063/9"},
	"district:ward": {"1", "2"}, keyPhone: {valueAny, "cell", "home", valueTextable, valueEmail}, keyCode: {"3", "4"}, keyTag: {"7"},
	keyEvent: {"2", "5"}, keySaved: {"11", "12"}, keyTurf: {"7", "8"}, keyMap: {"3"}, keyLives: {"DEM", "GRE"}, "question.6": {"61", "62", valueNever}, "question.7": {valueAny}, keyAsked: {"door", "mail"}, "election.2024110501": {valueYes, valueNo},
	"target.9": {"91"}, "custom.4": {"blue", "red"}, "known.door": {valueYes},
}

// TestChoicesComeBack turns every choice the panel can make into a condition and reads it back.
func TestChoicesComeBack(t *testing.T) {
	keys := make([]string, 0, len(offered))
	for k := range offered {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom(keys).Draw(t, "key")
		values := rapid.SliceOfNDistinct(rapid.SampledFrom(offered[key]), 1, len(offered[key]), rapid.ID).Draw(t, "values")
		n := choice(key, values)
		if strings.HasPrefix(key, "election.") && len(values) == 2 {
			if n != nil {
				t.Fatalf("voted or not voted in one election is %#v", n)
			}
			return
		}
		gotKey, got, ok := choiceOf(n)
		slices.Sort(got)
		slices.Sort(values)
		if !ok || gotKey != key || !slices.Equal(got, values) {
			t.Fatalf("%s=%v became %#v, read back as %s=%v", key, values, n, gotKey, got)
		}
	})
}

// TestNotesComeBack says by whom, when and how of random choices, and reads it back.
func TestNotesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{keyCode, keyEvent, "question.6"}).Draw(t, "key")
		want := notes{}
		if key == keyEvent {
			want.statuses = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"came", "no_show"}), 0, 2, rapid.ID).Draw(t, "statuses")
		} else {
			want.by = rapid.SliceOfNDistinct(rapid.Int64Range(1, 9), 0, 3, rapid.ID).Draw(t, "by")
			want.days.Within = rapid.Int64Range(0, 90).Draw(t, "within")
			want.ever = strings.HasPrefix(key, "question") && rapid.Bool().Draw(t, "ever")
		}
		form := url.Values{"shown": {key}, "is": {key + "=" + offered[key][0], key + "=" + offered[key][1]}, "not": {key + "=9"}}
		for _, n := range want.by {
			form.Add("who", key+"="+id(n))
		}
		form["who"] = append(form["who"], "", "other=3")
		for _, s := range want.statuses {
			form.Add("signup", key+"="+s)
		}
		if want.ever {
			form.Set("ever."+key, valueYes)
		}
		if want.days.Within > 0 {
			form.Set("within."+key, id(want.days.Within))
		}
		got, wrong := readTerms(form, nil)
		if len(wrong) > 0 || len(got) != 2 {
			t.Fatalf("%v: %d terms, %v", form, len(got), wrong)
		}
		for _, x := range terms(joined(got)) {
			if n, ok := notesOf(x.node); !ok || x.key != key || !cmp.Equal(n, want, cmp.AllowUnexported(notes{}), cmpopts.EquateEmpty()) {
				t.Fatalf("%+v came back as %+v under %q", want, n, x.key)
			}
		}
	})
}

// TestOtherNotesAreKeptApart: what the panel would show with one set of inputs is one choice only if all of it says the same.
func TestOtherNotesAreKeptApart(t *testing.T) {
	a, b := list.Answered{Question: 6, Responses: []int64{61}, Ever: true}, list.Answered{Question: 6, Responses: []int64{62}}
	for _, n := range []list.Node{list.Any{a, b}, list.All{a, list.None{b}}, list.None{list.Answered{Question: 6, Days: list.Days{Within: 30}}, b}} {
		ts := terms(n)
		if got := ts[len(ts)-1]; got.key != "" || got.not {
			t.Errorf("%#v can be shown as %#v", n, got)
		}
		if back := terms(joined(ts)); cmp.Diff(joined(back), joined(ts)) != "" {
			t.Errorf("%#v came back as %#v", n, joined(back))
		}
	}
	if ts := terms(list.None{list.Answered{Question: 6, Days: list.Days{Within: 30}}}); len(ts) != 1 || ts[0].key != "question.6" || !ts[0].not {
		t.Errorf("who was not asked lately: %#v", ts)
	}
}

// TestChainsComeBack writes random chains as JSON, takes them apart and puts them together again: what they say stays the same.
func TestChainsComeBack(t *testing.T) {
	keys := []string{"party", "county", "status", keyPhone, keyCode, "question.6", "election.2024110501", "known.door", keySaved}
	rapid.Check(t, func(t *rapid.T) {
		var all []block
		for i := range rapid.IntRange(1, 5).Draw(t, "blocks") {
			do := list.Start
			if i > 0 {
				do = rapid.SampledFrom([]list.Do{list.Add, list.Remove, list.Households, list.OnePerHousehold}).Draw(t, "do")
			}
			b := block{main: i == 0, step: list.Step{Do: do}}
			if do == list.OnePerHousehold {
				b.step.Prefer = list.Oldest
			}
			if conditional(do) {
				for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 4, rapid.ID).Draw(t, "keys") {
					b.terms = append(b.terms, term{key: k, not: rapid.Bool().Draw(t, "not"), node: choice(k, offered[k][:1])})
				}
			}
			all = append(all, b)
		}
		steps := chain(all)
		text, err := json.Marshal(list.Criteria{Version: list.Version, Steps: steps})
		if err != nil {
			t.Fatal(err)
		}
		back, err := list.Parse(text)
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		again := chain(blocks(back.Steps))
		if d := cmp.Diff(steps, again); d != "" {
			t.Fatalf("%s\ncame back as another chain:\n%s", text, d)
		}
	})
}

func TestEachGroupOfTheBeginningIsAStep(t *testing.T) {
	all := []block{{main: true, step: list.Step{Do: list.Start}, terms: []term{
		{key: "age", node: list.Between{Attr: list.Age, From: ptr[int64](18), To: ptr[int64](34)}},
		{key: "status", node: choice("status", []string{"active"})},
		{key: "county", node: choice("county", []string{"063"})},
		{key: keyCode, not: true, node: choice(keyCode, []string{"3"})},
	}}}
	want := []list.Step{
		{Do: list.Start, Where: list.All{list.Is{Attr: list.County, Values: []string{"063"}}, list.Is{Attr: list.Status, Values: []string{"active"}}}},
		{Do: list.Narrow, Where: list.Between{Attr: list.Age, From: ptr[int64](18), To: ptr[int64](34)}},
		{Do: list.Narrow, Where: list.None{list.Code{Codes: []int64{3}}}},
	}
	if d := cmp.Diff(want, chain(all)); d != "" {
		t.Error(d)
	}
	steps, at := flat(all, 0)
	if len(steps) != 1 || at != 0 || len(steps[0].Where.(list.All)) != 4 {
		t.Errorf("as one step: %#v", steps)
	}
}

func TestStepsThatSayNothingAreNotAsked(t *testing.T) {
	all := blocks([]list.Step{{Do: list.Start}, {Do: list.Remove, Where: list.All{}}, {Do: list.Sample, Take: 10, Seed: 1}})
	steps, at := said(all)
	if d := cmp.Diff([]list.Step{{Do: list.Start}, {Do: list.Sample, Take: 10, Seed: 1}}, steps); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int{0, -1, 1}, at); d != "" {
		t.Error(d)
	}
}

// TestWhatThePanelCannotShowStays edits a party beside conditions that only other tools write.
func TestWhatThePanelCannotShowStays(t *testing.T) {
	odd := list.Any{list.Is{Attr: list.Party, Values: []string{"REP"}}, list.Code{Codes: []int64{3}}}
	old := terms(list.All{odd, list.Is{Attr: list.Party, Values: []string{"DEM"}}, list.Is{Attr: list.Race, Values: []string{"asian"}}})
	got, wrong := readTerms(url.Values{"shown": {"party,status"}, "is": {"party=UNA", "status=active"}}, old)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	want := list.All{odd, list.Is{Attr: list.Party, Values: []string{"UNA"}}, list.Is{Attr: list.Race, Values: []string{"asian"}}, list.Is{Attr: list.Status, Values: []string{"active"}}}
	if d := cmp.Diff(list.Node(want), joined(got)); d != "" {
		t.Error(d)
	}
}

func TestReadsThePanel(t *testing.T) {
	one, two := 1, 2
	for name, c := range map[string]struct {
		form url.Values
		want list.Node
		err  string // the input at fault
	}{
		"ages":           {url.Values{"shown": {"age"}, "from.age": {"18"}, "to.age": {"34"}}, list.Between{Attr: list.Age, From: ptr[int64](18), To: ptr[int64](34)}, ""},
		"one bound":      {url.Values{"shown": {"age"}, "from.age": {"65"}, "to.age": {""}}, list.Between{Attr: list.Age, From: ptr[int64](65)}, ""},
		"no age":         {url.Values{"shown": {"age"}, "from.age": {""}, "to.age": {""}}, nil, ""},
		"ages as words":  {url.Values{"shown": {"age"}, "from.age": {"18-"}, "to.age": {""}}, nil, "from.age"},
		"ages reversed":  {url.Values{"shown": {"age"}, "from.age": {"40"}, "to.age": {"20"}}, list.Between{Attr: list.Age, From: ptr[int64](40), To: ptr[int64](20)}, "to.age"},
		"a date":         {url.Values{"shown": {"registered_on"}, "from.registered_on": {"2024-02-29"}, "to.registered_on": {""}}, list.Between{Attr: list.RegisteredOn, From: ptr[int64](20240229)}, ""},
		"no date":        {url.Values{"shown": {"registered_on"}, "from.registered_on": {"2023-02-29"}, "to.registered_on": {""}}, nil, "from.registered_on"},
		"k of n":         {url.Values{"shown": {"last"}, "least": {"2"}, "most": {""}, "last": {"4"}, "lasttype": {"general"}, "method": {"mail"}}, list.Voted{Last: 4, LastType: "general", AtLeast: &two, Methods: []string{"mail"}}, ""},
		"any of n":       {url.Values{"shown": {"last"}, "least": {"0"}, "most": {"4"}, "last": {"4"}}, nil, ""},
		"0 to 1 of n":    {url.Values{"shown": {"last"}, "least": {"0"}, "most": {"1"}, "last": {"4"}, "lasttype": {""}}, list.Voted{Last: 4, AtMost: &one}, ""},
		"of 99":          {url.Values{"shown": {"last"}, "least": {"1"}, "last": {"99"}}, nil, "last"},
		"score":          {url.Values{"shown": {"score.3"}, "from.score.3": {"60.5"}, "to.score.3": {""}}, list.Score{Score: 3, From: ptr(60.5)}, ""},
		"score of words": {url.Values{"shown": {"score.3"}, "from.score.3": {"NaN"}, "to.score.3": {""}}, nil, "from.score.3"},
		"never asked":    {url.Values{"shown": {"question.6"}, "is": {"question.6=never"}}, list.None{list.Answered{Question: 6}}, ""},
		"names":          {url.Values{"shown": {"name.last"}, "name.last": {" Aguilar,  Brandt ,"}, "begins.last": {"1"}}, list.Name{Part: "last", Begins: true, Values: []string{"Aguilar", "Brandt"}}, ""},
		"not tried":      {url.Values{"shown": {"contact"}, "tried": {"no"}, "within.contact": {"30"}, "by": {"door", "phone"}}, list.Contact{Channels: []string{"door", "phone"}, AtLeast: ptr(0), AtMost: ptr(0), Days: list.Days{Within: 30}}, ""},
		"a point":        {url.Values{"shown": {"near"}, "near.at": {"35.5, -78.25"}, "near.metres": {"1,500"}}, list.Near{Lon: -78.25, Lat: 35.5, Metres: 1500}, ""},
		"no point":       {url.Values{"shown": {"near"}, "near.at": {"here"}, "near.metres": {"100"}}, nil, "near.at"},
		"an area":        {url.Values{"shown": {"inside"}, "inside": {"-78.1,35 -78,35 -78,35.1"}}, list.Inside{Rings: [][][2]float64{{{-78.1, 35}, {-78, 35}, {-78, 35.1}}}}, ""},
		"no area":        {url.Values{"shown": {"inside"}, "inside": {"-78.1;x"}}, nil, "inside"},
		"excluded":       {url.Values{"shown": {keyCode}, "not": {"code=3"}}, list.None{list.Code{Codes: []int64{3}}}, ""},
		"unknown key":    {url.Values{"shown": {"x"}, "is": {"code=a"}}, list.Code{}, ""},
	} {
		got, wrong := readTerms(c.form, nil)
		if d := cmp.Diff(c.want, joined(got)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if (c.err == "") != (len(wrong) == 0) || c.err != "" && wrong.For(c.err) == nil {
			t.Errorf("%s: faults %v, want one at %q", name, wrong, c.err)
		}
		if c.want == nil || c.err != "" || name == "unknown key" {
			continue
		}
		text, err := json.Marshal(list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start, Where: c.want}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := list.Parse(text); err != nil {
			t.Errorf("%s: what the form says cannot be asked: %v", name, err)
		}
	}
}

func TestDrawnAreasComeBack(t *testing.T) {
	in := list.Inside{Rings: [][][2]float64{{{-78.123456, 35}, {-78, 35}, {-78, 35.1}}, {{1, 2}, {3, 4}, {5, 6}}}}
	f := reader{form: url.Values{"inside": {drawn(in)}}}
	if d := cmp.Diff(list.Node(in), f.inside()); d != "" {
		t.Error(d)
	}
}

func TestRoundsTheKeyOfTheMap(t *testing.T) {
	for top, want := range map[int64]string{3: "[0 1 2 3 4]", 640: "[0 50 150 300 500]", 12: "[0 1 3 6 9]"} {
		if got := fmt.Sprint(stepsOf(top)); got != want {
			t.Errorf("up to %d: %s, want %s", top, got, want)
		}
	}
}

// FuzzReadTerms reads any form: it never fails, and what it makes can be written and, unless it says that something is wrong, read again.
func FuzzReadTerms(f *testing.F) {
	f.Add("shown=party,age&is=party%3DDEM&from.age=18&to.age=34")
	f.Add("shown=last,contact,near,inside,name.last,score.3,custom.4&least=1&last=4&tried=no&near.at=1,2&near.metres=3&inside=1,2+3,4+5,6&name.last=a,b&from.score.3=1e300")
	f.Add("shown=x&is=known.door%3Dyes&not=question.6%3Dnever&is=election.5%3Dyes&is=saved%3D1&is=%3D&is=lives.party%3DDEM")
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		got, wrong := readTerms(form, nil)
		steps := chain([]block{{main: true, step: list.Step{Do: list.Start}, terms: got}})
		text, err := json.Marshal(list.Criteria{Version: list.Version, Steps: steps})
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		back, err := list.Parse(text)
		if err != nil || len(wrong) > 0 {
			return // said to the reader
		}
		again, err := json.Marshal(list.Criteria{Version: list.Version, Steps: chain(blocks(back.Steps))})
		if err != nil || string(again) != string(text) {
			t.Fatalf("%q became\n%s\nand then\n%s\n%v", query, text, again, err)
		}
	})
}
