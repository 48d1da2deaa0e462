package scriptstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Edition is what a script says while somebody writes it.
type Edition struct {
	script.Content
	Mark string // of what is kept: SaveDraft, Publish and DropDraft refuse another
}

// Draft returns what is being written of a script of the actor's own organisation: its draft, and without one its newest version.
func (s *Store) Draft(ctx context.Context, a org.Actor, id ID) (Edition, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitWrite); err != nil {
		return Edition{}, err
	}
	x, err := one(ctx, s.db, int64(a.Org()), id)
	if err != nil {
		return Edition{}, err
	}
	if x.Org != int64(a.Org()) {
		return Edition{}, fault.Deniedf("This belongs to %s, who share it with you. Only they can change it.", x.OrgName)
	}
	kept, err := written(ctx, s.db, x)
	if err != nil {
		return Edition{}, err
	}
	c, err := read(kept)
	return Edition{Content: c, Mark: digest(kept)}, err
}

// written returns the draft as kept, and without one the newest version.
func written(ctx context.Context, r db.Reader, x Script) (string, error) {
	if x.Draft {
		return selectDraft(ctx, r, x.ID)
	}
	return selectContent(ctx, r, x.ID, x.Version)
}

func read(kept string) (script.Content, error) {
	c, err := script.Parse([]byte(kept))
	if err != nil {
		return c, errors.New("reading a kept script: " + err.Error()) // not wrapped: it is ours, not the reader's to put right
	}
	return c, nil
}

// held locks the script and returns what is being written of it, unless that is not what mark names.
func held(ctx context.Context, tx *db.Tx, a org.Actor, id ID, mark string) (Script, string, error) {
	x, err := own(ctx, tx, a, id)
	if err != nil {
		return x, "", err
	}
	kept, err := written(ctx, tx, x)
	if err == nil && digest(kept) != mark {
		err = fault.Conflictf("Somebody else has changed this script since you opened it. Nothing of yours was saved: look at it again, then change it.")
	}
	return x, kept, err
}

// SaveDraft keeps content as the draft, when what is being written is still what mark names, and returns its new mark. A draft that says what the newest
// version says is none. Content that is kept already is saved, whatever the mark: a button pressed twice sends the same words twice.
func (s *Store) SaveDraft(ctx context.Context, a org.Actor, id ID, mark string, content script.Content) (string, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitWrite); err != nil {
		return "", err
	}
	draft, err := write(content)
	if err != nil {
		return "", err
	}
	err = s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		x, kept, err := held(ctx, tx, a, id, mark)
		if kept == draft && fault.KindOf(err) == fault.Conflict {
			return nil
		}
		if err != nil || kept == draft {
			return err
		}
		keep := draft
		if x.Version > 0 {
			newest, err := selectContent(ctx, tx, id, x.Version)
			if err != nil {
				return err
			}
			if newest == draft {
				keep = ""
			}
		}
		if err := putDraft(ctx, tx, id, s.now(), keep); err != nil {
			return fmt.Errorf("keeping the draft of %s: %w", id.object(), err)
		}
		return entry(ctx, tx, a, KindDraft, id, map[string]any{"content": digest(draft)})
	})
	return digest(draft), err
}

// DropDraft forgets a draft: the newest version is what the script says. A script that was never published has nothing else and keeps it.
func (s *Store) DropDraft(ctx context.Context, a org.Actor, id ID, mark string) error {
	ctx = a.Within(ctx)
	if err := a.Must(PermitWrite); err != nil {
		return err
	}
	return s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		x, _, err := held(ctx, tx, a, id, mark)
		if err != nil || !x.Draft {
			return err
		}
		if x.Version == 0 {
			return fault.Conflictf("This script was never published: without its draft nothing would be left. Archive it instead.")
		}
		if err := putDraft(ctx, tx, id, s.now(), ""); err != nil {
			return err
		}
		return entry(ctx, tx, a, KindDraft, id, map[string]any{"dropped": true})
	})
}

// Publish makes the draft the newest version and returns its number. A script that cannot be walked through is refused with script.Problems.
func (s *Store) Publish(ctx context.Context, a org.Actor, id ID, mark string) (int64, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitWrite); err != nil {
		return 0, err
	}
	var n int64
	err := s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		x, kept, err := held(ctx, tx, a, id, mark)
		if err != nil {
			return err
		}
		if !x.Draft {
			return fault.Conflictf("Version %d says the same. There is nothing to publish.", x.Version)
		}
		n, err = s.publish(ctx, tx, a, x, kept, 0)
		return err
	})
	return n, err
}

// Restore makes an older version the newest again, under a new number. A draft must be published or dropped before.
func (s *Store) Restore(ctx context.Context, a org.Actor, id ID, version int64) (int64, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitWrite); err != nil {
		return 0, err
	}
	var n int64
	err := s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		x, err := own(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if x.Draft {
			return fault.Conflictf("Somebody is writing a draft of this script. Publish it, or discard it, then bring the older version back.")
		}
		if version == x.Version {
			return fault.Conflictf("Version %d says the same. There is nothing to publish.", x.Version)
		}
		kept, err := selectContent(ctx, tx, id, version)
		if errors.Is(err, db.ErrNone) {
			return errNoVersion()
		}
		if err != nil {
			return err
		}
		n, err = s.publish(ctx, tx, a, x, kept, version)
		return err
	})
	return n, err
}

