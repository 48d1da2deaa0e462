//go:build unix

package segmentbench

import (
	"syscall"
	"time"
)

// processorTime returns what this process has used of the processors so far.
func processorTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// mostMemory returns the most that this process has held of memory, mapped pages that were looked at among it.
func mostMemory() int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return r.Maxrss << 10
}
