package org

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

var ctx = context.Background()

// world is a site with one table, Halden, kept by Dolores.
type world struct {
	*testing.T
	*Orgs
	db      *db.DB
	at      time.Time
	mails   []account.Mail
	halden  ID
	dolores account.Session
}

func (w *world) Send(_ context.Context, _ *db.Tx, m account.Mail) error {
	w.mails = append(w.mails, m)
	return nil
}

const lookUp permit.Permit = "test.person.look"

func both(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Run(t, []db.Line{ledger.Schema(), account.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		w := &world{T: t, db: d, at: time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)}
		now := func() time.Time { return w.at }
		accounts, err := account.New(account.Config{DB: d, Origin: "http://localhost:1", Key: [32]byte{1}, Mailer: w, Now: now, Idle: 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		catalog, err := permit.NewCatalog(Permits, []permit.Def{{Permit: lookUp, Sentence: "Look up a voter"}, {Permit: "test.person.export", Sentence: "Export"}})
		if err != nil {
			t.Fatal(err)
		}
		w.Orgs = New(Config{DB: d, Accounts: accounts, Catalog: catalog, Mailer: w, Now: now, Roles: []permit.Role{
			{Key: Administrator, Permits: []permit.Permit{lookUp}}, {Key: "canvasser", Name: "Canvasser", Permits: []permit.Permit{lookUp}},
			{Key: "exporter", Name: "Exporter", Permits: []permit.Permit{"test.person.export"}}}})
		var id account.ID
		w.write(func(ctx context.Context, tx *db.Tx) error {
			w.halden, id, err = w.Found(ctx, tx, "Halden Voter Table", "Dolores Achterberg", "dolores@halden.example", Administrator, words.EN)
			return err
		})
		w.dolores = w.signIn(id)
		f(w)
	})
}

func (w *world) write(fn func(context.Context, *db.Tx) error) {
	w.Helper()
	if err := w.db.Transact(ctx, fn); err != nil {
		w.Fatal(err)
	}
}

// signIn gives an account a session with a second factor.
func (w *world) signIn(id account.ID) account.Session { return w.session(w.token(id)) }

func (w *world) token(id account.ID) (token string) {
	w.Helper()
	var link string
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		link, err = w.accounts.Link(ctx, tx, id, time.Hour, true)
		return err
	})
	token, err := w.accounts.OpenLink(ctx, link, account.From{Address: "203.0.113.7"})
	if err != nil {
		w.Fatal(err)
	}
	return token
}

func (w *world) session(token string) account.Session {
	w.Helper()
	s, err := w.accounts.Session(ctx, token)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) sit(s account.Session, in ID) Actor {
	w.Helper()
	a, err := w.Sit(ctx, s, in)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *world) admin() Actor { return w.sit(w.dolores, w.halden) }

// join invites somebody new and accepts; the session has a second factor.
func (w *world) join(by Actor, email, role string) account.Session {
	w.Helper()
	link, err := w.Invite(ctx, by, Invitee{Email: email, Name: strings.Split(email, "@")[0], Role: role})
	if err != nil {
		w.Fatal(err)
	}
	token, _, err := w.AcceptNew(ctx, tokenOf(link), strings.Split(email, "@")[0], words.EN, account.From{Address: "203.0.113.7"})
	if err != nil {
		w.Fatal(err)
	}
	return w.signIn(w.session(token).Account)
}

func tokenOf(link string) string {
	_, t, _ := strings.Cut(link, "token=")
	return t
}

func (w *world) wants(err error, k fault.Kind, what string) {
	w.Helper()
	if err == nil || fault.KindOf(err) != k {
		w.Errorf("%s: got %v, want %v", what, err, k)
	}
}

