package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/words"
)

// Session is one signed-in browser.
type Session struct {
	ID       SessionID
	Account  ID
	Name     string
	Email    string
	Lang     words.Lang // "" until the person chooses
	Network  string     // where it was started, shortened: "203.0.113.0/24"
	Agent    string     // "Firefox on Linux"
	Started  time.Time
	Seen     time.Time
	Ends     time.Time
	FactorAt time.Time // when two factors were last shown; zero after a bare link
}

// Confirmed reports whether two factors were shown recently enough for a dangerous act.
func (s Session) Confirmed(now time.Time) bool { return s.FactorAt.After(now.Add(-FactorTime)) }

// seenEvery is how often a session's last use is written down.
const seenEvery = time.Minute

// Session returns the session that token opens, or ErrNoSession. It asks the database every time, so an
// ended session ends everywhere with the next request.
func (a *Accounts) Session(ctx context.Context, token string) (Session, error) {
	hash, ok := HashToken(token)
	if !ok {
		return Session{}, ErrNoSession
	}
	now := a.now()
	r, err := liveSession(ctx, a.db, hash, now, now.Add(-a.idle))
	if errors.Is(err, db.ErrNone) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, fmt.Errorf("looking for a session: %w", err)
	}
	if now.Sub(r.Seen) >= seenEvery {
		err := a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error { return updateSeen(ctx, tx, r.ID, now) })
		if err != nil {
			return Session{}, fmt.Errorf("noting a session's use: %w", err)
		}
	}
	return r.session(), nil
}

func (r sessionRow) session() Session {
	return Session{ID: r.ID, Account: r.Account, Name: r.Name, Email: r.Email, Lang: r.Lang, Network: r.Network, Agent: r.Agent,
		Started: r.Started, Seen: r.Seen, Ends: r.Ends, FactorAt: r.FactorAt}
}

// start begins a session and returns its token. how says which way in was taken.
func (a *Accounts) start(ctx context.Context, tx *db.Tx, r row, from From, factor bool, how string) (string, error) {
	now := a.now()
	token, hash := NewToken()
	s := sessionRow{Account: r.ID, Network: from.network(), Agent: AgentName(from.Agent), Started: now, Seen: now, Ends: now.Add(SessionTime)}
	if factor {
		s.FactorAt = now
	}
	id, err := insertSession(ctx, tx, hash, s)
	if err != nil {
		return "", err
	}
	_, err = ledger.Append(ctx, tx, self(r.ID), ledger.Entry{Kind: entrySignIn, Object: object(r.ID),
		Data: map[string]any{"how": how, "session": int64(id)}, Personal: map[string]any{"network": s.Network, "agent": s.Agent}})
	return token, err
}

// StartBare begins a session without a second factor, for an account that was made a moment ago and has
// none yet: it can make one and nothing else.
func (a *Accounts) StartBare(ctx context.Context, tx *db.Tx, of ID, from From) (token string, err error) {
	return a.start(ctx, tx, row{ID: of}, from, false, "invitation")
}

// renew gives the session a new token after its factors were shown or changed; the old token is dead.
func (a *Accounts) renew(ctx context.Context, tx *db.Tx, s Session, factorAt time.Time) (string, error) {
	token, hash := NewToken()
	n, err := updateSession(ctx, tx, s.ID, hash, factorAt)
	if err == nil && n == 0 {
		err = ErrNoSession
	}
	return token, err
}

// changed renews the session whose person changed a factor and ends all others of the account (ASVS 5.0 7.4.3).
func (a *Accounts) changed(ctx context.Context, tx *db.Tx, s Session, factorAt time.Time) (string, error) {
	if _, err := endSessions(ctx, tx, s.Account, s.ID, a.now(), "factor"); err != nil {
		return "", err
	}
	return a.renew(ctx, tx, s, factorAt)
}

// SignOut ends the session that token opens, if any.
func (a *Accounts) SignOut(ctx context.Context, token string) error {
	s, err := a.Session(ctx, token)
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := endSession(ctx, tx, s.Account, s.ID, a.now(), "signed out"); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entrySignOut, Object: object(s.Account), Data: map[string]any{"session": int64(s.ID)}})
		return err
	})
}

// Sessions returns the live sessions of an account, last used first.
func (a *Accounts) Sessions(ctx context.Context, of ID) ([]Session, error) {
	now := a.now()
	rows, err := liveSessions(ctx, a.db, of, now, now.Add(-a.idle))
	all := make([]Session, len(rows))
	for i, r := range rows {
		all[i] = r.session()
	}
	return all, err
}

// EndSession ends one of the person's own sessions.
func (a *Accounts) EndSession(ctx context.Context, s Session, id SessionID) error {
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := endSession(ctx, tx, s.Account, id, a.now(), "ended by owner")
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("This session has ended already.")
		}
		_, err = ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entrySessionEnd, Object: object(s.Account), Data: map[string]any{"session": int64(id), "why": "owner"}})
		return err
	})
}

// EndAll ends all sessions of an account at once, as when a role is taken away, and returns how many.
func (a *Accounts) EndAll(ctx context.Context, tx *db.Tx, by ledger.Who, id ID, why string) (int64, error) {
	n, err := endSessions(ctx, tx, id, 0, a.now(), why)
	if err != nil || n == 0 {
		return n, err
	}
	_, err = ledger.Append(ctx, tx, by, ledger.Entry{Kind: entrySessionEnd, Object: object(id), Data: map[string]any{"sessions": n, "why": why}})
	return n, err
}

// Recent returns the sessions of some accounts seen after since, ended ones too, by account and start: what the
// user audit looks at.
func (a *Accounts) Recent(ctx context.Context, of []ID, since time.Time) ([]Session, error) {
	rows, err := recentSessions(ctx, a.db, of, since)
	all := make([]Session, len(rows))
	for i, r := range rows {
		all[i] = r.session()
	}
	return all, err
}

// Factors says which factors an account has.
type Factors struct {
	Keys     int64
	Fallback bool
}

// Any reports whether the account has a second factor at all.
func (f Factors) Any() bool { return f.Keys > 0 || f.Fallback }

// FactorsOf returns the factors of several accounts.
func (a *Accounts) FactorsOf(ctx context.Context, of []ID) (map[ID]Factors, error) {
	rows, err := factorRows(ctx, a.db, of)
	m := make(map[ID]Factors, len(rows))
	for _, r := range rows {
		m[r.Account] = Factors{Keys: r.Keys, Fallback: r.Fallback}
	}
	return m, err
}

// AgentName shortens a User-Agent header to what a person recognises; the header itself is not kept.
func AgentName(header string) string {
	pick := func(pairs [][2]string) string {
		for _, p := range pairs {
			if strings.Contains(header, p[0]) {
				return p[1]
			}
		}
		return ""
	}
	browser := pick([][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := pick([][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Mac OS X", "Mac"}, {"Linux", "Linux"}})
	switch {
	case browser != "" && system != "":
		return browser + " · " + system
	case browser+system != "":
		return browser + system
	default:
		return "–"
	}
}
