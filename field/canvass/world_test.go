package canvass

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/words"
)

const number = "4821730"

// world is a site with one table, Halden, whose turf of three doors waits under a list number.
type world struct {
	*testing.T
	*Store
	d        *db.DB
	at       time.Time
	halden   org.ID
	question codebook.Definition
	code     codebook.ID
	event    codebook.ID
	turfs    *fakeTurfs
}

// fakeTurfs is one turf of three doors: persons 1 and 2, person 3, persons 4 and 5; and a map whose doors are taken from it.
type fakeTurfs struct {
	w        *world
	handouts []turfstore.Handout
	claimed  []int64
}

func (f *fakeTurfs) ByNumber(_ context.Context, _ db.Reader, digits string) ([]turfstore.Handout, error) {
	n, ok := turfstore.ParseNumber(digits)
	return slices.DeleteFunc(slices.Clone(f.handouts), func(h turfstore.Handout) bool { return !ok || h.Number != n || !h.Live(f.w.at) }), nil
}

func (f *fakeTurfs) For(context.Context, db.Reader, org.Actor) ([]turfstore.Handout, error) {
	return nil, nil
}

func (f *fakeTurfs) Handout(_ context.Context, _ db.Reader, a org.Actor, id turfstore.HandoutID) (turfstore.Handout, error) {
	for _, h := range f.handouts {
		if h.ID == id && h.Org == a.Org() {
			return h, nil
		}
	}
	return turfstore.Handout{}, fault.NotFoundf("There is no such packet for this phone.")
}

// doors are the households of the people of the world.
var doors = []turfstore.ContentDoor{
	{Key: 101, House: "1140", Street: "CEDAR ST", City: "PORT ANSEL", At: geo.Point{Lon: -76.5, Lat: 35.1},
		People: []turfstore.ContentPerson{{ID: 1, First: "ROSA ELENA", Last: "AGUILAR", BirthDate: 20030514, Sex: "F", Knock: true}, {ID: 2, First: "LUIS", Last: "AGUILAR", BirthYear: 1999, Knock: false}}},
	{Key: 102, House: "1142", Street: "CEDAR ST", People: []turfstore.ContentPerson{{ID: 3, First: "ANN", Last: "MCADAM", Knock: true}}},
	{Key: 103, House: "1144", Street: "CEDAR ST", People: []turfstore.ContentPerson{{ID: 4, First: "JO", Last: "LEE", Knock: true}, {ID: 5, First: "SU", Last: "LEE", Knock: true}}},
}

func (f *fakeTurfs) Doors(context.Context, db.Reader, org.Actor, turfstore.TurfID) (turfstore.Content, error) {
	return turfstore.Content{Map: turfstore.Map{Name: "Cedar Hill"}, Turf: turfstore.Turf{Name: "Turf 14"}, Doors: doors, People: 5}, nil
}

func (f *fakeTurfs) MapDoors(_ context.Context, _ db.Reader, _ org.Actor, _ turfstore.MapID, keys []int64) (c turfstore.Content, err error) {
	for _, k := range keys {
		for _, d := range doors {
			if d.Key == k {
				c.Doors = append(c.Doors, d)
			}
		}
	}
	return c, nil
}

func (f *fakeTurfs) Claim(_ context.Context, _ *db.Tx, _ org.Actor, _ turfstore.MapID, _ string, _ geo.Point, most int, _ time.Time, skip map[int64]bool) (all []int64, err error) {
	for _, d := range doors {
		if len(all) < most && !skip[d.Key] && !slices.Contains(f.claimed, d.Key) {
			all = append(all, d.Key)
		}
	}
	f.claimed = append(f.claimed, all...)
	return all, nil
}

func (f *fakeTurfs) Release(context.Context, *db.Tx, org.Actor, string) (int64, error) {
	n := len(f.claimed)
	f.claimed = nil
	return int64(n), nil
}

// fakeScripts is one script that asks for a sign (a code on yes) and for help at an event.
type fakeScripts struct{ w *world }

