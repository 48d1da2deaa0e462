package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

type demoCmd struct {
	Data   string `help:"Keep the data here and find it again next time. Default: a temporary folder, removed at the end." placeholder:"DIR"`
	Voters int    `help:"How many voters the made-up state has." default:"50000"`
	Addr   string `help:"Address of the organizing site; the office site takes the next port." default:"localhost:7400"`
	Seed   uint64 `help:"The same seed makes the same state." default:"2026"`
}

//go:embed es.json
var spanish []byte

const demoLinkTime = 24 * time.Hour

func (c *demoCmd) Run(ctx context.Context, s streams) (err error) {
	if c.Voters < 100 || c.Voters > 10_000_000 {
		return fmt.Errorf("--voters %d: choose between 100 and 10,000,000", c.Voters)
	}
	dir := c.Data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "precinct-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	first, second, err := c.listeners(ctx)
	if err != nil {
		return err
	}
	organizing, err := openDemo(ctx, s, dir, web.Organizing, "Halden Voter Table", originOf(first))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, organizing.Close()) }()
	office, err := openDemo(ctx, s, dir, web.Office, "Halden County Elections", originOf(second))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	if err := c.fill(ctx, s, organizing, office, filepath.Join(dir, "state")); err != nil {
		return err
	}
	return c.serve(ctx, s, organizing, office, first, second)
}

func (c *demoCmd) listeners(ctx context.Context) (first, second net.Listener, err error) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, nil, fmt.Errorf("--addr %q: write it as HOST:PORT", c.Addr)
	}
	if first, err = listen(ctx, c.Addr); err != nil {
		return nil, nil, err
	}
	next := "0"
	if n, err := strconv.Atoi(port); err == nil && n > 0 {
		next = strconv.Itoa(n + 1)
	}
	if second, err = listen(ctx, net.JoinHostPort(host, next)); err != nil {
		return nil, nil, errors.Join(err, first.Close())
	}
	return first, second, nil
}

// originOf names the listener as browsers should reach it: passkeys work on localhost and on no bare address.
func originOf(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); err == nil && (ip == nil || ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func openDemo(ctx context.Context, s streams, dir string, purpose web.Purpose, name, origin string) (*app.Site, error) {
	return app.Open(ctx, app.Config{
		DB: db.Config{Dir: filepath.Join(dir, string(purpose))}, Purpose: purpose, Name: name, New: true, Demo: true,
		Origins: []string{origin}, Programs: programs(purpose), Spanish: [][]byte{spanish}, Log: quietLog(s),
		Idle: account.SessionTime, // the link that let the reader in works once
	})
}

// The people of the demo. Their addresses end in .example, so no mail could ever reach anybody.
const (
	demoEmail  = "maribel@halden.example"
	demoPerson = "Maribel Ocampo"
)

// fill makes what the demo shows, once; a kept folder is found as it was left.
func (c *demoCmd) fill(ctx context.Context, s streams, organizing, office *app.Site, state string) error {
	for _, site := range []*app.Site{organizing, office} {
		all, err := site.Orgs.All(ctx)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			continue
		}
		if err := found(ctx, site); err != nil {
			return err
		}
	}
	actor, err := demoActor(ctx, organizing)
	if err != nil {
		return err
	}
	store := field.VoterFiles(&organizing.Ground)
	files, err := store.Files(ctx, actor)
	if err != nil || len(files) > 0 {
		return err
	}
	if err := fillPeople(ctx, organizing, actor); err != nil {
		return err
	}
	began := time.Now()
	_, _ = fmt.Fprintf(s.err, "Making a state of %s voters that does not exist …\n", words.Translator{}.Number(int64(c.Voters)))
	if err := c.importState(ctx, organizing, store, actor, state); err != nil {
		return err
	}
	if err := c.fillCanvass(ctx, organizing); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.err, "… made and loaded in %.1f s.\n", time.Since(began).Seconds())
	return os.RemoveAll(state)
}

// found makes the site's organisations and the person the link signs in.
func found(ctx context.Context, site *app.Site) error {
	return site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, _, err := site.Orgs.Found(ctx, tx, site.Site.Name, demoPerson, demoEmail, org.Administrator, words.EN)
		return err
	})
}

type demoColleague struct{ name, email, role string }

// demoPeople work at the table beside the person the link signs in.
var demoPeople = []demoColleague{
	{"Dolores Achterberg", "dolores@halden.example", "data-associate"},
	{"Tomás Rivera", "tomas@halden.example", "organizer"},
	{"Luz Sandoval", "luz@halden.example", "volunteer"},
	{"Nkechi Okafor", "nkechi@halden.example", "auditor"},
}

