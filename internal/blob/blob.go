// Package blob stores files by the SHA-256 of their content, once each, and reads any range of them.
//
// A blob is a zstd file in the seekable format of Zstandard's contrib/seekable_format: independent frames of
// FrameSize bytes of content and a table of their sizes at the end, so `zstd -d` can read it without us. Put
// answers when the blob is on stable storage under its final name; a crash before that leaves only a file in
// the temporary folder. Damage is noticed when it is read: each frame carries its own checksum, and Reader
// compares the whole with its name besides.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// FrameSize is the number of bytes of content in each frame but the last, and so about what a ReadAt unpacks.
const FrameSize = 1 << 20

// MaxSize is the largest content that Put takes, in bytes. The largest state's voter file with all its
// history is about a tenth of it.
const MaxSize = 256 << 30

var (
	// ErrNone means that there is no blob with this hash.
	ErrNone = errors.New("no such file is stored")
	// ErrTooLarge means that the content is larger than the limit given.
	ErrTooLarge = errors.New("the file is larger than is allowed here")
	// ErrDamaged means that what is on disk is not what was stored.
	ErrDamaged = errors.New("a stored file is damaged")
)

// Ref names a stored file.
type Ref struct {
	Hash string // SHA-256 of the content, 64 lower-case hexadecimal digits
	Size int64  // bytes of content
}

// Store is a folder of blobs. Several programs may use the same folder at once.
type Store struct{ dir string }

// Open opens the folder blob inside dir, making it when it is not there.
func Open(dir string) (*Store, error) {
	s := &Store{dir: filepath.Join(dir, "blob")}
	if err := os.MkdirAll(s.temp(), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for stored files: %w", err)
	}
	if err := errors.Join(syncFolder(dir), syncFolder(s.dir)); err != nil {
		return nil, err
	}
	return s, s.sweep()
}

func (s *Store) temp() string { return filepath.Join(s.dir, "tmp") }

// sweep removes what crashes left behind. A day is longer than any Put of another program takes.
func (s *Store) sweep() error {
	old, err := os.ReadDir(s.temp())
	if err != nil {
		return fmt.Errorf("looking for unfinished files: %w", err)
	}
	for _, f := range old {
		info, err := f.Info()
		if err != nil || time.Since(info.ModTime()) < 24*time.Hour {
			continue
		}
		if err := os.Remove(filepath.Join(s.temp(), f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing an unfinished file: %w", err)
		}
	}
	return nil
}

// path returns where the blob called hash is. Anything but a hash is refused: it becomes a file name.
func (s *Store) path(hash string) (string, error) {
	if len(hash) != 2*sha256.Size || strings.Trim(hash, "0123456789abcdef") != "" {
		return "", fmt.Errorf("%q is not the name of a stored file", hash)
	}
	return filepath.Join(s.dir, hash[:2], hash), nil
}

// Put stores the content of r and returns its name. Storing the same content again changes nothing.
func (s *Store) Put(ctx context.Context, r io.Reader) (Ref, error) {
	return s.PutAtMost(ctx, r, MaxSize)
}

// PutAtMost is Put with a limit: ErrTooLarge when r has more than most bytes, and then nothing is kept.
func (s *Store) PutAtMost(ctx context.Context, r io.Reader, most int64) (ref Ref, err error) {
	f, err := os.CreateTemp(s.temp(), "put")
	if err != nil {
		return Ref{}, fmt.Errorf("storing a file: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("storing a file: %w", errors.Join(err, f.Close(), os.Remove(f.Name())))
		}
	}()
	if ref, err = pack(ctx, f, r, most); err != nil {
		return Ref{}, err
	}
	if err = f.Sync(); err != nil {
		return Ref{}, err
	}
	path, err := s.path(ref.Hash)
	if err != nil {
		return Ref{}, err
	}
	if err = s.makeFolder(filepath.Dir(path)); err != nil {
		return Ref{}, err
	}
	// The new file takes the place of one already there: the same bytes, and if that one is damaged it is healed.
	if err = os.Rename(f.Name(), path); err != nil {
		return Ref{}, err
	}
	return ref, errors.Join(syncFolder(filepath.Dir(path)), f.Close())
}

func (s *Store) makeFolder(dir string) error {
	switch err := os.Mkdir(dir, 0o700); {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return syncFolder(s.dir)
}

// syncFolder puts a folder's list of names on stable storage.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// open opens a blob and reads its table.
func (s *Store) open(hash string) (*packed, error) {
	path, err := s.path(hash)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", hash, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("opening stored file %s: %w", hash, err)
	}
	p, err := openPacked(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", hash, err), f.Close())
	}
	return p, nil
}

// Stat returns the size of a stored file, or ErrNone.
func (s *Store) Stat(_ context.Context, hash string) (Ref, error) {
	p, err := s.open(hash)
	if err != nil {
		return Ref{}, err
	}
	return Ref{Hash: hash, Size: p.size()}, p.close()
}

// Reader returns the content from its beginning. A read that reaches the end has compared all of it with the
// hash: ErrDamaged takes the place of io.EOF when it differs.
func (s *Store) Reader(ctx context.Context, hash string) (io.ReadCloser, error) {
	p, err := s.open(hash)
	if err != nil {
		return nil, err
	}
	return &reader{ctx: ctx, p: p, want: hash, sum: sha256.New()}, nil
}

// ReadAt returns up to n bytes of content from byte off on; fewer at the end, none beyond it. It reads only
// the frames that hold them.
func (s *Store) ReadAt(ctx context.Context, hash string, off, n int64) ([]byte, error) {
	if off < 0 || n < 0 {
		return nil, fmt.Errorf("reading stored file %s: bytes %d+%d: neither may be negative", hash, off, n)
	}
	p, err := s.open(hash)
	if err != nil {
		return nil, err
	}
	out, err := p.readAt(ctx, off, n)
	if err != nil {
		err = fmt.Errorf("reading stored file %s: %w", hash, err)
	}
	return out, errors.Join(err, p.close())
}

// Check reads a whole blob and returns ErrDamaged when it is not what was stored.
func (s *Store) Check(ctx context.Context, hash string) error {
	r, err := s.Reader(ctx, hash)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	return errors.Join(err, r.Close())
}

// Delete removes a blob; one that is not there is no error. Readers that have it open read on.
func (s *Store) Delete(_ context.Context, hash string) error {
	path, err := s.path(hash)
	if err != nil {
		return err
	}
	switch err := os.Remove(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("deleting stored file %s: %w", hash, err)
	}
	return syncFolder(filepath.Dir(path))
}

// DeleteOlder removes a blob that was last stored before t, and reports whether it did. One that is stored again at the same moment stays.
func (s *Store) DeleteOlder(_ context.Context, hash string, t time.Time) (deleted bool, err error) {
	path, err := s.path(hash)
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("deleting stored file %s: %w", hash, err)
		}
	}()
	if info, err := os.Stat(path); err != nil || !info.ModTime().Before(t) {
		return false, ignoreNone(err)
	}
	aside := filepath.Join(s.temp(), "delete-"+hash) // what is there is looked at again where nobody can replace it
	if err := os.Rename(path, aside); err != nil {
		return false, ignoreNone(err)
	}
	info, err := os.Stat(aside)
	if err != nil {
		return false, err
	}
	if !info.ModTime().Before(t) {
		return false, errors.Join(os.Rename(aside, path), syncFolder(filepath.Dir(path)))
	}
	return true, errors.Join(os.Remove(aside), syncFolder(filepath.Dir(path)))
}

