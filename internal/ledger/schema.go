package ledger

import (
	"embed"

	"github.com/openprecinct/precinct/internal/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Spanish is the ledger's sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Schema returns the ledger's migrations.
func Schema() db.Line { return db.Embedded("ledger", schema) }