func (w *world) membership(s account.Session, in ID) Membership {
	w.Helper()
	all, err := w.Of(ctx, s.Account)
	if err != nil {
		w.Fatal(err)
	}
	i := slices.IndexFunc(all, func(m Membership) bool { return m.Org == in })
	if i < 0 {
		w.Fatalf("%s is not in org %d", s.Name, in)
	}
	return all[i]
}

func TestFoundersHoldTheirRole(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		for _, p := range []permit.Permit{PermitInvite, PermitAudit, lookUp} {
			if !a.May(p) {
				w.Errorf("an administrator may not %s", p)
			}
		}
		if a.May("test.person.export") {
			w.Error("an administrator may export, which no role of hers gives")
		}
		m := w.membership(w.dolores, w.halden)
		if m.RoleName != "Administrator" || !m.Expires.Equal(w.at.Add(MemberTime)) {
			w.Errorf("got %q until %v", m.RoleName, m.Expires)
		}
	})
}

func TestInvitations(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		link, err := w.Invite(ctx, a, Invitee{Email: "Bea@Lakeshore.example", Name: "Bea Ruiz", Role: "canvasser"})
		if err != nil {
			w.Fatal(err)
		}
		if len(w.mails) != 1 || w.mails[0].To != "bea@lakeshore.example" || !strings.Contains(w.mails[0].Text, link) {
			w.Fatalf("mails: %+v", w.mails)
		}
		again, err := w.Invite(ctx, a, Invitee{Email: "bea@lakeshore.example", Name: "Bea Ruiz", Role: "canvasser"})
		if err != nil {
			w.Fatal(err)
		}
		_, err = w.Invitation(ctx, tokenOf(link))
		w.wants(err, fault.NotFound, "the earlier link")
		_, err = w.AcceptAs(ctx, tokenOf(again), w.dolores)
		w.wants(err, fault.Conflict, "somebody else's invitation")

		bare, in, err := w.AcceptNew(ctx, tokenOf(again), "Bea  Ruiz", words.ES, account.From{})
		if err != nil || in != w.halden {
			w.Fatal(in, err)
		}
		s := w.session(bare)
		_, err = w.Sit(ctx, s, w.halden)
		w.wants(err, fault.Denied, "a seat before the first passkey")
		_, _, err = w.AcceptNew(ctx, tokenOf(again), "Bea Ruiz", words.ES, account.From{})
		w.wants(err, fault.NotFound, "the same invitation twice")
		if !w.sit(w.signIn(s.Account), w.halden).May(lookUp) {
			w.Error("Bea may not look anybody up")
		}
		_, err = w.Invite(ctx, a, Invitee{Email: "bea@lakeshore.example", Name: "Bea", Role: "canvasser"})
		w.wants(err, fault.Invalid, "inviting a member")

		late, err := w.Invite(ctx, a, Invitee{Email: "late@lakeshore.example", Name: "Late", Role: "canvasser"})
		if err != nil {
			w.Fatal(err)
		}
		w.at = w.at.Add(InviteTime)
		_, err = w.Invitation(ctx, tokenOf(late))
		w.wants(err, fault.NotFound, "after a week")
	})
}

func TestAnInvitationDoesNotTakeOverAnAccount(t *testing.T) {
	both(t, func(w *world) {
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.accounts.Create(ctx, tx, ledger.Who{Via: "command"}, "Old Hand", "old@halden.example", words.EN)
			return err
		})
		link, err := w.Invite(ctx, w.admin(), Invitee{Email: "old@halden.example", Name: "Old Hand", Role: "canvasser"})
		if err != nil {
			w.Fatal(err)
		}
		if _, _, err = w.AcceptNew(ctx, tokenOf(link), "Thief", words.EN, account.From{}); !errors.Is(err, ErrHasAccount) {
			w.Errorf("got %v, want ErrHasAccount", err)
		}
	})
}

