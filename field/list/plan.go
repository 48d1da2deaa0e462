package list

import "time"

// Catalog is all that one organisation may ask about on one voter file, and by which names: what is not in it does not exist for a
// criteria. Whoever makes it (liststore) is the fence; Check only reads it.
type Catalog struct {
	Today     int64          // yyyymmdd, in Zone
	Zone      *time.Location // in which days of contacts, answers and codes begin and end; nil is UTC
	Universe  Universe
	Attrs     map[Attr]bool        // which attributes the asking role may use; District stands for all districts of other kinds
	Contacts  bool                 // may ask about attempts and suppressions
	Phones    bool                 // may ask about phone numbers and e-mail addresses
	Elections []Election           // newest first
	Values    map[Attr][]Value     // known values of attributes, in the order to show them, with names for people
	Questions map[int64]Question   //
	Codes     map[int64]Definition //
	Tags      map[int64]Definition
	Scores    map[int64]ScoreDef
	Customs   map[int64]CustomDef
	Targets   map[int64]TargetDef
	Events    map[int64]Definition
	Saved     map[int64]SavedDef
	Maps      map[int64]Definition // maps of turf on the voter file
	Turfs     map[int64]TurfDef    // of these maps; there can be thousands, so only those that a criteria at hand names
	People    map[int64]string     // accounts that may be named in By
}

// Universe is the set of people a plan starts from, and whose private data it may touch. It is part of every plan.
type Universe struct {
	VoterFile    int64   // the one file
	Org          int64   // who asks
	Dropped      bool    // people no longer in the newest file are in it
	Minors       bool    // 16- and 17-year-olds registered ahead are in it
	Confidential bool    // voters with a protected address are in it
	Contacts     []int64 // organisations whose contact attempts count, Org included
}

// Value is one value of an attribute and its name for people, "" where the value says it itself.
type Value struct {
	Value string
	Name  string
}

// Election is one election on file.
type Election struct {
	ID   int64
	Day  int64 // yyyymmdd
	Type string
	Name string
}

// Definition is something an organisation defined: a code, a tag, an event.
type Definition struct {
	ID   int64
	Org  int64
	Name string
}

// Question is a survey question with its responses in order.
type Question struct {
	Definition
	Responses []Definition
}

// ScoreDef is a score: values are kept as whole numbers of 10^-Decimals.
type ScoreDef struct {
	Definition
	Decimals int
	Min, Max int64 // in those whole numbers
}

// CustomDef is a custom field. Type is text, choice, number or date.
type CustomDef struct {
	Definition
	Type    string
	Choices []string
}

// TargetDef is a vote target and its groups.
type TargetDef struct {
	Definition
	Groups []Definition
}

// SavedDef is a saved list (Criteria nil) or search.
type SavedDef struct {
	Definition
	Criteria *Criteria
}

// TurfDef is a saved turf of the map with the id Map.
type TurfDef struct {
	Definition
	Map int64
}

// Plan is a checked criteria. Its nodes are those of the language with nothing relative left, and fewer of them:
//
//   - Between asks only about Birth (age and year of birth became it), RegisteredOn, HouseholdSize and VotesCast, and has at least one bound.
//   - Known asks only about Birth, RegisteredOn, Door and Place: of an attribute with values it is None of Is "" and of the value that says unknown (sex
//     U, status unknown), and the rest is always known.
//   - Voted has Elections, sorted, and both bounds; Last is 0. Methods and Parties stay.
//   - Days has no Within, and Since and Until are moments in Unix milliseconds: Since included, Until not. 0 is no bound.
//   - Contact has AtLeast. Values and names are folded, sorted and there once.
//   - Inside is Area, Near is Disc, Score is Scored, Saved of a search is Sub; Saved of a list stays.
//   - Where of Start and Households is nil for everybody; of Add, Narrow and Remove it never is.
//
// What all engines agree on:
//
//   - The birth of a person is Born. The value of Precinct is PrecinctValue, of ZIP the first five letters, of a district that the person does not have "".
//   - Number of a person: the organisation's own row of it if there is one, else the voter file's; it is right when that row has no wrong_at. The same for
//     e-mail addresses.
//   - A suppression counts when it is the site's or the organisation's own.
//   - OnePerHousehold, Sample and Part work on the people that the steps before left, LivesWith and Households on the whole universe.
//   - Sample and Part order units by Rank of their key, then the key. A unit is a person with the person id as its key; with Whole it is whoever has
//     the same household key, and people without one by themselves, with the person id as key. Sample takes the first Take units. Of n units part p of
//     q is those in places (p-1)·n/q up to but not including p·n/q, counted from 0 and divided rounding down.
type Plan struct {
	Universe Universe
	Today    int64
	Steps    []Step
}

// The nodes that only plans have.
const (
	KindArea   Kind = "area"
	KindDisc   Kind = "disc"
	KindScored Kind = "scored"
	KindSub    Kind = "sub"
)

// Micro is a longitude or latitude in millionths of a degree: floor(degrees*1e6 + 0.5). Both engines compare places as these.
type Micro = int32

// Area is Inside with closed rings in microdegrees.
type Area struct {
	Rings                    [][][2]Micro
	West, South, East, North Micro
}

// Disc is Near in whole numbers: met where (KX·dx/2^20)² + dy² ≤ R2, dx and dy in microdegrees, everything in int64 and the division rounded toward
// zero, and where the place lies in the box.
type Disc struct {
	Lon, Lat                 Micro
	KX                       int64 // metres of a degree of longitude there over those of one of latitude, times 2^20, rounded
	R2                       int64
	West, South, East, North Micro
}

// Scored is Score in the whole numbers that are stored.
type Scored struct {
	Score    int64
	From, To int64
}

// Sub is what a saved search finds.
type Sub struct {
	List  int64
	Steps []Step
}

// Kind returns KindArea.
func (Area) Kind() Kind { return KindArea }

// Kind returns KindDisc.
func (Disc) Kind() Kind { return KindDisc }

// Kind returns KindScored.
func (Scored) Kind() Kind { return KindScored }

// Kind returns KindSub.
func (Sub) Kind() Kind { return KindSub }

// Rank returns the place of a key (a person id, or a household key with Step.Whole) in the random order of a seed: 0 to 2^31-2, the same on every engine. It
// is two rounds of x → (a·x + b)^5 modulo the prime 2^31-1, which permute that field, since 5 does not divide 2^31-2. Ties, possible
// because keys are longer than that, go to the lower key.
func Rank(key, seed int64) int64 {
	const p = 1<<31 - 1
	x := key % p
	if x < 0 {
		x += p
	}
	x = fifth((x*48271 + seed%p) % p)
	return fifth((x*69621 + (seed*40692)%p + 1013904223) % p)
}

func fifth(x int64) int64 {
	const p = 1<<31 - 1
	x2 := x * x % p
	return x2 * x2 % p * x % p
}
