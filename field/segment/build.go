package segment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
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
	g := b.generation()
	var named sync.WaitGroup
	named.Go(g.sortNames)
	lon, lat, err := e.placeColumns(ctx, g.doors())
	named.Wait()
	if err != nil {
		return err
	}
	g.cols["lon"], g.cols["lat"] = lon, lat
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
	carried, err := e.carryOver(ctx, r, v)
	if err != nil {
		return err
	}
	if _, err := e.replace(ctx, r, v); err != nil {
		return err
	}
	for _, p := range carried {
		e.keepPiece(r, g, p)
	}
	e.warm(r)
	return nil
}

// carryOver reads what is known under the keys of the old view, so that the first who ask the new one need not wait for it.
func (e *Engine) carryOver(ctx context.Context, r *replica, v *View) (carried []*piece, err error) {
	old := r.view.Load()
	if old == nil {
		return nil, nil
	}
	v.pieces = maps.Clone(v.pieces)
	for k := range old.pieces {
		if v.pieces[k] != nil {
			continue
		}
		p, err := e.readPiece(ctx, v.gen, k)
		if err != nil {
			return nil, err
		}
		p.epoch = v.epoch // what is newer is read again
		v.pieces[k] = p
		carried = append(carried, p)
	}
	return carried, nil
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

	groupFirst [2][]int    // number of each part's first group among all
	groupWalk  [2][]uint32 // group of each row in walk order
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
	for w, p := range parts {
		b.first = append(b.first, b.n)
		b.n += len(p.ids)
		for k := range p.districts {
			kinds[k] = true
		}
		for which := range b.groupFirst {
			n := 0
			if w > 0 {
				n = b.groupFirst[which][w-1] + len(parts[w-1].groups[which].codes)
			}
			b.groupFirst[which] = append(b.groupFirst[which], n)
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
	b.gatherGroups()
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

// textCodes returns the codes of column i in the order of reading.
func (b *builder) textCodes(i int) []uint32 {
	out := make([]uint32, 0, b.n)
	if which, ok := groupOf(i); ok {
		table := b.groupTable(i, which)
		for w, p := range b.parts {
			part := table[b.groupFirst[which][w]:]
			for _, g := range p.groups[which].of {
				out = append(out, part[g])
			}
		}
		return out
	}
	for w, p := range b.parts {
		codes := b.words[i].codes[w]
		for _, c := range p.texts[i] {
			out = append(out, codes[c])
		}
	}
	return out
}

// groupTable returns the code that column i has in each group of all parts.
func (b *builder) groupTable(i, which int) []uint32 {
	var table []uint32
	for w, p := range b.parts {
		at, there := b.column(p, i)
		for _, codes := range p.groups[which].codes {
			code := uint32(0)
			for _, k := range codes {
				if there && k.column == at {
					code = b.words[i].codes[w][k.code]
				}
			}
			table = append(table, code)
		}
	}
	return table
}

// gatherGroups finds the groups of rows in walk order.
func (b *builder) gatherGroups() {
	for which := range b.groupWalk {
		read := make([]uint32, 0, b.n)
		for w, p := range b.parts {
			for _, g := range p.groups[which].of {
				read = append(read, uint32(b.groupFirst[which][w])+g)
			}
		}
		walk := make([]uint32, b.n)
		for at, o := range b.order {
			walk[at] = read[o]
		}
		b.groupWalk[which] = walk
	}
}

func textIndex(name string) int { return slices.Index(textColumns, name) }

// doorsOf returns where people with the same address key begin, by key.
func doorsOf(keys []int64) []door {
	var all []door
	last := int64(0)
	for row, k := range keys { // neighbours share them
		if k != last && k != 0 {
			all = append(all, door{k, uint32(row)})
		}
		last = k
	}
	sortParallel(all, func(x, y door) int { return cmp.Compare(x.key, y.key) })
	return all
}

// door is an address key and the first row of some that have it.
type door struct {
	key int64
	row uint32
}

// generation makes the columns and the rest, beside each other: all of it needs the order of rows and little else.
func (b *builder) generation() *generation {
	g := &generation{file: b.file, epoch: b.epoch, rows: b.n, cols: map[string]*column{}, pieces: map[pieceKey]*piece{}, numbers: map[pieceKey]*numbers{}}
	at := make([]uint32, b.n) // where each row that was read stands
	for row, o := range b.order {
		at[o] = uint32(row)
	}
	elections := b.elections()
	g.votes = make([]election, len(elections))
	cols := make([]*column, len(b.words), len(b.words)+6)
	var own [2]*numbers
	tasks := []func(){ // what takes longest first
		func() { own[0] = b.reached(g, change.Phone, at) },
		func() { own[1] = b.reached(g, change.Email, at) },
		func() { b.rows(g) },
	}
	also := func(make func() *column) {
		i := len(cols)
		cols = append(cols, nil)
		tasks = append(tasks, func() { cols[i] = make() })
	}
	for i := range b.words {
		tasks = append(tasks, func() { cols[i] = b.textColumn(i) })
	}
	for i, id := range elections {
		tasks = append(tasks, func() { g.votes[i] = election{id, b.voteColumn(id)} })
	}
	for i, name := range []string{"birth", "registered_on"} {
		also(func() *column {
			return numberColumn(name, true, inWalkOrder(b, func(p *readPart) []int64 { return p.numbers[i] }))
		})
	}
	also(b.castColumn)
	also(b.hiddenColumn)
	eachBlock(len(tasks), func(_, i int) { tasks[i]() })
	for _, c := range cols {
		g.cols[c.name] = c
	}
	for _, n := range own {
		g.pieces[n.piece.key], g.numbers[n.piece.key] = n.piece, n
	}
	return g
}

func (b *builder) castColumn() *column {
	cast := make([]uint32, b.n)
	for at, n := range inWalkOrder(b, func(p *readPart) []uint8 { return p.votesCast }) {
		cast[at] = uint32(n) + 1
	}
	c := newColumn("votes_cast", max(1, widthOf(int(maxOf(cast))+1)), cast)
	c.number = &codec{}
	return c
}

func (b *builder) hiddenColumn() *column {
	codes := make([]uint32, b.n)
	for at, why := range inWalkOrder(b, func(p *readPart) []uint8 { return p.hidden }) {
		codes[at] = uint32(why)
	}
	c := newColumn("hidden", 1, codes)
	c.number = &codec{Least: 1}
	return c
}

// inWalkOrder brings values of all parts into walk order.
func inWalkOrder[T any](b *builder, of func(*readPart) []T) []T {
	read := make([]T, 0, b.n)
	for _, p := range b.parts {
		read = append(read, of(p)...)
	}
	out := make([]T, b.n)
	for at, o := range b.order {
		out[at] = read[o]
	}
	return out
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
		k.fill(part)
		c.blocks = append(c.blocks, k)
	}
	return c
}

// fill puts codes into a block that has room for them.
func (b *block) fill(codes []uint32) {
	switch {
	case b.u8 != nil:
		for i, c := range codes {
			b.u8[i] = uint8(c)
		}
	case b.u16 != nil:
		for i, c := range codes {
			b.u16[i] = uint16(c)
		}
	default:
		copy(b.u32, codes)
	}
	b.min, b.max, b.stamp = slices.Min(codes), slices.Max(codes), newStamp()
}

func (b *builder) textColumn(i int) *column {
	name := ""
	if i < len(textColumns) {
		name = textColumns[i]
	} else {
		name = string(list.District) + b.kinds[i-len(textColumns)]
	}
	walk := make([]uint32, b.n)
	if which, ok := groupOf(i); ok {
		table := b.groupTable(i, which)
		for at, g := range b.groupWalk[which] {
			walk[at] = table[g]
		}
	} else {
		codes := b.textCodes(i)
		for at, o := range b.order {
			walk[at] = codes[o]
		}
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
	ids := inWalkOrder(b, func(p *readPart) []int64 { return p.ids })
	homes := inWalkOrder(b, func(p *readPart) []int64 { return p.home })
	size := (b.n + blockRows - 1) / blockRows * blockWords
	g.joined, g.homed, g.groups = make([]uint64, size), make([]uint64, size), make([]uint32, size)
	last := int64(0)
	for at, home := range homes {
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
	g.setDoors(inWalkOrder(b, func(p *readPart) []int64 { return p.door }))
	if b.n == 0 {
		return
	}
	g.firstID = slices.Min(ids)
	g.ids = make([]uint32, b.n)
	for i, id := range ids {
		g.ids[i] = uint32(id - g.firstID)
	}
	g.sortIDs()
}

const (
	leastLon = -180_000_000
	leastLat = -90_000_000
)

// placeColumns reads where people live whose address keys are given by row.
func (e *Engine) placeColumns(ctx context.Context, keys []int64) (lon, lat *column, err error) {
	x, y := make([]uint32, len(keys)), make([]uint32, len(keys))
	err = e.placesOf(ctx, doorsOf(keys), func(d door, east, north list.Micro) {
		for row := int(d.row); row < len(keys) && keys[row] == d.key; row++ {
			x[row], y[row] = uint32(int64(east)-leastLon+1), uint32(int64(north)-leastLat+1)
		}
	})
	lon, lat = newColumn("lon", 4, x), newColumn("lat", 4, y)
	lon.number, lat.number = &codec{Least: leastLon}, &codec{Least: leastLat}
	return lon, lat, err
}

// elections returns in which elections somebody voted, ascending.
func (b *builder) elections() []int64 {
	all := map[int64]bool{}
	for _, p := range b.parts {
		for id := range p.votes {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (b *builder) voteColumn(id int64) *column {
	all := make([]*texts, len(b.parts))
	for w, p := range b.parts {
		if v := p.votes[id]; v != nil {
			all[w] = v.words
		}
	}
	m := mergeTexts(all)
	read := make([]uint32, b.n)
	for w, p := range b.parts {
		if v := p.votes[id]; v != nil {
			for row, c := range v.codes {
				read[b.first[w]+row] = m.codes[w][c]
			}
		}
	}
	codes := make([]uint32, b.n)
	for at, o := range b.order {
		codes[at] = read[o]
	}
	c := newColumn(votePrefix+itoa(id), widthOf(len(m.sorted)), codes)
	c.words = &dict{sorted: m.sorted}
	return c
}

// reached makes the piece of the voter file's own numbers or addresses, and counts them.
func (b *builder) reached(g *generation, what change.What, at []uint32) *numbers {
	p := b.reachPiece(what, at)
	return countNumbers(g, b.n, p)
}

func (b *builder) reachPiece(what change.What, at []uint32) *piece {
	of := func(p *readPart) ([]reached, *interner[string]) { return p.phones, p.kinds }
	if what == change.Email {
		of = func(p *readPart) ([]reached, *interner[string]) { return p.emails, p.marks }
	}
	kinds := internerOf[string](nil)
	next := make([]uint32, b.n+1) // where the facts of a row begin
	n := 0
	for w, p := range b.parts {
		events, _ := of(p)
		n += len(events)
		for _, e := range events {
			next[at[b.first[w]+int(e.row)]+1]++
		}
	}
	for row := range b.n {
		next[row+1] += next[row]
	}
	all := make([]reached, n)
	for w, p := range b.parts {
		events, own := of(p)
		for _, e := range events {
			row := at[b.first[w]+int(e.row)]
			all[next[row]] = reached{e.num, row, kinds.code(own.all[e.kind])}
			next[row]++
		}
	}
	p := &piece{key: pieceKey{What: what}, epoch: b.epoch, texts: kinds.all, accounts: []int64{0}}
	p.blocks = make([]facts, (b.n+blockRows-1)/blockRows)
	ends := make([]int, len(p.blocks)+1)
	for i := range p.blocks {
		ends[i+1] = int(next[min((i+1)*blockRows, b.n)-1]) // the facts of a row end where those of the next began
	}
	eachBlock(len(p.blocks), func(_, i int) { p.blocks[i] = factsOfReached(all[ends[i]:ends[i+1]]) })
	return p
}

// factsOfReached returns the facts of one block; they come in order of rows.
func factsOfReached(all []reached) facts {
	f := facts{row: make([]uint16, len(all)), stamp: newStamp()}
	for i := range all {
		for k := i; k > 0 && all[k-1].row == all[k].row && compareReached(all[k], all[k-1]) < 0; k-- {
			all[k], all[k-1] = all[k-1], all[k]
		}
	}
	if len(all) > 0 {
		f.num = make([]uint64, len(all))
	}
	for i, e := range all {
		f.row[i], f.num[i] = uint16(e.row), e.num
	}
	f.val = vecOf(len(all), func(i int) uint32 { return all[i].kind })
	return f
}

func compareReached(a, b reached) int {
	return cmp.Or(cmp.Compare(a.num, b.num), cmp.Compare(a.kind, b.kind))
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
