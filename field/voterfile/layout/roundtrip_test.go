package layout

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var testElections = []ElectionColumn{
	{Date: 20200317, Type: Primary, Name: "PRIMARY-03/17/2020"},
	{Date: 20241105, Type: General, Name: "GENERAL-11/05/2024"},
	{Date: 20250506, Type: Special, Name: "SPECIAL-05/06/2025"},
}

// form is a state's file in one generation.
type form struct {
	id  ID
	gen Generation
}

var allForms = []form{{NC, Current}, {NC, Since22}, {NC, Before22}, {OH, Current}, {FL, Current}, {MI, Current}, {MI, Fixed}, {WA, Current}, {WA, Before22}}

// drawVoter makes a voter whose every field the form can carry.
func drawVoter(t *rapid.T, x form) Voter {
	text := func(name string, most int) string {
		return rapid.StringMatching(fmt.Sprintf(`[A-ZÑÉÜa-zñ][A-ZÁÑ' -]{0,%d}[A-ZÑ]`, most)).Draw(t, name)
	}
	one := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	v := Voter{
		Last: text("last", 15), First: text("first", 10), Middle: one("middle", "", "ANN", "JOSÉ"), Suffix: one("suffix", "", "JR", "III"),
		Sex: one("sex", "F", "M", "X", "U")[0], Registered: 20080229,
	}
	v.Residence = Address{
		House: rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(t, "house"), PreDir: one("pre", "", "N"),
		Street: one("street", "MAIN", "OLD MILL", "5TH"), StreetType: one("type", "ST", "AVE"), PostDir: one("post", "", "NW"),
		City: text("city", 8), State: x.id.State(), ZIP5: rapid.StringMatching(`[0-9]{5}`).Draw(t, "zip"),
	}
	if rapid.Bool().Draw(t, "apartment") {
		v.Residence.UnitType, v.Residence.Unit = "APT", rapid.StringMatching(`[1-9][A-D]?`).Draw(t, "unit")
	}
	v.Residence.Line = v.Residence.compose()
	v.Mailing = Mail{Lines: [4]string{"PO BOX 7", one("mail2", "", "C/O \"RED\" SMITH")}, City: "RALEIGH", State: "NC", ZIP: one("mailzip", "27601", "27601-1234")}
	v.Precinct = one("precinct", "01-07", "102")
	switch x.id {
	case NC:
		drawNC(&v, x, one)
	case OH:
		drawOH(&v, one)
	case FL:
		drawFL(&v, one)
	case MI:
		drawMI(&v, x, one)
	case WA:
		drawWA(&v, x, one)
	}
	return v
}

type choose func(string, ...string) string

func drawNC(v *Voter, x form, one choose) {
	v.StateID, v.CountyCode, v.County, v.CountyRegID = "AA"+one("id", "1", "123456"), "92", "WAKE", "000012345678"
	v.StatusCode, v.Status, v.ReasonCode, v.Reason = "A", Active, "AV", "VERIFIED"
	v.BirthYear, v.RaceCode, v.Race, v.EthnCode, v.Ethnicity, v.Party = 1971, "B", RaceBlack, "HL", Hispanic, "UNA"
	v.Residence.ZIP4 = one("zip4", "", "0042")
	v.Phones = []Phone{{Number: "9195550123"}}
	v.PrecinctName = "PRECINCT 01-07"
	v.Districts = []District{{Municipality, "RAL", "RALEIGH"}, {Congress, "02", ""}, {StateSenate, "14", ""}, {VTD, "01-07", "VTD 01-07"}}
	v.Confidential = one("confidential", "N", "Y") == "Y"
	_ = x
}

func drawOH(v *Voter, one choose) {
	v.StateID, v.CountyCode, v.County, v.CountyRegID = "OH0012345678", "25", "FRANKLIN", "12345"
	v.StatusCode, v.Status = "CONFIRMATION", Inactive
	v.BirthDate, v.BirthYear, v.Sex, v.Party = 19710228, 1971, SexUnknown, one("party", "", "D", "R")
	v.Residence.ZIP4 = one("zip4", "", "0042")
	v.Mailing.Country = one("country", "", "CANADA")
	v.PrecinctName = "KETTERING 1-A"
	v.Districts = []District{{CareerCenter, "X VOCATIONAL", ""}, {Congress, "03", ""}, {LocalSchool, "Y LOCAL", ""}, {Ward, "KETTERING 1", ""}}
	v.Votes = []Vote{
		{StateID: v.StateID, Date: 20200317, Type: Primary, Name: "PRIMARY-03/17/2020", Party: "D", Code: "D", CountyCode: "25"},
		{StateID: v.StateID, Date: 20241105, Type: General, Name: "GENERAL-11/05/2024", Code: "X", CountyCode: "25"},
	}
}

