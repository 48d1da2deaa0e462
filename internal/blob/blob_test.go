package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// text returns n bytes in the manner of a voter file, and so they shrink as one does.
func text(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	b := make([]byte, 0, n+400)
	for id := 100_000; len(b) < n; id++ {
		b = fmt.Appendf(b, "1\t\"ALAMANCE\"\t\"%012d\"\t\"AA%d\"\t\"%s\"\t\"%s\"\t\"%s\"\t\"\"\t\"A\"\t\"ACTIVE\"\t\"AV\"\t\"VERIFIED\"\t\"%d %s %s   \"\t\"%s\"\t\"NC\"\t\"27%03d\"\t\"%s\"\t\"%s\"\t\"NL\"\t\"%02d/%02d/%d\"\t\"%d\"\t\"NC\"\t\"%02d\"\t\"CITY OF BURLINGTON\"\t\"15TH PROSECUTORIAL\"\r\n",
			id, r.IntN(1e6), pick("SMITH", "NGUYEN", "GARCIA", "OKAFOR", "WASHINGTON", "LEE"), pick("MARIA", "JAMES", "LINDA", "WEI", "AISHA"),
			pick("", "ANN", "LEE", "JO"), 1+r.IntN(4000), pick("CEDAR", "MILL", "OLD FORGE", "3RD"), pick("ST", "RD", "AVE"),
			pick("BURLINGTON", "GRAHAM", "MEBANE"), r.IntN(1000), pick("W", "B", "A", "U"), pick("DEM", "REP", "UNA"),
			1+r.IntN(12), 1+r.IntN(28), 1960+r.IntN(64), 1940+r.IntN(66), r.IntN(40))
	}
	return b[:n]
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{9}).Read(b)
	return b
}

func put(t testing.TB, s *Store, content []byte) Ref {
	t.Helper()
	ref, err := s.Put(context.Background(), bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestPutThenReadGivesTheSameBytes(t *testing.T) {
	s := open(t)
	for name, content := range map[string][]byte{
		"empty": nil, "one byte": {7}, "one frame": text(FrameSize), "one frame and a byte": text(FrameSize + 1),
		"rows": text(3*FrameSize + 777), "noise": noise(2*FrameSize + 5),
	} {
		t.Run(name, func(t *testing.T) {
			ref := put(t, s, content)
			sum := sha256.Sum256(content)
			if ref.Hash != hex.EncodeToString(sum[:]) || ref.Size != int64(len(content)) {
				t.Errorf("got %+v", ref)
			}
			r, err := s.Reader(context.Background(), ref.Hash)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err = errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, content) {
				t.Errorf("read %d bytes, want %d (%v)", len(got), len(content), err)
			}
			if again, err := s.Stat(context.Background(), ref.Hash); err != nil || again != ref {
				t.Errorf("Stat: %+v, %v", again, err)
			}
		})
	}
}

func TestReadAtGivesAnyRange(t *testing.T) {
	s := open(t)
	content := text(3*FrameSize + 777)
	ref := put(t, s, content)
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.Int64Range(0, ref.Size+10).Draw(t, "off")
		n := rapid.Int64Range(0, 2*FrameSize).Draw(t, "n")
		got, err := s.ReadAt(context.Background(), ref.Hash, off, n)
		if err != nil {
			t.Fatal(err)
		}
		want := content[min(off, ref.Size):min(off+n, ref.Size)]
		if !bytes.Equal(got, want) {
			t.Fatalf("bytes %d+%d: got %d bytes, want %d", off, n, len(got), len(want))
		}
	})
}

func TestDamageIsNoticed(t *testing.T) {
	s := open(t)
	ref := put(t, s, text(2*FrameSize+99))
	path, err := s.path(ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, bad []byte) {
		t.Helper()
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(context.Background(), ref.Hash); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", what, err)
		}
	}
	for cut := 1; cut < len(whole); cut += max(1, len(whole)/97) {
		try("cut off", whole[:cut])
	}
	try("empty", nil)
	r := rand.New(rand.NewPCG(3, 4))
	for at := range len(whole) { // each byte of the table, a sample of the rest
		if at < len(whole)-40 && r.IntN(len(whole)/300) != 0 {
			continue
		}
		bad := bytes.Clone(whole)
		bad[at] ^= 1 << r.IntN(8)
		try("flipped", bad)
	}
	other := put(t, s, text(2*FrameSize+98))
	otherPath, _ := s.path(other.Hash)
	swapped, err := os.ReadFile(otherPath)
	if err != nil {
		t.Fatal(err)
	}
	try("another file's content", swapped)
	if put(t, s, text(2*FrameSize+99)) != ref || s.Check(context.Background(), ref.Hash) != nil {
		t.Error("storing the content again does not heal it")
	}
}

