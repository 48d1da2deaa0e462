package codebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// ErrUnknown is the same whether a definition does not exist or belongs to an organisation that does not share it.
func errUnknown() error {
	return fault.NotFoundf("There is no such definition, or it is not shared with your organization.")
}

// Definitions returns what the actor's organisation may use of one kind: its own, and what others on the site share. Archived ones come only when asked for.
func (s *Store) Definitions(ctx context.Context, a org.Actor, k Kind, archived bool) ([]Definition, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return visible(ctx, s.DB, k, int64(a.Org()), archived)
}

// Definition returns one that the actor's organisation may use.
func (s *Store) Definition(ctx context.Context, a org.Actor, k Kind, id ID) (Definition, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return Definition{}, err
	}
	return one(ctx, s.DB, k, int64(a.Org()), id)
}

// one returns the definition when the organisation may use it.
func one(ctx context.Context, r db.Reader, k Kind, org int64, id ID) (Definition, error) {
	d, err := selectOne(ctx, r, k, id)
	if errors.Is(err, db.ErrNone) || err == nil && d.Org != org && !d.Shared {
		return Definition{}, errUnknown()
	}
	if err != nil {
		return Definition{}, err
	}
	all := []Definition{d}
	err = fillParts(ctx, r, k, all)
	return all[0], err
}

// Define makes a definition of the actor's organisation and returns its id.
func (s *Store) Define(ctx context.Context, a org.Actor, d Definition) (ID, error) {
	ctx = a.Within(ctx)
	if err := s.may(a, d); err != nil {
		return 0, err
	}
	if err := d.check(); err != nil {
		return 0, err
	}
	var id ID
	err := s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := nameFree(ctx, tx, a, d); err != nil {
			return err
		}
		var err error
		if id, err = insert(ctx, tx, int64(a.Org()), int64(a.Account()), s.now(), d); err != nil {
			return fmt.Errorf("making a %s: %w", d.Kind, err)
		}
		if err := putParts(ctx, tx, d.Kind, id, nil, d.Parts); err != nil {
			return err
		}
		return s.entry(ctx, tx, a, KindDefine, d, id)
	})
	return id, err
}

// Change gives a definition of the actor's own organisation what d says. Responses and groups that have an id keep what was recorded with them; a
// response that is missing from d is no longer offered, a group that is missing stays.
func (s *Store) Change(ctx context.Context, a org.Actor, d Definition) error {
	ctx = a.Within(ctx)
	if err := s.may(a, d); err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := one(ctx, tx, d.Kind, int64(a.Org()), d.ID)
		if err != nil {
			return err
		}
		if was.Org != int64(a.Org()) {
			return fault.Deniedf("This belongs to %s, who share it with you. Only they can change it.", was.OrgName)
		}
		if err := unchanged(was, d); err != nil {
			return err
		}
		if err := nameFree(ctx, tx, a, d); err != nil {
			return err
		}
		if err := update(ctx, tx, s.now(), d); err != nil {
			return fmt.Errorf("changing %s: %w", d.Kind.Object(d.ID), err)
		}
		if err := putParts(ctx, tx, d.Kind, d.ID, was.Parts, d.Parts); err != nil {
			return err
		}
		return s.entry(ctx, tx, a, KindChange, d, d.ID)
	})
}

// Known returns all definitions of one kind that the actor's organisation may use, archived ones too. It asks for no permit: it is for what somebody who may see
// them has already chosen to hand out.
func (s *Store) Known(ctx context.Context, r db.Reader, a org.Actor, k Kind) ([]Definition, error) {
	return visible(a.Within(ctx), r, k, int64(a.Org()), true)
}

// unchanged refuses to change what stored values mean.
func unchanged(was, d Definition) error {
	var wrong fault.Inputs
	if was.Decimals != d.Decimals {
		wrong.Add("decimals", "The decimals of a score cannot change: its values would mean something else. Make a new score.")
	}
	if was.Type != d.Type {
		wrong.Add("type", "What a field holds cannot change. Make a new field.")
	}
	return wrong.Or()
}

func (s *Store) may(a org.Actor, d Definition) error {
	if d.Shared {
		return a.Must(PermitShare)
	}
	return a.Must(PermitDefine)
}

func nameFree(ctx context.Context, tx *db.Tx, a org.Actor, d Definition) error {
	if d.Kind == Event {
		return nil
	}
	taken, err := nameTaken(ctx, tx, int64(a.Org()), d)
	if err != nil || !taken {
		return err
	}
	var wrong fault.Inputs
	wrong.Add("name", "Your organization already has one called %q. Give it another name.", d.Name)
	return wrong.Or()
}

func (s *Store) entry(ctx context.Context, tx *db.Tx, a org.Actor, kind ledger.Kind, d Definition, id ID) error {
	parts := make([]string, len(d.Parts))
	for i, p := range d.Parts {
		parts[i] = p.Name
	}
	n, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: kind, Object: d.Kind.Object(id),
		Data: map[string]any{"name": d.Name, "status": string(d.Status), "shared": d.Shared, "parts": parts}})
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Change{Org: int64(a.Org()), What: change.Definition, Object: int64(id)})
}

// choicesOf reads the choices of a custom field as stored.
func choicesOf(stored string) (c []string, err error) {
	if stored == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(stored), &c)
	return c, err
}
