package script

import (
	"strings"

	"github.com/openprecinct/precinct/internal/words"
)

// Title is what a step is called where others speak of it: the question's name, the names of its codes, or the first words that are said, in lang.
func (s Step) Title(lang string, languages []string, cat Catalogue) string {
	switch s.Kind {
	case Question:
		if q, ok := cat.Questions[s.Question]; ok {
			return q.Name
		}
	case Codes:
		var names []string
		for _, id := range s.Codes {
			if c, ok := cat.Codes[id]; ok {
				names = append(names, c.Name)
			}
		}
		if len(names) > 0 {
			return short(strings.Join(names, ", "), 60)
		}
	}
	if text := s.Text.In(lang, languages); text != "" {
		return short(text, 60)
	}
	return s.ID
}

// Title is what a kind of step is called.
func (k Kind) Title(t words.Translator) string {
	switch k {
	case Say:
		return t.T("Words to say")
	case Question:
		return t.T("Survey question")
	case Codes:
		return t.T("Activist codes")
	case Ask:
		return t.T("Asking for help")
	}
	return t.T("Box for a note")
}

// Title is what an answer to an ask is called; "" for ids.
func (v Value) Title(t words.Translator) string {
	switch v {
	case Yes:
		return t.T("Yes")
	case Maybe:
		return t.T("Maybe")
	case No:
		return t.T("No")
	}
	return ""
}

// NameOf returns how an answer to a step is said in a language: as the script has it, else as the codebook has it.
func (s Step) NameOf(t words.Translator, v Value, lang string, cat Catalogue) string {
	if own := s.Names[v][lang]; own != "" {
		return own
	}
	if word := v.Title(t); word != "" {
		return word
	}
	if s.Kind == Question {
		if r, ok := cat.Questions[s.Question].response(v); ok {
			return r.Name
		}
	}
	if id, ok := v.Number(); ok && cat.Codes[id].Name != "" && s.Kind == Codes {
		return cat.Codes[id].Name
	}
	return "?"
}

// Sentence says a condition in the reader's language: “Support” is Strong yes or Lean yes.
func (c Condition) Sentence(t words.Translator, content Content, cat Catalogue) string {
	on, _, _, ok := content.Step(c.Step)
	if !ok {
		return t.T("a step that is gone was answered")
	}
	var names []string
	for _, v := range c.Is {
		names = append(names, on.NameOf(t, v, string(t.Lang), cat))
	}
	return t.T("“%s” was answered: %s", on.Title(string(t.Lang), content.Languages, cat), joined(names, t.T("or")))
}

// Sentence says when the step is shown; "" when always.
func (s Step) Sentence(t words.Translator, content Content, cat Catalogue) string {
	var all []string
	for _, c := range s.When {
		all = append(all, c.Sentence(t, content, cat))
	}
	if len(all) == 0 {
		return ""
	}
	return t.T("Shown only if %s", joined(all, t.T("and")))
}

func joined(all []string, word string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " " + word + " " + all[len(all)-1]
}
