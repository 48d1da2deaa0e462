package web

import "github.com/openprecinct/precinct/internal/permit"

// ownRoutes are the pages every site has.
func (s *Server) ownRoutes() []Route {
	return nil
}

var _ = permit.Public
