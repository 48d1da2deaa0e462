package layout

import (
	"strings"
)

// voter fills v from the current row.
func (f *File) voter(v *Voter) error {
	p, r := f.plan, f.rows
	v.reset()
	v.StateID = f.cell(fStateID)
	if err := f.checkID(v.StateID); err != nil {
		return err
	}
	f.names(v)
	v.CountyCode, v.County = f.cell(fCountyCode), f.cell(fCounty)
	if v.County == "" {
		v.County = countyName(p.codes.county, v.CountyCode)
	}
	v.CountyRegID = f.cell(fCountyRegID)
	f.status(v)
	v.Party = f.cell(fPartyCode)
	if p.parties != nil {
		if code, ok := p.parties[upperASCII(v.Party)]; ok {
			v.Party = code
		}
	}
	v.Registered = f.date(fRegistered)
	v.Confidential = yes(f.cell(fConfidential))
	f.person(v)
	f.residence(&v.Residence)
	f.mail(&v.Mailing)
	f.phones(v)
	if e := f.cell(fEmail); strings.IndexByte(e, '@') > 0 {
		v.Emails = append(v.Emails, e)
	}
	v.Precinct, v.PrecinctName = f.cell(fPrecinct), f.cell(fPrecinctName)
	for i := range p.districts {
		d := &p.districts[i]
		code, name := r.Cell(d.code), r.Cell(d.name)
		if code != "" || name != "" {
			v.Districts = append(v.Districts, District{Kind: d.kind, Code: code, Name: name})
		}
	}
	for i := range p.elections {
		f.inlineVote(v, &p.elections[i])
	}
	return nil
}

// cell returns the value of a field in the current row.
func (f *File) cell(x field) string { return f.rows.Cell(f.plan.at[x]) }

func (f *File) checkID(id string) error {
	if id == "" {
		return f.rows.refuse(f.plan.name(fStateID), "", "Line %d has no voter id in the column %s. The row is left out.", f.rows.row.Line, f.plan.name(fStateID))
	}
	if ok := f.plan.codes.idPattern; ok != nil && !ok(id) {
		return f.rows.refuse(f.plan.name(fStateID), id, "Line %d has %q in the column %s, where a voter id such as %s should stand. The row is left out.",
			f.rows.row.Line, cut(id, 40), f.plan.name(fStateID), f.plan.codes.idExample)
	}
	return nil
}

func (f *File) names(v *Voter) {
	if f.plan.has(fFullName) && !f.plan.has(fLastName) {
		v.Last, v.First, v.Middle, v.Suffix = splitFullName(f.cell(fFullName), f.plan.surname)
		return
	}
	v.Last, v.First, v.Middle, v.Suffix = f.cell(fLastName), f.cell(fFirstName), f.cell(fMiddleName), f.cell(fNameSuffix)
}

// splitFullName takes "LAST, FIRST MIDDLE" and "FIRST MIDDLE LAST" apart; surnameFirst says which when there is no comma.
func splitFullName(s string, surnameFirst bool) (last, first, middle, suffix string) {
	words := strings.Fields(strings.Replace(s, ",", " , ", 1))
	if n := len(words); n > 2 && nameSuffixes[strings.TrimRight(upperASCII(words[n-1]), ".")] {
		suffix, words = words[n-1], words[:n-1]
	}
	comma := -1
	for i, w := range words {
		if w == "," {
			comma = i
		}
	}
	switch {
	case comma >= 0:
		last = strings.Join(words[:comma], " ")
		words = words[comma+1:]
	case len(words) == 0:
		return "", "", "", suffix
	case surnameFirst:
		last, words = words[0], words[1:]
	default:
		last, words = words[len(words)-1], words[:len(words)-1]
	}
	if len(words) > 0 {
		first, middle = words[0], strings.Join(words[1:], " ")
	}
	return last, first, middle, suffix
}

var nameSuffixes = map[string]bool{"JR": true, "SR": true, "II": true, "III": true, "IV": true, "V": true}

func countyName(table map[string]string, code string) string {
	if len(table) == 0 || code == "" {
		return ""
	}
	if name, ok := table[code]; ok {
		return name
	}
	if name, ok := table[strings.TrimLeft(code, "0")]; ok {
		return name
	}
	return table["0"+code]
}

