package turfpage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/turfstore/turftest"
	"github.com/openprecinct/precinct/internal/web"
)

// TestTurfIsCutAndHandedOutWithoutScript does the whole job by forms.
func TestTurfIsCutAndHandedOutWithoutScript(t *testing.T) {
	run(t, func(t *testing.T, s *site) {
		const root = "/o/1/field/turf"
		l := s.list("Millbrook, everybody")
		form := url.Values{"list": {fmt.Sprint(int64(l.ID))}, "name": {"Millbrook"}, "region": {"North"}, "folder": {"0"}, "script": {"0"}, "target": {"20"}, "by": {"doors"}}
		bad := url.Values{"list": {fmt.Sprint(int64(l.ID))}, "name": {""}, "target": {"many"}}
		if status, page := s.ask(t, "organizer", root, bad); status != http.StatusUnprocessableEntity || !strings.Contains(page, "as a number") {
			t.Errorf("a target that is no number: %d", status)
		}
		status, at := s.ask(t, "organizer", root, form)
		if status != http.StatusSeeOther {
			t.Fatalf("making a map: %d\n%s", status, at)
		}
		_, page := s.ask(t, "organizer", at, nil)
		if !has(page, "Cut turf", "Doors each", "Turf table", "Nobody yet", "Save ") {
			t.Fatal("the cutting page lacks what it is for")
		}
		turfs := strings.Count(page, `id="turf-`)
		edition := func() string { return value(t, page, "edition") }
		change := func(f url.Values) {
			t.Helper()
			f.Set("edition", edition())
			status, to := s.ask(t, "organizer", at+"/edit", f)
			if status != http.StatusSeeOther {
				t.Fatalf("%v: %d", f, status)
			}
			_, page = s.ask(t, "organizer", to, nil)
		}
		change(url.Values{"do": {"join"}, "turf": {"1", "2"}})
		if n := strings.Count(page, `id="turf-`); n != turfs-1 {
			t.Errorf("%d turfs after joining two of %d", n, turfs)
		}
		change(url.Values{"do": {"undo"}})
		change(url.Values{"do": {"lock"}, "turf": {"3"}, "chosen": {"3"}})
		if !has(page, `id="turf-3" class="chosen"`, "locked", "Name turf", "Move a street") {
			t.Error("the chosen turf does not show its forms, or is not locked")
		}
		change(url.Values{"do": {"name"}, "turf": {"3"}, "name": {"Riverside"}})
		change(url.Values{"do": {"cut"}, "target": {"30"}, "by": {"doors"}, "divide": {"1"}})
		if !strings.Contains(page, "Riverside") || strings.Count(page, `id="turf-`) >= turfs {
			t.Error("cut again, the locked turf is not there, or nothing was cut")
		}
		stale := url.Values{"do": {"undo"}, "edition": {"1"}}
		if status, page := s.ask(t, "organizer", at+"/edit", stale); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Somebody else changed this map") {
			t.Errorf("an old edition: %d", status)
		}

		status, to := s.ask(t, "organizer", at+"/save", url.Values{"edition": {edition()}})
		if status != http.StatusSeeOther || to != at+"/handout" {
			t.Fatalf("saving: %d to %s", status, to)
		}
		_, page = s.ask(t, "organizer", to, nil)
		ids := regexp.MustCompile(`name="turf" value="(\d+)"`).FindAllStringSubmatch(page, -1)
		if len(ids) < 3 || !has(page, "Who has what", "Nobody yet", "Hand out the chosen turfs") {
			t.Fatalf("%d turfs to hand out", len(ids))
		}
		_, page = s.ask(t, "organizer", at+"/give?turf="+ids[0][1], nil)
		if !has(page, "Hand out turf", "checked", "Whoever has the list number", "For how many days?") {
			t.Error("the form to hand out lacks something")
		}
		give := url.Values{"turf": {ids[0][1]}, "who": {"number"}, "days": {"7"}, "script": {"0"}}
		status, to = s.ask(t, "organizer", at+"/give", give)
		if status != http.StatusSeeOther || !strings.Contains(to, "/number?handout=") {
			t.Fatalf("handing out: %d to %s", status, to)
		}
		_, page = s.ask(t, "organizer", to, nil)
		if !regexp.MustCompile(`\d{4}-\d{3}</p>`).MatchString(page) || !has(page, `class="qr"`, "Valid until") {
			t.Error("the list number or its code is not shown")
		}
		_, to = s.ask(t, "organizer", at+"/give", url.Values{"turf": {ids[1][1], ids[2][1]}, "who": {"number"}, "days": {"7"}, "script": {"0"}})
		_, page = s.ask(t, "organizer", to, nil)
		if n := strings.Count(page, `class="number-card"`); n != 2 {
			t.Errorf("two turfs were handed out, one before, and %d numbers are shown", n)
		}
		if status, page = s.ask(t, "organizer", at+"/give", give); status != http.StatusUnprocessableEntity || !has(page, "is with somebody already", "Hand it out to both") {
			t.Errorf("a turf that somebody has: %d", status)
		}
		give.Set("who", "account-"+fmt.Sprint(int64(s.organizer.Account())))
		give.Set("also", "1")
		if status, _ = s.ask(t, "organizer", at+"/give", give); status != http.StatusSeeOther {
			t.Errorf("handing it out to both: %d", status)
		}
		_, page = s.ask(t, "organizer", at+"/handout", nil)
		if !has(page, "maribel", "Recall") {
			t.Error("who has what does not say who")
		}
		if status, paper := s.ask(t, "organizer", at+"/paper", url.Values{"turf": {ids[0][1], ids[1][1]}, "scan": {"1"}}); status != http.StatusOK || !strings.HasPrefix(paper, "%PDF-") {
			t.Errorf("printing: %d, %.40q", status, paper)
		}
		if status, _ := s.ask(t, "organizer", at+"/paper", url.Values{}); status != http.StatusUnprocessableEntity {
			t.Errorf("printing nothing: %d", status)
		}
		if status, _ = s.ask(t, "organizer", at+"/recall", url.Values{"handout": {value(t, page, "handout")}}); status != http.StatusSeeOther {
			t.Errorf("recalling: %d", status)
		}
		whole := url.Values{"whole": {"1"}, "who": {"number"}, "days": {"7"}, "each": {"25"}, "hold": {"2"}, "script": {"0"}}
		if status, _ = s.ask(t, "organizer", at+"/give", whole); status != http.StatusSeeOther {
			t.Errorf("handing out the whole map: %d", status)
		}
		_, page = s.ask(t, "organizer", at+"/handout", nil)
		if !has(page, "The whole map", "25 nearest free doors") {
			t.Error("the whole map is handed out, and nobody says so")
		}
		if status, _ = s.ask(t, "organizer", at+"/archive", url.Values{}); status != http.StatusSeeOther {
			t.Errorf("putting away: %d", status)
		}
		_, page = s.ask(t, "organizer", root, nil)
		if !strings.Contains(page, "No turf yet") {
			t.Error("a map that was put away is still in the way")
		}
	})
}

