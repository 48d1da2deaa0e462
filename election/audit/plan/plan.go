// Package plan says what an audit would cost before anybody opens a box: the chance to finish, the ballots and the hours.
//
// Ballot polling is computed exactly for the pair that is hardest to audit. Comparisons are simulated at the rates of errors expected, from a seed, so that the
// same question always has the same answer. Nothing here draws a ballot or decides about one.
package plan

import (
	"fmt"
	"math"
	"slices"

	"github.com/openprecinct/precinct/election/audit"
)

// Method is a way to audit.
type Method string

// The methods that can be planned.
const (
	BRAVO           Method = "bravo"
	Minerva         Method = "minerva"
	Providence      Method = "providence"
	AlphaPolling    Method = "alpha-polling"
	SuperSimple     Method = "supersimple"
	AlphaComparison Method = "alpha-comparison"
	MACRO           Method = "macro"
)

// Methods are all methods, polling first.
var Methods = []Method{BRAVO, Minerva, Providence, AlphaPolling, SuperSimple, AlphaComparison, MACRO}

// Compares says whether a method compares with what machines recorded, so that the rates of errors matter.
func (m Method) Compares() bool { return m == SuperSimple || m == AlphaComparison || m == MACRO }

// Rates are how often a record overstates the margin of the closest pair by one vote and by two, or understates it, per ballot.
type Rates struct{ Over1, Over2, Under1, Under2 float64 }

// Expected are rates that are usually expected before anything is known: one ballot in a thousand with an error of one vote each way, one in ten thousand
// with two (Arlo's too).
var Expected = Rates{.001, .0001, .001, .0001}

// County is a place where ballots lie.
type County struct {
	Name    string
	Ballots int
	Teams   int // who look at ballots at the same time; 1 if 0
}

// Question is what is asked.
type Question struct {
	Contest   audit.Contest
	Method    Method
	Limit     audit.Limit
	Rates     Rates    // of methods that compare
	BatchSize int      // ballots in a batch; of MACRO
	Counties  []County // whose ballots add up to the contest's; none for one place
	Minutes   float64  // to find a ballot and write down what is on it
	Seed      uint64
	Runs      int // how many audits are simulated; 1000 if 0
}

// Point is the chance that a round of a size ends the audit.
type Point struct {
	Draws  int
	Chance float64
}

// Work is what a number of draws costs in one place.
type Work struct {
	County  County
	Ballots int     // to look at: expected, each once however often it is drawn
	Hours   float64 // until its teams are done
}

// Target is a round that ends the audit with a chance.
type Target struct {
	Chance  float64
	Draws   int // ballots, or batches for MACRO; as often as there are where only a full count would do
	Ballots int // to look at, everywhere
	Hours   float64
	Full    bool // a full count
	Each    []Work
}

// Answer is what an audit would cost.
type Answer struct {
	Draws    string // what is drawn: "ballots" or "batches"
	Curve    []Point
	Targets  []Target
	Expected int // draws on average, if the sample grows until the audit ends, at most a full count
	Batches  int // of MACRO
}

// Chances are those for which sizes are answered.
var Chances = []float64{.5, .7, .8, .9, .95, .99}

// FromMargin makes a contest of two of whom one leads by a share of all ballots: .02 is two percent. Everybody voted for one of them, but for one ballot
// where the numbers need it.
func FromMargin(ballots int, margin float64) audit.Contest {
	lead := max(0, min(ballots, int(math.Round(float64(ballots)*margin))))
	l := (ballots - lead) / 2
	return audit.Contest{Ballots: ballots, NumWinners: 1, VotesAllowed: 1, Candidates: []audit.Candidate{{ID: "Winner", Votes: l + lead}, {ID: "Runner-up", Votes: l}}}
}

func (q Question) check() error {
	switch r := q.Rates; {
	case !slices.Contains(Methods, q.Method):
		return fmt.Errorf("%w: no method is called %q", audit.ErrInput, q.Method)
	case !(q.Minutes >= 0 && q.Minutes <= 1000):
		return fmt.Errorf("%w: %g minutes for a ballot", audit.ErrInput, q.Minutes)
	case !(r.Over1 >= 0 && r.Over2 >= 0 && r.Under1 >= 0 && r.Under2 >= 0 && r.Over1+r.Over2+r.Under1+r.Under2 <= 1):
		return fmt.Errorf("%w: rates of errors are shares of all ballots", audit.ErrInput)
	case q.Method == MACRO && (q.BatchSize < 1 || q.BatchSize > max(1, q.Contest.Ballots)):
		return fmt.Errorf("%w: batches of %d ballots", audit.ErrInput, q.BatchSize)
	case q.Runs < 0 || q.Runs > 100_000:
		return fmt.Errorf("%w: %d runs", audit.ErrInput, q.Runs)
	}
	total := 0
	for _, c := range q.Counties {
		if c.Ballots < 0 || c.Teams < 0 || c.Ballots > q.Contest.Ballots {
			return fmt.Errorf("%w: %s cannot have %d ballots and %d teams", audit.ErrInput, c.Name, c.Ballots, c.Teams)
		}
		total += c.Ballots
	}
	if len(q.Counties) > 0 && total != q.Contest.Ballots {
		return fmt.Errorf("%w: the counties have %d ballots together, the contest has %d", audit.ErrInput, total, q.Contest.Ballots)
	}
	return nil
}

