package voterfilepage

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// bayHeader is the header of the statewide extract of Massachusetts, as cities and towns give it.
const bayHeader = "Record Sequence Number|Voter ID Number|Last Name|First Name|Middle Name|Title|Residential Address - Street Number|Residential Address - Street Suffix|" +
	"Residential Address - Street Name|Residential Address - Apartment Number|Residential Address - Zip Code|Party Affiliation|Gender|Date of Birth|Date of Registration|" +
	"Ward Number|Precinct Number|Voter Status"

// bay is a made-up file of a Massachusetts town; every tenth voter has a status that no other state has.
func bay(voters int) string {
	var b strings.Builder
	b.WriteString(bayHeader + "\r\n")
	for n := range voters {
		status := "A"
		if n%10 == 3 {
			status = "Q"
		}
		fmt.Fprintf(&b, "%d|%02dABC%07d|%s|%s|||%d|A|CEDAR ST|%d|02139|D|F|%02d/04/19%02d|03/04/2010|%d|%d|%s\r\n",
			n+1, n%12, n, []string{"AGUILAR", "O'BRIEN", "SMITH", "NGUYỄN"}[n%4], []string{"ROSA", "ANA", "BOB"}[n%3], 10+n%90, n%9+1, n%12+1, 40+n%50, n%5+1, n%3+1, status)
	}
	return b.String()
}

var (
	selectTag = regexp.MustCompile(`(?s)<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>`)
	chosenTag = regexp.MustCompile(`<option value="([^"]*)" selected`)
	hiddenTag = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// shown is what a page's form would send as it stands.
func shown(a answer) url.Values {
	f := url.Values{}
	for _, m := range selectTag.FindAllStringSubmatch(a.text, -1) {
		f.Set(m[1], "")
		if c := chosenTag.FindStringSubmatch(m[2]); c != nil {
			f.Set(m[1], c[1])
		}
	}
	for _, m := range hiddenTag.FindAllStringSubmatch(a.text, -1) {
		f.Set(m[1], m[2])
	}
	return f
}

func at(name string) string {
	for n, h := range strings.Split(bayHeader, "|") {
		if h == name {
			return fmt.Sprintf("column-%d", n+1)
		}
	}
	return ""
}

func TestFileOfAnotherStateFromSuggestionToLoad(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		file := s.file(t, layout.Generic)
		path, id := sentOn(t, s.upload(t, file, "2026-10-03", sent{inputVoters, "voters.txt", bay(500)}), "columns")
		if a := s.post(t, path+"/rehearse", nil); !strings.HasSuffix(a.to, "/columns") {
			t.Errorf("without columns a rehearsal goes to %q", a.to)
		}
		page := s.get(t, "data", path+"/columns")
		page.says(t, http.StatusOK, "We guessed from the names", "AGUILAR, ROSA", "10 A CEDAR ST", "“Q”")
		f := shown(page)
		for name, want := range map[string]string{"Voter ID Number": "state_id", "Last Name": "last_name", "Residential Address - Street Suffix": "house_suffix", "Ward Number": "district.ward",
			"Precinct Number": "precinct", "Voter Status": "status", "Title": "-"} {
			if got := f.Get(at(name)); got != want {
				t.Errorf("%s is guessed to be %q, want %q", name, got, want)
			}
		}
		// A correction that cannot be, then one that can.
		f.Set(at("First Name"), "last_name")
		f.Set("then", "look")
		s.answered(t, s.post(t, path+"/columns", f)).says(t, http.StatusOK, "Two columns are sent to last_name")
		f.Set("then", "save")
		s.post(t, path+"/columns", f).says(t, http.StatusUnprocessableEntity, "Two columns are sent to last_name")
		f.Set(at("First Name"), "first_name")
		f.Set(at("Title"), "name_suffix")
		f.Set(at("Ward Number"), "-")
		f.Set("then", "look")
		looked := s.post(t, path+"/columns", f)
		for range 2 { // it can be reloaded
			page := s.answered(t, looked)
			if page.says(t, http.StatusOK, "AGUILAR, ROSA"); shown(page).Get(at("Title")) != "name_suffix" {
				t.Error("what was said is not shown")
			}
		}
		if got, err := s.store.File(t.Context(), s.owner(), file); err != nil || got.Mapping != "" {
			t.Errorf("looking saved the mapping %q, %v", got.Mapping, err)
		}
		for n := range codesShown {
			if f.Get(codeName("status", n)) == "Q" {
				f.Set(meansName("status", n), "inactive")
			}
		}
		f.Set("then", "save")
		sentOn(t, s.post(t, path+"/columns", f), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Load 500 people", "The rehearsal found nothing to decide.")
		sentOn(t, s.post(t, path+"/load", nil), "report")
		s.settle(t, path, id).says(t, http.StatusOK, "Loaded: 500 people.")
		type person struct {
			Status string `db:"status"`
			Count  int64  `db:"n"`
		}
		got, err := db.All[person](db.WithSite(t.Context()), s.db, `SELECT status, COUNT(*) AS n FROM field_person GROUP BY status ORDER BY status`)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]person{{"active", 450}, {"inactive", 50}}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		// The next file needs nothing said; its new column is shown, and what was said stays.
		next := strings.ReplaceAll(bay(510), "|Voter Status\r\n", "|Voter Status|Mail Ballot\r\n")
		path, _ = sentOn(t, s.upload(t, file, "2026-11-03", sent{inputVoters, "voters.txt", next}), "columns")
		page = s.get(t, "data", path+"/columns")
		page.says(t, http.StatusOK, "as they were saved", "New column", "Same as last file")
		if f := shown(page); f.Get(at("Ward Number")) != "-" || f.Get(at("Title")) != "name_suffix" {
			t.Errorf("what was said is lost: ward %q, title %q", f.Get(at("Ward Number")), f.Get(at("Title")))
		}
	})
}

