package segment

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/openprecinct/precinct/field/change"
)

// pieceKey names what an organisation, or all that share it, know about people: one code, one question, one organisation's contacts …
type pieceKey struct {
	What   change.What `json:"what"`
	Object int64       `json:"object,omitempty"` // the code, question, score …
	Org    int64       `json:"org,omitempty"`    // whose rows; 0 everybody's, or the file's own
}

// piece is facts about people, aligned to the rows of a generation: events in order of row and, of one row, of time; or a column (scores).
type piece struct {
	key      pieceKey
	epoch    int64
	blocks   []facts
	texts    []string // by val: a status, a channel and its result, a text
	numbers  []int64  // by val: a response, a group, a number
	accounts []int64  // by who
	col      *column
}

// facts are the events of one block of rows.
type facts struct {
	row   []uint16 // ascending
	at    []uint32 // Unix seconds: days begin and end on whole ones; nil where all are 0
	val   vec
	who   vec
	num   []uint64 // of phones and e-mail addresses: which
	stamp uint64
}

func (f *facts) time(i int) uint32 {
	if f.at == nil {
		return 0
	}
	return f.at[i]
}

// vec is small numbers in as few bytes as they need: none where all are 0.
type vec struct {
	u8  []uint8
	u16 []uint16
	u32 []uint32
}

func (v *vec) at(i int) uint32 {
	switch {
	case v.u8 != nil:
		return uint32(v.u8[i])
	case v.u16 != nil:
		return uint32(v.u16[i])
	case v.u32 != nil:
		return v.u32[i]
	}
	return 0
}

// zero reports whether all are 0.
func (v *vec) zero() bool { return v.u8 == nil && v.u16 == nil && v.u32 == nil }

func vecOf(n int, at func(int) uint32) vec {
	most := uint32(0)
	for i := range n {
		most = max(most, at(i))
	}
	switch {
	case most == 0:
		return vec{}
	case most < 1<<8:
		v := make([]uint8, n)
		for i := range v {
			v[i] = uint8(at(i))
		}
		return vec{u8: v}
	case most < 1<<16:
		v := make([]uint16, n)
		for i := range v {
			v[i] = uint16(at(i))
		}
		return vec{u16: v}
	}
	v := make([]uint32, n)
	for i := range v {
		v[i] = at(i)
	}
	return vec{u32: v}
}

// timesOf returns n times, nil where all are 0.
func timesOf(n int, at func(int) uint32) []uint32 {
	var all []uint32
	for i := range n {
		x := at(i)
		if all == nil && x != 0 {
			all = make([]uint32, n)
		}
		if all != nil {
			all[i] = x
		}
	}
	return all
}

// event is one fact on its way into a piece.
type event struct {
	row int
	at  int64 // Unix milliseconds
	id  string
	val uint32
	who uint32
	num uint64
}

func seconds(at int64) uint32 { return uint32(min(max(at/1000, 0), math.MaxUint32)) }

func compareEvents(a, b event) int {
	return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id), cmp.Compare(a.num, b.num), cmp.Compare(a.val, b.val))
}

// factsOf returns the facts of events that are all of one block.
func factsOf(all []event) facts {
	slices.SortFunc(all, compareEvents)
	f := facts{row: make([]uint16, len(all)), stamp: newStamp()}
	num := false
	for i, e := range all {
		f.row[i] = uint16(e.row)
		num = num || e.num != 0
	}
	f.at = timesOf(len(all), func(i int) uint32 { return seconds(all[i].at) })
	f.val = vecOf(len(all), func(i int) uint32 { return all[i].val })
	f.who = vecOf(len(all), func(i int) uint32 { return all[i].who })
	if num {
		f.num = make([]uint64, len(all))
		for i, e := range all {
			f.num[i] = e.num
		}
	}
	return f
}

// fill puts events into p's blocks; they may come in any order.
func (p *piece) fill(rows int, all []event) {
	blocks := (rows + blockRows - 1) / blockRows
	p.blocks = make([]facts, blocks)
	n := make([]int, blocks+1)
	for _, e := range all {
		n[e.row>>16+1]++
	}
	for b := range blocks {
		n[b+1] += n[b]
	}
	sorted := make([]event, len(all))
	next := slices.Clone(n)
	for _, e := range all {
		b := e.row >> 16
		sorted[next[b]] = e
		next[b]++
	}
	eachBlock(blocks, func(_, b int) { p.blocks[b] = factsOf(sorted[n[b]:n[b+1]]) })
}

