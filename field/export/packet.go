package export

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/words"
)

// Packet is turfs on paper: for each a cover with its map, then its doors in walk order with boxes to tick. Who makes one has seen to who may have it, and
// recorded that it leaves.
type Packet struct {
	Map       string
	Turfs     []PacketTurf
	Results   []contact.Result
	Questions []int64 // of Catalog
	Codes     []int64
	Catalog   *list.Catalog
	Scan      bool      // a code to scan beside every answer
	ReturnBy  time.Time // zero: not said

	// What the script says in the language of the paper; what it does not say stands as the codebook has it.
	AtTheDoor []string         // when somebody opens
	Asked     map[int64]string // how questions are asked
	Labels    map[Scan]string  // how responses and codes are said; Person is 0

	Demographic, ExactAge bool // may be printed
}

// PacketTurf is one turf of a packet.
type PacketTurf struct {
	Name            string
	Metres, Minutes int
	Doors           []PacketDoor
	Outline         [][]geo.Point
	Walk            []geo.Point // along the streets, from the start
	Streets         []place.Street
	Link            string // what the code on the cover opens; "" for none
	Number          string // beside it, as people read it
}

// PacketDoor is one household.
type PacketDoor struct {
	House, Street, Unit, City string
	Side                      string // "odd", "even" or ""
	At                        geo.Point
	People                    []PacketPerson
}

// PacketPerson is somebody to visit.
type PacketPerson struct {
	ID                          int64
	First, Middle, Last, Suffix string
	BirthYear, BirthDate        int64
	Sex, Party                  string
}

// WritePacket writes a packet as a PDF.
func WritePacket(w io.Writer, t words.Translator, k Packet, now time.Time) error {
	y, m, d := now.Date()
	e := Export{Request: Request{Form: Walk, Lang: t.Lang, Sheet: Sheet{Title: k.Map, Scan: k.Scan, Results: k.Results, Questions: k.Questions, Codes: k.Codes}}}
	p := newPaper(t, e, now, int64(y)*10000+int64(m)*100+int64(d))
	p.demographic, p.exactAge = k.Demographic, k.ExactAge
	if k.Catalog == nil {
		k.Catalog = &list.Catalog{}
	}
	asked := answersOf(t, e, k.Catalog)
	for _, row := range asked {
		for i, x := range row.all {
			if said := k.Labels[Scan{Kind: x.kind, Object: x.object}]; said != "" {
				row.all[i].label = said
			}
		}
	}
	for _, turf := range k.Turfs {
		p.cover(k, turf)
		p.turfSheets(k, turf, asked)
	}
	return p.out(w)
}

// cover prints the first page of a turf: how far and how long, the code that opens it on a phone, and the map.
func (p *paper) cover(k Packet, x PacketTurf) {
	p.pdf.AddPage()
	p.font(true, 24)
	p.text(margin, margin+9, textWide-45, x.Name)
	p.font(false, 12)
	p.text(margin, margin+17, textWide-45, k.Map)
	people := 0
	for _, d := range x.Doors {
		people += len(d.People)
	}
	p.font(true, 12)
	p.text(margin, margin+27, textWide-45, p.t.N(int64(len(x.Doors)), "%s door", "%s doors")+" · "+p.t.N(int64(people), "%s person", "%s people")+" · "+p.t.Number(int64(x.Metres))+" m · "+
		p.t.Duration(time.Duration(x.Minutes)*time.Minute))
	p.font(false, 11)
	y := margin + 34.0
	if len(x.Doors) > 0 {
		p.text(margin, y, textWide-45, p.t.T("Start: %s", strings.TrimSpace(x.Doors[0].House+" "+words.Name(x.Doors[0].Street))))
		y += 6
	}
	if !k.ReturnBy.IsZero() {
		p.text(margin, y, textWide-45, p.t.T("Return by %s", p.t.Date(k.ReturnBy)))
	}
	if x.Link != "" {
		p.code(pageWide-margin-34, margin, 34, x.Link)
		p.font(true, 13)
		p.textRight(pageWide-margin-4, margin+40, x.Number)
	}
	tall := p.talk(k)
	p.turfMap(margin, margin+48, textWide, pageTall-margin-48-24-tall, x)
	p.font(false, 8)
	p.pdf.SetTextColor(86, 92, 101)
	p.text(margin, footTop+4, textWide, p.t.T("Personal data of voters. Give every sheet back, or destroy it. Nobody else may keep a copy."))
	p.pdf.SetTextColor(0, 0, 0)
	p.font(false, 10)
	p.text(margin, footTop-5, textWide, p.t.T("Walked by: ______________________________   Date: ______________   From: ________  to: ________"))
}

// Measures of what is said, in millimetres, and how many lines of it a cover has room for beside its map.
const (
	talkLine  = 4.4
	mostLines = 26
)

