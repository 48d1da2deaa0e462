package segment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/bits"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
)

// build makes a new generation of a voter file. Meanwhile the old one answers, and follows the feed.
func (e *Engine) build(ctx context.Context, r *replica) error {
	r.building.Lock()
	defer r.building.Unlock()
	return e.buildNext(ctx, r)
}

// buildNext reads a voter file from the database and makes a new generation of it. The caller holds r.building.
func (e *Engine) buildNext(ctx context.Context, r *replica) (err error) {
	began := time.Now()
	defer func() {
		s := State{Err: err}
		r.stage.Store(&s)
	}()
	if err := fileThere(ctx, e.db, r.file); err != nil {
		return err
	}
	epoch, _, err := epochNow(ctx, e.db) // before reading: what is written meanwhile is read again from the feed
	if err != nil {
		return err
	}
	ids, total, err := fileIDs(ctx, e.db, r.file)
	if err != nil {
		return err
	}
	say := func(stage string, done, total int64) {
		r.stage.Store(&State{Building: true, Stage: stage, Done: done, Total: total})
	}
	say("people", 0, total)
	parts, err := e.readAll(ctx, r.file, ids, total, say)
	if err != nil {
		return err
	}
	read := time.Since(began)
	say("sort", 0, total)
	b := newBuilder(r.file, epoch, parts)
	places, err := e.placesOf(ctx, b.doorKeys())
	if err != nil {
		return err
	}
	g := b.generation(places)
	say("write", total, total)
	if err := e.keep(ctx, r, g); err != nil {
		return err
	}
	b, g, parts = nil, nil, nil //nolint:ineffassign // what follows must not hold two generations in memory
	runtime.GC()                // what reading took is many times what stays
	if g, err = openNewest(r.dir, r.file, e.siteName(ctx)); err != nil {
		return err
	}
	e.log.Info("built a list segment", "voterfile", r.file, "people", g.rows, "read", read, "took", time.Since(began))
	v := newView(e, g)
	if err := e.carryOver(ctx, r, v); err != nil {
		return err
	}
	e.warm(v)
	_, err = e.replace(ctx, r, v)
	return err
}

// carryOver reads what is known under the keys of the old view, so that the first who ask the new one need not wait for it.
func (e *Engine) carryOver(ctx context.Context, r *replica, v *View) error {
	old := r.view.Load()
	if old == nil {
		return nil
	}
	v.pieces = maps.Clone(v.pieces)
	for k := range old.pieces {
		if v.pieces[k] != nil {
			continue
		}
		p, err := e.readPiece(ctx, v.gen, k)
		if err != nil {
			return err
		}
		p.epoch = v.epoch // what is newer is read again
		v.pieces[k] = p
	}
	return nil
}

// keep writes a generation and gives it its place.
func (e *Engine) keep(ctx context.Context, r *replica, g *generation) error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(r.dir, "new-")
	if err != nil {
		return err
	}
	if err := g.save(temp, e.siteName(ctx)); err != nil {
		return errors.Join(err, os.RemoveAll(temp))
	}
	_, err = commit(r.dir, temp)
	return err
}

// builder brings what was read into walk order.
type builder struct {
	file  int64
	epoch int64
	parts []*readPart
	first []int // index of each part's first row among all
	n     int
	words []*merged // by text column
	kinds []string  // of districts, sorted
	order []uint32  // indexes of rows in walk order
}

// merged is one dictionary for a column of all parts.
type merged struct {
	sorted []string
	codes  [][]uint32 // by part and the part's code
}

func mergeTexts(parts []*texts) *merged {
	m := &merged{codes: make([][]uint32, len(parts))}
	for _, t := range parts {
		if t != nil {
			m.sorted = append(m.sorted, t.all...)
		}
	}
	slices.Sort(m.sorted)
	m.sorted = slices.Compact(m.sorted)
	if len(m.sorted) == 0 {
		m.sorted = []string{""}
	}
	for i, t := range parts {
		if t == nil {
			continue
		}
		m.codes[i] = make([]uint32, len(t.all))
		for c, s := range t.all {
			at, _ := slices.BinarySearch(m.sorted, s)
			m.codes[i][c] = uint32(at)
		}
	}
	return m
}

