package export

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/words"
)

var testNow = time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)

// town is people of two streets, street by street; the last have what is hard to print.
func town(n int) []*record {
	var all []*record
	for i := range n {
		r := &record{personRow: personRow{ID: int64(1000 + i), First: "ROSA", Middle: "ELENA", Last: fmt.Sprintf("AGUILAR%d", i/2), BirthYear: 1960 + int64(i%50), Sex: "F", Party: "DEM",
			House: fmt.Sprint(100 + i/2*2), Street: []string{"CEDAR ST", "N OAK AVE"}[i*2/max(n, 1)%2], City: "PORT ANSEL", Region: "NC", ZIP: "40417", Precinct: "12-01", Household: int64(i/2 + 1)}}
		r.Address = r.House + " " + r.Street
		r.phones = []liststore.Phone{{Number: "5550146630", Kind: "cell"}}
		all = append(all, r)
	}
	return append(all,
		&record{personRow: personRow{ID: 7, First: "THỊ ĐÀO", Last: "NGUYỄN", Suffix: "JR", Address: "1140 EXTRAORDINARILY LONG BOULEVARD OF THE REPUBLIC APT 3000", House: "1140", Unit: "APT 3000",
			Street: "EXTRAORDINARILY LONG BOULEVARD OF THE REPUBLIC", City: "PORT ANSEL", Region: "NC", ZIP: "40417-1234"}},
		&record{personRow: personRow{ID: 8, First: "PILAR", Last: "PEÑA 🎉\x00",
			Mailing: `{"lines":["PO BOX 12","C/O SOMEBODY","FLOOR 3","DOOR 4"],"city":"QUAY","state":"NC","zip":"40420","country":"MEXICO"}`}})
}

