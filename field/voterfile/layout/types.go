// Package layout reads and writes the voter files of the states, each in its own layout, and says plainly when a file is not what it claims to be.
//
// A voter file is opened with Open for one of the known layouts (ID) and one Kind (voters or vote history). Columns are found by
// name first and by position where the layout has no header. Every row becomes a Voter or a Vote in the same normal form, whatever
// the state; the values as written stay beside the normal ones, and File.Row gives the raw bytes, their place and a hash.
//
// Nothing here touches files, clocks or databases: callers give an io.Reader. The strings handed out are cut from blocks of about
// 64 KiB that are never overwritten: they stay valid, but a caller who keeps a few of them for long should strings.Clone them.
package layout

import (
	_ "embed" // the Spanish
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences for people.
//
//go:embed es.json
var Spanish []byte

// ID names a layout: one state's voter file, or Generic for one described by a Mapping.
type ID string

// The layouts known.
const (
	NC      ID = "nc"
	OH      ID = "oh"
	FL      ID = "fl"
	MI      ID = "mi"
	WA      ID = "wa"
	Generic ID = "generic"
)

// All returns every layout, states first in the order of their names, Generic last.
func All() []ID { return []ID{FL, MI, NC, OH, WA, Generic} }

// Parse returns the layout named s, in any letter case, or a fault that lists the names.
func Parse(s string) (ID, error) {
	id := ID(lowerASCII(s))
	if slices.Contains(All(), id) {
		return id, nil
	}
	return "", fault.Invalidf("There is no voter-file layout %q. Choose one of fl, mi, nc, oh, wa or generic.", s)
}

// Title returns the layout's name for people, in English, as a words key.
func (id ID) Title() string {
	switch id {
	case NC:
		return "North Carolina"
	case OH:
		return "Ohio"
	case FL:
		return "Florida"
	case MI:
		return "Michigan"
	case WA:
		return "Washington"
	default:
		return "Another file, described by a mapping"
	}
}

// State returns the state's two letters, or "" for Generic.
func (id ID) State() string {
	if id == Generic {
		return ""
	}
	return upperASCII(string(id))
}

// Kind says what the rows of a file are.
type Kind uint8

// The kinds of file.
const (
	Voters  Kind = iota // one row per registration
	History             // one row per vote cast
)

// String returns "voters" or "history".
func (k Kind) String() string {
	if k == History {
		return "history"
	}
	return "voters"
}

// Generation tells apart the forms one layout has had over the years. The zero value is the newest.
type Generation uint8

// The generations. Layouts that never changed have only Current.
const (
	Current  Generation = iota // NC since February 2026 (70 columns); MI CSV; WA with Birthyear; OH; FL
	Since22                    // NC from February 2022 to January 2026 (67 columns)
	Before22                   // NC before February 2022 (71 columns); WA with full birth dates
	Fixed                      // MI fixed-width .lst
)

// Status is the state of a registration, the same closed set for every state.
type Status uint8

// The statuses. The zero value is StatusUnknown: the file's code is not in the layout's table.
const (
	StatusUnknown Status = iota
	Active
	Inactive
	Removed
	Pending
	Preregistered
)

var statusNames = [...]string{"unknown", "active", "inactive", "removed", "pending", "preregistered"}

// String returns the status in one lower-case word, as stored.
func (s Status) String() string { return nameOf(statusNames[:], int(s)) }

// ParseStatus is the inverse of String.
func ParseStatus(s string) (Status, bool) {
	i := slices.Index(statusNames[:], s)
	return Status(max(i, 0)), i >= 0
}

// Sex as on the registration: SexFemale 'F', SexMale 'M', SexOther 'X' or SexUnknown 'U'.
const (
	SexFemale  byte = 'F'
	SexMale    byte = 'M'
	SexOther   byte = 'X'
	SexUnknown byte = 'U'
)

// Voter is one registration. The zero value of every field means "the file does not say".
//
// Slices are reused by File.ReadVoter: a caller who keeps a Voter beyond the next call uses Clone.
type Voter struct {
	StateID     string // the state's own id: NCID, SOS_VOTERID, ...; unique in the state
	CountyCode  string // as the state writes it: "92", "DAD", "KI"
	County      string // the county's name, upper case, from the file or the state's published table
	CountyRegID string // the county's own registration number where the file has one (NC voter_reg_num, OH COUNTY_ID)

	Last, First, Middle, Suffix string // as written, without padding

	Status     Status
	StatusCode string // as written: "A", "ACTIVE", "ACT"
	Reason     string // as written, where the state gives one: "VERIFIED", "MOVED FROM STATE"
	ReasonCode string

	BirthYear int16 // 0 = not given
	BirthDate Date  // 0 = not given; many states give the year only
	Sex       byte  // SexFemale, SexMale, SexOther, SexUnknown
	Race      Race  // normalised; the state's code is in RaceCode
	RaceCode  string
	Ethnicity Ethnicity
	EthnCode  string
	Party     string // as the state writes it: "DEM", "UNA", "NPA", "D"; empty where the state has no party registration

	Registered   Date
	Residence    Address
	Mailing      Mail
	Phones       []Phone
	Emails       []string
	Precinct     string // the state's precinct code
	PrecinctName string
	Districts    []District

	Confidential bool // protected by law: never shown, cut, geocoded or exported
	Minor        bool // a 16- or 17-year-old pre-registrant, by status or by age where the file gives it

	Votes []Vote // only in layouts with one column per election (OH, some Generic)
}

// Clone returns a copy whose slices belong to the caller.
func (v *Voter) Clone() Voter {
	c := *v
	c.Phones = slices.Clone(v.Phones)
	c.Emails = slices.Clone(v.Emails)
	c.Districts = slices.Clone(v.Districts)
	c.Votes = slices.Clone(v.Votes)
	return c
}

// reset empties v and keeps its slices' memory.
func (v *Voter) reset() {
	*v = Voter{Phones: v.Phones[:0], Emails: v.Emails[:0], Districts: v.Districts[:0], Votes: v.Votes[:0], Sex: SexUnknown}
}

// Address is a place of residence, split by the rules of USPS Publication 28. Line and Line2 are as the state wrote them
// (or put together from its parts in the order of Publication 28); the parts are upper case.
type Address struct {
	House       string // "123", "37-15", "N6W23001"
	HouseSuffix string // "1/2", "A"
	PreDir      string // N S E W NE NW SE SW
	Street      string // "MAIN", "COUNTY ROAD 20", "PO BOX 12", "RR 2 BOX 7"
	StreetType  string // standard abbreviation: "ST", "AVE"
	PostDir     string
	UnitType    string // "APT", "#"
	Unit        string
	Line        string
	Line2       string
	City        string
	State       string
	ZIP5        string
	ZIP4        string
}

// Mail is a mailing address as written: it may be abroad, so it is not parsed.
type Mail struct {
	Lines   [4]string
	City    string
	State   string
	ZIP     string // "27601", "27601-1234" or a foreign postal code
	Country string
}

// PhoneKind says what a number is, where the file says it.
type PhoneKind uint8

// The kinds of phone.
const (
	PhoneUnknown PhoneKind = iota
	PhoneCell
	PhoneHome
	PhoneWork
)

var phoneNames = [...]string{"unknown", "cell", "home", "work"}

// String returns the kind in one lower-case word, as stored.
func (k PhoneKind) String() string { return nameOf(phoneNames[:], int(k)) }

// Phone is a number in the North American plan: ten digits, no punctuation.
type Phone struct {
	Number string
	Kind   PhoneKind
}

// DistrictKind is a kind of area a voter lives in, the same closed set for every state.
type DistrictKind uint8

// The kinds of district. County is not one: it is a field of its own.
const (
	DistrictOther DistrictKind = iota
	Congress
	StateSenate
	StateHouse
	CountyCommission
	Municipality
	MunicipalDistrict
	Ward
	School
	LocalSchool           // OH: beside the city school district
	ExemptedVillageSchool // OH
	SchoolBoard           // a seat of the school board
	Judicial
	SuperiorCourt
	AppealsCourt
	CountyCourt
	MunicipalCourt
	Prosecutorial
	Township
	Village
	VTD
	Fire
	Rescue
	Water
	Sewer
	Sanitation
	Library
	BoardOfEducation // a state board of education district
	CareerCenter
	EducationService
	Jurisdiction // MI: the city or township that runs elections
	CommunityCollege
	PrecinctPart // WA portion, FL split
)

var districtNames = [...]string{
	"other", "congress", "state_senate", "state_house", "county_commission", "municipality", "municipal_district", "ward",
	"school", "local_school", "exempted_village_school", "school_board", "judicial", "superior_court", "appeals_court", "county_court", "municipal_court", "prosecutorial",
	"township", "village", "vtd", "fire", "rescue", "water", "sewer", "sanitation", "library", "board_of_education",
	"career_center", "education_service", "jurisdiction", "community_college", "precinct_part",
}

// String returns the kind in lower case with underscores, as stored.
func (k DistrictKind) String() string { return nameOf(districtNames[:], int(k)) }

// ParseDistrictKind is the inverse of String.
func ParseDistrictKind(s string) (DistrictKind, bool) {
	i := slices.Index(districtNames[:], s)
	return DistrictKind(max(i, 0)), i >= 0
}

// DistrictKinds returns every kind in order.
func DistrictKinds() []DistrictKind {
	out := make([]DistrictKind, len(districtNames))
	for i := range out {
		out[i] = DistrictKind(i)
	}
	return out
}

// District is one area a voter lives in.
type District struct {
	Kind DistrictKind
	Code string // as written: "02", "14"
	Name string // where the file gives one
}

// Vote is one ballot cast, or one that was not counted.
type Vote struct {
	StateID    string
	Date       Date
	Type       ElectionType
	Name       string // as written: "11/05/2024 GENERAL", "GENERAL-11/05/2024"
	Method     Method
	Code       string // the method as written: "ABSENTEE ONESTOP", "E"
	Party      string // the ballot taken in a primary, or the party of record, as written
	CountyCode string // where the vote was cast
}

// ElectionType is the type of an election, the same closed set for every state.
type ElectionType uint8

// The types of election.
const (
	OtherElection ElectionType = iota
	General
	Primary
	Runoff
	Municipal
	Special
	PresidentialPrimary
)

var electionNames = [...]string{"other", "general", "primary", "runoff", "municipal", "special", "presidential_primary"}

// String returns the type in lower case with underscores, as stored.
func (t ElectionType) String() string { return nameOf(electionNames[:], int(t)) }

// ParseElectionType is the inverse of String.
func ParseElectionType(s string) (ElectionType, bool) {
	i := slices.Index(electionNames[:], s)
	return ElectionType(max(i, 0)), i >= 0
}

// Method is how a ballot was cast, the same closed set for every state.
type Method uint8

// The methods. Absentee is what a state says when it does not tell mail from in person.
const (
	MethodUnknown Method = iota
	Polls
	Early
	ByMail
	Provisional
	Absentee
	NotCounted
)

var methodNames = [...]string{"unknown", "polls", "early", "mail", "provisional", "absentee", "not_counted"}

// String returns the method in lower case with underscores, as stored.
func (m Method) String() string { return nameOf(methodNames[:], int(m)) }

// ParseMethod is the inverse of String.
func ParseMethod(s string) (Method, bool) {
	i := slices.Index(methodNames[:], s)
	return Method(max(i, 0)), i >= 0
}

// Race is the race on the registration, where a state asks for it (FL, GA, NC and a few others).
type Race string

// The races, in the words of the federal categories the states use. Hispanic is a race in FL and an Ethnicity in NC.
const (
	RaceUnknown         Race = ""
	RaceAmericanIndian  Race = "american_indian"
	RaceAsian           Race = "asian"
	RaceAsianPacific    Race = "asian_pacific" // FL: one category
	RaceBlack           Race = "black"
	RaceHispanic        Race = "hispanic" // FL
	RacePacificIslander Race = "pacific_islander"
	RaceWhite           Race = "white"
	RaceMulti           Race = "multi"
	RaceOther           Race = "other"
)

// Ethnicity is Hispanic or not, where a state asks for it apart from race.
type Ethnicity string

// The ethnicities.
const (
	EthnicityUnknown Ethnicity = ""
	Hispanic         Ethnicity = "hispanic"
	NotHispanic      Ethnicity = "not_hispanic"
)

func nameOf(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return names[0]
	}
	return names[i]
}
