package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/words"
)

// language is what the reader chose in the bar, else what the account says, else what the browser prefers.
func (s *Server) language(r *http.Request, session account.Session) words.Lang {
	if c, err := r.Cookie(langName); err == nil {
		if l, ok := words.ParseLang(c.Value); ok {
			return l
		}
	}
	if l, ok := words.ParseLang(string(session.Lang)); ok {
		return l
	}
	return preferred(r.Header.Get("Accept-Language"))
}

// preferred returns the language of ours with the highest weight in an Accept-Language header (RFC 9110 §12.5.4).
func preferred(header string) words.Lang {
	best, most := words.EN, 0.0
	for _, part := range strings.Split(header, ",") {
		tag, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		l, ok := words.ParseLang(strings.TrimSpace(tag))
		if !ok {
			continue
		}
		q := 1.0
		if w, found := strings.CutPrefix(strings.TrimSpace(weight), "q="); found {
			var err error
			if q, err = strconv.ParseFloat(w, 64); err != nil {
				continue
			}
		}
		if q > most {
			best, most = l, q
		}
	}
	return best
}

// switchLanguage answers ?lang=es: it remembers the choice and comes back to the same page and query without it.
func (s *Server) switchLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.RawQuery, langName+"=") {
			next.ServeHTTP(w, r)
			return
		}
		q := r.URL.Query()
		l, ok := words.ParseLang(q.Get(langName))
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		q.Del(langName)
		http.SetCookie(w, s.cookie(langName, string(l), s.c.Now().Add(365*24*time.Hour)))
		to := LocalPath(r.URL.EscapedPath())
		if to == "" {
			to = "/"
		}
		if len(q) > 0 {
			to += "?" + q.Encode()
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
}
