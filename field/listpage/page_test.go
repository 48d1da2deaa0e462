package listpage

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/list"
)

// emptyForm is what a browser without script would send of the builder: nothing chosen yet.
func emptyForm() url.Values {
	return url.Values{"file": {"1"}, "criteria": {""}, "at": {"0"}, "open": {"where,registration,age,votes,answers,codes,scores"}, "shown": {"party,status,sex,county,age,code,question.1,score.1,last"}}
}

var people = regexp.MustCompile(`data-people="(\d+)"`)

func counted(t testing.TB, page string) string {
	t.Helper()
	m := people.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no count:\n%.2000s", page)
	}
	return m[1]
}

// countBeside returns the number beside an option.
func countBeside(t testing.TB, page, value string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `value="`+value+`"`)
	m := regexp.MustCompile(`<output>\s*([\d,]+)\s*</output>`).FindStringSubmatch(rest)
	if !ok || m == nil {
		t.Fatalf("no option %s", value)
	}
	return strings.ReplaceAll(m[1], ",", "")
}

func TestCountsWithoutScript(t *testing.T) {
	s := newSite(t)
	status, page := s.get(t, "associate", "/o/1/field/list/new")
	if status != 200 || counted(t, page) != s.count(t, "1 = 1") {
		t.Fatalf("status %d, %s people, want %s", status, counted(t, page), s.count(t, "1 = 1"))
	}
	form := emptyForm()
	form.Set("is", "party=DEM")
	form.Set("open", "")
	_, page = s.post(t, "associate", "/o/1/field/list/new", form)
	if got, want := counted(t, page), s.count(t, "party = 'DEM'"); got != want {
		t.Errorf("Democrats: %s, want %s", got, want)
	}
	if got, want := countBeside(t, page, "party=REP"), s.count(t, "party = 'REP'"); got != want {
		t.Errorf("were it Republicans: %s, want %s", got, want)
	}
	if got, want := countBeside(t, page, "code=1"), s.count(t, "party = 'DEM' AND person_id % 17 = 0"); got != want {
		t.Errorf("in a group that was closed: %s, want %s", got, want)
	}
	if got, want := countBeside(t, page, "status=active"), s.count(t, "party = 'DEM' AND status = 'active'"); got != want {
		t.Errorf("were it active Democrats: %s, want %s", got, want)
	}
}

func TestEveryOptionIsTheListOneWouldHave(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		is    []string
		extra map[string]string
	}{
		"plain":             {is: []string{"status=active", "question.1=1", "question.1=never"}},
		"any answer":        {is: []string{"question.1=any"}},
		"answers ever":      {is: []string{"question.1=1", "question.1=2"}, extra: map[string]string{"ever.question.1": "yes"}},
		"answers of a time": {is: []string{"question.1=1", "question.1=2"}, extra: map[string]string{"since.question.1": "2023-11-14", "until.question.1": "2023-11-15"}},
		"codes of a time":   {is: []string{"code=1"}, extra: map[string]string{"until.code": "2023-11-13"}},
		"several phones":    {is: []string{"phone=cell", "phone=home", "phone=email"}},
		"do not contact":    {is: []string{"suppressed=door", "suppressed=mail"}},
	} {
		t.Run(name, func(t *testing.T) { s.everyOption(t, c.is, c.extra) })
	}
}

