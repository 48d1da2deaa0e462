package layout

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What the standard library writes as CSV is read back cell for cell, whatever the cells hold.
func TestReaderAgreesWithEncodingCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`(|[a-zñ]([a-z",\n Ñ€]{0,30}[a-z",])?|"{1,3}|[A-Z]{8,20})`)
		columns := rapid.IntRange(2, 6).Draw(t, "columns")
		want := rapid.SliceOfN(rapid.SliceOfN(cell, columns, columns), 1, 8).Draw(t, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		if rapid.Bool().Draw(t, "no final newline") {
			data = bytes.TrimRight(data, "\r\n")
		}
		r, err := NewReader(bytes.NewReader(data), Options{Dialect: Dialect{Encoding: UTF8, Delimiter: ',', Quoted: true}, Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		line := int64(1)
		for {
			err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v\n%q", err, data)
			}
			if r.Row().Line != line {
				t.Fatalf("row %d is said to begin on line %d, not %d\n%q", len(got), r.Row().Line, line, data)
			}
			line += int64(bytes.Count(r.Raw(), newline)) + 1
			row := make([]string, r.Len())
			for i := range row {
				row[i] = strings.ReplaceAll(r.Cell(i), "\r\n", "\n")
			}
			got = append(got, row)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got\n%s\n%q", diff, data)
		}
	})
}
