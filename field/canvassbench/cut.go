package canvassbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/openprecinct/precinct/internal/db"
)

const interrupt = syscall.SIGINT

// imageBytes is how large the file system of a power cut is.
const imageBytes = 160 << 20

// noLoop says why no file can be mounted here, or nothing.
func noLoop(ctx context.Context, dir string) string {
	if os.Geteuid() != 0 {
		return "only root may mount"
	}
	image := filepath.Join(dir, "probe")
	err := makeImage(ctx, image)
	if err == nil {
		var at string
		if at, err = mount(ctx, dir, image); err == nil {
			err = unmount(ctx, at)
		}
	}
	err = errors.Join(err, os.Remove(image))
	if err != nil {
		return err.Error()
	}
	return ""
}

func makeImage(ctx context.Context, image string) error {
	f, err := os.Create(image)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(imageBytes), f.Close()); err != nil {
		return err
	}
	return command(ctx, "mkfs.ext4", "-q", "-F", image)
}

func mount(ctx context.Context, dir, image string) (string, error) {
	at, err := os.MkdirTemp(dir, "mount")
	if err != nil {
		return "", err
	}
	return at, command(ctx, "mount", "-o", "loop", "-t", "ext4", image, at)
}

func unmount(ctx context.Context, at string) error {
	return errors.Join(command(ctx, "umount", "-d", at), os.Remove(at))
}

func command(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil { //nolint:gosec // the names are ours
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

// cut runs a server on a file system in a file, lets phones tell, kills the server after some of it was said to be safe, copies the file at once, and
// looks into the copy.
func (o Options) cut(ctx context.Context, crowd Crowd, template string) (f Figures, err error) {
	image := filepath.Join(o.Dir, "disk")
	defer func() { err = errors.Join(err, os.Remove(image), os.Remove(image+".cut")) }()
	if err := makeImage(ctx, image); err != nil {
		return f, err
	}
	at, err := mount(ctx, o.Dir, image)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, unmount(ctx, at)) }()
	site := filepath.Join(at, "site")
	if err := os.CopyFS(site, os.DirFS(template)); err != nil {
		return f, err
	}
	syscall.Sync() // what was there before is no part of the question
	s := &server{start: func(addr string) *exec.Cmd { return o.Serve(ctx, db.Config{Dir: site}, site, addr) }}
	if err := s.up(ctx); err != nil {
		return f, err
	}
	told := crowd.phones(s.addr)
	enough := 50 + rand.IntN(30*len(crowd.Members)) //nolint:gosec // any moment will do
	var cutting error
	dead := false
	f, err = drive(ctx, told, Way{Requests: 12, Stop: func(safe int) bool {
		if safe >= enough && !dead {
			dead = true
			cutting = errors.Join(s.kill(), copyFile(image, image+".cut"))
		}
		return dead
	}})
	if err := errors.Join(err, cutting); err != nil {
		return f, err
	}
	if !dead {
		return f, errors.Join(errors.New("the phones were done before the power was cut"), s.kill())
	}
	after, err := mount(ctx, o.Dir, image+".cut")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, unmount(ctx, after)) }()
	c := db.Config{Dir: filepath.Join(after, "site")}
	return f, errors.Join(compare(ctx, c, crowd, told, &f), sound(ctx, c))
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, in.Close(), out.Close())
}
