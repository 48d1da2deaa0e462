package voterfilepage

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// look opens a page of voter files as the data associate, at desk and phone width in both languages.
func (s *site) look(tab *webtest.Tab, name, path string) {
	tab.Look("voterfile-"+name, s.URL+fmt.Sprintf("/o/%d/field/voterfile", s.home)+path)
}

// TestPagesInTheBrowser looks at every page and state of an import in Chromium: no violation of WCAG 2.2 AA, nothing wider than the
// screen, nothing that the content policy had to stop.
func TestPagesInTheBrowser(t *testing.T) {
	tab := webtest.Browser(t).Tab(t)
	s := onSQLite(t)
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session=data; path=/'")
	s.look(tab, "none", "")
	s.look(tab, "new", "/new")
	bayFile, nc := s.file(t, layout.Generic), s.file(t, layout.NC)
	s.look(tab, "empty", fmt.Sprintf("/%d", nc))
	s.look(tab, "choose", fmt.Sprintf("/%d/import", nc))
	path, id := sentOn(t, s.upload(t, bayFile, "2026-10-03", sent{inputVoters, "voters.txt", bay(200)}), "columns")
	s.look(tab, "columns", path+"/columns")
	s.post(t, path+"/columns", withThen(shown(s.get(t, "data", path+"/columns")), "save"))
	s.settle(t, path, id)
	s.look(tab, "unknown-codes", path+"/report")

	path, id = sentOn(t, s.upload(t, nc, "2026-07-03", files(t, state(t, layout.OH, 200))[0]), "layout")
	s.look(tab, "layout", path+"/layout")
	s.post(t, path+"/rehearse", nil)
	s.settle(t, path, id)
	s.look(tab, "refused", path+"/report")
	now, err := synth.New(synth.Options{Layout: layout.NC, Voters: 4000, Seed: 7, Dirty: true})
	if err != nil {
		t.Fatal(err)
	}
	for month := range 4 {
		path, id = sentOn(t, s.upload(t, nc, fmt.Sprintf("2026-%02d-03", 8+month), files(t, now)...), "report")
		s.settle(t, path, id)
		if month == 3 {
			break
		}
		s.post(t, path+"/load", url.Values{"number": {fmt.Sprint(read(t, s, id))}})
		s.settle(t, path, id)
		if now, err = now.Newer(synth.Change{New: 300, Moved: 200, Party: 100, Gone: 150}); err != nil {
			t.Fatal(err)
		}
	}
	s.look(tab, "rehearsed", path+"/report")
	s.running(t, tab, path, id)
	s.look(tab, "interrupted", path+"/report")
	s.post(t, path+"/load", nil)
	s.settle(t, path, id)
	s.look(tab, "loaded", path+"/report")
	whole := files(t, now)
	rows := strings.SplitAfter(whole[0].content, "\n")
	whole[0].content = strings.Join(rows[:2000], "")
	path, id = sentOn(t, s.upload(t, nc, "2026-12-03", whole...), "report")
	s.settle(t, path, id)
	s.look(tab, "stops", path+"/report")
	s.post(t, fmt.Sprintf("/%d/share", nc), url.Values{"partner": {fmt.Sprint(s.partner)}, "until": {time.Now().AddDate(0, 6, 0).Format(time.DateOnly)}, "terms": {"Until the primary, only for doors."}})
	path, _ = sentOn(t, s.upload(t, nc, "2026-12-04", files(t, state(t, layout.OH, 200))[0]), "layout")
	s.look(tab, "layout-settled", path+"/layout")
	s.look(tab, "list", "")
	s.look(tab, "edit", fmt.Sprintf("/%d/edit", nc))
	s.look(tab, "file", fmt.Sprintf("/%d", nc))
}

func withThen(f url.Values, then string) url.Values {
	f.Set("then", then)
	return f
}

// read is the number of people that an import would load.
func read(t *testing.T, s *site, id voterfile.ImportID) int64 {
	t.Helper()
	i, err := s.store.Status(t.Context(), s.owner(), id)
	if err != nil {
		t.Fatal(err)
	}
	return importView{Import: i}.willLoad()
}

// running looks at an import while another program loads it, and breaks that off.
func (s *site) running(t *testing.T, tab *webtest.Tab, path string, id voterfile.ImportID) {
	t.Helper()
	reached, seen, ended := make(chan bool), make(chan bool), make(chan error)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		first := true
		_, err := s.store.Load(ctx, s.owner(), id, voterfile.LoadOptions{AllowLargeChange: true}, func(stage string, done, _ int64) {
			if stage == voterfile.StageLoad && first {
				first = false
				reached <- true
				<-seen
			}
		})
		ended <- err
	}()
	<-reached
	for _, width := range []int64{webtest.Desk, webtest.Phone} {
		tab.Size(width, 900)
		tab.Open(s.URL + fmt.Sprintf("/o/%d/field/voterfile", s.home) + path + "/report")
		tab.Overflow()
		tab.Axe()
		if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
			tab.Shot(filepath.Join(dir, fmt.Sprintf("voterfile-running-es-%d.png", width)))
		}
	}
	if got := tab.Text("main"); !strings.Contains(got, "Detener sin riesgo") {
		t.Errorf("a load under way cannot be stopped: %q", got)
	}
	stop()
	seen <- true
	if err := <-ended; err == nil {
		t.Error("the load was not broken off: this looks at nothing")
	}
	await(t, tab, "main .note.warn b", "La carga se interrumpió") // the open page learns of it by itself
}

// await waits until a whole page holds an element that says text, whatever reloads come between.
func await(t *testing.T, tab *webtest.Tab, selector, text string) {
	t.Helper()
	says := fmt.Sprintf("document.readyState === 'complete' && !!document.querySelector(%q)?.textContent.includes(%q)", selector, text)
	for range 200 {
		if ok, err := chromedp.Run(tab.Ctx, chromedp.Evaluate[bool](says)); err == nil && ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s never says %q; the page says: %s", selector, text, tab.Text("main"))
}

// TestImportByHand sends files and loads them with a browser, as a person does.
func TestImportByHand(t *testing.T) {
	s := onSQLite(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session=data; path=/'")
	tab.Size(webtest.Desk, 900)
	tab.Open(s.URL + fmt.Sprintf("/o/%d/field/voterfile?lang=en", s.home))
	tab.Click("main .empty a")
	tab.Type("#name", "Statewide")
	tab.Click("main form .go")
	dir := t.TempDir()
	for _, f := range files(t, state(t, layout.NC, 500)) {
		name := filepath.Join(dir, f.name)
		if err := os.WriteFile(name, []byte(f.content), 0o600); err != nil {
			t.Fatal(err)
		}
		tab.Do(chromedp.SetUploadFiles(chromedp.CSS("#"+f.input), []string{name}))
	}
	tab.Click("main form .go")
	load := `main form[action$="/load"] button`
	await(t, tab, load, "Load 500 people")
	tab.Click(load)
	await(t, tab, "main .note.ok b", "Loaded: 500 people.")
	if a := s.get(t, "data", ""); a.status != http.StatusOK || s.count(t, "field_person") != 500 {
		t.Errorf("%d people are here", s.count(t, "field_person"))
	}
}
