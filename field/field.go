// Package field is the program for talking with voters.
//
// Its nouns, each importing only those to its left: personkey, change ← voterfile ← person ← codebook, contact ← upload; turfpeople ← segment; codebook, segment ← liststore ← export, turfstore; codebook ← scriptstore.
package field

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"

	"github.com/openprecinct/precinct/field/canvass"
	phone "github.com/openprecinct/precinct/field/canvass/app"
	"github.com/openprecinct/precinct/field/canvasspage"
	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/codebookpage"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/demodata"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/exportpage"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/listpage"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/personpage"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptpage"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/sheet"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfpage"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/field/uploadpage"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/field/voterfilepage"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

//go:embed schema/*.sql
var schema embed.FS

// Schema returns the tables of the program.
func Schema() db.Line { return db.Embedded("field", schema) }

// Program returns the program as a value.
func Program() app.Program {
	return app.Program{
		Name: "field", Schema: Schema(),
		Permits: slices.Concat(voterfile.Permits, person.Permits, codebook.Permits, contact.Permits, upload.Permits, liststore.Permits, export.Permits, scriptstore.Permits, turfstore.Permits, canvass.Permits),
		Roles:   slices.Concat(roles, person.Roles, codebook.Roles, contact.Roles, upload.Roles, liststore.Roles, export.Roles, scriptstore.Roles, turfstore.Roles, canvass.Roles),
		Kinds:   slices.Concat(voterfile.Kinds, person.Kinds, codebook.EntryKinds, contact.Kinds, upload.Kinds, liststore.Kinds, export.Kinds, scriptstore.Kinds, sheet.Kinds, turfstore.Kinds, canvass.Kinds),
		Nouns:   nouns,
		Spanish: [][]byte{layout.Spanish, synth.Spanish, voterfile.Spanish, person.Spanish, personpage.Spanish, voterfilepage.Spanish,
			codebook.Spanish, contact.Spanish, upload.Spanish, codebookpage.Spanish, uploadpage.Spanish, list.Spanish, phone.Spanish, liststore.Spanish, listpage.Spanish, export.Spanish, exportpage.Spanish, turf.Spanish, turfstore.Spanish, turfpage.Spanish, script.Spanish, scriptstore.Spanish, scriptpage.Spanish, sheet.Spanish, canvass.Spanish, canvasspage.Spanish, spanish},
		Areas:    []web.Area{{Key: "field", Title: "Field", Path: "field"}},
		Assets:   []fs.FS{built},
		Nav:      slices.Concat(personpage.Nav, listpage.Nav, turfpage.Nav, canvasspage.BoardNav, canvasspage.EntryNav, voterfilepage.Nav, codebookpage.Nav, scriptpage.Nav, uploadpage.Nav),
		FindPath: personpage.FindPath, FindPermit: person.PermitFind,
		Open: open,
	}
}

//go:embed es.json
var spanish []byte

// built holds the bundled islands of the program's pages.
//
//go:embed built/*.js
var built embed.FS

// nouns are what the ledger calls the program's kinds, many at a time.
var nouns = map[string]string{"field.voterfile": "Voter files", "field.person": "People", "field.codebook": "Questions and codes",
	"field.contact": "Contact attempts", "field.upload": "Uploads", "field.list": "Lists", "field.export": "Exports", "field.turf": "Turf", "field.canvass": "Visits at doors", "field.script": "Scripts", "field.sheet": "Paper sheets"}

// roles give the program's rights to those who run a table's data, and to its administrator.
var roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners",
		Permits: permitsOf(voterfile.Permits, person.Permits)},
	{Key: "data-associate", Name: "Data associate", Purpose: "Runs the table's data: imports, lists, rights and data quality",
		Permits: permitsOf(voterfile.Permits)},
}

func permitsOf(groups ...[]permit.Def) []permit.Permit {
	var all []permit.Permit
	for _, d := range slices.Concat(groups...) {
		all = append(all, d.Permit)
	}
	return all
}

// VoterFiles returns the store of voter files on g.
func VoterFiles(g *app.Ground) *voterfile.Store {
	return &voterfile.Store{DB: g.DB, Blobs: g.Blobs, Temp: filepath.Join(g.Files, "temp"), Now: g.Now}
}

// People returns the store of people on g.
func People(g *app.Ground) *person.Store {
	return person.New(person.Config{DB: g.DB, Accounts: g.Accounts, Now: g.Now, Log: g.Log})
}

// Segments returns the engine that counts lists on g. One program holds one; who made it closes it.
func Segments(g *app.Ground) *segment.Engine {
	return segment.New(segment.Config{DB: g.DB, Dir: filepath.Join(g.Files, "segments"), Log: g.Log, Now: g.Now})
}

// Lists returns the lists on g, counted by e.
func Lists(g *app.Ground, e *segment.Engine) *liststore.Store {
	return liststore.New(liststore.Config{DB: g.DB, Orgs: g.Orgs, Accounts: g.Accounts, Places: g.Places, Engine: e, Now: g.Now, Log: g.Log})
}

// Exports returns the exports of lists on g.
func Exports(g *app.Ground, lists *liststore.Store) *export.Store {
	return export.New(export.Config{DB: g.DB, Lists: lists, Orgs: g.Orgs, Accounts: g.Accounts, Words: g.Words, Outbox: g.Outbox, Origin: g.Origin, Now: g.Now})
}

// Scripts returns the scripts on g.
func Scripts(g *app.Ground) *scriptstore.Store {
	return scriptstore.New(scriptstore.Config{DB: g.DB, Codebook: &codebook.Store{DB: g.DB, Now: g.Now}, Now: g.Now})
}

