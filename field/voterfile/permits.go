package voterfile

import (
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// The permits of voter files.
const (
	PermitSee    permit.Permit = "field.voterfile.see"
	PermitImport permit.Permit = "field.voterfile.import"
	PermitEdit   permit.Permit = "field.voterfile.edit"
	PermitShare  permit.Permit = "field.voterfile.share"
	PermitRaw    permit.Permit = "field.voterfile.raw"
)

// Permits describes them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitSee, Sentence: "See voter files and how their imports went"},
	{Permit: PermitImport, Sentence: "Import a voter file", Danger: true, Implies: []permit.Permit{PermitSee}},
	{Permit: PermitEdit, Sentence: "Change what a voter file may be used for and when a load stops", Danger: true, Implies: []permit.Permit{PermitSee}},
	{Permit: PermitShare, Sentence: "Share a voter file with a partner organization", Danger: true, Implies: []permit.Permit{PermitSee, org.PermitPeople}},
	{Permit: PermitRaw, Sentence: "See a voter's row as the state wrote it", Implies: []permit.Permit{PermitSee}},
}
