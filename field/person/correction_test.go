package person

import (
	"context"
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

// as runs a change for an actor and returns what became of it.
func as(p *Store, a org.Actor, f func(ctx context.Context, tx *db.Tx) error) error {
	return p.db.Transact(a.Within(context.Background()), f)
}

func correct(t *testing.T, p *Store, a org.Actor, id ID, s Said) {
	t.Helper()
	if err := as(p, a, func(ctx context.Context, tx *db.Tx) error { return p.Correct(ctx, tx, a, id, s) }); err != nil {
		t.Fatalf("correcting %+v: %v", s, err)
	}
}

func judge(t *testing.T, p *Store, a org.Actor, c Correction, accept bool, answer string) {
	t.Helper()
	if err := as(p, a, func(ctx context.Context, tx *db.Tx) error { return p.Judge(ctx, tx, a, c.Person, c.ID, accept, answer) }); err != nil {
		t.Fatalf("judging %+v: %v", c, err)
	}
}

// queueOf returns the corrections that wait, by kind.
func queueOf(t *testing.T, p *Store, a org.Actor) map[Mistake]Correction {
	t.Helper()
	all, _, err := p.Corrections(context.Background(), a, false)
	if err != nil {
		t.Fatal(err)
	}
	m := map[Mistake]Correction{}
	for _, q := range all {
		m[q.Kind] = q.Correction
	}
	return m
}

func TestCorrections(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		addFacts(t, p)
		a, associate, other := role(t, 1, "organizer"), role(t, 1, "data-associate"), role(t, 2, "data-associate")
		exec(t, p.db, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 2, 1, 1, ?)`, testNow.AddDate(1, 0, 0))
		for _, s := range []Said{
			{Kind: WrongName, Should: "Rosa Elena Aguilár", Why: "Told at the door"},
			{Kind: WrongAddress, Should: "1140 Cedar St Apt 8"},
			{Kind: HasMoved},
			{Kind: WrongPhone, About: "5550146630"},
			{Kind: WrongEmail, About: "rosa@example.org"},
			{Kind: WrongOther, Should: "Two people in one record"},
		} {
			correct(t, p, a, 1, s)
		}
		correct(t, p, a, 2, Said{Kind: HasDied, Why: "A neighbor said so"})
		mine := look(t, p, a, 1)
		if mine.Name != "Aguilar, Rosa Elena" || mine.Address.Line != "1140 Cedar St Apt 3" || len(*mine.Corrections) != 6 {
			t.Errorf("the state's own facts are not as they were, or %d corrections of 6 are shown: %+v", len(*mine.Corrections), mine)
		}
		for _, c := range *mine.Corrections {
			if c.Kind == WrongName && (c.Was != "Aguilar, Rosa Elena" || c.Should != "Rosa Elena Aguilár" || c.State != Waiting || !c.At.Equal(testNow)) {
				t.Errorf("the name: %+v", c)
			}
		}
		if theirs := look(t, p, other, 1); len(*theirs.Corrections) != 0 {
			t.Errorf("another organisation sees %+v", *theirs.Corrections)
		}
		if q := queueOf(t, p, other); len(q) != 0 {
			t.Errorf("another organisation's queue has %+v", q)
		}
		q := queueOf(t, p, associate)
		if len(q) != 7 {
			t.Fatalf("the queue has %+v", q)
		}
		p.now = func() time.Time { return testNow.AddDate(0, 0, 2) }
		for kind, c := range q {
			if kind != WrongAddress && kind != WrongOther {
				judge(t, p, associate, c, true, "")
			}
		}
		judge(t, p, associate, q[WrongOther], false, "They are one person")
		mine = look(t, p, associate, 1)
		if ph := (*mine.Phones)[0]; ph.WrongAt.IsZero() || ph.Own {
			t.Errorf("the number is not marked: %+v", ph)
		}
		if e := (*mine.Emails); len(e) != 2 || e[1].Email != "rosa@example.org" || e[1].WrongAt.IsZero() || e[1].Own {
			t.Errorf("the address is not marked: %+v", e)
		}
		if diff := cmp.Diff([]Channel{ByDoor, ByMail, ByText}, channelsOf(mine)); diff != "" {
			t.Errorf("who moved away is not to be visited or written to: %s", diff)
		}
		if diff := cmp.Diff([]Channel{ByDoor, ByEmail, ByMail, ByCall, ByText}, channelsOf(look(t, p, a, 2))); diff != "" {
			t.Errorf("who died is not to be reached: %s", diff)
		}
		if theirs := look(t, p, other, 1); !(*theirs.Phones)[0].WrongAt.IsZero() || len(channelsOf(theirs)) != 2 { // its own and the site's
			t.Errorf("the correction reaches another organisation: %+v", theirs)
		}
		for _, c := range *mine.Corrections {
			if c.Kind == WrongOther {
				t.Errorf("what was declined is shown: %+v", c)
			}
		}
		judged, more, err := p.Corrections(context.Background(), associate, true)
		if err != nil || more || len(judged) != 6 || judged[0].Name == "" {
			t.Errorf("judged: %+v, %v, %v", judged, more, err)
		}
		entries, err := ledger.Entries(context.Background(), p.db, ledger.Filter{Object: ID(2).Object(), Kind: KindCorrectionAccept})
		if err != nil || len(entries) != 1 || entries[0].Data["suppressed"] != "door,text,phone,mail,email" {
			t.Errorf("the ledger: %+v, %v", entries, err)
		}
	})
}

func channelsOf(prof Profile) []Channel {
	var all []Channel
	for _, s := range prof.Suppressions {
		all = append(all, s.Channel)
	}
	slices.Sort(all)
	return all
}

func TestPhoneKindIsCorrectedTwice(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		a := role(t, 1, "data-associate")
		for _, kind := range []string{"home", "work"} {
			correct(t, p, a, 1, Said{Kind: WrongPhoneKind, About: "5550146630", Should: kind})
			judge(t, p, a, queueOf(t, p, a)[WrongPhoneKind], true, "")
			if ph := *look(t, p, a, 1).Phones; len(ph) != 1 || ph[0].Kind != kind || ph[0].Source != "voter file" || !ph[0].WrongAt.IsZero() {
				t.Errorf("after %s: %+v", kind, ph)
			}
		}
	})
}

func TestFixRate(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		a := role(t, 1, "data-associate")
		at := func(days int) { p.now = func() time.Time { return testNow.AddDate(0, 0, days) } }
		say := func(day int, id ID, s Said) { at(day); correct(t, p, a, id, s) }
		settle := func(day int, kind Mistake, accept bool) {
			at(day)
			judge(t, p, a, queueOf(t, p, a)[kind], accept, "No")
		}
		say(-100, 1, Said{Kind: HasMoved}) // before the ninety days
		settle(-99, HasMoved, true)
		say(-40, 2, Said{Kind: HasMoved})
		settle(-34, HasMoved, true) // in time
		say(-30, 3, Said{Kind: HasMoved})
		settle(-20, HasMoved, true) // late
		say(-19, 4, Said{Kind: HasMoved})
		settle(-18, HasMoved, false)
		say(-17, 5, Said{Kind: HasMoved})                   // waits too long
		say(-1, 6, Said{Kind: WrongOther, Should: "twice"}) // may still be in time
		at(0)
		got, err := p.FixRate(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		want := FixRate{Waiting: 2, Oldest: testNow.AddDate(0, 0, -17), Of: 4, InTime: 1, Accepted: 2, Declined: 1}
		if !got.Oldest.Equal(want.Oldest) {
			t.Errorf("the oldest waits since %v", got.Oldest)
		}
		got.Oldest = want.Oldest
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestCorrectionsThatTheStateMadeAreOver(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		a := role(t, 1, "organizer")
		correct(t, p, a, 4, Said{Kind: WrongName, Should: "JON SMITH"})
		correct(t, p, a, 4, Said{Kind: WrongAddress, Should: "8 Main St"})
		exec(t, p.db, `UPDATE field_person SET first_name = 'JON', address = '8 MAIN ST' WHERE person_id = 4`)
		if c := *look(t, p, a, 4).Corrections; len(c) != 0 {
			t.Errorf("still shown: %+v", c)
		}
	})
}

func TestCorrectionsRefuse(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		addFacts(t, p)
		a, associate, volunteer := role(t, 1, "organizer"), role(t, 1, "data-associate"), role(t, 1, "volunteer")
		correct(t, p, volunteer, 1, Said{Kind: HasMoved})
		moved := queueOf(t, p, associate)[HasMoved]
		said := func(who org.Actor, id ID, s Said) func(ctx context.Context, tx *db.Tx) error {
			return func(ctx context.Context, tx *db.Tx) error { return p.Correct(ctx, tx, who, id, s) }
		}
		judged := func(who org.Actor, c string, accept bool, answer string) func(ctx context.Context, tx *db.Tx) error {
			return func(ctx context.Context, tx *db.Tx) error { return p.Judge(ctx, tx, who, 1, c, accept, answer) }
		}
		for name, c := range map[string]struct {
			who  org.Actor
			want fault.Kind
			do   func(ctx context.Context, tx *db.Tx) error
		}{
			"without the permit":            {role(t, 1, "auditor"), fault.Denied, said(role(t, 1, "auditor"), 1, Said{Kind: HasDied})},
			"no such mistake":               {a, fault.Invalid, said(a, 1, Said{Kind: "taste"})},
			"no name":                       {a, fault.Invalid, said(a, 1, Said{Kind: WrongName, Should: " "})},
			"the same name":                 {a, fault.Invalid, said(a, 1, Said{Kind: WrongName, Should: "rosa  elena aguilar"})},
			"the same address":              {a, fault.Invalid, said(a, 1, Said{Kind: WrongAddress, Should: "1140 cedar st, apt 3"})},
			"a long one":                    {a, fault.Invalid, said(a, 1, Said{Kind: WrongOther, Should: strings.Repeat("ñ", 201)})},
			"a long reason":                 {a, fault.Invalid, said(a, 1, Said{Kind: HasDied, Why: strings.Repeat("x", 201)})},
			"a kind of nothing":             {a, fault.Invalid, said(a, 1, Said{Kind: WrongPhoneKind, About: "5550146630", Should: "fax"})},
			"another's number":              {a, fault.NotFound, said(a, 1, Said{Kind: WrongPhone, About: "5550990000"})},
			"a number, unseen":              {volunteer, fault.Denied, said(volunteer, 1, Said{Kind: WrongPhone, About: "5550146630"})},
			"an address, unseen":            {volunteer, fault.Denied, said(volunteer, 1, Said{Kind: WrongEmail, About: "rosa@example.org"})},
			"no such address":               {a, fault.NotFound, said(a, 1, Said{Kind: WrongEmail, About: "x@example.org"})},
			"said already":                  {a, fault.Conflict, said(a, 1, Said{Kind: HasMoved})},
			"nobody":                        {a, fault.NotFound, said(a, 999, Said{Kind: HasMoved})},
			"another file's person":         {a, fault.NotFound, said(a, 15, Said{Kind: HasMoved})},
			"a protected voter":             {a, fault.NotFound, said(a, 10, Said{Kind: HasMoved})},
			"where the protected is":        {associate, fault.Denied, said(associate, 10, Said{Kind: WrongAddress, Should: "7 Main St"})},
			"judging without the permit":    {a, fault.Denied, judged(a, moved.ID, true, "")},
			"declining without a word":      {associate, fault.Invalid, judged(associate, moved.ID, false, "")},
			"a correction that is not":      {associate, fault.NotFound, judged(associate, "none", true, "")},
			"another organisation's":        {role(t, 2, "data-associate"), fault.NotFound, judged(role(t, 2, "data-associate"), moved.ID, true, "")},
			"an email address that is none": {a, fault.Invalid, func(ctx context.Context, tx *db.Tx) error { return p.AddEmail(ctx, tx, a, 1, "rosa at example") }},
			"an email address with a name": {a, fault.Invalid, func(ctx context.Context, tx *db.Tx) error {
				return p.AddEmail(ctx, tx, a, 1, "Rosa <rosa@example.org>")
			}},
			"an email address without the permit": {volunteer, fault.Denied, func(ctx context.Context, tx *db.Tx) error { return p.AddEmail(ctx, tx, volunteer, 1, "r@example.org") }},
			"an email address of a protected":     {associate, fault.Denied, func(ctx context.Context, tx *db.Tx) error { return p.AddEmail(ctx, tx, associate, 10, "r@example.org") }},
			"removing the state's":                {a, fault.NotFound, func(ctx context.Context, tx *db.Tx) error { return p.RemoveEmail(ctx, tx, a, 1, "rosa@example.org") }},
		} {
			if err := as(p, c.who, c.do); err == nil || fault.KindOf(err) != c.want {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		judge(t, p, associate, moved, true, "")
		if err := as(p, associate, judged(associate, moved.ID, false, "No")); fault.KindOf(err) != fault.Conflict {
			t.Errorf("judged twice: %v", err)
		}
	})
}

func TestEmailAddressesAreAddedAndRemoved(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values(town))
		a, other := role(t, 1, "organizer"), role(t, 2, "organizer")
		exec(t, p.db, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 2, 1, 1, ?)`, testNow.AddDate(1, 0, 0))
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error {
			return p.AddEmail(ctx, tx, a, 4, " John.Smith@Example.org ")
		})
		if e := *look(t, p, a, 4).Emails; len(e) != 1 || e[0].Email != "john.smith@example.org" || !e[0].Own {
			t.Errorf("added: %+v", e)
		}
		if e := *look(t, p, other, 4).Emails; len(e) != 0 {
			t.Errorf("another organisation sees %+v", e)
		}
		if got := find(t, p, a, "john.smith@example.org"); !slices.Equal(ids(got), []int64{4}) {
			t.Errorf("by our own address: %v", ids(got))
		}
		if got := find(t, p, other, "john.smith@example.org"); len(got.Hits) != 0 {
			t.Errorf("by another organisation's address: %v", ids(got))
		}
		do(t, p, a, func(ctx context.Context, tx *db.Tx) error {
			return p.RemoveEmail(ctx, tx, a, 4, "john.smith@example.org")
		})
		if e := *look(t, p, a, 4).Emails; len(e) != 0 {
			t.Errorf("removed: %+v", e)
		}
	})
}

