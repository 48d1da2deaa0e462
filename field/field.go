// Package field is the program for talking with voters.
//
// Its nouns, each importing only those to its left: personkey, change ← voterfile ← person ← codebook, contact ← upload.
package field

import (
	"context"
	"embed"
	"path/filepath"
	"slices"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/personpage"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/field/voterfilepage"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
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
		Permits: slices.Concat(voterfile.Permits, person.Permits, codebook.Permits, contact.Permits, upload.Permits),
		Roles:   slices.Concat(roles, person.Roles, codebook.Roles, contact.Roles, upload.Roles),
		Kinds:   slices.Concat(voterfile.Kinds, person.Kinds, codebook.EntryKinds, contact.Kinds, upload.Kinds),
		Nouns:   nouns,
		Spanish: [][]byte{layout.Spanish, synth.Spanish, voterfile.Spanish, person.Spanish, personpage.Spanish, voterfilepage.Spanish,
			codebook.Spanish, contact.Spanish, upload.Spanish, spanish},
		Areas:    []web.Area{{Key: "field", Title: "Field", Path: "field"}},
		Nav:      slices.Concat(personpage.Nav, voterfilepage.Nav),
		FindPath: personpage.FindPath, FindPermit: person.PermitFind,
		Open: open,
	}
}

//go:embed es.json
var spanish []byte

// nouns are what the ledger calls the program's kinds, many at a time.
var nouns = map[string]string{"field.voterfile": "Voter files", "field.person": "People", "field.codebook": "Questions and codes",
	"field.contact": "Contact attempts", "field.upload": "Uploads"}

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

// open readies the program's pages and its background work.
func open(g *app.Ground) app.Work {
	files, people := VoterFiles(g), People(g)
	run := voterfile.NewRunner(files, g.Log)
	return app.Work{
		Routes: slices.Concat(personpage.Routes(people, g.Places), voterfilepage.Routes(files, run, g.Orgs)),
		Run: func(ctx context.Context) error {
			<-ctx.Done()
			run.Close()
			return nil
		},
		Check: func(ctx context.Context) []string {
			wrong, err := files.Unfinished(ctx)
			if err != nil {
				wrong = append(wrong, err.Error())
			}
			return wrong
		},
	}
}
