package web

import (
	"net/http"
	"time"
)

// The prefix makes browsers refuse a cookie that was set for a wider domain, a narrower path or
// over plain HTTP (ASVS 5.0 3.3.1). A demo on http://localhost cannot have it.
const (
	hostPrefix  = "__Host-"
	sessionName = "session"
	langName    = "lang"
)

// hostName is the name of a cookie that only this host may have set.
func (s *Server) hostName(name string) string {
	if s.secure() {
		return hostPrefix + name
	}
	return name
}

func (s *Server) sessionName() string { return s.hostName(sessionName) }

// SessionToken returns the token of the session cookie, "" when none was sent.
func (v *Visit) SessionToken() string {
	c, err := v.R.Cookie(v.server.sessionName())
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSession gives the browser a session token; the browser forgets it at until at the latest.
func (v *Visit) SetSession(token string, until time.Time) {
	http.SetCookie(v.W, v.server.cookie(v.server.sessionName(), token, until))
}

// ClearSession takes the session token away, and with it the pages that the browser kept of this site
// (ASVS 5.0 14.3.1). Its storage stays: pages keep nothing there, and apps that work without a network keep what was not
// sent yet, encrypted, which no signing out may lose. The session itself is ended by package account.
func (v *Visit) ClearSession() {
	c := v.server.cookie(v.server.sessionName(), "", time.Unix(0, 0))
	c.MaxAge = -1
	http.SetCookie(v.W, c)
	v.W.Header().Set("Clear-Site-Data", `"cache"`)
}

func (s *Server) cookie(name, value string, until time.Time) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", Expires: until,
		Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}
