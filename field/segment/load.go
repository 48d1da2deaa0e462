package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/turfpeople"
	"github.com/openprecinct/precinct/internal/db"
)

// piece returns what is known under a key, read from the database when it is asked for the first time.
func (v *View) piece(ctx context.Context, k pieceKey) (*piece, error) {
	if p := v.pieces[k]; p != nil {
		return p, nil
	}
	r := v.engine.replica(v.gen.file)
	if w := r.view.Load(); w != nil && w.gen == v.gen && w.pieces[k] != nil { // read since v was made
		return w.pieces[k], nil
	}
	return v.engine.loadPiece(db.WithSite(ctx), r, v, k)
}

// loadPiece reads a piece and gives it to the newest view, so that it is kept current from then on.
func (e *Engine) loadPiece(ctx context.Context, r *replica, v *View, k pieceKey) (*piece, error) {
	r.loading.Lock() // one at a time: many who ask for the same wait for the first
	defer r.loading.Unlock()
	if w := r.view.Load(); w != nil && w.gen == v.gen && w.pieces[k] != nil {
		return w.pieces[k], nil
	}
	epoch, oldest, err := epochNow(ctx, e.db)
	if err != nil {
		return nil, err
	}
	var fresh *piece
	p, err := e.keptPiece(ctx, v, k, epoch, oldest)
	if err == nil && p == nil {
		if p, err = e.readPiece(ctx, v.gen, k); err == nil {
			p.epoch = epoch
			fresh = p
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading what is known as %s %d: %w", k.What, k.Object, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.view.Load()
	if w == nil || w.gen != v.gen { // a new generation came meanwhile; this view keeps its own
		return p, nil
	}
	n := *w
	n.pieces = make(map[pieceKey]*piece, len(w.pieces)+1)
	for key, old := range w.pieces {
		n.pieces[key] = old
	}
	n.pieces[k] = p
	if w.epoch > epoch { // the feed went on while the piece was read
		changes, err := change.Since(ctx, e.db, epoch, maxChanges)
		if err != nil {
			return nil, err
		}
		t := newTouched(&n, changes)
		anew := len(changes) == maxChanges || t.anew[k]
		if !anew {
			if p, err = e.patchPiece(ctx, &n, p, t.people[k]); err != nil {
				return nil, err
			}
		}
		if anew || p == nil {
			if p, err = e.readPiece(ctx, v.gen, k); err != nil {
				return nil, err
			}
		}
		n.pieces[k] = p
	}
	r.publish(&n)
	if fresh != nil {
		e.keepPiece(r, v.gen, fresh)
	}
	return p, nil
}

// pieceChunk is how many person ids of a piece are read with one statement.
const pieceChunk = 1 << 15

// reader puts rows of facts into a piece.
type reader struct {
	g        *generation
	key      pieceKey
	texts    *interner[string]
	numbers  *interner[int64]
	accounts *interner[int64]
	events   []event
	rows     []int // of scores
	scores   []int64
}

func newReader(g *generation, p *piece) *reader {
	return &reader{g: g, key: p.key, texts: internerOf(p.texts), numbers: internerOf(p.numbers), accounts: internerOf(p.accounts)}
}

func (d *reader) add(f learnedRow) {
	row, ok := d.g.rowOf(f.Person)
	if !ok { // on another voter file, or newer than the generation
		return
	}
	e := event{row: row, at: f.At, id: f.ID, who: d.accounts.code(f.Account)}
	switch d.key.What {
	case change.Score:
		d.rows, d.scores = append(d.rows, row), append(d.scores, f.Number)
		return
	case change.Answer, change.Target:
		e.val = d.numbers.code(f.Number)
	case change.Custom:
		e.val = d.texts.code(customText(f.Number, f.Text))
	case change.Phone:
		e.val, e.num, e.id = d.texts.code(kindText(f.Text, f.Number)), numberOf(f.ID), ""
	case change.Email:
		e.val, e.num, e.id = d.texts.code(kindText("", f.Number)), hashOf(f.ID), ""
	default:
		e.val = d.texts.code(f.Text)
	}
	d.events = append(d.events, e)
}

// customText joins the number and the text of a custom field's value.
func customText(number int64, text string) string { return itoa(number) + "/" + text }

func cutCustom(s string) (int64, string) {
	n, text := cutText(s)
	return num(n), text
}

func cutText(s string) (a, b string) {
	a, b, _ = strings.Cut(s, "/")
	return a, b
}

// readPiece reads all of a piece.
func (e *Engine) readPiece(ctx context.Context, g *generation, k pieceKey) (*piece, error) {
	p := &piece{key: k}
	if read := frozen[k.What]; read != nil {
		people, err := read(ctx, e.db, k.Org, k.Object)
		if err != nil {
			return nil, err
		}
		p.choose(g, people)
		return p, nil
	}
	ids, n, err := factRange(ctx, e.db, k)
	if err != nil {
		return nil, err
	}
	if g.rows > 0 {
		last := g.personAt(int(g.byID[g.rows-1]))
		ids = idRange{max(ids.from, g.firstID), min(ids.to, last+1)}
	}
	step := int64(pieceChunk)
	if n < pieceChunk {
		step = max(step, ids.to-ids.from)
	}
	d := newReader(g, p)
	stretches := max(0, int((ids.to-ids.from+step-1)/step))
	errs := make([]error, stretches)
	var mu sync.Mutex
	eachBlock(stretches, func(_, i int) {
		from := ids.from + int64(i)*step
		errs[i] = e.readStretch(ctx, d, &mu, idRange{from, min(from+step, ids.to)})
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.texts, p.numbers, p.accounts = d.texts.all, d.numbers.all, d.accounts.all
	if k.What == change.Score {
		p.col = scoreColumn(g.rows, d.rows, d.scores)
		return p, nil
	}
	p.fill(g.rows, d.events)
	return p, nil
}

// readStretch asks beside others and adds alone.
func (e *Engine) readStretch(ctx context.Context, d *reader, adding *sync.Mutex, ids idRange) error {
	text, err := packedLearned(ctx, e.db, d.key, ids)
	if err != nil {
		return err
	}
	adding.Lock()
	defer adding.Unlock()
	ok := splitRows(text, 6, func(f []string) {
		r := learnedRow{Person: num(f[0]), Text: f[1], Number: num(f[2]), Account: num(f[3]), At: num(f[4]), ID: f[5]}
		if _, known := d.texts.index[r.Text]; !known {
			r.Text = strings.Clone(r.Text) // the dictionary keeps it
		}
		if d.key.What != change.Answer && d.key.What != change.Phone && d.key.What != change.Email {
			r.ID = ""
		}
		d.add(r)
	})
	if ok {
		return nil
	}
	rows, err := learnedIn(ctx, e.db, d.key, ids)
	for _, r := range rows {
		d.add(r)
	}
	return err
}

// splitRows takes the text of many rows apart and calls f with the fields of each; it reports whether there were as many of both as there should be.
func splitRows(p packed, fields int, f func(fields []string)) bool {
	rest := p.Text
	if p.Rows == 0 {
		return true
	}
	if int64(strings.Count(rest, rowEnd)) != p.Rows-1 || int64(strings.Count(rest, fieldEnd)) != p.Rows*int64(fields-1) {
		return false
	}
	buf := make([]string, 0, fields)
	for more := true; more; {
		var row string
		row, rest, more = strings.Cut(rest, rowEnd)
		buf = buf[:0]
		for i := strings.IndexByte(row, fieldEnd[0]); i >= 0; i = strings.IndexByte(row, fieldEnd[0]) {
			buf, row = append(buf, row[:i]), row[i+1:]
		}
		if buf = append(buf, row); len(buf) != fields {
			return false
		}
		f(buf)
	}
	return true
}

// What pieces hold that never change, so that no change of the feed names them: the people of a turf, and of a whole map.
const (
	ofTurf change.What = "turf"
	ofMap  change.What = "turf map"
)

// frozen reads the pieces that are people somebody chose once.
var frozen = map[change.What]func(ctx context.Context, r db.Reader, org, id int64) ([]int64, error){
	change.Saved: savedPeople, ofTurf: turfpeople.OfTurf, ofMap: turfpeople.OfMap,
}

// choose makes a piece of people; who is not on the file is left out.
func (p *piece) choose(g *generation, people []int64) {
	var all []event
	for _, id := range people {
		if row, ok := g.rowOf(id); ok {
			all = append(all, event{row: row})
		}
	}
	p.texts, p.accounts = []string{""}, []int64{0}
	p.fill(g.rows, all)
}

// scoreColumn makes a column of scores; who has none is unknown.
func scoreColumn(rows int, at []int, values []int64) *column {
	least, greatest := int64(0), int64(0)
	if len(values) > 0 {
		least, greatest = slices.Min(values), slices.Max(values)
	}
	k, width := codecFor(false, least, greatest)
	codes := make([]uint32, rows)
	for i, row := range at {
		codes[row], _ = k.encode(values[i])
	}
	c := newColumn("score", width, codes)
	c.number = k
	return c
}
