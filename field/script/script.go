// Package script is what is said and asked at a door or on the phone: its steps, which of them are shown after which answers, and what a phone takes along.
//
// A script has two parts: one for the household as a whole, one for each person of the list who lives there. Steps stand in order and may be shown only after
// certain answers; they look back only, so a script can be read from top to bottom. A Content is the form that is kept (docs in Parse); a Resolved is the same with
// everything a phone needs to show it.
package script

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Version is the version of the form that this package writes and the highest that it reads.
const Version = 1

// Content is one script. Steps and conditions keep the order in which they were written.
type Content struct {
	Version   int      // 1
	Languages []string // codes as in BCP 47 ("en", "es"), the first is the one everything is said in; 1 to 6 of them
	Household []Step   // shown once for a door, before its people
	Person    []Step   // shown for each person
}

// Part names one of the two parts of a script.
type Part string

// The parts.
const (
	Household Part = "household"
	Person    Part = "person"
)

// Parts returns both in the order in which they are walked through.
func Parts() []Part { return []Part{Household, Person} }

// Steps returns the steps of one part.
func (c Content) Steps(p Part) []Step {
	if p == Household {
		return c.Household
	}
	return c.Person
}

// SetSteps makes steps those of one part.
func (c *Content) SetSteps(p Part, steps []Step) {
	if p == Household {
		c.Household = steps
	} else {
		c.Person = steps
	}
}

// Kind is what a step is for.
type Kind string

// The kinds.
const (
	Say      Kind = "say"      // words to say
	Question Kind = "question" // a survey question with one response
	Codes    Kind = "codes"    // activist codes, each given or not
	Ask      Kind = "ask"      // asks for help, answered yes, maybe or no: a code on yes, or a place at an event
	Note     Kind = "note"     // a box to write into
)

// Kinds returns all kinds in the order to offer them.
func Kinds() []Kind { return []Kind{Say, Question, Codes, Ask, Note} }

// Answered reports whether later steps can depend on a step of this kind.
func (k Kind) Answered() bool { return k == Question || k == Codes || k == Ask }

// Step is one thing to say, ask or write down.
type Step struct {
	ID       string         // "s1": unique in both parts; stays with the step when it is moved
	Kind     Kind           //
	Text     Text           // what is said; of a question "" means that the codebook's own words are used
	Question int64          // of a question: its id in the codebook; 0 while none is chosen
	Codes    []int64        // of codes: ids of activist codes in order; of ask: at most one, given on yes
	Event    int64          // of ask: a yes signs up for this event; 0 for none
	Names    map[Value]Text // of question and codes: how responses and codes are said, where not as the codebook has it
	When     []Condition    // all must hold for the step to be shown
}

// Condition holds when the step was shown and answered with one of Is.
type Condition struct {
	Step string
	Is   []Value
}

// Value is one answer to a step: a response's or a code's id in decimal, or one of Yes, Maybe and No. In JSON ids are numbers.
type Value string

// The answers to an ask.
const (
	Yes   Value = "yes"
	Maybe Value = "maybe"
	No    Value = "no"
)

// AskValues returns the answers to an ask in the order to show them.
func AskValues() []Value { return []Value{Yes, Maybe, No} }

// Text is one text in several languages, by their codes.
type Text map[string]string

// In returns the text in a language, and where it is missing in the first of languages that has it; "" when none has.
func (t Text) In(lang string, languages []string) string {
	if s := t[lang]; s != "" {
		return s
	}
	for _, l := range languages {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}

// Step returns the step with the id, its part and its place there from 0; false when there is none.
func (c Content) Step(id string) (Step, Part, int, bool) {
	for _, p := range Parts() {
		if i := slices.IndexFunc(c.Steps(p), func(s Step) bool { return s.ID == id }); i >= 0 {
			return c.Steps(p)[i], p, i, true
		}
	}
	return Step{}, "", 0, false
}

// Before returns the steps that a step at place at of the part may look back at: answered ones, household first.
func (c Content) Before(p Part, at int) []Step {
	all := c.Steps(p)[:min(at, len(c.Steps(p)))]
	if p == Person {
		all = slices.Concat(c.Household, all)
	}
	return slices.DeleteFunc(slices.Clone(all), func(s Step) bool { return !s.Kind.Answered() })
}

// The placeholders of texts.
const (
	First     = "{first}"     // the person's first name; in the person part only
	Last      = "{last}"      // the person's last name; in the person part only
	Canvasser = "{canvasser}" // who speaks
)

// Names fill the placeholders of a text.
type Names struct{ First, Last, Canvasser string }

// Fill returns the text with its placeholders filled.
func Fill(text string, n Names) string {
	return strings.NewReplacer(First, n.First, Last, n.Last, Canvasser, n.Canvasser).Replace(text)
}

// Catalogue is what a script may ask with: the codebook of one organisation, by id, archived definitions too.
type Catalogue struct {
	Questions map[int64]Survey
	Codes     map[int64]Named
	Events    map[int64]Named
}

// Named is a definition with its name; one that is not Active is no longer offered.
type Named struct {
	Name   string
	Active bool
}

// Survey is a survey question with its responses in order.
type Survey struct {
	Named
	Asked     string // the codebook's words for it, in one language
	Responses []Response
}

// Response is one response of a question.
type Response struct {
	ID int64
	Named
}

// response returns the response that a value names.
func (q Survey) response(v Value) (Response, bool) {
	i := slices.IndexFunc(q.Responses, func(r Response) bool { return ID(r.ID) == v })
	if i < 0 {
		return Response{}, false
	}
	return q.Responses[i], true
}

// short returns at most n letters of the first line of s.
func short(s string, n int) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimSpace(string(r[:n-1])) + "…"
}
