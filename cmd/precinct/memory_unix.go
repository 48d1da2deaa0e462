//go:build unix

package main

import (
	"runtime"
	"syscall"
)

// peakMB is the most memory this process has had in use, in megabytes.
func peakMB() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" { // counts bytes; the others KiB
		return int64(u.Maxrss) / (1 << 20)
	}
	return int64(u.Maxrss) / 1024
}
