package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// policy lets a page load from its own site and nothing else; there is no inline script or style
// anywhere (ASVS 5.0 3.4.3, 3.4.6). Blob images are pictures made in the page, data images the arrow of selects.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

const features = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"

// headers sets what every answer carries. Pages are never kept by anybody; assets overwrite that line.
func headers(secure bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", features)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// AllowPosition lets this page ask the phone where it is; no other page of the site may.
func (v *Visit) AllowPosition() { v.allow("geolocation") }

// AllowCamera lets this page ask for the phone's camera; no other page of the site may.
func (v *Visit) AllowCamera() { v.allow("camera") }

// AllowModules lets this page compile WebAssembly; no other page of the site may.
func (v *Visit) AllowModules() {
	h := v.W.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", 1))
}

func (v *Visit) allow(feature string) {
	h := v.W.Header()
	h.Set("Permissions-Policy", strings.Replace(h.Get("Permissions-Policy"), feature+"=()", feature+"=(self)", 1))
}

// onlyOurHosts refuses requests for other hosts: a site answers only by the names it was given, so no page
// and no mail can be made to point elsewhere (ASVS 5.0 4.1.3). Monitors may ask by address.
func (s *Server) onlyOurHosts(next http.Handler) http.Handler {
	ours := map[string]bool{}
	for _, o := range s.origins {
		ours[strings.ToLower(o.Host)] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ours[strings.ToLower(r.Host)] && r.URL.Path != "/healthz" {
			http.Error(w, "This server does not answer for that host name.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// trace is what the log says about one request. It has no query, no form and no names.
type trace struct {
	reference string
	attrs     []slog.Attr
}

type traceKey struct{}

// note adds to the log line of the request.
func note(ctx context.Context, a slog.Attr) {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		t.attrs = append(t.attrs, a)
	}
}

// Reference returns the number by which the log knows this request.
func (v *Visit) Reference() string {
	if t, ok := v.R.Context().Value(traceKey{}).(*trace); ok {
		return t.reference
	}
	return ""
}

// answered remembers what was answered, for the log and to know whether an error page still can be.
type answered struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answered) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answered) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// observed writes one log line a request and turns a panic into an error page with a reference.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		t := &trace{reference: rand.Text()[:8]}
		a := &answered{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), traceKey{}, t))
		defer func() {
			p := recover()
			if p == http.ErrAbortHandler { //nolint:errorlint // it is a panic value, compared as net/http does
				panic(p)
			}
			if p != nil {
				s.c.Log.ErrorContext(r.Context(), "panic", slog.String("reference", t.reference), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				if a.status == 0 {
					s.fail(s.visit(a, r), errPanic)
				}
			}
			s.log(r, t, a, time.Since(began))
		}()
		next.ServeHTTP(a, r)
	})
}

func (s *Server) log(r *http.Request, t *trace, a *answered, took time.Duration) {
	if r.URL.Path == "/healthz" || strings.HasPrefix(r.URL.Path, "/static/") && a.status < 400 {
		return
	}
	attrs := append([]slog.Attr{
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", a.status),
		slog.Int64("bytes", a.bytes), slog.Duration("took", took), slog.String("reference", t.reference),
	}, t.attrs...)
	s.c.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
}
