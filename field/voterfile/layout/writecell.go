package layout

import "strings"

// written are the codes a state writes for a meaning when a Voter or Vote has none of its own.
type written struct {
	status map[Status]string
	method map[Method]string
	race   map[Race]string
	ethn   map[Ethnicity]string
	types  map[ElectionType]string
	names  map[string]string // status code → status in words
}

var writtenBy = map[ID]written{
	NC: {
		status: map[Status]string{Active: "A", Inactive: "I", Removed: "R", Pending: "S"},
		names:  map[string]string{"A": "ACTIVE", "I": "INACTIVE", "R": "REMOVED", "D": "DENIED", "S": "TEMPORARY"},
		race: map[Race]string{
			RaceAsian: "A", RaceBlack: "B", RaceAmericanIndian: "I", RaceMulti: "M", RaceOther: "O", RacePacificIslander: "P",
			RaceWhite: "W", RaceUnknown: "U",
		},
		ethn: map[Ethnicity]string{Hispanic: "HL", NotHispanic: "NL", EthnicityUnknown: "UN"},
		method: map[Method]string{
			Polls: "ELECTION DAY IN-PERSON", Early: "EARLY VOTING IN-PERSON", ByMail: "ABSENTEE BY MAIL", Provisional: "PROVISIONAL",
			Absentee: "ABSENTEE",
		},
	},
	OH: {status: map[Status]string{Active: "ACTIVE", Inactive: "CONFIRMATION"}},
	FL: {
		status: map[Status]string{Active: "ACT", Inactive: "INA", Preregistered: "PRE"},
		race: map[Race]string{
			RaceAmericanIndian: "1", RaceAsianPacific: "2", RaceBlack: "3", RaceHispanic: "4", RaceWhite: "5", RaceOther: "6",
			RaceMulti: "7", RaceUnknown: "9",
		},
		method: map[Method]string{Polls: "Y", Early: "E", ByMail: "A", Provisional: "Z", NotCounted: "B"},
		types:  map[ElectionType]string{General: "GEN", Primary: "PRI", PresidentialPrimary: "PPP", OtherElection: "OTH"},
	},
	MI: {
		status: map[Status]string{Active: "A", Inactive: "V", Removed: "C"},
		method: map[Method]string{Absentee: "Y", ByMail: "Y", Polls: "N", Early: "N"},
	},
	WA: {status: map[Status]string{Active: "Active", Inactive: "Inactive", Pending: "P", Removed: "C"}},
}

// or returns what is written as is, else the state's code for the meaning.
func or[K comparable](code string, table map[K]string, meaning K) string {
	if code != "" {
		return code
	}
	return table[meaning]
}

// voterCell returns what stands in a column for v.
func (x *Writer) voterCell(t target, v *Voter) string {
	if t.part != noPart {
		return districtCell(t, v)
	}
	if t.field >= fHousePrefix && t.field <= fMailCountry {
		return x.addressCell(t.field, v)
	}
	by := &x.written
	switch t.field {
	case fStateID:
		return v.StateID
	case fCountyCode:
		return v.CountyCode
	case fCounty:
		if v.County == "" {
			return countyName(x.spec.codes.county, v.CountyCode)
		}
		return v.County
	case fCountyRegID:
		return v.CountyRegID
	case fLastName:
		return v.Last
	case fFirstName:
		return v.First
	case fMiddleName:
		return v.Middle
	case fNameSuffix:
		return v.Suffix
	case fStatusCode:
		return or(v.StatusCode, by.status, v.Status)
	case fStatusName:
		return by.names[or(v.StatusCode, by.status, v.Status)]
	case fReasonCode:
		return v.ReasonCode
	case fReasonName:
		return v.Reason
	case fRaceCode:
		return or(v.RaceCode, by.race, v.Race)
	case fEthnicityCode:
		return or(v.EthnCode, by.ethn, v.Ethnicity)
	case fPartyCode:
		return v.Party
	case fRegistered:
		return x.date(v.Registered)
	case fBirthDate:
		return x.date(v.BirthDate)
	case fPrecinct:
		return v.Precinct
	case fPrecinctName:
		return v.PrecinctName
	}
	return x.otherCell(t.field, v)
}

func districtCell(t target, v *Voter) string {
	for i := range v.Districts {
		if d := &v.Districts[i]; d.Kind == t.district {
			if t.part == partName {
				return d.Name
			}
			return d.Code
		}
	}
	return ""
}

