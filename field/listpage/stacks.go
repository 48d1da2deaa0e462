package listpage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/words"
)

// stacks is the table as a chart: a bar for each line, divided as its people are among the columns. The numbers stand in the table; the bars compare shares.
type stacks struct {
	said string
	high int
	bars []stackBar
	key  []keyStep
}

type stackBar struct {
	label  string
	x, y   string // of the label
	pieces []stackPiece
	mid    string // baseline of what is written in the bar
	top    string
}

type stackPiece struct {
	x, wide, colour string
	text, at        string // the percentage and its middle, "" in a piece too narrow for it
	dark            bool   // is the colour
	said            string
}

const (
	stackWide  = 352.0
	stackName  = 92.0 // for labels beside the bars
	stackHigh  = 18   // of a bar
	stackRow   = 26
	stackNamed = 40 // of a row whose label stands above its bar
	stackTall  = 13 // labels longer than this stand above
	narrowest  = 38 // pieces with less width have no percentage in them
	mostPieces = 6  // columns with a colour of their own

	unknownGrey = "#edeff0"
)

// spread are the colours of so many columns, from the ramp.
var spread = [mostPieces + 1][]int{{}, {4}, {2, 5}, {1, 3, 5}, {1, 2, 4, 5}, {1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}}

// stacked draws a table of at least two columns.
func (c *crosstab) stacked(t words.Translator) *stacks {
	if len(c.heads) < 2 || len(c.lines) == 0 {
		return nil
	}
	all := c.sorts(t)
	s := &stacks{said: c.finding(t)}
	for _, x := range all {
		s.key = append(s.key, keyStep{x.colour, x.name})
	}
	above := slices.ContainsFunc(c.lines, func(l tableLine) bool { return len([]rune(l.label)) > stackTall })
	left, row := stackName, stackRow
	if above {
		left, row = 0, stackNamed
	}
	for i, l := range c.lines {
		top := i * row
		b := stackBar{label: l.label, x: "0", y: fmt.Sprint(top + 13)}
		if above {
			top += 17
		}
		b.top, b.mid = fmt.Sprint(top), fmt.Sprint(top+13)
		b.fill(t, l, all, left)
		s.bars = append(s.bars, b)
	}
	s.high = len(c.lines)*row + 2
	return s
}

// fill divides a bar.
func (b *stackBar) fill(t words.Translator, l tableLine, all []stackSort, left float64) {
	x, wide := left, stackWide-left
	for _, k := range all {
		n := int64(0)
		for _, j := range k.cols {
			n += l.cells[j].n
		}
		w := wide * float64(n) / float64(max(l.all, 1))
		if n == 0 {
			continue
		}
		p := stackPiece{x: fmt.Sprintf("%.1f", x), wide: fmt.Sprintf("%.1f", max(w-1, .5)), colour: k.colour, dark: k.dark,
			said: l.label + " · " + k.name + ": " + t.Number(n) + " (" + t.Percent(n, l.all) + ")"}
		if w >= narrowest {
			p.text, p.at = t.Percent(n, l.all), fmt.Sprintf("%.1f", x+w/2)
		}
		b.pieces = append(b.pieces, p)
		x += w
	}
}

// stackSort is what has one colour: a column, or the small ones of many.
type stackSort struct {
	name, colour string
	dark         bool
	cols         []int
}

// sorts gives the largest columns a colour each, in the table's order, and greys to the others and to what is unknown.
func (c *crosstab) sorts(t words.Translator) []stackSort {
	var own []int
	for j := range c.heads {
		if j != c.unknown {
			own = append(own, j)
		}
	}
	var rest []int
	if len(own) > mostPieces {
		slices.SortStableFunc(own, func(a, b int) int { return cmp.Compare(c.totals[b], c.totals[a]) })
		own, rest = own[:mostPieces-1], own[mostPieces-1:]
		slices.Sort(own)
	}
	var all []stackSort
	for k, j := range own {
		step := spread[len(own)][k]
		all = append(all, stackSort{c.heads[j], ramp[step], step > 3, []int{j}})
	}
	if len(rest) > 0 {
		all = append(all, stackSort{t.N(int64(len(rest)), "%s other", "%s others"), outRange, false, rest})
	}
	if c.unknown >= 0 {
		all = append(all, stackSort{c.heads[c.unknown], unknownGrey, false, []int{c.unknown}})
	}
	return all
}

// finding says what the chart shows: the largest column of the largest line.
func (c *crosstab) finding(t words.Translator) string {
	line := slices.MaxFunc(c.lines, func(a, b tableLine) int { return cmp.Compare(a.all, b.all) })
	most := 0
	for j := range line.cells {
		if line.cells[j].n > line.cells[most].n {
			most = j
		}
	}
	return t.T("%s as bars. In %s, the largest line, %s has the most: %s", c.title, line.label, strings.TrimSpace(c.heads[most]), t.Percent(line.cells[most].n, line.all))
}

func (s *stacks) view() string { return fmt.Sprintf("0 0 %.0f %d", stackWide, s.high) }
