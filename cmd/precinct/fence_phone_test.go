package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/canvassbench"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// phoneSite is a site with phones that were let in.
type phoneSite struct {
	*testing.T
	handler http.Handler
	crowd   canvassbench.Crowd
	walks   *canvass.Store
	staff   org.Actor
}

func newPhoneSite(t *testing.T) *phoneSite {
	t.Helper()
	if err := ledger.Declare(app.Kinds(programs(web.Organizing))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	crowd, err := makeCrowd(t.Context(), db.Config{Dir: dir}, dir, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	site, err := app.Open(t.Context(), app.Config{DB: db.Config{Dir: dir}, Purpose: web.Organizing, Origins: []string{estateOrigin}, Programs: programs(web.Organizing)})
	if err != nil {
		t.Fatal(err)
	}
	engine := field.Segments(&site.Ground)
	t.Cleanup(func() {
		if err := errors.Join(engine.Close(), site.Close()); err != nil {
			t.Error(err)
		}
	})
	s := &phoneSite{T: t, crowd: crowd, staff: org.Operate(org.ID(crowd.Org), site.Permits.Everything())}
	s.walks = field.Canvass(&site.Ground, field.Turfs(&site.Ground, field.Lists(&site.Ground, engine)), field.People(&site.Ground))
	if s.handler, err = site.Handler(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends one request of a phone and returns what was answered.
func (s *phoneSite) ask(method, path, token, body string) (int, map[string]any) {
	s.Helper()
	r := httptest.NewRequest(method, estateOrigin+path, strings.NewReader(body))
	r.Header.Set("Accept", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var said map[string]any
	if strings.HasPrefix(strings.TrimSpace(w.Body.String()), "{") {
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
			s.Fatalf("%s %s answers %q", method, path, w.Body.String())
		}
	}
	return w.Code, said
}

// TestPhonesNeedTheirSecret takes the phone's token away, or gives another's: the routes of the app are public, and the token is their only fence.
func TestPhonesNeedTheirSecret(t *testing.T) {
	s := newPhoneSite(t)
	mine, other := s.crowd.Members[0], s.crowd.Members[1]
	routes := []struct{ method, path, body string }{{"GET", "/canvass/packets", ""}, {"GET", "/canvass/packet/" + mine.Packet, ""}, {"POST", "/canvass/near", `{"map":1,"at":[1,1]}`},
		{"GET", "/canvass/wrap", ""}, {"POST", "/canvass/sync", `{"events":[]}`}}
	for _, r := range routes {
		for _, token := range []string{"", "x", strings.Repeat("A", 43), other.Token[:42] + "!"} {
			if status, said := s.ask(r.method, r.path, token, r.body); status != http.StatusUnauthorized || said["error"] == nil || said["packet"] != nil {
				t.Errorf("%s %s with token %q: %d %v", r.method, r.path, token, status, said)
			}
		}
	}
	if status, _ := s.ask("GET", "/canvass/packet/"+mine.Packet, other.Token, ""); status != http.StatusNotFound {
		t.Errorf("another phone's packet: %d", status)
	}
	event := fmt.Sprintf(`{"id":"%032x","seq":1,"at":1,"packet":"%s","kind":"attempt","door":"1","person":1,"data":{"result":"not_home"}}`, 7, mine.Packet)
	status, said := s.ask("POST", "/canvass/sync", other.Token, `{"held":["`+mine.Packet+`"],"events":[`+event+`]}`)
	if status != http.StatusOK || len(said["safe"].([]any)) != 1 || len(said["aside"].([]any)) != 1 || said["packets"].([]any)[0].(map[string]any)["state"] != "unknown" {
		t.Errorf("work in another phone's packet: %d %v", status, said)
	}

	// Shut out: what it still has is taken in and set aside, it is told to empty itself, and nothing else opens.
	d, err := s.walks.Devices().Known(t.Context(), mine.Token)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.walks.Devices().Revoke(t.Context(), s.staff, d.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	for _, r := range routes[:4] {
		if status, said := s.ask(r.method, r.path, mine.Token, r.body); status != http.StatusForbidden || said["wipe"] != true {
			t.Errorf("%s %s of a phone that is shut out: %d %v", r.method, r.path, status, said)
		}
	}
	status, said = s.ask("POST", "/canvass/sync", mine.Token, `{"events":[`+strings.Replace(event, fmt.Sprintf("%032x", 7), fmt.Sprintf("%032x", 8), 1)+`]}`)
	if status != http.StatusOK || said["wipe"] != true || len(said["safe"].([]any)) != 1 || len(said["aside"].([]any)) != 1 {
		t.Errorf("the last words of a phone that is shut out: %d %v", status, said)
	}
}

// TestRequestsOfPhonesThatCannotBeTaken: each is refused as a whole with what to do, and nothing of it is kept.
func TestRequestsOfPhonesThatCannotBeTaken(t *testing.T) {
	s := newPhoneSite(t)
	token := s.crowd.Members[0].Token
	events := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(`{"id":"%032x","seq":%d,"at":1,"packet":"x","kind":"note","data":{}}`, i+1, i+1)
		}
		return `{"events":[` + strings.Join(all, ",") + `]}`
	}
	for name, c := range map[string]struct {
		path, token, body string
		status            int
		key               string
	}{
		"501 events":            {"/canvass/sync", token, events(501), http.StatusRequestEntityTooLarge, "most"},
		"10,000 events":         {"/canvass/sync", token, events(10_000), http.StatusRequestEntityTooLarge, "most"},
		"more than 4 MB":        {"/canvass/sync", token, `{"events":[]` + strings.Repeat(" ", 5<<20) + `}`, http.StatusRequestEntityTooLarge, "error"},
		"events without a name": {"/canvass/sync", token, `{"events":[{"id":"7"},{"id":"` + strings.Repeat("a", 32) + `"}]}`, http.StatusUnprocessableEntity, "bad"},
		"no JSON":               {"/canvass/sync", token, `events`, http.StatusUnprocessableEntity, "error"},
		"a number of nobody":    {"/canvass/join", "", `{"number":"1234567","name":"Sam"}`, http.StatusNotFound, "error"},
		"no name":               {"/canvass/join", "", `{"number":"1234567"}`, http.StatusUnprocessableEntity, "error"},
		"nobody signed in":      {"/canvass/join", "", `{"session":true,"org":1}`, http.StatusUnauthorized, "signIn"},
		"nothing at all":        {"/canvass/join", "", ``, http.StatusUnprocessableEntity, "error"},
		"nowhere":               {"/canvass/near", token, `{"map":1}`, http.StatusUnprocessableEntity, "error"},
		"a map of nobody":       {"/canvass/near", token, `{"map":99,"at":[1,2]}`, http.StatusNotFound, "error"},
	} {
		if status, said := s.ask("POST", c.path, c.token, c.body); status != c.status || said[c.key] == nil || said["error"] == nil {
			t.Errorf("%s: %d %v", name, status, said)
		}
	}
	if all, err := s.walks.Devices().Aside(t.Context(), s.staff); err != nil || len(all) != 0 {
		t.Errorf("%d events were kept all the same; %v", len(all), err)
	}
	// The phone halves, and all is taken.
	for _, n := range []int{offline.MostEvents, 3} {
		if status, said := s.ask("POST", "/canvass/sync", token, events(n)); status != http.StatusOK || len(said["safe"].([]any)) != n {
			t.Errorf("%d events: %d", n, status)
		}
	}
	status, said := s.ask("GET", "/canvass/wrap", token, "")
	if wrap, ok := said["wrap"].(string); status != http.StatusOK || !ok || len(wrap) != 44 {
		t.Errorf("the half key: %d %v", status, said)
	}
	if status, said := s.ask("GET", "/canvass/keys", "", ""); status != http.StatusOK || len(said["keys"].([]any)) != 1 {
		t.Errorf("the keys: %d %v", status, said)
	}
}
