package orgpage_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/orgpage"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

func table(t *testing.T) *webtest.Table {
	t.Helper()
	c := web.Config{Nav: orgpage.Nav, Assets: []fs.FS{fstest.MapFS{}}}
	return webtest.NewTable(t, c, orgpage.Routes, orgpage.Spanish)
}

// populated is a table with people of every kind the user audit knows.
func populated(t *testing.T) (*webtest.Table, []org.Membership) {
	t.Helper()
	s := table(t)
	ctx := context.Background()
	for _, p := range [][2]string{{"Maribel Ocampo", "maribel@halden.example"}, {"Desmond Pruitt", "desmond@halden.example"}, {"=Ana Fofanah", "ana@halden.example"}} {
		s.Admit(s.Org, p[0], p[1], "member")
	}
	s.Pass(61 * 24 * time.Hour)
	admin := s.Admin()
	s.Admit(s.Org, "Lucía Sandoval", "lucia@halden.example", "member")
	all, err := s.Orgs.People(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Email == "desmond@halden.example" {
			if err := s.Orgs.Change(ctx, admin, m.ID, "member", s.Now().Add(9*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err = s.Orgs.Invite(ctx, admin, org.Invitee{Name: "Bea Ruiz", Email: "bea@halden.example", Role: "member"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Orgs.AddPartner(ctx, admin, org.Partner, "Lakeshore Neighbors", org.Invitee{Name: "Rosa Aguilar", Email: "rosa@lakeshore.example"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Orgs.MakeRole(ctx, admin, "", "Door captain", "Sends people out and sees who is here", nil); err == nil {
		t.Fatal("a role without rights was made")
	}
	if _, err := s.Orgs.MakeRole(ctx, admin, "", "Door captain", "Sends people out and sees who is here", org.Roles[1].Permits); err != nil {
		t.Fatal(err)
	}
	folder, err := s.Orgs.PutFolder(ctx, admin, 0, "Spanish scripts")
	if err != nil {
		t.Fatal(err)
	}
	group, err := s.Orgs.PutGroup(ctx, admin, 0, "East side", []account.ID{all[0].Account, all[1].Account})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Orgs.PutShare(ctx, admin, folder, org.Share{Kind: "group", Target: int64(group), MayChange: true}); err != nil {
		t.Fatal(err)
	}
	return s, all
}

func at(s *webtest.Table, path string) string { return fmt.Sprintf("%s/o/%d%s", s.URL, s.Org, path) }

func member(t *testing.T, all []org.Membership, email string) org.Membership {
	t.Helper()
	for _, m := range all {
		if m.Email == email {
			return m
		}
	}
	t.Fatalf("nobody is %s", email)
	return org.Membership{}
}

// await waits until a whole page holds selector.
func await(t *testing.T, tab *webtest.Tab, selector string) {
	t.Helper()
	for range 200 {
		ok, err := chromedp.Run(tab.Ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.readyState === 'complete' && !!document.querySelector(%q)", selector)))
		if err == nil && ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s never comes; %s says: %s", selector, tab.Path(), tab.Text("main"))
}

func TestInviteAPartner(t *testing.T) {
	s := table(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Size(1440, 900)
	s.Enter(tab, s.Dolores)
	tab.Open(at(s, "/org/partner"))
	tab.Click("main .empty a")
	await(t, tab, "#org")
	tab.Type("#org", "Lakeshore Neighbors")
	tab.Type("#name", "Maribel Ocampo")
	tab.Type("#email", "not an address@x.org")
	webtest.Eval[bool](tab, `document.querySelector("main form").noValidate = true`)
	tab.Click("main form button")
	await(t, tab, "#faults a[href='#email']")
	if got := webtest.Eval[string](tab, `document.querySelector("#org").value`); got != "Lakeshore Neighbors" {
		t.Errorf("the form forgot the name: %q", got)
	}
	tab.Do(chromedp.SetValue(chromedp.CSS("#email"), "maribel@lakeshore.example"))
	tab.Click("main form button")
	await(t, tab, "#link")
	link := webtest.Eval[string](tab, `document.querySelector("#link").value`)
	mails := s.Mails()
	if len(mails) != 1 || mails[0].To != "maribel@lakeshore.example" || !strings.Contains(mails[0].Text, link) {
		t.Errorf("the mail does not bring %s: %+v", link, mails)
	}
	tab.Open(at(s, "/org/partner"))
	if got := tab.Text("main tbody"); !strings.Contains(got, "Lakeshore Neighbors") {
		t.Errorf("the partners are %q", got)
	}
}

func TestEndAUsersAccess(t *testing.T) {
	s, all := populated(t)
	maribel, ana := member(t, all, "maribel@halden.example"), member(t, all, "ana@halden.example")
	token := s.Token(maribel.Account)
	tab := webtest.Browser(t).Tab(t)
	tab.Size(1440, 900)
	s.Enter(tab, s.Dolores)
	tab.Open(at(s, "/org/audit?sign=dormant"))
	tab.Click(fmt.Sprintf(`form[action$="/person/%d/end"] button`, maribel.ID))
	await(t, tab, fmt.Sprintf(`main nav.filter:not(:has(~ * form[action$="/person/%d/end"]))`, maribel.ID))
	s.Dead(t, token, fmt.Sprintf("/o/%d", s.Org), "one click later")
	if got := tab.Text("main"); strings.Contains(got, "Maribel") {
		t.Errorf("the audit still lists her: %q", got)
	}

	tab.Open(at(s, "/org/person"))
	tab.Click(fmt.Sprintf(`input[name="member"][value="%d"]`, ana.ID))
	tab.Click("main .bad.btn")
	await(t, tab, `input[name="sure"]`)
	if got := tab.Text("h1"); got != "End the access of 1 person?" {
		t.Errorf("the question is %q", got)
	}
	tab.Click("main .bad.go")
	await(t, tab, "main table")
	if got := tab.Text("main table"); strings.Contains(got, "Ana") {
		t.Errorf("the people are %q", got)
	}
}

func TestAuditAsCSV(t *testing.T) {
	s, _ := populated(t)
	res, err := s.Client(t, s.Token(s.Dolores)).Get(at(s, "/org/audit.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
	if err != nil || len(rows) != 6 || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d rows, %v, %q", len(rows), err, res.Header.Get("Content-Disposition"))
	}
	if !strings.Contains(string(body), "'=Ana Fofanah") {
		t.Errorf("the formula is not made harmless:\n%s", body)
	}
}

func TestDangerAsksForAFactorFirst(t *testing.T) {
	s := table(t)
	token := s.Token(s.Dolores)
	s.Pass(account.FactorTime + time.Minute)
	c := s.Client(t, token)
	for _, path := range []string{"/org/invite", "/org/role/edit", "/org/partner/add"} {
		res, err := c.Get(at(s, path))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		want := "/confirm?next=" + url.QueryEscape(fmt.Sprintf("/o/%d%s", s.Org, path))
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != want {
			t.Errorf("%s: %d to %s, want %s", path, res.StatusCode, res.Header.Get("Location"), want)
		}
	}
}

func TestRoutesRefuse(t *testing.T) {
	s := table(t)
	ctx := context.Background()
	other, _, err := s.Orgs.AddPartner(ctx, s.Admin(), org.Partner, "Lakeshore", org.Invitee{Name: "R", Email: "r@lakeshore.example"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.Orgs.MakeRole(ctx, s.Admin(), "", "Nobody", "", org.Roles[1].Permits)
	if err != nil {
		t.Fatal(err)
	}
	bare := s.Admit(s.Org, "Bare", "bare@halden.example", key)
	var routes []web.Route
	for _, r := range orgpage.Routes(s.Accounts, s.Orgs) {
		if r.Permit != org.PermitPeople { // the least role there is holds it
			routes = append(routes, r)
		}
	}
	webtest.Refusing{
		URL: s.URL, Routes: routes, SignIn: "/sign-in",
		Bare: func() *http.Client { return s.Client(t, s.Token(bare)) }, Home: int64(s.Org), Other: int64(other), Nowhere: 9999,
	}.Exercise(t)
}

// TestHowItLooks opens every page at phone and desk width in both languages. PRECINCT_SHOTS keeps the pictures.
func TestHowItLooks(t *testing.T) {
	s, all := populated(t)
	pages := map[string]string{
		"home": "", "people": "/org/person", "invite": "/org/invite", "person": fmt.Sprintf("/org/person/%d", all[2].ID),
		"audit": "/org/audit", "audit-shared": "/org/audit?sign=shared", "roles": "/org/role", "role": "/org/role/edit?role=own-1", "groups": "/org/group", "group": "/org/group/edit?group=1",
		"folders": "/org/folder", "folder": "/org/folder/1", "partners": "/org/partner", "partner": "/org/partner/add",
	}
	tab := webtest.Browser(t).Tab(t)
	s.Enter(tab, s.Dolores)
	for _, lang := range []string{"en", "es"} {
		for _, width := range []int64{1440, 360} {
			tab.Size(width, 900)
			for name, path := range pages {
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				tab.Open(at(s, path) + sep + "lang=" + lang)
				tab.Overflow()
				tab.Axe()
				if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
					tab.Shot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, lang, width)))
				}
			}
			tab.Open(at(s, "/org/person"))
			tab.Do(chromedp.SetValue(chromedp.CSS(`main [name="q"]`), "xyz"))
			tab.Click(`main form[role="search"] button`)
			tab.Do(chromedp.WaitVisible(chromedp.CSS(`main a[href="/o/1/org/person"]`)))
			tab.Overflow()
			tab.Axe()
		}
	}
}
