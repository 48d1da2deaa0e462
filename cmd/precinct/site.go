package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/placepage"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// byCommand is the operator at the command line, as the ledger records it.
var byCommand = ledger.Who{Via: "command"}

type initCmd struct {
	where
	answer
	Purpose string `help:"What the site is for, for good: organizing or office." enum:"organizing,office" default:"organizing"`
	Name    string `help:"What the site is called." default:"Precinct"`
	Owner   string `help:"Email address of the first person, who administers the site." required:"" placeholder:"EMAIL"`
	Person  string `help:"That person's name." default:"Administrator"`
	Origin  string `help:"How browsers reach the site." default:"http://localhost:7400"`
}

const ownerLinkTime = 7 * 24 * time.Hour

func (c *initCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if cfg.DB.Dir != "" && mustExist(cfg) == nil {
		return fmt.Errorf("there is a site in %s already: 'precinct account link' lets somebody in", cfg.DB.Dir)
	}
	cfg.New, cfg.Purpose, cfg.Name, cfg.Origins = true, web.Purpose(c.Purpose), c.Name, []string{c.Origin}
	cfg.Programs = programs(cfg.Purpose)
	site, err := app.Open(ctx, cfg)
	if err != nil {
		return err
	}
	token, err := firstOwner(ctx, site, c.Name, c.Person, c.Owner)
	if err := errors.Join(err, site.Close()); err != nil {
		return err
	}
	link := c.Origin + signInLink(token)
	if c.JSON {
		return printJSON(s.out, map[string]any{"link": link, "purpose": c.Purpose, "name": c.Name})
	}
	_, err = fmt.Fprintf(s.out, "The site is made. %s signs in with this link, once, within 7 days:\n\n  %s\n\nServe it with: precinct serve --origin %s …\n", c.Owner, link, c.Origin)
	return err
}

// firstOwner founds the site's first organisation and the account that administers it.
func firstOwner(ctx context.Context, site *app.Site, name, person, email string) (token string, err error) {
	err = site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, who, err := site.Orgs.Found(ctx, tx, name, person, email, org.Administrator, words.EN)
		if err != nil {
			return err
		}
		token, err = site.Accounts.Link(ctx, tx, who, ownerLinkTime, false)
		return err
	})
	return token, err
}

type serveCmd struct {
	where
	Addr   string   `help:"Address to listen on." default:"localhost:7400" env:"PRECINCT_ADDR"`
	Origin []string `help:"How browsers reach the site: https://host. Default: http:// and the address." env:"PRECINCT_ORIGIN"`
	Mail   string   `help:"Mail server: smtp://user:password@host:587 or smtps://…; none: mail is kept here and shown nowhere." placeholder:"URL" env:"PRECINCT_MAIL"`
	From   string   `help:"Sender of mail." default:"Precinct <no-reply@localhost>" env:"PRECINCT_FROM"`

	BaseMap       string `help:"What lies below maps besides the site's own streets: a PMTiles file, or the https address of tiles with {z}, {x} and {y}, whose server then learns which places are looked at. Default: nothing." placeholder:"FILE|URL" env:"PRECINCT_BASE_MAP"`
	BaseMapCredit string `help:"Whom to name on maps for it. Default: whom the file names." placeholder:"TEXT" env:"PRECINCT_BASE_MAP_CREDIT"`

	TrustProxy  []string `help:"Proxies whose word about a client's address is taken, as addresses or networks. Default: none, and the address of the connection counts." placeholder:"CIDR" env:"PRECINCT_TRUST_PROXY"`
	ProxyHeader string   `help:"The header they say it in: X-Forwarded-For or Forwarded." default:"X-Forwarded-For" enum:"X-Forwarded-For,Forwarded" env:"PRECINCT_PROXY_HEADER"`
}

func (c *serveCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if err := mustExist(cfg); err != nil {
		return err
	}
	if cfg.Purpose, err = purposeOf(ctx, cfg.DB); err != nil {
		return err
	}
	cfg.Programs, cfg.From = programs(cfg.Purpose), c.From
	if cfg.Proxies, err = web.ParseProxies(c.TrustProxy, c.ProxyHeader); err != nil {
		return err
	}
	if cfg.BaseMap, err = placepage.OpenBase(c.BaseMap, c.BaseMapCredit); err != nil {
		return err
	}
	defer func() { _ = cfg.BaseMap.Close() }() // only read
	cfg.Log = slog.New(slog.NewTextHandler(s.err, nil))
	if c.Mail != "" {
		smtp, err := outbox.ParseSMTP(c.Mail)
		if err != nil {
			return err
		}
		cfg.Mail = smtp
	}
	l, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	if cfg.Origins = c.Origin; len(cfg.Origins) == 0 {
		cfg.Origins = []string{originOf(l)}
	}
	site, err := app.Open(ctx, cfg)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	h, err := site.Handler()
	if err == nil {
		_, _ = fmt.Fprintf(s.err, "%s (%s) is at %s\n", site.Site.Name, site.Site.Purpose, cfg.Origins[0])
		err = site.Serve(ctx, l, h)
	}
	return errors.Join(err, site.Close())
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s is not free to listen on: choose another with --addr HOST:PORT (%w)", addr, err)
	}
	return l, nil
}

