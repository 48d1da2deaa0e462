package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

func TestEveryRouteRefuses(t *testing.T) {
	site, h, c := house(t, nil)
	h.SignIn("bare", 9, "Bare Hands")
	h.Seat(9, 3, "Lakeshore Neighbors", "Reader")
	webtest.Refusing{
		URL: site.URL, Routes: c.Routes, SignIn: "/sign-in",
		Bare: func() *http.Client { return site.Client(t, "bare") }, Home: 3, Other: 5, Nowhere: 999,
	}.Exercise(t)
}

func TestAnswersOfEveryKind(t *testing.T) {
	site, _, _ := house(t, nil)
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{"/o/3/field/person", 200, "canary of /o/3/x"},
		{"/o/3/field/person/7", 200, `{"id":7}`},
		{"/o/3/field/person/0", 404, "There is nothing at this address."},
		{"/o/3/field/person/9223372036854775808", 404, "There is nothing here"},
		{"/o/3/field/person/x%2F..", 404, "There is nothing here"},
		{"/o/3/nothing", 404, "There is nothing here"},
		{"/o/0/field/person", 404, "you do not belong to it"},
		{"/o/-3/field/person", 404, "you do not belong to it"},
		{"/o/3/field/never", 403, "Your role in Lakeshore Neighbors is Data associate."},
		{"/o/3/fail/conflict", 409, "This has changed meanwhile"},
		{"/o/3/fail/inputs", 422, "Choose at least one party, or take the filter away."},
		{"/o/3/fail/busy", 429, "Please wait a moment"},
		{"/o/3/fail/ours", 500, "This is our mistake, not yours"},
		{"/o/3/fail/panic", 500, "This is our mistake, not yours"},
		{"/o/3/fail/half", 500, "This is our mistake, not yours"},
		{"/.git/config", 404, "There is nothing here"}, {"/.env", 404, ""}, {"/debug/pprof/", 404, ""}, {"/metrics", 404, ""},
	} {
		res, body := get(t, site, "maribel", c.path, nil)
		if res.StatusCode != c.status || !strings.Contains(body, c.says) {
			t.Errorf("GET %s: %d, want %d and %q\n%s", c.path, res.StatusCode, c.status, c.says, body)
		}
		for _, leak := range []string{"secret detail", "first half", "goroutine"} {
			if strings.Contains(body, leak) {
				t.Errorf("GET %s tells %q", c.path, leak)
			}
		}
	}
	res, body := get(t, site, "maribel", "/o/3/fail/ours", http.Header{"Accept": {"application/json"}})
	if res.StatusCode != 500 || !strings.HasPrefix(body, `{"error":"This is our mistake`) {
		t.Errorf("to a program: %d %s", res.StatusCode, body)
	}
	if res, _ := get(t, site, "maribel", "/o/3/fail/busy", nil); res.Header.Get("Retry-After") == "" {
		t.Error("a busy answer does not say when to come back")
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	site, _, _ := house(t, nil)
	for _, path := range []string{"/welcome", "/o/3/field/person", "/o/3/nothing", "/o/3/fail/ours", "/o/3/fail/panic", "/static/none.css", "/healthz", "/o/3/field/person/7"} {
		res, _ := get(t, site, "maribel", path, nil)
		csp := res.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the content policy lacks %s", path, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: content policy %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cache-Control": "no-store", "Access-Control-Allow-Origin": "", "Strict-Transport-Security": "",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if res.Header.Get("Permissions-Policy") == "" || res.Header.Get("Content-Type") == "" {
			t.Errorf("%s: no permissions policy or content type", path)
		}
	}
}

