package synth

import (
	"strings"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// fill spells a person at a door as a row of the state's file.
func (w *writer) fill(p *person, d *door, month int) {
	v, code, q := &w.v, &w.s.code, &w.s.precincts[d.precinct]
	*v = layout.Voter{Phones: v.Phones[:0], Emails: v.Emails[:0], Votes: v.Votes[:0], Districts: q.districts.list}
	v.StateID, v.CountyRegID = w.ids(p, month)
	v.CountyCode, v.County = w.county.code, w.county.name
	v.Last, v.First, v.Middle, v.Suffix = p.last, p.first, p.middle, p.suffix
	v.Status, v.StatusCode = p.status, code.status[p.status]
	if p.status == layout.Preregistered && v.StatusCode == code.status[layout.Active] {
		v.Status = layout.Active
	}
	if p.status == layout.Preregistered && w.s.opts.Layout == layout.WA {
		v.Status = layout.Pending
	}
	if r := code.reasons[p.status]; len(r) > 0 {
		pick := r[p.reason*len(r)/1000]
		v.ReasonCode, v.Reason = pick[0], pick[1]
	}
	if v.BirthYear = int16(p.born.Year()); code.fullBirth {
		v.BirthDate = p.born
	}
	v.Sex, v.Registered, v.Party = p.sex, p.registered, code.parties[p.party]
	w.fillRace(p)
	v.Precinct, v.PrecinctName = q.code, q.name
	v.Minor = p.status == layout.Preregistered
	v.Residence = d.addr
	w.reach(p, d)
	if p.slip != noSlip {
		w.slide(p, d)
	}
	v.Confidential = p.hidden
	if p.hidden {
		v.Residence, v.Mailing, v.Phones, v.Emails = layout.Address{}, layout.Mail{}, v.Phones[:0], v.Emails[:0]
	} else if p.status == layout.Removed && w.s.opts.Layout == layout.NC {
		v.Residence, v.Mailing = layout.Address{Line: "REMOVED"}, layout.Mail{}
	}
}

func (w *writer) fillRace(p *person) {
	v, code := &w.v, &w.s.code
	if code.races[0] == "" {
		return
	}
	v.Race, v.RaceCode = normalRaces[p.race], code.races[p.race]
	switch {
	case code.hispanic != "" && p.hispanic:
		v.Race, v.RaceCode = layout.RaceHispanic, code.hispanic
	case code.hispanic != "" && p.race == asian:
		v.Race = layout.RaceAsianPacific
	}
	switch {
	case code.ethnicity[0] == "":
	case p.hispanic:
		v.Ethnicity, v.EthnCode = layout.Hispanic, code.ethnicity[1]
	case p.reason%7 == 0:
		v.EthnCode = code.ethnicity[2]
	default:
		v.Ethnicity, v.EthnCode = layout.NotHispanic, code.ethnicity[0]
	}
}

// ids returns the state's id and the county's registration number. Both are permutations of positions, so they are
// unique, stay the same every month, and say nothing about the order of the file.
func (w *writer) ids(p *person, month int) (state, county string) {
	local := month*w.county.voters + p.number
	global := month*w.s.opts.Voters + w.base + p.number
	switch w.s.opts.Layout {
	case layout.NC:
		digits, size := digitsFor(w.county.voters, 6)
		start := w.names.begin()
		w.names.b.WriteByte(byte('A' + w.county.index/26))
		w.names.b.WriteByte(byte('A' + w.county.index%26))
		w.names.digits(local*7_368_787%size, digits)
		return w.names.since(start), w.names.number("", (local*7_919_003+137)%size, 12)
	case layout.OH:
		_, size := digitsFor(w.s.opts.Voters, 8)
		return w.names.number("OH", 10_000_000+global*7_368_787%size, 10), w.names.number("", local+1, 0)
	case layout.WA:
		digits, size := digitsFor(w.s.opts.Voters, 8)
		return w.names.number("", size+global*7_368_787%size, digits+1), ""
	}
	_, size := digitsFor(w.s.opts.Voters, 8)
	return w.names.number("", size+global*7_368_787%size, 0), ""
}

// digitsFor returns how many digits number voters and everybody who may join in sixty months, and ten to that power.
func digitsFor(voters, least int) (digits, size int) {
	size = 1
	for digits < least || size < 61*voters {
		size *= 10
		digits++
	}
	return digits, size
}

// reach adds mail, phone and e-mail. Numbers have the exchange 555, which no subscriber has; mail goes to example domains.
func (w *writer) reach(p *person, d *door) {
	v, code := &w.v, &w.s.code
	switch {
	case p.poBox > 0:
		v.Mailing = layout.Mail{City: d.addr.City, State: d.addr.State, ZIP: d.addr.ZIP5}
		v.Mailing.Lines[0] = w.names.number("PO BOX ", p.poBox, 0)
	case w.s.opts.Layout == layout.NC:
		v.Mailing = layout.Mail{City: d.addr.City, State: d.addr.State, ZIP: d.addr.ZIP5}
		v.Mailing.Lines[0] = d.addr.Line
	}
	if code.phones && p.phone > 0 {
		area := w.s.land.areaCodes[p.phone%len(w.s.land.areaCodes)]
		line := p.phone / 8 % 10_000
		if line == 1212 { // directory assistance
			line = 147
		}
		start := w.names.begin()
		w.names.digits(area, 3)
		w.names.b.WriteString("555")
		w.names.digits(line, 4)
		v.Phones = append(v.Phones, layout.Phone{Number: w.names.since(start)})
	}
	if code.emails && p.email {
		v.Emails = append(v.Emails, w.email(p))
	}
}

var domains = [...]string{"@example.com", "@example.com", "@example.net", "@example.org"}

func (w *writer) email(p *person) string {
	start := w.names.begin()
	lower := func(s string) {
		for _, r := range s {
			switch {
			case r >= 'A' && r <= 'Z':
				w.names.b.WriteByte(byte(r) + 32)
			case r == 'Ñ':
				w.names.b.WriteByte('n')
			}
		}
	}
	lower(p.first)
	w.names.b.WriteByte('.')
	lower(p.last)
	w.names.digits(int(p.hash%97), 0)
	w.names.b.WriteString(domains[p.hash>>8%4])
	return w.names.since(start)
}

// slide makes the error that fate has for the row. One that cannot be made here is taken back, so the manifest counts
// only what is there.
func (w *writer) slide(p *person, d *door) {
	v := &w.v
	done := true
	switch p.slip {
	case slipSwapped:
		v.First, v.Last = v.Last, v.First
	case slip1900:
		v.BirthYear, v.BirthDate = 1900, 0
		if w.s.code.fullBirth {
			v.BirthDate = layout.MakeDate(1900, 1, 1)
		}
	case slipPadded:
		v.Last, v.First = w.names.join(v.Last+"  "), w.names.join(v.First+" ")
	case slipLower:
		v.Last, v.First, v.Middle = strings.ToLower(v.Last), strings.ToLower(v.First), strings.ToLower(v.Middle)
		v.Residence.Line, v.Residence.City = strings.ToLower(v.Residence.Line), strings.ToLower(v.Residence.City)
	case slipSpelled:
		done = spelledOut[d.street.kind] != "" && w.respell(d, spelledOut[d.street.kind], " ")
	case slipSpaced:
		done = w.respell(d, d.street.kind, "  ")
	case slipFuture:
		v.Registered = addDays(w.s.opts.Date, 30+p.reason)
	case slipNoUnit:
		if done = d.unit; done {
			v.Residence.UnitType, v.Residence.Unit, v.Residence.Line2 = "", "", ""
			done = w.respell(d, d.street.kind, " ")
		}
	}
	hidden := p.hidden || p.status == layout.Removed && w.s.opts.Layout == layout.NC
	if !done || hidden && (p.slip == slipSpelled || p.slip == slipSpaced || p.slip == slipNoUnit) {
		p.slip = noSlip
	}
}

// respell writes the address line anew with another street type and another gap behind the house number.
func (w *writer) respell(d *door, kind, gap string) bool {
	r := &w.v.Residence
	if r.House == "" {
		return false
	}
	r.StreetType = kind
	r.Line = w.names.join(r.House+gap+w.names.join(r.PreDir, r.Street), kind)
	if d.unit && !w.s.code.unitApart {
		r.Line = w.names.join(r.Line, r.UnitType, r.Unit)
	}
	return true
}
