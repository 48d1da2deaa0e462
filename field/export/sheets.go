package export

import (
	"cmp"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/code128"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/words"
)

// answer is one thing to tick.
type answer struct {
	label  string
	kind   ScanKind
	object int64
}

// answers is a row of things to tick under a caption.
type answers struct {
	caption string
	all     []answer
}

// answersOf returns what a sheet asks about each person. What is gone since the export was asked for is left out.
func answersOf(t words.Translator, e Export, cat *list.Catalog) (all []answers) {
	results := answers{caption: t.T("Result")}
	for _, r := range e.Sheet.Results {
		if m, ok := contact.MeaningOf(r); ok {
			results.all = append(results.all, answer{t.T(m.Name), ScanResult, r.Standard().Number})
		}
	}
	all = append(all, results)
	for _, id := range e.Sheet.Questions {
		q := answers{caption: cat.Questions[id].Name}
		for _, r := range cat.Questions[id].Responses {
			q.all = append(q.all, answer{r.Name, ScanResponse, r.ID})
		}
		all = append(all, q)
	}
	codes := answers{caption: t.T("Codes")}
	for _, id := range e.Sheet.Codes {
		if c, ok := cat.Codes[id]; ok {
			codes.all = append(codes.all, answer{c.Name, ScanCode, c.ID})
		}
	}
	all = append(all, codes)
	out := all[:0]
	for _, a := range all {
		if len(a.all) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// Measures of a sheet in millimetres.
const (
	headTall    = 16.0
	footTop     = pageTall - 9
	streetTall  = 8.0
	nameTall    = 6.5
	captionWide = 28.0
	cellsAcross = 5
	cellWide    = (textWide - captionWide) / cellsAcross
	cellTall    = 5.0
	scanTall    = 11.0
	blockGap    = 1.5
	noteTall    = 5.0
)

// sheets prints walk lists, street by street, or call sheets.
func (p *paper) sheets(people iter.Seq2[*record, error], asked []answers) (int64, error) {
	n, y := int64(0), pageTall
	street, door := "", ""
	tall := p.blockTall(asked)
	for r, err := range people {
		if err != nil {
			return n, err
		}
		if !r.reached(p.e.Form) {
			continue
		}
		here := p.streetOf(r)
		room := tall
		if here != street {
			room += streetTall
		}
		if y+room > footTop {
			y, door = p.page(), ""
			if here == street && here != "" {
				p.street(y, p.t.T("%s (continued)", here))
				y += streetTall
			}
		}
		if here != street {
			p.street(y, here)
			y, street, door = y+streetTall, here, ""
		}
		at := r.House + " " + r.Unit
		p.block(y, r, asked, at == door)
		y, door = y+tall, at
		n++
	}
	return n, nil
}

// streetOf is the heading that people of one street share.
func (p *paper) streetOf(r *record) string {
	if p.e.Form != Walk {
		return ""
	}
	s := cmp.Or(r.Street, r.Address)
	if r.City != "" {
		s += ", " + r.City
	}
	if r.Precinct != "" {
		s += " · " + p.t.T("Precinct %s", r.Precinct)
	}
	return s
}

// page begins a page and returns where its people begin.
func (p *paper) page() float64 {
	p.pdf.AddPage()
	p.font(true, 13)
	title := p.e.Sheet.Title
	if title == "" {
		title = p.t.T(p.e.Form.heading())
	}
	right := p.t.T("List %d · Page %d of %s", int64(p.e.ID), p.pdf.PageNo(), pagesMark)
	p.text(margin, margin+4, textWide-60, title)
	p.font(false, 9)
	p.text(pageWide-margin-p.pdf.GetStringWidth(strings.Replace(right, pagesMark, "00", 1)), margin+4, textWide, right)
	p.font(false, 7.5)
	p.pdf.SetTextColor(86, 92, 101)
	p.text(margin, margin+9, textWide, p.e.Sentence)
	p.text(margin, footTop+4, textWide, p.t.T("Personal data of voters. Use it only for: %s. Give the sheet back or destroy it.", p.e.Purpose))
	p.textRight(pageWide-margin, footTop+4, p.t.Date(p.now))
	p.pdf.SetTextColor(0, 0, 0)
	p.pdf.SetDrawColor(86, 92, 101)
	p.pdf.SetLineWidth(0.3)
	p.pdf.Line(margin, margin+11.5, pageWide-margin, margin+11.5)
	return margin + headTall - 3
}

// heading is what a sheet without a title is called.
func (f Form) heading() string {
	if f == Calls {
		return "Call sheet"
	}
	return "Walk list"
}

func (p *paper) street(y float64, s string) {
	p.pdf.SetFillColor(236, 239, 242)
	p.pdf.Rect(margin, y+1, textWide, streetTall-2, "F")
	p.font(true, 9.5)
	p.text(margin+2, y+5.4, textWide-4, s)
}

// blockTall is how tall one person's block is.
func (p *paper) blockTall(asked []answers) float64 {
	tall := nameTall + blockGap
	if p.e.Form == Calls {
		tall += noteTall
	}
	for _, a := range asked {
		tall += p.rowsTall(a)
	}
	return tall
}

func (p *paper) cellTall() float64 {
	if p.e.Sheet.Scan {
		return scanTall
	}
	return cellTall
}

// block prints one person.
func (p *paper) block(y float64, r *record, asked []answers, sameDoor bool) {
	p.pdf.SetDrawColor(198, 202, 206)
	p.pdf.SetLineWidth(0.2)
	p.pdf.Line(margin, y, pageWide-margin, y)
	p.font(true, 10)
	left := margin
	if p.e.Form == Walk {
		if !sameDoor {
			p.text(margin, y+4.8, captionWide-2, joined(r.House, r.Unit))
		}
		left += captionWide
	}
	p.text(left, y+4.8, 80, r.fullName())
	p.font(false, 9)
	p.text(left+82, y+4.8, 40, p.facts(r))
	if p.e.Form == Calls {
		p.font(true, 11)
		p.textRight(pageWide-margin, y+4.8, p.t.Phone(r.phone(0).Number))
		p.font(false, 8)
		p.text(margin, y+9, textWide-40, strings.Join(r.residence(), ", "))
		if len(r.phones) > 1 {
			p.textRight(pageWide-margin, y+9, p.t.Phone(r.phone(1).Number))
		}
		y += noteTall
	}
	y += nameTall
	for _, a := range asked {
		p.font(false, 7.5)
		p.pdf.SetTextColor(86, 92, 101)
		p.caption(y+3.2, a)
		p.pdf.SetTextColor(0, 0, 0)
		for i, x := range a.all {
			p.cell(margin+captionWide+float64(i%cellsAcross)*cellWide, y+float64(i/cellsAcross)*p.cellTall(), x, r)
		}
		y += p.rowsTall(a)
	}
}

// caption writes what a row of answers is about, on as many lines as the row is tall.
func (p *paper) caption(y float64, a answers) {
	const wide, line = captionWide - 2, 3.1
	left := strings.Fields(a.caption)
	for lines := int(p.rowsTall(a) / line); lines > 0 && len(left) > 0; lines-- {
		n := len(left)
		for lines > 1 && n > 1 && p.pdf.GetStringWidth(printable(strings.Join(left[:n], " "))) > wide {
			n--
		}
		p.text(margin, y, wide, strings.Join(left[:n], " "))
		left, y = left[n:], y+line
	}
}

// rowsTall is how tall the answers under one caption are.
func (p *paper) rowsTall(a answers) float64 {
	return float64((len(a.all)+cellsAcross-1)/cellsAcross) * p.cellTall()
}

// cell prints one answer: a box to tick and, where wanted, a code to scan.
func (p *paper) cell(x, y float64, a answer, r *record) {
	p.pdf.SetDrawColor(27, 27, 27)
	p.pdf.SetLineWidth(0.25)
	p.pdf.Rect(x, y+0.7, 3, 3, "D")
	p.font(false, 8)
	p.text(x+4.2, y+3.4, cellWide-5, a.label)
	if p.e.Sheet.Scan {
		p.bars(x+1, y+4.6, p.scan(a, r))
	}
}

// scan is what the code beside an answer says: of a result about the number, also which number that is.
func (p *paper) scan(a answer, r *record) Scan {
	s := Scan{Kind: a.kind, Object: a.object, Person: r.ID}
	result, _ := s.ResultOf()
	if m, ok := contact.MeaningOf(result); ok && m.BadNumber && p.e.Form == Calls {
		return s.OfNumber(r.phone(0).Number)
	}
	return s
}

// module is the width of the narrowest bar in millimetres, 9.5 mil: what a laser printer draws and a hand scanner reads with ease.
const module = 0.241

// barsTall is how tall the bars are.
const barsTall = 5.4

// bars draws a Code 128 (ISO/IEC 15417). It goes into the page as one path, because a sheet has hundreds of bars.
func (p *paper) bars(x, y float64, s Scan) {
	code, err := code128.Encode(s.String())
	if err != nil { // digits always fit
		p.pdf.SetError(fmt.Errorf("drawing %s: %w", s, err))
		return
	}
	k := p.pdf.GetConversionRatio()
	bottom := strconv.FormatFloat((pageTall-y-barsTall)*k, 'f', 2, 64)
	tall := strconv.FormatFloat(barsTall*k, 'f', 2, 64)
	b := make([]byte, 0, 1024)
	wide := code.Bounds().Dx()
	for i := 0; i < wide; {
		from := i
		for i < wide && isDark(code.At(i, 0).RGBA()) {
			i++
		}
		if i == from {
			i++
			continue
		}
		b = strconv.AppendFloat(b, (x+float64(from)*module)*k, 'f', 3, 64)
		b = append(append(b, ' '), bottom...)
		b = strconv.AppendFloat(append(b, ' '), float64(i-from)*module*k, 'f', 3, 64)
		b = append(append(append(b, ' '), tall...), " re\n"...)
	}
	p.pdf.RawWriteStr("q 0 g\n" + string(b) + "f Q")
}

func isDark(r, _, _, _ uint32) bool { return r < 0x8000 }

// joined puts the parts that are not empty side by side.
func joined(parts ...string) string {
	s := ""
	for _, x := range parts {
		if x == "" || x == "," {
			continue
		}
		if s != "" {
			s += " "
		}
		s += x
	}
	return s
}
