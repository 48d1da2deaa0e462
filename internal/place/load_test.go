package place_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
)

var (
	lines = []db.Line{ledger.Schema(), place.Schema()}
	actor = org.Operate(3, permit.NewSet())
	ctx   = context.Background()
)

func load(t testing.TB, s *place.Store, name, text string) place.Report {
	t.Helper()
	r, err := s.Import(ctx, actor, name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const houses = "\ufeffaddress,city,state,zip,lon,lat,county\r\n" +
	"1140 N CEDAR ST,RALEIGH,NC,27601,-78.64,35.78,92\r\n" +
	"12 1/2 Fifth Avenue,RALEIGH,NC,27601-1234,-78.65,35.79,92\r\n" +
	"RR 2 BOX 5,WENDELL,NC,27591,-78.37,35.78,92\r\n" +
	"1140 North Cedar Street,RALEIGH,NC,27601,-78.641,35.781,92\r\n" +
	"14 ELM ST,RALEIGH,NC,27601,north,35.79,92\r\n"

// TestLoadsOfAddressesAreTold hears of a load that brings addresses, under its number in the ledger and in its transaction, and of no other.
func TestLoadsOfAddressesAreTold(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		s := place.New(d)
		var heard []int64
		s.Addressed = func(_ context.Context, _ *db.Tx, number int64) error {
			heard = append(heard, number)
			return nil
		}
		load(t, s, "addresses.csv", houses)
		load(t, s, "parks.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"MTFCC":"K2180","AREAID":"1"},"geometry":{"type":"Polygon","coordinates":[[[-78,35],[-78,36],[-77,36],[-78,35]]]}}]}`)
		if diff := cmp.Diff([]int64{1}, heard); diff != "" {
			t.Error(diff)
		}
		s.Addressed = func(context.Context, *db.Tx, int64) error { return errors.New("no") }
		if _, err := s.Import(ctx, actor, "addresses.csv", strings.NewReader(strings.ReplaceAll(houses, "1140", "1150"))); err == nil {
			t.Error("what could not be told was loaded")
		}
		if h, err := s.Held(ctx); err != nil || h.Addresses != 3 {
			t.Error(h, err)
		}
	})
}

func TestAddressesFindTheirPlaces(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		s := place.New(d)
		for range 2 { // the second time nothing is doubled
			r := load(t, s, "addresses.csv", houses)
			if r.Read != 5 || r.Addresses != 3 || r.Refused != 1 || len(r.Troubles) != 1 || r.Troubles[0].Row != 6 {
				t.Errorf("report %+v", r)
			}
		}
		cedar, fifth, rural := place.Key("1140", "N CEDAR ST", "", "27601"), place.Key("12 1/2", "5TH AVE", "", "27601"), place.Key("", "RURAL ROUTE 2 BOX 5", "", "27591")
		keys := make([]int64, 0, 2000)
		for i := range int64(1997) { // more than one statement takes
			keys = append(keys, i+1)
		}
		got, err := s.Points(ctx, append(keys, cedar, fifth, rural))
		want := map[int64]geo.Point{cedar: {Lon: -78.641, Lat: 35.781}, fifth: {Lon: -78.65, Lat: 35.79}, rural: {Lon: -78.37, Lat: 35.78}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if h, err := s.Held(ctx); err != nil || h.Addresses != 3 {
			t.Error(h, err)
		}
		if n, err := db.One[int](ctx, d, `SELECT COUNT(*) FROM ledger_entry WHERE kind = 'place.map.load'`); err != nil || n != 2 {
			t.Error(n, err)
		}
	})
}

func TestOtherNamesForAddressColumns(t *testing.T) {
	s := place.New(dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...))
	load(t, s, "openaddresses.csv", "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n-78.64,35.78,1140,N Cedar St,,Raleigh,,NC,27601,,x\n")
	got, err := s.Points(ctx, []int64{place.Key("1140", "N CEDAR ST", "", "27601")})
	if err != nil || len(got) != 1 {
		t.Error(got, err)
	}
}

