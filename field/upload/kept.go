package upload

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// ID names one upload.
type ID int64

// State says where an upload stands.
type State string

// The states.
const (
	Received   State = "received"   // its columns are to be said
	Rehearsing State = "rehearsing" // its rows are being tried
	Rehearsed  State = "rehearsed"  // somebody is to look at what was found
	Loading    State = "loading"
	Done       State = "loaded"
	Failed     State = "failed" // Message says why; nothing was written
)

// Upload is one file on its way in.
type Upload struct {
	ID      ID        `db:"id"`
	Org     int64     `db:"org_id"`
	State   State     `db:"state"`
	Name    string    `db:"file_name"`
	Hash    string    `db:"file_hash"`
	Size    int64     `db:"file_size"`
	Scores  int64     `db:"load_id"` // of scores: codebook.LoadID
	By      int64     `db:"created_by"`
	At      time.Time `db:"created_at"`
	Changed time.Time `db:"changed_at"`

	What    What             `db:"-"`
	Mapping exchange.Mapping `db:"-"`
	Report  Report           `db:"-"`
	Message *Saying          `db:"-"`
}

// Report is what a rehearsal or a load found, as it is kept.
type Report struct {
	Read     int       `json:"read"`
	Fit      int       `json:"fit"`
	Refused  int       `json:"refused"`
	Odd      int       `json:"odd"`
	More     int       `json:"more"`
	Troubles []Trouble `json:"troubles"` // the first
}

// Trouble is one thing that is wrong or odd about one row.
type Trouble struct {
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Value   string `json:"value"`
	Said    Saying `json:"said"`
	Refused bool   `json:"refused"`
}

// Saying is a fault as it is kept: to be said in the language of whoever reads it.
type Saying struct {
	Format string `json:"format"`
	Args   []any  `json:"args"`
}

// Fault returns the saying as a fault.
func (s Saying) Fault() *fault.Error { return fault.Invalidf(s.Format, s.Args...) }

