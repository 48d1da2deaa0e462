package ranked

import (
	"context"
	"math/big"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
)

// Asker decides a tie that the rules leave to whoever counts. It returns the index into t.Among.
type Asker func(t *Tie) (int, error)

// Tabulate counts a contest: once, or a MultiPass contest once a seat. ask may be nil; then a tie that must be asked about
// is a fault that names it.
func Tabulate(ctx context.Context, contest *Contest, p *Profile, ask Asker) ([]*Result, error) {
	if p.Ballots == 0 {
		return nil, fault.Invalidf("There is no ballot of this contest. Check contestId, and where the votes begin.")
	}
	for s := range sliceKinds {
		if names := p.parts[s].names; len(names) == 1 && names[0] == s.Missing() {
			return nil, fault.Invalidf("Reports by %s are wanted, but no ballot says its own. Leave them out, or name the column.", s.String())
		}
	}
	if contest.Rules.Method != MultiPass {
		r, err := tabulateOnce(ctx, contest, p, ask, 0)
		if err != nil {
			return nil, err
		}
		return []*Result{r}, nil
	}
	var all []*Result
	pass := *contest
	pass.Candidates = slices.Clone(contest.Candidates)
	pass.Rules.Winners = 1
	for n := 1; n <= contest.Rules.Winners; n++ {
		round := pass
		round.Candidates = slices.Clone(pass.Candidates)
		if round.running() == 0 || len(pass.Candidates) < n {
			break // everybody has a seat
		}
		r, err := tabulateOnce(ctx, &round, p, ask, n)
		if err != nil {
			return nil, err
		}
		won := r.Winners()
		if len(won) != 1 {
			return nil, fault.Invalidf("Pass %d has no winner: no candidate is left who could win.", n)
		}
		all = append(all, r)
		pass.Candidates[won[0]].Excluded = true
	}
	return all, nil
}

// counter is a count under way.
type counter struct {
	contest *Contest
	rules   *Rules
	profile *Profile
	cells   *cells
	ask     Asker
	random  *javaRandom
	result  *Result
	names   []int // candidates in the order of RCTab's set of names
	drawn   []int // the order that decides ties, for CandidateOrder and GivePermutation

	field  *field
	values []value
	known  map[string]uint32 // values by what they are
	recip  []int32           // by ranking: candidate, notYet or nobody
	state  []Status
	worth  []uint32 // by ranking: index into values

	tally    [][]amount // by book and candidate
	inactive [][statuses]amount
	kept     [][]amount // by book and winner: what the ballots left with a winner of the last round
	unit     *big.Int   // 10^places
	marks    []Mark
	scratch  []amount
	touched  []int
	pairs    *Pairs // of a BottomTwoRunoff, once it was needed
}

const (
	notYet = -1
	nobody = -2
)

func tabulateOnce(ctx context.Context, contest *Contest, p *Profile, ask Asker, pass int) (*Result, error) {
	n := contest.Size()
	c := &counter{contest: contest, rules: &contest.Rules, profile: p, cells: p.seal(), ask: ask, field: newField(contest), known: map[string]uint32{},
		recip: make([]int32, p.Rankings()), state: make([]Status, p.Rankings()), worth: make([]uint32, p.Rankings()), unit: power(contest.Rules.Places)}
	c.result = &Result{Contest: contest, Pass: pass, elected: make([]int, n), eliminated: make([]int, n), cutFraction: make([]Decimal, n), places: contest.Rules.Places}
	c.openBooks(n)
	one := newValue(c.unit, false)
	c.values = []value{one}
	for r := range c.recip {
		c.recip[r] = notYet
	}
	c.prepareOrders()
	for c.goesOn() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := c.round(); err != nil {
			return nil, err
		}
	}
	c.orderCandidates()
	return c.result, nil
}

func (c *counter) openBooks(n int) {
	c.result.Books = []Book{{}}
	for s := range sliceKinds {
		for _, name := range c.profile.parts[s].names {
			c.result.Books = append(c.result.Books, Book{s, name})
		}
	}
	for range c.result.Books {
		c.tally = append(c.tally, make([]amount, n))
	}
	c.inactive = make([][statuses]amount, len(c.result.Books))
	c.kept = make([][]amount, len(c.result.Books))
}

// prepareOrders makes the generator and the orders that ties and reports go by.
func (c *counter) prepareOrders() {
	all := make([]int, c.contest.Size())
	for i := range all {
		all[i] = i
	}
	c.names = javaOrder(all, c.contest.NameOf, false)
	declared := all[:len(c.contest.Candidates)]
	c.drawn = slices.Clone(declared)
	if !c.rules.TieBreak.seeded() {
		return
	}
	c.random = newJavaRandom(c.rules.Seed)
	if c.rules.TieBreak == GivePermutation {
		c.sortByName(c.drawn)
		shuffle(c.drawn, c.random)
	}
}

func (c *counter) sortByName(list []int) {
	slices.SortFunc(list, func(a, b int) int { return javaCompare(c.contest.NameOf(a), c.contest.NameOf(b)) })
}

