package ballot

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
)

// Problem is something in a definition that is wrong, or, with Warning, that its maker should look at.
type Problem struct {
	Where   string // a path in words: “contest sheriff”, “ballot style 4 → contest sheriff”
	Err     *fault.Error
	Warning bool
}

// String returns the place and the English sentence.
func (p Problem) String() string { return p.Where + ": " + p.Err.Error() }

// Limits are what VxSuite's machines take ("System limits" of its technical data package). What is beyond them is a warning: our own machines take more.
var Limits = struct{ Precincts, Candidates, Contests, Styles, CandidatesOfContest, Seats int }{2500, 2000, 1000, 5000, 100, 50}

// mostProblems is how many problems are returned; who has more repairs the first ones first.
const mostProblems = 500

// Check returns every problem of an election, those that keep it from being used first. None means: every voter gets one ballot, every contest of their
// districts stands on it once, and every option of it can be marked in one place.
func Check(e *Election) []Problem {
	k := &checker{e: e, districts: map[string]bool{}, parties: map[string]bool{}, contests: map[string]Contest{}}
	k.head()
	k.things()
	for _, c := range e.Contests {
		k.contest(c)
	}
	for i, s := range e.Styles {
		k.style(i, s)
	}
	k.voters()
	k.limits()
	slices.SortStableFunc(k.found, func(a, b Problem) int {
		switch {
		case a.Warning == b.Warning:
			return 0
		case a.Warning:
			return 1
		}
		return -1
	})
	return k.found[:min(len(k.found), mostProblems)]
}

type checker struct {
	e                  *Election
	districts, parties map[string]bool
	contests           map[string]Contest
	found              []Problem
}

func (k *checker) add(where string, err *fault.Error) {
	k.found = append(k.found, Problem{Where: where, Err: err})
}

func (k *checker) warn(where string, err *fault.Error) {
	k.found = append(k.found, Problem{Where: where, Err: err, Warning: true})
}

func (k *checker) head() {
	e := k.e
	if e.Title == "" {
		k.add("election", fault.Invalidf("The election has no title."))
	}
	if _, err := time.Parse(time.DateOnly, e.Date); err != nil {
		k.add("election", fault.Invalidf("The date of the election is “%s”. It is written year-month-day, as 2026-11-03.", e.Date))
	}
	if e.Paper.Height() == 0 {
		k.add("election", fault.Invalidf("The paper is “%s”. Known are letter, legal and 8.5 by 17, 18, 19, 20 and 22 inches.", string(e.Paper)))
	}
	if e.Codes != QRCodes && e.Codes != TimingMarks {
		k.add("election", fault.Invalidf("Pages say what they are by “%s”. Known are qr-code and timing-marks.", string(e.Codes)))
	}
	for _, x := range []struct {
		n   int
		err *fault.Error
	}{{len(e.Districts), fault.Invalidf("The election has no district.")}, {len(e.Precincts), fault.Invalidf("The election has no precinct.")},
		{len(e.Contests), fault.Invalidf("The election has no contest.")}, {len(e.Styles), fault.Invalidf("The election has no ballot style.")}} {
		if x.n == 0 {
			k.add("election", x.err)
		}
	}
}

// unique returns the ids once each and says which come twice or are empty.
func (k *checker) unique(kind string, ids []string) map[string]bool {
	seen := map[string]bool{}
	for i, id := range ids {
		switch {
		case id == "":
			k.add(fmt.Sprintf("%s %d", kind, i+1), fault.Invalidf("It has no id."))
		case seen[id]:
			k.add(kind+" "+id, fault.Invalidf("Two of them have the id “%s”.", id))
		}
		seen[id] = true
	}
	return seen
}

func idsOf[T any](all []T, id func(T) string) []string {
	ids := make([]string, len(all))
	for i, x := range all {
		ids[i] = id(x)
	}
	return ids
}

