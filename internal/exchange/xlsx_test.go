package exchange_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
)

// workbook makes a file with another program's library, so that two readings of the standard meet.
func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t testing.TB, f *excelize.File, cell string, v any, format string) {
	t.Helper()
	if err := f.SetCellValue("Sheet1", cell, v); err != nil {
		t.Fatal(err)
	}
	if format != "" {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err == nil {
			err = f.SetCellStyle("Sheet1", cell, cell, style)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestXLSXCellsAsPeopleSeeThem(t *testing.T) {
	for _, c := range []struct {
		name   string
		value  any
		format string
		want   string
	}{
		{"text", " Peña <& \"Söhne\"> ", "", "Peña <& \"Söhne\">"},
		{"whole number", 9195550123, "", "9195550123"},
		{"large number", 1.2345678901234e12, "", "1234567890123.4"},
		{"sum with noise", 0.1 + 0.2, "", "0.3"},
		{"negative", -12.5, "", "-12.5"},
		{"date", time.Date(2027, 10, 9, 0, 0, 0, 0, time.UTC), "yyyy-mm-dd", "2027-10-09"},
		{"date of the US", time.Date(1931, 1, 2, 0, 0, 0, 0, time.UTC), "m/d/yyyy", "1931-01-02"},
		{"date and time", time.Date(2027, 10, 9, 14, 41, 5, 0, time.UTC), "m/d/yy h:mm", "2027-10-09 14:41:05"},
		{"Mexican date", time.Date(2027, 10, 9, 0, 0, 0, 0, time.UTC), `[$-80A]d "de" mmmm "de" yyyy`, "2027-10-09"},
		{"time", 0.5, "h:mm", "12:00:00"},
		{"ZIP code", 2139, "00000", "02139"},
		{"percent is no date", 0.25, `0.00%`, "0.25"},
		{"red is no date", 5, `[Red]0;[Blue]\-0`, "5"},
		{"bool", true, "", "TRUE"},
		{"escape", "_x0041_b_x_", "", "Ab_x_"},
		{"armed", "'=1+1", "", "=1+1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := workbook(t, func(f *excelize.File) {
				set(t, f, "A1", "value", "")
				set(t, f, "A3", c.value, c.format)
			})
			_, rows, err := read(data, exchange.Shape{}, exchange.Limits{})
			if diff := cmp.Diff([]string{"3: " + c.want}, rows); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestXLSXFormulasAreSeen(t *testing.T) {
	data := handmade(map[string]string{"xl/worksheets/sheet1.xml": sheet(
		`<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>
		 <row><c><f>1+1</f><v>2</v></c><c><v>7</v></c></row>
		 <row><c t="str"><f>HYPERLINK("http://evil.example")</f><v>click</v></c><c><f>A1</f></c></row>
		 <row><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="e"><v>#N/A</v></c></row>`)})
	_, rows, err := read(data, exchange.Shape{}, exchange.Limits{})
	want := []string{"2: 2|7 [0 =1+1 fatal=false]", `3: click| [1 =A1 fatal=true] [0 =HYPERLINK("http://evil.example") fatal=false]`,
		"4: | [0 #DIV/0! fatal=true] [1 #N/A fatal=true]"}
	want[1] = `3: click| [0 =HYPERLINK("http://evil.example") fatal=false] [1 =A1 fatal=true]`
	if diff := cmp.Diff(want, rows); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestXLSXWorksheetsAreChosenByName(t *testing.T) {
	data := workbook(t, func(f *excelize.File) {
		for _, name := range []string{"Hidden", "People & more"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		for i, name := range []string{"Sheet1", "Hidden", "People & more"} {
			_ = f.SetSheetRow(name, "B2", &[]any{"name", "zip"})
			_ = f.SetSheetRow(name, "B4", &[]any{name, i})
		}
		_ = f.SetSheetVisible("Hidden", false)
	})
	for chosen, want := range map[string][]string{"": {"4: |Sheet1|0"}, "People & more": {"4: |People & more|2"}} {
		f, rows, err := read(data, exchange.Shape{Worksheet: chosen}, exchange.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"Sheet1", "People & more"}, f.Worksheets); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"Column 1", "name", "zip"}, f.Headers); diff != "" {
			t.Error(diff)
		}
	}
	if _, _, err := read(data, exchange.Shape{Worksheet: "Hidden"}, exchange.Limits{}); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "Sheet1, People & more") {
		t.Errorf("got %v", err)
	}
}

func TestXLSXDatesFrom1904(t *testing.T) {
	styles := `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`
	rows := `<row><c t="inlineStr"><is><t>a</t></is></c></row><row><c s="1"><v>0</v></c></row><row><c s="1"><v>59</v></c></row><row><c s="1"><v>61</v></c></row>`
	for pr, want := range map[string][]string{
		"":                              {"2: 1899-12-31", "3: 1900-02-28", "4: 1900-03-01"},
		`<workbookPr date1904="true"/>`: {"2: 1904-01-01", "3: 1904-02-29", "4: 1904-03-02"},
	} {
		data := handmade(map[string]string{"xl/styles.xml": styles, "xl/worksheets/sheet1.xml": sheet(rows), "xl/workbook.xml": book(pr, `<sheet name="A" r:id="rId1"/>`)})
		_, got, err := read(data, exchange.Shape{}, exchange.Limits{})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
}

func sheet(rows string) string { return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>` }

func book(pr, sheets string) string {
	return `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` + pr + `<sheets>` + sheets + `</sheets></workbook>`
}

// handmade is the smallest workbook, with some of its parts replaced ("" takes one away).
func handmade(replace map[string]string) []byte {
	parts := map[string]string{
		"_rels/.rels":     `<Relationships><Relationship Id="rId1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": book("", `<sheet name="A" r:id="rId1"/>`),
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>
			<Relationship Id="rId2" Type="http://x/styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml":            `<styleSheet/>`,
		"xl/sharedStrings.xml":     `<sst><si><t>shared</t></si><si><r><t>ri</t></r><r><t>ch</t></r><rPh><t>no</t></rPh></si></sst>`,
		"xl/worksheets/sheet1.xml": sheet(`<row><c t="inlineStr"><is><t>a</t></is></c><c t="s"><v>0</v></c></row><row><c><v>1</v></c><c t="s"><v>1</v></c></row>`),
	}
	for name, text := range replace {
		parts[name] = text
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		if text == "" {
			continue
		}
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestXLSXSharedTexts(t *testing.T) {
	f, rows, err := read(handmade(nil), exchange.Shape{}, exchange.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2: 1|rich"}, rows); diff != "" || f.Headers[1] != "shared" {
		t.Error(f.Headers, diff)
	}
}

// bombed puts one entry that unpacks to size bytes of spaces into a workbook, whatever its directory says.
func bombed(t *testing.T, size int64, says uint64) []byte {
	t.Helper()
	var packed, b bytes.Buffer
	inner := zip.NewWriter(&packed)
	w, err := inner.Create("x")
	if err != nil {
		t.Fatal(err)
	}
	crc := crc32.NewIEEE()
	if _, err := io.CopyN(io.MultiWriter(w, crc), spaces{}, size); err != nil {
		t.Fatal(err)
	}
	if err := inner.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.File[0].OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	deflated, err := io.ReadAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&b)
	whole, err := zip.NewReader(bytes.NewReader(handmade(map[string]string{"xl/worksheets/sheet1.xml": ""})), int64(len(handmade(map[string]string{"xl/worksheets/sheet1.xml": ""}))))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range whole.File {
		if err := z.Copy(e); err != nil {
			t.Fatal(err)
		}
	}
	e, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CRC32: crc.Sum32(), UncompressedSize64: says, CompressedSize64: uint64(len(deflated))})
	if err == nil {
		_, err = e.Write(deflated)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noise is text that does not pack well.
func noise(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestBadXLSX(t *testing.T) {
	whole := handmade(nil)
	many := map[string]string{}
	for i := range 1100 {
		many[fmt.Sprint("x", i)] = "x"
	}
	twice := bytes.ReplaceAll(handmade(map[string]string{"xl/workbook.xmm": "<x/>"}), []byte("xl/workbook.xmm"), []byte("xl/workbook.xml"))
	cell := func(c string) []byte {
		return handmade(map[string]string{"xl/worksheets/sheet1.xml": sheet(`<row><c t="inlineStr"><is><t>a</t></is></c></row><row>` + c + `</row>`)})
	}
	for _, c := range []struct {
		name string
		data []byte
		err  string
	}{
		{"cut off", whole[:len(whole)/2], "cut off"},
		{"cut off at the end", whole[:len(whole)-5], "cut off"},
		{"a bomb that says so", bombed(t, 24<<20, 24<<20), "unpacks to more"},
		{"a bomb that lies", bombed(t, 24<<20, 1000), "damaged"},
		{"too many entries", handmade(many), "unpacks to more"},
		{"one name twice", twice, "damaged"},
		{"no workbook", handmade(map[string]string{"xl/workbook.xml": ""}), "damaged"},
		{"no worksheet", handmade(map[string]string{"xl/worksheets/sheet1.xml": ""}), "damaged"},
		{"no names", handmade(map[string]string{"xl/workbook.xml": book("", "")}), "no worksheet"},
		{"no relations", handmade(map[string]string{"_rels/.rels": ""}), "damaged"},
		{"XML cut off", handmade(map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c><v>1`}), "damaged"},
		{"other encoding", handmade(map[string]string{"xl/worksheets/sheet1.xml": `<?xml version="1.0" encoding="UTF-7"?><worksheet/>`}), "damaged"},
		{"entity", handmade(map[string]string{"xl/worksheets/sheet1.xml": `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + sheet(`<row><c t="str"><v>&e;</v></c></row>`)}), "damaged"},
		{"empty worksheet", handmade(map[string]string{"xl/worksheets/sheet1.xml": sheet("")}), "is empty"},
		{"text beyond the shared ones", cell(`<c t="s"><v>9</v></c>`), "damaged"},
		{"rows backwards", handmade(map[string]string{"xl/worksheets/sheet1.xml": sheet(`<row r="5"><c t="str"><v>a</v></c></row><row r="4"><c t="str"><v>b</v></c></row>`)}), "damaged"},
		{"column beyond the edge", cell(`<c r="XFE2"><v>1</v></c>`), "damaged"},
		{"huge cell", cell(`<c t="str"><v>` + noise(2<<20) + `</v></c>`), "A cell has more than"},
		{"a zip of something else", func() []byte {
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			w, _ := z.Create("voters.csv")
			_, _ = io.WriteString(w, "a,b\n")
			_ = z.Close()
			return b.Bytes()
		}(), "damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := read(c.data, exchange.Shape{}, exchange.Limits{})
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fmt.Sprint(err), c.err) {
				t.Errorf("got %v, want %q", err, c.err)
			}
		})
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(handmade(nil))
	f.Add(workbook(f, func(w *excelize.File) { set(f, w, "A1", "a", ""); set(f, w, "B2", 3.5, "m/d/yyyy") }))
	f.Add([]byte("PK\x05\x06"))
	l := exchange.Limits{Bytes: 1 << 20, Rows: 50, Columns: 20, Cell: 100, Record: 1000, Inflated: 1 << 20, Entries: 30, Texts: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, data, l) })
}

// FuzzWorksheet reaches the cells, which a mutated zip file seldom does.
func FuzzWorksheet(f *testing.F) {
	f.Add(`<row><c r="A1" t="str"><v>a</v></c></row><row r="7"><c r="B7"><f>1</f><v>2</v></c></row>`, `<numFmts><numFmt numFmtId="170" formatCode="[h]:mm"/></numFmts><cellXfs><xf numFmtId="170"/></cellXfs>`)
	f.Add(`<row><c><is><r><t>x</t></r></is></c><c t="e"><v>#N/A</v></c></row>`, ``)
	l := exchange.Limits{Bytes: 1 << 20, Rows: 50, Columns: 20, Cell: 100, Record: 1000, Inflated: 1 << 20, Texts: 1 << 16}
	f.Fuzz(func(t *testing.T, rows, styles string) {
		checkRead(t, handmade(map[string]string{"xl/worksheets/sheet1.xml": sheet(rows), "xl/styles.xml": "<styleSheet>" + styles + "</styleSheet>"}), l)
	})
}
