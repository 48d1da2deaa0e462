package layout

import (
	"cmp"
	"slices"
)

// Guessed is a layout that a file may have.
type Guessed struct {
	ID         ID
	Kind       Kind
	Generation Generation
	Score      float64 // 0 to 1
	Matched    int     // columns known by name, or by their number where there is no header
	Columns    int     // columns of the layout
}

// Guess proposes layouts for the beginning of a file, the likeliest first. It never proposes Generic; an empty answer means that.
func Guess(sample []byte) []Guessed {
	if refuseBinary(sample) != nil {
		return nil
	}
	var out []Guessed
	for _, f := range specs() {
		if g, ok := guess(f, sample); ok {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b Guessed) int { return cmp.Compare(b.Score, a.Score) })
	// One line for each layout and kind: its best form.
	seen := map[[2]string]bool{}
	return slices.DeleteFunc(out, func(g Guessed) bool {
		k := [2]string{string(g.ID), g.Kind.String()}
		dup := seen[k]
		seen[k] = true
		return dup
	})
}

func guess(f *spec, sample []byte) (Guessed, bool) {
	o := opening{id: f.id, kind: f.kind, head: sample, dialect: Sniff(sample)}
	g := Guessed{ID: f.id, Kind: f.kind, Generation: f.gen, Columns: len(f.columns)}
	if len(f.cuts) > 0 {
		if o.fixedForm([]*spec{f}) == nil {
			return g, false
		}
		o.cuts = f.cuts
		rows, _ := o.sample(50)
		g.Matched = len(f.columns)
		g.Score = values(bindPositions(f), rows)
		return g, g.Score >= 0.8
	}
	rows, _ := o.sample(50)
	if len(rows) == 0 {
		return g, false
	}
	if m := f.matches(rows[0]); m >= 3 {
		names := float64(m) / float64(len(f.columns))
		known := float64(m) / float64(len(rows[0]))
		if f.elections {
			known = 1
		}
		g.Matched = m
		g.Score = (0.4*names + 0.2*known) + 0.4*values(bindNames(f, rows[0]), rows[1:])
		return g, names >= 0.5
	}
	if usualLength(rows) != len(f.columns) {
		return g, false
	}
	p := bindPositions(f)
	g.Matched = len(f.columns)
	g.Score = 0.95 * values(p, rows)
	return g, g.Score >= 0.6 && fit(p, fStateID, rows) >= 0.8
}

// values is the share of checked columns whose values fit, by the share of rows.
func values(p *plan, rows [][]string) float64 {
	if len(rows) == 0 {
		return 0.5
	}
	sum, n := 0.0, 0
	for _, x := range checkedFields {
		if p.has(x) {
			sum += fit(p, x, rows)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
