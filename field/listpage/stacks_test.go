package listpage

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/words"
)

// TestBarsAddUp draws random tables: the pieces of every bar lie side by side, fill it, and stand for everybody in its line.
func TestBarsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols := rapid.IntRange(2, 12).Draw(t, "columns")
		c := &crosstab{title: "Age by party", unknown: rapid.SampledFrom([]int{-1, cols - 1}).Draw(t, "unknown")}
		for j := range cols {
			c.heads = append(c.heads, fmt.Sprint("column ", j))
			c.totals = append(c.totals, 0)
		}
		for i := range rapid.IntRange(1, 8).Draw(t, "lines") {
			l := tableLine{label: strings.Repeat("x", rapid.IntRange(1, 30).Draw(t, "label")) + strconv.Itoa(i)}
			for j := range cols {
				n := rapid.Int64Range(0, 5000).Draw(t, "n")
				l.cells = append(l.cells, tableCell{n: n})
				l.all += n
				c.totals[j] += n
			}
			if l.all > 0 {
				c.lines = append(c.lines, l)
			}
		}
		s := c.stacked(words.Translator{})
		if s == nil {
			if len(c.lines) > 0 {
				t.Fatal("no chart of a table")
			}
			return
		}
		if len(s.bars) != len(c.lines) || len(s.key) > mostPieces+1 || len(s.key) < min(cols, mostPieces) {
			t.Fatalf("%d bars and %d colours of %d lines and %d columns", len(s.bars), len(s.key), len(c.lines), cols)
		}
		for i, b := range s.bars {
			people, end := int64(0), 0.0
			for _, p := range b.pieces {
				x, wide := float(t, p.x), float(t, p.wide)
				if end > 0 && (x < end-.6 || x > end+2) {
					t.Fatalf("a piece begins at %v, the one before ends at %v", x, end)
				}
				end = x + wide
				_, count, _ := strings.Cut(p.said, ": ")
				n, err := strconv.ParseInt(strings.ReplaceAll(strings.Fields(count)[0], ",", ""), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				people += n
			}
			if people != c.lines[i].all || end < stackWide-3 || end > stackWide+.5 {
				t.Fatalf("line %d: %d of %d people, up to %v", i, people, c.lines[i].all, end)
			}
		}
	})
}

func float(t *rapid.T, s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
