// Package list is the language in which people on a voter file are described, and the check that a description may be asked.
//
// A Criteria is a chain of steps over a set of people. Check turns it into a Plan: everything relative is resolved (today's
// date, "the last four generals", saved searches), everything named is known to the organisation that asks, and the fence is
// part of it. A Plan means the same whether column segments or SQL answer it.
package list

// Version is the version of the JSON form that this package writes. It reads this one and refuses later ones.
const Version = 1

// Criteria describes people on one voter file, step by step, as JSON in docs/criteria.md.
type Criteria struct {
	Version int    `json:"version"`
	Steps   []Step `json:"steps"`
}

// Do says what a step makes of the people that the steps before it left.
type Do string

// The steps. The first step of a criteria starts; no later one does.
const (
	Start           Do = "start"             // those who match Where; without Where everybody on the file
	Add             Do = "add"               // and those who match Where
	Narrow          Do = "narrow"            // of them only those who match Where
	Remove          Do = "remove"            // except those who match Where
	Households      Do = "households"        // and everybody who lives with one of them and matches Where, if there is one
	OnePerHousehold Do = "one_per_household" // of each household one, by Prefer; people without an address stay
	Sample          Do = "sample"            // Take of them at random, by Seed
	Part            Do = "part"              // the Part-th of Parts equal parts at random, by Seed
)

// Prefer says whom OnePerHousehold keeps. Ties go to the lower person id.
type Prefer string

// The preferences.
const (
	Oldest       Prefer = "oldest"        // earliest birth; unknown last
	Youngest     Prefer = "youngest"      // latest birth; unknown last
	MostVotes    Prefer = "most_votes"    // most elections voted in, of all on file
	LastToSignUp Prefer = "latest_signup" // latest registration; unknown last
)

// Step is one change of the set.
type Step struct {
	Do     Do     `json:"do"`
	Where  Node   `json:"where,omitempty"`
	Prefer Prefer `json:"prefer,omitempty"`
	Take   int64  `json:"take,omitempty"`  // people in a sample; with Whole, households
	Part   int    `json:"part,omitempty"`  // 1 to Parts
	Parts  int    `json:"parts,omitempty"` // 2 to 1000
	Seed   int64  `json:"seed,omitempty"`  // 0 to 2^31-2; the same seed takes the same people again
	Whole  bool   `json:"whole,omitempty"` // households stay whole: whoever lives together falls into the same part
}

// Node is a condition that a person meets or does not: All, Any, None, LivesWith or one criterion. In JSON it is an object with one
// member, whose name is the Kind: {"all": [...]}, {"is": {"attr": "party", "values": ["DEM"]}}.
type Node interface{ Kind() Kind }

// Kind names a kind of node.
type Kind string

// The kinds of node.
const (
	KindAll       Kind = "all"
	KindAny       Kind = "any"
	KindNone      Kind = "none"
	KindLivesWith Kind = "lives_with"
	KindIs        Kind = "is"
	KindBetween   Kind = "between"
	KindKnown     Kind = "known"
	KindName      Kind = "name"
	KindVoted     Kind = "voted"
	KindInside    Kind = "inside"
	KindNear      Kind = "near"
	KindPhone     Kind = "phone"
	KindEmail     Kind = "email"
	KindSuppress  Kind = "suppressed"
	KindScore     Kind = "score"
	KindAnswered  Kind = "answered"
	KindCode      Kind = "code"
	KindTag       Kind = "tag"
	KindContact   Kind = "contacted"
	KindEvent     Kind = "event"
	KindCustom    Kind = "custom"
	KindTarget    Kind = "target"
	KindSaved     Kind = "saved"
	KindTurf      Kind = "turf"
)

// All is met by who meets every one of its nodes; by everybody when there are none.
type All []Node

// Any is met by who meets at least one of its nodes; by nobody when there are none.
type Any []Node

// None is met by who meets not one of its nodes; by everybody when there are none.
type None []Node

// LivesWith is met by everybody in a household of which a member, the person included, meets Who. People without an address
// meet it only by themselves.
type LivesWith struct {
	Who Node `json:"who"`
}

// Attr names one attribute of a registration.
type Attr string

