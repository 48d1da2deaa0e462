package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/person"
)

// A volunteer learns at a door that somebody has moved and says so. Nobody but that volunteer takes it back and no other volunteer reads
// it; the data associate accepts it, and whoever opens the profile reads it beside what the state says.
func TestStoryCorrectAMistake(t *testing.T) {
	e := newEstate(t, "", nil)
	o := e.alpha
	home := fmt.Sprintf("/o/%d/field", o.id)
	profile := fmt.Sprintf("%s/person/%d", home, o.person)
	ask := func(role, method, path string, form url.Values, status int, words ...string) {
		t.Helper()
		res := e.ask(o.session[role], method, path, form)
		if res.Code != status {
			t.Errorf("%s, %s %s: %d, want %d", role, method, path, res.Code, status)
		}
		for _, w := range words {
			if !strings.Contains(res.Body.String(), w) {
				t.Errorf("%s, %s %s does not say %q", role, method, path, w)
			}
		}
	}
	ask("volunteer", "GET", profile+"?purpose=follow-up", nil, http.StatusOK, "Has moved away")
	ask("volunteer", "POST", profile+"/correct", url.Values{"kind": {"moved"}}, http.StatusSeeOther)
	ask("volunteer", "GET", profile, nil, http.StatusOK, "Said to have moved away", "Take back")
	ask("volunteer", "GET", home+"/corrections", nil, http.StatusOK, "Has moved away", "Not judged yet")
	ask("organizer", "GET", home+"/corrections", nil, http.StatusOK, "No correction waits")
	waiting, _, err := field.People(&e.site.Ground).Corrections(context.Background(), o.operator, false)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%d corrections wait, %v", len(waiting), err)
	}
	form := url.Values{"person": {fmt.Sprint(o.person)}, "correction": {waiting[0].ID}, "verdict": {"accept"}}
	ask("organizer", "POST", profile+"/correct/withdraw", form, http.StatusForbidden)
	ask("organizer", "POST", home+"/corrections", form, http.StatusForbidden)
	if res := e.ask(e.bravo.session["data-associate"], "POST", fmt.Sprintf("/o/%d/field/corrections", e.bravo.id), form); res.Code != http.StatusNotFound {
		t.Errorf("another organisation judges: %d", res.Code)
	}
	ask("data-associate", "POST", home+"/corrections", form, http.StatusSeeOther)
	ask("volunteer", "POST", profile+"/correct/withdraw", form, http.StatusConflict)
	ask("volunteer", "GET", home+"/corrections?judged=1", nil, http.StatusOK, "Accepted", "100")
	ask("organizer", "GET", profile+"?purpose=follow-up", nil, http.StatusOK, "Do not knock", "the voter file does not say so yet")

	ask("volunteer", "POST", profile+"/correct", url.Values{"kind": {string(person.HasDied)}}, http.StatusSeeOther)
	waiting, _, err = field.People(&e.site.Ground).Corrections(context.Background(), o.operator, false)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%d corrections wait, %v", len(waiting), err)
	}
	form.Set("correction", waiting[0].ID)
	ask("volunteer", "POST", profile+"/correct/withdraw", form, http.StatusSeeOther)
	ask("volunteer", "GET", home+"/corrections?judged=1", nil, http.StatusOK, "Taken back")
}
