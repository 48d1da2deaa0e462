package voterfile

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unsafe"

	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/place"
)

// A voter travels from the file to the database as one run of bytes: where the row stands in its file, a hash, and the normal
// form of the row, which is what the hash is of. Two rows with the same hash need no comparing and no writing.
//
//	file line offset length rawHash | rowHash | flags sex status household address year birth registered texts phones emails

// The texts of a voter, in the order in which they are written.
const (
	textCounty = iota
	textParty
	textLast
	textFirst
	textMiddle
	textSuffix
	textLastKey
	textFirstKey
	textRace
	textEthnicity
	textStatusCode
	textReason
	textHouse
	textStreet
	textUnit
	textAddress
	textCity
	textRegion
	textZIP
	textStreetKey
	textMailing
	textPrecinct
	textCongress
	textStateSenate
	textStateHouse
	textMunicipality
	textDistricts
	texts
)

const (
	flagConfidential = 1 << iota
	flagMinor
)

// rowPlace is where a row stands in the files of an import.
type rowPlace struct {
	file   int
	line   int64
	offset int64
	length int
	hash   uint64
}

// encoder turns voters into records. It keeps its buffers; one goroutine, one encoder.
type encoder struct {
	out, norm, scratch []byte
	text               [texts]string
}

// voter returns the record of v, valid until the next call.
func (e *encoder) voter(v *layout.Voter, at rowPlace) []byte {
	if v.Confidential {
		v.Residence, v.Mailing, v.Phones, v.Emails = layout.Address{}, layout.Mail{}, nil, nil
	}
	e.norm = e.appendNorm(e.norm[:0], v)
	b := e.out[:0]
	b = binary.AppendUvarint(b, uint64(at.file))
	b = binary.AppendUvarint(b, uint64(at.line))
	b = binary.AppendUvarint(b, uint64(at.offset))
	b = binary.AppendUvarint(b, uint64(at.length))
	b = binary.LittleEndian.AppendUint64(b, at.hash)
	b = binary.LittleEndian.AppendUint64(b, layout.Hash(e.norm))
	e.out = append(b, e.norm...)
	return e.out
}

func (e *encoder) appendNorm(b []byte, v *layout.Voter) []byte {
	flags := byte(0)
	if v.Confidential {
		flags |= flagConfidential
	}
	if v.Minor {
		flags |= flagMinor
	}
	household, address := e.addressTexts(&v.Residence)
	b = append(b, flags, sexOf(v.Sex), byte(v.Status))
	b = binary.LittleEndian.AppendUint64(b, uint64(household))
	b = binary.LittleEndian.AppendUint64(b, uint64(address))
	b = binary.AppendUvarint(b, uint64(max(0, v.BirthYear)))
	b = binary.AppendUvarint(b, uint64(max(0, v.BirthDate)))
	b = binary.AppendUvarint(b, uint64(max(0, v.Registered)))
	e.otherTexts(v)
	for _, s := range &e.text {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(v.Phones)))
	for _, p := range v.Phones {
		b = appendText(b, p.Number)
		b = append(b, byte(p.Kind))
	}
	b = binary.AppendUvarint(b, uint64(len(v.Emails)))
	for _, m := range v.Emails {
		b = appendText(b, m)
	}
	return b
}

func sexOf(s byte) byte {
	switch s {
	case layout.SexFemale, layout.SexMale, layout.SexOther:
		return s
	}
	return layout.SexUnknown
}

