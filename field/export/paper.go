package export

import (
	_ "embed" // the fonts
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"

	"github.com/openprecinct/precinct/internal/words"
)

// DejaVu Sans Condensed has the letters of every name on a voter file, is narrow enough for a table of answers, and may be embedded (font/LICENSE.txt).
var (
	//go:embed font/DejaVuSansCondensed.ttf
	fontRegular []byte
	//go:embed font/DejaVuSansCondensed-Bold.ttf
	fontBold []byte
)

// Letter paper in millimetres.
const (
	pageWide, pageTall = 215.9, 279.4
	margin             = 10.0
	textWide           = pageWide - 2*margin
)

// paper is a PDF while it is made.
type paper struct {
	pdf *fpdf.Fpdf
	t   words.Translator
	e   Export
	now time.Time

	today       int64
	demographic bool // may be printed
	exactAge    bool
}

func newPaper(t words.Translator, e Export, now time.Time, today int64) *paper {
	pdf := fpdf.New("P", "mm", "Letter", "")
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes("sans", "", fontRegular)
	pdf.AddUTF8FontFromBytes("sans", "B", fontBold)
	pdf.SetCreationDate(now.UTC())
	pdf.SetModificationDate(now.UTC())
	pdf.SetCatalogSort(true) // the same people make the same bytes
	pdf.SetCreator("Precinct", true)
	pdf.SetLang(string(t.Lang))
	pdf.SetTitle(e.Sheet.Title, true)
	pdf.AliasNbPages(pagesMark)
	return &paper{pdf: pdf, t: t, e: e, now: now, today: today}
}

// pagesMark stands for the number of pages until it is known. It is as wide as that number at its widest.
const pagesMark = "{pg}"

func (p *paper) out(w io.Writer) error {
	if p.pdf.PageCount() == 0 {
		p.pdf.AddPage()
	}
	return p.pdf.Output(w)
}

func (p *paper) font(bold bool, size float64) {
	style := ""
	if bold {
		style = "B"
	}
	p.pdf.SetFont("sans", style, size)
}

// text writes one line with its left end at x and its baseline at y, cut to wide.
func (p *paper) text(x, y, wide float64, s string) {
	p.pdf.Text(x, y, p.cut(s, wide))
}

// textRight writes one line that ends at x.
func (p *paper) textRight(x, y float64, s string) {
	p.pdf.Text(x-p.pdf.GetStringWidth(s), y, s)
}

// cut shortens s to a width; what is missing shows.
func (p *paper) cut(s string, wide float64) string {
	s = printable(s)
	if p.pdf.GetStringWidth(s) <= wide {
		return s
	}
	for s != "" {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
		if short := strings.TrimRight(s, " ") + "…"; p.pdf.GetStringWidth(short) <= wide {
			return short
		}
	}
	return ""
}

// printable leaves out letters that the PDF library cannot write: those outside the basic plane, and controls.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > 0xffff || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// fullName is a person's name as it is spoken.
func (r *record) fullName() string {
	return strings.Join(strings.Fields(r.First+" "+r.Middle+" "+r.Last+" "+r.Suffix), " ")
}

// facts are the few facts beside a name: "63 · F · DEM".
func (p *paper) facts(r *record) string {
	var all []string
	if age := r.age(p.today, p.exactAge); age > 0 {
		all = append(all, fmt.Sprint(age))
	}
	if p.demographic {
		for _, s := range []string{r.Sex, r.Party} {
			if s != "" && s != "U" {
				all = append(all, s)
			}
		}
	}
	return strings.Join(all, " · ")
}
