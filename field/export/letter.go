package export

import (
	"context"
	"fmt"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/words"
)

// link is the page of an export.
func (s *Store) link(in org.ID, id ID) string {
	return fmt.Sprintf("%s/o/%d/field/export/%d", s.origin, in, id)
}

// tellApprovers writes to everybody else who may decide that an export waits. Whom it holds and why is read on the page, behind the sign-in: mail travels open.
func (s *Store) tellApprovers(ctx context.Context, tx *db.Tx, a org.Actor, approvers []org.Membership, id ID, r exportRow) error {
	for _, m := range approvers {
		if m.Account == a.Account() {
			continue
		}
		t := s.words.In(m.Lang)
		err := s.send(ctx, tx, KindAsk, a.Org(), m.Name, m.Email, m.Lang, t.T("An export waits for your decision"),
			t.T("%s asks to export %s people. That is above the limit, so another person decides. Read there who they are and what it is for:", a.Name(), t.Number(r.People))+"\n\n"+s.link(a.Org(), id))
		if err != nil {
			return err
		}
	}
	return nil
}

// tellAsker writes to the one who asked what was decided.
func (s *Store) tellAsker(ctx context.Context, tx *db.Tx, a org.Actor, r exportRow, kind ledger.Kind) error {
	if s.accounts == nil {
		return nil
	}
	asker, err := s.accounts.Account(ctx, account.ID(r.By))
	if err != nil {
		return fmt.Errorf("looking for who asked for an export: %w", err)
	}
	t := s.words.In(asker.Lang)
	subject, text := t.T("Your export is approved"), t.T("%s approved your export of %s people. You can take it within a day:", a.Name(), t.Number(r.People))
	if kind == KindRefuse {
		subject, text = t.T("Your export is refused"), t.T("%s refused your export of %s people. Read the reason there:", a.Name(), t.Number(r.People))
	}
	return s.send(ctx, tx, kind, a.Org(), asker.Name, asker.Email, asker.Lang, subject, text+"\n\n"+s.link(a.Org(), r.ID))
}

func (s *Store) send(ctx context.Context, tx *db.Tx, kind ledger.Kind, in org.ID, name, email string, lang words.Lang, subject, text string) error {
	if s.outbox == nil || email == "" {
		return nil
	}
	text = s.words.In(lang).T("Hello %s,", name) + "\n\n" + text + "\n"
	return s.outbox.Send(ctx, tx, outbox.Message{Org: int64(in), Kind: string(kind), Name: name, Email: email, Lang: lang, Subject: subject, Text: text})
}
