package liststore

import (
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/permit"
)

// The permits of lists. What a criteria may ask about besides is decided by the permits of profiles: who may not see a party may not count by it.
const (
	PermitCount permit.Permit = "field.list.count"
	PermitLook  permit.Permit = "field.list.look"
	PermitSave  permit.Permit = "field.list.save"
)

// Permits describes them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitCount, Sentence: "Describe people and count them, and open saved lists"},
	{Permit: PermitLook, Sentence: "See the people of a list by name", Implies: []permit.Permit{PermitCount, person.PermitLook}},
	{Permit: PermitSave, Sentence: "Save lists and searches", Implies: []permit.Permit{PermitCount}},
}

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners", Permits: []permit.Permit{PermitLook, PermitSave}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality", Permits: []permit.Permit{PermitLook, PermitSave}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters", Permits: []permit.Permit{PermitLook, PermitSave}},
}
