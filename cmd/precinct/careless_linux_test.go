package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"
)

// What Linux calls these (prctl(2), seccomp(2)) and package syscall does not.
const (
	prSetNoNewPrivs   = 38
	prSetSeccomp      = 22
	seccompModeFilter = 2
	seccompErrno      = 0x00050000 // with an error of number 0: done, and nothing was
	seccompAllow      = 0x7fff0000
)

// withoutFlush begins this program anew with a kernel that skips its flushes and says that they were done, as a disk that lies.
func withoutFlush() error {
	same := func(call uint32, ahead uint8) syscall.SockFilter {
		return syscall.SockFilter{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, K: call, Jt: ahead}
	}
	filter := []syscall.SockFilter{
		{Code: syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS}, // the number of the call
		same(syscall.SYS_FSYNC, 3), same(syscall.SYS_FDATASYNC, 2), same(syscall.SYS_SYNC_FILE_RANGE, 1),
		{Code: syscall.BPF_RET | syscall.BPF_K, K: seccompAllow},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: seccompErrno},
	}
	program := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread() // it holds for this thread, and for the program that replaces it
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0); err != 0 {
		return fmt.Errorf("asking for no new privileges: %w", err)
	}
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetSeccomp, seccompModeFilter, uintptr(unsafe.Pointer(&program)), 0, 0, 0); err != 0 {
		return fmt.Errorf("skipping flushes: %w", err)
	}
	env := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, careless+"=") })
	return syscall.Exec(os.Args[0], os.Args, env)
}
