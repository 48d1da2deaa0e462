package db_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
)

// The power-cut test. A server in a process of its own writes to an ext4 file system inside a file, and says
// on its standard output what it has acknowledged. It is killed at a random moment, and the file is copied at
// once: what was never flushed is not in the copy, as it would not be on a disk after a power cut. The copy is
// mounted and opened, and everything acknowledged must be there. The same with Lax must lose something, or
// the test could not see a loss. Killing alone proves nothing: the kernel keeps what a dead process wrote.

const (
	serveDir   = "PRECINCT_POWERCUT_DIR"
	serveLevel = "PRECINCT_POWERCUT_LEVEL"
	serveAlone = "PRECINCT_POWERCUT_ALONE" // one writer only, so that system calls come in order
	noLoop     = "PRECINCT_NO_LOOP"        // take the way for machines without a loop device
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveDir); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve writes doors with ledger entries, and now and then a stored file, until it is killed; 20 doors when alone.
func serve(dir string) error {
	ctx := context.Background()
	c := db.Config{Dir: dir}
	if os.Getenv(serveLevel) == "lax" {
		c.Durability = db.Lax
	}
	d, err := db.Open(ctx, c)
	if err != nil {
		return err
	}
	if _, err := d.Migrate(ctx, line, ledger.Schema()); err != nil {
		return err
	}
	files, err := blob.Open(dir)
	if err != nil {
		return err
	}
	write := func(worker, n int) error {
		if n%8 == 7 {
			ref, err := files.Put(ctx, strings.NewReader(fmt.Sprint("file ", worker, " ", n)))
			if err != nil {
				return err
			}
			if _, err := fmt.Printf("blob %s\n", ref.Hash); err != nil {
				return err
			}
		}
		err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := insertDoor(ctx, tx, fmt.Sprint(worker), n); err != nil {
				return err
			}
			_, err := ledger.Append(ctx, tx, ledger.Who{Via: "command"}, ledger.Entry{Kind: "test.door.add", Object: fmt.Sprintf("door/%d/%d", worker, n)})
			return err
		})
		if err == nil {
			_, err = fmt.Printf("ack %d %d\n", worker, n)
		}
		return err
	}
	if os.Getenv(serveAlone) != "" {
		for n := range 20 {
			if err := write(0, n); err != nil {
				return err
			}
		}
		return d.Close()
	}
	failed := make(chan error)
	for worker := range 8 {
		go func() {
			for n := 0; ; n++ {
				if err := write(worker, n); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

func server(dir, level string, more ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(more, serveDir+"="+dir, serveLevel+"="+level)...)
	return cmd
}

func TestPowerCut(t *testing.T) {
	full, lax := 8, 3
	if testing.Short() {
		full, lax = 2, 1
	}
	if why := noLoopDevice(t); why != "" {
		t.Logf("NO POWER CUT: %s; looking at the order of flushes and answers instead", why)
		flushOrder(t)
		return
	}
	acked := 0
	for range full {
		a, lost := powerCut(t, "full")
		acked += a
		if lost > 0 {
			t.Errorf("%d of %d acknowledged writes were lost", lost, a)
		}
	}
	t.Logf("full: %d power cuts, %d acknowledged writes, 0 lost", full, acked)
	lostAll, ackedAll := 0, 0
	for range lax {
		a, lost := powerCut(t, "lax")
		ackedAll, lostAll = ackedAll+a, lostAll+lost
	}
	t.Logf("lax: %d power cuts, %d acknowledged writes, %d lost", lax, ackedAll, lostAll)
	if lostAll == 0 {
		t.Error("without flushes nothing was lost: this test cannot see a loss")
	}
}

// noLoopDevice says why no file can be mounted here, or nothing.
func noLoopDevice(t *testing.T) string {
	if os.Getenv(noLoop) != "" {
		return noLoop + " is set"
	}
	if os.Geteuid() != 0 {
		return "only root may mount"
	}
	image := makeImage(t)
	mount, err := tryMount(t, image)
	if err != nil {
		return err.Error()
	}
	unmount(t, mount)
	return ""
}

func makeImage(t *testing.T) string {
	image := filepath.Join(t.TempDir(), "disk")
	f, err := os.Create(image)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(48<<20), f.Close()); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", image).CombinedOutput(); err != nil {
		t.Logf("mkfs.ext4: %v %s", err, out)
	}
	return image
}

func tryMount(t *testing.T, image string) (string, error) {
	dir := filepath.Join(t.TempDir(), "mount")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-o", "loop", "-t", "ext4", image, dir).CombinedOutput(); err != nil {
		return "", fmt.Errorf("mounting a file: %w: %s", err, bytes.TrimSpace(out))
	}
	return dir, nil
}

