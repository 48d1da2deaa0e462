package segment

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"slices"
	"sort"
	"sync"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
)

// Phone numbers and e-mail addresses are facts whose num says which number it is and whose text is its kind; of those known to be wrong "!" stands
// before it. What an organisation says of a number of a person stands before what the voter file says.

const wrongMark = "!"

func (c *compiler) reach(n list.Node) (op, error) {
	what, kinds, textable := change.Email, []string(nil), false
	if p, ok := n.(list.Phone); ok {
		what, kinds, textable = change.Phone, p.Kinds, p.Textable
	}
	if textable {
		if len(kinds) > 0 && !slices.Contains(kinds, "cell") {
			return nobodyOp{}, nil
		}
		kinds = []string{"cell"}
	}
	file, own, err := c.v.reach(c, what)
	if err != nil {
		return nil, err
	}
	l := c.v.reachLeaf(c, file, own, kinds)
	if !textable {
		return l, nil
	}
	stop, err := c.suppressed([]string{"text"})
	if err != nil {
		return nil, err
	}
	return allOp{l, noneOp{stop}}, nil
}

// reach returns the file's numbers and those of the organisation; own is nil where it has none.
func (v *View) reach(c *compiler, what change.What) (file, own *piece, err error) {
	if file, err = v.piece(c.ctx, pieceKey{What: what}); err != nil || c.u.Org == 0 {
		return file, nil, err
	}
	if own, err = v.piece(c.ctx, pieceKey{What: what, Org: c.u.Org}); err == nil && own.events() == 0 {
		own = nil
	}
	return file, own, err
}

func rightKinds(p *piece, kinds []string) factsPart {
	return part(p, func(i int) bool {
		k := p.texts[i]
		return k[:min(1, len(k))] != wrongMark && (len(kinds) == 0 || slices.Contains(kinds, k))
	}, nil)
}

func (v *View) reachLeaf(c *compiler, file, own *piece, kinds []string) leaf {
	key := "reach " + string(file.key.What)
	for _, k := range kinds {
		key += " " + k
	}
	base := c.keep(key, true, (&factsOp{lo: 1, hi: -1, parts: []factsPart{rightKinds(file, kinds)}}).days(list.Days{}))
	if own == nil {
		return base
	}
	return &reachOp{leaf: base, file: rightKinds(file, kinds), own: rightKinds(own, kinds)}
}

// reachOp is met by rows with a right number, where an organisation knows better than the file of some.
type reachOp struct {
	leaf
	file, own factsPart
}

func (o *reachOp) and(x *scratch, b int, w *words) {
	f, k := &o.file.p.blocks[b], &o.own.p.blocks[b]
	t := x.get()
	*t = *w
	o.leaf.and(x, b, t)
	for i := 0; i < len(k.row); {
		r := k.row[i]
		end := i
		met := false
		for ; end < len(k.row) && k.row[end] == r; end++ {
			met = met || o.own.val[k.val.at(end)]
		}
		from := sort.Search(len(f.row), func(j int) bool { return f.row[j] >= r })
		for j := from; j < len(f.row) && f.row[j] == r && !met; j++ {
			met = o.file.val[f.val.at(j)] && !slices.Contains(k.num[i:end], f.num[j])
		}
		bit := uint64(1) << (r & 63)
		t[r>>6] &^= bit
		if met {
			t[r>>6] |= w[r>>6] & bit
		}
		i = end
	}
	*w = *t
	x.put(t)
}

func (o *reachOp) stamp(b int) uint64 { return mix(o.leaf.stamp(b), o.own.p.blocks[b].stamp) }

// numbers is how the distinct right numbers of a piece are counted: those that one row alone has by planes of bits, the others by their rows.
type numbers struct {
	piece  *piece
	planes []*Set   // bit p of how many numbers a row alone has
	rows   []uint32 // of the numbers that several have, one number's after the other's
	ends   []uint32

	once sync.Once
	uses []use // of all right numbers, by number; made when an organisation's own are compared with them
}

type use struct {
	num uint64
	row uint32
}

func (v *View) numbersOf(p *piece) *numbers {
	v.shared.counting.Lock()
	defer v.shared.counting.Unlock()
	if n := v.shared.numbers[p.key]; n != nil && n.piece == p {
		return n
	}
	n := countNumbers(v.gen, v.rows, p)
	if v.shared.numbers == nil {
		v.shared.numbers = map[pieceKey]*numbers{}
	}
	v.shared.numbers[p.key] = n
	return n
}

// usesOf returns the rows of the right numbers of a piece, by number.
func usesOf(p *piece) []use {
	right := rightKinds(p, nil)
	all := make([]use, 0, p.events())
	for b := range p.blocks {
		k := &p.blocks[b]
		for i, r := range k.row {
			if right.val[k.val.at(i)] {
				all = append(all, use{k.num[i], uint32(b)<<16 | uint32(r)})
			}
		}
	}
	sortUses(all)
	return slices.Compact(all)
}

// sortUses sorts by number and row. Numbers are spread evenly enough to be parted by their first bits, and each part is sorted by itself.
func sortUses(all []use) {
	const parts = 1 << 10
	least, greatest := uint64(math.MaxUint64), uint64(0)
	for _, u := range all {
		least, greatest = min(least, u.num), max(greatest, u.num)
	}
	if len(all) < parts*16 || least == greatest {
		slices.SortFunc(all, compareUses)
		return
	}
	shift := max(0, bits.Len64(greatest-least)-10)
	var begin [parts + 1]int
	for _, u := range all {
		begin[(u.num-least)>>shift+1]++
	}
	for i := range parts {
		begin[i+1] += begin[i]
	}
	parted := make([]use, len(all))
	next := begin
	for _, u := range all {
		i := (u.num - least) >> shift
		parted[next[i]] = u
		next[i]++
	}
	eachBlock(parts, func(_, i int) { slices.SortFunc(parted[begin[i]:begin[i+1]], compareUses) })
	copy(all, parted)
}