// everyOption chooses each option of the panel in turn, alone in its group, and compares the list with what was said beside the option.
func (s *site) everyOption(t *testing.T, is []string, extra map[string]string) {
	form := emptyForm()
	form.Set("open", form.Get("open")+",phones")
	form.Set("shown", form.Get("shown")+",phone,suppressed")
	form["is"] = is
	form.Set("from.age", "25")
	form.Set("to.age", "54")
	for k, v := range extra {
		form.Set(k, v)
	}
	status, page := s.post(t, "associate", "/o/1/field/list/new", form)
	if status != http.StatusOK {
		t.Fatalf("status %d:\n%.3000s", status, page)
	}
	tried := 0
	for _, o := range regexp.MustCompile(`name="is" id="[^"]*" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		key, value, _ := strings.Cut(o[1], "=")
		if !strings.Contains(form.Get("shown"), key) {
			continue
		}
		tried++
		chosen := url.Values{}
		for k, v := range form {
			chosen[k] = v
		}
		chosen["is"] = nil
		for _, x := range form["is"] {
			if !strings.HasPrefix(x, key+"=") {
				chosen["is"] = append(chosen["is"], x)
			}
		}
		chosen["is"] = append(chosen["is"], key+"="+value)
		_, then := s.post(t, "associate", "/o/1/field/list/new", chosen)
		if said, got := countBeside(t, page, o[1]), counted(t, then); said != got {
			t.Errorf("%s: said %s, the list then has %s", o[1], said, got)
		}
	}
	if tried < 25 {
		t.Errorf("only %d options were tried", tried)
	}
}

func TestConditionsByHand(t *testing.T) {
	s := newSite(t)
	form := emptyForm()
	form.Set("is", "party=DEM")
	form.Set("do", "condition:")
	for wrong, says := range map[string]string{"": "Write a condition first.", `{"phone"`: "aria-invalid", `{"phone": {}}}, {"do": "sample", "take": 1, "seed": 1`: "comes something else",
		`{"any": [{"phone": {}}, {"all": [{"tag": {}}]}]}`: "any of, condition 2, all of, condition 1: Choose at least one value",
		`{"phones": {}}`: "There is no kind of condition"} {
		form.Set("condition", wrong)
		status, page := s.post(t, "associate", "/o/1/field/list/new", form)
		if status != http.StatusUnprocessableEntity || !strings.Contains(page, says) || !strings.Contains(html.UnescapeString(page), wrong+"</textarea>") {
			t.Errorf("%s: status %d, without %q", wrong, status, says)
		}
	}
	form.Set("condition", `{"lives_with": {"who": {"is": {"attr": "sex", "values": ["F"]}}}}`)
	_, page := s.post(t, "associate", "/o/1/field/list/new", form)
	want := s.count(t, `party = 'DEM' AND (sex = 'F' OR household_key IN (SELECT household_key FROM field_person WHERE household_key <> 0 AND sex = 'F' AND dropped_on = 0 AND minor = 0 AND confidential = 0))`)
	if got := counted(t, page); got != want || !strings.Contains(page, `value="unkeep:0"`) {
		t.Errorf("Democrats who live with women: %s, want %s", got, want)
	}
	form = emptyForm()
	form.Set("criteria", `{"version": 1, "steps": [{"do": "start", "where": {"all": [{"is": {"attr": "party", "values": ["DEM"]}}, {"any": [{"email": {}}, {"is": {"attr": "sex", "values": ["F"]}}]}]}}]}`)
	form.Set("is", "party=DEM")
	form.Set("do", "unkeep:0")
	_, page = s.post(t, "associate", "/o/1/field/list/new", form)
	if got, want := counted(t, page), s.count(t, "party = 'DEM'"); got != want {
		t.Errorf("with the condition taken away: %s, want %s", got, want)
	}
}

func TestWhatIsWrongStandsBesideItsInput(t *testing.T) {
	s := newSite(t)
	form := emptyForm()
	form.Set("from.age", "old")
	form.Set("to.age", "")
	status, page := s.post(t, "associate", "/o/1/field/list/new", form)
	if status != 422 || !strings.Contains(page, "“old” is not a whole number.") || !strings.Contains(page, `aria-invalid="true"`) || !strings.Contains(page, `id="faults"`) {
		t.Errorf("status %d, and the page does not say what is wrong", status)
	}
}

func TestPermits(t *testing.T) {
	s := newSite(t)
	if status, _ := s.get(t, "bare", "/o/1/field/list"); status != 403 {
		t.Errorf("without the permit: %d", status)
	}
	form := emptyForm()
	form.Set("people", "0")
	_, page := s.post(t, "counter", "/o/1/field/list/new", form)
	if !strings.Contains(page, "Names are not shown to you") || strings.Contains(page, "/field/person/") {
		t.Error("who may only count sees names")
	}
	if strings.Contains(page, `value="party=DEM"`) {
		t.Error("who may not see parties is offered them")
	}
	form.Set("is", "party=DEM")
	if status, page := s.post(t, "counter", "/o/1/field/list/new", form); status != 422 {
		t.Errorf("a counter counts by party: %d, %s people", status, counted(t, page))
	}
	if status, _ := s.post(t, "counter", "/o/1/field/list/save", form); status != 403 {
		t.Errorf("a counter saves: %d", status)
	}
}

func TestSavesRunsAgainAndDeletes(t *testing.T) {
	s := newSite(t)
	form := emptyForm()
	form.Set("is", "party=DEM")
	form.Set("save", "list")
	if status, page := s.post(t, "associate", "/o/1/field/list/save", form); status != 422 || !strings.Contains(page, `id="name"`) {
		t.Fatalf("without a name: %d", status)
	}
	form.Set("name", "Democrats")
	status, to := s.post(t, "associate", "/o/1/field/list/save", form)
	if status != 303 || to != "/o/1/field/list/1/about" {
		t.Fatalf("saving: %d, %s", status, to)
	}
	_, page := s.get(t, "associate", to)
	want := s.count(t, "party = 'DEM'")
	if !strings.Contains(strings.ReplaceAll(page, ",", ""), ">"+want+"<") || !strings.Contains(page, "Saved by") {
		t.Errorf("the page of the list does not say %s people, or who saved it", want)
	}
	form.Set("name", "Republicans")
	form.Set("is", "party=REP")
	form.Set("save", "search")
	if status, _ = s.post(t, "associate", "/o/1/field/list/save", form); status != 303 {
		t.Fatalf("saving a search: %d", status)
	}
	_, page = s.get(t, "associate", "/o/1/field/list/compare?a=1&b=2")
	if !strings.Contains(page, "Only on Democrats") {
		t.Error("the comparison does not name the lists")
	}
	for path, form := range map[string]url.Values{"rename": {"name": {"Blue"}}, "rerun": {}, "move": {"folder": {"0"}}} {
		if status, _ := s.post(t, "associate", "/o/1/field/list/1/"+path, form); status != 303 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if _, page = s.get(t, "associate", "/o/1/field/list?q=blu"); !strings.Contains(page, ">Blue</a>") || strings.Contains(page, "Republicans") {
		t.Error("the list is not found by its new name")
	}
	if status, _ := s.post(t, "associate", "/o/1/field/list/1/delete", url.Values{}); status != 303 {
		t.Errorf("delete: %d", status)
	}
	if status, _ := s.get(t, "associate", "/o/1/field/list/1"); status != 404 {
		t.Errorf("a deleted list: %d", status)
	}
}

func TestGroupsOfPhrases(t *testing.T) {
	n := list.All{list.Is{Attr: list.Party, Values: []string{"DEM"}}, list.None{list.Contact{}}}
	for path, want := range map[int]string{0: groupRegistration, 1: groupContact} {
		if got := groupAt(n, []int{path}); got != want {
			t.Errorf("condition %d opens %q, want %q", path, got, want)
		}
	}
}

// TestBudget holds the weights of the builder as it travels: page 60 kB, script 30 kB without the map.
func TestBudget(t *testing.T) {
	s := newSite(t)
	weigh := func(path string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := s.Client(t, "associate").Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %v, encoded as %q", path, err, res.Header.Get("Content-Encoding"))
		}
		return len(b)
	}
	if n := weigh("/o/1/field/list/new"); n > 60_000 {
		t.Errorf("the page travels as %d bytes", n)
	} else {
		t.Logf("the page travels as %d bytes", n)
	}
	_, page := s.get(t, "associate", "/o/1/field/list/new")
	script := 0
	for _, m := range regexp.MustCompile(`<script type="module" src="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		script += weigh(m[1])
	}
	t.Logf("its scripts travel as %d bytes", script)
	if script == 0 || script > 30_000 {
		t.Errorf("its scripts travel as %d bytes", script)
	}
}

func BenchmarkCountOnThePage(b *testing.B) {
	s := newSite(b)
	form := rich()
	for b.Loop() {
		if status, _ := s.post(b, "associate", "/o/1/field/list/new", form); status != 200 {
			b.Fatal(status)
		}
	}
}

// hiddenInput returns what the answer's form would send on.
func hiddenInput(t testing.TB, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no input %q", name)
	}
	return html.UnescapeString(m[1])
}