func TestPutOfTheSameContentAtOnce(t *testing.T) {
	s := open(t)
	content := text(FrameSize + 3)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { put(t, s, content) })
	}
	wg.Wait()
	n := 0
	for hash, err := range s.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(context.Background(), hash); err != nil {
			t.Error(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d files are stored, want 1", n)
	}
	if left, _ := os.ReadDir(s.temp()); len(left) != 0 {
		t.Errorf("%d unfinished files are left", len(left))
	}
}

type broken struct {
	after io.Reader
	err   error
}

var errBroken = errors.New("the line dropped")

func (b broken) Read(p []byte) (int, error) {
	n, err := b.after.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func TestPutKeepsAllOrNothing(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	for _, cause := range []error{errBroken, io.ErrUnexpectedEOF, fmt.Errorf("the form ends too early: %w", io.EOF)} {
		for _, size := range []int{10, FrameSize, FrameSize * 2, FrameSize*2 + 10} {
			if _, err := s.Put(ctx, broken{bytes.NewReader(text(size)), cause}); !errors.Is(err, cause) {
				t.Errorf("an upload that breaks with %v after %d bytes: %v", cause, size, err)
			}
		}
	}
	if _, err := s.PutAtMost(ctx, bytes.NewReader(text(101)), 100); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := s.PutAtMost(ctx, bytes.NewReader(text(100)), 100); err != nil {
		t.Errorf("just small enough: %v", err)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := s.Put(stopped, bytes.NewReader(text(10))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left, _ := os.ReadDir(s.temp()); len(left) != 0 {
		t.Errorf("%d unfinished files are left", len(left))
	}
}

func TestNamesThatAreNoHashAreRefused(t *testing.T) {
	s := open(t)
	for _, name := range []string{"", "..", "../../etc/passwd", string(make([]byte, 64)), hex.EncodeToString(noise(31)), "A" + hex.EncodeToString(noise(32))[1:]} {
		if _, err := s.Reader(context.Background(), name); err == nil {
			t.Errorf("%q was taken for a name", name)
		}
		if err := s.Delete(context.Background(), name); err == nil {
			t.Errorf("%q was deleted", name)
		}
	}
}

func TestDeleteRemoves(t *testing.T) {
	s := open(t)
	ref := put(t, s, text(5))
	for range 2 { // the second time there is nothing to do
		if err := s.Delete(context.Background(), ref.Hash); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Stat(context.Background(), ref.Hash); !errors.Is(err, ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
}

func TestOtherToolsReadIt(t *testing.T) {
	tool, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("NOT TESTED: the zstd command is not installed")
	}
	s := open(t)
	content := text(2*FrameSize + 9)
	path, _ := s.path(put(t, s, content).Hash)
	got, err := exec.Command(tool, "-d", "-c", "-f", filepath.Clean(path)).Output()
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("zstd -d gives %d bytes, want %d (%v)", len(got), len(content), err)
	}
}

func FuzzOpenPacked(f *testing.F) {
	s := open(f)
	for _, content := range [][]byte{nil, text(100), text(FrameSize + 100)} {
		path, _ := s.path(put(f, s, content).Hash)
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	ref := put(f, s, []byte("fuzz"))
	path, _ := s.path(ref.Hash)
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(context.Background(), ref.Hash); err == nil {
			r, _ := s.Reader(context.Background(), ref.Hash)
			if got, _ := io.ReadAll(r); string(got) != "fuzz" {
				t.Errorf("other content passes: %q", got)
			}
		}
	})
}

// BenchmarkPut also reports bytes for each second of processor time, which do not change with what else the
// machine does.
func BenchmarkPut(b *testing.B) {
	s := open(b)
	content := text(64 << 20)
	b.SetBytes(int64(len(content)))
	var began, ended syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &began)
	for b.Loop() {
		put(b, s, content)
	}
	syscall.Getrusage(syscall.RUSAGE_SELF, &ended)
	spent := ended.Utime.Nano() + ended.Stime.Nano() - began.Utime.Nano() - began.Stime.Nano()
	b.ReportMetric(float64(b.N)*float64(len(content))/1e6/(float64(spent)/1e9), "MB/cpu-s")
}

func BenchmarkReader(b *testing.B) {
	s := open(b)
	ref := put(b, s, text(64<<20))
	b.SetBytes(ref.Size)
	for b.Loop() {
		if err := s.Check(context.Background(), ref.Hash); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAtOneRow(b *testing.B) {
	s := open(b)
	ref := put(b, s, text(64<<20))
	off := int64(0)
	for b.Loop() {
		off = (off + 7_654_321) % (ref.Size - 400)
		if _, err := s.ReadAt(context.Background(), ref.Hash, off, 400); err != nil {
			b.Fatal(err)
		}
	}
}
