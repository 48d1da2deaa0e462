package cvr

import (
	"archive/zip"
	"bytes"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPlacesAreRanks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfNDistinct(rapid.IntRange(0, 1<<20), 1, 40, rapid.ID[int]).Draw(t, "record ids")
		var p Places
		for _, n := range numbers {
			if err := p.Add(&Card{Tabulator: "T", Batch: strconv.Itoa(n % 2), RecordID: strconv.Itoa(n)}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := p.Positions()
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range numbers {
			want := 1
			for _, m := range numbers {
				if m%2 == n%2 && m < n {
					want++
				}
			}
			if got[i] != want {
				t.Fatalf("record %d has place %d, want %d", n, got[i], want)
			}
		}
	})
}

func TestPlacesRefuse(t *testing.T) {
	var p Places
	if err := p.Add(&Card{Batch: "B", RecordID: "x7"}); err == nil || !strings.Contains(err.Error(), "has no number") {
		t.Errorf("no number: %v", err)
	}
	for range 2 {
		if err := p.Add(&Card{Batch: "B", RecordID: "7"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Positions(); err == nil || !strings.Contains(err.Error(), "Two records have the number 7 in batch “B”") {
		t.Errorf("twice: %v", err)
	}
}

// pack makes a zip file of names and contents.
func pack(t *testing.T, parts ...string) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func TestUnzip(t *testing.T) {
	lim := ZipLimits{Parts: 4, Part: 8 << 20, All: 9 << 20, Ratio: 100}
	ok := pack(t, "a/b.csv", "1", "__MACOSX/._b.csv", "2", "a/", "")
	parts, err := Unzip("x.zip", ok, ok.Size(), lim)
	if err != nil || len(parts) != 1 || parts[0].Base() != "b.csv" {
		t.Fatalf("parts %v, %v", parts, err)
	}
	if b, err := parts[0].ReadAll(10); err != nil || string(b) != "1" {
		t.Errorf("read %q, %v", b, err)
	}
	zeros := strings.Repeat("0", 4<<20)
	for name, c := range map[string]struct {
		z    *bytes.Reader
		want string
	}{
		"no zip":    {bytes.NewReader([]byte("not a zip file at all")), "is damaged or is not a zip file"},
		"many":      {pack(t, "1", "", "2", "", "3", "", "4", "", "5", ""), "holds 5 files, and at most 4"},
		"a bomb":    {pack(t, "1", zeros), "“1” unpacks to more than"},
		"two alike": {pack(t, "1", "a", "1", "b"), "two files called “1”"},
	} {
		if _, err := Unzip("x.zip", c.z, c.z.Size(), lim); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