func errNoVersion() error {
	return fault.NotFoundf("This script has no such version.")
}

// publish writes kept as the next version; from is the version it came from, 0 for a draft.
func (s *Store) publish(ctx context.Context, tx *db.Tx, a org.Actor, x Script, kept string, from int64) (int64, error) {
	c, err := read(kept)
	if err != nil {
		return 0, err
	}
	cat, err := s.catalogue(ctx, tx, a)
	if err != nil {
		return 0, err
	}
	if wrong := script.Check(c, cat).Errors(); len(wrong) > 0 {
		return 0, wrong
	}
	n := x.Version + 1
	if err := insertVersion(ctx, tx, x.ID, n, kept, int64(a.Account()), s.now()); err != nil {
		return 0, fmt.Errorf("publishing %s: %w", x.ID.object(), err)
	}
	if err := putVersion(ctx, tx, x.ID, s.now(), n); err != nil {
		return 0, err
	}
	data := map[string]any{"version": n, "content": digest(kept)}
	if from != 0 {
		data["from"] = from
	}
	return n, entry(ctx, tx, a, KindPublish, x.ID, data)
}

// Versions returns the published versions of a script, newest first.
func (s *Store) Versions(ctx context.Context, a org.Actor, id ID) ([]Version, error) {
	ctx = a.Within(ctx)
	if _, err := s.Script(ctx, a, id); err != nil {
		return nil, err
	}
	return selectVersions(ctx, s.db, id)
}

// Content returns what a version of a script says.
func (s *Store) Content(ctx context.Context, a org.Actor, id ID, version int64) (script.Content, error) {
	ctx = a.Within(ctx)
	if _, err := s.Script(ctx, a, id); err != nil {
		return script.Content{}, err
	}
	kept, err := selectContent(ctx, s.db, id, version)
	if errors.Is(err, db.ErrNone) {
		return script.Content{}, errNoVersion()
	}
	if err != nil {
		return script.Content{}, err
	}
	return read(kept)
}

// Packet is a version of a script as a phone takes it along. Its JSON is part of the packet's.
type Packet struct {
	ID      ID     `json:"id"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
	script.Resolved
}

// Packet returns a version of a script, 0 for the newest, resolved with today's codebook. It asks for no permit: whoever cut the turf chose the script.
func (s *Store) Packet(ctx context.Context, r db.Reader, a org.Actor, id ID, version int64) (Packet, error) {
	ctx = a.Within(ctx)
	x, err := one(ctx, r, int64(a.Org()), id)
	if err != nil {
		return Packet{}, err
	}
	if version == 0 {
		version = x.Version
	}
	kept, err := selectContent(ctx, r, id, version)
	if errors.Is(err, db.ErrNone) {
		return Packet{}, errNoVersion()
	}
	if err != nil {
		return Packet{}, err
	}
	c, err := read(kept)
	if err != nil {
		return Packet{}, err
	}
	cat, err := s.catalogue(ctx, r, a)
	if err != nil {
		return Packet{}, err
	}
	resolved, _ := script.Resolve(c, cat)
	return Packet{ID: id, Version: version, Name: x.Name, Resolved: resolved}, nil
}

// Catalogue returns what scripts of the actor's organisation may ask with, archived definitions too.
func (s *Store) Catalogue(ctx context.Context, a org.Actor) (script.Catalogue, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return script.Catalogue{}, err
	}
	return s.catalogue(ctx, s.db, a)
}

func (s *Store) catalogue(ctx context.Context, r db.Reader, a org.Actor) (script.Catalogue, error) {
	cat := script.Catalogue{Questions: map[int64]script.Survey{}, Codes: map[int64]script.Named{}, Events: map[int64]script.Named{}}
	for _, k := range []codebook.Kind{codebook.Question, codebook.Code, codebook.Event} {
		all, err := s.codebook.Known(ctx, r, a, k)
		if err != nil {
			return cat, fmt.Errorf("reading what scripts ask with: %w", err)
		}
		for _, d := range all {
			n := script.Named{Name: d.Name, Active: d.Status == codebook.Active}
			switch k {
			case codebook.Question:
				q := script.Survey{Named: n, Asked: d.Purpose}
				for _, p := range d.Parts {
					q.Responses = append(q.Responses, script.Response{ID: int64(p.ID), Named: script.Named{Name: p.Name, Active: p.Active}})
				}
				cat.Questions[int64(d.ID)] = q
			case codebook.Code:
				cat.Codes[int64(d.ID)] = n
			default:
				cat.Events[int64(d.ID)] = n
			}
		}
	}
	return cat, nil
}
