package synth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
)

// files keeps what a state writes in memory.
type files map[string]*bytes.Buffer

type memFile struct{ *bytes.Buffer }

func (memFile) Close() error { return nil }

func (f files) create(name string) (io.WriteCloser, error) {
	if _, twice := f[name]; twice {
		return nil, fmt.Errorf("%s is created twice", name)
	}
	b := new(bytes.Buffer)
	f[name] = b
	return memFile{b}, nil
}

// make1 writes a new state.
func make1(t testing.TB, o Options) (*State, files, Manifest) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	f, m := write1(t, s)
	return s, f, m
}

func write1(t testing.TB, s *State) (files, Manifest) {
	t.Helper()
	f := files{}
	m, err := s.Write(f.create)
	if err != nil {
		t.Fatal(err)
	}
	return f, m
}

// forms are the layouts and generations a state can be written in.
var forms = []Options{
	{Layout: layout.NC}, {Layout: layout.NC, Generation: layout.Since22}, {Layout: layout.NC, Generation: layout.Before22},
	{Layout: layout.OH}, {Layout: layout.FL}, {Layout: layout.MI}, {Layout: layout.MI, Generation: layout.Fixed},
	{Layout: layout.WA}, {Layout: layout.WA, Generation: layout.Before22},
}

func (o Options) name() string { return fmt.Sprintf("%s/%d", o.Layout, o.Generation) }

// TestGolden holds the bytes of small states fixed: every change to the generator shows here and is made on purpose.
// PRECINCT_GOLDEN=1 prints the new sums.
func TestGolden(t *testing.T) {
	want := map[string]string{}
	text, err := os.ReadFile(filepath.Join("testdata", "golden.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		name, sum, _ := strings.Cut(line, " ")
		want[name] = sum
	}
	for _, o := range forms {
		o.Voters, o.Seed = 2000, 7
		_, f, m := make1(t, o)
		h := sha256.New()
		for _, file := range m.Files {
			h.Write(f[file.Name].Bytes())
		}
		h.Write(f["manifest.json"].Bytes())
		sum := hex.EncodeToString(h.Sum(nil))
		if os.Getenv("PRECINCT_GOLDEN") != "" {
			fmt.Println(o.name(), sum)
			continue
		}
		if want[o.name()] != sum {
			t.Errorf("%s: sum %s, want %s", o.name(), sum, want[o.name()])
		}
	}
}

func TestSameBytesWhateverTheMachineDoes(t *testing.T) {
	o := Options{Layout: layout.NC, Voters: 3000, Seed: 42}
	s, a, first := make1(t, o)
	b, second := write1(t, s)
	old := runtime.GOMAXPROCS(1)
	_, c, third := make1(t, o)
	runtime.GOMAXPROCS(old)
	if d := cmp.Diff(first, second) + cmp.Diff(first, third); d != "" {
		t.Error(d)
	}
	for name := range a {
		if !bytes.Equal(a[name].Bytes(), b[name].Bytes()) || !bytes.Equal(a[name].Bytes(), c[name].Bytes()) {
			t.Errorf("%s differs between runs", name)
		}
	}
	o.Seed++
	_, d, _ := make1(t, o)
	if bytes.Equal(a["ncvoter_Statewide.txt"].Bytes(), d["ncvoter_Statewide.txt"].Bytes()) {
		t.Error("another seed gave the same people")
	}
}

func TestManifestIsTrue(t *testing.T) {
	for _, o := range forms {
		o.Voters, o.Seed = 1500, 3
		t.Run(o.name(), func(t *testing.T) {
			s, f, m := make1(t, o)
			rows := 0
			for _, file := range m.Files {
				b := f[file.Name].Bytes()
				sum := sha256.Sum256(b)
				if int64(len(b)) != file.Bytes || hex.EncodeToString(sum[:]) != file.SHA256 {
					t.Errorf("%s: size or sum differ", file.Name)
				}
				if file.Kind == "voters" {
					rows += file.Rows
				}
			}
			if rows != o.Voters || m.Voters != o.Voters {
				t.Errorf("%d rows, manifest says %d, want %d", rows, m.Voters, o.Voters)
			}
			if len(f) != len(m.Files)+1 {
				t.Errorf("%d files, manifest lists %d", len(f), len(m.Files))
			}
			read := 0
			for _, c := range m.Counties {
				read += c.Read
			}
			if read != o.Voters || len(m.Counties) != len(s.Counties()) {
				t.Errorf("counties add up to %d of %d", read, o.Voters)
			}
			if len(s.Elections()) != 30 {
				t.Errorf("%d elections", len(s.Elections()))
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, o := range map[string]Options{
		"generic":  {Layout: layout.Generic, Voters: 1000},
		"few":      {Layout: layout.NC, Voters: 99},
		"many":     {Layout: layout.NC, Voters: MaxVoters + 1},
		"early":    {Layout: layout.NC, Voters: 1000, Date: 19990101},
		"no day":   {Layout: layout.NC, Voters: 1000, Date: 20250230},
		"turnout":  {Layout: layout.NC, Voters: 1000, Turnout: 61},
		"form":     {Layout: layout.OH, Voters: 1000, Generation: layout.Fixed},
		"nonsense": {},
	} {
		if _, err := New(o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
	s, err := New(Options{Layout: layout.NC, Voters: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Change{
		"not later":  {Date: DefaultDate},
		"far":        {Date: 20400101},
		"everything": {Moved: 9000},
	} {
		if _, err := s.Newer(c); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// brokenFile fails after some bytes, and remembers whether it was closed.
type brokenFile struct {
	left   int
	closed *int
}

var errDisk = errors.New("no space left")

func (b *brokenFile) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func (b *brokenFile) Close() error { *b.closed++; return nil }

// A disk that fills up at any moment gives an error that names the trouble, and every file opened is closed.
func TestWriteFails(t *testing.T) {
	for _, id := range []layout.ID{layout.NC, layout.FL, layout.WA} {
		s, err := New(Options{Layout: id, Voters: 400, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, left := range []int{0, 1000, 20_000, 100_000} {
			opened, closed := 0, 0
			_, err := s.Write(func(string) (io.WriteCloser, error) {
				opened++
				return &brokenFile{left: left, closed: &closed}, nil
			})
			if !errors.Is(err, errDisk) || opened != closed {
				t.Errorf("%s with room for %d: %v; %d opened, %d closed", id, left, err, opened, closed)
			}
		}
		n := 0
		_, err = s.Write(func(string) (io.WriteCloser, error) {
			if n++; n > 3 {
				return nil, errDisk
			}
			return memFile{new(bytes.Buffer)}, nil
		})
		if !errors.Is(err, errDisk) {
			t.Errorf("%s: create failed and Write said %v", id, err)
		}
	}
}

// Drawing and settling any state places exactly its voters, each with an id of their own, in homes of one to six.
func TestAnySizeIsExact(t *testing.T) {
	ids := []layout.ID{layout.NC, layout.OH, layout.FL, layout.MI, layout.WA}
	for i := range 12 {
		o := Options{Layout: ids[i%len(ids)], Voters: MinVoters + below(mix(uint64(i)), 4000), Seed: mix(uint64(i) + 99)}
		if i < len(ids) {
			o.Voters = MinVoters + i
		}
		_, _, m := make1(t, o)
		if m.Voters != o.Voters || m.Households < o.Voters/6 || m.Doors < m.Households {
			t.Errorf("%+v: %d voters, %d homes, %d doors", o, m.Voters, m.Households, m.Doors)
		}
	}
}
