package script

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/words"
)

// world is what the scripts of these tests ask with.
var world = Catalogue{
	Questions: map[int64]Survey{
		12: {Named{"Support", true}, "Can we count on you?", []Response{{101, Named{"Strong yes", true}}, {102, Named{"Lean yes", true}}, {103, Named{"No", true}}, {109, Named{"Maybe", false}}}},
		13: {Named{"Issue", true}, "", []Response{{201, Named{"Rent", true}}, {202, Named{"Schools", true}}}},
		14: {Named{"Old", false}, "Is this old?", []Response{{301, Named{"Yes", true}}}},
		15: {Named{"Empty", true}, "Nothing?", []Response{{401, Named{"Gone", false}}}},
	},
	Codes:  map[int64]Named{34: {"Yard sign", true}, 35: {"Volunteer", true}, 36: {"Paper", false}},
	Events: map[int64]Named{5: {"Block party", true}},
}

func say(id string, when ...Condition) Step {
	return Step{ID: id, Kind: Say, Text: Text{"en": "Hello", "es": "Hola"}, When: when}
}

func asked(id string, question int64, when ...Condition) Step {
	return Step{ID: id, Kind: Question, Text: Text{"en": "Well?", "es": "¿Y bien?"}, Question: question, When: when}
}

func on(step string, is ...Value) Condition { return Condition{Step: step, Is: is} }

func english(steps ...Step) Content {
	return Content{Version: 1, Languages: []string{"en"}, Person: steps}
}

