// Package codebook is what an organisation defines to record what it learns about people, and what it recorded.
//
// Activist codes, tags, survey questions, scores, custom fields, vote targets and events are definitions: each belongs to one organisation, has names
// for the page, the phone and the grid, and is seen by the other organisations of the site when it is shared. What is recorded with them belongs to the
// organisation whose person wrote it down. Nothing that was used is ever deleted: it is archived.
package codebook

import (
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Kind is a kind of definition, named as its table and its permits are.
type Kind string

// The kinds.
const (
	Code     Kind = "code"
	Tag      Kind = "tag"
	Question Kind = "question"
	Score    Kind = "score"
	Custom   Kind = "custom"
	Target   Kind = "target"
	Event    Kind = "event"
)

// Kinds returns all kinds in the order to show them.
func AllKinds() []Kind { return []Kind{Question, Code, Tag, Score, Custom, Target, Event} }

// ParseKind returns the kind named s.
func ParseKind(s string) (Kind, bool) { return Kind(s), slices.Contains(AllKinds(), Kind(s)) }

// ID names one definition among those of its kind.
type ID int64

// Object returns the definition's name in the ledger.
func (k Kind) Object(id ID) string { return fmt.Sprintf("field_%s/%d", k, int64(id)) }

// Status says whether a definition may be used.
type Status string

// The statuses.
const (
	Active   Status = "active"   // offered everywhere
	Inactive Status = "inactive" // kept and counted, no longer offered for new records
	Archived Status = "archived" // out of sight, kept
)

// StatusWord says whether something may be used, in the reader's language. Scripts have the same statuses.
func StatusWord(t words.Translator, s Status) string {
	switch s {
	case Active:
		return t.T("In use")
	case Inactive:
		return t.T("Not offered any more")
	}
	return t.T("Archived")
}

// Definition is one code, tag, question, score, custom field, target or event.
type Definition struct {
	Kind    Kind      `db:"-"`
	ID      ID        `db:"id"`
	Org     int64     `db:"org_id"`
	OrgName string    `db:"org_name"`
	Name    string    `db:"name"`
	Medium  string    `db:"medium_name"` // up to 20 letters: the grid; of codes, questions and scores
	Short   string    `db:"short_name"`  // up to 5 letters: a printed sheet; of the same
	Purpose string    `db:"purpose"`     // what it is for; of a question what is asked
	Cycle   int       `db:"cycle"`       // year, 0 for every year; of codes and questions
	Status  Status    `db:"status"`
	Shared  bool      `db:"shared"`
	Made    time.Time `db:"created_at"`
	Changed time.Time `db:"changed_at"`

	Decimals int       `db:"decimals"`  // of a score: values are whole numbers of 10^-Decimals
	Min      int64     `db:"min_value"` // of a score, in those
	Max      int64     `db:"max_value"`
	Type     Type      `db:"type"`      // of a custom field
	Choices  []string  `db:"-"`         // of a custom field of that type
	Starts   time.Time `db:"starts_at"` // of an event
	Parts    []Part    `db:"-"`         // of a question its responses, of a target its groups, in order
}

// Part is one response of a question or one group of a target.
type Part struct {
	ID     ID     `db:"id"`
	Of     ID     `db:"part_of"`
	Name   string `db:"name"`
	Medium string `db:"medium_name"` // of a response
	Short  string `db:"short_name"`  // of a response
	Points int64  `db:"points"`      // of a group
	Active bool   `db:"active"`      // of a response: may still be given
}

// Type is what a custom field holds.
type Type string

// The types.
const (
	Text   Type = "text"
	Choice Type = "choice"
	Number Type = "number" // whole
	Date   Type = "date"   // yyyymmdd
)

// Types returns all types in the order to show them.
func Types() []Type { return []Type{Text, Choice, Number, Date} }

// Store keeps the codebooks of a site.
type Store struct {
	DB  *db.DB
	Now func() time.Time // nil: time.Now

	counts counts
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}
