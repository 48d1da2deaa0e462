package canvass

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/internal/db"
)

// Boards are asked for every few seconds by everybody who looks at one. So what was recorded at doors is kept in memory, turf by turf: a board asks the
// database how many visits each turf has and when they were, and reads those turfs anew of which that is not what is kept.
type visits struct {
	mu   sync.Mutex
	maps map[int64]*ground
	n    int // visits in all of them

	answers map[string]keptAnswers // by the maps of a board
}

// keptAnswers are the figures of answers, and the prints of the maps when they were read.
type keptAnswers struct {
	prints []answerPrint
	all    []AnswerFigures
}

// mostAnswers is how many boards' answers are kept.
const mostAnswers = 64

// mostVisits is how many visits are kept; of more, only those that somebody looks at.
const mostVisits = 2_000_000

// ground is the visits of one map.
type ground struct {
	doors map[string]int32 // places of doors
	names []string         // and their names by place
	turfs map[int64]turfVisits
}

type turfVisits struct {
	print print
	all   []visit // by time
}

// print tells whether the visits of a turf are those that are kept. Visits come and are taken back; none ever changes.
type print struct {
	N    int64 `db:"n"`
	Sum  int64 `db:"sum_at"`
	Last int64 `db:"last_at"`
}

// visit is one visit at a door.
type visit struct {
	account int64
	at      int64 // milliseconds since 1970
	door    int32
	result  contact.Result
	talked  bool
	made    bool // the door is not in the voter file
}

type visitRow struct {
	Map     int64          `db:"map_id"`
	Turf    int64          `db:"turf_id"`
	Account int64          `db:"account_id"`
	Door    string         `db:"door"`
	Result  contact.Result `db:"result"`
	Talked  bool           `db:"talked"`
	At      int64          `db:"at"`
}

type mapTurf struct {
	Map  int64 `db:"map_id"`
	Turf int64 `db:"turf_id"`
}

// read brings what is kept up to date and hands it to f, which must keep nothing of it.
func (k *visits) read(ctx context.Context, r db.Reader, q boardQuery, f func(map[int64]*ground)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.n > mostVisits || k.maps == nil {
		k.maps, k.n = map[int64]*ground{}, 0
	}
	now, err := q.prints(ctx, r)
	if err != nil {
		return err
	}
	stale, left := map[mapTurf]print{}, map[mapTurf]bool{}
	for _, p := range now {
		left[p.mapTurf] = true
		if g := k.maps[p.Map]; g == nil || g.turfs[p.Turf].print != p.print {
			stale[p.mapTurf] = p.print
		}
	}
	asked := make(map[int64]*ground, len(q.seen))
	for _, m := range q.seen {
		g := k.maps[m]
		if g == nil {
			g = &ground{doors: map[string]int32{}, turfs: map[int64]turfVisits{}}
			k.maps[m] = g
		}
		asked[m] = g
		for t, x := range g.turfs { // all of it was taken back
			if !left[mapTurf{m, t}] {
				k.n -= len(x.all)
				delete(g.turfs, t)
			}
		}
	}
	fresh, err := k.fetch(ctx, r, q, asked, stale)
	if err != nil {
		return err
	}
	for at, p := range stale {
		k.n += len(fresh[at]) - len(asked[at.Map].turfs[at.Turf].all)
		asked[at.Map].turfs[at.Turf] = turfVisits{p, fresh[at]}
	}
	f(asked)
	return nil
}

// fetch reads the visits of turfs.
func (k *visits) fetch(ctx context.Context, r db.Reader, q boardQuery, asked map[int64]*ground, stale map[mapTurf]print) (map[mapTurf][]visit, error) {
	fresh := map[mapTurf][]visit{}
	words := map[contact.Result]contact.Result{} // one text for each result, however many say it
	var turfs, maps []int64
	for at := range stale {
		turfs, maps = append(turfs, at.Turf), append(maps, at.Map)
	}
	slices.Sort(turfs)
	slices.Sort(maps)
	maps = slices.Compact(maps)
	for some := range slices.Chunk(slices.Compact(turfs), 500) {
		for x, err := range q.visits(ctx, r, maps, some) {
			if err != nil {
				return nil, err
			}
			at := mapTurf{x.Map, x.Turf}
			if _, wanted := stale[at]; !wanted {
				continue
			}
			word, ok := words[x.Result]
			if !ok {
				word = x.Result
				words[word] = word
			}
			fresh[at] = append(fresh[at], visit{account: x.Account, at: x.At, door: asked[x.Map].place(x.Door), result: word, talked: x.Talked, made: strings.HasPrefix(x.Door, newMark)})
		}
	}
	return fresh, nil
}

func (g *ground) place(door string) int32 {
	n, ok := g.doors[door]
	if !ok {
		n = int32(len(g.names))
		g.doors[door] = n
		g.names = append(g.names, door)
	}
	return n
}

// counter counts visits into one tally.
type counter struct {
	Tally
	first, last int64
}

