package segment

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/change"
)

// reopened writes a head and reads it back.
func reopened(t *testing.T, h *head) (back *head, bytes int64) {
	t.Helper()
	dir := t.TempDir()
	e, err := h.write(filepath.Join(dir, "one"))
	if err != nil {
		t.Fatal(err)
	}
	back, unmap, err := openFile(dir, e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unmap)
	return back, e.Bytes
}

// TestBlocksThatAreAllTheSameTakeNoRoom writes columns of which some blocks are all the same, and reads every row again.
func TestBlocksThatAreAllTheSameTakeNoRoom(t *testing.T) {
	const rows = 3*blockRows + 77
	for _, width := range []int{1, 2, 4} {
		for same := range 16 { // a bit for each block
			t.Run(fmt.Sprintf("%d bytes, %04b", width, same), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(width), uint64(same)))
				codes := make([]uint32, rows)
				differ := 0
				for b := range 4 {
					part := codes[b*blockRows : min((b+1)*blockRows, rows)]
					code := uint32(r.IntN(2)) * maxCode(width)
					for i := range part {
						if part[i] = code; same>>b&1 == 0 {
							part[i] = uint32(r.IntN(200))
						}
					}
					if same>>b&1 == 0 {
						differ += len(part)
					}
				}
				h, bytes := reopened(t, newColumn("x", width, codes).head())
				if room := bytes - int64(differ*width); room > 1024 {
					t.Errorf("%d rows take %d bytes besides their codes", differ, room)
				}
				c, err := columnOf(h, rows)
				if err != nil {
					t.Fatal(err)
				}
				for row, want := range codes {
					if got := c.code(row); got != want {
						t.Fatalf("row %d is %d, written was %d", row, got, want)
					}
				}
				if _, err := columnOf(h, rows+1); err == nil && same>>3 == 0 {
					t.Error("a column with a row too few was taken")
				}
				n := c.with([]int{5, blockRows}, []uint32{7, 8}) // must not write into what other blocks have too
				for row, want := range codes {
					if row == 5 || row == blockRows {
						want = uint32(7 + row/blockRows)
					}
					if got := n.code(row); got != want {
						t.Fatalf("after a change row %d is %d, not %d", row, got, want)
					}
				}
			})
		}
	}
}

// TestFactsWithoutTimesTakeNoRoomForThem writes facts of which some blocks have no times, values, people or numbers, and reads each again.
func TestFactsWithoutTimesTakeNoRoomForThem(t *testing.T) {
	const rows = 4 * blockRows
	sections := map[string]bool{}
	for has := range 16 { // whether there are times, values, people, numbers, in the second block and the last
		var all []event
		for i := range 400 {
			e := event{row: i * (rows / 400)}
			if b := e.row >> 16; b == 1 || b == 3 {
				bit := func(n int) int { return has >> n & 1 }
				e.at, e.val, e.who, e.num = int64(bit(0)*(1000+i)*1000), uint32(bit(1)*i%3), uint32(bit(2)*300), uint64(bit(3)*(1<<40+i))
			}
			all = append(all, e)
		}
		p := &piece{key: pieceKey{What: change.Phone}, texts: []string{"a", "b", "c"}, accounts: make([]int64, 301)}
		p.fill(rows, all)
		h, _ := reopened(t, p.head())
		clear(sections)
		for _, s := range h.Sections {
			sections[s.Name] = true
		}
		want := map[string]bool{"text ends": true, "text": true, "ends": true, "row": true}
		for n, name := range []string{"at", "val 1", "who 2", "num"} {
			if has>>n&1 != 0 {
				want[name] = true
			}
		}
		if diff := cmp.Diff(want, sections); diff != "" {
			t.Errorf("%04b: other arrays than there should be (-want +got):\n%s", has, diff)
		}
		back, err := pieceOf(h, rows)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for b := range back.blocks {
			f := &back.blocks[b]
			for k := range f.row {
				got := event{row: b<<16 | int(f.row[k]), at: int64(f.time(k)) * 1000, val: f.val.at(k), who: f.who.at(k)}
				if f.num != nil {
					got.num = f.num[k]
				}
				if got != all[i] {
					t.Fatalf("%04b: fact %d is %+v, written was %+v", has, i, got, all[i])
				}
				i++
			}
		}
		if i != len(all) {
			t.Errorf("%04b: %d facts of %d came back", has, i, len(all))
		}
	}
}
