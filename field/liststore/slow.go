package liststore

import (
	"context"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/openprecinct/precinct/field/list"
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
	lists := map[int64][]int64{}
	for _, id := range savedIn(nil, p.Steps) {
		var err error
		if lists[id], err = listPeople(ctx, r, id); err != nil {
			return sqlPart{}, nil, err
		}
	}
	with, steps, err := compile(p, lists)
	if err != nil {
		return sqlPart{}, nil, fmt.Errorf("turning a plan into SQL: %w", err)
	}
	return with, steps, nil
}

// savedIn appends the saved lists that steps name.
func savedIn(to []int64, steps []list.Step) []int64 {
	var walk func(n list.Node)
	walk = func(n list.Node) {
		switch n := n.(type) {
		case list.All:
			each(n, walk)
		case list.Any:
			each(n, walk)
		case list.None:
			each(n, walk)
		case list.LivesWith:
			walk(n.Who)
		case list.Sub:
			to = savedIn(to, n.Steps)
		case list.Saved:
			to = append(to, n.List)
		}
	}
	for _, s := range steps {
		if s.Where != nil {
			walk(s.Where)
		}
	}
	slices.Sort(to)
	return slices.Compact(to)
}

func each(all []list.Node, f func(list.Node)) {
	for _, n := range all {
		f(n)
	}
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
