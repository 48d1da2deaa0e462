package liststore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// ListID names one saved list or search.
type ListID int64

// Kind says whether what is saved are people or a question.
type Kind string

// The kinds.
const (
	Frozen Kind = "list"   // these people, whatever changes
	Search Kind = "search" // whoever meets the criteria when it is asked
)

// Saved is a saved list or search.
type Saved struct {
	ID         ListID
	Kind       Kind
	Name       string
	Org        org.ID
	OrgName    string // where it is another organisation's
	Folder     org.FolderID
	FolderName string
	Ask
	People, Doors int64
	Epoch         int64 // of that count
	Counted       time.Time
	By            int64
	ByName        string
	Created       time.Time
	Changed       time.Time
	MayChange     bool // what it asks for and its name
	MayMove       bool // and with whom it is shared, and whether it stays
}

// Uses reports whether what is asked for names another saved list or search.
func (l Saved) Uses(other ListID) bool {
	uses := false
	conditions(l.Criteria.Steps, func(n list.Node) {
		s, ok := n.(list.Saved)
		uses = uses || ok && s.List == int64(other)
	})
	return uses
}

// errNoList is the same whether there is none or the actor may not see it.
func errNoList() error {
	return fault.NotFoundf("There is no such list here, or it is not shared with you.")
}

// Find says which saved lists are looked for; its zero value means all.
type Find struct {
	File   voterfile.FileID // 0: any
	Folder *org.FolderID    // nil: any; 0: the actor's own
	Text   string           // part of the name
}

// Found is what Lists found.
type Found struct {
	Lists  []Saved // last changed first
	Hidden int64   // lists of the actor's organisation that others keep for themselves or in folders the actor does not see
}

// Lists returns the saved lists and searches that the actor sees.
func (s *Store) Lists(ctx context.Context, a org.Actor, f Find) (Found, error) {
	if err := a.Must(PermitCount); err != nil {
		return Found{}, err
	}
	files, err := s.Files(ctx, a)
	if err != nil {
		return Found{}, err
	}
	all, hidden, err := s.reach(a.Within(ctx), a, f.File)
	if err != nil {
		return Found{}, fmt.Errorf("reading the saved lists: %w", err)
	}
	text := strings.ToLower(strings.TrimSpace(f.Text))
	got := Found{Hidden: hidden}
	for _, l := range all {
		switch {
		case !slices.ContainsFunc(files, func(x File) bool { return x.ID == l.File }): // no longer shared with us
		case f.Folder != nil && *f.Folder != l.Folder:
		case !strings.Contains(strings.ToLower(l.Name), text):
		default:
			l.ByName = s.nameOf(ctx, l.By)
			got.Lists = append(got.Lists, l)
		}
	}
	return got, nil
}

// List returns one saved list or search.
func (s *Store) List(ctx context.Context, a org.Actor, id ListID) (Saved, error) {
	found, err := s.Lists(ctx, a, Find{})
	if err != nil {
		return Saved{}, err
	}
	for _, l := range found.Lists {
		if l.ID == id {
			return l, nil
		}
	}
	return Saved{}, errNoList()
}

// reach returns the saved lists on a voter file (0: any) that the actor sees, and how many of the organisation's the actor does not.
func (s *Store) reach(ctx context.Context, a org.Actor, file voterfile.FileID) (seen []Saved, hidden int64, err error) {
	folders, err := s.orgs.Reach(ctx, a)
	if err != nil {
		return nil, 0, err
	}
	in := map[org.FolderID]org.Reached{}
	var partners []int64
	for _, f := range folders {
		in[f.ID] = f
		if f.Org != a.Org() {
			partners = append(partners, int64(f.ID))
		}
	}
	rows, err := s.savedRows(ctx, int64(a.Org()), partners, int64(file))
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		folder, reached := in[r.Folder]
		mine := r.Folder == 0 && r.Org == a.Org() && (r.By == int64(a.Account()) || a.Account() == 0)
		if !mine && !reached {
			hidden += int64(btoi(r.Org == a.Org()))
			continue
		}
		l, err := r.saved()
		if err != nil {
			return nil, 0, err
		}
		l.FolderName = folder.Name
		if l.Org != a.Org() {
			l.OrgName = folder.OrgName
		}
		l.MayChange = a.May(PermitSave) && (folder.MayChange || l.Org == a.Org() && (mine || l.By == int64(a.Account())))
		l.MayMove = l.MayChange && l.Org == a.Org()
		seen = append(seen, l)
	}
	return seen, hidden, nil
}

