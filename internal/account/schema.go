package account

import (
	"embed"

	"github.com/openprecinct/precinct/internal/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Spanish holds the package's sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Schema returns the package's migrations.
func Schema() db.Line { return db.Embedded("account", schema) }
