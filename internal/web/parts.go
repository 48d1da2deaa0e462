package web

import (
	"github.com/openprecinct/precinct/internal/fault"
)

// components shows every part in every state, for those who build pages and for the tests that look at them.
func components(v *Visit) error {
	h := Head{
		Title:   v.T.T("Components and states"),
		Facts:   v.T.T("One page that shows every part. If a part is not here, it does not exist yet."),
		Crumbs:  []Crumb{{Title: v.T.T("Help"), Href: v.helpPath()}, {Title: v.T.T("For those who build")}},
		Actions: partsActions(v.T),
		Islands: []string{"drop", "live"},
	}
	return v.Page(200, h, partsPage(v, partsFaults()))
}

func partsFaults() fault.Inputs {
	var wrong fault.Inputs
	wrong.Add("youngest", "Youngest age must be a number from 16 to 120. You wrote “%s”.", "18–")
	wrong.Add("party", "Choose at least one party, or take the filter away.")
	return wrong
}

type swatch struct{ name, value, said string }

var swatches = []swatch{
	{"Action", "#07648d", "6.5"}, {"Organizing", "#0b4b3f", "10.0"}, {"Elections office", "#162e51", "13.6"},
	{"Equipment", "#5c410a", "9.5"}, {"Ink", "#1c1d1f", "16.9"}, {"Palest text", "#565c65", "6.7"},
	{"Good", "#216e1f", "6.3"}, {"Look", "#7a591a", "6.4"}, {"Wrong", "#b50909", "7.0"},
}