// The attributes with values, for Is. Values are as stored in field_person; "" is unknown. Precinct values carry their county,
// "063/12-01"; a district of another kind is "district:" and its kind, as in field_person.districts.
const (
	Status       Attr = "status"
	Party        Attr = "party"
	Sex          Attr = "sex"
	Race         Attr = "race"
	Ethnicity    Attr = "ethnicity"
	County       Attr = "county"
	Precinct     Attr = "precinct"
	City         Attr = "city"
	ZIP          Attr = "zip" // five digits
	Congress     Attr = "congress"
	StateSenate  Attr = "state_senate"
	StateHouse   Attr = "state_house"
	Municipality Attr = "municipality"
	District     Attr = "district:" // the prefix of all others
)

// The attributes with an order, for Between. Dates are yyyymmdd. A person whose birth is known by year only counts as born on its first
// of January, in all of them.
const (
	Age           Attr = "age"            // whole years today
	BirthYear     Attr = "birth_year"     //
	Birth         Attr = "birth"          // date
	RegisteredOn  Attr = "registered_on"  // date
	HouseholdSize Attr = "household_size" // people of the universe at the same door, the person included; 1 without an address
	VotesCast     Attr = "votes_cast"     // elections voted in, of all on file
)

// Is is met by who has one of Values.
type Is struct {
	Attr   Attr     `json:"attr"`
	Values []string `json:"values"`
}

// Between is met by whose Attr is known, at least From and at most To; nil is no bound.
type Between struct {
	Attr Attr   `json:"attr"`
	From *int64 `json:"from,omitempty"`
	To   *int64 `json:"to,omitempty"`
}

// Known is met by whose Attr (of either sort) is not unknown. AttrDoor and AttrPlace are the two that only Known takes.
type Known struct {
	Attr Attr `json:"attr"`
}

// What only Known asks about.
const (
	Door  Attr = "door"  // an address to knock at
	Place Attr = "place" // a place on the map
)

// Name is met by whose name, folded as look-ups fold it (personkey.Fold), is or begins with one of Values, folded too.
type Name struct {
	Part   string   `json:"part"` // first or last
	Begins bool     `json:"begins,omitempty"`
	Values []string `json:"values"`
}

// Voted is met by who voted in at least AtLeast and at most AtMost (nil: no bound) of a set of elections: those in Elections, or the
// Last newest of type LastType on file, held before today. A vote counts only by one of Methods and in one of Parties' primaries
// where these are given. Ballots that were not counted are not votes.
type Voted struct {
	Elections []int64  `json:"elections,omitempty"` // field_election ids
	Last      int      `json:"last,omitempty"`      // 1 to 30
	LastType  string   `json:"last_type,omitempty"` // as layout.ElectionType says: general, primary …; "" any
	AtLeast   *int     `json:"at_least,omitempty"`
	AtMost    *int     `json:"at_most,omitempty"`
	Methods   []string `json:"methods,omitempty"` // as layout.Method says: polls, early, mail, provisional, absentee, unknown
	Parties   []string `json:"parties,omitempty"`
}

// Inside is met by whose place lies in the area: even-odd rule over all rings, in whole microdegrees (see Micro). Points on a border belong to the area
// north or east of it.
type Inside struct {
	Rings [][][2]float64 `json:"rings"` // longitude, latitude; closed or not
}

// Near is met by whose place is at most Metres from a point, on a plane that touches the earth there.
type Near struct {
	Lon    float64 `json:"lon"`
	Lat    float64 `json:"lat"`
	Metres int64   `json:"metres"` // 1 to 100,000
}

// Phone is met by who has a number not known to be wrong, of one of Kinds (cell, home, work, unknown) where given. A Textable one is a cell
// number of a person who did not ask to get no texts.
type Phone struct {
	Kinds    []string `json:"kinds,omitempty"`
	Textable bool     `json:"textable,omitempty"`
}

// Email is met by who has an e-mail address not known to be wrong.
type Email struct{}

// Suppressed is met by who is not to be contacted by one of Channels (door, text, phone, mail, email), or by any where none are given.
type Suppressed struct {
	Channels []string `json:"channels,omitempty"`
}

// Score is met by whose score is known, at least From and at most To, in the score's own unit: 70.5.
type Score struct {
	Score int64    `json:"score"`
	From  *float64 `json:"from,omitempty"`
	To    *float64 `json:"to,omitempty"`
}

// Answered is met by who gave one of Responses (any, where none are given) to Question: as the latest answer, or with Ever at any time. By and
// the days narrow which answers are looked at, before the latest is taken.
type Answered struct {
	Question  int64   `json:"question"`
	Responses []int64 `json:"responses,omitempty"`
	Ever      bool    `json:"ever,omitempty"`
	By        []int64 `json:"by,omitempty"` // accounts
	Days
}

