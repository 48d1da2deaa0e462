package main

import (
	"context"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/segmentbench"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

type benchListsCmd struct {
	Voters     int    `help:"How many voters the made-up state has." default:"5000000"`
	Seed       uint64 `help:"The same seed makes the same state." default:"1"`
	Dir        string `help:"Folder for the databases and the segments, kept for the next run. Default: a temporary one." placeholder:"DIR"`
	Postgres   string `help:"Server to measure Postgres on; its user may create databases. Default: Postgres is left out." placeholder:"URL" env:"PRECINCT_TEST_POSTGRES"`
	SQLite     bool   `help:"Measure SQLite beside Postgres, which takes long. Without --postgres it is measured anyway." name:"sqlite"`
	Tile       int    `help:"Lay the state so many times beside itself in files, to measure larger ones than the databases hold, and how costs grow up to there. The databases are not asked." default:"1"`
	NoDatabase bool   `help:"Do not ask the databases, only the segments." name:"no-database"`
}

func (c *benchListsCmd) Run(ctx context.Context, s streams) error {
	return segmentbench.Run(ctx, s.out, s.err, segmentbench.Options{Voters: c.Voters, Seed: c.Seed, Dir: c.Dir, Postgres: c.Postgres, SQLite: c.SQLite, Tile: c.Tile, NoDatabase: c.NoDatabase,
		Lines: []db.Line{ledger.Schema(), account.Schema(), org.Schema(), place.Schema(), field.Schema()}})
}
