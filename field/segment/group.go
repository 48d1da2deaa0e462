package segment

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"unsafe"

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
	latest  *piece                             // whose last fact of a row is what marks says
	bucket  []uint16                           // of latest, by val
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
		return numberBuckets(pieces[0].col, bandOptions(g.Edges), g.Edges, false), nil
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

// numberBuckets sorts numbers by edges, ascending; falling, the last option is of the least numbers.
func numberBuckets(col *column, options []Option, edges []int64, falling bool) *buckets {
	n := len(options)
	bucket := func(i int) uint16 {
		if falling {
			i = n - 1 - i
		}
		return uint16(i + 1)
	}
	k := &buckets{col: col, options: options}
	if col.width <= 2 {
		k.lut = make([]uint16, 1<<(8*col.width))
		for i := range n {
			end := edges[i+1] - 1
			lo, hi := col.number.between(&edges[i], &end, maxCode(col.width))
			for c := lo; c <= hi; c++ {
				k.lut[c] = bucket(i)
			}
		}
		return k
	}
	k.find = func(code uint32) uint16 {
		v, ok := col.number.value(code)
		if !ok {
			return 0
		}
		i, exact := slices.BinarySearch(edges, v)
		if !exact {
			i--
		}
		if i < 0 || i >= n {
			return 0
		}
		return bucket(i)
	}
	return k
}

func (c *compiler) bands(g Group, today int64) (*buckets, error) {
	options := bandOptions(g.Edges)
	switch g.Attr {
	case list.Age: // whoever is from to less than to years old was born after today to years ago and not after today from years ago
		edges := make([]int64, len(g.Edges))
		for i, age := range g.Edges {
			edges[len(edges)-1-i] = today - age*10000 + 1
		}
		return numberBuckets(c.v.cols["birth"], options, edges, true), nil
	case list.BirthYear:
		edges := make([]int64, len(g.Edges))
		for i, y := range g.Edges {
			edges[i] = y * 10000
		}
		return numberBuckets(c.v.cols["birth"], options, edges, false), nil
	case list.HouseholdSize:
		col, err := c.v.householdSizes(c)
		if err != nil {
			return nil, err
		}
		return numberBuckets(col, options, g.Edges, false), nil
	}
	col, ok := c.v.attrColumn(g.Attr)
	if !ok || col == nil || col.number == nil {
		return nil, fmt.Errorf("%q has no order to make bands of", g.Attr)
	}
	return numberBuckets(col, options, g.Edges, false), nil
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
	k.latest, k.bucket = p, bucket
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
	partial := make([][]int64, v.blocks())
	v.run(func(x *scratch, b int) {
		w := s.block(b)
		if isZero(w) {
			return
		}
		n := make([]int64, len(total))
		switch {
		case k.latest != nil:
			countLatest(w, &k.latest.blocks[b], k.bucket, n)
		case k.lut != nil:
			k.countCodes(w, b, n)
		default:
			to := new([blockRows]uint16)
			k.into(b, to)
			countBuckets(w, to, n)
		}
		partial[b] = n
	})
	for _, p := range partial {
		for i, n := range p {
			total[i] += n
		}
	}
	return total
}

// countLatest counts by the last fact of each row.
func countLatest(w *words, f *facts, bucket []uint16, n []int64) {
	left := int64(countWords(w))
	for i, r := range f.row {
		if i+1 < len(f.row) && f.row[i+1] == r || w[r>>6]>>(r&63)&1 == 0 {
			continue
		}
		if k := bucket[f.val.at(i)]; k > 0 {
			n[k]++
			left--
		}
	}
	n[0] += left
}

