package segment

import (
	"math/rand/v2"
	"testing"

	"github.com/openprecinct/precinct/field/list"
)

func TestRankIsThatOfTheLanguage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	keys := []int64{0, 1, -1, 1<<31 - 1, 1 << 31, -(1<<31 - 1), 1<<63 - 1, -1 << 63}
	for range 100_000 {
		keys = append(keys, int64(r.Uint64()), r.Int64N(5_000_000))
	}
	for _, k := range keys {
		for _, seed := range []int64{0, 1, 42, 1<<31 - 2, r.Int64N(1<<31 - 1)} {
			if got, want := int64(rankOf(k, seed)), list.Rank(k, seed); got != want {
				t.Fatalf("rank of %d with seed %d is %d, want %d", k, seed, got, want)
			}
		}
	}
}
