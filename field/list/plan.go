package list

// Catalog is all that one organisation may ask about on one voter file, and by which names: what is not in it does not exist for a
// criteria. Whoever makes it (liststore) is the fence; Check only reads it.
type Catalog struct {
	Today     int64 // yyyymmdd
	Universe  Universe
	Attrs     map[Attr]bool // which attributes the asking role may use
	Contacts  bool          // may ask about attempts, phones, suppressions
	Phones    bool
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
	People    map[int64]string // accounts that may be named in By
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

// Plan is a checked criteria. Its nodes are those of the language with nothing relative left: Age is Birth, Voted has Elections and both
// bounds, Days has no Within, names and values are folded, rings are closed and in whole microdegrees (Area), distances are Disc, scores are
// whole numbers (Scored), saved searches are Sub.
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
	KX                       int64 // cos(latitude)·2^20, rounded
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
