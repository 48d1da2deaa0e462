package person

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

func look(t *testing.T, p *Store, a org.Actor, id ID) Profile {
	t.Helper()
	prof, err := p.Look(context.Background(), a, id, AnswerQuestion)
	if err != nil {
		t.Fatalf("Look(%d): %v", id, err)
	}
	return prof
}

func do(t *testing.T, p *Store, a org.Actor, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := p.db.Transact(a.Within(context.Background()), f); err != nil {
		t.Fatal(err)
	}
}

// addFacts gives Rosa votes, an e-mail address and what two organisations know about her.
func addFacts(t *testing.T, p *Store) {
	t.Helper()
	exec(t, p.db, `INSERT INTO field_email (person_id, email, org_id, source, confidence) VALUES (1, 'rosa@example.org', 0, 'voter file', 60)`)
	exec(t, p.db, `INSERT INTO field_election (id, held_on, type, name) VALUES (2022110801, 20221108, 1, 'November 2022'), (2024110501, 20241105, 1, 'November 2024'), (2024030502, 20240305, 2, 'March 2024'), (2018110601, 20181106, 1, 'November 2018')`)
	exec(t, p.db, `INSERT INTO field_vote (person_id, election_id, method, party, county) VALUES (1, 2022110801, 1, '', ''), (1, 2024030502, 3, 'DEM', ''), (2, 2022110801, 1, '', ''), (2, 2024110501, 2, '', ''), (4, 2018110601, 1, '', '')`)
	exec(t, p.db, `INSERT INTO field_note (person_id, note_id, org_id, body, account_id, created_at) VALUES (1, 'x', 2, 'canary of organisation 2', 9, 1)`)
	exec(t, p.db, `INSERT INTO field_phone (person_id, number, org_id, kind, source, confidence) VALUES (1, '5550990000', 2, 'cell', 'canary of organisation 2', 50)`)
	exec(t, p.db, `INSERT INTO field_suppression (person_id, org_id, channel, reason, account_id, created_at) VALUES (1, 2, 'door', 'canary of organisation 2', 9, 1), (1, 0, 'text', 'asked the whole table', 9, 1)`)
}

// TestEachRoleSeesOnlyItsFields compares what leaves the package with an allow-list for each role.
func TestEachRoleSeesOnlyItsFields(t *testing.T) {
	all := []string{"address", "age", "birth", "corrections", "demographic", "districts", "emails", "household", "id", "name", "notes", "phones", "registration", "spoken", "suppressions", "votes"}
	want := map[string][]string{
		"data-associate": all,
		"organizer":      {"address", "age", "birth", "corrections", "districts", "emails", "household", "id", "name", "notes", "phones", "registration", "spoken", "suppressions", "votes"},
		"volunteer":      {"address", "age", "corrections", "districts", "id", "name", "registration", "spoken", "suppressions"},
		"auditor":        {"address", "age", "districts", "id", "name", "registration", "spoken", "suppressions"},
	}
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		addFacts(t, p)
		for key, fields := range want {
			b, err := json.Marshal(look(t, p, role(t, 1, key), 1))
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]any
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fields, slices.Sorted(maps.Keys(m))); diff != "" {
				t.Errorf("%s: %s", key, diff)
			}
			if strings.Contains(string(b), "canary") {
				t.Errorf("%s sees what belongs to another organisation: %s", key, b)
			}
			if key != "data-associate" && strings.Contains(string(b), "DEM") {
				t.Errorf("%s sees a party: %s", key, b)
			}
			found, err := json.Marshal(find(t, p, role(t, 1, key), "rosa aguilar").Hits[0])
			if err != nil {
				t.Fatal(err)
			}
			if key == "volunteer" && strings.Contains(string(found), "birth") {
				t.Errorf("%s sees a year of birth: %s", key, found)
			}
		}
	})
}

func TestProfile(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		addFacts(t, p)
		got := look(t, p, role(t, 1, "data-associate"), 1)
		if got.Name != "Aguilar, Rosa Elena" || got.Age != 24 || got.Address.Line != "1140 Cedar St Apt 3" {
			t.Errorf("%+v", got)
		}
		if got.Votes.Voted != 2 || got.Votes.Of != 3 {
			t.Errorf("voted in %d of %d, want 2 of 3: %+v", got.Votes.Voted, got.Votes.Of, got.Votes.Elections)
		}
		if first := got.Votes.Elections[0]; !first.Before || first.On != 20181106 {
			t.Errorf("the election before the registration: %+v", first)
		}
		// Household: Martin; not the protected voter, and the minor because this role may see minors.
		if diff := cmp.Diff([]Housemate{{ID: 2, Name: "Martin Aguilar", Age: 52, Status: Active}, {ID: 11, Name: "Teen Young", Status: Active}}, *got.Household,
			cmp.Transformer("sort", func(h []Housemate) []Housemate {
				return slices.SortedFunc(slices.Values(h), func(a, b Housemate) int { return int(a.ID - b.ID) })
			})); diff != "" {
			t.Error(diff)
		}
		if len(*got.Phones) != 1 || len(got.Suppressions) != 1 || !got.Suppressions[0].SiteWide() {
			t.Errorf("phones %v, suppressions %v", *got.Phones, got.Suppressions)
		}
		if ids := look(t, p, role(t, 1, "organizer"), 1).Household; len(*ids) != 1 {
			t.Errorf("an organizer sees %v in the household", *ids)
		}
		protected := look(t, p, role(t, 1, "data-associate"), 10)
		if protected.Address != nil || protected.Phones != nil || protected.Emails != nil || protected.Household != nil || protected.Districts != nil {
			t.Errorf("a protected voter shows %+v", protected)
		}
	})
}

