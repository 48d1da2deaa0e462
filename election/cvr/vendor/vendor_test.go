package vendor

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/election/cvr"
)

// pack makes a zip file of names and contents.
func pack(t *testing.T, parts ...string) string {
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
	return b.String()
}

// place is a file that can be read anywhere, and counts who has it open.
type place struct {
	*bytes.Reader
	open *int
}

func (p place) Close() error { *p.open--; return nil }

func hartCard(batch, guid string) string {
	return fmt.Sprintf(`<Cvr xmlns="http://tempuri.org/CVRDesign.xsd"><Contests><Contest><Name>Mayor</Name><Options><Option><Name>Ann</Name></Option></Options></Contest></Contests>`+
		`<BatchSequence>1</BatchSequence><BatchNumber>%s</BatchNumber><CvrGuid>%s</CvrGuid></Cvr>`, batch, guid)
}

func TestEveryExport(t *testing.T) {
	const dominion = "E,5\n,,,Mayor (Vote For=1)\n,,,Ann\nTabulatorNum,BatchId,RecordId,\n1,B,1,1\n"
	const ballots = "Cast Vote Record,Batch,Tabulator CVR\n1,B,0001000001\n"
	const report = `{"CVR":[{"CreatingDeviceId":"1","CVRSnapshot":[{"CVRContest":[{"ContestId":"Mayor"}]}]}]}`
	north, south := pack(t, "1_a.xml", hartCard("B", "a"), "WriteIn/x.txt", ""), pack(t, "1_b.xml", hartCard("B", "b"))
	for name, c := range map[string]struct {
		vendor Vendor
		files  []string // names and contents
		want   string   // tabulators of the cards
	}{
		"Dominion":               {Dominion, []string{"a.csv", dominion, "b.csv", strings.Replace(dominion, "1,B", "2,B", 1)}, "1 2"},
		"Clear Ballot":           {ClearBallot, []string{"a.csv", "BoxID,BoxPosition,ScanComputerName,Choice_1:Mayor:Vote For 1:Ann:\nB,1,M,1\n"}, "M"},
		"ES&S, a zip file":       {ESS, []string{"a.ZIP", pack(t, "votes.csv", "Cast Vote Record,Mayor\n1,Ann\n", "ballots.csv", ballots)}, "0001"},
		"ES&S, its files":        {ESS, []string{"votes.csv", "Cast Vote Record,Mayor\n1,Ann\n", "ballots.csv", ballots}, "0001"},
		"Hart, two zip files":    {Hart, []string{"North.zip", north, "South.zip", south}, "North South"},
		"Hart, one of two":       {Hart, []string{"all.zip", pack(t, "North.zip", north, "South.zip", south)}, "North South"},
		"Hart with a list":       {Hart, []string{"North.zip", north, "list.csv", "#FormatVersion 1,,\nCvrId,UniqueIdentifier,Workstation\na,U,WS\n"}, "WS"},
		"NIST in a zip file":     {CDF, []string{"a.zip", pack(t, "1/report.json", report, "2/report.json", report)}, "1 1"},
		"NIST as it is":          {CDF, []string{"a.json", report}, "1"},
		"a zip file within one":  {Hart, []string{"a.zip", pack(t, "b.zip", north)}, ""},
		"nothing of the kind":    {Hart, []string{"a.zip", pack(t, "b.txt", "x")}, "error: There is no XML file"},
		"nobody knows it":        {"paper", []string{"a.csv", dominion}, "error: There is no voting system “paper”"},
		"a zip file cut short":   {ESS, []string{"a.zip", pack(t, "b", "x")[:40]}, "error: a.zip is damaged"},
		"files that do not help": {Dominion, nil, "error: There is no file of cast vote records"},
	} {
		for _, anywhere := range []bool{true, false} {
			open := 0
			var files []cvr.Source
			for i := 0; i < len(c.files); i += 2 {
				s := cvr.Bytes(c.files[i], []byte(c.files[i+1]))
				if anywhere {
					s.Open = func() (io.ReadCloser, error) { open++; return place{bytes.NewReader([]byte(c.files[i+1])), &open}, nil }
				}
				files = append(files, s)
			}
			if got := tabulators(c.vendor, files); got != c.want && !(strings.HasPrefix(c.want, "error") && strings.HasPrefix(got, c.want)) {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
			if open != 0 {
				t.Errorf("%s: %d files are left open", name, open)
			}
		}
	}
}

// tabulators reads everything and closes it.
func tabulators(v Vendor, files []cvr.Source) string {
	r, err := Open(v, nil, files...)
	if err != nil {
		return "error: " + err.Error()
	}
	var all []string
	for {
		var c cvr.Card
		if err = r.Next(&c); err != nil {
			break
		}
		all = append(all, c.Tabulator)
	}
	if closed := r.Close(); !errors.Is(err, io.EOF) || closed != nil {
		return "error: " + errors.Join(err, closed).Error()
	}
	return strings.Join(all, " ")
}
