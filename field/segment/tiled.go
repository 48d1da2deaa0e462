package segment

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"
)

// Tiled returns a view of the same people laid n times beside each other, to measure how costs grow with rows. Its files are written into dir, which must
// not be there yet, and mapped: nothing of it stands in the heap. What organisations know comes along as far as it was read.
func (v *View) Tiled(dir string, n int) (*View, error) {
	defer runtime.KeepAlive(v)
	if !v.fromDisk || v.strays != nil {
		return nil, errors.New("only people as they were built are laid beside each other, without changes since")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	t := tiler{v: v, n: n, rows: v.rows * n}
	heads := []*head{t.people()}
	for _, name := range sortedKeys(v.cols) {
		heads = append(heads, t.column(v.cols[name]))
	}
	for _, e := range v.votes {
		heads = append(heads, t.column(e.col))
	}
	for _, p := range v.pieces {
		heads = append(heads, t.piece(p))
		if m := v.shared.numbers[p.key]; m != nil && m.piece == p {
			heads = append(heads, t.numbers(m))
		}
	}
	files := make([]fileEntry, len(heads))
	for i, h := range heads {
		var err error
		if files[i], err = h.write(filepath.Join(dir, fmt.Sprintf("t%03d", i))); err != nil {
			return nil, err
		}
	}
	m := manifest{Format: format, Order: machineOrder(), VoterFile: v.gen.file, Epoch: v.gen.epoch, Rows: t.rows, Files: files}
	if err := writeManifest(dir, m); err != nil {
		return nil, err
	}
	g, err := openGeneration(dir, v.gen.file, "")
	if err != nil {
		return nil, err
	}
	return newView(v.engine, g), nil
}

// tiler writes heads whose sections are made while they are written.
type tiler struct {
	v    *View
	n    int
	rows int
}

// put adds a section of count numbers, of which make hands out one after the other.
func put[T uint16 | uint32 | uint64 | int64](h *head, name string, count int, each func(yield func(T))) {
	var one T
	size := int(unsafe.Sizeof(one))
	h.Sections = append(h.Sections, section{Name: name, Len: int64(count * size), stream: func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<16)
		var b [8]byte
		each(func(x T) {
			binary.NativeEndian.PutUint64(b[:], uint64(x))
			if littleEndian {
				_, _ = out.Write(b[:size]) // Flush says what went wrong
			} else {
				_, _ = out.Write(b[8-size:])
			}
		})
		return out.Flush()
	}})
}

// repeat adds a section that is the data, n times over.
func (t *tiler) repeat(h *head, name string, data []byte) {
	h.Sections = append(h.Sections, section{Name: name, Len: int64(len(data) * t.n), stream: func(w io.Writer) error {
		for range t.n {
			if _, err := w.Write(data); err != nil {
				return err
			}
		}
		return nil
	}})
}

func (t *tiler) blocks() int { return (t.rows + blockRows - 1) / blockRows }

func (t *tiler) column(c *column) *head {
	h := &head{Kind: "column", Name: c.name, Width: c.width, Codec: c.number}
	zones := make([]uint32, 0, 2*t.blocks())
	from := 0
	for row := 0; row < t.rows; row += blockRows {
		lo, hi := uint32(math.MaxUint32), uint32(0)
		for range min(blockRows, t.rows-row) {
			x := c.code(from)
			lo, hi = min(lo, x), max(hi, x)
			if from++; from == t.v.rows {
				from = 0
			}
		}
		zones = append(zones, lo, hi)
	}
	h.put("zones", bytesOf(zones))
	if c.words != nil {
		ends, text := packTexts(c.words.sorted)
		h.put("ends", bytesOf(ends))
		h.put("text", text)
	}
	t.codes(h, c, zones)
	return h
}

// codes adds those blocks of a column that are not all the same.
func (t *tiler) codes(h *head, c *column, zones []uint32) {
	h.Sections = append(h.Sections, section{Name: "codes", Len: int64(rowsThatDiffer(zones, t.rows) * c.width), stream: func(w io.Writer) error {
		var whole []byte
		for b := range c.blocks {
			whole = append(whole, c.blocks[b].bytes()...)
		}
		for b := range t.blocks() {
			if zones[2*b] == zones[2*b+1] {
				continue
			}
			from, to := b*blockRows*c.width, min((b+1)*blockRows, t.rows)*c.width
			for from < to {
				part := whole[from%len(whole):]
				part = part[:min(len(part), to-from)]
				if _, err := w.Write(part); err != nil {
					return err
				}
				from += len(part)
			}
		}
		return nil
	}})
}

// eachTile calls f for every row of every tile, with where the tile begins.
func (t *tiler) eachTile(f func(tile, from, row int)) {
	for i := range t.n {
		for row := range t.v.rows {
			f(i, i*t.v.rows, row)
		}
	}
}

