// Package extsort puts more records in order than fit into memory: it sorts runs, keeps them in temporary files and merges them.
//
// A record is a short key and a body, both bytes. Records come back in the byte order of their keys; records with the same key come
// back one after the other in no particular order. Memory is bounded by the size given, however many records there are.
package extsort

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// MaxKey is the longest key taken, in bytes.
const MaxKey = 255

const (
	entryBytes  = 16 // what each record costs in memory besides its bytes
	mergeBuffer = 64 << 10

	// Records lie in blocks, so that a run grows without being copied. A record that is longer has a block of its own.
	blockBits  = 18
	blockBytes = 1 << blockBits
)

// Sorter takes records in any order. It is not safe for use by several goroutines.
type Sorter struct {
	dir     string
	name    string
	limit   int // bytes of memory for one run
	blocks  [][]byte
	spare   [][]byte // blocks of the run before
	used    int      // bytes in blocks
	entries []entry
	runs    []string
	records int64
}

// entry points at one record: its block and its place there. The first eight bytes of the key settle nearly every comparison.
type entry struct {
	prefix    uint64
	block, at uint32
}

// New returns a sorter whose runs are files named after name in the folder dir, and which holds at most limit bytes of records.
func New(dir, name string, limit int) *Sorter { return &Sorter{dir: dir, name: name, limit: limit} }

// Records returns how many records were added.
func (s *Sorter) Records() int64 { return s.records }

// Add takes one record. key and body are copied.
func (s *Sorter) Add(key, body []byte) error {
	if len(key) > MaxKey {
		return fmt.Errorf("sorting: a key of %d bytes is longer than %d", len(key), MaxKey)
	}
	need := 1 + len(key) + binary.MaxVarintLen32 + len(body)
	if len(s.entries) > 0 && s.used+need+(len(s.entries)+1)*entryBytes > s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	last := len(s.blocks) - 1
	if last < 0 || cap(s.blocks[last])-len(s.blocks[last]) < need {
		s.blocks = append(s.blocks, s.block(need))
		last++
	}
	b := s.blocks[last]
	s.entries = append(s.entries, entry{prefix: prefixOf(key), block: uint32(last), at: uint32(len(b))})
	b = append(b, byte(len(key)))
	b = append(b, key...)
	b = binary.AppendUvarint(b, uint64(len(body)))
	s.blocks[last] = append(b, body...)
	s.used += len(s.blocks[last]) - int(s.entries[len(s.entries)-1].at)
	s.records++
	return nil
}

// block returns an empty block with room for need bytes.
func (s *Sorter) block(need int) []byte {
	if n := len(s.spare); n > 0 && need <= blockBytes {
		b := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return b
	}
	return make([]byte, 0, max(need, min(blockBytes, s.limit)))
}

func prefixOf(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var p [8]byte
	copy(p[:], key)
	return binary.BigEndian.Uint64(p[:])
}

func (s *Sorter) keyOf(e entry) []byte {
	b := s.blocks[e.block][e.at:]
	return b[1 : 1+int(b[0])]
}

func (s *Sorter) sort() {
	slices.SortFunc(s.entries, func(a, b entry) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		return bytes.Compare(s.keyOf(a), s.keyOf(b))
	})
}

// spill sorts what is in memory and writes it as one run.
func (s *Sorter) spill() error {
	s.sort()
	path := filepath.Join(s.dir, fmt.Sprintf("%s-%05d.run", s.name, len(s.runs)))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing a sorted run: %w", err)
	}
	s.runs = append(s.runs, path)
	w := bufio.NewWriterSize(f, 256<<10)
	for _, e := range s.entries {
		_, _ = w.Write(s.record(e)) // the writer remembers its first error
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("writing a sorted run: %w", err)
	}
	for _, b := range s.blocks {
		if cap(b) == blockBytes {
			s.spare = append(s.spare, b[:0])
		}
	}
	s.blocks, s.entries, s.used = s.blocks[:0], s.entries[:0], 0
	return nil
}

func (s *Sorter) record(e entry) []byte {
	b := s.blocks[e.block][e.at:]
	key := 1 + int(b[0])
	size, n := binary.Uvarint(b[key:])
	return b[:key+n+int(size)]
}

