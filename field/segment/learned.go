package segment

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
)

// factsOp is met by rows of whose facts, those that pass the filters, enough are there; or the latest passes once more.
type factsOp struct {
	parts  []factsPart
	since  uint32
	until  uint32 // not included
	always bool   // whenever it was: times are not looked at, and of numbers of the voter file not even in memory
	latest bool
	lo, hi int // how many; not with latest
}

type factsPart struct {
	p   *piece
	val []bool       // nil: any
	few *[256]uint64 // 1 for each val that passes, of the first 256; nil as val
	who []bool       // nil: anybody
}

// part makes a filter of a piece. val nil lets every value pass.
func part(p *piece, val func(i int) bool, by []int64) factsPart {
	f := factsPart{p: p}
	if val != nil {
		f.val = make([]bool, max(len(p.texts), len(p.numbers)))
		f.few = new([256]uint64)
		for i := range f.val {
			if f.val[i] = val(i); f.val[i] && i < len(f.few) {
				f.few[i] = 1
			}
		}
	}
	if len(by) > 0 {
		f.who = make([]bool, len(p.accounts))
		for i, a := range p.accounts {
			f.who[i] = slices.Contains(by, a)
		}
	}
	return f
}

func (o *factsOp) days(d list.Days) *factsOp {
	o.since, o.until = 0, 1<<32-1
	if d.Since > 0 {
		o.since = seconds(d.Since + 999)
	}
	if d.Until > 0 {
		o.until = max(seconds(d.Until+999), o.since)
	}
	o.always = o.since == 0 && o.until == 1<<32-1
	return o
}

func (o *factsOp) passes(f *factsPart, k *facts, i int) bool {
	return (o.always || k.time(i) >= o.since && k.time(i) < o.until) && (f.who == nil || f.who[k.who.at(i)])
}

// perRow is how many facts are looked at one after the other in the time in which those of one row are found.
const perRow = 40

func (o *factsOp) and(x *scratch, b int, w *words) {
	n := 0
	for p := range o.parts {
		n += len(o.parts[p].p.blocks[b].row)
	}
	switch {
	case n == 0 && (o.latest || o.lo > 0):
		clear(w[:])
		return
	case n == 0:
		return
	case n > perRow*countWords(w):
		o.rowByRow(x, b, w)
		return
	}
	got := x.get()
	clear(got[:])
	switch {
	case o.latest:
		for p := range o.parts {
			o.markLatest(&o.parts[p], b, got)
		}
	case o.lo == 1 && o.hi < 0:
		for p := range o.parts {
			o.markAny(&o.parts[p], b, got)
		}
	default:
		o.markCounted(x, b, got)
	}
	fast.both(w, got)
	x.put(got)
}

// rowByRow finds the facts of the rows in w alone.
func (o *factsOp) rowByRow(x *scratch, b int, w *words) {
	from := x.cursors[:0]
	for range o.parts {
		from = append(from, 0)
	}
	x.cursors = from
	for i, m := range w {
		for t := m; t != 0; t &= t - 1 {
			j := bits.TrailingZeros64(t)
			if !o.meets(b, uint16(i<<6+j), from) {
				m &^= 1 << j
			}
		}
		w[i] = m
	}
}

// meets reports whether a row meets the condition. from is how far each part was read.
func (o *factsOp) meets(b int, row uint16, from []int) bool {
	n := 0
	for p := range o.parts {
		f := &o.parts[p]
		k := &f.p.blocks[b]
		i := seek(k.row, from[p], row)
		last := -1
		for ; i < len(k.row) && k.row[i] == row; i++ {
			switch {
			case !o.passes(f, k, i):
			case o.latest:
				last = i
			case f.val == nil || f.val[k.val.at(i)]:
				n++
			}
		}
		from[p] = i
		if last >= 0 && (f.val == nil || f.val[k.val.at(last)]) {
			return true
		}
	}
	if o.latest {
		return false
	}
	n = min(n, mostFacts)
	return n >= o.lo && (o.hi < 0 || n <= o.hi)
}

// mostFacts is up to how many facts of one row are counted.
const mostFacts = 1<<16 - 1

