package exchange

import (
	"archive/zip"
	"encoding/binary"
	"io"

	"github.com/openprecinct/precinct/internal/fault"
)

// maxDirectory is the most bytes a zip directory may have: the standard library holds all of it in memory.
const maxDirectory = 1 << 20

func notXLSX() *fault.Error {
	return fault.Invalidf("The file is cut off or damaged, or it is not an Excel file. Save it again as .xlsx.")
}

func bomb() *fault.Error {
	return fault.Invalidf("The file unpacks to more than an exchange file may hold. Nothing of it was read.")
}

// openZip opens a zip file after its directory was found to be of a sane size, and checks what the directory promises. A
// directory that lies is caught while unpacking: archive/zip gives no byte more than was promised.
func openZip(r io.ReaderAt, size int64, l Limits) (*zip.Reader, error) {
	if err := checkDirectory(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, notXLSX().Because(err)
	}
	if len(z.File) > l.Entries {
		return nil, bomb()
	}
	var sum uint64
	names := map[string]bool{}
	for _, e := range z.File {
		if e.UncompressedSize64 > uint64(l.Inflated) {
			return nil, bomb()
		}
		if sum += e.UncompressedSize64; sum > uint64(l.Inflated) || tooDense(int64(e.UncompressedSize64), int64(e.CompressedSize64), l) {
			return nil, bomb()
		}
		if names[e.Name] { // two readers could see two different files
			return nil, notXLSX()
		}
		names[e.Name] = true
	}
	return z, nil
}

// tooDense reports whether unpacked bytes are more than a table of people can give.
func tooDense(unpacked, packed int64, l Limits) bool {
	return unpacked > 1<<20 && unpacked/l.Ratio > packed
}

// checkDirectory reads the end record of a zip file (APPNOTE 4.3.16) and refuses directories that are large, misplaced or
// in the ZIP64 form, which no exchange file needs.
func checkDirectory(r io.ReaderAt, size int64) error {
	const record = 22
	tail := make([]byte, min(size, record+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	for i := len(tail) - record; i >= 0; i-- {
		if binary.LittleEndian.Uint32(tail[i:]) != 0x06054b50 {
			continue
		}
		length := int64(binary.LittleEndian.Uint32(tail[i+12:]))
		offset := int64(binary.LittleEndian.Uint32(tail[i+16:]))
		end := size - int64(len(tail)) + int64(i)
		switch {
		case length > maxDirectory:
			return bomb()
		case offset+length != end:
			return notXLSX()
		}
		return nil
	}
	return notXLSX()
}
