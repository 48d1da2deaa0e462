package voterfile

import (
	"errors"
	"io"
	"sync"
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
