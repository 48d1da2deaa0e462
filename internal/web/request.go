package web

import (
	"fmt"
	"net/http"
)

// build makes the table of routes.
func (s *Server) build() (http.Handler, error) {
	mux := http.NewServeMux()
	seen := map[string]bool{}
	for _, r := range s.c.Routes {
		if err := r.check(s.c.Permits); err != nil {
			return nil, err
		}
		pattern := r.Method + " " + r.Path
		if seen[pattern] {
			return nil, fmt.Errorf("route %q is declared twice", pattern)
		}
		seen[pattern] = true
	}
	mux.Handle("GET /static/", s.assets)
	return mux, nil
}
