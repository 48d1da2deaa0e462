package layout

import "strings"

// maxTokens is more words than any street line has; what follows stays in Line.
const maxTokens = 20

// street is a line being taken apart: tokens are upper case, without commas and final periods.
type street struct {
	line   string // upper case
	tokens [maxTokens]string
	starts [maxTokens]int // where each token begins in line
	lo, hi int            // tokens not classified yet
}

// ParseStreet takes a street line apart from right to left by the rules of USPS Publication 28 (sections 23, 24 and 29, appendices C
// and F): number, predirectional, name, suffix, postdirectional, secondary unit. It knows PO boxes, rural and highway contract routes,
// military boxes, numbered highways, fractions, hyphenated and grid numbers. What it cannot place becomes part of the name; the line
// itself stays in Line, so nothing is ever lost. City, State and ZIP stay empty.
func ParseStreet(line string) Address {
	var a Address
	parseStreet(&a, line)
	return a
}

// parseStreet fills the parts of a that belong to the street line.
func parseStreet(a *Address, line string) {
	a.Line = line
	var s street
	s.tokenize(upperASCII(line))
	if s.hi == 0 {
		return
	}
	if s.box(a) {
		return
	}
	s.number(a)
	s.unit(a)
	s.postDirection(a)
	s.preDirection(a)
	if s.highway(a) {
		return
	}
	if n := s.hi - s.lo; n >= 2 {
		if t, ok := streetTypes[s.tokens[s.hi-1]]; ok {
			a.StreetType = t
			s.hi--
		}
	}
	a.Street = s.join(s.lo, s.hi)
}

func (s *street) tokenize(line string) {
	s.line = line
	for i := 0; i < len(line) && s.hi < maxTokens; {
		if c := line[i]; c <= ' ' || c == ',' || c == ';' {
			i++
			continue
		}
		start := i
		for i < len(line) && line[i] > ' ' && line[i] != ',' && line[i] != ';' {
			i++
		}
		if t := strings.TrimRight(line[start:i], "."); t != "" {
			s.tokens[s.hi], s.starts[s.hi] = t, start
			s.hi++
		}
	}
}

// join puts tokens together with single blanks.
func (s *street) join(lo, hi int) string {
	switch hi - lo {
	case 0:
		return ""
	case 1:
		return s.tokens[lo]
	}
	// Mostly they stand so in the line already.
	n := hi - lo - 1
	for _, t := range s.tokens[lo:hi] {
		n += len(t)
	}
	last := s.starts[hi-1] + len(s.tokens[hi-1])
	if whole := s.line[s.starts[lo]:last]; len(whole) == n && strings.IndexByte(whole, ',') < 0 && strings.IndexByte(whole, '\t') < 0 {
		return whole
	}
	return strings.Join(s.tokens[lo:hi], " ")
}

// box recognises addresses without a street: PO BOX, RR, HC and military boxes.
func (s *street) box(a *Address) bool {
	t := s.tokens[:s.hi]
	at := 0
	switch {
	case len(t) >= 2 && t[0] == "BOX" && hasDigit(t[1]):
		at = 1
	case len(t) >= 3 && t[0] == "PO" && t[1] == "BOX", len(t) >= 3 && t[0] == "P.O" && t[1] == "BOX":
		at = 2
	case len(t) >= 2 && (t[0] == "POB" || t[0] == "POBOX"):
		at = 1
	case len(t) >= 4 && (t[0] == "P" && t[1] == "O" || t[0] == "POST" && t[1] == "OFFICE") && t[2] == "BOX":
		at = 3
	}
	if at > 0 {
		a.Street = "PO BOX " + strings.TrimPrefix(s.join(at, s.hi), "#")
		return true
	}
	route, n := "", 1
	switch t[0] {
	case "RR", "RFD", "RT":
		route = "RR"
	case "HC", "PSC", "CMR", "UNIT", "HCR":
		route = t[0]
	case "RURAL", "HIGHWAY":
		if len(t) > 2 && t[0] == "RURAL" && (t[1] == "ROUTE" || t[1] == "RT") {
			route, n = "RR", 2
		} else if len(t) > 2 && t[1] == "CONTRACT" {
			route, n = "HC", 2
		}
	}
	if route == "" || len(t) < n+3 || t[n+1] != "BOX" || !hasDigit(t[n]) {
		return false
	}
	if route == "HCR" {
		route = "HC"
	}
	a.Street = route + " " + strings.TrimLeft(t[n], "#0") + " BOX " + s.join(n+2, s.hi)
	return true
}

// number takes the primary number with its fraction or letter.
func (s *street) number(a *Address) {
	first := s.tokens[0]
	if s.hi < 2 || !houseNumber(first) {
		return
	}
	a.House = first
	s.lo = 1
	if n := len(first) - 1; n > 0 && first[n] >= 'A' && first[n] <= 'Z' && allDigits(first[:n]) {
		a.House, a.HouseSuffix = first[:n], first[n:]
	}
	next := s.tokens[1]
	switch {
	case s.hi > 2 && len(next) == 3 && next[1] == '/' && isDigit(next[0]) && isDigit(next[2]):
		a.HouseSuffix = next
		s.lo = 2
	case s.hi > 3 && a.HouseSuffix == "" && len(next) == 1 && next[0] >= 'A' && next[0] <= 'Z' && direction(next) == "" && streetTypes[s.tokens[2]] == "" && next != "I" && !isHighway(next, s.tokens[2]):
		a.HouseSuffix = next // 123 B MAIN ST, but 123 A ST
		s.lo = 2
	}
}

