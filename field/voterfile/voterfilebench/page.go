package voterfilebench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// Pages answers the requests of somebody who is signed in to the site that was measured.
type Pages interface {
	Profile(ctx context.Context, id person.ID) (bytes int, err error) // asks for one profile page, whole, and waits until it is written
	Close() error
}

// OpenPages makes a site of a database that has voters: d is where it is, files where the site keeps its own, made where the files of
// the made-up state lie, its map among them.
type OpenPages func(ctx context.Context, d db.Config, files, made string) (Pages, error)

// pages measures the profile page as the server answers it: session, permits, person, map, HTML, and the entry in the ledger, which is
// on the disk before the page is sent.
func (b *bench) pages(ctx context.Context, engine string, c db.Config) (err error) {
	if b.Pages == nil || b.Queries < 0 {
		return nil
	}
	sample, err := b.samplePeople(ctx, c)
	if err != nil {
		return err
	}
	p, err := b.Pages(ctx, c, filepath.Join(b.dir, "page-"+engine), filepath.Join(b.dir, "old"))
	if err != nil {
		return fmt.Errorf("opening the pages: %w", err)
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	r, err := measurePages(ctx, p, sample)
	if err != nil {
		return err
	}
	r.engine = engine
	b.rows = append(b.rows, r)
	b.doing("%s on %s: %s", r.what, engine, r.note)
	return nil
}

// samplePeople draws people as the look-ups did.
func (b *bench) samplePeople(ctx context.Context, c db.Config) (all []person.ID, err error) {
	d, err := db.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return person.New(person.Config{DB: d}).BenchPeople(ctx, org.Operate(1, permit.NewSet(person.PermitFind)), b.Queries, b.Seed)
}

// measurePages asks for the profile of each person once, after some that warm the server up.
func measurePages(ctx context.Context, p Pages, sample []person.ID) (row, error) {
	out := row{what: "whole profile page", rows: int64(len(sample))}
	for _, id := range sample[:min(len(sample), 10)] {
		if _, err := p.Profile(ctx, id); err != nil {
			return out, err
		}
	}
	runtime.GC()
	var took []time.Duration
	size := 0
	watch := newStopwatch()
	for _, id := range sample {
		began := time.Now()
		n, err := p.Profile(ctx, id)
		if err != nil {
			return out, fmt.Errorf("the profile of %d: %w", id, err)
		}
		took = append(took, time.Since(began))
		size += n
	}
	_, cpu := watch.total()
	slices.Sort(took)
	n := len(took)
	out.note = fmt.Sprintf("p50 %.1f ms, p95 %.1f ms, %.1f ms of this program's processor, %d kB each", millis(took[n/2]), millis(took[n*95/100]), millis(cpu/time.Duration(n)), size/n>>10)
	return out, nil
}
