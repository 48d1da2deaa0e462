// Package upload takes what organisations know about people in from their files: codes, answers, scores, phone numbers, attempts.
//
// A row names its person by the state's voter id or by this site's person id. Every row is tried before anything is written; what is wrong is said row by
// row; then everything that fits is written in one transaction, or nothing. The same file loaded twice leaves what it left the first time.
package upload

import (
	_ "embed"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Kind says what the rows of a file are.
type Kind string

// The kinds.
const (
	Codes        Kind = "code"
	Tags         Kind = "tag"
	Answers      Kind = "answer"
	Scores       Kind = "score"
	Customs      Kind = "custom"
	Targets      Kind = "target"
	Signups      Kind = "signup"
	Phones       Kind = "phone"
	Emails       Kind = "email"
	Contacts     Kind = "contact"
	Suppressions Kind = "suppression"
)

// Sort is one kind of file as people choose it.
type Sort struct {
	Kind       Kind
	Name       string        // "Answers to a survey question"
	Definition codebook.Kind // of what the file is chosen for, "" for none
	Permit     permit.Permit // needed besides PermitLoad
}

// Sorts returns all kinds in the order to show them.
func Sorts() []Sort {
	return []Sort{
		{Answers, "Answers to a survey question", codebook.Question, codebook.PermitRecord},
		{Codes, "People with an activist code", codebook.Code, codebook.PermitRecord},
		{Tags, "People with a tag", codebook.Tag, codebook.PermitRecord},
		{Scores, "Scores", codebook.Score, codebook.PermitRecord},
		{Customs, "Values of a custom field", codebook.Custom, codebook.PermitRecord},
		{Targets, "People of a vote target", codebook.Target, codebook.PermitRecord},
		{Signups, "Sign-ups for an event", codebook.Event, codebook.PermitRecord},
		{Phones, "Phone numbers", "", person.PermitPhoneAdd},
		{Emails, "Email addresses", "", person.PermitEmailAdd},
		{Contacts, "Attempts to reach people", "", contact.PermitRecord},
		{Suppressions, "People not to be reached", "", person.PermitSuppress},
	}
}

// SortOf returns the sort of a kind.
func SortOf(k Kind) (Sort, bool) {
	all := Sorts()
	i := slices.IndexFunc(all, func(s Sort) bool { return s.Kind == k })
	if i < 0 {
		return Sort{}, false
	}
	return all[i], true
}

// What is what a file is loaded as.
type What struct {
	Kind   Kind
	File   voterfile.FileID // whose voter ids the rows hold
	Object codebook.ID      // the code, question, score … of kinds that have a definition
	Remove bool             // of codes and tags: take it from these people instead

	// Of scores.
	Whole     bool   // people of the voter file who are not in it lose their value
	Average   string // what it should be, in the score's unit; "" not said
	Tolerance string
}

// PermitLoad is the permit to load files at all.
const PermitLoad permit.Permit = "field.upload.load"

// Permits describes it.
var Permits = []permit.Def{{Permit: PermitLoad, Sentence: "Load codes, answers, scores, phone numbers and the like from a file", Implies: []permit.Permit{codebook.PermitSee}}}

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners", Permits: []permit.Permit{PermitLoad}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality", Permits: []permit.Permit{PermitLoad}},
}

// The ledger kinds of what this package writes itself.
const (
	KindPhones       ledger.Kind = "field.upload.phone"
	KindEmails       ledger.Kind = "field.upload.email"
	KindSuppressions ledger.Kind = "field.upload.suppression"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindPhones, Sentence: "Phone numbers were loaded from a file"},
	{Kind: KindEmails, Sentence: "Email addresses were loaded from a file"},
	{Kind: KindSuppressions, Sentence: "People not to be reached were loaded from a file"},
}

// Store loads files into a site.
type Store struct {
	DB       *db.DB
	Blobs    *blob.Store // where files wait between choosing and loading
	Codebook *codebook.Store
	Contacts *contact.Store
	Now      func() time.Time // nil: time.Now
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}
