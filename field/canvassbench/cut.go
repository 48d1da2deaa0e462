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
const imageBytes = 320 << 20

// noLoop says why no file can be mounted here, or nothing.
func noLoop(ctx context.Context, dir string) string {
	if os.Geteuid() != 0 {
		return "only root may mount"
	}
	image := filepath.Join(dir, "probe")
	err := makeImage(ctx, image)
	if err == nil {
		var at string
		if at, err = mount(ctx, image); err == nil {
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

// mount mounts a file at a new folder that every user may pass through.
func mount(ctx context.Context, image string) (string, error) {
	at, err := os.MkdirTemp("", "precinct-cut")
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

// rig is a database on a file system whose power can be cut.
type rig interface {
	make(ctx context.Context, template string) (Crowd, error)                 // once: a site with phones, to copy
	open(ctx context.Context, at string) (c db.Config, files string, _ error) // begins what a copy of it needs
	kill() error                                                              // ends that at once
	close() error                                                             // ends it in good order
	sound(ctx context.Context, c db.Config) error                             // whether a database is whole
}

// embedded is SQLite.
type embedded struct{ o Options }

func (r embedded) make(ctx context.Context, template string) (Crowd, error) {
	return r.o.Make(ctx, db.Config{Dir: template}, template, min(r.o.Phones, cutPhones), r.o.Results)
}

func (r embedded) open(_ context.Context, at string) (db.Config, string, error) {
	return db.Config{Dir: at}, at, nil
}

func (r embedded) kill() error  { return nil } // it is in the server, which is killed
func (r embedded) close() error { return nil }

func (r embedded) sound(ctx context.Context, c db.Config) error { return sound(ctx, c) }

// standing is Postgres: its data and the site's files lie on the same file system, and the server and it lose their power together.
type standing struct {
	*cluster
	o Options
}

const siteDatabase = "site"

func (r standing) make(ctx context.Context, template string) (crowd Crowd, err error) {
	data := filepath.Join(template, "data")
	if err := os.MkdirAll(template, 0o755); err != nil { //nolint:gosec // the user postgres reads it
		return crowd, err
	}
	if err := r.create(ctx, data); err != nil {
		return crowd, err
	}
	if err := r.up(ctx, data, true); err != nil {
		return crowd, err
	}
	defer func() { err = errors.Join(err, r.down()) }()
	admin, err := db.Open(ctx, db.Config{URL: r.url("postgres")})
	if err != nil {
		return crowd, err
	}
	if err := errors.Join(admin.CreateDatabase(ctx, siteDatabase), admin.Close()); err != nil {
		return crowd, err
	}
	return r.o.Make(ctx, db.Config{URL: r.url(siteDatabase)}, filepath.Join(template, "files"), min(r.o.Phones, cutPhones), r.o.Results)
}

func (r standing) open(ctx context.Context, at string) (db.Config, string, error) {
	data := filepath.Join(at, "data")
	if err := os.Remove(filepath.Join(data, "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) { // of the server that was killed; torn, it keeps others out
		return db.Config{}, "", err
	}
	return db.Config{URL: r.url(siteDatabase)}, filepath.Join(at, "files"), r.up(ctx, data, r.o.Careless)
}

func (r standing) close() error { return r.down() }

// sound reads every row of every table: what a cut has torn shows as an error.
func (r standing) sound(ctx context.Context, _ db.Config) error {
	out, err := r.command(ctx, "pg_dump", "-h", r.socket, "-U", "precinct", "-f", "/dev/null", siteDatabase).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the database is damaged: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// cutPhones is how many phones tell while the power is cut, at most: the file system is small.
const cutPhones = 40

// cut runs a server on a file system in a file, lets phones tell, kills the server after some of it was said to be safe, copies the file at once, and
// looks into the copy.
func (o Options) cut(ctx context.Context, r rig, crowd Crowd, template string) (f Figures, err error) {
	image := filepath.Join(o.Dir, "disk")
	defer func() { err = errors.Join(err, os.Remove(image), os.RemoveAll(image+".cut")) }()
	if err := makeImage(ctx, image); err != nil {
		return f, err
	}
	at, err := mount(ctx, image)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, unmount(ctx, at)) }()
	site := filepath.Join(at, "site")
	if err := command(ctx, "cp", "-a", template, site); err != nil { // with owners
		return f, err
	}
	syscall.Sync() // what was there before is no part of the question
	c, files, err := r.open(ctx, site)
	if err != nil {
		return f, err
	}
	s := &server{start: func(addr string) *exec.Cmd { return o.Serve(ctx, c, files, addr) }}
	if err := s.up(ctx); err != nil {
		return f, errors.Join(err, r.kill())
	}
	told := crowd.phones(s.addr)
	all := 0
	for _, p := range told {
		all += len(p.waiting)
	}
	enough := all/8 + rand.IntN(all/2) //nolint:gosec // any moment will do
	var cutting error
	dead := false
	f, err = drive(ctx, told, Way{Requests: 12, Stop: func(safe int) bool {
		if safe >= enough && !dead {
			dead = true
			cutting = errors.Join(r.kill(), s.kill(), copyFile(image, image+".cut"))
		}
		return dead
	}})
	if err := errors.Join(err, cutting); err != nil {
		return f, err
	}
	if !dead {
		return f, errors.Join(errors.New("the phones were done before the power was cut"), r.kill(), s.kill())
	}
	return f, o.after(ctx, r, crowd, image+".cut", told, &f)
}

// after looks for what was lost on the copy of a disk.
func (o Options) after(ctx context.Context, r rig, crowd Crowd, image string, told []*phone, f *Figures) (err error) {
	at, err := mount(ctx, image)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unmount(ctx, at)) }()
	c, _, err := r.open(ctx, filepath.Join(at, "site"))
	if err != nil {
		return fmt.Errorf("%w: the database does not open again: %w", ErrLost, err)
	}
	defer func() { err = errors.Join(err, r.close()) }()
	return errors.Join(compare(ctx, c, crowd, told, f), r.sound(ctx, c))
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
