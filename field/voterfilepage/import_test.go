package voterfilepage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

func TestRoutesRefuse(t *testing.T) {
	s := onSQLite(t)
	webtest.Refusing{URL: s.URL, Routes: s.routes, SignIn: "/sign-in", Bare: func() *http.Client { return s.Client(t, "bare") },
		Home: int64(s.home), Other: int64(s.partner), Nowhere: 99}.Exercise(t)
}

func TestAnotherOrganizationsFileIsNotThere(t *testing.T) {
	s := onSQLite(t)
	file := s.file(t, layout.NC)
	path, _ := sentOn(t, s.upload(t, file, "2026-10-03", files(t, state(t, layout.NC, 200))...), "report")
	for _, below := range []string{fmt.Sprintf("/%d", file), fmt.Sprintf("/%d/import", file), path + "/report", path + "/columns", path + "/live", path + "/refusals.csv"} {
		res, err := s.Client(t, "stranger").Get(s.URL + fmt.Sprintf("/o/%d/field/voterfile", s.partner) + below)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", below, res.StatusCode)
		}
	}
	other := s.file(t, layout.OH)
	if a := s.get(t, "data", strings.Replace(path, fmt.Sprintf("/%d/", file), fmt.Sprintf("/%d/", other), 1)+"/report"); a.status != http.StatusNotFound {
		t.Errorf("the import under another file: %d, want 404", a.status)
	}
}

func TestReaderSeesAndDoesNothing(t *testing.T) {
	s := onSQLite(t)
	file := s.file(t, layout.NC)
	path, id := sentOn(t, s.upload(t, file, "2026-10-03", files(t, state(t, layout.NC, 200))...), "report")
	s.settle(t, path, id)
	for _, below := range []string{"", fmt.Sprintf("/%d", file), path + "/report"} {
		a := s.get(t, "reader", below)
		if main := a.text[strings.Index(a.text, "<main"):]; a.status != http.StatusOK || strings.Contains(main, "<form") || strings.Contains(main, "/import\"") {
			t.Errorf("%s: %d; a reader is offered to do something:\n%s", below, a.status, told(main))
		}
	}
}

func TestSetUpRehearseLoad(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.get(t, "data", "").says(t, http.StatusOK, "No voter file yet", "Set up a voter file")
		s.post(t, "/new", url.Values{"layout": {"nc"}}).says(t, http.StatusUnprocessableEntity, "Give the voter file a name")
		if a := s.post(t, "/new", url.Values{"layout": {"nc"}, "name": {"Statewide"}, "terms": {"Only for elections."}}); a.status != http.StatusSeeOther || a.to != "/1/import" {
			t.Fatalf("set up: %d to %s", a.status, a.to)
		}
		s.post(t, "/new", url.Values{"layout": {"nc"}, "name": {"Statewide"}}).says(t, http.StatusUnprocessableEntity, "already a voter file called Statewide")
		s.get(t, "data", "/1/import").says(t, http.StatusOK, "Drop the files of voters here", "Drop the files of vote history here")
		old := state(t, layout.NC, 1500)
		path, id := sentOn(t, s.upload(t, 1, "2026-10-03", files(t, old)...), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Load 1,500 people", "Too few imports to say", "By county")
		if n := s.count(t, "field_person"); n != 0 {
			t.Fatalf("a rehearsal loaded %d people", n)
		}
		sentOn(t, s.post(t, path+"/load", nil), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Loaded: 1,500 people.", "Look up a person")
		if n := s.count(t, "field_person"); n != 1500 {
			t.Errorf("%d people, want 1500", n)
		}
		s.get(t, "data", "").says(t, http.StatusOK, "Statewide", "In the state file 1,500", "Loaded")
		sentOn(t, s.post(t, path+"/load", nil), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Loaded: 1,500 people.")

		newer, err := old.Newer(synth.Change{Moved: 200, Party: 200, New: 300, Gone: 100})
		if err != nil {
			t.Fatal(err)
		}
		path, id = sentOn(t, s.upload(t, 1, "2026-11-03", files(t, newer)...), "report")
		page := s.settle(t, path, id)
		i, err := s.store.Status(t.Context(), s.owner(), id)
		c := i.Report.Counts
		if err != nil || c.New == 0 || c.Moved == 0 || c.Party == 0 || c.Dropped == 0 {
			t.Fatalf("the newer file changes nothing: %+v, %v", c, err)
		}
		page.says(t, http.StatusOK, "was 1,500", fmt.Sprintf("New %d ", c.New), fmt.Sprintf("Moved %d ", c.Moved), fmt.Sprintf("Party changed %d ", c.Party),
			fmt.Sprintf("Left the file %d ", c.Dropped), "Same as in the last file")
	})
}

func TestUploadsThatAreRefused(t *testing.T) {
	s := onSQLite(t)
	nc := s.file(t, layout.NC)
	carolina := files(t, state(t, layout.NC, 200))
	for _, c := range []struct {
		name, date string
		files      []sent
		say        string
	}{
		{"nothing chosen", "2026-10-03", []sent{{inputVoters, "", ""}}, "There is no file of voters"},
		{"only history", "2026-10-03", carolina[len(carolina)-1:], "There is no file of voters"},
		{"an empty file", "2026-10-03", []sent{{inputVoters, "v.txt", ""}}, "There is no file of voters"},
		{"no day", "", carolina, "Write the day the state made the file"},
		{"no such day", "2026-13-40", carolina, "Write the day the state made the file"},
		{"half an archive", "2026-10-03", []sent{{inputVoters, "v.zip", "PK\x03\x04 and no more"}}, "damaged or was cut short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.upload(t, nc, c.date, c.files...).says(t, http.StatusUnprocessableEntity, c.say, "Send the files")
		})
	}
	s.post(t, fmt.Sprintf("/%d/import", nc), url.Values{"date": {"2026-10-03"}}).says(t, http.StatusUnprocessableEntity, "The files did not arrive. Choose them again.")
	if n := s.count(t, "field_voterfile_import"); n != 0 {
		t.Errorf("%d imports are left", n)
	}
}

