package script

import (
	_ "embed" // the Spanish
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish holds the Spanish of this package's sentences for people.
//
//go:embed es.json
var Spanish []byte

// Problem is one thing wrong with a script, or, when it is a Warning, one thing that somebody should look at and may leave.
type Problem struct {
	Part    Part   // "" is the script as a whole
	Step    int    // place in the part from 0; -1 is the part as a whole
	Warning bool   //
	About   string // which of the step's settings: text, question, codes, event, when; "" is the step
	Err     *fault.Error
}

// Sentence says the problem and its place in the reader's language: "Each person, step 2: …".
func (p Problem) Sentence(t words.Translator) string {
	said := t.T(p.Err.Format, p.Err.Args...)
	switch {
	case p.Part == "":
		return said
	case p.Step < 0:
		return p.Part.Title(t) + ": " + said
	}
	return p.Part.Title(t) + ", " + t.T("step %d", p.Step+1) + ": " + said
}

// Title is what a part is called.
func (p Part) Title(t words.Translator) string {
	if p == Household {
		return t.T("Household")
	}
	return t.T("Each person")
}

// Problems are all that is wrong with a script, in its order.
type Problems []Problem

const mostProblems = 50 // more help nobody

// Error says the problems in English, one a line.
func (p Problems) Error() string {
	all := make([]string, len(p))
	for i, x := range p {
		all[i] = x.Sentence(words.Translator{})
	}
	return strings.Join(all, "\n")
}

// Unwrap returns the faults, so that fault.KindOf knows what they are.
func (p Problems) Unwrap() []error {
	all := make([]error, len(p))
	for i, x := range p {
		all[i] = x.Err
	}
	return all
}

// Errors returns those that keep a script from being used.
func (p Problems) Errors() Problems { return p.which(false) }

// Warnings returns those that may stay.
func (p Problems) Warnings() Problems { return p.which(true) }

func (p Problems) which(warning bool) Problems {
	var all Problems
	for _, x := range p {
		if x.Warning == warning {
			all = append(all, x)
		}
	}
	return all
}

// Of returns the problems of one step.
func (p Problems) Of(part Part, step int) Problems {
	var all Problems
	for _, x := range p {
		if x.Part == part && x.Step == step {
			all = append(all, x)
		}
	}
	return all
}
