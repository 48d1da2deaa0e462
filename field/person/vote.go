package person

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/org"
)

// Votes is the history of one person: in which elections, and how the ballot was cast. Nobody knows for whom.
type Votes struct {
	Elections []Election `json:"elections"` // oldest first
	Voted     int        `json:"voted"`     // of those after the registration
	Of        int        `json:"of"`
}

// Election is one election that was held where the person lives, and what the person did.
type Election struct {
	On     int                 `json:"on"` // yyyymmdd
	Type   layout.ElectionType `json:"type"`
	Name   string              `json:"name,omitempty"`
	Voted  bool                `json:"voted"`
	Before bool                `json:"before,omitempty"` // before the registration
	Method layout.Method       `json:"method,omitempty"`
	Party  string              `json:"party,omitempty"` // the ballot taken in a primary
}

// An election was held where a person lives when many of the neighbours in the file voted in it: the voter files do not say
// otherwise where it was held. Of local elections more must have voted than of those the whole state holds.
const (
	neighbours       = 600 // by person id: the files are in order of county
	shareOfStatewide = 0.03
	shareOfLocal     = 0.25
)

// readVotes returns how to read the votes for an actor: the party of a primary ballot is a demographic.
func (p *Store) readVotes(actor org.Actor) func(context.Context, *Profile, record, fence) error {
	return func(ctx context.Context, prof *Profile, r record, _ fence) error {
		cast, err := p.votesOf(ctx, r.ID)
		if err != nil {
			return err
		}
		held, err := p.held(ctx, r.ID)
		if err != nil {
			return err
		}
		byID := map[int64]Election{}
		for _, id := range held {
			byID[id] = electionOf(id)
		}
		for _, v := range cast {
			e := electionOf(v.Election)
			e.Method, e.Voted = layout.Method(v.Method), layout.Method(v.Method) != layout.NotCounted
			if actor.May(PermitDemographic) && (e.Type == layout.Primary || e.Type == layout.PresidentialPrimary) {
				e.Party = v.Party
			}
			byID[v.Election] = e
		}
		prof.Votes, err = p.votes(ctx, byID, r.RegisteredOn)
		return err
	}
}

func (p *Store) votes(ctx context.Context, byID map[int64]Election, registered int) (*Votes, error) {
	ids := make([]int64, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	names, err := p.electionNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	v := &Votes{Elections: []Election{}}
	for id, e := range byID {
		e.Name = names[id]
		e.Before = e.On < registered && !e.Voted
		if !e.Before {
			v.Of++
			v.Voted += btoi(e.Voted)
		}
		v.Elections = append(v.Elections, e)
	}
	slices.SortFunc(v.Elections, func(a, b Election) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Type, b.Type)) })
	return v, nil
}

// electionOf takes apart field_election.id: yyyymmdd * 100 + type.
func electionOf(id int64) Election {
	return Election{On: int(id / 100), Type: layout.ElectionType(id % 100)}
}

// heldNear remembers which elections were held where a block of neighbours lives: whoever of them is looked at next, it is the same.
type heldNear struct {
	mu sync.Mutex
	of map[int64]heldBlock
}

type heldBlock struct {
	elections []int64
	at        time.Time
}

const (
	heldAge    = 5 * time.Minute // after an import, an election may be missing so long from the profiles of those who did not vote in it
	heldAtMost = 20_000
)

// held returns the elections that were held where a person lives.
func (p *Store) held(ctx context.Context, id ID) ([]int64, error) {
	block, now := int64(id)/neighbours, p.now()
	p.near.mu.Lock()
	known, ok := p.near.of[block]
	p.near.mu.Unlock()
	if ok && now.Sub(known.at) < heldAge {
		return known.elections, nil
	}
	rows, err := p.votesNear(ctx, block*neighbours, (block+1)*neighbours-1)
	if err != nil {
		return nil, err
	}
	known = heldBlock{heldIDs(rows), now}
	p.near.mu.Lock()
	if len(p.near.of) >= heldAtMost {
		clear(p.near.of)
	}
	p.near.of[block] = known
	p.near.mu.Unlock()
	return known.elections, nil
}

type heldRow struct {
	Election int64 `db:"election_id"`
	Voters   int64 `db:"voters"`
}

func heldIDs(held []heldRow) []int64 {
	most := int64(0)
	for _, h := range held {
		most = max(most, h.Voters)
	}
	var ids []int64
	for _, h := range held {
		need := shareOfLocal
		switch electionOf(h.Election).Type {
		case layout.General, layout.Primary, layout.PresidentialPrimary:
			need = shareOfStatewide
		}
		if float64(h.Voters) >= need*float64(most) {
			ids = append(ids, h.Election)
		}
	}
	return ids
}
