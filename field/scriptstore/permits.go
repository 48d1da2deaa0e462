package scriptstore

import (
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/internal/permit"
)

// The permits of this package.
const (
	PermitSee   permit.Permit = "field.script.see"
	PermitWrite permit.Permit = "field.script.write"
	PermitShare permit.Permit = "field.script.share"
)

// Permits describes them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitSee, Sentence: "See scripts and their versions", Implies: []permit.Permit{codebook.PermitSee}},
	{Permit: PermitWrite, Sentence: "Write scripts and publish their versions", Implies: []permit.Permit{PermitSee}},
	{Permit: PermitShare, Sentence: "Share a script with every organization on the site", Implies: []permit.Permit{PermitWrite}},
}

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners", Permits: []permit.Permit{PermitShare}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality", Permits: []permit.Permit{PermitShare}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters", Permits: []permit.Permit{PermitWrite}},
}
