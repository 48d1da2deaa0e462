package segment

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/db"
)

const (
	// pollEvery is how often the feed is asked for what is new.
	pollEvery = 250 * time.Millisecond
	// maxChanges is how many changes are taken in one by one; with more what they touch is read anew.
	maxChanges = 200_000
	// manyPeople is of how many people a piece is patched; with more it is read anew when next asked for.
	manyPeople = 20_000
	// manyStrays is how many people may live elsewhere than their rows say before the generation is built anew.
	manyStrays = 50_000
)

// Run follows the feed of changes until ctx ends.
func (e *Engine) Run(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := e.Follow(ctx); err != nil && ctx.Err() == nil {
			e.log.Warn("following the feed of changes", "error", err)
		}
	}
}

// Follow takes in what was written since the last time.
func (e *Engine) Follow(ctx context.Context) error {
	ctx = db.WithSite(ctx)
	var errs error
	for _, r := range e.loaded() {
		errs = errors.Join(errs, e.followOne(ctx, r))
	}
	return errs
}

func (e *Engine) followOne(ctx context.Context, r *replica) (err error) {
	if !r.mu.TryLock() { // being built: the new view catches up by itself
		return nil
	}
	defer r.mu.Unlock()
	v := r.view.Load()
	if v == nil {
		return nil
	}
	if now := time.Now(); now.Sub(r.seen) >= watchEvery {
		r.seen = now
		if err := v.gen.touched(); err != nil {
			e.damaged(v, err)
			return nil
		}
	}
	defer v.guard(&err)()
	current, err := e.catchUp(ctx, r, v)
	if err == nil && !current && !r.stage.Load().Building {
		e.background(r, e.build)
	}
	return err
}

// catchUp publishes v with all changes that it does not know of. It reports false when the generation has to be built anew; what can be
// taken in is taken in all the same. The caller holds r.mu.
func (e *Engine) catchUp(ctx context.Context, r *replica, v *View) (current bool, err error) {
	newest, oldest, err := epochNow(ctx, e.db)
	if err != nil {
		return false, err
	}
	if newest <= v.epoch {
		if r.view.Load() != v {
			r.publish(v)
		}
		return !v.stale, nil
	}
	n := *v
	n.pieces = maps.Clone(v.pieces)
	changes, err := change.Since(ctx, e.db, v.epoch, maxChanges)
	if err != nil {
		return false, err
	}
	if len(changes) == maxChanges || v.epoch > 0 && oldest > v.epoch && v.fromDisk {
		n.stale = true // nobody knows what came between
	} else if err := e.patch(ctx, &n, changes); err != nil {
		return false, err
	}
	n.epoch, n.fromDisk = newest, false
	r.publish(&n)
	return !n.stale, nil
}

// touched is what some changes concern.
type touched struct {
	people  map[pieceKey][]int64 // of which people the pieces have to be read again
	anew    map[pieceKey]bool    // pieces that have to be read anew
	persons []int64              // whose registration changed
	all     bool                 // the voter file as a whole
	places  bool                 // where addresses are
	defs    bool
}

func newTouched(v *View, changes []change.Change) *touched {
	t := &touched{people: map[pieceKey][]int64{}, anew: map[pieceKey]bool{}}
	for _, c := range changes {
		if c.VoterFile != 0 && c.VoterFile != v.gen.file {
			continue
		}
		switch c.What {
		case change.People:
			t.all = true
		case change.Place:
			t.places = true
		case change.Definition:
			t.defs = true
		case change.Person:
			if c.Person == 0 {
				t.all = true
			}
			t.persons = append(t.persons, c.Person)
		default:
			t.piece(v, c)
		}
	}
	return t
}