// TestStepsWithoutScript presses the builder's buttons one after the other, as a browser without script sends them.
func TestStepsWithoutScript(t *testing.T) {
	s := newSite(t)
	form := emptyForm()
	do := func(what string, is ...string) string {
		t.Helper()
		form.Set("do", what)
		form["is"] = is
		status, page := s.post(t, "associate", "/o/1/field/list/new", form)
		if status != 200 {
			t.Fatalf("%s: %d", what, status)
		}
		for _, name := range []string{"criteria", "before", "at"} {
			form.Set(name, hiddenInput(t, page, name))
		}
		return counted(t, page)
	}
	for _, c := range []struct {
		do    string
		is    []string
		where string
	}{
		{"count", []string{"party=DEM"}, "party = 'DEM'"},
		{"exclude:status=active", []string{"party=DEM"}, "party = 'DEM' AND status <> 'active'"},
		{"undo", nil, "party = 'DEM'"},
		{"add:add", []string{"party=DEM"}, "party = 'DEM'"},
		{"count", []string{"party=LIB"}, "party IN ('DEM', 'LIB')"},
		{"add:narrow", []string{"party=LIB"}, "party IN ('DEM', 'LIB')"},
		{"count", []string{"sex=F"}, "party IN ('DEM', 'LIB') AND sex = 'F'"},
		{"step:1", []string{"sex=F"}, "party IN ('DEM', 'LIB') AND sex = 'F'"},
		{"count", []string{"party=GRE"}, "party IN ('DEM', 'GRE') AND sex = 'F'"},
		{"drop:2", []string{"party=GRE"}, "party IN ('DEM', 'GRE')"},
		{"drop:0", []string{"party=DEM"}, "1 = 1"},
	} {
		if got, want := do(c.do, c.is...), s.count(t, c.where); got != want {
			t.Fatalf("after %s %v: %s people, want %s (%s)", c.do, c.is, got, want, c.where)
		}
	}
}

