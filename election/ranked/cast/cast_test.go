package cast

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/ranked"
	"github.com/openprecinct/precinct/internal/fault"
)

func in2(files map[string]string) Opener {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return func(name string) (fs.FS, string, error) { return m, name, nil }
}

// settings are those of a contest between A, B and Peña (whom files also call 3) with one source.
func settings(src ranked.Source) *ranked.Settings {
	s := &ranked.Settings{Contest: ranked.Contest{Name: "c", Candidates: []ranked.Candidate{{Name: "A", Aliases: []string{"1"}}, {Name: "B", Aliases: []string{"2"}}, {Name: "Peña", Aliases: []string{"3"}}}}}
	s.Rules.MaxRanks = 3
	s.WriteIns = src.WriteInLabel != "" || src.BlankIsWriteIn
	s.Sources = []ranked.Source{src}
	return s
}

// read returns ballots as "id vendor precinct batch: rank=candidate …".
func read(s *ranked.Settings, open Opener) ([]string, error) {
	var all []string
	err := Each(context.Background(), s, open, func(b *ranked.Ballot) error {
		line := strings.Join([]string{b.ID, b.VendorID, b.Precinct, b.Batch}, "|") + ":"
		for _, m := range b.Marks {
			line += fmt.Sprintf(" %d=%d", m.Rank, m.Candidate)
		}
		all = append(all, line)
		return nil
	})
	return all, err
}

// sheet packs rows of texts as a workbook; an empty text is no cell.
func sheet(rows ...[]string) string {
	var x strings.Builder
	x.WriteString("<worksheet><sheetData>")
	for i, row := range rows {
		fmt.Fprintf(&x, `<row r="%d">`, i+1)
		for j, v := range row {
			if v != "" {
				fmt.Fprintf(&x, `<c r="%c%d" t="str"><v>%s</v></c>`, 'A'+j, i+1, v)
			}
		}
		x.WriteString("</row>")
	}
	x.WriteString("</sheetData></worksheet>")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"xl/workbook.xml": `<workbook><sheets><sheet name="x"/></sheets></workbook>`, "xl/worksheets/sheet1.xml": x.String()} {
		w, _ := z.Create(name)
		_, _ = w.Write([]byte(text))
	}
	_ = z.Close()
	return b.String()
}

var (
	essSource     = ranked.Source{Path: "v.xlsx", Provider: ranked.ESS, FirstVoteColumn: 2, FirstVoteRow: 1, IDColumn: 0, PrecinctColumn: 1, BatchColumn: -1, OvervoteDelimiter: "//", SkippedLabel: "undervote", WriteInLabel: "UWI", OvervoteLabel: "over"}
	genericSource = ranked.Source{Path: "v.csv", Provider: ranked.GenericCSV, FirstVoteColumn: 3, FirstVoteRow: 1, IDColumn: 0, PrecinctColumn: 1, BatchColumn: 2, WriteInLabel: "Write-in"}
	cbSource      = ranked.Source{Path: "v.csv", Provider: ranked.ClearBallot, ContestID: "Mayor", WriteInLabel: "W"}
	dominion      = ranked.Source{Path: "d", Provider: ranked.Dominion, ContestID: "7", WriteInLabel: "9"}
	hartSource    = ranked.Source{Path: "h", Provider: ranked.Hart, ContestID: "m"}
	cdfSource     = ranked.Source{Path: "v.json", Provider: ranked.CDF, ContestID: "Mayor", WriteInLabel: "x"}
	cdfXMLSource  = ranked.Source{Path: "v.xml", Provider: ranked.CDF, ContestID: "Mayor", WriteInLabel: "x"}
)

const cbHead = "RowNumber,BoxID,BoxPosition,BallotID,PrecinctID,BallotStyleID,PrecinctStyleName,ScanComputerName,Status,Remade,C1:Mayor:1:Vote For 1:A:X,C2:Mayor:1:Vote For 1:W:X,C3:Other:1:Vote For 1:Q:X,C4:Mayor:2:Vote For 1:Peña:X\n"

