// Package ballot holds what is voted on, by whom and on which paper: the definition of an election.
//
// It reads and writes the election definitions and packages of VotingWorks' VxSuite, versions 4.0 and 4.1, byte-preserving: what is printed on a ballot and
// what a scanner accepts hangs on the SHA-256 of a definition's bytes (VxSuite technical data package, "Election definition" and "Ballot hash").
package ballot

import _ "embed" // the sentences

// Election is one election as one office defines it. Identifiers are the makers' own texts, and unique among things of their kind.
type Election struct {
	Format       Format
	ID           string
	Type         Type
	Title        string
	State        string
	Date         string // yyyy-mm-dd
	Jurisdiction Jurisdiction
	Seal         string // an SVG image
	Signature    *Signature
	Paper        Paper
	Codes        Codes
	Districts    []District
	Parties      []Party
	Precincts    []Precinct
	Places       []Place
	Contests     []Contest
	Styles       []Style
	Texts        Texts
	// HashInput is what a maker adds so that two definitions with the same content have two hashes: JSON, or nil.
	HashInput []byte
}

// Format says in which version's words a definition is written.
type Format uint8

// The versions of VxSuite's definition. Older ones are read as V40; they have no positions of ovals.
const (
	V40 Format = iota
	V41
)

// String returns the version.
func (f Format) String() string { return [...]string{"v4.0", "v4.1"}[f] }

// Type says who votes in which contests.
type Type uint8

// In a closed primary a ballot has the contests of one party, in an open one it has those of all and counts for one.
const (
	General Type = iota
	ClosedPrimary
	OpenPrimary
)

// Jurisdiction is the county, city or town that holds the election.
type Jurisdiction struct{ ID, Name string }

// Signature is that of the officer who answers for the ballot, as an SVG image.
type Signature struct{ Image, Caption string }

// District is an area that elects somebody.
type District struct{ ID, Name string }

// Party is a political party.
type Party struct{ ID, Name, FullName, Abbrev string }

// Precinct is the smallest voting area, or one whose splits are.
type Precinct struct {
	ID, Name  string
	Districts []string // ids; none where there are splits
	Splits    []Split
}

// Split is a part of a precinct with districts of its own.
type Split struct {
	ID, Name  string
	Districts []string
	// Title, Seal and Signature replace those of the election where they are not empty.
	Title     string
	Seal      string
	Signature *Signature
}

// Place is where people vote, or where their ballots are counted.
type Place struct {
	ID, Name  string
	Kind      PlaceKind
	Precincts []PlacePrecinct // in the order of their ids
}

// PlacePrecinct is a precinct that votes at a place, whole unless splits are named.
type PlacePrecinct struct {
	Precinct string
	Splits   []string
}

// PlaceKind says how people vote at a place.
type PlaceKind uint8

// The kinds of places.
const (
	ElectionDay PlaceKind = iota
	EarlyVoting
	AbsenteePlace
)

// Contest is one question put to voters.
type Contest struct {
	ID       string
	Kind     ContestKind
	District string // its id
	Title    string
	Party    string // its id in a primary; otherwise ""
	Seats    int    // marks that count, at least 1
	Options  []Option
	WriteIns bool   // Seats lines for names that are not printed
	Text     string // HTML, of a measure
	Term     string // "4 years"
	Prompt   string // a line above the options, of a pair
	Section  string // heading under which older ballots print it
}

// ContestKind says how a contest is counted.
type ContestKind uint8

const (
	// Candidates: as many as Seats of them are elected.
	Candidates ContestKind = iota
	// Measure: one of its options, mostly yes and no.
	Measure
	// StraightParty: a mark for a party is a mark for its candidates everywhere.
	StraightParty
	// EitherNeither is the first of a pair of Mississippi's: for approval of either, or against both (Mississippi Constitution art. 15 § 273).
	EitherNeither
	// PickOne is the second of the pair: which of the two, whatever was said in the first.
	PickOne
	// Ranked: candidates in a voter's order.
	Ranked
)

// Option is what can be marked: a candidate, an answer, a party.
type Option struct {
	ID    string
	Name  string
	First string // parts of a candidate's name, where the maker says them
	Mid   string
	Last  string
	// Parties are the ids of the parties that put a candidate up.
	Parties []string
}

// Style is one way a ballot looks: who gets it, and what is where.
type Style struct {
	ID        string
	Group     string // what styles have in common that differ in language alone
	Precincts []string
	Districts []string
	Party     string // in a closed primary
	Languages []string
	// Order is the order of the options of a contest on this style, by the contest's id; a contest that is not named keeps its own.
	Order  map[string][]Ordered
	Sheets []Sheet // nothing where positions are not known
}

