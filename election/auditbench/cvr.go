package auditbench

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/dominion"
)

// cvrRows measures reading cast vote records. The naive way is encoding/csv alone, which only cuts the lines.
func cvrRows(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, c := range []struct {
		what   string
		quoted bool
	}{{"Dominion's cast vote records", false}, {"the same as a spreadsheet saved it", true}} {
		data := dominionFile(200_000, c.quoted)
		took, err := best(3, func() error { return readDominion(ctx, data, 200_000) })
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", c.what, err)
		}
		began := time.Now()
		if err := cutLines(data); err != nil {
			return nil, fmt.Errorf("cutting %s: %w", c.what, err)
		}
		rows = append(rows, Row{
			What: "Read " + c.what, Size: fmt.Sprintf("200,000 cards, 160 columns, %d MB", len(data)/1_000_000), Ours: took,
			Rate: fmt.Sprintf("%.0f MB/s, one processor", float64(len(data))/1e6/took.Seconds()), Naive: time.Since(began), How: "encoding/csv, which only cuts lines", Target: "60 MB/s",
		})
	}
	return rows, nil
}

func readDominion(ctx context.Context, data []byte, want int) error {
	r, err := dominion.New(cvr.Source{Name: "cvr.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
	if err != nil {
		return err
	}
	var c cvr.Card
	var places cvr.Places
	cards := 0
	for {
		if err := r.Next(&c); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if err := places.Add(&c); err != nil {
			return err
		}
		cards++
	}
	if cards != want {
		return fmt.Errorf("%d cards of %d", cards, want)
	}
	return ctx.Err()
}

func cutLines(data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// dominionFile makes a file of n cards with forty contests of four choices, a quarter of which is not on a card.
func dominionFile(n int, quoted bool) []byte {
	var b bytes.Buffer
	b.WriteString("General,5.10.50.85\n,,,,,,,")
	for k := range 40 {
		for range 4 {
			fmt.Fprintf(&b, ",Contest %d (Vote For=1)", k)
		}
	}
	b.WriteString("\n,,,,,,,")
	for range 40 {
		b.WriteString(",Ann,Bob,Cy,Write-in")
	}
	b.WriteString("\nCvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,CountingGroup,PrecinctPortion,BallotType\n")
	cell := func(s string) string {
		if quoted {
			return `="` + s + `",`
		}
		return s + ","
	}
	for i := range n {
		tabulator, batch, record := strconv.Itoa(i/5000), strconv.Itoa(i/100), strconv.Itoa(i%100)
		b.WriteString(cell(strconv.Itoa(i+1)) + cell(tabulator) + cell(batch) + cell(record) + cell(tabulator+"-"+batch+"-"+record))
		if quoted {
			b.WriteString(`"Mail, early",`)
		} else {
			b.WriteString("Mail,")
		}
		fmt.Fprintf(&b, "P-%d,BT %d", i%300, i%7)
		for k := range 40 {
			if (i*7+k)%4 == 0 {
				b.WriteString(",,,,")
				continue
			}
			b.WriteString([]string{",1,0,0,0", ",0,1,0,0", ",0,0,1,0", ",0,0,0,0"}[(i+k*k)%4])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