// things looks at districts, parties, precincts, polling places, and at the ids of contests and styles.
func (k *checker) things() {
	e := k.e
	k.districts = k.unique("district", idsOf(e.Districts, func(d District) string { return d.ID }))
	k.parties = k.unique("party", idsOf(e.Parties, func(p Party) string { return p.ID }))
	precincts := k.unique("precinct", idsOf(e.Precincts, func(p Precinct) string { return p.ID }))
	k.unique("contest", idsOf(e.Contests, func(c Contest) string { return c.ID }))
	k.unique("ballot style", idsOf(e.Styles, func(s Style) string { return s.ID }))
	k.unique("polling place", idsOf(e.Places, func(p Place) string { return p.ID }))
	for _, c := range e.Contests {
		k.contests[c.ID] = c
	}
	splits := map[string]bool{}
	for _, p := range e.Precincts {
		where := "precinct " + p.ID
		if len(p.Splits) > 0 && len(p.Districts) > 0 {
			k.add(where, fault.Invalidf("It has splits and districts of its own: only one of both."))
		}
		k.known(where, p.Districts)
		for id := range k.unique(where+" → split", idsOf(p.Splits, func(s Split) string { return s.ID })) {
			splits[id] = true
		}
		for _, s := range p.Splits {
			k.known(where+" → split "+s.ID, s.Districts)
		}
	}
	for _, p := range e.Places {
		for _, x := range p.Precincts {
			if !precincts[x.Precinct] {
				k.add("polling place "+p.ID, fault.Invalidf("It names the precinct “%s”, which does not exist.", x.Precinct))
			}
			for _, s := range x.Splits {
				if !splits[s] {
					k.add("polling place "+p.ID, fault.Invalidf("It names the split “%s”, which does not exist.", s))
				}
			}
		}
	}
}

func (k *checker) known(where string, districts []string) {
	for _, d := range districts {
		if !k.districts[d] {
			k.add(where, fault.Invalidf("It names the district “%s”, which does not exist.", d))
		}
	}
}

func (k *checker) contest(c Contest) {
	where := "contest " + c.ID
	if c.Title == "" {
		k.add(where, fault.Invalidf("It has no title."))
	}
	if !k.districts[c.District] {
		k.add(where, fault.Invalidf("It names the district “%s”, which does not exist.", c.District))
	}
	if c.Party != "" && !k.parties[c.Party] {
		k.add(where, fault.Invalidf("It names the party “%s”, which does not exist.", c.Party))
	}
	if c.Party != "" && k.e.Type == General {
		k.add(where, fault.Invalidf("It is the contest of a party, and the election is not a primary."))
	}
	k.unique(where+" → option", idsOf(c.Options, func(o Option) string { return o.ID }))
	switch {
	case c.Seats < 1:
		k.add(where, fault.Invalidf("Voters may mark %d options; it must be 1 or more.", c.Seats))
	case c.Kind != Candidates && c.Kind != Ranked && (len(c.Options) < 2 || c.Seats != 1):
		k.add(where, fault.Invalidf("It needs two or more answers, of which a voter marks one; it has %d, of which %d are marked.", len(c.Options), c.Seats))
	case len(c.Options) == 0 && !c.WriteIns:
		k.add(where, fault.Invalidf("It has no candidate and no line for a written name: nobody can be elected."))
	case len(c.Options) < c.Seats && !c.WriteIns:
		k.warn(where, fault.Invalidf("It has %d candidates for %d seats, and no line for a written name.", len(c.Options), c.Seats))
	}
	for _, o := range c.Options {
		if o.Name == "" {
			k.add(where+" → option "+o.ID, fault.Invalidf("It has no name."))
		}
		for _, p := range o.Parties {
			if !k.parties[p] {
				k.add(where+" → option "+o.ID, fault.Invalidf("It names the party “%s”, which does not exist.", p))
			}
		}
		if c.Kind == StraightParty && !k.parties[o.ID] {
			k.add(where+" → option "+o.ID, fault.Invalidf("It names the party “%s”, which does not exist.", o.ID))
		}
	}
}