// countCodes counts by code. In walk order most of what has to do with places is the same for 64 rows in a row.
func (k *buckets) countCodes(w *words, b int, n []int64) {
	blk := &k.col.blocks[b]
	if blk.min == blk.max {
		n[k.lut[blk.min]] += int64(countWords(w))
		return
	}
	if blk.u8 != nil {
		countBytes(w, blk.u8, (*[256]uint16)(k.lut), n)
		return
	}
	lut := (*[1 << 16]uint16)(k.lut)
	full := len(blk.u16) >> 6
	for i, m := range w {
		if m == 0 {
			continue
		}
		if i < full {
			if p := (*[64]uint16)(blk.u16[i<<6:]); same16(p) {
				n[lut[p[0]]] += int64(bits.OnesCount64(m))
				continue
			}
		}
		for ; m != 0; m &= m - 1 {
			n[lut[blk.u16[i<<6+bits.TrailingZeros64(m)]]]++
		}
	}
}

func countBytes(w *words, data []uint8, lut *[256]uint16, n []int64) {
	var by [256]int64
	full := len(data) >> 6
	for i, m := range w {
		if m == 0 {
			continue
		}
		if i < full {
			if p := (*[64]uint8)(data[i<<6:]); same8(p) {
				by[p[0]] += int64(bits.OnesCount64(m))
				continue
			}
		}
		for ; m != 0; m &= m - 1 {
			by[data[i<<6+bits.TrailingZeros64(m)]]++
		}
	}
	for c, k := range by {
		if k > 0 {
			n[lut[c]] += k
		}
	}
}

// same8 and same16 report whether 64 codes are all the same.
func same8(p *[64]uint8) bool {
	w := (*[8]uint64)(unsafe.Pointer(p))
	x := uint64(p[0]) * 0x0101010101010101
	return (w[0]^x)|(w[1]^x)|(w[2]^x)|(w[3]^x)|(w[4]^x)|(w[5]^x)|(w[6]^x)|(w[7]^x) == 0
}

func same16(p *[64]uint16) bool {
	if p[0] != p[63] {
		return false
	}
	w := (*[16]uint64)(unsafe.Pointer(p))
	x := uint64(p[0]) * 0x0001000100010001
	var d uint64
	for _, y := range w {
		d |= y ^ x
	}
	return d == 0
}

// countBuckets adds up the buckets of the rows whose bits are on.
func countBuckets(w *words, bucket *[blockRows]uint16, n []int64) {
	for i, m := range w {
		row := bucket[i<<6 : i<<6+64]
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
	return append(n[len(ops):], n[:len(ops)]...), true
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

// countEach counts who of a set meets each op; the last number is of those who meet none.
func (v *View) countEach(s *Set, ops []op) []int64 {
	n := len(ops) + 1
	total := make([]int64, n)
	partial := make([]int64, n*v.blocks())
	v.run(func(x *scratch, b int) {
		w := s.block(b)
		if isZero(w) {
			return
		}
		t, none := x.get(), x.get()
		*none = *w
		for i, o := range ops {
			*t = *w
			o.and(x, b, t)
			k := 0
			for j, m := range t {
				k += bits.OnesCount64(m)
				none[j] &^= m
			}
			partial[b*n+i] = int64(k)
		}
		partial[b*n+n-1] = int64(countWords(none))
		x.put(t)
		x.put(none)
	})
	for i, k := range partial {
		total[i%n] += k
	}
	return total
}

// countApplied counts who of a set has each of some codes or tags, and in the end who has none: one look at each fact.
func (v *View) countApplied(s *Set, pieces []*piece) []int64 {
	n := len(pieces) + 1
	total := make([]int64, n)
	partial := make([]int64, n*v.blocks())
	v.run(func(x *scratch, b int) {
		w := s.block(b)
		if isZero(w) {
			return
		}
		none := x.get()
		*none = *w
		for i, p := range pieces {
			k, last := int64(0), -1
			for _, r := range p.blocks[b].row {
				if w[r>>6]>>(r&63)&1 != 0 && int(r) != last {
					k++
					last = int(r)
					none[r>>6] &^= 1 << (r & 63)
				}
			}
			partial[b*n+i] = k
		}
		partial[b*n+n-1] = int64(countWords(none))
		x.put(none)
	})
	for i, k := range partial {
		total[i%n] += k
	}
	return total
}
