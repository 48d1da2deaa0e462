package place

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// addressColumns are the names that files have for what an address needs: ours, OpenAddresses' and those of the National
// Address Database.
var addressColumns = map[string][]string{
	"line":   {"address", "full_address", "fulladdr", "address_line", "addr"},
	"house":  {"house", "number", "house_number", "addno_full", "add_number", "street_num"},
	"street": {"street", "street_name", "stnam_full", "streetname"},
	"city":   {"city", "postcity", "post_city", "place", "community", "inc_muni", "municipality"},
	"zip":    {"zip", "zip5", "postcode", "zip_code", "zipcode", "postal_code"},
	"lon":    {"lon", "longitude", "x", "lng", "long"},
	"lat":    {"lat", "latitude", "y"},
}

// perPiece is how many addresses are sorted and written at a time.
const perPiece = 100_000

type placed struct {
	key int64
	at  geo.Point
}

// lineGuard stops a line that never ends before it fills the memory.
type lineGuard struct {
	r      io.Reader
	left   int
	broken bool
}

func (g *lineGuard) next() { g.left = maxLine + 8<<10 }

func (g *lineGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		g.broken = true
		return 0, io.ErrShortBuffer
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// addresses reads a CSV file of address points.
func (l *loader) addresses(in io.Reader) error {
	g := &lineGuard{r: in}
	r := csv.NewReader(g)
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	var index map[string]int
	piece := make([]placed, 0, perPiece)
	for {
		g.next()
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF) && index == nil:
			return fault.Invalidf("The file is empty.")
		case errors.Is(err, io.EOF):
			if err := l.flush(piece); err != nil {
				return err
			}
			if l.report.Refused*2 > l.report.Read {
				return fault.Invalidf("%d of %d rows have no address with its place. The columns are not what their names say.", l.report.Refused, l.report.Read)
			}
			return nil
		case g.broken:
			return fault.Invalidf("A line has more than %d kB. The file is damaged or not CSV.", maxLine>>10)
		case err != nil:
			return badCSV(err)
		case index == nil:
			if index, err = addressIndex(cells); err != nil {
				return err
			}
			continue
		}
		line, _ := r.FieldPos(0)
		if l.report.Read++; l.report.Read > maxRows {
			return fault.Invalidf("The file has more than %d rows.", maxRows)
		}
		a, bad := addressOf(cells, index)
		if bad != nil {
			l.report.refuse(line, bad)
			continue
		}
		if piece = append(piece, a); len(piece) == perPiece {
			if err := l.flush(piece); err != nil {
				return err
			}
			piece = piece[:0]
		}
	}
}

func badCSV(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault.Invalidf("Line %d has a quotation mark in the wrong place, or the file is cut off there.", p.StartLine).Because(err)
	}
	return err
}

// addressIndex finds the columns by name and says what is missing.
func addressIndex(header []string) (map[string]int, error) {
	index := map[string]int{}
	for what, names := range addressColumns {
		for i, h := range header {
			h = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))
			if _, twice := index[what]; !twice && slices.Contains(names, h) {
				index[what] = i
			}
		}
	}
	has := func(what string) bool { _, ok := index[what]; return ok }
	if !has("lon") || !has("lat") || !has("line") && !has("street") || !has("zip") && !has("city") {
		return nil, fault.Invalidf("A file of addresses needs columns like address, city or zip, lon and lat. This one has: %s.", clipped(strings.Join(header, ", ")))
	}
	return index, nil
}

// clipped keeps a sentence readable when a file is not what it should be.
func clipped(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return s
}

func addressOf(cells []string, index map[string]int) (placed, *fault.Error) {
	cell := func(what string) string {
		if i, ok := index[what]; ok && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	lon, err1 := strconv.ParseFloat(cell("lon"), 64)
	lat, err2 := strconv.ParseFloat(cell("lat"), 64)
	at := geo.Point{Lon: lon, Lat: lat}
	if err1 != nil || err2 != nil || !at.Valid() || lon == 0 && lat == 0 {
		return placed{}, fault.Invalidf("%q, %q is no place in degrees.", clipped(cell("lon")), clipped(cell("lat")))
	}
	house, street := cell("house"), cell("street")
	if street == "" {
		house, street = SplitLine(cell("line"))
	}
	key := Key(house, street, cell("city"), cell("zip"))
	if key == 0 {
		return placed{}, fault.Invalidf("The row has no address.")
	}
	return placed{key: key, at: at}, nil
}

// SplitLine parts "1140 N CEDAR ST" into house and street. A fraction belongs to the house ("12 1/2"); a line that does not
// begin with a number, as of a rural route, is all street, and so is one that begins with an ordinal ("1ST ST").
func SplitLine(line string) (house, street string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	if first == "" || !isDigit(first[0]) || rest == "" || ordinal(first) {
		return "", strings.TrimSpace(line)
	}
	if part, more, ok := strings.Cut(rest, " "); ok && strings.Contains(part, "/") && isDigit(part[0]) {
		return first + " " + part, strings.TrimSpace(more)
	}
	return first, rest
}

// ordinal reports whether w is 1ST, 22ND and so on.
func ordinal(w string) bool {
	tail := strings.ToUpper(strings.TrimLeft(w, "0123456789"))
	return tail == "ST" || tail == "ND" || tail == "RD" || tail == "TH"
}

// flush writes a piece in the order of its keys; of two rows with one address the later counts.
func (l *loader) flush(piece []placed) error {
	slices.SortStableFunc(piece, func(a, b placed) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return 0
	})
	last := 0
	for i := range piece {
		if i+1 < len(piece) && piece[i+1].key == piece[i].key {
			continue
		}
		piece[last] = piece[i]
		last++
	}
	l.report.Addresses += last
	if last == 0 {
		return nil
	}
	row := make([]any, 4)
	return upsertAddresses(l.ctx, l.tx, func(yield func([]any) bool) {
		for _, a := range piece[:last] {
			row[0], row[1], row[2], row[3] = a.key, a.at.Lon, a.at.Lat, l.name
			if !yield(row) {
				return
			}
		}
	})
}
