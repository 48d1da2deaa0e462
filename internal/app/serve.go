package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openprecinct/precinct/internal/accountpage"
	"github.com/openprecinct/precinct/internal/ledgerpage"
	"github.com/openprecinct/precinct/internal/orgpage"
	"github.com/openprecinct/precinct/internal/outboxpage"
	"github.com/openprecinct/precinct/internal/placepage"
	"github.com/openprecinct/precinct/internal/web"
)

// Handler returns the pages of the site: the ground's, the programs' and extra.
func (s *Site) Handler(extra ...web.Route) (http.Handler, error) { return web.New(s.Web(extra...)) }

// Web returns what Handler serves, before it is served: tests walk its routes and take its fences down one by one.
func (s *Site) Web(extra ...web.Route) web.Config {
	c := web.Config{
		Site: s.Site, Origins: s.c.Origins, Sessions: s.Accounts, Seats: s.Orgs, Words: s.Words, Permits: s.Permits,
		Routes: append(s.routes(), extra...), Nav: nav(s.c.Programs, s.work), Assets: assets(s.c.Programs),
		SignIn: accountpage.SignInPath, SignOut: accountpage.SignOutPath, Factor: accountpage.FactorPath, Account: accountpage.AccountPath,
		Keepers: s.Orgs.Keepers, Ready: s.well, BaseMap: s.c.BaseMap.Map, Proxies: s.c.Proxies, Log: s.Log, Now: s.Now,
	}
	for _, p := range s.c.Programs {
		c.Areas = append(c.Areas, p.Areas...)
		if p.FindPath != "" {
			c.FindPath, c.FindPermit = p.FindPath, p.FindPermit
		}
	}
	return c
}

func (s *Site) routes() []web.Route {
	all := accountpage.Routes(s.Accounts, s.Orgs)
	all = append(all, orgpage.Routes(s.Accounts, s.Orgs)...)
	all = append(all, ledgerpage.Routes(ledgerpage.Config{DB: s.DB, Seal: s.seal, Accounts: s.Accounts, Orgs: s.Orgs, Groups: groups(s.c.Programs)})...)
	all = append(all, placepage.Routes(s.Places, s.c.BaseMap)...)
	if s.Site.Demo && s.Outbox.Catches() { // these pages are public: a real site never has them
		all = append(all, outboxpage.Routes(s.Outbox)...)
	}
	for _, w := range s.work {
		all = append(all, w.Routes...)
	}
	return all
}

// Time limits of one connection: slow readers are people on old phones, slower ones are attacks.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	stopTime   = 15 * time.Second
)

// Serve answers requests on l and does the background work of the site until ctx ends, then lets requests
// under way finish.
func (s *Site) Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: 32 << 10}
	if err := s.startJobs(ctx); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		return server.Shutdown(ending)
	})
	g.Go(func() error { s.Outbox.Run(ctx); return nil })
	g.Go(func() error {
		if err := s.Jobs.Start(context.WithoutCancel(ctx)); err != nil { // Stop ends it, and lets what is under way end
			return err
		}
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		return s.Jobs.Stop(ending)
	})
	g.Go(func() error { return s.keepCheckpoints(ctx) })
	for _, w := range s.work {
		if w.Run != nil {
			g.Go(func() error { return w.Run(ctx) })
		}
	}
	return g.Wait()
}

// well reports whether the database answers.
func (s *Site) well(ctx context.Context) error {
	_, err := s.DB.SiteOf(ctx)
	return err
}
