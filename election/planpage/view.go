package planpage

import (
	"github.com/openprecinct/precinct/election/audit/plan"
	"github.com/openprecinct/precinct/election/planpage/sheet"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// methodWord names a method.
func methodWord(t words.Translator, m plan.Method) string {
	switch m {
	case plan.BRAVO:
		return t.T("Ballot polling, BRAVO")
	case plan.Minerva:
		return t.T("Ballot polling, Minerva")
	case plan.Providence:
		return t.T("Ballot polling, Providence")
	case plan.AlphaPolling:
		return t.T("Ballot polling, ALPHA")
	case plan.SuperSimple:
		return t.T("Ballot comparison, Kaplan-Markov")
	case plan.AlphaComparison:
		return t.T("Ballot comparison, ALPHA")
	default:
		return t.T("Batch comparison, MACRO")
	}
}

func methodOptions(t words.Translator) []web.Option {
	var all []web.Option
	for _, m := range []plan.Method{plan.AlphaComparison, plan.SuperSimple, plan.MACRO, plan.BRAVO, plan.Minerva, plan.Providence, plan.AlphaPolling} {
		all = append(all, web.Option{Value: string(m), Label: methodWord(t, m)})
	}
	return all
}

func figures(s *sheet.Sheet) []web.Figure {
	var all []web.Figure
	for _, f := range s.Figures {
		all = append(all, web.Figure(f))
	}
	return all
}

func columns(t sheet.Table) []web.Column {
	var all []web.Column
	for i, label := range t.Columns {
		all = append(all, web.Column{Label: label, Number: i > 0})
	}
	return all
}
