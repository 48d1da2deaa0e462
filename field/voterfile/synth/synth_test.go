package synth

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// files keeps what a state writes in memory.
type files map[string]*bytes.Buffer

type memFile struct{ *bytes.Buffer }

func (memFile) Close() error { return nil }

func (f files) create(name string) (io.WriteCloser, error) {
	b := new(bytes.Buffer)
	f[name] = b
	return memFile{b}, nil
}

func TestDump(t *testing.T) {
	dir := os.Getenv("DUMP")
	if dir == "" {
		t.Skip()
	}
	s, err := New(Options{Layout: layout.NC, Voters: 50_000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := files{}
	m, err := s.Write(f.create)
	if err != nil {
		t.Fatal(err)
	}
	for n, b := range f {
		_ = os.WriteFile(filepath.Join(dir, n), b.Bytes(), 0o644)
	}
	t.Logf("%+v", m)
}