func newBuilder(file, epoch int64, parts []*readPart) *builder {
	b := &builder{file: file, epoch: epoch, parts: parts}
	kinds := map[string]bool{}
	for _, p := range parts {
		b.first = append(b.first, b.n)
		b.n += len(p.ids)
		for k := range p.districts {
			kinds[k] = true
		}
	}
	b.kinds = sortedKeys(kinds)
	b.words = make([]*merged, len(textColumns)+len(b.kinds))
	eachBlock(len(b.words), func(_, i int) {
		all := make([]*texts, len(parts))
		for w, p := range parts {
			if at, ok := b.column(p, i); ok {
				all[w] = p.words[at]
			}
		}
		b.words[i] = mergeTexts(all)
	})
	b.sort()
	return b
}

// column returns where a part keeps column i.
func (b *builder) column(p *readPart, i int) (int, bool) {
	if i < len(textColumns) {
		return i, true
	}
	at, ok := p.districts[b.kinds[i-len(textColumns)]]
	return at, ok
}

// where returns the part and the row in it of an index among all.
func (b *builder) where(i uint32) (*readPart, int, int) {
	w := len(b.first) - 1
	for int(i) < b.first[w] {
		w--
	}
	return b.parts[w], w, int(i) - b.first[w]
}

// textCodes returns the codes of column i in the order of reading.
func (b *builder) textCodes(i int) []uint32 {
	out := make([]uint32, 0, b.n)
	for w, p := range b.parts {
		at, ok := b.column(p, i)
		if !ok {
			out = append(out, make([]uint32, len(p.ids))...)
			continue
		}
		codes := b.words[i].codes[w]
		for _, c := range p.texts[at] {
			out = append(out, codes[c])
		}
	}
	return out
}

func textIndex(name string) int { return slices.Index(textColumns, name) }

// sortKey puts a row into walk order.
type sortKey struct {
	hi, lo uint64
	index  uint32
}

// sort finds the walk order: county, precinct, city, street, house, unit, household, person.
func (b *builder) sort() {
	keys := make([]sortKey, b.n)
	for i := range keys {
		keys[i].index = uint32(i)
	}
	for _, f := range []struct {
		name string
		rank []uint32
	}{{"county", nil}, {"precinct", nil}, {"city", nil}, {"street", nil}, {"house", b.naturally("house")}, {"unit", b.naturally("unit")}} {
		col := textIndex(f.name)
		width := bits.Len(uint(len(b.words[col].sorted)))
		for i, c := range b.textCodes(col) {
			if f.rank != nil {
				c = f.rank[c]
			}
			k := &keys[i]
			k.hi = k.hi<<width | k.lo>>(64-width)
			k.lo = k.lo<<width | uint64(c)
		}
	}
	home := make([]int64, 0, b.n)
	ids := make([]int64, 0, b.n)
	for _, p := range b.parts {
		home, ids = append(home, p.home...), append(ids, p.ids...)
	}
	sortParallel(keys, func(x, y sortKey) int {
		switch {
		case x.hi != y.hi:
			return cmp.Compare(x.hi, y.hi)
		case x.lo != y.lo:
			return cmp.Compare(x.lo, y.lo)
		case home[x.index] != home[y.index]:
			return cmp.Compare(home[x.index], home[y.index])
		}
		return cmp.Compare(ids[x.index], ids[y.index])
	})
	b.order = make([]uint32, b.n)
	for i, k := range keys {
		b.order[i] = k.index
	}
	b.gatherHomes(home)
}

// gatherHomes brings the people of a household together at the place of the first of them, where a spelling parted them.
func (b *builder) gatherHomes(home []int64) {
	first := make(map[int64]uint32, b.n/2)
	place := make([]uint32, b.n)
	apart := false
	for i, o := range b.order {
		place[i] = uint32(i)
		k := home[o]
		if k == 0 {
			continue
		}
		if at, ok := first[k]; ok {
			place[i] = at
			apart = apart || i > 0 && home[b.order[i-1]] != k
		} else {
			first[k] = uint32(i)
		}
	}
	if !apart {
		return
	}
	at := make([]uint32, b.n)
	for i := range at {
		at[i] = uint32(i)
	}
	slices.SortStableFunc(at, func(x, y uint32) int { return cmp.Compare(place[x], place[y]) })
	order := make([]uint32, b.n)
	for i, x := range at {
		order[i] = b.order[x]
	}
	b.order = order
}

