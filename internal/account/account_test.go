package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/hotp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/words"
)

// world is a site with one account and a clock that stands still until it is moved.
type world struct {
	*testing.T
	*Accounts
	db    *db.DB
	at    time.Time
	mails []Mail
	me    ID
}

func (w *world) Send(_ context.Context, _ *db.Tx, m Mail) error {
	w.mails = append(w.mails, m)
	return nil
}

var ctx = context.Background()

const (
	email    = "maribel@lakeshore.example"
	password = "copper lantern orchard weather"
)

var home = From{Address: "203.0.113.7", Agent: "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/141.0"}

func both(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Run(t, []db.Line{ledger.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		w := &world{T: t, db: d, at: time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)}
		a, err := New(Config{DB: d, Origin: "http://localhost:1", Site: "Halden", Key: [32]byte{1}, Mailer: w, Now: func() time.Time { return w.at }})
		if err != nil {
			t.Fatal(err)
		}
		w.Accounts = a
		w.write(func(ctx context.Context, tx *db.Tx) error {
			w.me, err = a.Create(ctx, tx, ledger.Who{Via: "command"}, "Maribel Ocampo", email, words.EN)
			return err
		})
		f(w)
	})
}

func (w *world) write(fn func(context.Context, *db.Tx) error) {
	w.Helper()
	if err := w.db.Transact(ctx, fn); err != nil {
		w.Fatal(err)
	}
}

// linked signs in by a one-time link.
func (w *world) linked(factor bool) string {
	w.Helper()
	var link string
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		link, err = w.Link(ctx, tx, w.me, time.Hour, factor)
		return err
	})
	return w.must(w.OpenLink(ctx, link, home))
}

func (w *world) must(s string, err error) string {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) session(token string) Session {
	w.Helper()
	s, err := w.Session(ctx, token)
	if err != nil {
		w.Fatalf("session: %v", err)
	}
	return s
}

func (w *world) dead(token, why string) {
	w.Helper()
	if _, err := w.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		w.Errorf("%s: the session lives on (%v)", why, err)
	}
}

func (w *world) wants(err error, k fault.Kind, what string) {
	w.Helper()
	if fault.KindOf(err) != k || err == nil {
		w.Errorf("%s: got %v, want %v", what, err, k)
	}
}

// armed gives the account a password and a code app, and returns the seed and a session.
func (w *world) armed() (seed, token string) {
	w.Helper()
	token = w.linked(false)
	s := w.session(token)
	setup, err := w.BeginFallback(s, "")
	if err != nil {
		w.Fatal(err)
	}
	return setup.Seed, w.must(w.SetFallback(ctx, s, setup.Sealed, password, w.code(setup.Seed)))
}

func (w *world) code(seed string) string {
	w.Helper()
	c, err := hotp.GenerateCode(seed, uint64(w.at.Unix()/codeStep))
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) pass(d time.Duration) { w.at = w.at.Add(d) }

func TestPasswordNeedsItsCode(t *testing.T) {
	both(t, func(w *world) {
		seed, _ := w.armed()
		w.pass(codeStep * time.Second)
		code := w.code(seed)
		for name, try := range map[string][3]string{
			"wrong password": {email, "another password entirely", code},
			"no code":        {email, password, ""},
			"wrong code":     {email, password, "000000"},
			"unknown email":  {"nobody@lakeshore.example", password, code},
			"not an email":   {"nobody", password, code},
		} {
			_, err := w.SignInPassword(ctx, try[0], try[1], try[2], home)
			w.wants(err, fault.Invalid, name)
			if err != nil && err.Error() != errNoMatch().Error() {
				w.Errorf("%s: %q tells what was wrong", name, err)
			}
		}
		s := w.session(w.must(w.SignInPassword(ctx, strings.ToUpper(email), password, code[:3]+" "+code[3:], home)))
		want := Session{ID: s.ID, Account: w.me, Name: "Maribel Ocampo", Email: email, Lang: words.EN, Network: "203.0.113.0/24", Agent: "Firefox · Linux",
			Started: w.at, Seen: w.at, Ends: w.at.Add(SessionTime), FactorAt: w.at}
		if diff := cmp.Diff(want, s); diff != "" {
			w.Error(diff)
		}
		_, err := w.SignInPassword(ctx, email, password, code, home)
		w.wants(err, fault.Invalid, "the same code twice")
	})
}