// otherTexts fills every text but those of the residence.
func (e *encoder) otherTexts(v *layout.Voter) {
	t := &e.text
	t[textCounty] = v.CountyCode
	if v.CountyCode == "" {
		t[textCounty] = v.County
	}
	t[textParty] = v.Party
	t[textLast], t[textFirst], t[textMiddle], t[textSuffix] = v.Last, v.First, v.Middle, v.Suffix
	e.scratch = slices.Grow(e.scratch[:0], 4*(len(v.Last)+len(v.First))) // grown once: the keys below are views of it
	t[textLastKey] = e.fold(v.Last)
	t[textFirstKey] = e.fold(v.First)
	t[textRace], t[textEthnicity] = string(v.Race), string(v.Ethnicity)
	t[textStatusCode], t[textReason] = v.StatusCode, v.Reason
	t[textMailing] = mailingText(&v.Mailing, &v.Residence)
	t[textPrecinct] = v.Precinct
	t[textCongress], t[textStateSenate], t[textStateHouse], t[textMunicipality] = "", "", "", ""
	t[textDistricts] = e.districts(v.Districts)
}

// fold appends the folded s to the scratch buffer and returns it as a view, valid until the next voter.
func (e *encoder) fold(s string) string {
	from := len(e.scratch)
	e.scratch = personkey.AppendFold(e.scratch, s)
	return view(e.scratch[from:])
}

// addressTexts fills the texts of the residence and returns its two keys.
func (e *encoder) addressTexts(a *layout.Address) (household, address int64) {
	t := &e.text
	t[textHouse] = joined(a.House, a.HouseSuffix)
	t[textStreet] = joined(a.PreDir, a.Street, a.StreetType, a.PostDir)
	t[textUnit] = joined(a.UnitType, a.Unit)
	t[textAddress] = a.Line
	if a.Line2 != "" {
		t[textAddress] = joined(a.Line, a.Line2)
	}
	t[textCity], t[textRegion] = a.City, a.State
	t[textZIP] = a.ZIP5
	if a.ZIP4 != "" {
		t[textZIP] = a.ZIP5 + "-" + a.ZIP4
	}
	t[textStreetKey] = personkey.Fold(a.Street)
	if t[textHouse] == "" && t[textStreet] == "" {
		return 0, 0
	}
	address = place.Key(t[textHouse], t[textStreet], a.City, a.ZIP5)
	return householdKey(address, a.Unit), address
}