// Ordered is an option on a style. A candidate of several parties may stand there once for each.
type Ordered struct {
	Option  string
	Parties []string
}

// Sheet is what can be marked on the front and on the back of one sheet.
type Sheet [2][]Position

// Front and back index a Sheet.
const (
	Front = 0
	Back  = 1
)

// Position is one oval: where it is, and what a mark in it means. Columns and rows are those of the timing marks' grid: (0, 0) is the centre of the top left
// mark, one column is the distance from a mark to the next along the top, one row along the side, and fractions lie between.
type Position struct {
	Contest string
	Option  string // "" on a write-in line
	WriteIn int    // index of the write-in line, from 0
	Parties []string
	Bubble  Point
	Bounds  Box // of the option with its text
	Area    Box // of a write-in line: where a name is written
}

// Point is a place on a sheet, in columns and rows.
type Point struct{ Col, Row float64 }

// Box is a part of a sheet, in columns and rows.
type Box struct{ Col, Row, Width, Height float64 }

// Texts are the words of a ballot: by language, then by key. A key that says something about many things has texts by their ids.
type Texts map[string]map[string]Text

// Text is one text, or one for each id.
type Text struct {
	One  string
	ByID map[string]string
}

// Paper is the size of a sheet; all are 8.5 inches wide.
type Paper string

// The sizes that VxSuite prints.
const (
	Letter   Paper = "letter"
	Legal    Paper = "legal"
	Custom17 Paper = "custom-8.5x17"
	Custom18 Paper = "custom-8.5x18"
	Custom19 Paper = "custom-8.5x19"
	Custom20 Paper = "custom-8.5x20"
	Custom22 Paper = "custom-8.5x22"
)

// Papers returns all sizes, the shortest first.
func Papers() []Paper {
	return []Paper{Letter, Legal, Custom17, Custom18, Custom19, Custom20, Custom22}
}

// Height returns the height of a sheet in inches, and 0 for a size that is not known.
func (p Paper) Height() float64 {
	return map[Paper]float64{Letter: 11, Legal: 14, Custom17: 17, Custom18: 18, Custom19: 19, Custom20: 20, Custom22: 22}[p]
}

// Codes says how a sheet tells a scanner what it is.
type Codes string

// The two ways: a QR code on each page, or the timing marks of the bottom row, some of which are left out (AccuVote).
const (
	QRCodes     Codes = "qr-code"
	TimingMarks Codes = "timing-marks"
)

// Contest returns the contest with an id.
func (e *Election) Contest(id string) (Contest, bool) {
	return byID(e.Contests, id, func(c Contest) string { return c.ID })
}

// Style returns the ballot style with an id.
func (e *Election) Style(id string) (Style, bool) {
	return byID(e.Styles, id, func(s Style) string { return s.ID })
}

// Precinct returns the precinct with an id.
func (e *Election) Precinct(id string) (Precinct, bool) {
	return byID(e.Precincts, id, func(p Precinct) string { return p.ID })
}

// Party returns the party with an id.
func (e *Election) Party(id string) (Party, bool) {
	return byID(e.Parties, id, func(p Party) string { return p.ID })
}

func byID[T any](all []T, id string, of func(T) string) (T, bool) {
	for _, x := range all {
		if of(x) == id {
			return x, true
		}
	}
	var none T
	return none, false
}

// ContestsOf returns the contests that stand on a style, in the order of the definition: those of its districts, and in a closed primary only its party's and
// those of no party.
func (e *Election) ContestsOf(s Style) []Contest {
	mine := map[string]bool{}
	for _, d := range s.Districts {
		mine[d] = true
	}
	var all []Contest
	for _, c := range e.Contests {
		if mine[c.District] && (c.Party == "" || c.Party == s.Party || e.Type == OpenPrimary) {
			all = append(all, c)
		}
	}
	return all
}

// OptionsOn returns the options of a contest in the order in which they stand on a style.
func (s Style) OptionsOn(c Contest) []Option {
	order, ok := s.Order[c.ID]
	if !ok {
		return c.Options
	}
	all := make([]Option, 0, len(order))
	for _, o := range order {
		x, ok := c.Option(o.Option)
		if !ok {
			continue // Check says so
		}
		if o.Parties != nil {
			x.Parties = o.Parties
		}
		all = append(all, x)
	}
	return all
}

// Option returns the option with an id.
func (c Contest) Option(id string) (Option, bool) {
	return byID(c.Options, id, func(o Option) string { return o.ID })
}

// Spanish is what the package says, in Spanish.
//
//go:embed es.json
var Spanish []byte