// naturally returns the rank of each text of a column in the order of their numbers: 9 before 10, 12 before 12 1/2.
func (b *builder) naturally(name string) []uint32 {
	all := b.words[textIndex(name)].sorted
	at := make([]uint32, len(all))
	for i := range at {
		at[i] = uint32(i)
	}
	slices.SortStableFunc(at, func(x, y uint32) int { return compareNaturally(all[x], all[y]) })
	rank := make([]uint32, len(all))
	for r, x := range at {
		rank[x] = uint32(r)
	}
	return rank
}

func compareNaturally(a, b string) int {
	na, ra := leadingNumber(a)
	nb, rb := leadingNumber(b)
	return cmp.Or(cmp.Compare(na, nb), strings.Compare(ra, rb), strings.Compare(a, b))
}

func leadingNumber(s string) (int64, string) {
	n := int64(0)
	i := 0
	for i < len(s) && i < 15 && '0' <= s[i] && s[i] <= '9' {
		n = n*10 + int64(s[i]-'0')
		i++
	}
	return n, s[i:]
}

// sortParallel sorts pieces on all processors and merges them.
func sortParallel[T any](all []T, compare func(a, b T) int) {
	n := workers()
	if n < 2 || len(all) < 1<<12 {
		slices.SortFunc(all, compare)
		return
	}
	each := (len(all) + n - 1) / n
	var parts [][]T
	for p := range slices.Chunk(all, each) {
		parts = append(parts, p)
	}
	eachBlock(len(parts), func(_, i int) { slices.SortFunc(parts[i], compare) })
	for len(parts) > 1 {
		var next [][]T
		for i := 0; i < len(parts); i += 2 {
			if i+1 == len(parts) {
				next = append(next, parts[i])
				continue
			}
			next = append(next, mergeSorted(parts[i], parts[i+1], compare))
		}
		parts = next
	}
	copy(all, parts[0])
}