// piece notes which pieces a change concerns.
func (t *touched) piece(v *View, c change.Change) {
	for k := range v.pieces {
		if k.What != c.What || c.Object != 0 && k.Object != 0 && k.Object != c.Object {
			continue
		}
		if k.Object == 0 && c.Org != k.Org { // of an organisation's own contacts, numbers and suppressions
			continue
		}
		if c.Person == 0 {
			t.anew[k] = true
		} else {
			t.people[k] = append(t.people[k], c.Person)
		}
	}
}

// patch brings n forward by changes.
func (e *Engine) patch(ctx context.Context, n *View, changes []change.Change) error {
	t := newTouched(n, changes)
	n.stale = n.stale || t.all
	if t.defs {
		e.forgetDefinitions()
	}
	for k := range t.anew {
		if k.Object == 0 && k.Org == 0 && (k.What == change.Phone || k.What == change.Email) {
			n.stale = true // every generation has the file's own
			continue
		}
		delete(n.pieces, k)
		delete(t.people, k)
	}
	for k, people := range t.people {
		p, err := e.patchPiece(ctx, n, n.pieces[k], people)
		if err != nil {
			return err
		}
		if p == nil {
			delete(n.pieces, k)
			continue
		}
		n.pieces[k] = p
	}
	if len(t.persons) > 0 && !t.all {
		if err := e.patchPersons(ctx, n, t.persons); err != nil {
			return err
		}
	}
	if t.places && !t.all {
		return e.patchPlaces(ctx, n)
	}
	return nil
}

// patchPlaces reads anew where everybody lives. Blocks in which nothing changed stay.
func (e *Engine) patchPlaces(ctx context.Context, n *View) error {
	doors := n.gen.doors()
	if n.strays != nil {
		for row, key := range n.strays.door {
			doors[row] = key
		}
	}
	lon, lat, err := e.placeColumns(ctx, doors)
	if err != nil {
		return err
	}
	n.cols = maps.Clone(n.cols)
	for _, c := range []*column{lon, lat} {
		old := n.cols[c.name]
		for b := range c.blocks {
			if slices.Equal(c.blocks[b].u32, old.blocks[b].u32) {
				c.blocks[b] = old.blocks[b]
			}
		}
		n.cols[c.name] = c
	}
	return nil
}

// patchPiece returns p with the facts about some people read again; nil when they are so many that it is read anew.
func (e *Engine) patchPiece(ctx context.Context, v *View, p *piece, people []int64) (*piece, error) {
	slices.Sort(people)
	people = slices.Compact(people)
	if len(people) == 0 {
		return p, nil
	}
	if len(people) > manyPeople && (p.key.Object != 0 || p.key.Org != 0) {
		return nil, nil
	}
	d := newReader(v.gen, p)
	rows := make([]int, 0, len(people))
	for _, id := range people {
		if row, ok := v.gen.rowOf(id); ok {
			rows = append(rows, row)
		}
	}
	for some := range slices.Chunk(people, 500) {
		all, err := learnedOf(ctx, e.db, p.key, some)
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			d.add(f)
		}
	}
	if p.key.What == change.Score {
		return p.withScores(rows, d), nil
	}
	n := p.with(rows, d.events)
	n.texts, n.numbers, n.accounts = d.texts.all, d.numbers.all, d.accounts.all
	return n, nil
}

