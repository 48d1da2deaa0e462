package layout

import "strings"

// vote fills x from the current row. It reports false for a row that says no ballot was cast.
func (f *File) vote(x *Vote) (bool, error) {
	p := f.plan
	*x = Vote{StateID: f.cell(fStateID)}
	if err := f.checkID(x.StateID); err != nil {
		return false, err
	}
	if x.CountyCode = f.cell(fVoteCounty); x.CountyCode == "" {
		x.CountyCode = f.cell(fCountyCode)
	}
	x.Party = f.cell(fVoteParty)
	x.Name = f.cell(fVoteElection)
	typeCode := f.cell(fVoteType)
	if x.Name == "" {
		x.Name = typeCode
	}
	if code := f.cell(fVoteCode); code != "" {
		e, ok := p.lookups[code]
		if !ok {
			return false, f.rows.refuse(p.name(fVoteCode), code, "Line %d has the election code %q, which is not among the elections given. Add its date to the mapping. The row is left out.", f.rows.row.Line, cut(code, 40))
		}
		x.Date, x.Type, x.Name = e.Date, e.Type, e.Name
	} else if err := f.voteDate(x, typeCode); err != nil {
		return false, err
	}
	return f.method(x), nil
}

func (f *File) voteDate(x *Vote, typeCode string) error {
	s := f.cell(fVoteDate)
	x.Date = f.parseVoteDate(s)
	if x.Date == 0 {
		return f.rows.refuse(f.plan.name(fVoteDate), s, "Line %d has %q in the column %s, where the date of an election should stand. The row is left out.", f.rows.row.Line, cut(s, 40), f.plan.name(fVoteDate))
	}
	switch {
	case typeCode != "":
		x.Type = f.electionType(typeCode)
	case x.Name != "":
		x.Type = f.electionType(x.Name)
	case f.plan.codes.byDate != nil:
		x.Type = f.plan.codes.byDate(x.Date)
	}
	return nil
}

// parseVoteDate remembers the last date: history files are full of the same few.
func (f *File) parseVoteDate(s string) Date {
	if s == f.lastDate && s != "" {
		return f.lastDay
	}
	d, ok := ParseDate(s, f.plan.codes.dates)
	if !ok {
		d, _ = ParseDate(s, AnyDate)
	}
	f.lastDate, f.lastDay = s, d
	return d
}

// electionType remembers what it found out: a file names at most a few hundred elections.
func (f *File) electionType(name string) ElectionType {
	if t, ok := f.typeMemo[name]; ok {
		return t
	}
	t, ok := f.plan.types[upperASCII(name)]
	if !ok {
		t = electionTypeOf(name)
	}
	if len(f.typeMemo) < 10_000 {
		f.typeMemo[strings.Clone(name)] = t
	}
	return t
}

// method fills the method and reports whether a ballot was cast at all.
func (f *File) method(x *Vote) bool {
	c := f.plan.codes
	if x.Code = f.cell(fVoteMethod); x.Code != "" {
		code := upperASCII(x.Code)
		m, ok := c.method[code]
		if x.Method = m; !ok && !f.plan.has(fVoteAbsentee) {
			f.note(fVoteMethod, x.Code, "Line %d has %q in the column %s, which this layout does not know as a way of voting. The vote is kept with an unknown method.", f.rows.row.Line, cut(x.Code, 40), f.plan.name(fVoteMethod))
		}
		return !c.notVoted[code]
	}
	if x.Code = f.cell(fVoteAbsentee); x.Code != "" {
		if yes(x.Code) {
			x.Method = Absentee
		} else {
			x.Method = Polls
		}
	}
	return true
}
