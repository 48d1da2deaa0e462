// Package xlsx reads the rows of a worksheet (ECMA-376, SpreadsheetML) as they come, without holding the file.
//
// It has its own tokenizer, because a row of votes is short and there are a million of them; what it reads is what
// encoding/xml would read of the same bytes, and a test holds one against the other. It reads values, not looks: a
// number is its digits, and a date is the number that a spreadsheet keeps for it.
package xlsx

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"path"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the sentences of this package in Spanish, keyed by the English ones.
//
//go:embed es.json
var Spanish []byte

// Limits against files that are not what they say. The first two are those of Excel itself.
const (
	MaxRows    = 1 << 20 // rows of a worksheet
	MaxColumns = 1 << 14 // columns of a worksheet
	MaxCell    = 1 << 20 // bytes of one cell's text, or of one tag
	MaxShared  = 1 << 28 // bytes of all shared strings together
	MaxSheet   = 1 << 33 // bytes of a worksheet, unpacked
	maxPart    = 1 << 24 // bytes of any other part, unpacked
	maxParts   = 1 << 14 // parts of the package
)

// Sheet is a worksheet of a file.
type Sheet struct {
	Name string // on its tab
	part string
}

// File is an opened workbook. Its shared strings are in memory, its worksheets are not.
type File struct {
	parts  map[string]*zip.File
	sheets []Sheet
	shared stringTable
}

// stringTable holds strings end to end.
type stringTable struct {
	text []byte
	ends []uint32
}

func (t *stringTable) at(i int) ([]byte, bool) {
	if i < 0 || i >= len(t.ends) {
		return nil, false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.text[from:t.ends[i]:t.ends[i]], true
}

// Open reads what a workbook says about itself and its shared strings. A file that is no workbook, or one beyond the
// limits, is a fault for people.
func Open(r io.ReaderAt, size int64) (*File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.Invalidf("This is not an Excel workbook (.xlsx). Save it as \"Excel Workbook\" and try again.").Because(err)
	}
	if len(z.File) > maxParts {
		return nil, fault.Invalidf("This workbook has %d parts; an Excel workbook has a few. Save it anew as \"Excel Workbook\".", len(z.File))
	}
	f := &File{parts: make(map[string]*zip.File, len(z.File))}
	for _, p := range z.File {
		f.parts[strings.ToLower(strings.TrimPrefix(p.Name, "/"))] = p
	}
	book, targets, err := f.relations()
	if err != nil {
		return nil, err
	}
	if err := f.readSheets(book, targets); err != nil {
		return nil, err
	}
	if err := f.readShared(book, targets); err != nil {
		return nil, err
	}
	return f, nil
}

// Sheets returns the worksheets in the order of their tabs; there is at least one.
func (f *File) Sheets() []Sheet { return f.sheets }

// part opens a part and returns a scanner over it.
func (f *File) part(name string, limit int64) (*scanner, error) {
	p := f.parts[strings.ToLower(name)]
	if p == nil {
		return nil, fault.Invalidf("The workbook lacks its part %s: it is damaged. Save it anew as \"Excel Workbook\".", name)
	}
	r, err := p.Open()
	if err != nil {
		return nil, fault.Invalidf("The workbook's part %s cannot be unpacked: it is damaged. Save it anew as \"Excel Workbook\".", name).Because(err)
	}
	return newScanner(r, name, limit), nil
}

const workbookRelation = "/officeDocument"

// relations returns the folder of the workbook's part, and what its relations lead to: by id, and the shared strings by their kind.
func (f *File) relations() (book string, targets map[string]string, err error) {
	book = "xl/workbook.xml"
	if _, ok := f.parts["_rels/.rels"]; ok {
		err := f.eachRelation("_rels/.rels", func(id, kind, target string) {
			if strings.HasSuffix(kind, workbookRelation) {
				book = strings.TrimPrefix(target, "/")
			}
		})
		if err != nil {
			return "", nil, err
		}
	}
	targets = map[string]string{}
	rels := path.Join(path.Dir(book), "_rels", path.Base(book)+".rels")
	if _, ok := f.parts[strings.ToLower(rels)]; !ok {
		return book, targets, nil
	}
	err = f.eachRelation(rels, func(id, kind, target string) {
		if strings.HasPrefix(target, "/") {
			target = target[1:]
		} else {
			target = path.Join(path.Dir(book), target)
		}
		targets[id] = target
		if strings.HasSuffix(kind, "/sharedStrings") {
			targets["/sharedStrings"] = target
		}
	})
	return book, targets, err
}

func (f *File) eachRelation(name string, fn func(id, kind, target string)) error {
	s, err := f.part(name, maxPart)
	if err != nil {
		return err
	}
	defer s.close()
	for s.next() {
		if s.kind == startTag && string(s.name) == "Relationship" {
			id, kind, target := s.attr("Id"), s.attr("Type"), s.attr("Target")
			fn(string(id), string(kind), string(target))
		}
	}
	return s.err
}

func (f *File) readSheets(book string, targets map[string]string) error {
	s, err := f.part(book, maxPart)
	if err != nil {
		return err
	}
	defer s.close()
	for s.next() {
		if s.kind != startTag || string(s.name) != "sheet" {
			continue
		}
		part := targets[string(s.attr("id"))]
		if part == "" && len(f.sheets) == 0 {
			part = path.Join(path.Dir(book), "worksheets/sheet1.xml")
		}
		f.sheets = append(f.sheets, Sheet{Name: string(s.attr("name")), part: part})
	}
	if s.err != nil {
		return s.err
	}
	if len(f.sheets) == 0 {
		return fault.Invalidf("The workbook has no worksheet.")
	}
	return nil
}

// readShared reads the table of strings that cells refer to. How a word is spoken (rPh) is no part of it.
func (f *File) readShared(book string, targets map[string]string) error {
	name := targets["/sharedStrings"]
	if name == "" {
		name = path.Join(path.Dir(book), "sharedStrings.xml")
		if _, ok := f.parts[strings.ToLower(name)]; !ok {
			return nil
		}
	}
	s, err := f.part(name, MaxShared*4)
	if err != nil {
		return err
	}
	defer s.close()
	in, spoken := false, 0
	for s.next() {
		switch {
		case s.kind == textRun:
			if in && spoken == 0 {
				f.shared.text = append(f.shared.text, s.text...)
			}
			continue
		case bytes.Equal(s.name, tagT):
			in = s.kind == startTag
		case string(s.name) == "rPh":
			spoken = depth(spoken, s.kind)
		case string(s.name) == "si" && s.kind == endTag:
			f.shared.ends = append(f.shared.ends, uint32(len(f.shared.text))) // #nosec G115 -- below MaxShared
		}
		if len(f.shared.text) > MaxShared {
			return fault.Invalidf("The workbook's texts are longer than %d megabytes together. Split the file.", MaxShared>>20)
		}
	}
	return s.err
}

func depth(d int, k tokenKind) int {
	if k == startTag {
		return d + 1
	}
	return max(0, d-1)
}
