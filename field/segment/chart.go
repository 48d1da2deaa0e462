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

// fewCells is up to how many cells of a table are counted with bits.
const fewCells = 144

// mostCells is how large a table may be.
const mostCells = 1 << 20

// Crosstab counts the people of a set by two groups whose options exclude each other; those of the other kinds can be no axis.
func (v *View) Crosstab(ctx context.Context, u list.Universe, today int64, s *Set, rows, cols Group) (*Table, error) {
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
	t := &Table{Rows: append(slices.Clone(r.options), Option{}), Cols: append(slices.Clone(k.options), Option{}), Cells: make([][]int64, nr)}
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

// crossFew counts with kept bits, 64 rows at a time, where both groups have few options.
func (v *View) crossFew(s *Set, r, k *buckets, nc int) []int64 {
	var ops []op
	for i := range r.options {
		ops = append(ops, v.bucketOp(r, uint16(i+1)))
	}
	nr := len(ops)
	for j := range k.options {
		ops = append(ops, v.bucketOp(k, uint16(j+1)))
	}
	cells := (nr + 1) * nc
	partial := make([]int64, cells*v.blocks())
	v.run(func(x *scratch, b int) {
		w := s.block(b)
		if isZero(w) {
			return
		}
		n := partial[b*cells : (b+1)*cells]
		met := make([]*words, len(ops))
		for i, o := range ops {
			met[i] = x.get()
			*met[i] = *w
			o.and(x, b, met[i])
		}
		for j, c := range met[nr:] {
			n[j+1] = int64(countWords(c))
		}
		n[0] = int64(countWords(w))
		for i, c := range met[:nr] {
			row := n[(i+1)*nc : (i+2)*nc]
			row[0] = int64(countWords(c))
			for j, d := range met[nr:] {
				k := 0
				for y := range c {
					k += bits.OnesCount64(c[y] & d[y])
				}
				row[j+1] = int64(k)
			}
		}
		for _, m := range met {
			x.put(m)
		}
	})
	total := make([]int64, cells)
	for i, n := range partial {
		total[i%cells] += n
	}
	// So far the first of each row and column counts everybody in it; what the others do not have is its own.
	for i := range nr + 1 {
		for j := 1; j < nc; j++ {
			total[i*nc] -= total[i*nc+j]
		}
	}
	for j := range nc {
		for i := 1; i <= nr; i++ {
			total[j] -= total[i*nc+j]
		}
	}
	return total
}

func (v *View) crossCount(s *Set, r, k *buckets, nc, cells int) []int64 {
	if r.lut != nil && k.lut != nil && len(r.options)*len(k.options) <= fewCells {
		return v.crossFew(s, r, k, nc)
	}
	type memory struct {
		a, b *[blockRows]uint16
		n    []int64
	}
	all := make([]*memory, workers())
	eachBlock(v.blocks(), func(w, b int) {
		in := s.block(b)
		if isZero(in) {
			return
		}
		m := all[w]
		if m == nil {
			m = &memory{new([blockRows]uint16), new([blockRows]uint16), make([]int64, cells)}
			all[w] = m
		}
		r.into(b, m.a)
		k.into(b, m.b)
		for i, x := range in {
			for ; x != 0; x &= x - 1 {
				j := i<<6 + bits.TrailingZeros64(x)
				m.n[int(m.a[j])*nc+int(m.b[j])]++
			}
		}
	})
	total := make([]int64, cells)
	for _, m := range all {
		if m != nil {
			for i, n := range m.n {
				total[i] += n
			}
		}
	}
	return total
}

// Values returns every value of an attribute on file but "", most people first.
func (v *View) Values(a list.Attr) ([]Option, error) {
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
		counts = make([]int64, col.words.len())
		for b := range col.blocks {
			for _, c := range col.blocks[b].u32 {
				counts[c]++
			}
		}
	}
	var all []Option
	for code := range col.words.len() {
		if s := col.words.at(uint32(code)); s != "" && counts[code] > 0 {
			all = append(all, Option{Value: s, People: counts[code]})
		}
	}
	slices.SortFunc(all, func(a, b Option) int { return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Value, b.Value)) })
	return all, nil
}
