package voterfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
)

// TestSampleShowsTheFirstRows: whatever the cells, the sample has the file's columns and its first rows, and a file cut anywhere shows
// only rows that are in it.
func TestSampleShowsTheFirstRows(t *testing.T) {
	cell := rapid.StringMatching(`[A-Z][A-Za-z]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		header := []string{"Voter ID", "Last Name", "First Name", "Zip"}
		var rows [][]string
		text := strings.Join(header, "|") + "\n"
		for n := range rapid.IntRange(1, 250).Draw(t, "rows") {
			row := []string{fmt.Sprintf("%07d", n), cell.Draw(t, "last"), cell.Draw(t, "first"), "02139"}
			rows = append(rows, row)
			text += strings.Join(row, "|") + "\n"
		}
		cut := rapid.IntRange(strings.IndexByte(text, '\n')+1, len(text)).Draw(t, "cut")
		head := wholeRows([]byte(text[:cut]), int64(len(text)))
		if !strings.HasSuffix(string(head), "\n") {
			t.Fatalf("the last row is cut: %q", head)
		}
		got, err := sampleOf("v.txt", head)
		if err != nil {
			t.Fatal(err)
		}
		whole := bytes.Count(head, []byte("\n")) - 1
		if whole < 3 {
			return // too little to tell a header by
		}
		if diff := cmp.Diff(header, got.Header); diff != "" {
			t.Fatalf("header (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(rows[:min(whole, sampleRows)], got.Rows); diff != "" {
			t.Fatalf("rows (-want +got):\n%s", diff)
		}
		people, err := got.Preview(&got.Suggested, 5)
		if err != nil || len(people) != min(5, whole) || people[0].Last != rows[0][1] {
			t.Fatalf("preview %+v, %v", people, err)
		}
	})
}

func TestSampleOfFilesOfManyKinds(t *testing.T) {
	wide := func(order binary.ByteOrder, s string) []byte {
		var b bytes.Buffer
		_ = binary.Write(&b, order, utf16.Encode([]rune("\ufeff"+s)))
		return b.Bytes()
	}
	long := "Voter ID\tLast Name\n" + strings.Repeat("0000001\tÁLVAREZ\n", 500)
	for _, c := range []struct {
		name   string
		text   []byte
		size   int // of the file; 0: of the text
		header []string
		rows   int
	}{
		{"no line end at the end", []byte("Voter ID,Last Name\n1,SMITH\n2,JONES\n3,POE"), 0, []string{"Voter ID", "Last Name"}, 3},
		{"no header", []byte("1,SMITH,02139\n2,JONES,02138\n3,MILLER,02137\n"), 0, []string{"1", "2", "3"}, 3},
		{"a short row is shown as it is", []byte("Voter ID,Last Name\n1,SMITH\n2\n3,JONES\n4,POE\n5,ROE\n"), 0, []string{"Voter ID", "Last Name"}, 5},
		{"UTF-16, cut", wide(binary.LittleEndian, long)[:2001], 1 << 20, []string{"Voter ID", "Last Name"}, -1},
		{"UTF-16 the other way round, cut", wide(binary.BigEndian, long)[:2001], 1 << 20, []string{"Voter ID", "Last Name"}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := sampleOf("v", wholeRows(c.text, int64(max(c.size, len(c.text)))))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Header, c.header) || c.rows >= 0 && len(got.Rows) != c.rows {
				t.Errorf("header %q and %d rows %q, want %q and %d", got.Header, len(got.Rows), got.Rows, c.header, c.rows)
			}
			for _, r := range got.Rows {
				if c.rows < 0 && (len(r) != 2 || r[0] != "0000001" || r[1] != "ÁLVAREZ") {
					t.Errorf("a row is %q", r)
				}
			}
		})
	}
}

func TestSampleRefusesWhatIsNoTable(t *testing.T) {
	for _, text := range []string{"", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", strings.Repeat("\x00", 1000), "PK\x03\x04"} {
		if _, err := sampleOf("v", []byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.10q: %v, want an Invalid fault", text, err)
		}
	}
}

func TestSampleNeedsTheRightToImport(t *testing.T) {
	s := onSQLite(t)
	_, _, people, _ := carolina(t, 200)
	id := receive(t, s, create(t, s, layout.NC), 20261003, voters("v.txt", people))
	if got, err := s.Sample(t.Context(), owner, id); err != nil || len(got.Rows) != 200 {
		t.Errorf("%d rows, %v", len(got.Rows), err)
	}
	if _, err := s.Sample(t.Context(), nobody, id); fault.KindOf(err) != fault.Denied {
		t.Errorf("without a permit: %v", err)
	}
	if _, err := s.Sample(t.Context(), stranger, id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another organization: %v", err)
	}
}
