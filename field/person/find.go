package person

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Find is one look-up.
type Find struct {
	Query   string
	Purpose Purpose
	Dropped bool // also people who are no longer in the newest file; needs PermitDropped
}

// Hit is one person found, with as much as tells people apart.
type Hit struct {
	ID           ID     `json:"id"`
	Name         string `json:"name"` // "Aguilar, Rosa Elena"
	Age          int    `json:"age,omitempty"`
	BirthYear    int    `json:"birth_year,omitempty"` // only with PermitBirth
	Address      string `json:"address,omitempty"`
	City         string `json:"city,omitempty"`
	Zip          string `json:"zip,omitempty"`
	Status       Status `json:"status"`
	Confidential bool   `json:"confidential,omitempty"`
	Minor        bool   `json:"minor,omitempty"`
	DroppedOn    int    `json:"dropped_on,omitempty"`
	Why          []Why  `json:"why,omitempty"`
}

// Found is the answer to one look-up: the nearest first.
type Found struct {
	Hits  []Hit
	Alone bool  // one name was asked for and nothing beside it
	More  bool  // there are more than Hits holds: the query should say more
	Tried []Way // how the query was read
}

// MostHits is how many people one look-up shows.
const MostHits = 50

// rowsAtMost is how many people one step of a look-up reads before it ranks them.
const rowsAtMost = 160

// enough is how many good matches make a look-up stop before it tries misspellings.
const enough = 8

// Find looks people up, by all the ways that the query can be read, and records that it did. The caller's organisation sees its own
// voter files and those granted to it; confidential voters, minors and dropped people only with their permits.
func (p *Store) Find(ctx context.Context, actor org.Actor, f Find) (Found, error) {
	ctx = actor.Within(ctx)
	if err := actor.Must(PermitFind); err != nil {
		return Found{}, err
	}
	q, err := parseQuery(f.Query)
	if err != nil {
		return Found{}, err
	}
	if _, ok := ParsePurpose(string(f.Purpose)); !ok {
		return Found{}, fault.Invalidf("Say why you look this person up. The purpose is recorded.")
	}
	if err := p.throttle.take(p.now(), actor); err != nil {
		return Found{}, err
	}
	found, err := p.search(ctx, actor, q, f.Dropped)
	if err != nil {
		return Found{}, err
	}
	err = p.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: KindFind, Purpose: string(f.Purpose),
			Data:     map[string]any{"read_as": ways(found.Tried), "found": len(found.Hits), "more": found.More},
			Personal: map[string]any{"query": strings.TrimSpace(f.Query)}})
		return err
	})
	if err != nil {
		return Found{}, fmt.Errorf("recording a look-up: %w", err)
	}
	p.trails.keep(p.now(), actor, f, found.Hits)
	return found, nil
}

func ways(all []Way) string {
	s := make([]string, len(all))
	for i, w := range all {
		s[i] = string(w)
	}
	return strings.Join(s, ",")
}

// fenceOf returns what the actor may see. dropped asks for dropped people too.
func (p *Store) fenceOf(ctx context.Context, actor org.Actor, dropped bool) (fence, error) {
	return p.fenceIn(ctx, p.db, actor, dropped)
}

// fenceIn is fenceOf read through r: whoever writes reads in the transaction, since many that each wait for a second connection would wait for
// each other.
func (p *Store) fenceIn(ctx context.Context, r db.Reader, actor org.Actor, dropped bool) (fence, error) {
	files, err := p.filesOf(ctx, r, actor)
	return fence{files: files, org: int64(actor.Org()), confidential: actor.May(PermitConfidential), minor: actor.May(PermitMinor),
		dropped: dropped && actor.May(PermitDropped)}, err
}

// search is Find without the record: what the benchmark measures.
func (p *Store) search(ctx context.Context, actor org.Actor, q query, dropped bool) (Found, error) {
	ctx = actor.Within(ctx)
	p.freshen(ctx)
	f, err := p.fenceOf(ctx, actor, dropped)
	if err != nil || len(f.files) == 0 {
		return Found{}, err
	}
	s := &finder{p: p, f: f, q: &q, score: newScorer(&q, actor.May(PermitBirth)), browse: actor.May(PermitBrowse), hits: map[ID]*match1{}}
	for _, file := range f.files {
		if l := p.lexicons(file); l != nil {
			s.lex = append(s.lex, l)
		}
	}
	for _, way := range s.plan(actor) {
		s.tried = append(s.tried, way.name)
		if err := way.run(ctx); err != nil {
			return Found{}, fmt.Errorf("looking up by %s: %w", way.name, err)
		}
	}
	if len(s.tried) == 0 {
		return Found{}, fault.Invalidf("Give a first and a last name, a house number with its street, or a whole voter id.")
	}
	return p.found(s, actor), nil
}

