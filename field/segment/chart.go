package segment

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"runtime"
	"slices"

	"github.com/openprecinct/precinct/field/list"
)

// Histogram counts the people of a set by the options of a group. today (yyyymmdd) is for bands of age.
func (v *View) Histogram(ctx context.Context, u list.Universe, today int64, s *Set, g Group) (options []Option, unknown int64, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if s.gen != v.gen {
		return nil, 0, ErrOther
	}
	n, err := v.compiler(ctx, u).countOptions(g, today, s)
	return n.options, n.unknown, err
}

// Table is a crosstab: people by two groups. The last row and the last column are of people without an option.
type Table struct {
	Rows, Cols []Option // with People of their whole row or column; the last has Value ""
	Cells      [][]int64
}

// mostCells is how large a table may be.
const mostCells = 1 << 20

// Crosstab counts the people of a set by two groups whose options exclude each other; those of the other kinds can be no axis.
func (v *View) Crosstab(ctx context.Context, u list.Universe, today int64, s *Set, rows, cols Group) (t *Table, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if s.gen != v.gen {
		return nil, ErrOther
	}
	c := v.compiler(ctx, u)
	r, err := c.axis(rows, today)
	if err != nil {
		return nil, err
	}
	k, err := c.axis(cols, today)
	if err != nil {
		return nil, err
	}
	nr, nc := len(r.options)+1, len(k.options)+1
	if nr*nc > mostCells {
		return nil, fmt.Errorf("a table of %d by %d cells is too large", nr, nc)
	}
	counts := v.crossCount(s, r, k, nc, nr*nc)
	t = &Table{Rows: append(slices.Clone(r.options), Option{}), Cols: append(slices.Clone(k.options), Option{}), Cells: make([][]int64, nr)}
	for i := range nr {
		from := (i + 1) % nr // bucket 0 is the last row
		t.Cells[i] = make([]int64, nc)
		for j := range nc {
			n := counts[from*nc+(j+1)%nc]
			t.Cells[i][j] = n
			t.Rows[i].People += n
			t.Cols[j].People += n
		}
	}
	return t, nil
}

// axis returns the buckets of a group; of conditions those of the first that is met.
func (c *compiler) axis(g Group, today int64) (*buckets, error) {
	k, err := c.exclusive(g, today)
	if err != nil || k != nil {
		return k, err
	}
	options, ops, err := c.conditions(g)
	if err != nil {
		return nil, err
	}
	k = &buckets{options: options}
	k.marks = func(b int, to *[blockRows]uint16) {
		x := scratches.Get().(*scratch)
		defer scratches.Put(x)
		t := x.get()
		for i := len(ops) - 1; i >= 0; i-- {
			ones(c.v.rows, b, t)
			ops[i].and(x, b, t)
			for j, m := range t {
				for ; m != 0; m &= m - 1 {
					to[j<<6+bits.TrailingZeros64(m)] = uint16(i + 1)
				}
			}
		}
		x.put(t)
	}
	return k, nil
}

// axis is a group on one side of a table: of each block one code for a row, and what the code adds to the number of the row's cell.
type axis struct {
	k   *buckets
	add *[1 << 16]uint32 // by code
}

// axisOf makes the axis on which each bucket is scale cells from the next. Buckets that do not stand in a column of at most two bytes are their own codes.
func axisOf(k *buckets, scale int) *axis {
	x := &axis{k: k, add: new([1 << 16]uint32)}
	if k.lut == nil {
		for c := range len(k.options) + 1 {
			x.add[c] = uint32(c * scale)
		}
		return x
	}
	for c, at := range k.lut {
		x.add[c] = uint32(int(at) * scale)
	}
	return x
}

// codes returns the codes of block b; memory is for buckets that are their own.
func (x *axis) codes(b int, memory **[blockRows]uint16) (u8 []uint8, u16 []uint16) {
	if x.k.lut != nil {
		return x.k.col.blocks[b].u8, x.k.col.blocks[b].u16
	}
	if *memory == nil {
		*memory = new([blockRows]uint16)
	}
	x.k.into(b, *memory)
	return nil, (*memory)[:]
}