func (f fakeScripts) Packet(context.Context, db.Reader, org.Actor, scriptstore.ID, int64) (scriptstore.Packet, error) {
	return scriptstore.Packet{ID: 4, Version: 2, Name: "Doors", Resolved: script.Resolved{Version: 1, Languages: []string{"en"}, Household: []script.ResolvedStep{},
		Person: []script.ResolvedStep{{ID: "s1", Kind: script.Question, Question: int64(f.w.question.ID)}, {ID: "s2", Kind: script.Ask, Codes: []int64{int64(f.w.code)}},
			{ID: "s3", Kind: script.Ask, Event: int64(f.w.event)}}}}, nil
}

func run(t *testing.T, f func(w *world)) {
	t.Helper()
	lines := []db.Line{ledger.Schema(), account.Schema(), org.Schema(), place.Schema(), offline.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		w := &world{T: t, d: d, at: time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)}
		now := func() time.Time { return w.at }
		accounts, err := account.New(account.Config{DB: d, Origin: "http://localhost:1", Key: [32]byte{1}, Now: now})
		must(t, err)
		catalog, err := permit.NewCatalog(org.Permits, Permits, contact.Permits, codebook.Permits, person.Permits, voterfile.Permits)
		must(t, err)
		said, err := words.NewCatalog(Spanish, contact.Spanish)
		must(t, err)
		orgs := org.New(org.Config{DB: d, Accounts: accounts, Catalog: catalog, Roles: Roles, Now: now})
		must(t, d.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) (err error) {
			w.halden, err = orgs.Establish(ctx, tx, "Halden Voter Table")
			if err == nil {
				_, err = db.Exec(ctx, tx, `INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'NC', 1), (2, 2, 'OH', 'oh', 'OH', 1)`)
			}
			return err
		}))
		persontest.Insert(t, d, slices.Values([]persontest.Human{{ID: 1, First: "ROSA ELENA", Last: "AGUILAR", Household: 101}, {ID: 2, First: "LUIS", Last: "AGUILAR", Household: 101},
			{ID: 3, First: "ANN", Last: "MCADAM", Household: 102, Phone: "5550146630"}, {ID: 4, First: "JO", Last: "LEE", Household: 103}, {ID: 5, First: "SU", Last: "LEE", Household: 103},
			{ID: 6, First: "MET", Last: "LATER", Household: 104}, {ID: 7, File: 2, First: "OF", Last: "OTHERS", Household: 105}}))
		books := &codebook.Store{DB: d, Now: now}
		w.turfs = &fakeTurfs{w: w}
		w.Store = New(Config{DB: d, Orgs: orgs, Accounts: accounts, Turfs: w.turfs, Scripts: fakeScripts{w}, Contacts: &contact.Store{DB: d, Now: now}, Codebook: books,
			People: person.New(person.Config{DB: d, Now: now}), Words: said, Now: now})
		w.define(books)
		w.turfs.handouts = []turfstore.Handout{{ID: 1, Org: w.halden, Map: 12, MapName: "Cedar Hill", Turf: 9, TurfName: "Turf 14", Number: number, Script: 4, Given: w.at, Ends: w.at.AddDate(0, 0, 30)}}
		f(w)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// staff holds everything in Halden.
func (w *world) staff() org.Actor {
	c, err := permit.NewCatalog(org.Permits, Permits, contact.Permits, codebook.Permits, person.Permits, voterfile.Permits)
	must(w.T, err)
	return org.Operate(w.halden, c.Everything())
}

func (w *world) define(books *codebook.Store) {
	make := func(x codebook.Definition) codebook.Definition {
		id, err := books.Define(w.Context(), w.staff(), x)
		must(w.T, err)
		x, err = books.Definition(w.Context(), w.staff(), x.Kind, id)
		must(w.T, err)
		return x
	}
	w.question = make(codebook.Definition{Kind: codebook.Question, Name: "Support", Medium: "Support", Short: "SUP", Status: codebook.Active, Purpose: "Will you vote for the library?",
		Parts: []codebook.Part{{Name: "Yes", Medium: "Yes", Short: "Y"}, {Name: "No", Medium: "No", Short: "N"}}})
	w.code = make(codebook.Definition{Kind: codebook.Code, Name: "Yard sign", Medium: "Yard sign", Short: "YS", Status: codebook.Active}).ID
	w.event = make(codebook.Definition{Kind: codebook.Event, Name: "Phone bank", Status: codebook.Active, Starts: w.at.AddDate(0, 0, 7)}).ID
}

