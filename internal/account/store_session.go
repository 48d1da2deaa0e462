package account

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/words"
)

type sessionRow struct {
	ID       SessionID  `db:"id"`
	Account  ID         `db:"account_id"`
	Name     string     `db:"name"`
	Email    string     `db:"email"`
	Lang     words.Lang `db:"lang"`
	Network  string     `db:"network"`
	Agent    string     `db:"agent"`
	Started  time.Time  `db:"started_at"`
	Seen     time.Time  `db:"seen_at"`
	FactorAt time.Time  `db:"factor_at"`
	Ends     time.Time  `db:"ends_at"`
}

func insertSession(ctx context.Context, tx *db.Tx, token string, s sessionRow) (SessionID, error) {
	return db.One[SessionID](ctx, tx, `INSERT INTO account_session (account_id, token, network, agent, started_at, seen_at, factor_at, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, s.Account, token, s.Network, s.Agent, s.Started, s.Seen, s.FactorAt, s.Ends)
}

// liveSession finds a session by the hash of its token, unless anything has ended it.
func liveSession(ctx context.Context, r db.Reader, hash string, now, idleSince time.Time) (sessionRow, error) {
	return db.One[sessionRow](ctx, r, `SELECT s.id, s.account_id, a.name, a.email, a.lang, s.network, s.agent, s.started_at, s.seen_at, s.factor_at, s.ends_at
		FROM account_session s JOIN account a ON a.id = s.account_id
		WHERE s.token = ? AND s.ended_at = 0 AND s.ends_at > ? AND s.seen_at > ? AND a.disabled_at = 0`, hash, now, idleSince)
}

func updateSeen(ctx context.Context, tx *db.Tx, id SessionID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE account_session SET seen_at = ? WHERE id = ? AND ended_at = 0`, at, id)
	return err
}

// updateSession gives a live session a new token and a new moment of its factors.
func updateSession(ctx context.Context, tx *db.Tx, id SessionID, token string, factorAt time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE account_session SET token = ?, factor_at = ? WHERE id = ? AND ended_at = 0`, token, factorAt, id)
}

func liveSessions(ctx context.Context, r db.Reader, id ID, now, idleSince time.Time) ([]sessionRow, error) {
	return db.All[sessionRow](ctx, r, `SELECT id, account_id, network, agent, started_at, seen_at, factor_at, ends_at FROM account_session
		WHERE account_id = ? AND ended_at = 0 AND ends_at > ? AND seen_at > ? ORDER BY seen_at DESC, id DESC`, id, now, idleSince)
}

func endSession(ctx context.Context, tx *db.Tx, of ID, id SessionID, at time.Time, why string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE account_session SET ended_at = ?, ended_why = ? WHERE id = ? AND account_id = ? AND ended_at = 0`, at, why, id, of)
}

// endSessions ends all sessions of an account but one; keep 0 ends all.
func endSessions(ctx context.Context, tx *db.Tx, of ID, keep SessionID, at time.Time, why string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE account_session SET ended_at = ?, ended_why = ? WHERE account_id = ? AND id <> ? AND ended_at = 0`, at, why, of, keep)
}

// recentSessions returns the sessions of accounts that were seen after since, whether they live or not.
func recentSessions(ctx context.Context, r db.Reader, of []ID, since time.Time) ([]sessionRow, error) {
	return db.All[sessionRow](ctx, r, `SELECT id, account_id, network, agent, started_at, seen_at, ends_at FROM account_session
		WHERE account_id IN (?) AND seen_at > ? ORDER BY account_id, started_at, id`, of, since)
}
