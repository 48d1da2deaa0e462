package place

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// streetsPerPiece is how many streets are written at a time.
const streetsPerPiece = 5_000

// geoJSON reads a file of streets or areas.
func (l *loader) geoJSON(in io.Reader) error {
	f := features{loader: l, streets: make(map[int64][]any, streetsPerPiece), seen: map[[4]string]bool{}}
	err := geo.ReadGeoJSON(in, geo.Limits{Bytes: maxBytes}, f.feature)
	if errors.Is(err, geo.ErrTooLarge) || errors.Is(err, geo.ErrNotGeoJSON) {
		return fault.Invalidf("The file cannot be read as GeoJSON: %s. Nothing of it was loaded.", clipped(err.Error())).Because(err)
	}
	if err != nil {
		return err
	}
	if err := f.flush(); err != nil {
		return err
	}
	for _, layer := range slices.SortedFunc(maps.Keys(l.layers), func(a, b layer) int { return strings.Compare(a.kind+a.state+a.county, b.kind+b.state+b.county) }) {
		n, err := deleteOlder(l.ctx, l.tx, layer, l.now)
		if err != nil {
			return err
		}
		l.report.Removed += int(n)
	}
	if l.report.Read > 0 && l.report.Streets+l.report.Areas == 0 { // an empty collection is whole: a county without parks
		return fault.Invalidf("The file has no streets and no areas that a map here shows.")
	}
	return nil
}

type features struct {
	*loader
	streets map[int64][]any
	seen    map[[4]string]bool // areas of this file
}

// wholeKinds are the areas that a file has all of: a county's precincts, a state's districts. Towns, parks and water may come
// a county at a time.
var wholeKinds = []string{Precinct, "congress", "state_senate", "state_house"}

func (f *features) feature(x geo.Feature) error {
	f.report.Read++
	switch x.Geometry.Type {
	case "LineString", "MultiLineString":
		return f.street(x)
	case "Polygon", "MultiPolygon":
		return f.area(x)
	case "":
		f.report.refuse(f.report.Read, fault.Invalidf("The feature has no shape."))
	default:
		f.report.Skipped++
	}
	return nil
}

// street keeps a street of TIGER's kind S: roads, not rails or rivers.
func (f *features) street(x geo.Feature) error {
	class := property(x, "MTFCC")
	if class != "" && !strings.HasPrefix(class, "S") {
		f.report.Skipped++
		return nil
	}
	name := property(x, "FULLNAME")
	if name == "" {
		name = property(x, "NAME")
	}
	for i, line := range x.Geometry.Lines {
		packed := appendChain(nil, line)
		id, err := strconv.ParseInt(property(x, "TLID"), 10, 64)
		if err != nil || i > 0 {
			h := hash64(fnvOffset)
			h.text(string(packed))
			id = int64(h.mixed() | 1<<63) // below zero: never a TLID
		}
		if _, twice := f.streets[id]; !twice {
			f.report.Streets++
		}
		f.streets[id] = []any{id, cellOf(line.Box()), clipped(name), class, packed}
	}
	if len(f.streets) >= streetsPerPiece {
		return f.flush()
	}
	return nil
}

func (f *features) flush() error {
	if len(f.streets) == 0 {
		return nil
	}
	defer clear(f.streets)
	return upsertStreets(f.ctx, f.tx, func(yield func([]any) bool) {
		for _, id := range slices.Sorted(maps.Keys(f.streets)) {
			if !yield(f.streets[id]) {
				return
			}
		}
	})
}

