package layout

import (
	"cmp"
	"fmt"
	"slices"
)

// ChangeKind is a way in which the columns of a file differ from those known or seen before.
type ChangeKind string

// The kinds of change.
const (
	Renamed       ChangeKind = "renamed"
	Added         ChangeKind = "added"
	Dropped       ChangeKind = "dropped"
	Moved         ChangeKind = "moved"
	NewElection   ChangeKind = "new_election" // a column for an election, as expected after one
	Twice         ChangeKind = "twice"        // the header has the name twice; the first is read
	HeaderShort   ChangeKind = "header_short"
	HeaderMissing ChangeKind = "header_missing"
)

// Change is one difference. Format is an English sentence with fmt verbs, the key of its translation; Args fill it.
type Change struct {
	Kind   ChangeKind
	Column string // the name in the file at hand
	Was    string // the name before
	Format string
	Args   []any
}

// String returns the English sentence.
func (c Change) String() string { return fmt.Sprintf(c.Format, c.Args...) }

// Drift is how the columns of a file differ from those known or seen before.
type Drift struct {
	Changes []Change
}

// Empty reports whether nothing differs.
func (d Drift) Empty() bool { return len(d.Changes) == 0 }

// Lost returns the changes that lose something: columns dropped.
func (d Drift) Lost() []Change {
	return slices.DeleteFunc(slices.Clone(d.Changes), func(c Change) bool { return c.Kind != Dropped })
}

func (d *Drift) add(c Change) { d.Changes = append(d.Changes, c) }

func change(kind ChangeKind, column, was, format string, args ...any) Change {
	return Change{Kind: kind, Column: column, Was: was, Format: format, Args: args}
}

// Compare says how header differs from previous: columns renamed (an earlier name of the same column, or a similar name in the same
// place), added, dropped and moved. A nil previous means the form of the layout that the header resembles most.
func Compare(id ID, kind Kind, header, previous []string) Drift {
	form := closestForm(id, kind, header)
	if previous == nil && form != nil {
		for _, c := range form.columns {
			previous = append(previous, c.name)
		}
	}
	c := comparison{form: form, now: index(header), was: index(previous), header: header, previous: previous}
	c.split()
	c.renames()
	c.report()
	return c.drift
}

func closestForm(id ID, kind Kind, header []string) *spec {
	var best *spec
	score := 0.0
	for _, f := range formsOf(id, kind) {
		n := float64(f.matches(header)*2) / float64(len(header)+len(f.columns)+1)
		if exact := exactNames(f, header); n+exact/10 > score {
			best, score = f, n+exact/10
		}
	}
	return best
}

func exactNames(f *spec, header []string) float64 {
	n := 0
	for _, c := range f.columns {
		if slices.Contains(header, c.name) {
			n++
		}
	}
	return float64(n) / float64(len(f.columns))
}

type comparison struct {
	form             *spec
	header, previous []string
	now, was         map[string]int
	added, dropped   []int
	drift            Drift
}

// index maps the keys of names to their first place.
func index(names []string) map[string]int {
	out := make(map[string]int, len(names))
	for i, n := range names {
		if _, ok := out[key(n)]; !ok {
			out[key(n)] = i
		}
	}
	return out
}

func (c *comparison) split() {
	for i, n := range c.header {
		switch first := c.now[key(n)]; {
		case first != i:
			c.drift.add(change(Twice, n, "", "The column %s stands twice in the header; only the first is read.", n))
		case !has(c.was, n):
			c.added = append(c.added, i)
		}
	}
	for i, n := range c.previous {
		if c.was[key(n)] == i && !has(c.now, n) {
			c.dropped = append(c.dropped, i)
		}
	}
}

func has(m map[string]int, name string) bool {
	_, ok := m[key(name)]
	return ok
}

// maxPairs bounds the work on headers that are made to be slow; above it only earlier names of the layout's columns are paired.
const maxPairs = 100_000

