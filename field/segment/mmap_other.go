//go:build !unix

package segment

import (
	"os"
	"unsafe"
)

// mapFile reads a whole file, into memory aligned for every width.
func mapFile(path string) (b []byte, unmap func(), err error) {
	data, err := os.ReadFile(path)
	if err != nil || len(data) == 0 {
		return nil, func() {}, err
	}
	room := make([]uint64, (len(data)+7)/8)
	b = unsafe.Slice((*byte)(unsafe.Pointer(&room[0])), len(data))
	copy(b, data)
	return b, func() {}, nil
}
