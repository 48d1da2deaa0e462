package voterfile

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"syscall"
)

// running holds the tokens of the runs of this process.
var running sync.Map

// processLives reports whether there is a process with this id on this machine.
func processLives(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release() //nolint:errcheck // nothing was taken
	if runtime.GOOS == "windows" {
		return true // FindProcess has looked
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
