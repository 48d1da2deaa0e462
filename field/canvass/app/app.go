// Package app is the canvass app for phones: its words, and beside them its TypeScript, which becomes field/built/canvass.js and canvassworker.js.
//
// The engine below it, which keeps records encrypted and sends them, is internal/web/offline.
package app

import _ "embed"

// Spanish is what the app says, in Spanish. The page of the app hands it over, as the app speaks without a server.
//
//go:embed es.json
var Spanish []byte
