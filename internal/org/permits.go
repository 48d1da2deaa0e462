package org

import "github.com/openprecinct/precinct/internal/permit"

// The permits of organisations.
const (
	PermitPeople  permit.Permit = "org.person.list"
	PermitInvite  permit.Permit = "org.invite"
	PermitChange  permit.Permit = "org.role.change"
	PermitEnd     permit.Permit = "org.access.end"
	PermitRole    permit.Permit = "org.role.make"
	PermitGroup   permit.Permit = "org.group.edit"
	PermitFolder  permit.Permit = "org.folder.edit"
	PermitAudit   permit.Permit = "org.audit"
	PermitPartner permit.Permit = "org.partner.edit"
	PermitDisable permit.Permit = "org.account.disable"
)

// Permits describes them. All that give rights away need a fresh second factor; taking rights away is
// one click, because it is the thing to do in a hurry.
var Permits = []permit.Def{
	{Permit: PermitPeople, Sentence: "See the people of the organization and their roles"},
	{Permit: PermitInvite, Sentence: "Invite a person into the organization", Danger: true, Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitChange, Sentence: "Change a person's role or its end", Danger: true, Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitEnd, Sentence: "End a person's access", Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitRole, Sentence: "Make roles of the organization's own", Danger: true, Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitGroup, Sentence: "Make user groups", Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitFolder, Sentence: "Make folders and share them", Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitAudit, Sentence: "See the user audit: who has what, and who has not been here", Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitPartner, Sentence: "Add a partner organization and end its access", Danger: true, Implies: []permit.Permit{PermitPeople}},
	{Permit: PermitDisable, Sentence: "Disable an account on the whole site", Danger: true, Implies: []permit.Permit{PermitPeople}},
}

// Administrator is the key of the role that looks after people. Programs add their permits to it under the same key.
const Administrator = "administrator"

// Roles is what the ground gives; New joins roles of the same key.
var Roles = []permit.Role{
	{Key: Administrator, Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners",
		Permits: []permit.Permit{PermitPeople, PermitInvite, PermitChange, PermitEnd, PermitRole, PermitGroup, PermitFolder, PermitAudit, PermitPartner, PermitDisable}},
	{Key: "member", Name: "Member", Purpose: "Belongs to the organization and sees its people, nothing else",
		Permits: []permit.Permit{PermitPeople}},
}
