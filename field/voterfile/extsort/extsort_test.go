package extsort

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sorted returns what a sorter with so much memory makes of records "key body".
func sorted(t interface{ Fatal(...any) }, dir string, limit int, records []string) []string {
	two := []*Sorter{New(dir, "a", limit), New(dir, "b", limit)}
	for i, r := range records {
		key, body, _ := strings.Cut(r, " ")
		if err := two[i%2].Add([]byte(key), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if n := two[0].Records() + two[1].Records(); n != int64(len(records)) {
		t.Fatal("Records counts", n)
	}
	m, err := Merge(two...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var last []byte
	for {
		ok, err := m.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if bytes.Compare(last, m.Key()) > 0 {
			t.Fatal("out of order:", string(last), string(m.Key()))
		}
		last = append(last[:0], m.Key()...)
		got = append(got, string(m.Key())+" "+string(m.Body()))
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Fatal("runs are left behind:", left)
	}
	return got
}

func TestMergeGivesEveryRecordInKeyOrder(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOf(rapid.StringMatching(`[ab]{0,12} [a-z]{0,300}`)).Draw(t, "records")
		limit := rapid.SampledFrom([]int{1, 100, 2000, 1 << 20}).Draw(t, "limit")
		got := sorted(t, dir, limit, records)
		slices.Sort(got) // records with one key may come in any order
		want := slices.Sorted(slices.Values(records))
		if diff := cmp.Diff(want, got, cmp.Transformer("len", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestMergeReadsAcrossBufferEnds(t *testing.T) {
	var records []string
	for i := range 300 {
		records = append(records, strings.Repeat("k", i%200)+" "+strings.Repeat("b", i*997%5000))
	}
	got := sorted(t, t.TempDir(), 70_000, records)
	slices.Sort(got)
	slices.Sort(records)
	if diff := cmp.Diff(records, got); diff != "" {
		t.Error(diff)
	}
}

func TestMergeNoticesATruncatedRun(t *testing.T) {
	dir := t.TempDir()
	s := New(dir, "t", 1)
	for _, k := range []string{"a", "b", "c"} {
		if err := s.Add([]byte(k), []byte("body")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.spill(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(s.runs[1], 4); err != nil {
		t.Fatal(err)
	}
	m, err := Merge(s)
	for err == nil && !m.Done() {
		_, err = m.Next()
	}
	if err == nil {
		t.Error("a truncated run went unnoticed")
	}
}

func TestAddRefusesALongKey(t *testing.T) {
	if err := New(t.TempDir(), "t", 1<<20).Add(make([]byte, MaxKey+1), nil); err == nil {
		t.Error("a key longer than MaxKey was taken")
	}
}

func BenchmarkSortVotes(b *testing.B) {
	s := New(b.TempDir(), "b", 48<<20)
	key := []byte("AA00000000")
	x := uint64(1)
	for range b.N {
		x = x*6364136223846793005 + 1442695040888963407
		for i := range 8 {
			key[2+i] = '0' + byte(x>>(8*i)&0xff)%10
		}
		if err := s.Add(key, []byte("0123456789abcd")); err != nil {
			b.Fatal(err)
		}
	}
	m, err := Merge(s)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	for {
		ok, err := m.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			break
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