// seek returns the first place from i on with a row of at least row: from where it would be were facts spread evenly, in steps that double, and half again.
func seek(rows []uint16, i int, row uint16) int {
	if i >= len(rows) || rows[i] >= row {
		return i
	}
	g := min(i+int(row-rows[i])*len(rows)>>16, len(rows)-1)
	lo, hi := i+1, len(rows) // the place is from lo to hi
	if rows[g] < row {
		lo = g + 1
		for step := 4; g+step < len(rows); step *= 2 {
			if rows[g+step] >= row {
				hi = g + step
				break
			}
			lo = g + step + 1
		}
	} else {
		hi = g
		for step := 4; g-step >= lo; step *= 2 {
			if rows[g-step] < row {
				lo = g - step + 1
				break
			}
			hi = g - step
		}
	}
	for lo < hi {
		if h := int(uint(lo+hi) >> 1); rows[h] < row {
			lo = h + 1
		} else {
			hi = h
		}
	}
	return lo
}

// markAny marks who has a fact that passes. Facts come in order of row, so those of 64 rows are put together before they are written.
func (o *factsOp) markAny(f *factsPart, b int, got *words) {
	k := &f.p.blocks[b]
	rows := k.row
	if len(rows) == 0 {
		return
	}
	anything, always := f.val == nil, o.always
	if !anything && k.val.zero() {
		if !f.val[0] {
			return
		}
		anything = true
	}
	if !always && k.at == nil {
		if o.inTime(0) == 0 {
			return
		}
		always = true
	}
	switch {
	case f.who == nil && anything && always:
		for i := 0; i < len(rows); {
			at, m := rows[i]>>6, uint64(0)
			for ; i < len(rows) && rows[i]>>6 == at; i++ {
				m |= 1 << (rows[i] & 63)
			}
			got[at] |= m
		}
	case f.who == nil && anything:
		times := k.at[:len(rows)]
		for i := 0; i < len(rows); {
			at, m := rows[i]>>6, uint64(0)
			for ; i < len(rows) && rows[i]>>6 == at; i++ {
				m |= o.inTime(times[i]) << (rows[i] & 63)
			}
			got[at] |= m
		}
	case f.who == nil && k.val.u8 != nil && always:
		vals := k.val.u8[:len(rows)]
		for i := 0; i < len(rows); {
			at, m := rows[i]>>6, uint64(0)
			for ; i < len(rows) && rows[i]>>6 == at; i++ {
				m |= f.few[vals[i]] << (rows[i] & 63)
			}
			got[at] |= m
		}
	case f.who == nil && k.val.u8 != nil:
		vals, times := k.val.u8[:len(rows)], k.at[:len(rows)]
		for i := 0; i < len(rows); {
			at, m := rows[i]>>6, uint64(0)
			for ; i < len(rows) && rows[i]>>6 == at; i++ {
				m |= f.few[vals[i]] & o.inTime(times[i]) << (rows[i] & 63)
			}
			got[at] |= m
		}
	default:
		for i, r := range rows {
			if (f.val == nil || f.val[k.val.at(i)]) && o.passes(f, k, i) {
				got[r>>6] |= 1 << (r & 63)
			}
		}
	}
}

// inTime is 1 for a time from since to until, 0 for others.
func (o *factsOp) inTime(at uint32) uint64 {
	return (uint64(at-o.since) - uint64(o.until-o.since)) >> 63
}

// markLatest looks at the last fact of each row that passes the filters. Several pieces are several organisations' facts of one kind, which only an
// unshared definition could have, so they never meet.
func (o *factsOp) markLatest(f *factsPart, b int, got *words) {
	k := &f.p.blocks[b]
	last, row := -1, -1
	mark := func() {
		if last >= 0 && (f.val == nil || f.val[k.val.at(last)]) {
			got[row>>6] |= 1 << (row & 63)
		}
	}
	for i, r := range k.row {
		if int(r) != row {
			mark()
			row, last = int(r), -1
		}
		if o.passes(f, k, i) {
			last = i
		}
	}
	mark()
}

