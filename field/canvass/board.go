package canvass

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// Scope is what a board is about: one map, or all maps that are not archived, since a moment; of all only those that the reader sees.
type Scope struct {
	Map   int64     // 0: all
	Since time.Time // attempts before it are not counted; zero: all
}

// Tally is what was tried at doors.
type Tally struct {
	Doors     int64     `db:"doors"`     // to visit; 0 where that is not known
	Attempted int64     `db:"attempted"` // doors where somebody was, each once; doors that are not in the file are not among them
	Talked    int64     `db:"talked"`    // of them where somebody was talked with
	Attempts  int64     `db:"attempts"`  // visits, all of them
	Lately    int64     `db:"lately"`    // doors in the last hour
	First     time.Time `db:"first_at"`
	Last      time.Time `db:"last_at"`
}

// Rate is the share of doors where somebody was talked with, in percent; 0 when there were none.
func (t Tally) Rate() float64 {
	if t.Attempted == 0 {
		return 0
	}
	return 100 * float64(t.Talked) / float64(t.Attempted)
}

// Pace is doors an hour: of the last hour when somebody was out in it, else of the whole time from the first door to the last. 0 when there is too little
// to tell.
func (t Tally) Pace(now time.Time) float64 {
	if t.Lately > 0 {
		span := min(now.Sub(t.First), lately)
		if span < minSpan {
			return 0
		}
		return float64(t.Lately) / span.Hours()
	}
	if span := t.Last.Sub(t.First); span >= minSpan {
		return float64(t.Attempted) / span.Hours()
	}
	return 0
}

// Done is when the doors that are left will have been visited if it goes on as in the last hour; the zero time when that cannot be said.
func (t Tally) Done(now time.Time) time.Time {
	left, pace := t.Doors-t.Attempted, t.Pace(now)
	if left <= 0 || pace <= 0 || t.Lately == 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(float64(left) / pace * float64(time.Hour)))
}

const (
	lately  = time.Hour
	minSpan = 5 * time.Minute
)

// TurfFigures is one turf.
type TurfFigures struct {
	Turf int64  `db:"turf_id"` // 0: doors that phones took from a whole map
	Map  int64  `db:"map_id"`
	Name string `db:"name"`
	Hue  int    `db:"hue"`
	// Number is the one the turf has on its map; 0 when it was cut anew and is not there.
	Number int `db:"number"`
	Tally
	Out    []Out `db:"-"`
	Aside  int64 `db:"-"` // events that wait for somebody to look at them
	People int64 `db:"people"`
}

// Out is a phone that has a turf.
type Out struct {
	Packet  string    `db:"id"`
	Map     int64     `db:"map_id"`
	Turf    int64     `db:"turf_id"`
	Device  string    `db:"device_id"`
	Account int64     `db:"account_id"`
	Name    string    `db:"name"`
	Doors   int64     `db:"doors"`
	Since   time.Time `db:"made_at"`
	Ends    time.Time `db:"ends_at"`
	Heard   time.Time `db:"seen_at"`   // when it was last heard of
	Synced  time.Time `db:"synced_at"` // when it last sent something
}

// PersonFigures is one canvasser.
type PersonFigures struct {
	Account int64  `db:"account_id"`
	Name    string `db:"name"`
	Tally
}

// AnswerFigures is how many people answered one question one way at the doors, by their latest answers there.
type AnswerFigures struct {
	Question int64  `db:"question_id"`
	Asked    string `db:"question"`
	Response int64  `db:"response_id"`
	Answer   string `db:"response"`
	People   int64  `db:"people"`
}

// ResultFigures is how many doors ended with one result: of each door the latest visit at which somebody was talked with, else the latest.
type ResultFigures struct {
	Result contact.Result `db:"result"`
	Doors  int64          `db:"doors"`
}

// MapFigures is one map.
type MapFigures struct {
	Map     int64     `db:"map_id"`
	Name    string    `db:"name"`
	File    int64     `db:"voterfile_id"`
	Created time.Time `db:"created_at"`
	Tally
}

// OrgFigures is one organisation: the reader's, or one with its maps in folders that it shares with the reader's.
type OrgFigures struct {
	Org  int64  `db:"org_id"`
	Name string `db:"name"`
	Maps int64  `db:"maps"`
	Tally
}

// OrganizerFigures is what came of the turf that one person handed out: each turf belongs to whoever gave it last.
type OrganizerFigures struct {
	Account int64
	Name    string
	Turfs   []int64 // ids; none where whole maps were handed out
	Whole   bool    // a whole map too, of which phones take doors as they go
	Tally
}

// Board is a canvass under way.
type Board struct {
	At      time.Time
	Total   Tally
	Maps    []MapFigures
	Turfs   []TurfFigures
	People  []PersonFigures
	Answers []AnswerFigures
	Results []ResultFigures
	Hours   []Hour // in which somebody was at a door, in order
	Out     []Out
	Orgs    []OrgFigures       // of all maps, when others share theirs: the reader's organisation, then those. No other figure holds theirs
	Led     []OrganizerFigures // by who handed out turf
	Aside   int64              // events that wait for somebody to look at them
	Met     int64              // people met who wait to be matched
	Hidden  int64              // maps that the reader does not see, and that are in none of the figures
}

