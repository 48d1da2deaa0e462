package org

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
)

// AskFor writes to everybody who can change roles in the actor's organisation that the actor asks for a right. It changes nothing else. The same right can be
// asked for once a day: those who are asked have other mail to read.
func (o *Orgs) AskFor(ctx context.Context, a Actor, p permit.Permit) error {
	def, ok := o.catalog.Def(p)
	if !ok || a.org == 0 || a.account == 0 {
		return fault.NotFoundf("There is no such right to ask for.")
	}
	if a.May(p) {
		return fault.Conflictf("Your role includes this already.")
	}
	if o.mailer == nil {
		return fault.Conflictf("This site sends no mail. Ask an administrator of the organization in person.")
	}
	today := o.now().UTC().Format(time.DateOnly)
	past, err := ledger.Entries(ctx, o.db, ledger.Filter{Kind: entryRoleAsk, Account: int64(a.account), Org: int64(a.org)})
	if err != nil {
		return fmt.Errorf("looking for earlier questions: %w", err)
	}
	if slices.ContainsFunc(past, func(e ledger.Record) bool { return e.Data["permit"] == string(p) && e.Data["day"] == today }) {
		return fault.Conflictf("You asked for this today. Give them time to read it.")
	}
	keepers, err := o.Holders(ctx, a, PermitChange)
	if err != nil {
		return err
	}
	own, err := o.Own(ctx, a)
	if err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, k := range keepers {
			if k.Email == "" { // a guest has none
				continue
			}
			t := o.words.In(k.Lang)
			if err := o.mailer.Send(ctx, tx, account.Mail{To: k.Email, Lang: k.Lang, Subject: t.T("%s asks for a right in %s", a.name, own.Name),
				Text: t.T("Hello %s,", k.Name) + "\n\n" +
					t.T("%s asks for the right “%s” in %s. If it belongs to this person's work, give a role that includes it, under People and rights.", a.name, t.T(def.Sentence), own.Name) + "\n"}); err != nil {
				return err
			}
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryRoleAsk, Object: fmt.Sprintf("account/%d", int64(a.account)), Data: map[string]any{"permit": string(p), "day": today, "asked": len(keepers)}})
		return err
	})
}
