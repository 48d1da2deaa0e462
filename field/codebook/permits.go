package codebook

import "github.com/openprecinct/precinct/internal/permit"

// The permits of this package.
const (
	PermitSee     permit.Permit = "field.codebook.see"
	PermitDefine  permit.Permit = "field.codebook.define"
	PermitShare   permit.Permit = "field.codebook.share"
	PermitRecord  permit.Permit = "field.codebook.record"
	PermitApprove permit.Permit = "field.codebook.approve"
)

// Permits describes them for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitSee, Sentence: "See questions, codes, tags, scores and other definitions, and what was recorded with them"},
	{Permit: PermitDefine, Sentence: "Make and change questions, codes, tags, scores and other definitions", Implies: []permit.Permit{PermitSee}},
	{Permit: PermitShare, Sentence: "Share a definition, and all that is recorded with it, with every organization on the site", Danger: true, Implies: []permit.Permit{PermitDefine}},
	{Permit: PermitRecord, Sentence: "Record answers, codes, tags and sign-ups of a person", Implies: []permit.Permit{PermitSee}},
	{Permit: PermitApprove, Sentence: "Approve or refuse a file of scores that another person loaded", Implies: []permit.Permit{PermitSee}},
}

// Roles are what this package adds to the roles of the program.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners",
		Permits: []permit.Permit{PermitShare, PermitRecord, PermitApprove}},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality",
		Permits: []permit.Permit{PermitShare, PermitRecord, PermitApprove}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters",
		Permits: []permit.Permit{PermitDefine, PermitRecord}},
	{Key: "volunteer", Name: "Volunteer", Purpose: "Helps for an afternoon: checks a registration, knocks, calls",
		Permits: []permit.Permit{PermitRecord}},
}