func TestNothingSecretIsStoredInTheClear(t *testing.T) {
	both(t, func(w *world) {
		seed, token := w.armed()
		codes, err := w.NewRecoveryCodes(ctx, w.session(token))
		if err != nil {
			w.Fatal(err)
		}
		r, err := rowByID(ctx, w.db, w.me)
		if err != nil {
			w.Fatal(err)
		}
		hashes, err := db.All[string](ctx, w.db, `SELECT hash FROM account_recovery`)
		if err != nil {
			w.Fatal(err)
		}
		tokens, err := db.All[string](ctx, w.db, `SELECT token FROM account_session`)
		if err != nil {
			w.Fatal(err)
		}
		stored := r.Password + r.Seed + strings.Join(hashes, "") + strings.Join(tokens, "")
		for _, secret := range append(codes, seed, password, token, ParseTyped(codes[0]).Recovery) {
			if strings.Contains(stored, secret) {
				w.Errorf("%q is in the database", secret)
			}
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	both(t, func(w *world) {
		idle := w.linked(true)
		w.pass(IdleTime + time.Minute)
		w.dead(idle, "idle")

		busy := w.linked(true)
		for range 12 {
			w.session(busy)
			w.pass(time.Hour - time.Second)
		}
		w.session(busy)
		w.pass(time.Minute)
		w.dead(busy, "12 hours after sign-in")

		out := w.linked(true)
		if err := w.SignOut(ctx, out); err != nil {
			w.Fatal(err)
		}
		w.dead(out, "signed out")

		mine, other := w.linked(true), w.linked(true)
		if err := w.EndSession(ctx, w.session(mine), w.session(other).ID); err != nil {
			w.Fatal(err)
		}
		w.dead(other, "ended by its owner")
		w.session(mine)

		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.Disable(ctx, tx, ledger.Who{Via: "command"}, w.me)
		})
		w.dead(mine, "disabled")
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.Enable(ctx, tx, ledger.Who{Via: "command"}, w.me) })
		w.dead(mine, "disabled and enabled again")
	})
}

func TestAFactorChangeRotatesAndEndsOtherSessions(t *testing.T) {
	both(t, func(w *world) {
		old, other := w.linked(false), w.linked(false)
		s := w.session(old)
		setup, err := w.BeginFallback(s, "")
		if err != nil {
			w.Fatal(err)
		}
		renewed := w.must(w.SetFallback(ctx, s, setup.Sealed, password, w.code(setup.Seed)))
		w.dead(old, "old token")
		w.dead(other, "other browser")
		if got := w.session(renewed); got.ID != s.ID || !got.FactorAt.Equal(w.at) {
			w.Errorf("got session %d with factor at %v", got.ID, got.FactorAt)
		}
	})
}

func TestABareLinkOpensNothingOnAnArmedAccount(t *testing.T) {
	both(t, func(w *world) {
		w.armed()
		s := w.session(w.linked(false))
		if !s.FactorAt.IsZero() {
			w.Error("a bare link counts as a factor")
		}
		_, err := w.BeginKey(ctx, s)
		w.wants(err, fault.Denied, "adding a key")
		_, err = w.NewRecoveryCodes(ctx, s)
		w.wants(err, fault.Denied, "new recovery codes")
		_, err = w.RemoveFallback(ctx, s)
		w.wants(err, fault.Denied, "removing the fallback")
	})
}

func TestALinkWorksOnceAndInTime(t *testing.T) {
	both(t, func(w *world) {
		var used, late string
		w.write(func(ctx context.Context, tx *db.Tx) (err error) {
			if used, err = w.Link(ctx, tx, w.me, time.Hour, true); err != nil {
				return err
			}
			late, err = w.Link(ctx, tx, w.me, time.Minute, true)
			return err
		})
		w.must(w.OpenLink(ctx, used, home))
		_, err := w.OpenLink(ctx, used, home)
		w.wants(err, fault.NotFound, "used twice")
		w.pass(2 * time.Minute)
		_, err = w.OpenLink(ctx, late, home)
		w.wants(err, fault.NotFound, "too late")
		_, err = w.OpenLink(ctx, "x", home)
		w.wants(err, fault.NotFound, "no token")
		token, _ := NewToken()
		_, err = w.OpenLink(ctx, token, home)
		w.wants(err, fault.NotFound, "never made")
	})
}

