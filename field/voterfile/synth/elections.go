package synth

import (
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// Election is one election of the state's calendar.
type Election struct {
	Date layout.Date
	Type layout.ElectionType
	Name string // as the state's files write it
}

// scale says how many take part.
type scale uint8

const (
	presidential scale = iota
	midterm
	statePrimary
	presidentialPrimary
	municipal
	runoff
	special
	offYear // Ohio's November elections of odd years
)

// election is an Election with what the turnout model needs.
type election struct {
	Election
	scale   scale
	primary bool // parties have ballots of their own
	day     int  // dayNumber
	key     uint64
	methods [5]int
	odds    [16][12]uint16 // by habit and age: 65536 is certainty
}

// The days of primaries, runoffs and special elections by state: "yyyymmdd" and a letter, p primary, x presidential
// primary, r runoff, s special, m municipal (FL, second Tuesday of March). Generals follow from the law (3 U.S.C. 1). Sources: the states' election calendars.
var calendars = map[layout.ID]string{
	layout.NC: `20060502p 20080506p 20080624r 20100504p 20100622r 20120508p 20120717r 20140506p 20140715r 20160315p 20160607s 20180508p 20200303p ` +
		`20220517p 20220726r 20240305p 20240514r 20260303p 20260512r`,
	layout.OH: `20060502p 20070508s 20080304p 20100504p 20120306p 20140506p 20160315p 20180508p 20200428p 20210504s 20220503p 20230808s 20240319p 20260505p`,
	layout.FL: `20060905p 20070313m 20080129x 20080826p 20100824p 20120131x 20120814p 20140826p 20160315x 20160830p 20180828p 20190312m 20200317x 20200818p 20210309m 20220823p 20230314m 20240319x 20240820p 20250311m 20260818p`,
	layout.MI: `20060808p 20080115x 20080805p 20100803p 20120228x 20120807p 20140805p 20150505s 20160308x 20160802p 20180807p 20200310x 20200804p 20220802p 20240227x 20240806p 20260804p`,
	layout.WA: `20060919p 20080219x 20080819p 20100817p 20120807p 20140805p 20160524x 20160802p 20180807p 20200310x 20200804p 20220802p 20240312x 20240806p 20260804p`,
}

const mostElections = 30

// newElections returns the thirty elections before the day of the first file, and those after it and before until, oldest first.
func newElections(o Options, until layout.Date) []election {
	id, day := o.Layout, o.Date
	var out []election
	add := func(d layout.Date, t layout.ElectionType, k scale) {
		if d < until {
			out = append(out, election{Election: Election{Date: d, Type: t}, scale: k, day: dayNumber(d)})
		}
	}
	for y := 2006; y <= until.Year(); y++ {
		switch {
		case y%4 == 0:
			add(electionDay(y), layout.General, presidential)
		case y%2 == 0:
			add(electionDay(y), layout.General, midterm)
		case id == layout.OH || id == layout.WA:
			add(electionDay(y), layout.General, offYear)
		case id == layout.NC || id == layout.MI:
			add(electionDay(y), layout.Municipal, municipal)
		}
	}
	for _, w := range strings.Fields(calendars[id]) {
		n := 0
		for _, d := range w[:8] {
			n = n*10 + int(d-'0')
		}
		switch w[8] {
		case 'p':
			add(layout.Date(n), layout.Primary, statePrimary)
		case 'x':
			add(layout.Date(n), layout.PresidentialPrimary, presidentialPrimary)
		case 'r':
			add(layout.Date(n), layout.Runoff, runoff)
		case 'm':
			add(layout.Date(n), layout.OtherElection, municipal)
		case 's':
			add(layout.Date(n), layout.Special, special)
		}
	}
	slices.SortFunc(out, func(a, b election) int { return int(a.Date - b.Date) })
	past := 0
	for _, e := range out {
		if e.Date < day {
			past++
		}
	}
	out = out[max(0, past-mostElections):]
	for i := range out {
		out[i].finish(id, o.Turnout)
	}
	return out
}

func (e *election) finish(id layout.ID, lift int) {
	e.Name, e.key = electionName(id, e.Election), mix(uint64(e.Date))
	e.primary = e.scale == statePrimary || e.scale == presidentialPrimary || e.scale == runoff
	e.methods = methodShares(id, e.Date.Year())
	base := map[scale]int{presidential: 6, midterm: 1, statePrimary: -11, presidentialPrimary: -8, municipal: -13, runoff: -23, special: -15, offYear: -5}[e.scale]
	switch e.Date.Year() {
	case 2018, 2022:
		base++
	case 2020:
		base += 2
	case 2014:
		base--
	}
	for habit := range e.odds {
		for age := range e.odds[habit] {
			e.odds[habit][age] = logistic(base + lift + 2*habit - 14 + ageBent(age, e.scale))
		}
	}
}

// ageBent is how much likelier people of an age vote; age is in eighths of a century's decades: 18 to 25 is 0, 26 to 33 is 1.
func ageBent(age int, k scale) int {
	bent := [12]int{-5, -3, -2, 0, 1, 2, 4, 4, 2, -2, -4, -6}[age]
	if k != presidential && bent < 0 {
		return bent * 3 / 2
	}
	return bent
}

// logistic turns log odds, in quarters of a doubling, into a chance out of 65536. It uses whole numbers only.
func logistic(quarters int) uint16 {
	root := [4]uint64{65_536, 77_936, 92_682, 110_218} // 2^(k/4) · 65536
	up := quarters
	if up < 0 {
		up = -up
	}
	up = min(up, 60)
	odds := root[up%4] << (up / 4)
	p := odds * 65_535 / (odds + 65_536)
	if quarters < 0 {
		p = 65_535 - p
	}
	return uint16(p)
}

// electionName spells an election as the state's files do.
func electionName(id layout.ID, e Election) string {
	day := two(e.Date.Month()) + "/" + two(e.Date.Day()) + "/" + itoa(e.Date.Year())
	switch id {
	case layout.NC:
		kind := map[layout.ElectionType]string{layout.General: "GENERAL", layout.Primary: "PRIMARY", layout.Municipal: "MUNICIPAL",
			layout.Runoff: "SECOND PRIMARY", layout.Special: "CONGRESSIONAL PRIMARY"}[e.Type]
		return day + " " + kind
	case layout.OH:
		kind := map[layout.ElectionType]string{layout.General: "GENERAL", layout.Primary: "PRIMARY", layout.Special: "SPECIAL"}[e.Type]
		return kind + "-" + day
	case layout.FL:
		return map[layout.ElectionType]string{layout.General: "GEN", layout.Primary: "PRI", layout.PresidentialPrimary: "PPP", layout.OtherElection: "OTH"}[e.Type]
	case layout.MI: // the fixed-width history has a code for each election and no date
		return itoa(int(e.Date))
	}
	return ""
}

// methods of casting a ballot, in the order of methodShares.
const (
	atPolls = iota
	early
	curbside
	byMail
	provisional
)

// methodShares returns the permille of each method, summed up: early and mail voting grow over the years.
func methodShares(id layout.ID, year int) [5]int {
	var now [5]int
	step := max(0, min(year-2006, 20))
	switch id {
	case layout.NC:
		now = [5]int{0, 200 + 20*step, 8, 20 + 2*step, 5}
	case layout.FL:
		now = [5]int{0, 150 + 12*step, 0, 180 + 11*step, 4}
	case layout.OH, layout.MI:
		now = [5]int{0, 0, 0, 180 + 13*step, 8}
	case layout.WA:
		now = [5]int{0, 0, 0, 1000, 0}
	}
	if year == 2020 || year == 2021 {
		now[byMail] = min(now[byMail]+150, 1000)
	}
	now[atPolls] = max(0, 1000-now[early]-now[curbside]-now[byMail]-now[provisional])
	for i := 1; i < len(now); i++ {
		now[i] += now[i-1]
	}
	return now
}