var dominionLists = map[string]string{
	"d/PrecinctPortionManifest.json":   `{"List":[{"Description":"Portion 4","Id":4}]}`,
	"d/ContestManifest.json":           `{"List":[{"Description":"Mayor","Id":7,"NumOfRanks":3}]}`,
	"d/CandidateManifest.json":         `{"List":[{"Id":1,"ContestId":7},{"Id":2,"ContestId":7},{"Id":3,"ContestId":7},{"Id":9,"ContestId":7},{"Id":5,"ContestId":8}]}`,
	"d/OutstackConditionManifest.json": `{"List":[{"Description":"InvalidContest","Id":77},{"Description":"Overvote","Id":5}]}`,
}

func with(files map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for k, v := range files {
		all[k] = v
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

func session(id int, original, modified string) string {
	s := fmt.Sprintf(`{"TabulatorId":10,"BatchId":20,"RecordId":%d,"Original":%s`, id, original)
	if modified != "" {
		s += `,"Modified":` + modified
	}
	return s + "}"
}

const cdfText1 = `{"CVR":[{"BallotPrePrintedId":"b1","BallotStyleUnitId":"g1","BatchId":"x","CurrentSnapshotId":"s1","CVRSnapshot":[{"@id":"s0"},{"@id":"s1","CVRContest":[{"ContestId":"c1","CVRContestSelection":[
 {"ContestSelectionId":"k3","Rank":2},{"ContestSelectionId":"k1","SelectionPosition":[{"Rank":1,"IsAllocable":"yes"},{"Rank":3,"HasIndication":"no"}]},{"ContestSelectionId":"k9","SelectionPosition":[{"Rank":"3"}]}]}]}]},
 {"CurrentSnapshotId":"s2","CVRSnapshot":[{"@id":"s2","CVRContest":[{"ContestId":"other"}]}]}],
 "Election":[{"Candidate":[{"@id":"p1","Name":"A"},{"@id":"p3","Name":"Peña"}],"Contest":[{"@id":"c1","Name":"Mayor","ContestSelection":[{"@id":"k1","CandidateIds":["p1"]},{"@id":"k3","CandidateIds":["p3"]},{"@id":"k9","IsWriteIn":true}]}]}],"GpUnit":[{"@id":"g1","Name":"P 1"}]}`

const cdfText2 = `<R xmlns="n"><CVR><BallotStyleUnitId>g1</BallotStyleUnitId><BatchId>x</BatchId><UniqueId>b1</UniqueId><CurrentSnapshotId>s1</CurrentSnapshotId><CVRSnapshot ObjectId="s1"><CVRContest><ContestId>c1</ContestId>
<CVRContestSelection><ContestSelectionId>k3</ContestSelectionId><Rank>2</Rank></CVRContestSelection><CVRContestSelection><ContestSelectionId>k1</ContestSelectionId><SelectionPosition><IsAllocable>yes</IsAllocable><Rank>1</Rank></SelectionPosition></CVRContestSelection>
<CVRContestSelection><ContestSelectionId>k1</ContestSelectionId><Status>needs-adjudication</Status></CVRContestSelection><CVRContestSelection><ContestSelectionId>k1</ContestSelectionId><SelectionPosition><CVRWriteIn><Text>Q</Text></CVRWriteIn><Rank>3</Rank></SelectionPosition></CVRContestSelection></CVRContest></CVRSnapshot></CVR>
<Election><Candidate ObjectId="p1"><Name>A</Name></Candidate><Candidate ObjectId="p3"><Name>Peña</Name></Candidate><Contest ObjectId="c1"><Name>Mayor</Name><ContestSelection ObjectId="k1"><CandidateIds>p1</CandidateIds></ContestSelection><ContestSelection ObjectId="k3"><CandidateIds>p3</CandidateIds></ContestSelection></Contest></Election><GpUnit ObjectId="g1"><Name>P 1</Name></GpUnit></R>`

func TestReaders(t *testing.T) {
	marks := func(id int) string {
		return fmt.Sprintf(`{"Id":7,"Marks":[{"CandidateId":3,"Rank":2,"IsVote":false},{"CandidateId":%d,"Rank":1},{"CandidateId":2,"Rank":3,"IsAmbiguous":true}]}`, id)
	}
	for _, x := range []struct {
		name   string
		source ranked.Source
		files  map[string]string
		want   []string
	}{
		{"ES&S", essSource, map[string]string{"v.xlsx": sheet([]string{"id", "precinct"}, []string{"c1", "P1", "A", "undervote", " Peña "}, []string{"c2", "", "1//B", "over", "UWI", "A"}, []string{"c3", "P1"})},
			[]string{"v.xlsx-1|c1|P1|: 1=0 3=2", "v.xlsx-2|c2|missing_precinct_id|: 1=0 1=1 2=-1 3=3", "v.xlsx-3|c3|P1|:"}},
		{"generic CSV", genericSource, map[string]string{"v.csv": "\ufeffid,precinct,batch,A,Pe\xf1a,Write-in\nc1,P1,B1,2,1,\n\"c2\",,,1,1, 3\nc3,P1,B1,,,\n"},
			[]string{"v.csv(1)|c1|P1|B1: 1=2 2=0", "v.csv(2)|c2||: 1=0 1=2 3=3", "v.csv(3)|c3|P1|B1:"}},
		{"Clear Ballot", cbSource, map[string]string{"v.csv": cbHead + "1,box,1,b1,P1,1,x,scan,0,0,1,0,1,1\n2,box,2,b2,P1,1,x,scan,0,0,0,1,0,0\n"},
			[]string{"b1|b1|P1|box: 1=0 2=2", "b2|b2|P1|box: 1=3"}},
		{"Dominion", dominion, with(dominionLists, "d/CvrExport_2.json", `{"Sessions":[`+session(3, `{"IsCurrent":true,"PrecinctPortionId":4,"Contests":[`+marks(9)+`]}`, "")+`]}`,
			"d/CvrExport_1.json", `{"Version":"5","Sessions":[`+session(1, `{"IsCurrent":true,"PrecinctPortionId":4,"Cards":[{"Contests":[{"Id":8,"Marks":[]},`+marks(1)+`]}]}`, "")+","+
				session(2, `{"IsCurrent":false,"Cards":[{"Contests":[`+marks(1)+`]}]}`, `{"IsCurrent":true,"PrecinctPortionId":4,"Cards":[{"Contests":[`+marks(2)+`]}]}`)+","+
				session(4, `{"IsCurrent":false,"Cards":[]}`, "")+","+session(5, `{"IsCurrent":true,"PrecinctPortionId":4,"Contests":[{"Id":7,"OutstackConditionIds":[77],"Marks":[]}]}`, "")+`]}`),
			[]string{"10-20-1|1||20: 1=0 2=2", "10-20-2|2||20: 1=1 2=2", "10-20-3|3||20: 1=3 2=2"}},
		{"Hart", hartSource, map[string]string{"h/b.xml": "\ufeff<?xml version=\"1.0\"?><Cvr><Contests><Contest><Id>m</Id><Options><Option><Id>3</Id><Value>010</Value></Option><Option><Id>1</Id><Value>100</Value></Option></Options></Contest><Contest><Id>z</Id></Contest></Contests><BatchNumber>4</BatchNumber><CvrGuid>g</CvrGuid><PrecinctSplit><Name>P1</Name></PrecinctSplit></Cvr>", "h/readme.txt": "no"},
			[]string{"g|g|P1|4: 1=0 2=2"}},
		{"CDF JSON", cdfSource, map[string]string{"v.json": cdfText1}, []string{"v.json(1)|b1|P 1|x: 1=0 2=2 3=3"}},
		{"CDF XML", cdfXMLSource, map[string]string{"v.xml": cdfText2}, []string{"v.xml(1)|b1|P 1|x: 1=0 2=2 3=3"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := read(settings(x.source), in2(x.files))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(x.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestBlankCellsCanBeWriteIns(t *testing.T) {
	src := essSource
	src.BlankIsWriteIn = true
	got, err := read(settings(src), in2(map[string]string{"v.xlsx": sheet([]string{"id"}, []string{"c1", "P", "", "B"})}))
	if d := cmp.Diff([]string{"v.xlsx-1|c1|P|: 1=3 2=1 3=3"}, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

// What is odd is refused, with its place and what to do; it is never left out.
func TestRefusals(t *testing.T) {
	for _, x := range []struct {
		name   string
		source ranked.Source
		files  map[string]string
		want   string
	}{
		{"no file", essSource, nil, "v.xlsx cannot be opened"},
		{"no workbook", essSource, map[string]string{"v.xlsx": "a,b"}, "not an Excel workbook"},
		{"unknown candidates", essSource, map[string]string{"v.xlsx": sheet([]string{"id"}, []string{"c1", "P", "Zoe"}, []string{"c2", "P", "Zoe", "Xi"})}, `candidates that the settings do not know: "Zoe" (2), "Xi" (1)`},
		{"no id", essSource, map[string]string{"v.xlsx": sheet([]string{"id"}, []string{"", "P", "A"})}, "row 2: the ballot's id is missing in column 1"},
		{"half an overvote", essSource, map[string]string{"v.xlsx": sheet([]string{"id"}, []string{"c1", "P", "A//undervote"})}, `row 2: the cell "A//undervote" names several`},
		{"a rank too many", genericSource, map[string]string{"v.csv": "i,p,b,A,B\n1,,,1,4\n"}, "line 2: a candidate has rank 4, but there are only 3 ranks"},
		{"no rank", genericSource, map[string]string{"v.csv": "i,p,b,A,B\n\n1,,,1,x\n"}, `line 3, column 5: a rank is expected, a whole number from 1, and not "x"`},
		{"rank 0", genericSource, map[string]string{"v.csv": "i,p,b,A,B\n1,,,0,\n"}, `and not "0"`},
		{"nameless column", genericSource, map[string]string{"v.csv": "i,p,b,A,\n1,,,1,\n"}, "column 5 has votes but no candidate's name"},
		{"a vote beyond", genericSource, map[string]string{"v.csv": "i,p,b,A\n1,,,1,2\n"}, "line 2, column 5: there is a vote beyond"},
		{"empty", genericSource, map[string]string{"v.csv": ""}, "v.csv is empty"},
		{"a stranger's vote", genericSource, map[string]string{"v.csv": "i,p,b,A,Zoe\n1,,,1,2\n"}, `do not know: "Zoe" (1)`},
		{"another contest", cbSource, map[string]string{"v.csv": strings.ReplaceAll(cbHead, "Mayor", "Sheriff")}, `has no contest "Mayor"`},
		{"no choices", cbSource, map[string]string{"v.csv": "a,b\n"}, "not a file of Clear Ballot"},
		{"short row", cbSource, map[string]string{"v.csv": cbHead + "1,2\n"}, "line 2: there are 2 cells, and the first line has 14"},
		{"neither 0 nor 1", cbSource, map[string]string{"v.csv": cbHead + "1,box,1,b1,P1,1,x,scan,0,0,2,0,1,1\n"}, `0 or 1 is expected, and not "2"`},
		{"no export", dominion, dominionLists, "has neither CvrExport.json nor"},
		{"no list", dominion, map[string]string{"d/CvrExport.json": "{}"}, "PrecinctPortionManifest.json is missing"},
		{"no such contest", dominion, with(dominionLists, "d/ContestManifest.json", `{"List":[]}`), "no contest with the id 7"},
		{"no ballots", dominion, with(dominionLists, "d/CvrExport.json", `{"Sessions":[]}`), "no ballot of the contest 7"},
		{"broken JSON", dominion, with(dominionLists, "d/CvrExport.json", `{"Sessions":[{"RecordId":1,`), "CvrExport.json, record 1: it cannot be read"},
		{"another contest's candidate", dominion, with(dominionLists, "d/CvrExport.json", `{"Sessions":[`+session(1, `{"IsCurrent":true,"PrecinctPortionId":4,"Contests":[{"Id":7,"Marks":[{"CandidateId":5,"Rank":1}]}]}`, "")+`]}`), "record 1: the candidate 5 is not in this contest"},
		{"unknown portion", dominion, with(dominionLists, "d/CvrExport.json", `{"Sessions":[`+session(1, `{"IsCurrent":true,"PrecinctPortionId":5,"Contests":[{"Id":7,"Marks":[]}]}`, "")+`]}`), "the precinct portion 5 is not in"},
		{"no folder", hartSource, map[string]string{"x": ""}, "The folder of votes h cannot be opened"},
		{"a digit", hartSource, map[string]string{"h/a.xml": "<Cvr><Contests><Contest><Id>m</Id><Options><Option><Id>1</Id><Value>02</Value></Option></Options></Contest></Contests></Cvr>"}, `the option 1 has the value "02"`},
		{"cut off", hartSource, map[string]string{"h/a.xml": "<Cvr><Contests>"}, "a.xml, line 1: it cannot be read"},
		{"CDF without contest", cdfSource, map[string]string{"v.json": `{"CVR":[],"Election":[],"GpUnit":[]}`}, `has no contest "Mayor"`},
		{"CDF with a lost snapshot", cdfSource, map[string]string{"v.json": strings.Replace(cdfText1, `"CurrentSnapshotId":"s1"`, `"CurrentSnapshotId":"s9"`, 1)}, `record 1: its current snapshot "s9" is not there`},
		{"CDF with an unknown selection", cdfSource, map[string]string{"v.json": strings.Replace(cdfText1, `"ContestSelectionId":"k3"`, `"ContestSelectionId":"k8"`, 1)}, `record 1: its selection "k8"`},
		{"CDF with a rank of words", cdfSource, map[string]string{"v.json": strings.Replace(cdfText1, `"Rank":2`, `"Rank":"two"`, 1)}, `its rank "two"`},
		{"CDF with an unknown precinct", cdfXMLSource, map[string]string{"v.xml": strings.Replace(cdfText2, "<BallotStyleUnitId>g1", "<BallotStyleUnitId>g2", 1)}, `its precinct "g2"`},
		{"CDF twice", cdfSource, map[string]string{"v.json": strings.Replace(cdfText1, `"@id":"p3"`, `"@id":"p1"`, 1)}, `has the id "p1" twice`},
		{"CDF cut off", cdfXMLSource, map[string]string{"v.xml": cdfText2[:200]}, "it cannot be read"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := read(settings(x.source), in2(x.files))
			if fault.As(err) == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("got %v, want %q", err, x.want)
			}
		})
	}
}

func FuzzReaders(f *testing.F) {
	f.Add(uint8(0), sheet([]string{"id"}, []string{"c1", "P", "A", "B//A"}))
	f.Add(uint8(1), "i,p,b,A,B\n1,,,1,2\n")
	f.Add(uint8(2), cbHead+"1,box,1,b1,P1,1,x,scan,0,0,1,0,1,1\n")
	f.Add(uint8(3), `{"Sessions":[`+session(1, `{"IsCurrent":true,"PrecinctPortionId":4,"Contests":[{"Id":7,"Marks":[{"CandidateId":1,"Rank":1}]}]}`, "")+`]}`)
	f.Add(uint8(4), "<Cvr><Contests><Contest><Id>m</Id><Options><Option><Id>1</Id><Value>01</Value></Option></Options></Contest></Contests></Cvr>")
	f.Add(uint8(5), cdfText1)
	f.Add(uint8(6), cdfText2)
	sources := []ranked.Source{essSource, genericSource, cbSource, dominion, hartSource, cdfSource, cdfXMLSource}
	names := []string{"v.xlsx", "v.csv", "v.csv", "d/CvrExport.json", "h/a.xml", "v.json", "v.xml"}
	f.Fuzz(func(t *testing.T, kind uint8, text string) {
		k := int(kind) % len(sources)
		s := settings(sources[k])
		err := Each(context.Background(), s, in2(with(dominionLists, names[k], text)), func(b *ranked.Ballot) error {
			last := 1
			for _, m := range b.Marks {
				if m.Rank < last || m.Rank > maxRank || m.Candidate < ranked.Overvote || m.Candidate >= s.Size() {
					t.Fatalf("a mark that cannot be: %+v", m)
				}
				last = m.Rank
			}
			return nil
		})
		if err != nil && fault.As(err) == nil && !errors.Is(err, context.Canceled) {
			t.Errorf("an error for people was expected: %v", err)
		}
	})
}