func (k *checker) style(i int, s Style) {
	where := "ballot style " + s.ID
	if k.e.Format == V40 && i >= 1<<styleBits[V40] {
		k.add(where, fault.Invalidf("It is style number %d; the code on a page has room for %d.", i+1, 1<<styleBits[V40]))
	}
	k.known(where, s.Districts)
	for _, id := range s.Precincts {
		if _, ok := k.e.Precinct(id); !ok {
			k.add(where, fault.Invalidf("It names the precinct “%s”, which does not exist.", id))
		}
	}
	if len(s.Precincts) == 0 {
		k.add(where, fault.Invalidf("It names no precinct: nobody gets it."))
	}
	switch {
	case s.Party != "" && !k.parties[s.Party]:
		k.add(where, fault.Invalidf("It names the party “%s”, which does not exist.", s.Party))
	case s.Party != "" && k.e.Type != ClosedPrimary:
		k.add(where, fault.Invalidf("It is the ballot of a party, and the election is not a closed primary."))
	}
	for _, l := range s.Languages {
		if len(k.e.Texts) > 0 && k.e.Texts[l] == nil {
			k.warn(where, fault.Invalidf("Its language is “%s”, in which the definition has no text.", l))
		}
	}
	contests := k.e.ContestsOf(s)
	if len(contests) == 0 {
		k.add(where, fault.Invalidf("No contest stands on it."))
	}
	for _, c := range contests {
		k.order(where, s, c)
	}
	if len(s.Sheets) > 0 {
		k.positions(where, s, contests)
	}
}

// order looks whether a style has every option of a contest, and no other.
func (k *checker) order(where string, s Style, c Contest) {
	order, ok := s.Order[c.ID]
	if !ok {
		return
	}
	has := map[string]bool{}
	for _, o := range order {
		if _, ok := c.Option(o.Option); !ok {
			k.add(where+" → contest "+c.ID, fault.Invalidf("It orders the option “%s”, which the contest does not have.", o.Option))
		}
		has[o.Option] = true
	}
	for _, o := range c.Options {
		if !has[o.ID] {
			k.add(where+" → contest "+c.ID, fault.Invalidf("The option “%s” is missing from its order: it would not be printed.", o.Name))
		}
	}
}

// apart is how near two ovals may be, in columns and in rows: an oval is 0.83 columns wide and 0.49 rows high.
var apart = Point{0.9, 0.55}

// positions looks whether every option of every contest can be marked, once for each of its places in the order, and nothing else.
func (k *checker) positions(where string, s Style, contests []Contest) {
	type place struct{ contest, option string }
	want, lines := map[place]int{}, map[string]int{}
	for _, c := range contests {
		for _, o := range s.OptionsOn(c) {
			want[place{c.ID, o.ID}]++
		}
		if c.WriteIns {
			lines[c.ID] = c.Seats
		}
	}
	got, gotLines := map[place]int{}, map[place]int{}
	for i, sheet := range s.Sheets {
		for side, all := range sheet {
			at := fmt.Sprintf("%s → page %d", where, 2*i+side+1)
			k.ovals(at, all)
			for _, p := range all {
				if p.Option == "" {
					gotLines[place{p.Contest, fmt.Sprint(p.WriteIn)}]++
					if p.WriteIn >= lines[p.Contest] {
						k.add(at, fault.Invalidf("Contest “%s” has line %d for a written name; it may have %d.", p.Contest, p.WriteIn+1, lines[p.Contest]))
					}
					continue
				}
				got[place{p.Contest, p.Option}]++
				if want[place{p.Contest, p.Option}] == 0 {
					k.add(at, fault.Invalidf("There is an oval for “%s” of contest “%s”, which does not stand on this style.", p.Option, p.Contest))
				}
			}
		}
	}
	for _, c := range contests {
		for _, o := range s.OptionsOn(c) {
			if at := (place{c.ID, o.ID}); got[at] != want[at] {
				k.add(where+" → contest "+c.ID, fault.Invalidf("“%s” has %d ovals, not %d.", o.Name, got[at], want[at]))
			}
		}
		for line := range lines[c.ID] {
			if n := gotLines[place{c.ID, fmt.Sprint(line)}]; n != 1 {
				k.add(where+" → contest "+c.ID, fault.Invalidf("Line %d for a written name has %d ovals, not 1.", line+1, n))
			}
		}
	}
	if 2*len(s.Sheets) > MaxPage {
		k.add(where, fault.Invalidf("It has %d sheets; a ballot has at most %d.", len(s.Sheets), mostSheets))
	}
}