func (f *File) status(v *Voter) {
	v.StatusCode, v.Reason, v.ReasonCode = f.cell(fStatusCode), f.cell(fReasonName), f.cell(fReasonCode)
	words := f.cell(fStatusName)
	if v.StatusCode == "" {
		v.StatusCode = words
	}
	if v.StatusCode == f.lastStatus && v.StatusCode != "" {
		v.Status = f.lastMeaning
		return
	}
	var ok bool
	defer func() {
		if ok {
			f.lastStatus, f.lastMeaning = v.StatusCode, v.Status
		}
	}()
	if v.Status, ok = f.plan.codes.status[upperASCII(v.StatusCode)]; ok {
		return
	}
	if v.Status, ok = f.plan.codes.status[upperASCII(words)]; ok {
		return
	}
	if v.StatusCode != "" {
		f.note(fStatusCode, v.StatusCode, "Line %d has the status %q in the column %s, which this layout does not know. The voter is kept with an unknown status.",
			f.rows.row.Line, cut(v.StatusCode, 40), f.plan.name(fStatusCode))
	} else if !f.plan.has(fStatusCode) && !f.plan.has(fStatusName) {
		v.Status = Active // a file without statuses lists registered voters only
	}
}

// person fills birth, sex, race and whether the voter is a minor.
func (f *File) person(v *Voter) {
	v.BirthDate = f.date(fBirthDate)
	v.BirthYear = int16(v.BirthDate.Year())
	if s := f.cell(fBirthYear); s != "" && v.BirthYear == 0 {
		if y := yearOf(s); y > 1800 && y < 2200 {
			if y != 1900 { // what registrars write for "unknown"
				v.BirthYear = int16(y)
			}
		} else if !placeholderDate(s) {
			f.note(fBirthYear, s, "Line %d has %q in the column %s, which is no year. It is left out; the rest of the row is kept.", f.rows.row.Line, cut(s, 40), f.plan.name(fBirthYear))
		}
	}
	code := f.cell(fSexCode)
	v.Sex = f.plan.sex(code)
	if v.RaceCode = f.cell(fRaceCode); v.RaceCode != "" {
		v.Race = f.plan.codes.race[upperASCII(v.RaceCode)]
	}
	if v.EthnCode = f.cell(fEthnicityCode); v.EthnCode != "" {
		v.Ethnicity = f.plan.codes.ethnicity[upperASCII(v.EthnCode)]
	}
	v.Minor = v.Status == Preregistered || f.underAge(v)
}

func (f *File) underAge(v *Voter) bool {
	if s := f.cell(fAge); len(s) == 2 && s[0] == '1' && s[1] >= '0' && s[1] < '8' {
		return true
	}
	if f.AsOf == 0 {
		return false
	}
	if v.BirthDate != 0 {
		return f.AsOf < v.BirthDate+18_00_00
	}
	return v.BirthYear != 0 && f.AsOf.Year()-int(v.BirthYear) < 18
}

func yearOf(s string) int {
	if len(s) == 4 && allDigits(s) {
		return number(s)
	}
	d, _ := ParseDate(s, AnyDate)
	return d.Year()
}

func (p *plan) sex(code string) byte {
	if code == "" {
		return SexUnknown
	}
	if p.sexes != nil {
		if b, ok := p.sexes[upperASCII(code)]; ok {
			return b
		}
	}
	if len(code) > 1 {
		switch upperASCII(code) {
		case "FEMALE":
			return SexFemale
		case "MALE":
			return SexMale
		case "NONBINARY", "NON-BINARY", "OTHER", "NB":
			return SexOther
		}
		return SexUnknown
	}
	switch code[0] &^ 0x20 {
	case 'F':
		return SexFemale
	case 'M':
		return SexMale
	case 'X', 'O', 'N':
		return SexOther
	}
	return SexUnknown
}

