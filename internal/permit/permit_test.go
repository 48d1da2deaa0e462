package permit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func catalog(t *testing.T) Catalog {
	t.Helper()
	c, err := NewCatalog(
		[]Def{{Permit: "field.person.look", Sentence: "Look up a voter"}},
		[]Def{{Permit: "field.person.phone", Sentence: "See phone numbers", Implies: []Permit{"field.person.look"}}, {Permit: "field.person.note", Sentence: "Write notes", Implies: []Permit{"field.person.phone"}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExpandFollowsWhatIsImplied(t *testing.T) {
	got := catalog(t).Expand("field.person.note", "no.such").List()
	want := []Permit{"field.person.look", "field.person.note", "field.person.phone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyGrantsMoreThanTheyHold(t *testing.T) {
	mine := NewSet("a.b", "a.c")
	if !mine.Contains(NewSet("a.b")) || mine.Contains(NewSet("a.b", "a.d")) || !mine.Contains(Set{}) {
		t.Error("Contains is wrong")
	}
	if (Set{}).Has("a.b") || !(Set{}).Has(Public) {
		t.Error("the empty set holds the wrong things")
	}
}

func TestCatalogRefusesWhatCannotBe(t *testing.T) {
	for name, defs := range map[string][]Def{
		"twice":        {{Permit: "a.b", Sentence: "x"}, {Permit: "a.b", Sentence: "x"}},
		"spelling":     {{Permit: "A b", Sentence: "x"}},
		"one word":     {{Permit: "look", Sentence: "x"}},
		"no sentence":  {{Permit: "a.b"}},
		"implies none": {{Permit: "a.b", Sentence: "x", Implies: []Permit{"a.c"}}},
	} {
		if _, err := NewCatalog(defs); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