func value(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="(\d+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("there is no %s in the page", name)
	}
	return m[1]
}

// TestWhoSeesWhat holds the pages to their permits: looking is not cutting, and nothing is nothing.
func TestWhoSeesWhat(t *testing.T) {
	run(t, func(t *testing.T, s *site) {
		m, turfs := s.Cut(s.organizer, "Millbrook")
		at := "/o/1/field/turf/" + fmt.Sprint(int64(m.ID))
		_, page := s.ask(t, "looker", at, nil)
		if !strings.Contains(page, "Turf table") || strings.Contains(page, "Cut again") || strings.Contains(page, "Hand out") || strings.Contains(page, `name="do"`) {
			t.Error("who may only look sees what is for cutting")
		}
		for path, form := range map[string]url.Values{at + "/edit": {"do": {"lock"}, "turf": {"1"}, "edition": {"1"}}, at + "/save": {"edition": {"1"}}, at + "/give": {"turf": {fmt.Sprint(int64(turfs[0].ID))}, "who": {"number"}},
			at + "/try": {"target": {"20"}}, at + "/paper": {"turf": {fmt.Sprint(int64(turfs[0].ID))}}, at + "/recall": {"handout": {"1"}}, "/o/1/field/turf": {"list": {"1"}}, at + "/archive": {}, at + "/about": nil, at + "/give?turf=1": nil} {
			if status, _ := s.ask(t, "looker", path, form); status != http.StatusForbidden {
				t.Errorf("%s: %d, want 403", path, status)
			}
			if status, _ := s.ask(t, "bare", path, form); status != http.StatusForbidden {
				t.Errorf("%s without any right: %d, want 403", path, status)
			}
		}
		for _, path := range []string{"/o/1/field/turf/999", "/o/1/field/turf/x", at + "/walk/999", at + "/number?handout=999"} {
			if status, _ := s.ask(t, "organizer", path, nil); status != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", path, status)
			}
		}
	})
}

