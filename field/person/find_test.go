package person

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

var town = persontest.Town

func find(t testing.TB, p *Store, a org.Actor, query string) Found {
	t.Helper()
	f, err := p.Find(context.Background(), a, Find{Query: query, Purpose: AnswerQuestion})
	if err != nil {
		t.Fatalf("Find(%q): %v", query, err)
	}
	return f
}

func ids(f Found) []int64 {
	var all []int64
	for _, h := range f.Hits {
		all = append(all, int64(h.ID))
	}
	return all
}

func TestFind(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		a := role(t, 1, "organizer")
		for _, c := range []struct {
			query string
			want  []int64 // in order; more may follow
			why   []Why   // of the first
		}{
			{"rosa aguilar", []int64{1}, nil},
			{"Aguilar, Rosa", []int64{1}, nil},
			{"aguilar rosa", []int64{1}, []Why{WhyOrder}},
			{"ROSA ELENA AGUILAR", []int64{1}, nil},
			{"elena aguilar", []int64{1}, []Why{WhyMiddle}},
			{"rosa agiular", []int64{1}, []Why{WhyNear}},
			{"roza aguilar", []int64{1}, []Why{WhyNear}},
			{"rosa aguilar 2003", []int64{1}, nil},
			{"r aguilar", []int64{1}, []Why{WhyBegins}},
			{"aguilar", []int64{2, 1}, nil},
			{"aguila", []int64{2, 1}, []Why{WhyBegins}},
			{"john smith", []int64{4, 5, 6}, nil},
			{"john smith sable point", []int64{5}, nil},
			{"john smith 1991", []int64{5, 4}, nil},
			{"john smith 40555", []int64{5, 4}, nil},
			{"jack smith", []int64{4, 5}, []Why{WhyNickname}},
			{"bob smith", []int64{6}, []Why{WhyNickname}},
			{"maria lopez", []int64{3}, []Why{WhyPart}},
			{"maria garcia", []int64{3}, []Why{WhyPart}},
			{"maria lopez garcia", []int64{3}, nil},
			{"garcia", []int64{3}, []Why{WhyPart}},
			{"lupe de la cruz", []int64{7}, []Why{WhyNickname}},
			{"guadalupe cruz", []int64{7}, []Why{WhyPart}},
			{"catherine oneal", []int64{8}, []Why{WhyNickname}},
			{"kate o'neal", []int64{8}, nil},
			{"steven gimenez", []int64{9}, []Why{WhyNear, WhyNickname}},
			{"thomas james", []int64{13}, nil},
			{"dao nguyen", []int64{14}, nil},
			{"1140 cedar", []int64{2, 1}, []Why{WhyAddress}},
			{"1140 Cedar St, apt 3, Port Ansel", []int64{2, 1}, []Why{WhyAddress}},
			{"1140 cadar st", []int64{2, 1}, []Why{WhyAddress}},
			{"12 oak", []int64{3}, []Why{WhyAddress}},
			{"401 county road 20", []int64{7}, []Why{WhyAddress}},
			{"1 martin luther king blvd", []int64{8}, []Why{WhyAddress}},
			{"elm st", []int64{9, 6, 5}, []Why{WhyAddress}},
			{"(555) 014-6630", []int64{1}, []Why{WhyPhone}},
			{"555-014-6630", []int64{1}, []Why{WhyPhone}},
			{"014-6630", []int64{1}, []Why{WhyPhone}},
			{"AA000004", []int64{4}, []Why{WhyStateID}},
			{"aa-000 004", []int64{4}, []Why{WhyStateID}},
			{"AA0000", []int64{2, 1}, nil},
			{"rosa", []int64{1}, []Why{WhyFirst}},
			{"guadalupe", []int64{7}, []Why{WhyFirst}},
			{"lupe", []int64{7}, []Why{WhyNickname, WhyFirst}},
			{"guadal", []int64{7}, []Why{WhyBegins, WhyFirst}},
			{"guadalpe", []int64{7}, []Why{WhyNear, WhyFirst}},
			{"estephen", nil, nil},
			{"thomas", []int64{13}, nil},
			{"martin", []int64{2}, []Why{WhyFirst}},
			{"john 1991", []int64{5}, []Why{WhyFirst}},
			{"john 40555", []int64{5}, []Why{WhyFirst}},
			{"dao nguyen", []int64{14}, nil},
			{"rosa.aguilar@example.org", []int64{1}, []Why{WhyEmail}},
			{"ROSA.Aguilar@Example.org", []int64{1}, []Why{WhyEmail}},
			{"rosa.aguilar", []int64{1}, nil},
			{"rosa.ag", []int64{1}, []Why{WhyEmail}},
			{"rosa.agiular@example.org", []int64{1}, []Why{WhyEmail}},
			{"rosa.aguilar@example.com", []int64{1}, []Why{WhyEmail}},
		} {
			got := find(t, p, a, c.query)
			if len(got.Hits) < len(c.want) || !slices.Equal(ids(got)[:len(c.want)], c.want) {
				t.Errorf("Find(%q) = %v, want %v first", c.query, ids(got), c.want)
				continue
			}
			if c.why != nil && !slices.Equal(got.Hits[0].Why, c.why) {
				t.Errorf("Find(%q) because %v, want %v", c.query, got.Hits[0].Why, c.why)
			}
		}
	})
}