func compareUses(a, b use) int { return cmp.Or(cmp.Compare(a.num, b.num), cmp.Compare(a.row, b.row)) }

func countNumbers(g *generation, rows int, p *piece) *numbers {
	n := &numbers{piece: p}
	all := usesOf(p)
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].num == all[i].num {
			end++
		}
		if end == i+1 {
			n.add(g, rows, int(all[i].row))
		} else {
			for _, u := range all[i:end] {
				n.rows = append(n.rows, u.row)
			}
			n.ends = append(n.ends, uint32(len(n.rows)))
		}
		i = end
	}
	return n
}

// head is the numbers as they are written.
func (n *numbers) head() *head {
	h := &head{Kind: "numbers", Name: string(n.piece.key.What), Key: &n.piece.key}
	h.put("rows", bytesOf(n.rows))
	h.put("ends", bytesOf(n.ends))
	for i, p := range n.planes {
		h.put(planeName+itoa(int64(i)), bytesOf(p.bits))
	}
	return h
}

const planeName = "plane "

func (n *numbers) save(path string) (fileEntry, error) { return n.head().write(path) }

// numbersOfFile returns the numbers of a mapped file, which are those of p.
func numbersOfFile(h *head, g *generation, p *piece) (*numbers, error) {
	n := &numbers{piece: p}
	rows, _ := h.get("rows")
	ends, _ := h.get("ends")
	n.rows, n.ends = sliceOf[uint32](rows), sliceOf[uint32](ends)
	for i := 0; ; i++ {
		b, ok := h.get(planeName + itoa(int64(i)))
		if !ok {
			break
		}
		s := &Set{gen: g, bits: sliceOf[uint64](b)}
		if len(s.bits) != (g.rows+blockRows-1)/blockRows*blockWords {
			return nil, errors.New("the count of numbers is cut short")
		}
		n.planes = append(n.planes, s)
	}
	last := uint32(0)
	for _, end := range n.ends {
		if end < last || int(end) > len(n.rows) {
			return nil, errors.New("the count of numbers is not in order")
		}
		last = end
	}
	return n, nil
}

// rowsWith returns who has a number by the file alone.
func (n *numbers) rowsWith(num uint64) []use {
	n.once.Do(func() { n.uses = usesOf(n.piece) })
	from := sort.Search(len(n.uses), func(i int) bool { return n.uses[i].num >= num })
	to := from
	for to < len(n.uses) && n.uses[to].num == num {
		to++
	}
	return n.uses[from:to]
}

// add counts one more number that row alone has.
func (n *numbers) add(g *generation, rows, row int) {
	for p := 0; ; p++ {
		if p == len(n.planes) {
			n.planes = append(n.planes, newSet(g, rows))
		}
		if !n.planes[p].has(row) {
			n.planes[p].add(row)
			return
		}
		n.planes[p].del(row)
	}
}

// in counts the distinct numbers of a set's people.
func (n *numbers) in(s *Set) int64 {
	sum := 0
	for p, plane := range n.planes {
		k := 0
		for i, w := range s.bits {
			k += bits.OnesCount64(w & plane.bits[i])
		}
		sum += k << p
	}
	from := uint32(0)
	for _, to := range n.ends {
		for _, r := range n.rows[from:to] {
			if s.has(int(r)) {
				sum++
				break
			}
		}
		from = to
	}
	return int64(sum)
}

// countReach counts the distinct right numbers of a set's people as an organisation knows them.
func (v *View) countReach(c *compiler, s *Set, what change.What) (int64, error) {
	file, own, err := v.reach(c, what)
	if err != nil {
		return 0, err
	}
	total := v.numbersOf(file).in(s)
	if own == nil {
		return total, nil
	}
	for _, n := range v.bothOf(file, own) {
		was := slices.ContainsFunc(n.file, func(r uint32) bool { return s.has(int(r)) })
		is := slices.ContainsFunc(n.both, func(r uint32) bool { return s.has(int(r)) })
		switch {
		case was && !is:
			total--
		case is && !was:
			total++
		}
	}
	return total, nil
}

// known is a number of which an organisation says something: who has it by the file alone, and who has it after what the organisation says.
type known struct{ file, both []uint32 }

type bothKey struct{ file, own *piece }

func (v *View) bothOf(file, own *piece) []known {
	n := v.numbersOf(file)
	v.shared.counting.Lock()
	defer v.shared.counting.Unlock()
	key := bothKey{file, own}
	if all, ok := v.shared.both[key]; ok {
		return all
	}
	if len(v.shared.both) > 64 || v.shared.both == nil {
		v.shared.both = map[bothKey][]known{}
	}
	all := countBoth(n, own)
	v.shared.both[key] = all
	return all
}

func countBoth(file *numbers, own *piece) []known {
	said := map[use]bool{}
	index := map[uint64]int{}
	var all []known
	right := rightKinds(own, nil)
	for b := range own.blocks {
		k := &own.blocks[b]
		for i, r := range k.row {
			u := use{k.num[i], uint32(b)<<16 | uint32(r)}
			at, ok := index[u.num]
			if !ok {
				at = len(all)
				all, index[u.num] = append(all, known{}), at
			}
			if said[u] = true; right.val[k.val.at(i)] {
				all[at].both = append(all[at].both, u.row)
			}
		}
	}
	for num, at := range index {
		for _, u := range file.rowsWith(num) {
			all[at].file = append(all[at].file, u.row)
			if !said[u] {
				all[at].both = append(all[at].both, u.row)
			}
		}
	}
	return all
}
