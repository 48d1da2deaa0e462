// Package place knows where addresses, streets and districts lie, and gives every address the same key however it is spelled.
//
// All of it is public reference data of the whole site: address points, precincts, districts and streets, loaded from CSV and
// GeoJSON files. Who lives at an address is not known here.
package place

import (
	"context"
	"embed"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/geo"
)

//go:embed schema/*.sql
var schema embed.FS

// Spanish is what this package says, English to Spanish.
//
//go:embed es.json
var Spanish []byte

// Schema returns the tables of this package.
func Schema() db.Line { return db.Embedded("place", schema) }

// Kinds of areas besides those of voter files (congress, state_senate, municipality …).
const (
	Precinct = "precinct"
	County   = "county"
	Park     = "park"
	Water    = "water"
)

// AreaID names one area.
type AreaID int64

// Area is a precinct, a district or another area of one kind.
type Area struct {
	ID     AreaID
	Kind   string
	State  string // postal code
	County string // of a precinct: the code that the voter file or the Census Bureau uses
	Code   string // without leading zeros
	Name   string
	Shape  geo.MultiPolygon
}

// Street is a piece of a street, as a rule from one crossing to the next.
type Street struct {
	Name  string
	Class string // MTFCC of the Census Bureau: S1100 highway, S1200 main road, S1400 street
	Line  geo.Line
}

// Store reads and writes places.
type Store struct {
	db  *db.DB
	now func() time.Time

	// Addressed is called with the ledger's number of a load that brought addresses, in its transaction, for programs that keep replicas of where people
	// live. It is set once, when a program opens; nil: nobody does.
	Addressed func(ctx context.Context, tx *db.Tx, number int64) error
}

// New returns the places of a site.
func New(d *db.DB) *Store { return &Store{db: d, now: time.Now} }
