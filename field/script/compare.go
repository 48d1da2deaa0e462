package script

import (
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/words"
)

// Difference is how one step differs between two versions of a script.
type Difference struct {
	Part  Part // where it stands now, or stood
	Step  Step // as it is now, or was
	What  Change
	Langs []string // of TextChanged and NamesChanged: in which languages
	after Content
}

// Change is what changed.
type Change string

// The changes.
const (
	Added            Change = "added"
	Removed          Change = "removed"
	Moved            Change = "moved"
	TextChanged      Change = "text"
	NamesChanged     Change = "names"
	AskedWithChanged Change = "with" // another question, code or event
	WhenChanged      Change = "when"
	LanguagesChanged Change = "languages" // of the script, not of a step
)

// Compare returns how after differs from before, in the order of after and what was removed last. Steps are the same when their ids and kinds are.
func Compare(before, after Content) []Difference {
	var all []Difference
	add := func(p Part, s Step, what Change, langs ...string) {
		all = append(all, Difference{Part: p, Step: s, What: what, Langs: langs, after: after})
	}
	if !slices.Equal(before.Languages, after.Languages) {
		add("", Step{}, LanguagesChanged, after.Languages...)
	}
	stayed := inOrder(before, after)
	for _, p := range Parts() {
		for _, s := range after.Steps(p) {
			was, _, _, ok := before.Step(s.ID)
			if !ok || was.Kind != s.Kind {
				add(p, s, Added)
				continue
			}
			if !stayed[s.ID] {
				add(p, s, Moved)
			}
			if langs := differ(was.Text, s.Text); len(langs) > 0 {
				add(p, s, TextChanged, langs...)
			}
			if was.Question != s.Question || was.Event != s.Event || !slices.Equal(was.Codes, s.Codes) {
				add(p, s, AskedWithChanged)
			}
			if langs := namesDiffer(was.Names, s.Names); len(langs) > 0 {
				add(p, s, NamesChanged, langs...)
			}
			if !slices.EqualFunc(was.When, s.When, func(a, b Condition) bool { return a.Step == b.Step && slices.Equal(a.Is, b.Is) }) {
				add(p, s, WhenChanged)
			}
		}
	}
	for _, p := range Parts() {
		for _, s := range before.Steps(p) {
			if now, _, _, ok := after.Step(s.ID); !ok || now.Kind != s.Kind {
				add(p, s, Removed)
			}
		}
	}
	return all
}

// inOrder returns the largest set of steps that stand in both versions in one order and part, so that the fewest are said to have moved.
func inOrder(before, after Content) map[string]bool {
	stayed := map[string]bool{}
	for _, p := range Parts() {
		was, now := ids(before.Steps(p)), ids(after.Steps(p))
		for _, id := range longestCommon(was, now) {
			stayed[id] = true
		}
	}
	return stayed
}

func ids(all []Step) []string {
	of := make([]string, len(all))
	for i, s := range all {
		of[i] = s.ID
	}
	return of
}

// longestCommon returns the longest common subsequence of a and b, which are at most MaxSteps long.
func longestCommon(a, b []string) []string {
	best := make([][]int, len(a)+1)
	for i := range best {
		best[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if a[i] == b[j] {
				best[i][j] = best[i+1][j+1] + 1
			}
		}
	}
	var all []string
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			all = append(all, a[i])
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
	return all
}

// differ returns the languages in which two texts differ, in order.
func differ(a, b Text) []string {
	var all []string
	for _, t := range []Text{a, b} {
		for lang := range t {
			if a[lang] != b[lang] && !slices.Contains(all, lang) {
				all = append(all, lang)
			}
		}
	}
	slices.Sort(all)
	return all
}

func namesDiffer(a, b map[Value]Text) []string {
	var all []string
	for _, names := range []map[Value]Text{a, b} {
		for v := range names {
			all = append(all, differ(a[v], b[v])...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Sentence says the difference in the reader's language.
func (d Difference) Sentence(t words.Translator, cat Catalogue) string {
	title := d.Step.Title(string(t.Lang), d.after.Languages, cat)
	names := make([]string, len(d.Langs))
	for i, l := range d.Langs {
		names[i] = LanguageName(l)
	}
	langs := strings.Join(names, ", ")
	switch d.What {
	case Added:
		return t.T("New: %s, “%s”", d.Step.Kind.Title(t), title)
	case Removed:
		return t.T("Gone: %s, “%s”", d.Step.Kind.Title(t), title)
	case Moved:
		return t.T("Moved: “%s”", title)
	case TextChanged:
		return t.T("Other words (%s): “%s”", langs, title)
	case NamesChanged:
		return t.T("Answers said in other words (%s): “%s”", langs, title)
	case AskedWithChanged:
		return t.T("Records something else: “%s”", title)
	case WhenChanged:
		if s := d.Step.Sentence(t, d.after, cat); s != "" {
			return "“" + title + "”: " + s
		}
		return t.T("Always shown now: “%s”", title)
	}
	return t.T("Languages: %s", langs)
}