// tally4 counts by cell in four tables, so that neighbours in one cell do not wait for each other. Larger tables use the first only.
type tally4 struct {
	n    [3][smallTable]uint32
	more []uint32
}

// smallTable is up to how many cells a table has to be counted fourfold.
const smallTable = 1 << 10

// crossCount counts the people of a set by cell: bucket of r times nc, and bucket of k.
func (v *View) crossCount(s *Set, r, k *buckets, nc, cells int) []int64 {
	type memory struct {
		of [2]*[blockRows]uint16
		n  *tally4
	}
	all := make([]memory, workers())
	ra, ka := axisOf(r, nc), axisOf(k, 1)
	eachBlock(v.blocks(), func(w, b int) {
		in := s.block(b)
		if isZero(in) {
			return
		}
		m := &all[w]
		if m.n == nil {
			m.n = &tally4{more: make([]uint32, max(cells, smallTable))}
		}
		r8, r16 := ra.codes(b, &m.of[0])
		k8, k16 := ka.codes(b, &m.of[1])
		switch {
		case r8 != nil && k8 != nil:
			countPairs(in, r8, k8, ra.add, ka.add, m.n)
		case r8 != nil:
			countPairs(in, r8, k16, ra.add, ka.add, m.n)
		case k8 != nil:
			countPairs(in, r16, k8, ra.add, ka.add, m.n)
		default:
			countPairs(in, r16, k16, ra.add, ka.add, m.n)
		}
	})
	total := make([]int64, cells)
	for _, m := range all {
		if m.n == nil {
			continue
		}
		for i := range total {
			n := m.n.more[i]
			if i < smallTable { // summed before they are widened: what was counted in one may have been taken away from another
				n += m.n.n[0][i] + m.n.n[1][i] + m.n.n[2][i]
			}
			total[i] += int64(n)
		}
	}
	return total
}

// countPairs counts rows by two codes. Where few rows of 64 are not asked about, all are counted and those taken away again.
func countPairs[R, K uint8 | uint16](in *words, r []R, k []K, addR, addK *[1 << 16]uint32, t *tally4) {
	full := min(len(r), len(k)) >> 6
	if len(t.more) > smallTable {
		full = 0
	}
	more := (*[smallTable]uint32)(t.more)
	const last = smallTable - 1
	for i, x := range in {
		if x == 0 {
			continue
		}
		one := uint32(1)
		if i < full && bits.OnesCount64(x) >= 40 {
			p, q := (*[64]R)(r[i<<6:]), (*[64]K)(k[i<<6:])
			for j := 0; j < 64; j += 4 {
				more[(addR[p[j]]+addK[q[j]])&last]++
				t.n[0][(addR[p[j+1]]+addK[q[j+1]])&last]++
				t.n[1][(addR[p[j+2]]+addK[q[j+2]])&last]++
				t.n[2][(addR[p[j+3]]+addK[q[j+3]])&last]++
			}
			x, one = ^x, ^uint32(0)
		}
		for ; x != 0; x &= x - 1 {
			j := i<<6 + bits.TrailingZeros64(x)
			t.more[addR[r[j]]+addK[k[j]]] += one
		}
	}
}

// Values returns every value of an attribute on file but "", most people first.
func (v *View) Values(a list.Attr) (options []Option, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	col, ok := v.attrColumn(a)
	if !ok || col != nil && col.words == nil {
		return nil, fmt.Errorf("%q has no values", a)
	}
	if col == nil {
		return nil, nil
	}
	counts := col.rowsOf()
	if counts == nil {
		counts = make(rowCounts, col.words.len())
		for b := range col.blocks {
			for _, c := range col.blocks[b].u32 {
				counts[c]++
			}
		}
	}
	var all []Option
	for code := range col.words.len() {
		if s := col.words.at(uint32(code)); s != "" && counts.of(uint32(code)) > 0 {
			all = append(all, Option{Value: s, People: counts.of(uint32(code))})
		}
	}
	slices.SortFunc(all, func(a, b Option) int { return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Value, b.Value)) })
	return all, nil
}
