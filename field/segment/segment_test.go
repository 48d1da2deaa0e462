package segment_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
)

// TestPlansAnswerAsTheTablesSay asks plans at random of a view that follows random writes, and looks at one person after the other for the same.
func TestPlansAnswerAsTheTablesSay(t *testing.T) {
	run(t, 900, func(t *testing.T, w *world) {
		ctx := context.Background()
		e := w.engine(t, t.TempDir())
		if _, err := e.View(ctx, fileID); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(3, 4))
		for round := range 12 {
			v, err := e.Wait(ctx, fileID, w.number)
			if err != nil {
				t.Fatal(err)
			}
			for range 60 {
				p := plan(r)
				compare(t, w, v, p, round)
				if t.Failed() {
					return
				}
			}
			for range 15 {
				w.write(r)
			}
		}
	})
}

func compare(t *testing.T, w *world, v *segment.View, p list.Plan, round int) {
	t.Helper()
	ctx := context.Background()
	n := oracle(t, w, p.Universe)
	want := n.steps(p.Steps)
	got, err := v.Eval(ctx, p)
	if err != nil {
		t.Fatalf("round %d: %v\n%s", round, err, show(p))
	}
	ids := slices.Sorted(got.Set.IDs())
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), ids); diff != "" {
		t.Errorf("round %d: other people than the tables say (-want +got):\n%s\n%s", round, diff, show(p))
		return
	}
	c, err := got.Counts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if k := n.counts(want); k != [4]int64{c.People, c.Doors, c.Phones, c.Emails} {
		t.Errorf("round %d: counts are %v, the tables say %v\n%s", round, c, k, show(p))
	}
	if last := got.Steps[len(got.Steps)-1].People; last != c.People {
		t.Errorf("round %d: the last step left %d people, the list has %d", round, last, c.People)
	}
}

// oracle reads the tables once for each universe and state of the world.
func oracle(t testing.TB, w *world, u list.Universe) *naive {
	key := fmt.Sprint(t.Name(), w.number, u)
	if oracles[key] == nil {
		if len(oracles) > 40 {
			clear(oracles)
		}
		oracles[key] = readNaive(t, w.d, u)
	}
	return oracles[key]
}

var oracles = map[string]*naive{}

func show(p list.Plan) string { return fmt.Sprintf("%+v", p) }
