package segment

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// format is the version of the files. Files of another one are built anew.
const format = 3

const (
	manifestName = "manifest.json"
	align        = 64
)

var (
	errNoGeneration = errors.New("there is no segment yet")
	castagnoli      = crc32.MakeTable(crc32.Castagnoli)
)

// manifest says what a generation is made of; it is written last.
type manifest struct {
	Format    int         `json:"format"`
	Order     uint32      `json:"order"` // the bytes 1 2 3 4 as this machine reads them
	VoterFile int64       `json:"voterfile"`
	Site      string      `json:"site"`
	Epoch     int64       `json:"epoch"`
	Rows      int         `json:"rows"`
	Files     []fileEntry `json:"files"`
}

type fileEntry struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	CRC   uint32 `json:"crc"` // Castagnoli
}

// machineOrder tells files written by a machine of the other byte order, which are not read.
func machineOrder() uint32 { return binary.NativeEndian.Uint32([]byte{1, 2, 3, 4}) }

var littleEndian = machineOrder() == 0x04030201

// section is one array of a file.
type section struct {
	Name string `json:"name"`
	Off  int64  `json:"off"` // from the end of the header
	Len  int64  `json:"len"`
	data []byte

	stream func(io.Writer) error // writes what is too much for memory, instead of data
}

// head is the JSON at the start of each file.
type head struct {
	Kind     string    `json:"kind"` // column, piece, rows, numbers
	Name     string    `json:"name"`
	Width    int       `json:"width,omitempty"`
	Codec    *codec    `json:"codec,omitempty"`
	Epoch    int64     `json:"epoch,omitempty"`
	Key      *pieceKey `json:"key,omitempty"`
	Numbers  []int64   `json:"numbers,omitempty"`
	Accounts []int64   `json:"accounts,omitempty"`
	Sections []section `json:"sections"`
}

// bytesOf returns the memory of a slice.
func bytesOf[T uint8 | uint16 | uint32 | uint64 | int64](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// sliceOf is the inverse of bytesOf.
func sliceOf[T uint8 | uint16 | uint32 | uint64 | int64](b []byte) []T {
	var one T
	n := len(b) / int(unsafe.Sizeof(one))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}

func (h *head) put(name string, data []byte) {
	h.Sections = append(h.Sections, section{Name: name, Len: int64(len(data)), data: data})
}

// get returns a section, and whether it is there.
func (h *head) get(name string) ([]byte, bool) {
	for _, s := range h.Sections {
		if s.Name == name {
			return s.data, true
		}
	}
	return nil, false
}

// write puts h and its sections into a new file, flushed to disk.
func (h *head) write(path string) (e fileEntry, err error) {
	off := int64(0)
	for i := range h.Sections {
		h.Sections[i].Off = off
		off += (h.Sections[i].Len + align - 1) / align * align
	}
	text, err := json.Marshal(h)
	if err != nil {
		return e, err
	}
	text = append(text, strings.Repeat(" ", (align-(8+len(text))%align)%align)...)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := crc32.New(castagnoli)
	buf := bufio.NewWriterSize(inPieces{f}, pieceBytes)
	w := io.MultiWriter(buf, sum)
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(text)))
	total := int64(8+len(text)) + off
	for _, part := range [][]byte{size[:], text} {
		if _, err := w.Write(part); err != nil {
			return e, err
		}
	}
	for i := range h.Sections {
		if err := h.Sections[i].write(w); err != nil {
			return e, err
		}
	}
	if err := errors.Join(buf.Flush(), f.Sync()); err != nil {
		return e, err
	}
	return fileEntry{Name: filepath.Base(path), Bytes: total, CRC: sum.Sum32()}, nil
}

// pieceBytes is how much is written at once. Linux keeps what was written at once as one piece of memory, and whoever looks at a page of it has all of it mapped.
const pieceBytes = 1 << 16

// inPieces hands on what it is given in small pieces.
type inPieces struct{ w io.Writer }

