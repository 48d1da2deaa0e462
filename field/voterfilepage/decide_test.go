package voterfilepage

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/words"
)

func TestLayoutIsToldFromTheFirstFile(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		if a := s.post(t, "/new", url.Values{"layout": {tell}, "name": {"Statewide"}}); a.to != "/1/import" {
			t.Fatalf("%d to %s", a.status, a.to)
		}
		for _, id := range []layout.ID{layout.WA, layout.MI, layout.NC} { // until something is loaded, each file may say otherwise
			path, imp := sentOn(t, s.upload(t, 1, "2026-10-03", files(t, state(t, id, 200))...), map[bool]string{true: "report", false: "layout"}[id == layout.WA])
			if id != layout.WA {
				sentOn(t, s.post(t, path+"/layout", url.Values{"layout": {string(id)}}), "report")
			}
			s.settle(t, path, imp).says(t, http.StatusOK, "Load 200 people", "Read as: "+id.Title(), "Choose another layout")
		}
		s.post(t, "/1/import/3/layout", url.Values{"layout": {"xx"}}).says(t, http.StatusUnprocessableEntity, "Read the files this way")
		sentOn(t, s.post(t, "/1/import/3/load", nil), "report")
		s.settle(t, "/1/import/3", 3).says(t, http.StatusOK, "Loaded: 200 people.")
		if page := s.get(t, "data", "/1/import/3/report"); strings.Contains(page.text, "Choose another layout") {
			t.Error("a loaded file's layout can be chosen again")
		}
		path, _ := sentOn(t, s.upload(t, 1, "2026-11-03", files(t, state(t, layout.OH, 200))...), "layout")
		s.get(t, "data", path+"/layout").says(t, http.StatusOK, "so it stays", "Rehearse all the same", "Set up a voter file")
		if a := s.post(t, path+"/layout", url.Values{"layout": {"oh"}}); a.status != http.StatusConflict {
			t.Errorf("the layout of a loaded file: %d", a.status)
		}
	})
}

func TestTermsAndLimitAreChanged(t *testing.T) {
	s := onSQLite(t)
	file := s.file(t, layout.NC)
	s.get(t, "data", fmt.Sprintf("/%d", file)).says(t, http.StatusOK, "Only for elections.", "more than 10.0%", "Change terms and limit")
	s.get(t, "data", fmt.Sprintf("/%d/edit", file)).says(t, http.StatusOK, "Only for elections.", "above this percent")
	for _, c := range []struct {
		stop string
		want float64
	}{{"12.5", 0.125}, {"12,5", 0.125}, {" 30 % ", 0.3}, {"0", 0}, {"101", 0}, {"ten", 0}, {"", 0}, {"-4", 0}, {"NaN", 0}} {
		a := s.post(t, fmt.Sprintf("/%d/edit", file), url.Values{"terms": {"Until the primary.\r\nNever for sale."}, "stop_share": {c.stop}})
		f, err := s.store.File(t.Context(), s.owner(), file)
		if err != nil {
			t.Fatal(err)
		}
		if c.want == 0 {
			a.says(t, http.StatusUnprocessableEntity, "Give a share of a county above 0 and up to 100 percent.", "Never for sale.")
		} else if a.status != http.StatusSeeOther || f.StopShare != c.want || f.Terms != "Until the primary.\nNever for sale." {
			t.Errorf("%q: %d, %g, %q", c.stop, a.status, f.StopShare, f.Terms)
		}
	}
	s.get(t, "data", fmt.Sprintf("/%d", file)).says(t, http.StatusOK, "more than 30.0%")
	if a := s.get(t, "reader", fmt.Sprintf("/%d/edit", file)); a.status != http.StatusForbidden {
		t.Errorf("a reader: %d", a.status)
	}
	if page := s.get(t, "reader", fmt.Sprintf("/%d", file)); strings.Contains(page.text, "Change terms and limit") {
		t.Error("a reader is offered to change the terms")
	}
}

func TestRowsWithOneIDAreChosen(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		file := s.file(t, layout.NC)
		all := files(t, state(t, layout.NC, 200))
		rows := strings.SplitAfter(all[0].content, "\n")
		all[0].content += rows[1] + rows[2] // two people twice
		path, id := sentOn(t, s.upload(t, file, "2026-10-03", all[0]), "report")
		page := s.settle(t, path, id)
		page.says(t, http.StatusOK, "Load 200 people", "2 voter ids stand on several rows", "Keep the first row", "As for all of them")
		f := shown(page)
		if f.Get("id-0") == "" || f.Get("id-1") == "" || f.Get("duplicates") != standing {
			t.Fatalf("the page offers %v", f)
		}
		f.Set("duplicates", "none")
		f.Set("row-1", "last")
		sentOn(t, s.post(t, path+"/rehearse", f), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Load 199 people", "All of them are left out, as was chosen.")
		i, err := s.store.Status(t.Context(), s.owner(), id)
		want := voterfile.Choices{Duplicates: voterfile.KeepNone, ByID: map[string]voterfile.Duplicates{f.Get("id-1"): voterfile.KeepLast}}
		if diff := cmp.Diff(want, i.Report.Choices); diff != "" || err != nil {
			t.Errorf("%s %v", diff, err)
		}
		if a := s.post(t, path+"/rehearse", url.Values{"duplicates": {"both"}}); a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
			t.Errorf("a choice that is none: %d", a.status)
		}
		sentOn(t, s.post(t, path+"/load", nil), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Loaded: 199 people.")
		if n := s.count(t, "field_person"); n != 199 {
			t.Errorf("%d people, want 199", n)
		}
	})
}

func TestHistoryOfAFile(t *testing.T) {
	var imports []voterfile.Import // the newest first
	for n := range 14 {
		at := time.Date(2027, 2, 3, 0, 0, 0, 0, time.UTC).AddDate(0, -n, 0)
		i := voterfile.Import{State: voterfile.StateLoaded, FileDate: layout.MakeDate(at.Year(), int(at.Month()), 3)}
		i.Report.Counts.New = int64(1400 - 100*n)
		imports = append(imports, i)
	}
	if _, ok := drawHistory(words.Translator{}, imports[:1]); ok {
		t.Error("one import is compared with nothing")
	}
	imports[3].State = voterfile.StateRehearsed
	h, ok := drawHistory(words.Translator{}, imports)
	if !ok || len(h.bars) != historyBars || h.said != "200 people in the file of Feb 3, 2026, 1,400 in the file of Feb 3, 2027." {
		t.Fatalf("%d bars: %s", len(h.bars), h.said)
	}
	first, last := h.bars[0], h.bars[len(h.bars)-1]
	if first.height*7 > last.height+7 || last.height != historyHeight || last.x+historyBar != h.width || !last.last || first.label != "200" {
		t.Errorf("%+v %+v", first, last)
	}
}
