package scriptpage

import (
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/words"
)

// answerNames says an answer in all languages of the script, each name once.
func answerNames(s showView, x script.Step, a script.Value) string {
	var all []string
	for _, l := range s.content.Languages {
		if n := x.NameOf(s.phone.speak(l), a, l, s.cat); !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return strings.Join(all, " · ")
}

// yesRecords says what a yes to an ask does.
func yesRecords(t words.Translator, x script.Step, cat script.Catalogue) string {
	var code, event string
	for _, id := range x.Codes {
		code = cat.Codes[id].Name
	}
	if x.Event != 0 {
		event = cat.Events[x.Event].Name
	}
	switch {
	case code != "" && event != "":
		return t.T("A yes gives the code “%s” and signs up for “%s”.", code, event)
	case code != "":
		return t.T("A yes gives the code “%s”.", code)
	case event != "":
		return t.T("A yes signs up for “%s”.", event)
	}
	return ""
}

// addWord is the button that adds a step.
func addWord(t words.Translator, k script.Kind) string {
	switch k {
	case script.Say:
		return t.T("Add words to say")
	case script.Question:
		return t.T("Add a question")
	case script.Codes:
		return t.T("Add codes")
	case script.Ask:
		return t.T("Ask for help")
	}
	return t.T("Add a note box")
}

// partHint says what a part is for.
func partHint(t words.Translator, p script.Part) string {
	if p == script.Household {
		return t.T("Once for each door, whoever opens. What is recorded here is recorded for everybody of the list who lives there.")
	}
	return t.T("For each person of the list who lives there.")
}
