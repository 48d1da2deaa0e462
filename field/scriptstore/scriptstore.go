// Package scriptstore keeps an organisation's scripts and their versions.
//
// A script has a draft while it is being written, and versions. A version never changes once it is published: packets name it, and a phone that was out for a month
// still means what it meant. An older version comes back as a new one.
package scriptstore

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// ID names one script.
type ID int64

func (id ID) object() string { return fmt.Sprintf("field_script/%d", int64(id)) }

// Script is a script as it is listed; its words are a script.Content.
type Script struct {
	ID      ID              `db:"id"`
	Org     int64           `db:"org_id"`
	OrgName string          `db:"org_name"`
	Name    string          `db:"name"`
	Purpose string          `db:"purpose"`
	Channel person.Channel  `db:"channel"` // by door, phone or text
	Status  codebook.Status `db:"status"`
	Shared  bool            `db:"shared"`
	Version int64           `db:"version"` // the newest published, 0 while there is none
	Draft   bool            `db:"drafted"` // something is being written that is not published
	Made    time.Time       `db:"created_at"`
	Changed time.Time       `db:"changed_at"`
}

// Version is one published version.
type Version struct {
	Version int64     `db:"version"`
	By      int64     `db:"published_by"`
	At      time.Time `db:"published_at"`
}

// Channels returns the ways of talking that have scripts.
func Channels() []person.Channel {
	return []person.Channel{person.ByDoor, person.ByCall, person.ByText}
}

// Config says on what a Store stands.
type Config struct {
	DB       *db.DB
	Codebook *codebook.Store
	Now      func() time.Time // nil: time.Now
}

// Store keeps the scripts of a site.
type Store struct {
	db       *db.DB
	codebook *codebook.Store
	now      func() time.Time
}

// New returns the store that c describes.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{db: c.DB, codebook: c.Codebook, now: c.Now}
}

// errUnknown is the same whether a script does not exist or belongs to an organisation that does not share it.
func errUnknown() error {
	return fault.NotFoundf("There is no such script, or it is not shared with your organization.")
}

// All returns the scripts that the actor's organisation may use: its own, and what others on the site share and have published. Archived ones come only when
// asked for.
func (s *Store) All(ctx context.Context, a org.Actor, archived bool) ([]Script, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return visible(ctx, s.db, int64(a.Org()), archived)
}

// Offered returns the published scripts in use for a channel, to choose one for canvassing. It asks for no permit of its own.
func (s *Store) Offered(ctx context.Context, a org.Actor, by person.Channel) ([]Script, error) {
	ctx = a.Within(ctx)
	all, err := visible(ctx, s.db, int64(a.Org()), false)
	return slices.DeleteFunc(all, func(x Script) bool { return x.Channel != by || x.Version == 0 || x.Status != codebook.Active }), err
}

// Script returns one that the actor's organisation may use.
func (s *Store) Script(ctx context.Context, a org.Actor, id ID) (Script, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return Script{}, err
	}
	return one(ctx, s.db, int64(a.Org()), id)
}

func one(ctx context.Context, r db.Reader, in int64, id ID) (Script, error) {
	x, err := selectOne(ctx, r, id)
	if errors.Is(err, db.ErrNone) || err == nil && x.Org != in && (!x.Shared || x.Version == 0) {
		return Script{}, errUnknown()
	}
	return x, err
}

// Make makes a script of the actor's organisation with content as its draft.
func (s *Store) Make(ctx context.Context, a org.Actor, x Script, content script.Content) (ID, error) {
	ctx = a.Within(ctx)
	if err := may(a, x); err != nil {
		return 0, err
	}
	if err := x.check(); err != nil {
		return 0, err
	}
	draft, err := write(content)
	if err != nil {
		return 0, err
	}
	var id ID
	err = s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := nameFree(ctx, tx, a, x); err != nil {
			return err
		}
		if id, err = insert(ctx, tx, int64(a.Org()), int64(a.Account()), s.now(), x, draft); err != nil {
			return fmt.Errorf("making a script: %w", err)
		}
		return entry(ctx, tx, a, KindMake, id, map[string]any{"name": x.Name, "channel": string(x.Channel), "shared": x.Shared})
	})
	return id, err
}