// residence fills the address. The line as written stays even when its parts come in columns of their own.
func (f *File) residence(a *Address) {
	a.City, a.State = f.cell(fCity), f.cell(fState)
	if a.State == "" {
		a.State = f.plan.state
	}
	a.ZIP5, a.ZIP4 = splitZIP(f.cell(fZIP))
	if z := f.cell(fZIP4); z != "" && a.ZIP4 == "" {
		a.ZIP4 = z
	}
	a.Line2 = f.cell(fStreetLine2)
	if f.plan.split {
		f.streetParts(a)
		return
	}
	line := f.cell(fStreetLine)
	if line == "" || line == "REMOVED" { // what North Carolina writes over the address of a removed voter
		a.Line = line
		return
	}
	parseStreet(a, line)
	if a.Unit == "" && a.UnitType == "" && a.Line2 != "" {
		a.UnitType, a.Unit = splitUnit(a.Line2)
	}
}

func (f *File) streetParts(a *Address) {
	a.House = f.cell(fHouse)
	if prefix := f.cell(fHousePrefix); prefix != "" {
		a.House = prefix + a.House
	}
	a.HouseSuffix = upperASCII(f.cell(fHouseSuffix))
	a.Street = upperASCII(f.cell(fStreetName))
	if a.PreDir = upperASCII(f.cell(fPreDir)); len(a.PreDir) > 2 {
		a.PreDir = direction(a.PreDir)
	}
	if a.PostDir = upperASCII(f.cell(fPostDir)); len(a.PostDir) > 2 {
		a.PostDir = direction(a.PostDir)
	}
	if a.StreetType = upperASCII(f.cell(fStreetType)); a.StreetType != "" {
		if t, ok := streetTypes[a.StreetType]; ok {
			a.StreetType = t
		}
	}
	if !f.plan.has(fStreetType) && a.Street != "" {
		var whole Address // the type stands in the name: MAIN ST
		parseStreet(&whole, a.Street)
		a.Street, a.StreetType = whole.Street, whole.StreetType
		if whole.House != "" {
			a.Street = whole.House + " " + a.Street
		}
		if a.PreDir == "" {
			a.PreDir = whole.PreDir
		}
		if a.PostDir == "" {
			a.PostDir = whole.PostDir
		}
		a.UnitType, a.Unit = whole.UnitType, whole.Unit
	}
	if t, u := f.cell(fUnitType), f.cell(fUnit); t != "" || u != "" {
		a.UnitType, a.Unit = t, u
	}
	if a.UnitType == "" && a.Unit != "" {
		a.UnitType, a.Unit = splitUnit(a.Unit)
	}
	if a.Line = f.cell(fStreetLine); a.Line == "" {
		a.Line = a.compose()
	}
}

// splitUnit takes "APT 5" apart; text without a designator is the unit itself.
func splitUnit(s string) (kind, unit string) {
	s = upperASCII(s)
	if s[0] == '#' {
		return "#", strings.TrimSpace(s[1:])
	}
	first, rest, _ := strings.Cut(s, " ")
	if u := unitType(strings.TrimRight(first, ".")); u != "" && (rest != "" || bareUnit(u)) {
		return u, strings.TrimSpace(rest)
	}
	return "", s
}

// splitZIP parts 276011234 and 27601-1234; anything else stays whole.
func splitZIP(s string) (zip5, zip4 string) {
	switch {
	case len(s) == 9 && allDigits(s):
		return s[:5], s[5:]
	case len(s) == 10 && s[5] == '-' && allDigits(s[:5]) && allDigits(s[6:]):
		return s[:5], s[6:]
	case len(s) == 6 && s[5] == '-':
		return s[:5], ""
	}
	return s, ""
}

func (f *File) mail(m *Mail) {
	m.Lines = [4]string{f.cell(fMail1), f.cell(fMail2), f.cell(fMail3), f.cell(fMail4)}
	m.City, m.State, m.ZIP, m.Country = f.cell(fMailCity), f.cell(fMailState), f.cell(fMailZIP), f.cell(fMailCountry)
	if z := f.cell(fMailZIP4); z != "" && m.ZIP != "" {
		m.ZIP += "-" + z
	} else if len(m.ZIP) == 9 && allDigits(m.ZIP) {
		m.ZIP = m.ZIP[:5] + "-" + m.ZIP[5:]
	}
	if f.plan.has(fMail5) && !f.plan.has(fMailCity) {
		f.mailLastLine(m, f.cell(fMail5))
	}
}

