package voterfile

import (
	"github.com/openprecinct/precinct/internal/fault"
)

// Duplicates says which of several rows with one voter id goes in.
type Duplicates string

// What can become of rows with one voter id.
const (
	KeepStanding Duplicates = ""      // the registration that stands, of these the latest, of these the first in the files
	KeepFirst    Duplicates = "first" // the first in the files
	KeepLast     Duplicates = "last"  // the last in the files
	KeepNone     Duplicates = "none"  // all of them are left out; whoever is here under the id counts as missing from the file
)

// ParseDuplicates returns the rule named s, or an Invalid fault.
func ParseDuplicates(s string) (Duplicates, error) {
	switch d := Duplicates(s); d {
	case KeepStanding, KeepFirst, KeepLast, KeepNone:
		return d, nil
	}
	return "", fault.Invalidf("%q says nothing about rows with one voter id. Say first, last or none.", s)
}

// Choices are what a person has decided about the rows of an import. The rehearsal reads by them and keeps them in its report, and the load
// does what the rehearsal did.
type Choices struct {
	Duplicates Duplicates            `json:"duplicates,omitempty"` // for every id that several rows have
	ByID       map[string]Duplicates `json:"byId,omitempty"`       // for some of them something else, by the state's id
}

// choicesMost bounds Choices.ByID: more than this is a broken file, not a row to look at.
const choicesMost = 1000

func (c Choices) check() error {
	if len(c.ByID) > choicesMost {
		return fault.Invalidf("These are choices for more than %d voter ids. Choose for all of them at once.", choicesMost)
	}
	if _, err := ParseDuplicates(string(c.Duplicates)); err != nil {
		return err
	}
	for _, d := range c.ByID {
		if _, err := ParseDuplicates(string(d)); err != nil {
			return err
		}
	}
	return nil
}

// of returns the rule for one id.
func (c Choices) of(id []byte) Duplicates {
	if d, ok := c.ByID[string(id)]; ok {
		return d
	}
	return c.Duplicates
}

// better reports whether the row a goes in rather than b.
func (d Duplicates) better(a, b glance) bool {
	switch d {
	case KeepFirst:
		return a.before(b)
	case KeepLast:
		return b.before(a)
	default:
		return better(a, b)
	}
}

// before reports whether g stands before o in the files.
func (g glance) before(o glance) bool {
	if g.file != o.file {
		return g.file < o.file
	}
	return g.line < o.line
}

const (
	saidDuplicate = "Line %d has the voter id %q, which line %d of %s has too. The row is left out."
	saidNone      = "Line %d has the voter id %q, which other rows have too. All of them are left out, as was chosen."
)

// Duplicate reports whether the row was left out because other rows have its voter id, which is then its Value: a person can choose
// another of the rows.
func (r Refusal) Duplicate() bool { return r.Why.Format == saidDuplicate || r.Why.Format == saidNone }

// duplicate notes a row whose id another row has too. It is called by the goroutine that assembles, after all reading.
func (r *reading) duplicate(id string, kept, left glance) {
	r.leave(id, left, Sentence{Format: saidDuplicate, Args: Args{left.line, id, kept.line, r.files[kept.file].Name}})
}

// leaveNone notes a row that is left out with all others of its id.
func (r *reading) leaveNone(id string, left glance) {
	r.leave(id, left, Sentence{Format: saidNone, Args: Args{left.line, id}})
}

func (r *reading) leave(id string, left glance, why Sentence) {
	r.counts.Refused++
	r.refusals = append(r.refusals, Refusal{File: r.files[left.file].Name, Line: left.line, Value: id, Refused: true, file: left.file, Why: why})
	if len(r.refusals) >= 2*keptRefusals {
		r.trimRefusals()
	}
}
