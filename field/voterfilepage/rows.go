package voterfilepage

import (
	"fmt"
	"maps"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// standing is what a form sends for voterfile.KeepStanding, whose own name is empty.
const standing = "standing"

// duplicateOptions are what can become of rows with one voter id.
func duplicateOptions(t words.Translator, chosen voterfile.Duplicates) []web.Option {
	all := []web.Option{
		{Value: standing, Label: t.T("Keep the registration that stands, or the later one")},
		{Value: string(voterfile.KeepFirst), Label: t.T("Keep the first row")},
		{Value: string(voterfile.KeepLast), Label: t.T("Keep the last row")},
		{Value: string(voterfile.KeepNone), Label: t.T("Leave all of them out")},
	}
	for i := range all {
		all[i].Chosen = all[i].Value == ruleName(chosen)
	}
	return all
}

func ruleName(d voterfile.Duplicates) string {
	if d == voterfile.KeepStanding {
		return standing
	}
	return string(d)
}

func parseRule(s string) (voterfile.Duplicates, error) {
	if s == standing {
		s = ""
	}
	return voterfile.ParseDuplicates(s)
}

// rowOptions are the choices for one voter id.
func (i importView) rowOptions(t words.Translator, id string) []web.Option {
	rule, own := i.Report.Choices.ByID[id]
	all := append([]web.Option{{Label: t.T("As for all of them"), Chosen: !own}}, duplicateOptions(t, rule)...)
	for n := range all[1:] {
		all[n+1].Chosen = own && all[n+1].Chosen
	}
	return all
}

// mayChooseRows reports whether the reader may say what becomes of rows with one voter id.
func (i importView) mayChooseRows(v *web.Visit) bool {
	return i.Report.Twice > 0 && i.State == voterfile.StateRehearsed && !i.running() && v.Actor.May(voterfile.PermitImport)
}

// firstOf reports whether row n is the first shown of its voter id: the choice stands there.
func (i importView) firstOf(n int) bool {
	for _, r := range i.rows[:n] {
		if r.Duplicate() && r.Value == i.rows[n].Value {
			return false
		}
	}
	return true
}

func idInput(n int) string                          { return fmt.Sprintf("id-%d", n) }
func rowInput(n int) string                         { return fmt.Sprintf("row-%d", n) }
func rowLabel(t words.Translator, id string) string { return t.T("Rows with the voter id %s", id) }

// choices reads what a person chose; ids that the page did not show keep what was chosen before.
func (i importView) choices(v *web.Visit) (voterfile.Choices, error) {
	c := voterfile.Choices{Duplicates: i.Report.Choices.Duplicates, ByID: maps.Clone(i.Report.Choices.ByID)}
	if c.ByID == nil {
		c.ByID = map[string]voterfile.Duplicates{}
	}
	var err error
	if s := v.Value("duplicates"); s != "" {
		if c.Duplicates, err = parseRule(s); err != nil {
			return c, err
		}
	}
	for n := range rowsShown {
		id := v.R.FormValue(idInput(n))
		if id == "" {
			continue
		}
		delete(c.ByID, id)
		if s := v.Value(rowInput(n)); s != "" {
			if c.ByID[id], err = parseRule(s); err != nil {
				return c, err
			}
		}
	}
	if len(c.ByID) == 0 {
		c.ByID = nil
	}
	return c, nil
}