// Board returns the figures of a canvass in the actor's organisation.
func (s *Store) Board(ctx context.Context, a org.Actor, of Scope) (b Board, err error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return b, err
	}
	b.At = s.c.Now()
	x, err := s.sight(ctx, a)
	if err != nil {
		return b, err
	}
	seen, err := x.of(of)
	if err != nil {
		return b, err
	}
	b.Hidden = x.hidden
	q := boardQuery{org: int64(a.Org()), Scope: of, seen: seen, waits: seen, now: b.At}
	if of.Map == 0 {
		q.waits = x.all
	}
	fill := func(what string, f func() error) {
		if err == nil {
			if err = f(); err != nil {
				err = fmt.Errorf("reading a canvass by %s: %w", what, err)
			}
		}
	}
	var f figures
	var turfs []turfRow
	fill("visit", func() (err error) { f, err = s.counted(ctx, q); return err })
	fill("map", func() (err error) { b.Maps, err = q.maps(ctx, s.c.DB); return err })
	fill("turf", func() (err error) { turfs, err = q.turfs(ctx, s.c.DB); return err })
	fill("person", func() (err error) { b.People, err = s.canvassers(ctx, f); return err })
	var given []givenRow
	fill("hand-out", func() (err error) { given, err = q.given(ctx, s.c.DB); return err })
	fill("answer", func() (err error) { b.Answers, err = s.answered(ctx, q); return err })
	fill("phone", func() (err error) { b.Out, err = q.out(ctx, s.c.DB); return err })
	fill("person met", func() (err error) { b.Met, err = q.met(ctx, s.c.DB); return err })
	if err != nil {
		return b, err
	}
	b.Results, b.Hours = f.results, f.hours
	for i := range b.Maps {
		m := &b.Maps[i]
		if c := f.maps[m.Map]; c != nil {
			m.Tally = c.tally(m.Doors)
		}
	}
	b.Turfs = f.of(turfs)
	if b.Led, err = s.organizers(ctx, b.Turfs, given); err != nil {
		return b, err
	}
	for _, m := range b.Maps {
		b.Total = b.Total.plus(m.Tally)
	}
	if of.Map == 0 {
		if err := s.others(ctx, a, q, &b); err != nil {
			return b, err
		}
	}
	return b, s.waiting(ctx, a, of, x, &b)
}

// of puts the visits to their turfs. A turf that was cut anew is among them while it has any, and so is what phones took from a whole map.
func (f figures) of(turfs []turfRow) (all []TurfFigures) {
	for _, t := range turfs {
		c := f.turfs[mapTurf{t.Map, t.Turf}]
		if c == nil && t.Retired != 0 {
			continue
		}
		if c != nil {
			t.Tally = c.tally(t.Doors)
		}
		all = append(all, t.TurfFigures)
	}
	return all
}

// canvassers returns the figures of everybody who was at a door, who visited most first.
func (s *Store) canvassers(ctx context.Context, f figures) ([]PersonFigures, error) {
	if len(f.people) == 0 {
		return nil, nil
	}
	rows, err := accountNames(ctx, s.c.DB, slices.Collect(maps.Keys(f.people)))
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	var all []PersonFigures
	for who, c := range f.people {
		all = append(all, PersonFigures{Account: who, Name: names[who], Tally: c.tally(0)})
	}
	slices.SortFunc(all, func(x, y PersonFigures) int {
		return cmp.Or(cmp.Compare(y.Attempted, x.Attempted), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Account, y.Account))
	})
	return all, nil
}

// organizers adds up turfs by who handed them out, who gave most doors first.
func (s *Store) organizers(ctx context.Context, turfs []TurfFigures, given []givenRow) ([]OrganizerFigures, error) {
	by, sums := map[mapTurf]int64{}, map[int64]*OrganizerFigures{}
	for _, g := range given {
		by[g.mapTurf] = g.By
		sums[g.By] = &OrganizerFigures{Account: g.By}
	}
	for _, t := range turfs {
		if o := sums[by[mapTurf{t.Map, t.Turf}]]; o != nil {
			if o.Tally = o.plus(t.Tally); t.Turf != 0 {
				o.Turfs = append(o.Turfs, t.Turf)
			} else {
				o.Whole = true
			}
		}
	}
	if len(sums) == 0 {
		return nil, nil
	}
	names, err := accountNames(ctx, s.c.DB, slices.Collect(maps.Keys(sums)))
	if err != nil {
		return nil, fmt.Errorf("reading who handed out turf: %w", err)
	}
	var all []OrganizerFigures
	for _, n := range names {
		o := sums[n.ID]
		o.Name = n.Name
		all = append(all, *o)
	}
	slices.SortFunc(all, func(x, y OrganizerFigures) int {
		return cmp.Or(cmp.Compare(y.Doors, x.Doors), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Account, y.Account))
	})
	return all, nil
}