// TestThePlanOfTheScript asks as the page's script does.
func TestThePlanOfTheScript(t *testing.T) {
	run(t, func(t *testing.T, s *site) {
		m := s.Made(s.organizer, "Millbrook")
		at := "/o/1/field/turf/" + fmt.Sprint(int64(m.ID))
		read := func(text string) (p planJSON) {
			t.Helper()
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				t.Fatalf("%v in %.200s", err, text)
			}
			return p
		}
		_, text := s.ask(t, "organizer", at+"/plan?doors=1&chosen=2", nil)
		p := read(text)
		if len(p.Doors) != turftest.Streets*turftest.Houses || len(p.Turfs) == 0 || p.Edition != m.Edition || !p.May || !strings.Contains(p.Panel, "Name turf") {
			t.Fatalf("%d doors, %d turfs", len(p.Doors), len(p.Turfs))
		}
		for _, x := range p.Turfs {
			if len(x.Outline) == 0 || len(x.Outline[0]) < 4 || x.Time == "" {
				t.Errorf("turf %d has no outline or no time", x.ID)
			}
		}
		_, text = s.ask(t, "organizer", at+"/try", url.Values{"target": {"40"}, "by": {"doors"}})
		tried := read(text)
		if !tried.Tried || len(tried.Turfs) >= len(p.Turfs) || tried.Edition != p.Edition || strings.Contains(tried.Panel, "data-save") {
			t.Errorf("tried: %d turfs, edition %d", len(tried.Turfs), tried.Edition)
		}
		if status, _ := s.ask(t, "organizer", at+"/try", url.Values{"target": {"0"}}); status != http.StatusUnprocessableEntity {
			t.Errorf("a target of nothing: %d", status)
		}
		if _, text = s.ask(t, "organizer", at+"/walk/1", nil); !strings.HasPrefix(text, `{"line":[[`) {
			t.Errorf("the walk: %.80s", text)
		}
	})
}

func FuzzPoints(f *testing.F) {
	for _, s := range []string{"1,2 3,4", "", "a", "1,", "1e400,2", "NaN,NaN", "1,2,3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all, err := points(s)
		if err == nil && len(all) > 0 {
			if back, err := points(pointsText(all...)); err != nil && all[0].Lon == all[0].Lon && all[0].Lon < 1e300 {
				t.Errorf("%q became %v and then %v", s, all, back)
			}
		}
	})
}

func TestListNumbersAreDrawn(t *testing.T) {
	d, size, err := code(link("https://halden.example", "4821730"))
	if err != nil || size < 29 || !strings.HasPrefix(d, "M4 4h7v1h-7z") { // the finder pattern behind the quiet zone
		t.Errorf("%d modules, %v, %.40s", size, err, d)
	}
	if turfstore.WriteNumber("4821730") != "4821-730" {
		t.Error("the number is not written as people read it")
	}
}