// A page that is opened while its numbers take long comes without them, and without a wrong one; pressing Count, or its script, gets them.
func TestAPageThatIsOpenedDoesNotWaitForNumbers(t *testing.T) {
	s := newSiteWaiting(t, 0)
	_, page := s.get(t, "associate", "/o/1/field/list/new")
	for _, no := range []string{`data-people="`, `<output>\s*\d`, `\d people`} {
		if said := regexp.MustCompile(no).FindString(page); said != "" {
			t.Errorf("the page that did not count says %q", said)
		}
	}
	for _, yes := range []string{"data-first", "Counting takes some seconds the first time.", `value="party=DEM"`} {
		if !strings.Contains(page, yes) {
			t.Errorf("the page that did not count lacks %q", yes)
		}
	}
	form := emptyForm()
	_, page = s.post(t, "associate", "/o/1/field/list/new", form)
	if got, want := counted(t, page), s.count(t, "1 = 1"); got != want {
		t.Errorf("%s people after Count, want %s", got, want)
	}
	status, to := s.post(t, "associate", "/o/1/field/list/save", url.Values{"file": {"1"}, "criteria": {`{"version":1,"steps":[{"do":"start"}]}`}, "save": {"search"}, "name": {"All"}})
	if status != 303 {
		t.Fatalf("%d %s", status, to)
	}
	if _, page = s.get(t, "associate", "/o/1/field/list/1"); !strings.Contains(page, "data-first") || people.MatchString(page) {
		t.Error("a saved search that is opened waits for its numbers")
	}
}

// Numbers beside options are counted before later steps that choose among doors or at random, and say so: what such a step would choose of other people is
// another choice.
func TestOptionsAreCountedBeforeChance(t *testing.T) {
	s := newSite(t)
	const said = "Here it is counted before the steps that choose among doors or at random."
	form := emptyForm()
	form.Set("criteria", `{"version":1,"steps":[{"do":"start","where":{"is":{"attr":"status","values":["active"]}}},{"do":"sample","take":50,"seed":1}]}`)
	form.Set("is", "status=active")
	_, page := s.post(t, "associate", "/o/1/field/list/new", form)
	if got := counted(t, page); got != "50" {
		t.Errorf("a sample of %s", got)
	}
	if !strings.Contains(page, said) {
		t.Error("the panel does not say that its numbers come before the sample")
	}
	if got, want := countBeside(t, page, "party=DEM"), s.count(t, "status = 'active' AND party = 'DEM'"); got != want {
		t.Errorf("%s Democrats before the sample, want %s", got, want)
	}
	form.Set("criteria", `{"version":1,"steps":[{"do":"start","where":{"is":{"attr":"status","values":["active"]}}}]}`)
	if _, page = s.post(t, "associate", "/o/1/field/list/new", form); strings.Contains(page, said) {
		t.Error("without such a step the panel says it too")
	}
}

