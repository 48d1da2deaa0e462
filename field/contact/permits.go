package contact

import (
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
)

// The permits of this package.
const (
	PermitSee    permit.Permit = "field.contact.see"
	PermitRecord permit.Permit = "field.contact.record"
)

// Permits describes them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitSee, Sentence: "See when and how your organization tried to reach a person"},
	{Permit: PermitRecord, Sentence: "Record an attempt to reach a person", Implies: []permit.Permit{PermitSee}},
}

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners", Permits: []permit.Permit{PermitRecord}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality", Permits: []permit.Permit{PermitRecord}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters", Permits: []permit.Permit{PermitRecord}},
	{Key: "volunteer", Name: "Volunteer", Purpose: "Helps for an afternoon: checks a registration, knocks, calls", Permits: []permit.Permit{PermitRecord}},
}

// The ledger kinds of attempts.
const (
	KindRecord   ledger.Kind = "field.contact.record"
	KindWithdraw ledger.Kind = "field.contact.withdraw"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindRecord, Sentence: "Attempts to reach people were recorded"},
	{Kind: KindWithdraw, Sentence: "Attempts to reach people were taken back"},
}
