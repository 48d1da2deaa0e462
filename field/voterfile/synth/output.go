package synth

import (
	"encoding/json"
	"fmt"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/geo"
)

// ground is the files about places. Their names and properties are those of the Census Bureau's: EDGES and AREALM of
// TIGER/Line, and VTD20 of the 2020 redistricting files, so that real files can take their place.
type ground struct {
	streets, addresses *output
	b, a               []byte // waiting for streets and addresses
}

const flushAt = 128 << 10

func (w *writer) openGround() error {
	var err error
	if w.ground.streets, err = w.open("streets.geojson", "streets"); err != nil {
		return err
	}
	w.ground.b = beginCollection(w.ground.b, "streets")
	if w.ground.addresses, err = w.open("addresses.csv", "addresses"); err != nil {
		return err
	}
	w.ground.a = append(w.ground.a, "address,city,state,zip,lon,lat,county,precinct,tlid,side,units\r\n"...)
	return nil
}

func (g *ground) abandon() {
	for _, o := range []*output{g.streets, g.addresses} {
		if o != nil {
			_ = o.file.Close()
		}
	}
}

func (w *writer) closeGround() error {
	g := &w.ground
	g.b = append(g.b, "\n]}\n"...)
	if _, err := g.streets.Write(g.b); err != nil {
		return err
	}
	if _, err := g.addresses.Write(g.a); err != nil {
		return err
	}
	for _, o := range []*output{g.streets, g.addresses} {
		if err := w.close(o); err != nil {
			return err
		}
	}
	for _, f := range [...]func() error{w.writePrecincts, w.writeDistricts, w.writeLandmarks, w.writeElections, w.writeMapping} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// address adds one house to addresses.csv, which holds the line without a unit.
func (w *writer) address(d *door, at spot, tlid int, left bool, units int) error {
	g := &w.ground
	lon, lat := w.s.degrees(at)
	for _, cell := range [...]string{d.addr.Line, d.addr.City, d.addr.State, d.addr.ZIP5} {
		g.a = append(append(g.a, cell...), ',')
	}
	g.a = append(appendDegrees(g.a, lon), ',')
	g.a = append(appendDegrees(g.a, lat), ',')
	g.a = append(append(g.a, w.county.code...), ',')
	g.a = append(append(g.a, w.s.precincts[d.precinct].code...), ',')
	g.a = appendInt(g.a, tlid)
	if left {
		g.a = append(g.a, ",L,"...)
	} else {
		g.a = append(g.a, ",R,"...)
	}
	g.a = append(appendInt(g.a, units), '\r', '\n')
	g.addresses.truth.Rows++
	if len(g.a) < flushAt {
		return nil
	}
	_, err := g.addresses.Write(g.a)
	g.a = g.a[:0]
	return err
}

func appendInt(b []byte, n int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

// appendDegrees writes 1e-7 degrees with seven decimals.
func appendDegrees(b []byte, n int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = append(appendInt(b, n/10_000_000), '.')
	for f, k := n%10_000_000, 1_000_000; k > 0; k /= 10 {
		b = append(b, byte('0'+f/k%10))
	}
	return b
}

func beginCollection(b []byte, name string) []byte {
	return append(append(append(b, `{"type":"FeatureCollection","name":"`...), name...), "\",\"features\":["...)
}

func (w *writer) writeStreets(p *plat) error {
	g := &w.ground
	for i := range p.segments {
		g.b = w.street(g.b, p, &p.segments[i])
		if len(g.b) >= flushAt {
			if _, err := g.streets.Write(g.b); err != nil {
				return err
			}
			g.b = g.b[:0]
		}
	}
	return nil
}

// street appends one edge. Address ranges are empty on a side without addresses, as in TIGER.
func (w *writer) street(b []byte, p *plat, e *segment) []byte {
	o := w.ground.streets
	if o.truth.Rows > 0 {
		b = append(b, ',')
	}
	o.truth.Rows++
	name := p.streets[e.street]
	b = append(b, "\n{\"type\":\"Feature\",\"properties\":{\"TLID\":"...)
	b = appendInt(b, e.tlid)
	b = append(b, `,"FULLNAME":"`...)
	for _, part := range [...]string{e.pre, name.name, name.kind} {
		if part != "" {
			if b[len(b)-1] != '"' {
				b = append(b, ' ')
			}
			b = append(b, part...)
		}
	}
	b = append(append(append(b, `","MTFCC":"`...), e.class...), '"')
	odd, even := e.low+1, e.low
	b = appendRange(b, `,"LFROMADD":`, `,"LTOADD":`, odd, odd+e.span, e.left.precinct >= 0 && e.left.lots > 0)
	b = appendRange(b, `,"RFROMADD":`, `,"RTOADD":`, even, even+e.span, e.right.precinct >= 0 && e.right.lots > 0)
	b = appendInt(append(b, `,"TNIDF":`...), w.s.nodeID(e.from))
	b = appendInt(append(b, `,"TNIDT":`...), w.s.nodeID(e.to))
	b = append(append(append(b, `,"COUNTY":"`...), w.county.code...), `"},"geometry":{"type":"LineString","coordinates":[[`...)
	for i, at := range [...]spot{e.a, e.b} {
		if i > 0 {
			b = append(b, "],["...)
		}
		lon, lat := w.s.degrees(at)
		b = append(appendDegrees(b, lon), ',')
		b = appendDegrees(b, lat)
	}
	return append(b, "]]}}"...)
}

func appendRange(b []byte, from, to string, lo, hi int, there bool) []byte {
	if !there {
		return append(append(append(append(b, from...), "null"...), to...), "null"...)
	}
	b = append(appendInt(append(append(b, from...), '"'), lo), '"')
	return append(appendInt(append(append(b, to...), '"'), hi), '"')
}

// collection writes a file of features one at a time.
func (w *writer) collection(name, kind string, features func(add func(geo.Feature) error) error) error {
	o, err := w.open(name, kind)
	if err != nil {
		return err
	}
	b := beginCollection(nil, kind)
	err = features(func(f geo.Feature) error {
		if o.truth.Rows > 0 {
			b = append(b, ',')
		}
		o.truth.Rows++
		var err error
		if b, err = f.AppendGeoJSON(append(b, '\n')); err == nil && len(b) >= flushAt {
			_, err = o.Write(b)
			b = b[:0]
		}
		return err
	})
	if err == nil {
		_, err = o.Write(append(b, "\n]}\n"...))
	}
	if err != nil {
		_ = o.file.Close()
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return w.close(o)
}

func (w *writer) writeElections() error {
	o, err := w.open("elections.csv", "elections")
	if err != nil {
		return err
	}
	b := []byte("date,type,name\r\n")
	for i := range w.s.elections {
		e := &w.s.elections[i]
		b = append(append(b, e.Date.String()+","+e.Type.String()+","+e.Name...), '\r', '\n')
		o.truth.Rows++
	}
	if _, err := o.Write(b); err != nil {
		_ = o.file.Close()
		return err
	}
	return w.close(o)
}

// writeMapping writes what Michigan's fixed-width history leaves to another file: which election each of its codes is, as the mapping
// that an import takes.
func (w *writer) writeMapping() error {
	if w.s.opts.Layout != layout.MI || w.s.opts.Generation != layout.Fixed {
		return nil
	}
	m := layout.Mapping{Version: layout.MappingVersion, Name: "Michigan's election codes", Columns: []layout.ColumnMapping{}}
	for i := range w.s.elections {
		e := &w.s.elections[i]
		m.Elections = append(m.Elections, layout.ElectionCode{Code: e.Name, Date: e.Date.String(), Type: e.Type.String()})
	}
	text, err := json.MarshalIndent(&m, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the mapping: %w", err)
	}
	o, err := w.open("mapping.json", "mapping")
	if err != nil {
		return err
	}
	o.truth.Rows = len(m.Elections)
	if _, err := o.Write(append(text, '\n')); err != nil {
		_ = o.file.Close()
		return err
	}
	return w.close(o)
}

// newRows starts the layout's own writer.
func (s *State) newRows(o *output, kind layout.Kind) (*layout.Writer, error) {
	opts := layout.WriterOptions{AsOf: s.asOf}
	if kind == layout.Voters {
		for i := range s.elections {
			e := &s.elections[i]
			opts.Elections = append(opts.Elections, layout.ElectionColumn{Date: e.Date, Type: e.Type, Name: e.Name})
		}
	} else if s.opts.Layout == layout.MI && s.opts.Generation == layout.Current {
		opts.ShortHeader = s.asOf >= 2024_04_08
	}
	return layout.NewWriter(o, s.opts.Layout, s.opts.Generation, kind, opts)
}
