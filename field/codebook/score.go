package codebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// LoadID names one file of scores.
type LoadID int64

// LoadState says where a file of scores stands.
type LoadState string

// The states.
const (
	Waiting   LoadState = "waiting"   // loaded, seen by nobody but those who decide
	Approving LoadState = "approving" // approved, its rows are being put in place; approving again goes on
	Approved  LoadState = "approved"
	Refused   LoadState = "refused"
)

// Staging says what a file of scores claims to be. Averages are in the score's whole numbers.
type Staging struct {
	Score     ID
	VoterFile voterfile.FileID
	File      string // its name
	Whole     bool   // people of the voter file who are not in it lose their value
	Average   *int64 // what it should be, said by whoever made the scores; nil: not said
	Tolerance *int64 // how far off it may be
}

// Value is one person's score in the score's whole numbers.
type Value struct {
	Person int64
	Value  int64
}

// Figures are what a person should know before approving a file of scores.
type Figures struct {
	Rows       int64   `json:"rows" db:"rows"`
	Average    float64 `json:"average" db:"average"`
	Median     int64   `json:"median" db:"-"`
	Min        int64   `json:"min" db:"low"`
	Max        int64   `json:"max" db:"high"`
	New        int64   `json:"new" db:"fresh"`
	Raised     int64   `json:"raised" db:"raised"`
	Lowered    int64   `json:"lowered" db:"lowered"`
	Same       int64   `json:"same" db:"same"`
	Dropped    int64   `json:"dropped" db:"-"`      // of a whole file: people who would lose their value
	OutOfRange int64   `json:"out_of_range" db:"-"` // rows that were left out
	Bins       []int64 `json:"bins" db:"-"`         // people in each of 20 equal parts of the score's range
}

// Load is one file of scores.
type Load struct {
	ID        LoadID    `db:"id"`
	Score     ID        `db:"score_id"`
	VoterFile int64     `db:"voterfile_id"`
	Org       int64     `db:"org_id"`
	File      string    `db:"file_name"`
	Whole     bool      `db:"whole"`
	State     LoadState `db:"state"`
	Average   *int64    `db:"wanted_average"`
	Tolerance *int64    `db:"tolerance"`
	Figures   Figures   `db:"-"`
	By        int64     `db:"created_by"`
	At        time.Time `db:"created_at"`
	DecidedBy int64     `db:"decided_by"`
	DecidedAt time.Time `db:"decided_at"`
}

// Off returns how far the average is from what was said, and whether that is more than was tolerated.
func (l Load) Off() (float64, bool) {
	if l.Average == nil {
		return 0, false
	}
	off := l.Figures.Average - float64(*l.Average)
	if l.Tolerance == nil {
		return off, false
	}
	return off, off > float64(*l.Tolerance) || -off > float64(*l.Tolerance)
}

// Stage takes a file of scores in and computes its figures. Nobody sees the values before another person approves. rows may name a person once;
// values outside the score's range are counted and left out. An error from rows leaves nothing behind.
func (s *Store) Stage(ctx context.Context, tx *db.Tx, a org.Actor, g Staging, rows iter.Seq2[Value, error]) (LoadID, error) {
	d, err := s.own(ctx, tx, a, Score, g.Score)
	if err != nil {
		return 0, err
	}
	if (g.Average == nil) != (g.Tolerance == nil) {
		return 0, fault.Invalidf("Give both the average the scores should have and how far off it may be, or neither.")
	}
	id, err := insertLoad(ctx, tx, int64(a.Org()), int64(a.Account()), s.now(), g)
	if err != nil {
		return 0, fmt.Errorf("staging %s: %w", Score.Object(g.Score), err)
	}
	var out int64
	var rowsErr error
	_, err = db.Bulk(ctx, tx, "field_score_row", []string{"load_id", "person_id", "value"}, func(yield func([]any) bool) {
		for v, err := range rows {
			switch {
			case err != nil:
				rowsErr = err
				return
			case v.Value < d.Min || v.Value > d.Max:
				out++
			case !yield([]any{int64(id), v.Person, v.Value}):
				return
			}
		}
	})
	if err = errors.Join(rowsErr, err); err != nil {
		return 0, err
	}
	if err := s.fence(ctx, tx, a, id); err != nil {
		return 0, err
	}
	f, err := figures(ctx, tx, id, g, d)
	if err != nil {
		return 0, fmt.Errorf("computing the figures of a file of scores: %w", err)
	}
	f.OutOfRange = out
	if err := putFigures(ctx, tx, id, f); err != nil {
		return 0, err
	}
	_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindStage, Object: Score.Object(g.Score),
		Data: map[string]any{"load": int64(id), "file": g.File, "rows": f.Rows, "out_of_range": out}})
	return id, err
}