func (x *Writer) otherCell(f field, v *Voter) string {
	switch f {
	case fBirthYear:
		if v.BirthYear > 0 {
			return itoa(int(v.BirthYear))
		}
	case fAge:
		if v.BirthYear > 0 && x.opts.AsOf != 0 {
			return itoa(x.opts.AsOf.Year() - int(v.BirthYear))
		}
	case fSexCode:
		switch v.Sex {
		case SexFemale:
			return "F"
		case SexMale:
			return "M"
		case SexOther:
			return "X"
		}
		return "U"
	case fConfidential:
		if v.Confidential {
			return "Y"
		}
		return "N"
	case fPhoneArea:
		if len(v.Phones) > 0 && len(v.Phones[0].Number) == 10 {
			return v.Phones[0].Number[:3]
		}
	case fPhoneNumber:
		if len(v.Phones) > 0 && len(v.Phones[0].Number) == 10 && x.spec.id == FL {
			return v.Phones[0].Number[3:]
		}
		if len(v.Phones) > 0 {
			return v.Phones[0].Number
		}
	case fEmail:
		if len(v.Emails) > 0 {
			return v.Emails[0]
		}
	}
	return ""
}

// nineDigits says whether a state writes ZIP codes of nine digits in one column.
func (x *Writer) nineDigits() bool { return x.spec.id == NC || x.spec.id == FL }

func (x *Writer) addressCell(f field, v *Voter) string {
	a := &v.Residence
	switch f {
	case fHouse:
		return a.House
	case fHouseSuffix:
		return a.HouseSuffix
	case fPreDir:
		return a.PreDir
	case fStreetName:
		return a.Street
	case fStreetType:
		return a.StreetType
	case fPostDir:
		return a.PostDir
	case fUnitType:
		return a.UnitType
	case fUnit:
		if x.spec.id == MI && a.UnitType != "" {
			return strings.TrimSpace(a.UnitType + " " + a.Unit)
		}
		return a.Unit
	case fStreetLine:
		return a.Line
	case fStreetLine2:
		return a.Line2
	case fCity:
		return a.City
	case fState:
		return a.State
	case fZIP:
		if a.ZIP4 != "" && x.nineDigits() {
			return a.ZIP5 + a.ZIP4
		}
		return a.ZIP5
	case fZIP4:
		return a.ZIP4
	}
	return x.mailCell(f, &v.Mailing)
}

func (x *Writer) mailCell(f field, m *Mail) string {
	switch f {
	case fMail1, fMail2, fMail3, fMail4, fMail5:
		return x.mail[f-fMail1]
	case fMailCity:
		return m.City
	case fMailState:
		return m.State
	case fMailCountry:
		return m.Country
	}
	five, four := splitZIP(m.ZIP)
	switch {
	case f == fMailZIP4:
		return four
	case f == fMailZIP && four != "" && x.nineDigits():
		return five + four
	case f == fMailZIP && four != "" && x.spec.id == OH:
		return five
	case f == fMailZIP:
		return m.ZIP
	}
	return ""
}

// mailLines lays out a mailing address; Michigan has no columns for the city, so it gets a line of its own.
func (x *Writer) mailLines(v *Voter) {
	m := &v.Mailing
	x.mail = [5]string{m.Lines[0], m.Lines[1], m.Lines[2], m.Lines[3]}
	if x.spec.id != MI || m.City == "" {
		return
	}
	n := 4
	for n > 0 && x.mail[n-1] == "" {
		n--
	}
	x.mail[n] = m.City + " " + m.State + " " + m.ZIP
}

// voteCell returns what stands in a column for one vote of a voter.
func (x *Writer) voteCell(c *column, v *Vote, who *Voter) string {
	by := &x.written
	if c.target.part != noPart {
		return districtCell(c.target, who)
	}
	switch c.target.field {
	case fStateID:
		return v.StateID
	case fVoteCounty:
		return v.CountyCode
	case fCountyCode:
		return who.CountyCode
	case fCounty:
		return countyName(x.spec.codes.county, who.CountyCode)
	case fCountyRegID:
		return who.CountyRegID
	case fPrecinct:
		return who.Precinct
	case fPrecinctName:
		return who.PrecinctName
	case fVoteDate:
		return x.date(v.Date)
	case fVoteElection:
		return v.Name
	case fVoteType:
		return or(v.Name, by.types, v.Type)
	case fVoteCode:
		return v.Name
	case fVoteMethod, fVoteAbsentee:
		return or(v.Code, by.method, v.Method)
	case fVoteParty:
		return v.Party
	case fIgnored:
		switch c.name {
		case "voted_party_desc":
			return upperASCII(x.spec.codes.party[v.Party])
		case "voted_county_desc":
			return countyName(x.spec.codes.county, v.CountyCode)
		}
	}
	return ""
}

// date writes a date as the state does.
func (x *Writer) date(d Date) string {
	if d == 0 {
		return ""
	}
	var b [10]byte
	switch {
	case x.spec.gen == Fixed:
		return string(appendTwo(appendTwo(appendTwo(appendTwo(b[:0], d.Month()), d.Day()), d.Year()/100), d.Year()%100))
	case x.spec.id == NC || x.spec.id == FL || x.spec.gen == Before22:
		return string(appendUS(b[:0], d))
	default:
		return string(appendISO(b[:0], d))
	}
}
