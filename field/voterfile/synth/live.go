package synth

import "github.com/openprecinct/precinct/field/voterfile/layout"

// live takes a registration of the first file through the months since, with those who registered because of it in a
// later month, and writes what is left. Every event depends on the person and the month only.
func (w *writer) live(p *person, d *door) error {
	for month := 1; month <= len(w.s.changes); month++ {
		if below(mix2(p.hash, 1000+uint64(month)), 10_000) < w.s.changes[month-1].New {
			if err := w.newcomer(p, month); err != nil {
				return err
			}
		}
	}
	return w.months(p, d, 0, false)
}

// newcomer writes somebody who registered in a month, at one of the empty doors.
func (w *writer) newcomer(from *person, month int) error {
	c := &w.s.changes[month-1]
	saved, kept := w.r, w.slips
	w.own.reseed(from.hash, 'N', uint64(month))
	w.r = &w.own
	var h household
	d := w.vacant[w.own.n(len(w.vacant))]
	group := w.group(d.precinct)
	h.lean = w.chooseParty(group)
	w.member(&h, group, w.family(&w.s.groups[group]), w.own.in(18, 67), w.sex())
	p := &h.people[0]
	p.number, p.status, p.removed, p.slip, p.hidden = from.number, layout.Active, 0, noSlip, false
	p.registered = addDays(c.Date, -w.own.in(1, 27))
	w.r, w.slips = saved, kept
	return w.months(p, &d, month, month == len(w.s.changes))
}

// months lets the months after joined happen to somebody and writes them if they are still there.
func (w *writer) months(p *person, d *door, joined int, fresh bool) error {
	happened := &w.truth.Unchanged
	if fresh {
		happened = &w.truth.New
	}
	for month := joined + 1; month <= len(w.s.changes); month++ {
		last := month == len(w.s.changes)
		c := &w.s.changes[month-1]
		h := mix2(p.hash, uint64(month))
		event := below(h, 10_000)
		settled := p.status == layout.Active || p.status == layout.Inactive
		switch {
		case event < c.Gone:
			if last {
				w.truth.Dropped++
			}
			return nil
		case event < c.Gone+c.Moved && settled && !p.hidden:
			if to := w.emptyDoor(d, mix(h)); to != nil {
				d = to
				p.slip = noSlip
				if last {
					happened = &w.truth.Moved
				}
			}
		case event >= c.Gone+c.Moved && event < c.Gone+c.Moved+c.Party && settled:
			p.party = otherParty(p.party, mix(h))
			if last {
				happened = &w.truth.Party
			}
		}
	}
	if p.status == layout.Preregistered && ageOf(p.born, w.s.asOf) >= 18 {
		p.status = layout.Active
		if n := len(w.s.changes); n > 0 && ageOf(p.born, w.s.dayBefore()) < 18 && w.s.code.status[layout.Active] != w.s.code.status[layout.Preregistered] {
			happened = &w.truth.Status
		}
	}
	*happened++
	w.truth.Read++
	return w.emit(p, d, joined)
}

// dayBefore is the day of the file before this one.
func (s *State) dayBefore() layout.Date {
	if n := len(s.changes); n > 1 {
		return s.changes[n-2].Date
	}
	return s.opts.Date
}

// emptyDoor returns one of the empty doors that is not where somebody lives already, or nil.
func (w *writer) emptyDoor(d *door, h uint64) *door {
	at := below(h, len(w.vacant))
	for i := range w.vacant {
		v := &w.vacant[(at+i)%len(w.vacant)]
		if v.addr.Line != d.addr.Line || v.addr.Line2 != d.addr.Line2 || v.addr.City != d.addr.City {
			c := *v
			return &c
		}
	}
	return nil
}

func otherParty(p party, h uint64) party {
	to := [...]party{noParty, democratic, republican}[h%3]
	if to == p {
		to = [...]party{democratic, republican, noParty}[h%3]
	}
	return to
}

// emit writes one registration and its votes.
func (w *writer) emit(p *person, d *door, month int) error {
	w.fill(p, d, month)
	v := &w.v
	w.count(p)
	w.voted(p, w.s.precincts[d.precinct].town >= 0)
	w.m.Votes += len(w.votes)
	if len(w.history) == 0 {
		w.inline()
	}
	if err := w.voters.rows.WriteVoter(v); err != nil {
		return err
	}
	w.voters.file.truth.Rows++
	w.m.Voters++
	if w.s.opts.Dirty && month == 0 {
		if err := w.spoil(p); err != nil {
			return err
		}
	}
	if len(w.history) == 0 {
		return nil
	}
	for _, c := range w.votes {
		e := &w.s.elections[c.election]
		h := w.historyOf(e)
		w.vote(&w.row, p, c)
		if err := h.rows.WriteVote(&w.row, &w.v); err != nil {
			return err
		}
		h.file.truth.Rows++
	}
	return nil
}

func (w *writer) count(p *person) {
	w.m.Statuses[w.v.Status.String()]++
	w.slips.counts[p.slip]++
	if w.v.Confidential {
		w.m.Hidden++
	}
	if w.v.Minor {
		w.m.Minors++
	}
	w.m.Phones += len(w.v.Phones)
	w.m.Emails += len(w.v.Emails)
}

// vote spells one vote.
func (w *writer) vote(to *layout.Vote, p *person, c cast) {
	e := &w.s.elections[c.election]
	code := &w.s.code
	*to = layout.Vote{StateID: w.v.StateID, Date: e.Date, Type: e.Type, Name: e.Name, Method: code.normal[c.method], Code: code.methods[c.method],
		CountyCode: w.v.CountyCode}
	if code.ballots {
		ballot := c.ballot
		if !e.primary {
			ballot = p.party
		}
		to.Party = code.parties[ballot]
	}
}

// inline puts the votes into the voter's own row (OH): X, or the party whose primary ballot was taken.
func (w *writer) inline() {
	for _, c := range w.votes {
		e := &w.s.elections[c.election]
		v := layout.Vote{StateID: w.v.StateID, Date: e.Date, Type: e.Type, Name: e.Name, Code: "X", CountyCode: w.v.CountyCode}
		if e.primary && c.ballot != noParty {
			v.Party = w.s.code.parties[c.ballot]
			v.Code = v.Party
		}
		w.v.Votes = append(w.v.Votes, v)
	}
}
