package codebookpage

import (
	"fmt"
	"math"
	"strconv"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/internal/web"
)

func changeWord(v *web.Visit, k codebook.Kind) string {
	switch k {
	case codebook.Question:
		return v.T.T("Change the question")
	case codebook.Code:
		return v.T.T("Change the code")
	case codebook.Tag:
		return v.T.T("Change the tag")
	case codebook.Score:
		return v.T.T("Change the score")
	case codebook.Custom:
		return v.T.T("Change the field")
	case codebook.Target:
		return v.T.T("Change the target")
	}
	return v.T.T("Change the event")
}

func partsTitle(v *web.Visit, k codebook.Kind) string {
	if k == codebook.Target {
		return v.T.T("Groups")
	}
	return v.T.T("Latest answers")
}

// most is the largest of m.
func most(m map[codebook.ID]int64) (n int64) {
	for _, x := range m {
		n = max(n, x)
	}
	return n
}

// barWidth is the share of n in most, of a hundred; something is never drawn as nothing.
func barWidth(n, most int64) string {
	if n == 0 || most == 0 {
		return "0"
	}
	return strconv.FormatFloat(max(1, float64(n)*100/float64(most)), 'f', 1, 64)
}

// barHeight is the height of a bar of at most 110.
func barHeight(n int64, bars []int64) float64 {
	var most int64
	for _, b := range bars {
		most = max(most, b)
	}
	if n == 0 || most == 0 {
		return 0
	}
	return max(1, float64(n)*110/float64(most))
}

func sum(bars []int64) (n int64) {
	for _, b := range bars {
		n += b
	}
	return n
}

// edges returns the first and last value of the i-th of the bars of a score, as people read them.
func edges(d codebook.Definition, i, bars int) (string, string) {
	width := d.Max - d.Min + 1
	from := d.Min + (int64(i)*width+int64(bars)-1)/int64(bars)
	to := d.Min + (int64(i+1)*width+int64(bars)-1)/int64(bars) - 1
	return codebook.Unscaled(from, d.Decimals), codebook.Unscaled(to, d.Decimals)
}

func binSaid(v *web.Visit, i int, n int64, d codebook.Definition) string {
	from, to := edges(d, i, 20)
	return v.T.N(n, "%s person", "%s people") + ": " + from + "–" + to
}

// spreadSaid says what the drawing shows: where most people stand.
func spreadSaid(v *web.Visit, bars []int64, d codebook.Definition) string {
	at := 0
	for i, n := range bars {
		if n > bars[at] {
			at = i
		}
	}
	from, to := edges(d, at, len(bars))
	return v.T.T("Most people have a value from %s to %s", from, to)
}

// average writes the mean of whole numbers in the score's unit with one more decimal than the score has.
func average(mean float64, decimals int) string {
	return strconv.FormatFloat(mean/math.Pow10(decimals), 'f', min(decimals+1, 6), 64)
}

func abs(x float64) float64 { return math.Abs(x) }

func loadFigures(v *web.Visit, l loadView) []web.Figure {
	f, d := l.Figures, l.score.Decimals
	all := []web.Figure{
		{Label: v.T.T("Values"), Value: v.T.Number(f.Rows)},
		{Label: v.T.T("Average"), Value: average(f.Average, d), Context: v.T.T("median %s", codebook.Unscaled(f.Median, d))},
		{Label: v.T.T("From lowest to highest"), Value: fmt.Sprintf("%s–%s", codebook.Unscaled(f.Min, d), codebook.Unscaled(f.Max, d))},
		{Label: v.T.T("New"), Value: v.T.Number(f.New), Context: v.T.T("people without a value so far")},
		{Label: v.T.T("Raised"), Value: v.T.Number(f.Raised)},
		{Label: v.T.T("Lowered"), Value: v.T.Number(f.Lowered)},
	}
	if l.Whole {
		all = append(all, web.Figure{Label: v.T.T("Losing their value"), Value: v.T.Number(f.Dropped), Context: v.T.T("they are not in the file")})
	}
	return all
}

// whatHappens says what approving does, before it is done.
func whatHappens(v *web.Visit, l loadView) string {
	s := v.T.T("If you approve, %s values show to everybody who may use this score, in lists and on profiles.", v.T.Number(l.Figures.Rows))
	if l.Whole && l.Figures.Dropped > 0 {
		s += " " + v.T.N(l.Figures.Dropped, "%s person who is not in the file loses the value.", "%s people who are not in the file lose theirs.")
	}
	return s + " " + v.T.T("A later file can replace them; the values before this one are not kept.")
}
