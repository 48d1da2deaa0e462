package export

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"testing"

	"pgregory.net/rapid"
)

// TestPartsHoldEverybodyOnce divides random towns: everybody is in one part, in order, no door is divided, and no part but the last is small.
func TestPartsHoldEverybodyOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 10
		var people []*record
		for s := range rapid.IntRange(0, 8).Draw(t, "streets") {
			for h := range rapid.IntRange(1, 30).Draw(t, "houses") {
				for range rapid.IntRange(1, 4).Draw(t, "people") {
					people = append(people, &record{personRow: personRow{ID: int64(len(people) + 1), Street: fmt.Sprint("STREET ", s), House: fmt.Sprint(h)}})
				}
			}
		}
		next := 0
		var last *record
		for part := range parts(each(people), most) {
			n := 0
			for r, err := range part {
				if err != nil || next >= len(people) || r != people[next] {
					t.Fatalf("person %d is out of place, %v", next, err)
				}
				if n == 0 && last != nil && last.Street == r.Street && last.House == r.House {
					t.Fatal("a door is divided")
				}
				last, n, next = r, n+1, next+1
			}
			if n > most+most/10+4 || n < most && next < len(people) {
				t.Fatalf("a part of %d people", n)
			}
		}
		if next != len(people) {
			t.Fatalf("%d of %d people", next, len(people))
		}
	})
}

func TestATroubledPartEndsAll(t *testing.T) {
	trouble := errors.New("the disk is gone")
	people := func(yield func(*record, error) bool) {
		for i := range 25 {
			if !yield(&record{personRow: personRow{House: fmt.Sprint(i)}}, nil) {
				return
			}
		}
		yield(nil, trouble)
	}
	_, err := archive(io.Discard, "x", testNow, parts(people, 10), func(_ io.Writer, some iter.Seq2[*record, error]) (n int64, err error) {
		for _, err := range some {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	})
	if !errors.Is(err, trouble) {
		t.Errorf("got %v", err)
	}
}

func TestManyPeopleAreSeveralFiles(t *testing.T) {
	var out bytes.Buffer
	people := town(95)
	n, err := archive(&out, "October: doors/calls", testNow, parts(each(people), 40), func(w io.Writer, some iter.Seq2[*record, error]) (n int64, err error) {
		for range some {
			n++
		}
		_, err = fmt.Fprintf(w, "%d people", n)
		return n, err
	})
	if err != nil || n != int64(len(people)) {
		t.Fatalf("%d people, %v", n, err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil || len(z.File) < 2 || z.File[0].Name != "October- doors-calls 01.pdf" {
		t.Fatalf("%v: %+v", err, z)
	}
	for _, c := range []struct {
		form   Form
		people int64
		ending string
	}{{Walk, 20_000, "pdf"}, {Walk, 20_001, "zip"}, {CSV, 1_000_000, "csv"}} {
		if got := (Export{Request: Request{Form: c.form}, People: c.people}).Ending(); got != c.ending {
			t.Errorf("%d people as %s are a %s", c.people, c.form, got)
		}
	}
}
