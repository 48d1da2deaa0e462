// Package cvr holds what voting systems say they read from each card: cast vote records, whoever made them.
//
// The files of the vendors and of NIST SP 1500-103 are read by packages below this one, each a [Reader]. Nothing here is a voter: a card has a place in a
// stack of paper and no time.
package cvr

// Contest is one question on a ballot as a file of records describes it.
type Contest struct {
	ID           string   // the vendor's own identifier; "" where the file has none
	Name         string   // as the file spells it
	VotesAllowed int      // marks a voter may make, or 0 where the file does not say
	Ranks        int      // ranks a voter has in a ranked contest, 0 in any other
	Choices      []Choice // in the order of the file
}

// Choice is what can be marked in a contest.
type Choice struct {
	ID      string
	Name    string
	Party   string
	WriteIn bool // a name that voters write, declared or not
}

// Card is one sheet of paper as a voting system read it. The strings are the file's own and are empty where it says nothing.
type Card struct {
	Tabulator   string // machine that read it
	Batch       string // stack it lies in
	Position    int    // its place in the batch, from 1, or 0 where no order is known
	RecordID    string
	ImprintedID string // printed on the sheet by the machine
	Group       string // counting group: election day, absentee …
	Precinct    string
	Portion     string // part of a split precinct
	Style       string // ballot style
	Votes       []Vote // one for each contest on the card, in the order of the reader's contests
}

// MaxOnCard is how many contests a card may have, and marks in all of them, where no line of a table bounds them: more than fit on any paper.
const MaxOnCard = 10_000

// Vote is what a card says about one contest that is printed on it. A contest that is not printed on the card has no Vote.
type Vote struct {
	Contest int    // index into the contests of the reader
	Marks   []Mark // by rank, then in the order of the choices; more than the contest allows is an overvote
	// Over and Under are set where a system says "overvote" or "undervote" and not which choices were marked (ES&S).
	Over, Under bool
}

// Mark is one choice marked.
type Mark struct {
	Choice int // index into the choices of the contest
	Rank   int // from 1 in a ranked contest, 0 in any other
}

// Reader yields the cards of one or several files in their order, without holding more than one.
type Reader interface {
	// Contests returns the contests known so far. Formats without a head of their own name them as they go, so it is complete only at the end; an index
	// keeps its meaning.
	Contests() []Contest
	// Next reads the next card into c, whose slices it uses again: what is to outlive the next call is copied. At the end it returns io.EOF. Any other
	// error says which file and line or record cannot be read, and what to do.
	Next(c *Card) error
}
