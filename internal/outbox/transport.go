package outbox

import (
	"context"
	"net/mail"
)

// Transport hands one message over. A nil error means that the other side answers for the message from now on; reply is
// what it said.
type Transport interface {
	Deliver(ctx context.Context, from mail.Address, m Row) (reply string, err error)
}

// Refused is the error of a transport whose other side answered and did not take the message.
type Refused struct {
	Code  int    // SMTP reply code
	Reply string // the server's words; may name the reader, so it is not for logs
	Final bool   // trying again cannot help
}

// Error returns the server's words.
func (r *Refused) Error() string { return "the mail server refused: " + r.Reply }

// Catch keeps every message on the site, for demonstrations: nothing is sent, and the message can be read on the page of
// caught mail.
type Catch struct{}

// Deliver takes the message and does nothing with it.
func (Catch) Deliver(context.Context, mail.Address, Row) (string, error) { return "caught", nil }
