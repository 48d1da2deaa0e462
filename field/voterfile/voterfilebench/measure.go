package voterfilebench

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stopwatch measures wall and processor time.
type stopwatch struct {
	began, last time.Time
	cpu         time.Duration
}

func newStopwatch() *stopwatch {
	now := time.Now()
	return &stopwatch{began: now, last: now, cpu: processorTime()}
}

func (w *stopwatch) lap() time.Duration {
	now := time.Now()
	d := now.Sub(w.last)
	w.last = now
	return d
}

func (w *stopwatch) total() (wall, cpu time.Duration) {
	return time.Since(w.began), processorTime() - w.cpu
}

// stages remembers when each stage of an import was last seen under way.
type stages struct {
	mu    sync.Mutex
	began time.Time
	order []string
	first map[string]time.Duration
	last  map[string]time.Duration
}

func newStages() *stages {
	return &stages{began: time.Now(), first: map[string]time.Duration{}, last: map[string]time.Duration{}}
}

func (s *stages) progress(stage string, _, _ int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := time.Since(s.began)
	if _, ok := s.first[stage]; !ok {
		s.first[stage] = at
		s.order = append(s.order, stage)
	}
	s.last[stage] = at
}

// String says from when to when each stage was under way.
func (s *stages) String() string {
	var all []string
	for _, stage := range s.order {
		all = append(all, fmt.Sprintf("%s %.1f–%.1f s", strings.ToLower(stage), s.first[stage].Seconds(), s.last[stage].Seconds()))
	}
	return strings.Join(all, ", ")
}

// forgetPeak lets the kernel begin anew with the peak of resident memory; where it cannot, the peak is that of the whole run.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) }

// peakMemory returns the peak of resident memory in bytes, 0 where the system does not say.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(string(rest)), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kb << 10
		}
	}
	return 0
}

// withDatabase returns the URL of another database on the server.
func withDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