// orderCandidates sorts candidates for the reports: by votes of the first round, the write-ins last, equal ones as a Java
// HashMap yields them, since RCTab's reports do.
func (c *counter) orderCandidates() {
	first := &c.result.Rounds[0]
	order := javaOrder(slices.DeleteFunc(slices.Clone(c.names), func(i int) bool { return !first.In[i] }), c.contest.NameOf, false)
	last := len(c.contest.Candidates)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case a == b:
			return 0
		case a == last:
			return 1
		case b == last:
			return -1
		}
		return first.votes[b].Cmp(first.votes[a])
	})
	c.result.Order = order
}

func (c *counter) now() int { return len(c.result.Rounds) }

func count(rounds []int) int {
	n := 0
	for _, r := range rounds {
		if r > 0 {
			n++
		}
	}
	return n
}

// goesOn reports whether another round is to be held.
func (c *counter) goesOn() bool {
	won, gone := count(c.result.elected), count(c.result.eliminated)
	running := c.contest.running()
	switch {
	case c.now() == 0:
		return true
	case c.rules.StopAfter > 0 && c.now() >= c.rules.StopAfter:
		return false
	case won > 0 && won+gone == running && c.rules.Winners > won:
		return false // more seats than candidates: everybody has one
	case c.rules.UntilTwoRemain:
		return gone+won+1 < running || slices.Contains(c.result.eliminated, c.now())
	case c.rules.Method == BottomsUpPercent:
		return won == 0
	}
	return won < c.rules.Winners || c.surplus() && slices.Contains(c.result.elected, c.now())
}

// surplus reports whether winners of this contest pass on what they have too much.
func (c *counter) surplus() bool { return c.rules.Method.transfers() && c.rules.Winners > 1 }

// continues reports whether ballots may count for a candidate.
func (c *counter) continues(i int) bool {
	return !c.contest.excluded(i) && c.result.eliminated[i] == 0 && (c.result.elected[i] == 0 || c.rules.UntilTwoRemain)
}

// round holds one round: ballots move, a threshold is set, somebody is elected or eliminated.
func (c *counter) round() error {
	n := c.contest.Size()
	rd := Round{In: make([]bool, n), Duel: [2]int{-1, -1}}
	for i := range n {
		c.field.continuing[i] = c.continues(i)
		rd.In[i] = c.field.continuing[i]
	}
	c.field.filled = c.surplus() && count(c.result.elected) == c.rules.Winners
	rd.books = make([]bookRound, len(c.tally))
	c.moveBallots(&rd)
	rd.votes = make([]Decimal, n)
	var active amount
	for i := range n {
		if rd.In[i] {
			rd.votes[i] = c.tally[0][i].decimal(c.rules.Places)
			active.merge(&c.tally[0][i])
		}
	}
	rd.Active = active.decimal(c.rules.Places)
	c.setThreshold(&rd)
	if c.now() > 0 {
		rd.Residual = c.result.Rounds[c.now()-1].Residual
	}
	c.result.Rounds = append(c.result.Rounds, rd)
	if err := c.decide(&c.result.Rounds[c.now()-1]); err != nil {
		return err
	}
	c.keepBooks(&c.result.Rounds[c.now()-1])
	return nil
}

// moveBallots lets every ballot that counts for nobody who continues find its next candidate.
func (c *counter) moveBallots(rd *Round) {
	n := c.contest.Size()
	width := n + 1
	c.touched = c.touched[:0]
	slot := make([]int, n+1) // of a source in scratch, plus 1; the last is ballots not yet counted
	for i := range n {
		if !rd.In[i] && c.tallied(i) {
			slot[i] = len(c.touched) + 1
			c.touched = append(c.touched, i)
		}
	}
	perBook := len(c.touched) * width
	c.scratch = slices.Grow(c.scratch[:0], perBook*len(c.tally))[:perBook*len(c.tally)]
	clear(c.scratch)
	for r, from := range c.recip {
		if from == nobody || from >= 0 && rd.In[from] {
			continue
		}
		c.marks = unpackMarks(c.marks[:0], c.profile.packed(uint32(r))) // #nosec G115 -- an index
		to, state := c.field.walk(c.marks)
		v := &c.values[c.worth[r]]
		for k := c.cells.from[r]; k < c.cells.from[r+1]; k++ {
			book, many := int(c.cells.book[k]), c.cells.counts[k]
			if state == Active {
				c.tally[book][to].add(v, many)
			} else {
				c.inactive[book][state].add(v, many)
			}
			if from >= 0 && slot[from] > 0 && !v.zero() {
				c.scratch[book*perBook+(slot[from]-1)*width+to+1].add(v, many)
			}
		}
		c.state[r] = state
		c.recip[r] = nobody
		if state == Active {
			c.recip[r] = int32(to) // #nosec G115 -- candidates are few
		}
	}
	for b := range c.tally {
		for s, from := range c.touched {
			for to := range width {
				if a := c.scratch[b*perBook+s*width+to]; a.hi|a.lo != 0 {
					rd.books[b].moves = append(rd.books[b].moves, move{from, to - 1, a})
				}
			}
		}
		for _, from := range c.touched {
			c.tally[b][from] = amount{}
		}
	}
}