// householdKey joins an address with its unit. How the unit is called does not count: APT 3 and # 3 are one door.
func householdKey(address int64, unit string) int64 {
	if address == 0 || unit == "" {
		return address
	}
	h := uint64(address)
	for i := range len(unit) {
		c := unit[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 {
			h = (h ^ uint64(c)) * 0x9e3779b97f4a7c15
			h ^= h >> 29
		}
	}
	return int64(max(h, 1))
}

// joined puts a space between the parts that are there; it allocates only when there are two.
func joined(parts ...string) string {
	first, many := "", false
	for _, p := range parts {
		if p == "" {
			continue
		}
		if first != "" {
			many = true
			break
		}
		first = p
	}
	if !many {
		return first
	}
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}

// Mailing is a mailing address as stored in field_person.mailing.
type Mailing struct {
	Lines   []string `json:"lines,omitempty"`
	City    string   `json:"city,omitempty"`
	State   string   `json:"state,omitempty"`
	ZIP     string   `json:"zip,omitempty"`
	Country string   `json:"country,omitempty"`
}

// mailingText is "" when there is no mailing address or when it repeats the residence.
func mailingText(m *layout.Mail, home *layout.Address) string {
	if m.Lines == [4]string{} && m.City == "" && m.ZIP == "" {
		return ""
	}
	if m.Lines[1] == "" && m.Lines[0] == home.Line && m.City == home.City {
		return ""
	}
	out := Mailing{City: m.City, State: m.State, ZIP: m.ZIP, Country: m.Country}
	for _, l := range m.Lines {
		if l != "" {
			out.Lines = append(out.Lines, l)
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return "" // strings always marshal
	}
	return string(text)
}

// districts gives the four commonest kinds their own texts and returns the rest as a JSON object of kind to code.
func (e *encoder) districts(all []layout.District) string {
	var b []byte
	for _, d := range all {
		code := d.Code
		if code == "" {
			code = d.Name
		}
		if code == "" {
			continue
		}
		switch d.Kind {
		case layout.Congress:
			e.text[textCongress] = code
		case layout.StateSenate:
			e.text[textStateSenate] = code
		case layout.StateHouse:
			e.text[textStateHouse] = code
		case layout.Municipality:
			e.text[textMunicipality] = code
		default:
			if b == nil {
				b = append(make([]byte, 0, 160), '{')
			} else {
				b = append(b, ',')
			}
			b = appendJSONText(b, d.Kind.String())
			b = append(b, ':')
			b = appendJSONText(b, code)
		}
	}
	if b == nil {
		return "{}"
	}
	return view(append(b, '}'))
}

// appendJSONText appends s as a JSON string; what needs escaping takes the slow road.
func appendJSONText(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' || s[i] >= 0x7f {
			quoted, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...) // strings always marshal
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// view returns b as a string without copying: b must not change while the string is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) } //nolint:gosec // b is not changed while the text is read

// decoded is a voter's record read back. Its strings are views of the record.
type decoded struct {
	place              rowPlace
	rowHash            int64
	confidential       bool
	minor              bool
	sex                byte
	status             layout.Status
	household, address int64
	year, birth        int64
	registered         int64
	text               [texts]string
	phones             []layout.Phone
	emails             []string
}

var errRecord = errors.New("a record of the import's temporary file is damaged")

// decode reads rec into d, reusing its slices.
func (d *decoded) decode(rec []byte) error {
	c := cursor{b: rec}
	d.place = rowPlace{file: int(c.uvarint()), line: int64(c.uvarint()), offset: int64(c.uvarint()), length: int(c.uvarint()), hash: c.fixed()}
	d.rowHash = int64(c.fixed())
	flags := c.byte()
	d.confidential, d.minor = flags&flagConfidential != 0, flags&flagMinor != 0
	d.sex, d.status = c.byte(), layout.Status(c.byte())
	d.household, d.address = int64(c.fixed()), int64(c.fixed())
	d.year, d.birth, d.registered = int64(c.uvarint()), int64(c.uvarint()), int64(c.uvarint())
	for i := range d.text {
		d.text[i] = c.text()
	}
	d.phones, d.emails = d.phones[:0], d.emails[:0]
	for n := c.uvarint(); n > 0 && !c.bad; n-- {
		d.phones = append(d.phones, layout.Phone{Number: c.text(), Kind: layout.PhoneKind(c.byte())})
	}
	for n := c.uvarint(); n > 0 && !c.bad; n-- {
		d.emails = append(d.emails, c.text())
	}
	if c.bad || len(c.b) > 0 {
		return errRecord
	}
	return nil
}

// glance is the part of a record that the comparison with the database needs.
type glance struct {
	file          int
	line          int64
	rowHash       int64
	confidential  bool
	minor         bool
	status        layout.Status
	household     int64
	registered    int64
	county, party string // views of the record
}

func glanceAt(rec []byte) (g glance, err error) {
	c := cursor{b: rec}
	g.file, g.line = int(c.uvarint()), int64(c.uvarint())
	c.uvarint()
	c.uvarint()
	c.fixed()
	g.rowHash = int64(c.fixed())
	flags := c.byte()
	g.confidential, g.minor = flags&flagConfidential != 0, flags&flagMinor != 0
	c.byte()
	g.status = layout.Status(c.byte())
	g.household = int64(c.fixed())
	c.fixed()
	c.uvarint()
	c.uvarint()
	g.registered = int64(c.uvarint())
	g.county, g.party = c.text(), c.text()
	if c.bad {
		return g, errRecord
	}
	return g, nil
}

// cursor reads a record; past its end it is bad and gives zeros.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.bad, c.b = true, nil
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) fixed() uint64 {
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.bad, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) text() string { return view(c.take(int(min(c.uvarint(), 1<<30)))) }