func drawFL(v *Voter, one choose) {
	v.StateID, v.CountyCode, v.County = "123456789", "DAD", "MIAMI-DADE"
	v.StatusCode, v.Status = "ACT", Active
	if one("pre", "", "PRE") == "PRE" {
		v.StatusCode, v.Status, v.Minor = "PRE", Preregistered, true
	}
	v.BirthDate, v.BirthYear, v.RaceCode, v.Race, v.Party = 20080704, 2008, "4", RaceHispanic, "NPA"
	v.Residence.ZIP4 = one("zip4", "", "0042")
	v.Phones, v.Emails = []Phone{{Number: "3055550123"}}, []string{"a@example.org"}
	v.Districts = []District{{PrecinctPart, "7", ""}, {Congress, "27", ""}, {SchoolBoard, "3", ""}}
	v.Confidential = one("confidential", "N", "Y") == "Y"
}

func drawMI(v *Voter, x form, one choose) {
	v.StateID, v.CountyCode, v.County = "1234567890123", "82", "WAYNE"
	v.StatusCode, v.Status, v.BirthYear, v.Mailing.City = "A", Active, 1971, one("mailcity", "", "LANSING")
	v.Districts = []District{{Jurisdiction, "22000", "DETROIT CITY"}, {Congress, "13", "13TH DISTRICT"}}
	if v.Mailing.City == "" {
		v.Mailing = Mail{}
	} else {
		v.Mailing.State = "MI"
	}
	if x.gen == Fixed {
		for i := range v.Districts {
			v.Districts[i].Name = ""
		}
	}
}

func drawWA(v *Voter, x form, one choose) {
	v.StateID, v.CountyCode, v.County = "WA012345678", "KI", "KING"
	v.StatusCode, v.Status, v.BirthYear = "Active", Active, 1971
	if x.gen == Before22 {
		v.BirthDate = 19710228
	}
	v.Mailing.Country = one("country", "", "CANADA")
	v.Districts = []District{{PrecinctPart, "2", ""}, {StateSenate, "37", ""}, {Congress, "9", ""}}
}

// plain takes out the fields that a state's file cannot carry in text form.
var plain = cmp.Options{cmpopts.EquateEmpty()}

func TestWrittenVotersReadBack(t *testing.T) {
	for _, x := range allForms {
		t.Run(fmt.Sprintf("%s/%d", x.id, x.gen), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want := make([]Voter, rapid.IntRange(1, 5).Draw(t, "voters"))
				for i := range want {
					want[i] = drawVoter(t, x)
				}
				data := writeVoters(t, x, want)
				f, err := Open(x.id, Voters, bytes.NewReader(data), nil)
				if err != nil {
					t.Fatalf("%v\n%s", err, data)
				}
				for i := range want {
					var got Voter
					if err := f.ReadVoter(&got); err != nil {
						t.Fatalf("voter %d: %v\n%s", i, err, data)
					}
					if diff := cmp.Diff(want[i], got, plain); diff != "" {
						t.Fatalf("voter %d: -want +got\n%s\n%s", i, diff, data)
					}
					if len(f.Notes()) > 0 {
						t.Fatalf("voter %d: %v", i, f.Notes()[0])
					}
				}
				if err := f.ReadVoter(&Voter{}); !errors.Is(err, io.EOF) {
					t.Fatalf("after the last voter: %v", err)
				}
			})
		})
	}
}

type fataler interface{ Fatal(...any) }

