package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/openprecinct/precinct/election"
	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// where says which site a command works on.
type where struct {
	Site     string `help:"The site's folder, with the embedded database." placeholder:"DIR" env:"PRECINCT_SITE" xor:"where"`
	Database string `help:"The site's Postgres database." placeholder:"URL" env:"PRECINCT_DATABASE" xor:"where"`
	Files    string `help:"Where files, keys and checkpoints are kept, with --database." placeholder:"DIR" env:"PRECINCT_FILES"`
}

func (w where) config() (app.Config, error) {
	c := app.Config{DB: db.Config{Dir: w.Site, URL: w.Database}, Files: w.Files}
	switch {
	case w.Site == "" && w.Database == "":
		return c, errors.New("say which site: --site DIR (embedded database) or --database URL (Postgres)")
	case w.Site != "" && w.Files != "":
		return c, errors.New("--files goes with --database; with --site the files are in the site's folder")
	case w.Database != "" && w.Files == "":
		dir, err := filesOf(w.Database)
		if err != nil {
			return c, err
		}
		c.Files = dir
	}
	return c, nil
}

// filesOf gives each Postgres database a folder of its own below the user's data folder.
func filesOf(url string) (string, error) {
	home, err := os.UserConfigDir()
	if err != nil {
		return "", errors.New("say where files are kept: --files DIR")
	}
	sum := sha256.Sum256([]byte(url)) // the URL may hold a password, so it names nothing
	return filepath.Join(home, "precinct", hex.EncodeToString(sum[:8])), nil
}

// programs are the programs of a site by its purpose: the two worlds never share a database.
func programs(p web.Purpose) []app.Program {
	if p == web.Office {
		return []app.Program{election.Program()}
	}
	return []app.Program{field.Program()}
}

// openAny opens a site whatever it is for.
func (w where) openAny(ctx context.Context) (*app.Site, error) {
	c, err := w.config()
	if err != nil {
		return nil, err
	}
	if err := mustExist(c); err != nil {
		return nil, err
	}
	purpose, err := purposeOf(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	c.Purpose, c.Programs = purpose, programs(purpose)
	return app.Open(ctx, c)
}

// mustExist keeps a mistyped folder from becoming a new, empty site.
func mustExist(c app.Config) error {
	if c.DB.Dir == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.DB.Dir, db.FileName)); err != nil {
		return fmt.Errorf("there is no site in %s: make one with 'precinct init --site %s'", c.DB.Dir, c.DB.Dir)
	}
	return nil
}

func purposeOf(ctx context.Context, c db.Config) (web.Purpose, error) {
	d, err := db.Open(ctx, c)
	if err != nil {
		return "", err
	}
	s, err := d.SiteOf(ctx)
	return web.Purpose(s.Purpose), errors.Join(err, d.Close())
}

// openOrMake opens a site, or makes an organizing one with one organisation when there is none: the
// commands that begin with data may begin with nothing else.
func (w where) openOrMake(ctx context.Context, s streams) (*app.Site, error) {
	c, err := w.config()
	if err != nil {
		return nil, err
	}
	made := c.DB.Dir != "" && mustExist(c) != nil
	c.Purpose, c.Programs, c.New = web.Organizing, programs(web.Organizing), true
	site, err := app.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := site.Orgs.All(ctx)
	if err != nil {
		return nil, errors.Join(err, site.Close())
	}
	if len(all) == 0 {
		if err := makeOrg(ctx, site, "Precinct"); err != nil {
			return nil, errors.Join(err, site.Close())
		}
	}
	if made {
		_, _ = fmt.Fprintf(s.err, "made a new organizing site in %s\n", c.DB.Dir)
	}
	return site, nil
}

func makeOrg(ctx context.Context, site *app.Site, name string) error {
	return site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := site.Orgs.Establish(ctx, tx, name)
		return err
	})
}

// operator acts for the organisation with the given id, or for the only one there is.
func operator(ctx context.Context, site *app.Site, id int64) (org.Actor, error) {
	all, err := site.Orgs.All(ctx)
	if err != nil {
		return org.Actor{}, err
	}
	if id == 0 && len(all) == 1 {
		return org.Operate(all[0].ID, site.Permits.Everything()), nil
	}
	for _, o := range all {
		if int64(o.ID) == id {
			return org.Operate(o.ID, site.Permits.Everything()), nil
		}
	}
	if id == 0 {
		return org.Actor{}, fmt.Errorf("this site has %d organizations: choose one with --org ID", len(all))
	}
	return org.Actor{}, fmt.Errorf("there is no organization %d on this site", id)
}

// quietLog keeps commands from mixing log lines into what they print; trouble still shows.
func quietLog(s streams) *slog.Logger {
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
