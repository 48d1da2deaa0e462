package liststore

import (
	"context"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/turfpeople"
	"github.com/openprecinct/precinct/internal/db"
)

// Slow answers a plan from the database alone, without segments: the ids of the people it finds, ascending. It is what counts rest on while segments are being
// built, and what they are tested against.
func Slow(ctx context.Context, r db.Reader, p list.Plan) ([]int64, error) {
	with, steps, err := compiled(ctx, r, p)
	if err != nil {
		return nil, err
	}
	return slowPeople(ctx, r, with, steps[len(steps)-1])
}

// SlowFigures are the counts of a plan, by the database alone.
type SlowFigures struct {
	People, Doors, Phones, Emails int64
	Steps                         []int64 // people after each step
}

// SlowCounts counts what Slow finds: people, the distinct doors, right phone numbers and right e-mail addresses of them, and the people after each step.
func SlowCounts(ctx context.Context, r db.Reader, p list.Plan) (SlowFigures, error) {
	with, steps, err := compiled(ctx, r, p)
	if err != nil {
		return SlowFigures{}, err
	}
	f, err := slowFigures(ctx, r, with, steps[len(steps)-1], p.Universe.Org)
	if err != nil {
		return f, err
	}
	f.Steps, err = slowSteps(ctx, r, with, steps)
	return f, err
}

func compiled(ctx context.Context, r db.Reader, p list.Plan) (sqlPart, []string, error) {
	people, err := readFrozen(ctx, r, p)
	if err != nil {
		return sqlPart{}, nil, err
	}
	with, steps, err := compile(p, people)
	if err != nil {
		return sqlPart{}, nil, fmt.Errorf("turning a plan into SQL: %w", err)
	}
	return with, steps, nil
}

// frozen are the people of what a plan names that was chosen once: saved lists, turfs, and whole maps of turf.
type frozen struct{ lists, turfs, maps map[int64][]int64 }

func readFrozen(ctx context.Context, r db.Reader, p list.Plan) (frozen, error) {
	people := frozen{map[int64][]int64{}, map[int64][]int64{}, map[int64][]int64{}}
	var failed error
	read := func(into map[int64][]int64, of func(ctx context.Context, r db.Reader, org, id int64) ([]int64, error), ids ...int64) {
		for _, id := range ids {
			if _, done := into[id]; !done && failed == nil {
				into[id], failed = of(ctx, r, p.Universe.Org, id)
			}
		}
	}
	conditions(p.Steps, func(n list.Node) {
		switch n := n.(type) {
		case list.Saved:
			read(people.lists, listPeople, n.List)
		case list.Turf:
			read(people.turfs, turfpeople.OfTurf, n.Turfs...)
			read(people.maps, turfpeople.OfMap, n.Maps...)
		}
	})
	return people, failed
}

// of returns the people of all the turfs or maps of a condition.
func (f frozen) of(n list.Turf) ([]int64, error) {
	var all []int64
	take := func(from map[int64][]int64, ids []int64) error {
		for _, id := range ids {
			people, ok := from[id]
			if !ok {
				return fmt.Errorf("the people of turf or map %d were not read", id)
			}
			all = append(all, people...)
		}
		return nil
	}
	err := errors.Join(take(f.turfs, n.Turfs), take(f.maps, n.Maps))
	return once(all), err
}

// chunkRow is 65,536 person ids, those on a list as a portable roaring bitmap of their low 16 bits.
type chunkRow struct {
	Chunk  int64  `db:"chunk"`
	People []byte `db:"people"`
}

// peopleOf unpacks the rows of a list.
func peopleOf(rows []chunkRow) ([]int64, error) {
	var ids []int64
	for _, c := range rows {
		b := roaring.New()
		if err := b.UnmarshalBinary(c.People); err != nil {
			return nil, fmt.Errorf("unpacking people %d to %d of a list: %w", c.Chunk<<16, (c.Chunk+1)<<16-1, err)
		}
		for it := b.Iterator(); it.HasNext(); {
			ids = append(ids, c.Chunk<<16|int64(it.Next()))
		}
	}
	return ids, nil
}