// TestAnAddressIsFound looks for doors as people write addresses, with the page's script and without.
func TestAnAddressIsFound(t *testing.T) {
	run(t, func(t *testing.T, s *site) {
		m := s.Made(s.organizer, "Millbrook")
		at := "/o/1/field/turf/" + fmt.Sprint(int64(m.ID))
		for _, c := range []struct {
			find  string
			found []string
		}{
			{"104 blder", []string{"104 Blder ST"}},
			{"blder 104 millbrook", []string{"104 Blder ST"}},
			{"11 cld", []string{"110 Clder ST", "111 Clder ST", "117 Clder ST"}},
			{"104", []string{"104 Alder ST", "104 Hlder ST"}},
			{"9 nowhere", []string{"No door of this map has this address."}},
		} {
			_, page := s.ask(t, "looker", at+"?find="+url.QueryEscape(c.find), nil)
			_, text := s.ask(t, "looker", at+"/find?find="+url.QueryEscape(c.find), nil)
			var answer struct{ Found string }
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatal(err)
			}
			if !has(page, c.found...) || !has(answer.Found, c.found...) || strings.Count(answer.Found, "<li>") > mostFound {
				t.Errorf("%q: %s", c.find, answer.Found)
			}
		}
		if _, text := s.ask(t, "looker", at+"/find?find=+", nil); !strings.Contains(text, `"found":""`) && !strings.Contains(text, "No door") {
			t.Errorf("nothing is looked for: %s", text)
		}
	})
}

// TestOutOfBoundsIsSaid asks for what cannot be, and reads which turfs are not so and why.
func TestOutOfBoundsIsSaid(t *testing.T) {
	run(t, func(t *testing.T, s *site) {
		m := s.Made(s.organizer, "Millbrook")
		at := "/o/1/field/turf/" + fmt.Sprint(int64(m.ID))
		status, to := s.ask(t, "organizer", at+"/edit", url.Values{"edition": {fmt.Sprint(m.Edition)}, "do": {"cut"}, "target": {"31"}, "min": {"31"}, "max": {"31"}, "by": {"doors"}, "lines": {"-79,36.0009 -78.99,36.0009"}})
		if status != http.StatusSeeOther {
			t.Fatalf("cutting: %d %s", status, to)
		}
		_, page := s.ask(t, "organizer", to, nil)
		if !has(page, "out of bounds", "cannot be shared into turfs of the size asked for", "<noscript>", "drawn on the map by the page", "No walk crosses 1 line drawn by hand.", "Remove all lines") {
			t.Error("the page does not say which turfs are out of bounds and why, or which lines are drawn")
		}
	})
}

func TestOnePage(t *testing.T) {
	rows := make([]int, 450)
	for i := range rows {
		rows[i] = i
	}
	for _, c := range []struct {
		query, prev, next string
		from, to          int
	}{
		{"", "", "/x?from=200", 0, 200},
		{"from=200&q=a", "/x?from=0&q=a", "/x?from=400&q=a", 200, 400},
		{"from=399", "/x?from=0", "/x?from=400", 200, 400},
		{"from=9000", "/x?from=200", "", 400, 450},
		{"from=-1", "", "/x?from=200", 0, 200},
	} {
		v := &web.Visit{R: httptest.NewRequest(http.MethodGet, "/x?"+c.query, nil)}
		if err := v.R.ParseForm(); err != nil {
			t.Fatal(err)
		}
		got, p := onePage(v, rows, 200)
		if want := (web.Pages{From: int64(c.from) + 1, To: int64(c.to), Total: 450, Prev: c.prev, Next: c.next}); p != want || len(got) != c.to-c.from || got[0] != c.from {
			t.Errorf("%q: %+v and %d rows, want %+v", c.query, p, len(got), want)
		}
	}
	if got, p := onePage(&web.Visit{R: httptest.NewRequest(http.MethodGet, "/x", nil)}, []int(nil), 200); len(got) != 0 || p.Prev != "" || p.Next != "" {
		t.Errorf("of nothing: %v %+v", got, p)
	}
}