// Days bounds when something was done, both ends included: dates as yyyymmdd, or the last Within days, today included. Zero is no bound.
type Days struct {
	Since  int64 `json:"since,omitempty"`
	Until  int64 `json:"until,omitempty"`
	Within int64 `json:"within,omitempty"`
}

// Code is met by who has one of Codes.
type Code struct {
	Codes []int64 `json:"codes"`
	By    []int64 `json:"by,omitempty"`
	Days
}

// Tag is met by who has one of Tags.
type Tag struct {
	Tags []int64 `json:"tags"`
}

// Contact is met by who was tried at least AtLeast (nil: once) and at most AtMost times (nil: no bound) by one of Channels, with one of
// Results, by one of By, in Days; what is not given is not asked.
type Contact struct {
	Channels []string `json:"channels,omitempty"`
	Results  []string `json:"results,omitempty"`
	By       []int64  `json:"by,omitempty"`
	AtLeast  *int     `json:"at_least,omitempty"`
	AtMost   *int     `json:"at_most,omitempty"`
	Days
}

// Event is met by who signed up for one of Events and stands at one of Statuses, where given.
type Event struct {
	Events   []int64  `json:"events"`
	Statuses []string `json:"statuses,omitempty"`
}

// Custom is met by whose custom field has one of Values (text and choice), or lies between From and To (whole number, date).
type Custom struct {
	Field  int64    `json:"field"`
	Values []string `json:"values,omitempty"`
	From   *int64   `json:"from,omitempty"`
	To     *int64   `json:"to,omitempty"`
}

// Target is met by who is in one of Groups of a vote target, or in any of it where none are given.
type Target struct {
	Target int64   `json:"target"`
	Groups []int64 `json:"groups,omitempty"`
}

// Saved is met by who is on a saved list, or who a saved search finds now.
type Saved struct {
	List int64 `json:"list"`
}

// Turf is met by who was behind a door of one of Turfs when it was saved, or of one of Maps when it was made: whoever of the list it was made from is on
// it for good, like the people of a saved list. One of the two is given.
type Turf struct {
	Turfs []int64 `json:"turfs,omitempty"`
	Maps  []int64 `json:"maps,omitempty"`
}

// Kind returns KindAll.
func (All) Kind() Kind { return KindAll }

// Kind returns KindAny.
func (Any) Kind() Kind { return KindAny }

// Kind returns KindNone.
func (None) Kind() Kind { return KindNone }

// Kind returns KindLivesWith.
func (LivesWith) Kind() Kind { return KindLivesWith }

// Kind returns KindIs.
func (Is) Kind() Kind { return KindIs }

// Kind returns KindBetween.
func (Between) Kind() Kind { return KindBetween }

// Kind returns KindKnown.
func (Known) Kind() Kind { return KindKnown }

// Kind returns KindName.
func (Name) Kind() Kind { return KindName }

// Kind returns KindVoted.
func (Voted) Kind() Kind { return KindVoted }

// Kind returns KindInside.
func (Inside) Kind() Kind { return KindInside }

// Kind returns KindNear.
func (Near) Kind() Kind { return KindNear }

// Kind returns KindPhone.
func (Phone) Kind() Kind { return KindPhone }

// Kind returns KindEmail.
func (Email) Kind() Kind { return KindEmail }

// Kind returns KindSuppress.
func (Suppressed) Kind() Kind { return KindSuppress }

// Kind returns KindScore.
func (Score) Kind() Kind { return KindScore }

// Kind returns KindAnswered.
func (Answered) Kind() Kind { return KindAnswered }

// Kind returns KindCode.
func (Code) Kind() Kind { return KindCode }

// Kind returns KindTag.
func (Tag) Kind() Kind { return KindTag }

// Kind returns KindContact.
func (Contact) Kind() Kind { return KindContact }

// Kind returns KindEvent.
func (Event) Kind() Kind { return KindEvent }

// Kind returns KindCustom.
func (Custom) Kind() Kind { return KindCustom }

// Kind returns KindTarget.
func (Target) Kind() Kind { return KindTarget }

// Kind returns KindSaved.
func (Saved) Kind() Kind { return KindSaved }

// Kind returns KindTurf.
func (Turf) Kind() Kind { return KindTurf }
