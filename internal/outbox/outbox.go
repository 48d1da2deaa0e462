// Package outbox sends mail that was written in the transaction of the act it tells about.
//
// Send only writes a row: the message exists if and only if the act does. A loop (Run) hands the rows to a mail server
// one by one. SMTP cannot promise that a message arrives exactly once: when the connection dies after the last byte, nobody
// knows whether the server took the message (RFC 1047). Precinct then sends again, under the same Message-ID, since a second
// copy of an invitation is harmless and a lost one is not. In every other case a message is sent once.
package outbox

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

//go:embed schema/*.sql
var schema embed.FS

// Spanish is what this package says, English to Spanish.
//
//go:embed es.json
var Spanish []byte

// Schema returns the tables of this package.
func Schema() db.Line { return db.Embedded("outbox", schema) }

// Limits of one message.
const (
	maxAddress = 254 // RFC 5321 §4.5.3.1.3
	maxName    = 120
	maxSubject = 200
	maxText    = 64 << 10
)

// Message is one mail to one person. The HTML part is made from Text: blank lines part paragraphs, web addresses become
// links that show where they lead.
type Message struct {
	Org     int64      // whose act it tells about; 0 for the site
	Kind    string     // the act, as the ledger spells it: "org.invite"
	Name    string     // the reader's name; may be empty
	Email   string     // one address, without a name
	Lang    words.Lang // the language of Subject and Text
	Subject string
	Text    string
}

// Config says who sends and how.
type Config struct {
	DB        *db.DB
	Transport Transport
	From      string           // "Precinct <no-reply@example.org>"
	Now       func() time.Time // time.Now when nil
	Log       *slog.Logger     // slog.Default() when nil; gets no addresses and no words of a message
}

// Outbox takes messages and sends them.
type Outbox struct {
	db        *db.DB
	transport Transport
	from      mail.Address
	now       func() time.Time
	log       *slog.Logger
	wake      chan struct{}
}

// New returns an outbox. Nothing is sent before Run is called.
func New(c Config) (*Outbox, error) {
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fault.Invalidf("The sender %q is not a mail address. Write it like Precinct <no-reply@example.org>.", c.From)
	}
	if s, ok := c.Transport.(*SMTP); ok {
		if err := s.check(); err != nil {
			return nil, err
		}
	}
	o := &Outbox{db: c.DB, transport: c.Transport, from: *from, now: c.Now, log: c.Log, wake: make(chan struct{}, 1)}
	if o.now == nil {
		o.now = time.Now
	}
	if o.log == nil {
		o.log = slog.Default()
	}
	return o, nil
}

// Catches reports whether messages stay on this site instead of leaving it (Catch).
func (o *Outbox) Catches() bool {
	_, ok := o.transport.(Catch)
	return ok
}

// Send puts m into the outbox as part of tx. A message that could break out of its header, or that has no reader, is
// refused.
func (o *Outbox) Send(ctx context.Context, tx *db.Tx, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	id, err := o.newMessageID()
	if err != nil {
		return err
	}
	if err := insertMessage(ctx, tx, m, id, o.now()); err != nil {
		return fmt.Errorf("putting a message into the outbox: %w", err)
	}
	o.Wake()
	return nil
}

// Wake makes the loop look for messages now.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// newMessageID returns an identifier (RFC 5322 §3.6.4) in the sender's domain.
func (o *Outbox) newMessageID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("making a message id: %w", err)
	}
	_, domain, _ := strings.Cut(o.from.Address, "@")
	return hex.EncodeToString(b[:]) + "@" + domain, nil
}

func (m Message) check() error {
	var in fault.Inputs
	if a, err := mail.ParseAddress(m.Email); err != nil || a.Address != m.Email || len(m.Email) > maxAddress {
		in.Add("email", "This is not a mail address. Write one address, like maria@example.org.")
	}
	if unfitHeader(m.Name, maxName) {
		in.Add("name", "A name in a mail can have %d letters and no line breaks.", maxName)
	}
	if m.Subject == "" || unfitHeader(m.Subject, maxSubject) {
		in.Add("subject", "A subject needs 1 to %d letters and no line breaks.", maxSubject)
	}
	if strings.TrimSpace(m.Text) == "" || len(m.Text) > maxText || !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, 0) {
		in.Add("text", "A message needs some text, at most %d letters.", maxText)
	}
	return in.Or()
}

// unfitHeader reports whether s may not stand in a header: a line break there begins another header (CWE-93).
func unfitHeader(s string, most int) bool {
	return utf8.RuneCountInString(s) > most || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029'
	})
}
