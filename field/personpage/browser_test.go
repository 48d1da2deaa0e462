package personpage

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// TestPagesInTheBrowser looks at every page of people in Chromium, wide and narrow, in both languages: no violation of WCAG 2.2 AA,
// nothing wider than the screen, nothing that the content policy had to stop.
func TestPagesInTheBrowser(t *testing.T) {
	tab := webtest.Browser(t).Tab(t)
	s := newSite(t, state)
	name, id := somebody(t, s.people.DB())
	one := "/o/3/field/person/" + id
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session=data-associate; path=/'")
	tab.Look("person-ask", s.URL+one)
	s.find(t, "data-associate", "purpose=question&q="+name)
	s.post(t, "data-associate", one+"/note", url.Values{"note": {"Prefers mornings. Side stair, buzzer broken."}})
	s.post(t, "data-associate", one+"/suppress", url.Values{"channel": {"phone"}, "reason": {"Asked at the door"}})
	number, _ := db.One[string](db.WithSite(context.Background()), s.people.DB(), `SELECT number FROM field_phone WHERE person_id = ?`, id)
	for _, said := range []url.Values{
		{"kind": {"moved"}}, {"kind": {"phone_kind work"}, "about": {number}}, {"kind": {"name"}, "should": {"Ana María Peña-Quiñones"}, "why": {"Told at the door"}},
		{"kind": {"address"}, "should": {"1140 N Cedar St Apt 3B"}},
	} {
		if status, page := s.post(t, "data-associate", one+"/correct", said); status != 303 {
			t.Errorf("correcting %v: %d\n%.300s", said, status, page)
		}
	}
	s.post(t, "data-associate", one+"/email", url.Values{"email": {"ana.maria.pena-quinones@mail.example.org"}})
	tab.Look("corrections", s.URL+"/o/3/field/corrections")
	tab.Look("corrections-judged", s.URL+"/o/3/field/corrections?judged=1")
	for page, path := range map[string]string{"today": "/o/3/field", "person-look-up": "/o/3/field/person", "person-found": "/o/3/field/person/last", "person-profile": one, "person-looks": one + "/looks"} {
		tab.Look(page, s.URL+path)
	}
	s.find(t, "data-associate", "q=xyzzy+plugh")
	tab.Look("person-nobody", s.URL+"/o/3/field/person/last")
	for _, width := range []int64{webtest.Desk, webtest.Phone} {
		tab.Size(width, 900)
		tab.Open(s.URL + "/o/3/field/person")
		tab.Do(chromedp.SetValue(chromedp.CSS(`main [name="q"]`), "…"))
		tab.Click(`main form[role="search"] button`)
		tab.Do(chromedp.WaitVisible(chromedp.CSS(`[aria-invalid="true"]`)))
		tab.Overflow()
		tab.Axe()
	}
	for _, width := range []int64{webtest.Desk, webtest.Phone} {
		tab.Size(width, 900)
		tab.Open(s.URL + one)
		webtest.Eval[int](tab, "document.querySelectorAll('details').forEach(d => { d.open = true }) || 1")
		tab.Overflow()
		tab.Axe()
	}
	tab.Size(webtest.Desk, 900)
	tab.Open(s.URL + one + "?lang=en")
	for _, stop := range tab.Stops(60) {
		if !stop.Ring {
			t.Errorf("nothing shows that %q has the focus", stop.Name)
		}
	}
}

// TestLookUpAVoter is the job as it is done: a name heard on the phone, typed with a mistake, found, opened for a purpose, a wish noted.
func TestLookUpAVoter(t *testing.T) {
	tab := webtest.Browser(t).Tab(t)
	s := newSite(t, town)
	tab.Size(webtest.Desk, 900)
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session=organizer; path=/'")
	tab.Open(s.URL + "/o/3/field")
	tab.Type("#find", "roza agiular\r")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("main .note")))
	if got := tab.Text("main .note"); !strings.Contains(got, "Say why you look") {
		t.Errorf("without a purpose: %q", got)
	}
	tab.Do(chromedp.SetValue(chromedp.CSS("#purpose"), "follow-up"))
	tab.Click("main .btn.go")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("main table")))
	if got := tab.Text("main tbody tr"); !strings.Contains(got, "Aguilar, Rosa Elena") || !strings.Contains(got, "Spelled almost like this") {
		t.Errorf("found %q", got)
	}
	tab.Click("main tbody a")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#reach")))
	if got := tab.Text("h1"); got != "Aguilar, Rosa Elena" {
		t.Errorf("opened %q", got)
	}
	tab.Type("#note", "Prefers mornings.")
	tab.Click("#notes button")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#notes .time")))
	if got := tab.Text("#notes .time"); !strings.Contains(got, "Prefers mornings.") {
		t.Errorf("the note reads %q", got)
	}
	if got := tab.Text("main"); !strings.Contains(got, "Your purpose: To follow up after a contact.") {
		t.Error("the page does not say what the look was for")
	}
}

// somebody returns the name and id of a person with a household, a phone and many votes.
func somebody(t *testing.T, d *db.DB) (name, id string) {
	t.Helper()
	type row struct {
		Name string `db:"name"`
		ID   string `db:"id"`
	}
	r, err := db.One[row](db.WithSite(context.Background()), d, `SELECT first_name || '+' || last_name AS name, CAST(p.person_id AS TEXT) AS id FROM field_person p
		JOIN field_vote v ON v.person_id = p.person_id JOIN field_phone h ON h.person_id = p.person_id
		WHERE p.status = 'active' AND p.confidential = 0 AND p.household_key IN (SELECT household_key FROM field_person GROUP BY household_key HAVING COUNT(*) = 3)
		AND p.last_name NOT LIKE '% %' AND p.first_name NOT LIKE '% %' GROUP BY p.person_id, first_name, last_name ORDER BY COUNT(*) DESC LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	return r.Name, r.ID
}