func (o *factsOp) markCounted(x *scratch, b int, got *words) {
	if x.counts == nil {
		x.counts = make([]uint16, blockRows)
	}
	for p := range o.parts {
		f := &o.parts[p]
		k := &f.p.blocks[b]
		for i, r := range k.row {
			if (f.val == nil || f.val[k.val.at(i)]) && o.passes(f, k, i) && x.counts[r] < mostFacts {
				x.counts[r]++
			}
		}
	}
	if o.lo <= 0 { // who was never tried meets it too
		for i := range got {
			got[i] = ^uint64(0)
		}
	}
	for p := range o.parts {
		for _, r := range o.parts[p].p.blocks[b].row {
			n := int(x.counts[r])
			if n >= o.lo && (o.hi < 0 || n <= o.hi) {
				got[r>>6] |= 1 << (r & 63)
			} else {
				got[r>>6] &^= 1 << (r & 63)
			}
		}
	}
	for p := range o.parts {
		for _, r := range o.parts[p].p.blocks[b].row {
			x.counts[r] = 0
		}
	}
}

func (o *factsOp) guess() (share, price float64) {
	n, rows := 0, 1
	for _, f := range o.parts {
		n += f.p.events()
		rows = max(rows, len(f.p.blocks)*blockRows)
	}
	share = min(float64(n)/float64(rows), 1)
	price = float64(n) / float64(rows) * 1.5
	if !o.latest && o.lo <= 0 {
		share = 0.9
	}
	return share / 2, price
}

func (o *factsOp) stamp(b int) uint64 {
	n := uint64(7)
	for _, f := range o.parts {
		n = mix(n, f.p.blocks[b].stamp)
	}
	return n
}

func textIn(p *piece, wanted []string) func(int) bool {
	if len(wanted) == 0 {
		return nil
	}
	return func(i int) bool { return slices.Contains(wanted, p.texts[i]) }
}

func numberIn(p *piece, wanted []int64) func(int) bool {
	if len(wanted) == 0 {
		return nil
	}
	return func(i int) bool { return slices.Contains(wanted, p.numbers[i]) }
}

// keyIn names a node in the cache together with the pieces that answer it: of which organisation they are is not in the node.
func keyIn(n list.Node, parts []factsPart) string {
	key := keyOf(n)
	for _, f := range parts {
		key += fmt.Sprintf(" %s/%d/%d", f.p.key.What, f.p.key.Object, f.p.key.Org)
	}
	return key
}

func (c *compiler) applied(what change.What, objects, by []int64, d list.Days) (op, error) {
	o := (&factsOp{lo: 1, hi: -1}).days(d)
	pieces, err := c.pieces(what, objects)
	if err != nil {
		return nil, err
	}
	for _, p := range pieces {
		o.parts = append(o.parts, part(p, nil, by))
	}
	return c.keep(string(what)+keyIn(list.Code{Codes: objects, By: by, Days: d}, o.parts), false, o), nil
}

func (c *compiler) answered(n list.Answered) (op, error) {
	pieces, err := c.pieces(change.Answer, []int64{n.Question})
	if err != nil {
		return nil, err
	}
	o := (&factsOp{latest: !n.Ever, lo: 1, hi: -1}).days(n.Days)
	for _, p := range pieces {
		o.parts = append(o.parts, part(p, numberIn(p, n.Responses), n.By))
	}
	return c.keep(keyIn(n, o.parts), false, o), nil
}

func (c *compiler) contact(n list.Contact) (op, error) {
	o := (&factsOp{lo: 1, hi: -1}).days(n.Days)
	if n.AtLeast != nil {
		o.lo = *n.AtLeast
	}
	if n.AtMost != nil {
		o.hi = *n.AtMost
	}
	if o.hi >= 0 && o.lo > o.hi {
		return nobodyOp{}, nil
	}
	for _, org := range c.u.Contacts {
		p, err := c.v.piece(c.ctx, pieceKey{What: change.Contact, Org: org})
		if err != nil {
			return nil, err
		}
		o.parts = append(o.parts, part(p, contactIn(p, n.Channels, n.Results), n.By))
	}
	return c.keep(keyIn(n, o.parts), true, o), nil
}

func contactIn(p *piece, channels, results []string) func(int) bool {
	if len(channels)+len(results) == 0 {
		return nil
	}
	return func(i int) bool {
		channel, result := cutText(p.texts[i])
		return (len(channels) == 0 || slices.Contains(channels, channel)) && (len(results) == 0 || slices.Contains(results, result))
	}
}

func (c *compiler) event(n list.Event) (op, error) {
	pieces, err := c.pieces(change.Signup, n.Events)
	if err != nil {
		return nil, err
	}
	o := (&factsOp{lo: 1, hi: -1}).days(list.Days{})
	for _, p := range pieces {
		o.parts = append(o.parts, part(p, textIn(p, n.Statuses), nil))
	}
	return c.keep(keyIn(n, o.parts), false, o), nil
}

