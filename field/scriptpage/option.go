package scriptpage

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/web"
)

func mayDefine(v *web.Visit) bool { return v.Actor.May(codebook.PermitDefine) }

// offered turns definitions into options by name: those in use, and those chosen already.
func offered(all map[int64]script.Named, chosen func(id int64) bool) []web.Option {
	var options []web.Option
	for id, d := range all {
		if d.Active || chosen(id) {
			options = append(options, web.Option{Value: strconv.FormatInt(id, 10), Label: d.Name, Chosen: chosen(id)})
		}
	}
	slices.SortFunc(options, func(a, b web.Option) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), strings.Compare(a.Value, b.Value))
	})
	return options
}

func questionOptions(v *web.Visit, w writing, s script.Step) []web.Option {
	all := map[int64]script.Named{}
	for id, q := range w.cat.Questions {
		all[id] = q.Named
	}
	is := s.Question
	if w.madeKind == codebook.Question {
		is = w.made
	}
	return append([]web.Option{{Value: "0", Label: v.T.T("Choose one")}}, offered(all, func(id int64) bool { return id == is })...)
}

func codeOptions(w writing, s script.Step) []web.Option {
	return offered(w.cat.Codes, func(id int64) bool {
		if w.madeKind == codebook.Code && s.Kind == script.Ask {
			return id == w.made
		}
		return slices.Contains(s.Codes, id) || w.madeKind == codebook.Code && id == w.made
	})
}

func eventOptions(v *web.Visit, w writing, s script.Step) []web.Option {
	is := s.Event
	if w.madeKind == codebook.Event {
		is = w.made
	}
	return append([]web.Option{{Value: "0", Label: v.T.T("None")}}, offered(w.cat.Events, func(id int64) bool { return id == is })...)
}

// whenOptions are the answers of an earlier step that s can depend on; those it depends on already stay, offered or not.
func whenOptions(v *web.Visit, w writing, s, earlier script.Step) []web.Option {
	var is []script.Value
	for _, c := range s.When {
		if c.Step == earlier.ID {
			is = append(is, c.Is...)
		}
	}
	values := w.phone.values(earlier)
	for _, x := range is {
		if !slices.Contains(values, x) {
			values = append(values, x)
		}
	}
	var all []web.Option
	for _, x := range values {
		all = append(all, web.Option{Value: earlier.ID + ":" + string(x), Label: earlier.NameOf(v.T, x, string(v.T.Lang), w.cat), Chosen: slices.Contains(is, x)})
	}
	return all
}

// plain is an answer as the codebook has it.
func plain(w writing, s script.Step, a script.Value) string {
	s.Names = nil
	return s.NameOf(w.phone.said, a, "", w.cat)
}
