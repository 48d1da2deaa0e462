package canvassbench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/offline"
)

// Way is how phones tell what they have.
type Way struct {
	Requests int           // of each phone
	Over     time.Duration // all begin within this; 0: at once, and each request follows the last
	Stop     func(safe int) bool
}

// Figures are what was measured.
type Figures struct {
	Requests int
	Safe     int // records said to be safe
	Results  int // among them, doors tried
	P50, P99 time.Duration
	Slowest  time.Duration
	Took     time.Duration
	Lost     int
	Twice    int
}

func (f Figures) print(out io.Writer, engine, what string) {
	round := func(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
	_, _ = fmt.Fprintf(out, "| %s | %s (%.0f results/s) | %d | %d | %s | %s | %s | %d | %d |\n", engine, what, float64(f.Results)/f.Took.Seconds(), f.Requests, f.Results, round(f.P50), round(f.P99), round(f.Slowest), f.Lost, f.Twice)
}

// event is what a phone keeps until it is safe.
type event struct {
	ID     string         `json:"id"`
	Seq    int            `json:"seq"`
	At     int64          `json:"at"`
	Packet string         `json:"packet"`
	Kind   string         `json:"kind"`
	Door   string         `json:"door"`
	Person int64          `json:"person"`
	Data   map[string]any `json:"data"`
}

// phone is one phone with what it recorded.
type phone struct {
	Member
	url     string
	client  *http.Client
	waiting []event
	safe    map[string]bool
}

// phones returns the crowd's phones, each with a result for every door and an answer at every second.
func (c Crowd) phones(addr string) []*phone {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}}
	all := make([]*phone, len(c.Members))
	for i, m := range c.Members {
		p := &phone{Member: m, url: "http://" + addr + "/canvass/sync", client: client, safe: map[string]bool{}}
		say := func(kind string, door Door, data map[string]any) {
			p.waiting = append(p.waiting, event{ID: offline.NewID(), Seq: len(p.waiting) + 1, At: time.Now().UnixMilli(), Packet: m.Packet, Kind: kind, Door: door.Key, Person: door.Person, Data: data})
		}
		for n, d := range m.Doors {
			if n%2 == 0 {
				say("attempt", d, map[string]any{"result": "not_home"})
				continue
			}
			say("attempt", d, map[string]any{"result": "reached"})
			say("answer", d, map[string]any{"step": "s1", "question": c.Question, "response": c.Responses[n%len(c.Responses)]})
		}
		all[i] = p
	}
	return all
}

// send sends events once and keeps what is still not safe.
func (p *phone) send(ctx context.Context, events []event) error {
	body, err := json.Marshal(map[string]any{"now": time.Now().UnixMilli(), "held": []string{p.Packet}, "events": events})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+p.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	got, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer got.Body.Close() //nolint:errcheck // it was read
	var said struct {
		Safe  []string `json:"safe"`
		Aside []struct {
			Why string `json:"why"`
		} `json:"aside"`
	}
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	if got.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", got.StatusCode, text)
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return err
	}
	if len(said.Aside) > 0 {
		return &refused{said.Aside[0].Why}
	}
	for _, id := range said.Safe {
		p.safe[id] = true
	}
	return nil
}

// refused is work that was set aside: the measurement is wrong, and trying again does not help.
type refused struct{ why string }

func (r *refused) Error() string { return "recorded work was set aside: " + r.why }

// drive lets all phones tell what they have and measures each request from the moment it was due: one that waits for another is slow, not missing.
func drive(ctx context.Context, phones []*phone, way Way) (Figures, error) {
	var mu sync.Mutex
	var f Figures
	var took []time.Duration
	var wrong error
	began := time.Now()
	stopped := func(took1 time.Duration, n, results int, err error) bool {
		mu.Lock()
		defer mu.Unlock()
		var r *refused
		if errors.As(err, &r) {
			wrong = err
		}
		if err == nil {
			took = append(took, took1)
			f.Safe, f.Results = f.Safe+n, f.Results+results
		}
		return wrong != nil || way.Stop != nil && way.Stop(f.Safe)
	}
	var wg sync.WaitGroup
	for i, p := range phones {
		wg.Go(func() { p.tell(ctx, way, began, rand.New(rand.NewPCG(1, uint64(i))), stopped) }) //nolint:gosec // when phones tell is no secret
	}
	wg.Wait()
	f.Took = time.Since(began)
	f.Requests = len(took)
	slices.Sort(took)
	if len(took) > 0 {
		f.P50, f.P99, f.Slowest = took[len(took)/2], took[len(took)*99/100], took[len(took)-1]
	}
	return f, errors.Join(wrong, ctx.Err())
}

// tell sends what a phone has, piece by piece, each until it is safe.
func (p *phone) tell(ctx context.Context, way Way, began time.Time, r *rand.Rand, after func(time.Duration, int, int, error) bool) {
	pieces := min(max(way.Requests, 1), len(p.waiting))
	for n := range pieces {
		piece := p.waiting[len(p.waiting)*n/pieces : len(p.waiting)*(n+1)/pieces]
		due := time.Now()
		if way.Over > 0 {
			share := way.Over / time.Duration(pieces)
			due = began.Add(share*time.Duration(n) + time.Duration(r.Int64N(int64(share))))
			time.Sleep(time.Until(due))
		}
		results := 0
		for _, e := range piece {
			if e.Kind == "attempt" {
				results++
			}
		}
		for try := 1; ; try++ {
			err := p.send(ctx, piece)
			if after(time.Since(due), len(piece), results, err) || ctx.Err() != nil {
				return
			}
			if err == nil {
				break
			}
			time.Sleep(time.Duration(50+r.IntN(100)) * time.Millisecond)
		}
	}
}

// server is the process that is measured, and killed.
type server struct {
	start func(addr string) *exec.Cmd
	addr  string
	cmd   *exec.Cmd
	ended <-chan error
	log   bytes.Buffer
}

// up starts the server, at the same address every time, and waits until it answers.
func (s *server) up(ctx context.Context) error {
	if s.addr == "" {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err := errors.Join(err, l.Close()); err != nil {
			return err
		}
		s.addr = net.JoinHostPort("localhost", port)
	}
	s.cmd = s.start(s.addr)
	s.log.Reset()
	s.cmd.Stderr = &s.log
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	ended := make(chan error, 1)
	s.ended = ended
	go func(cmd *exec.Cmd) { ended <- cmd.Wait() }(s.cmd)
	for range 600 {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+"/healthz", nil)
		if err != nil {
			return err
		}
		got, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = got.Body.Close()
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("the server ended by itself: %w: %s", err, s.log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.Join(fmt.Errorf("the server does not answer: %s", s.log.String()), s.kill())
}

func (s *server) kill() error {
	err := s.cmd.Process.Kill()
	if ended := <-s.ended; ended == nil {
		return errors.Join(err, errors.New("the server ended before it was killed"))
	}
	return err
}

// down lets the server end by itself.
func (s *server) down() error {
	if err := s.cmd.Process.Signal(interrupt); err != nil {
		return err
	}
	return <-s.ended
}

// killed kills the server again and again, each time a moment after it answers.
func (s *server) killed(ctx context.Context, times int) error {
	for range times {
		time.Sleep(time.Duration(200+rand.IntN(800)) * time.Millisecond) //nolint:gosec // when to pull the plug is no secret
		if err := s.kill(); err != nil {
			return err
		}
		if err := s.up(ctx); err != nil {
			return err
		}
	}
	return nil
}