// UnmarshalJSON reads whole numbers as such, so that the verbs of the format fit them.
func (s *Saying) UnmarshalJSON(b []byte) error {
	var plain struct {
		Format string `json:"format"`
		Args   []any  `json:"args"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&plain); err != nil {
		return err
	}
	s.Format, s.Args = plain.Format, plain.Args
	for i, a := range s.Args {
		if n, ok := a.(json.Number); ok {
			s.Args[i] = n.String()
			if whole, err := n.Int64(); err == nil {
				s.Args[i] = whole
			}
		}
	}
	return nil
}

func sayingOf(err error) *Saying {
	if f := fault.As(err); f != nil {
		return &Saying{Format: f.Format, Args: f.Args}
	}
	return &Saying{Format: "Something of ours went wrong. Nothing was loaded. Try again, and tell your administrator if it happens twice."}
}

// keptTroubles is how many troubles a report keeps; all of them are in the file to download.
const keptTroubles = 200

func reportOf(r exchange.Report) Report {
	out := Report{Read: r.Read, Fit: r.Fit, Refused: r.Refused, Odd: r.Odd, More: r.More + max(0, len(r.Troubles)-keptTroubles)}
	for _, t := range r.Troubles[:min(len(r.Troubles), keptTroubles)] {
		out.Troubles = append(out.Troubles, Trouble{Row: t.Row, Column: t.Column, Value: t.Value, Said: Saying{Format: t.Err.Format, Args: t.Err.Args}, Refused: t.Refused})
	}
	return out
}

// Receive keeps a file that is to be loaded as w and returns its upload.
func (s *Store) Receive(ctx context.Context, a org.Actor, w What, name string, r io.Reader) (ID, error) {
	ctx = a.Within(ctx)
	if _, err := s.definition(ctx, a, w); err != nil {
		return 0, err
	}
	ref, err := exchange.Keep(ctx, s.Blobs, r, exchange.Limits{})
	if err != nil {
		return 0, err
	}
	name = path.Base(name)
	f, err := s.openBlob(ctx, ref, name)
	if err != nil {
		return 0, err
	}
	n, err := s.Noun(ctx, a, w)
	if err != nil {
		return 0, err
	}
	m, _, err := exchange.Recall(ctx, s.DB, a, n, f.Headers)
	if err != nil {
		return 0, err
	}
	var id ID
	err = s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err = insertUpload(ctx, tx, a, w, name, ref, m, s.now())
		return err
	})
	return id, err
}

func (s *Store) openBlob(ctx context.Context, ref blob.Ref, name string) (*exchange.File, error) {
	f, err := exchange.OpenKept(ctx, s.Blobs, ref, name, exchange.Limits{})
	if errors.Is(err, blob.ErrNone) {
		return nil, fault.NotFoundf("This file was deleted %d days after it was last used. What was loaded from it stays.", int(keptFor.Hours()/24))
	}
	return f, err
}

// File opens the file of an upload.
func (s *Store) File(ctx context.Context, u Upload) (*exchange.File, error) {
	return s.openBlob(ctx, blob.Ref{Hash: u.Hash, Size: u.Size}, u.Name)
}

// Uploads returns the uploads of the actor's organisation, newest first.
func (s *Store) Uploads(ctx context.Context, a org.Actor) ([]Upload, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitLoad); err != nil {
		return nil, err
	}
	return uploads(ctx, s.DB, int64(a.Org()))
}

// Upload returns one upload of the actor's organisation. One that a run of the server left under way when it ended has failed.
func (s *Store) Upload(ctx context.Context, a org.Actor, id ID) (Upload, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitLoad); err != nil {
		return Upload{}, err
	}
	u, token, err := uploadOf(ctx, s.DB, int64(a.Org()), id)
	if errors.Is(err, db.ErrNone) {
		return Upload{}, fault.NotFoundf("Your organization has no such upload.")
	}
	if err == nil && (u.State == Rehearsing || u.State == Loading) && token != runToken {
		u.State, u.Message = Failed, &Saying{Format: "The server stopped while this file was under way. Nothing was loaded. Try it again."}
	}
	return u, err
}

// runToken names this run of the program: what another run left under way is not under way any more.
var runToken = rand.Text()

// PlanOf returns what exchange rehearses and loads of an upload.
func (s *Store) PlanOf(ctx context.Context, a org.Actor, u Upload) (exchange.Plan, error) {
	f, err := s.File(ctx, u)
	if err != nil {
		return exchange.Plan{}, err
	}
	return s.Plan(ctx, a, u.What, f, u.Mapping)
}

// Columns returns the noun of an upload, its file, and the templates that were kept for such files.
func (s *Store) Columns(ctx context.Context, a org.Actor, u Upload) (exchange.Noun, *exchange.File, []exchange.Template, error) {
	n, err := s.Noun(ctx, a, u.What)
	if err != nil {
		return n, nil, nil, err
	}
	f, err := s.File(ctx, u)
	if err != nil {
		return n, nil, nil, err
	}
	all, err := exchange.Templates(ctx, s.DB, a, n.Key)
	return n, f, all, err
}

// Map says which column of the file is which, and keeps that under a name for the next file when there is one.
func (s *Store) Map(ctx context.Context, a org.Actor, u Upload, m exchange.Mapping, template string) error {
	ctx = a.Within(ctx)
	u.Mapping = m
	p, err := s.PlanOf(ctx, a, u)
	if err != nil {
		return err
	}
	if err := m.Check(p.Noun, p.File.Headers); err != nil {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putMapping(ctx, tx, u.ID, m, s.now()); err != nil {
			return err
		}
		if template == "" {
			return nil
		}
		return exchange.SaveTemplate(ctx, tx, a, p.Noun, template, m, s.now())
	})
}

// Rehearse tries every row of an upload and keeps what it found. It writes nothing else.
func (s *Store) Rehearse(ctx context.Context, a org.Actor, id ID) error {
	return s.work(ctx, a, id, Rehearsing, func(u Upload, p exchange.Plan) (State, Report, int64, error) {
		r, err := exchange.Rehearse(a.Within(ctx), p)
		return Rehearsed, reportOf(r), 0, err
	})
}

// LoadKept loads a rehearsed upload; leave loads the rows that fit though others are refused.
func (s *Store) LoadKept(ctx context.Context, a org.Actor, id ID, leave bool) error {
	return s.work(ctx, a, id, Loading, func(u Upload, p exchange.Plan) (State, Report, int64, error) {
		done, err := s.Load(ctx, a, u.What, p, exchange.Terms{Rehearsed: u.Hash, Leave: leave})
		return Done, reportOf(done.Report), int64(done.Scores), err
	})
}

// work does one stage of an upload and keeps how it ended.
func (s *Store) work(ctx context.Context, a org.Actor, id ID, stage State, do func(Upload, exchange.Plan) (State, Report, int64, error)) error {
	ctx = a.Within(ctx)
	u, err := s.Upload(ctx, a, id)
	if err != nil {
		return err
	}
	if u.State == Done {
		return fault.Conflictf("This file is loaded already.")
	}
	if stage == Loading && u.State != Rehearsed {
		return fault.Conflictf("Rehearse the file before you load it.")
	}
	err = s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := beginState(ctx, tx, id, stage, s.now())
		if err == nil && n == 0 {
			err = fault.Conflictf("This file is under way already. Look at the page again in a moment.")
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.PlanOf(ctx, a, u)
	var to State
	var load int64
	report := u.Report
	if err == nil {
		to, report, load, err = do(u, p)
	}
	if err != nil {
		to, report = Failed, u.Report
	}
	if kept := s.keep(context.WithoutCancel(ctx), id, to, report, load, err); kept != nil {
		return errors.Join(err, kept)
	}
	return err
}

func (s *Store) keep(ctx context.Context, id ID, state State, r Report, load int64, failed error) error {
	stored, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keeping the report of upload %d: %w", id, err)
	}
	message := ""
	if failed != nil {
		said, err := json.Marshal(sayingOf(failed))
		if err != nil {
			return fmt.Errorf("keeping why upload %d failed: %w", id, err)
		}
		message = string(said)
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		return putState(ctx, tx, id, state, string(stored), message, load, s.now())
	})
}

// choices are what is kept of What besides its columns.
type choices struct {
	Remove    bool   `json:"remove,omitempty"`
	Whole     bool   `json:"whole,omitempty"`
	Average   string `json:"average,omitempty"`
	Tolerance string `json:"tolerance,omitempty"`
}

// uploadRow is an Upload as stored.
type uploadRow struct {
	Upload
	File    int64  `db:"voterfile_id"`
	Kind    string `db:"kind"`
	Object  int64  `db:"object_id"`
	Choices string `db:"choices"`
	Mapping string `db:"mapping"`
	Report  string `db:"report"`
	Message string `db:"message"`
	Token   string `db:"run_token"`
}

func (r uploadRow) upload() (Upload, error) {
	var c choices
	u := r.Upload
	err := errors.Join(json.Unmarshal([]byte(r.Choices), &c), json.Unmarshal([]byte(r.Mapping), &u.Mapping), json.Unmarshal([]byte(r.Report), &u.Report))
	if r.Message != "" {
		u.Message = new(Saying)
		err = errors.Join(err, json.Unmarshal([]byte(r.Message), u.Message))
	}
	u.What = What{Kind: Kind(r.Kind), File: voterfile.FileID(r.File), Object: codebook.ID(r.Object), Remove: c.Remove, Whole: c.Whole, Average: c.Average, Tolerance: c.Tolerance}
	return u, err
}
