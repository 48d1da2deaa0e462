package org

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
)

// Role is a role as people of one organisation choose it.
type Role struct {
	Key     string
	Name    string // English for product roles, the organisation's own words otherwise
	Purpose string
	Own     bool       // made by the organisation
	Permits permit.Set // with all that is implied
	May     bool       // the actor holds all of it and so may grant it
}

// ownPrefix begins the keys of roles that an organisation made.
const ownPrefix = "own-"

func ownKey(id int64) string { return ownPrefix + strconv.FormatInt(id, 10) }

func ownID(key string) int64 {
	s, ok := strings.CutPrefix(key, ownPrefix)
	n, err := strconv.ParseInt(s, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return n
}

func (r roleRow) permits() ([]permit.Permit, error) {
	var ps []permit.Permit
	if err := json.Unmarshal([]byte(r.Permits), &ps); err != nil {
		return nil, fmt.Errorf("reading role %d: %w", r.ID, err)
	}
	return ps, nil
}

// ownRoleSets returns what the organisation's own roles hold, by key.
func (o *Orgs) ownRoleSets(ctx context.Context, r db.Reader, in ID) (map[string]permit.Set, error) {
	rows, err := ownRoles(ctx, r, in)
	if err != nil {
		return nil, err
	}
	m := make(map[string]permit.Set, len(rows))
	for _, row := range rows {
		ps, err := row.permits()
		if err != nil {
			return nil, err
		}
		m[ownKey(row.ID)] = o.catalog.Expand(ps...)
	}
	return m, nil
}

// permitsOf returns what a role holds; an unknown role holds nothing.
func (o *Orgs) permitsOf(key string, own map[string]permit.Set) permit.Set {
	for _, r := range o.roles {
		if r.Key == key {
			return o.catalog.Expand(r.Permits...)
		}
	}
	return own[key]
}

// Roles returns the roles of the actor's organisation: the product's first.
func (o *Orgs) Roles(ctx context.Context, a Actor) ([]Role, error) {
	if err := a.Must(PermitPeople); err != nil {
		return nil, err
	}
	all, err := o.rolesIn(ctx, o.db, a.org)
	for i := range all {
		all[i].May = a.permits.Contains(all[i].Permits)
	}
	return all, err
}

func (o *Orgs) rolesIn(ctx context.Context, r db.Reader, in ID) ([]Role, error) {
	var all []Role
	for _, p := range o.roles {
		all = append(all, Role{Key: p.Key, Name: p.Name, Purpose: p.Purpose, Permits: o.catalog.Expand(p.Permits...)})
	}
	rows, err := ownRoles(ctx, r, in)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		ps, err := row.permits()
		if err != nil {
			return nil, err
		}
		all = append(all, Role{Key: ownKey(row.ID), Name: row.Name, Purpose: row.Purpose, Own: true, Permits: o.catalog.Expand(ps...)})
	}
	return all, nil
}

func roleNames(all []Role) map[string]string {
	m := make(map[string]string, len(all))
	for _, r := range all {
		m[r.Key] = r.Name
	}
	return m
}

// grantable refuses a role that the actor does not hold in full: one may grant only what one holds.
func (o *Orgs) grantable(ctx context.Context, r db.Reader, a Actor, key string) error {
	all, err := o.rolesIn(ctx, r, a.org)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(r Role) bool { return r.Key == key })
	if i < 0 {
		return wrong("role", fault.Invalidf("Choose one of the roles of the organization."))
	}
	if !a.permits.Contains(all[i].Permits) {
		return wrong("role", fault.Invalidf("You can only give or take a role whose rights you all have yourself."))
	}
	return nil
}

// wrong returns a fault of one input of a form.
func wrong(input string, f *fault.Error) fault.Inputs { return fault.Inputs{{Name: input, Err: f}} }

// MakeRole makes a role of the organisation's own, or changes the one called key, and returns its key.
func (o *Orgs) MakeRole(ctx context.Context, a Actor, key, name, purpose string, permits []permit.Permit) (string, error) {
	if err := a.Must(PermitRole); err != nil {
		return "", err
	}
	var in fault.Inputs
	name, err := ParseName(name)
	if err != nil {
		in = append(in, fault.Input{Name: "name", Err: fault.As(err)})
	}
	set := o.catalog.Expand(permits...)
	switch {
	case len(set.List()) == 0:
		in.Add("permit", "Choose at least one right.")
	case !a.permits.Contains(set):
		in.Add("permit", "You can only give rights that you have yourself.")
	}
	if err := in.Or(); err != nil {
		return "", err
	}
	list, err := json.Marshal(set.List())
	if err != nil {
		return "", fmt.Errorf("writing a role: %w", err)
	}
	r := roleRow{ID: ownID(key), Name: name, Purpose: strings.Join(strings.Fields(purpose), " "), Permits: string(list)}
	err = o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if key == "" {
			r.ID, err = insertRole(ctx, tx, a.org, r)
		} else {
			err = o.changeRole(ctx, tx, a, r)
		}
		if err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryRoleMake, Object: object("org_role", r.ID), Data: map[string]any{"name": r.Name, "permits": set.List()}})
		return err
	})
	return ownKey(r.ID), err
}

func (o *Orgs) changeRole(ctx context.Context, tx *db.Tx, a Actor, r roleRow) error {
	own, err := o.ownRoleSets(ctx, tx, a.org)
	if err != nil {
		return err
	}
	had, ok := own[ownKey(r.ID)]
	if !ok {
		return errNoRole()
	}
	if !a.permits.Contains(had) {
		return wrong("permit", fault.Invalidf("You can only change a role whose rights you all have yourself."))
	}
	return changedOne(errNoRole())(updateRole(ctx, tx, a.org, r))
}

func errNoRole() error { return fault.NotFoundf("The organization has no such role of its own.") }

// changedOne turns a count of changed rows into none when it is not one.
func changedOne(none error) func(int64, error) error {
	return func(n int64, err error) error {
		if err == nil && n != 1 {
			return none
		}
		return err
	}
}

// DropRole removes a role of the organisation's own that nobody has.
func (o *Orgs) DropRole(ctx context.Context, a Actor, key string) error {
	if err := a.Must(PermitRole); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := countRoleUse(ctx, tx, a.org, key, o.now())
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.Conflictf("People have this role or are invited to it. Give them another one first.")
		}
		if err := changedOne(errNoRole())(endRole(ctx, tx, a.org, ownID(key), o.now())); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryRoleDrop, Object: object("org_role", ownID(key))})
		return err
	})
}