// talk prints what to say at the foot of a cover and returns how tall that is.
func (p *paper) talk(k Packet) float64 {
	type line struct {
		bold bool
		text string
	}
	var lines []line
	add := func(bold bool, text string) {
		p.font(bold, 9.5)
		for _, part := range strings.Split(text, "\n") {
			for _, one := range p.pdf.SplitText(printable(part), textWide-2) {
				lines = append(lines, line{bold, one})
			}
		}
	}
	if len(k.AtTheDoor) > 0 {
		add(true, p.t.T("At the door"))
		for _, s := range k.AtTheDoor {
			add(false, s)
		}
		if most := mostLines - 2*min(len(k.Questions), 6); len(lines) > most { // how the questions are asked has its place
			lines = append(lines[:most-1], line{false, "…"})
		}
	}
	for _, q := range k.Questions {
		if said := k.Asked[q]; said != "" {
			add(true, k.Catalog.Questions[q].Name)
			add(false, said)
		}
	}
	if len(lines) == 0 {
		return 0
	}
	if len(lines) > mostLines {
		lines = append(lines[:mostLines-1], line{false, "…"})
	}
	tall := float64(len(lines))*talkLine + 5
	y := footTop - 14 - tall + 4
	for _, x := range lines {
		y += talkLine
		p.font(x.bold, 9.5)
		p.text(margin+1, y, textWide, x.text)
	}
	return tall
}

// code draws a QR code (ISO/IEC 18004) of a width, quiet zone included.
func (p *paper) code(x, y, wide float64, text string) {
	c, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		p.pdf.SetError(fmt.Errorf("drawing the code of a packet: %w", err))
		return
	}
	n := c.Bounds().Dx()
	one := wide / float64(n+8)
	p.pdf.SetFillColor(0, 0, 0)
	for row := range n {
		for i := 0; i < n; {
			from := i
			for i < n && isDark(c.At(i, row).RGBA()) {
				i++
			}
			if i > from {
				p.pdf.Rect(x+float64(from+4)*one, y+float64(row+4)*one, float64(i-from)*one, one, "F")
				continue
			}
			i++
		}
	}
}

// turfMap draws a turf into a frame: streets, its outline, doors, and the walk from its start.
func (p *paper) turfMap(x, y, wide, tall float64, turf PacketTurf) {
	box := geo.EmptyBox()
	for _, d := range turf.Doors {
		box = box.Extend(d.At)
	}
	for _, ring := range turf.Outline {
		for _, c := range ring {
			box = box.Extend(c)
		}
	}
	p.pdf.SetFillColor(247, 249, 250)
	p.pdf.SetDrawColor(198, 202, 206)
	p.pdf.SetLineWidth(0.2)
	p.pdf.Rect(x, y, wide, tall, "FD")
	if box.Empty() {
		return
	}
	mid := box.Center()
	squeeze := math.Cos(mid.Lat * math.Pi / 180)
	const least = 1e-3 // degrees: a turf of one house still has a street around it
	scale := min((wide-16)/max((box.East-box.West)*squeeze, least), (tall-16)/max(box.North-box.South, least))
	at := func(c geo.Point) (float64, float64) {
		return x + wide/2 + (c.Lon-mid.Lon)*squeeze*scale, y + tall/2 - (c.Lat-mid.Lat)*scale
	}
	line := func(all []geo.Point) {
		for i := 1; i < len(all); i++ {
			x0, y0 := at(all[i-1])
			x1, y1 := at(all[i])
			p.pdf.Line(x0, y0, x1, y1)
		}
	}
	p.pdf.ClipRect(x, y, wide, tall, false)
	p.pdf.SetLineCapStyle("round")
	for _, s := range turf.Streets {
		p.pdf.SetDrawColor(205, 210, 214)
		p.pdf.SetLineWidth(1.6)
		line(s.Line)
	}
	p.pdf.SetDrawColor(7, 100, 141)
	p.pdf.SetLineWidth(0.7)
	for _, ring := range turf.Outline {
		line(ring)
	}
	p.pdf.SetDrawColor(27, 27, 27)
	p.pdf.SetLineWidth(0.35)
	p.pdf.SetDashPattern([]float64{1.4, 1}, 0)
	line(turf.Walk)
	p.pdf.SetDashPattern(nil, 0)
	p.streetNames(turf, at, x, y, wide, tall)
	p.pdf.SetFillColor(27, 27, 27)
	for _, d := range turf.Doors {
		px, py := at(d.At)
		p.pdf.Circle(px, py, 0.7, "F")
	}
	if len(turf.Doors) > 0 {
		px, py := at(turf.Doors[0].At)
		p.pdf.SetFillColor(255, 255, 255)
		p.pdf.SetLineWidth(0.6)
		p.pdf.Circle(px, py, 2, "FD")
	}
	p.pdf.ClipEnd()
}

