package main

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/web"
)

// demoPeopleOnly makes the sites of a demo with its people and no voters, and what answers at the organizing one.
func demoPeopleOnly(t *testing.T) (http.Handler, *demoPair) {
	t.Helper()
	ctx := context.Background()
	if err := ledger.Declare(app.Kinds(append(programs(web.Organizing), programs(web.Office)...))); err != nil {
		t.Fatal(err)
	}
	dir, pair := t.TempDir(), &demoPair{}
	for _, s := range []struct {
		at      **app.Site
		purpose web.Purpose
		origin  string
	}{{&pair.organizing, web.Organizing, estateOrigin}, {&pair.office, web.Office, "http://localhost:7999"}} {
		site, err := openDemo(ctx, streams{out: io.Discard, err: os.Stderr}, dir, s.purpose, "Halden", s.origin)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := site.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := found(ctx, site); err != nil {
			t.Fatal(err)
		}
		*s.at = site
	}
	actor, err := demoActor(ctx, pair.organizing)
	if err == nil {
		err = fillPeople(ctx, pair.organizing, actor)
	}
	if err != nil {
		t.Fatal(err)
	}
	h, err := pair.organizing.Handler(pair.routes(pair.organizing)...)
	if err != nil {
		t.Fatal(err)
	}
	return h, pair
}

var demoHref = regexp.MustCompile(`href="[^"]*(/sign-in/link\?token=[^"]+)"`)

// demoSees tells the demo's roles apart by pages that they may open and may not.
var demoSees = map[string]map[string]int{
	"data-associate": {"field/list": 200, "field/voterfile": 200},
	"organizer":      {"field/list": 200, "field/voterfile": 403},
	"volunteer":      {"field/list": 403, "field/person": 200, "ledger": 403},
	"auditor":        {"field/list": 403, "ledger": 200},
}

// The demo makes a link for each colleague. It signs in as who it says, with their role, and once; there is none for anybody else, nor for who is not signed in.
func TestDemoColleaguesSignInOnce(t *testing.T) {
	h, pair := demoPeopleOnly(t)
	open := func(link string) (session string) {
		t.Helper()
		for _, c := range reply(h, request("", "GET", link, nil)).Result().Cookies() {
			if c.Name == "__Host-session" {
				session = c.Value
			}
		}
		return session
	}
	ask := func(session, as string) (int, string) {
		t.Helper()
		res := reply(h, request(session, "POST", "/demo/enter", url.Values{"as": {as}}))
		if m := demoHref.FindStringSubmatch(res.Body.String()); m != nil {
			return res.Code, html.UnescapeString(m[1])
		}
		return res.Code, ""
	}
	whole, err := demoLink(context.Background(), pair.organizing, demoEmail)
	if err != nil {
		t.Fatal(err)
	}
	maribel := open(strings.TrimPrefix(whole, estateOrigin))
	for _, c := range demoPeople {
		_, link := ask(maribel, c.email)
		session := open(link)
		page := reply(h, request(session, "GET", "/account", nil)).Body.String()
		if session == "" || !strings.Contains(page, "<b>"+c.name+"</b>") || !strings.Contains(page, `<p class="m">`+c.email+"</p>") {
			t.Errorf("the link for %s does not sign in as %s", c.name, c.email)
		}
		for path, want := range demoSees[c.role] {
			if got := reply(h, request(session, "GET", "/o/1/"+path, nil)).Code; got != want {
				t.Errorf("%s, %s, opens %s with %d, want %d", c.name, c.role, path, got, want)
			}
		}
		if again := open(link); again != "" {
			t.Errorf("the link for %s signs in twice", c.name)
		}
	}
	for who, c := range map[string]struct{ session, as string }{
		"nobody":                {"", demoPeople[0].email},
		"for a stranger":        {maribel, "rosa@lakeshore.example"},
		"for no address at all": {maribel, "*"},
	} {
		if code, link := ask(c.session, c.as); code == http.StatusOK || link != "" {
			t.Errorf("%s: %d, a link %q", who, code, link)
		}
	}
}