// Change gives a script of the actor's own organisation another name, purpose, channel or state, or shares it.
func (s *Store) Change(ctx context.Context, a org.Actor, x Script) error {
	ctx = a.Within(ctx)
	if err := may(a, x); err != nil {
		return err
	}
	if err := x.check(); err != nil {
		return err
	}
	return s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := own(ctx, tx, a, x.ID)
		if err != nil {
			return err
		}
		if err := may(a, was); err != nil { // to stop sharing is a matter of sharing
			return err
		}
		if err := nameFree(ctx, tx, a, x); err != nil {
			return err
		}
		if err := update(ctx, tx, s.now(), x); err != nil {
			return fmt.Errorf("changing %s: %w", x.ID.object(), err)
		}
		return entry(ctx, tx, a, KindChange, x.ID, map[string]any{"name": x.Name, "channel": string(x.Channel), "status": string(x.Status), "shared": x.Shared})
	})
}

// own locks and returns a script of the actor's own organisation.
func own(ctx context.Context, tx *db.Tx, a org.Actor, id ID) (Script, error) {
	if err := db.Lock(ctx, tx, "field.script"); err != nil {
		return Script{}, err
	}
	x, err := one(ctx, tx, int64(a.Org()), id)
	if err == nil && x.Org != int64(a.Org()) {
		err = fault.Deniedf("This belongs to %s, who share it with you. Only they can change it.", x.OrgName)
	}
	return x, err
}

func may(a org.Actor, x Script) error {
	if x.Shared {
		return a.Must(PermitShare)
	}
	return a.Must(PermitWrite)
}

const (
	longestName    = 80
	longestPurpose = 1000
)

// check cleans what a person wrote about a script and says everything that is wrong with it, by input.
func (x *Script) check() error {
	var wrong fault.Inputs
	x.Name, x.Purpose = strings.Join(strings.Fields(db.Storable(x.Name)), " "), strings.TrimSpace(db.Storable(x.Purpose))
	switch {
	case x.Name == "":
		wrong.Add("name", "Give it a name.")
	case utf8.RuneCountInString(x.Name) > longestName:
		wrong.Add("name", "This name has at most %d letters. Shorten it.", longestName)
	}
	if utf8.RuneCountInString(x.Purpose) > longestPurpose {
		wrong.Add("purpose", "This has at most %d letters. Shorten it.", longestPurpose)
	}
	if !slices.Contains(Channels(), x.Channel) {
		wrong.Add("channel", "Choose where the script is used: at the door, on the phone or in texts.")
	}
	if x.Status == "" {
		x.Status = codebook.Active
	}
	if !slices.Contains([]codebook.Status{codebook.Active, codebook.Inactive, codebook.Archived}, x.Status) {
		wrong.Add("status", "Choose active, inactive or archived.")
	}
	return wrong.Or()
}

func nameFree(ctx context.Context, tx *db.Tx, a org.Actor, x Script) error {
	taken, err := nameTaken(ctx, tx, int64(a.Org()), x)
	if err != nil || !taken {
		return err
	}
	var wrong fault.Inputs
	wrong.Add("name", "Your organization already has one called %q. Give it another name.", x.Name)
	return wrong.Or()
}

func entry(ctx context.Context, tx *db.Tx, a org.Actor, kind ledger.Kind, id ID, data map[string]any) error {
	_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: kind, Object: id.object(), Data: data})
	return err
}

// write returns content as it is kept. What cannot be read again is refused here, whoever made it.
func write(content script.Content) (string, error) {
	b, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("writing a script: %w", err)
	}
	if _, err := script.Parse(b); err != nil {
		return "", err
	}
	return string(b), nil
}

// digest names what is kept, so that two people who write at once notice each other.
func digest(kept string) string {
	h := sha256.Sum256([]byte(kept))
	return hex.EncodeToString(h[:16])
}