func (p *piece) withScores(rows []int, d *reader) *piece {
	n := *p
	values := map[int]*int64{}
	for i, row := range d.rows {
		values[row] = &d.scores[i]
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	n.col = p.col.withNumbers(rows, func(row int) (int64, bool) {
		if v := values[row]; v != nil {
			return *v, true
		}
		return 0, false
	})
	return &n
}

// withNumbers returns the column with other numbers in some rows, ascending. A number that the codes have no room for makes them wider.
func (c *column) withNumbers(rows []int, of func(row int) (int64, bool)) *column {
	if len(rows) == 0 {
		return c
	}
	codes := make([]uint32, len(rows))
	for i, row := range rows {
		if v, known := of(row); known {
			code, ok := c.number.encode(v)
			if !ok {
				return c.roomFor(v).withNumbers(rows, of)
			}
			codes[i] = code
		}
	}
	return c.with(rows, codes)
}

// roomFor returns the column with codes that have room for v.
func (c *column) roomFor(v int64) *column {
	least, greatest := v, v
	for b := range c.blocks {
		k := &c.blocks[b]
		for _, code := range []uint32{max(k.min, 1), max(k.max, 1)} {
			if x, ok := c.number.value(code); ok {
				least, greatest = min(least, x), max(greatest, x)
			}
		}
	}
	old := c.number
	if old.Dates { // any day of those years
		least, greatest = min(least, old.Least*10000), max(greatest, (old.Least+160)*10000)
	} else {
		least = min(least, old.Least)
	}
	k := &codec{Least: least}
	n := c.recoded(widthOf(int(greatest-least)+2), func(code uint32) uint32 {
		x, ok := old.value(code)
		if !ok {
			return 0
		}
		to, _ := k.encode(x)
		return to
	})
	n.number = k
	return n
}

// patchPersons reads registrations again and changes the columns of those that changed.
func (e *Engine) patchPersons(ctx context.Context, n *View, ids []int64) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > manyPeople {
		n.stale = true
		return nil
	}
	var all []personRow
	votes := map[int64][]voteRow{}
	for some := range slices.Chunk(ids, 500) {
		rows, err := peopleByID(ctx, e.db, n.gen.file, some)
		if err != nil {
			return err
		}
		all = append(all, rows...)
		cast, err := votesByID(ctx, e.db, some)
		if err != nil {
			return err
		}
		for _, v := range cast {
			votes[v.Person] = append(votes[v.Person], v)
		}
	}
	var rows []int
	of := map[int]*personRow{}
	for i := range all {
		row, ok := n.gen.rowOf(all[i].ID)
		if !ok {
			n.stale = true // somebody new: there is no row
			continue
		}
		rows, of[row] = append(rows, row), &all[i]
	}
	slices.Sort(rows)
	if len(rows) == 0 {
		return nil
	}
	n.cols = maps.Clone(n.cols)
	n.patchTexts(rows, of)
	n.patchNumbers(rows, of, votes)
	n.patchVotes(rows, of, votes)
	return e.patchHomes(ctx, n, rows, of)
}

func (n *View) patchTexts(rows []int, of map[int]*personRow) {
	set := func(name string, text func(*personRow) string) {
		c := n.cols[name]
		if c == nil {
			c = newColumn(name, 1, make([]uint32, n.rows))
			c.words = &dict{sorted: []string{""}}
		}
		words := c.words
		codes := make([]uint32, len(rows))
		same := true
		for i, row := range rows {
			words, codes[i] = words.with(text(of[row]))
			same = same && codes[i] == c.code(row)
		}
		if !same {
			c = c.with(rows, codes)
			c.words = words
		}
		n.cols[name] = c
	}
	texts := make(map[*personRow][21]string, len(rows))
	for _, r := range of {
		texts[r] = r.textsOf()
	}
	for i, name := range textColumns {
		set(name, func(r *personRow) string { return texts[r][i] })
	}
	kinds := map[string]bool{}
	districts := make(map[*personRow]map[string]string, len(rows))
	for _, r := range of {
		districts[r] = districtsOf(r.Districts)
		for k := range districts[r] {
			kinds[string(list.District)+k] = true
		}
	}
	for name := range n.cols {
		if len(name) > len(list.District) && name[:len(list.District)] == string(list.District) {
			kinds[name] = true
		}
	}
	for name := range kinds {
		set(name, func(r *personRow) string { return districts[r][name[len(list.District):]] })
	}
}

