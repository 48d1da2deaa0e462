package export

import (
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// The permits of exports. What a file may hold besides is decided by the permits of profiles, column by column.
const (
	PermitMake    permit.Permit = "field.export.make"
	PermitApprove permit.Permit = "field.export.approve"
	PermitLimit   permit.Permit = "field.export.limit"
)

// Permits describes them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitMake, Sentence: "Export people of a list, up to the limit of the role", Implies: []permit.Permit{liststore.PermitCount, liststore.PermitLook}},
	{Permit: PermitApprove, Sentence: "Approve or refuse another person's export", Danger: true, Implies: []permit.Permit{liststore.PermitCount}},
	{Permit: PermitLimit, Sentence: "Set how many people each role may export without approval", Danger: true, Implies: []permit.Permit{org.PermitPeople}},
}

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners",
		Permits: []permit.Permit{PermitMake, PermitApprove, PermitLimit}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality",
		Permits: []permit.Permit{PermitMake, PermitApprove}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters", Permits: []permit.Permit{PermitMake}},
}
