package voterfilepage

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// columnsView is the page on which a person says what the columns of a file are.
type columnsView struct {
	importView
	sample  voterfile.Sample
	mapping layout.Mapping
	preview []layout.Voter
	saved   bool // the mapping comes from the voter file, not from our guess
	err     *fault.Error
	inputs  fault.Inputs
}

func (p pages) columnsView(v *web.Visit) (columnsView, error) {
	i, err := p.view(v)
	if err != nil {
		return columnsView{}, err
	}
	c := columnsView{importView: i}
	if c.sample, err = p.store.Sample(v.R.Context(), v.Actor, i.ID); err != nil {
		return c, err
	}
	c.mapping = c.sample.Suggested
	if i.file.Mapping != "" {
		m, err := layout.DecodeMapping([]byte(i.file.Mapping))
		if err != nil {
			return c, err
		}
		c.mapping, c.saved = *m, true
	}
	return c, nil
}

func (p pages) columns(v *web.Visit) error {
	c, err := p.columnsView(v)
	if err != nil {
		return err
	}
	return c.show(v, http.StatusOK)
}

func (c columnsView) show(v *web.Visit, status int) error {
	if c.err == nil && len(c.inputs) == 0 {
		people, err := c.sample.Preview(&c.mapping, 5)
		if f := fault.As(err); f != nil {
			c.err = f
		} else if in, ok := web.Inputs(err); ok {
			c.inputs = in
		} else if err != nil {
			return err
		}
		c.preview = people
	}
	h := web.Head{Title: v.T.T("Match columns"), Facts: importFacts(v.T, c.importView), Crumbs: crumbs(v, fileCrumb(v, c.file)), Current: navKey}
	return v.Page(status, h, columnsPage(v, c))
}