// Folders returns the folders that the actor sees; in those of the own organisation with MayChange lists can be kept.
func (s *Store) Folders(ctx context.Context, a org.Actor) ([]org.Reached, error) {
	if err := a.Must(PermitCount); err != nil {
		return nil, err
	}
	return s.orgs.Reach(ctx, a)
}

// Save is what is to be saved.
type Save struct {
	Ask
	Kind   Kind
	Name   string
	Folder org.FolderID // 0: for oneself
}

// Save saves a list or search. People of a list are frozen as they are now.
func (s *Store) Save(ctx context.Context, a org.Actor, n Save) (Saved, error) {
	if err := a.Must(PermitSave); err != nil {
		return Saved{}, err
	}
	name, err := s.checkName(ctx, a, n.Name, n.Folder, n.Kind)
	if err != nil {
		return Saved{}, err
	}
	got, err := s.gather(ctx, a, n.Ask, n.Kind, 0)
	if err != nil {
		return Saved{}, err
	}
	return s.insert(ctx, a, savedRow{Kind: n.Kind, Name: name, Folder: n.Folder}, got, "")
}

// checkName refuses a name or folder that cannot be, beside its input.
func (s *Store) checkName(ctx context.Context, a org.Actor, name string, folder org.FolderID, kind Kind) (string, error) {
	var in fault.Inputs
	name, err := org.ParseName(name)
	if err != nil {
		in = append(in, fault.Input{Name: "name", Err: fault.As(err)})
	}
	if kind != Frozen && kind != Search {
		in.Add("kind", "Choose list or search.")
	}
	if err := s.mayKeepIn(ctx, a, folder); err != nil {
		if !isFault(err) {
			return "", err
		}
		in = append(in, fault.Input{Name: "folder", Err: fault.As(err)})
	}
	return name, in.Or()
}

// mayKeepIn refuses a folder in which the actor may not change anything.
func (s *Store) mayKeepIn(ctx context.Context, a org.Actor, folder org.FolderID) error {
	if folder == 0 {
		return nil
	}
	all, err := s.orgs.Reach(ctx, a)
	if err != nil {
		return err
	}
	for _, f := range all {
		if f.ID == folder && f.Org == a.Org() && f.MayChange {
			return nil
		}
	}
	return fault.Invalidf("Choose a folder of your organization in which you may change things.")
}

// insert writes a new list with its people.
func (s *Store) insert(ctx context.Context, a org.Actor, r savedRow, got gathered, origin string) (Saved, error) {
	now := s.now()
	r.Org, r.By, r.Created, r.Changed = a.Org(), int64(a.Account()), now, now
	if err := r.put(got, now); err != nil {
		return Saved{}, err
	}
	err := s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		id, err := insertSaved(ctx, tx, r)
		if err != nil {
			return err
		}
		r.ID = id
		if err := writeChunks(ctx, tx, id, got.chunks); err != nil {
			return err
		}
		data := r.facts()
		if origin != "" {
			data["origin"] = origin
		}
		return record(ctx, tx, a, KindSave, r, data)
	})
	if err != nil {
		return Saved{}, fmt.Errorf("saving a list: %w", err)
	}
	return s.List(ctx, a, r.ID)
}

// movable returns a list that the actor may move and delete: one of the own organisation, as whom it is shared with is its owner's to say.
func (s *Store) movable(ctx context.Context, a org.Actor, id ListID) (Saved, error) {
	l, err := s.owned(ctx, a, id)
	if err == nil && !l.MayMove {
		err = fault.Deniedf("This list is %s's. You may change it; only they move or delete it.", l.OrgName)
	}
	return l, err
}

// record appends what was done with a list and tells the replicas.
func record(ctx context.Context, tx *db.Tx, a org.Actor, kind ledger.Kind, r savedRow, data map[string]any) error {
	// A criteria may hold names of persons.
	n, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: kind, Object: r.ID.Object(), Data: data, Personal: map[string]any{"criteria": r.Criteria}})
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Change{VoterFile: int64(r.File), Org: int64(r.Org), What: change.Saved, Object: int64(r.ID)})
}

