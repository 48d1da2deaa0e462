package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// MappingVersion is the version of Mapping's JSON that this package writes.
const MappingVersion = 1

const (
	maxMapping = 1 << 20
	maxValues  = 10_000
)

// Mapping describes a file of the Generic layout. It is stored as JSON; unknown keys are refused, so that a mistyped one is noticed.
type Mapping struct {
	Version int    `json:"version"`         // MappingVersion
	Name    string `json:"name"`            // for people: "Massachusetts statewide extract"
	Kind    string `json:"kind"`            // "voters" or "history"
	State   string `json:"state,omitempty"` // two letters, for residences without a state column

	Encoding  string `json:"encoding,omitempty"`  // "utf-8", "windows-1252", ...; empty = look at the file
	Delimiter string `json:"delimiter,omitempty"` // "tab", ",", "|" or ";"; empty = look at the file
	Header    *bool  `json:"header,omitempty"`    // whether the first row names the columns; absent = look at the file

	Columns []ColumnMapping `json:"columns"`
	Dates   string          `json:"dates,omitempty"` // "any" (the default), "iso", "us", "yyyymmdd", "mmddyyyy", "dmy"

	// Values says what the file's codes mean: for "status", "sex", "race", "ethnicity", "method" and "election_type" in the words of
	// this package (Status.String and so on), for "party" and "county" in any. Codes are compared without regard to case.
	Values map[string]map[string]string `json:"values,omitempty"`

	SurnameFirst bool     `json:"surname_first,omitempty"` // full names begin with the last name even without a comma
	NotVoted     []string `json:"not_voted,omitempty"`     // methods and election cells that mean no ballot was cast

	ElectionColumns []ElectionPattern `json:"election_columns,omitempty"`
	Elections       []ElectionCode    `json:"elections,omitempty"`
}

// ColumnMapping sends one column to a field. A column is found by name if it has one and the file has a header, else by position.
type ColumnMapping struct {
	Name     string `json:"name,omitempty"`
	Position int    `json:"position,omitempty"` // 1-based
	Field    string `json:"field"`              // one of Targets
}

// ElectionPattern finds the columns of elections by name: {date} stands for a date in any usual writing, * for anything.
type ElectionPattern struct {
	Pattern string `json:"pattern"`        // "GENERAL-{date}", "General_{date}", "*{date}*"
	Type    string `json:"type,omitempty"` // ElectionType; empty = by the words in the name
}

// ElectionCode is an election that a history file names by a code.
type ElectionCode struct {
	Code string `json:"code"`
	Date string `json:"date"` // ISO
	Type string `json:"type,omitempty"`
	Name string `json:"name,omitempty"`
}

// DecodeMapping reads a mapping of the Generic layout from JSON of at most 1 MiB and validates it.
func DecodeMapping(data []byte) (*Mapping, error) { return DecodeMappingFor(Generic, data) }