// fillPeople gives the table colleagues, and a partner whose invitation waits in the mail of the demo.
func fillPeople(ctx context.Context, site *app.Site, actor org.Actor) error {
	err := site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, p := range demoPeople {
			if _, err := site.Orgs.Admit(ctx, tx, actor, p.name, p.email, p.role, words.EN); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, _, err = site.Orgs.AddPartner(ctx, actor, org.Partner, "Lakeshore Neighbors", org.Invitee{Name: "Rosa Quiñones", Email: "rosa@lakeshore.example", Lang: words.ES})
	return err
}

// fillCanvass cuts and hands out turf, as the person the link signs in.
func (c *demoCmd) fillCanvass(ctx context.Context, site *app.Site) error {
	a, err := demoSeat(ctx, site)
	if err != nil {
		return err
	}
	files, err := field.VoterFiles(&site.Ground).Files(ctx, a)
	if err != nil || len(files) == 0 {
		return err
	}
	return field.FillCanvass(ctx, &site.Ground, a, files[0].ID)
}

// demoSeat returns the demo's person as they sit at the table.
func demoSeat(ctx context.Context, site *app.Site) (org.Actor, error) {
	all, err := site.Orgs.All(ctx)
	if err != nil {
		return org.Actor{}, err
	}
	who, err := site.Accounts.ByEmail(db.WithSite(ctx), site.DB, demoEmail)
	if err != nil {
		return org.Actor{}, err
	}
	return site.Orgs.Sit(ctx, account.Session{Account: who.ID, Name: who.Name, FactorAt: time.Now()}, all[0].ID)
}

// walk lets the demo's canvassers walk while the sites answer.
func (c *demoCmd) walk(ctx context.Context, site *app.Site) error {
	a, err := demoSeat(ctx, site)
	if err != nil {
		return err
	}
	return field.WalkDemo(ctx, &site.Ground, a)
}

func demoActor(ctx context.Context, site *app.Site) (org.Actor, error) {
	all, err := site.Orgs.All(ctx)
	if err != nil {
		return org.Actor{}, err
	}
	return org.Operate(all[0].ID, site.Permits.Everything()), nil
}

// importState writes the state's files, loads this month's and leaves next month's rehearsed, to be tried.
func (c *demoCmd) importState(ctx context.Context, site *app.Site, store *voterfile.Store, actor org.Actor, dir string) error {
	o := synth.Options{Layout: layout.NC, Voters: c.Voters, Seed: c.Seed}
	file, err := store.Create(ctx, actor, voterfile.File{Name: "Halden statewide file", Layout: layout.NC,
		Terms: "Made-up data. A real file's terms stand here: what the state allows it to be used for."})
	if err != nil {
		return err
	}
	quiet := func(string, int64, int64) {}
	for month := range 2 {
		sub := filepath.Join(dir, strconv.Itoa(month))
		m, err := writeSynth(o, month, sub)
		if err != nil {
			return err
		}
		if month == 0 {
			if err := importPlaces(ctx, site.Places, actor, mapFiles(m, sub)); err != nil {
				return err
			}
		}
		id, err := receiveSynth(ctx, store, actor, file, m, sub)
		if err != nil {
			return err
		}
		if _, err := store.Rehearse(ctx, actor, id, quiet); err != nil {
			return err
		}
		if month == 0 {
			if _, err := store.Load(ctx, actor, id, voterfile.LoadOptions{}, quiet); err != nil {
				return err
			}
			if err := field.FillDemo(ctx, &site.Ground, actor, file); err != nil {
				return err
			}
		}
	}
	return nil
}

func receiveSynth(ctx context.Context, store *voterfile.Store, actor org.Actor, file voterfile.FileID, m synth.Manifest, dir string) (id voterfile.ImportID, err error) {
	var uploads []voterfile.Upload
	for _, f := range m.Files {
		kind, ok := synthKinds[f.Kind]
		if !ok {
			continue
		}
		r, err := os.Open(filepath.Join(dir, f.Name))
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		uploads = append(uploads, voterfile.Upload{Name: f.Name, Kind: kind, R: r})
	}
	made, err := fileDay(m.Date)
	if err != nil {
		return 0, err
	}
	return store.Receive(ctx, actor, file, uploads, made)
}

// synthKinds says which files of a synthetic state are a voter file's.
var synthKinds = map[string]layout.Kind{"voters": layout.Voters, "history": layout.History}

// mapFiles are the files of a synthetic state that maps are drawn from.
func mapFiles(m synth.Manifest, dir string) []string {
	var all []string
	for _, f := range m.Files {
		switch f.Kind {
		case "streets", "precincts", "districts", "landmarks", "addresses":
			all = append(all, filepath.Join(dir, f.Name))
		}
	}
	return all
}

// serve answers on both addresses until the command is interrupted.
func (c *demoCmd) serve(ctx context.Context, s streams, organizing, office *app.Site, first, second net.Listener) error {
	pair := &demoPair{organizing: organizing, office: office}
	h1, err := organizing.Handler(pair.routes(organizing)...)
	if err != nil {
		return err
	}
	h2, err := office.Handler(pair.routes(office)...)
	if err != nil {
		return err
	}
	link, err := demoLink(ctx, organizing, demoEmail)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.out, "\nOpen this link; it signs you in as %s, administrator of a made-up voter table:\n\n  %s\n\n", demoPerson, link)
	_, _ = fmt.Fprintf(s.out, "Organizing site  %s\nOffice site      %s\nBoth explained   %s/demo\n\nStop with Ctrl-C.\n", organizing.Origin, office.Origin, organizing.Origin)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return organizing.Serve(ctx, first, h1) })
	g.Go(func() error { return office.Serve(ctx, second, h2) })
	g.Go(func() error { return c.walk(ctx, organizing) })
	return g.Wait()
}