// owned returns a list that the actor may change.
func (s *Store) owned(ctx context.Context, a org.Actor, id ListID) (Saved, error) {
	if err := a.Must(PermitSave); err != nil {
		return Saved{}, err
	}
	l, err := s.List(ctx, a, id)
	switch {
	case err != nil:
		return Saved{}, err
	case !l.MayChange && l.Org != a.Org():
		return Saved{}, fault.Deniedf("This list belongs to another organization. Save one of your own from it.")
	case !l.MayChange:
		return Saved{}, fault.Deniedf("This list is somebody else's. Save one of your own from it.")
	}
	return l, nil
}

// update runs one change of a list in a transaction with its entry. A list that somebody changed since l was read is left alone.
func (s *Store) update(ctx context.Context, a org.Actor, l Saved, kind ledger.Kind, data map[string]any, edit func(context.Context, *db.Tx, *savedRow) error) error {
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		r, err := lockSaved(ctx, tx, l.ID, l.Org)
		if errors.Is(err, db.ErrNone) {
			return errNoList()
		}
		if err != nil {
			return err
		}
		if !r.Changed.Equal(l.Changed) {
			return fault.Conflictf("Somebody changed this list just now. Look at it again.")
		}
		if err := edit(ctx, tx, &r); err != nil {
			return err
		}
		r.Changed = s.now()
		if !r.Changed.After(l.Changed) { // a clock that stands still is no reason to miss a conflict
			r.Changed = l.Changed.Add(time.Millisecond)
		}
		if err := updateSaved(ctx, tx, r); err != nil {
			return err
		}
		if data == nil {
			data = r.facts()
		}
		return record(ctx, tx, a, kind, r, data)
	})
}

// Change puts another criteria under the name of a list or search; the people of a list are frozen anew.
func (s *Store) Change(ctx context.Context, a org.Actor, id ListID, k Ask) (Saved, error) {
	return s.again(ctx, a, id, KindChange, func(Saved) Ask { return k })
}

// Rerun counts a search again, or freezes the people of a list anew from what it was built from.
func (s *Store) Rerun(ctx context.Context, a org.Actor, id ListID) (Saved, error) {
	return s.again(ctx, a, id, KindRerun, func(l Saved) Ask { return l.Ask })
}

func (s *Store) again(ctx context.Context, a org.Actor, id ListID, kind ledger.Kind, of func(Saved) Ask) (Saved, error) {
	l, err := s.owned(ctx, a, id)
	if err != nil {
		return Saved{}, err
	}
	k := of(l)
	if k.File != l.File {
		return Saved{}, fault.Invalidf("A list stays on its voter file. Save a new one.")
	}
	if len(k.Criteria.Steps) == 0 {
		return Saved{}, fault.Invalidf("This list came from a file of voter ids. Load a new file to change it.")
	}
	if err := s.understood(ctx, a, l, k); err != nil {
		return Saved{}, err
	}
	got, err := s.gather(ctx, a, k, l.Kind, id)
	if err != nil {
		return Saved{}, err
	}
	err = s.update(ctx, a, l, kind, nil, func(ctx context.Context, tx *db.Tx, r *savedRow) error {
		if err := r.put(got, s.now()); err != nil {
			return err
		}
		if err := deleteChunks(ctx, tx, id); err != nil {
			return err
		}
		return writeChunks(ctx, tx, id, got.chunks)
	})
	if err != nil {
		return Saved{}, err
	}
	return s.List(ctx, a, id)
}

// understood refuses what a partner organisation would put into a list so that its owner could not ask it, or would get another answer: the partner's own
// definitions, lists and turfs, and, where people are frozen, whom the partner tried to reach or must not contact.
func (s *Store) understood(ctx context.Context, a org.Actor, l Saved, k Ask) error {
	if l.Org == a.Org() {
		return nil
	}
	if _, err := s.checkAs(ctx, a, k, l.ID); err != nil {
		return err
	}
	cat, err := s.catalog(ctx, a, k.File, k.Criteria)
	if err != nil {
		return err
	}
	cat.Questions = shared(cat.Questions, a.Org(), func(d list.Question) int64 { return d.Org })
	cat.Codes = shared(cat.Codes, a.Org(), definedBy)
	cat.Tags = shared(cat.Tags, a.Org(), definedBy)
	cat.Events = shared(cat.Events, a.Org(), definedBy)
	cat.Scores = shared(cat.Scores, a.Org(), func(d list.ScoreDef) int64 { return d.Org })
	cat.Customs = shared(cat.Customs, a.Org(), func(d list.CustomDef) int64 { return d.Org })
	cat.Targets = shared(cat.Targets, a.Org(), func(d list.TargetDef) int64 { return d.Org })
	cat.Saved = shared(cat.Saved, a.Org(), func(d list.SavedDef) int64 { return d.Org })
	cat.People, cat.Maps, cat.Turfs = nil, nil, nil
	if l.Kind == Frozen {
		cat.Contacts = false
	}
	if _, err := check(a, cat, k, l.ID); err != nil || l.Kind == Frozen && k.Channel != NoContact {
		return fault.Invalidf("%s sees this list too. Use only what they share with you, no codes, lists, turfs or contact attempts of your own, and no way of contact. Or save a list of your own.", l.OrgName)
	}
	return nil
}

