package turfstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Map is the doors of a list and how they are cut.
type Map struct {
	ID         MapID            `db:"id"`
	Org        org.ID           `db:"org_id"`
	File       voterfile.FileID `db:"voterfile_id"`
	List       liststore.ListID `db:"list_id"`
	ListName   string           `db:"list_name"`
	Folder     org.FolderID     `db:"folder_id"` // 0: for everybody of the organisation who may see turf
	FolderName string           `db:"-"`
	Name       string           `db:"name"`
	Region     string           `db:"region"`
	Script     int64            `db:"script_id"` // field_script; 0 none
	Doors      int64            `db:"doors"`
	People     int64            `db:"people"` // who may be visited
	LeftOut    map[Reason]int   `db:"-"`
	Step       int64            `db:"step"`
	Edition    int64            `db:"edition"`
	By         int64            `db:"created_by"`
	ByName     string           `db:"-"`
	Created    time.Time        `db:"created_at"`
	Changed    time.Time        `db:"changed_at"`
	Archived   time.Time        `db:"archived_at"` // zero while it is not
	Turfs      int64            `db:"turfs"`       // saved
	Out        int64            `db:"turfs_out"`   // of them with somebody
}

// Left returns how many doors could not be cut in.
func (m Map) Left() (n int) {
	for _, k := range m.LeftOut {
		n += k
	}
	return n
}

// Find says which maps are looked for; its zero value means all that are not archived.
type Find struct {
	Folder   *org.FolderID // nil: any
	Text     string        // part of the name or region
	Archived bool
}

// Maps returns the maps that the actor sees, last changed first, and how many of the organisation's are in folders the actor does not see.
func (s *Store) Maps(ctx context.Context, a org.Actor, f Find) (all []Map, hidden int64, err error) {
	if err := a.Must(PermitSee); err != nil {
		return nil, 0, err
	}
	folders, err := s.folders(ctx, a)
	if err != nil {
		return nil, 0, err
	}
	rows, err := mapRows(a.Within(ctx), s.db, a.Org(), 0, f.Archived, s.now())
	if err != nil {
		return nil, 0, fmt.Errorf("reading the maps: %w", err)
	}
	names := s.names(ctx)
	text := strings.ToLower(strings.TrimSpace(f.Text))
	for _, r := range rows {
		folder, ok := folders[r.Folder]
		if !ok {
			hidden++
			continue
		}
		if f.Folder != nil && *f.Folder != r.Folder || !strings.Contains(strings.ToLower(r.Name+"\x00"+r.Region), text) {
			continue
		}
		m, err := mapOf(r, folder, names)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, m)
	}
	return all, hidden, nil
}

// folders are those whose maps the actor sees, by id, with their names; 0 is everybody's.
func (s *Store) folders(ctx context.Context, a org.Actor) (map[org.FolderID]string, error) {
	reached, err := s.orgs.Reach(ctx, a)
	if err != nil {
		return nil, err
	}
	all := map[org.FolderID]string{0: ""}
	for _, f := range reached {
		if f.Org == a.Org() {
			all[f.ID] = f.Name
		}
	}
	return all, nil
}

func mapOf(r mapRow, folder string, names func(int64) string) (Map, error) {
	m := r.Map
	m.FolderName, m.ByName = folder, names(m.By)
	if err := json.Unmarshal([]byte(r.LeftJSON), &m.LeftOut); err != nil {
		return m, fmt.Errorf("reading map %d: %w", m.ID, err)
	}
	return m, nil
}

// Map returns one map that the actor sees.
func (s *Store) Map(ctx context.Context, a org.Actor, id MapID) (Map, error) {
	if err := a.Must(PermitSee); err != nil {
		return Map{}, err
	}
	rows, err := mapRows(a.Within(ctx), s.db, a.Org(), id, true, s.now())
	if err != nil {
		return Map{}, fmt.Errorf("reading a map: %w", err)
	}
	if len(rows) == 0 {
		return Map{}, errNoMap()
	}
	folders, err := s.folders(ctx, a)
	if err != nil {
		return Map{}, err
	}
	folder, ok := folders[rows[0].Folder]
	if !ok {
		return Map{}, errNoMap()
	}
	return mapOf(rows[0], folder, s.names(ctx))
}

// About is what people say of a map.
type About struct {
	Name   string
	Region string
	Folder org.FolderID
	Script int64
}

// mostRegion is how many letters the name of a region has.
const mostRegion = 60

