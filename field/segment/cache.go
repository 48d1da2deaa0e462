package segment

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// cacheBytes is how much memory the bits kept of conditions asked before may take: a hundred conditions of five million people. Where rows are so many that fewer than
// leastKept would fit, it is what those take. The columns, and what organisations know, are files that the system may drop from memory.
const (
	cacheBytes = 64 << 20
	leastKept  = 32
)

// cache keeps, block by block, which rows meet a condition. Each block remembers the stamp of what it was made from, so a change costs only the blocks it
// touches.
type cache struct {
	limit int64
	bytes atomic.Int64
	clock atomic.Int64
	mu    sync.Mutex
	all   map[string]*entry
}

func newCache(limit int64) *cache { return &cache{limit: limit, all: map[string]*entry{}} }

type entry struct {
	uses   int64 // under cache.mu
	last   int64
	bytes  atomic.Int64
	rows   int
	blocks []atomic.Pointer[kept]
}

// kept is what one block's rows answer. Without bits it is all or none.
type kept struct {
	stamp uint64
	bits  *words
	all   bool
}

// of returns l kept: from its second use on, or at once where it is sure to be asked again.
func (c *cache) of(key string, rows int, soon bool, l leaf) leaf {
	switch l.(type) {
	case nobodyOp, everybodyOp:
		return l
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shrink(max(c.limit, leastKept*int64(rows)/8))
	e, ok := c.all[key]
	if !ok {
		e = &entry{rows: rows, blocks: make([]atomic.Pointer[kept], (rows+blockRows-1)/blockRows)}
		c.all[key] = e
	}
	e.uses++
	e.last = c.clock.Add(1)
	if e.uses < 2 && !soon {
		return l
	}
	o := &keptOp{leaf: l, e: e, c: c}
	if e.uses > 1 {
		_, price := l.guess()
		o.spare.Store(int64(ahead / (price*blockRows + 1)))
	}
	return o
}

// shrink forgets what was not asked for longest, once more than limit is kept. The caller holds c.mu.
func (c *cache) shrink(limit int64) {
	if c.bytes.Load() < limit && len(c.all) < 4096 {
		return
	}
	type old struct {
		key string
		e   *entry
	}
	var order []old
	for k, e := range c.all {
		order = append(order, old{k, e})
	}
	slices.SortFunc(order, func(a, b old) int { return cmp.Compare(a.e.last, b.e.last) })
	for i, o := range order {
		if c.bytes.Load() < limit*3/4 && len(order)-i < 3072 {
			break
		}
		delete(c.all, o.key)
		c.bytes.Add(-o.e.bytes.Load())
	}
	sum := int64(0) // counts that began before still add to what is forgotten by now
	for _, e := range c.all {
		sum += e.bytes.Load()
	}
	c.bytes.Store(sum)
}

// keptOp is a leaf with the bits that are kept of it.
type keptOp struct {
	leaf
	e     *entry
	c     *cache
	spare atomic.Int64 // how many blocks are kept besides those that have to be looked at whole anyway
}

// ahead is how many nanoseconds one count spends on keeping what only the next ones are faster by.
const ahead = 4_000_000

// guess asks what the blocks that are not kept would cost too.
func (o *keptOp) guess() (share, price float64) {
	share, price = o.leaf.guess()
	missing := 0
	for b := range o.e.blocks {
		if o.e.blocks[b].Load() == nil {
			missing++
		}
	}
	return share, 0.01 + price*float64(missing)/float64(max(len(o.e.blocks), 1))
}

func (o *keptOp) and(x *scratch, b int, w *words) {
	stamp := o.leaf.stamp(b)
	k := o.e.blocks[b].Load()
	if k == nil || k.stamp != stamp {
		if n := inWords(w); n < blockWords/2 && (n < blockWords/16 || o.spare.Add(-1) < 0) { // to look at some rows is less than to keep all
			o.leaf.and(x, b, w)
			return
		}
		k = o.fill(x, b, stamp)
	}
	switch {
	case k.bits != nil:
		fast.both(w, k.bits)
	case !k.all:
		clear(w[:])
	}
}

func (o *keptOp) fill(x *scratch, b int, stamp uint64) *kept {
	t := x.get()
	ones(o.e.rows, b, t)
	o.leaf.and(x, b, t)
	k := &kept{stamp: stamp}
	switch {
	case isZero(t):
		x.put(t)
	case isFull(t):
		k.all = true
		x.put(t)
	default:
		k.bits = t
		o.e.bytes.Add(blockRows / 8)
		o.c.bytes.Add(blockRows / 8)
	}
	if was := o.e.blocks[b].Swap(k); was != nil && was.bits != nil {
		o.e.bytes.Add(-blockRows / 8)
		o.c.bytes.Add(-blockRows / 8)
	}
	return k
}

// inWords returns how many of a block's words have bits.
func inWords(w *words) int {
	n := 0
	for _, x := range w {
		n += int((x | -x) >> 63)
	}
	return n
}

func isFull(w *words) bool {
	for _, x := range w {
		if x != ^uint64(0) {
			return false
		}
	}
	return true
}

// forget drops everything but who is in the universe, which every plan asks. The caller holds c.mu.
func (c *cache) forget() {
	for key, e := range c.all {
		if !strings.HasPrefix(key, "universe") {
			delete(c.all, key)
			c.bytes.Add(-e.bytes.Load())
		}
	}
}