func TestLookRefusesAndRecords(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		ctx := context.Background()
		for _, c := range []struct {
			actor org.Actor
			id    ID
			why   Purpose
			want  fault.Kind
		}{
			{org.Actor{}, 1, AnswerQuestion, fault.Denied},
			{holding(t, 1, PermitFind), 1, AnswerQuestion, fault.Denied},
			{role(t, 1, "organizer"), 1, "", fault.Invalid},
			{role(t, 1, "organizer"), 999, AnswerQuestion, fault.NotFound},
			{role(t, 1, "organizer"), 10, AnswerQuestion, fault.NotFound}, // confidential
			{role(t, 1, "organizer"), 11, AnswerQuestion, fault.NotFound}, // minor
			{role(t, 1, "organizer"), 12, AnswerQuestion, fault.NotFound}, // dropped
			{role(t, 1, "data-associate"), 15, AnswerQuestion, fault.NotFound},
			{role(t, 2, "data-associate"), 1, AnswerQuestion, fault.NotFound},
		} {
			if _, err := p.Look(ctx, c.actor, c.id, c.why); err == nil || fault.KindOf(err) != c.want {
				t.Errorf("Look(%d) for %q: %v, want %v", c.id, c.why, err, c.want)
			}
		}
		look(t, p, role(t, 1, "volunteer"), 1)
		find(t, p, role(t, 1, "volunteer"), "rosa aguilar")
		looks, err := p.Looks(ctx, role(t, 1, "auditor"), 1)
		if err != nil || len(looks) != 1 || looks[0].Purpose != string(AnswerQuestion) || looks[0].Data["shown"] != "registration,address,corrections" {
			t.Errorf("looks: %+v, %v", looks, err)
		}
		if _, err := p.Looks(ctx, role(t, 1, "organizer"), 1); fault.KindOf(err) != fault.Denied {
			t.Errorf("an organizer sees who looked: %v", err)
		}
		finds, err := ledger.Entries(ctx, p.db, ledger.Filter{Kind: KindFind})
		if err != nil || len(finds) != 1 || finds[0].Personal["query"] != "rosa aguilar" {
			t.Fatalf("finds: %+v, %v", finds, err)
		}
		for k, v := range finds[0].Data {
			if s, ok := v.(string); ok && strings.Contains(strings.ToLower(s), "rosa") {
				t.Errorf("personal data in the hashed part: %s=%s", k, s)
			}
		}
	})
}

