package web

import (
	"github.com/openprecinct/precinct/internal/permit"
)

// Route is one line of a route table. Path is a net/http pattern without the method
// ("/o/{org}/field/person/{id}"). A route without a permit fails a test: write permit.Public or
// permit.SignedIn where no other is meant.
type Route struct {
	Method string
	Path   string
	Permit permit.Permit
	Handle func(v *Visit) error
}
