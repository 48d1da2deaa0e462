package liststore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// gathered is what is to be kept of an answer: the counts and, for a list, its people.
type gathered struct {
	Checked
	Counts
	Epoch  int64
	chunks iter.Seq2[int64, []byte] // rows of field_list_chunk; nil for a search
}

// gather counts k and, for a list, holds on to its people.
func (s *Store) gather(ctx context.Context, a org.Actor, k Ask, kind Kind, self ListID) (gathered, error) {
	c, err := s.checkAs(ctx, a, k, self)
	if err != nil {
		return gathered{}, err
	}
	by, err := s.answerer(ctx, int64(k.File))
	if err != nil {
		return gathered{}, err
	}
	got := gathered{Checked: c, Epoch: by.epoch}
	if by.view == nil {
		ctx := db.WithSite(ctx)
		ids, err := Slow(ctx, s.db, c.Plan)
		if err != nil {
			return got, fmt.Errorf("asking the database: %w", err)
		}
		n, err := SlowCounts(ctx, s.db, c.Plan)
		if err != nil {
			return got, fmt.Errorf("counting in the database: %w", err)
		}
		got.Counts = n.counts()
		if kind == Frozen {
			got.chunks = chunked(ids)
		}
		return got, nil
	}
	r, err := by.view.Eval(ctx, c.Plan)
	if errors.Is(err, segment.ErrDamaged) { // the database answers then
		return s.gather(ctx, a, k, kind, self)
	}
	if err != nil {
		return got, fmt.Errorf("asking the segment: %w", err)
	}
	n, err := r.Counts(ctx)
	if err != nil {
		return got, fmt.Errorf("counting in the segment: %w", err)
	}
	got.Counts = Counts(n)
	if kind == Frozen {
		got.chunks = r.Set.Chunks()
	}
	return got, nil
}

// chunked packs ascending person ids as field_list_chunk keeps them: one bitmap of the low 16 bits for each value of the rest.
func chunked(ids []int64) iter.Seq2[int64, []byte] {
	return func(yield func(int64, []byte) bool) {
		for len(ids) > 0 {
			chunk := ids[0] >> 16
			end, _ := slices.BinarySearch(ids, (chunk+1)<<16)
			b := roaring.New()
			for _, id := range ids[:end] {
				b.Add(uint32(id & 0xffff))
			}
			b.RunOptimize()
			packed, err := b.ToBytes()
			if err != nil { // it writes to memory
				panic(err)
			}
			if !yield(chunk, packed) {
				return
			}
			ids = ids[end:]
		}
	}
}

// SaveIDs is a list to be saved from person ids, as a file of voter ids gives them.
type SaveIDs struct {
	File   voterfile.FileID
	Name   string
	Folder org.FolderID
	Origin string // what the ids came from, for the ledger: the name of a file
	IDs    []int64
}

// SaveIDs saves people by their ids as a list. Those who are not on the file or may not be seen are left out; the list's count says how many are on it.
func (s *Store) SaveIDs(ctx context.Context, a org.Actor, n SaveIDs) (Saved, error) {
	if err := a.Must(PermitSave); err != nil {
		return Saved{}, err
	}
	name, err := s.checkName(ctx, a, n.Name, n.Folder, Frozen)
	if err != nil {
		return Saved{}, err
	}
	// Everybody who may be on a list of this file, by the same plan as every other list.
	everybody := list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start}}}
	c, err := s.Check(ctx, a, Ask{File: n.File, Criteria: everybody})
	if err != nil {
		return Saved{}, err
	}
	ids := slices.Clone(n.IDs)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if ids, err = s.onFile(db.WithSite(ctx), int64(n.File), ids); err != nil {
		return Saved{}, err
	}
	if len(ids) == 0 {
		return Saved{}, fault.Invalidf("Nobody on this voter file has one of these ids.")
	}
	by, err := s.answerer(ctx, int64(n.File))
	if err != nil {
		return Saved{}, err
	}
	doors, err := s.doorsOf(db.WithSite(ctx), ids)
	if err != nil {
		return Saved{}, err
	}
	c.Criteria = list.Criteria{}
	got := gathered{Checked: c, Counts: Counts{People: int64(len(ids)), Doors: doors}, Epoch: by.epoch, chunks: chunked(ids)}
	return s.insert(ctx, a, savedRow{Kind: Frozen, Name: name, Folder: n.Folder}, got, n.Origin)
}
