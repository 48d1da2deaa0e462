package voterfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Rehearse reads the files of an import, compares them with what is here, and says what a load would do; nothing is loaded. A file
// that is not what it was said to be is refused with an Invalid fault, which the import remembers. It can be called again as long as
// the load has not begun.
func (s *Store) Rehearse(ctx context.Context, a org.Actor, id ImportID, progress Progress) (Report, error) {
	return s.RehearseWith(ctx, a, id, Choices{}, progress)
}

// RehearseWith is Rehearse by what a person has chosen about single rows. The load keeps to the choices of the last rehearsal.
func (s *Store) RehearseWith(ctx context.Context, a org.Actor, id ImportID, c Choices, progress Progress) (Report, error) {
	began := s.now()
	if err := c.check(); err != nil {
		return Report{}, err
	}
	if _, _, err := s.mine(a.Within(ctx), a, id); err != nil {
		return Report{}, err
	}
	ctx = db.WithSite(ctx) // it writes people, for all who see the file
	run, err := s.claim(ctx, id)
	if err != nil {
		return Report{}, err
	}
	defer run.release(ctx)
	imp, file, err := s.mine(ctx, a, id) // as the run before left it
	if err != nil {
		return Report{}, err
	}
	if imp.State == StateLoaded {
		return Report{}, fault.Conflictf("Import %d is loaded. Give the files again as a new import to compare them with what is here now.", id)
	}
	if imp.Cursor != "" {
		return Report{}, fault.Conflictf("Import %d is partly loaded. Load it to the end.", id)
	}
	base, err := s.lastLoaded(ctx, file.ID)
	if err != nil {
		return Report{}, err
	}
	report, refusals, err := s.rehearse(ctx, imp, file, base, c, run.watch(ctx, progress))
	if fault.KindOf(err) == fault.Invalid {
		if saved := s.saveRefused(ctx, run, reasonOf(err)); saved != nil {
			return Report{}, saved
		}
		return Report{}, err
	}
	if err != nil {
		return Report{}, err
	}
	report.Seconds = s.now().Sub(began).Seconds()
	err = s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.saveReport(ctx, tx, run, base.ID, report, refusals); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindRehearse, Object: object(id), Data: rehearsedData(report)})
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("rehearsing import %d: %w", id, err)
	}
	return report, nil
}

func (s *Store) rehearse(ctx context.Context, imp importRow, file File, base loadedImport, c Choices, progress Progress) (Report, []Refusal, error) {
	dir := s.folder(imp.ID)
	if err := os.RemoveAll(dir); err != nil {
		return Report{}, nil, fmt.Errorf("emptying the folder of import %d: %w", imp.ID, err)
	}
	r, err := s.prepare(ctx, imp, file, base.Columns, c, progress)
	if err != nil {
		return Report{}, nil, err
	}
	t := tally{counts: r.counts, counties: map[string]*County{}}
	if err := s.compare(ctx, file.ID, dir, &t, progress); err != nil {
		return Report{}, nil, err
	}
	if t.counts.New+t.counts.Changed+t.counts.Unchanged == 0 {
		return Report{}, nil, fault.Invalidf("There is not one voter in these files that can be read. Check the layout and the files.")
	}
	t.counts.Votes, t.counts.StrangeVotes = t.counts.Votes-r.strange, r.strange
	report := Report{Import: imp.ID, Counts: t.counts, Counties: t.list(file.Layout), Drift: r.drift, Columns: r.columns, Choices: c, Twice: r.twice}
	report.Stops = stops(report.Counties, file.StopShare)
	for _, e := range slices.Sorted(maps.Keys(r.elections)) {
		report.Elections = append(report.Elections, Election{ID: e, Name: r.elections[e]})
	}
	return report, r.refusals, nil
}

