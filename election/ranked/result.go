package ranked

import "slices"

// Result is a finished count.
type Result struct {
	Contest *Contest
	Pass    int // of a MultiPass contest, from 1; else 0
	Rounds  []Round
	Books   []Book // the whole first, then the parts of each slice by name
	Order   []int  // candidates as the reports list them: by first-round votes, ties in the order of RCTab's tables

	elected, eliminated []int // by candidate: the round, or 0
	cutFraction         []Decimal
	places              int
}

// Book is the whole contest or a part of it, of which sums are kept.
type Book struct {
	Slice Slice
	Name  string // "" for the whole
}

// Reason is why candidates were eliminated together.
type Reason uint8

// The reasons, in the order in which they are looked for.
const (
	UndeclaredWriteIns Reason = iota // write-ins that nobody declared cannot win
	BelowCutoff                      // below the share
	TogetherFewer                    // together fewer votes than the next
	Last                             // fewest votes
	NotFirstTwo                      // not of the first two (TopTwo)
	LostRunoff                       // fewer ballots prefer this one of the last two (BottomTwoRunoff)
)

// Tie is a tie that was broken.
type Tie struct {
	Round   int
	Among   []int // by name
	Chosen  int
	Winning bool // the chosen one wins; else is eliminated
	Votes   Decimal
	// Earlier is the round whose votes decided, or 0; Left are those who were still tied after all earlier rounds.
	Earlier int
	Left    []int
	By      TieBreak // what decided in the end: Random, Ask, CandidateOrder, GivePermutation; PreviousRandom for an earlier round
}

// Round is one round of a count.
type Round struct {
	Threshold  Decimal
	Active     Decimal // votes of ballots that count for somebody, with what winners keep
	Elected    []int   // by name
	Eliminated []int   // by name
	Reason     Reason  // of the eliminations
	Ties       []Tie
	Residual   Decimal // what was lost to rounding in all rounds so far
	In         []bool  // by candidate: has votes in this round, be it none
	Duel       [2]int  // the last two of a BottomTwoRunoff, and how many ballots prefer each
	DuelVotes  [2]int64

	votes []Decimal // of the whole, by candidate
	books []bookRound
}

// bookRound is what a book has in a round.
type bookRound struct {
	tally    []amount // by candidate
	inactive [statuses]amount
	moves    []move
	lost     []Transfer // residual surplus, of the whole
}

// move is what went over at the start of a round.
type move struct {
	from, to int // candidates; to is -1 for exhausted
	sum      amount
}

// Transfer is what went from one candidate to another.
type Transfer struct {
	From, To int // To is ToExhausted or ToResidual for nobody
	Votes    Decimal
}

// Where votes go that go to nobody.
const (
	ToExhausted = -1 // ballots that count for nobody from here
	ToResidual  = -2 // lost to rounding
)

// Votes returns a candidate's votes in a round (from 0) of a book, and whether the candidate is in it.
func (r *Result) Votes(round, book, candidate int) (Decimal, bool) {
	rd := &r.Rounds[round]
	if !rd.In[candidate] {
		return Decimal{}, false
	}
	if book == 0 {
		return rd.votes[candidate], true
	}
	return rd.books[book].tally[candidate].decimal(r.places), true
}

// Inactive returns how many votes have a status in a round (from 0) of a book.
func (r *Result) Inactive(round, book int, s Status) Decimal {
	return r.Rounds[round].books[book].inactive[s].decimal(r.places)
}

// InactiveTotal returns the votes that count for nobody though their ballots rank somebody.
func (r *Result) InactiveTotal(round, book int) Decimal {
	var sum amount
	for s := Exhausted; s < FinalSurplus; s++ {
		sum.merge(&r.Rounds[round].books[book].inactive[s])
	}
	return sum.decimal(r.places)
}

// ActiveVotes returns the votes that count for somebody in a round (from 0) of a book, with what is left over when all
// seats are filled.
func (r *Result) ActiveVotes(round, book int) Decimal {
	rd := &r.Rounds[round]
	over := r.Inactive(round, book, FinalSurplus)
	if book == 0 {
		return rd.Active.Plus(over)
	}
	var sum amount
	for c := range rd.books[book].tally {
		if rd.In[c] {
			sum.merge(&rd.books[book].tally[c])
		}
	}
	return sum.decimal(r.places).Plus(over)
}

// Ballots returns the number of ballots of a book, with those that rank nobody.
func (r *Result) Ballots(book int) Decimal {
	total := r.ActiveVotes(0, book)
	for s := DidNotRank; s < FinalSurplus; s++ {
		total = total.Plus(r.Inactive(0, book, s))
	}
	return total
}

// Transfers returns where a candidate's votes went after a round (from 0) of a book; those that took nothing are left out.
func (r *Result) Transfers(round, book, candidate int) []Transfer {
	if round+1 >= len(r.Rounds) {
		return nil
	}
	var all []Transfer
	b := &r.Rounds[round+1].books[book]
	for i := range b.moves {
		if m := &b.moves[i]; m.from == candidate {
			all = append(all, Transfer{m.from, m.to, m.sum.decimal(r.places)})
		}
	}
	for _, t := range b.lost {
		if t.From == candidate {
			all = append(all, t)
		}
	}
	return all
}

// Winners returns who was elected, in the order of rounds and in each by name.
func (r *Result) Winners() []int {
	var all []int
	for i := range r.Rounds {
		all = append(all, r.Rounds[i].Elected...)
	}
	return all
}

// ElectedIn returns the round (from 1) in which a candidate was elected, or 0.
func (r *Result) ElectedIn(candidate int) int { return r.elected[candidate] }

// EliminatedIn returns the round (from 1) in which a candidate was eliminated, or 0.
func (r *Result) EliminatedIn(candidate int) int { return r.eliminated[candidate] }

// TieAt returns the tie that chose a candidate in a round (from 0), or nil.
func (r *Result) TieAt(round, candidate int) *Tie {
	for i := range r.Rounds[round].Ties {
		if t := &r.Rounds[round].Ties[i]; t.Chosen == candidate {
			return t
		}
	}
	return nil
}

// BooksOf returns the indexes of the books of a slice.
func (r *Result) BooksOf(s Slice) []int {
	var all []int
	for i := range r.Books {
		if i > 0 && r.Books[i].Slice == s {
			all = append(all, i)
		}
	}
	return all
}

// sameWinners compares two counts of one contest.
func sameWinners(a, b *Result) bool {
	x, y := a.Winners(), b.Winners()
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
