package outbox

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// ID names one message of the outbox.
type ID int64

// Row is a message as the outbox keeps it.
type Row struct {
	ID        ID        `db:"id"`
	Org       int64     `db:"org_id"`
	Kind      string    `db:"kind"`
	Name      string    `db:"to_name"`
	Email     string    `db:"to_email"`
	Lang      string    `db:"lang"`
	Subject   string    `db:"subject"`
	Text      string    `db:"body"` // "" once the message has left
	MessageID string    `db:"message_id"`
	Created   time.Time `db:"created_at"`
	Due       time.Time `db:"due_at"`
	Attempts  int       `db:"attempts"`
	Sent      time.Time `db:"sent_at"`
	Failed    time.Time `db:"failed_at"`
	Reply     string    `db:"reply"`
}

const rowColumns = `id, org_id, kind, to_name, to_email, lang, subject, body, message_id, created_at, due_at, attempts, sent_at, failed_at, reply`

func insertMessage(ctx context.Context, tx *db.Tx, m Message, messageID string, now time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO outbox_message (org_id, kind, to_name, to_email, lang, subject, body, message_id,
		created_at, due_at, attempts, sent_at, failed_at, reply) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, '')`,
		m.Org, m.Kind, m.Name, m.Email, string(m.Lang), m.Subject, m.Text, messageID, now, now)
	return err
}

// Recent returns the newest messages, at most limit, those before the message with the given id (0 for the newest).
func (o *Outbox) Recent(ctx context.Context, before ID, limit int) ([]Row, error) {
	return db.AllOf[Row](ctx, o.db, db.Q(`SELECT `+rowColumns+` FROM outbox_message WHERE 1 = 1`).
		If(before > 0, `AND id < ?`, int64(before)).
		Add(`ORDER BY id DESC LIMIT ?`, limit))
}

// Row returns one message, or db.ErrNone.
func (o *Outbox) Row(ctx context.Context, id ID) (Row, error) {
	return db.One[Row](ctx, o.db, `SELECT `+rowColumns+` FROM outbox_message WHERE id = ?`, int64(id))
}

// Counts says how many messages wait, have left and were given up.
type Counts struct {
	Waiting int64 `db:"waiting"`
	Sent    int64 `db:"sent"`
	Failed  int64 `db:"failed"`
}

// Counts counts the messages by state.
func (o *Outbox) Counts(ctx context.Context) (Counts, error) {
	return db.One[Counts](ctx, o.db, `SELECT COUNT(CASE WHEN sent_at = 0 AND failed_at = 0 THEN 1 END) AS waiting,
		COUNT(CASE WHEN sent_at > 0 THEN 1 END) AS sent, COUNT(CASE WHEN failed_at > 0 THEN 1 END) AS failed FROM outbox_message`)
}

func (o *Outbox) due(ctx context.Context, now time.Time, limit int) ([]Row, error) {
	return db.All[Row](ctx, o.db, `SELECT `+rowColumns+` FROM outbox_message
		WHERE sent_at = 0 AND failed_at = 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?`, now, limit)
}

// nextDue returns when the next attempt may begin, or the zero time when nothing waits.
func (o *Outbox) nextDue(ctx context.Context) (time.Time, error) {
	return db.One[time.Time](ctx, o.db, `SELECT MIN(due_at) FROM outbox_message WHERE sent_at = 0 AND failed_at = 0`)
}

// claim takes r for one attempt and reports whether nobody else did. Until lease has passed no other sender takes it.
func claim(ctx context.Context, tx *db.Tx, r Row, now time.Time, lease time.Duration) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE outbox_message SET attempts = attempts + 1, due_at = ?
		WHERE id = ? AND attempts = ? AND sent_at = 0 AND failed_at = 0 AND due_at <= ?`, now.Add(lease), int64(r.ID), r.Attempts, now)
	return n == 1, err
}

func markSent(ctx context.Context, tx *db.Tx, id ID, now time.Time, reply string, keepText bool) error {
	_, err := db.Exec(ctx, tx, `UPDATE outbox_message SET sent_at = ?, reply = ?, body = CASE WHEN ? = 1 THEN body ELSE '' END WHERE id = ?`,
		now, reply, keepText, int64(id))
	return err
}

func markFailed(ctx context.Context, tx *db.Tx, id ID, now time.Time, reply string) error {
	_, err := db.Exec(ctx, tx, `UPDATE outbox_message SET failed_at = ?, reply = ?, body = '' WHERE id = ?`, now, reply, int64(id))
	return err
}

func markLater(ctx context.Context, tx *db.Tx, id ID, due time.Time, reply string) error {
	_, err := db.Exec(ctx, tx, `UPDATE outbox_message SET due_at = ?, reply = ? WHERE id = ?`, due, reply, int64(id))
	return err
}

func deleteOld(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM outbox_message WHERE (sent_at > 0 AND sent_at < ?) OR (failed_at > 0 AND failed_at < ?)`, before, before)
}