// mailLastLine takes city, state and ZIP from the last line of a mailing address that has no columns for them (MI).
func (f *File) mailLastLine(m *Mail, fifth string) {
	last := &fifth
	for i := len(m.Lines) - 1; *last == "" && i >= 0; i-- {
		last = &m.Lines[i]
	}
	if city, state, zip, ok := cityLine(*last); ok {
		m.City, m.State, m.ZIP = city, state, zip
		*last = ""
	}
	if fifth != "" {
		m.Lines[3] = strings.Join([]string{m.Lines[3], fifth}, ", ")
	}
}

// cityLine reads "LANSING MI 48933-1234".
func cityLine(s string) (city, state, zip string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 4 || s[i-3] != ' ' {
		return "", "", "", false
	}
	five, _ := splitZIP(s[i+1:])
	if len(five) != 5 || !allDigits(five) {
		return "", "", "", false
	}
	return strings.TrimRight(s[:i-3], " ,"), s[i-2 : i], s[i+1:], true
}

func (f *File) phones(v *Voter) {
	f.phone(v, PhoneUnknown, f.cell(fPhoneArea), f.cell(fPhoneNumber))
	f.phone(v, PhoneCell, "", f.cell(fCellPhone))
	f.phone(v, PhoneHome, "", f.cell(fHomePhone))
	f.phone(v, PhoneWork, "", f.cell(fWorkPhone))
}

// phone adds a number that is valid in the North American plan; others (seven digits, all zeros) are in the raw row only.
func (f *File) phone(v *Voter, kind PhoneKind, area, number string) {
	if number == "" {
		return
	}
	n := phoneNumber(area + number)
	if n == "" {
		return
	}
	for _, p := range v.Phones {
		if p.Number == n {
			return
		}
	}
	v.Phones = append(v.Phones, Phone{Number: n, Kind: kind})
}

// phoneNumber returns ten digits NXX NXX XXXX, or "".
func phoneNumber(s string) string {
	if len(s) != 10 || !allDigits(s) {
		digits := make([]byte, 0, 16)
		for i := range len(s) {
			if isDigit(s[i]) && len(digits) < 16 {
				digits = append(digits, s[i])
			}
		}
		if len(digits) == 11 && digits[0] == '1' {
			digits = digits[1:]
		}
		if s = string(digits); len(s) != 10 {
			return ""
		}
	}
	if s[0] < '2' || s[3] < '2' {
		return ""
	}
	return s
}

func yes(s string) bool {
	switch s {
	case "":
		return false
	case "Y", "y", "1", "X", "x", "T", "t":
		return true
	}
	switch upperASCII(s) {
	case "YES", "TRUE":
		return true
	}
	return false
}

// date reads a date field; what is no date becomes a note and 0.
func (f *File) date(x field) Date {
	s := f.cell(x)
	if s == "" {
		return 0
	}
	d, ok := ParseDate(s, f.plan.codes.dates)
	if !ok && f.plan.codes.dates != AnyDate && f.plan.codes.dates != DayFirst {
		d, ok = ParseDate(s, AnyDate) // a state that changes its form keeps an unambiguous one
	}
	if !ok {
		f.note(x, s, "Line %d has %q in the column %s, which is no date. It is left out; the rest of the row is kept.", f.rows.row.Line, cut(s, 40), f.plan.name(x))
	}
	return d
}

// note keeps what was set aside in the current row.
func (f *File) note(x field, value, format string, args ...any) {
	f.notes = append(f.notes, f.rows.refuse(f.plan.name(x), value, format, args...))
}

// inlineVote adds the vote of one election column.
func (f *File) inlineVote(v *Voter, e *electionAt) {
	s := f.rows.Cell(e.column)
	if s == "" || len(e.not) > 0 && e.not[upperASCII(s)] {
		return
	}
	vote := e.vote
	vote.StateID, vote.CountyCode, vote.Code = v.StateID, v.CountyCode, s
	if m, ok := f.plan.codes.method[upperASCII(s)]; ok {
		vote.Method = m
	} else if len(s) == 1 && s != "X" && s != "Y" && s != "1" {
		vote.Party = s
	}
	v.Votes = append(v.Votes, vote)
}
