package person

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

const longestNote = 2000 // letters

// within returns the person's row when the actor may see it; the writing methods begin with it.
func (p *Store) within(ctx context.Context, tx *db.Tx, actor org.Actor, id ID) (record, error) {
	f, err := p.fenceIn(ctx, tx, actor, true)
	if err != nil {
		return record{}, err
	}
	r, err := p.record(ctx, tx, f, id)
	if errors.Is(err, db.ErrNone) {
		return record{}, errNobody
	}
	return r, err
}

// AddNote writes a note that the actor's organisation alone sees.
func (p *Store) AddNote(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, body string) error {
	return p.PutNote(ctx, tx, actor, id, rand.Text(), p.now(), body)
}

// PutNote is AddNote under a number that whoever wrote the note made, at the time they wrote it.
func (p *Store) PutNote(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, note string, at time.Time, body string) error {
	if err := actor.Must(PermitNoteAdd); err != nil {
		return err
	}
	var wrong fault.Inputs
	body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	switch {
	case body == "":
		wrong.Add("note", "Write the note before you save it.")
	case utf8.RuneCountInString(body) > longestNote:
		wrong.Add("note", "A note has at most %d letters. Shorten it.", longestNote)
	}
	if err := wrong.Or(); err != nil {
		return err
	}
	if _, err := p.within(ctx, tx, actor, id); err != nil {
		return err
	}
	if err := p.insertNote(ctx, tx, actor, id, note, at, db.Storable(body)); err != nil {
		return fmt.Errorf("writing a note about person %d: %w", id, err)
	}
	_, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: KindNoteAdd, Object: id.Object(),
		Data: map[string]any{"letters": utf8.RuneCountInString(body)}, Personal: map[string]any{"body": db.Storable(body)}})
	return err
}

// WithdrawNote takes back a note that the actor's organisation made under this number. One that is not there is none.
func (p *Store) WithdrawNote(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, note string) error {
	if err := actor.Must(PermitNoteAdd); err != nil {
		return err
	}
	n, err := p.deleteNote(ctx, tx, actor, id, note)
	if err != nil {
		return fmt.Errorf("taking back a note about person %d: %w", id, err)
	}
	if n == 0 {
		return nil
	}
	_, err = ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: KindNoteWithdraw, Object: id.Object()})
	return err
}