func TestOverTLSTheCookieIsBoundToTheHost(t *testing.T) {
	h := webtest.NewHouse()
	h.SignIn("maribel", 1, "Maribel Ocampo")
	s, err := web.New(web.Config{
		Origins: []string{"https://table.example.org"}, Sessions: h, Seats: h, Words: mustWords(t),
		Routes: []web.Route{{Method: "GET", Path: "/in", Permit: permit.Public, Handle: func(v *web.Visit) error {
			v.SetSession("maribel", time.Now().Add(time.Hour))
			return v.Redirect("/account")
		}}, {Method: "GET", Path: "/account", Permit: permit.SignedIn, Handle: func(v *web.Visit) error {
			return v.JSON(200, v.Session.Name)
		}}},
		Log: slog.New(slog.DiscardHandler), SignIn: "/sign-in",
	})
	if err != nil {
		t.Fatal(err)
	}
	res := record(s, "https://table.example.org/in", nil)
	c := res.Header().Get("Set-Cookie")
	for _, want := range []string{"__Host-session=maribel", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(c, want) {
			t.Errorf("cookie %q lacks %s", c, want)
		}
	}
	if strings.Contains(c, "Domain") {
		t.Errorf("cookie %q names a domain", c)
	}
	if got := res.Header().Get("Strict-Transport-Security"); !strings.HasPrefix(got, "max-age=63072000") {
		t.Errorf("Strict-Transport-Security %q", got)
	}
	if got := record(s, "https://table.example.org/account", http.Header{"Cookie": {"__Host-session=maribel"}}).Code; got != 200 {
		t.Errorf("with the cookie: %d", got)
	}
	if got := record(s, "https://table.example.org/account", http.Header{"Cookie": {"session=maribel"}}).Code; got != 303 {
		t.Errorf("a cookie without the prefix, which a neighbour could set, is taken: %d", got)
	}
}

func TestOnlyOurHosts(t *testing.T) {
	site, _, _ := house(t, nil)
	for host, want := range map[string]int{"evil.example": 421, "localhost": 421, "": 200, "LOCALHOST" + site.URL[len("http://localhost"):]: 200} {
		h := http.Header{"X-Forwarded-Host": {"evil.example"}}
		if host != "" {
			h["Host"] = []string{host}
		}
		res, body := get(t, site, "maribel", "/o/3/field/person", h)
		if res.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, res.StatusCode, want)
		}
		if strings.Contains(body, "evil.example") {
			t.Errorf("Host %q comes back in the page", host)
		}
	}
}

func TestFormsComeFromOurPages(t *testing.T) {
	site, _, _ := house(t, nil)
	for _, c := range []struct {
		h    http.Header
		want int
	}{
		{http.Header{"Sec-Fetch-Site": {"same-origin"}}, 200},
		{http.Header{"Sec-Fetch-Site": {"none"}}, 200},
		{http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{http.Header{"Sec-Fetch-Site": {"same-site"}}, 403},
		{http.Header{"Origin": {"https://evil.example"}}, 403},
		{http.Header{"Origin": {"null"}}, 403},
		{http.Header{"Origin": {site.URL}}, 200},
		{nil, 200}, // a program without a browser's headers, and without a browser's cookies
	} {
		res, body := ask(t, site, "maribel", "POST", "/o/3/field/person", "name=Rosa", c.h)
		if res.StatusCode != c.want {
			t.Errorf("%v: %d, want %d\n%.300s", c.h, res.StatusCode, c.want, body)
		}
	}
}

func TestForms(t *testing.T) {
	site, _, _ := house(t, nil)
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"", "name=+Rosa+&party=1&party=2", 200, `{"name":"Rosa","party":["1","2"]}`},
		{"", "name=Rosa&name=Luz", 422, "The form holds “name” twice."},
		{"?name=Luz", "name=Rosa", 422, "The form holds “name” twice."},
		{"", "name=%zz", 422, "The form could not be read."},
		{"", "name=" + strings.Repeat("x", 2<<20), 413, "At most 1 MB can be sent here."},
	} {
		res, body := ask(t, site, "maribel", "POST", "/o/3/field/person"+c.path, c.body, nil)
		if res.StatusCode != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%.60q: %d, want %d and %q\n%.300s", c.body, res.StatusCode, c.status, c.says, body)
		}
	}
	res, _ := ask(t, site, "maribel", "POST", "/o/3/field/file", strings.Repeat("x", 65), http.Header{"Content-Type": {"text/csv"}})
	if res.StatusCode != 413 {
		t.Errorf("one byte over the limit of a route: %d", res.StatusCode)
	}
}

