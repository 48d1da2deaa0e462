package layout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// column is one column of a state's file: its name today, its earlier names, and where its values go.
type column struct {
	name   string
	keys   []string // key of the name, then of the names of other years
	target target
}

// spec is what is known about one layout and kind of file in one generation.
type spec struct {
	id        ID
	kind      Kind
	gen       Generation
	columns   []column
	header    bool // the state writes a header
	delimiter byte // 0 = fixed width
	quoting   quoting
	crlf      bool
	cuts      []int
	elections bool // further columns are elections
	source    string
	codes     *codes
}

// quoting is how a state quotes its cells.
type quoting uint8

const (
	quoteNone quoting = iota
	quoteAll
)

// columnsOf reads a table of columns: "name|alias|alias target", one a line; "-" is a column that is kept in the raw row only.
func columnsOf(table string) []column {
	var out []column
	for line := range strings.Lines(table) {
		names, target, ok := strings.Cut(strings.TrimSpace(line), " ")
		if names == "" {
			continue
		}
		t, known := parseTarget(strings.TrimSpace(target))
		if !ok || !known {
			panic(fmt.Sprintf("layout: bad column table line %q", line))
		}
		c := column{target: t}
		for i, n := range strings.Split(names, "|") {
			if i == 0 {
				c.name = n
			}
			c.keys = append(c.keys, key(n))
		}
		out = append(out, c)
	}
	return out
}

// find returns the column called name (compared by key), -1 without one.
func (s *spec) find(name string) int {
	k := key(name)
	for i := range s.columns {
		if s.columns[i].keys[0] == k {
			return i
		}
	}
	for i := range s.columns {
		if slices.Contains(s.columns[i].keys[1:], k) {
			return i
		}
	}
	return -1
}

// key is a column name for comparison: lower case, letters and digits only.
func key(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// specs returns every form of every state layout, newest first.
func specs() []*spec {
	return []*spec{
		&ncVoters, &ncVoters22, &ncVotersOld, &ncHistory,
		&ohVoters,
		&flVoters, &flHistory,
		&miVoters, &miVotersFixed, &miHistory, &miHistoryFixed,
		&waVoters, &waVotersOld, &waHistory,
	}
}

// formsOf returns the forms of one layout and kind, newest first.
func formsOf(id ID, kind Kind) []*spec {
	var out []*spec
	for _, s := range specs() {
		if s.id == id && s.kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// formOf returns the form of one generation; a layout without that generation has its newest one.
func formOf(id ID, gen Generation, kind Kind) *spec {
	all := formsOf(id, kind)
	for _, s := range all {
		if s.gen == gen {
			return s
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

// Generations returns the forms in which a layout's files of voters have come, the newest first; none for Generic.
func Generations(id ID) []Generation {
	var out []Generation
	for _, s := range formsOf(id, Voters) {
		out = append(out, s.gen)
	}
	return out
}

// codes are the values a layout uses and what they mean.
type codes struct {
	status    map[string]Status // by code or by name, upper case
	race      map[string]Race
	ethnicity map[string]Ethnicity
	method    map[string]Method
	party     map[string]string // names for people; only for display
	county    map[string]string // code → name
	dates     DateForm
	idPattern func(string) bool
	idExample string
	byDate    func(Date) ElectionType // where the file names no election
	notVoted  map[string]bool         // method codes that mean no ballot was cast
}

// PartyName returns the English name of a party code of the layout, or "" when it is not in the table.
func PartyName(id ID, code string) string {
	if f := formOf(id, Current, Voters); f != nil {
		return f.codes.party[code]
	}
	return ""
}

// CountyName returns the name of a county code of the layout, upper case, or "" when it is not in the table.
func CountyName(id ID, code string) string {
	if f := formOf(id, Current, Voters); f != nil {
		return f.codes.county[code]
	}
	return ""
}

// Counties returns the county codes of the layout and their names in upper case; the map is the caller's.
func Counties(id ID) map[string]string {
	out := map[string]string{}
	if f := formOf(id, Current, Voters); f != nil {
		for c, n := range f.codes.county {
			out[c] = n
		}
	}
	return out
}

// ElectionColumn is an election that a file has a column for, named as Ohio does: GENERAL-11/05/2024.
type ElectionColumn struct {
	Date Date
	Type ElectionType
	Name string // as in the header
}

var ohioElection = regexp.MustCompile(`^([A-Z][A-Z ]*)-(\d\d/\d\d/\d{4})$`)

// ParseElectionColumn reads a column name of the form TYPE-MM/DD/YYYY.
func ParseElectionColumn(name string) (ElectionColumn, bool) {
	m := ohioElection.FindStringSubmatch(strings.TrimSpace(upperASCII(name)))
	if m == nil {
		return ElectionColumn{}, false
	}
	d, ok := ParseDate(m[2], USDate)
	return ElectionColumn{Date: d, Type: electionTypeOf(m[1]), Name: strings.TrimSpace(name)}, ok && d != 0
}

// electionTypeOf finds the type in an election's name, in the words all states use.
func electionTypeOf(name string) ElectionType {
	name = upperASCII(name)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(name, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("RUNOFF", "RUN-OFF", "RUN OFF", "SECOND PRIMARY", "2ND PRIMARY"):
		return Runoff
	case has("PRESIDENTIAL") && has("PRIM", "PREF"), name == "PPP":
		return PresidentialPrimary
	case has("MUNICIPAL", "CITY", "TOWN"):
		return Municipal
	case has("SPECIAL"):
		return Special
	case has("PRIMARY"), name == "PRI":
		return Primary
	case has("GENERAL"), name == "GEN":
		return General
	}
	return OtherElection
}
