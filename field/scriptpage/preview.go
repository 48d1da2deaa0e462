package scriptpage

import (
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// preview is a script on a phone, as far as somebody has answered it.
type preview struct {
	content script.Content
	cat     script.Catalogue
	lang    string
	answers script.Answers
	said    words.Translator // speaks lang
	button  string           // the name that the buttons are sent under
	names   script.Names
	speak   func(lang string) words.Translator
}

const longestAnswers = 2000

// newPreview shows content with the state that the address or the form carries.
func (p pages) newPreview(v *web.Visit, c script.Content, cat script.Catalogue, button string) preview {
	s := preview{content: c, cat: cat, lang: v.Value("say"), answers: readAnswers(v.Value("a")), button: button,
		names: script.Names{First: "Rosa Elena", Last: "Aguilar", Canvasser: v.Session.Name}, speak: p.in}
	if !slices.Contains(c.Languages, s.lang) {
		s.lang = c.Languages[0]
		if slices.Contains(c.Languages, string(v.T.Lang)) {
			s.lang = string(v.T.Lang)
		}
	}
	s.said = p.in(s.lang)
	return s
}

// press does what a button of the preview asks for: "say:es" or "try:s1:101".
func (s *preview) press(do string) {
	what, rest, _ := strings.Cut(do, ":")
	switch what {
	case "say":
		if slices.Contains(s.content.Languages, rest) {
			s.lang, s.said = rest, s.speak(rest)
		}
	case "try":
		step, value, _ := strings.Cut(rest, ":")
		s.toggle(step, script.Value(value))
	case "again":
		s.answers = script.Answers{}
	}
}

// toggle gives an answer, or takes it back when it was given. Of codes any can stand together.
func (s *preview) toggle(step string, value script.Value) {
	on, _, _, ok := s.content.Step(step)
	if !ok || value == "" {
		return
	}
	was := s.answers[step]
	switch {
	case slices.Contains(was, value):
		s.answers[step] = slices.DeleteFunc(slices.Clone(was), func(x script.Value) bool { return x == value })
	case on.Kind == script.Codes:
		s.answers[step] = append(slices.Clone(was), value)
	default:
		s.answers[step] = []script.Value{value}
	}
}

// readAnswers reads "s1:101,s2:34,s2:35"; what does not read so is left out.
func readAnswers(written string) script.Answers {
	a := script.Answers{}
	if len(written) > longestAnswers {
		return a
	}
	for one := range strings.SplitSeq(written, ",") {
		if step, value, ok := strings.Cut(one, ":"); ok && step != "" && value != "" {
			a[step] = append(a[step], script.Value(value))
		}
	}
	return a
}

// written returns the answers as readAnswers reads them, of steps that there are, in their order.
func (s preview) written() string {
	var all []string
	for _, p := range script.Parts() {
		for _, x := range s.content.Steps(p) {
			for _, v := range s.answers[x.ID] {
				all = append(all, x.ID+":"+string(v))
			}
		}
	}
	return strings.Join(all, ",")
}

func (s preview) given(step string, v script.Value) bool { return slices.Contains(s.answers[step], v) }

// text returns what a step says and in which language that is.
func (s preview) text(x script.Step) (text, lang string) {
	for _, l := range append([]string{s.lang}, s.content.Languages...) {
		if t := x.Text[l]; t != "" {
			return script.Fill(t, s.names), l
		}
	}
	if x.Kind == script.Question {
		return s.cat.Questions[x.Question].Asked, s.content.Languages[0]
	}
	return "", s.lang
}

// values returns what can be answered to a step.
func (s preview) values(x script.Step) []script.Value {
	var all []script.Value
	switch x.Kind {
	case script.Question:
		for _, r := range s.cat.Questions[x.Question].Responses {
			if r.Active {
				all = append(all, script.ID(r.ID))
			}
		}
	case script.Codes:
		for _, id := range x.Codes {
			if _, ok := s.cat.Codes[id]; ok {
				all = append(all, script.ID(id))
			}
		}
	case script.Ask:
		all = script.AskValues()
	}
	return all
}

func (s preview) name(x script.Step, v script.Value) string {
	return x.NameOf(s.said, v, s.lang, s.cat)
}

// hiddenSteps counts the steps that these answers hide.
func (s preview) hiddenSteps() int64 {
	n := len(s.content.Household) + len(s.content.Person)
	for _, p := range script.Parts() {
		n -= len(script.Visible(s.content, p, s.answers))
	}
	return int64(n)
}
