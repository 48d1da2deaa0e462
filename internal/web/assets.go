package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed style built
var own embed.FS

// assets are the files a browser fetches once and keeps: every URL carries a hash of what it holds.
type assets struct {
	files map[string]asset  // by URL path
	urls  map[string]string // by plain name: "precinct.css" is at "/static/precinct.4f2a….css"
}

type asset struct {
	kind   string
	plain  []byte
	packed []byte // gzip; nil when it would not be smaller
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".woff2": "font/woff2", ".svg": "image/svg+xml", ".gz": "application/gzip",
}

// styleSheets become one file, in this order.
var styleSheets = []string{"style/precinct.css", "style/work.css", "style/shell.css", "style/canvass.css"}

const fontName = "public-sans.woff2"

func loadAssets(more []fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}, urls: map[string]string{}}
	for _, name := range []string{fontName, "mark.svg"} {
		b, err := own.ReadFile("style/" + name)
		if err != nil {
			return nil, err
		}
		if err := a.add(name, b); err != nil {
			return nil, err
		}
	}
	var css []byte
	for _, name := range styleSheets {
		b, err := own.ReadFile(name)
		if err != nil {
			return nil, err
		}
		css = append(css, b...)
	}
	css = bytes.ReplaceAll(css, []byte(fontName), []byte(path.Base(a.urls[fontName])))
	if err := a.add("precinct.css", css); err != nil {
		return nil, err
	}
	phone, err := own.ReadFile("style/phone.css") // of phone apps, apart: pages do without it
	if err != nil {
		return nil, err
	}
	if err := a.add("phone.css", phone); err != nil {
		return nil, err
	}
	built, err := fs.Sub(own, "built")
	if err != nil {
		return nil, err
	}
	for _, f := range append([]fs.FS{built}, more...) {
		if err := a.addAll(f); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// addAll adds every bundled script of f and every packed module, wherever it lies inside.
func (a *assets) addAll(f fs.FS) error {
	return fs.WalkDir(f, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(p) != ".js" && path.Ext(p) != ".gz" {
			return err
		}
		b, err := fs.ReadFile(f, p)
		if err != nil {
			return err
		}
		return a.add(path.Base(p), b)
	})
}

func (a *assets) add(name string, b []byte) error {
	if _, twice := a.urls[name]; twice {
		return fmt.Errorf("two assets are called %s", name)
	}
	sum := sha256.Sum256(b)
	ext := path.Ext(name)
	url := "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	f := asset{kind: kinds[ext], plain: b}
	if ext != ".woff2" && ext != ".gz" {
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(b); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		if packed.Len() < len(b) {
			f.packed = packed.Bytes()
		}
	}
	a.files[url] = f
	a.urls[name] = url
	return nil
}

// url returns where the asset called name is, "" when there is none.
func (a *assets) url(name string) string { return a.urls[name] }

// ServeHTTP answers with the asset at the request's path. What is at such a path never changes.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := f.plain
	if f.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = f.packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}
