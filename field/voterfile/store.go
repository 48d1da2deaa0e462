package voterfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// DefaultStopShare stops a load that would change a tenth of a county.
const DefaultStopShare = 0.1

// Create sets up a voter file for the actor's organisation from n's Name, Layout, State ("" takes the layout's), Mapping, Terms and
// StopShare (0: DefaultStopShare).
func (s *Store) Create(ctx context.Context, a org.Actor, n File) (FileID, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitImport); err != nil {
		return 0, err
	}
	if err := n.check(); err != nil {
		return 0, err
	}
	var id FileID
	err := s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.One[int64](ctx, tx, `SELECT id FROM field_voterfile WHERE org_id = ? AND name = ?`, a.Org(), n.Name)
		if err == nil {
			return fault.Inputs{{Name: "name", Err: fault.Conflictf("There is already a voter file called %s here. Choose another name, or import into that one.", n.Name)}}
		}
		if !errors.Is(err, db.ErrNone) {
			return err
		}
		if id, err = db.One[FileID](ctx, tx, `INSERT INTO field_voterfile (org_id, state, layout, name, mapping, terms, stop_share, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, a.Org(), n.State, string(n.Layout), n.Name, n.Mapping, n.Terms, n.StopShare, s.now()); err != nil {
			return err
		}
		if err := org.ZoneByState(ctx, tx, a, n.State); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindCreate, Object: fmt.Sprintf("field_voterfile/%d", id),
			Data: map[string]any{"name": n.Name, "layout": string(n.Layout), "state": n.State}})
		return err
	})
	return id, err
}

// check fills in what is left out and refuses what cannot be.
func (f *File) check() error {
	var in fault.Inputs
	if f.Name == "" {
		in.Add("name", "Give the voter file a name, for example the state's.")
	}
	if _, err := layout.Parse(string(f.Layout)); err != nil {
		in = append(in, fault.Input{Name: "layout", Err: fault.As(err)})
	}
	if f.StopShare < 0 || f.StopShare > 1 {
		in.Add("stop_share", "Give a share between 0 and 1.")
	}
	if f.StopShare == 0 {
		f.StopShare = DefaultStopShare
	}
	if f.State == "" {
		f.State = f.Layout.State()
	}
	if err := in.Or(); err != nil {
		return err
	}
	_, err := f.mapping() // a generic file gets its mapping when its first files are here
	return err
}

// mapping returns the file's mapping, nil when it has none.
func (f *File) mapping() (*layout.Mapping, error) {
	if f.Mapping == "" {
		return nil, nil
	}
	var m layout.Mapping
	if err := json.Unmarshal([]byte(f.Mapping), &m); err != nil {
		return nil, fault.Invalidf("The mapping is not the JSON of a mapping. Make it in the browser, or compare it with docs/guides/voter-file.md.").Because(err)
	}
	return &m, m.ValidateFor(f.Layout)
}

// SetMapping replaces the mapping of a voter file; imports received before use the new one.
func (s *Store) SetMapping(ctx context.Context, a org.Actor, id FileID, mapping string) error {
	ctx = a.Within(ctx)
	if err := a.Must(PermitImport); err != nil {
		return err
	}
	f, err := s.file(ctx, a, id)
	if err != nil {
		return err
	}
	if f.Mapping = mapping; f.check() != nil {
		return f.check()
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.noneBegun(ctx, tx, id); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `UPDATE field_voterfile SET mapping = ? WHERE id = ?`, mapping, id); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindMap, Object: fmt.Sprintf("field_voterfile/%d", id)})
		return err
	})
}

const fileColumns = `id, org_id, state, layout, name, mapping, terms, stop_share, created_at`

func errNoFile() error {
	return fault.NotFoundf("There is no such voter file here, or it is not shared with your organization.")
}

// file returns a file of the actor's own organisation.
func (s *Store) file(ctx context.Context, a org.Actor, id FileID) (File, error) {
	f, err := db.One[File](ctx, s.DB, `SELECT `+fileColumns+` FROM field_voterfile WHERE id = ? AND org_id = ?`, id, a.Org())
	if errors.Is(err, db.ErrNone) {
		return f, errNoFile()
	}
	return f, err
}

// Files returns the voter files the actor's organisation owns, by name.
func (s *Store) Files(ctx context.Context, a org.Actor) ([]File, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return db.All[File](ctx, s.DB, `SELECT `+fileColumns+` FROM field_voterfile WHERE org_id = ? ORDER BY name`, a.Org())
}

// File returns one voter file of the actor's own organisation.
func (s *Store) File(ctx context.Context, a org.Actor, id FileID) (File, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return File{}, err
	}
	return s.file(ctx, a, id)
}

// Visible returns the voter files whose people the actor's organisation may see now: its own, and those that others share with it.
// It is the fence of every look at a person.
func Visible(ctx context.Context, r db.Reader, a org.Actor, now time.Time) ([]FileID, error) {
	return db.All[FileID](ctx, r, `SELECT id FROM field_voterfile WHERE org_id = ?
		UNION SELECT voterfile_id FROM field_voterfile_grant WHERE org_id = ? AND ends_at > ?`, a.Org(), a.Org(), now)
}

// MustShow refuses people of whom one is in none of the voter files that the actor's organisation may see now: nothing is recorded about them.
func MustShow(ctx context.Context, r db.Reader, a org.Actor, now time.Time, people []int64) error {
	files, err := Visible(ctx, r, a, now)
	if err != nil {
		return err
	}
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	for part := range slices.Chunk(people, 5000) {
		n, err := countPeople(ctx, r, files, part)
		if err != nil {
			return err
		}
		if n != int64(len(part)) {
			return fault.NotFoundf("One of these people is not in a voter file that your organization may see. Nothing was recorded.")
		}
	}
	return nil
}

func countPeople(ctx context.Context, r db.Reader, files []FileID, people []int64) (int64, error) {
	if len(files) == 0 {
		return 0, nil
	}
	return db.One[int64](ctx, r, `SELECT COUNT(*) FROM field_person WHERE person_id IN (?) AND voterfile_id IN (?)`, people, files)
}

// Share lets a partner organisation see a voter file under terms until the day given; sharing again replaces terms and day.
func (s *Store) Share(ctx context.Context, a org.Actor, id FileID, with org.ID, terms string, until time.Time) error {
	ctx = a.Within(ctx)
	if err := a.Must(PermitShare); err != nil {
		return err
	}
	if _, err := s.file(ctx, a, id); err != nil {
		return err
	}
	if with == a.Org() {
		return fault.Invalidf("This voter file belongs to your own organization: there is nobody to share it with.")
	}
	if !until.After(s.now()) {
		return fault.Invalidf("Say until when the voter file is shared: a day in the future.")
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, terms, granted_by, granted_at, ends_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (voterfile_id, org_id) DO UPDATE SET terms = excluded.terms, granted_by = excluded.granted_by, granted_at = excluded.granted_at, ends_at = excluded.ends_at`,
			id, with, terms, int64(a.Account()), s.now(), until); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindShare, Object: fmt.Sprintf("field_voterfile/%d", id),
			Data: map[string]any{"with": int64(with), "terms": terms, "until": until.UnixMilli()}})
		return err
	})
}

// Unshare ends a sharing at once.
func (s *Store) Unshare(ctx context.Context, a org.Actor, id FileID, with org.ID) error {
	ctx = a.Within(ctx)
	if err := a.Must(PermitShare); err != nil {
		return err
	}
	if _, err := s.file(ctx, a, id); err != nil {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `DELETE FROM field_voterfile_grant WHERE voterfile_id = ? AND org_id = ?`, id, with)
		if err != nil || n == 0 {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindUnshare, Object: fmt.Sprintf("field_voterfile/%d", id), Data: map[string]any{"with": int64(with)}})
		return err
	})
}

// Grants returns with whom a voter file is shared.
func (s *Store) Grants(ctx context.Context, a org.Actor, id FileID) ([]Grant, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	if _, err := s.file(ctx, a, id); err != nil {
		return nil, err
	}
	return db.All[Grant](ctx, s.DB, `SELECT voterfile_id, org_id, terms, granted_at, ends_at FROM field_voterfile_grant WHERE voterfile_id = ? ORDER BY org_id`, id)
}
