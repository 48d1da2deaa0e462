package exchange

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/fault"
)

// Keep puts an upload into the blob store, so that the rehearsal and the load, which are two requests, read the same bytes.
// It stops at the limit.
func Keep(ctx context.Context, s *blob.Store, r io.Reader, l Limits) (blob.Ref, error) {
	l = l.orDefault()
	ref, err := s.PutAtMost(ctx, r, l.Bytes)
	if errors.Is(err, blob.ErrTooLarge) {
		return ref, fault.Invalidf("The file has more than %s bytes. Split it.", number(l.Bytes))
	}
	return ref, err
}

// Kept returns a kept file for Open.
func Kept(ctx context.Context, s *blob.Store, ref blob.Ref) io.ReaderAt {
	return &kept{ctx: ctx, store: s, ref: ref, frames: map[int64][]byte{}}
}

// OpenKept opens a file that Keep took in, as Open does. The store knows it by its hash, so it is not read through for that again.
func OpenKept(ctx context.Context, s *blob.Store, ref blob.Ref, name string, l Limits) (*File, error) {
	return open(Kept(ctx, s, ref), ref.Size, name, ref.Hash, Shape{}, l)
}

// keptFrames is how many unpacked frames are held: the readers of zip and CSV files go forward, with a look at the end.
const keptFrames = 4

type kept struct {
	ctx   context.Context
	store *blob.Store
	ref   blob.Ref

	mu     sync.Mutex
	frames map[int64][]byte
	order  []int64
}

// ReadAt reads from the frames at hand, fetching those that are not.
func (k *kept) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= k.ref.Size {
			return n, io.EOF
		}
		frame, err := k.frame(at / blob.FrameSize)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], frame[at%blob.FrameSize:])
	}
	return n, nil
}

func (k *kept) frame(i int64) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f, ok := k.frames[i]; ok {
		return f, nil
	}
	from := i * blob.FrameSize
	f, err := k.store.ReadAt(k.ctx, k.ref.Hash, from, min(blob.FrameSize, k.ref.Size-from))
	if err != nil {
		return nil, err
	}
	if len(k.order) == keptFrames {
		delete(k.frames, k.order[0])
		k.order = k.order[1:]
	}
	k.frames[i] = f
	k.order = append(k.order, i)
	return f, nil
}
