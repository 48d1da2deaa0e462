package db

import (
	"testing"
)

// FuzzPage takes pages and records apart that nobody vouches for.
func FuzzPage(f *testing.F) {
	leaf := make([]byte, 512)
	leaf[0], leaf[4], leaf[8], leaf[9] = tableLeaf, 1, 1, 0xf0
	copy(leaf[0x1f0:], []byte{6, 1, 3, 1, 15, 0, 7, 'a', 'b'})
	f.Add(leaf)
	inner := make([]byte, 512)
	inner[0], inner[4], inner[12], inner[13] = indexInner, 1, 1, 0xf0
	copy(inner[0x1f0:], []byte{0, 0, 0, 2, 3, 2, 8, 0})
	f.Add(inner)
	f.Fuzz(func(_ *testing.T, data []byte) {
		p, err := newPage(data, 0)
		if err != nil {
			return
		}
		fields := make([]field, 5)
		for i := range p.cells {
			c, err := p.cell(i)
			if err != nil || record(c.payload, fields) != nil {
				continue
			}
			for k := range fields {
				fields[k].whole()
				fields[k].float()
				fields[k].text()
			}
		}
	})
}
