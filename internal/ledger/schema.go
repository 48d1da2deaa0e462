package ledger

import (
	"embed"
	"io/fs"

	"github.com/openprecinct/precinct/internal/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Spanish is the ledger's sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Schema returns the ledger's migrations.
func Schema() db.Line {
	sub, err := fs.Sub(schema, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return db.Line{Program: "ledger", FS: sub}
}
