package xlsx

import (
	"errors"
	"io"
)

const blockSize = 1 << 17

// feed unpacks ahead of its reader, on another processor where there is one.
type feed struct {
	blocks chan block
	free   chan []byte
	stop   chan struct{}
	ended  bool
	err    error
}

type block struct {
	bytes []byte
	err   error
}

func newFeed(r io.ReadCloser) *feed {
	f := &feed{blocks: make(chan block, 4), free: make(chan []byte, 6), stop: make(chan struct{})}
	go func() {
		defer close(f.blocks)
		for {
			var b []byte
			select {
			case b = <-f.free:
			default:
				b = make([]byte, blockSize)
			}
			n, err := io.ReadFull(r, b)
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			if errors.Is(err, io.EOF) {
				if e := r.Close(); e != nil {
					err = e
				}
			}
			select {
			case f.blocks <- block{b[:n], err}:
			case <-f.stop:
				_ = r.Close()
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return f
}

// next returns the next block; it is empty only at the end.
func (f *feed) next() ([]byte, error) {
	if f.ended {
		return nil, f.err
	}
	b, ok := <-f.blocks
	if !ok {
		b.err = io.EOF
	}
	if b.err != nil {
		f.ended, f.err = true, b.err
	}
	if b.err != nil && !errors.Is(b.err, io.EOF) {
		return nil, b.err
	}
	return b.bytes, nil
}

// again gives a block back that is no longer looked at.
func (f *feed) again(b []byte) {
	select {
	case f.free <- b[:cap(b)]:
	default:
	}
}

func (f *feed) close() {
	select {
	case <-f.stop:
	default:
		close(f.stop)
	}
}
