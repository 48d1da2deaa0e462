package segmentbench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// slope is how long some questions took of so many people, with nothing kept and kept.
type slope struct {
	people int64
	took   [][2]time.Duration // medians, by name of sloping
}

// sloping are the questions whose growth is measured; the last is the options panel.
var sloping = []string{"Q1", "Q2", "Q3", "Q6s", "Q7", "Q12", "options panel, 20 groups"}

const (
	slopeRuns = 9
	nation    = 250_000_000
)

// slope measures the growing questions on what lies there now.
func (b *bench) slope(ctx context.Context) error {
	s := slope{people: b.view.People()}
	asks := map[string]func() error{}
	for _, q := range b.state.queries() {
		asks[strings.Fields(q.name)[0]] = func() error {
			_, err := b.one(ctx, b.view, &q)
			return err
		}
	}
	whole, groups := query{steps: where()}, b.state.groups()
	asks[sloping[len(sloping)-1]] = func() error {
		_, err := b.view.Options(ctx, b.plan(&whole), 0, groups)
		return err
	}
	for _, name := range sloping {
		var took [2]time.Duration
		if err := asks[name](); err != nil { // the pages come from the disk
			return fmt.Errorf("%s: %w", name, err)
		}
		for kept := range took {
			var all []time.Duration
			for range slopeRuns {
				if kept == 0 {
					b.view.Forget()
				}
				began := time.Now()
				if err := asks[name](); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				all = append(all, time.Since(began))
			}
			slices.Sort(all)
			took[kept] = all[len(all)/2]
		}
		b.doing("%s of %d people: %.2f ms with nothing kept, %.2f ms kept", name, s.people, millis(took[0]), millis(took[1]))
		s.took = append(s.took, took)
	}
	b.slopes = append(b.slopes, s)
	return nil
}

// beyond says what a nation would take if it went on as between the last two sizes.
func beyond(a, b slope, at, kept int) float64 {
	per := (millis(b.took[at][kept]) - millis(a.took[at][kept])) / float64(b.people-a.people)
	return millis(b.took[at][kept]) + per*float64(nation-b.people)
}

func (b *bench) writeSlopes(t *strings.Builder) {
	if len(b.slopes) < 2 {
		return
	}
	t.WriteString("\nHow it grows, nothing kept / kept, ms; the last column is not measured but extrapolated from the two before it.\n\n| Query |")
	rule := "|---|"
	for _, s := range b.slopes {
		fmt.Fprintf(t, " %.4g M |", float64(s.people)/1e6)
		rule += "---:|"
	}
	fmt.Fprintf(t, " *extrapolated: %d M* |\n%s---:|\n", nation/1_000_000, rule)
	for i, name := range sloping {
		fmt.Fprintf(t, "| %s |", name)
		for _, s := range b.slopes {
			fmt.Fprintf(t, " %.2f / %.2f |", millis(s.took[i][0]), millis(s.took[i][1]))
		}
		last := b.slopes[len(b.slopes)-2:]
		fmt.Fprintf(t, " *%.0f / %.0f* |\n", beyond(last[0], last[1], i, 0), beyond(last[0], last[1], i, 1))
	}
}
