package personpage

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

func TestRoutesRefuse(t *testing.T) {
	s := newSite(t, town)
	webtest.Refusing{URL: s.URL, Routes: s.routes, SignIn: "/sign-in", Bare: func() *http.Client { return s.Client(t, "bare") },
		Home: home, Other: elsewhere, Nowhere: 99}.Exercise(t)
}

func TestLookUpPage(t *testing.T) {
	s := newSite(t, town)
	for _, c := range []struct {
		name, token, query string
		status             int
		has, not           []string
	}{
		{"nothing asked yet", "organizer", "", 200, []string{"What you can type", "Why?"}, []string{"Nobody found"}},
		{"no purpose yet", "organizer", "q=rosa+aguilar", 200, []string{"Say why you look"}, []string{"1140 Cedar"}},
		{"found", "organizer", "q=rosa+aguilar&purpose=question", 200, []string{"Aguilar, Rosa Elena", "1140 Cedar St Apt 3", "2003", "1 person found"}, []string{"Foreign"}},
		{"purpose is kept", "organizer", "q=bob+smith", 200, []string{"Smith, Robert John", "Nickname"}, nil},
		{"a first name alone", "organizer", "q=guadalupe&purpose=question", 200, []string{"De La Cruz, Guadalupe", "First name"}, nil},
		{"an email address", "organizer", "q=rosa.aguilar%40example.org", 200, []string{"Aguilar, Rosa Elena", "Email address"}, nil},
		{"nobody's email address", "organizer", "q=nobody%40example.org", 200, []string{"Nobody found", "as an email address"}, nil},
		{"nobody", "organizer", "q=xyzzy+plugh", 200, []string{"Nobody found", "as a name", "Use fewer words"}, nil},
		{"protected", "organizer", "q=clara+hidden", 200, []string{"Nobody found"}, []string{"Clara"}},
		{"protected, with the permit", "data-associate", "q=clara+hidden&purpose=question", 200, []string{"Hidden, Clara", "Protected by law"}, []string{"Cedar St"}},
		{"age for volunteers", "volunteer", "q=rosa+aguilar&purpose=registration", 200, []string{"Aguilar, Rosa Elena"}, []string{"2003"}},
		{"too little for volunteers", "volunteer", "q=aguilar&purpose=registration", 422, []string{"Give a first and a last name"}, []string{"Rosa Elena"}},
		{"too long", "organizer", "q=" + strings.Repeat("a", 130) + "&purpose=question", 422, []string{"too long for one person"}, nil},
		{"nothing in it", "organizer", "q=%E2%80%A6&purpose=question", 422, []string{"Give a name, an address"}, nil},
		{"a canary of markup", "organizer", "q=%3Cscript%3Ealert(1)%3C/script%3E&purpose=question", 200, nil, []string{"<script>alert"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, page := s.find(t, c.token, c.query)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			for _, want := range c.has {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			for _, no := range c.not {
				if strings.Contains(page, no) {
					t.Errorf("the page says %q", no)
				}
			}
		})
	}
}

func TestLookUpIsThrottled(t *testing.T) {
	s := newSite(t, town)
	status := 0
	for range 14 {
		status, _ = s.find(t, "volunteer", "q=rosa+aguilar&purpose=question")
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the fourteenth look-up at once answers %d, want 429", status)
	}
}

func TestProfilePage(t *testing.T) {
	s := newSite(t, town)
	status, page := s.get(t, "organizer", "/o/3/field/person/1")
	if status != 200 || !strings.Contains(page, "Why do you open this record?") || strings.Contains(page, "Aguilar") {
		t.Errorf("without a purpose: %d", status)
	}
	if status, page = s.get(t, "organizer", "/o/3/field/person/1?asked=1"); status != 422 || !strings.Contains(page, "Say why you open this record") {
		t.Errorf("without an answer: %d", status)
	}
	for _, c := range []struct {
		name, token, path string
		status            int
		has, not          []string
	}{
		{"organizer", "organizer", "/1?purpose=question", 200,
			[]string{"Aguilar, Rosa Elena", "Voted in 2 of the 3 elections", "(555) 014-6630", "Martin Aguilar", "This look is recorded", "Write a note", "Do not call", "Born"},
			[]string{"canary", "Democratic", "Clara", "Teen", "Who else looked"}},
		{"data associate", "data-associate", "/1?purpose=question", 200, []string{"Unaffiliated", "Who else looked"}, []string{"canary", "Clara"}},
		{"volunteer", "volunteer", "/1?purpose=question", 200, []string{"Aguilar, Rosa Elena", "1140 Cedar St Apt 3"},
			[]string{"014-6630", "Martin", "Votes", "Unaffiliated", "2003", "Notes", "canary", "does not want to be reached"}},
		{"protected voter", "organizer", "/10?purpose=question", 404, nil, []string{"Clara"}},
		{"protected voter, with the permit", "data-associate", "/10?purpose=question", 200, []string{"protected by law"}, []string{"Cedar St", "014-0000", "Port Ansel", "Martin", "class=\"map\""}},
		{"minor", "organizer", "/11?purpose=question", 404, nil, nil},
		{"nobody", "organizer", "/999?purpose=question", 404, nil, nil},
		{"another's voter", "organizer", "/15?purpose=question", 404, nil, nil},
		{"looks", "auditor", "/1/looks", 200, []string{"To answer a question"}, []string{"Nobody has looked"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, page := s.get(t, c.token, "/o/3/field/person"+c.path)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			for _, want := range c.has {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			for _, no := range c.not {
				if strings.Contains(page, no) {
					t.Errorf("the page says %q", no)
				}
			}
		})
	}
}

func TestChangesOnAProfile(t *testing.T) {
	s := newSite(t, town)
	s.find(t, "organizer", "q=rosa+aguilar&purpose=follow-up")
	for _, c := range []struct {
		name, verb string
		form       url.Values
		status     int
		has        string // in the answer, or on the profile after it
	}{
		{"a note", "note", url.Values{"note": {"Side stair, <b>buzzer</b> broken."}}, 303, "Side stair, &lt;b&gt;buzzer&lt;/b&gt; broken."},
		{"an empty note", "note", url.Values{"note": {" "}}, 422, "Write the note before you save it."},
		{"a number", "phone", url.Values{"phone": {"919 555 0101"}, "kind": {"home"}}, 303, "(919) 555-0101"},
		{"a short number", "phone", url.Values{"phone": {"555"}, "kind": {"home"}}, 422, "Write the number with its area code"},
		{"a wrong number", "phone/mark", url.Values{"number": {"5550146630"}, "wrong": {"1"}}, 303, "Marked wrong on"},
		{"an email address", "email", url.Values{"email": {"Rosa@Example.com"}}, 303, "rosa@example.com"},
		{"half an email address", "email", url.Values{"email": {"rosa"}}, 422, "Write the whole email address"},
		{"no email address", "email/remove", url.Values{"email": {"nobody@example.com"}}, 404, ""},
		{"a wrong name", "correct", url.Values{"kind": {"name"}, "should": {"Rosa Elena Aguilár"}, "why": {"Her <b>card</b>"}}, 303, "Her &lt;b&gt;card&lt;/b&gt;"},
		{"a wrong name without the right one", "correct", url.Values{"kind": {"name"}, "should": {""}, "why": {"Kept reason"}}, 422, `value="Kept reason"`},
		{"moved away", "correct", url.Values{"kind": {"moved"}}, 303, "Said to have moved away"},
		{"moved away again", "correct", url.Values{"kind": {"moved"}}, 409, "said this already"},
		{"a kind of number", "correct", url.Values{"kind": {"phone_kind home"}, "about": {"5550146630"}}, 303, "It is a home phone"},
		{"an unknown kind of number", "correct", url.Values{"kind": {"phone_kind fax"}, "about": {"5550146630"}}, 422, "Choose what kind of number"},
		{"nothing", "correct", url.Values{"kind": {"taste"}}, 422, "Choose what is wrong."},
		{"no calls", "suppress", url.Values{"channel": {"phone"}, "reason": {"Asked on Jun 5"}}, 303, "Asked on Jun 5"},
		{"no calls without a reason", "suppress", url.Values{"channel": {"mail"}, "reason": {""}}, 422, "Say why, in a few words"},
		{"no calls again", "suppress", url.Values{"channel": {"phone"}, "reason": {"again"}}, 409, "already not to be reached"},
		{"calls again", "lift", url.Values{"channel": {"phone"}, "reason": {"Asked to be called"}}, 303, "Do not call"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, page := s.post(t, "organizer", "/o/3/field/person/1/"+c.verb, c.form)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if status == http.StatusSeeOther {
				_, page = s.get(t, "organizer", strings.Split(page, "#")[0])
			}
			if !strings.Contains(page, c.has) {
				t.Errorf("the page does not say %q", c.has)
			}
		})
	}
	if _, page := s.get(t, "stranger", "/o/4/field/person/1?purpose=question"); strings.Contains(page, "Side stair") || strings.Contains(page, "555-0101") {
		t.Error("the other organisation sees what this one added")
	}
	looks, err := ledger.Entries(context.Background(), s.people.DB(), ledger.Filter{Object: person.ID(1).Object(), Kind: person.KindLook})
	if err != nil || len(looks) < 5 || looks[len(looks)-2].Purpose != string(person.FollowUp) {
		t.Errorf("%d looks in the ledger, %v", len(looks), err)
	}
}

// TestACorrectionFromTheDoorToTheProfile: a volunteer says it, takes one back, a data associate judges it, and who
// said it reads what became of it.
func TestACorrectionFromTheDoorToTheProfile(t *testing.T) {
	s := newSite(t, town)
	const queue, rosa, martin = "/o/3/field/corrections", "/o/3/field/person/1", "/o/3/field/person/2"
	has := func(token, path string, want ...string) {
		t.Helper()
		status, page := s.get(t, token, path)
		for _, w := range want {
			if status != http.StatusOK || !strings.Contains(page, w) {
				t.Errorf("%s, %s: %d, and it does not say %q", token, path, status, w)
			}
		}
	}
	s.find(t, "volunteer", "q=rosa+aguilar&purpose=follow-up")
	s.find(t, "data-associate", "q=rosa+aguilar&purpose=data-quality")
	has("volunteer", queue, "No correction waits", "what became of it")
	for _, at := range []string{rosa, martin} {
		if status, _ := s.post(t, "volunteer", at+"/correct", url.Values{"kind": {"deceased"}}); status != http.StatusSeeOther {
			t.Fatalf("saying it: %d", status)
		}
	}
	if status, _ := s.post(t, "volunteer", rosa+"/correct", url.Values{"kind": {"phone_wrong"}, "about": {"5550146630"}}); status != http.StatusForbidden {
		t.Errorf("a number that the volunteer may not see: %d", status)
	}
	has("volunteer", rosa, "Said to have died", "Take back", "Not judged yet")
	has("data-associate", rosa, "Said to have died")
	has("data-associate", queue, "Aguilar, Rosa Elena", "Aguilar, Martin", "Accepting ends visits, calls")
	has("data-associate", "/o/3/field", "Judge 2 corrections")
	of := func(name string) url.Values {
		q, _, err := s.people.Corrections(context.Background(), org.Operate(home, permit.NewSet(person.PermitJudge, person.PermitCorrect, person.PermitLook)), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range q {
			if strings.HasSuffix(c.Name, name) {
				return url.Values{"person": {strconv.FormatInt(int64(c.Person), 10)}, "correction": {c.ID}}
			}
		}
		t.Fatalf("no correction of %s waits", name)
		return nil
	}
	about := of("Rosa Elena")
	if status, _ := s.post(t, "stranger", "/o/4/field/corrections", with(about, "verdict", "accept")); status != http.StatusNotFound {
		t.Errorf("another organisation judges: %d", status)
	}
	if status, _ := s.post(t, "organizer", queue, with(about, "verdict", "accept")); status != http.StatusForbidden {
		t.Errorf("judging without the permit: %d", status)
	}
	if status, page := s.post(t, "data-associate", queue, with(about, "verdict", "decline")); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Say why you decline") {
		t.Errorf("declining without a word: %d", status)
	}
	if status, _ := s.post(t, "data-associate", queue, with(about, "verdict", "maybe")); status != http.StatusNotFound {
		t.Errorf("a verdict that is none: %d", status)
	}
	if status, _ := s.post(t, "volunteer", rosa+"/correct/withdraw", about); status != http.StatusSeeOther {
		t.Errorf("taking back one's own: %d", status)
	}
	if status, _ := s.post(t, "data-associate", queue, with(of("Martin"), "verdict", "accept")); status != http.StatusSeeOther {
		t.Errorf("accepting: %d", status)
	}
	has("volunteer", queue+"?judged=1", "Taken back", "Accepted", "100", "Aguilar, Martin")
	has("volunteer", martin, "Do not knock", "A correction was accepted: the person has died.", "the voter file does not say so yet")
	if _, page := s.get(t, "stranger", "/o/4/field/person/2?purpose=question"); strings.Contains(page, "has died") || strings.Contains(page, "Has died.") {
		t.Error("another organisation reads the correction")
	}
}

// with is a form with one more input.
func with(form url.Values, name, value string) url.Values {
	f := url.Values{name: {value}}
	for k, v := range form {
		f[k] = v
	}
	return f
}

func TestPreviousAndNext(t *testing.T) {
	s := newSite(t, town)
	s.find(t, "organizer", "q=john+smith&purpose=question")
	_, page := s.get(t, "organizer", "/o/3/field/person/5")
	for _, want := range []string{"2 of 3", `href="/o/3/field/person/4"`, `href="/o/3/field/person/6"`, `href="/o/3/field/person/last"`, "Look-up: john smith"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestNoNameInAnAddress: what was looked up is come back to without its words, and words in an address look nobody up.
func TestNoNameInAnAddress(t *testing.T) {
	s := newSite(t, town)
	if status, to := s.get(t, "organizer", "/o/3/field/person/last"); status != http.StatusSeeOther || to != "/o/3/field/person" {
		t.Errorf("back to results that were never there: %d to %q", status, to)
	}
	if _, page := s.get(t, "organizer", "/o/3/field/person?q=rosa+aguilar&purpose=question"); strings.Contains(page, "1140 Cedar St Apt 3") || strings.Contains(page, "found") {
		t.Error("a name in the address was looked up")
	}
	s.find(t, "organizer", "q=rosa+aguilar&purpose=question")
	if status, page := s.get(t, "organizer", "/o/3/field/person/last"); status != 200 || !strings.Contains(page, "Aguilar, Rosa Elena") {
		t.Errorf("back to the results: %d", status)
	}
}

// TestResultsHaveAnAddressThatSaysNothing: the answer to a look-up can be reloaded, and its address opens nothing for anybody
// else.
func TestResultsHaveAnAddressThatSaysNothing(t *testing.T) {
	s := newSite(t, town)
	status, to := s.post(t, "organizer", "/o/3/field/person", url.Values{"q": {"rosa aguilar"}, "purpose": {"question"}})
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/o/3/field/person?found=") || strings.Contains(strings.ToLower(to), "rosa") {
		t.Fatalf("%d to %s", status, to)
	}
	for range 2 {
		if status, page := s.get(t, "organizer", to); status != http.StatusOK || !strings.Contains(page, "Aguilar, Rosa Elena") {
			t.Errorf("the results: %d", status)
		}
	}
	for _, c := range []struct{ token, path string }{{"data-associate", to}, {"organizer", to + "x"}, {"organizer", "/o/3/field/person?found=rosa"}} {
		if status, page := s.get(t, c.token, c.path); status != http.StatusSeeOther || page != "/o/3/field/person" {
			t.Errorf("%s, %s: %d to %.80s", c.token, c.path, status, page)
		}
	}
	if status, to := s.post(t, "organizer", "/o/3/field/person", url.Values{"q": {"  "}}); status != http.StatusSeeOther || to != "/o/3/field/person" {
		t.Errorf("nothing typed: %d to %s", status, to)
	}
}
