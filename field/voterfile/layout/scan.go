package layout

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// scanned says what scan found at the start of the unread bytes.
type scanned uint8

const (
	oneRow scanned = iota
	wantMore
	tooMany
	lostQuote
	atEnd
)

// scan finds the cells of the row at r.next and returns where the next row begins.
func (r *Reader) scan() (int, scanned) {
	if r.dialect.Delimiter == 0 {
		return r.scanLine()
	}
	b, i := r.buf[:r.w], r.next
	delim, quoted := r.dialect.Delimiter, r.dialect.Quoted
	cells := r.cells[:0]
	r.rowStart, r.noNewline, r.doubled = i, false, false
	if i == len(b) {
		if r.eof {
			return i, atEnd
		}
		return i, wantMore
	}
	for {
		if len(cells) > MaxColumns {
			return i, tooMany
		}
		start := i
		if quoted && i < len(b) && b[i] == '"' {
			start++
			if start+1 < len(b) && b[start] == '"' && b[start+1] == delim { // empty, as half of all cells are
				cells = append(cells, cell{uint32(start), uint32(start)})
				i = start + 2
				continue
			}
			if start+9 < len(b) { // up to eight bytes, as most of the others are
				if m := zeroByte(binary.LittleEndian.Uint64(b[start:]) ^ quoteMarks); m != 0 {
					if end := start + bits.TrailingZeros64(m)>>3; b[end+1] == delim {
						cells = append(cells, cell{uint32(start), uint32(end)})
						i = end + 2
						continue
					}
				}
			}
			end, ok := r.closeQuote(b, start, delim)
			if !ok {
				if r.eof || len(b)-i > MaxCell {
					return i, lostQuote
				}
				return i, wantMore
			}
			cells = append(cells, cell{uint32(start), uint32(end)})
			i = end + 1
		} else {
			for i < len(b) && b[i] != delim && b[i] != '\n' {
				i++
			}
			cells = append(cells, cell{uint32(start), uint32(i)})
		}
		if i < len(b) && b[i] == delim {
			i++
			continue
		}
		if i+1 < len(b) && b[i] == '\r' {
			i++ // a carriage return after a closing quote
			if b[i] != '\n' {
				continue
			}
		}
		if i >= len(b) || b[i] != '\n' {
			if !r.eof {
				return i, wantMore
			}
			r.noNewline = true
		}
		r.cells = cells
		return r.endRow(i)
	}
}

// quoteMarks is eight quotation marks, to look at eight bytes at a time.
const quoteMarks = 0x2222222222222222

// closeQuote finds the end of the quoted cell whose text begins at b[i], most of them within a few bytes.
func (r *Reader) closeQuote(b []byte, i int, delim byte) (int, bool) {
	for j := i; j+9 <= len(b) && j < i+32; j += 8 {
		m := zeroByte(binary.LittleEndian.Uint64(b[j:]) ^ quoteMarks)
		if m == 0 {
			continue
		}
		j += bits.TrailingZeros64(m) >> 3
		if c := b[j+1]; c == delim || c == '\r' || c == '\n' {
			return j, true
		}
		break
	}
	end, doubled, ok := closeQuote(b, i, delim, r.eof)
	r.doubled = r.doubled || doubled
	return end, ok
}

// closeQuote is the whole rule: the closing quote is one before a separator or a line end; two quotes stand for one, and a single
// quote elsewhere stands for itself, as registrars do write: "JOHN "RED" SMITH".
func closeQuote(b []byte, j int, delim byte, eof bool) (end int, doubled, ok bool) {
	for {
		k := bytes.IndexByte(b[j:], '"')
		if k < 0 {
			return 0, doubled, false
		}
		j += k
		if j+1 == len(b) {
			return j, doubled, eof
		}
		switch b[j+1] {
		case delim, '\n', '\r':
			return j, doubled, true
		case '"':
			doubled = true
			j += 2
		default:
			j++
		}
	}
}

// zeroByte is nonzero when one of the eight bytes is zero; the lowest set bit tells the first.
func zeroByte(x uint64) uint64 { return (x - 0x0101010101010101) & ^x & 0x8080808080808080 }

// endRow sets the row's end; b[i] is its line feed or the end of the file.
func (r *Reader) endRow(i int) (int, scanned) {
	r.rowEnd = i
	if i > r.rowStart && r.buf[i-1] == '\r' {
		r.rowEnd--
		if last := &r.cells[len(r.cells)-1]; int(last.end) > r.rowEnd {
			last.end = uint32(r.rowEnd)
		}
	}
	return min(i+1, r.w), oneRow
}

// scanLine is scan for fixed-width files and for files of one column.
func (r *Reader) scanLine() (int, scanned) {
	r.rowStart, r.noNewline, r.doubled = r.next, false, false
	b := r.buf[r.next:r.w]
	if len(b) == 0 && r.eof {
		return r.next, atEnd
	}
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		if !r.eof {
			return r.next, wantMore
		}
		i, r.noNewline = len(b), true
	}
	i += r.next
	r.cells = append(r.cells[:0], cell{uint32(r.next), uint32(i)})
	end, got := r.endRow(i)
	if len(r.cuts) > 0 && r.rowEnd > r.rowStart {
		r.cutLine()
	}
	return end, got
}

func (r *Reader) cutLine() {
	r.cells = r.cells[:0]
	at := 0
	for _, c := range r.cuts {
		from, to := min(r.rowStart+at, r.rowEnd), min(r.rowStart+c, r.rowEnd)
		if from == r.rowEnd && at > 0 {
			return // a short row: fewer cells, refused by count
		}
		r.cells = append(r.cells, cell{uint32(from), uint32(to)})
		at = c
	}
}