func (f *features) area(x geo.Feature) error {
	a, ok := areaOf(x)
	if !ok {
		return fault.Invalidf("Feature %d does not say which area it is: a precinct has VTDST20, a district SLDLST, SLDUST or CD…FP, others KIND and CODE. It has: %s.",
			f.report.Read, clipped(strings.Join(slices.Sorted(maps.Keys(x.Properties)), ", ")))
	}
	if a.Code == "" {
		f.report.refuse(f.report.Read, fault.Invalidf("The feature has no code."))
		return nil
	}
	a.Shape = x.Geometry.Areas
	key := [4]string{a.Kind, a.State, a.County, a.Code}
	if f.seen[key] { // an area of several features
		before, err := shapeOf(f.ctx, f.tx, a)
		if err != nil {
			return err
		}
		a.Shape = append(before, a.Shape...)
	} else {
		f.report.Areas++
	}
	f.seen[key] = true
	if err := upsertArea(f.ctx, f.tx, a, f.now); err != nil {
		return err
	}
	if slices.Contains(wholeKinds, a.Kind) {
		f.layers[layer{a.Kind, a.State, a.County}] = true
	}
	return nil
}

// areaNames are the properties by which the Census Bureau's files and some states' say what an area is, the most telling
// first: a precinct names its county too.
var areaNames = []struct {
	kind  string
	codes []string
	names []string
}{
	{Precinct, []string{"VTDST", "VTD", "PRECINCT", "PREC_ID"}, []string{"NAME", "NAMELSAD", "ENR_DESC"}},
	{"state_house", []string{"SLDLST"}, []string{"NAMELSAD", "NAME"}},
	{"state_senate", []string{"SLDUST"}, []string{"NAMELSAD", "NAME"}},
	{"school", []string{"UNSDLEA", "SDUNI"}, []string{"NAME"}},
	{"municipality", []string{"PLACEFP"}, []string{"NAME", "NAMELSAD"}},
	{County, []string{"COUNTYFP"}, []string{"NAME", "NAMELSAD"}},
}

// areaOf reads what an area is from its properties.
func areaOf(x geo.Feature) (Area, bool) {
	a := Area{State: stateCode(first(x, "STATEFP", "STATE"))}
	if kind := property(x, "KIND"); kind != "" {
		a.Kind, a.Code, a.Name = strings.ToLower(kind), codeKey(property(x, "CODE")), clipped(property(x, "NAME"))
		return a, true
	}
	if class := property(x, "MTFCC"); strings.HasPrefix(class, "H") || class == "K2180" || class == "K2190" {
		return landmark(x, a, class), true
	}
	if code := congress(x); code != "" {
		a.Kind, a.Code, a.Name = "congress", codeKey(code), clipped(first(x, "NAMELSAD", "NAME"))
		return a, true
	}
	for _, n := range areaNames {
		if code := first(x, n.codes...); code != "" {
			a.Kind, a.Code, a.Name = n.kind, codeKey(code), clipped(first(x, n.names...))
			if n.kind == Precinct {
				a.County = codeKey(first(x, "COUNTY", "COUNTYFP", "COUNTY_NAM"))
			}
			return a, true
		}
	}
	return Area{}, false
}

// landmark is a park or water, which have no codes of their own everywhere: their shape is one.
func landmark(x geo.Feature, a Area, class string) Area {
	a.Kind, a.Name = Water, clipped(first(x, "FULLNAME", "NAME"))
	if class[0] == 'K' {
		a.Kind = Park
	}
	h := hash64(fnvOffset)
	h.text(string(packArea(x.Geometry.Areas)))
	a.Code = strings.ToUpper(strconv.FormatUint(h.mixed(), 36))
	return a
}

// congress returns the number of a congressional district, of the latest Congress there is: CD116FP, CD118FP …
func congress(x geo.Feature) string {
	latest := ""
	for name := range x.Properties {
		if len(name) == 7 && strings.HasPrefix(name, "CD") && strings.HasSuffix(name, "FP") {
			latest = max(latest, name)
		}
	}
	return x.Text(latest)
}

// first returns the first property that is there.
func first(x geo.Feature, names ...string) string {
	for _, n := range names {
		if v := property(x, n); v != "" {
			return v
		}
	}
	return ""
}

// property returns the named value, also when its name carries the year of a census: VTDST20, NAME10.
func property(x geo.Feature, name string) string {
	for _, year := range []string{"", "20", "10", "30"} {
		if v := x.Text(name + year); v != "" {
			return v
		}
	}
	return ""
}
