package voterfilepage

import (
	"slices"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/words"
)

// The bars of a voter file's history, in units of the drawing: one for each import that was loaded, the newest at the right.
const (
	historyBars   = 12
	historyStep   = 44
	historyBar    = 32
	historyHeight = 64  // of the tallest bar
	historyTop    = 18  // room for the number above it
	historyLeast  = 184 // wide enough for two days below it
)

type bar struct {
	x, y, height int
	last         bool
	label        string // of the number; "" where bars between say nothing
	day          string
	title        string
}

// history is how many people each loaded import held.
type history struct {
	bars  []bar
	width int
	said  string
}

// drawHistory draws the last imports, or nothing when there is nothing to compare.
func drawHistory(t words.Translator, imports []voterfile.Import) (history, bool) {
	var loaded []voterfile.Import
	for _, i := range imports { // the newest first
		if i.State == voterfile.StateLoaded && len(loaded) < historyBars {
			loaded = append(loaded, i)
		}
	}
	if len(loaded) < 2 {
		return history{}, false
	}
	slices.Reverse(loaded)
	people := func(i voterfile.Import) int64 {
		return i.Report.Counts.New + i.Report.Counts.Changed + i.Report.Counts.Unchanged
	}
	most := int64(1)
	for _, i := range loaded {
		most = max(most, people(i))
	}
	end := len(loaded) - 1
	step := max(historyStep, (historyLeast-historyBar)/end)
	h := history{width: end*step + historyBar,
		said: t.T("%s people in the file of %s, %s in the file of %s.", t.Number(people(loaded[0])), day(t, loaded[0].FileDate), t.Number(people(loaded[end])), day(t, loaded[end].FileDate))}
	for n, i := range loaded {
		tall := max(1, int(people(i)*historyHeight/most))
		b := bar{x: n * step, y: historyTop + historyHeight - tall, height: tall, last: n == end, title: day(t, i.FileDate) + ": " + t.Number(people(i))}
		if n == 0 || n == end {
			b.label, b.day = t.Number(people(i)), day(t, i.FileDate)
		}
		h.bars = append(h.bars, b)
	}
	return h, true
}