func mergeSorted[T any](a, b []T, compare func(a, b T) int) []T {
	out := make([]T, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compare(b[0], a[0]) < 0 {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// doorKeys returns the distinct address keys, ascending.
func (b *builder) doorKeys() []int64 {
	var all []int64
	last := int64(0)
	for _, i := range b.order { // neighbours share them
		p, _, row := b.where(i)
		if k := p.door[row]; k != last {
			all, last = append(all, k), k
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if i, ok := slices.BinarySearch(all, 0); ok {
		all = slices.Delete(all, i, i+1)
	}
	return all
}

func (b *builder) generation(at *places) *generation {
	g := &generation{file: b.file, epoch: b.epoch, rows: b.n, cols: map[string]*column{}, pieces: map[pieceKey]*piece{}}
	cols := make([]*column, len(b.words))
	eachBlock(len(b.words), func(_, i int) { cols[i] = b.textColumn(i) })
	for _, c := range cols {
		g.cols[c.name] = c
	}
	b.rows(g)
	b.placed(g, at)
	for i, name := range []string{"birth", "registered_on"} {
		values := make([]int64, b.n)
		for at, o := range b.order {
			p, _, row := b.where(o)
			values[at] = p.numbers[i][row]
		}
		g.cols[name] = numberColumn(name, true, values)
	}
	cast := make([]uint32, b.n)
	for at, o := range b.order {
		p, _, row := b.where(o)
		cast[at] = uint32(p.votesCast[row]) + 1
	}
	g.cols["votes_cast"] = newColumn("votes_cast", max(1, widthOf(int(maxOf(cast))+1)), cast)
	g.cols["votes_cast"].number = &codec{}
	for f, name := range []string{"dropped", "minor", "confidential"} {
		codes := make([]uint32, b.n)
		for at, o := range b.order {
			if p, _, row := b.where(o); p.flags[f][row] {
				codes[at] = 1
			}
		}
		g.cols[name] = newColumn(name, 1, codes)
		g.cols[name].number = &codec{Least: 1}
	}
	b.votes(g)
	b.reach(g)
	return g
}

func maxOf(all []uint32) uint32 {
	m := uint32(0)
	for _, c := range all {
		m = max(m, c)
	}
	return m
}

// newColumn makes a column of codes in walk order.
func newColumn(name string, width int, codes []uint32) *column {
	c := &column{name: name, width: width, counts: &tally{}}
	for from := 0; from < len(codes); from += blockRows {
		part := codes[from:min(from+blockRows, len(codes))]
		k := makeBlock(width, len(part))
		for i, x := range part {
			k.set(i, x)
		}
		k.zone()
		k.stamp = newStamp()
		c.blocks = append(c.blocks, k)
	}
	return c
}

func (b *builder) textColumn(i int) *column {
	name := ""
	if i < len(textColumns) {
		name = textColumns[i]
	} else {
		name = string(list.District) + b.kinds[i-len(textColumns)]
	}
	codes := b.textCodes(i)
	walk := make([]uint32, b.n)
	for at, o := range b.order {
		walk[at] = codes[o]
	}
	c := newColumn(name, widthOf(len(b.words[i].sorted)), walk)
	c.words = &dict{sorted: b.words[i].sorted}
	return c
}

// numberColumn makes a column of numbers in walk order, 0 unknown.
func numberColumn(name string, dates bool, values []int64) *column {
	least, greatest := int64(0), int64(0)
	for _, v := range values {
		if v != 0 && (least == 0 || v < least) {
			least = v
		}
		greatest = max(greatest, v)
	}
	k, width := codecFor(dates, max(least, 1), max(greatest, 1))
	codes := make([]uint32, len(values))
	ok := true
	for i, v := range values {
		if v != 0 {
			var fits bool
			codes[i], fits = k.encode(v)
			ok = ok && fits
		}
	}
	if !ok { // a date such as 19870299
		return numberColumn(name, false, values)
	}
	c := newColumn(name, width, codes)
	c.number = k
	return c
}

// rows fills in who stands where.
func (b *builder) rows(g *generation) {
	ids := make([]int64, b.n)
	g.doorKeys = make([]int64, b.n)
	size := (b.n + blockRows - 1) / blockRows * blockWords
	g.joined, g.homed, g.groups = make([]uint64, size), make([]uint64, size), make([]uint32, size)
	last := int64(0)
	for at, o := range b.order {
		p, _, row := b.where(o)
		ids[at], g.doorKeys[at] = p.ids[row], p.door[row]
		home := p.home[row]
		if at&63 == 0 {
			g.groups[at>>6] = uint32(len(g.homeKeys))
		}
		if home != 0 {
			g.homed[at>>6] |= 1 << (at & 63)
		}
		if home != 0 && home == last {
			g.joined[at>>6] |= 1 << (at & 63)
		} else {
			g.homeKeys = append(g.homeKeys, home)
		}
		last = home
	}
	if b.n == 0 {
		return
	}
	g.firstID = slices.Min(ids)
	g.ids = make([]uint32, b.n)
	g.byID = make([]uint32, b.n)
	for i, id := range ids {
		g.ids[i] = uint32(id - g.firstID)
		g.byID[i] = uint32(i)
	}
	sortParallel(g.byID, func(x, y uint32) int { return cmp.Compare(g.ids[x], g.ids[y]) })
	g.sortNames()
}

// sortNames finds the order of names.
func (g *generation) sortNames() {
	last, first := g.nameRanks("last"), g.nameRanks("first")
	g.byName = make([]uint32, g.rows)
	for i := range g.byName {
		g.byName[i] = uint32(i)
	}
	sortParallel(g.byName, func(x, y uint32) int {
		return cmp.Or(cmp.Compare(last[x], last[y]), cmp.Compare(first[x], first[y]), cmp.Compare(g.ids[x], g.ids[y]))
	})
	g.nameRank = make([]uint32, g.rows)
	for r, row := range g.byName {
		g.nameRank[row] = uint32(r)
	}
}

// nameRanks returns each row's place in the order of folded names.
func (g *generation) nameRanks(name string) []uint32 {
	c := g.cols[name]
	keys := make([]string, c.words.len())
	at := make([]uint32, len(keys))
	for i := range keys {
		_, keys[i] = nameKey(c.words.at(uint32(i)))
		at[i] = uint32(i)
	}
	slices.SortFunc(at, func(x, y uint32) int { return strings.Compare(keys[x], keys[y]) })
	rank := make([]uint32, len(keys))
	for i, x := range at {
		if i > 0 && keys[at[i-1]] == keys[x] {
			rank[x] = rank[at[i-1]]
		} else {
			rank[x] = uint32(i)
		}
	}
	out := make([]uint32, g.rows)
	for row := range out {
		out[row] = rank[c.code(row)]
	}
	return out
}

const (
	leastLon = -180_000_000
	leastLat = -90_000_000
)

// placed makes the columns of places.
func (b *builder) placed(g *generation, where *places) {
	lon, lat := make([]uint32, b.n), make([]uint32, b.n)
	lastKey, last, known := int64(0), [2]int32{}, false
	for at, k := range g.doorKeys {
		if k != lastKey {
			lastKey = k
			last, known = where.of(k)
		}
		if known {
			lon[at], lat[at] = uint32(int64(last[0])-leastLon+1), uint32(int64(last[1])-leastLat+1)
		}
	}
	g.cols["lon"], g.cols["lat"] = newColumn("lon", 4, lon), newColumn("lat", 4, lat)
	g.cols["lon"].number, g.cols["lat"].number = &codec{Least: leastLon}, &codec{Least: leastLat}
}

// votes makes one column for each election.
func (b *builder) votes(g *generation) {
	elections := map[int64]bool{}
	for _, p := range b.parts {
		for id := range p.votes {
			elections[id] = true
		}
	}
	ids := make([]int64, 0, len(elections))
	for id := range elections {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	g.votes = make([]election, len(ids))
	eachBlock(len(ids), func(_, i int) { g.votes[i] = election{ids[i], b.voteColumn(ids[i])} })
}

func (b *builder) voteColumn(id int64) *column {
	all := make([]*texts, len(b.parts))
	for w, p := range b.parts {
		if v := p.votes[id]; v != nil {
			all[w] = v.words
		}
	}
	m := mergeTexts(all)
	codes := make([]uint32, b.n)
	for at, o := range b.order {
		p, w, row := b.where(o)
		if v := p.votes[id]; v != nil && row < len(v.codes) {
			codes[at] = m.codes[w][v.codes[row]]
		}
	}
	c := newColumn(votePrefix+itoa(id), widthOf(len(m.sorted)), codes)
	c.words = &dict{sorted: m.sorted}
	return c
}

// reach makes the pieces of the voter file's own numbers and addresses.
func (b *builder) reach(g *generation) {
	at := make([]uint32, b.n)
	for row, o := range b.order {
		at[o] = uint32(row)
	}
	phones, emails := internerOf[string](nil), internerOf[string](nil)
	g.pieces[pieceKey{What: change.Phone}] = b.reachPiece(change.Phone, at, phones, func(p *readPart) ([]reached, *interner[string]) { return p.phones, p.kinds })
	g.pieces[pieceKey{What: change.Email}] = b.reachPiece(change.Email, at, emails, func(p *readPart) ([]reached, *interner[string]) { return p.emails, p.marks })
}

func (b *builder) reachPiece(what change.What, at []uint32, kinds *interner[string], of func(*readPart) ([]reached, *interner[string])) *piece {
	var all []event
	for w, p := range b.parts {
		events, own := of(p)
		for _, e := range events {
			all = append(all, event{row: int(at[b.first[w]+int(e.row)]), num: e.num, val: kinds.code(own.all[e.kind])})
		}
	}
	p := &piece{key: pieceKey{What: what}, epoch: b.epoch, texts: kinds.all, accounts: []int64{0}}
	p.fill(b.n, all)
	return p
}

// districtsOf reads field_person.districts: kinds of districts and their codes.
func districtsOf(text string) map[string]string {
	if text == "" || text == "{}" {
		return nil
	}
	m := map[string]string{}
	if json.Unmarshal([]byte(text), &m) != nil { // the import wrote it
		return nil
	}
	return m
}
