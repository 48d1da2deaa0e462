package ranked

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/openprecinct/precinct/internal/words"
)

// Sizes of the chart, in units of its view.
const (
	chartLabel = 230 // names
	chartBar   = 88  // the longest bar
	chartRow   = 34
	chartHead  = 92
	chartDigit = 8 // a digit of a number
)

// WriteChart draws the rounds as an SVG picture: a column a round, a row a candidate, a bar for the votes and a line where
// the threshold is. It says all of it in text too, for those who do not see it, and needs no colour to be understood.
func (r *Result) WriteChart(w io.Writer, t words.Translator) error {
	c := &chart{teller: teller{t, r}, w: bufio.NewWriter(w)}
	c.draw()
	return c.w.Flush()
}

type chart struct {
	teller
	w    *bufio.Writer
	most float64
	wide int // of a round
}

func (c *chart) put(format string, args ...any) { _, _ = fmt.Fprintf(c.w, format+"\n", args...) }

func (c *chart) draw() {
	r := c.r
	for n := range r.Rounds {
		c.most = max(c.most, r.Rounds[n].Threshold.Float())
		c.wide = max(c.wide, len(c.votes(r.InactiveTotal(n, 0))))
		for _, i := range r.Order {
			if v, in := r.Votes(n, 0, i); in {
				c.most = max(c.most, v.Float())
				c.wide = max(c.wide, len(c.votes(v)))
			}
		}
	}
	c.most = max(c.most, 1)
	c.wide = chartBar + 8 + chartDigit*c.wide + 44
	rows := len(r.Order) + 1
	width, height := chartLabel+c.wide*len(r.Rounds)+16, chartHead+chartRow*rows+44
	c.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title desc" font-family="Public Sans, system-ui, sans-serif" font-size="13" fill="#1b1b1b">`, width, height, width, height)
	c.put(`<title id="title">%s</title>`, esc(c.heading()))
	c.put(`<desc id="desc">%s</desc>`, esc(strings.Join(r.Explain(c.Translator), " ")))
	c.put(`<rect width="%d" height="%d" fill="#ffffff"/>`, width, height)
	c.put(`<text x="16" y="34" font-size="20" font-weight="700">%s</text>`, esc(r.Contest.Name))
	c.put(`<text x="16" y="56" fill="#454545">%s</text>`, esc(c.outcome()))
	for k, i := range r.Order {
		y := chartHead + chartRow*k
		if k%2 == 0 {
			c.put(`<rect x="0" y="%d" width="%d" height="%d" fill="#f4f5f7"/>`, y, width, chartRow)
		}
		weight := "400"
		if r.elected[i] > 0 {
			weight = "700"
		}
		c.put(`<text x="16" y="%d" font-weight="%s">%s</text>`, y+22, weight, esc(short(r.Contest.NameOf(i), 28)))
	}
	y := chartHead + chartRow*len(r.Order)
	c.put(`<text x="16" y="%d" fill="#454545">%s</text>`, y+22, esc(c.T("Count for nobody")))
	for n := range r.Rounds {
		c.column(n)
	}
	c.put(`<text x="16" y="%d" font-size="12" fill="#454545">%s</text>`, height-14, esc(c.T("✓ elected · ✕ eliminated · * by a tie · the dashed line is what it takes to be elected")))
	c.put(`</svg>`)
}

func (c *chart) heading() string { return c.T("%s, round by round", c.r.Contest.Name) }

func (c *chart) outcome() string {
	won := c.r.Winners()
	switch len(won) {
	case 0:
		return c.T("Nobody is elected.")
	case 1:
		return c.T("%s is elected.", c.names(won))
	}
	return c.T("%s are elected.", c.names(won))
}

func (c *chart) column(n int) {
	r := c.r
	x := chartLabel + c.wide*n
	c.put(`<g aria-label="%s">`, esc(c.T("Round %d.", n+1)))
	c.put(`<text x="%d" y="%d" font-weight="700">%s</text>`, x, chartHead-12, esc(strings.TrimSuffix(c.T("Round %d.", n+1), ".")))
	bottom := chartHead + chartRow*len(r.Order)
	if m := r.Contest.Rules.Method; m != BottomsUp && m != BottomTwoRunoff {
		at := float64(x) + chartBar*r.Rounds[n].Threshold.Float()/c.most
		c.put(`<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#1b1b1b" stroke-dasharray="3 3"/>`, at, chartHead, at, bottom)
	}
	for k, i := range r.Order {
		c.bar(n, k, i, x)
	}
	c.put(`<text x="%d" y="%d" fill="#454545">%s</text>`, x+chartBar+8, bottom+22, esc(c.votes(r.InactiveTotal(n, 0))))
	c.put(`</g>`)
}

func (c *chart) bar(n, row, i, x int) {
	r := c.r
	v, in := r.Votes(n, 0, i)
	if !in {
		return
	}
	y := chartHead + chartRow*row
	fill, mark, weight := "#2e6bb0", "", "400"
	switch {
	case r.elected[i] > 0 && r.elected[i] <= n+1:
		fill, weight = "#1a6b3c", "700"
		if r.elected[i] == n+1 {
			mark = " ✓"
		}
	case r.eliminated[i] == n+1:
		fill, mark = "#6b7280", " ✕"
	}
	if mark != "" && r.TieAt(n, i) != nil {
		mark += "*"
	}
	length := chartBar * v.Float() / c.most
	if v.Sign() > 0 {
		length = max(length, 1)
	}
	c.put(`<rect x="%d" y="%d" width="%.1f" height="14" fill="%s"/>`, x, y+10, length, fill)
	c.put(`<text x="%d" y="%d" font-weight="%s">%s%s</text>`, x+chartBar+8, y+22, weight, esc(c.votes(v)), mark)
}

func esc(s string) string { return html.EscapeString(s) }

// short cuts a name that does not fit; the whole one is in the description.
func short(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