// with returns the piece in which the events of some rows are others.
func (p *piece) with(rows []int, all []event) *piece {
	n := *p
	n.blocks = slices.Clone(p.blocks)
	slices.Sort(rows)
	for len(rows) > 0 {
		b := rows[0] >> 16
		end, _ := slices.BinarySearch(rows, (b+1)<<16)
		var fresh []event
		for _, e := range all {
			if e.row>>16 == b {
				fresh = append(fresh, e)
			}
		}
		n.blocks[b] = p.blocks[b].with(rows[:end], fresh)
		rows = rows[end:]
	}
	return &n
}

// with merges the events that stay with the fresh ones, which stand for all of the rows' events.
func (f *facts) with(rows []int, fresh []event) facts {
	gone := map[uint16]bool{}
	for _, r := range rows {
		gone[uint16(r)] = true
	}
	slices.SortFunc(fresh, compareEvents)
	type from struct{ old, fresh int }
	var order []from
	j := 0
	for i := range f.row {
		if gone[f.row[i]] {
			continue
		}
		for ; j < len(fresh) && uint16(fresh[j].row) < f.row[i]; j++ {
			order = append(order, from{-1, j})
		}
		order = append(order, from{i, -1})
	}
	for ; j < len(fresh); j++ {
		order = append(order, from{-1, j})
	}
	n := facts{row: make([]uint16, len(order)), stamp: newStamp()}
	num := make([]uint64, len(order))
	numbered := false
	for k, o := range order {
		if o.old >= 0 {
			n.row[k] = f.row[o.old]
			if f.num != nil {
				num[k] = f.num[o.old]
			}
		} else {
			e := fresh[o.fresh]
			n.row[k], num[k] = uint16(e.row), e.num
		}
		numbered = numbered || num[k] != 0
	}
	n.at = timesOf(len(order), func(k int) uint32 {
		if o := order[k]; o.old >= 0 {
			return f.time(o.old)
		}
		return seconds(fresh[order[k].fresh].at)
	})
	n.val = vecOf(len(order), func(k int) uint32 {
		if o := order[k]; o.old >= 0 {
			return f.val.at(o.old)
		}
		return fresh[order[k].fresh].val
	})
	n.who = vecOf(len(order), func(k int) uint32 {
		if o := order[k]; o.old >= 0 {
			return f.who.at(o.old)
		}
		return fresh[order[k].fresh].who
	})
	if numbered {
		n.num = num
	}
	return n
}

// interner gives texts or numbers their codes in a piece.
type interner[T comparable] struct {
	all   []T
	index map[T]uint32
}

func internerOf[T comparable](all []T) *interner[T] {
	n := &interner[T]{all: slices.Clone(all), index: map[T]uint32{}}
	for i, v := range all {
		n.index[v] = uint32(i)
	}
	return n
}

func (n *interner[T]) code(v T) uint32 {
	c, ok := n.index[v]
	if !ok {
		c = uint32(len(n.all))
		n.all, n.index[v] = append(n.all, v), c
	}
	return c
}

// save writes a piece.
func (p *piece) save(path string) (fileEntry, error) { return p.head().write(path) }

// head is a piece as it is written.
func (p *piece) head() *head {
	if p.col != nil {
		h := p.col.head()
		h.Kind, h.Epoch, h.Key = "scores", p.epoch, &p.key
		return h
	}
	h := &head{Kind: "piece", Name: string(p.key.What), Epoch: p.epoch, Key: &p.key, Numbers: p.numbers, Accounts: p.accounts}
	var ends []uint32
	var row []uint16
	var at []uint32
	var val, who []uint32
	var num []uint64
	for b := range p.blocks {
		f := &p.blocks[b]
		if f.at != nil {
			at = append(padded(at, len(row)), f.at...)
		}
		if f.num != nil {
			num = append(padded(num, len(row)), f.num...)
		}
		row = append(row, f.row...)
		for i := range f.row {
			val, who = append(val, f.val.at(i)), append(who, f.who.at(i))
		}
		ends = append(ends, uint32(len(row)))
	}
	// What is looked at when the file is opened, and by every count, comes before what is not: the system brings neighbouring pages into memory together.
	textEnds, text := packTexts(p.texts)
	h.put("text ends", bytesOf(textEnds))
	h.put("text", text)
	h.put("ends", bytesOf(ends))
	h.put("row", bytesOf(row))
	h.putVec("val", vecOf(len(val), func(i int) uint32 { return val[i] }))
	if at != nil {
		h.put("at", bytesOf(padded(at, len(row))))
	}
	h.putVec("who", vecOf(len(who), func(i int) uint32 { return who[i] }))
	if num != nil {
		h.put("num", bytesOf(padded(num, len(row))))
	}
	return h
}

