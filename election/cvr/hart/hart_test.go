package hart

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/cvrtest"
)

func card1(batch, sequence, guid, contests string) cvr.Source {
	return cvr.Bytes(guid+".xml", fmt.Appendf(nil, `<?xml version="1.0" encoding="utf-8"?><Cvr xmlns="http://tempuri.org/CVRDesign.xsd"><Contests>%s</Contests><BatchSequence>%s</BatchSequence>`+
		`<SheetNumber>1</SheetNumber><PrecinctSplit><Name>P</Name><Id>7</Id></PrecinctSplit><BatchNumber>%s</BatchNumber><CvrGuid>%s</CvrGuid></Cvr>`, contests, sequence, batch, guid))
}

func contestXML(name string, options ...string) string {
	return "<Contest><Name>" + name + "</Name><Id>x</Id><Options>" + strings.Join(options, "") + "</Options></Contest>"
}

const (
	ann     = "<Option><Name>Ann &amp; Co</Name><Id>1</Id><Value>1</Value></Option>"
	written = "<Option><Id>2</Id><Value>1</Value><WriteInData><Text>Zoë</Text></WriteInData></Option>"
	second  = "<Option><Name>Bob</Name><Value>0100</Value></Option>"
)

func TestCards(t *testing.T) {
	list := cvr.Bytes("list.csv", []byte("#FormatVersion 1,,\n#BatchId,CvrId,UniqueIdentifier,Workstation\n1,g1,U-1,WS2\n"))
	var f Files
	parts := []cvr.Source{
		card1("B1", "4", "g1", contestXML("Mayor", ann, ann)+contestXML("Sheriff")), list, cvr.Bytes("WriteIn/img.txt", nil),
		card1("B1", "5", "g2", contestXML("Sheriff", written)+contestXML("Council", second)),
	}
	if err := f.Open("county.zip", parts, nil); err != nil {
		t.Fatal(err)
	}
	got, contests, err := cvrtest.All(f.Reader())
	if err != nil {
		t.Fatal(err)
	}
	wantContests := []cvr.Contest{
		{ID: "x", Name: "Mayor", Choices: []cvr.Choice{{ID: "1", Name: "Ann & Co"}}},
		{ID: "x", Name: "Sheriff", Choices: []cvr.Choice{{ID: "2", Name: "Write-In", WriteIn: true}}},
		{ID: "x", Name: "Council", Ranks: 4, Choices: []cvr.Choice{{Name: "Bob"}}},
	}
	if diff := cmp.Diff(wantContests, contests); diff != "" {
		t.Errorf("contests (-want +got):\n%s", diff)
	}
	want := []cvr.Card{
		{Tabulator: "WS2", Batch: "B1", RecordID: "4", ImprintedID: "U-1", Precinct: "P", Portion: "7", Votes: []cvr.Vote{{Contest: 0, Marks: []cvr.Mark{{Choice: 0}}}, {Contest: 1}}},
		{Batch: "B1", RecordID: "5", ImprintedID: "g2", Precinct: "P", Portion: "7", Votes: []cvr.Vote{{Contest: 1, Marks: []cvr.Mark{{Choice: 0}}}, {Contest: 2, Marks: []cvr.Mark{{Choice: 0, Rank: 2}}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cards (-want +got):\n%s", diff)
	}
}

// Several zip files are called after their machines.
func TestZipFilesNameMachines(t *testing.T) {
	var f Files
	inner := func(s cvr.Source) ([]cvr.Source, error) {
		return []cvr.Source{card1("B1", "1", "of "+s.Base(), contestXML("Mayor", ann))}, nil
	}
	if err := f.Open("all.zip", []cvr.Source{cvr.Bytes("all.zip: North 1.zip", nil), cvr.Bytes("all.zip: South.ZIP", nil)}, inner); err != nil {
		t.Fatal(err)
	}
	got, _, err := cvrtest.All(f.Reader())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Tabulator != "North 1" || got[1].Tabulator != "South" {
		t.Errorf("machines of %+v", got)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		cards []cvr.Source
		want  string
	}{
		"no card":             {[]cvr.Source{cvr.Bytes("a.txt", nil)}, "no XML file"},
		"not XML":             {[]cvr.Source{cvr.Bytes("a.xml", []byte("Batch,1"))}, "a.xml is not the XML"},
		"another XML":         {[]cvr.Source{cvr.Bytes("a.xml", []byte("<Election/>"))}, "a.xml is not the XML"},
		"no batch":            {[]cvr.Source{card1("", "1", "g", contestXML("Mayor", ann))}, "g.xml has no BatchNumber"},
		"one record twice":    {[]cvr.Source{card1("B", "1", "g", ""), card1("B", "2", "g", "")}, "g.xml: the record g was read before"},
		"a contest twice":     {[]cvr.Source{card1("B", "1", "g", contestXML("Mayor", ann)+contestXML("Mayor"))}, "the contest “Mayor” is there twice"},
		"a strange vote":      {[]cvr.Source{card1("B", "1", "g", contestXML("Mayor", "<Option><Name>A</Name><Value>2</Value></Option>"))}, "“2” is not the vote"},
		"an option of nobody": {[]cvr.Source{card1("B", "1", "g", contestXML("Mayor", "<Option><Value>1</Value></Option>"))}, "has no name"},
		"too many contests":   {[]cvr.Source{card1("B", "1", "g", manyContests())}, "more than 10000 contests or marks"},
		"too many marks": {[]cvr.Source{card1("B", "1", "g", contestXML("Mayor", strings.Repeat("<Option><Name>A</Name><Value>"+strings.Repeat("1", 999)+"</Value></Option><Option><Name>B</Name><Value>"+
			strings.Repeat("1", 999)+"</Value></Option>", 9)+manyOptions()))}, "more than 10000 contests or marks"},
		"a very long card": {[]cvr.Source{cvr.Bytes("a.xml", make([]byte, maxCard+1))}, "a.xml is larger than"},
	} {
		if _, _, err := cvrtest.All(New(nil, Export{Cards: c.cards})); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for name, c := range map[string]struct{ list, want string }{
		"no version": {"CvrId,UniqueIdentifier,Workstation\ng,U,W\n", "is not a list of scanned ballots"},
		"no column":  {"#FormatVersion 1,\nCvrId,Workstation\ng,W\n", "no column “UniqueIdentifier”"},
		"disagree":   {"#FormatVersion 1,,\nCvrId,UniqueIdentifier,Workstation\ng,U,W\ng,U,V\n", "line 4: the card g is U of V here, and U of W"},
		"empty":      {"#FormatVersion 1,,\nCvrId,UniqueIdentifier,Workstation\ng,,W\n", "line 3: the cell under “UniqueIdentifier” is empty"},
	} {
		if _, err := ReadScanned(cvr.Bytes("list.csv", []byte(c.list))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func manyContests() string {
	var b strings.Builder
	for i := range cvr.MaxOnCard + 1 {
		b.WriteString(contestXML(fmt.Sprint("C", i)))
	}
	return b.String()
}

func manyOptions() string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "<Option><Name>%d</Name><Value>%s</Value></Option>", i, strings.Repeat("1", 999))
	}
	return b.String()
}

func FuzzHart(f *testing.F) {
	for _, s := range []cvr.Source{card1("B", "1", "g", contestXML("Mayor", ann, written, second)), card1("B", "1", "g", contestXML("Mayor"))} {
		b, err := s.ReadAll(maxCard)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, contests, err := cvrtest.All(New(nil, Export{Cards: []cvr.Source{cvr.Bytes("a.xml", b)}}))
		if err != nil {
			return
		}
		for _, v := range all[0].Votes {
			for _, m := range v.Marks {
				if m.Choice >= len(contests[v.Contest].Choices) || m.Rank > contests[v.Contest].Ranks {
					t.Fatalf("mark %+v", m)
				}
			}
		}
	})
}
