// Package web turns a request into a page for one person in one organisation.
package web

import (
	"net/http"

	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Visit is one request by one person: who, for which organisation, in which language.
type Visit struct {
	W     http.ResponseWriter
	R     *http.Request
	Actor org.Actor        // the zero Actor on public routes
	T     words.Translator // speaks the reader's language
}