// streetNames writes each street's name once, beside its longest piece in the frame.
func (p *paper) streetNames(turf PacketTurf, at func(geo.Point) (float64, float64), x, y, wide, tall float64) {
	type spot struct{ x, y, angle, long float64 }
	best := map[string]spot{}
	var order []string
	for _, s := range turf.Streets {
		if s.Name == "" || len(s.Line) < 2 {
			continue
		}
		x0, y0 := at(s.Line[0])
		x1, y1 := at(s.Line[len(s.Line)-1])
		mx, my := (x0+x1)/2, (y0+y1)/2
		if mx < x+12 || mx > x+wide-12 || my < y+6 || my > y+tall-6 {
			continue
		}
		long := math.Hypot(x1-x0, y1-y0)
		have, known := best[s.Name]
		if !known {
			order = append(order, s.Name)
		}
		if long > have.long {
			angle := math.Atan2(y0-y1, x1-x0) * 180 / math.Pi
			if angle > 90 || angle <= -90 {
				angle += 180
			}
			best[s.Name] = spot{mx, my, angle, long}
		}
	}
	p.font(false, 7)
	p.pdf.SetTextColor(86, 92, 101)
	for _, name := range order {
		b := best[name]
		text := words.Name(name)
		half := p.pdf.GetStringWidth(printable(text)) / 2
		if b.long < half {
			continue
		}
		p.pdf.TransformBegin()
		p.pdf.TransformRotate(b.angle, b.x, b.y)
		p.pdf.Text(b.x-half, b.y+0.9, printable(text))
		p.pdf.TransformEnd()
	}
	p.pdf.SetTextColor(0, 0, 0)
}

// turfSheets prints the doors of a turf in walk order, a heading for each stretch of street and side.
func (p *paper) turfSheets(k Packet, x PacketTurf, asked []answers) {
	y := pageTall
	heading := ""
	tall := p.blockTall(asked)
	for i, d := range x.Doors {
		here := p.stretch(x.Doors, i)
		for n, person := range d.People {
			room := tall
			if here != heading {
				room += streetTall
			}
			if y+room > footTop {
				y = p.turfPage(k, x)
				if here == heading {
					p.street(y, p.t.T("%s (continued)", here))
					y += streetTall
				}
			}
			if here != heading {
				p.street(y, here)
				y, heading = y+streetTall, here
			}
			r := &record{personRow: personRow{ID: person.ID, First: person.First, Middle: person.Middle, Last: person.Last, Suffix: person.Suffix, BirthYear: person.BirthYear,
				BirthDate: person.BirthDate, Sex: person.Sex, Party: person.Party, House: d.House, Street: d.Street, Unit: d.Unit, City: d.City}}
			p.block(y, r, asked, n > 0)
			y += tall
		}
	}
}

// stretch is the heading of a door: its street, and the side while the walk stays on it.
func (p *paper) stretch(doors []PacketDoor, i int) string {
	d := doors[i]
	street := words.Name(d.Street)
	if street == "" {
		street = p.t.T("Without a street address")
	}
	from, to := i, i
	for from > 0 && doors[from-1].Street == d.Street {
		from--
	}
	for to+1 < len(doors) && doors[to+1].Street == d.Street {
		to++
	}
	for _, other := range doors[from : to+1] {
		if other.Side != d.Side {
			return p.t.T("%s, both sides", street)
		}
	}
	switch d.Side {
	case "odd":
		return p.t.T("%s, odd side", street)
	case "even":
		return p.t.T("%s, even side", street)
	}
	return street
}

// turfPage begins a sheet of doors and returns where they begin.
func (p *paper) turfPage(k Packet, x PacketTurf) float64 {
	p.pdf.AddPage()
	p.font(true, 13)
	p.text(margin, margin+4, textWide-80, x.Name)
	p.font(false, 9)
	right := p.t.T("Page %d", p.pdf.PageNo())
	if !k.ReturnBy.IsZero() {
		right = p.t.T("Return by %s", p.t.Date(k.ReturnBy)) + " · " + right
	}
	p.textRight(pageWide-margin, margin+4, right)
	p.font(false, 7.5)
	p.pdf.SetTextColor(86, 92, 101)
	p.text(margin, margin+9, textWide, k.Map)
	p.text(margin, footTop+4, textWide, p.t.T("Personal data of voters. Give every sheet back, or destroy it. Nobody else may keep a copy."))
	p.textRight(pageWide-margin, footTop+4, p.t.Date(p.now))
	p.pdf.SetTextColor(0, 0, 0)
	p.pdf.SetDrawColor(86, 92, 101)
	p.pdf.SetLineWidth(0.3)
	p.pdf.Line(margin, margin+11.5, pageWide-margin, margin+11.5)
	return margin + headTall - 3
}
