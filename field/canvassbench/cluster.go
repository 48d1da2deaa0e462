package canvassbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// cluster is a Postgres server of our own, whose power can be cut with everything it has. It runs as the user postgres: it refuses root.
type cluster struct {
	bin    string
	socket string // a folder with a short name: sockets have no long ones
	who    *syscall.Credential
	cmd    *exec.Cmd
	ended  chan error
	log    bytes.Buffer
}

// newCluster says in why what is missing here for one.
func newCluster() (c *cluster, why string, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return nil, "Postgres is not installed", err
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, "there is no user postgres", nil //nolint:nilerr // it is said why
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return nil, "", err
	}
	c = &cluster{bin: filepath.Dir(found[len(found)-1]), who: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	if c.socket, err = os.MkdirTemp("", "cut"); err != nil {
		return nil, "", err
	}
	return c, "", errors.Join(os.Chown(c.socket, int(uid), int(gid)), os.Chmod(c.socket, 0o711)) //nolint:gosec // others connect through it
}

func (c *cluster) gone() error { return os.RemoveAll(c.socket) }

// create makes an empty cluster in data.
func (c *cluster) create(ctx context.Context, data string) error {
	if err := errors.Join(os.MkdirAll(data, 0o700), os.Chown(data, int(c.who.Uid), int(c.who.Gid))); err != nil {
		return err
	}
	cmd := c.command(ctx, "initdb", "-D", data, "-A", "trust", "-U", "precinct", "-E", "UTF8", "--locale=C.UTF-8", "--wal-segsize=1", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (c *cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...) //nolint:gosec // the names are ours
	cmd.Dir = c.socket
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.who}
	return cmd
}

// url is where its database is found.
func (c *cluster) url(name string) string {
	return "postgres://precinct@/" + name + "?host=" + c.socket
}

// up starts it on data. With careless it flushes nothing, as a server that is set up wrongly.
func (c *cluster) up(ctx context.Context, data string, careless bool) error {
	settings := []string{"-D", data, "-k", c.socket, "-c", "listen_addresses=", "-c", "max_wal_size=48MB", "-c", "min_wal_size=8MB"}
	if careless {
		settings = append(settings, "-c", "fsync=off")
	}
	c.cmd, c.ended = c.command(ctx, "postgres", settings...), make(chan error, 1)
	c.log.Reset()
	c.cmd.Stderr = &c.log
	if err := c.cmd.Start(); err != nil {
		return fmt.Errorf("starting Postgres: %w", err)
	}
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(c.cmd, c.ended)
	var last error
	for range 600 {
		d, err := db.Open(ctx, db.Config{URL: c.url("postgres")})
		if err == nil {
			return d.Close()
		}
		last = err
		select {
		case err := <-c.ended:
			c.ended <- err
			return fmt.Errorf("the Postgres of the cuts ended by itself: %w: %s", err, c.log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.Join(fmt.Errorf("the Postgres of the cuts does not answer: %w: %s", last, c.log.String()), c.kill())
}

// kill ends the server and every process it began at once: first it is stopped, so that it begins no more.
func (c *cluster) kill() error {
	pid := c.cmd.Process.Pid
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	children, err := childrenOf(pid)
	for _, child := range children {
		if k := syscall.Kill(child, syscall.SIGKILL); k != nil && !errors.Is(k, syscall.ESRCH) {
			err = errors.Join(err, k)
		}
	}
	err = errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
	<-c.ended //nolint:errcheck // that it ended is what was waited for
	return err
}

// down lets it end by itself.
func (c *cluster) down() error {
	if err := c.cmd.Process.Signal(interrupt); err != nil {
		return err
	}
	return <-c.ended
}

// childrenOf returns the processes that a process began.
func childrenOf(pid int) ([]int, error) {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var children []int
	for _, e := range all {
		n, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil { // it ended meanwhile
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ") // the name before may hold anything
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			children = append(children, n)
		}
	}
	return children, nil
}
