package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/job"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/placepage"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// Config says which site to open and how it is reached. The zero value of every field but DB is good.
type Config struct {
	DB       db.Config
	Files    string      // stored files, keys and checkpoints; "": the folder of an embedded database
	Purpose  web.Purpose // what the site must be for; "": whatever it is
	Name     string      // given to a new database; "": "Precinct"
	New      bool        // a database without a site becomes one; otherwise it is refused
	Origins  []string    // how browsers reach it; the first is in links and passkeys; nil: http://localhost
	Mail     outbox.Transport
	From     string
	Demo     bool
	Idle     time.Duration  // after which a session nobody uses ends; 0: account.IdleTime
	Programs []Program      // those that fit the purpose
	Proxies  web.Proxies    // in front of the site
	BaseMap  placepage.Base // below maps; whoever opened it closes it
	Spanish  [][]byte       // of routes given to Handler
	Log      *slog.Logger
	Now      func() time.Time
}

// Ground is what a site stands on, open and ready: programs build their pages and work from it.
type Ground struct {
	Site     web.Site
	Origin   string
	Files    string
	DB       *db.DB
	Blobs    *blob.Store
	Accounts *account.Accounts
	Orgs     *org.Orgs
	Outbox   *outbox.Outbox
	Jobs     *job.Queue
	Places   *place.Store
	Permits  permit.Catalog
	Words    *words.Catalog
	Log      *slog.Logger
	Now      func() time.Time
}

// Site is an open site.
type Site struct {
	Ground
	c        Config
	seal     *ledger.Seal
	work     []Work
	migrated []db.Migration
}

// Migrated returns the migrations that ran when the site was opened.
func (s *Site) Migrated() []db.Migration { return s.migrated }

// lines are the tables of the ground, in the order they may refer to each other.
func lines(programs []Program) []db.Line {
	all := []db.Line{ledger.Schema(), job.Schema(), account.Schema(), org.Schema(), place.Schema(), outbox.Schema(), exchange.Schema(), offline.Schema()}
	for _, p := range programs {
		if p.Schema.FS != nil { // a program may keep nothing
			all = append(all, p.Schema)
		}
	}
	return all
}

