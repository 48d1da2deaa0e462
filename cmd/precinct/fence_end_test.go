package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/org"
)

// TestFenceEndsAtOnce: what is taken away is gone with the next request.
func TestFenceEndsAtOnce(t *testing.T) {
	e := newEstate(t, "", nil)
	people, err := e.site.Orgs.People(t.Context(), e.alpha.operator)
	if err != nil {
		t.Fatal(err)
	}
	seat := func(name string) string {
		for _, m := range people {
			if m.Account == e.alpha.account[name] {
				return fmt.Sprintf("/o/%d/org/person/%d", e.alpha.id, m.ID)
			}
		}
		t.Fatalf("nobody is %s", name)
		return ""
	}
	home, admin := fmt.Sprintf("/o/%d", e.alpha.id), e.alpha.session[org.Administrator]
	act := func(session, path string, form url.Values) {
		t.Helper()
		if res := e.ask(session, "POST", path, form); res.Code != http.StatusSeeOther || strings.HasPrefix(res.Header().Get("Location"), "/confirm") {
			t.Fatalf("%s: %d to %q\n%.300s", path, res.Code, res.Header().Get("Location"), res.Body)
		}
	}
	status := func(session, path string, want int) {
		t.Helper()
		res := e.ask(session, "GET", path, nil)
		if res.Code != want || want == http.StatusSeeOther && !toSignIn(res.Code, res.Header()) {
			t.Errorf("%s: %d to %q, want %d", path, res.Code, res.Header().Get("Location"), want)
		}
	}
	status(e.alpha.session["organizer"], home+"/field/person", http.StatusOK)
	act(admin, seat("organizer")+"/end", url.Values{})
	status(e.alpha.session["organizer"], home+"/field/person", http.StatusSeeOther)

	status(e.alpha.session["data-associate"], home+"/field/voterfile", http.StatusOK)
	act(admin, seat("data-associate"), url.Values{"role": {"volunteer"}, "until": {time.Now().AddDate(0, 6, 0).Format(time.DateOnly)}})
	if res := e.ask(e.alpha.session["data-associate"], "GET", home+"/field/voterfile", nil); res.Code != http.StatusForbidden && !toSignIn(res.Code, res.Header()) {
		t.Errorf("with another role: %d", res.Code)
	}

	status(e.alpha.session["volunteer"], home+"/field", http.StatusOK)
	act(e.alpha.session["volunteer"], "/sign-out", url.Values{})
	status(e.alpha.session["volunteer"], home+"/field", http.StatusSeeOther)

	status(e.bravo.session[org.Administrator], fmt.Sprintf("/o/%d", e.bravo.id), http.StatusOK)
	act(e.table.session[org.Administrator], fmt.Sprintf("/o/%d/org/partner/%d/end", e.table.id, e.bravo.id), url.Values{})
	status(e.bravo.session[org.Administrator], fmt.Sprintf("/o/%d", e.bravo.id), http.StatusSeeOther)
	res := e.ask(admin, "GET", home, nil)
	if res.Code != http.StatusOK {
		t.Errorf("the other partner: %d", res.Code)
	}
}

// TestFenceWhoHasAnAccount: nobody learns from an answer whether an email address has an account here.
func TestFenceWhoHasAnAccount(t *testing.T) {
	e := newEstate(t, "", nil)
	for _, c := range []struct {
		path string
		form url.Values
	}{
		{"/sign-in", url.Values{"password": {"wrong horse battery"}, "code": {"123456"}}},
		{"/recover", url.Values{}},
	} {
		var said []string
		for _, email := range []string{e.alpha.emails[0], strings.Repeat("x", len(e.alpha.emails[0])-len("@people.example")) + "@people.example"} {
			c.form.Set("email", email)
			res := e.ask("", "POST", c.path, c.form)
			said = append(said, fmt.Sprint(res.Code, strings.ReplaceAll(res.Body.String(), email, "EMAIL")))
		}
		if said[0] != said[1] {
			t.Errorf("%s answers %.20q for an account and %.20q for none", c.path, said[0], said[1])
		}
	}
}