func TestFindShowsNobodyItMustNot(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		for _, c := range []struct {
			role, query string
			want        []int64
		}{
			{"organizer", "clara hidden", nil}, {"organizer", "AA000010", nil}, {"organizer", "5550140000", nil},
			{"organizer", "teen young", nil}, {"organizer", "wendy gone", nil}, {"organizer", "rosa foreign", nil},
			{"data-associate", "clara hidden", []int64{10}}, {"data-associate", "AA000010", []int64{10}},
			{"data-associate", "clara.hidden@example.org", nil}, {"data-associate", "clara.hid", nil}, {"data-associate", "clara", []int64{10}}, {"organizer", "clara", nil},
			{"organizer", "teen", nil}, {"organizer", "wendy", nil}, {"organizer", "rosa", []int64{1}},
			{"data-associate", "5550140000", nil}, // a number or an address never leads to a protected voter
			{"data-associate", "1140 cedar st", []int64{1, 2, 11}},
			{"data-associate", "teen young", []int64{11}}, {"data-associate", "rosa foreign", nil},
			{"volunteer", "rosa aguilar", []int64{1}},
		} {
			got := ids(find(t, p, role(t, 1, c.role), c.query))
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s, Find(%q): %s", c.role, c.query, diff)
			}
		}
		dropped, err := p.Find(context.Background(), role(t, 1, "data-associate"), Find{Query: "wendy gone", Purpose: DataQuality, Dropped: true})
		if err != nil || !slices.Equal(ids(dropped), []int64{12}) {
			t.Errorf("dropped people: %v, %v", ids(dropped), err)
		}
		if hit := find(t, p, role(t, 1, "data-associate"), "clara hidden").Hits[0]; hit.Address != "" || hit.City != "" || hit.Zip != "" {
			t.Errorf("a protected address is shown: %+v", hit)
		}
		if got := find(t, p, role(t, 3, "data-associate"), "rosa aguilar"); len(got.Hits) != 0 {
			t.Errorf("an organisation without a grant sees %v", ids(got))
		}
		exec(t, p.db, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 3, 1, 1, ?)`, testNow.AddDate(0, 1, 0))
		if got := find(t, p, role(t, 3, "organizer"), "rosa aguilar"); !slices.Equal(ids(got), []int64{1}) {
			t.Errorf("with a grant: %v", ids(got))
		}
		exec(t, p.db, `UPDATE field_voterfile_grant SET ends_at = ?`, testNow.AddDate(0, 0, -1))
		if got := find(t, p, role(t, 3, "organizer"), "rosa aguilar"); len(got.Hits) != 0 {
			t.Errorf("after the grant ended: %v", ids(got))
		}
	})
}

// TestTheFirstLookUpForgivesTooAndAnImportIsNoticed uses a store that nobody told to read the words.
func TestTheFirstLookUpForgivesTooAndAnImportIsNoticed(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		persontest.Insert(t, p.db, slices.Values(town))
		a := role(t, 1, "organizer")
		if got := search(t, p, a, "roza agiular"); !slices.Equal(ids(got), []int64{1}) {
			t.Errorf("at the first look-up: %v", ids(got))
		}
		persontest.Insert(t, p.db, slices.Values([]human{{ID: 50, Last: "ZELAYA", First: "XOCHITL"}}))
		exec(t, p.db, `INSERT INTO field_voterfile_import (voterfile_id, state, files, file_date, account_id, created_at, changed_at) VALUES (1, 'loaded', '[]', 20271001, 1, 5, 6)`)
		p.now = func() time.Time { return testNow.Add(time.Minute) }
		for range 200 {
			if got := search(t, p, a, "sochitl zelalla"); slices.Equal(ids(got), []int64{50}) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Error("the new word was never found")
	})
}

func TestFindRefuses(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		for _, c := range []struct {
			actor   org.Actor
			query   string
			purpose Purpose
			want    fault.Kind
		}{
			{org.Actor{}, "rosa aguilar", AnswerQuestion, fault.Denied},
			{role(t, 1, "organizer"), "", AnswerQuestion, fault.Invalid},
			{role(t, 1, "organizer"), "…", AnswerQuestion, fault.Invalid},
			{role(t, 1, "organizer"), strings.Repeat("a", 121), AnswerQuestion, fault.Invalid},
			{role(t, 1, "organizer"), "rosa aguilar", "", fault.Invalid},
			{role(t, 1, "organizer"), "rosa aguilar", "curiosity", fault.Invalid},
			{role(t, 1, "volunteer"), "aguilar", AnswerQuestion, fault.Invalid},
			{role(t, 1, "volunteer"), "rosa", AnswerQuestion, fault.Invalid},
			{role(t, 1, "volunteer"), "rosa.aguilar@example.org", AnswerQuestion, fault.Invalid},
			{role(t, 1, "volunteer"), "555-014-6630", AnswerQuestion, fault.NotFound}, // no result: NotFound stands for none here
		} {
			f, err := p.Find(context.Background(), c.actor, Find{Query: c.query, Purpose: c.purpose})
			switch {
			case c.want == fault.NotFound && len(f.Hits) == 0:
			case err == nil || fault.KindOf(err) != c.want:
				t.Errorf("Find(%q) for %q: %v, want %v", c.query, c.purpose, err, c.want)
			}
		}
	})
}

func TestFindIsThrottled(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		a := role(t, 1, "volunteer")
		refused := 0
		for range 20 {
			if _, err := p.Find(context.Background(), a, Find{Query: "rosa aguilar", Purpose: AnswerQuestion}); fault.KindOf(err) == fault.Busy {
				refused++
			}
		}
		if refused != 8 {
			t.Errorf("%d of 20 look-ups at once were refused, want 8", refused)
		}
	})
}

func TestAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-z0-9]{1,6}`).Draw(t, "s")
		longer := s + rapid.StringMatching(`[a-z0-9]{0,4}`).Draw(t, "more")
		if end := after(s); end != "" && longer >= end {
			t.Fatalf("after(%q) = %q, but %q begins so", s, end, longer)
		}
	})
}