func TestANoteOfADeviceIsOneNoteAndCanBeTakenBack(t *testing.T) {
	run(t, func(t *testing.T, p *Store) {
		insert(t, p, slices.Values([]human{{ID: 1, File: 1, First: "ROSA", Last: "AGUILAR"}}))
		a := holding(t, 1, PermitNoteAdd)
		write := func(a org.Actor, f func(ctx context.Context, tx *db.Tx) error) {
			t.Helper()
			if err := p.db.Transact(a.Within(t.Context()), f); err != nil {
				t.Fatal(err)
			}
		}
		write(a, func(ctx context.Context, tx *db.Tx) error {
			return p.PutNote(ctx, tx, a, 1, "n1", testNow, "Side stair")
		})
		write(holding(t, 2, PermitNoteAdd), func(ctx context.Context, tx *db.Tx) error {
			return p.WithdrawNote(ctx, tx, holding(t, 2, PermitNoteAdd), 1, "n1")
		})
		count := func() int64 {
			n, err := db.One[int64](db.WithSite(t.Context()), p.db, `SELECT COUNT(*) FROM field_note`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if count() != 1 {
			t.Error("another organisation took the note back")
		}
		write(a, func(ctx context.Context, tx *db.Tx) error { return p.WithdrawNote(ctx, tx, a, 1, "n1") })
		if count() != 0 {
			t.Error("the note stays")
		}
	})
}
