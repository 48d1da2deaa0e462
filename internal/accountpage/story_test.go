package accountpage_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/accountpage"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// table is a site with the pages of this package and one page of an organisation.
func table(t *testing.T) *webtest.Table {
	t.Helper()
	c := web.Config{
		Assets: []fs.FS{accountpage.Built},
		Routes: []web.Route{{Method: "GET", Path: "/o/{org}", Permit: permit.SignedIn, Handle: func(v *web.Visit) error {
			return v.Page(http.StatusOK, web.Head{Title: "Today"}, web.Text("inside"))
		}}, {Method: "GET", Path: "/o/{org}/danger", Permit: org.PermitInvite, Handle: func(v *web.Visit) error {
			return v.Page(http.StatusOK, web.Head{Title: "Danger"}, web.Text("inside"))
		}}},
	}
	return webtest.NewTable(t, c, accountpage.Routes, accountpage.Spanish)
}

func home(s *webtest.Table) string { return fmt.Sprintf("/o/%d", s.Org) }

// arrive waits until the tab shows a page of this path.
func arrive(t *testing.T, tab *webtest.Tab, path string) {
	t.Helper()
	for range 200 {
		at, err := chromedp.Run(tab.Ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? location.pathname : ""`))
		if err == nil && at == path {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the tab is at %s, want %s; it says: %s", tab.Path(), path, tab.Text("main"))
}

// await waits until a whole page holds selector. Unlike an action of the browser it survives the change of pages.
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

func TestFirstSignInByInvitation(t *testing.T) {
	s := table(t)
	link, err := s.Orgs.Invite(context.Background(), s.Admin(), org.Invitee{Name: "Maribel Ocampo", Email: "maribel@lakeshore.example", Role: "member"})
	if err != nil {
		t.Fatal(err)
	}
	tab := webtest.Browser(t).Tab(t)
	tab.Open(link)
	tab.Authenticator()
	tab.Click("main form button")
	arrive(t, tab, "/account/first")

	tab.Open(s.URL + home(s)) // nothing opens before the passkey
	arrive(t, tab, "/account/first")
	tab.Click(`button[data-passkey="create"]`)
	await(t, tab, `form[action="/account/codes"]`)
	tab.Click(`form[action="/account/codes"] button`)
	await(t, tab, `.codes`)
	if got := len(strings.Fields(tab.Text(".codes"))); got < 10 {
		t.Errorf("%d recovery codes on the page, want 10", got)
	}
	tab.Click("main a.btn")
	arrive(t, tab, home(s))

	signOut(tab)
	arrive(t, tab, "/sign-in")
	tab.Open(s.URL + home(s))
	arrive(t, tab, "/sign-in")
	tab.Click(`button[data-passkey="get"]`)
	arrive(t, tab, home(s)) // back where the reader wanted to go
}

func signOut(tab *webtest.Tab) {
	webtest.Eval[bool](tab, `document.querySelector('form[action="/sign-out"]').requestSubmit(), true`)
}

func TestASecondKeyAndTheEndOfTheFirst(t *testing.T) {
	s := table(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Size(1440, 900)
	tab.Open(s.Link(s.Dolores, false))
	tab.Authenticator()
	tab.Click("main form button")
	arrive(t, tab, "/account/first")
	tab.Click(`button[data-passkey="create"]`)
	await(t, tab, `form[action="/account/codes"]`)
	elsewhere := s.Token(s.Dolores)

	tab.Open(s.URL + "/account")
	_, err := chromedp.Call(tab.Ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	if err != nil {
		t.Fatal(err)
	}
	tab.Do(chromedp.SetValue(chromedp.CSS("#key-name"), "Blue key ring"))
	tab.Click(`button[data-hint="security-key"]`)
	await(t, tab, "main section:first-of-type tbody tr:nth-child(2)")
	if got := tab.Text("main table"); !strings.Contains(got, "Blue key ring") {
		t.Errorf("the keys are %q", got)
	}
	s.Dead(t, elsewhere, home(s), "after a new key, another browser")

	elsewhere = s.Token(s.Dolores)
	tab.Click("main tbody tr:nth-child(1) summary")
	tab.Click(`main tbody tr:nth-child(1) form[action$="/remove"] button`)
	await(t, tab, "main section:first-of-type tbody tr:only-child")
	if got := tab.Text("main table"); !strings.Contains(got, "Blue key ring") || strings.Contains(got, "Remove this key") {
		t.Errorf("after removing the first, the keys are %q", got)
	}
	s.Dead(t, elsewhere, home(s), "after a key was removed, another browser")

	s.Pass(account.FactorTime + time.Minute)
	tab.Open(s.URL + home(s) + "/danger")
	arrive(t, tab, "/confirm")
	tab.Click(`button[data-passkey="get"]`)
	arrive(t, tab, home(s)+"/danger")
}

func TestPasswordAndCode(t *testing.T) {
	s := table(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.Link(s.Dolores, false))
	tab.Click("main form button")
	arrive(t, tab, "/account/first")
	tab.Open(s.URL + "/account/fallback")
	seed := strings.ReplaceAll(tab.Text("main code"), " ", "")
	tab.Type("#password", "password1234")
	tab.Type("#code", "000000")
	tab.Click(`form[action="/account/fallback"] button`)
	await(t, tab, "#faults")
	if again := strings.ReplaceAll(tab.Text("main code"), " ", ""); again != seed {
		t.Errorf("the key changed from %s to %s under the reader's hands", seed, again)
	}
	const password = "copper lantern orchard weather"
	tab.Type("#password", password)
	tab.Type("#code", code(t, seed, s.Now()))
	tab.Click(`form[action="/account/fallback"] button`)
	arrive(t, tab, "/account")
	signOut(tab)
	arrive(t, tab, "/sign-in")

	s.Pass(time.Minute) // to a code that was not used
	try := func(typed string) {
		tab.Click("main details summary")
		tab.Type("#email", "Dolores@halden.example")
		tab.Type("#password", password)
		tab.Type("#code", typed)
		tab.Click(`form[action="/sign-in"] button`)
	}
	try("123")
	await(t, tab, "#faults")
	tab.Open(s.URL + "/sign-in")
	try(code(t, seed, s.Now()))
	arrive(t, tab, home(s))

	s.Pass(account.FactorTime + time.Minute)
	tab.Open(s.URL + home(s) + "/danger")
	arrive(t, tab, "/confirm")
	tab.Type("#password", password)
	tab.Type("#code", code(t, seed, s.Now()))
	tab.Click(`form[action="/confirm"] button`)
	arrive(t, tab, home(s)+"/danger")
}

func code(t *testing.T, seed string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(seed, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// post sends a form and returns the status and where it leads.
func post(t *testing.T, c *http.Client, to string, form url.Values) (int, string) {
	t.Helper()
	res, err := c.PostForm(to, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode, res.Header.Get("Location")
}

func TestLockOut(t *testing.T) {
	s := table(t)
	c := s.Client(t, "")
	got := []int{}
	for range 6 {
		status, _ := post(t, c, s.URL+"/sign-in", url.Values{"email": {"dolores@halden.example"}, "password": {"not the password"}, "code": {"123456"}})
		got = append(got, status)
	}
	if want := "[422 422 422 422 422 429]"; fmt.Sprint(got) != want {
		t.Errorf("answers %v, want %s", got, want)
	}
}

func TestSessionsDieAtOnce(t *testing.T) {
	s := table(t)
	bea := s.Admit(s.Org, "Bea Ruiz", "bea@halden.example", "member")
	all, err := s.Orgs.Of(context.Background(), bea)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	token := s.Token(bea)
	if err := s.Orgs.Change(context.Background(), s.Admin(), all[0].ID, org.Administrator, all[0].Expires); err != nil {
		t.Fatal(err)
	}
	s.Dead(t, token, home(s), "after a role change")

	token = s.Token(bea)
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		return s.Accounts.Disable(ctx, tx, ledger.Who{Via: "command"}, bea)
	})
	s.Dead(t, token, home(s), "after the account was disabled")
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		return s.Accounts.Enable(ctx, tx, ledger.Who{Via: "command"}, bea)
	})

	token = s.Token(bea)
	if _, err := s.Orgs.End(context.Background(), s.Admin(), all[0].ID); err != nil {
		t.Fatal(err)
	}
	s.Dead(t, token, home(s), "after the access was ended")

	token = s.Token(s.Dolores)
	c := s.Client(t, token)
	if status, to := post(t, c, s.URL+"/sign-out", nil); status != http.StatusSeeOther || to != "/sign-in" {
		t.Errorf("signing out answers %d to %s", status, to)
	}
	s.Dead(t, token, home(s), "after signing out")
}

func TestRecovery(t *testing.T) {
	s := table(t)
	browser := webtest.Browser(t)
	tab := browser.Tab(t)
	tab.Open(s.Link(s.Dolores, true))
	tab.Click("main form button")
	arrive(t, tab, home(s))
	tab.Open(s.URL + "/account")
	tab.Click(`form[action="/account/codes"] button`)
	await(t, tab, ".codes")
	recovery := tab.Text(".codes li code")

	tab = browser.Tab(t) // another device
	for _, email := range []string{"nobody@halden.example", "dolores@halden.example"} {
		tab.Open(s.URL + "/recover")
		tab.Type("#email", email)
		tab.Click("main form button")
		await(t, tab, ".note.ok")
		if got := strings.ReplaceAll(tab.Text(".note.ok"), email, "X"); !strings.Contains(got, "If X has an account here") {
			t.Errorf("%s: the page says %q", email, got)
		}
	}
	mails := s.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails, want 1", len(mails))
	}
	_, token, _ := strings.Cut(mails[0].Text, "token=")
	token, _, _ = strings.Cut(token, "\n")
	tab.Open(s.URL + "/recover/link?token=" + token)
	tab.Type("#code", strings.ToLower(recovery))
	tab.Click("main form button")
	arrive(t, tab, "/account")
}

// TestHowItLooks opens every page at phone and desk width in both languages. PRECINCT_SHOTS keeps the pictures.
func TestHowItLooks(t *testing.T) {
	s := table(t)
	admin := s.Admin()
	link, err := s.Orgs.Invite(context.Background(), admin, org.Invitee{Name: "Maribel Ocampo", Email: "maribel@lakeshore.example", Role: "member"})
	if err != nil {
		t.Fatal(err)
	}
	outside := map[string]string{"sign-in": "/sign-in", "recover": "/recover", "invitation": strings.TrimPrefix(link, s.URL), "link": strings.TrimPrefix(s.Link(s.Dolores, true), s.URL)}
	inside := map[string]string{"account": "/account", "first": "/account/first", "fallback": "/account/fallback"}
	browser := webtest.Browser(t)
	out, in := browser.Tab(t), browser.Tab(t)
	s.Enter(in, s.Dolores)
	s.Token(s.Dolores)
	for _, lang := range []string{"en", "es"} {
		for _, width := range []int64{1440, 360} {
			look(out, s, outside, lang, width)
			look(in, s, inside, lang, width)
			in.Open(s.URL + "/account")
			in.Click(`form[action="/account/codes"] button`)
			await(t, in, ".codes")
			shot(in, "codes", lang, width)
		}
	}
}

func look(tab *webtest.Tab, s *webtest.Table, pages map[string]string, lang string, width int64) {
	tab.Size(width, 900)
	for name, path := range pages {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		tab.Open(s.URL + path + sep + "lang=" + lang)
		shot(tab, name, lang, width)
	}
}

func shot(tab *webtest.Tab, name, lang string, width int64) {
	tab.Overflow()
	tab.Axe()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, lang, width)))
	}
}

func TestRoutesRefuse(t *testing.T) {
	s := table(t)
	bea := s.Admit(s.Org, "Bea Ruiz", "bea@halden.example", "member")
	webtest.Refusing{
		URL: s.URL, Routes: accountpage.Routes(s.Accounts, s.Orgs), SignIn: "/sign-in",
		Bare: func() *http.Client { return s.Client(t, s.Token(bea)) }, Home: int64(s.Org), Other: 9998, Nowhere: 9999,
	}.Exercise(t)
}

// Nothing that is sent as a cookie is anything but a session or none.
func FuzzSessionCookie(f *testing.F) {
	f.Add("")
	f.Add("x")
	f.Add(strings.Repeat("A", 43))
	f.Add(strings.Repeat("A", 43) + "; session=x")
	s := webtest.NewTable(f, web.Config{Assets: []fs.FS{accountpage.Built}}, accountpage.Routes, accountpage.Spanish)
	f.Fuzz(func(t *testing.T, value string) {
		req, err := http.NewRequest(http.MethodGet, s.URL+"/account", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", "session="+strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return -1
			}
			return r
		}, value))
		res, err := s.Client(t, "").Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusSeeOther {
			t.Errorf("cookie %q answers %d", value, res.StatusCode)
		}
	})
}

// Nothing but an open invitation's token opens one.
func FuzzInvitationToken(f *testing.F) {
	f.Add("")
	f.Add(strings.Repeat("A", 43))
	f.Add("' OR 1=1 --")
	f.Add("\x00")
	s := webtest.NewTable(f, web.Config{Assets: []fs.FS{accountpage.Built}}, accountpage.Routes, accountpage.Spanish)
	f.Fuzz(func(t *testing.T, token string) {
		if in, err := s.Orgs.Invitation(context.Background(), token); err == nil {
			t.Errorf("%q opens %+v", token, in)
		}
	})
}