// Turfs returns the maps and turfs on g.
func Turfs(g *app.Ground, lists *liststore.Store) *turfstore.Store {
	return turfstore.New(turfstore.Config{DB: g.DB, Lists: lists, Orgs: g.Orgs, Accounts: g.Accounts, Places: g.Places, Now: g.Now})
}

// Canvass returns the canvassing on g.
func Canvass(g *app.Ground, turfs *turfstore.Store, people *person.Store) *canvass.Store {
	loads := Uploads(g)
	return canvass.New(canvass.Config{DB: g.DB, Orgs: g.Orgs, Accounts: g.Accounts, Turfs: turfs, Scripts: Scripts(g), Contacts: loads.Contacts, Codebook: loads.Codebook, People: people,
		Places: g.Places, Words: g.Words, Log: g.Log, Now: g.Now})
}

// Sheets returns what reads and records results on paper on g.
func Sheets(g *app.Ground, walks *canvass.Store) *sheet.Store {
	loads := Uploads(g)
	return sheet.New(sheet.Config{DB: g.DB, Codebook: loads.Codebook, Contacts: loads.Contacts, Canvass: walks, Now: g.Now})
}

// Uploads returns what loads an organisation's own files on g.
func Uploads(g *app.Ground) *upload.Store {
	return &upload.Store{DB: g.DB, Blobs: g.Blobs, Codebook: &codebook.Store{DB: g.DB, Now: g.Now}, Contacts: &contact.Store{DB: g.DB, Now: g.Now}, Now: g.Now}
}

// FillDemo records made-up answers, codes, scores and attempts about the people of a synthetic voter file.
func FillDemo(ctx context.Context, g *app.Ground, a org.Actor, file voterfile.FileID) error {
	loads := Uploads(g)
	return demodata.Fill(ctx, demodata.Stores{DB: g.DB, Codebook: loads.Codebook, Contacts: loads.Contacts, Now: g.Now()}, a, file)
}

// demoGround is what the demo's canvass stands on. The database counts its list: the columns belong to the program that serves.
func demoGround(g *app.Ground) demodata.Ground {
	lists := Lists(g, nil)
	turfs := Turfs(g, lists)
	return demodata.Ground{DB: g.DB, Codebook: &codebook.Store{DB: g.DB, Now: g.Now}, Scripts: Scripts(g), Lists: lists, Turfs: turfs, Canvass: Canvass(g, turfs, People(g))}
}

// FillCanvass makes a canvass in the demo: a script, a list, turfs, and list numbers for some of them.
func FillCanvass(ctx context.Context, g *app.Ground, a org.Actor, file voterfile.FileID) error {
	return demodata.Canvass(ctx, demoGround(g), a, file)
}

// WalkDemo lets made-up canvassers walk what FillCanvass handed out, over the network as phones do, until ctx ends.
func WalkDemo(ctx context.Context, g *app.Ground, a org.Actor) error {
	crew, err := demodata.Crew(ctx, demoGround(g), a)
	if err != nil {
		return err
	}
	kept := demodata.Tokens{File: filepath.Join(g.Files, "demo-phones.json")}
	kept.Give(crew)
	demodata.Walk(ctx, g.Origin, crew, kept.Keep, func(err error) { g.Log.WarnContext(ctx, "a canvasser of the demo went home", slog.Any("error", err)) })
	return nil
}

// open readies the program's pages and its background work.
func open(g *app.Ground) app.Work {
	files, people, engine := VoterFiles(g), People(g), Segments(g)
	g.Places.Addressed = func(ctx context.Context, tx *db.Tx, number int64) error {
		return change.Record(ctx, tx, number, change.Change{What: change.Place})
	}
	lists := Lists(g, engine)
	exports := Exports(g, lists)
	run := voterfile.NewRunner(files, g.Log)
	turfs := Turfs(g, lists)
	walks := Canvass(g, turfs, people)
	loads := Uploads(g)
	loading := upload.NewRunner(loads, g.Log)
	return app.Work{
		Routes: slices.Concat(canvasspage.AppRoutes(canvasspage.App{Built: built, Keys: canvasspage.SiteKeys(walks), Parcel: walks.Devices().ParcelKey, SignIn: "/sign-in"}), canvasspage.APIRoutes(canvasspage.API{Canvass: walks, Words: g.Words}),
			personpage.Routes(people, g.Places, personpage.Known{Codebook: loads.Codebook, Contacts: loads.Contacts}), voterfilepage.Routes(files, run, g.Orgs), listpage.Routes(lists, g.Places), exportpage.Routes(exports, lists),
			turfpage.Routes(turfpage.Config{Turfs: turfs, Lists: lists, Orgs: g.Orgs, Scripts: Scripts(g), Places: g.Places, DB: g.DB, Origin: g.Origin, Words: g.Words}),
			codebookpage.Routes(loads.Codebook, people), scriptpage.Routes(Scripts(g), people, g.Words), canvasspage.BoardRoutes(canvasspage.Board{Canvass: walks, Turfs: turfs, People: people, Codebook: loads.Codebook}), canvasspage.EntryRoutes(canvasspage.Entry{Sheets: Sheets(g, walks), Lists: lists, Codebook: loads.Codebook, Canvass: walks, People: people}), uploadpage.Routes(loads, loading, people)),
		Nav: exportpage.Nav(exports),
		Run: func(ctx context.Context) error {
			defer run.Close()
			defer loading.Close()
			return keepSegments(ctx, lists, engine)
		},
		Retention: retention(g, files),
		Check: func(ctx context.Context) []string {
			wrong, err := files.Unfinished(ctx)
			if err != nil {
				wrong = append(wrong, err.Error())
			}
			return append(wrong, lists.Examine(ctx)...)
		},
		Close: engine.Close,
	}
}
