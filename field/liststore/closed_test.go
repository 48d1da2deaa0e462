package liststore_test

import (
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/words"
)

// The language of lists knows every word of the closed lists that other packages keep, and has a name for each.
func TestTheLanguageKnowsEveryWord(t *testing.T) {
	ask := func(n list.Node, word string) {
		t.Helper()
		c := list.Criteria{Version: 1, Steps: []list.Step{{Do: list.Start, Where: n}}}
		cat := &list.Catalog{Today: today, Attrs: map[list.Attr]bool{list.Race: true, list.Ethnicity: true, list.Status: true}, Contacts: true, Phones: true, Elections: []list.Election{{ID: 1, Day: 20240101}}}
		if _, err := list.Check(c, cat); err != nil {
			t.Errorf("%q: %v", word, err)
		}
		if s := list.Plain(list.Sentence(c, cat, words.Translator{})); strings.Contains(word, "_") && strings.Contains(s, " "+strings.ReplaceAll(word, "_", " ")+".") {
			t.Errorf("%q has no name: %s", word, s)
		}
	}
	for _, m := range contact.Meanings() {
		ask(list.Contact{Results: []string{string(m.Result)}}, string(m.Result))
		if s := list.Plain(list.Sentence(list.Criteria{Steps: []list.Step{{Do: list.Start, Where: list.Contact{Results: []string{string(m.Result)}}}}}, &list.Catalog{}, words.Translator{})); !strings.Contains(s, "“"+m.Name+"”") {
			t.Errorf("the result %q is called otherwise here: %s", m.Name, s)
		}
	}
	for _, c := range person.Channels() {
		ask(list.Contact{Channels: []string{string(c)}}, string(c))
		ask(list.Suppressed{Channels: []string{string(c)}}, string(c))
	}
	for _, k := range person.PhoneKinds() {
		ask(list.Phone{Kinds: []string{k}}, k)
	}
	for m := layout.MethodUnknown; m < layout.NotCounted; m++ {
		one := 1
		ask(list.Voted{Elections: []int64{1}, AtLeast: &one, Methods: []string{m.String()}}, m.String())
	}
	for _, r := range []layout.Race{layout.RaceAmericanIndian, layout.RaceAsian, layout.RaceAsianPacific, layout.RaceBlack, layout.RaceHispanic, layout.RacePacificIslander,
		layout.RaceWhite, layout.RaceMulti, layout.RaceOther} {
		ask(list.Is{Attr: list.Race, Values: []string{string(r)}}, string(r))
	}
	for _, e := range []layout.Ethnicity{layout.Hispanic, layout.NotHispanic} {
		ask(list.Is{Attr: list.Ethnicity, Values: []string{string(e)}}, string(e))
	}
	for _, s := range []layout.Status{layout.Active, layout.Inactive, layout.Removed, layout.Pending, layout.Preregistered, layout.StatusUnknown} {
		ask(list.Is{Attr: list.Status, Values: []string{s.String()}}, s.String())
	}
}
