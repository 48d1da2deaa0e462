package voterfile

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRowsAhead: all rows come, in order, whole, however many there are; a reader who stops early is not waited for.
func TestRowsAhead(t *testing.T) {
	const width = 7
	for _, n := range []int{0, 1, aheadValues / width, aheadValues/width + 1, 20_000} {
		made := 0
		rows := func(yield func([]any) bool) {
			row := make([]any, width)
			for i := range n {
				made++
				for k := range row {
					row[k] = i*width + k
				}
				if !yield(row) {
					return
				}
			}
		}
		next := 0
		for row := range rowsAhead(width, rows) {
			for _, v := range row {
				if v != next {
					t.Fatalf("of %d rows: value %v, want %d", n, v, next)
				}
				next++
			}
		}
		if next != n*width || made != n {
			t.Errorf("%d values of %d rows, %d made", next, n, made)
		}
		seen := 0
		for range rowsAhead(width, rows) {
			if seen++; seen == 3 {
				break
			}
		}
		if seen != min(3, n) {
			t.Errorf("of %d rows %d were seen before the end", n, seen)
		}
	}
}

// TestWriteBehind: everything is written in order, and an error comes with Close.
func TestWriteBehind(t *testing.T) {
	var out bytes.Buffer
	w := newWriteBehind(&out)
	var want []byte
	for i := range 300 {
		b := bytes.Repeat([]byte{byte(i)}, i)
		want = append(want, b...)
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		clear(b) // it is the caller's again
	}
	if err := w.Close(); err != nil || !slices.Equal(want, out.Bytes()) {
		t.Errorf("%v, %s", err, cmp.Diff(len(want), out.Len()))
	}
	bad := newWriteBehind(failing{})
	for range 20 {
		if _, err := bad.Write(make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if err := bad.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
