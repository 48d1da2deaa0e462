package blob

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The seekable format (https://github.com/facebook/zstd/blob/dev/contrib/seekable_format): a skippable frame
// at the end holds 8 bytes per frame, packed and unpacked size, then a footer: how many frames, a byte of
// flags (0: no checksums in the table; the frames carry their own), a magic number. All little-endian.
const (
	skippableMagic = 0x184D2A5E
	seekableMagic  = 0x8F92EAB1
	headerSize     = 8
	footerSize     = 9
	entrySize      = 8
)

// packedMost bounds a packed frame: what zstd adds to content that does not shrink is far less than this.
const packedMost = FrameSize + 64<<10

// framesMost bounds the table that is read into memory.
const framesMost = MaxSize/FrameSize + 1

// packer holds the two buffers and the encoder that a Put needs, about 6 MB, for the next one.
type packer struct {
	enc     *zstd.Encoder
	content []byte
	packed  []byte
}

var packers = sync.Pool{New: func() any {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(FrameSize), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(true))
	if err != nil {
		panic(err) // the options above are constants
	}
	return &packer{enc: enc, content: make([]byte, FrameSize), packed: make([]byte, 0, packedMost)}
}}

// pack writes the content of r to w as frames and a table, and returns its hash and size.
func pack(ctx context.Context, w io.Writer, r io.Reader, most int64) (Ref, error) {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	sum := sha256.New()
	var size int64
	var table []byte
	for last := false; !last; {
		if err := ctx.Err(); err != nil {
			return Ref{}, err
		}
		n, err := fill(r, p.content)
		switch {
		case err == io.EOF: //nolint:errorlint // as io.Reader says: only the bare value is the end
			last = true
		case err != nil:
			return Ref{}, err
		}
		if n == 0 {
			break
		}
		if size += int64(n); size > most {
			return Ref{}, fmt.Errorf("%w: the limit is %d bytes", ErrTooLarge, most)
		}
		hashed := make(chan struct{})
		go func() { // beside the packing: each is slower than the disk
			defer close(hashed)
			sum.Write(p.content[:n])
		}()
		p.packed = p.enc.EncodeAll(p.content[:n], p.packed[:0])
		<-hashed
		if _, err := w.Write(p.packed); err != nil {
			return Ref{}, err
		}
		table = binary.LittleEndian.AppendUint32(table, uint32(len(p.packed)))
		table = binary.LittleEndian.AppendUint32(table, uint32(n))
	}
	_, err := w.Write(tableFrame(table))
	return Ref{Hash: hex.EncodeToString(sum.Sum(nil)), Size: size}, err
}

// fill reads until b is full or r ends. It is not io.ReadFull, whose io.ErrUnexpectedEOF may also come from r itself: an upload or an
// archive that was cut short.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

func tableFrame(table []byte) []byte {
	out := make([]byte, 0, headerSize+len(table)+footerSize)
	out = binary.LittleEndian.AppendUint32(out, skippableMagic)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(table)+footerSize))
	out = append(out, table...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(table)/entrySize))
	out = append(out, 0)
	return binary.LittleEndian.AppendUint32(out, seekableMagic)
}

// frame is where one frame lies in the file.
type frame struct {
	at     int64
	packed int64
	size   int64
}

// packed is an open blob.
type packed struct {
	f      *os.File
	frames []frame
}

// openPacked reads the table of f and checks it against the file's size. Every frame but the last holds
// exactly FrameSize bytes, so no damage to the table can shift what ReadAt returns.
func openPacked(f *os.File) (*packed, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	foot := make([]byte, footerSize)
	if _, err := f.ReadAt(foot, max(0, info.Size()-footerSize)); err != nil {
		return nil, fmt.Errorf("%w: it is cut off", ErrDamaged)
	}
	count := int64(binary.LittleEndian.Uint32(foot))
	start := info.Size() - footerSize - count*entrySize - headerSize
	if binary.LittleEndian.Uint32(foot[5:]) != seekableMagic || foot[4] != 0 || start < 0 || count > framesMost {
		return nil, fmt.Errorf("%w: its table is not at its end", ErrDamaged)
	}
	p := &packed{f: f, frames: make([]frame, count)}
	if err := p.readTable(bufio.NewReader(io.NewSectionReader(f, start, headerSize+count*entrySize)), start); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *packed) readTable(r io.Reader, start int64) error {
	var b [entrySize]byte
	if _, err := io.ReadFull(r, b[:headerSize]); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(b[:]) != skippableMagic || int(binary.LittleEndian.Uint32(b[4:])) != len(p.frames)*entrySize+footerSize {
		return fmt.Errorf("%w: its table has no beginning", ErrDamaged)
	}
	at := int64(0)
	for i := range p.frames {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return err
		}
		f := frame{at: at, packed: int64(binary.LittleEndian.Uint32(b[:])), size: int64(binary.LittleEndian.Uint32(b[4:]))}
		last := i == len(p.frames)-1
		if f.packed > packedMost || f.size > FrameSize || f.size == 0 || !last && f.size != FrameSize {
			return fmt.Errorf("%w: its table has impossible sizes", ErrDamaged)
		}
		p.frames[i] = f
		at += f.packed
	}
	if at != start {
		return fmt.Errorf("%w: its table does not agree with its length", ErrDamaged)
	}
	return nil
}

func (p *packed) close() error { return p.f.Close() }

// size returns the bytes of content. The last frame says its own size.
func (p *packed) size() int64 {
	if len(p.frames) == 0 {
		return 0
	}
	last := len(p.frames) - 1
	return int64(last)*FrameSize + p.frames[last].size
}

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(FrameSize), zstd.WithDecoderMaxWindow(FrameSize))
	if err != nil {
		panic(err) // the options above are constants
	}
	return d
})

// unpack appends the content of frame i to out.
func (p *packed) unpack(i int, out []byte) ([]byte, error) {
	f := p.frames[i]
	in := make([]byte, f.packed)
	if _, err := p.f.ReadAt(in, f.at); err != nil {
		return nil, fmt.Errorf("frame %d: %w", i, err)
	}
	before := len(out)
	out, err := unpacker().DecodeAll(in, out)
	if err != nil {
		return nil, fmt.Errorf("%w: frame %d: %w", ErrDamaged, i, err)
	}
	if int64(len(out)-before) != f.size {
		return nil, fmt.Errorf("%w: frame %d holds %d bytes, its table says %d", ErrDamaged, i, len(out)-before, f.size)
	}
	return out, nil
}

func (p *packed) readAt(ctx context.Context, off, n int64) ([]byte, error) {
	size := p.size()
	if off >= size {
		return nil, nil
	}
	end := off + min(n, size-off)
	var out, buf []byte
	for at := off; at < end; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		i := at / FrameSize
		var err error
		if buf, err = p.unpack(int(i), buf[:0]); err != nil {
			return nil, err
		}
		from, to := at-i*FrameSize, min(end-i*FrameSize, int64(len(buf)))
		out = append(out, buf[from:to]...)
		at = i*FrameSize + to
	}
	return out, nil
}
