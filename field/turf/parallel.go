package turf

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls f for 0 to n-1, on all processors, in no order. f may only write what belongs to its number.
func each(n int, f func(worker, i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range n {
			f(0, i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(w, i)
			}
		})
	}
	wg.Wait()
}

// inParts calls f for consecutive parts of 0 to n-1, each large enough to be worth its own memory.
func inParts(n int, f func(from, to int)) {
	parts := max(1, min(n/64, runtime.GOMAXPROCS(0)))
	each(parts, func(_, p int) { f(n*p/parts, n*(p+1)/parts) })
}