// padded returns s with zeros up to n.
func padded[T uint32 | uint64](s []T, n int) []T { return append(s, make([]T, n-len(s))...) }

func (h *head) putVec(name string, v vec) {
	switch {
	case v.zero():
	case v.u8 != nil:
		h.put(name+" 1", v.u8)
	case v.u16 != nil:
		h.put(name+" 2", bytesOf(v.u16))
	default:
		h.put(name+" 4", bytesOf(v.u32))
	}
}

func (h *head) vec(name string) (v vec, n int) {
	if b, ok := h.get(name + " 1"); ok {
		return vec{u8: b}, len(b)
	}
	if b, ok := h.get(name + " 2"); ok {
		return vec{u16: sliceOf[uint16](b)}, len(b) / 2
	}
	b, _ := h.get(name + " 4")
	return vec{u32: sliceOf[uint32](b)}, len(b) / 4
}

// fits reports whether there is a number for each of n facts, or none because all are 0.
func fits(there, n int) bool { return there == 0 || there == n }

func (v vec) part(from, to int) vec {
	switch {
	case v.u8 != nil:
		return vec{u8: v.u8[from:to:to]}
	case v.u16 != nil:
		return vec{u16: v.u16[from:to:to]}
	case v.u32 != nil:
		return vec{u32: v.u32[from:to:to]}
	}
	return vec{}
}

// pieceOf returns the piece of a mapped file; its arrays stay in the mapping.
func pieceOf(h *head, rows int) (*piece, error) {
	cut := errors.New("a piece is cut short")
	p := &piece{epoch: h.Epoch, numbers: h.Numbers, accounts: h.Accounts}
	if h.Key == nil {
		return nil, cut
	}
	p.key = *h.Key
	if h.Kind == "scores" {
		col, err := columnOf(h, rows)
		if err != nil {
			return nil, err
		}
		p.col = col
		return p, nil
	}
	endBytes, _ := h.get("ends")
	rowBytes, _ := h.get("row")
	atBytes, _ := h.get("at")
	numBytes, _ := h.get("num")
	ends, row, at, num := sliceOf[uint32](endBytes), sliceOf[uint16](rowBytes), sliceOf[uint32](atBytes), sliceOf[uint64](numBytes)
	val, nVal := h.vec("val")
	who, nWho := h.vec("who")
	blocks := (rows + blockRows - 1) / blockRows
	n := len(row)
	if len(ends) != blocks || !fits(len(at), n) || !fits(nVal, n) || !fits(nWho, n) || !fits(len(num), n) || blocks > 0 && int(ends[blocks-1]) != n {
		return nil, cut
	}
	textEnds, _ := h.get("text ends")
	text, _ := h.get("text")
	var err error
	if p.texts, err = unpackTexts(sliceOf[uint32](textEnds), text); err != nil {
		return nil, err
	}
	p.blocks = make([]facts, blocks)
	from := 0
	for b := range p.blocks {
		to := int(ends[b])
		if to < from || to > n {
			return nil, cut
		}
		p.blocks[b] = facts{row: row[from:to:to], val: val.part(from, to), who: who.part(from, to), stamp: newStamp()}
		if len(at) > 0 {
			p.blocks[b].at = at[from:to:to]
		}
		if len(num) > 0 {
			p.blocks[b].num = num[from:to:to]
		}
		from = to
	}
	return p, nil
}

// events returns how many facts there are.
func (p *piece) events() int {
	n := 0
	for b := range p.blocks {
		n += len(p.blocks[b].row)
	}
	return n
}
