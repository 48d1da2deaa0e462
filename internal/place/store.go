package place

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// Points returns where the addresses with these keys lie; unknown ones are absent.
func (s *Store) Points(ctx context.Context, keys []int64) (map[int64]geo.Point, error) {
	type row struct {
		Key int64   `db:"key"`
		Lon float64 `db:"lon"`
		Lat float64 `db:"lat"`
	}
	out := make(map[int64]geo.Point, len(keys))
	for part := range slices.Chunk(keys, 500) {
		rows, err := db.All[row](ctx, s.db, `SELECT key, lon, lat FROM place_address WHERE key IN (?)`, part)
		if err != nil {
			return nil, fmt.Errorf("placing addresses: %w", err)
		}
		for _, r := range rows {
			out[r.Key] = geo.Point{Lon: r.Lon, Lat: r.Lat}
		}
	}
	return out, nil
}

type areaRow struct {
	ID     AreaID `db:"id"`
	Kind   string `db:"kind"`
	State  string `db:"state"`
	County string `db:"county"`
	Code   string `db:"code"`
	Name   string `db:"name"`
	Shape  []byte `db:"shape"`
}

const areaColumns = `id, kind, state, county, code, name, shape`

func (r areaRow) area() (Area, error) {
	shape, err := unpackArea(r.Shape)
	if err != nil {
		return Area{}, fmt.Errorf("reading area %d: %w", r.ID, err)
	}
	return Area{ID: r.ID, Kind: r.Kind, State: r.State, County: r.County, Code: r.Code, Name: r.Name, Shape: shape}, nil
}

// AreaAt returns the area of a kind in which p lies, and false when there is none.
func (s *Store) AreaAt(ctx context.Context, p geo.Point, kind string) (Area, bool, error) {
	q := `SELECT ` + areaColumns + ` FROM place_area WHERE kind = ? AND west <= ? AND east >= ? AND south <= ? AND north >= ? ORDER BY id`
	for r, err := range db.Each[areaRow](ctx, s.db, q, kind, p.Lon, p.Lon, p.Lat, p.Lat) {
		if err != nil {
			return Area{}, false, fmt.Errorf("looking for the %s of a place: %w", kind, err)
		}
		a, err := r.area()
		if err != nil {
			return Area{}, false, err
		}
		if a.Shape.Contains(p) {
			return a, true, nil
		}
	}
	return Area{}, false, nil
}

// AreaByCode returns the area with a code as voter files write it, and false when there is none. county counts for precincts
// only: their codes are a county's own.
func (s *Store) AreaByCode(ctx context.Context, state, kind, county, code string) (Area, bool, error) {
	if kind != Precinct {
		county = ""
	}
	r, err := db.One[areaRow](ctx, s.db, `SELECT `+areaColumns+` FROM place_area WHERE kind = ? AND state = ? AND county = ? AND code = ?`,
		kind, stateCode(state), codeKey(county), codeKey(code))
	if errors.Is(err, db.ErrNone) {
		return Area{}, false, nil
	}
	if err != nil {
		return Area{}, false, fmt.Errorf("looking for %s %s: %w", kind, code, err)
	}
	a, err := r.area()
	return a, err == nil, err
}

// Names returns what areas of a kind in a state are called, by code as voter files write it; county counts for precincts only. Unknown ones, and
// those called by their code alone, are "".
func (s *Store) Names(ctx context.Context, state, kind string) (func(county, code string) string, error) {
	type row struct {
		County string `db:"county"`
		Code   string `db:"code"`
		Name   string `db:"name"`
	}
	names := map[[2]string]string{}
	for r, err := range db.Each[row](ctx, s.db, `SELECT county, code, name FROM place_area WHERE kind = ? AND state = ?`, kind, stateCode(state)) {
		if err != nil {
			return nil, fmt.Errorf("reading the names of areas: %w", err)
		}
		if r.Name != r.Code {
			names[[2]string{r.County, r.Code}] = r.Name
		}
	}
	return func(county, code string) string {
		if kind != Precinct {
			county = ""
		}
		return names[[2]string{codeKey(county), codeKey(code)}]
	}, nil
}