// DecodeMappingFor reads a mapping for a layout from JSON of at most 1 MiB and validates it as ValidateFor does.
func DecodeMappingFor(id ID, data []byte) (*Mapping, error) {
	if len(data) > maxMapping {
		return nil, fault.Invalidf("The mapping is larger than %d bytes.", maxMapping)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var m Mapping
	if err := d.Decode(&m); err != nil {
		return nil, fault.Invalidf("The mapping cannot be read as JSON: %s.", strings.TrimPrefix(err.Error(), "json: ")).Because(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.Invalidf("The mapping has something after its end.")
	}
	return &m, m.ValidateFor(id)
}

// Validate returns everything that is wrong with the mapping, or nil. The names of the inputs are those of the JSON keys.
func (m *Mapping) Validate() error {
	var in fault.Inputs
	m.validateReading(&in)
	if m.Kind != Voters.String() && m.Kind != History.String() {
		in.Add("kind", "Say whether the rows are voters or history; the mapping has %q.", cut(m.Kind, 40))
	}
	if m.State != "" && !lettersThenDigits(m.State, 2, 0, 0) {
		in.Add("state", "Write the state in two letters, not as %q.", cut(m.State, 40))
	}
	m.validateColumns(&in)
	m.validateValues(&in)
	return in.Or()
}

// ValidateFor returns everything that is wrong with the mapping for a layout, or nil. A state's layout has its columns; of the mapping
// it takes how the file is written and what its election codes mean.
func (m *Mapping) ValidateFor(id ID) error {
	if id == Generic {
		return m.Validate()
	}
	var in fault.Inputs
	m.validateReading(&in)
	return in.Or()
}

// validateReading checks what a mapping may say of any file: how it is written and what its election codes mean.
func (m *Mapping) validateReading(in *fault.Inputs) {
	if m.Version != MappingVersion {
		in.Add("version", "This mapping has version %d; this program reads version %d.", m.Version, MappingVersion)
	}
	if m.Encoding != "" && !slices.Contains(encodingNames[:], m.Encoding) {
		in.Add("encoding", "There is no encoding %q. Choose utf-8, windows-1252, utf-16le or utf-16be, or none to look at the file.", cut(m.Encoding, 40))
	}
	if _, ok := m.delimiter(); !ok {
		in.Add("delimiter", "The sign between columns is tab, a comma, a vertical bar or a semicolon, not %q.", cut(m.Delimiter, 10))
	}
	if m.Dates != "" && !slices.Contains(dateForms[:], m.Dates) {
		in.Add("dates", "There is no date form %q. Choose any, iso, us, yyyymmdd, mmddyyyy or dmy.", cut(m.Dates, 40))
	}
	m.validateElections(in)
}

func (m *Mapping) validateColumns(in *fault.Inputs) {
	if len(m.Columns) > MaxColumns {
		in.Add("columns", "The mapping has more than %d columns.", MaxColumns)
		return
	}
	used := map[string]bool{}
	for _, c := range m.Columns {
		t, ok := parseTarget(c.Field)
		name := cut(c.Name, 60)
		switch {
		case !ok:
			in.Add("columns", "The column %q is sent to %q, which is no field.", name, cut(c.Field, 40))
		case c.Name == "" && c.Position == 0:
			in.Add("columns", "A column for %s has neither a name nor a position.", c.Field)
		case c.Position < 0 || c.Position > MaxColumns:
			in.Add("columns", "The column %q has position %d; positions go from 1 to %d.", name, c.Position, MaxColumns)
		case t != target{} && used[t.String()]:
			in.Add("columns", "Two columns are sent to %s. Leave one of them out.", t.String())
		}
		used[t.String()] = true
	}
	need := []field{fStateID, fLastName}
	if m.Kind == History.String() {
		need = []field{fStateID, fVoteDate}
	}
	for _, x := range need {
		if !used[x.String()] && !(x == fLastName && used["full_name"]) && !(x == fVoteDate && used["vote_code"]) {
			in.Add("columns", "No column is sent to %s, without which rows mean nothing.", x.String())
		}
	}
}

func (m *Mapping) validateValues(in *fault.Inputs) {
	n := 0
	for _, what := range slices.Sorted(maps.Keys(m.Values)) {
		table := m.Values[what]
		check, ok := valueWords[what]
		if !ok {
			in.Add("values", "There are no values for %q. Values are given for status, sex, race, ethnicity, method, election_type, party and county.", cut(what, 40))
			continue
		}
		for _, code := range slices.Sorted(maps.Keys(table)) {
			if n++; n > maxValues {
				in.Add("values", "The mapping explains more than %d values.", maxValues)
				return
			}
			if !check(table[code]) {
				in.Add("values", "The value %q of %s is said to mean %q, which this program does not know.", cut(code, 40), what, cut(table[code], 40))
			}
		}
	}
}

// valueWords says which meanings are known for each kind of value.
var valueWords = map[string]func(string) bool{
	"status": func(s string) bool { _, ok := ParseStatus(s); return ok },
	"sex":    func(s string) bool { return s == "F" || s == "M" || s == "X" || s == "U" },
	"race":   func(s string) bool { return slices.Contains(races, Race(s)) },
	"ethnicity": func(s string) bool {
		return slices.Contains([]Ethnicity{EthnicityUnknown, Hispanic, NotHispanic}, Ethnicity(s))
	},
	"method":        func(s string) bool { _, ok := ParseMethod(s); return ok },
	"election_type": func(s string) bool { _, ok := ParseElectionType(s); return ok },
	"party":         func(s string) bool { return len(s) <= 40 },
	"county":        func(s string) bool { return len(s) <= 80 },
}

var races = []Race{
	RaceUnknown, RaceAmericanIndian, RaceAsian, RaceAsianPacific, RaceBlack, RaceHispanic, RacePacificIslander, RaceWhite, RaceMulti, RaceOther,
}

func (m *Mapping) validateElections(in *fault.Inputs) {
	if len(m.ElectionColumns) > 100 || len(m.Elections) > maxValues {
		in.Add("elections", "The mapping has more than %d elections.", maxValues)
		return
	}
	for _, e := range m.ElectionColumns {
		if len(e.Pattern) > 100 || strings.Count(e.Pattern, "{date}") != 1 {
			in.Add("election_columns", "The pattern %q must have {date} in it once.", cut(e.Pattern, 60))
		}
		if _, ok := ParseElectionType(e.Type); e.Type != "" && !ok {
			in.Add("election_columns", "There is no type of election %q.", cut(e.Type, 40))
		}
	}
	for _, e := range m.Elections {
		if d, ok := ParseDate(e.Date, ISODate); !ok || d == 0 || e.Code == "" {
			in.Add("elections", "The election %q has the date %q; write it as 2024-11-05.", cut(e.Code, 40), cut(e.Date, 40))
		}
		if _, ok := ParseElectionType(e.Type); e.Type != "" && !ok {
			in.Add("elections", "There is no type of election %q.", cut(e.Type, 40))
		}
	}
}

func (m *Mapping) delimiter() (byte, bool) {
	switch m.Delimiter {
	case "":
		return 0, true
	case "tab", "\t":
		return '\t', true
	case ",", "|", ";":
		return m.Delimiter[0], true
	}
	return 0, false
}

// override puts what the mapping says in place of what was sniffed.
func (m *Mapping) override(d Dialect) Dialect {
	if i := slices.Index(encodingNames[:], m.Encoding); m.Encoding != "" && i >= 0 {
		d.Encoding = Encoding(i)
	}
	if c, ok := m.delimiter(); ok && c != 0 {
		d.Delimiter = c
	}
	if m.Header != nil {
		d.Header = *m.Header
	}
	return d
}

func (m *Mapping) dateForm() DateForm {
	return DateForm(max(0, slices.Index(dateForms[:], m.Dates)))
}

// lookups returns the elections by their codes. One that has neither type nor name is of the type that byDate says, if there is such.
func (m *Mapping) lookups(byDate func(Date) ElectionType) map[string]ElectionColumn {
	out := make(map[string]ElectionColumn, len(m.Elections))
	for _, e := range m.Elections {
		d, _ := ParseDate(e.Date, ISODate)
		t, ok := ParseElectionType(e.Type)
		if !ok || e.Type == "" {
			t = electionTypeOf(e.Name)
		}
		if e.Type == "" && e.Name == "" && byDate != nil {
			t = byDate(d)
		}
		out[e.Code] = ElectionColumn{Date: d, Type: t, Name: e.Name}
	}
	return out
}

// codes joins the mapping's values with those that most files share.
func (m *Mapping) codes() *codes {
	c := &codes{
		dates: m.dateForm(), status: maps.Clone(commonStatus), race: maps.Clone(commonRace), ethnicity: maps.Clone(commonEthnicity),
		method: maps.Clone(commonMethod), county: map[string]string{}, notVoted: map[string]bool{},
	}
	for code, s := range m.Values["status"] {
		c.status[upperASCII(code)], _ = ParseStatus(s)
	}
	for code, s := range m.Values["race"] {
		c.race[upperASCII(code)] = Race(s)
	}
	for code, s := range m.Values["ethnicity"] {
		c.ethnicity[upperASCII(code)] = Ethnicity(s)
	}
	for code, s := range m.Values["method"] {
		c.method[upperASCII(code)], _ = ParseMethod(s)
	}
	maps.Copy(c.county, m.Values["county"])
	for _, s := range m.NotVoted {
		c.notVoted[upperASCII(s)] = true
	}
	return c
}

// chooseGeneric binds the columns by the mapping.
func (o *opening) chooseGeneric(rows [][]string) error {
	m := o.mapping
	if m == nil {
		return fault.Invalidf("This layout needs a mapping that says what the columns hold. Make one from the file, or choose a state's layout.")
	}
	if m.Kind != o.kind.String() {
		if o.kind == History {
			return fault.Invalidf("The mapping %q describes voters, but the file is given as vote history. Choose another mapping.", m.Name)
		}
		return fault.Invalidf("The mapping %q describes vote history, but the file is given as voters. Choose another mapping.", m.Name)
	}
	if len(rows) == 0 {
		return fault.Invalidf("The file has no whole row in its first %d bytes. Its line ends are missing, or it is cut off or no table; get it again.", len(o.head))
	}
	o.header = o.dialect.Header
	o.plan = newPlan(Generic, o.kind, m.codes())
	o.plan.surname, o.plan.state = m.SurnameFirst, upperASCII(m.State)
	o.count = usualLength(rows)
	o.plan.names = positionNames(o.count)
	if o.header {
		copy(o.plan.names, rows[0])
		o.count = max(len(rows[0]), o.count)
	}
	if err := o.bindMapping(rows[0]); err != nil {
		return err
	}
	o.plan.values(m)
	o.plan.finish()
	o.electionColumns(m)
	if err := o.required(); err != nil {
		return err
	}
	return o.elections()
}

// bindMapping finds each mapped column. A missing one is drift, and so is one that the header has and nobody mapped.
func (o *opening) bindMapping(first []string) error {
	places := index(first)
	mapped := map[int]bool{}
	for _, c := range o.mapping.Columns {
		t, _ := parseTarget(c.Field)
		i, ok := c.Position-1, c.Position > 0
		if o.header && c.Name != "" {
			i, ok = places[key(c.Name)]
		}
		if !ok || i >= o.count {
			name := c.Name
			if name == "" {
				name = c.Field
			}
			o.drift.add(change(Dropped, "", name, "The column %s is gone; what it held stays empty.", name))
			continue
		}
		mapped[i] = true
		o.plan.bind(t, i)
	}
	if len(mapped) == 0 {
		return fault.Invalidf("None of the columns of the mapping %q is in the file, whose columns are: %s. Choose another mapping.", o.mapping.Name, listNames(first))
	}
	if !o.header {
		return nil
	}
	for i, n := range first {
		if _, election := o.mapping.election(n); !mapped[i] && !election {
			o.drift.add(change(Added, n, "", "There is a new column %s (column %d); it is kept in the raw row only.", n, i+1))
		}
	}
	return nil
}

func positionNames(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "column " + itoa(i+1)
	}
	return out
}

// values gives the plan the mapping's sexes, parties and types.
func (p *plan) values(m *Mapping) {
	p.sexes, p.parties, p.types = map[string]byte{}, map[string]string{}, map[string]ElectionType{}
	for code, s := range m.Values["sex"] {
		p.sexes[upperASCII(code)] = s[0]
	}
	for code, s := range m.Values["party"] {
		p.parties[upperASCII(code)] = s
	}
	for code, s := range m.Values["election_type"] {
		p.types[upperASCII(code)], _ = ParseElectionType(s)
	}
}

func (o *opening) electionColumns(m *Mapping) {
	if o.kind != Voters || !o.header {
		return
	}
	not := map[string]bool{"N": true, "0": true, "NO": true, "NOT VOTED": true}
	for _, s := range m.NotVoted {
		not[upperASCII(s)] = true
	}
	for i, n := range o.plan.names {
		if e, ok := m.election(n); ok {
			o.plan.elections = append(o.plan.elections, electionAt{column: i, vote: Vote{Date: e.Date, Type: e.Type, Name: e.Name}, not: not})
		}
	}
}

var dateInName = regexp.MustCompile(`\d{4}[-_/]?\d{2}[-_/]?\d{2}|\d{1,2}[-_/]\d{1,2}[-_/]\d{4}`)

// election reads a column name by the mapping's patterns.
func (m *Mapping) election(name string) (ElectionColumn, bool) {
	for _, p := range m.ElectionColumns {
		before, after, ok := strings.Cut(p.Pattern, "{date}")
		if !ok {
			continue
		}
		at := dateInName.FindStringIndex(name)
		if at == nil || !wild(before, name[:at[0]]) || !wild(after, name[at[1]:]) {
			continue
		}
		d, ok := ParseDate(strings.ReplaceAll(name[at[0]:at[1]], "_", "-"), AnyDate)
		if !ok || d == 0 {
			continue
		}
		t, ok := ParseElectionType(p.Type)
		if !ok || p.Type == "" {
			t = electionTypeOf(strings.ReplaceAll(name[:at[0]]+name[at[1]:], "_", " "))
		}
		return ElectionColumn{Date: d, Type: t, Name: name}, true
	}
	return ElectionColumn{}, false
}

// wild compares without regard to case; * at an end stands for anything.
func wild(pattern, s string) bool {
	p, s := strings.ToLower(pattern), strings.ToLower(s)
	start, end := strings.HasPrefix(p, "*"), strings.HasSuffix(p, "*")
	p = strings.Trim(p, "*")
	switch {
	case start && end || p == "" && (start || end):
		return strings.Contains(s, p)
	case start:
		return strings.HasSuffix(s, p)
	case end:
		return strings.HasPrefix(s, p)
	}
	return s == p
}
