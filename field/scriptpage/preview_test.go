package scriptpage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/words"
)

func tried(written string) preview {
	return preview{
		content: script.Content{Version: 1, Languages: []string{"en", "es"}, Household: []script.Step{{ID: "s1", Kind: script.Question, Question: 12}},
			Person: []script.Step{{ID: "s2", Kind: script.Codes, Codes: []int64{34, 35}}, {ID: "s3", Kind: script.Ask, When: []script.Condition{{Step: "s1", Is: []script.Value{"101"}}}}}},
		lang: "en", answers: readAnswers(written), speak: func(string) words.Translator { return words.Translator{} },
	}
}

func TestPressingInThePreview(t *testing.T) {
	for _, x := range []struct{ name, before, press, want, lang string }{
		{"an answer", "", "try:s1:101", "s1:101", "en"},
		{"another answer takes its place", "s1:101", "try:s1:102", "s1:102", "en"},
		{"the same answer takes it back", "s1:101", "try:s1:101", "", "en"},
		{"codes stand together", "s2:34", "try:s2:35", "s2:34,s2:35", "en"},
		{"one code taken back", "s2:34,s2:35", "try:s2:34", "s2:35", "en"},
		{"no such step", "s1:101", "try:s9:1", "s1:101", "en"},
		{"no value", "s1:101", "try:s1:", "s1:101", "en"},
		{"a language", "s1:101", "say:es", "s1:101", "es"},
		{"a language it does not speak", "", "say:fr", "", "en"},
		{"again", "s1:101,s3:yes", "again:", "", "en"},
		{"in the order of the steps", "s3:yes,s1:101", "say:en", "s1:101,s3:yes", "en"},
		{"nonsense is left out", "s1,:x,s1:101,,", "say:en", "s1:101", "en"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := tried(x.before)
			s.press(x.press)
			if got := s.written(); got != x.want || s.lang != x.lang {
				t.Errorf("%q in %s, want %q in %s", got, s.lang, x.want, x.lang)
			}
		})
	}
}

func TestHiddenStepsAreCounted(t *testing.T) {
	if a, b := tried(""), tried("s1:101"); a.hiddenSteps() != 1 || b.hiddenSteps() != 0 {
		t.Errorf("%d hidden, then %d", a.hiddenSteps(), b.hiddenSteps())
	}
}

func TestTickedAnswersBecomeConditions(t *testing.T) {
	got := readWhen([]string{"s1:101", "s2:34", "s1:102", "bad"})
	want := []script.Condition{{Step: "s1", Is: []script.Value{"101", "102"}}, {Step: "s2", Is: []script.Value{"34"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestStepsAreMoved(t *testing.T) {
	w := writing{}
	w.Languages = []string{"en"}
	for _, part := range []script.Part{script.Household, script.Person, script.Person} {
		if _, err := w.add(part, script.Say); err != nil {
			t.Fatal(err)
		}
	}
	order := func() string {
		s := ""
		for _, p := range script.Parts() {
			for _, x := range w.Content.Steps(p) {
				s += x.ID
			}
			s += "|"
		}
		return s
	}
	for _, x := range []struct {
		do   func()
		want string
	}{
		{func() {}, "s1|s2s3|"},
		{func() { w.shift("s3", true) }, "s1|s3s2|"},
		{func() { w.shift("s3", true) }, "s1|s3s2|"},
		{func() { w.shift("s2", false) }, "s1|s3s2|"},
		{func() { w.moveOver(script.Person, 0, script.Household) }, "s1s3|s2|"},
		{func() { w.remove("s1") }, "s3|s2|"},
		{func() { w.remove("s9") }, "s3|s2|"},
	} {
		if x.do(); order() != x.want {
			t.Errorf("%s, want %s", order(), x.want)
		}
	}
	if id, err := w.add(script.Person, script.Note); err != nil || id != "s1" {
		t.Errorf("a free id is used again: %s %v", id, err)
	}
	if _, err := w.add("elsewhere", script.Note); err == nil {
		t.Error("a step was added to a part that there is not")
	}
}