// TestUploadThatBreaksOffLeavesNothing cuts a form at many places, in the ways a connection and a proxy cut it.
func TestUploadThatBreaksOffLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		file := s.file(t, layout.NC)
		kind, body := form(t, "2026-10-03", files(t, state(t, layout.NC, 100))...)
		path := fmt.Sprintf("/%d/import", file)
		entries := s.count(t, "ledger_entry")
		for n := range 40 {
			at := len(body) * n / 40
			if n > 30 {
				at = len(body) - 3 - (39-n)*7 // around the end of the last file
			}
			a := s.ask(t, "data", http.MethodPost, path, kind, strings.NewReader(body[:at]))
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("a form cut after %d of %d bytes: %d to %s", at, len(body), a.status, a.to)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+fmt.Sprintf("/o/%d/field/voterfile", s.home)+path, io.MultiReader(strings.NewReader(body[:len(body)/2]), dropped{}))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		if res, err := s.Client(t, "data").Do(req); err == nil {
			_ = res.Body.Close()
			t.Errorf("a dropped connection answers %d", res.StatusCode)
		}
		for range 100 { // the server may still be ending that request
			if n, m := s.count(t, "field_voterfile_import"), s.count(t, "ledger_entry")-entries; n != 0 || m != 0 {
				t.Fatalf("%d imports and %d ledger entries are left", n, m)
			}
			time.Sleep(time.Millisecond)
		}
		path, id := sentOn(t, s.ask(t, "data", http.MethodPost, path, kind, strings.NewReader(body)), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Load 100 people")
	})
}

type dropped struct{}

func (dropped) Read([]byte) (int, error) { return 0, fmt.Errorf("the line dropped") }

func TestOhioGivenAsCarolinaIsRefusedInPlainWords(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		file := s.file(t, layout.NC)
		ohio := files(t, state(t, layout.OH, 200))
		path, id := sentOn(t, s.upload(t, file, "2026-10-03", ohio[0]), "layout")
		s.get(t, "data", path+"/layout").says(t, http.StatusOK, "The columns are those of "+layout.OH.Title()+"; this voter file is set up for "+layout.NC.Title(), "columns are here")
		sentOn(t, s.post(t, path+"/rehearse", nil), "report") // all the same
		s.settle(t, path, id).says(t, http.StatusOK, "The files were refused. Nothing was loaded.", ohio[0].name, "expected", "Choose other files", "Choose another layout")
		if got := s.standing(t, id); got != voterfile.StateRefused || s.count(t, "field_person") != 0 {
			t.Errorf("the import is %s, %d people are here", got, s.count(t, "field_person"))
		}
		sentOn(t, s.post(t, path+"/load", nil), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "The files were refused. Nothing was loaded.")
	})
}

func TestLargeChangeIsLoadedOnlyWithTheTypedNumber(t *testing.T) {
	s := onSQLite(t)
	file := s.file(t, layout.NC)
	whole := files(t, state(t, layout.NC, 1500))
	path, id := sentOn(t, s.upload(t, file, "2026-10-03", whole...), "report")
	s.settle(t, path, id)
	sentOn(t, s.post(t, path+"/load", nil), "report")
	s.settle(t, path, id)
	rows := strings.SplitAfter(whole[0].content, "\n")
	whole[0].content = strings.Join(rows[:1001], "")
	path, id = sentOn(t, s.upload(t, file, "2026-11-03", whole[0]), "report")
	s.settle(t, path, id).says(t, http.StatusOK, "Much would change in", "People in the file: 1,000", "Dropped: ")
	for _, no := range []string{"", "100", "10000", "-1000", "1000 people"} {
		s.post(t, path+"/load", url.Values{"number": {no}}).says(t, http.StatusUnprocessableEntity, "Type the number of people in the file")
		if s.standing(t, id) != voterfile.StateRehearsed {
			t.Fatalf("%q began to load", no)
		}
	}
	sentOn(t, s.post(t, path+"/load", url.Values{"number": {"1,000"}}), "report")
	s.settle(t, path, id).says(t, http.StatusOK, "Loaded: 1,000 people.")
}