func TestWhatAnOrganisationAdds(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		addFacts(t, p)
		a, other := role(t, 1, "organizer"), role(t, 2, "organizer")
		exec(t, p.db, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 2, 1, 1, ?)`, testNow.AddDate(1, 0, 0))
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error { return p.AddNote(ctx, tx, a, 1, "  Prefers mornings. ") })
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error { return p.AddPhone(ctx, tx, a, 1, "(919) 555-0101", "home") })
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error { return p.MarkPhone(ctx, tx, a, 1, "5550146630", true) })
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error { return p.Suppress(ctx, tx, a, 1, ByCall, "Asked on Jun 5") })
		mine, theirs := look(t, p, a, 1), look(t, p, other, 1)
		if n := *mine.Notes; len(n) != 1 || n[0].Body != "Prefers mornings." || !n[0].At.Equal(testNow) {
			t.Errorf("notes: %+v", n)
		}
		if ph := *mine.Phones; len(ph) != 2 || ph[0].Number != "9195550101" || !ph[0].Own || ph[1].WrongAt.IsZero() || ph[1].Own {
			t.Errorf("phones: %+v", ph)
		}
		if s := mine.Suppressions; len(s) != 2 || s[0].Channel != ByCall || s[1].Channel != ByText {
			t.Errorf("suppressions: %+v", s)
		}
		if n, ph := *theirs.Notes, *theirs.Phones; len(n) != 1 || n[0].Body == "Prefers mornings." || len(ph) != 2 || !ph[0].WrongAt.IsZero() || !ph[1].WrongAt.IsZero() {
			t.Errorf("the other organisation sees notes %+v, phones %+v", n, ph)
		}
		if got := find(t, p, a, "919 555 0101"); !slices.Equal(ids(got), []int64{1}) {
			t.Errorf("by our own number: %v", ids(got))
		}
		if got := find(t, p, other, "919 555 0101"); len(got.Hits) != 0 {
			t.Errorf("by another organisation's number: %v", ids(got))
		}
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error { return p.MarkPhone(ctx, tx, a, 1, "5550146630", false) })
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error { return p.Lift(ctx, tx, a, 1, ByCall, "Asked again") })
		after := look(t, p, a, 1)
		for _, ph := range *after.Phones {
			if !ph.WrongAt.IsZero() {
				t.Errorf("still wrong: %+v", ph)
			}
		}
		if len(after.Suppressions) != 1 {
			t.Errorf("after lifting: %+v", after.Suppressions)
		}
	})
}

func TestWritesRefuse(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		addFacts(t, p)
		a, associate := role(t, 1, "organizer"), role(t, 1, "data-associate")
		for name, c := range map[string]struct {
			want fault.Kind
			do   func(ctx context.Context, tx *db.Tx) error
		}{
			"empty note":          {fault.Invalid, func(ctx context.Context, tx *db.Tx) error { return p.AddNote(ctx, tx, a, 1, " \n") }},
			"long note":           {fault.Invalid, func(ctx context.Context, tx *db.Tx) error { return p.AddNote(ctx, tx, a, 1, strings.Repeat("x", 2001)) }},
			"note by a volunteer": {fault.Denied, func(ctx context.Context, tx *db.Tx) error { return p.AddNote(ctx, tx, role(t, 1, "volunteer"), 1, "x") }},
			"note on nobody":      {fault.NotFound, func(ctx context.Context, tx *db.Tx) error { return p.AddNote(ctx, tx, a, 999, "x") }},
			"note on a stranger":  {fault.NotFound, func(ctx context.Context, tx *db.Tx) error { return p.AddNote(ctx, tx, a, 15, "x") }},
			"note on a protected": {fault.NotFound, func(ctx context.Context, tx *db.Tx) error { return p.AddNote(ctx, tx, a, 10, "x") }},
			"bad number":          {fault.Invalid, func(ctx context.Context, tx *db.Tx) error { return p.AddPhone(ctx, tx, a, 1, "555-0101", "home") }},
			"bad kind":            {fault.Invalid, func(ctx context.Context, tx *db.Tx) error { return p.AddPhone(ctx, tx, a, 1, "9195550101", "fax") }},
			"number of protected": {fault.Denied, func(ctx context.Context, tx *db.Tx) error {
				return p.AddPhone(ctx, tx, associate, 10, "9195550101", "home")
			}},
			"unknown number":  {fault.NotFound, func(ctx context.Context, tx *db.Tx) error { return p.MarkPhone(ctx, tx, a, 1, "9195550101", true) }},
			"their number":    {fault.NotFound, func(ctx context.Context, tx *db.Tx) error { return p.MarkPhone(ctx, tx, a, 1, "5550990000", true) }},
			"no reason":       {fault.Invalid, func(ctx context.Context, tx *db.Tx) error { return p.Suppress(ctx, tx, a, 1, ByCall, "") }},
			"no such channel": {fault.Invalid, func(ctx context.Context, tx *db.Tx) error { return p.Suppress(ctx, tx, a, 1, "fax", "x") }},
			"nothing to lift": {fault.Conflict, func(ctx context.Context, tx *db.Tx) error { return p.Lift(ctx, tx, a, 1, ByMail, "x") }},
			"site's own":      {fault.Conflict, func(ctx context.Context, tx *db.Tx) error { return p.Lift(ctx, tx, a, 1, ByText, "x") }},
		} {
			if err := p.db.Transact(a.Within(context.Background()), c.do); err == nil || fault.KindOf(err) != c.want {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	})
}

func TestPlaceInTheLastResults(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		a := role(t, 1, "organizer")
		find(t, p, a, "john smith")
		at, ok := p.PlaceOf(a, 5)
		if want := (Place{Query: "john smith", Number: 2, Of: 3, Previous: 4, Next: 6}); !ok || at != want {
			t.Errorf("%+v, %v, want %+v", at, ok, want)
		}
		if _, ok := p.PlaceOf(role(t, 2, "organizer"), 5); ok {
			t.Error("another organisation has a place in these results")
		}
		p.now = func() time.Time { return testNow.Add(13 * time.Hour) }
		if _, ok := p.PlaceOf(a, 5); ok {
			t.Error("the results are remembered too long")
		}
	})
}
