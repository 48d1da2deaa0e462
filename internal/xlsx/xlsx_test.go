package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/fault"
)

// workbook packs a worksheet and shared strings as a workbook.
func workbook(t interface{ Fatal(...any) }, sheet, shared string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="Votes" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
		"xl/sharedStrings.xml":       shared,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read returns the rows of the first worksheet as "row:column=text".
func read(b []byte) ([]string, error) {
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	rows, err := f.Rows(0)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		line := fmt.Sprintf("%d:", rows.Row())
		for _, c := range rows.Cells() {
			line += fmt.Sprintf(" %d=%q", c.Col, c.Text)
		}
		all = append(all, line)
	}
	return all, rows.Err()
}

// plainly reads the same with encoding/xml, into memory.
func plainly(sheet, shared string) ([]string, error) {
	type run struct {
		T string `xml:"t"`
	}
	var table struct {
		SI []struct {
			T string `xml:"t"`
			R []run  `xml:"r"`
		} `xml:"si"`
	}
	if err := xml.Unmarshal([]byte(shared), &table); err != nil {
		return nil, err
	}
	var doc struct {
		Rows []struct {
			R     int `xml:"r,attr"`
			Cells []struct {
				R  string  `xml:"r,attr"`
				T  string  `xml:"t,attr"`
				V  *string `xml:"v"`
				Is *struct {
					T string `xml:"t"`
					R []run  `xml:"r"`
				} `xml:"is"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.Unmarshal([]byte(sheet), &doc); err != nil {
		return nil, err
	}
	var all []string
	for _, row := range doc.Rows {
		line := fmt.Sprintf("%d:", row.R-1)
		for _, c := range row.Cells {
			col, _ := column([]byte(c.R))
			text := ""
			switch {
			case c.Is != nil:
				text = c.Is.T
				for _, r := range c.Is.R {
					text += r.T
				}
			case c.V == nil:
				continue
			case c.T == "s":
				var i int
				if _, err := fmt.Sscan(*c.V, &i); err != nil {
					return nil, err
				}
				text = table.SI[i].T
				for _, r := range table.SI[i].R {
					text += r.T
				}
			default:
				text = *c.V
			}
			line += fmt.Sprintf(" %d=%q", col, text)
		}
		all = append(all, line)
	}
	return all, nil
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// texts are what a text of XML may hold.
var texts = rapid.StringOfN(rapid.RuneFrom([]rune("aB \n\t&<>\"']é선🎈")), 0, 12, -1)

func TestAgreesWithEncodingXML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		strs := rapid.SliceOfN(texts, 1, 6).Draw(t, "strings")
		shared := `<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
		for i, s := range strs {
			if i%2 == 1 {
				half := len([]rune(s)) / 2
				shared += "<si><r><t>" + escaped(string([]rune(s)[:half])) + "</t></r><r><rPr><b/></rPr><t xml:space='preserve'>" + escaped(string([]rune(s)[half:])) + "</t></r></si>"
				continue
			}
			shared += "<si><t>" + escaped(s) + "</t></si>"
		}
		shared += "</sst>"
		sheet := `<worksheet><cols><col min="1"/></cols><!-- a > b --><sheetData>`
		row := 0
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			row += rapid.IntRange(1, 3).Draw(t, "gap")
			sheet += fmt.Sprintf(`<row r="%d" spans="1:3">`, row)
			col := -1
			for range rapid.IntRange(0, 4).Draw(t, "cells") {
				col += rapid.IntRange(1, 30).Draw(t, "step")
				at := letters(col) + fmt.Sprint(row)
				switch rapid.IntRange(0, 5).Draw(t, "kind") {
				case 0:
					sheet += fmt.Sprintf(`<c r="%s" s="1" t="s"><v>%d</v></c>`, at, rapid.IntRange(0, len(strs)-1).Draw(t, "string"))
				case 1:
					sheet += fmt.Sprintf(`<c t="inlineStr" r="%s"><is><t>%s</t></is></c>`, at, escaped(texts.Draw(t, "text")))
				case 2:
					sheet += fmt.Sprintf(`<c r='%s' ><v>%d</v></c >`, at, rapid.IntRange(0, 1e9).Draw(t, "number"))
				case 3:
					sheet += fmt.Sprintf(`<c r="%s" t="str"><f>A1&gt;"&amp;"</f><v><![CDATA[%s]]></v></c>`, at, strings.ReplaceAll(texts.Draw(t, "text"), "]", "")) //
				case 4:
					sheet += fmt.Sprintf(`<c r="%s" s="2"/>`, at)
				default:
					sheet += fmt.Sprintf(`<x:c xmlns:x="y" r="%s" t="str"><x:v>%s</x:v></x:c>`, at, escaped(texts.Draw(t, "text")))
				}
			}
			sheet += "</row>"
		}
		sheet += "</sheetData><pageMargins left='0.7'/></worksheet>"
		want, err := plainly(sheet, shared)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(workbook(t, sheet, shared))
		if err != nil {
			t.Fatalf("%v\n%s", err, sheet)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n%s", d, sheet)
		}
	})
}

