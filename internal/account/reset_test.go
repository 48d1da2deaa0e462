package account

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

func TestResetClearsWhatWasLost(t *testing.T) {
	both(t, func(w *world) {
		operator := ledger.Who{Via: "command"}
		seed, token := w.armed()
		if _, err := w.NewRecoveryCodes(ctx, w.session(token)); err != nil {
			t.Fatal(err)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := insertKey(ctx, tx, keyRow{Account: w.me, Name: "Phone", Credential: "x", Record: "{}", Made: w.at})
			return err
		})
		want, err := w.ToClear(ctx, w.me)
		if err != nil || want.Keys != 1 || !want.Fallback || want.Codes == 0 || want.Sessions == 0 {
			t.Fatalf("to clear: %+v, %v", want, err)
		}
		if s := w.session(w.linked(true)); s.Account != w.me {
			t.Fatal("the rehearsal ended a session")
		}
		var old string
		w.write(func(ctx context.Context, tx *db.Tx) (err error) {
			old, err = w.Link(ctx, tx, w.me, time.Hour, true)
			return err
		})
		live := w.linked(true)
		got, link, err := w.Reset(ctx, operator, w.me)
		if err != nil {
			t.Fatal(err)
		}
		want.Sessions = got.Sessions // one more was begun to look
		if diff := cmp.Diff(want, got); diff != "" || got.Sessions == 0 {
			t.Errorf("cleared (-want +got):\n%s", diff)
		}
		w.dead(live, "a session of before")
		_, err = w.OpenLink(ctx, old, home)
		w.wants(err, fault.NotFound, "a link of before")
		w.pass(2 * time.Minute)
		if _, err = w.SignInPassword(ctx, email, password, w.code(seed), home); err == nil {
			t.Error("the old password still signs in")
		}
		left, err := w.ToClear(ctx, w.me)
		if err != nil || left != (Cleared{}) {
			t.Errorf("left over: %+v, %v", left, err)
		}
		s := w.session(w.must(w.OpenLink(ctx, link, home)))
		if !s.FactorAt.IsZero() {
			t.Error("the link opens more than making a factor")
		}
		_, err = w.OpenLink(ctx, link, home)
		w.wants(err, fault.NotFound, "the link a second time")
		kinds, err := ledger.Entries(ctx, w.db, ledger.Filter{Kind: entryReset, Limit: 10})
		if err != nil || len(kinds) != 1 {
			t.Errorf("%d entries, %v", len(kinds), err)
		}
	})
}

func TestResetRefuses(t *testing.T) {
	both(t, func(w *world) {
		_, _, err := w.Reset(ctx, ledger.Who{Via: "command"}, 999)
		w.wants(err, fault.NotFound, "an account that is not there")
		_, err = w.ToClear(ctx, 999)
		w.wants(err, fault.NotFound, "an account that is not there")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.Disable(ctx, tx, ledger.Who{Via: "command"}, w.me)
		})
		_, _, err = w.Reset(ctx, ledger.Who{Via: "command"}, w.me)
		w.wants(err, fault.Conflict, "a disabled account")
	})
}
