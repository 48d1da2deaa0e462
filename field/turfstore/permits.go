package turfstore

import (
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/turfpeople"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// The permits of turf.
const (
	PermitSee  permit.Permit = turfpeople.PermitSee
	PermitCut  permit.Permit = "field.turf.cut"
	PermitGive permit.Permit = "field.turf.give"
)

// Permits describes them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitSee, Sentence: "See maps, turfs and who walks them"},
	{Permit: PermitCut, Sentence: "Cut the doors of a list into turfs", Implies: []permit.Permit{PermitSee, liststore.PermitLook}},
	{Permit: PermitGive, Sentence: "Hand out turfs, recall them and print packets", Implies: []permit.Permit{PermitSee, liststore.PermitLook, org.PermitPeople}},
}

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners",
		Permits: []permit.Permit{PermitCut, PermitGive}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality",
		Permits: []permit.Permit{PermitCut, PermitGive}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters", Permits: []permit.Permit{PermitCut, PermitGive}},
}
