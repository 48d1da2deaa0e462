package list

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The documentation of the form shows every kind of condition and every step, and all it shows may be asked.
func TestTheDocumentedFormIsTheForm(t *testing.T) {
	text, err := os.ReadFile("../../docs/criteria.md")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, m := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		form := m[1]
		if !strings.Contains(form, `"version"`) {
			form = `{"version": 1, "steps": [{"do": "start", "where": ` + form + `}]}`
		}
		c, err := Parse([]byte(form))
		if err != nil {
			t.Errorf("%s: %v", m[1], err)
			continue
		}
		if _, err := Check(c, world()); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
		b, err := json.Marshal(c)
		if err != nil {
			t.Error(err)
		}
		all += string(b)
	}
	kinds := []string{"all", "any", "none", "lives_with"}
	for k := range criterions {
		kinds = append(kinds, string(k))
	}
	for _, k := range kinds {
		if !strings.Contains(all, `"`+k+`":`) {
			t.Errorf("no example of %q", k)
		}
	}
	for _, d := range []Do{Start, Add, Narrow, Remove, Households, OnePerHousehold, Sample, Part} {
		if !strings.Contains(all, `"do":"`+string(d)+`"`) {
			t.Errorf("no example of the step %q", d)
		}
	}
	for _, a := range Attrs() {
		if !strings.Contains(string(text), "`"+string(a)) {
			t.Errorf("the attribute %q is not named", a)
		}
	}
}