func TestDangerAsksForTheFactorAgain(t *testing.T) {
	site, h, _ := house(t, nil)
	if res, _ := ask(t, site, "maribel", "POST", "/o/3/field/export", "", nil); res.StatusCode != 200 {
		t.Errorf("with a fresh factor: %d", res.StatusCode)
	}
	s := h.Sessions["maribel"]
	s.FactorAt = time.Now().Add(-account.FactorTime - time.Second)
	h.Sessions["maribel"] = s
	res, _ := ask(t, site, "maribel", "POST", "/o/3/field/export", "", http.Header{"Referer": {site.URL + "/o/3/field/person?page=2"}})
	if got, want := res.Header.Get("Location"), "/account/factor?next=%2Fo%2F3%2Ffield%2Fperson%3Fpage%3D2"; res.StatusCode != 303 || got != want {
		t.Errorf("with an old factor: %d to %q, want 303 to %q", res.StatusCode, got, want)
	}
	if res, _ := get(t, site, "maribel", "/o/3/field/person", nil); res.StatusCode != 200 {
		t.Errorf("what is not dangerous asks for it too: %d", res.StatusCode)
	}
}

func TestSigningInComesBack(t *testing.T) {
	site, _, _ := house(t, nil)
	res, _ := get(t, site, "", "/o/3/field/person?page=2", nil)
	if got, want := res.Header.Get("Location"), "/sign-in?next="+url.QueryEscape("/o/3/field/person?page=2"); got != want {
		t.Errorf("to %q, want %q", got, want)
	}
	res, _ = ask(t, site, "", "POST", "/o/3/field/person", "name=x", http.Header{"Referer": {"https://evil.example/o/3"}})
	if got := res.Header.Get("Location"); got != "/sign-in" {
		t.Errorf("a referer elsewhere becomes %q", got)
	}
}

