package exchange

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// workbook is what reading a worksheet needs of an XLSX file (ECMA-376 part 1, §18).
type workbook struct {
	files  map[string]*zip.File
	sheets []worksheet
	texts  []string // the texts that cells share (§18.4)
	styles []style  // of cells, by their number (§18.8)
	from04 bool     // dates count from 1904 (§18.2.28)
}

type worksheet struct {
	name   string
	path   string
	hidden bool
}

// openXLSX reads everything but the rows.
func (f *File) openXLSX() error {
	z, err := openZip(f.r, f.Size, f.limits)
	if err != nil {
		return err
	}
	b := &workbook{files: map[string]*zip.File{}}
	for _, e := range z.File {
		b.files[strings.TrimPrefix(strings.ReplaceAll(e.Name, `\`, "/"), "/")] = e
	}
	f.book = b
	if err := f.readWorkbook(); err != nil {
		return err
	}
	for _, s := range b.sheets {
		if !s.hidden {
			f.Worksheets = append(f.Worksheets, s.name)
		}
	}
	if len(f.Worksheets) == 0 {
		return fault.Invalidf("The file has no worksheet that can be seen.")
	}
	f.Worksheet = f.Worksheets[0]
	if w := f.shape.Worksheet; w != "" {
		if !slices.Contains(f.Worksheets, w) {
			return fault.Invalidf("The file has no worksheet %q. It has: %s.", w, strings.Join(f.Worksheets, ", "))
		}
		f.Worksheet = w
	}
	if err := f.readTexts(); err != nil {
		return err
	}
	if err := f.readStyles(); err != nil {
		return err
	}
	for row, err := range f.xlsxRows(true) {
		if err != nil {
			return err
		}
		f.Headers, err = headers(row.Cells, f.limits)
		return err
	}
	return fault.Invalidf("The worksheet %s is empty.", f.Worksheet)
}

// part is one XML file of the workbook being read, one token at a time.
type part struct {
	*xml.Decoder
	in    io.Closer
	guard *lineGuard
}

func (f *File) part(name string) (*part, error) {
	e := f.book.files[name]
	if e == nil {
		return nil, notXLSX()
	}
	in, err := e.Open()
	if err != nil {
		return nil, notXLSX().Because(err)
	}
	// One token is held in memory at a time, so each gets an allowance as a row of a CSV file does.
	g := &lineGuard{r: in, record: f.limits.Record}
	d := xml.NewDecoder(g)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("an encoding other than UTF-8") }
	return &part{Decoder: d, in: in, guard: g}, nil
}

func (p *part) close() { _ = p.in.Close() }

// next returns the next token, or nil at the end.
func (p *part) next() (xml.Token, error) {
	p.guard.next()
	t, err := p.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case p.guard.broken:
		return nil, fault.Invalidf("A cell has more than %s bytes.", number(int64(p.guard.record)))
	case err != nil:
		return nil, notXLSX().Because(err)
	}
	return t, nil
}

// each calls do for every start of an element.
func (p *part) each(do func(xml.StartElement) error) error {
	for {
		t, err := p.next()
		if err != nil || t == nil {
			return err
		}
		if s, ok := t.(xml.StartElement); ok {
			if err := do(s); err != nil {
				return err
			}
		}
	}
}

// text reads on to the end of the element that has just begun and returns the text in it, left out the elements named
// (phonetic hints), at most limit bytes.
func (p *part) text(limit int, without string) (string, error) {
	var b strings.Builder
	depth, skip := 1, 0
	for depth > 0 {
		t, err := p.next()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case nil:
			return "", notXLSX()
		case xml.StartElement:
			depth++
			if skip > 0 || without != "" && t.Name.Local == without {
				skip++
			}
		case xml.EndElement:
			depth--
			skip = max(0, skip-1)
		case xml.CharData:
			if skip == 0 && b.Len() <= limit {
				b.Write(t)
			}
		}
	}
	if b.Len() > limit {
		return "", fault.Invalidf("A cell has more than %s bytes.", number(int64(limit)))
	}
	return unescaped(b.String()), nil
}

// unescaped decodes _xHHHH_, the form in which workbooks hold letters that XML cannot (§22.9.2.19).
func unescaped(s string) string {
	i := strings.Index(s, "_x")
	if i < 0 {
		return s
	}
	var b strings.Builder
	for ; i >= 0; i = strings.Index(s, "_x") {
		b.WriteString(s[:i])
		s = s[i:]
		if len(s) >= 7 && s[6] == '_' {
			if v, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				b.WriteRune(rune(v))
				s = s[7:]
				continue
			}
		}
		b.WriteString(s[:2])
		s = s[2:]
	}
	b.WriteString(s)
	return b.String()
}

func attr(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relations reads a .rels file: id → path from the root, and the paths by the last word of their type.
func (f *File) relations(of string) (byID, byType map[string]string, err error) {
	name := "_rels/.rels"
	if of != "" {
		name = path.Join(path.Dir(of), "_rels", path.Base(of)+".rels")
	}
	p, err := f.part(name)
	if err != nil {
		return nil, nil, err
	}
	defer p.close()
	byID, byType = map[string]string{}, map[string]string{}
	err = p.each(func(s xml.StartElement) error {
		if s.Name.Local == "Relationship" && attr(s, "TargetMode") != "External" {
			to := attr(s, "Target")
			if !strings.HasPrefix(to, "/") {
				to = path.Join(path.Dir(of), to)
			}
			to = strings.TrimPrefix(path.Clean(to), "/")
			byID[attr(s, "Id")] = to
			byType[path.Base(attr(s, "Type"))] = to
		}
		return nil
	})
	return byID, byType, err
}

func (f *File) workbookPath() (string, error) {
	_, byType, err := f.relations("")
	if err != nil {
		return "", err
	}
	if byType["officeDocument"] == "" {
		return "", notXLSX()
	}
	return byType["officeDocument"], nil
}

func (f *File) readWorkbook() error {
	name, err := f.workbookPath()
	if err != nil {
		return err
	}
	byID, _, err := f.relations(name)
	if err != nil {
		return err
	}
	p, err := f.part(name)
	if err != nil {
		return err
	}
	defer p.close()
	return p.each(func(s xml.StartElement) error {
		switch s.Name.Local {
		case "workbookPr":
			f.book.from04 = isTrue(attr(s, "date1904"))
		case "sheet":
			id := ""
			for _, a := range s.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					id = a.Value
				}
			}
			state := attr(s, "state")
			f.book.sheets = append(f.book.sheets, worksheet{name: attr(s, "name"), path: byID[id], hidden: state == "hidden" || state == "veryHidden"})
		}
		return nil
	})
}

func isTrue(s string) bool { return s == "1" || s == "true" }

// readTexts holds the shared texts in memory; a workbook without them has none.
func (f *File) readTexts() error {
	name, err := f.workbookPath()
	if err != nil {
		return err
	}
	_, byType, err := f.relations(name)
	if err != nil || byType["sharedStrings"] == "" {
		return err
	}
	p, err := f.part(byType["sharedStrings"])
	if err != nil {
		return err
	}
	defer p.close()
	held := int64(0)
	return p.each(func(s xml.StartElement) error {
		if s.Name.Local != "si" {
			return nil
		}
		text, err := p.text(4*f.limits.Cell, "rPh")
		if err != nil {
			return err
		}
		if held += int64(len(text)) + 16; held > f.limits.Texts {
			return bomb()
		}
		f.book.texts = append(f.book.texts, text)
		return nil
	})
}