func mountImage(t *testing.T, image string) string {
	t.Helper()
	dir, err := tryMount(t, image)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func unmount(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command("umount", "-d", dir).CombinedOutput(); err != nil {
		t.Errorf("umount: %v %s", err, out)
	}
}

// powerCut runs one trial and returns how many writes were acknowledged and how many of them are gone.
func powerCut(t *testing.T, level string) (acked, lost int) {
	t.Helper()
	image := makeImage(t)
	mount := mountImage(t, image)
	defer unmount(t, mount)
	cut := filepath.Join(t.TempDir(), "cut")
	promised := killAndCopy(t, mount, level, image, cut)

	after := mountImage(t, cut)
	defer unmount(t, after)
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Dir: filepath.Join(after, "site")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Migrate(ctx, line, ledger.Schema()); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	type key struct {
		Street string `db:"street"`
		Number int    `db:"number"`
	}
	doors, err := db.All[key](ctx, d, `SELECT street, number FROM door`)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range doors {
		there[fmt.Sprintf("ack %s %d", k.Street, k.Number)] = true
	}
	files, err := blob.Open(filepath.Join(after, "site"))
	if err != nil {
		t.Fatal(err)
	}
	for p := range promised {
		if hash, ok := strings.CutPrefix(p, "blob "); ok {
			if err := files.Check(ctx, hash); err != nil {
				t.Errorf("%s: a stored file was lost: %v", level, err)
			}
		} else if !there[p] {
			lost++
		}
	}
	report, err := ledger.Verify(ctx, d, ledger.Options{})
	if err != nil || !report.OK() || report.Entries != int64(len(doors)) {
		t.Errorf("%s: the ledger has %d entries for %d doors; %v %v", level, report.Entries, len(doors), report.Findings, err)
	}
	if sound, err := db.One[string](ctx, d, `PRAGMA integrity_check`); err != nil || sound != "ok" {
		t.Errorf("%s: the database is damaged: %s %v", level, sound, err)
	}
	return len(promised), lost
}

// killAndCopy runs a server, kills it after a random number of acknowledgements, copies the disk and returns
// all that was acknowledged.
func killAndCopy(t *testing.T, mount, level, image, cut string) map[string]bool {
	t.Helper()
	cmd := server(filepath.Join(mount, "site"), level)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killAfter := 30 + rand.IntN(300)
	promised := map[string]bool{}
	lines := bufio.NewScanner(out)
	var once sync.Once
	for lines.Scan() {
		promised[lines.Text()] = true
		if len(promised) >= killAfter {
			once.Do(func() {
				err := cmd.Process.Kill()
				if _, dead := cmd.Process.Wait(); err != nil || dead != nil { // it must be dead before the copy begins
					t.Error(err, dead)
				}
				copyFile(t, image, cut)
			})
		}
	}
	_ = cmd.Wait() // for its other pipe; that it was killed is known
	if len(promised) < killAfter {
		t.Fatalf("the server ended by itself: %s", problems.String())
	}
	return promised
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// flushOrder looks at the system calls of a server: with Full every answer comes after a flush of the log
// it was written to, with Lax some do not.
func flushOrder(t *testing.T) {
	tool, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("NOT TESTED: neither a loop device nor strace is here, so nothing shows that acknowledged writes are on disk")
	}
	for level, wantEarly := range map[string]bool{"full": false, "lax": true} {
		trace := filepath.Join(t.TempDir(), "trace")
		cmd := server(filepath.Join(t.TempDir(), "site"), level, serveAlone+"=1")
		cmd.Args = append([]string{tool, "-f", "-y", "-e", "trace=write,pwrite64,fdatasync,fsync", "-o", trace}, cmd.Args...)
		cmd.Path = tool
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("NOT TESTED: strace cannot look here: %v %s", err, out)
		}
		text, err := os.ReadFile(trace)
		if err != nil {
			t.Fatal(err)
		}
		early, answers := answersBeforeFlush(string(text))
		if answers != 20 {
			t.Fatalf("%s: %d answers in the trace, want 20", level, answers)
		}
		if (early > 0) != wantEarly {
			t.Errorf("%s: %d of %d answers came before the flush", level, early, answers)
		}
		t.Logf("%s: %d of %d answers came before the flush", level, early, answers)
	}
}

var (
	logWritten = regexp.MustCompile(`pwrite64\(\d+<[^>]*-wal>`)
	logFlushed = regexp.MustCompile(`(fdatasync|fsync)\(\d+<[^>]*-wal>\)?\s*(=|<unfinished)`)
)

func answersBeforeFlush(trace string) (early, answers int) {
	flushed := true
	for l := range strings.Lines(trace) {
		switch {
		case logWritten.MatchString(l):
			flushed = false
		case logFlushed.MatchString(l):
			flushed = true
		case strings.Contains(l, `"ack `):
			answers++
			if !flushed {
				early++
			}
		}
	}
	return early, answers
}
