// Package app joins programs into a site: it opens what they stand on, serves their pages and stops cleanly.
package app

import (
	"context"
	"io/fs"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Program is one program as a value: what it keeps, what it lets people do and what it shows. There is no
// registry: cmd/precinct hands the programs of a site to Open.
type Program struct {
	Name    string // "field": begins its tables, permits, paths and commands
	Schema  db.Line
	Permits []permit.Def
	Roles   []permit.Role
	Kinds   []ledger.KindDef
	Nouns   map[string]string // how the ledger's filter calls the kinds of a noun: "field.voterfile": "Voter files"
	Spanish [][]byte          // JSON objects from English to Spanish
	Areas   []web.Area
	Nav     []web.NavGroup
	Assets  []fs.FS // bundled islands

	FindPath   string // where the look-up in the bar posts to, below the organisation
	FindPermit permit.Permit

	// Open readies the program on a site. It may be nil.
	Open func(*Ground) Work
}

// Work is a program at work on one site.
type Work struct {
	Routes    []web.Route
	Nav       []web.NavGroup                     // beside the program's: what needs the site to be counted
	Run       func(ctx context.Context) error    // background work until ctx ends; may be nil
	Check     func(ctx context.Context) []string // trouble that a doctor should name; may be nil
	Retention *Retention                         // what becomes of its stored files; nil when it stores none
	Close     func() error                       // ends what Open began; may be nil
}