// TestEverybodyIsFound looks up everybody by full name as written, and many with one letter wrong.
func TestEverybodyIsFound(t *testing.T) {
	n, tries := 20_000, 600
	if testing.Short() {
		n, tries = 3000, 300
	}
	run(t, func(t *testing.T, p *Store) {
		all := slices.Collect(persontest.Many(n, 7))
		insert(t, p, slices.Values(all))
		a := role(t, 1, "organizer")
		r := rand.New(rand.NewPCG(3, 4))
		missed, wrong := 0, 0
		for range tries {
			h := all[r.IntN(len(all))]
			name := h.First + " " + h.Middle + " " + h.Last
			if !foundAmong(search(t, p, a, name), h, MostHits) {
				missed++
				t.Logf("not found: %q", name)
			}
			if typo := oneEdit(r, name); !foundAmong(search(t, p, a, typo), h, 10) {
				wrong++
			}
		}
		t.Logf("with one wrong letter %d of %d are among the first ten: %.1f %%", tries-wrong, tries, float64(tries-wrong)*100/float64(tries))
		if missed > 0 {
			t.Errorf("%d of %d full names did not find their person", missed, tries)
		}
		if wrong*20 > tries {
			t.Errorf("%d of %d misspelled names did not find their person among the first ten", wrong, tries)
		}
	})
}

// foundAmong reports whether h, or somebody of exactly the same name, is among the first most hits.
func foundAmong(f Found, h human, most int) bool {
	want := listName(h.Last, h.First, h.Middle, h.Suffix)
	return slices.ContainsFunc(f.Hits[:min(most, len(f.Hits))], func(x Hit) bool { return int64(x.ID) == h.ID || x.Name == want })
}

// search finds without a ledger entry or throttle.
func search(t testing.TB, p *Store, a org.Actor, query string) Found {
	t.Helper()
	q, err := parseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.search(context.Background(), a, q, false)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// oneEdit leaves out, adds, exchanges or swaps one letter of one word of at least three letters.
func oneEdit(r *rand.Rand, name string) string {
	for {
		b := []byte(name)
		i := r.IntN(len(b) - 1)
		if b[i] == ' ' || b[i+1] == ' ' {
			continue
		}
		letter := byte('A' + r.IntN(26))
		switch r.IntN(4) {
		case 0:
			b = slices.Delete(b, i, i+1)
		case 1:
			b = slices.Insert(b, i, letter)
		case 2:
			b[i] = letter
		default:
			b[i], b[i+1] = b[i+1], b[i]
		}
		if string(b) != name {
			return string(b)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"rosa aguilar", "Aguilar, Rosa", "1140 cedar st apt 3", "(555) 014-6630", "AA-0000 4", "\xff\x00", "1", ",", "'", "1' st", "- st"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := parseQuery(s)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		if q.comma > len(q.names) || len(q.names) > mostWords {
			t.Errorf("%q: %+v", s, q)
		}
		streetCandidates(q.street)
		newScorer(&q, true).score(&row{Last: "LOPEZ GARCIA", LastKey: "lopezgarcia", First: "MARIA", FirstKey: "maria"})
	})
}