func TestOneMayGrantOnlyWhatOneHolds(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		_, err := w.Invite(ctx, a, Invitee{Email: "x@x.example", Name: "X", Role: "exporter"})
		w.wants(err, fault.Invalid, "inviting to a role with more")
		_, err = w.MakeRole(ctx, a, "", "Sneaky", "", []permit.Permit{"test.person.export"})
		w.wants(err, fault.Invalid, "making a role with more")

		key, err := w.MakeRole(ctx, a, "", "Inviter", "Invites", []permit.Permit{PermitInvite, PermitChange, PermitEnd})
		if err != nil {
			w.Fatal(err)
		}
		inviter := w.sit(w.join(a, "ines@halden.example", key), w.halden)
		_, err = w.Invite(ctx, inviter, Invitee{Email: "x@x.example", Name: "X", Role: Administrator})
		w.wants(err, fault.Invalid, "a lesser inviting a greater")
		_, err = w.End(ctx, inviter, w.membership(w.dolores, w.halden).ID)
		w.wants(err, fault.Denied, "a lesser ending a greater")
		w.wants(w.Change(ctx, inviter, w.membership(w.dolores, w.halden).ID, key, w.at.Add(time.Hour*48)), fault.Denied, "a lesser changing a greater")
		_, err = w.MakeRole(ctx, inviter, key, "Inviter", "", []permit.Permit{PermitInvite})
		w.wants(err, fault.Denied, "making roles without the right")
		w.wants(w.DropRole(ctx, a, key), fault.Conflict, "removing a role in use")
	})
}

func TestARoleTakenAwayBitesAtOnce(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		bea := w.join(a, "bea@halden.example", "canvasser")
		token := w.token(bea.Account)
		m := w.membership(bea, w.halden)
		if err := w.Change(ctx, a, m.ID, "member", m.Expires); err != nil {
			w.Fatal(err)
		}
		if _, err := w.accounts.Session(ctx, token); !errors.Is(err, account.ErrNoSession) {
			w.Errorf("the session outlived the role: %v", err)
		}
		if w.sit(bea, w.halden).May(lookUp) { // even a session read before
			w.Error("the old role still counts")
		}
		token = w.token(bea.Account)
		if n, err := w.End(ctx, a, m.ID); err != nil || n != 1 {
			w.Fatal(n, err)
		}
		if _, err := w.accounts.Session(ctx, token); !errors.Is(err, account.ErrNoSession) {
			w.Errorf("the session outlived the access: %v", err)
		}
		_, err := w.Sit(ctx, bea, w.halden)
		w.wants(err, fault.NotFound, "a seat after the end")
		_, nowhere := w.Sit(ctx, bea, 9999)
		if err == nil || nowhere == nil || err.Error() != nowhere.Error() {
			w.Errorf("%q and %q differ", err, nowhere)
		}
	})
}

func TestMembershipsExpire(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		if err := w.SetCycle(ctx, a, w.at.Add(40*24*time.Hour)); err != nil {
			w.Fatal(err)
		}
		bea := w.join(a, "bea@halden.example", "canvasser")
		if n, err := w.WarnExpiring(ctx); err != nil || n != 0 {
			w.Errorf("warned %d, %v; too early", n, err)
		}
		w.at = w.at.Add(30 * 24 * time.Hour)
		w.mails = nil
		for i, want := range []int{1, 0} {
			if n, err := w.WarnExpiring(ctx); err != nil || n != want {
				w.Errorf("call %d warned %d, want %d, %v", i, n, want, err)
			}
		}
		if len(w.mails) != 1 || w.mails[0].To != bea.Email {
			w.Errorf("mails: %+v", w.mails)
		}
		w.at = w.at.Add(11 * 24 * time.Hour)
		_, err := w.Sit(ctx, bea, w.halden)
		w.wants(err, fault.NotFound, "a seat after the cycle")
	})
}

