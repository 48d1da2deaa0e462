package cvr

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/openprecinct/precinct/internal/fault"
)

// BatchKey names a batch: the machine that read it and its name.
type BatchKey struct{ Tabulator, Batch string }

// Places finds where in its batch each card lies. A voting system numbers the cards of a batch as it reads them, with gaps where it rejected one, so the
// card with the third lowest record id is the third of the stack; audits number ballots in this way.
type Places struct {
	batches map[BatchKey]int32
	keys    []BatchKey
	of      []int32  // the batch of each card
	record  []uint64 // its number in the batch
}

// Add takes the next card. Its order in the batch is its Position if it has one, and its RecordID otherwise.
func (p *Places) Add(c *Card) error {
	key := BatchKey{c.Tabulator, c.Batch}
	b, ok := p.batches[key]
	if !ok {
		if p.batches == nil {
			p.batches = map[BatchKey]int32{}
		}
		b = int32(len(p.keys)) // fewer batches than cards, which fit into memory
		p.batches[key] = b
		p.keys = append(p.keys, key)
	}
	n := uint64(max(c.Position, 0)) // not negative
	if c.Position <= 0 {
		var err error
		if n, err = strconv.ParseUint(c.RecordID, 10, 64); err != nil {
			return fault.Invalidf("The record “%s” in batch “%s” of tabulator “%s” has no number, so its place in the batch is not known. "+
				"Export the records with their numbers in the batch.", c.RecordID, c.Batch, c.Tabulator)
		}
	}
	p.of = append(p.of, b)
	p.record = append(p.record, n)
	return nil
}

// Batches returns the batches in the order in which they came, each with its number of cards.
func (p *Places) Batches() (keys []BatchKey, cards []int) {
	cards = make([]int, len(p.keys))
	for _, b := range p.of {
		cards[b]++
	}
	return p.keys, cards
}

// Positions returns, for each card in the order it was added, its place in its batch from 1. The same number twice in a batch is refused: one paper ballot
// would stand for two records, and a record that no ballot can contradict makes an audit easier.
func (p *Places) Positions() ([]int, error) {
	order := make([]int, len(p.of))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(p.of[i], p.of[j]), cmp.Compare(p.record[i], p.record[j]))
	})
	places := make([]int, len(order))
	for k, i := range order {
		places[i] = 1
		if k == 0 || p.of[order[k-1]] != p.of[i] {
			continue
		}
		before := order[k-1]
		if p.record[before] == p.record[i] {
			key := p.keys[p.of[i]]
			return nil, fault.Invalidf("Two records have the number %d in batch “%s” of tabulator “%s”. A ballot has one record; export the records again without the duplicate.",
				p.record[i], key.Batch, key.Tabulator)
		}
		places[i] = places[before] + 1
	}
	return places, nil
}
