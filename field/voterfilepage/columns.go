package voterfilepage

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/list"
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
	unread  *fault.Error // the file is no table
}

// rowsLooked is how many of the rows to look at are searched for codes that mean nothing.
const rowsLooked = 1000

// begun reports whether people are loaded by these columns already: then they stay what they are.
func (c columnsView) begun() bool {
	return c.running() || c.State == voterfile.StateLoading || c.State == voterfile.StateStopped || c.State == voterfile.StateLoaded
}

func (p pages) columnsView(v *web.Visit) (columnsView, error) {
	i, err := p.view(v)
	if err != nil {
		return columnsView{}, err
	}
	c := columnsView{importView: i}
	if c.rows, err = p.store.RefusalList(v.R.Context(), v.Actor, i.ID, 0, rowsLooked); err != nil {
		return c, err
	}
	c.sample, err = p.store.Sample(v.R.Context(), v.Actor, i.ID)
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		c.unread = f
		return c, nil
	}
	if err != nil {
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
	if c.begun() || c.file.Layout != layout.Generic {
		return v.Redirect(importPath(v, c.File, c.ID, "report"))
	}
	if said, ok := p.looks.Get(v, v.Value("look")); ok && c.unread == nil {
		c.read(said.Get)
	}
	return c.show(v, http.StatusOK)
}

func (c columnsView) show(v *web.Visit, status int) error {
	if c.unread == nil && c.err == nil && len(c.inputs) == 0 {
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
	if c.begun() || c.file.Layout != layout.Generic || c.unread != nil {
		return v.Redirect(importPath(v, c.File, c.ID, "report"))
	}
	c.read(v.R.FormValue)
	if v.Value("then") == "look" { // the page that shows it can be reloaded, and read in the other language
		return v.Redirect(importPath(v, c.File, c.ID, "columns") + "?look=" + p.looks.Put(v, v.R.PostForm))
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
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
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
func (c *columnsView) read(said func(string) string) {
	c.mapping.Columns = nil
	c.mapping.Dates = strings.TrimSpace(said("dates"))
	if c.mapping.Name == "" {
		c.mapping.Name = c.file.Name
	}
	for n, name := range c.sample.Header {
		field := strings.TrimSpace(said("column-" + strconv.Itoa(n+1)))
		if field == "" {
			field = "-" // said to be left out, so that it is not reported as new
		}
		col := layout.ColumnMapping{Field: field, Position: n + 1}
		if c.sample.Dialect.Header {
			col.Name, col.Position = name, 0
		}
		c.mapping.Columns = append(c.mapping.Columns, col)
	}
	c.readValues(said)
}

// explained are the fields whose codes a person may have to explain, with the words they can mean.
var explained = map[string][]string{
	"status": {"active", "inactive", "pending", "preregistered", "removed"},
	"sex":    {"F", "M", "X", "U"},
}

// readValues takes what the codes mean. Each code is sent beside its meaning, because the column that holds the codes may have been
// changed in the same form: what was said of another column's codes is then left out. Codes that the form did not show stay.
func (c *columnsView) readValues(said func(string) string) {
	for field := range explained {
		here := c.codes(field)
		table := maps.Clone(c.mapping.Values[field])
		if table == nil {
			table = map[string]string{}
		}
		for n := range codesShown {
			code, means := said(codeName(field, n)), strings.TrimSpace(said(meansName(field, n)))
			if code == "" || !slices.Contains(here, code) {
				continue
			}
			maps.DeleteFunc(table, func(k, _ string) bool { return strings.EqualFold(k, code) })
			if means != "" {
				table[code] = means
			}
		}
		if c.mapping.Values == nil {
			c.mapping.Values = map[string]map[string]string{}
		}
		if c.mapping.Values[field] = table; len(table) == 0 {
			delete(c.mapping.Values, field)
		}
	}
}

// codesShown is how many codes of one column a form explains: a column with more holds no codes.
const codesShown = 30

func codeName(field string, n int) string  { return fmt.Sprintf("%s-code-%d", field, n+1) }
func meansName(field string, n int) string { return fmt.Sprintf("%s-means-%d", field, n+1) }

// codes returns the distinct values of the column that holds a field: those at the beginning of the file, and those the last
// rehearsal found to mean nothing. None when no column holds the field.
func (c columnsView) codes(field string) []string {
	for n, name := range c.sample.Header {
		if c.fieldOf(n) != field {
			continue
		}
		all := c.sample.Codes(n)
		for _, r := range c.rows {
			if r.Column == name && !r.Refused && r.Value != "" && !slices.Contains(all, r.Value) {
				all = append(all, r.Value)
			}
		}
		return all
	}
	return nil
}

// guess returns the state's layout that the file seems to have.
func (c columnsView) guess() (layout.Guessed, bool) {
	for _, g := range c.sample.Guesses {
		if g.Kind == layout.Voters && g.Score >= 0.8 {
			return g, true
		}
	}
	return layout.Guessed{}, false
}

// before returns the header of the file of voters that was loaded last, nil when there is none.
func (c columnsView) before() []string {
	if len(c.earlier) == 0 {
		return nil
	}
	for _, f := range c.earlier[0].Report.Columns {
		if f.Kind == layout.Voters {
			return f.Header
		}
	}
	return nil
}

func hasName(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

func (c columnsView) isNew(n int) bool { return !hasName(c.before(), c.sample.Header[n]) }

// gone returns the columns of the last file that are not in this one.
func (c columnsView) gone() []string {
	var all []string
	for _, n := range c.before() {
		if !hasName(c.sample.Header, n) {
			all = append(all, n)
		}
	}
	return all
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

// fieldWord says what a column can be loaded as.
func fieldWord(t words.Translator, f string) string {
	if w, ok := fieldWords[f]; ok {
		return t.T(w)
	}
	d, ok := strings.CutPrefix(f, "district.")
	if !ok {
		return strings.ReplaceAll(f, "_", " ")
	}
	if kind, named := strings.CutSuffix(d, ".name"); named {
		return t.T("%s, name", list.DistrictName(t, kind))
	}
	return t.T("%s, code", list.DistrictName(t, d))
}

// meaningWord says what a code of a status or a sex means.
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
	case "unknown":
		return t.T("Not known")
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