// TestCodesStayWithTheirColumn: when another column is chosen for the status in the same form, what was said of the first one's codes
// is not said of the other's.
func TestCodesStayWithTheirColumn(t *testing.T) {
	s := onSQLite(t)
	file := s.file(t, layout.Generic)
	path, _ := sentOn(t, s.upload(t, file, "2026-10-03", sent{inputVoters, "voters.txt", bay(50)}), "columns")
	f := shown(s.get(t, "data", path+"/columns"))
	for n := range codesShown {
		if f.Get(codeName("status", n)) != "" {
			f.Set(meansName("status", n), "removed")
		}
	}
	f.Set(at("Voter Status"), "-")
	f.Set(at("Party Affiliation"), "status")
	f.Set("then", "save")
	s.post(t, path+"/columns", f)
	got, err := s.store.File(t.Context(), s.owner(), file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := layout.DecodeMapping([]byte(got.Mapping))
	if err != nil || len(m.Values["status"]) != 0 {
		t.Errorf("the codes of another column mean %v, %v", m.Values["status"], err)
	}
}

func TestFilesThatAreNoTableAreRefusedOnThePage(t *testing.T) {
	s := onSQLite(t)
	for n, c := range []struct{ content, say string }{
		{"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "picture"},
		{strings.Repeat("\x00", 4000), "Nothing was loaded"},
		{"one line without end " + strings.Repeat("x", 300<<10), "Nothing was loaded"},
	} {
		f, err := s.store.Create(t.Context(), s.owner(), voterfile.File{Name: fmt.Sprint(n), Layout: layout.Generic})
		if err != nil {
			t.Fatal(err)
		}
		path, _ := sentOn(t, s.upload(t, f, "2026-10-03", sent{inputVoters, "v.txt", c.content}), "columns")
		s.get(t, "data", path+"/columns").says(t, http.StatusOK, "Nothing was loaded", "Choose other files")
		if a := s.post(t, path+"/columns", url.Values{"then": {"save"}}); a.status != http.StatusSeeOther {
			t.Errorf("columns of no table are saved: %d", a.status)
		}
	}
}

func TestKnownLayoutIsPointedAt(t *testing.T) {
	s := onSQLite(t)
	carolina := files(t, state(t, layout.NC, 100))
	path, id := sentOn(t, s.upload(t, s.file(t, layout.Generic), "2026-10-03", carolina[0]), "report")
	s.settle(t, path, id)
	sentOn(t, s.post(t, path+"/layout", url.Values{"layout": {"generic"}}), "columns") // told from the file, and a person says otherwise
	s.get(t, "data", path+"/columns").says(t, http.StatusOK, "These look like the columns of "+layout.NC.Title())
}

func TestEveryTargetHasAWordInBothLanguages(t *testing.T) {
	c, err := words.NewCatalog(Spanish, list.Spanish)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, f := range layout.Targets() {
		en, es := fieldWord(c.In(words.EN), f), fieldWord(c.In(words.ES), f)
		if w, ok := fieldWords[f]; ok && !c.Has(w) {
			t.Errorf("%s: no Spanish for %q", f, w)
		}
		if strings.Contains(en, "_") || en == f || es == "" || strings.HasPrefix(en, "Another district ·") {
			t.Errorf("%s has no word: %q, %q", f, en, es)
		}
		if other, ok := seen[en]; ok {
			t.Errorf("%s and %s are both %q", f, other, en)
		}
		seen[en] = f
	}
}

func TestJudge(t *testing.T) {
	c, err := words.NewCatalog(Spanish)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		now  int64
		past []int64
		want web.Tone
	}{
		{5, nil, web.ToDo}, {5, []int64{5}, web.ToDo}, {0, []int64{0, 0}, web.OK}, {10, []int64{0, 0}, web.OK}, {11, []int64{0, 0}, web.Warn},
		{100, []int64{80, 120}, web.OK}, {190, []int64{80, 120}, web.OK}, {191, []int64{80, 120}, web.Warn}, {360, []int64{80, 120}, web.Warn}, {361, []int64{80, 120}, web.Stop},
		{0, []int64{80, 120}, web.Warn}, {25, []int64{80, 120}, web.Warn}, {26, []int64{80, 120}, web.OK}, {0, []int64{20, 120}, web.OK},
	} {
		if got, _ := (change{now: x.now, past: x.past}).judge(c.In(words.EN)); got != x.want {
			t.Errorf("%d after %v: %q, want %q", x.now, x.past, got, x.want)
		}
	}
}

func TestUsualHoldsEveryEarlierImportAndBarsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := change{now: rapid.Int64Range(0, 1<<40).Draw(t, "now"), past: rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 0, 6).Draw(t, "past")}
		low, high, ok := c.usual()
		if ok != (len(c.past) >= 2) {
			t.Fatalf("usual of %v: %v", c.past, ok)
		}
		for _, n := range c.past {
			if ok && (n < low || n > high) {
				t.Fatalf("%d is outside %d–%d", n, low, high)
			}
		}
		bars := c.bars()
		if len(bars) != len(c.past)+1 {
			t.Fatalf("%d bars for %d imports", len(bars), len(c.past)+1)
		}
		for _, b := range bars {
			if b < 1 || b > 24 {
				t.Fatalf("a bar of %d", b)
			}
		}
	})
}
