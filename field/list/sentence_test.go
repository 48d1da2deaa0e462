package list

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/words"
)

var update = flag.Bool("update", false, "write testdata/sentences.txt anew; read it aloud before it is committed")

// Every block of the file is a criteria, its sentence in English and in Spanish, and its steps in both.
func TestSentences(t *testing.T) {
	const path = "testdata/sentences.txt"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	en, es := translators(t)
	var got []string
	seen := map[string]string{}
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		form, _, _ := strings.Cut(block, "\n")
		c, err := Parse([]byte(form))
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		lines := []string{form}
		for _, say := range []func() string{
			func() string { return Plain(Sentence(c, world(), en)) }, func() string { return Plain(Sentence(c, world(), es)) },
			func() string { return stepLine(Steps(c, world(), en)) }, func() string { return stepLine(Steps(c, world(), es)) }} {
			s := say()
			if strings.Contains(s, "%!") || strings.ContainsAny(s, "\x00") || strings.Contains(s, "  ") || strings.Contains(s, " ,") {
				t.Errorf("%s: bad sentence %q", form, s)
			}
			lines = append(lines, s)
		}
		if other, ok := seen[lines[1]]; ok {
			t.Errorf("%s and %s have the same sentence %q", other, form, lines[1])
		}
		seen[lines[1]] = form
		if _, err := Check(c, world()); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		got = append(got, strings.Join(lines, "\n"))
	}
	if len(got) < 40 {
		t.Errorf("only %d sentences are looked at", len(got))
	}
	want := strings.Join(got, "\n\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(data), want); d != "" {
		t.Errorf("sentences changed (read them aloud, then -update):\n%s", d)
	}
}

func stepLine(all []StepText) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s.Label + " · " + Plain(s.Pieces)
	}
	return strings.Join(out, " | ")
}

// Every condition of a criteria has a phrase of its own in the sentence and in the line of its step, so that it can be opened there; and who is left out is
// said so.
func TestEveryConditionHasItsPhrase(t *testing.T) {
	en, es := translators(t)
	cat := world()
	rapid.Check(t, func(t *rapid.T) {
		c := genCriteria().Draw(t, "criteria")
		tr := rapid.SampledFrom([]words.Translator{en, es}).Draw(t, "language")
		said, lines := map[string]bool{}, map[string]bool{}
		for _, p := range Sentence(c, cat, tr) {
			if p.Phrase {
				said[p.Path.String()] = true
			}
			if p.Text == "" {
				t.Fatal("an empty piece")
			}
		}
		for _, s := range Steps(c, cat, tr) {
			for _, p := range s.Pieces {
				if p.Phrase {
					lines[p.Path.String()] = true
				}
			}
		}
		for i, s := range c.Steps {
			for _, at := range leaves(s.Where, Path{Step: i}) {
				if !said[at] || !lines[at] {
					t.Fatalf("the condition %s of %s has no phrase: %q", at, Explain(mustCheck(t, c, cat)), Plain(Sentence(c, cat, tr)))
				}
			}
		}
	})
}

// leaves returns the paths of the conditions below n that are no lists.
func leaves(n Node, at Path) []string {
	var all []Node
	switch n := n.(type) {
	case nil:
		return nil
	case All:
		all = n
	case Any:
		all = n
	case None:
		all = n
	case LivesWith:
		all = []Node{n.Who}
	default:
		return []string{at.String()}
	}
	var out []string
	for i, x := range all {
		out = append(out, leaves(x, at.child(i))...)
	}
	return out
}

func TestWhoIsLeftOutIsGrey(t *testing.T) {
	en, _ := translators(t)
	c := Criteria{Steps: []Step{{Do: Start, Where: All{Email{}, None{Tag{[]int64{3}}}}}, {Do: Remove, Where: Phone{}}}}
	got := map[string]bool{}
	for _, p := range Sentence(c, world(), en) {
		if p.Phrase {
			got[p.Text] = p.Negative
		}
	}
	want := map[string]bool{"have an email address": false, "do not have the tag “Block captain”": true, "have a phone number": true}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