// match1 is one person with the best reading so far.
type match1 struct {
	row
	reading
}

// finder is one look-up under way.
type finder struct {
	p      *Store
	f      fence
	q      *query
	score  scorer
	lex    []*lexicons
	browse bool
	hits   map[ID]*match1
	tried  []Way
	more   bool
}

type step struct {
	name Way
	run  func(context.Context) error
}

// plan returns the ways in which the query can be read by this actor.
func (s *finder) plan(actor org.Actor) []step {
	var all []step
	q := s.q
	if q.digits != "" && actor.May(PermitPhone) {
		all = append(all, step{ByPhone, s.phone})
	}
	if q.email != "" && actor.May(PermitEmail) && (s.browse || strings.Contains(q.email, "@")) {
		all = append(all, step{ByEmailAddress, s.email})
	}
	if q.id != "" {
		all = append(all, step{ByStateID, s.stateID})
	}
	if len(q.street) > 0 && (q.house != "" || s.browse) {
		all = append(all, step{ByAddress, s.address})
	}
	if n := len(q.names); (n >= 2 || n == 1 && s.browse) && !(q.house != "" && q.year == 0) {
		all = append(all, step{ByName, s.name})
	}
	return all
}

// take scores rows as names and keeps those near enough.
func (s *finder) take(rows []row, most int) {
	s.more = s.more || len(rows) >= most
	for i := range rows {
		if r := s.score.score(&rows[i]); r.cost <= costMost {
			s.keep(rows[i], r)
		}
	}
}

func (s *finder) keep(r row, read reading) {
	if old, ok := s.hits[r.ID]; !ok || read.cost < old.cost {
		s.hits[r.ID] = &match1{r, read}
	}
}

func (s *finder) good() int {
	n := 0
	for _, h := range s.hits {
		if h.cost <= nickname+costOrder {
			n++
		}
	}
	return n
}

// found ranks what was kept: nearest first, then active voters, then by name.
func (p *Store) found(s *finder, actor org.Actor) Found {
	all := make([]*match1, 0, len(s.hits))
	for _, h := range s.hits {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b *match1) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(btoi(a.DroppedOn != 0), btoi(b.DroppedOn != 0)), cmp.Compare(a.Status.rank(), b.Status.rank()),
			cmp.Compare(a.LastKey, b.LastKey), cmp.Compare(a.FirstKey, b.FirstKey), cmp.Compare(a.ID, b.ID))
	})
	// Beside good matches, distant ones only distract.
	if len(all) > 0 {
		last := all[0].cost + far + 1
		all = slices.DeleteFunc(all, func(h *match1) bool { return h.cost > last })
	}
	f := Found{Tried: s.tried, Alone: len(s.q.names) == 1 && s.q.year == 0 && s.q.zip == "", More: s.more && len(all) >= MostHits || len(all) > MostHits}
	for _, h := range all[:min(len(all), MostHits)] {
		f.Hits = append(f.Hits, p.hit(h, actor))
	}
	return f
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hit shows one person as far as the actor may see.
func (p *Store) hit(m *match1, actor org.Actor) Hit {
	h := Hit{ID: m.ID, Name: listName(m.Last, m.First, m.Middle, m.Suffix), Status: m.Status, Why: m.whys,
		Confidential: m.Confidential, Minor: m.Minor, DroppedOn: m.DroppedOn}
	if m.BirthYear != 0 && !m.Minor {
		h.Age = p.now().Year() - m.BirthYear
		if actor.May(PermitBirth) {
			h.BirthYear = m.BirthYear
		}
	}
	if !m.Confidential {
		h.Address, h.City, h.Zip = ProperAddress(m.Address), ProperAddress(m.City), m.Zip
	}
	return h
}

// filesOf returns the voter files the actor's organisation may see.
func (p *Store) filesOf(ctx context.Context, r db.Reader, actor org.Actor) ([]int64, error) {
	ids, err := voterfile.Visible(ctx, r, actor, p.now())
	if err != nil {
		return nil, fmt.Errorf("asking which voter files are visible: %w", err)
	}
	files := make([]int64, len(ids))
	for i, id := range ids {
		files[i] = int64(id)
	}
	return files, nil
}
