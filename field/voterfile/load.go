package voterfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sync/errgroup"

	feed "github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// LoadOptions says how to load.
type LoadOptions struct {
	AllowLargeChange bool // a person has seen the report's Stops and wants it all the same
}

// ErrStopped is returned by Load after Stop: what is loaded stays, and Load goes on from there.
var ErrStopped = errors.New("the load was stopped between two chunks; load the import again to go on")

// Load does what the rehearsal said. It goes on where it was interrupted; whatever interrupted it, the rows in the end are those of an
// uninterrupted load. The report is the rehearsal's.
func (s *Store) Load(ctx context.Context, a org.Actor, id ImportID, opts LoadOptions, progress Progress) (Report, error) {
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
	report, err := imp.report()
	if err != nil {
		return Report{}, err
	}
	switch imp.State {
	case StateLoaded:
		return report, nil
	case StateReceived, StateRefused:
		return Report{}, fault.Conflictf("Import %d has not been rehearsed. Rehearse it first and look at what it would change.", id)
	}
	if len(report.Stops) > 0 && !opts.AllowLargeChange {
		return report, stopFault(report.Stops)
	}
	watch := run.watch(ctx, progress)
	joined, err := s.prepared(ctx, imp, file, watch)
	if err != nil {
		return Report{}, fmt.Errorf("loading import %d: %w", id, err)
	}
	l := &load{store: s, who: a.Who(), run: run, imp: imp, file: file, report: report, progress: watch}
	err = l.all(ctx, joined)
	if err = errors.Join(err, joined.close()); err != nil {
		if errors.Is(err, ErrStopped) {
			return report, err
		}
		return Report{}, fmt.Errorf("loading import %d: %w", id, err)
	}
	return report, os.RemoveAll(s.folder(id))
}

func stopFault(all []Stop) *fault.Error {
	s := slices.MaxFunc(all, func(a, b Stop) int {
		switch {
		case a.Share < b.Share:
			return -1
		case a.Share > b.Share:
			return 1
		}
		return 0
	})
	format := map[string]string{
		"new":     "In county %s %d voters are new, %.0f %% of the %d there; the limit is %.0f %%. Nothing was loaded. Check that these are the right files; to load them all the same, allow the large change.",
		"moved":   "In county %s %d voters have moved, %.0f %% of the %d there; the limit is %.0f %%. Nothing was loaded. Check that these are the right files; to load them all the same, allow the large change.",
		"party":   "In county %s %d voters have changed party, %.0f %% of the %d there; the limit is %.0f %%. Nothing was loaded. Check that these are the right files; to load them all the same, allow the large change.",
		"dropped": "In county %s %d voters are missing from the files, %.0f %% of the %d there; the limit is %.0f %%. Nothing was loaded. Check that these are all the files; to load them all the same, allow the large change.",
	}[s.What]
	return fault.Conflictf(format, s.County, s.Count, 100*s.Share, s.Of, 100*s.Limit)
}

// load is one run of Load.
type load struct {
	store    *Store
	who      ledger.Who
	run      *run
	imp      importRow
	file     File
	report   Report
	progress Progress

	words     wordSet
	elections map[ElectionID]bool // written, or about to be
}

func (l *load) all(ctx context.Context, joined *joinedFile) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	if l.first() {
		if err := l.store.dropIndexes(ctx); err != nil {
			return err
		}
	}
	l.progress(StageLoad, 0, l.total())
	if err := l.chunks(ctx, joined); err != nil {
		return err
	}
	l.progress(StageIndex, 0, 0)
	if err := l.store.createIndexes(ctx); err != nil {
		return err
	}
	if err := l.store.DB.Analyze(ctx, personTable, keyTable, voteTable, partTable, phoneTable, emailTable, wordTable); err != nil {
		return err
	}
	return l.end(ctx)
}

// first reports a load into a database without people: indexes are then cheaper to make afterwards than to keep. A load that goes on
// after an interruption began with the first person id.
func (l *load) first() bool { return l.imp.FirstPerson == 1 }

// begin fixes the person ids of the load and what it rests on, once; a load that goes on finds them.
func (l *load) begin(ctx context.Context) error {
	s := l.store
	err := s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.noOther(ctx, tx, l.imp); err != nil {
			return err
		}
		if l.imp.State == StateRehearsed {
			last, err := s.lastLoadedIn(ctx, tx, l.file.ID)
			if err != nil {
				return err
			}
			if last != l.imp.Base {
				return fault.Conflictf("Another import of this voter file was loaded after import %d was rehearsed. Rehearse it again.", l.imp.ID)
			}
			if l.imp.FirstPerson, err = s.takePersons(ctx, tx, l.report.Counts.New); err != nil {
				return err
			}
			l.imp.NextPerson = l.imp.FirstPerson
		}
		return s.beginLoad(ctx, tx, l.run, l.imp.FirstPerson, l.imp.NextPerson)
	})
	if err != nil {
		return err
	}
	l.elections = map[ElectionID]bool{}
	l.words, err = s.wordsOf(ctx, l.file.ID)
	return err
}