func (t Tally) plus(x Tally) Tally {
	t.Doors, t.Attempted, t.Talked, t.Attempts, t.Lately = t.Doors+x.Doors, t.Attempted+x.Attempted, t.Talked+x.Talked, t.Attempts+x.Attempts, t.Lately+x.Lately
	if t.First.IsZero() || !x.First.IsZero() && x.First.Before(t.First) {
		t.First = x.First
	}
	if x.Last.After(t.Last) {
		t.Last = x.Last
	}
	return t
}

// waiting puts who is out and what was set aside to the turfs. What belongs to no packet of the organisation is nobody's map, and everybody's to look at.
func (s *Store) waiting(ctx context.Context, a org.Actor, scope Scope, x sight, b *Board) error {
	aside, err := s.devices.AsideByThing(ctx, a)
	if err != nil {
		return err
	}
	at := make(map[int64]int, len(b.Turfs))
	for i, t := range b.Turfs {
		if t.Turf != 0 {
			at[t.Turf] = i
		}
	}
	for _, o := range b.Out {
		if i, ok := at[o.Turf]; ok {
			b.Turfs[i].Out = append(b.Turfs[i].Out, o)
		}
	}
	if len(aside) == 0 {
		return nil
	}
	of, err := groundsOfPackets(ctx, s.c.DB, int64(a.Org()), slices.Collect(maps.Keys(aside)))
	if err != nil {
		return fmt.Errorf("reading where work was set aside: %w", err)
	}
	for _, p := range of {
		n := aside[p.ID]
		delete(aside, p.ID)
		if !x.sees(p.Map) || scope.Map != 0 && scope.Map != p.Map {
			continue
		}
		b.Aside += n
		if i, ok := at[p.Turf]; ok {
			b.Turfs[i].Aside += n
		}
	}
	if scope.Map == 0 {
		for _, n := range aside {
			b.Aside += n
		}
	}
	return nil
}

// others adds the figures of organisations that share folders with maps. Which they share is asked first; what is read then is theirs.
func (s *Store) others(ctx context.Context, a org.Actor, q boardQuery, b *Board) error {
	shared, err := s.c.Orgs.SharedWith(ctx, a)
	if err != nil || len(shared) == 0 {
		return err
	}
	of, folders := map[int64]int64{}, []int64{}
	for _, f := range shared {
		of[int64(f.ID)] = int64(f.Org)
		folders = append(folders, int64(f.ID))
	}
	site := db.WithSite(ctx)
	maps, err := mapsInFolders(site, s.c.DB, folders)
	if err != nil {
		return fmt.Errorf("reading which maps are shared: %w", err)
	}
	var owners []int64
	q.seen = nil
	for _, m := range maps {
		if of[m.Folder] == m.Org {
			q.seen, owners = append(q.seen, m.ID), append(owners, m.Org)
		}
	}
	if len(q.seen) == 0 {
		return nil
	}
	theirs, err := q.orgs(site, s.c.DB, owners)
	if err != nil {
		return fmt.Errorf("reading the canvass of other organizations: %w", err)
	}
	own, err := s.c.Orgs.Own(ctx, a)
	if err != nil {
		return err
	}
	b.Orgs = append([]OrgFigures{{Org: int64(a.Org()), Name: own.Name, Maps: int64(len(b.Maps)), Tally: b.Total}}, theirs...)
	return nil
}

// Behind returns the people behind a number of a board, as a criteria that opens their list: people of the map who were tried at the door since it was made,
// with some results, by some canvassers.
func (m MapFigures) Behind(accounts []int64, results ...contact.Result) list.Criteria {
	return m.where(list.Turf{Maps: []int64{m.Map}}, m.tried(accounts, results))
}

// BehindTurfs is Behind for some of the map's turfs.
func (m MapFigures) BehindTurfs(turfs []int64, results ...contact.Result) list.Criteria {
	return m.where(list.Turf{Turfs: turfs}, m.tried(nil, results))
}

func (m MapFigures) tried(accounts []int64, results []contact.Result) list.Contact {
	var words []string
	for _, r := range results {
		words = append(words, string(r))
	}
	return list.Contact{Channels: []string{string(person.ByDoor)}, Results: words, By: accounts, Days: list.Days{Since: dayOf(m.Created)}}
}

// Answered returns the people of the map who answered a question one way since it was made.
func (m MapFigures) Answered(x AnswerFigures) list.Criteria {
	return m.where(list.Turf{Maps: []int64{m.Map}}, list.Answered{Question: x.Question, Responses: []int64{x.Response}, Days: list.Days{Since: dayOf(m.Created)}})
}

// Talked are the results that say that somebody was talked with.
func Talked() []contact.Result {
	var all []contact.Result
	for _, m := range contact.Meanings() {
		if m.Counts {
			all = append(all, m.Result)
		}
	}
	return all
}

func (m MapFigures) where(of ...list.Node) list.Criteria {
	return list.Criteria{Version: 1, Steps: []list.Step{{Do: list.Start, Where: list.All(of)}}}
}

func dayOf(t time.Time) int64 {
	n, err := strconv.ParseInt(t.UTC().Format("20060102"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
