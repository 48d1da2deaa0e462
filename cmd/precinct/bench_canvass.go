package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/canvassbench"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

type benchCanvassCmd struct {
	Phones   int           `help:"How many phones tell what they recorded." default:"500"`
	Results  int           `help:"How many doors each tried." default:"60"`
	Requests int           `help:"In how many requests each tells." default:"6"`
	Over     time.Duration `help:"Within which time all of them do." default:"1m"`
	Kills    int           `help:"How often the server is killed while they do, in a second run." default:"20"`
	Cuts     int           `help:"How often its power is cut, on SQLite and on Postgres, in further runs; needs root and a loop device." default:"20"`
	CutsOnly bool          `help:"Only cut the power; measure nothing."`
	Dir      string        `help:"Folder for the databases. Default: a temporary one." placeholder:"DIR"`
	Postgres string        `help:"Server to measure Postgres on; its user may create databases. Default: Postgres is left out." placeholder:"URL" env:"PRECINCT_TEST_POSTGRES"`
}

func (c *benchCanvassCmd) Run(ctx context.Context, s streams) error {
	return canvassbench.Run(ctx, s.out, canvassbench.Options{Phones: c.Phones, Results: c.Results, Requests: c.Requests, Over: c.Over, Kills: c.Kills, Cuts: c.Cuts, CutsOnly: c.CutsOnly, Dir: c.Dir,
		Postgres: c.Postgres, Make: makeCrowd, Serve: serveCrowd})
}

// makeCrowd makes a site with canvassers.
func makeCrowd(ctx context.Context, c db.Config, files string, phones, doors int) (crowd canvassbench.Crowd, err error) {
	site, err := app.Open(ctx, app.Config{DB: c, Files: files, New: true, Purpose: web.Organizing, Programs: programs(web.Organizing)})
	if err != nil {
		return crowd, err
	}
	engine := field.Segments(&site.Ground)
	walks := field.Canvass(&site.Ground, field.Turfs(&site.Ground, field.Lists(&site.Ground, engine)), field.People(&site.Ground))
	crowd, err = canvassbench.Fill(ctx, canvassbench.Site{DB: site.DB, Orgs: site.Orgs, Devices: walks.Devices(), Codebook: field.Uploads(&site.Ground).Codebook,
		All: func(in org.ID) org.Actor { return org.Operate(in, site.Permits.Everything()) }}, phones, doors)
	return crowd, errors.Join(err, engine.Close(), site.Close())
}

// serveCrowd is the command that serves it: this program itself.
func serveCrowd(ctx context.Context, c db.Config, files, addr string) *exec.Cmd {
	args := []string{"serve", "--addr", addr, "--origin", "http://" + addr}
	if c.URL != "" {
		args = append(args, "--database", c.URL, "--files", files)
	} else {
		args = append(args, "--site", c.Dir)
	}
	cmd := exec.CommandContext(ctx, os.Args[0], args...) //nolint:gosec // it is this program
	cmd.Env = append(os.Environ(), asCommand+"=1")
	return cmd
}

// asCommand has a test binary be the program.
const asCommand = "PRECINCT_AS_COMMAND"