func TestGuessingLocksAndBacksOff(t *testing.T) {
	both(t, func(w *world) {
		seed, _ := w.armed()
		try := func(pw string, from From) error {
			_, err := w.SignInPassword(ctx, email, pw, w.code(seed), from)
			return err
		}
		for range accountLimit.free {
			w.pass(time.Second)
			w.wants(try("a wrong password here", home), fault.Invalid, "a free try")
		}
		elsewhere := From{Address: "198.51.100.9"}
		w.wants(try(password, elsewhere), fault.Busy, "the right password while locked, from elsewhere")
		_, err := w.SignInPassword(ctx, "nobody@lakeshore.example", password, "", home)
		w.wants(err, fault.Invalid, "another account from the same network")

		w.pass(accountLimit.first + time.Second)
		w.wants(try("a wrong password here", home), fault.Invalid, "after the first wait")
		w.pass(accountLimit.first + time.Second)
		w.wants(try(password, home), fault.Busy, "the second wait is longer")
		w.pass(2 * accountLimit.first)
		if err := try(password, home); err != nil {
			w.Fatalf("after the second wait: %v", err)
		}
		w.pass(time.Minute)
		if err := try("a wrong password here", home); fault.KindOf(err) != fault.Invalid {
			w.Errorf("a success did not forgive: %v", err)
		}
	})
}

func TestUnknownEmailsAreLockedLikeKnownOnes(t *testing.T) {
	both(t, func(w *world) {
		kinds := func(e string, from From) (all []fault.Kind) {
			for range accountLimit.free + 2 {
				_, err := w.SignInPassword(ctx, e, "a wrong password here", "", from)
				all = append(all, fault.KindOf(err))
			}
			return all
		}
		known := kinds(email, home)
		unknown := kinds("nobody@lakeshore.example", From{Address: "198.51.100.9"})
		if diff := cmp.Diff(known, unknown); diff != "" {
			w.Error(diff)
		}
	})
}

func TestANetworkIsSlowedDown(t *testing.T) {
	both(t, func(w *world) {
		err := error(nil)
		for range networkLimit.free + 1 {
			err = w.charge(ctx, "", From{Address: "2001:db8::1"})
		}
		w.wants(err, fault.Busy, "after many tries")
		w.wants(w.charge(ctx, "", From{Address: "2001:db8:0:ffff::9"}), fault.Busy, "from the same network")
		if err := w.charge(ctx, "", From{Address: "2001:db8:1::1"}); err != nil {
			w.Errorf("another network: %v", err)
		}
	})
}

func TestRecoveryKeepsTheSecondFactor(t *testing.T) {
	both(t, func(w *world) {
		_, token := w.armed()
		codes, err := w.NewRecoveryCodes(ctx, w.session(token))
		if err != nil {
			w.Fatal(err)
		}
		if err := w.AskRecovery(ctx, "nobody@lakeshore.example", words.EN, home); err != nil || len(w.mails) != 0 {
			w.Errorf("unknown e-mail: %v, %d mails", err, len(w.mails))
		}
		if err := w.AskRecovery(ctx, email, words.EN, home); err != nil || len(w.mails) != 1 {
			w.Fatalf("%v, %d mails", err, len(w.mails))
		}
		_, link, _ := strings.Cut(w.mails[0].Text, "token=")
		link, _, _ = strings.Cut(link, "\n")
		_, err = w.OpenLink(ctx, link, home)
		w.wants(err, fault.NotFound, "a recovery link used to sign in")
		_, err = w.Recover(ctx, link, "", "an entirely new password", home)
		w.wants(err, fault.Invalid, "without a second factor")
		_, err = w.Recover(ctx, link, codes[0], "short", home)
		w.wants(err, fault.Invalid, "with a weak password")
		s := w.must(w.Recover(ctx, link, strings.ToLower(codes[0]), "walnut thimble granite harbor", home))
		w.dead(token, "the session before")
		if w.session(s).FactorAt.IsZero() {
			w.Error("recovery shows two factors")
		}
		_, err = w.Recover(ctx, link, codes[1], "", home)
		w.wants(err, fault.NotFound, "the link twice")
		_, err = w.SignInPassword(ctx, email, "walnut thimble granite harbor", codes[0], home)
		w.wants(err, fault.Invalid, "the recovery code twice")
		w.must(w.SignInPassword(ctx, email, "walnut thimble granite harbor", codes[1], home))
		if n, err := w.RecoveryCodesLeft(ctx, w.me); err != nil || n != recoveryCount-2 {
			w.Errorf("%d codes left, %v", n, err)
		}
	})
}