func TestRowsToLookAtAreListedAndDownloaded(t *testing.T) {
	s := onSQLite(t)
	made, err := synth.New(synth.Options{Layout: layout.NC, Voters: 500, Seed: 7, Dirty: true})
	if err != nil {
		t.Fatal(err)
	}
	path, id := sentOn(t, s.upload(t, s.file(t, layout.NC), "2026-10-03", files(t, made)...), "report")
	s.settle(t, path, id).says(t, http.StatusOK, "rows to look at", "Row is left out", "Download all as CSV")
	a := s.get(t, "data", path+"/refusals.csv")
	if rows := strings.Count(a.text, "\r\n"); a.status != http.StatusOK || rows < 5 || !strings.HasPrefix(a.text, `"file","line"`) {
		t.Errorf("%d with %d rows:\n%.300s", a.status, rows, a.text)
	}
}

func TestShareAndEndIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		file := s.file(t, layout.NC)
		path := fmt.Sprintf("/%d", file)
		s.get(t, "data", path).says(t, http.StatusOK, "Nobody else sees these people.", "Lakeshore Neighbors")
		partner, until := fmt.Sprint(s.partner), time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
		for _, c := range []struct {
			form url.Values
			say  string
		}{
			{url.Values{"partner": {partner}, "until": {"yesterday"}}, "a day in the future"},
			{url.Values{"partner": {partner}, "until": {"2020-01-01"}}, "a day in the future"},
			{url.Values{"partner": {partner}, "until": {"2090-01-01"}}, "two years at most"},
			{url.Values{"partner": {fmt.Sprint(s.home)}, "until": {until}}, "Choose the partner organization"},
			{url.Values{"partner": {"999"}, "until": {until}}, "Choose the partner organization"},
		} {
			s.post(t, path+"/share", c.form).says(t, http.StatusUnprocessableEntity, c.say)
		}
		if a := s.post(t, path+"/share", url.Values{"partner": {partner}, "until": {until}, "terms": {"Until the primary"}}); a.status != http.StatusSeeOther || a.to != path {
			t.Fatalf("share: %d to %s", a.status, a.to)
		}
		s.get(t, "data", path).says(t, http.StatusOK, "Until the primary", "End sharing")
		s.get(t, "reader", path).says(t, http.StatusOK, "Until the primary")
		if n := s.count(t, "field_voterfile_grant"); n != 1 {
			t.Errorf("%d grants, want 1", n)
		}
		s.post(t, path+"/unshare", url.Values{"partner": {partner}})
		s.get(t, "data", path).says(t, http.StatusOK, "Nobody else sees these people.")
		if n := s.count(t, "field_voterfile_grant"); n != 0 {
			t.Errorf("%d grants are left", n)
		}
	})
}

func TestLiveEndsWhenTheWorkDoes(t *testing.T) {
	s := onSQLite(t)
	path, id := sentOn(t, s.upload(t, s.file(t, layout.NC), "2026-10-03", files(t, state(t, layout.NC, 3000))...), "report")
	a := s.get(t, "data", path+"/live")
	if a.status != http.StatusOK || !strings.HasSuffix(a.text, "event: done\ndata: \n\n") {
		t.Errorf("%d:\n%.2000s", a.status, a.text)
	}
	if got := s.standing(t, id); got != voterfile.StateRehearsed {
		t.Errorf("it ended while the import is %s", got)
	}
}

// TestInterruptedLoadGoesOn: a load that another program left half done is shown as interrupted, and going on loads everybody.
func TestInterruptedLoadGoesOn(t *testing.T) {
	s := onSQLite(t)
	path, id := sentOn(t, s.upload(t, s.file(t, layout.NC), "2026-10-03", files(t, state(t, layout.NC, 1000))...), "report")
	s.settle(t, path, id)
	ctx, stop := context.WithCancel(t.Context())
	_, err := s.store.Load(ctx, s.owner(), id, voterfile.LoadOptions{}, func(stage string, done, _ int64) {
		if stage == voterfile.StageIndex {
			stop()
		}
	})
	if err == nil {
		t.Fatal("the load was not interrupted: this tests nothing")
	}
	s.get(t, "data", path+"/report").says(t, http.StatusOK, "The load was interrupted after 1,000 of 1,000 people.", "Go on loading")
	if a := s.get(t, "data", path+"/columns"); a.status != http.StatusSeeOther {
		t.Errorf("columns can be changed while people are loaded by them: %d", a.status)
	}
	sentOn(t, s.post(t, path+"/load", nil), "report")
	s.settle(t, path, id).says(t, http.StatusOK, "Loaded: 1,000 people.")
	if n := s.count(t, "field_person"); n != 1000 {
		t.Errorf("%d people, want 1000", n)
	}
}

func TestTyped(t *testing.T) {
	for text, want := range map[string]bool{"1204929": true, "1,204,929": true, "1.204.929": true, "1 204 929": true, "1\u00a0204\u202f929": true, " 1204929 ": true,
		"": false, "0": false, "1204928": false, "12049290": false, "1204929x": false, "+1204929": false, "one": false} {
		if got := typed(text, 1204929); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
