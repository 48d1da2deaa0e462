// Package sheet reads the question of an audit's plan as people type it, and says the answer in their language.
//
// The page on the server, the module that runs in browsers and the page to take along all show this one sheet.
package sheet

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/election/audit/plan"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish holds the sentences of sheets in Spanish.
//
//go:embed es.json
var Spanish []byte

// Sheet is an answer as it is shown: every text is in the reader's language, every number written out.
type Sheet struct {
	Finding string   `json:"finding"`
	Figures []Figure `json:"figures"`
	Full    bool     `json:"full"` // no sample would be less work than a count by hand
	Chart   Chart    `json:"chart"`
	Tables  []Table  `json:"tables"`
	Limits  string   `json:"limits"` // the title of what the plan does not say
	Unsaid  []string `json:"unsaid"` // that, a sentence or two in each paragraph
}

// Figure is one number that the answer is about.
type Figure struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Context string `json:"context"`
}

// Table has a row's name in its first column and numbers in the others.
type Table struct {
	Title   string     `json:"title"`
	Note    string     `json:"note"`
	Narrow  bool       `json:"narrow"` // on a phone each row is a card of one column
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Chart is the curve as parts of a drawing of [Wide] by [Tall].
type Chart struct {
	Title  string `json:"title"`
	Line   string `json:"line"` // a path, as are the next and the Path of ticks
	Area   string `json:"area"`
	Levels []Tick `json:"levels"` // at the side
	Marks  []Tick `json:"marks"`  // below
	At     *Tick  `json:"at"`     // the round recommended; nil where it is a full count
}

// Tick is a line with a label, and for the round recommended a dot.
type Tick struct {
	Path  string `json:"path"`
	X     string `json:"x"`
	Y     string `json:"y"`
	Label string `json:"label"`
	DotX  string `json:"dotx"`
	DotY  string `json:"doty"`
}

// The drawing's size.
const (
	Wide = 720
	Tall = 300
)

// The frame in it.
const left, right, top, bottom = 48, 700, 16, 262

// recommended is the chance to finish that the answer speaks about; nine in ten is what offices usually plan for.
const recommended = .9

func say(t words.Translator, q plan.Question, a plan.Answer) *Sheet {
	chosen := a.Targets[slices.Index(plan.Chances, recommended)]
	s := &Sheet{Finding: finding(t, q.Method, chosen), Figures: figures(t, q, chosen), Full: chosen.Full, Chart: draw(t, a, chosen), Tables: []Table{sizes(t, a)}, Limits: t.T("What this does not say")}
	if len(q.Counties) > 0 {
		s.Tables = append(s.Tables, counties(t, chosen))
	}
	s.Unsaid = []string{
		t.T("The plan takes the reported outcome for right. If it is wrong, the audit goes on until every ballot has been counted; the risk limit is the largest chance that it does not."),
		t.T("If the sample grows until the audit ends, about %s are drawn on average.", t.Number(int64(a.Expected))),
	}
	if q.Method.Compares() {
		s.Unsaid = append(s.Unsaid, t.T("Errors were simulated, always from the same seed, so that the same question has the same answer."))
	}
	return s
}

// Hint says what a method does.
func Hint(t words.Translator, m plan.Method) string {
	switch m {
	case plan.AlphaComparison, plan.SuperSimple:
		return t.T("Each ballot is compared with what the machine recorded for it. Needs records that can be matched to paper.")
	case plan.MACRO:
		return t.T("Whole batches are counted by hand and compared with their totals.")
	}
	return t.T("Ballots are read by hand; nothing is needed from the machines but totals.")
}

// finding is the answer in one sentence.
func finding(t words.Translator, m plan.Method, chosen plan.Target) string {
	switch {
	case chosen.Full:
		return t.T("Count every ballot by hand. No smaller sample has nine chances in ten to confirm this outcome.")
	case m == plan.MACRO:
		return t.T("Draw %s batches. If the reported outcome is right, the audit ends with this one round in nine cases of ten.", t.Number(int64(chosen.Draws)))
	}
	return t.T("Draw %s ballots. If the reported outcome is right, the audit ends with this one round in nine cases of ten.", t.Number(int64(chosen.Draws)))
}

func figures(t words.Translator, q plan.Question, chosen plan.Target) []Figure {
	drawn := t.T("Ballots to draw")
	if q.Method == plan.MACRO {
		drawn = t.T("Batches to draw")
	}
	return []Figure{
		{drawn, t.Number(int64(chosen.Draws)), t.T("for a chance of 90%% to finish")},
		{t.T("Ballots to look at"), t.Number(int64(chosen.Ballots)), t.T("of %s", t.Number(int64(q.Contest.Ballots)))},
		{t.T("Until all teams are done"), hours(t, chosen.Hours), t.T("of work at the boxes")},
	}
}

func sizes(t words.Translator, a plan.Answer) Table {
	x := Table{Title: t.T("Sizes to choose from"), Narrow: true,
		Columns: []string{t.T("Chance to finish"), t.T("To draw"), t.T("Ballots to look at"), t.T("Until all teams are done")}}
	for _, size := range a.Targets {
		draws := t.Number(int64(size.Draws))
		if size.Full {
			draws = t.T("all")
		}
		x.Rows = append(x.Rows, []string{chances(size.Chance), draws, t.Number(int64(size.Ballots)), hours(t, size.Hours)})
	}
	return x
}

func counties(t words.Translator, chosen plan.Target) Table {
	x := Table{Title: t.T("Work in each county"),
		Note:    t.T("For a chance of 90%% to finish. How many ballots of a county are drawn is chance too; these are the expected numbers."),
		Columns: []string{t.T("County"), t.T("Ballots"), t.T("Ballots to look at"), t.T("Teams"), t.T("Time")}}
	for _, w := range chosen.Each {
		x.Rows = append(x.Rows, []string{w.County.Name, t.Number(int64(w.County.Ballots)), t.Number(int64(w.Ballots)), t.Number(int64(w.County.Teams)), hours(t, w.Hours)})
	}
	return x
}

// hours writes hours of work.
func hours(t words.Translator, h float64) string {
	if h >= 48 {
		return t.T("%s hours", t.Number(int64(math.Round(h))))
	}
	return t.Duration(time.Duration(h * float64(time.Hour)))
}

// chances writes a chance.
func chances(c float64) string { return fmt.Sprintf("%.0f%%", 100*c) }

// draw makes the chart.
func draw(t words.Translator, a plan.Answer, chosen plan.Target) Chart {
	last := a.Curve[len(a.Curve)-1].Draws
	x := func(n int) float64 { return left + (right-left)*float64(n)/float64(max(1, last)) }
	y := func(c float64) float64 { return bottom - (bottom-top)*c }
	var b strings.Builder
	for i, p := range a.Curve {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", command, x(p.Draws), y(p.Chance))
	}
	c := Chart{Title: t.T("Chance to finish by size of the round"), Line: b.String(), Area: b.String() + fmt.Sprintf("L%.1f %dL%d %dZ", x(last), bottom, left, bottom)}
	for _, level := range []float64{0, .25, .5, .75, .9, 1} {
		c.Levels = append(c.Levels, Tick{Path: fmt.Sprintf("M%d %.1fH%d", left, y(level), right), X: fmt.Sprint(left - 8), Y: tenth(y(level) + 4), Label: chances(level)})
	}
	step := nice(last)
	for n := 0; n <= last; n += step {
		c.Marks = append(c.Marks, Tick{Path: fmt.Sprintf("M%.1f %dv5", x(n), bottom), X: tenth(x(n)), Y: fmt.Sprint(bottom + 20), Label: t.Number(int64(n))})
	}
	if chosen.Draws <= last && !chosen.Full {
		atX, atY := x(chosen.Draws), y(recommended)
		c.At = &Tick{Path: fmt.Sprintf("M%.1f %.1fV%d", atX, atY, bottom), X: tenth(atX + 10), Y: tenth(atY + 20), Label: t.Number(int64(chosen.Draws)), DotX: tenth(atX), DotY: tenth(atY)}
	}
	return c
}

// tenth writes a place in the drawing.
func tenth(x float64) string { return fmt.Sprintf("%.1f", x) }

// nice is a round step that divides a length into about five.
func nice(length int) int {
	step := 1
	for {
		for _, f := range []int{1, 2, 5} {
			if length/(step*f) <= 6 {
				return step * f
			}
		}
		step *= 10
	}
}