func TestSomebodyAlwaysKeepsTheHouse(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		own := w.membership(w.dolores, w.halden)
		_, err := w.End(ctx, a, own.ID)
		w.wants(err, fault.Conflict, "the last administrator ending herself")
		w.wants(w.Disable(ctx, a, own.ID), fault.Conflict, "disabling oneself")
		w.wants(w.Change(ctx, a, own.ID, "member", own.Expires), fault.Conflict, "changing one's own role")
		second := w.join(a, "second@halden.example", Administrator)
		if _, err := w.End(ctx, w.sit(second, w.halden), own.ID); err != nil {
			w.Errorf("ending one of two: %v", err)
		}
	})
}

func TestPartnersAreApart(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		lake, link, err := w.AddPartner(ctx, a, Partner, "Lakeshore Neighbors", Invitee{Name: "Maribel Ocampo", Email: "maribel@lakeshore.example"})
		if err != nil {
			w.Fatal(err)
		}
		_, _, err = w.AddPartner(ctx, a, Partner, "Lakeshore Neighbors", Invitee{Name: "M", Email: "m@lakeshore.example"})
		w.wants(err, fault.Invalid, "the same name twice")
		bare, _, err := w.AcceptNew(ctx, tokenOf(link), "Maribel Ocampo", words.EN, account.From{})
		if err != nil {
			w.Fatal(err)
		}
		maribel := w.signIn(w.session(bare).Account)
		m := w.sit(maribel, lake)
		_, err = w.Sit(ctx, maribel, w.halden)
		w.wants(err, fault.NotFound, "a partner in the table")
		_, err = w.Sit(ctx, w.dolores, lake)
		w.wants(err, fault.NotFound, "the table in a partner")
		_, err = w.End(ctx, m, w.membership(w.dolores, w.halden).ID)
		w.wants(err, fault.NotFound, "ending a stranger")
		_, err = w.Person(ctx, m, w.membership(w.dolores, w.halden).ID)
		w.wants(err, fault.NotFound, "seeing a stranger")
		w.wants(w.Disable(ctx, m, w.membership(maribel, lake).ID), fault.Denied, "a partner disabling an account")
		w.wants(w.EndPartner(ctx, m, w.halden), fault.NotFound, "ending one's parent")

		folder, err := w.PutFolder(ctx, a, 0, "Shared scripts")
		if err != nil {
			w.Fatal(err)
		}
		_, _, err = w.Folder(ctx, m, folder)
		w.wants(err, fault.NotFound, "another organisation's folder")
		w.wants(w.PutShare(ctx, a, folder, Share{Kind: "org", Target: 9999}), fault.Invalid, "sharing with nobody")
		if err := w.PutShare(ctx, a, folder, Share{Kind: "org", Target: int64(lake)}); err != nil {
			w.Fatal(err)
		}
		got, err := w.SharedWith(ctx, m)
		if err != nil || len(got) != 1 || got[0].ID != folder {
			w.Errorf("shared with the partner: %v, %v", got, err)
		}
		token := w.token(maribel.Account)
		if err := w.EndPartner(ctx, a, lake); err != nil {
			w.Fatal(err)
		}
		if _, err := w.accounts.Session(ctx, token); !errors.Is(err, account.ErrNoSession) {
			w.Errorf("a partner's session lives on: %v", err)
		}
		_, err = w.Sit(ctx, maribel, lake)
		w.wants(err, fault.NotFound, "a seat in an ended partner")
	})
}

