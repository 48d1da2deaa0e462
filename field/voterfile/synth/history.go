package synth

import "github.com/openprecinct/precinct/field/voterfile/layout"

// voted fills w.votes with the elections a person took part in, oldest first. A vote depends
// on the person and the election only, so that the history up to an election is the same in every later file.
func (w *writer) voted(p *person, inTown bool) {
	w.votes = w.votes[:0]
	if p.status == layout.Preregistered || p.status == layout.Pending {
		return
	}
	since := dayNumber(p.registered) + 25
	birth := dayNumber(p.born)
	if p.slip == slipFuture {
		return
	}
	for i := range w.s.elections {
		e := &w.s.elections[i]
		if e.day < since || p.removed > 0 && e.Date.Year() >= p.removed {
			continue
		}
		age := (e.day - birth) / 365
		if age < 18 || e.scale == municipal && !inTown {
			continue
		}
		h := mix(p.hash + e.key)
		if uint16(h) >= e.odds[p.habit][min(11, (age-18)/8)] {
			continue
		}
		ballot := p.party
		if e.primary {
			if ballot = w.s.code.ballot(p.party, h>>16); ballot == noParty && w.s.code.closed {
				continue
			}
		}
		w.votes = append(w.votes, cast{election: i, ballot: ballot, method: method(e, h>>32)})
	}
}

// cast is one vote.
type cast struct {
	election int
	ballot   party
	method   int
}

func method(e *election, h uint64) int {
	k := int(h & 0xffff * 1000 >> 16)
	for m, upto := range e.methods {
		if k < upto {
			return m
		}
	}
	return atPolls
}