func (t *tiler) people() *head {
	g := t.v.gen
	h := &head{Kind: "rows", Name: rowsName, Numbers: []int64{g.firstID}}
	span := g.ids[g.byID[t.v.rows-1]] + 1
	put(h, "ids", t.rows, func(yield func(uint32)) {
		t.eachTile(func(i, _, row int) { yield(g.ids[row] + uint32(i)*span) })
	})
	put(h, "by id", t.rows, func(yield func(uint32)) {
		t.eachTile(func(_, from, k int) { yield(g.byID[k] + uint32(from)) })
	})
	put(h, "by name", t.rows, func(yield func(uint32)) {
		names := t.v.nameOrder()
		for from := 0; from < len(g.byName); {
			to := from + 1
			for to < len(g.byName) && names.of(g.byName[to]) == names.of(g.byName[from]) {
				to++
			}
			for i := range t.n { // ids go up from tile to tile
				for _, row := range g.byName[from:to] {
					yield(row + uint32(i*t.v.rows))
				}
			}
			from = to
		}
	})
	h.put("last names", bytesOf(g.last))
	h.put("first names", bytesOf(g.first))
	h.put("joined", bytesOf(t.bits(g.joined)))
	homed := t.bits(g.homed)
	h.put("homed", bytesOf(homed))
	groups := make([]uint32, len(homed))
	t.eachTile(func(i, from, row int) {
		if at := from + row; at&63 == 0 {
			begun := g.group(row)
			if g.joined[row>>6]>>(row&63)&1 != 0 {
				begun++ // the household began before
			}
			groups[at>>6] = uint32(i*len(g.homeKeys) + begun)
		}
	})
	h.put("groups", bytesOf(groups))
	put(h, "odd rows", t.n*len(g.odd), func(yield func(uint32)) {
		for i := range t.n {
			for _, row := range g.odd {
				yield(row + uint32(i*t.v.rows))
			}
		}
	})
	t.keys(h, "home keys", g.homeKeys)
	t.keys(h, "door keys", g.doorKeys)
	t.keys(h, "odd doors", g.oddDoors)
	return h
}

// keys adds a section of keys, other ones in each tile.
func (t *tiler) keys(h *head, name string, keys []int64) {
	put(h, name, t.n*len(keys), func(yield func(int64)) {
		for i := range t.n {
			for _, k := range keys {
				yield(another(k, i))
			}
		}
	})
}

// another returns the key that a household or a door has in a tile.
func another(key int64, tile int) int64 {
	if key == 0 {
		return 0
	}
	return key + int64(tile)
}

// bits lays the bits of rows beside each other.
func (t *tiler) bits(from []uint64) []uint64 {
	out := make([]uint64, t.blocks()*blockWords)
	t.eachTile(func(_, at, row int) {
		if from[row>>6]>>(row&63)&1 != 0 {
			out[(at+row)>>6] |= 1 << ((at + row) & 63)
		}
	})
	return out
}

func (t *tiler) piece(p *piece) *head {
	if p.col != nil {
		h := t.column(p.col)
		h.Kind, h.Epoch, h.Key = "scores", p.epoch, &p.key
		return h
	}
	h := &head{Kind: "piece", Name: string(p.key.What), Epoch: p.epoch, Key: &p.key, Numbers: p.numbers, Accounts: p.accounts}
	whole := p.head() // of one tile, its sections as wide as they have to be
	ends := make([]uint32, t.blocks())
	t.eachFact(p, func(_, row int) { ends[row>>16]++ })
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	for _, s := range whole.Sections {
		switch s.Name {
		case "ends":
			h.put(s.Name, bytesOf(ends))
		case "row":
			put(h, s.Name, p.events()*t.n, func(yield func(uint16)) {
				t.eachFact(p, func(_, row int) { yield(uint16(row)) })
			})
		case "num":
			nums := sliceOf[uint64](s.data)
			put(h, s.Name, len(nums)*t.n, func(yield func(uint64)) {
				for i := range t.n {
					for _, x := range nums {
						yield(x + uint64(i)<<40)
					}
				}
			})
		case "text", "text ends":
			h.put(s.Name, s.data)
		default:
			t.repeat(h, s.Name, s.data)
		}
	}
	return h
}

// eachFact calls f with the tile and the row of every fact.
func (t *tiler) eachFact(p *piece, f func(tile, row int)) {
	for i := range t.n {
		for b := range p.blocks {
			for _, r := range p.blocks[b].row {
				f(i, i*t.v.rows+b<<16+int(r))
			}
		}
	}
}

func (t *tiler) numbers(m *numbers) *head {
	h := &head{Kind: "numbers", Name: string(m.piece.key.What), Key: &m.piece.key}
	put(h, "rows", t.n*len(m.rows), func(yield func(uint32)) {
		for i := range t.n {
			for _, row := range m.rows {
				yield(row + uint32(i*t.v.rows))
			}
		}
	})
	put(h, "ends", t.n*len(m.ends), func(yield func(uint32)) {
		for i := range t.n {
			for _, end := range m.ends {
				yield(end + uint32(i*len(m.rows)))
			}
		}
	})
	for i, p := range m.planes {
		h.put(planeName+itoa(int64(i)), bytesOf(t.bits(p.bits)))
	}
	return h
}