func TestFoldersAreSeenByThoseTheyAreSharedWith(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		ana, ben := w.join(a, "ana@halden.example", "canvasser"), w.join(a, "ben@halden.example", "canvasser")
		var ids []FolderID
		for _, name := range []string{"For Ana", "For the group", "For nobody"} {
			id, err := w.PutFolder(ctx, a, 0, name)
			if err != nil {
				w.Fatal(err)
			}
			ids = append(ids, id)
		}
		group, err := w.PutGroup(ctx, a, 0, "East side", []account.ID{ben.Account})
		if err != nil {
			w.Fatal(err)
		}
		if err := errors.Join(w.PutShare(ctx, a, ids[0], Share{Kind: "account", Target: int64(ana.Account)}),
			w.PutShare(ctx, a, ids[1], Share{Kind: "group", Target: int64(group), MayChange: true})); err != nil {
			w.Fatal(err)
		}
		sees := func(s account.Session) (names []string) {
			all, err := w.Folders(ctx, w.sit(s, w.halden))
			if err != nil {
				w.Fatal(err)
			}
			for _, f := range all {
				names = append(names, f.Name)
			}
			return names
		}
		if diff := cmp.Diff([][]string{{"For Ana"}, {"For the group"}, {"For Ana", "For nobody", "For the group"}}, [][]string{sees(ana), sees(ben), sees(w.dolores)}); diff != "" {
			w.Error(diff)
		}
		_, err = w.PutGroup(ctx, a, 0, "Strangers", []account.ID{9999})
		w.wants(err, fault.Invalid, "a group of strangers")
		if err := w.DropGroup(ctx, a, group); err != nil {
			w.Fatal(err)
		}
		if got := sees(ben); len(got) != 0 {
			w.Errorf("Ben still sees %v", got)
		}
	})
}

func TestScopedRightsDoNotCountForTheWhole(t *testing.T) {
	both(t, func(w *world) {
		area := Scope{Kind: "area", ID: 7}
		link, err := w.Invite(ctx, w.admin(), Invitee{Email: "ana@halden.example", Name: "Ana", Role: "canvasser", Scope: area})
		if err != nil {
			w.Fatal(err)
		}
		token, _, err := w.AcceptNew(ctx, tokenOf(link), "Ana", words.EN, account.From{})
		if err != nil {
			w.Fatal(err)
		}
		ana := w.sit(w.signIn(w.session(token).Account), w.halden)
		got := []bool{ana.May(lookUp), ana.MayIn(lookUp, area), ana.MayIn(lookUp, Scope{Kind: "area", ID: 8})}
		if diff := cmp.Diff([]bool{false, true, false}, got); diff != "" {
			w.Error(diff)
		}
	})
}

func TestUserAudit(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		w.join(a, "dormant@halden.example", "canvasser")
		if _, err := w.Invite(ctx, a, Invitee{Email: "new@halden.example", Name: "New", Role: "canvasser", Until: w.at.Add(70 * 24 * time.Hour)}); err != nil {
			w.Fatal(err)
		}
		w.at = w.at.Add(61 * 24 * time.Hour)
		w.dolores = w.signIn(w.dolores.Account)
		a = w.admin()
		link, err := w.Invite(ctx, a, Invitee{Email: "new@halden.example", Name: "=HYPERLINK(1)", Role: "canvasser", Until: w.at.Add(7 * 24 * time.Hour)})
		if err != nil {
			w.Fatal(err)
		}
		if _, _, err := w.AcceptNew(ctx, tokenOf(link), "=HYPERLINK(1)", words.EN, account.From{}); err != nil {
			w.Fatal(err)
		}
		seats, err := w.Audit(ctx, a)
		if err != nil {
			w.Fatal(err)
		}
		got := map[string][]Sign{}
		for _, s := range seats {
			got[s.Email] = s.Signs
		}
		want := map[string][]Sign{"dolores@halden.example": {NoFactor}, "dormant@halden.example": {Dormant, NoFactor}, "new@halden.example": {NoFactor, Expiring}}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Error(diff)
		}
		var b bytes.Buffer
		if err := w.ExportAudit(ctx, a, words.Translator{}, &b); err != nil {
			w.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 4 {
			w.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, r := range rows {
			for _, c := range r {
				if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
					w.Errorf("cell %q runs as a formula", c)
				}
			}
		}
	})
}

