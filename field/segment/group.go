package segment

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
)

// GroupKind says what the options of a group are.
type GroupKind string

// The kinds of group.
const (
	Attribute    GroupKind = "attribute"  // values of Attr; with Values only those
	Bands        GroupKind = "bands"      // of Attr (Age in years on the plan's today, BirthYear, Birth, RegisteredOn, HouseholdSize, VotesCast): Edges[i] ≤ x < Edges[i+1]
	ScoreBands   GroupKind = "score"      // of score Object, in the whole numbers that are stored: Edges[i] ≤ x < Edges[i+1]
	Responses    GroupKind = "responses"  // latest answers to question Object
	Codes        GroupKind = "codes"      // all that the organisation may see, or IDs
	Tags         GroupKind = "tags"       // the same
	CustomValues GroupKind = "custom"     // texts of custom field Object
	TargetGroups GroupKind = "target"     // groups of target Object
	Statuses     GroupKind = "statuses"   // of event Object
	Conditions   GroupKind = "conditions" // Nodes, as they stand in a plan: each an option
)

// Group is alternatives of which a person may choose, and the axis of a chart.
type Group struct {
	Kind   GroupKind
	Attr   list.Attr
	Object int64
	Values []string
	IDs    []int64
	Edges  []int64
	Nodes  []list.Node
}

// Option is one alternative and how many people it stands for.
type Option struct {
	Value  string // of Attribute, CustomValues, Statuses
	ID     int64  // of Responses, Codes, Tags, TargetGroups; the index in Nodes of Conditions
	From   int64  // of Bands and ScoreBands
	To     int64  // not included
	People int64
}

// buckets sorts the people of each block into the options of a group that are never met together; 0 is none of them, option i is i+1.
type buckets struct {
	options []Option
	col     *column
	lut     []uint16 // bucket by code, of columns of at most two bytes
	find    func(code uint32) uint16
	marks   func(b int, to *[blockRows]uint16) // instead of a column
	stamp   func(b int) uint64                 // of marks
}

// into writes the bucket of each row of block b.
func (k *buckets) into(b int, to *[blockRows]uint16) {
	if k.marks != nil {
		clear(to[:])
		k.marks(b, to)
		return
	}
	blk := &k.col.blocks[b]
	switch {
	case blk.u8 != nil:
		lut := (*[256]uint16)(k.lut)
		for i, c := range blk.u8 {
			to[i] = lut[c]
		}
	case blk.u16 != nil:
		lut := (*[1 << 16]uint16)(k.lut)
		for i, c := range blk.u16 {
			to[i] = lut[c]
		}
	default:
		last, at := uint32(0), k.find(0)
		for i, c := range blk.u32 { // neighbours are often the same
			if c != last {
				last, at = c, k.find(c)
			}
			to[i] = at
		}
	}
}

// tabulate fills the lookup of a column by code.
func (k *buckets) tabulate() *buckets {
	if k.col.width > 2 {
		return k
	}
	k.lut = make([]uint16, 1<<(8*k.col.width))
	most := len(k.lut)
	if k.col.words != nil {
		most = min(most, k.col.words.len())
	}
	for c := range most {
		k.lut[c] = k.find(uint32(c))
	}
	return k
}

// exclusive returns the buckets of a group whose options exclude each other, nil for the other groups.
func (c *compiler) exclusive(g Group, today int64) (*buckets, error) {
	switch g.Kind {
	case Attribute:
		return c.values(g)
	case Bands:
		return c.bands(g, today)
	case ScoreBands:
		pieces, err := c.pieces(change.Score, []int64{g.Object})
		if err != nil {
			return nil, err
		}
		return numberBuckets(pieces[0].col, bandOptions(g.Edges), g.Edges), nil
	case Responses, TargetGroups:
		return c.latest(g)
	case Codes, Tags, CustomValues, Statuses, Conditions:
		return nil, nil
	}
	return nil, fmt.Errorf("a group of kind %q", g.Kind)
}

func (c *compiler) values(g Group) (*buckets, error) {
	col, ok := c.v.attrColumn(g.Attr)
	switch {
	case !ok || col != nil && col.words == nil:
		return nil, fmt.Errorf("%q has no values to choose from", g.Attr)
	case col == nil: // a district that nobody has
		col = &column{width: 1, words: &dict{sorted: []string{""}}, counts: &tally{}}
		col = newColumnOf(col, c.v.rows)
	}
	k := &buckets{col: col}
	at := map[uint32]uint16{}
	add := func(code uint32, value string) {
		k.options = append(k.options, Option{Value: value})
		at[code] = uint16(len(k.options))
	}
	if g.Values != nil {
		for _, s := range g.Values {
			if code, ok := col.words.find(s); ok {
				add(code, s)
			} else {
				k.options = append(k.options, Option{Value: s})
			}
		}
	} else {
		all := make([]uint32, col.words.len())
		for i := range all {
			all[i] = uint32(i)
		}
		slices.SortFunc(all, func(a, b uint32) int { return compareNaturally(col.words.at(a), col.words.at(b)) })
		for _, code := range all {
			if s := col.words.at(code); s != "" {
				add(code, s)
			}
		}
	}
	if len(k.options) >= math.MaxUint16 {
		return nil, fmt.Errorf("%q has too many values to choose from", g.Attr)
	}
	k.find = func(code uint32) uint16 { return at[code] }
	return k.tabulate(), nil
}