func TestAStoreThatCannotAnswerIsNoOpenDoor(t *testing.T) {
	site, h, _ := house(t, nil)
	h.Down = errTold
	for _, path := range []string{"/o/3/field/person", "/account", "/welcome", "/nothing"} {
		res, body := get(t, site, "maribel", path, nil)
		if res.StatusCode != 500 || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

func TestLimitAndHealth(t *testing.T) {
	down := errors.New("the disk is full")
	site, _, _ := house(t, func(c *web.Config) {
		c.Limit = func(r *http.Request, s account.Session) error {
			if s.Account == 2 {
				return fault.Busyf("There is nothing at this address.")
			}
			return nil
		}
		c.Ready = func(context.Context) error { return down }
	})
	if res, _ := get(t, site, "stranger", "/o/5/field/person", nil); res.StatusCode != 429 {
		t.Errorf("over the limit: %d", res.StatusCode)
	}
	if res, _ := get(t, site, "maribel", "/o/3/field/person", nil); res.StatusCode != 200 {
		t.Errorf("under the limit: %d", res.StatusCode)
	}
	if res, body := get(t, site, "", "/healthz", http.Header{"Host": {"10.0.0.7"}}); res.StatusCode != 503 || strings.Contains(body, "disk") {
		t.Errorf("not ready: %d %q", res.StatusCode, body)
	}
	down = nil
	if res, body := get(t, site, "", "/healthz", nil); res.StatusCode != 200 || body != "ok\n" {
		t.Errorf("ready: %d %q", res.StatusCode, body)
	}
}

func TestTheLogKnowsTheRequestAndNotThePerson(t *testing.T) {
	var log bytes.Buffer
	site, _, _ := house(t, func(c *web.Config) { c.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	get(t, site, "maribel", "/o/3/field/person?q=Rosa+Aguilar", nil)
	ask(t, site, "maribel", "POST", "/o/3/field/person", "name=Castellanos", nil)
	_, page := get(t, site, "maribel", "/o/3/fail/ours", nil)
	get(t, site, "maribel", "/o/3/fail/panic", nil)
	for _, secret := range []string{"Rosa", "Castellanos", "Maribel", "maribel"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log says %q:\n%s", secret, log.String())
		}
	}
	for _, want := range []string{`"path":"/o/3/field/person"`, `"account":1`, `"org":3`, `"status":200`, `"error":"secret detail of a failing store"`, `"msg":"panic"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
	_, after, _ := strings.Cut(page, `class="mono">`)
	reference, _, _ := strings.Cut(after, "<")
	if len(reference) != 8 || !strings.Contains(log.String(), reference) {
		t.Errorf("the page gives reference %q, which the log does not know", reference)
	}
}

func TestLanguage(t *testing.T) {
	site, h, _ := house(t, nil)
	title := func(h http.Header) string {
		_, body := get(t, site, "maribel", "/o/3/help", h)
		_, after, _ := strings.Cut(body, `<html lang="`)
		return after[:2]
	}
	for _, c := range []struct{ accept, want string }{
		{"", "en"}, {"es", "es"}, {"es-MX,es;q=0.9,en;q=0.8", "es"}, {"en-US,es;q=0.9", "en"}, {"fr, de;q=0.9", "en"},
		{"fr, es;q=0.2", "es"}, {"en;q=0.3, es;q=0.4", "es"}, {"es;q=0, en", "en"}, {"es;q=x", "en"},
	} {
		if got := title(http.Header{"Accept-Language": {c.accept}}); got != c.want {
			t.Errorf("Accept-Language %q gives %s, want %s", c.accept, got, c.want)
		}
	}
	s := h.Sessions["maribel"]
	s.Lang = "es"
	h.Sessions["maribel"] = s
	if got := title(http.Header{"Accept-Language": {"en"}}); got != "es" {
		t.Errorf("the account's language gives way to the browser's: %s", got)
	}
	if got := record(site.Server, site.URL+"/help", http.Header{"Cookie": {"session=maribel; lang=en"}}).Header().Get("Content-Language"); got != "en" {
		t.Errorf("the choice made in the bar gives way to the account's: %s", got)
	}
	res, _ := get(t, site, "maribel", "/o/3/help?page=2&lang=es", nil)
	if got := res.Header.Get("Location"); res.StatusCode != 303 || got != "/o/3/help?page=2" || !strings.HasPrefix(res.Header.Get("Set-Cookie"), "lang=es") {
		t.Errorf("?lang=es: %d to %q with %q", res.StatusCode, got, res.Header.Get("Set-Cookie"))
	}
	if res, _ := get(t, site, "maribel", "/o/3/help?lang=xx", nil); res.StatusCode != 200 {
		t.Errorf("?lang=xx: %d", res.StatusCode)
	}
	if res, _ := get(t, site, "maribel", "//evil.example/?lang=es", nil); web.LocalPath(res.Header.Get("Location")) == "" {
		t.Errorf("the switch sends people to %q", res.Header.Get("Location"))
	}
}

func TestEventsAreAStream(t *testing.T) {
	site, _, _ := house(t, nil)
	res, body := get(t, site, "maribel", "/o/3/events", nil)
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		t.Errorf("content type %q", got)
	}
	want := "event: show\ndata: <span class=\"pill ok\">line\ndata: break</span>\n\nevent: done\ndata: \n\n"
	if body != want {
		t.Errorf("stream %q, want %q", body, want)
	}
}

func TestThePageAfterARedirectSaysWhatWasDone(t *testing.T) {
	site, _, _ := house(t, nil)
	client := site.Client(t, "maribel")
	say := func(sentence string) string {
		t.Helper()
		res, err := client.PostForm(site.URL+"/o/3/tell", url.Values{"say": {sentence}})
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Get("Location"); res.StatusCode != 303 || got != "/o/3/field/person" {
			t.Fatalf("%d to %q", res.StatusCode, got)
		}
		return next(t, client, site.URL+"/o/3/field/person")
	}
	if body := say("%s to %s of %s"); !strings.Contains(body, "<b>1 to &lt;b&gt;2&lt;/b&gt; of 3</b>") {
		t.Errorf("the page does not say it:\n%s", body)
	}
	if body := next(t, client, site.URL+"/o/3/field/person"); strings.Contains(body, "1 to ") {
		t.Error("the page after the next says it again")
	}
	if body := say("Call this number and give your password"); strings.Contains(body, "password") {
		t.Error("a sentence from elsewhere is said")
	}
}

func next(t *testing.T, c *http.Client, at string) string {
	t.Helper()
	res, err := c.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWhatPeopleWroteIsOnlyEverText(t *testing.T) {
	const canary = `"><img src=x onerror=alert(1)>{{7*7}}<!--`
	site, h, _ := house(t, func(c *web.Config) { c.Site.Name = "site " + canary })
	h.SignIn("mallory", 7, "Mallory "+canary)
	h.Seat(7, 3, "org "+canary, "role "+canary, look)
	for _, path := range []string{"/o/3/field/person?q=" + url.QueryEscape(canary), "/o/3/field/never", "/o/3/" + url.PathEscape(canary), "/help?x=" + url.QueryEscape(canary), "/welcome"} {
		_, body := get(t, site, "mallory", path, nil)
		if strings.Contains(body, "<img") || strings.Contains(body, "<!--") {
			t.Errorf("%s: what somebody wrote is markup:\n%s", path, body)
		}
	}
}
