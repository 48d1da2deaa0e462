package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// FormatID names one saved format.
type FormatID int64

// Format is the columns of a table under a name, for everybody of the organisation who exports.
type Format struct {
	ID      FormatID
	Name    string
	Form    Form
	Columns []string
	By      int64
	Created time.Time
}

// Formats returns the saved formats of the organisation, by name.
func (s *Store) Formats(ctx context.Context, a org.Actor) ([]Format, error) {
	if err := a.Must(PermitMake); err != nil {
		return nil, err
	}
	rows, err := s.formats(a.Within(ctx), a.Org())
	if err != nil {
		return nil, fmt.Errorf("reading the formats of exports: %w", err)
	}
	all := make([]Format, len(rows))
	for i, r := range rows {
		all[i] = Format{ID: r.ID, Name: r.Name, Form: r.Form, By: r.By, Created: r.Created}
		if err := json.Unmarshal([]byte(r.Columns), &all[i].Columns); err != nil {
			return nil, fmt.Errorf("reading the columns of format %d: %w", r.ID, err)
		}
	}
	return all, nil
}

// SaveFormat keeps columns under a name; a format of the same name gets them.
func (s *Store) SaveFormat(ctx context.Context, a org.Actor, name string, form Form, columns []string) (FormatID, error) {
	if err := a.Must(PermitMake); err != nil {
		return 0, err
	}
	name, err := org.ParseName(name)
	if err != nil {
		return 0, fault.Inputs{{Name: "format", Err: fault.As(err)}}
	}
	if len(columns) == 0 || !form.Table() {
		return 0, fault.Inputs{{Name: "columns", Err: fault.Invalidf("Choose at least one column.")}}
	}
	text, err := json.Marshal(columns)
	if err != nil {
		return 0, fmt.Errorf("writing the columns of a format: %w", err)
	}
	var id FormatID
	err = s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		if id, err = putFormat(ctx, tx, a.Org(), name, form, string(text), int64(a.Account()), s.now()); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindFormat, Object: fmt.Sprintf("field_export_format/%d", id),
			Data: map[string]any{"name": name, "columns": strings.Join(columns, " ")}})
		return err
	})
	return id, err
}

// DropFormat removes a saved format.
func (s *Store) DropFormat(ctx context.Context, a org.Actor, id FormatID) error {
	if err := a.Must(PermitMake); err != nil {
		return err
	}
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		name, err := deleteFormat(ctx, tx, a.Org(), id)
		if errors.Is(err, db.ErrNone) {
			return fault.NotFoundf("There is no such format here.")
		}
		if err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindFormat, Object: fmt.Sprintf("field_export_format/%d", id), Data: map[string]any{"name": name, "removed": true}})
		return err
	})
}
