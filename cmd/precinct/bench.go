package main

import (
	"context"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/voterfile/voterfilebench"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

type benchVoterfileCmd struct {
	Voters   int    `help:"How many voters the made-up file has." default:"1000000"`
	Seed     uint64 `help:"The same seed makes the same file." default:"1"`
	Dir      string `help:"Folder for the files and the databases. Default: a temporary one." placeholder:"DIR"`
	Postgres string `help:"Server to measure Postgres on; its user may create databases. Default: Postgres is left out." placeholder:"URL" env:"PRECINCT_TEST_POSTGRES"`
}

func (c *benchVoterfileCmd) Run(ctx context.Context, s streams) error {
	return voterfilebench.Run(ctx, s.out, s.err, voterfilebench.Options{Voters: c.Voters, Seed: c.Seed, Dir: c.Dir, Postgres: c.Postgres,
		Lines: []db.Line{ledger.Schema(), account.Schema(), org.Schema(), field.Schema()}, Pages: openBenchPages})
}