// tallied reports whether ballots count for a candidate since the last round.
func (c *counter) tallied(i int) bool {
	if c.now() == 0 {
		return false
	}
	return c.result.elected[i] == c.now() || c.result.eliminated[i] == c.now()
}

// keepBooks writes down what every book has, with what winners of earlier rounds keep.
func (c *counter) keepBooks(rd *Round) {
	previous := (*Round)(nil)
	if c.now() > 1 {
		previous = &c.result.Rounds[c.now()-2]
	}
	for b := range c.tally {
		rd.books[b].tally = slices.Clone(c.tally[b])
		rd.books[b].inactive = c.inactive[b]
	}
	if c.surplus() && previous != nil {
		c.lockWinners(rd, previous)
	}
	if c.surplus() {
		c.passOn(rd)
	}
}

// lockWinners gives winners of earlier rounds the votes they keep. What rounding left above the threshold is residual.
func (c *counter) lockWinners(rd, previous *Round) {
	locked := Decimal{}
	for i, won := range c.result.elected {
		if won == 0 || won == c.now() {
			continue
		}
		rd.In[i] = true
		if won < c.now()-1 {
			rd.votes[i] = previous.votes[i]
			locked = locked.Plus(rd.votes[i])
			for b := range c.tally {
				rd.books[b].tally[i] = previous.books[b].tally[i]
			}
			continue
		}
		for b := range c.tally {
			rd.books[b].tally[i] = c.kept[b][i]
		}
		rd.votes[i] = c.kept[0][i].decimal(c.rules.Places)
		locked = locked.Plus(rd.votes[i])
		if over := rd.votes[i].Minus(rd.Threshold); over.Sign() > 0 {
			rd.Residual = rd.Residual.Plus(over)
			rd.books[0].lost = append(rd.books[0].lost, Transfer{i, ToResidual, over})
			rd.votes[i] = rd.Threshold
			locked = locked.Minus(over)
		}
	}
	rd.Active = rd.Active.Plus(locked)
}

// passOn takes from the ballots of this round's winners what the winners keep; the ballots go on with the rest.
func (c *counter) passOn(rd *Round) {
	for b := range c.kept {
		c.kept[b] = make([]amount, c.contest.Size())
	}
	for _, w := range rd.Elected {
		fraction := Decimal{}
		if over := rd.votes[w].Minus(rd.Threshold); over.Sign() > 0 {
			fraction = over.Over(rd.votes[w], c.rules.Places, false)
		}
		c.result.cutFraction[w] = fraction
		split := map[uint32][2]uint32{} // what stays and what goes, of each worth
		for r, to := range c.recip {
			if int(to) != w {
				continue
			}
			parts, ok := split[c.worth[r]]
			if !ok {
				stays, goes := cutValue(&c.values[c.worth[r]], fraction, c.rules.Places)
				parts = [2]uint32{c.valueOf(stays), c.valueOf(goes)}
				split[c.worth[r]] = parts
			}
			for k := c.cells.from[r]; k < c.cells.from[r+1]; k++ {
				c.kept[c.cells.book[k]][w].add(&c.values[parts[0]], c.cells.counts[k])
			}
			c.worth[r] = parts[1]
		}
	}
}

// cutValue divides a ballot's value: what goes on is value × fraction, rounded down; the winner keeps the rest.
func cutValue(v *value, fraction Decimal, places int) (stays, goes value) {
	units := v.units()
	part := new(big.Int).Mul(units, fraction.at(places))
	part.Quo(part, power(places))
	return newValue(new(big.Int).Sub(units, part), true), newValue(part, true)
}

func (c *counter) valueOf(v value) uint32 {
	key := v.units().String()
	if i, ok := c.known[key]; ok {
		return i
	}
	c.values = append(c.values, v)
	c.known[key] = uint32(len(c.values) - 1) // #nosec G115 -- at most two a ranking and winner
	return c.known[key]
}

// setThreshold sets the number of votes that elects.
func (c *counter) setThreshold(rd *Round) {
	frozen := c.rules.Winners > 1 || c.rules.FirstRoundThreshold || c.rules.UntilTwoRemain && count(c.result.elected) > 0
	if c.now() > 0 && frozen {
		rd.Threshold = c.result.Rounds[c.now()-1].Threshold
		return
	}
	if c.rules.Method == BottomsUpPercent {
		share := c.rules.Percent
		share.scale += 2
		rd.Threshold = rd.Active.Times(share)
		return
	}
	places := 0
	if c.rules.NonIntegerThreshold {
		places = c.rules.Places
	}
	if c.rules.Hare {
		rd.Threshold = rd.Active.Over(NewDecimal(int64(c.rules.Winners)), places, true)
		return
	}
	least := Decimal{*big.NewInt(1), places}
	rd.Threshold = rd.Active.Over(NewDecimal(int64(c.rules.Winners+1)), places, false).Plus(least)
}
