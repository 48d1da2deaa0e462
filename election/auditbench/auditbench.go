// Package auditbench measures the mathematics of audits and counts beside the naive way, and prints the table of docs/performance.md.
package auditbench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Row is one line of the table.
type Row struct {
	What   string        // what is done
	Size   string        // to how much of it
	Ours   time.Duration // the best of some runs
	Rate   string        // "63 MB/s", "310 MB at most": what else was measured
	Naive  time.Duration // the same by the naive way, in the same run; 0 where there is none
	How    string        // what the naive way is
	Target string        // what is promised
}

// A measure yields the rows of one part.
type measure func(ctx context.Context) ([]Row, error)

// parts are the measures by the word that --only takes. A part keeps its own in its own file.
var parts = map[string]measure{
	"alpha":  alphaRows,
	"cvr":    cvrRows,
	"draw":   drawRows,
	"raire":  raireRows,
	"ranked": rankedRows,
	"suite":  suiteRows,
}

// Parts returns the words that choose what is measured, sorted.
func Parts() []string {
	var names []string
	for n := range parts {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Run measures the parts named, or all, and prints a table as it goes.
func Run(ctx context.Context, out io.Writer, only []string) error {
	if len(only) == 0 {
		only = Parts()
	}
	_, _ = fmt.Fprintln(out, "| What | Size | Ours | | Naive | How | Promised |")
	_, _ = fmt.Fprintln(out, "|---|---|---:|---|---:|---|---|")
	for _, name := range only {
		m, ok := parts[name]
		if !ok {
			return fmt.Errorf("nothing to measure is called %q; there are %s", name, strings.Join(Parts(), ", "))
		}
		rows, err := m(ctx)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", name, err)
		}
		for _, r := range rows {
			if _, err := fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %s |\n", r.What, r.Size, span(r.Ours), r.Rate, span(r.Naive), r.How, r.Target); err != nil {
				return err
			}
		}
	}
	return nil
}

// span says how long something took, in three digits.
func span(d time.Duration) string {
	switch {
	case d == 0:
		return "–"
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d.Nanoseconds())/1e6)
	default:
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
}

// best runs f some times and returns the shortest time.
func best(times int, f func() error) (time.Duration, error) {
	var least time.Duration
	for i := range times {
		began := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		if took := time.Since(began); i == 0 || took < least {
			least = took
		}
	}
	return least, nil
}