// A link from a map or its board opens the list of who is there; turfs that the reader does not see are not said to be empty.
func TestALinkOpensTheListOfATurf(t *testing.T) {
	s := newSite(t)
	for _, link := range []string{"turf=7", "map=3", "turf=7,8&channel=door"} {
		status, page := s.get(t, "associate", "/o/1/field/list/new?"+link)
		if status != 422 || people.MatchString(page) || !strings.Contains(page, "on this voter file, or you do not see it") {
			t.Errorf("%s: %d", link, status)
		}
	}
	for _, nothing := range []string{"turf=", "map=x", "turf=7x"} {
		if _, page := s.get(t, "associate", "/o/1/field/list/new?"+nothing); counted(t, page) != s.count(t, "1 = 1") {
			t.Errorf("%s is a list", nothing)
		}
	}
	if status, _ := s.get(t, "associate", "/o/1/field/list/new?channel=carrier-pigeon"); status != 422 {
		t.Errorf("an unknown channel: %d", status)
	}
}

// An area that holds nobody is said, with what would be there were its numbers exchanged; and so is the step after which nobody is left.
func TestAnEmptyListSaysWhy(t *testing.T) {
	s := newSite(t)
	at := []float64{s.number(t, `SELECT AVG(lon) FROM place_address`), s.number(t, `SELECT AVG(lat) FROM place_address`)}
	show := func(where string) string {
		t.Helper()
		form := emptyForm()
		form.Set("criteria", `{"version":1,"steps":[{"do":"start","where":`+where+`}]}`)
		form.Set("do", "set")
		status, page := s.post(t, "associate", "/o/1/field/list/new", form)
		if status != 200 {
			t.Fatalf("%d", status)
		}
		return html.UnescapeString(page)
	}
	near := func(lon, lat float64) string {
		return fmt.Sprintf(`{"near":{"lon":%f,"lat":%f,"metres":100000}}`, lon, lat)
	}
	if page := show(near(at[0], at[1])); strings.Contains(page, "An area holds nobody") || counted(t, page) == "0" {
		t.Errorf("an area with people: %s", counted(t, page))
	}
	there := counted(t, show(near(at[0], at[1])))
	page := show(`{"any":[{"is":{"attr":"party","values":["DEM"]}},` + near(at[1], at[0]) + `]}`)
	if got, want := counted(t, page), s.count(t, "party = 'DEM'"); got != want {
		t.Errorf("%s people, want %s", got, want)
	}
	if n, _ := strconv.Atoi(there); !strings.Contains(page, fmt.Sprintf("With the two exchanged it would be %d,%03d people", n/1000, n%1000)) {
		t.Errorf("nothing is said of an area whose numbers are exchanged; there %s", there)
	}
	if page = show(near(10, 50)); !strings.Contains(page, "Is that place outside of the state") {
		t.Error("nothing is said of an area elsewhere")
	}
	if page = show(`{"all":[{"is":{"attr":"party","values":["DEM"]}},{"name":{"part":"last","values":["Zzyzx"]}}]}`); !strings.Contains(page, "Step 2 leaves nobody") {
		t.Error("the step that leaves nobody is not named")
	}
	if strings.Contains(show(`{"is":{"attr":"party","values":["DEM"]}}`), "leaves nobody") {
		t.Error("somebody is on the list")
	}
}

// A voter file without anybody says so, and leads those who may load it to where that is done: one that is only made, and one that came without voters.
func TestAVoterFileOfNobodySaysSo(t *testing.T) {
	s := newSite(t)
	exec(t, s.db, `INSERT INTO field_voterfile (id, org_id, name, state, layout, created_at) VALUES (2, 1, 'Made, not loaded', 'NC', 'nc', 1)`)
	const said = "Nobody is on this voter file"
	for who, leads := range map[string]bool{"associate": false, "loader": true} {
		status, page := s.get(t, who, "/o/1/field/list/new?file=2")
		if status != 200 || counted(t, page) != "0" || !strings.Contains(page, said) {
			t.Errorf("%s: %d, %s people, and it does not say %q", who, status, counted(t, page), said)
		}
		if strings.Contains(page, "How to reach them") || strings.Contains(page, `id="crosstab"`) {
			t.Errorf("%s sees tables of zeros", who)
		}
		if strings.Contains(page, `href="/o/1/field/voterfile"`) != leads {
			t.Errorf("%s is led to the voter file: want %v", who, leads)
		}
	}
	form := emptyForm()
	form.Set("criteria", `{"version":1,"steps":[{"do":"start","where":{"name":{"part":"last","values":["Zzyzx"]}}}]}`)
	form.Set("do", "set")
	if _, page := s.post(t, "associate", "/o/1/field/list/new", form); counted(t, page) != "0" || strings.Contains(page, said) {
		t.Error("a file with people is said to hold nobody")
	}
}

