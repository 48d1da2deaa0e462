package org

import (
	"context"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

// GroupID names one user group.
type GroupID int64

// Group is some people of an organisation under one name, to share folders with.
type Group struct {
	ID     GroupID `db:"id"`
	Name   string  `db:"name"`
	People int64   `db:"people"`
}

// FolderID names one folder.
type FolderID int64

// Folder holds lists, scripts and the like, and says who may see them.
type Folder struct {
	ID      FolderID  `db:"id"`
	Org     ID        `db:"org_id"`
	OrgName string    `db:"org_name"`
	Name    string    `db:"name"`
	Made    time.Time `db:"made_at"`
	Shares  int64     `db:"shares"`
}

// Share says who may see a folder, and whether they may change what is in it.
type Share struct {
	Kind      string `db:"kind"` // account, group or org
	Target    int64  `db:"target_id"`
	Name      string `db:"name"` // of the target; only on reading
	MayChange bool   `db:"may_change"`
}

func errNoGroup() error  { return fault.NotFoundf("The organization has no such group.") }
func errNoFolder() error { return fault.NotFoundf("The organization has no such folder.") }

// Groups returns the user groups of the actor's organisation.
func (o *Orgs) Groups(ctx context.Context, a Actor) ([]Group, error) {
	if err := a.Must(PermitPeople); err != nil {
		return nil, err
	}
	return groupsIn(ctx, o.db, a.org)
}

// GroupPeople returns who is in a group of the actor's organisation.
func (o *Orgs) GroupPeople(ctx context.Context, a Actor, id GroupID) ([]account.ID, error) {
	all, err := o.Groups(ctx, a)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(g Group) bool { return g.ID == id }) {
		return nil, errNoGroup()
	}
	return groupMembers(ctx, o.db, id)
}

// PutGroup makes a group (id 0) or gives one another name and other people, and returns its id. People who
// do not belong to the organisation are refused.
func (o *Orgs) PutGroup(ctx context.Context, a Actor, id GroupID, name string, people []account.ID) (GroupID, error) {
	if err := a.Must(PermitGroup); err != nil {
		return 0, err
	}
	name, err := ParseName(name)
	if err != nil {
		return 0, wrong("name", fault.As(err))
	}
	isNew := id == 0
	err = o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		members, err := o.people(ctx, tx, a.org)
		if err != nil {
			return err
		}
		for _, p := range people {
			if !slices.ContainsFunc(members, func(m Membership) bool { return m.Account == p }) {
				return wrong("people", fault.Invalidf("One of these people no longer belongs to the organization. Choose again."))
			}
		}
		if isNew {
			id, err = insertGroup(ctx, tx, a.org, name)
		} else {
			err = changedOne(errNoGroup())(updateGroup(ctx, tx, a.org, id, name))
		}
		if err != nil {
			return err
		}
		if err := deleteGroupMembers(ctx, tx, id); err != nil {
			return err
		}
		for _, p := range people {
			if err := insertGroupMember(ctx, tx, id, p); err != nil {
				return err
			}
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryGroup, Object: object("org_group", id), Data: map[string]any{"name": name, "people": people}})
		return err
	})
	return id, err
}

// DropGroup removes a group; what was shared with it no longer is.
func (o *Orgs) DropGroup(ctx context.Context, a Actor, id GroupID) error {
	if err := a.Must(PermitGroup); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := changedOne(errNoGroup())(endGroup(ctx, tx, a.org, id, o.now())); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryGroup, Object: object("org_group", id), Data: map[string]any{"removed": true}})
		return err
	})
}

// Folders returns the organisation's folders: all of them for who may edit folders, else those shared with the actor.
func (o *Orgs) Folders(ctx context.Context, a Actor) ([]Folder, error) {
	if a.May(PermitFolder) {
		return foldersIn(ctx, o.db, a.org)
	}
	shared, err := foldersFor(ctx, o.db, a.account, a.org)
	return slices.DeleteFunc(shared, func(f Folder) bool { return f.Org != a.org }), err
}

// SharedWith returns the folders of other organisations that are shared with the actor's.
func (o *Orgs) SharedWith(ctx context.Context, a Actor) ([]Folder, error) {
	shared, err := foldersFor(ctx, o.db, a.account, a.org)
	return slices.DeleteFunc(shared, func(f Folder) bool { return f.Org == a.org }), err
}

// Reached is a folder that an actor sees: one of the own organisation or one that another shares with it.
type Reached struct {
	Folder
	MayChange bool // what is in it
}