// fence refuses a staged file that names people whom the organisation may not see.
func (s *Store) fence(ctx context.Context, tx *db.Tx, a org.Actor, id LoadID) error {
	files, err := voterfile.Visible(ctx, tx, a, s.now())
	if err != nil {
		return err
	}
	n, err := strangers(ctx, tx, id, files)
	if err != nil || n == 0 {
		return err
	}
	return fault.NotFoundf("%d of these people are not in a voter file that your organization may see. Nothing was loaded.", n)
}

// Loads returns the files of one score, newest first. Those of a shared score are for its own organisation alone.
func (s *Store) Loads(ctx context.Context, a org.Actor, score ID) ([]Load, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return loads(ctx, s.DB, int64(a.Org()), score)
}

// WaitingLoads returns the files of scores that wait for a decision in the actor's organisation.
func (s *Store) WaitingLoads(ctx context.Context, a org.Actor) ([]Load, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return waitingLoads(ctx, s.DB, int64(a.Org()))
}

// approveStep is how many people one transaction puts in place: others can write in between.
const approveStep = 50_000

// Approve puts the values of a file in place. Whoever loaded the file cannot approve it. A file whose average is further off than tolerated needs a reason.
// Interrupted, it goes on when called again.
func (s *Store) Approve(ctx context.Context, a org.Actor, id LoadID, reason string) error {
	ctx = a.Within(ctx)
	l, err := s.decidable(ctx, a, id)
	if err != nil {
		return err
	}
	if _, off := l.Off(); off && clean(reason) == "" {
		var wrong fault.Inputs
		wrong.Add("reason", "The average is further off than was tolerated. Say why these scores are right all the same, or refuse them.")
		return wrong.Or()
	}
	if l.State == Waiting {
		err := s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			return moveLoad(ctx, tx, id, Waiting, Approving, 0, time.Time{})
		})
		if err != nil {
			return err
		}
	}
	for {
		n, err := s.putInPlace(ctx, l)
		if err != nil {
			return fmt.Errorf("putting scores in place: %w", err)
		}
		if n == 0 {
			break
		}
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := moveLoad(ctx, tx, id, Approving, Approved, int64(a.Account()), s.now()); err != nil {
			return err
		}
		if err := dropRows(ctx, tx, id); err != nil {
			return err
		}
		n, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindApprove, Object: Score.Object(l.Score),
			Data: map[string]any{"load": int64(id), "rows": l.Figures.Rows, "reason": clean(reason)}})
		if err != nil {
			return err
		}
		return change.Record(ctx, tx, n, change.Change{VoterFile: l.VoterFile, Org: l.Org, What: change.Score, Object: int64(l.Score)})
	})
}

// putInPlace moves the next rows of a load and returns how many: 0 when all are in place.
func (s *Store) putInPlace(ctx context.Context, l Load) (n int64, err error) {
	err = s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := stepEnd(ctx, tx, l.ID, approveStep)
		if errors.Is(err, db.ErrNone) || last == 0 {
			if l.Whole {
				n, err = dropOthers(ctx, tx, l)
				return err
			}
			return nil
		}
		if err != nil {
			return err
		}
		n, err = moveRows(ctx, tx, l, last)
		return err
	})
	return n, err
}

// Refuse ends a file of scores: its values are gone, its figures stay.
func (s *Store) Refuse(ctx context.Context, a org.Actor, id LoadID, reason string) error {
	ctx = a.Within(ctx)
	l, err := s.decidable(ctx, a, id)
	if err != nil {
		return err
	}
	if clean(reason) == "" {
		var wrong fault.Inputs
		wrong.Add("reason", "Say why, so that whoever loaded the file knows what to change.")
		return wrong.Or()
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := moveLoad(ctx, tx, id, Waiting, Refused, int64(a.Account()), s.now()); err != nil {
			return err
		}
		if err := dropRows(ctx, tx, id); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindRefuse, Object: Score.Object(l.Score),
			Data: map[string]any{"load": int64(id), "reason": clean(reason)}})
		return err
	})
}

// decidable returns a load that the actor may decide on.
func (s *Store) decidable(ctx context.Context, a org.Actor, id LoadID) (Load, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitApprove); err != nil {
		return Load{}, err
	}
	l, err := loadOf(ctx, s.DB, int64(a.Org()), id)
	switch {
	case errors.Is(err, db.ErrNone):
		return Load{}, fault.NotFoundf("Your organization has no such file of scores.")
	case err != nil:
		return Load{}, err
	case l.State != Waiting && l.State != Approving:
		return Load{}, errDecided()
	case l.By == int64(a.Account()) && l.By != 0:
		return Load{}, fault.Deniedf("You loaded this file. Another person of your organization must look at it and decide.")
	}
	return l, nil
}

func errDecided() error {
	return fault.Conflictf("Somebody has already decided on this file of scores.")
}

// loadRow is a Load as stored.
type loadRow struct {
	Load
	Stored string `db:"figures"`
}

func (r loadRow) load() (Load, error) {
	err := json.Unmarshal([]byte(r.Stored), &r.Load.Figures)
	return r.Load, err
}
