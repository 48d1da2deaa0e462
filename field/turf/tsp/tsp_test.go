package tsp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// samples is a folder of instances from TSPLIB with their optimal lengths and tours.
const samples = "../../../../shared/samples/geo/tsplib"

func sample(t testing.TB, name string) *Instance {
	t.Helper()
	f, err := os.Open(filepath.Join(samples, name+".tsp"))
	if err != nil {
		t.Skipf("NO SAMPLES: %v", err)
	}
	defer f.Close() // read only
	inst, err := Read(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return inst
}

func names(t testing.TB) []string {
	all, _ := filepath.Glob(filepath.Join(samples, "*.tsp"))
	if len(all) == 0 {
		t.Skip("NO SAMPLES in " + samples)
	}
	for i := range all {
		all[i] = strings.TrimSuffix(filepath.Base(all[i]), ".tsp")
	}
	return all
}

// optimum returns the length of the optimal tour that came with the instance.
func optimum(t testing.TB, inst *Instance) int64 {
	f, err := os.Open(filepath.Join(samples, "tours", inst.Name+".opt.tour"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // read only
	ids, err := ReadTour(f)
	if err != nil {
		t.Fatal(err)
	}
	var tour []int32
	for _, id := range ids {
		tour = append(tour, int32(slices.Index(inst.IDs, id)))
	}
	return Length(inst.Problem(), tour)
}

func TestSamplesAreSolved(t *testing.T) {
	var sum, worst float64
	var runs int
	for _, name := range names(t) {
		inst := sample(t, name)
		best := optimum(t, inst)
		for seed := range uint64(5) {
			tour, length := Solve(inst.Problem(), inst.Start(), 5*inst.N, seed)
			sorted := slices.Sorted(slices.Values(tour))
			for i, c := range sorted {
				if int(c) != i {
					t.Fatalf("%s: not a tour", name)
				}
			}
			gap := 100 * (float64(length)/float64(best) - 1)
			if gap < 0 {
				t.Errorf("%s: %d is shorter than the optimum %d", name, length, best)
			}
			t.Logf("%s seed %d: %d, gap %.2f %%", name, seed, length, gap)
			if inst.N <= 200 {
				sum += gap
				runs++
				worst = max(worst, gap)
			}
		}
	}
	t.Logf("mean %.3f %%, worst %.2f %%", sum/float64(runs), worst)
	if sum/float64(runs) > 0.5 || worst > 4 {
		t.Errorf("mean gap %.3f %%, worst %.2f %%; 0.5 and 4 are aimed at", sum/float64(runs), worst)
	}
}
