package person

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

const longestNote = 2000 // letters

// within returns the person's row when the actor may see it; the writing methods begin with it.
func (p *Store) within(ctx context.Context, tx *db.Tx, actor org.Actor, id ID) (record, error) {
	f, err := p.fenceOf(ctx, actor, true)
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
	if err := p.insertNote(ctx, tx, actor, id, rand.Text(), db.Storable(body)); err != nil {
		return fmt.Errorf("writing a note about person %d: %w", id, err)
	}
	_, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: KindNoteAdd, Object: id.Object(),
		Data: map[string]any{"letters": utf8.RuneCountInString(body)}, Personal: map[string]any{"body": db.Storable(body)}})
	return err
}
