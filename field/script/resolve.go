package script

// Resolved is a script as a phone takes it along: nothing needs to be looked up to show it. Its JSON is part of the packet's form.
type Resolved struct {
	Version   int            `json:"v"`
	Languages []string       `json:"languages"`
	Household []ResolvedStep `json:"household"`
	Person    []ResolvedStep `json:"person"`
}

// ResolvedStep is one step with all that can be answered to it.
type ResolvedStep struct {
	ID        string              `json:"id"`
	Kind      Kind                `json:"kind"`
	Text      Text                `json:"text,omitempty"`
	Question  int64               `json:"question,omitempty"`
	Codes     []int64             `json:"codes,omitempty"`
	Event     int64               `json:"event,omitempty"`
	When      []ResolvedCondition `json:"when,omitempty"`
	Responses []Choice            `json:"responses,omitempty"` // of question, those still offered
	Marks     []Choice            `json:"marks,omitempty"`     // of codes
}

// ResolvedCondition is a condition as a phone reads it.
type ResolvedCondition struct {
	Step string  `json:"step"`
	Is   []Value `json:"is"`
}

// Choice is one response or code and how it is said, by language.
type Choice struct {
	ID   int64 `json:"id"`
	Text Text  `json:"text"`
}

// Resolve makes a script ready for a phone, and returns the ids of steps that it left out because what they ask with is gone since the script was written. What
// hangs on them stays hidden. Texts in languages the script no longer names are left out.
func Resolve(c Content, cat Catalogue) (Resolved, []string) {
	r := Resolved{Version: Version, Languages: c.Languages}
	var left []string
	for _, p := range Parts() {
		all := []ResolvedStep{}
		for _, s := range c.Steps(p) {
			if x, ok := resolve(s, c.Languages, cat); ok {
				all = append(all, x)
			} else {
				left = append(left, s.ID)
			}
		}
		if p == Household {
			r.Household = all
		} else {
			r.Person = all
		}
	}
	return r, left
}

func resolve(s Step, languages []string, cat Catalogue) (ResolvedStep, bool) {
	x := ResolvedStep{ID: s.ID, Kind: s.Kind, Text: s.Text.only(languages), Question: s.Question, Event: s.Event}
	for _, c := range s.When {
		x.When = append(x.When, ResolvedCondition(c))
	}
	switch s.Kind {
	case Question:
		q, ok := cat.Questions[s.Question]
		if !ok {
			return x, false
		}
		if len(x.Text) == 0 && q.Asked != "" {
			x.Text = Text{languages[0]: q.Asked}
		}
		for _, r := range q.Responses {
			if r.Active {
				x.Responses = append(x.Responses, s.choice(r.ID, r.Name, languages))
			}
		}
		return x, len(x.Responses) > 0
	case Codes, Ask:
		for _, id := range s.Codes {
			code, ok := cat.Codes[id]
			if !ok {
				continue
			}
			x.Codes = append(x.Codes, id)
			if s.Kind == Codes {
				x.Marks = append(x.Marks, s.choice(id, code.Name, languages))
			}
		}
		if _, ok := cat.Events[s.Event]; !ok {
			x.Event = 0
		}
		return x, len(x.Codes) > 0 || x.Event != 0
	}
	return x, true
}

func (s Step) choice(id int64, name string, languages []string) Choice {
	t := s.Names[ID(id)].only(languages)
	if t == nil {
		t = Text{}
	}
	if t[languages[0]] == "" {
		t[languages[0]] = name
	}
	return Choice{ID: id, Text: t}
}

// only returns a copy with nothing but the languages.
func (t Text) only(languages []string) Text {
	kept := Text{}
	for _, l := range languages {
		if t[l] != "" {
			kept[l] = t[l]
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}
