package scan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"io"
)

// Scanners write black and white as PNG of one bit a pixel. The standard library sets each such pixel by a call, which takes longer than reading the ballot.

const pngSignature = "\x89PNG\r\n\x1a\n"

var errPNG = errors.New("a damaged PNG")

// whiteBytes are the eight grey pixels of each byte.
var whiteBytes = func() (t [256][8]uint8) {
	for b := range t {
		for i := range 8 {
			if b>>(7-i)&1 == 1 {
				t[b][i] = 255
			}
		}
	}
	return t
}()

// isBitPNG reports whether data begins as a PNG of one bit a pixel, black and white and not interlaced (PNG specification, 11.2.2).
func isBitPNG(data []byte) bool {
	return len(data) > 33 && string(data[:8]) == pngSignature && string(data[12:16]) == "IHDR" && bytes.Equal(data[24:29], []byte{1, 0, 0, 0, 0})
}

// bitPNG reads such an image. Checksums are compared, and it must have an end.
func bitPNG(data []byte) (*image.Gray, error) {
	w, h := int(binary.BigEndian.Uint32(data[16:])), int(binary.BigEndian.Uint32(data[20:]))
	var parts []io.Reader
	for at, done := 8, false; !done; {
		if len(data)-at < 12 {
			return nil, errPNG
		}
		n := int(binary.BigEndian.Uint32(data[at:]))
		if n < 0 || n > len(data)-at-12 {
			return nil, errPNG
		}
		body := data[at+8 : at+8+n]
		if crc32.ChecksumIEEE(data[at+4:at+8+n]) != binary.BigEndian.Uint32(data[at+8+n:]) {
			return nil, errPNG
		}
		switch string(data[at+4 : at+8]) {
		case "IDAT":
			parts = append(parts, bytes.NewReader(body))
		case "IEND":
			done = true
		}
		at += n + 12
	}
	z, err := zlib.NewReader(io.MultiReader(parts...))
	if err != nil {
		return nil, err
	}
	img := image.NewGray(image.Rect(0, 0, w, h))
	stride := (w + 7) / 8
	row, above := make([]byte, 1+stride), make([]byte, 1+stride)
	wide := make([]uint8, 8*stride)
	for y := range h {
		if _, err := io.ReadFull(z, row); err != nil {
			return nil, err
		}
		if err := unfilter(row[0], row[1:], above[1:]); err != nil {
			return nil, err
		}
		for i, b := range row[1:] {
			copy(wide[8*i:], whiteBytes[b][:])
		}
		copy(img.Pix[y*img.Stride:(y+1)*img.Stride], wide)
		row, above = above, row
	}
	if n, err := z.Read(row[:1]); n != 0 || err != io.EOF { // the end, with the checksum of what was unpacked
		return nil, errors.Join(errPNG, err)
	}
	return img, nil
}

// unfilter undoes what was done to a row of bytes so that it packs better (PNG specification, 9).
func unfilter(kind byte, row, above []byte) error {
	left, corner := byte(0), byte(0)
	switch kind {
	case 0:
	case 1:
		for i := range row {
			row[i] += left
			left = row[i]
		}
	case 2:
		for i := range row {
			row[i] += above[i]
		}
	case 3:
		for i := range row {
			row[i] += byte((int(left) + int(above[i])) / 2)
			left = row[i]
		}
	case 4:
		for i := range row {
			row[i] += paeth(left, above[i], corner)
			left, corner = row[i], above[i]
		}
	default:
		return errPNG
	}
	return nil
}

// paeth returns which of three neighbours is nearest to left + above − corner.
func paeth(left, above, corner byte) byte {
	p := int(left) + int(above) - int(corner)
	a, b, c := abs(p-int(left)), abs(p-int(above)), abs(p-int(corner))
	switch {
	case a <= b && a <= c:
		return left
	case b <= c:
		return above
	}
	return corner
}

func abs(v int) int { return max(v, -v) }