// phone is a phone that joined.
type phone struct {
	w      *world
	token  string
	packet string
	seq    int64
	n      int
}

var phones int

// join lets a phone in by the list number and takes its packet along.
func (w *world) join() *phone {
	w.Helper()
	j, err := w.Join(w.Context(), Joining{Number: "4821-730", Name: "Sam", Lang: words.ES, From: account.From{Address: "203.0.113.7"}})
	must(w.T, err)
	phones++
	p := &phone{w: w, token: j.Token, n: phones}
	if len(j.Packets) > 0 {
		p.packet = j.Packets[0].ID
		_, err = w.Take(w.Context(), j.Device, j.Actor, p.packet)
		must(w.T, err)
	}
	return p
}

// say is one event of the phone; extra keys overwrite the usual ones.
func (p *phone) say(kind, door string, who any, data map[string]any, extra ...any) map[string]any {
	p.seq++
	e := map[string]any{"id": fmt.Sprintf("%016x%016x", p.n, p.seq), "seq": p.seq, "at": p.w.at.UnixMilli(), "packet": p.packet, "kind": kind, "door": door, "data": data}
	if who != nil {
		e["person"] = who
	}
	for i := 0; i+1 < len(extra); i += 2 {
		e[extra[i].(string)] = extra[i+1]
	}
	return e
}

// send sends events and returns why some were set aside, by id.
func (p *phone) send(events ...map[string]any) map[string]string {
	p.w.Helper()
	b, err := json.Marshal(map[string]any{"now": p.w.at.UnixMilli(), "events": events})
	must(p.w.T, err)
	batch, err := offline.ParseBatch(b)
	must(p.w.T, err)
	d, err := p.w.Devices().Known(p.w.Context(), p.token)
	must(p.w.T, err)
	r, err := p.w.Devices().Receive(p.w.Context(), d, batch)
	must(p.w.T, err)
	if len(r.Safe) != len(events) {
		p.w.Fatalf("%d of %d events are safe", len(r.Safe), len(events))
	}
	why := map[string]string{}
	for _, x := range r.Aside {
		why[x.ID] = x.Why.Error()
	}
	return why
}

// fine sends events that must be applied.
func (p *phone) fine(events ...map[string]any) {
	p.w.Helper()
	for id, why := range p.send(events...) {
		p.w.Fatalf("%s was set aside: %s", id, why)
	}
	p.w.at = p.w.at.Add(time.Minute)
}

// rows returns what a query finds, as text.
func (w *world) rows(q string) []string {
	w.Helper()
	all, err := db.All[string](db.WithSite(w.Context()), w.d, q)
	must(w.T, err)
	return all
}

// truth is all that people's records say, in one text: two ways to the same truth leave the same.
func (w *world) truth() string {
	w.Helper()
	var b strings.Builder
	for _, q := range []string{
		`SELECT 'attempt ' || person_id || ' ' || result || ' ' || tried_at FROM field_contact ORDER BY 1`,
		`SELECT 'answer ' || person_id || ' ' || response_id || ' ' || answered_at FROM field_answer ORDER BY 1`,
		`SELECT 'code ' || person_id || ' ' || code_id FROM field_person_code ORDER BY 1`,
		`SELECT 'event ' || person_id || ' ' || status FROM field_signup ORDER BY 1`,
		`SELECT 'stop ' || person_id || ' ' || channel FROM field_suppression ORDER BY 1`,
		`SELECT 'note ' || person_id || ' ' || body FROM field_note ORDER BY 1`,
		`SELECT 'fix ' || person_id || ' ' || kind || ' ' || state FROM field_correction WHERE state <> 'withdrawn' ORDER BY 1`,
		`SELECT 'hint ' || door || ' ' || body FROM field_canvass_hint ORDER BY 1`,
		`SELECT 'door ' || door || ' ' || result || ' ' || talked FROM field_canvass_door ORDER BY 1`,
		`SELECT 'said ' || person_id || ' ' || response_id FROM field_canvass_answer ORDER BY 1`,
		`SELECT 'met ' || id || ' ' || state FROM field_canvass_met ORDER BY 1`,
		`SELECT 'place ' || id FROM field_canvass_place ORDER BY 1`,
	} {
		for _, s := range w.rows(q) {
			b.WriteString(s + "\n")
		}
	}
	return b.String()
}
