package personpage

import (
	"github.com/openprecinct/precinct/field/list"
	"slices"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/words"
)

// The picture of votes: a lane for each type of election, time from left to right, one mark for each election. All numbers are
// units of the drawing.
const (
	chartWidth = 772
	chartLeft  = 16
	chartRight = 676
	laneHeight = 40
	markApart  = 23
)

// voteChart is the picture, ready to print.
type voteChart struct {
	height     int
	finding    string // what the picture shows, in a sentence
	lanes      []lane
	marks      []mark
	years      []tick
	registered int // x of the line, 0 for none
	said       string
	saidEnd    bool // the words stand to the left of the line
}

type lane struct {
	y    int
	name string
}

type tick struct {
	x    int
	year string
}

type mark struct {
	x, y  int
	shape string // polls, early, mail, none, before, void
	title string
}

// laneOf sorts the types of election into lanes; runoffs and special elections share one.
func laneOf(e layout.ElectionType) int {
	switch e {
	case layout.General:
		return 0
	case layout.Municipal:
		return 1
	case layout.Primary, layout.PresidentialPrimary:
		return 2
	default:
		return 3
	}
}

// drawVotes makes the picture, or false when there is nothing to draw.
func drawVotes(t words.Translator, v *person.Votes, registeredOn int) (voteChart, bool) {
	if v == nil || len(v.Elections) == 0 {
		return voteChart{}, false
	}
	names := []string{t.T("General"), t.T("City"), t.T("Primary"), t.T("Others")}
	row := map[int]int{}
	c := voteChart{finding: votesSaid(t, v)}
	for i, name := range names {
		if slices.ContainsFunc(v.Elections, func(e person.Election) bool { return laneOf(e.Type) == i }) {
			row[i] = 22 + laneHeight*len(c.lanes)
			c.lanes = append(c.lanes, lane{row[i], name})
		}
	}
	c.height = 22 + laneHeight*(len(c.lanes)-1) + 44
	first, last := at(v.Elections[0].On), at(v.Elections[len(v.Elections)-1].On)
	scale := func(when float64) int {
		if last-first < 0.1 {
			return chartRight
		}
		return chartLeft + int((when-first)/(last-first)*(chartRight-chartLeft))
	}
	taken := map[int]int{}
	for _, e := range v.Elections {
		l := laneOf(e.Type)
		x := max(scale(at(e.On)), taken[l])
		taken[l] = x + markApart
		c.marks = append(c.marks, mark{x, row[l], shapeOf(e), markTitle(t, e)})
	}
	c.years = yearTicks(first, last, scale)
	if registeredOn != 0 && at(registeredOn) > first {
		c.registered = min(scale(at(registeredOn)), chartRight+10)
		c.said = t.T("Registered %s", t.Month(registeredOn/10000, time.Month(max(1, registeredOn/100%100))))
		c.saidEnd = c.registered > chartWidth/3
	}
	return c, true
}

// at is a day as a number of years.
func at(d int) float64 { return float64(d/10000) + (float64(d/100%100)-1)/12 + float64(d%100)/365 }

// yearTicks marks at most nine years.
func yearTicks(first, last float64, scale func(float64) int) []tick {
	var all []tick
	step := max(1, (int(last)-int(first)+8)/9)
	for y := int(last); y >= int(first); y -= step {
		if x := scale(float64(y) + 0.5); x >= chartLeft-6 && x <= chartRight+16 {
			all = append(all, tick{x, strconv.Itoa(y)})
		}
	}
	return all
}

func shapeOf(e person.Election) string {
	switch {
	case e.Before:
		return "before"
	case !e.Voted && e.Method == layout.NotCounted:
		return "void"
	case !e.Voted:
		return "none"
	case e.Method == layout.Early:
		return "early"
	case e.Method == layout.ByMail, e.Method == layout.Absentee:
		return "mail"
	default:
		return "polls"
	}
}

func markTitle(t words.Translator, e person.Election) string {
	s := day(t, e.On) + ", " + electionWord(t, e.Type) + ": " + methodWord(t, e)
	if e.Party != "" {
		s += ", " + t.T("%s ballot", list.PartyName(t, e.Party))
	}
	return s
}

// votesSaid is what the picture shows, for those who do not see it.
func votesSaid(t words.Translator, v *person.Votes) string {
	if v.Of == 0 {
		return t.T("No election since registering.")
	}
	return t.T("Voted in %s of the %s elections since registering.", t.Number(int64(v.Voted)), t.Number(int64(v.Of)))
}