func each(all []*record) iter.Seq2[*record, error] {
	return func(yield func(*record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func sheetPaper(t *testing.T, form Form, lang words.Lang, sheet Sheet) *paper {
	t.Helper()
	c, err := words.NewCatalog(Spanish, contact.Spanish)
	if err != nil {
		t.Fatal(err)
	}
	e := Export{ID: 12, Sentence: "Active voters aged 25–40 in Port Ansel who voted in at least 2 of the last 4 generals.", Request: Request{Form: form, Lang: lang, Sheet: sheet, Purpose: "to knock on doors in October"}}
	p := newPaper(c.In(lang), e, testNow, 20271009)
	p.demographic, p.exactAge = true, true
	return p
}

var testCatalog = &list.Catalog{
	Questions: map[int64]list.Question{5: {Definition: list.Definition{ID: 5, Name: "Support for the transit measure"}, Responses: []list.Definition{{ID: 51, Name: "Strong yes"}, {ID: 52, Name: "Yes"}, {ID: 53, Name: "Undecided"}, {ID: 54, Name: "No"}, {ID: 55, Name: "Strong no"}}}},
	Codes:     map[int64]list.Definition{9: {ID: 9, Name: "Volunteer"}},
}

func TestPapers(t *testing.T) {
	asks := Sheet{Title: "Cedar Street, October 9", Results: []contact.Result{contact.NotHome, contact.Refused, contact.Moved, contact.LitDropped}, Questions: []int64{5, 6}, Codes: []int64{9, 10}}
	scan := asks
	scan.Scan = true
	for _, c := range []struct {
		name  string
		form  Form
		lang  words.Lang
		sheet Sheet
		pages int
		rows  int64
	}{
		{"labels", Labels, words.EN, Sheet{}, 2, 42},
		{"labels-household", Labels, words.EN, Sheet{Household: true}, 1, 42},
		{"walk", Walk, words.EN, asks, 5, 41}, // one has no door
		{"walk-scan", Walk, words.ES, scan, 9, 41},
		{"calls", Calls, words.ES, asks, 5, 40}, // two have no phone
		{"walk-bare", Walk, words.EN, Sheet{}, 2, 41},
	} {
		t.Run(c.name, func(t *testing.T) {
			var first []byte
			for range 2 { // the same people make the same bytes
				p := sheetPaper(t, c.form, c.lang, c.sheet)
				var n int64
				var err error
				if c.form == Labels {
					n, err = p.labels(each(town(40)), c.sheet.Household)
				} else {
					n, err = p.sheets(each(town(40)), answersOf(p.t, p.e, testCatalog))
				}
				if err != nil || n != c.rows {
					t.Fatalf("%d rows, %v; want %d", n, err, c.rows)
				}
				var b bytes.Buffer
				if err := p.out(&b); err != nil {
					t.Fatal(err)
				}
				if got := p.pdf.PageCount(); got != c.pages {
					t.Errorf("%d pages, want %d", got, c.pages)
				}
				if first != nil && !bytes.Equal(first, b.Bytes()) {
					t.Error("the same people made other bytes")
				}
				first = b.Bytes()
			}
			if dir := os.Getenv("PRECINCT_LOOK"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, c.name+".pdf"), first, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Whom a form cannot reach is not on it: nobody is sent to the door of somebody whom the state took off the rolls, with a word written over the address.
func TestPaperIsForWhomItReaches(t *testing.T) {
	removed := &record{personRow: personRow{ID: 1, Last: "WOODS", Address: "REMOVED"}}
	removed.phones = []liststore.Phone{{Number: "5550146630"}}
	rural := &record{personRow: personRow{ID: 2, Last: "REYES", Address: "RURAL ROUTE 3 BOX 5", City: "QUAY", ZIP: "40420", Household: 9}}
	abroad := &record{personRow: personRow{ID: 3, Last: "HOANG", Mailing: `{"lines":["12 RUE X"],"country":"FRANCE"}`}}
	nowhere := &record{personRow: personRow{ID: 4, Last: "LEE", Mailing: `{"lines":["REMOVED"]}`, City: "QUAY"}}
	for _, c := range []struct {
		r    *record
		want string
	}{{removed, "calls"}, {rural, "walk labels"}, {abroad, "labels"}, {nowhere, ""}} {
		var got []string
		for _, f := range []Form{Walk, Calls, Labels} {
			if c.r.reached(f) {
				got = append(got, string(f))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s is reached by %v, want %s", c.r.Last, got, c.want)
		}
	}
	if s := strings.Join(removed.residence(), ", "); s != "" {
		t.Errorf("the address on a call sheet is %q", s)
	}
	p := sheetPaper(t, Walk, words.EN, Sheet{})
	if s := p.streetOf(rural); s != "RURAL ROUTE 3 BOX 5, QUAY" {
		t.Errorf("the heading of an address that no street was read from is %q", s)
	}
}

func TestALabelIsForWhoLivesAndGetsMailTogether(t *testing.T) {
	p := sheetPaper(t, Labels, words.EN, Sheet{Household: true})
	who := func(first, last string) *record { return &record{personRow: personRow{First: first, Last: last}} }
	for _, c := range []struct {
		some []*record
		want string
	}{
		{[]*record{who("ROSA", "AGUILAR")}, "ROSA AGUILAR"},
		{[]*record{who("ROSA", "AGUILAR"), who("MARTIN", "AGUILAR")}, "ROSA and MARTIN AGUILAR"},
		{[]*record{who("ROSA", "AGUILAR"), who("JOHN", "SMITH")}, "ROSA AGUILAR and JOHN SMITH"},
		{[]*record{who("ROSA", "AGUILAR"), who("MARTIN", "AGUILAR"), who("ANA", "AGUILAR")}, "AGUILAR household"},
		{[]*record{who("ROSA", "AGUILAR"), who("JOHN", "SMITH"), who("ANA", "AGUILAR")}, "ROSA AGUILAR and household"},
	} {
		if got := addressee(p, c.some); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	a, b := &record{personRow: personRow{Household: 1, Address: "1 ELM ST"}}, &record{personRow: personRow{Household: 1, Address: "1 ELM ST", Mailing: `{"lines":["PO BOX 1"],"city":"QUAY"}`}}
	if together(a, b) || !together(a, a) || together(&record{}, &record{}) {
		t.Error("who gets mail together was misjudged")
	}
}

func TestMailingLines(t *testing.T) {
	for _, c := range []struct {
		r    personRow
		want []string
	}{
		{personRow{Address: "1 ELM ST", City: "QUAY", Region: "NC", ZIP: "40420"}, []string{"1 ELM ST", "QUAY NC 40420"}},
		{personRow{Address: "1 ELM ST", City: "QUAY", Mailing: `{"lines":["PO BOX 1"],"city":"ANSEL","state":"NC","zip":"4","country":"MEXICO"}`}, []string{"PO BOX 1", "ANSEL NC 4", "MEXICO"}},
		{personRow{Address: "1 ELM ST", City: "QUAY", Mailing: `{broken`}, []string{"1 ELM ST", "QUAY"}},
		{personRow{}, nil},
	} {
		r := record{personRow: c.r}
		if d := cmp.Diff(c.want, slices.Clip(r.mailing())); d != "" && len(c.want)+len(r.mailing()) > 0 {
			t.Error(d)
		}
	}
}

func TestAgesTellNoMoreThanTheRoleSees(t *testing.T) {
	r := record{personRow: personRow{BirthYear: 1990, BirthDate: 19901231}}
	if exact, rough := r.age(20271009, true), r.age(20271009, false); exact != 36 || rough != 37 {
		t.Errorf("exact %d, rough %d; want 36 and 37", exact, rough)
	}
}

func BenchmarkWalkList(b *testing.B) {
	c, err := words.NewCatalog(Spanish, contact.Spanish)
	if err != nil {
		b.Fatal(err)
	}
	people := town(10_000)
	for b.Loop() {
		p := newPaper(c.In(words.EN), Export{Request: Request{Form: Walk, Sheet: Sheet{Scan: true, Results: []contact.Result{contact.NotHome, contact.Refused}, Questions: []int64{5}}}}, testNow, 20271009)
		if _, err := p.sheets(each(people), answersOf(p.t, p.e, testCatalog)); err != nil {
			b.Fatal(err)
		}
		var out bytes.Buffer
		if err := p.out(&out); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len())/1e6, "MB")
	}
}
