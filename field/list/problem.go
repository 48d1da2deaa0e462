package list

import (
	_ "embed" // the Spanish
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish holds the Spanish of this package's sentences for people.
//
//go:embed es.json
var Spanish []byte

// Path leads to a step of a criteria or to a node in it.
type Path struct {
	Step  int   // from 0; -1 is the criteria as a whole
	Nodes []int // which child, from Where downwards; empty is Where itself
}

// String returns the path as numbers from 0: "2" is the third step or its Where, "2/0/1" the second child of the first child there; "" is the whole.
func (p Path) String() string {
	if p.Step < 0 {
		return ""
	}
	b := strconv.AppendInt(nil, int64(p.Step), 10)
	for _, n := range p.Nodes {
		b = strconv.AppendInt(append(b, '/'), int64(n), 10)
	}
	return string(b)
}

// child returns the path of the i-th child.
func (p Path) child(i int) Path {
	return Path{p.Step, append(p.Nodes[:len(p.Nodes):len(p.Nodes)], i)}
}

// Problem is one thing wrong with a criteria.
type Problem struct {
	Path  Path
	In    []Kind // what the nodes are that Path passes
	Saved string // the saved search that it is in, "" for the criteria itself
	Err   *fault.Error
}

// Sentence says the problem and its place in the reader's language: "Step 2, any of, condition 3: …".
func (p Problem) Sentence(t words.Translator) string {
	var b strings.Builder
	if p.Path.Step >= 0 {
		b.WriteString(t.T("Step %d", p.Path.Step+1))
		for _, s := range p.way(t) {
			b.WriteString(", " + s)
		}
		if p.Saved != "" {
			b.WriteString(", ")
		}
	}
	if p.Saved != "" {
		b.WriteString(t.T("in the saved search “%s”", p.Saved))
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	return b.String() + t.T(p.Err.Format, p.Err.Args...)
}

// Within says the problem and its place inside one condition that was written by itself: "any of, condition 3: …".
func (p Problem) Within(t words.Translator) string {
	said := t.T(p.Err.Format, p.Err.Args...)
	if way := p.way(t); len(way) > 0 {
		said = strings.Join(way, ", ") + ": " + said
	}
	return said
}

// way says through which conditions the path goes.
func (p Problem) way(t words.Translator) (all []string) {
	for i, n := range p.Path.Nodes {
		if i < len(p.In) {
			all = append(all, p.In[i].title(t))
		}
		all = append(all, t.T("condition %d", n+1))
	}
	return all
}

// title names the kinds that have children.
func (k Kind) title(t words.Translator) string {
	switch k {
	case KindAll:
		return t.T("all of")
	case KindAny:
		return t.T("any of")
	case KindNone:
		return t.T("none of")
	default:
		return t.T("lives with")
	}
}

// Problems are all that is wrong with a criteria, in its order.
type Problems []Problem

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

func (p Problems) or() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

const mostProblems = 50 // more help nobody

// place is where a walk through a criteria is, and what it found wrong.
type place struct {
	Path
	in    []Kind
	saved string
	found *Problems
}

func (p place) down(in Kind, i int) place {
	p.Path = p.child(i)
	p.in = append(p.in[:len(p.in):len(p.in)], in)
	return p
}

// wrong notes a problem here.
func (p place) wrong(err *fault.Error) {
	if len(*p.found) < mostProblems {
		*p.found = append(*p.found, Problem{Path: p.Path, In: p.in, Saved: p.saved, Err: err})
	}
}