// Ask answers a question. Errors: [audit.ErrInput], [audit.ErrNoLosers].
func (q Question) Ask() (Answer, error) {
	if err := q.check(); err != nil {
		return Answer{}, err
	}
	if q.Runs == 0 {
		q.Runs = 1000
	}
	if _, err := (audit.SuperSimple{Contest: q.Contest, Limit: q.Limit}).Size(audit.Observed{}); err != nil {
		return Answer{}, err // the same for all: a contest that cannot be, a limit that is none, nobody who lost
	}
	a := Answer{Draws: "ballots"}
	most := q.Contest.Ballots
	if q.Method == MACRO {
		a.Draws, a.Batches = "batches", (q.Contest.Ballots+q.BatchSize-1)/max(1, q.BatchSize)
		most = a.Batches
	}
	chance, err := q.chances(most)
	if err != nil {
		return Answer{}, err
	}
	a.Curve = curve(chance, most)
	a.Expected = expected(a.Curve, most)
	for _, c := range Chances {
		a.Targets = append(a.Targets, q.target(a, c, most, chance))
	}
	return a, nil
}

// chances is the chance to finish by the size of a round.
type chances func(draws int) float64

// chances of a method. A reported tie never finishes.
func (q Question) chances(most int) (chances, error) {
	if most == 0 || q.margin() == 0 {
		return func(int) float64 { return 0 }, nil
	}
	exact := func(f func([]audit.Round, int) (float64, error)) chances {
		return func(n int) float64 {
			p, err := f(nil, n)
			if err != nil { // checked before
				return 0
			}
			return p
		}
	}
	switch q.Method {
	case BRAVO:
		return exact(audit.BRAVO{Contest: q.Contest, Limit: q.Limit}.Chance), nil
	case Minerva, Providence: // the same in a first round; this one needs no tables
		return exact(audit.Providence{Contest: q.Contest, Limit: q.Limit}.Chance), nil
	case SuperSimple:
		return q.superSimple(most), nil
	case MACRO:
		return q.macro(most), nil
	default:
		return q.alpha(most)
	}
}

// margin is by how many votes the closest pair is apart.
func (q Question) margin() int {
	w, l := q.Contest.Winners(), q.Contest.Losers()
	return w[len(w)-1].Votes - l[0].Votes
}

// curvePoints is how many points a curve has, about.
const curvePoints = 60

// curve follows the chance from nothing to 99.5 %, or to all there is. It never falls: who has a larger round ready may use a smaller one.
func curve(chance chances, most int) []Point {
	end := 1
	for end < most && chance(end) < .995 {
		end *= 2
	}
	end = min(end, most)
	points := []Point{{0, 0}}
	for i := 1; i <= curvePoints; i++ {
		n := int(math.Round(float64(end) * float64(i) / curvePoints))
		last := points[len(points)-1]
		if n > last.Draws {
			points = append(points, Point{n, max(last.Chance, chance(n))})
		}
	}
	return points
}

// expected is the mean of draws, where the sample grows until the audit ends or is all there is.
func expected(points []Point, most int) int {
	total := 0.
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		total += float64(b.Draws-a.Draws) * (1 - (a.Chance+b.Chance)/2)
	}
	last := points[len(points)-1]
	total += float64(most-last.Draws) * (1 - last.Chance) // what is not done by then is counted in full
	return min(most, int(math.Ceil(total)))
}

// target finds the least round with a chance: between two points of the curve by halving.
func (q Question) target(a Answer, c float64, most int, chance chances) Target {
	t := Target{Chance: c, Draws: most, Full: true}
	for i := 1; i < len(a.Curve); i++ {
		if a.Curve[i].Chance < c {
			continue
		}
		lo, hi := a.Curve[i-1].Draws, a.Curve[i].Draws
		for hi-lo > 1 {
			if mid := lo + (hi-lo)/2; chance(mid) >= c {
				hi = mid
			} else {
				lo = mid
			}
		}
		t.Draws, t.Full = hi, hi >= most
		break
	}
	seen := q.seen(a, t)
	t.Ballots = up(seen, q.Contest.Ballots)
	counties := q.Counties
	if len(counties) == 0 {
		counties = []County{{Ballots: q.Contest.Ballots}}
	}
	for _, c := range counties {
		w := Work{County: c, Ballots: up(seen, c.Ballots)}
		w.Hours = float64(w.Ballots) * q.Minutes / 60 / float64(max(1, c.Teams))
		t.Each, t.Hours = append(t.Each, w), max(t.Hours, w.Hours)
	}
	return t
}

// up is a share of some ballots, rounded up but for what is left of rounding before.
func up(share float64, ballots int) int {
	return min(ballots, int(math.Ceil(share*float64(ballots)-1e-6)))
}

// seen is the share of all ballots that people look at. Of N ballots, n draws with replacement are expected to see N (1 − (1 − 1/N)^n).
func (q Question) seen(a Answer, t Target) float64 {
	units := float64(q.Contest.Ballots)
	if q.Method == MACRO {
		units = float64(a.Batches)
	}
	switch {
	case t.Full:
		return 1
	case q.Method == AlphaComparison || q.Method == AlphaPolling: // without replacement
		return float64(t.Draws) / units
	}
	return -math.Expm1(float64(t.Draws) * math.Log1p(-1/math.Max(2, units)))
}