// houseNumber accepts 123, 123A, 37-15, 39.2 and grid numbers such as N6W23001; an ordinal (5TH) is a name.
func houseNumber(t string) bool {
	if isDigit(t[0]) {
		for _, end := range [...]string{"ST", "ND", "RD", "TH"} {
			if len(t) > 2 && t[len(t)-2:] == end && allDigits(t[:len(t)-2]) {
				return false
			}
		}
		return true
	}
	if direction(t[:1]) == "" || len(t) < 3 || !isDigit(t[1]) {
		return false
	}
	for i := 1; i < len(t); i++ {
		if !isDigit(t[i]) && direction(t[i:i+1]) == "" {
			return false
		}
	}
	return isDigit(t[len(t)-1])
}

// unit takes the secondary unit from the end: APT 5, # 5, #5B, BLDG 2 APT 5, BSMT.
func (s *street) unit(a *Address) {
	for i := s.lo + 1; i < s.hi; i++ {
		t := s.tokens[i]
		if t[0] == '#' {
			s.takeUnit(a, "#", i)
			return
		}
		u := unitType(t)
		if u == "" {
			continue
		}
		left := s.hi - i - 1
		if bareUnit(u) {
			// FRONT ST and UPPER MILL RD are streets: the word must follow the end of a name.
			if left == 0 && i > s.lo+1 && (streetTypes[s.tokens[i-1]] != "" || direction(s.tokens[i-1]) != "") {
				s.takeUnit(a, u, i)
				return
			}
			continue
		}
		if left >= 1 && (hasDigit(s.tokens[i+1]) || left <= 2 && len(s.tokens[i+1]) <= 2 && streetTypes[s.tokens[i+1]] == "") || left >= 1 && s.tokens[i+1][0] == '#' {
			s.takeUnit(a, u, i)
			return
		}
	}
}

func (s *street) takeUnit(a *Address, kind string, i int) {
	a.UnitType = kind
	rest := i + 1
	if s.tokens[i][0] == '#' && len(s.tokens[i]) > 1 {
		s.tokens[i] = s.tokens[i][1:]
		s.starts[i]++
		rest = i
	}
	a.Unit = strings.TrimPrefix(s.join(rest, s.hi), "#")
	a.Unit = strings.TrimPrefix(a.Unit, " ")
	s.hi = i
}

// postDirection takes NW from MAIN ST NW and N from BROADWAY N, but not from AVENUE N.
func (s *street) postDirection(a *Address) {
	n := s.hi - s.lo
	if n < 2 {
		return
	}
	d := direction(s.tokens[s.hi-1])
	if d == "" {
		return
	}
	before := s.tokens[s.hi-2]
	if n == 2 && (streetTypes[before] != "" || direction(before) != "") {
		return // AVENUE N, NORTH WEST
	}
	if n >= 3 && isHighway(s.tokens[s.hi-3], before) {
		return // COUNTY ROAD N
	}
	a.PostDir = d
	s.hi--
}

// preDirection takes N from N MAIN ST, but not NORTH from NORTH AVE.
func (s *street) preDirection(a *Address) {
	if s.hi-s.lo < 2 {
		return
	}
	d := direction(s.tokens[s.lo])
	if d == "" || s.onlyType(s.lo+1) {
		return
	}
	a.PreDir = d
	s.lo++
	if s.hi-s.lo < 2 || len(d) > 1 {
		return
	}
	if both := twoDirections(d, direction(s.tokens[s.lo])); both != "" && !s.onlyType(s.lo+1) {
		a.PreDir = both
		s.lo++
	}
}

// onlyType reports whether nothing but a suffix stands from token i on.
func (s *street) onlyType(i int) bool {
	return s.hi-i == 1 && streetTypes[s.tokens[i]] != ""
}

// highway spells out the name of a numbered road: CR 20 becomes COUNTY ROAD 20.
func (s *street) highway(a *Address) bool {
	n := s.hi - s.lo
	for words := 2; words >= 1; words-- {
		if n <= words || !roadNumber(s.tokens[s.lo+words]) {
			continue
		}
		name, ok := "", false
		if words == 1 {
			name, ok = highways[s.tokens[s.lo]]
		} else if isHighway(s.tokens[s.lo], s.tokens[s.lo+1]) {
			name, ok = highways[s.tokens[s.lo]+" "+s.tokens[s.lo+1]]
		}
		if ok {
			a.Street = name + " " + s.join(s.lo+words, s.hi)
			return true
		}
	}
	return false
}

// isHighway reports whether two words begin the name of a numbered road.
func isHighway(a, b string) bool {
	switch b {
	case "RD", "ROAD", "HWY", "HIGHWAY", "RTE", "ROUTE", "RT":
	default:
		return false
	}
	switch a {
	case "CO", "CNTY", "COUNTY", "ST", "STATE", "US", "NC", "FL", "TWP", "TOWNSHIP":
		return true
	}
	return false
}

// roadNumber is 20, 55A or a single letter, as in COUNTY ROAD N.
func roadNumber(t string) bool {
	return isDigit(t[0]) && streetTypes[t] == "" && houseNumber(t) || len(t) == 1 && t[0] >= 'A' && t[0] <= 'Z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func hasDigit(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// compose puts the parts of a street line together in the order of Publication 28; a unit of unknown kind gets the number sign.
func (a *Address) compose() string {
	kind := a.UnitType
	if kind == "" && a.Unit != "" {
		kind = "#"
	}
	parts := [...]string{a.House, a.HouseSuffix, a.PreDir, a.Street, a.StreetType, a.PostDir, kind, a.Unit}
	n := 0
	for _, p := range parts {
		n += len(p) + 1
	}
	var b strings.Builder
	b.Grow(n)
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