// renames pairs dropped and added columns, the likeliest first.
func (c *comparison) renames() {
	type pair struct {
		was, now int
		score    float64
	}
	var pairs []pair
	many := len(c.dropped)*len(c.added) > maxPairs
	for _, was := range c.dropped {
		for _, now := range c.added {
			if s := c.likeness(was, now, many); s >= 0.6 {
				pairs = append(pairs, pair{was, now, s})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.score, a.score) })
	for _, p := range pairs {
		i, j := slices.Index(c.dropped, p.was), slices.Index(c.added, p.now)
		if i < 0 || j < 0 {
			continue
		}
		was, now := c.previous[p.was], c.header[p.now]
		c.drift.add(change(Renamed, now, was, "The column %s is now called %s.", was, now))
		c.dropped = slices.Delete(c.dropped, i, i+1)
		c.added = slices.Delete(c.added, j, j+1)
	}
}

// likeness of a dropped and an added column: 1 for an earlier name of the same column, else the likeness of the names, more in the
// same place and among the same neighbours.
func (c *comparison) likeness(was, now int, aliasOnly bool) float64 {
	a, b := c.previous[was], c.header[now]
	if c.form != nil {
		if i := c.form.find(a); i >= 0 && i == c.form.find(b) {
			return 1
		}
		if c.form.elections {
			_, e1 := ParseElectionColumn(a)
			_, e2 := ParseElectionColumn(b)
			if e1 || e2 {
				return 0
			}
		}
	}
	if aliasOnly || len(a) > 200 || len(b) > 200 {
		return 0
	}
	s := dice(key(a), key(b))
	if c.sameNeighbours(was, now) {
		s += 0.25
	}
	return min(s, 0.99)
}

func (c *comparison) sameNeighbours(was, now int) bool {
	at := func(names []string, i int) string {
		if i < 0 || i >= len(names) {
			return ""
		}
		return key(names[i])
	}
	return at(c.previous, was-1) == at(c.header, now-1) && at(c.previous, was+1) == at(c.header, now+1)
}

// dice is the share of letter pairs that two names have in common.
func dice(a, b string) float64 {
	if len(a) < 2 || len(b) < 2 {
		return 0
	}
	pairs := map[string]int{}
	for i := range len(a) - 1 {
		pairs[a[i:i+2]]++
	}
	both := 0
	for i := range len(b) - 1 {
		if pairs[b[i:i+2]] > 0 {
			pairs[b[i:i+2]]--
			both++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b)-2)
}

func (c *comparison) report() {
	for _, i := range c.added {
		n := c.header[i]
		if e, ok := ParseElectionColumn(n); ok && (c.form == nil || c.form.elections) {
			c.drift.add(change(NewElection, n, "", "There is a new election: %s (column %d, %s).", n, i+1, e.Date.String()))
			continue
		}
		c.drift.add(change(Added, n, "", "There is a new column %s (column %d); it is kept in the raw row only.", n, i+1))
	}
	for _, i := range c.dropped {
		c.drift.add(change(Dropped, "", c.previous[i], "The column %s is gone; what it held stays empty.", c.previous[i]))
	}
	for _, n := range c.moved() {
		c.drift.add(change(Moved, n, n, "The column %s moved to another place, which does no harm.", n))
	}
}

// moved returns the columns that left the common order: those outside a longest increasing run.
func (c *comparison) moved() []string {
	var names []string
	var places []int
	for i, n := range c.header {
		if p, ok := c.was[key(n)]; ok && c.now[key(n)] == i {
			names, places = append(names, n), append(places, p)
		}
	}
	length := make([]int, len(places))
	before := make([]int, len(places))
	end := -1
	for i := range places {
		length[i], before[i] = 1, -1
		for j := range i {
			if places[j] < places[i] && length[j]+1 > length[i] {
				length[i], before[i] = length[j]+1, j
			}
		}
		if end < 0 || length[i] > length[end] {
			end = i
		}
	}
	keep := map[int]bool{}
	for i := end; i >= 0; i = before[i] {
		keep[i] = true
	}
	var out []string
	for i, n := range names {
		if !keep[i] {
			out = append(out, n)
		}
	}
	return out
}