func (c *compiler) custom(n list.Custom) (op, error) {
	pieces, err := c.pieces(change.Custom, []int64{n.Field})
	if err != nil {
		return nil, err
	}
	o := (&factsOp{lo: 1, hi: -1}).days(list.Days{})
	for _, p := range pieces {
		o.parts = append(o.parts, part(p, func(i int) bool {
			number, text := cutCustom(p.texts[i])
			if len(n.Values) > 0 {
				return slices.Contains(n.Values, text)
			}
			return (n.From == nil || number >= *n.From) && (n.To == nil || number <= *n.To)
		}, nil))
	}
	return c.keep(keyIn(n, o.parts), false, o), nil
}

func (c *compiler) target(n list.Target) (op, error) {
	pieces, err := c.pieces(change.Target, []int64{n.Target})
	if err != nil {
		return nil, err
	}
	o := (&factsOp{lo: 1, hi: -1}).days(list.Days{})
	for _, p := range pieces {
		o.parts = append(o.parts, part(p, numberIn(p, n.Groups), nil))
	}
	return c.keep(keyIn(n, o.parts), false, o), nil
}

func (c *compiler) saved(id int64) (op, error) {
	if err := c.v.engine.savedOnFile(c.ctx, id, c.v.gen.file); err != nil {
		return nil, err
	}
	p, err := c.v.piece(c.ctx, pieceKey{What: change.Saved, Object: id})
	if err != nil {
		return nil, err
	}
	o := (&factsOp{lo: 1, hi: -1, parts: []factsPart{part(p, nil, nil)}}).days(list.Days{})
	return c.keep("saved "+itoa(id), false, o), nil
}

// turf is met by the people of turfs, or of whole maps. Whose they are is looked up here too, besides list.Check.
func (c *compiler) turf(n list.Turf) (op, error) {
	if err := c.v.engine.turfsOnFile(c.ctx, n, c.u.Org, c.v.gen.file); err != nil {
		return nil, err
	}
	o := (&factsOp{lo: 1, hi: -1}).days(list.Days{})
	for what, all := range map[change.What][]int64{ofTurf: n.Turfs, ofMap: n.Maps} {
		for _, id := range all {
			p, err := c.v.piece(c.ctx, pieceKey{What: what, Object: id, Org: c.u.Org})
			if err != nil {
				return nil, err
			}
			o.parts = append(o.parts, part(p, nil, nil))
		}
	}
	return c.keep(keyOf(n), false, o), nil
}

func (c *compiler) scored(n list.Scored) (op, error) {
	pieces, err := c.pieces(change.Score, []int64{n.Score})
	if err != nil || len(pieces) == 0 {
		return nobodyOp{}, err
	}
	col := pieces[0].col
	lo, hi := col.number.between(&n.From, &n.To, maxCode(col.width))
	return c.keep(keyOf(n), false, newRange(col, lo, hi)), nil
}

func (c *compiler) suppressed(channels []string) (op, error) {
	o := (&factsOp{lo: 1, hi: -1}).days(list.Days{})
	for _, org := range []int64{0, c.u.Org} {
		p, err := c.v.piece(c.ctx, pieceKey{What: change.Suppression, Org: org})
		if err != nil {
			return nil, err
		}
		o.parts = append(o.parts, part(p, textIn(p, channels), nil))
		if c.u.Org == 0 {
			break
		}
	}
	return c.keep(keyIn(list.Suppressed{Channels: channels}, o.parts), false, o), nil
}

// pieces returns what the asking organisation may see of some definitions: the second fence, besides list.Check. A definition that is neither its own nor
// shared does not exist for it.
func (c *compiler) pieces(what change.What, objects []int64) ([]*piece, error) {
	defs, err := c.v.engine.definitions(c.ctx, what)
	if err != nil {
		return nil, err
	}
	var all []*piece
	for _, id := range objects {
		d, ok := defs[id]
		if !ok || d.Org != c.u.Org && d.Shared == 0 {
			return nil, fmt.Errorf("%w: %s %d", ErrFence, what, id)
		}
		p, err := c.v.piece(c.ctx, d.key(what))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}
