package layout

import (
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
)

// misfitLimit is the share of the first rows that may have a wrong value in a checked column.
const misfitLimit = 0.2

// validators say whether a value can stand in a field. Empty values are not asked about, except ids.
func (p *plan) valid(x field, s string) bool {
	switch x {
	case fStateID:
		return s != "" && (p.codes.idPattern == nil || p.codes.idPattern(s))
	case fStatusCode:
		_, ok := p.codes.status[upperASCII(s)]
		return ok || len(p.codes.status) == 0
	case fRegistered, fBirthDate, fVoteDate:
		if _, ok := ParseDate(s, p.codes.dates); ok {
			return true
		}
		_, ok := ParseDate(s, AnyDate)
		return ok
	case fBirthYear:
		y := yearOf(s)
		return y >= 1800 && y < 2100 || placeholderDate(s)
	case fCountyCode, fVoteCounty:
		return len(p.codes.county) == 0 || countyName(p.codes.county, s) != ""
	case fSexCode:
		return len(s) <= 10 && !hasDigit(s)
	case fRaceCode:
		_, ok := p.codes.race[upperASCII(s)]
		return ok || len(p.codes.race) == 0
	case fZIP:
		return hasDigit(s) && len(s) <= 10
	case fVoteAbsentee:
		return len(s) <= 5
	case fLastName:
		return !isDigit(s[0])
	}
	return true
}

var checkedFields = []field{
	fStateID, fLastName, fStatusCode, fRegistered, fBirthDate, fBirthYear, fVoteDate, fCountyCode, fVoteCounty, fSexCode, fRaceCode, fZIP, fVoteAbsentee,
}

// fit is the share of rows whose value can stand in the field: 1 when the column is absent or empty.
func fit(p *plan, x field, rows [][]string) float64 {
	good, bad, _ := p.judge(x, rows, 0)
	if good+bad == 0 {
		return 1
	}
	return float64(good) / float64(good+bad)
}

// judge counts fitting and other values of a field, shift columns to the right of its place, and gives the first that does not fit.
func (p *plan) judge(x field, rows [][]string, shift int) (good, bad, firstBad int) {
	firstBad = -1
	at := p.at[x]
	if at < 0 {
		return 0, 0, -1
	}
	for i, row := range rows {
		s := ""
		if at+shift >= 0 && at+shift < len(row) {
			s = row[at+shift]
		}
		if s == "" && x != fStateID {
			continue
		}
		if p.valid(x, s) {
			good++
			continue
		}
		bad++
		if firstBad < 0 {
			firstBad = i
		}
	}
	return good, bad, firstBad
}

// check refuses a file whose first rows do not hold what their columns should.
func (o *opening) check() error {
	rows, lines := o.sample(checkedRows + 1)
	if o.header && len(rows) > 0 {
		rows, lines = rows[1:], lines[1:]
	}
	p := o.plan
	for _, x := range checkedFields {
		good, bad, first := p.judge(x, rows, 0)
		if bad == 0 || float64(bad) <= misfitLimit*float64(good+bad) || o.id == Generic && x != fStateID {
			continue
		}
		switch s := o.shift(rows, x); {
		case s > 0:
			return fault.Invalidf("The values do not stand under their names: from the column %s on they stand %d columns to the right. The header or the rows were damaged; get the file again.", p.name(x), s)
		case s < 0:
			return fault.Invalidf("The values do not stand under their names: from the column %s on they stand %d columns to the left. The header or the rows were damaged; get the file again.", p.name(x), -s)
		}
		value := ""
		if at := p.at[x]; at < len(rows[first]) {
			value = rows[first][at]
		}
		if x == fStateID && p.codes.idExample != "" {
			return fault.Invalidf("The column %s should hold voter ids such as %s, but line %d has %q; %d of the first %d rows do not fit. This is another layout, or the file was damaged.",
				p.name(x), p.codes.idExample, lines[first], cut(value, 40), bad, len(rows))
		}
		return fault.Invalidf("The column %s cannot hold %q (line %d); %d of the first %d rows do not fit. This is another layout, or the values stand under the wrong names.",
			p.name(x), cut(value, 40), lines[first], bad, len(rows))
	}
	return nil
}

// shift looks for one distance by which the values from the column of x on fit again.
func (o *opening) shift(rows [][]string, x field) int {
	p := o.plan
	from := p.at[x]
	after := slices.DeleteFunc(slices.Clone(checkedFields), func(y field) bool { return p.at[y] < from })
	for _, s := range []int{1, -1, 2, -2, 3, -3} {
		good, bad, columns := 0, 0, 0
		for _, y := range after {
			g, b, _ := p.judge(y, rows, s)
			good, bad = good+g, bad+b
			if g > 0 {
				columns++
			}
		}
		if columns >= 2 && float64(bad) <= misfitLimit/2*float64(good+bad) {
			return s
		}
	}
	return 0
}