// Reach returns the folders the actor sees, the own organisation's first, each with whether the actor may change what is in it.
func (o *Orgs) Reach(ctx context.Context, a Actor) ([]Reached, error) {
	own, err := o.Folders(ctx, a)
	if err != nil {
		return nil, err
	}
	shared, err := o.SharedWith(ctx, a)
	if err != nil {
		return nil, err
	}
	changeable, err := changeableFor(ctx, o.db, a.account, a.org)
	if err != nil {
		return nil, err
	}
	var all []Reached
	for _, f := range slices.Concat(own, shared) {
		all = append(all, Reached{Folder: f, MayChange: f.Org == a.org && a.May(PermitFolder) || slices.Contains(changeable, f.ID)})
	}
	return all, nil
}

// Folder returns a folder of the actor's organisation and with whom it is shared.
func (o *Orgs) Folder(ctx context.Context, a Actor, id FolderID) (Folder, []Share, error) {
	if err := a.Must(PermitFolder); err != nil {
		return Folder{}, nil, err
	}
	f, err := o.folder(ctx, o.db, a, id)
	if err != nil {
		return Folder{}, nil, err
	}
	shares, err := sharesOf(ctx, o.db, id)
	return f, shares, err
}

func (o *Orgs) folder(ctx context.Context, r db.Reader, a Actor, id FolderID) (Folder, error) {
	all, err := foldersIn(ctx, r, a.org)
	if err != nil {
		return Folder{}, err
	}
	for _, f := range all {
		if f.ID == id {
			return f, nil
		}
	}
	return Folder{}, errNoFolder()
}

// PutFolder makes a folder (id 0) or renames one, and returns its id.
func (o *Orgs) PutFolder(ctx context.Context, a Actor, id FolderID, name string) (FolderID, error) {
	if err := a.Must(PermitFolder); err != nil {
		return 0, err
	}
	name, err := ParseName(name)
	if err != nil {
		return 0, wrong("name", fault.As(err))
	}
	isNew := id == 0
	err = o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if isNew {
			id, err = insertFolder(ctx, tx, a.org, name, o.now())
		} else {
			err = changedOne(errNoFolder())(updateFolder(ctx, tx, a.org, id, name))
		}
		if err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryFolder, Object: object("org_folder", id), Data: map[string]any{"name": name}})
		return err
	})
	return id, err
}

// DropFolder removes a folder.
func (o *Orgs) DropFolder(ctx context.Context, a Actor, id FolderID) error {
	if err := a.Must(PermitFolder); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := changedOne(errNoFolder())(endFolder(ctx, tx, a.org, id, o.now())); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryFolder, Object: object("org_folder", id), Data: map[string]any{"removed": true}})
		return err
	})
}

// PutShare shares a folder of the actor's organisation with a member, a group of it, or an organisation
// right below or above it.
func (o *Orgs) PutShare(ctx context.Context, a Actor, id FolderID, s Share) error {
	if err := a.Must(PermitFolder); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := o.folder(ctx, tx, a, id); err != nil {
			return err
		}
		ok, err := o.shareable(ctx, tx, a, s)
		if err != nil {
			return err
		}
		if !ok {
			return wrong("with", fault.Invalidf("Choose somebody the organization knows: a member, a group, a partner."))
		}
		if err := putShare(ctx, tx, id, s); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryFolderShare, Object: object("org_folder", id),
			Data: map[string]any{"with": s.Kind, "id": s.Target, "change": s.MayChange}})
		return err
	})
}

func (o *Orgs) shareable(ctx context.Context, r db.Reader, a Actor, s Share) (bool, error) {
	switch s.Kind {
	case "account":
		all, err := o.people(ctx, r, a.org)
		return slices.ContainsFunc(all, func(m Membership) bool { return int64(m.Account) == s.Target }), err
	case "group":
		all, err := groupsIn(ctx, r, a.org)
		return slices.ContainsFunc(all, func(g Group) bool { return int64(g.ID) == s.Target }), err
	case "org":
		own, err := orgByID(ctx, r, a.org)
		if err != nil {
			return false, err
		}
		all, err := orgsBelow(ctx, r, a.org, o.now())
		return own.Parent != 0 && int64(own.Parent) == s.Target || slices.ContainsFunc(all, func(b orgRow) bool { return int64(b.ID) == s.Target }), err
	}
	return false, nil
}

// DropShare stops sharing a folder with somebody.
func (o *Orgs) DropShare(ctx context.Context, a Actor, id FolderID, s Share) error {
	if err := a.Must(PermitFolder); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := o.folder(ctx, tx, a, id); err != nil {
			return err
		}
		if err := changedOne(errNoFolder())(deleteShare(ctx, tx, id, s)); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryFolderShare, Object: object("org_folder", id),
			Data: map[string]any{"with": s.Kind, "id": s.Target, "ended": true}})
		return err
	})
}
