//go:build js && wasm

// Command wasm is the planner of audits for browsers: it answers questions without a server.
//
// It gives browsers one function, precinctPlan: from {"lang": "es", "typed": {"ballots": "150,000", …}}, the inputs of the page's form as they were typed, to
// {"hint": …, "wrong": ["a sentence", …], "sheet": …}, both as JSON. The sheet is null where something is wrong.
package main

import (
	"encoding/json"
	"syscall/js"

	"github.com/openprecinct/precinct/election/audit/plan"
	"github.com/openprecinct/precinct/election/planpage/sheet"
	"github.com/openprecinct/precinct/internal/words"
)

type question struct {
	Lang  words.Lang        `json:"lang"`
	Typed map[string]string `json:"typed"`
}

type answer struct {
	Hint  string       `json:"hint"` // what the method does
	Wrong []string     `json:"wrong"`
	Sheet *sheet.Sheet `json:"sheet"`
}

func main() {
	catalog, err := words.NewCatalog(sheet.Spanish)
	if err != nil {
		panic(err)
	}
	js.Global().Set("precinctPlan", js.FuncOf(func(_ js.Value, args []js.Value) any {
		said, err := reply(catalog, args[0].String())
		if err != nil {
			return "" // the page goes on without the module
		}
		return said
	}))
	select {}
}

func reply(catalog *words.Catalog, asked string) (string, error) {
	var q question
	if err := json.Unmarshal([]byte(asked), &q); err != nil {
		return "", err
	}
	t := catalog.In(q.Lang)
	f := sheet.Read(func(name string) string { return q.Typed[name] })
	s, err := f.Answer(t)
	if err != nil {
		return "", err
	}
	a := answer{Hint: sheet.Hint(t, plan.Method(f.Method)), Sheet: s, Wrong: []string{}}
	for _, w := range f.Wrong {
		a.Wrong = append(a.Wrong, t.T(w.Err.Format, w.Err.Args...))
	}
	b, err := json.Marshal(a)
	return string(b), err
}
