package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

const (
	toldName = "told"
	toldTime = time.Minute // long enough for a redirect, short enough not to come back later
	toldSize = 2000        // of the cookie's value; a sentence is far shorter
)

// telling is a sentence on its way over a redirect, in no language yet.
type telling struct {
	English string   `json:"e"`
	Args    []string `json:"a,omitempty"`
}

// RedirectSaying redirects as Redirect does, and the next page says once, above its content, what was done:
// v.RedirectSaying(v.Path("org", "role"), "Role saved."). The sentence waits in a cookie of the browser, so
// nobody's name or address belongs into it. Args fill its %s.
func (v *Visit) RedirectSaying(path, english string, args ...string) error {
	b, err := json.Marshal(telling{English: english, Args: args})
	if err != nil {
		return err
	}
	http.SetCookie(v.W, v.server.cookie(v.server.hostName(toldName), base64.RawURLEncoding.EncodeToString(b), v.Now.Add(toldTime)))
	return v.Redirect(path)
}

// told returns what the step before this page did, once. A sentence the catalogue does not know was not
// written by this site and is not said.
func (v *Visit) told() string {
	name := v.server.hostName(toldName)
	c, err := v.R.Cookie(name)
	if err != nil || len(c.Value) > toldSize {
		return ""
	}
	gone := v.server.cookie(name, "", time.Unix(0, 0))
	gone.MaxAge = -1
	http.SetCookie(v.W, gone)
	var t telling
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(b, &t) != nil || !v.server.c.Words.Has(t.English) {
		return ""
	}
	args := make([]any, len(t.Args))
	for i, a := range t.Args {
		args[i] = a
	}
	return v.T.T(t.English, args...)
}