type migrateCmd struct {
	where
	answer
}

func (c *migrateCmd) Run(ctx context.Context, s streams) error {
	site, err := c.openAny(ctx)
	if err != nil {
		return err
	}
	ran := site.Migrated()
	if err := site.Close(); err != nil {
		return err
	}
	if c.JSON {
		names := []string{}
		for _, m := range ran {
			names = append(names, fmt.Sprintf("%s/%04d_%s", m.Program, m.Number, m.Name))
		}
		return printJSON(s.out, map[string]any{"ran": names})
	}
	for _, m := range ran {
		_, _ = fmt.Fprintf(s.out, "%-10s %04d %s\n", m.Program, m.Number, m.Name)
	}
	if len(ran) == 0 {
		_, _ = fmt.Fprintln(s.out, "The database is up to date.")
	}
	return nil
}

type backupCmd struct {
	where
	To string `arg:"" help:"File to write; it must not exist."`
}

func (c *backupCmd) Run(ctx context.Context, s streams) error {
	site, err := c.openAny(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(site.DB.Backup(ctx, c.To), site.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "The database is copied to %s. Copy the folder's blob, key and checkpoint files as well.\n", c.To)
	return err
}

type doctorCmd struct {
	where
	answer
}

func (c *doctorCmd) Run(ctx context.Context, s streams) error {
	site, err := c.openAny(ctx)
	if err != nil {
		return err
	}
	wrong := site.Examine(ctx)
	over, err := site.Leftovers(ctx)
	if err := errors.Join(err, site.Close()); err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(s.out, map[string]any{"wrong": append([]string{}, wrong...), "leftovers": append([]string{}, over...)}); err != nil {
			return err
		}
	} else {
		for _, w := range wrong {
			_, _ = fmt.Fprintln(s.out, "-", w)
		}
		for _, o := range over {
			_, _ = fmt.Fprintln(s.out, "  (in order)", o)
		}
	}
	if len(wrong) > 0 {
		return errSaid
	}
	if !c.JSON {
		_, err = fmt.Fprintln(s.out, "Nothing is wrong that a program can see.")
	}
	return err
}

// errSaid ends a command with status 1 after it has said what is wrong.
var errSaid = errors.New("")

type accountLinkCmd struct {
	where
	answer
	Email  string `arg:"" help:"Whose account."`
	Origin string `help:"How browsers reach the site." default:"http://localhost:7400"`
}

func (c *accountLinkCmd) Run(ctx context.Context, s streams) error {
	site, err := c.openAny(ctx)
	if err != nil {
		return err
	}
	var token string
	err = site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		who, err := site.Accounts.ByEmail(ctx, tx, c.Email)
		if err != nil {
			return err
		}
		token, err = site.Accounts.Link(ctx, tx, who.ID, time.Hour, false)
		return err
	})
	if err := errors.Join(err, site.Close()); err != nil {
		return err
	}
	link := c.Origin + signInLink(token)
	if c.JSON {
		return printJSON(s.out, map[string]any{"link": link})
	}
	_, err = fmt.Fprintf(s.out, "Works once, for one hour:\n\n  %s\n", link)
	return err
}

type accountEndCmd struct {
	where
	answer
	Email string `arg:"" help:"Whose account."`
}

func (c *accountEndCmd) Run(ctx context.Context, s streams) error {
	site, err := c.openAny(ctx)
	if err != nil {
		return err
	}
	err = site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		who, err := site.Accounts.ByEmail(ctx, tx, c.Email)
		if err != nil {
			return err
		}
		return site.Accounts.Disable(ctx, tx, byCommand, who.ID)
	})
	if err := errors.Join(err, site.Close()); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, map[string]any{"ended": c.Email})
	}
	_, err = fmt.Fprintf(s.out, "%s is signed out everywhere and cannot sign in.\n", c.Email)
	return err
}

// signInLink is where the holder of a one-time token signs in.
func signInLink(token string) string { return "/sign-in/link?token=" + url.QueryEscape(token) }

// hostOf returns the host and port of an origin.
func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return origin
	}
	return u.Host
}

// folder makes a folder of the given name for data that only this user may read.
func folder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	return nil
}