// newColumnOf fills a column with unknown.
func newColumnOf(like *column, rows int) *column {
	c := newColumn(like.name, 1, make([]uint32, rows))
	c.words = like.words
	return c
}

func bandOptions(edges []int64) []Option {
	var all []Option
	for i := 1; i < len(edges); i++ {
		all = append(all, Option{From: edges[i-1], To: edges[i]})
	}
	return all
}

// numberBuckets sorts numbers by edges, ascending.
func numberBuckets(col *column, options []Option, edges []int64) *buckets {
	k := &buckets{col: col, options: options}
	k.find = func(code uint32) uint16 {
		v, ok := col.number.value(code)
		if !ok {
			return 0
		}
		i, exact := slices.BinarySearch(edges, v)
		if !exact {
			i--
		}
		if i < 0 || i >= len(options) {
			return 0
		}
		return uint16(i + 1)
	}
	return k.tabulate()
}

func (c *compiler) bands(g Group, today int64) (*buckets, error) {
	options := bandOptions(g.Edges)
	switch g.Attr {
	case list.Age: // whoever is from to less than to years old was born after today to years ago and not after today from years ago
		edges := make([]int64, len(g.Edges))
		for i, age := range g.Edges {
			edges[len(edges)-1-i] = today - age*10000 + 1
		}
		k := numberBuckets(c.v.cols["birth"], slices.Clone(options), edges)
		inner := k.find
		n := uint16(len(options))
		k.find = func(code uint32) uint16 {
			if i := inner(code); i > 0 {
				return n + 1 - i
			}
			return 0
		}
		return k.tabulate(), nil
	case list.BirthYear:
		edges := make([]int64, len(g.Edges))
		for i, y := range g.Edges {
			edges[i] = y * 10000
		}
		return numberBuckets(c.v.cols["birth"], options, edges), nil
	case list.HouseholdSize:
		col, err := c.v.householdSizes(c)
		if err != nil {
			return nil, err
		}
		return numberBuckets(col, options, g.Edges), nil
	}
	col, ok := c.v.attrColumn(g.Attr)
	if !ok || col == nil || col.number == nil {
		return nil, fmt.Errorf("%q has no order to make bands of", g.Attr)
	}
	return numberBuckets(col, options, g.Edges), nil
}

// latest sorts by the latest answer to a question, or the group of a target.
func (c *compiler) latest(g Group) (*buckets, error) {
	what := change.Answer
	if g.Kind == TargetGroups {
		what = change.Target
	}
	pieces, err := c.pieces(what, []int64{g.Object})
	if err != nil {
		return nil, err
	}
	p := pieces[0]
	k := &buckets{}
	ids := g.IDs
	if ids == nil {
		ids = slices.Sorted(slices.Values(p.numbers))
	}
	for _, id := range ids {
		k.options = append(k.options, Option{ID: id})
	}
	bucket := make([]uint16, len(p.numbers))
	for i, id := range p.numbers {
		bucket[i] = uint16(slices.Index(ids, id) + 1)
	}
	k.stamp = func(b int) uint64 { return p.blocks[b].stamp }
	k.marks = func(b int, to *[blockRows]uint16) {
		f := &p.blocks[b]
		for i, r := range f.row { // the last of a row stays
			to[r] = bucket[f.val.at(i)]
		}
	}
	return k, nil
}

