// Package sampler draws the papers that an audit looks at, from a public seed, so that anybody can draw them again.
//
// Ballots are drawn by tickets (R. L. Rivest, Consistent Sampling with Replacement, 2018, arXiv:1808.10016): every ballot has a number in (0, 1)
// that follows from the seed and from where the ballot lies, and the ballots with the smallest numbers are drawn. Batches are drawn in proportion
// to the error that they could hide (J. Aslam, R. Popa, R. Rivest, On Auditing Elections When Precincts Have Different Sizes, 2008), by the
// generator of numpy. Both agree with Arlo digit for digit, and both can be redone by hand: see docs/audit-methods.md.
package sampler

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// Digits is how many digits of a ticket are published after its leading nines; Arlo's number.
const Digits = 18

// MaxTake bounds how many draws one call may ask for.
const MaxTake = 10_000_000

// Order says what is drawn. The first Drop draws are made and left out, so that a second round goes on where the first ended.
type Order struct {
	Seed    string // any text; usually twenty digits that dice gave in public
	Replace bool   // what was drawn may be drawn again, with a new and larger ticket
	Drop    int
	Take    int // how many after those; fewer come back if without replacement there are no more
	Digits  int // of the tickets handed back; the draw itself uses all of them
}

// Batch is a stack of ballots in a manifest.
type Batch struct {
	Key       Key
	Count     int   // ballots in it, at the places 1 to Count
	Positions []int // or the places that are drawn from, where not all are (a card-style sample); nil otherwise
}

// Draw is one ballot drawn.
type Draw struct {
	Ticket     string // "0." and digits, truncated to the order's Digits after the leading nines
	Batch      int    // index into the manifest
	Position   int    // place in the batch, from 1
	Generation int    // 1 for the first time the ballot is drawn
}

// IDDraw is one id drawn.
type IDDraw struct {
	Ticket     string
	ID         int // index into the ids
	Generation int
}

// ErrDuplicate means that the same id, or the same place, is listed twice: a ballot with two chances.
var ErrDuplicate = errors.New("listed twice")

// Ballots draws from a manifest. A ballot's id is the text that Python prints for the tuple (batch, place).
// Errors: a batch that is there twice, a negative count, an order that asks for more than MaxTake.
func Ballots(manifest []Batch, o Order) ([]Draw, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := checkManifest(manifest); err != nil {
		return nil, err
	}
	drawn := draw(ballotSpans(manifest), o)
	out := make([]Draw, len(drawn))
	for i, d := range drawn {
		b := &manifest[d.span]
		place := d.index + 1
		if b.Positions != nil {
			place = b.Positions[d.index]
		}
		out[i] = Draw{d.ticket, int(d.span), place, d.generation}
	}
	return out, nil
}

// IDs draws from a list of ids. Errors as of Ballots.
func IDs(ids []string, o Order) ([]IDDraw, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			return nil, fmt.Errorf("id %q is %w", id, ErrDuplicate)
		}
		seen[id] = true
	}
	all := span{n: len(ids), id: func(i int, buf []byte) []byte { return append(buf, ids[i]...) }}
	drawn := draw([]span{all}, o)
	out := make([]IDDraw, len(drawn))
	for i, d := range drawn {
		out[i] = IDDraw{d.ticket, d.index, d.generation}
	}
	return out, nil
}

func (o Order) check() error {
	switch {
	case o.Drop < 0 || o.Take < 0:
		return errors.New("an order cannot drop or take less than nothing")
	case o.Drop > MaxTake || o.Take > MaxTake-o.Drop:
		return fmt.Errorf("an order draws at most %d", MaxTake)
	case o.Digits < 1:
		return errors.New("a ticket has at least one digit")
	}
	return nil
}

func checkManifest(manifest []Batch) error {
	seen := make(map[string]bool, len(manifest))
	total := 0
	for _, b := range manifest {
		name := b.Key.String()
		if seen[name] {
			return fmt.Errorf("batch %s is %w", name, ErrDuplicate)
		}
		seen[name] = true
		if b.Count < 0 || b.Count > math.MaxInt32 || total > math.MaxInt-b.Count {
			return fmt.Errorf("batch %s cannot hold %d ballots", name, b.Count)
		}
		total += b.Count
		if b.Positions == nil {
			continue
		}
		places := make(map[int]bool, len(b.Positions))
		for _, p := range b.Positions {
			if places[p] {
				return fmt.Errorf("place %d of batch %s is %w", p, name, ErrDuplicate)
			}
			places[p] = true
		}
	}
	return nil
}

// span is a run of things that are drawn from; id appends the text that names the i-th.
type span struct {
	n  int
	id func(i int, buf []byte) []byte
}

func ballotSpans(manifest []Batch) []span {
	spans := make([]span, len(manifest))
	for k, b := range manifest {
		head := append([]byte("("), b.Key.repr()...)
		head = append(head, ", "...)
		s := span{n: b.Count, id: func(i int, buf []byte) []byte {
			buf = strconv.AppendInt(append(buf, head...), int64(i)+1, 10)
			return append(buf, ')')
		}}
		if b.Positions != nil {
			places := b.Positions
			s.n = len(places)
			s.id = func(i int, buf []byte) []byte {
				buf = strconv.AppendInt(append(buf, head...), int64(places[i]), 10)
				return append(buf, ')')
			}
		}
		spans[k] = s
	}
	return spans
}