// Open opens the database, brings it forward, checks the site's purpose and readies the ground.
func Open(ctx context.Context, c Config) (*Site, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if len(c.Origins) == 0 {
		c.Origins = []string{"http://localhost"}
	}
	if c.Files == "" {
		c.Files = c.DB.Dir
	}
	if c.Files == "" {
		return nil, errors.New("say where files are kept: --files DIR")
	}
	d, err := db.Open(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	s := &Site{c: c, Ground: Ground{DB: d, Files: c.Files, Origin: c.Origins[0], Log: c.Log, Now: c.Now}}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	for _, p := range c.Programs {
		if p.Open != nil {
			s.work = append(s.work, p.Open(&s.Ground))
		}
	}
	return s, nil
}

// ready fills the ground, lowest rank first.
func (s *Site) ready(ctx context.Context) error {
	if err := s.claim(ctx); err != nil {
		return err
	}
	var err error
	if s.migrated, err = s.DB.Migrate(ctx, lines(s.c.Programs)...); err != nil {
		return err
	}
	if s.seal, err = ledger.OpenSeal(s.Files); err != nil {
		return err
	}
	if s.Permits, err = permit.NewCatalog(defs(s.c.Programs)...); err != nil {
		return err
	}
	if s.Words, err = words.NewCatalog(append(spanish(s.c.Programs), s.c.Spanish...)...); err != nil {
		return err
	}
	if s.Blobs, err = blob.Open(filepath.Join(s.Files, "blob")); err != nil {
		return err
	}
	return s.readyPeople()
}

// readyPeople readies who signs in, who belongs where and how mail reaches them.
func (s *Site) readyPeople() error {
	key, err := siteKey(s.Files)
	if err != nil {
		return err
	}
	if s.c.Mail == nil {
		s.c.Mail = outbox.Catch{}
	}
	if s.c.From == "" {
		s.c.From = "Precinct <no-reply@localhost>"
	}
	if s.Outbox, err = outbox.New(outbox.Config{DB: s.DB, Transport: s.c.Mail, From: s.c.From, Now: s.Now, Log: s.Log}); err != nil {
		return err
	}
	mail := mailer{s.Outbox}
	s.Accounts, err = account.New(account.Config{DB: s.DB, Origin: s.Origin, Site: s.Site.Name, Key: key, Mailer: mail, Words: s.Words, Now: s.Now, Idle: s.c.Idle})
	if err != nil {
		return err
	}
	s.Orgs = org.New(org.Config{DB: s.DB, Accounts: s.Accounts, Catalog: s.Permits, Roles: roles(s.c.Programs), Mailer: mail, Words: s.Words, Site: s.Site.Name, Now: s.Now})
	s.Places = place.New(s.DB)
	return nil
}

// claim finds the site of the database, or makes it where that is asked for.
func (s *Site) claim(ctx context.Context) error {
	if s.c.New {
		name, purpose := s.c.Name, s.c.Purpose
		if name == "" {
			name = "Precinct"
		}
		if purpose == "" {
			purpose = web.Organizing
		}
		if err := s.DB.Claim(ctx, string(purpose), name); err != nil {
			return err
		}
	}
	site, err := s.DB.SiteOf(ctx)
	if err != nil {
		return err
	}
	if s.c.Purpose != "" && site.Purpose != string(s.c.Purpose) {
		return fmt.Errorf("this is an %s site; it is never opened for %s", site.Purpose, s.c.Purpose)
	}
	s.Site = web.Site{Name: site.Name, Purpose: web.Purpose(site.Purpose), Demo: s.c.Demo}
	return nil
}

// Close seals the ledger as it stands and ends everything that Open began.
func (s *Site) Close() error {
	var err error
	for _, w := range s.work {
		if w.Close != nil {
			err = errors.Join(err, w.Close())
		}
	}
	_, sealed := s.seal.Checkpoint(context.Background(), s.DB)
	return errors.Join(err, sealed, s.DB.Close())
}

// checkpointTime is how much of the ledger a thief of the database could rewrite unseen.
const checkpointTime = 5 * time.Minute

// keepCheckpoints seals the ledger every few minutes until ctx ends. What it refuses to sign is loud and
// does not stop the site: people at work are told by the doctor and the log.
func (s *Site) keepCheckpoints(ctx context.Context) error {
	tick := time.NewTicker(checkpointTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if _, err := s.seal.Checkpoint(ctx, s.DB); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "sealing the ledger", slog.Any("error", err))
			}
		}
	}
}

// Examine looks for trouble: each sentence says what is wrong and what to do.
func (s *Site) Examine(ctx context.Context) []string {
	var wrong []string
	anchors, err := s.seal.Anchors()
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	r, err := ledger.Verify(ctx, s.DB, ledger.Options{Keys: s.seal.Keys(), Checkpoints: anchors})
	if err != nil {
		wrong = append(wrong, "The ledger cannot be read: "+err.Error())
	} else if !r.OK() {
		wrong = append(wrong, "The ledger was changed: run 'precinct ledger verify'.")
	}
	for hash, err := range s.Blobs.All(ctx) {
		if err == nil {
			err = s.Blobs.Check(ctx, hash)
		}
		if err != nil {
			wrong = append(wrong, "A stored file is damaged: "+err.Error())
		}
	}
	for _, w := range s.work {
		if w.Check != nil {
			wrong = append(wrong, w.Check(ctx)...)
		}
	}
	return wrong
}

// siteKeyFile holds the key that seals one-time-code seeds. It lies beside the database, not in it: a copy
// of the database alone opens no account.
const siteKeyFile = "site.key"

func siteKey(dir string) (key [32]byte, err error) {
	path := filepath.Join(dir, siteKeyFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := rand.Read(key[:]); err != nil {
			return key, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return key, fmt.Errorf("making the folder for the site's key: %w", err)
		}
		return key, os.WriteFile(path, key[:], 0o600)
	}
	if err != nil {
		return key, fmt.Errorf("reading the site's key: %w", err)
	}
	if len(b) != len(key) {
		return key, fmt.Errorf("%s holds %d bytes, want 32: restore it from the backup; without it one-time codes cannot be checked", path, len(b))
	}
	copy(key[:], b)
	return key, nil
}

// mailer hands mail of account and org to the outbox.
type mailer struct{ o *outbox.Outbox }

func (m mailer) Send(ctx context.Context, tx *db.Tx, l account.Mail) error {
	return m.o.Send(ctx, tx, outbox.Message{Kind: "account.mail", Email: l.To, Lang: l.Lang, Subject: l.Subject, Text: l.Text})
}