func (n *View) patchNumbers(rows []int, of map[int]*personRow, votes map[int64][]voteRow) {
	set := func(name string, number func(*personRow) (int64, bool)) {
		n.cols[name] = n.cols[name].withNumbers(rows, func(row int) (int64, bool) { return number(of[row]) })
	}
	set("birth", func(r *personRow) (int64, bool) {
		b := list.Born(r.BirthDate, r.BirthYear)
		return b, b != 0
	})
	set("registered_on", func(r *personRow) (int64, bool) { return r.RegisteredOn, r.RegisteredOn != 0 })
	set("votes_cast", func(r *personRow) (int64, bool) {
		k := int64(0)
		for _, v := range votes[r.ID] {
			if voteCounts(voteText(v.Method, v.Party), nil, nil) {
				k++
			}
		}
		return k, true
	})
	set("hidden", func(r *personRow) (int64, bool) {
		why := hiddenCode(r.DroppedOn != 0, r.Minor != 0, r.Confidential != 0)
		return int64(why), why != 0
	})
}

func (n *View) patchVotes(rows []int, of map[int]*personRow, votes map[int64][]voteRow) {
	texts := map[int64]map[int]string{} // by election and row
	for _, e := range n.votes {
		texts[e.id] = map[int]string{}
	}
	for _, row := range rows {
		for _, v := range votes[of[row].ID] {
			if texts[v.Election] == nil {
				texts[v.Election] = map[int]string{}
			}
			texts[v.Election][row] = voteText(v.Method, v.Party)
		}
	}
	ids := slices.Sorted(maps.Keys(texts))
	all := make([]election, 0, len(ids))
	for _, id := range ids {
		c := n.votesOf(id)
		if c == nil {
			c = newColumn(votePrefix+itoa(id), 1, make([]uint32, n.rows))
			c.words = &dict{sorted: []string{""}}
		}
		words := c.words
		codes := make([]uint32, len(rows))
		same := true
		for i, row := range rows {
			words, codes[i] = words.with(texts[id][row])
			same = same && codes[i] == c.code(row)
		}
		if !same {
			c = c.with(rows, codes)
			c.words = words
		}
		all = append(all, election{id, c})
	}
	n.votes = all
}

// patchHomes takes in who lives elsewhere now, and where that is.
func (e *Engine) patchHomes(ctx context.Context, n *View, rows []int, of map[int]*personRow) error {
	home, door := map[int]int64{}, map[int]int64{}
	var keys []int64
	for _, row := range rows {
		r := of[row]
		if n.homeOf(row) != r.Household {
			home[row] = r.Household
		}
		if n.doorOf(row) != r.Door {
			door[row] = r.Door
		}
		if r.Door != 0 {
			keys = append(keys, r.Door)
		}
	}
	n.homes = newStamp() // even when nobody moved, somebody may have come into the universe
	if len(home)+len(door) > 0 {
		n.strays = n.withStrays(home, door)
		n.stale = n.stale || len(n.strays.home) > manyStrays
	}
	places := map[int64]placeRow{}
	slices.Sort(keys)
	for some := range slices.Chunk(slices.Compact(keys), 500) {
		all, err := placesByKey(ctx, e.db, some)
		if err != nil {
			return err
		}
		for _, p := range all {
			places[p.Key] = p
		}
	}
	at := func(f func(placeRow) int64) func(int) (int64, bool) {
		return func(row int) (int64, bool) {
			p, ok := places[of[row].Door]
			return f(p), ok
		}
	}
	n.cols["lon"] = n.cols["lon"].withNumbers(rows, at(func(p placeRow) int64 { return p.Lon }))
	n.cols["lat"] = n.cols["lat"].withNumbers(rows, at(func(p placeRow) int64 { return p.Lat }))
	return nil
}

// definitions returns whose the definitions of a kind are.
func (e *Engine) definitions(ctx context.Context, what change.What) (map[int64]definition, error) {
	e.mu.Lock()
	defs := e.defs[what]
	e.mu.Unlock()
	if defs != nil {
		return defs, nil
	}
	defs, err := readDefinitions(db.WithSite(ctx), e.db, what)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.defs[what] = defs
	return defs, nil
}

func (e *Engine) forgetDefinitions() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.defs)
}
