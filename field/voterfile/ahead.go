package voterfile

import (
	"errors"
	"io"
	"iter"
	"sync"
	"sync/atomic"
)

// readAhead reads and unpacks a stored file in a goroutine of its own, a few blocks before they are asked for.
type readAhead struct {
	in    io.ReadCloser
	full  chan block
	empty chan []byte
	quit  chan struct{}
	wait  sync.WaitGroup
	now   block
	at    int
}

type block struct {
	b   []byte
	err error
}

const (
	aheadBlocks = 4
	aheadBytes  = 256 << 10
)

func newReadAhead(in io.ReadCloser) *readAhead {
	r := &readAhead{in: in, full: make(chan block, aheadBlocks), empty: make(chan []byte, aheadBlocks+1), quit: make(chan struct{})}
	for range aheadBlocks {
		r.empty <- make([]byte, aheadBytes)
	}
	r.wait.Go(r.run)
	return r
}

func (r *readAhead) run() {
	for {
		var b []byte
		select {
		case b = <-r.empty:
		case <-r.quit:
			return
		}
		n, err := io.ReadFull(r.in, b[:aheadBytes])
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		select {
		case r.full <- block{b[:n], err}:
		case <-r.quit:
			return
		}
		if err != nil {
			return
		}
	}
}

// Read implements io.Reader.
func (r *readAhead) Read(p []byte) (int, error) {
	for r.at == len(r.now.b) {
		if r.now.err != nil {
			return 0, r.now.err
		}
		if r.now.b != nil {
			r.empty <- r.now.b
		}
		r.now, r.at = <-r.full, 0
	}
	n := copy(p, r.now.b[r.at:])
	r.at += n
	return n, nil
}

// Close ends the reading ahead and closes the file.
func (r *readAhead) Close() error {
	close(r.quit)
	r.wait.Wait()
	return r.in.Close()
}

// writeBehind writes in a goroutine of its own what it is given, a few blocks later. Close says whether all of it was written.
type writeBehind struct {
	full  chan []byte
	empty chan []byte
	wait  sync.WaitGroup
	err   error // of the goroutine; to be read when it has ended
}

const behindBlocks = 3

func newWriteBehind(out io.Writer) *writeBehind {
	w := &writeBehind{full: make(chan []byte, behindBlocks), empty: make(chan []byte, behindBlocks)}
	for range behindBlocks {
		w.empty <- nil
	}
	w.wait.Go(func() {
		for b := range w.full {
			if w.err == nil {
				_, w.err = out.Write(b)
			}
			w.empty <- b[:0]
		}
	})
	return w
}

// Write implements io.Writer. It never fails: Close does.
func (w *writeBehind) Write(p []byte) (int, error) {
	w.full <- append(<-w.empty, p...)
	return len(p), nil
}

// Close waits until everything is written.
func (w *writeBehind) Close() error {
	close(w.full)
	w.wait.Wait()
	return w.err
}

// How far rows are made ahead of their being inserted: blocks of so many values, and so many of them.
const (
	aheadValues = 2000
	aheadRows   = 4
)

// rowsAhead yields rows of width values that a goroutine of its own makes, a little ahead of the reader: records are decoded on one
// processor while the database inserts on the other. The goroutine has ended when the sequence has, and what it did is seen by the reader.
func rowsAhead(width int, rows iter.Seq[[]any]) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		full := make(chan []any, aheadRows)
		empty := make(chan []any, aheadRows+2) // room for every block there is
		var quit atomic.Bool
		go makeRows(width, rows, full, empty, &quit)
		defer func() {
			quit.Store(true)
			for range full { //nolint:revive // until the goroutine has ended
			}
		}()
		for block := range full {
			for at := 0; at < len(block); at += width {
				if !yield(block[at : at+width]) {
					return
				}
			}
			empty <- block[:0]
		}
	}
}

func makeRows(width int, rows iter.Seq[[]any], full chan<- []any, empty <-chan []any, quit *atomic.Bool) {
	defer close(full)
	size := max(1, aheadValues/width) * width
	var block []any
	for row := range rows {
		if block == nil {
			select {
			case block = <-empty:
			default:
				block = make([]any, 0, size)
			}
		}
		block = append(block, row...)
		if len(block) < size {
			continue
		}
		full <- block // whoever stops reading takes what is left
		if block = nil; quit.Load() {
			return
		}
	}
	if block != nil {
		full <- block
	}
}