// demoLink returns a link that signs one of the demo's people in once, and shows what there is.
func demoLink(ctx context.Context, site *app.Site, email string) (string, error) {
	var token string
	err := site.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		who, err := site.Accounts.ByEmail(ctx, tx, email)
		if err != nil {
			return err
		}
		token, err = site.Accounts.Link(ctx, tx, who.ID, demoLinkTime, true)
		return err
	})
	return site.Origin + signInLink(token) + "&next=" + url.QueryEscape("/demo"), err
}

// demoPair is the two sites of the demo, for the page that explains them.
type demoPair struct{ organizing, office *app.Site }

func (p *demoPair) routes(here *app.Site) []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/demo", Permit: "public", Handle: func(v *web.Visit) error { return p.show(v, here) }},
		{Method: "POST", Path: "/demo/enter", Permit: "signed-in", Handle: func(v *web.Visit) error { return p.enter(v, here) }},
	}
}

func (p *demoPair) other(here *app.Site) *app.Site {
	if here == p.office {
		return p.organizing
	}
	return p.office
}

// show explains the two sites.
func (p *demoPair) show(v *web.Visit, here *app.Site) error { return p.page(v, here, demoWay{}) }

// demoWay is a link that was asked for: into the other site, or to be one of the colleagues on the organizing one.
type demoWay struct {
	link string
	as   string // whose address; "" for the other site

	table string // where the pages of the organizing site's table begin
}

// to is a page of the table.
func (w demoWay) to(page string) templ.SafeURL { return templ.SafeURL(w.table + page) }

// enter makes a link that signs the reader in on the other site as the same person, or as a colleague.
func (p *demoPair) enter(v *web.Visit, here *app.Site) error {
	way, site, email := demoWay{as: v.Value("as")}, p.other(here), demoEmail
	if way.as != "" {
		if !slices.ContainsFunc(demoPeople, func(c demoColleague) bool { return c.email == way.as }) {
			return fault.NotFoundf("Nobody in this demo has that address.")
		}
		site, email = p.organizing, way.as
	}
	var err error
	if way.link, err = demoLink(v.R.Context(), site, email); err != nil {
		return err
	}
	return p.page(v, here, way)
}

func (p *demoPair) page(v *web.Visit, here *app.Site, way demoWay) error {
	all, err := p.organizing.Orgs.All(v.R.Context())
	if err != nil {
		return err
	}
	way.table = fmt.Sprintf("%s/o/%d/", p.organizing.Origin, int64(all[0].ID))
	return v.Page(http.StatusOK, web.Head{Title: v.T.T("Two sites, two worlds")}, demoPage(v, p, here, way))
}

// does says what a colleague is there for.
func (c demoColleague) does(t words.Translator) string {
	switch c.role {
	case "data-associate":
		return t.T("Data associate: says yes or no to what waits for another person")
	case "organizer":
		return t.T("Organizer: cuts turf, and exports up to 2,000 people without asking")
	case "volunteer":
		return t.T("Volunteer: looks people up and notes what they say")
	default:
		return t.T("Auditor: reads who did what, and changes nothing")
	}
}

func demoPurpose(v *web.Visit, site *app.Site) string {
	if site.Site.Purpose == web.Office {
		return v.T.T("Office")
	}
	return v.T.T("Organizing")
}