func TestParseTakesWhatItWrites(t *testing.T) {
	c := Content{Version: 1, Languages: []string{"en", "es"}, Household: []Step{say("s1")}, Person: []Step{
		{ID: "s2", Kind: Question, Question: 12, Text: Text{"en": "A", "es": "B"}, Names: map[Value]Text{"101": {"es": "Sí"}}},
		{ID: "s3", Kind: Ask, Text: Text{"en": "Help?"}, Codes: []int64{34}, Event: 5, When: []Condition{{"s2", []Value{"101", "102"}}}},
		{ID: "s4", Kind: Note, When: []Condition{{"s3", []Value{Maybe, Yes}}}},
	}}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if d := cmp.Diff(c, got); d != "" {
		t.Error(d)
	}
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	person := func(step string) string { return `{"v":1,"languages":["en"],"person":[` + step + `]}` }
	for _, x := range []struct{ name, json, want string }{
		{"nothing", ``, "an object in braces"},
		{"cut off", `{"v":1,"languages":["en"],"person":[{"id"`, "something is wrong near letter"},
		{"more after", `{"v":1,"languages":["en"]} {}`, "comes something else"},
		{"version", `{"v":2,"languages":["en"]}`, "version 2"},
		{"no language", `{"v":1}`, "Name the languages"},
		{"language twice", `{"v":1,"languages":["en","en"]}`, "Name the languages"},
		{"language's code", `{"v":1,"languages":["English"]}`, "by its code"},
		{"unknown", `{"v":1,"languages":["en"],"steps":[]}`, "nothing called “steps” here. It may be: v, languages"},
		{"twice", `{"v":1,"v":1,"languages":["en"]}`, "“v” is there twice"},
		{"unknown in a step", person(`{"id":"s1","kind":"say"},{"id":"s2","kind":"say","txt":{}}`), "Each person, step 2: A script knows nothing called “txt”"},
		{"case", person(`{"ID":"s1","kind":"say"}`), "nothing called “ID”"},
		{"kind", person(`{"id":"s1","kind":"shout"}`), "one of: say"},
		{"id", person(`{"id":"S 1","kind":"say"}`), "must name a step"},
		{"ids", person(`{"id":"s1","kind":"say"},{"id":"s1","kind":"say"}`), "Another step is called s1"},
		{"of another kind", person(`{"id":"s1","kind":"say","question":12}`), "“question” does not belong"},
		{"text", person(`{"id":"s1","kind":"say","text":{"en":7}}`), "quotation marks"},
		{"null text", person(`{"id":"s1","kind":"say","text":{"en":null}}`), "quotation marks"},
		{"control", person(`{"id":"s1","kind":"say","text":{"en":"a\u0000b"}}`), "cannot be shown"},
		{"long", person(`{"id":"s1","kind":"say","text":{"en":"` + strings.Repeat("a", MaxLetters+1) + `"}}`), "at most 2000 letters"},
		{"number", person(`{"id":"s1","kind":"question","question":1.5}`), "whole number"},
		{"answer", person(`{"id":"s1","kind":"say","when":[{"step":"s0","is":["perhaps"]}]}`), "A condition names the numbers"},
		{"no answer", person(`{"id":"s1","kind":"say","when":[{"step":"s0","is":[]}]}`), "at least one answer"},
		{"many", person(strings.Repeat(`{},`, MaxSteps) + `{}`), "it may have 60"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := Parse([]byte(x.json))
			if err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("got %v, want %q", err, x.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, x := range []struct {
		name string
		c    Content
		want []string // a ? in front is a warning
	}{
		{"empty", english(), []string{"The script has no step yet. Add one."}},
		{"sound", english(say("s1"), asked("s2", 12), say("s3", on("s2", "101"))), nil},
		{"no words", english(Step{ID: "s1", Kind: Say}), []string{"Each person, step 1: The words to say are missing in the main language, English."}},
		{"the codebook's words", english(Step{ID: "s1", Kind: Question, Question: 12}), nil},
		{"nobody's words", english(Step{ID: "s1", Kind: Question, Question: 13}), []string{"Each person, step 1: Write how the question is asked: neither the script nor the codebook says it in the main language, English."}},
		{"none chosen", english(asked("s1", 0)), []string{"Each person, step 1: Choose the question."}},
		{"gone", english(asked("s1", 99)), []string{"Each person, step 1: This question is gone, or no longer shared with your organization. Choose another."}},
		{"archived", english(asked("s1", 14)), []string{"?Each person, step 1: The question “Old” is no longer offered. It can still be asked; consider another."}},
		{"no responses", english(asked("s1", 15)), []string{"Each person, step 1: The question “Empty” has no response left to choose. Choose another."}},
		{"no codes", english(Step{ID: "s1", Kind: Codes}), []string{"Each person, step 1: Choose at least one activist code."}},
		{"codes", english(Step{ID: "s1", Kind: Codes, Codes: []int64{34, 34, 36, 99}}), []string{
			"Each person, step 1: The code “Yard sign” is chosen twice. Keep one.",
			"?Each person, step 1: The code “Paper” is no longer offered. It can still be given; consider another.",
			"Each person, step 1: An activist code is gone, or no longer shared with your organization. Choose another."}},
		{"an ask for nothing", english(Step{ID: "s1", Kind: Ask, Text: Text{"en": "Help?"}}), []string{"Each person, step 1: Say what a yes records: an activist code, an event to sign up for, or both."}},
		{"an ask's event", english(Step{ID: "s1", Kind: Ask, Text: Text{"en": "Help?"}, Event: 6}), []string{"Each person, step 1: The event is gone, or no longer shared with your organization. Choose another."}},
		{"looks ahead", english(say("s1", on("s2", "101")), asked("s2", 12)), []string{"Each person, step 1: A condition asks about a later step. Move this step below it."}},
		{"looks at itself", english(asked("s2", 12, on("s2", "101"))), []string{"Each person, step 1: A condition asks about a later step. Move this step below it."}},
		{"looks at nothing", english(say("s1", on("s7", "101"))), []string{"Each person, step 1: A condition asks about a step that is gone. Choose another."}},
		{"looks at words", english(say("s1"), say("s2", on("s1", "yes"))), []string{"Each person, step 2: A condition asks about a step that has no answer."}},
		{"strange answer", english(asked("s1", 12), say("s2", on("s1", "yes"))), []string{"Each person, step 2: A condition names an answer that “Support” does not have. Choose its answers again."}},
		{"excluding answers", english(asked("s1", 12), say("s2", on("s1", "101"), on("s1", "103"))), []string{"Each person, step 2: This step is never shown: its conditions, or those of the steps they ask about, cannot all hold."}},
		{"excluding further up", english(asked("s1", 12), asked("s2", 13, on("s1", "101")), say("s3", on("s2", "201"), on("s1", "103"))), []string{
			"Each person, step 3: This step is never shown: its conditions, or those of the steps they ask about, cannot all hold."}},
		{"codes do not exclude", english(Step{ID: "s1", Kind: Codes, Codes: []int64{34, 35}}, say("s2", on("s1", "34"), on("s1", "35"))), nil},
		{"answer not offered", english(asked("s1", 12), say("s2", on("s1", "109"))), []string{
			"?Each person, step 2: A condition names a response that is no longer offered.",
			"Each person, step 2: This step is never shown: its conditions, or those of the steps they ask about, cannot all hold."}},
		{"household looks back", Content{Version: 1, Languages: []string{"en"}, Household: []Step{asked("s1", 12)}, Person: []Step{say("s2", on("s1", "101"))}}, nil},
		{"household looks at people", Content{Version: 1, Languages: []string{"en"}, Household: []Step{say("s2", on("s1", "101"))}, Person: []Step{asked("s1", 12)}}, []string{
			"Household, step 1: A condition asks about a later step. Move this step below it."}},
		{"placeholders", Content{Version: 1, Languages: []string{"en"}, Household: []Step{{ID: "s1", Kind: Say, Text: Text{"en": "I am {canvasser}. Is {first} in?"}}}, Person: []Step{{ID: "s2", Kind: Say, Text: Text{"en": "{first} {last} {middle}"}}}}, []string{
			"Household, step 1: {first} cannot stand in the household part: it is not known yet who answers the door.",
			"Each person, step 1: Nothing is called {middle}. Texts may hold {first}, {last} and {canvasser}."}},
		{"languages", Content{Version: 1, Languages: []string{"en", "es"}, Person: []Step{{ID: "s1", Kind: Question, Question: 13, Text: Text{"en": "Which?"}, Names: map[Value]Text{"201": {"es": "Renta"}}}}}, []string{
			"?Each person, step 1: In Español these are said as in the codebook: Schools.",
			"?Each person, step 1: The words are missing in Español; people hear them in English."}},
	} {
		t.Run(x.name, func(t *testing.T) {
			var got []string
			for _, p := range Check(x.c, world) {
				s := p.Sentence(words.Translator{})
				if p.Warning {
					s = "?" + s
				}
				got = append(got, s)
			}
			if d := cmp.Diff(x.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// vector is one golden case, shared with the program on the phone.
type vector struct {
	Name      string   `json:"name"`
	Content   Content  `json:"content"`
	Answers   Answers  `json:"answers"`
	Household []string `json:"household"`
	Person    []string `json:"person"`
}

func TestVisibleAsOnThePhone(t *testing.T) {
	b, err := os.ReadFile("testdata/visible.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d vectors", len(all))
	}
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			if d := cmp.Diff(v.Household, ids(Visible(v.Content, Household, v.Answers))); d != "" {
				t.Error("household", d)
			}
			if d := cmp.Diff(v.Person, ids(Visible(v.Content, Person, v.Answers))); d != "" {
				t.Error("person", d)
			}
		})
	}
}

// made draws a script that Check has nothing to say against in its conditions: they look back only.
func made(t *rapid.T) Content {
	c := Content{Version: 1, Languages: []string{"en"}}
	n := 0
	for _, p := range Parts() {
		var steps []Step
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			n++
			id := "s" + string(rune('a'+n))
			s := asked(id, 12)
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				s = say(id)
			case 1:
				s = Step{ID: id, Kind: Codes, Codes: []int64{34, 35}}
			}
			before := c.Before(Person, len(c.Person))
			before = append(before, Content{Person: steps}.Before(Person, len(steps))...)
			for range min(len(before), rapid.IntRange(0, 2).Draw(t, "conditions")) {
				earlier := rapid.SampledFrom(before).Draw(t, "on")
				possible := []Value{"101", "102", "103"}
				if earlier.Kind == Codes {
					possible = []Value{"34", "35"}
				}
				s.When = append(s.When, on(earlier.ID, rapid.SliceOfNDistinct(rapid.SampledFrom(possible), 1, 2, rapid.ID[Value]).Draw(t, "is")...))
			}
			steps = append(steps, s)
		}
		c.SetSteps(p, steps)
	}
	return c
}

// Check says of a step that it is never shown exactly when no answers show it.
func TestNeverShownIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := made(t)
		reached := map[string]bool{}
		var all []Step
		for _, p := range Parts() {
			for _, s := range c.Steps(p) {
				if s.Kind.Answered() {
					all = append(all, s)
				}
			}
		}
		if len(all) > 6 {
			t.Skip("too many answers to try all")
		}
		var try func(i int, a Answers)
		try = func(i int, a Answers) {
			if i == len(all) {
				for _, p := range Parts() {
					for _, s := range Visible(c, p, a) {
						reached[s.ID] = true
					}
				}
				return
			}
			options := [][]Value{{"101"}, {"102"}, {"103"}}
			if all[i].Kind == Codes {
				options = [][]Value{{"34"}, {"35"}, {"34", "35"}}
			}
			for _, o := range options {
				a[all[i].ID] = o
				try(i+1, a)
			}
		}
		try(0, Answers{})
		never := map[string]bool{}
		for _, p := range Check(c, world) {
			if strings.HasPrefix(p.Err.Format, "This step is never shown") {
				never[c.Steps(p.Part)[p.Step].ID] = true
			}
		}
		for _, p := range Parts() {
			for _, s := range c.Steps(p) {
				if reached[s.ID] == never[s.ID] {
					t.Fatalf("step %s: reached %v, said to be never shown %v", s.ID, reached[s.ID], never[s.ID])
				}
			}
		}
	})
}

