package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/web"
)

// An official asks what an audit of a close contest would cost, learns that one kind of audit would be a full count, takes another, and gets the same answer
// at the command line.
func TestStoryPlan(t *testing.T) {
	p := startFor(t, db.Config{Dir: t.TempDir()}, web.Office, "Halden County Elections")
	o := p.owner()
	o.goTo("/o/1/election/plan")
	o.see("No question yet")
	o.check("plan to ask")
	o.checkSpanish("plan to ask")
	o.press("Say what it costs")
	o.fill("ballots", "150,000")
	o.fill("margin", "0.4")
	o.fill("method", "bravo")
	o.fill("counties", "Halden, 110000, 3\nBrandt Creek, 39000")
	o.press("Say what it costs")
	o.see("These numbers contradict each other")
	o.check("plan that cannot be")
	o.checkSpanish("plan that cannot be")
	o.fill("counties", "Halden, 110000, 3\nBrandt Creek, 40000")
	o.press("Say what it costs")
	o.see("Count every ballot by hand")
	o.check("plan of a full count")
	o.checkSpanish("plan of a full count")
	o.fill("method", "alpha-comparison")
	o.fill("margin", "2.5")
	o.press("Say what it costs")
	o.see("Work in each county")
	o.see("Brandt Creek")
	o.check("plan")
	o.checkSpanish("plan")

	var out bytes.Buffer
	if code := run(t.Context(), strings.Fields("election audit plan --ballots 150000 --margin 0.4 --method bravo"), streams{&out, &out}); code != 0 || !strings.Contains(out.String(), "a full count") {
		t.Errorf("%d: %s", code, out.String())
	}
}

// What an office site shows is closed to whoever is not signed in.
func TestOfficePagesAskWhoIsThere(t *testing.T) {
	p := startFor(t, db.Config{Dir: t.TempDir()}, web.Office, "Halden County Elections")
	for _, program := range programs(web.Office) {
		for _, r := range program.Open(&p.site.Ground).Routes {
			at := strings.ReplaceAll(r.Path, "{org}", "1")
			q, err := http.NewRequestWithContext(t.Context(), r.Method, p.site.Origin+at, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(q)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			if err := answer.Body.Close(); err != nil || answer.StatusCode == http.StatusOK {
				t.Errorf("%s %s: %d, %v", r.Method, r.Path, answer.StatusCode, err)
			}
		}
	}
}
