package outbox

import (
	"context"
	"fmt"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
)

// What the ledger records of the outbox.
const (
	KindSent    ledger.Kind = "outbox.message.send"
	KindGivenUp ledger.Kind = "outbox.message.give-up"
)

// Kinds describes the entries.
var Kinds = []ledger.KindDef{
	{Kind: KindSent, Sentence: "A mail was handed to the mail server"},
	{Kind: KindGivenUp, Sentence: "A mail could not be sent and was given up"},
}

// enter records what became of r, without its reader and its words.
func enter(ctx context.Context, tx *db.Tx, kind ledger.Kind, r Row, code int) error {
	data := map[string]any{"about": r.Kind, "attempts": r.Attempts}
	if code != 0 {
		data["code"] = code
	}
	_, err := ledger.Append(ctx, tx, ledger.Who{Org: r.Org, Via: "job"}, ledger.Entry{Kind: kind, Object: fmt.Sprintf("outbox_message/%d", r.ID), Data: data})
	return err
}
