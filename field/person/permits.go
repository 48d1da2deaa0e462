package person

import "github.com/openprecinct/precinct/internal/permit"

// The permits of this package. Reading is cut finely: each allows one kind of fact on a profile.
const (
	PermitFind         permit.Permit = "field.person.find"
	PermitBrowse       permit.Permit = "field.person.browse"
	PermitLook         permit.Permit = "field.person.look"
	PermitLooks        permit.Permit = "field.person.looks"
	PermitBirth        permit.Permit = "field.person.birth"
	PermitDemographic  permit.Permit = "field.person.demographic"
	PermitVote         permit.Permit = "field.person.vote"
	PermitHousehold    permit.Permit = "field.person.household"
	PermitPhone        permit.Permit = "field.person.phone"
	PermitPhoneAdd     permit.Permit = "field.person.phone.add"
	PermitEmail        permit.Permit = "field.person.email"
	PermitEmailAdd     permit.Permit = "field.person.email.add"
	PermitNote         permit.Permit = "field.person.note"
	PermitNoteAdd      permit.Permit = "field.person.note.add"
	PermitCorrect      permit.Permit = "field.correction.make"
	PermitJudge        permit.Permit = "field.correction.judge"
	PermitSuppress     permit.Permit = "field.person.suppress"
	PermitDropped      permit.Permit = "field.person.dropped"
	PermitMinor        permit.Permit = "field.person.minor"
	PermitConfidential permit.Permit = "field.person.confidential"
)

// Permits are the permits of this package with their sentences.
var Permits = []permit.Def{
	{Permit: PermitFind, Sentence: "Look up a person by full name, address or voter id"},
	{Permit: PermitBrowse, Sentence: "Look up with one name alone, a street, or the beginning of a voter id", Implies: []permit.Permit{PermitFind}},
	{Permit: PermitLook, Sentence: "Open a person's profile", Implies: []permit.Permit{PermitFind}},
	{Permit: PermitLooks, Sentence: "See who opened a person's profile, when and why", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitBirth, Sentence: "See the year or date of birth instead of the age", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitDemographic, Sentence: "See party, sex, race, ethnicity and the reason of the status from the registration", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitVote, Sentence: "See in which elections a person voted", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitHousehold, Sentence: "See who lives at the same door", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitPhone, Sentence: "See phone numbers and look up by them", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitPhoneAdd, Sentence: "Add a phone number or mark one as wrong", Implies: []permit.Permit{PermitPhone}},
	{Permit: PermitEmail, Sentence: "See email addresses", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitEmailAdd, Sentence: "Add an email address or remove one that was added", Implies: []permit.Permit{PermitEmail}},
	{Permit: PermitNote, Sentence: "Read your organization's notes about a person", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitNoteAdd, Sentence: "Write a note about a person", Implies: []permit.Permit{PermitNote}},
	{Permit: PermitCorrect, Sentence: "Say what is wrong about a person", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitJudge, Sentence: "Accept or decline what others say is wrong", Implies: []permit.Permit{PermitCorrect}},
	{Permit: PermitSuppress, Sentence: "Set or lift a person's wish not to be contacted", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitDropped, Sentence: "See people who are no longer in the newest voter file", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitMinor, Sentence: "See 16- and 17-year-olds who registered ahead", Implies: []permit.Permit{PermitLook}},
	{Permit: PermitConfidential, Sentence: "See that a voter with a protected address is registered", Danger: true, Implies: []permit.Permit{PermitLook}},
}

// Roles are what this package adds to the roles of the program: the same keys elsewhere add to them.
var Roles = []permit.Role{
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality",
		Permits: []permit.Permit{PermitBrowse, PermitLooks, PermitBirth, PermitDemographic, PermitVote, PermitHousehold, PermitPhoneAdd, PermitEmailAdd,
			PermitNoteAdd, PermitJudge, PermitSuppress, PermitDropped, PermitMinor, PermitConfidential}},
	{Key: "organizer", Name: "Organizer", Purpose: "Leads volunteers and talks with voters",
		Permits: []permit.Permit{PermitBrowse, PermitBirth, PermitVote, PermitHousehold, PermitPhoneAdd, PermitEmailAdd, PermitNoteAdd, PermitCorrect,
			PermitSuppress}},
	{Key: "volunteer", Name: "Volunteer", Purpose: "Helps for an afternoon: checks a registration, knocks, calls",
		Permits: []permit.Permit{PermitLook, PermitCorrect}},
	{Key: "auditor", Name: "Auditor", Purpose: "Checks who did what and changes nothing",
		Permits: []permit.Permit{PermitLooks}},
}