func (s *Store) checkAbout(ctx context.Context, a org.Actor, x About) (About, error) {
	var in fault.Inputs
	name, err := org.ParseName(x.Name)
	if err != nil {
		in = append(in, fault.Input{Name: "name", Err: fault.As(err)})
	}
	x.Name = name
	if x.Region = strings.Join(strings.Fields(db.Storable(x.Region)), " "); len([]rune(x.Region)) > mostRegion {
		in.Add("region", "The name of a region can have %d letters.", mostRegion)
	}
	folders, err := s.folders(ctx, a)
	if err != nil {
		return x, err
	}
	if _, ok := folders[x.Folder]; !ok {
		in.Add("folder", "Choose a folder that you see.")
	}
	return x, in.Or()
}

// Make makes a map of a saved list, or of whom a saved search finds now, and cuts its doors for the first time.
func (s *Store) Make(ctx context.Context, a org.Actor, from liststore.ListID, x About, w Wish) (Map, error) {
	if err := a.Must(PermitCut); err != nil {
		return Map{}, err
	}
	x, err := s.checkAbout(ctx, a, x)
	if err != nil {
		return Map{}, err
	}
	if _, err = w.Rules.Check(); err != nil {
		return Map{}, err
	}
	l, err := s.lists.List(ctx, a, from)
	if err != nil {
		return Map{}, err
	}
	g, err := s.freeze(ctx, a, l)
	if err != nil {
		return Map{}, err
	}
	d, err := firstDraft(ctx, &g, w)
	if err != nil {
		return Map{}, err
	}
	r := mapRow{Map: Map{Org: a.Org(), File: l.File, List: l.ID, Folder: x.Folder, Name: x.Name, Region: x.Region, Script: x.Script, By: int64(a.Account()), Created: s.now()}}
	var left map[Reason]int
	r.Doors, r.People, left = g.figures()
	leftJSON, err := json.Marshal(left)
	if err != nil {
		return Map{}, err
	}
	r.LeftJSON = string(leftJSON)
	packed, err := pack(g)
	if err != nil {
		return Map{}, err
	}
	plan, err := pack(d)
	if err != nil {
		return Map{}, err
	}
	var id MapID
	err = s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		var err error
		if id, err = insertMap(ctx, tx, r, packed); err != nil {
			return err
		}
		if err := insertDraft(ctx, tx, draftRow{Map: id, Step: 1, Org: a.Org(), What: string(DoCut), Plan: plan, By: int64(a.Account()), At: s.now()}); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindMake, Object: id.Object(), Data: map[string]any{"list": int64(l.ID), "doors": r.Doors, "people": r.People},
			Personal: map[string]any{"name": x.Name}})
		return err
	})
	if err != nil {
		return Map{}, err
	}
	return s.Map(ctx, a, id)
}

// Rename gives a map another name, region, folder or script.
func (s *Store) Rename(ctx context.Context, a org.Actor, id MapID, x About) error {
	if err := a.Must(PermitCut); err != nil {
		return err
	}
	m, err := s.Map(ctx, a, id)
	if err != nil {
		return err
	}
	if x, err = s.checkAbout(ctx, a, x); err != nil {
		return err
	}
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		if err := updateMap(ctx, tx, a.Org(), id, x, s.now()); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindRename, Object: id.Object(), Data: map[string]any{"folder": int64(x.Folder), "script": x.Script},
			Personal: map[string]any{"name": x.Name, "before": m.Name, "region": x.Region}})
		return err
	})
}

// Archive puts a map away. What is handed out of it ends; what was recorded stays.
func (s *Store) Archive(ctx context.Context, a org.Actor, id MapID) error {
	if err := a.Must(PermitCut); err != nil {
		return err
	}
	if _, err := s.Map(ctx, a, id); err != nil {
		return err
	}
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		ended, err := recallMap(ctx, tx, a.Org(), id, int64(a.Account()), s.now())
		if err != nil {
			return err
		}
		if err := archiveMap(ctx, tx, a.Org(), id, s.now()); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindArchive, Object: id.Object(), Data: map[string]any{"recalled": ended}})
		return err
	})
}

// LeftDoors returns the doors of a map's list that could not be cut in, with why.
func (s *Store) LeftDoors(ctx context.Context, a org.Actor, id MapID) ([]LeftDoor, error) {
	if _, err := s.Map(ctx, a, id); err != nil {
		return nil, err
	}
	g, err := s.ground(ctx, a, id)
	return g.Left, err
}

func (s *Store) ground(ctx context.Context, a org.Actor, id MapID) (ground, error) {
	packed, err := groundOf(a.Within(ctx), s.db, a.Org(), id)
	if errors.Is(err, db.ErrNone) {
		return ground{}, errNoMap()
	}
	if err != nil {
		return ground{}, fmt.Errorf("reading the doors of a map: %w", err)
	}
	var g ground
	return g, unpack(packed, &g)
}

// Regions returns the names of regions in use, for a form that offers them.
func Regions(all []Map) (names []string) {
	for _, m := range all {
		if m.Region != "" && !slices.Contains(names, m.Region) {
			names = append(names, m.Region)
		}
	}
	slices.Sort(names)
	return names
}