// saveColumns keeps the mapping with the voter file, so that next month's file needs none, or shows what it would read.
func (p pages) saveColumns(v *web.Visit) error {
	c, err := p.columnsView(v)
	if err != nil {
		return err
	}
	c.read(v)
	if v.Value("then") == "look" {
		return c.show(v, http.StatusOK)
	}
	text, err := json.Marshal(c.mapping)
	if err != nil {
		return err
	}
	err = p.store.SetMapping(v.R.Context(), v.Actor, c.File, string(text))
	if in, ok := web.Inputs(err); ok {
		c.inputs = in
		return c.show(v, http.StatusUnprocessableEntity)
	}
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		c.err = f
		return c.show(v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	p.run.Rehearse(v.Actor, c.ID)
	return v.Redirect(importPath(v, c.File, c.ID, "report"))
}

// read takes the mapping from the form. What the form does not show (election columns, code lists of old files) stays.
func (c *columnsView) read(v *web.Visit) {
	c.mapping.Columns = nil
	c.mapping.Dates = v.Value("dates")
	if c.mapping.Name == "" {
		c.mapping.Name = c.file.Name
	}
	for n, name := range c.sample.Header {
		field := v.Value("column-" + strconv.Itoa(n+1))
		if field == "" || field == "-" {
			continue
		}
		col := layout.ColumnMapping{Field: field, Position: n + 1}
		if c.sample.Dialect.Header {
			col.Name, col.Position = name, 0
		}
		c.mapping.Columns = append(c.mapping.Columns, col)
	}
	c.readValues(v)
}

// explained are the fields whose codes a person may have to explain, with the words they can mean.
var explained = map[string][]string{
	"status": {"active", "inactive", "pending", "preregistered", "removed"},
	"sex":    {"F", "M", "X", "U"},
}

func (c *columnsView) readValues(v *web.Visit) {
	for field := range explained {
		table := map[string]string{}
		for n, code := range c.codes(field) {
			if means := v.Value(field + "-" + strconv.Itoa(n+1)); means != "" {
				table[code] = means
			}
		}
		if len(table) == 0 {
			continue
		}
		if c.mapping.Values == nil {
			c.mapping.Values = map[string]map[string]string{}
		}
		c.mapping.Values[field] = table
	}
}

// codes returns the distinct values of the column that holds a field; none when no column does.
func (c columnsView) codes(field string) []string {
	for n := range c.sample.Header {
		if c.fieldOf(n) == field {
			return c.sample.Codes(n)
		}
	}
	return nil
}

// meaning returns what the mapping says that a code means.
func (c columnsView) meaning(field, code string) string {
	for k, means := range c.mapping.Values[field] {
		if strings.EqualFold(k, code) {
			return means
		}
	}
	return ""
}

// fieldOf returns what the mapping loads a column as; "-" for nothing.
func (c columnsView) fieldOf(n int) string {
	for _, m := range c.mapping.Columns {
		if m.Name != "" && c.sample.Dialect.Header && strings.EqualFold(m.Name, c.sample.Header[n]) || m.Name == "" && m.Position == n+1 {
			return m.Field
		}
	}
	return "-"
}

// example returns the first value of a column.
func (c columnsView) example(n int) string {
	for _, row := range c.sample.Rows {
		if n < len(row) && row[n] != "" {
			return row[n]
		}
	}
	return ""
}

// filled returns in how many of the rows looked at a column has a value.
func (c columnsView) filled(n int) (part, whole int64) {
	for _, row := range c.sample.Rows {
		whole++
		if n < len(row) && row[n] != "" {
			part++
		}
	}
	return part, whole
}

// common are offered first; the rest of the targets follow.
var common = []string{"-", "state_id", "last_name", "first_name", "middle_name", "name_suffix", "full_name", "birth_year", "birth_date", "sex", "party", "status", "registered",
	"street_line", "house", "street_name", "unit", "city", "state", "zip", "precinct", "phone", "email", "confidential"}

func (c columnsView) options(t words.Translator, n int) []web.Option {
	chosen := c.fieldOf(n)
	targets := slices.Clone(common)
	for _, f := range layout.Targets() {
		if !slices.Contains(targets, f) {
			targets = append(targets, f)
		}
	}
	all := make([]web.Option, len(targets))
	for i, f := range targets {
		all[i] = web.Option{Value: f, Label: fieldWord(t, f), Chosen: f == chosen}
	}
	return all
}

// dateOptions are the ways a file may write its dates.
func (c columnsView) dateOptions(t words.Translator) []web.Option {
	all := []web.Option{{Value: "any", Label: t.T("As they come")}, {Value: "us", Label: t.T("Month first: 11/05/2024")}, {Value: "dmy", Label: t.T("Day first: 05/11/2024")},
		{Value: "iso", Label: "2024-11-05"}, {Value: "yyyymmdd", Label: "20241105"}, {Value: "mmddyyyy", Label: "11052024"}}
	for i := range all {
		all[i].Chosen = all[i].Value == c.mapping.Dates
	}
	return all
}

// fieldWord says what a column can be loaded as. The rarer ones are shown by their name in a mapping.
func fieldWord(t words.Translator, f string) string {
	switch f {
	case "-":
		return t.T("Not loaded")
	case "state_id":
		return t.T("State id")
	case "last_name":
		return t.T("Last name")
	case "first_name":
		return t.T("First name")
	case "middle_name":
		return t.T("Middle name")
	case "name_suffix":
		return t.T("Suffix (Jr, III)")
	case "full_name":
		return t.T("Whole name, split by us")
	case "birth_year":
		return t.T("Year of birth")
	case "birth_date":
		return t.T("Date of birth")
	case "sex":
		return t.T("Sex")
	case "party":
		return t.T("Party")
	case "status":
		return t.T("Registration status")
	case "registered":
		return t.T("Date of registration")
	case "street_line":
		return t.T("Home address, split by us")
	case "house":
		return t.T("House number")
	case "street_name":
		return t.T("Street")
	case "unit":
		return t.T("Apartment")
	case "city":
		return t.T("City")
	case "state":
		return t.T("State of the address")
	case "zip":
		return t.T("ZIP code")
	case "precinct":
		return t.T("Precinct")
	case "phone":
		return t.T("Phone")
	case "email":
		return t.T("Email")
	case "confidential":
		return t.T("Confidential (Y or N)")
	}
	return strings.NewReplacer("_", " ", ".", " · ").Replace(f)
}

// statusWord says what a code of a status or a sex means.
func meaningWord(t words.Translator, means string) string {
	switch means {
	case "active":
		return t.T("Active")
	case "inactive":
		return t.T("Inactive")
	case "pending":
		return t.T("Pending")
	case "preregistered":
		return t.T("Registered ahead, 16 or 17")
	case "removed":
		return t.T("Removed")
	case "F":
		return t.T("Woman")
	case "M":
		return t.T("Man")
	case "X":
		return t.T("Other")
	case "U":
		return t.T("Not said")
	}
	return means
}

func (c columnsView) meanings(t words.Translator, field, code string) []web.Option {
	all := []web.Option{{Label: t.T("As we read it")}}
	for _, m := range explained[field] {
		all = append(all, web.Option{Value: m, Label: meaningWord(t, m), Chosen: m == c.meaning(field, code)})
	}
	return all
}

// faultOf returns why the last run here ended, when a person can act on it.
func faultOf(i importView) *fault.Error {
	if !i.here {
		return nil
	}
	return fault.As(i.pace.Err)
}