// conditions returns the options of any other group, each with its op.
func (c *compiler) conditions(g Group) ([]Option, []op, error) {
	var options []Option
	var nodes []list.Node
	switch g.Kind {
	case Codes, Tags:
		what := change.Code
		if g.Kind == Tags {
			what = change.Tag
		}
		ids, err := c.allowed(what, g.IDs)
		if err != nil {
			return nil, nil, err
		}
		for _, id := range ids {
			options = append(options, Option{ID: id})
			if g.Kind == Codes {
				nodes = append(nodes, list.Code{Codes: []int64{id}})
			} else {
				nodes = append(nodes, list.Tag{Tags: []int64{id}})
			}
		}
	case CustomValues, Statuses:
		what := change.Custom
		if g.Kind == Statuses {
			what = change.Signup
		}
		pieces, err := c.pieces(what, []int64{g.Object})
		if err != nil {
			return nil, nil, err
		}
		for _, s := range textsOf(g, pieces[0]) {
			options = append(options, Option{Value: s})
			if g.Kind == Statuses {
				nodes = append(nodes, list.Event{Events: []int64{g.Object}, Statuses: []string{s}})
			} else {
				nodes = append(nodes, list.Custom{Field: g.Object, Values: []string{s}})
			}
		}
	case Conditions:
		nodes = g.Nodes
		for i := range nodes {
			options = append(options, Option{ID: int64(i)})
		}
	}
	ops, err := c.nodes(nodes)
	return options, ops, err
}

func textsOf(g Group, p *piece) []string {
	if g.Values != nil {
		return g.Values
	}
	seen := map[string]bool{}
	for _, s := range p.texts {
		if g.Kind == CustomValues {
			_, s = cutCustom(s)
		}
		if s != "" {
			seen[s] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// allowed returns the definitions that the organisation may see, or those of ids.
func (c *compiler) allowed(what change.What, ids []int64) ([]int64, error) {
	if ids != nil {
		return ids, nil
	}
	defs, err := c.v.engine.definitions(c.ctx, what)
	if err != nil {
		return nil, err
	}
	for id, d := range defs {
		if d.Org == c.u.Org || d.Shared != 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// countIn counts the people of a set by option; the first number is of those who are in none.
func (v *View) countIn(s *Set, k *buckets) []int64 {
	total := make([]int64, len(k.options)+1)
	if counts, ok := v.countFew(s, k); ok {
		return counts
	}
	partial := make([][]int64, workers())
	bucket := make([]*[blockRows]uint16, workers())
	eachBlock(v.blocks(), func(w, b int) {
		bits_ := s.block(b)
		if isZero(bits_) {
			return
		}
		if partial[w] == nil {
			partial[w], bucket[w] = make([]int64, len(total)), new([blockRows]uint16)
		}
		k.into(b, bucket[w])
		countBuckets(bits_, bucket[w], partial[w])
	})
	for _, p := range partial {
		for i, n := range p {
			total[i] += n
		}
	}
	return total
}

// countBuckets adds up the buckets of the rows whose bits are on.
func countBuckets(w *words, bucket *[blockRows]uint16, n []int64) {
	for i, m := range w {
		row := bucket[i<<6 : i<<6+64]
		if m == ^uint64(0) {
			for _, k := range row {
				n[k]++
			}
			continue
		}
		for ; m != 0; m &= m - 1 {
			n[row[bits.TrailingZeros64(m)]]++
		}
	}
}

// fewOptions is up to how many options of a group the bits of each are kept and counted 64 at a time.
const fewOptions = 16

// countFew counts with kept bits.
func (v *View) countFew(s *Set, k *buckets) ([]int64, bool) {
	if k.lut == nil || len(k.options) > fewOptions {
		return nil, false
	}
	ops := make([]op, len(k.options))
	for i := range k.options {
		ops[i] = v.bucketOp(k, uint16(i+1))
	}
	n := v.countEach(s, ops)
	left := s.Len()
	for _, x := range n {
		left -= x
	}
	return append([]int64{left}, n...), true
}

// bucketOp is met by the rows of one bucket of a column.
func (v *View) bucketOp(k *buckets, bucket uint16) op {
	set := &codes{}
	key := k.col.name + " codes"
	for code, at := range k.lut {
		if at == bucket {
			set.add(uint32(code))
		}
	}
	if n := len(set.list); n > 0 && int(set.list[n-1]-set.list[0]) == n-1 {
		key += fmt.Sprintf(" %d-%d", set.list[0], set.list[n-1])
	} else {
		for _, c := range set.list {
			key += " " + strconv.Itoa(int(c))
		}
	}
	if k.col.number != nil {
		key += fmt.Sprint(" ", *k.col.number)
	}
	return v.shared.cache.of(key, v.rows, true, newCodes(k.col, set))
}

// countEach counts who of a set meets each op.
func (v *View) countEach(s *Set, ops []op) []int64 {
	total := make([]int64, len(ops))
	if len(ops) == 0 {
		return total
	}
	partial := make([]int64, len(ops)*v.blocks())
	v.run(func(x *scratch, b int) {
		w := s.block(b)
		if isZero(w) {
			return
		}
		t := x.get()
		for i, o := range ops {
			*t = *w
			o.and(x, b, t)
			partial[b*len(ops)+i] = int64(countWords(t))
		}
		x.put(t)
	})
	for i, n := range partial {
		total[i%len(ops)] += n
	}
	return total
}