func (p inPieces) Write(b []byte) (n int, err error) {
	for part := range slices.Chunk(b, pieceBytes) {
		k, err := p.w.Write(part)
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// write writes a section and fills up to where the next begins.
func (s *section) write(w io.Writer) (err error) {
	if s.stream != nil {
		err = s.stream(w)
	} else {
		_, err = w.Write(s.data)
	}
	if err != nil {
		return err
	}
	var zeros [align]byte
	_, err = w.Write(zeros[:(align-s.Len%align)%align])
	return err
}

// readHead takes a mapped file apart; its arrays stay where they are.
func readHead(b []byte) (*head, error) {
	if len(b) < 8 {
		return nil, errors.New("it is cut short")
	}
	n := binary.LittleEndian.Uint64(b)
	if n > uint64(len(b)-8) {
		return nil, errors.New("it is cut short")
	}
	h := &head{}
	if err := json.Unmarshal(b[8:8+n], h); err != nil {
		return nil, fmt.Errorf("its beginning cannot be read: %w", err)
	}
	data := b[8+n:]
	for i := range h.Sections {
		s := &h.Sections[i]
		if s.Off < 0 || s.Len < 0 || s.Off%align != 0 || s.Off > int64(len(data)) || s.Len > int64(len(data))-s.Off {
			return nil, errors.New("it is cut short")
		}
		s.data = data[s.Off : s.Off+s.Len : s.Off+s.Len]
	}
	return h, nil
}

// save writes a column.
func (c *column) save(path string) (fileEntry, error) { return c.head().write(path) }

// head is a column as it is written.
func (c *column) head() *head {
	h := &head{Kind: "column", Name: c.name, Width: c.width, Codec: c.number}
	size := 0
	for i := range c.blocks {
		if b := &c.blocks[i]; b.min != b.max {
			size += len(b.bytes())
		}
	}
	data := make([]byte, 0, size)
	zones := make([]uint32, 0, 2*len(c.blocks))
	for i := range c.blocks {
		b := &c.blocks[i]
		zones = append(zones, b.min, b.max)
		if b.min != b.max { // of a block that is all the same the zone says everything
			data = append(data, b.bytes()...)
		}
	}
	h.put("zones", bytesOf(zones))
	if c.words != nil {
		ends, text := packTexts(c.words.sorted)
		h.put("ends", bytesOf(ends))
		h.put("text", text)
	}
	h.put("codes", data)
	return h
}

func packTexts(all []string) (ends []uint32, text []byte) {
	size := 0
	for _, s := range all {
		size += len(s)
	}
	ends, text = make([]uint32, 0, len(all)), make([]byte, 0, size)
	for _, s := range all {
		text = append(text, s...)
		ends = append(ends, uint32(len(text)))
	}
	return ends, text
}

func unpackTexts(ends []uint32, text []byte) ([]string, error) {
	all := make([]string, len(ends))
	kept := string(text) // a copy: texts are handed out and outlive the mapping
	from := uint32(0)
	for i, to := range ends {
		if to < from || int64(to) > int64(len(text)) {
			return nil, errors.New("its texts are not in order")
		}
		all[i] = kept[from:to]
		from = to
	}
	return all, nil
}

// columnOf returns the column of a mapped file.
func columnOf(h *head, rows int) (*column, error) {
	c := &column{name: h.Name, width: h.Width, number: h.Codec, counts: &tally{}}
	data, _ := h.get("codes")
	zoneBytes, _ := h.get("zones")
	zones := sliceOf[uint32](zoneBytes)
	n := (rows + blockRows - 1) / blockRows
	if !slices.Contains([]int{1, 2, 4}, c.width) || len(zones) != 2*n || len(data) != rowsThatDiffer(zones, rows)*c.width {
		return nil, fmt.Errorf("column %s has not as many rows as the others", h.Name)
	}
	if ends, ok := h.get("ends"); ok {
		text, _ := h.get("text")
		sorted, err := unpackTexts(sliceOf[uint32](ends), text)
		if err != nil {
			return nil, err
		}
		c.words = &dict{sorted: sorted}
	}
	c.blocks = make([]block, n)
	same := map[uint32]block{} // by code: what blocks that are all the same have together
	for b := range c.blocks {
		size, lo, hi := min(blockRows, rows-b*blockRows), zones[2*b], zones[2*b+1]
		if lo != hi {
			c.blocks[b] = blockIn(data[:size*c.width], c.width)
			data = data[size*c.width:]
		} else {
			k, ok := same[lo]
			if !ok {
				k = blockOf(c.width, lo, min(blockRows, rows))
				same[lo] = k
			}
			c.blocks[b] = k.first(size)
		}
		c.blocks[b].min, c.blocks[b].max, c.blocks[b].stamp = lo, hi, newStamp()
	}
	return c, nil
}

// rowsThatDiffer counts the rows of the blocks that are not all the same.
func rowsThatDiffer(zones []uint32, rows int) int {
	n := 0
	for b := 0; 2*b < len(zones); b++ {
		if zones[2*b] != zones[2*b+1] {
			n += min(blockRows, rows-b*blockRows)
		}
	}
	return n
}

// writeManifest ends a generation.
func writeManifest(dir string, m manifest) error {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, manifestName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir makes renames in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// generations returns the numbers of the generations in a folder, newest first.
func generations(dir string) []int64 {
	entries, _ := os.ReadDir(dir) // a folder that is not there holds none
	var all []int64
	for _, e := range entries {
		if n, err := strconv.ParseInt(e.Name(), 10, 64); err == nil && e.IsDir() {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}

// commit gives a finished temporary folder its place as the newest generation and removes the older ones.
func commit(dir, temp string) (string, error) {
	old := generations(dir)
	next := int64(1)
	if len(old) > 0 {
		next = old[0] + 1
	}
	path := filepath.Join(dir, strconv.FormatInt(next, 10))
	if err := errors.Join(syncDir(temp), os.Rename(temp, path), syncDir(dir)); err != nil {
		return "", err
	}
	sweep(dir, path)
	return path, nil
}

// sweep removes older generations and what builds that did not end left behind. Files that are mapped live until nobody reads them.
func sweep(dir, keep string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if p := filepath.Join(dir, e.Name()); p != keep {
			_ = os.RemoveAll(p) // the next sweep tries again
		}
	}
}

func readManifest(dir string) (manifest, error) {
	var m manifest
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("reading the manifest: %w", err)
	}
	switch {
	case m.Format != format:
		return m, fmt.Errorf("the files have format %d; this program reads %d", m.Format, format)
	case m.Order != machineOrder():
		return m, errors.New("the files were written by a machine of another kind")
	case m.Rows < 0 || m.Rows > math.MaxInt32:
		return m, fmt.Errorf("the manifest says %d people", m.Rows)
	}
	return m, nil
}
