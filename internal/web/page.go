package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/openprecinct/precinct/internal/org"
)

// shell is everything the templates of the shell need to know.
type shell struct {
	*Visit
	head    Head
	side    side
	orgs    []org.Membership
	orgName string
	style   string
	font    string
	mark    string
	scripts []string
	told    string // what the step before this page did
}

// Page answers with the shell around body. Everything is written into memory first, so a page that fails
// half-way becomes an error page and never half an answer.
func (v *Visit) Page(status int, h Head, body templ.Component) error {
	s, err := v.shell(h)
	if err != nil {
		return err
	}
	return v.Document(status, document(s, body))
}

func (v *Visit) shell(h Head) (shell, error) {
	a := v.server.assets
	s := shell{Visit: v, head: h, style: a.url("precinct.css"), font: a.url(fontName), mark: a.url("mark.svg")}
	for _, name := range append([]string{"shell"}, h.Islands...) {
		url := a.url(name + ".js")
		if url == "" {
			return shell{}, fmt.Errorf("page %q asks for unknown island %q", h.Title, name)
		}
		s.scripts = append(s.scripts, url)
	}
	if !v.SignedIn() || h.Layout == Door {
		return s, nil
	}
	s.told = v.told()
	var err error
	if s.orgs, err = v.server.c.Seats.Of(v.R.Context(), v.Session.Account); err != nil {
		return shell{}, fmt.Errorf("reading memberships: %w", err)
	}
	for _, m := range s.orgs {
		if m.Org == v.Actor.Org() {
			s.orgName = m.OrgName
		}
	}
	s.side = v.side(h.Current)
	return s, nil
}

var iconUse = regexp.MustCompile(`href="#i-([a-z0-9]+)"`)

// drawings returns the icons that html uses, each once, as symbols.
func drawings(html []byte) []byte {
	var names []string
	for _, m := range iconUse.FindAllSubmatch(html, -1) {
		if n := string(m[1]); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(`<svg class="hide" aria-hidden="true">`)
	for _, n := range names {
		b.WriteString(`<symbol id="i-` + n + `" viewBox="0 0 20 20">` + icons[n] + `</symbol>`)
	}
	b.WriteString(`</svg>`)
	return b.Bytes()
}

var zips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// html sends a finished page.
func (v *Visit) html(status int, page []byte) error {
	h := v.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(v.T.Lang))
	if len(page) < 1400 || !acceptsGzip(v.R) { // one packet either way
		v.W.WriteHeader(status)
		_, _ = v.W.Write(page)
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	v.W.WriteHeader(status)
	if v.R.Method == http.MethodHead {
		return nil
	}
	z := zips.Get().(*gzip.Writer)
	defer zips.Put(z)
	z.Reset(v.W)
	_, _ = z.Write(page)
	_ = z.Close()
	return nil
}

// Document answers with a whole document and the icons it uses. Pages come through Page; this is for an app that brings a shell of its own.
func (v *Visit) Document(status int, whole templ.Component) error {
	page, err := Written(v.R.Context(), whole)
	if err != nil {
		return err
	}
	return v.html(status, page)
}

// Written returns a whole document and the icons it uses as they are sent.
func Written(ctx context.Context, whole templ.Component) ([]byte, error) {
	var b bytes.Buffer
	if err := whole.Render(ctx, &b); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	const end = "</body></html>"
	html := bytes.TrimSuffix(b.Bytes(), []byte(end))
	return slices.Concat(html, drawings(html), []byte(end)), nil
}

// Fragment answers with body alone and the icons it uses, for an island that puts it into a page.
func (v *Visit) Fragment(status int, body templ.Component) error {
	var b bytes.Buffer
	if err := body.Render(v.R.Context(), &b); err != nil {
		return fmt.Errorf("writing a part of a page: %w", err)
	}
	return v.html(status, slices.Concat(b.Bytes(), drawings(b.Bytes())))
}

// Asset returns where a bundled script is, for an island that fetches more when it is needed; "" when there is none of that name.
func (v *Visit) Asset(name string) string { return v.server.assets.url(name) }

// Held returns what is in the asset of a name, for a page that must work without the site; nil when there is none.
func (v *Visit) Held(name string) []byte {
	return v.server.assets.files[v.server.assets.url(name)].plain
}

// initials returns the letters of a face: "Maribel Ocampo" is "MO".
func initials(name string) string {
	words := strings.Fields(name)
	s := ""
	for i, w := range words {
		if i == 0 || i == len(words)-1 {
			r, _ := utf8.DecodeRuneInString(w)
			s += string(unicode.ToUpper(r))
		}
	}
	return s
}

// langHref is the same page in the other language. It is relative, so that a page says nothing about where it is.
// An answer to a form has no address of its own: there it is the page that the form was on.
func (v *Visit) langHref() string {
	u, path := v.R.URL, ""
	if v.R.Method != http.MethodGet && v.R.Method != http.MethodHead {
		u = &url.URL{Path: "/"}
		if from, err := url.Parse(v.backHere()); err == nil && from.Path != "" {
			u = from
		}
		path = u.EscapedPath()
	}
	q := u.Query()
	q.Set("lang", string(v.T.Lang.Other()))
	return path + "?" + q.Encode()
}

// Text is a component that writes s.
func Text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := w.Write([]byte(templ.EscapeString(s)))
		return err
	})
}