func TestTheLastWayInStays(t *testing.T) {
	both(t, func(w *world) {
		_, token := w.armed()
		_, err := w.RemoveFallback(ctx, w.session(token))
		w.wants(err, fault.Conflict, "the only way in")
		w.pass(FactorTime + time.Minute)
		_, err = w.BeginKey(ctx, w.session(token))
		w.wants(err, fault.Denied, "a key after the factor grew old")
	})
}

func TestConfirmMakesTheFactorFresh(t *testing.T) {
	both(t, func(w *world) {
		seed, token := w.armed()
		w.pass(FactorTime + time.Minute)
		s := w.session(token)
		if s.Confirmed(w.at) {
			w.Fatal("still fresh")
		}
		_, err := w.ConfirmPassword(ctx, s, password, "000000", home)
		w.wants(err, fault.Invalid, "a wrong code")
		renewed := w.must(w.ConfirmPassword(ctx, s, password, w.code(seed), home))
		w.dead(token, "the token before")
		if !w.session(renewed).Confirmed(w.at) {
			w.Error("not fresh")
		}
	})
}

func TestEveryActIsInTheLedger(t *testing.T) {
	both(t, func(w *world) {
		seed, token := w.armed()
		if _, err := w.NewRecoveryCodes(ctx, w.session(token)); err != nil {
			w.Fatal(err)
		}
		w.pass(time.Minute)
		_, _ = w.SignInPassword(ctx, email, "a wrong password here", "", home)
		w.must(w.SignInPassword(ctx, email, password, w.code(seed), home))
		if err := w.SignOut(ctx, token); err != nil {
			w.Fatal(err)
		}
		got, err := db.All[ledger.Kind](ctx, w.db, `SELECT kind FROM ledger_entry ORDER BY n`)
		if err != nil {
			w.Fatal(err)
		}
		want := []ledger.Kind{entryCreate, entryLink, entrySignIn, entryFallbackSet, entryRecoveryMake, entryRefuse, entrySignIn, entrySignOut}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Error(diff)
		}
	})
}

// manyAtOnce signs in n times at the same moment and counts the outcomes; success counts as Internal, the zero Kind.
func (w *world) manyAtOnce(n int, pw, code string) map[fault.Kind]int64 {
	var ok, invalid, busy atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			switch _, err := w.SignInPassword(ctx, email, pw, code, home); {
			case err == nil:
				ok.Add(1)
			case fault.KindOf(err) == fault.Invalid:
				invalid.Add(1)
			case fault.KindOf(err) == fault.Busy:
				busy.Add(1)
			default:
				w.Errorf("signing in: %v", err)
			}
		})
	}
	all.Wait()
	return map[fault.Kind]int64{fault.Internal: ok.Load(), fault.Invalid: invalid.Load(), fault.Busy: busy.Load()}
}

func TestManyGuessesAtOnceAreCountedToo(t *testing.T) {
	both(t, func(w *world) {
		w.armed()
		got := w.manyAtOnce(20, "a wrong password here", "123456")
		want := map[fault.Kind]int64{fault.Internal: 0, fault.Invalid: accountLimit.free, fault.Busy: 20 - accountLimit.free}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Error(diff)
		}
	})
}

func TestACodeOpensOnceEvenAtTheSameMoment(t *testing.T) {
	both(t, func(w *world) {
		seed, _ := w.armed()
		w.pass(codeStep * time.Second)
		if got := w.manyAtOnce(4, password, w.code(seed)); got[fault.Internal] != 1 {
			w.Errorf("one code opened %d sessions", got[fault.Internal])
		}
	})
}