// prepare makes the joined file of an import.
func (s *Store) prepare(ctx context.Context, imp importRow, file File, before []Columns, c Choices, progress Progress) (*reading, error) {
	dir := s.folder(imp.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of import %d: %w", imp.ID, err)
	}
	files, err := imp.received()
	if err != nil {
		return nil, err
	}
	r, err := s.read(ctx, file, layout.Date(imp.FileDate), files, dir, before, progress)
	if err != nil {
		return nil, err
	}
	r.choices = c
	if err := r.assemble(ctx, dir, progress); err != nil {
		return nil, err
	}
	r.trimRefusals()
	slices.SortFunc(r.columns, func(a, b Columns) int {
		return slices.IndexFunc(files, named(a.File)) - slices.IndexFunc(files, named(b.File))
	})
	return r, nil
}

func named(name string) func(Received) bool {
	return func(f Received) bool { return f.Name == name }
}

func (s *Store) compare(ctx context.Context, file FileID, dir string, t *tally, progress Progress) error {
	joined, err := openJoined(dir)
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	n := int64(0)
	progress(StageCompare, 0, t.counts.Read)
	err = s.join(ctx, file, joined, "", func(c *change) error {
		t.add(c)
		if n++; n%tellEvery == 0 {
			progress(StageCompare, n, t.counts.Read)
		}
		return nil
	})
	if err = errors.Join(err, joined.close()); err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	return nil
}

// prepared makes sure that the joined file is there: the folder may have been emptied since the rehearsal.
func (s *Store) prepared(ctx context.Context, imp importRow, file File, progress Progress) (*joinedFile, error) {
	joined, err := openJoined(s.folder(imp.ID))
	if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errRecord) {
		return joined, err
	}
	report, err := imp.report()
	if err != nil {
		return nil, err
	}
	if _, err := s.prepare(ctx, imp, file, nil, report.Choices, progress); err != nil {
		return nil, err
	}
	return openJoined(s.folder(imp.ID))
}

func rehearsedData(r Report) map[string]any {
	data := map[string]any{"counts": countsData(r.Counts)}
	if r.Choices.Duplicates != KeepStanding || len(r.Choices.ByID) > 0 {
		data["duplicates"], data["chosen"] = string(r.Choices.Duplicates), len(r.Choices.ByID)
	}
	return data
}

func countsData(c Counts) map[string]any {
	return map[string]any{"read": c.Read, "new": c.New, "changed": c.Changed, "unchanged": c.Unchanged, "moved": c.Moved, "party": c.Party,
		"dropped": c.Dropped, "returned": c.Returned, "refused": c.Refused, "warnings": c.Warnings}
}

// run is one program's hold on an import. Whoever else works on it is turned away, unless the holder is gone.
type run struct {
	store *Store
	id    ImportID
	token string
	mu    sync.Mutex
	told  time.Time
}

// watch passes progress on, one call at a time, and every few seconds writes it where others see it.
func (r *run) watch(ctx context.Context, progress Progress) Progress {
	return func(stage string, done, total int64) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if progress != nil {
			progress(stage, done, total)
		}
		if now := r.store.now(); now.Sub(r.told) >= tellSeconds*time.Second {
			r.told = now
			_ = r.store.tell(ctx, r, stage, done, total) // only a sign of life: the next chunk would find what is wrong
		}
	}
}

const tellSeconds = 2

// release gives the hold back, also when the context has ended.
func (r *run) release(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	_ = r.store.unclaim(ctx, r) // a hold that cannot be given back ends with this process
}

// Reason is why the files of an import were refused.
type Reason struct {
	File string `json:"file,omitempty"` // "" when no single file is to blame
	Sentence
}

// String returns the reason in English.
func (r Reason) String() string {
	if r.Format == "" {
		return ""
	}
	if r.File == "" {
		return r.Sentence.String()
	}
	return r.File + ": " + r.Sentence.String()
}

func reasonOf(err error) Reason {
	var in fault.Inputs
	if errors.As(err, &in) && len(in) > 0 {
		return Reason{File: in[0].Name, Sentence: Sentence{Format: in[0].Err.Format, Args: plain(in[0].Err.Args)}}
	}
	if f := fault.As(err); f != nil {
		return Reason{Sentence: Sentence{Format: f.Format, Args: plain(f.Args)}}
	}
	return Reason{}
}