func ignoreNone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Stored returns when a blob was last stored, and how many bytes it takes on disk.
func (s *Store) Stored(hash string) (at time.Time, bytes int64, err error) {
	path, err := s.path(hash)
	if err != nil {
		return time.Time{}, 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("looking at stored file %s: %w", hash, err)
	}
	return info.ModTime(), info.Size(), nil
}

// All yields the hash of every blob, in order, for those who look for damage or for blobs that nothing names.
func (s *Store) All(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		shards, err := os.ReadDir(s.dir)
		if err != nil {
			yield("", fmt.Errorf("listing stored files: %w", err))
			return
		}
		for _, shard := range shards {
			files, err := os.ReadDir(filepath.Join(s.dir, shard.Name()))
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield("", fmt.Errorf("listing stored files: %w", err))
				return
			}
			for _, f := range files {
				if _, err := s.path(f.Name()); err != nil {
					continue // an unfinished file
				}
				if !yield(f.Name(), nil) {
					return
				}
			}
		}
	}
}

// reader reads a blob frame by frame.
type reader struct {
	ctx  context.Context //nolint:containedctx // io.Reader has no place for it
	p    *packed
	want string
	sum  hash.Hash
	next int    // the frame to unpack next
	buf  []byte // the frame unpacked last
	rest []byte // what of it has not been read
}

// Read implements io.Reader.
func (r *reader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		if r.next == len(r.p.frames) {
			if got := hex.EncodeToString(r.sum.Sum(nil)); got != r.want {
				return 0, fmt.Errorf("%s: %w: its content has the hash %s", r.want, ErrDamaged, got)
			}
			return 0, io.EOF
		}
		var err error
		if r.buf, err = r.p.unpack(r.next, r.buf[:0]); err != nil {
			return 0, fmt.Errorf("%s: %w", r.want, err)
		}
		r.sum.Write(r.buf)
		r.rest = r.buf
		r.next++
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (r *reader) Close() error { return r.p.close() }