func writeVoters(t fataler, x form, voters []Voter) []byte {
	var b bytes.Buffer
	w, err := NewWriter(&b, x.id, x.gen, Voters, WriterOptions{Elections: testElections})
	if err != nil {
		t.Fatal(err)
	}
	for i := range voters {
		if err := w.WriteVoter(&voters[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWrittenVotesReadBack(t *testing.T) {
	votes := map[ID][]Vote{
		NC: {{StateID: "AA123456", Date: 20241105, Type: General, Name: "11/05/2024 GENERAL", Method: Early, Code: "EARLY VOTING IN-PERSON", Party: "DEM", CountyCode: "92"},
			{StateID: "EH1", Date: 20240514, Type: Runoff, Name: "05/14/2024 SECOND PRIMARY", Method: ByMail, Code: "ABSENTEE BY MAIL", Party: "REP", CountyCode: "60"}},
		FL: {{StateID: "123456789", Date: 20240319, Type: PresidentialPrimary, Name: "PPP", Method: ByMail, Code: "A", CountyCode: "DAD"},
			{StateID: "123456789", Date: 20241105, Type: General, Name: "GEN", Method: NotCounted, Code: "B", CountyCode: "DAD"}},
		MI: {{StateID: "1234567890123", Date: 20241105, Type: General, Method: Absentee, Code: "Y", CountyCode: "82"},
			{StateID: "1234567890123", Date: 20240227, Type: PresidentialPrimary, Method: Polls, Code: "N", CountyCode: "82"}},
		WA: {{StateID: "WA012345678", Date: 20240806, Type: Primary, CountyCode: "KI"}},
	}
	for id, want := range votes {
		for _, short := range []bool{false, id == MI} {
			var b bytes.Buffer
			w, err := NewWriter(&b, id, Current, History, WriterOptions{ShortHeader: short})
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if err := w.WriteVote(&want[i], nil); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			f, err := Open(id, History, bytes.NewReader(b.Bytes()), nil)
			if err != nil {
				t.Fatalf("%s: %v\n%s", id, err, &b)
			}
			for i := range want {
				wanted := want[i]
				if short {
					wanted.Method, wanted.Code = MethodUnknown, "" // the column lost its name and its values
				}
				var got Vote
				if err := f.ReadVote(&got); err != nil {
					t.Fatalf("%s: %v\n%s", id, err, &b)
				}
				if diff := cmp.Diff(wanted, got); diff != "" {
					t.Errorf("%s: -want +got\n%s", id, diff)
				}
			}
			if err := f.ReadVote(&Vote{}); !errors.Is(err, io.EOF) {
				t.Errorf("%s: after the last vote: %v", id, err)
			}
		}
	}
}

// TestHistoryRowsAsTheStatesWriteThem holds whole rows against the layouts as published.
func TestHistoryRowsAsTheStatesWriteThem(t *testing.T) {
	nc := Voter{StateID: "AA123456", CountyCode: "92", CountyRegID: "000012345678", Precinct: "01-07", PrecinctName: "PRECINCT 01-07",
		Districts: []District{{Congress, "02", ""}, {VTD, "01-07", "VTD 01-07"}}}
	mi := Voter{StateID: "1234567890123", CountyCode: "82", Districts: []District{{Jurisdiction, "22000", "DETROIT CITY"}, {School, "01100", "DETROIT PUBLIC SCHOOLS"}}}
	for _, c := range []struct {
		form
		vote Vote
		who  *Voter
		want string
	}{
		{form{NC, Current}, Vote{StateID: "AA123456", Date: 20241105, Name: "11/05/2024 GENERAL", Code: "PROVISIONAL", Party: "UNA", CountyCode: "60"}, &nc,
			`"92"	"WAKE"	"000012345678"	"11/05/2024"	"11/05/2024 GENERAL"	"PROVISIONAL"	"UNA"	"UNAFFILIATED"	"01-07"	"PRECINCT 01-07"	"AA123456"	"60"	"MECKLENBURG"	"01-07"	"VTD 01-07"`},
		{form{NC, Current}, Vote{StateID: "AA123456", Date: 20241105, Name: "11/05/2024 GENERAL", Code: "PROVISIONAL", CountyCode: "60"}, nil,
			`"60"	"MECKLENBURG"	""	"11/05/2024"	"11/05/2024 GENERAL"	"PROVISIONAL"	""	""	""	""	"AA123456"	"60"	"MECKLENBURG"	""	""`},
		{form{MI, Current}, Vote{StateID: "1234567890123", Date: 20241105, Method: Absentee, CountyCode: "82"}, &mi,
			`"1234567890123","82","WAYNE","22000","DETROIT CITY","01100","DETROIT PUBLIC SCHOOLS","2024-11-05","Y"`},
		{form{MI, Fixed}, Vote{StateID: "1234567890123", Name: "102000693", Method: Polls, CountyCode: "82"}, &mi, "1234567890123822200001100102000693    N"},
	} {
		var b bytes.Buffer
		w, err := NewWriter(&b, c.id, c.gen, History, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.WriteVote(&c.vote, c.who), w.Flush()); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(b.String(), "\n")
		if c.gen == Fixed { // it has no header
			got = b.String()
		}
		if diff := cmp.Diff(c.want+"\r\n", got); diff != "" {
			t.Errorf("%s/%d (-want +got):\n%s", c.id, c.gen, diff)
		}
	}
}

// Row tells the place of each row in the file, so that a caller can cut it out and go on from there.
func TestRowsStandWhereTheySay(t *testing.T) {
	v := Voter{StateID: "AA1", Last: "NÚÑEZ", First: "ANA", StatusCode: "A", CountyCode: "1", BirthYear: 1990, Residence: Address{Line: "1 \"A\" ST"}}
	data := writeVoters(t, form{NC, Current}, []Voter{v, v, v})
	f, err := Open(NC, Voters, bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	var hash uint64
	for line := int64(2); line < 5; line++ {
		if err := f.ReadVoter(&v); err != nil {
			t.Fatal(err)
		}
		r := f.Row()
		cut := data[r.Offset : r.Offset+int64(r.Length)]
		if r.Line != line || !bytes.Equal(cut, f.Raw()) || data[r.Offset+int64(r.Length)] != '\r' || r.Hash != Hash(cut) {
			t.Errorf("row on line %d: %+v is %q", line, r, cut)
		}
		if hash != 0 && r.Hash != hash {
			t.Errorf("line %d: equal rows have different hashes", line)
		}
		hash = r.Hash
	}
}
