package sems

import _ "embed" // the sentences

// Spanish is what the package says, in Spanish.
//
//go:embed es.json
var Spanish []byte