func letters(col int) string {
	s := ""
	for col++; col > 0; col = (col - 1) / 26 {
		s = string(rune('A'+(col-1)%26)) + s
	}
	return s
}

// A long sheet crosses many blocks: every token is cut somewhere.
func TestBlocksCutNothing(t *testing.T) {
	var b strings.Builder
	b.WriteString("<worksheet><sheetData>")
	for i := 1; i <= 30_000; i++ {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d" t="str"><v>ballot &amp; %d</v></c><c r="C%d"><v>%d</v></c></row>`, i, i, i, i, i)
	}
	b.WriteString("</sheetData></worksheet>")
	got, err := read(workbook(t, b.String(), "<sst/>"))
	if err != nil || len(got) != 30_000 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i, line := range got {
		if want := fmt.Sprintf(`%d: 0="ballot & %d" 2="%d"`, i, i+1, i+1); line != want {
			t.Fatalf("got %s, want %s", line, want)
		}
	}
}

func TestReadsWhatExcelizeWrites(t *testing.T) {
	f := excelize.NewFile()
	for cell, v := range map[string]any{"A1": "id", "B1": 3, "C1": 3.5, "D1": true, "A3": "Peña & Sons <x>", "AA3": 1234567890123} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`0: 0="id" 1="3" 2="3.5" 3="TRUE"`, `2: 0="Peña & Sons <x>" 26="1234567890123"`}
	// A writer may leave empty rows in.
	var some []string
	for _, g := range got {
		if !strings.HasSuffix(g, ":") {
			some = append(some, g)
		}
	}
	if d := cmp.Diff(want, some); d != "" {
		t.Error(d)
	}
}

func TestRefusals(t *testing.T) {
	for _, x := range []struct{ name, sheet, shared, want string }{
		{"no end", `<worksheet><sheetData><row r="1"><c r="A1"><v>1`, "<sst/>", "damaged"},
		{"unknown string", `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>`, "<sst/>", `refers to a text "7"`},
		{"row twice", `<worksheet><sheetData><row r="2"/><row r="2"/></sheetData></worksheet>`, "<sst/>", `After row 2 of the worksheet comes one numbered "2"`},
		{"row beyond", `<worksheet><sheetData><row r="9999999"/></sheetData></worksheet>`, "<sst/>", "more than 1048576 rows"},
		{"column beyond", `<worksheet><sheetData><row r="1"><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>`, "<sst/>", `a cell "ZZZZ1" out of its order`},
		{"columns back", `<worksheet><sheetData><row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData></worksheet>`, "<sst/>", `a cell "A1" out of its order`},
		{"long cell", `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>` + strings.Repeat("x", MaxCell+9) + `</v></c></row></sheetData></worksheet>`, "<sst/>", "more than a megabyte"},
		{"document type", `<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>`, "<sst/>", "declares a document type"},
		{"unknown entity", `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>`, "<sst/>", "damaged"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := read(workbook(t, x.sheet, x.shared))
			var f *fault.Error
			if !errors.As(err, &f) || !strings.Contains(err.Error(), x.want) {
				t.Errorf("got %v, want %q", err, x.want)
			}
		})
	}
	if _, err := read([]byte("a,b\n1,2\n")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a text was taken for a workbook: %v", err)
	}
}

func FuzzRows(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>`, `<sst><si><t>a</t></si></sst>`)
	f.Add(`<worksheet><sheetData><row><c><v>1.50</v></c><c t="b"><v>1</v></c></row></sheetData></worksheet>`, `<sst/>`)
	f.Add(`<a b='>'><!-- x --><?y?><![CDATA[z]]></a>`, `<sst><si><r><t>&#65;</t></r><rPh><t>no</t></rPh></si></sst>`)
	f.Fuzz(func(t *testing.T, sheet, shared string) {
		rows, err := read(workbook(t, sheet, shared))
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("an error for people was expected: %v", err)
		}
		if len(rows) > MaxRows {
			t.Error("too many rows")
		}
	})
}
