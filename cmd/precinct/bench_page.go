package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile/voterfilebench"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// benchPages is a site in this process, with its administrator signed in.
type benchPages struct {
	site    *app.Site
	handler http.Handler
	session string
	org     org.ID
}

// openBenchPages founds an organisation on a database that has voters, draws the map of the made-up state, and signs in.
func openBenchPages(ctx context.Context, d db.Config, files, made string) (voterfilebench.Pages, error) {
	site, err := app.Open(ctx, app.Config{DB: d, Files: files, Purpose: web.Organizing, New: true, Programs: programs(web.Organizing), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	p := &benchPages{site: site}
	if err := p.ready(ctx, made); err != nil {
		return nil, errors.Join(err, site.Close())
	}
	return p, nil
}

func (p *benchPages) ready(ctx context.Context, made string) (err error) {
	var link string
	err = p.site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		var who account.ID
		if p.org, who, err = p.site.Orgs.Found(ctx, tx, "Bench", "Bench", "bench@site.example", org.Administrator, words.EN); err != nil {
			return err
		}
		link, err = p.site.Accounts.Link(ctx, tx, who, time.Hour, true)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"streets.geojson", "precincts.geojson", "addresses.csv"} {
		if err := p.drawMap(ctx, filepath.Join(made, name)); err != nil {
			return err
		}
	}
	if p.session, err = p.site.Accounts.OpenLink(ctx, link, account.From{Address: "127.0.0.1"}); err != nil {
		return err
	}
	p.handler, err = p.site.Handler()
	return err
}

func (p *benchPages) drawMap(ctx context.Context, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = p.site.Places.Import(ctx, org.Operate(p.org, p.site.Permits.Everything()), filepath.Base(path), f)
	return err
}

// Profile asks for one profile page.
func (p *benchPages) Profile(ctx context.Context, id person.ID) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://localhost/o/%d/field/person/%d?purpose=%s", p.org, id, person.AnswerQuestion), http.NoBody)
	if err != nil {
		return 0, err
	}
	r.RemoteAddr = "127.0.0.1:1"
	r.AddCookie(&http.Cookie{Name: "session", Value: p.session}) //nolint:gosec // what a browser sends has no attributes
	w := &counter{header: http.Header{}}
	p.handler.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		return 0, fmt.Errorf("status %d", w.status)
	}
	return w.size, nil
}

// Close ends the site.
func (p *benchPages) Close() error { return p.site.Close() }

// counter is an answer that nobody reads.
type counter struct {
	header       http.Header
	status, size int
}

func (c *counter) Header() http.Header { return c.header }

func (c *counter) WriteHeader(status int) { c.status = status }

func (c *counter) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	c.size += len(b)
	return len(b), nil
}

// SetWriteDeadline is asked for by pages that stream.
func (c *counter) SetWriteDeadline(time.Time) error { return nil }
