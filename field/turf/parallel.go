package turf

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParts calls for 0 to n-1, on all processors and in no order, what begin returns: begin is called once for each worker, in
// turn, so that each has memory of its own. Work may only write what belongs to its number or its worker. A worker is worth
// so many calls at least.
func inParts(n, worth int, begin func(worker int) func(i int)) {
	workers := max(1, min(n/worth, runtime.GOMAXPROCS(0)))
	work := make([]func(int), workers)
	for w := range work {
		work[w] = begin(w)
	}
	if workers == 1 {
		for i := range n {
			work[0](i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for _, f := range work {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}
