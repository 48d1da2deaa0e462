package voterfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// termsMost bounds the terms of a voter file, in bytes: an affidavit's page, not its annexes.
const termsMost = 8000

// Edit changes what a voter file may be used for and the share of a county above which a load stops. Rehearsals that are not loaded yet
// are measured by the new share.
func (s *Store) Edit(ctx context.Context, a org.Actor, id FileID, terms string, share float64) error {
	ctx = a.Within(ctx)
	if err := a.Must(PermitEdit); err != nil {
		return err
	}
	var in fault.Inputs
	if !(share > 0 && share <= 1) {
		in.Add("stop_share", "Give a share of a county above 0 and up to 100 percent.")
	}
	if len(terms) > termsMost {
		in.Add("terms", "The terms can have at most %d characters. Write down what people here must know.", termsMost)
	}
	if err := in.Or(); err != nil {
		return err
	}
	f, err := s.file(ctx, a, id)
	if err != nil || f.Terms == terms && f.StopShare == share {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `UPDATE field_voterfile SET terms = ?, stop_share = ? WHERE id = ? AND org_id = ?`, terms, share, id, a.Org()); err != nil {
			return err
		}
		if err := s.measureAgain(ctx, tx, id, share); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindEdit, Object: fmt.Sprintf("field_voterfile/%d", id),
			Data: map[string]any{"terms": terms, "terms_before": f.Terms, "stop_permille": permille(share), "stop_permille_before": permille(f.StopShare)}})
		return err
	})
}

func permille(share float64) int64 { return int64(share*1000 + 0.5) }

// measureAgain says anew where the rehearsals of a file stop.
func (s *Store) measureAgain(ctx context.Context, tx *db.Tx, id FileID, share float64) error {
	rows, err := db.All[importRow](ctx, tx, `SELECT `+importColumns+` FROM field_voterfile_import WHERE voterfile_id = ? AND state = 'rehearsed'`, id)
	if err != nil {
		return err
	}
	for _, row := range rows {
		r, err := row.report()
		if err != nil {
			return err
		}
		r.Stops = stops(r.Counties, share)
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET report = ? WHERE id = ? AND state = 'rehearsed'`, string(text), row.ID); err != nil {
			return err
		}
	}
	return nil
}

// SetLayout says that the files of a voter file have another layout. It can be said until the first of them is loaded: people loaded by one
// layout cannot be compared with files of another. What was rehearsed must be rehearsed again.
func (s *Store) SetLayout(ctx context.Context, a org.Actor, id FileID, l layout.ID) error {
	ctx = a.Within(ctx)
	if err := a.Must(PermitImport); err != nil {
		return err
	}
	if _, err := layout.Parse(string(l)); err != nil {
		return fault.Inputs{{Name: "layout", Err: fault.As(err)}}
	}
	f, err := s.file(ctx, a, id)
	if err != nil || f.Layout == l {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		settled, err := s.settled(ctx, tx, id)
		if err != nil {
			return err
		}
		if settled {
			return fault.Conflictf("Files of the layout %s are loaded into this voter file. Set up another voter file for files of another layout.", f.Layout.Title())
		}
		if err := s.nobodyReads(ctx, tx, id); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `UPDATE field_voterfile SET layout = ?, state = ? WHERE id = ? AND org_id = ?`, string(l), l.State(), id, a.Org()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET state = 'received', report = '{}', message = '', changed_at = ?
			WHERE voterfile_id = ? AND state IN ('rehearsed', 'refused')`, s.now(), id); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindLayout, Object: fmt.Sprintf("field_voterfile/%d", id),
			Data: map[string]any{"layout": string(l), "before": string(f.Layout)}})
		return err
	})
}

// Settled reports whether the layout of a voter file stands: something was loaded by it, or is being loaded.
func (s *Store) Settled(ctx context.Context, a org.Actor, id FileID) (bool, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return false, err
	}
	if _, err := s.file(ctx, a, id); err != nil {
		return false, err
	}
	return s.settled(ctx, s.DB, id)
}

func (s *Store) settled(ctx context.Context, r db.Reader, id FileID) (bool, error) {
	_, err := db.One[ImportID](ctx, r, `SELECT id FROM field_voterfile_import WHERE voterfile_id = ? AND state IN ('loading', 'stopped', 'loaded') LIMIT 1`, id)
	if errors.Is(err, db.ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// nobodyReads refuses to change what files mean while a program reads them.
func (s *Store) nobodyReads(ctx context.Context, tx *db.Tx, id FileID) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	rows, err := db.All[standingRow](ctx, tx, `SELECT state, stage, done, total, run_token, run_host, run_pid, run_seen_at FROM field_voterfile_import
		WHERE voterfile_id = ? AND run_token <> ''`, id)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if s.alive(r.Token, r.Host == host, r.PID, r.Seen) {
			return fault.Conflictf("The files of this voter file are being read now. Wait until that has ended, then choose the layout.")
		}
	}
	return nil
}
