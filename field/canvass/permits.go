package canvass

import (
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
)

// The permits of canvassing.
const (
	PermitWalk     permit.Permit = "field.canvass.walk"
	PermitSee      permit.Permit = "field.canvass.see"
	PermitJudge    permit.Permit = "field.canvass.judge"
	PermitSettings permit.Permit = "field.canvass.settings"
)

// Permits describe them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitWalk, Sentence: "Take turf along on a phone and record what happens at the doors"},
	{Permit: PermitSee, Sentence: "See the canvass: who is out, what was tried, what came back"},
	{Permit: PermitJudge, Sentence: "Decide about recorded work that was set aside and about people met at doors, and shut phones out", Implies: []permit.Permit{PermitSee, contact.PermitRecord, codebook.PermitRecord, person.PermitNoteAdd, person.PermitCorrect, person.PermitSuppress}},
	{Permit: PermitSettings, Sentence: "Choose which results canvassers can record", Implies: []permit.Permit{PermitSee}},
}

// deviceMay is what the work of a phone may do. A person's role adds nothing to it, so that a phone that is lost opens nothing else.
var deviceMay = []permit.Permit{contact.PermitRecord, codebook.PermitRecord, person.PermitNoteAdd, person.PermitCorrect, person.PermitSuppress, person.PermitPhone, person.PermitEmail}

// guestRole is the role of somebody who came with a list number.
const guestRole = "canvasser"

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners", Permits: []permit.Permit{PermitWalk, PermitJudge, PermitSettings}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality", Permits: []permit.Permit{PermitWalk, PermitJudge, PermitSettings}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters", Permits: []permit.Permit{PermitWalk, PermitJudge, PermitSettings}},
	{Key: "volunteer", Name: "Volunteer", Purpose: "Helps for an afternoon: checks a registration, knocks, calls", Permits: []permit.Permit{PermitWalk}},
	{Key: guestRole, Name: "Canvasser", Purpose: "Walks turf with a phone and sees nothing else", Permits: []permit.Permit{PermitWalk}},
}

// The ledger kinds of canvassing.
const (
	KindJoin    ledger.Kind = "field.canvass.join"
	KindPacket  ledger.Kind = "field.canvass.packet"
	KindNear    ledger.Kind = "field.canvass.near"
	KindReturn  ledger.Kind = "field.canvass.return"
	KindMatch   ledger.Kind = "field.canvass.met.match"
	KindKeep    ledger.Kind = "field.canvass.met.keep"
	KindResults ledger.Kind = "field.canvass.results"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindJoin, Sentence: "Turf was given to a phone"},
	{Kind: KindPacket, Sentence: "A phone took a packet along"},
	{Kind: KindNear, Sentence: "A phone took the nearest free doors of a map"},
	{Kind: KindReturn, Sentence: "A phone gave doors back"},
	{Kind: KindMatch, Sentence: "It was found out who somebody met at a door is"},
	{Kind: KindKeep, Sentence: "Somebody met at a door was kept without a match"},
	{Kind: KindResults, Sentence: "The results that canvassers can record were chosen"},
}