// The parts of a split, each asked for by itself with the same seed, add up to the whole, and differ by one at most; by doors they add up too.
func TestPartsAddUp(t *testing.T) {
	s := newSite(t)
	whole, _ := strconv.Atoi(s.count(t, "party = 'DEM'"))
	for _, together := range []string{"", "1"} {
		sum, least, most := 0, whole, 0
		for part := 1; part <= 3; part++ {
			form := emptyForm()
			form.Set("criteria", `{"version":1,"steps":[{"do":"start","where":{"is":{"attr":"party","values":["DEM"]}}},{"do":"part","part":1,"parts":2,"seed":1}]}`)
			form.Set("is", "party=DEM")
			form.Set("part.1", strconv.Itoa(part))
			form.Set("parts.1", "3")
			form.Set("seed.1", "7")
			form.Set("whole.1", together)
			_, page := s.post(t, "associate", "/o/1/field/list/new", form)
			n, _ := strconv.Atoi(counted(t, page))
			sum, least, most = sum+n, min(least, n), max(most, n)
			if want := fmt.Sprintf("art %d of 3 at random", part); !strings.Contains(page, want) && together == "" {
				t.Errorf("the page does not say %q", want)
			}
		}
		if sum != whole || together == "" && most-least > 1 {
			t.Errorf("households together %q: parts of %d to %d, %d in all, want %d", together, least, most, sum, whole)
		}
	}
}

// A search that uses a deleted list says so wherever it is asked, and its numbers are said to be old; a list says which searches use it before it goes.
func TestWhatADeletedListLeavesBehind(t *testing.T) {
	s := newSite(t)
	if _, page := s.get(t, "associate", "/o/1/field/list"); !strings.Contains(page, "No lists yet") || strings.Contains(page, "Compare two lists") || strings.Contains(page, `type="search" class="mid"`) {
		t.Error("a page without lists offers to look for them, or to compare two")
	}
	keep := func(kind, name, where string) {
		t.Helper()
		status, _ := s.post(t, "associate", "/o/1/field/list/save", url.Values{"file": {"1"}, "criteria": {`{"version":1,"steps":[{"do":"start","where":` + where + `}]}`}, "save": {kind}, "name": {name}})
		if status != 303 {
			t.Fatalf("saving %s: %d", name, status)
		}
	}
	keep("list", "Democrats", `{"is":{"attr":"party","values":["DEM"]}}`)
	keep("search", "Active ones", `{"all":[{"saved":{"list":1}},{"is":{"attr":"status","values":["active"]}}]}`)
	keep("list", "Frozen of it", `{"saved":{"list":2}}`)
	if _, page := s.get(t, "associate", "/o/1/field/list/1/about"); !strings.Contains(page, "Searches that use it: “Active ones”") {
		t.Error("the list does not say which search uses it")
	}
	if _, page := s.get(t, "associate", "/o/1/field/list/2/about"); strings.Contains(page, "cannot be asked") {
		t.Error("a search of which nothing is gone")
	}
	if status, _ := s.post(t, "associate", "/o/1/field/list/1/delete", url.Values{}); status != 303 {
		t.Fatalf("deleting: %d", status)
	}
	const gone = "There is no saved list or search 1 here: it was deleted, or is not shared with your organization."
	for path, says := range map[string]string{"/2/about": "This search cannot be asked. The numbers are of when it last could.", "/3/about": "These people stay, and cannot be frozen anew.",
		"/compare?a=2&b=3": "These two cannot be compared.", "/2": "1 thing to put right before this list can be counted"} {
		_, page := s.get(t, "associate", "/o/1/field/list"+path)
		if !strings.Contains(page, says) || !strings.Contains(page, gone) {
			t.Errorf("%s does not say %q", path, says)
		}
	}
	for _, id := range []string{"2", "3"} {
		if status, page := s.post(t, "associate", "/o/1/field/list/"+id+"/rerun", url.Values{}); status != 422 || !strings.Contains(page, gone) {
			t.Errorf("asked anew, list %s: %d", id, status)
		}
	}
}