// Merge ends the adding and returns the records of all sorters together, in order. The sorters must not be used after it; closing
// the merger removes their runs.
func Merge(sorters ...*Sorter) (*Merger, error) {
	m := &Merger{}
	var runs []*run
	for _, s := range sorters {
		for _, path := range s.runs {
			m.paths = append(m.paths, path)
			f, err := os.Open(path)
			if err != nil {
				return nil, errors.Join(fmt.Errorf("reading a sorted run: %w", err), m.Close())
			}
			m.files = append(m.files, f)
			runs = append(runs, &run{in: bufio.NewReaderSize(f, mergeBuffer)})
		}
		if len(s.entries) > 0 { // the last run need not touch the disk
			s.sort()
			runs = append(runs, &run{entries: s.entries, sorter: s})
		}
	}
	if err := m.start(runs); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// Discard removes the runs of a sorter that will not be merged.
func (s *Sorter) Discard() error {
	var all error
	for _, path := range s.runs {
		all = errors.Join(all, os.Remove(path))
	}
	s.runs = nil
	return all
}

// run is one sorted run, in a file or in memory.
type run struct {
	in      *bufio.Reader
	entries []entry
	sorter  *Sorter

	prefix    uint64
	key, body []byte
	buf       []byte
}

// next reads the run's next record; io.EOF ends it.
func (r *run) next() error {
	if r.in == nil {
		if len(r.entries) == 0 {
			return io.EOF
		}
		rec := r.sorter.record(r.entries[0])
		r.prefix, r.entries = r.entries[0].prefix, r.entries[1:]
		n := int(rec[0])
		r.key = rec[1 : 1+n]
		_, w := binary.Uvarint(rec[1+n:])
		r.body = rec[1+n+w:]
		return nil
	}
	n, err := r.in.ReadByte()
	if err != nil {
		return err
	}
	// The key and the length of the body usually lie in the buffer; only at its end must they be put together.
	head, err := r.in.Peek(int(n) + binary.MaxVarintLen32)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(head) < int(n) {
		return io.ErrUnexpectedEOF
	}
	size, w := binary.Uvarint(head[n:])
	if w <= 0 {
		return io.ErrUnexpectedEOF
	}
	need := int(n) + int(size)
	r.buf = slices.Grow(r.buf[:0], need)[:need]
	copy(r.buf, head[:n])
	if _, err := r.in.Discard(int(n) + w); err != nil {
		return err
	}
	if _, err := io.ReadFull(r.in, r.buf[n:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	r.key, r.body = r.buf[:n], r.buf[n:]
	r.prefix = prefixOf(r.key)
	return nil
}

func less(a, b *run) bool {
	if a.prefix != b.prefix {
		return a.prefix < b.prefix
	}
	return bytes.Compare(a.key, b.key) < 0
}

// Merger gives the records of all runs in order.
type Merger struct {
	paths []string
	files []*os.File
	heap  []*run // the run with the least key first
	begun bool
}

func (m *Merger) start(runs []*run) error {
	for _, r := range runs {
		switch err := r.next(); {
		case errors.Is(err, io.EOF):
		case err != nil:
			return fmt.Errorf("reading a sorted run: %w", err)
		default:
			m.heap = append(m.heap, r)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return nil
}

// Next steps to the next record and reports whether there is one.
func (m *Merger) Next() (bool, error) {
	if !m.begun {
		m.begun = true
		return len(m.heap) > 0, nil
	}
	if len(m.heap) == 0 {
		return false, nil
	}
	switch err := m.heap[0].next(); {
	case errors.Is(err, io.EOF):
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	case err != nil:
		return false, fmt.Errorf("reading a sorted run: %w", err)
	}
	m.down(0)
	return len(m.heap) > 0, nil
}

// Key returns the current record's key, valid until Next.
func (m *Merger) Key() []byte { return m.heap[0].key }

// Body returns the current record's body, valid until Next.
func (m *Merger) Body() []byte { return m.heap[0].body }

// Done reports whether the records have ended.
func (m *Merger) Done() bool { return len(m.heap) == 0 }

func (m *Merger) down(i int) {
	for {
		l := 2*i + 1
		if l >= len(m.heap) {
			return
		}
		if r := l + 1; r < len(m.heap) && less(m.heap[r], m.heap[l]) {
			l = r
		}
		if !less(m.heap[l], m.heap[i]) {
			return
		}
		m.heap[i], m.heap[l] = m.heap[l], m.heap[i]
		i = l
	}
}

// Close closes and removes the runs.
func (m *Merger) Close() error {
	var all error
	for _, f := range m.files {
		all = errors.Join(all, f.Close())
	}
	for _, path := range m.paths {
		all = errors.Join(all, os.Remove(path))
	}
	m.files, m.paths, m.heap = nil, nil, nil
	return all
}