// chunks joins and writes side by side.
func (l *load) chunks(ctx context.Context, joined *joinedFile) error {
	group, ctx := errgroup.WithContext(ctx)
	full := make(chan *chunk, 1)
	empty := make(chan *chunk, 3)
	for range cap(empty) {
		empty <- &chunk{}
	}
	group.Go(func() error {
		defer close(full)
		return l.produce(ctx, joined, full, empty)
	})
	group.Go(func() error {
		for c := range full {
			if err := l.write(ctx, c); err != nil {
				return err
			}
			c.reset()
			empty <- c
		}
		return nil
	})
	return group.Wait()
}

// The size of a chunk: what one transaction may hold up other writers with. Changing a person costs more than adding one: rows in all
// corners of the tables are touched, and SQLite keeps each page as it was in memory until the chunk is committed.
const (
	chunkPeople = 10_000 // people added
	chunkBytes  = 8 << 20
	chunkRead   = 200_000 // people who did not change, before the cursor moves all the same
)

// weight is how many added people a deed counts for. The larger the tables, the fewer of the people touched share a page: these are for
// a state.
var weight = [...]int{same: 0, fresh: 1, changed: 16, revoted: 6, vanished: 4}

// chunk is what one transaction writes.
type chunk struct {
	people []change
	arena  []byte // behind the rows of people
	read   int
	done   int64  // people compared, this chunk's and all before it
	last   string // the cursor after it
	next   int64  // the next free person id after it
}

func (c *chunk) reset() {
	clear(c.people)
	*c = chunk{people: c.people[:0], arena: c.arena[:0]}
}

// keep copies a row into the chunk's own memory. The arena never grows in place: rows point into it.
func (c *chunk) keep(r joinedRow) joinedRow {
	n := len(r.key) + len(r.voter) + len(r.votes)
	if cap(c.arena)-len(c.arena) < n {
		c.arena = make([]byte, 0, max(chunkBytes+chunkBytes/8, n))
	}
	from := len(c.arena)
	c.arena = append(append(append(c.arena, r.key...), r.voter...), r.votes...)
	b := c.arena[from:]
	k, v := len(r.key), len(r.key)+len(r.voter)
	return joinedRow{key: b[:k:k], voter: b[k:v:v], votes: b[v:]}
}

func (l *load) produce(ctx context.Context, joined *joinedFile, full chan<- *chunk, empty <-chan *chunk) error {
	next := l.imp.NextPerson
	c := <-empty
	size, people, most := 0, 0, chunkPeople
	if l.store.chunk > 0 {
		most = l.store.chunk
	}
	done := int64(0)
	send := func(last string) error {
		done += int64(c.read)
		c.last, c.next, c.done = last, next, joined.skipped+done
		select {
		case full <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case c = <-empty:
		case <-ctx.Done():
			return ctx.Err()
		}
		size, people = 0, 0
		return nil
	}
	last := l.imp.Cursor
	err := l.store.join(ctx, l.file.ID, joined, l.imp.Cursor, func(x *change) error {
		c.read++
		if x.deed == vanished {
			last = x.old.StateID
		} else {
			last = string(x.row.key)
		}
		if x.deed != same {
			y := *x
			if y.deed != vanished {
				size += len(x.row.key) + len(x.row.voter) + len(x.row.votes)
				y.row = c.keep(x.row)
				y.look.county, y.look.party = "", "" // views of the row as it was
			}
			if y.deed == fresh {
				y.old.Person = next
				next++
			}
			c.people = append(c.people, y)
			people += weight[y.deed]
		}
		if people >= most || size >= chunkBytes || c.read >= chunkRead {
			return send(last)
		}
		return nil
	})
	if err != nil || c.read == 0 {
		return err
	}
	return send(last)
}

// end finishes the import.
func (l *load) end(ctx context.Context) error {
	return l.store.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := l.store.endLoad(ctx, tx, l.run, l.total()); err != nil {
			return err
		}
		n, err := ledger.Append(ctx, tx, l.who, ledger.Entry{Kind: KindLoaded, Object: object(l.imp.ID), Data: map[string]any{"counts": countsData(l.report.Counts)}})
		if err != nil {
			return err
		}
		return feed.Record(ctx, tx, n, feed.Change{VoterFile: int64(l.imp.File), What: feed.People})
	})
}

// write writes one chunk, moves the cursor and appends to the ledger, all in one transaction.
func (l *load) write(ctx context.Context, c *chunk) error {
	var w written
	err := l.store.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		w = written{}
		if err := l.store.moveCursor(ctx, tx, l.run, c.last, c.next, c.done, l.total()); err != nil {
			return err
		}
		if len(c.people) == 0 {
			return nil
		}
		if err := l.writePeople(ctx, tx, c, &w); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, l.who, ledger.Entry{Kind: KindLoad, Object: object(l.imp.ID),
			Data: map[string]any{"compared": c.done, "new": w.fresh, "changed": w.changed, "dropped": w.vanished, "votes": w.votes}})
		return err
	})
	if err != nil {
		return err
	}
	l.words.keep(w.seen)
	for _, e := range w.elections {
		l.elections[e] = true
	}
	l.progress(StageLoad, c.done, l.total())
	return l.stopAsked(ctx)
}

func (l *load) total() int64 {
	n := l.report.Counts
	return n.New + n.Changed + n.Unchanged + n.Dropped
}

// stopAsked ends the load between two chunks when a person asked for it.
func (l *load) stopAsked(ctx context.Context) error {
	asked, err := l.store.stopping(ctx, l.run)
	if err != nil || !asked {
		return err
	}
	return ErrStopped
}
