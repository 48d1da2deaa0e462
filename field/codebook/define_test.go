package codebook

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/fault"
)

// drafts has one good definition of each kind.
func drafts() map[Kind]Definition {
	return map[Kind]Definition{
		Code:     {Kind: Code, Name: "Volunteer", Cycle: 2027},
		Tag:      {Kind: Tag, Name: "Owes a call"},
		Question: {Kind: Question, Name: "Transit support", Purpose: "Do you support the transit measure?", Parts: []Part{{Name: "Strong support"}, {Name: "Leaning"}, {Name: "No"}}},
		Score:    {Kind: Score, Name: "Transit model", Decimals: 1, Min: 0, Max: 1000},
		Custom:   {Kind: Custom, Name: "Shirt size", Type: Choice, Choices: []string{"S", "M", "L"}},
		Target:   {Kind: Target, Name: "Path to a majority", Parts: []Part{{Name: "Base", Points: 3}, {Name: "Persuade", Points: 5}}},
		Event:    {Kind: Event, Name: "Launch", Starts: testNow.Add(48 * time.Hour)},
	}
}

func define(t *testing.T, s *Store, k Kind, shared bool) Definition {
	t.Helper()
	d := drafts()[k]
	d.Shared = shared
	a := actor(t, 1)
	id, err := s.Define(t.Context(), a, d)
	must(t, err)
	d, err = s.Definition(t.Context(), a, k, id)
	must(t, err)
	return d
}

func TestDefineEveryKind(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a := actor(t, 1)
		for _, k := range AllKinds() {
			d := define(t, s, k, false)
			if d.Kind != k || d.Name != drafts()[k].Name || d.Status != Active || d.OrgName != "Halden Voter Table" || len(d.Parts) != len(drafts()[k].Parts) {
				t.Errorf("%s came back as %+v", k, d)
			}
			all, err := s.Definitions(t.Context(), a, k, false)
			must(t, err)
			if len(all) != 1 || !cmp.Equal(all[0], d) {
				t.Errorf("definitions of %s: %s", k, cmp.Diff([]Definition{d}, all))
			}
		}
		q, err := s.Definitions(t.Context(), a, Question, false)
		must(t, err)
		if got := q[0].Parts[0]; got.Medium != "Strong support" || got.Short != "SS" || !got.Active {
			t.Errorf("shorter names were made as %+v", got)
		}
	})
}

func TestDefinitionsOfOthersAreSeenOnlyWhenShared(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		for _, k := range AllKinds() {
			own := define(t, s, k, false)
			partner := actor(t, 2)
			if _, err := s.Definition(t.Context(), partner, k, own.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("a partner opened %s that is not shared: %v", k, err)
			}
			_, unknown := s.Definition(t.Context(), partner, k, own.ID+1000)
			_, unshared := s.Definition(t.Context(), partner, k, own.ID)
			if unknown.Error() != unshared.Error() {
				t.Errorf("%s: unknown and unshared read differently: %q, %q", k, unknown, unshared)
			}
			own.Shared = true
			must(t, s.Change(t.Context(), actor(t, 1), own))
			seen, err := s.Definitions(t.Context(), partner, k, false)
			must(t, err)
			if len(seen) != 1 || seen[0].OrgName != "Halden Voter Table" {
				t.Errorf("a partner sees %+v of shared %s", seen, k)
			}
			own.Name = "Taken over"
			if err := s.Change(t.Context(), partner, own); fault.KindOf(err) != fault.Denied {
				t.Errorf("a partner changed a shared %s: %v", k, err)
			}
		}
	})
}

func TestChangeKeepsWhatWasRecorded(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a := actor(t, 1)
		d := define(t, s, Question, false)
		was := d.Parts
		d.Parts = []Part{{ID: was[2].ID, Name: "Against"}, {Name: "Undecided"}, {ID: was[0].ID, Name: "Strong support"}}
		must(t, s.Change(t.Context(), a, d))
		got, err := s.Definition(t.Context(), a, Question, d.ID)
		must(t, err)
		var names []string
		for _, p := range got.Parts {
			if p.Active {
				names = append(names, p.Name)
			} else {
				names = append(names, "("+p.Name+")")
			}
		}
		if diff := cmp.Diff([]string{"Against", "Undecided", "Strong support", "(Leaning)"}, names); diff != "" {
			t.Error(diff)
		}
		if got.Parts[0].ID != was[2].ID || got.Parts[2].ID != was[0].ID {
			t.Error("renamed and moved responses lost their ids")
		}
		d.Parts = []Part{{ID: 99999, Name: "Foreign"}}
		if err := s.Change(t.Context(), a, d); err == nil {
			t.Error("a response of another question was taken in")
		}
	})
}

func TestDefineRefuses(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		define(t, s, Code, false)
		long := strings.Repeat("x", 81)
		for name, c := range map[string]struct {
			d     Definition
			input string
		}{
			"no name":                 {Definition{Kind: Code}, "name"},
			"a long name":             {Definition{Kind: Tag, Name: long}, "name"},
			"a taken name":            {Definition{Kind: Code, Name: "Volunteer"}, "name"},
			"a strange cycle":         {Definition{Kind: Code, Name: "A", Cycle: 27}, "cycle"},
			"a strange status":        {Definition{Kind: Code, Name: "A", Status: "gone"}, "status"},
			"no responses":            {Definition{Kind: Question, Name: "A"}, "parts"},
			"responses alike":         {Definition{Kind: Question, Name: "A", Parts: []Part{{Name: "Yes"}, {Name: "yes"}}}, "parts"},
			"no range":                {Definition{Kind: Score, Name: "A", Min: 5, Max: 5}, "max"},
			"decimals":                {Definition{Kind: Score, Name: "A", Max: 5, Decimals: 7}, "decimals"},
			"one choice":              {Definition{Kind: Custom, Name: "A", Type: Choice, Choices: []string{"S", " S "}}, "choices"},
			"no type":                 {Definition{Kind: Custom, Name: "A"}, "type"},
			"no start":                {Definition{Kind: Event, Name: "A"}, "starts"},
			"a long medium name":      {Definition{Kind: Code, Name: "A", Medium: strings.Repeat("m", 21)}, "medium"},
			"a target without groups": {Definition{Kind: Target, Name: "A"}, "parts"},
		} {
			_, err := s.Define(t.Context(), actor(t, 1), c.d)
			var in fault.Inputs
			if !errors.As(err, &in) || in.For(c.input) == nil {
				t.Errorf("%s: want an error at %q, got %v", name, c.input, err)
			}
		}
		if _, err := s.Define(t.Context(), actor(t, 1, PermitDefine), Definition{Kind: Tag, Name: "Shared", Shared: true}); fault.KindOf(err) != fault.Denied {
			t.Errorf("sharing without the right to: %v", err)
		}
		if _, err := s.Define(t.Context(), actor(t, 1, PermitSee), Definition{Kind: Tag, Name: "Mine"}); fault.KindOf(err) != fault.Denied {
			t.Errorf("defining without the right to: %v", err)
		}
	})
}

func TestWhatStoredValuesMeanDoesNotChange(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		score, custom := define(t, s, Score, false), define(t, s, Custom, false)
		score.Decimals = 0
		custom.Type = Number
		for _, d := range []Definition{score, custom} {
			if err := s.Change(t.Context(), actor(t, 1), d); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s changed its meaning: %v", d.Kind, err)
			}
		}
	})
}