// ovals looks whether the ovals of a side lie on the sheet and apart from each other.
func (k *checker) ovals(where string, all []Position) {
	rows := float64(k.e.Paper.Rows() - 1)
	for i, p := range all {
		if b := p.Bubble; !(b.Col > 0 && b.Col < Columns-1 && b.Row > 0 && b.Row < rows) {
			k.add(where, fault.Invalidf("The oval at column %.2f, row %.2f does not lie between the timing marks.", b.Col, b.Row))
		}
		for _, q := range all[:i] {
			if math.Abs(p.Bubble.Col-q.Bubble.Col) < apart.Col && math.Abs(p.Bubble.Row-q.Bubble.Row) < apart.Row {
				k.add(where, fault.Invalidf("Two ovals lie on each other at column %.2f, row %.2f.", p.Bubble.Col, p.Bubble.Row))
			}
		}
	}
}

// voters looks whether everybody gets one ballot in each language and party, with exactly the contests of their districts.
func (k *checker) voters() {
	on := map[string]bool{}
	for _, s := range k.e.Styles {
		for _, c := range k.e.ContestsOf(s) {
			on[c.ID] = true
		}
	}
	for _, c := range k.e.Contests {
		if !on[c.ID] {
			k.warn("contest "+c.ID, fault.Invalidf("It stands on no ballot style: nobody can vote in it."))
		}
	}
	for _, p := range k.e.Precincts {
		areas := []Split{{Districts: p.Districts}}
		if len(p.Splits) > 0 {
			areas = p.Splits
		}
		for _, a := range areas {
			where := "precinct " + p.ID
			if a.ID != "" {
				where += " → split " + a.ID
			}
			k.voter(where, p.ID, a.Districts)
		}
	}
}

// voter looks at the styles of one area. Older definitions do not say which districts a precinct has; then any style will do.
func (k *checker) voter(where, precinct string, districts []string) {
	seen := map[string]string{}
	for _, s := range k.e.Styles {
		if !slices.Contains(s.Precincts, precinct) || (len(districts) > 0 && !k.same(districts, s.Districts)) {
			continue
		}
		languages := strings.Join(s.Languages, "+")
		if other, ok := seen[languages+" "+s.Party]; ok && len(districts) > 0 {
			k.add(where, fault.Invalidf("Its voters get two ballot styles, “%s” and “%s”.", other, s.ID))
		}
		seen[languages+" "+s.Party] = s.ID
	}
	if len(seen) == 0 {
		k.add(where, fault.Invalidf("No ballot style has the districts of its voters: they get no ballot, or a wrong one."))
	}
}

// same reports whether two lists of districts have the same contests.
func (k *checker) same(a, b []string) bool {
	votes := map[string]bool{}
	for _, c := range k.e.Contests {
		votes[c.District] = true
	}
	in := func(all []string) map[string]bool {
		m := map[string]bool{}
		for _, d := range all {
			if votes[d] {
				m[d] = true
			}
		}
		return m
	}
	x, y := in(a), in(b)
	if len(x) != len(y) {
		return false
	}
	for d := range x {
		if !y[d] {
			return false
		}
	}
	return true
}

func (k *checker) limits() {
	e := k.e
	candidates := 0
	for _, c := range e.Contests {
		if c.Kind == Candidates {
			candidates += len(c.Options)
		}
		k.limit("contest "+c.ID, len(c.Options), Limits.CandidatesOfContest, fault.Invalidf("It has %d candidates; machines of VxSuite take %d.", len(c.Options), Limits.CandidatesOfContest))
		k.limit("contest "+c.ID, c.Seats, Limits.Seats, fault.Invalidf("Voters may mark %d; machines of VxSuite take %d.", c.Seats, Limits.Seats))
	}
	k.limit("election", len(e.Precincts), Limits.Precincts, fault.Invalidf("It has %d precincts; machines of VxSuite take %d.", len(e.Precincts), Limits.Precincts))
	k.limit("election", len(e.Contests), Limits.Contests, fault.Invalidf("It has %d contests; machines of VxSuite take %d.", len(e.Contests), Limits.Contests))
	k.limit("election", len(e.Styles), Limits.Styles, fault.Invalidf("It has %d ballot styles; machines of VxSuite take %d.", len(e.Styles), Limits.Styles))
	k.limit("election", candidates, Limits.Candidates, fault.Invalidf("It has %d candidates; machines of VxSuite take %d.", candidates, Limits.Candidates))
}

func (k *checker) limit(where string, n, most int, err *fault.Error) {
	if n > most {
		k.warn(where, err)
	}
}