// candidate is a first ticket that may be among those drawn.
type candidate struct {
	leading uint64   // its first 19 digits, as a number
	sum     [32]byte // the hash it comes from
	span    int32
	index   int
}

// before orders candidates by their whole tickets, and equal ones (there are none) by place.
func (c *candidate) before(d *candidate) bool { return c.order(d) < 0 }

func (c *candidate) order(d *candidate) int {
	if n := cmp.Compare(c.leading, d.leading); n != 0 {
		return n
	}
	if c.sum != d.sum {
		return cmp.Compare(fraction(&c.sum), fraction(&d.sum))
	}
	return cmp.Or(cmp.Compare(c.span, d.span), cmp.Compare(c.index, d.index))
}

// smallest holds the smallest candidates seen, at most limit, as a heap with the largest on top.
type smallest struct {
	limit int
	heap  []candidate
}

func (s *smallest) Len() int           { return len(s.heap) }
func (s *smallest) Less(i, j int) bool { return s.heap[j].before(&s.heap[i]) }
func (s *smallest) Swap(i, j int)      { s.heap[i], s.heap[j] = s.heap[j], s.heap[i] }
func (s *smallest) Push(x any)         { s.heap = append(s.heap, x.(candidate)) }
func (s *smallest) Pop() any           { panic("never popped") }

// offer keeps a candidate if it is among the smallest. Most are turned away by their leading digits alone.
func (s *smallest) offer(c candidate) {
	if len(s.heap) < s.limit {
		heap.Push(s, c)
		return
	}
	if top := &s.heap[0]; c.leading <= top.leading && c.before(top) {
		s.heap[0] = c
		heap.Fix(s, 0)
	}
}

// grain is how many tickets a worker makes before it looks for more work.
const grain = 1 << 13

// work is a piece of a span.
type work struct {
	span     int32
	from, to int
}

func pieces(spans []span) []work {
	var all []work
	for k, s := range spans {
		for from := 0; from < s.n; from += grain {
			all = append(all, work{int32(k), from, min(from+grain, s.n)}) // #nosec G115 -- a manifest of 2^31 batches does not fit into memory
		}
	}
	return all
}

// firsts returns the limit smallest first tickets, in order. All processors hash; what comes out does not depend on how many there are.
func firsts(spans []span, seed string, limit int) []candidate {
	todo := pieces(spans)
	workers := max(1, min(runtime.GOMAXPROCS(0), len(todo)))
	kept := make([]*smallest, workers)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		kept[w] = &smallest{limit: limit}
		wg.Go(func() { hashAll(spans, seed, todo, &next, kept[w]) })
	}
	wg.Wait()
	var all []candidate
	for _, k := range kept {
		all = append(all, k.heap...)
	}
	slices.SortFunc(all, func(a, b candidate) int { return a.order(&b) })
	return all[:min(limit, len(all))]
}

// hashAll takes pieces until none are left.
func hashAll(spans []span, seed string, todo []work, next *atomic.Int64, keep *smallest) {
	h := newHasher(seed)
	var buf []byte
	for {
		k := int(next.Add(1)) - 1
		if k >= len(todo) {
			return
		}
		s := &spans[todo[k].span]
		for i := todo[k].from; i < todo[k].to; i++ {
			buf = s.id(i, buf[:0])
			c := candidate{span: todo[k].span, index: i}
			h.sum(buf, &c.sum)
			c.leading = leading(&c.sum)
			keep.offer(c)
		}
	}
}

// drawn is one draw before it is told what it means.
type drawn struct {
	full       string // the whole ticket, from which the next one follows
	ticket     string
	span       int32
	index      int
	generation int
}

// draw draws. Whatever is drawn again, too, was among the Drop+Take smallest first tickets: each of the others has that many tickets before it.
func draw(spans []span, o Order) []drawn {
	limit := o.Drop + o.Take
	if limit == 0 {
		return nil
	}
	first := firsts(spans, o.Seed, limit)
	basket := make(tickets, len(first))
	for i, c := range first {
		basket[i] = drawn{full: fraction(&c.sum), span: c.span, index: c.index, generation: 1}
	}
	if !o.Replace {
		return published(basket[min(o.Drop, len(basket)):], o.Digits)
	}
	if len(basket) == 0 {
		return nil
	}
	out := make([]drawn, 0, min(o.Take, 1<<20))
	for n := range limit { // the basket is sorted, which is a heap
		d := basket[0]
		if n >= o.Drop {
			out = append(out, d)
		}
		basket[0].full = nextFraction(d.full)
		basket[0].generation++
		heap.Fix(&basket, 0)
	}
	return published(out, o.Digits)
}

func published(all []drawn, digits int) []drawn {
	for i := range all {
		all[i].ticket = Trim(all[i].full, digits)
	}
	return all
}

// tickets is the basket that is drawn from, smallest ticket on top.
type tickets []drawn

func (t tickets) Len() int { return len(t) }
func (t tickets) Less(i, j int) bool {
	if t[i].full != t[j].full {
		return t[i].full < t[j].full
	}
	return cmp.Or(cmp.Compare(t[i].span, t[j].span), cmp.Compare(t[i].index, t[j].index)) < 0
}
func (t tickets) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *tickets) Push(any)     { panic("never pushed") }
func (t *tickets) Pop() any     { panic("never popped") }
