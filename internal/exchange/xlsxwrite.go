package exchange

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
)

// xlsxWriter writes a workbook of one worksheet straight into the stream: texts stand in their cells (inlineStr), so nothing
// is held but the current row.
type xlsxWriter struct {
	zip       *zip.Writer
	out       *bufio.Writer // the worksheet's XML
	worksheet string
	rows      int
	err       error
}

func newXLSX(w io.Writer, worksheet string) *xlsxWriter {
	return &xlsxWriter{zip: zip.NewWriter(w), worksheet: worksheet}
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// The fixed parts of the file (ECMA-376 part 1 §12.2). Cell styles: 0 as it is, 1 bold, 2 a date, 3 a date with a time, 4 text.
const (
	xlsxTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	xlsxRels  = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	xlsxBook  = xmlHead + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`
	xlsxParts = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	xlsxStyle = xmlHead + `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`
	xlsxOpen  = xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`
	xlsxClose = `</sheetData></worksheet>`
)

// begin writes everything before the rows.
func (w *xlsxWriter) begin() error {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`:\/?*[]'`, r) {
			return -1
		}
		return r
	}, w.worksheet)
	if r := []rune(name); len(r) > 31 { // what spreadsheet programs allow
		name = string(r[:31])
	}
	if name == "" {
		name = "Precinct"
	}
	for _, p := range [][2]string{{"[Content_Types].xml", xlsxTypes}, {"_rels/.rels", xlsxRels}, {"xl/workbook.xml", fmt.Sprintf(xlsxBook, string(appendXML(nil, name)))},
		{"xl/_rels/workbook.xml.rels", xlsxParts}, {"xl/styles.xml", xlsxStyle}} {
		e, err := w.zip.Create(p[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(e, p[1]); err != nil {
			return err
		}
	}
	e, err := w.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	w.out = bufio.NewWriterSize(e, 64<<10)
	_, err = w.out.WriteString(xlsxOpen)
	return err
}

// Row writes one row.
func (w *xlsxWriter) Row(cells ...any) error {
	if w.err != nil {
		return w.err
	}
	if w.out == nil {
		if w.err = w.begin(); w.err != nil {
			return fmt.Errorf("writing XLSX: %w", w.err)
		}
	}
	if w.rows >= maxXLSXRow || len(cells) > maxXLSXColumn {
		w.err = fault.Invalidf("A worksheet holds at most %s rows and %s columns. Choose CSV.", number(maxXLSXRow), number(maxXLSXColumn))
		return w.err
	}
	for _, c := range cells {
		if s, ok := c.(string); ok && len(s) > maxXLSXCell && utf8.RuneCountInString(s) > maxXLSXCell {
			w.err = fault.Invalidf("A cell of a worksheet holds at most %s letters. Choose CSV.", number(maxXLSXCell))
			return w.err
		}
	}
	w.rows++
	b := w.out.AvailableBuffer()
	b = append(b, `<row r="`...)
	b = strconv.AppendInt(b, int64(w.rows), 10)
	b = append(b, `">`...)
	for i, c := range cells {
		b = w.cell(b, i, c)
	}
	b = append(b, "</row>"...)
	if _, err := w.out.Write(b); err != nil {
		w.err = fmt.Errorf("writing XLSX: %w", err)
	}
	return w.err
}

// cell appends one cell. Empty ones are left out.
func (w *xlsxWriter) cell(b []byte, column int, v any) []byte {
	switch v := v.(type) {
	case nil:
		return b
	case int, int64:
		return w.value(b, column, "", valueText(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return b
		}
		return w.value(b, column, "", valueText(v))
	case bool:
		if v {
			return w.value(b, column, ` t="b"`, "1")
		}
		return w.value(b, column, ` t="b"`, "0")
	case time.Time:
		return w.moment(b, column, v)
	}
	return w.text(b, column, Armed(valueText(v)))
}

// open appends the beginning of a cell with its style and type.
func (w *xlsxWriter) open(b []byte, column int, kind string) []byte {
	b = append(b, `<c r="`...)
	b = appendColumn(b, column)
	b = strconv.AppendInt(b, int64(w.rows), 10)
	return append(append(append(b, '"'), kind...), '>')
}

func (w *xlsxWriter) value(b []byte, column int, kind, v string) []byte {
	b = append(w.open(b, column, kind), "<v>"...)
	return append(append(b, v...), "</v></c>"...)
}

func (w *xlsxWriter) text(b []byte, column int, s string) []byte {
	if s == "" {
		return b
	}
	kind := ` s="4" t="inlineStr"`
	if w.rows == 1 {
		kind = ` s="1" t="inlineStr"`
	}
	b = append(w.open(b, column, kind), `<is><t xml:space="preserve">`...)
	return append(appendXML(b, s), "</t></is></c>"...)
}

// moment appends a time as a serial date; before March 1900, where serial dates go wrong, as text.
func (w *xlsxWriter) moment(b []byte, column int, v time.Time) []byte {
	v = v.UTC()
	days := float64(v.Unix()-time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix()) / 86400
	switch {
	case v.IsZero():
		return b
	case days < 61 || v.Year() > 9999:
		return w.text(b, column, valueText(v))
	case days == math.Trunc(days):
		return w.value(b, column, ` s="2"`, valueText(days))
	}
	return w.value(b, column, ` s="3"`, valueText(days))
}

// appendColumn appends the letters of a column: A, B, … Z, AA.
func appendColumn(b []byte, i int) []byte {
	if i >= 26 {
		b = appendColumn(b, i/26-1)
	}
	return append(b, byte('A'+i%26))
}

// appendXML escapes a text for XML. Letters that XML cannot hold become _xHHHH_ (ECMA-376 §22.9.2.19), and a text that
// looks like that has its underscore escaped in the same way.
func appendXML(b []byte, s string) []byte {
	for i, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '_' && strings.HasPrefix(s[i:], "_x"):
			b = append(b, "_x005F_"...)
		case r == 0:
		case r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff:
			b = fmt.Appendf(b, "_x%04X_", r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// Close ends the worksheet and the file.
func (w *xlsxWriter) Close() error {
	if w.err != nil {
		return w.err
	}
	if w.out == nil {
		if err := w.begin(); err != nil {
			return fmt.Errorf("writing XLSX: %w", err)
		}
	}
	if _, err := w.out.WriteString(xlsxClose); err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	return nil
}