func TestResolve(t *testing.T) {
	c := Content{Version: 1, Languages: []string{"en", "es"}, Household: []Step{say("s1")}, Person: []Step{
		{ID: "s2", Kind: Question, Question: 12, Names: map[Value]Text{"101": {"es": "Sí", "fr": "Oui"}}},
		asked("s3", 99), say("s4", on("s3", "1")),
		{ID: "s5", Kind: Codes, Codes: []int64{35, 99}},
		{ID: "s6", Kind: Ask, Text: Text{"en": "Help?", "fr": "Aide?"}, Codes: []int64{99}, Event: 5},
		{ID: "s7", Kind: Ask, Text: Text{"en": "Help?"}, Codes: []int64{99}},
	}}
	got, left := Resolve(c, world)
	if d := cmp.Diff([]string{"s3", "s7"}, left); d != "" {
		t.Error(d)
	}
	b, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/resolved.json")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.TrimSpace(string(want)), string(b)); d != "" {
		t.Error(d)
	}
}

func TestCompare(t *testing.T) {
	before := Content{Version: 1, Languages: []string{"en"}, Household: []Step{say("s1")}, Person: []Step{asked("s2", 12), say("s3"), say("s4"), {ID: "s6", Kind: Note}}}
	after := Content{Version: 1, Languages: []string{"en", "es"}, Household: []Step{say("s1")}, Person: []Step{say("s4", on("s2", "101")), asked("s2", 13), say("s3"), {ID: "s5", Kind: Codes, Codes: []int64{34}}}}
	after.Household[0].Text = Text{"en": "Good evening"}
	after.Person[1].Names = map[Value]Text{"201": {"es": "Renta"}}
	var got []string
	for _, d := range Compare(before, after) {
		got = append(got, d.Sentence(words.Translator{Lang: words.EN}, world))
	}
	want := []string{
		"Languages: English, Español", "Other words (English, Español): “Good evening”", "Moved: “Hello”", "“Hello”: Shown only if “Issue” was answered: ?",
		"Records something else: “Issue”", "Answers said in other words (Español): “Issue”", "New: Activist codes, “Yard sign”", "Gone: Box for a note, “s6”",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if same := Compare(after, after); len(same) > 0 {
		t.Errorf("a script differs from itself: %v", same)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"v":1,"languages":["en"],"household":[],"person":[{"id":"s1","kind":"say","text":{"en":"Hi {first}"}}]}`))
	f.Add([]byte(`{"v":1,"languages":["en","es"],"household":[{"id":"s1","kind":"ask","codes":[34],"event":5}],"person":[{"id":"s2","kind":"note","when":[{"step":"s1","is":["yes"]}]}]}`))
	f.Add([]byte(`{"v":1,"languages":["en"],"person":[{"id":"s1","kind":"question","question":12,"names":{"101":{"es":"x"}}},{"id":"s2","kind":"codes","codes":[34],"when":[{"step":"s1","is":[101,102]}]}]}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data)
		if err != nil {
			return
		}
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(b)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, b)
		}
		b2, err := json.Marshal(again)
		if err != nil || string(b) != string(b2) {
			t.Fatalf("written twice it differs: %v\n%s\n%s", err, b, b2)
		}
		_ = Check(c, world)
		r, _ := Resolve(c, world)
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		for _, p := range Parts() {
			_ = Visible(c, p, Answers{"s1": {"101", Yes}})
		}
		if d := Compare(c, c); len(d) > 0 {
			t.Fatalf("differs from itself: %v", d)
		}
	})
}