func definedBy(d list.Definition) int64 { return d.Org }

// shared returns the definitions that are not an organisation's own.
func shared[D any](all map[int64]D, own org.ID, of func(D) int64) map[int64]D {
	out := make(map[int64]D, len(all))
	for id, d := range all {
		if of(d) != int64(own) {
			out[id] = d
		}
	}
	return out
}

// Rename gives a list another name.
func (s *Store) Rename(ctx context.Context, a org.Actor, id ListID, name string) error {
	l, err := s.owned(ctx, a, id)
	if err != nil {
		return err
	}
	if name, err = s.checkName(ctx, a, name, 0, l.Kind); err != nil {
		return err
	}
	return s.update(ctx, a, l, KindRename, map[string]any{"name": name, "before": l.Name}, func(_ context.Context, _ *db.Tx, r *savedRow) error {
		r.Name = name
		return nil
	})
}

// Move puts a list into a folder, and so shares it with whom the folder is shared; 0 keeps it for its maker alone.
func (s *Store) Move(ctx context.Context, a org.Actor, id ListID, to org.FolderID) error {
	l, err := s.movable(ctx, a, id)
	if err != nil {
		return err
	}
	if err := s.mayKeepIn(ctx, a, to); err != nil {
		if isFault(err) {
			return fault.Inputs{{Name: "folder", Err: fault.As(err)}}
		}
		return err
	}
	return s.update(ctx, a, l, KindMove, map[string]any{"folder": int64(to), "before": int64(l.Folder)}, func(_ context.Context, _ *db.Tx, r *savedRow) error {
		r.Folder = to
		return nil
	})
}

// Delete deletes a list: nobody finds it any more, and searches that use it say so.
func (s *Store) Delete(ctx context.Context, a org.Actor, id ListID) error {
	l, err := s.movable(ctx, a, id)
	if err != nil {
		return err
	}
	return s.update(ctx, a, l, KindDelete, map[string]any{"name": l.Name}, func(_ context.Context, _ *db.Tx, r *savedRow) error {
		r.Deleted = s.now()
		return nil
	})
}

// facts are what the ledger keeps of a list besides its criteria.
func (r savedRow) facts() map[string]any {
	return map[string]any{"kind": string(r.Kind), "name": r.Name, "folder": int64(r.Folder), "voterfile": int64(r.File), "channel": string(r.Channel),
		"people": r.People, "doors": r.Doors, "epoch": r.Epoch}
}

// put sets what a list asks for and what that found.
func (r *savedRow) put(got gathered, now time.Time) error {
	var text []byte
	if len(got.Criteria.Steps) > 0 {
		var err error
		if text, err = json.Marshal(got.Criteria); err != nil {
			return fmt.Errorf("writing a criteria: %w", err)
		}
	}
	r.File, r.Channel, r.AlsoDropped, r.Minors, r.Criteria = got.File, got.Channel, got.Dropped, got.Ask.Minors, string(text)
	r.People, r.Doors, r.Epoch, r.Counted = got.People, got.Doors, got.Epoch, now
	return nil
}

func (r savedRow) saved() (Saved, error) {
	l := Saved{ID: r.ID, Kind: r.Kind, Name: r.Name, Org: r.Org, Folder: r.Folder, People: r.People, Doors: r.Doors, Epoch: r.Epoch, Counted: r.Counted,
		By: r.By, Created: r.Created, Changed: r.Changed, Ask: Ask{File: r.File, Channel: r.Channel, Dropped: r.AlsoDropped, Minors: r.Minors}}
	if r.Criteria == "" {
		return l, nil
	}
	var err error
	if l.Criteria, err = list.Parse([]byte(r.Criteria)); err != nil {
		return l, fmt.Errorf("reading the criteria of list %d: %w", r.ID, err)
	}
	return l, nil
}
