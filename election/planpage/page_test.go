package planpage

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/election/planpage/sheet"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

const office = org.ID(7)

// serve shows the page to an administrator, whose session is "planner".
func serve(t *testing.T) *webtest.Site {
	t.Helper()
	catalog, err := permit.NewCatalog(Permits)
	if err != nil {
		t.Fatal(err)
	}
	h := webtest.NewHouse()
	h.SignIn("planner", account.ID(1), "Maribel Ocampo")
	h.Seat(account.ID(1), office, "Halden County Elections", "Administrator", PermitPlan)
	h.SignIn("bare", account.ID(2), "Luz Sandoval")
	h.Seat(account.ID(2), office, "Halden County Elections", "Volunteer")
	program, err := os.ReadFile("../es.json")
	if err != nil {
		t.Fatal(err)
	}
	return webtest.Serve(t, web.Config{Site: web.Site{Name: "Halden County Elections", Purpose: web.Office}, Sessions: h, Seats: h, Permits: catalog, Routes: Routes(),
		Areas: []web.Area{{Key: "election", Title: "Elections", Path: "election/plan"}}, Nav: Nav, Assets: []fs.FS{os.DirFS("../built")}, Log: slog.New(slog.DiscardHandler)}, Spanish, sheet.Spanish, program)
}

const page7 = "/o/7/election/plan"

func get(t *testing.T, s *webtest.Site, query url.Values) (int, string) {
	t.Helper()
	r, err := s.Client(t, "planner").Get(s.URL + page7 + "?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	if err := r.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

var halden = url.Values{"ballots": {"150,000"}, "margin": {"2.5"}, "method": {"alpha-comparison"}, "limit": {"5"}, "counties": {"Halden, 110000, 3\nBrandt Creek, 40000"}}

func TestAPlan(t *testing.T) {
	s := serve(t)
	if code, text := get(t, s, halden); code != http.StatusOK || !strings.Contains(text, "If the reported outcome is right") || !strings.Contains(text, "Brandt Creek") {
		t.Errorf("%d\n%s", code, text)
	}
	votes := url.Values{"ballots": {"9000"}, "tally": {"Ávila, Ana: 3,000\nO'Brien; 2500\nNo 100"}, "winners": {"1"}, "method": {"macro"}, "batch": {"300"}}
	if code, text := get(t, s, votes); code != http.StatusOK || !strings.Contains(text, "batches") {
		t.Errorf("%d\n%s", code, text)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	s := serve(t)
	for name, c := range map[string]struct {
		change url.Values
		want   string
	}{
		"no ballots":       {url.Values{"ballots": {""}}, "Give the number of ballots"},
		"a word":           {url.Values{"ballots": {"many"}}, "Give the number of ballots"},
		"too many":         {url.Values{"ballots": {"99999999999999999999"}}, "Give the number of ballots"},
		"no margin":        {url.Values{"margin": {""}}, "Give the margin, or the votes below."},
		"margin and votes": {url.Values{"tally": {"A, 1"}}, "not both"},
		"a large margin":   {url.Values{"margin": {"101"}}, "from 0 to 100"},
		"no limit":         {url.Values{"limit": {"0"}}, "risk limit in percent"},
		"too many errors":  {url.Values{"over2": {"999"}}, "in a thousand"},
		"counties":         {url.Values{"counties": {"Halden"}}, "Line 1 is not a name"},
		"counties' sum":    {url.Values{"counties": {"Halden, 3"}}, "contradict each other"},
		"a batch of none":  {url.Values{"method": {"macro"}, "batch": {"0"}}, "in a batch"},
		"a slow team":      {url.Values{"minutes": {"NaN"}}, "minutes for one ballot"},
		"no votes":         {url.Values{"margin": {""}, "tally": {"Ana"}}, "Line 1 does not end"},
		"too many votes":   {url.Values{"margin": {""}, "tally": {"Ana, 150000\nBo, 1"}}, "contradict each other"},
		"nobody lost":      {url.Values{"margin": {""}, "tally": {"Ana, 15"}}, "Everybody on this list wins"},
		"no such method":   {url.Values{"method": {"dice"}}, "contradict each other"},
	} {
		q := url.Values{}
		for k, v := range halden {
			q[k] = v
		}
		for k, v := range c.change {
			q[k] = v
		}
		if code, text := get(t, s, q); code != http.StatusUnprocessableEntity || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d, without %q", name, code, c.want)
		}
	}
}

func TestOnlyPlannersPlan(t *testing.T) {
	s := serve(t)
	r := webtest.Refusing{URL: s.URL, Routes: Routes(), SignIn: "/sign-in", Bare: func() *http.Client { return s.Client(t, "bare") }, Home: int64(office), Other: 8, Nowhere: 9}
	r.Exercise(t)
}

func TestPictures(t *testing.T) {
	s := serve(t)
	tab := enter(t, s)
	tab.Look("plan-empty", s.URL+page7)
	tab.Look("plan", s.URL+page7+"?"+halden.Encode())
}

// What a browser fetches once to plan by itself.
func TestTheModuleIsSmall(t *testing.T) {
	i, err := os.Stat("../built/plan.wasm.gz")
	if err != nil {
		t.Fatal(err)
	}
	if i.Size() > 1_500_000 {
		t.Errorf("the module has %d bytes", i.Size())
	}
}