// The zero actor and one without permits may call nothing.
func TestEveryStoreMethodAsksForItsPermit(t *testing.T) {
	both(t, func(w *world) {
		for name, a := range map[string]Actor{"zero": {}, "without permits": Operate(w.halden, permit.NewSet())} {
			calls := map[string]func() error{
				"People":      func() error { _, err := w.People(ctx, a); return err },
				"Person":      func() error { _, err := w.Person(ctx, a, 1); return err },
				"Change":      func() error { return w.Change(ctx, a, 1, "member", w.at) },
				"End":         func() error { _, err := w.End(ctx, a, 1); return err },
				"Disable":     func() error { return w.Disable(ctx, a, 1) },
				"SetCycle":    func() error { return w.SetCycle(ctx, a, w.at) },
				"Invite":      func() error { _, err := w.Invite(ctx, a, Invitee{}); return err },
				"Invitations": func() error { _, err := w.Invitations(ctx, a); return err },
				"TakeBack":    func() error { return w.TakeBack(ctx, a, 1) },
				"Below":       func() error { _, err := w.Below(ctx, a); return err },
				"AddPartner":  func() error { _, _, err := w.AddPartner(ctx, a, Partner, "x", Invitee{}); return err },
				"EndPartner":  func() error { return w.EndPartner(ctx, a, 1) },
				"MakeRole":    func() error { _, err := w.MakeRole(ctx, a, "", "x", "", nil); return err },
				"DropRole":    func() error { return w.DropRole(ctx, a, "own-1") },
				"Groups":      func() error { _, err := w.Groups(ctx, a); return err },
				"PutGroup":    func() error { _, err := w.PutGroup(ctx, a, 0, "x", nil); return err },
				"DropGroup":   func() error { return w.DropGroup(ctx, a, 1) },
				"Folder":      func() error { _, _, err := w.Folder(ctx, a, 1); return err },
				"PutFolder":   func() error { _, err := w.PutFolder(ctx, a, 0, "x"); return err },
				"DropFolder":  func() error { return w.DropFolder(ctx, a, 1) },
				"PutShare":    func() error { return w.PutShare(ctx, a, 1, Share{}) },
				"DropShare":   func() error { return w.DropShare(ctx, a, 1, Share{}) },
				"Audit":       func() error { _, err := w.Audit(ctx, a); return err },
				"ExportAudit": func() error { return w.ExportAudit(ctx, a, words.Translator{}, &bytes.Buffer{}) },
			}
			for method, call := range calls {
				w.wants(call(), fault.Denied, name+" actor: "+method)
			}
		}
		_, err := w.Sit(ctx, account.Session{}, w.halden)
		w.wants(err, fault.NotFound, "a seat without a session")
	})
}

// Whoever lacks a right can ask for it, once a day; those who can change roles get a letter, and nothing else happens.
func TestAskingForARight(t *testing.T) {
	both(t, func(w *world) {
		boss := w.sit(w.dolores, w.halden)
		ben := w.sit(w.join(boss, "ben@halden.example", "canvasser"), w.halden)
		w.mails = nil
		if err := w.AskFor(ctx, ben, "test.person.export"); err != nil {
			t.Fatal(err)
		}
		if len(w.mails) != 1 || w.mails[0].To != "dolores@halden.example" || !strings.Contains(w.mails[0].Text, "ben asks for the right “Export” in Halden Voter Table") {
			t.Fatalf("mails: %+v", w.mails)
		}
		for p, want := range map[permit.Permit]fault.Kind{"test.person.export": fault.Conflict, lookUp: fault.Conflict, "test.nothing": fault.NotFound} {
			if err := w.AskFor(ctx, ben, p); fault.KindOf(err) != want {
				t.Errorf("asking for %s: %v, want %s", p, err, want)
			}
		}
		w.at = w.at.Add(25 * time.Hour)
		if err := w.AskFor(ctx, ben, "test.person.export"); err != nil || len(w.mails) != 2 {
			t.Errorf("the day after: %v, %d mails", err, len(w.mails))
		}
	})
}
