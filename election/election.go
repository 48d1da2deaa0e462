// Package election is the program for ballots on paper: counted, audited, proven.
//
// Its pure packages, each importing only those to its left: ballot ← tabulate ← cvr/vx; cvr ← audit (sampler ← audit, shangrla ← raire, plan); ranked ← ranked/cast. Within cvr: cvr ← table ← grid ← one package for
// each vendor; manifest reads tables too.
package election

import (
	"embed"
	"io/fs"

	"github.com/openprecinct/precinct/election/planpage"
	"github.com/openprecinct/precinct/election/planpage/sheet"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/web"
)

// Program returns the program as a value. It keeps no tables yet.
func Program() app.Program {
	return app.Program{
		Name:    "election",
		Permits: planpage.Permits,
		Roles:   planpage.Roles,
		Spanish: [][]byte{planpage.Spanish, sheet.Spanish, spanish},
		Assets:  []fs.FS{built},
		Areas:   []web.Area{{Key: "election", Title: "Elections", Path: "election/plan"}},
		Nav:     planpage.Nav,
		Open:    func(*app.Ground) app.Work { return app.Work{Routes: planpage.Routes()} },
	}
}

// built holds the bundled islands of the program's pages, and the planner for browsers.
//
//go:embed built/*.js built/*.gz
var built embed.FS

//go:embed es.json
var spanish []byte