// box is a feature whose shape is a rectangle.
func box(w, s, e, n float64, properties string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{%s},"geometry":{"type":"Polygon","coordinates":[[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]]}}`,
		properties, w, s, e, s, e, n, w, n, w, s)
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func TestAreasAreFoundByPlaceAndByCode(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		s := place.New(d)
		r := load(t, s, "precincts.geojson", collection(
			box(-78.7, 35.7, -78.6, 35.8, `"STATEFP20":"37","COUNTYFP20":"183","VTDST20":"01-07","NAME20":"Quay","COUNTY":"92"`),
			box(-78.6, 35.7, -78.5, 35.8, `"STATEFP20":"37","COUNTYFP20":"183","VTDST20":"000008","NAME20":"Mill","COUNTY":"92"`),
			box(-78.5, 35.7, -78.4, 35.8, `"STATEFP20":"37","COUNTYFP20":"063","VTDST20":"000008","NAME20":"Other county"`),
			box(-78.4, 35.7, -78.3, 35.8, `"STATEFP20":"37","COUNTYFP20":"183","VTDST20":"01-07","NAME20":"Quay, east part","COUNTY":"92"`)))
		if r.Read != 4 || r.Areas != 3 {
			t.Errorf("report %+v", r)
		}
		load(t, s, "districts.geojson", collection(
			box(-79, 35, -78, 36, `"STATEFP":"37","CD116FP":"01","CD118FP":"02","NAMELSAD":"Congressional District 2"`),
			box(-79, 35, -78, 36, `"STATEFP":"37","SLDUST":"014","NAMELSAD":"State Senate District 14"`),
			box(-79, 35, -78, 36, `"STATEFP":"37","SLDLST":"033","NAMELSAD":"State House District 33"`),
			box(-79, 35, -78, 36, `"STATEFP":"37","COUNTYFP":"183","NAME":"Wake"`),
			box(-79, 35, -78, 36, `"STATEFP":"37","PLACEFP":"55000","NAME":"Raleigh"`),
			box(-79, 35, -78, 36, `"STATEFP":"37","KIND":"municipality","CODE":"RAL","NAME":"Raleigh"`),
			box(-78.65, 35.75, -78.64, 35.76, `"FULLNAME":"Quay Park","MTFCC":"K2180"`),
			box(-78.65, 35.75, -78.64, 35.76, `"FULLNAME":"Neuse Riv","MTFCC":"H3010"`)))
		for _, c := range []struct{ state, kind, county, code, want string }{
			{"NC", "precinct", "92", "01-07", "Quay, east part"}, {"NC", "precinct", "92", "8", "Mill"}, {"37", "precinct", "063", "08", "Other county"},
			{"NC", "congress", "92", "2", "Congressional District 2"}, {"NC", "state_senate", "", "14", "State Senate District 14"},
			{"NC", "state_house", "", "033", "State House District 33"}, {"nc", "municipality", "", "ral", "Raleigh"}, {"NC", "county", "", "183", "Wake"},
			{"NC", "congress", "", "1", ""}, {"OH", "congress", "", "2", ""}, {"NC", "precinct", "1", "01-07", ""},
		} {
			a, ok, err := s.AreaByCode(ctx, c.state, c.kind, c.county, c.code)
			if err != nil || ok != (c.want != "") || a.Name != c.want {
				t.Errorf("%+v: %q, %v", c, a.Name, err)
			}
			if named, err := s.Names(ctx, c.state, c.kind); err != nil || named(c.county, c.code) != c.want {
				t.Errorf("%+v is called otherwise among all of its kind, %v", c, err)
			}
		}
		for _, c := range []struct {
			lon  float64
			want string
		}{{-78.65, "01-07"}, {-78.55, "8"}, {-78.35, "01-07"}, {-78.2, ""}} {
			a, ok, err := s.AreaAt(ctx, geo.Point{Lon: c.lon, Lat: 35.75}, place.Precinct)
			if err != nil || ok != (c.want != "") || a.Code != c.want {
				t.Errorf("%v: %q, %v", c.lon, a.Code, err)
			}
		}
		near, err := s.AreasNear(ctx, geo.Box{West: -78.66, South: 35.7, East: -78.63, North: 35.77}, 10, place.Park, place.Water)
		if err != nil || len(near) != 2 || near[0].Kind != place.Water || near[1].Name != "Quay Park" {
			t.Errorf("%+v, %v", near, err)
		}
	})
}

func TestANewMapReplacesTheOldOneOfItsCounty(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		s := place.New(d)
		precinct := func(county, code string) string {
			return box(-78.7, 35.7, -78.6, 35.8, `"STATEFP20":"37","COUNTYFP20":"`+county+`","VTDST20":"`+code+`"`)
		}
		load(t, s, "old", collection(precinct("183", "1"), precinct("183", "2"), precinct("63", "1")))
		load(t, s, "parks", collection(box(0, 0, 1, 1, `"MTFCC":"K2180"`)))
		load(t, s, "more parks", collection(box(2, 0, 3, 1, `"MTFCC":"K2180"`)))
		if r := load(t, s, "new", collection(precinct("183", "1"), precinct("183", "3"))); r.Removed != 1 {
			t.Errorf("report %+v", r)
		}
		for key, want := range map[[2]string]bool{{"183", "1"}: true, {"183", "2"}: false, {"183", "3"}: true, {"63", "1"}: true} {
			if _, ok, err := s.AreaByCode(ctx, "NC", "precinct", key[0], key[1]); err != nil || ok != want {
				t.Errorf("%v: %v, %v", key, ok, err)
			}
		}
		if h, err := s.Held(ctx); err != nil || h.Areas != 5 {
			t.Error(h, err)
		}
	})
}

func street(tlid, name, class, coordinates string) string {
	return `{"type":"Feature","properties":{"TLID":` + tlid + `,"FULLNAME":"` + name + `","MTFCC":"` + class + `"},"geometry":{"type":"LineString","coordinates":` + coordinates + `}}`
}

func TestAnEmptyCollectionBringsNothing(t *testing.T) {
	s := place.New(dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...))
	if diff := cmp.Diff(place.Report{}, load(t, s, "landmarks.geojson", collection())); diff != "" {
		t.Error(diff)
	}
}

func TestStreetsOnASmallMap(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		s := place.New(d)
		r := load(t, s, "streets.geojson", collection(
			street("1", "Cedar St", "S1400", `[[-78.64,35.78],[-78.641,35.78]]`),
			street("2", "Far St", "S1400", `[[-78.54,35.78],[-78.541,35.78]]`),
			street("3", "Long Hwy", "S1200", `[[-79.5,35.7801],[-78.0,35.7801]]`),
			street("4", "Rail", "R1011", `[[-78.64,35.78],[-78.641,35.78]]`),
			street("1", "Cedar Street", "S1400", `[[-78.64,35.78],[-78.642,35.78]]`),
			`{"type":"Feature","properties":{"name":"no id"},"geometry":{"type":"MultiLineString","coordinates":[[[-78.64,35.781],[-78.64,35.782]],[[-78.64,35.783],[-78.64,35.784]]]}}`))
		if r.Streets != 5 || r.Skipped != 1 {
			t.Errorf("report %+v", r)
		}
		near := geo.Box{West: -78.645, South: 35.775, East: -78.635, North: 35.785}
		got, err := s.StreetsNear(ctx, near, 100)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, x := range got {
			names = append(names, x.Name+" "+x.Class)
		}
		if diff := cmp.Diff([]string{" ", " ", "Long Hwy S1200", "Cedar Street S1400"}, names); diff != "" {
			t.Error(diff)
		}
		if l := got[3].Line; len(l) != 2 || geo.Distance(l[1], geo.Point{Lon: -78.642, Lat: 35.78}) > 0.1 {
			t.Errorf("line %v", l)
		}
		if got, err := s.StreetsNear(ctx, near, 1); err != nil || len(got) != 1 {
			t.Error(got, err)
		}
		if _, err := s.StreetsNear(ctx, geo.Box{West: -80, South: 34, East: -77, North: 36}, 100); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a map of the whole state: %v", err)
		}
	})
}

// Whatever streets there are, a search by tiles finds those that a look at every one finds.
func TestTilesMissNoStreet(t *testing.T) {
	s := place.New(dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...))
	id := 0
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.SampledFrom([]float64{0.001, 0.009, 0.0101, 0.04, 0.15, 0.7, 3}).Draw(t, "span")
		at := func(name string) geo.Point {
			return geo.Point{Lon: -78 + span*rapid.Float64Range(-1, 1).Draw(t, name+" lon"), Lat: 35 + span*rapid.Float64Range(-1, 1).Draw(t, name+" lat")}
		}
		var l geo.Line
		for i := range rapid.IntRange(2, 4).Draw(t, "points") {
			l = append(l, at(fmt.Sprint(i)))
		}
		id++
		text := string(geo.AppendLine(nil, l))
		if _, err := s.Import(ctx, actor, "x", strings.NewReader(collection(street(fmt.Sprint(id), fmt.Sprint("s", id), "S1400", text)))); err != nil {
			t.Fatal(err)
		}
		near := geo.EmptyBox().Extend(at("corner"))
		near = near.Extend(geo.Point{Lon: near.West + rapid.Float64Range(0, 0.05).Draw(t, "width"), Lat: near.South + rapid.Float64Range(0, 0.05).Draw(t, "height")})
		got, err := s.StreetsNear(ctx, near, 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, x := range got {
			found = found || x.Name == fmt.Sprint("s", id)
		}
		if want := l.Box().Intersects(near); found != want && !touching(l.Box(), near) {
			t.Fatalf("found %v, want %v: %v in %v", found, want, l, near)
		}
	})
}

// touching reports whether rounding to a centimetre may decide.
func touching(a, b geo.Box) bool {
	grown := geo.Box{West: b.West - 1e-6, South: b.South - 1e-6, East: b.East + 1e-6, North: b.North + 1e-6}
	shrunk := geo.Box{West: b.West + 1e-6, South: b.South + 1e-6, East: b.East - 1e-6, North: b.North - 1e-6}
	return a.Intersects(grown) != a.Intersects(shrunk)
}

// xs never ends.
type xs struct{}

func (xs) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestBadFilesLeaveNothing(t *testing.T) {
	good := "1140 N CEDAR ST,RALEIGH,27601,-78.64,35.78\n"
	header := "address,city,zip,lon,lat\n"
	gigabyte := func(head string) io.Reader {
		return io.MultiReader(strings.NewReader(head), io.LimitReader(xs{}, 1<<30))
	}
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...)
	s := place.New(d)
	for _, c := range []struct {
		name string
		in   io.Reader
		err  string
	}{
		{"empty", strings.NewReader(""), "empty"},
		{"blank", strings.NewReader(" \n\n"), "empty"},
		{"binary", strings.NewReader("PK\x03\x04\x00\x00"), "neither CSV nor GeoJSON"},
		{"wrong separator", strings.NewReader("address;city;zip;lon;lat\n1;2;3;4;5\n"), "This one has: address;city;zip;lon;lat"},
		{"no places", strings.NewReader("address,city,zip\n1 ELM ST,RALEIGH,27601\n"), "needs columns"},
		{"columns swapped", strings.NewReader("address,city,zip,lon,lat\n" + strings.Repeat("-78.64,35.78,RALEIGH,27601,1140 N CEDAR ST\n", 3)), "3 of 3 rows"},
		{"cut off in quotes", strings.NewReader(header + good + "\"1141 N CED"), "Line 3"},
		{"a line of a gigabyte", gigabyte(header + good), "A line has more than"},
		{"a header of a gigabyte", gigabyte("address"), "A line has more than"},
		{"GeoJSON cut off", strings.NewReader(collection(box(0, 0, 1, 1, `"KIND":"county","CODE":"1"`))[:150]), "cannot be read as GeoJSON"},
		{"a value of a gigabyte", gigabyte(`{"type":"FeatureCollection","name":"`), "cannot be read as GeoJSON"},
		{"not a map", strings.NewReader(`{"type":"Topology"}`), "cannot be read as GeoJSON"},
		{"metres instead of degrees", strings.NewReader(collection(box(500000, 200000, 500001, 200001, `"KIND":"county","CODE":"1"`))), "reproject"},
		{"areas of nothing known", strings.NewReader(collection(box(0, 0, 1, 1, `"KIND":"county","CODE":"1"`), box(0, 0, 1, 1, `"OBJECTID":1,"Shape_Area":2`))), "It has: OBJECTID, Shape_Area"},
		{"only points", strings.NewReader(collection(`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}`)), "no streets and no areas"},
		{"the disk fails", io.MultiReader(strings.NewReader(header+good), broken{}), "disk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Import(ctx, actor, "file", c.in)
			if err == nil || !strings.Contains(err.Error(), c.err) || fault.KindOf(err) != fault.Invalid && c.name != "the disk fails" {
				t.Errorf("got %v, want %q", err, c.err)
			}
			if h, err := s.Held(ctx); err != nil || h != (place.Held{}) {
				t.Errorf("left %+v, %v", h, err)
			}
		})
	}
	if n, err := db.One[int](ctx, d, `SELECT COUNT(*) FROM ledger_entry`); err != nil || n != 0 {
		t.Errorf("%d entries, %v", n, err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk fails") }

func TestSplitLine(t *testing.T) {
	for in, want := range map[string][2]string{
		"1140 N CEDAR ST": {"1140", "N CEDAR ST"}, "12 1/2  ELM ST": {"12 1/2", "ELM ST"}, "37-15 81ST ST": {"37-15", "81ST ST"}, "12A ELM ST": {"12A", "ELM ST"},
		"RR 2 BOX 5": {"", "RR 2 BOX 5"}, "1ST ST": {"", "1ST ST"}, "22nd Ave": {"", "22nd Ave"}, "12": {"", "12"}, "": {"", ""}, " 5  OAK ": {"5", "OAK"},
	} {
		house, street := place.SplitLine(in)
		if diff := cmp.Diff(want, [2]string{house, street}); diff != "" {
			t.Errorf("%q %s", in, diff)
		}
	}
}

func FuzzAddressCSV(f *testing.F) {
	f.Add([]byte(houses))
	f.Add([]byte("lon,lat,street,zip\n1,2,\"A\nB\",3\n"))
	f.Add([]byte("lon,lat,street,zip\nNaN,2,A,3\n1e999,2,A,27601\n"))
	fuzzImport(f)
}

func FuzzMapGeoJSON(f *testing.F) {
	f.Add([]byte(collection(box(0, 0, 1, 1, `"KIND":"county","CODE":"1"`), street("1", "A", "S1400", `[[1,2],[3,4]]`))))
	f.Add([]byte(collection(box(0, 0, 1, 1, `"VTDST20":"1","COUNTYFP20":7`), box(0, 0, 1, 1, `"VTDST20":"1","COUNTYFP20":7`))))
	fuzzImport(f)
}

// fuzzImport holds for any bytes: what is refused is refused with a sentence and leaves nothing, what is taken can be read back.
func fuzzImport(f *testing.F) {
	s := place.New(dbtest.Open(f, db.Config{Dir: f.TempDir()}, lines...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := s.Import(ctx, actor, "x", strings.NewReader(string(data))); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		if _, err := s.AreasNear(ctx, geo.Box{West: -180, South: -90, East: 180, North: 90}, 10, "county", "precinct"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.StreetsNear(ctx, geo.Box{West: 1, South: 2, East: 1.01, North: 2.01}, 10); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkImportAddresses(b *testing.B) {
	for _, n := range []int{50_000, 500_000} {
		var text strings.Builder
		text.WriteString("address,city,state,zip,lon,lat\n")
		for i := range n {
			fmt.Fprintf(&text, "%d N STREET%d ST,RALEIGH,NC,%05d,-78.%06d,35.%06d\n", i%200+1, i/200, 27000+i%100, i, i)
		}
		b.Run(fmt.Sprint("sqlite/", n), func(b *testing.B) {
			for b.Loop() {
				s := place.New(dbtest.Open(b, db.Config{Dir: b.TempDir()}, lines...))
				if r := load(b, s, "x", text.String()); r.Addresses != n {
					b.Fatalf("%+v", r)
				}
			}
		})
		b.Run(fmt.Sprint("postgres/", n), func(b *testing.B) {
			for b.Loop() {
				s := place.New(dbtest.Open(b, db.Config{URL: dbtest.PostgresURL(b)}, lines...))
				if r := load(b, s, "x", text.String()); r.Addresses != n {
					b.Fatalf("%+v", r)
				}
			}
		})
	}
}