// How a door was counted already: once each.
const (
	wasTried = 1 << iota
	wasTalked
	wasLate
)

// add counts a visit. was is how its door was counted, and how it is now.
func (c *counter) add(v visit, late int64, was uint8) uint8 {
	c.Attempts++
	if c.first == 0 || v.at < c.first {
		c.first = v.at
	}
	c.last = max(c.last, v.at)
	if v.made {
		return was
	}
	if was&wasTried == 0 {
		c.Attempted++
	}
	if v.talked && was&wasTalked == 0 {
		c.Talked, was = c.Talked+1, was|wasTalked
	}
	if v.at > late && was&wasLate == 0 {
		c.Lately, was = c.Lately+1, was|wasLate
	}
	return was | wasTried
}

func (c *counter) tally(doors int64) Tally {
	t := c.Tally
	t.Doors = doors
	if t.Attempts > 0 {
		t.First, t.Last = time.UnixMilli(c.first).UTC(), time.UnixMilli(c.last).UTC()
	}
	return t
}

// figures are the visits of a board, counted every way at once.
type figures struct {
	maps    map[int64]*counter
	turfs   map[mapTurf]*counter
	people  map[int64]*counter
	results []ResultFigures
	hours   []Hour
}

// walkerAt is somebody at a door of a map.
type walkerAt struct {
	account int64
	door    int32
}

func (q boardQuery) count(maps map[int64]*ground) figures {
	f := figures{maps: map[int64]*counter{}, turfs: map[mapTurf]*counter{}, people: map[int64]*counter{}}
	since, late := int64(0), q.now.Add(-lately).UnixMilli()
	if !q.Since.IsZero() {
		since = q.Since.UnixMilli()
	}
	hours, ended := map[int64]*Hour{}, map[contact.Result]int64{}
	for m, g := range maps {
		best := make([]visit, len(g.names)) // of each door the one it ended with
		inMap, inTurf, by := make([]uint8, len(g.names)), make([]uint8, len(g.names)), map[walkerAt]uint8{}
		for t, x := range g.turfs {
			clear(inTurf)
			for _, v := range x.all {
				if v.at < since {
					continue
				}
				inMap[v.door] = of(f.maps, m).add(v, late, inMap[v.door])
				inTurf[v.door] = of(f.turfs, mapTurf{m, t}).add(v, late, inTurf[v.door])
				at := walkerAt{v.account, v.door}
				by[at] = of(f.people, v.account).add(v, late, by[at])
				h := of(hours, v.at/time.Hour.Milliseconds())
				h.Attempts++
				if v.talked {
					h.Talked++
				}
				if b := &best[v.door]; b.at == 0 || v.talked && !b.talked || v.talked == b.talked && v.at >= b.at {
					*b = v
				}
			}
		}
		for _, v := range best {
			if v.at != 0 {
				ended[v.result]++
			}
		}
	}
	f.order(ended, hours)
	return f
}

// order puts results and hours in the order to show them.
func (f *figures) order(ended map[contact.Result]int64, hours map[int64]*Hour) {
	for r, n := range ended {
		f.results = append(f.results, ResultFigures{r, n})
	}
	slices.SortFunc(f.results, func(x, y ResultFigures) int {
		return cmp.Or(cmp.Compare(y.Doors, x.Doors), cmp.Compare(x.Result, y.Result))
	})
	for n, h := range hours {
		h.Number = n
		f.hours = append(f.hours, *h)
	}
	slices.SortFunc(f.hours, func(x, y Hour) int { return cmp.Compare(x.Number, y.Number) })
}

// of returns what is under a key, new where there is nothing.
func of[K comparable, V any](m map[K]*V, k K) *V {
	v, ok := m[k]
	if !ok {
		v = new(V)
		m[k] = v
	}
	return v
}

// counted counts the visits of a board.
func (s *Store) counted(ctx context.Context, q boardQuery) (f figures, err error) {
	err = s.visits.read(ctx, s.c.DB, q, func(maps map[int64]*ground) { f = q.count(maps) })
	if err != nil {
		return f, fmt.Errorf("reading what was recorded at doors: %w", err)
	}
	return f, nil
}

// answered returns what was answered at the doors of a board.
func (s *Store) answered(ctx context.Context, q boardQuery) ([]AnswerFigures, error) {
	s.visits.mu.Lock()
	defer s.visits.mu.Unlock()
	now, err := q.answerPrints(ctx, s.c.DB)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprint(q.org, q.seen, q.Since.UnixMilli())
	k, ok := s.visits.answers[key]
	if ok && slices.Equal(k.prints, now) {
		return slices.Clone(k.all), nil
	}
	if k.all, err = q.answers(ctx, s.c.DB); err != nil {
		return nil, err
	}
	if s.visits.answers == nil || len(s.visits.answers) >= mostAnswers {
		s.visits.answers = map[string]keptAnswers{}
	}
	s.visits.answers[key] = keptAnswers{now, k.all}
	return slices.Clone(k.all), nil
}
