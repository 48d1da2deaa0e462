package planpage

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/election/audit/plan"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// view is an answer as the page shows it.
type view struct {
	q      plan.Question
	a      plan.Answer
	chosen plan.Target // the one that the page recommends
	chart  chart
}

// recommended is the chance to finish that the page speaks about; nine in ten is what offices usually plan for.
const recommended = .9

func newView(v *web.Visit, q plan.Question, a plan.Answer) *view {
	w := &view{q: q, a: a, chosen: a.Targets[slices.Index(plan.Chances, recommended)]}
	w.chart = draw(v.T, a)
	return w
}

// methodWord names a method.
func methodWord(t words.Translator, m plan.Method) string {
	switch m {
	case plan.BRAVO:
		return t.T("Ballot polling, BRAVO")
	case plan.Minerva:
		return t.T("Ballot polling, Minerva")
	case plan.Providence:
		return t.T("Ballot polling, Providence")
	case plan.AlphaPolling:
		return t.T("Ballot polling, ALPHA")
	case plan.SuperSimple:
		return t.T("Ballot comparison, Kaplan-Markov")
	case plan.AlphaComparison:
		return t.T("Ballot comparison, ALPHA")
	default:
		return t.T("Batch comparison, MACRO")
	}
}

func methodOptions(t words.Translator) []web.Option {
	var all []web.Option
	for _, m := range []plan.Method{plan.AlphaComparison, plan.SuperSimple, plan.MACRO, plan.BRAVO, plan.Minerva, plan.Providence, plan.AlphaPolling} {
		all = append(all, web.Option{Value: string(m), Label: methodWord(t, m)})
	}
	return all
}

// methodHint says what the method chosen does.
func methodHint(t words.Translator, m plan.Method) string {
	switch m {
	case plan.AlphaComparison, plan.SuperSimple:
		return t.T("Each ballot is compared with what the machine recorded for it. Needs records that can be matched to paper.")
	case plan.MACRO:
		return t.T("Whole batches are counted by hand and compared with their totals.")
	}
	return t.T("Ballots are read by hand; nothing is needed from the machines but totals.")
}

// finding is the answer in one sentence.
func (w *view) finding(t words.Translator) string {
	switch {
	case w.chosen.Full:
		return t.T("Count every ballot by hand. No smaller sample has nine chances in ten to confirm this outcome.")
	case w.q.Method == plan.MACRO:
		return t.T("Draw %s batches. If the reported outcome is right, the audit ends with this one round in nine cases of ten.", t.Number(int64(w.chosen.Draws)))
	}
	return t.T("Draw %s ballots. If the reported outcome is right, the audit ends with this one round in nine cases of ten.", t.Number(int64(w.chosen.Draws)))
}

func (w *view) figures(t words.Translator) []web.Figure {
	drawn := t.T("Ballots to draw")
	if w.q.Method == plan.MACRO {
		drawn = t.T("Batches to draw")
	}
	return []web.Figure{
		{Label: drawn, Value: t.Number(int64(w.chosen.Draws)), Context: t.T("for a chance of 90%% to finish")},
		{Label: t.T("Ballots to look at"), Value: t.Number(int64(w.chosen.Ballots)), Context: t.T("of %s", t.Number(int64(w.q.Contest.Ballots)))},
		{Label: t.T("Until all teams are done"), Value: hours(t, w.chosen.Hours), Context: t.T("of work at the boxes")},
	}
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

// chart is the curve of an answer as points of a drawing.
type chart struct {
	line, area string // of the path
	marks      []mark // below
	levels     []mark // at the side
	at         *mark  // the round recommended
}

type mark struct {
	x, y  float64
	label string
}

// The drawing's size and the frame in it.
const (
	wide, tall               = 720, 300
	left, right, top, bottom = 48, 700, 16, 262
)

// draw makes the chart.
func draw(t words.Translator, a plan.Answer) chart {
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
	c := chart{line: b.String(), area: b.String() + fmt.Sprintf("L%.1f %dL%d %dZ", x(last), bottom, left, bottom)}
	for _, level := range []float64{0, .25, .5, .75, .9, 1} {
		c.levels = append(c.levels, mark{left, y(level), chances(level)})
	}
	step := nice(last)
	for n := 0; n <= last; n += step {
		c.marks = append(c.marks, mark{x(n), bottom, t.Number(int64(n))})
	}
	target := a.Targets[slices.Index(plan.Chances, recommended)]
	if target.Draws <= last && !target.Full {
		c.at = &mark{x(target.Draws), y(recommended), t.Number(int64(target.Draws))}
	}
	return c
}

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
