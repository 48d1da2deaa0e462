package exchange

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
)

// style is what a cell's style means for its value.
type style uint8

const (
	plain  style = iota
	day          // a date
	moment       // a date with a time
	clock        // a time of day
	zeros        // digits padded with zeros: zeros+n pads to n, as ZIP codes are
)

// readStyles finds out which cell styles are dates and which pad with zeros.
func (f *File) readStyles() error {
	name, err := f.workbookPath()
	if err != nil {
		return err
	}
	_, byType, err := f.relations(name)
	if err != nil || byType["styles"] == "" {
		return err
	}
	p, err := f.part(byType["styles"])
	if err != nil {
		return err
	}
	defer p.close()
	codes := map[string]string{}
	within := false
	for {
		t, err := p.next()
		if err != nil || t == nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch {
			case t.Name.Local == "numFmt":
				codes[attr(t, "numFmtId")] = attr(t, "formatCode")
			case t.Name.Local == "cellXfs":
				within = true
			case t.Name.Local == "xf" && within && len(f.book.styles) < 1<<16:
				f.book.styles = append(f.book.styles, styleOf(attr(t, "numFmtId"), codes))
			}
		case xml.EndElement:
			within = within && t.Name.Local != "cellXfs"
		}
	}
}

// styleOf reads a number format: built in (ECMA-376 §18.8.30) or written out.
func styleOf(id string, codes map[string]string) style {
	code, ok := codes[id]
	if !ok {
		switch n, _ := strconv.Atoi(id); {
		case n >= 14 && n <= 17:
			return day
		case n >= 18 && n <= 21 || n >= 45 && n <= 47:
			return clock
		case n == 22:
			return moment
		}
		return plain
	}
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	if n := len(code); n > 0 && n <= 32 && strings.Trim(code, "0") == "" {
		return zeros + style(n)
	}
	code = bare(code)
	hours := strings.ContainsAny(code, "hs")
	switch {
	case strings.ContainsAny(code, "yd") && hours:
		return moment
	case strings.ContainsAny(code, "yd") || strings.Contains(code, "mmm"):
		return day
	case hours:
		return clock
	}
	return plain
}

// bare leaves out what a number format quotes, escapes or puts in brackets.
func bare(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '\\', '_', '*':
			i++
		case '"', '[':
			end := c
			if c == '[' {
				end = ']'
			}
			n := strings.IndexByte(code[i+1:], end)
			if n < 0 {
				return b.String()
			}
			i += n + 1
		default:
			b.WriteByte(c)
		}
	}
	return strings.ReplaceAll(b.String(), "general", "")
}

// numberText writes a number cell as plain text: dates as 2027-10-09, numbers with the 15 digits that a spreadsheet shows,
// never with an exponent.
func (b *workbook) numberText(raw string, s int) string {
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return raw
	}
	kind := plain
	if s >= 0 && s < len(b.styles) {
		kind = b.styles[s]
	}
	switch {
	case kind == day || kind == moment || kind == clock:
		return b.dateText(v, kind, raw)
	case kind > zeros && v >= 0 && v == math.Trunc(v) && v < 1e15:
		digits := strconv.FormatInt(int64(v), 10)
		return strings.Repeat("0", max(0, int(kind-zeros)-len(digits))) + digits
	}
	if math.Abs(v) >= 1e15 || v != 0 && math.Abs(v) < 1e-9 {
		return raw
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		return raw
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// dateText reads a serial date (§18.17.4): days since the end of 1899, with a 29 February 1900 that never was, or since 1904.
func (b *workbook) dateText(v float64, kind style, raw string) string {
	if v < 0 || v >= 2958466 { // the year 10000
		return raw
	}
	seconds := int64(math.Round(v * 86400))
	begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case b.from04:
		begin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case v < 60:
		begin = begin.AddDate(0, 0, 1)
	}
	at := begin.AddDate(0, 0, int(seconds/86400)).Add(time.Duration(seconds%86400) * time.Second)
	if kind == clock && v < 1 {
		return at.Format(time.TimeOnly)
	}
	if kind == day && at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}