// Areas returns all areas of a kind in a state, for maps that are kept.
func (s *Store) Areas(ctx context.Context, state, kind string) ([]Area, error) {
	var out []Area
	for r, err := range db.Each[areaRow](ctx, s.db, `SELECT `+areaColumns+` FROM place_area WHERE kind = ? AND state = ? ORDER BY id`, kind, stateCode(state)) {
		if err != nil {
			return nil, fmt.Errorf("reading the areas of a state: %w", err)
		}
		a, err := r.area()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// AreasNear returns the areas of the kinds whose boxes touch b, in the order of their names, at most most.
func (s *Store) AreasNear(ctx context.Context, b geo.Box, most int, kinds ...string) ([]Area, error) {
	rows, err := db.All[areaRow](ctx, s.db, `SELECT `+areaColumns+` FROM place_area
		WHERE kind IN (?) AND west <= ? AND east >= ? AND south <= ? AND north >= ? ORDER BY name, id LIMIT ?`, kinds, b.East, b.West, b.North, b.South, most)
	if err != nil {
		return nil, fmt.Errorf("looking for areas on a map: %w", err)
	}
	out := make([]Area, 0, len(rows))
	for _, r := range rows {
		a, err := r.area()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// StreetsNear returns the streets whose boxes touch b, at most most, main roads first. A box of many kilometres is refused:
// this is for small maps.
func (s *Store) StreetsNear(ctx context.Context, b geo.Box, most int) ([]Street, error) {
	type row struct {
		ID    int64  `db:"id"`
		Name  string `db:"name"`
		Class string `db:"class"`
		Line  []byte `db:"line"`
	}
	cells, ok := cellsNear(b)
	if !ok {
		return nil, fault.Invalidf("This map is too large to draw its streets.")
	}
	var out []Street
	for r, err := range db.Each[row](ctx, s.db, `SELECT id, name, class, line FROM place_street WHERE cell IN (?) ORDER BY class, name, id`, cells) {
		if err != nil {
			return nil, fmt.Errorf("looking for streets on a map: %w", err)
		}
		l, err := unpackLine(r.Line)
		if err != nil {
			return nil, fmt.Errorf("reading street %d: %w", r.ID, err)
		}
		if !l.Box().Intersects(b) {
			continue
		}
		if out = append(out, Street{Name: r.Name, Class: r.Class, Line: l}); len(out) == most {
			break
		}
	}
	return out, nil
}

// Held counts what is known, for pages that say so.
type Held struct {
	Addresses int64 `db:"addresses"`
	Areas     int64 `db:"areas"`
	Streets   int64 `db:"streets"`
}

// Held counts the addresses, areas and streets.
func (s *Store) Held(ctx context.Context) (Held, error) {
	return db.One[Held](ctx, s.db, `SELECT (SELECT COUNT(*) FROM place_address) AS addresses,
		(SELECT COUNT(*) FROM place_area) AS areas, (SELECT COUNT(*) FROM place_street) AS streets`)
}

func upsertAddresses(ctx context.Context, tx *db.Tx, rows iter.Seq[[]any]) error {
	_, err := db.Upsert(ctx, tx, "place_address", []string{"key", "lon", "lat", "source"}, 1, rows)
	return err
}

func upsertStreets(ctx context.Context, tx *db.Tx, rows iter.Seq[[]any]) error {
	_, err := db.Upsert(ctx, tx, "place_street", []string{"id", "cell", "name", "class", "line"}, 1, rows)
	return err
}

func upsertArea(ctx context.Context, tx *db.Tx, a Area, now time.Time) error {
	b := a.Shape.Box()
	_, err := db.Exec(ctx, tx, `INSERT INTO place_area (kind, state, county, code, name, shape, west, south, east, north, loaded_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, state, county, code) DO UPDATE SET name = excluded.name, shape = excluded.shape,
		west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north, loaded_at = excluded.loaded_at`,
		a.Kind, a.State, a.County, a.Code, a.Name, packArea(a.Shape), b.West, b.South, b.East, b.North, now)
	return err
}

// shapeOf reads back what this transaction wrote of an area.
func shapeOf(ctx context.Context, tx *db.Tx, a Area) (geo.MultiPolygon, error) {
	b, err := db.One[[]byte](ctx, tx, `SELECT shape FROM place_area WHERE kind = ? AND state = ? AND county = ? AND code = ?`, a.Kind, a.State, a.County, a.Code)
	if err != nil {
		return nil, err
	}
	return unpackArea(b)
}

// deleteOlder removes the areas of one kind, state and county that an earlier file had and this one has not: precincts are
// merged and districts drawn anew.
func deleteOlder(ctx context.Context, tx *db.Tx, l layer, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM place_area WHERE kind = ? AND state = ? AND county = ? AND loaded_at <> ?`, l.kind, l.state, l.county, now)
}
