// Package canvasspage is canvassing in the browser: the app that a canvasser takes along, what it asks the server, and what staff sees of it.
package canvasspage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"net/http"
	"strconv"

	"github.com/openprecinct/precinct/field/canvass/app"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// App says what the page of the phone app is made from.
type App struct {
	Keys   func(context.Context) ([]Key, error) // with which the site signs packets; nil: none yet
	Parcel func() ([]byte, error)               // the key to which phones seal what they hand to each other; nil: they cannot
	Built  fs.FS                                // holds built/canvassworker.js
	SignIn string                               // where somebody with an account signs in
}

// Key is a public key of the site, as the app wants it.
type Key struct {
	ID     string `json:"id"`
	Public string `json:"public"` // base64 of the 32 bytes of an Ed25519 key
}

// appFiles are the assets that the app needs to open without a network.
var appFiles = []string{"canvass.js", "precinct.css", "phone.css", "public-sans.woff2", "mark.svg"}

// AppRoutes returns the pages that make the app: its shell, which is the same for everybody, and what lets a phone install it.
func AppRoutes(a App) []web.Route {
	public := func(path string, handle func(*web.Visit) error) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permit: permit.Public, Handle: handle}
	}
	return []web.Route{
		public("/canvass", a.shell),
		public("/canvass/worker.js", a.worker),
		public("/canvass/manifest.json", manifest),
		public("/canvass/icon-192.png", func(v *web.Visit) error { return appIcon(v, 192) }),
		public("/canvass/icon-512.png", func(v *web.Visit) error { return appIcon(v, 512) }),
	}
}

// appShell is what the shell's template needs.
type appShell struct {
	Name                             string
	Script, Style, Phone, Font, Mark string
	Site                             appSite
}

// appSite is what the app must know before it asks anything.
type appSite struct {
	Name   string          `json:"name"`
	Keys   []Key           `json:"keys"`
	ES     json.RawMessage `json:"es"`
	SignIn string          `json:"signIn"`
	Parcel []byte          `json:"parcel,omitempty"`
}

func (a App) document(v *web.Visit) (appShell, error) {
	s := appShell{Name: v.Site().Name, Script: v.Asset("canvass.js"), Style: v.Asset("precinct.css"), Phone: v.Asset("phone.css"),
		Font: v.Asset("public-sans.woff2"), Mark: v.Asset("mark.svg")}
	s.Site = appSite{Name: s.Name, Keys: []Key{}, ES: app.Spanish, SignIn: a.SignIn}
	if a.Parcel != nil {
		key, err := a.Parcel()
		if err != nil {
			return s, err
		}
		s.Site.Parcel = key
	}
	if a.Keys == nil {
		return s, nil
	}
	keys, err := a.Keys(v.R.Context())
	if err != nil {
		return s, fmt.Errorf("reading the keys that sign packets: %w", err)
	}
	s.Site.Keys = append(s.Site.Keys, keys...)
	return s, nil
}

// shell answers with the app, which holds nothing about anybody. Like every page it is kept by nobody but the worker, who asks whether it is the newest.
func (a App) shell(v *web.Visit) error {
	s, err := a.document(v)
	if err != nil {
		return err
	}
	v.AllowPosition()
	v.AllowCamera()
	return v.Document(http.StatusOK, appDocument(s))
}

// worker answers with the service worker. Its first lines name the files of this version; when one of them changes, so do they, and phones fetch all
// anew before any of it is used.
func (a App) worker(v *web.Visit) error {
	script, err := fs.ReadFile(a.Built, "built/canvassworker.js")
	if err != nil {
		return fmt.Errorf("reading the worker: %w", err)
	}
	s, err := a.document(v)
	if err != nil {
		return err
	}
	page, err := web.Written(v.R.Context(), appDocument(s))
	if err != nil {
		return err
	}
	files := []string{"/canvass"}
	for _, name := range appFiles {
		files = append(files, v.Asset(name))
	}
	list, err := json.Marshal(files)
	if err != nil {
		return fmt.Errorf("writing the worker: %w", err)
	}
	sum := sha256.Sum256(bytes.Join([][]byte{page, list, script}, []byte{0}))
	h := v.W.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Service-Worker-Allowed", "/canvass")
	_, err = fmt.Fprintf(v.W, "const version=%q,files=%s;\n%s", hex.EncodeToString(sum[:8]), list, script)
	return err
}

// manifest lets a phone install the app.
func manifest(v *web.Visit) error {
	icon := func(size int, purpose string) map[string]string {
		s := strconv.Itoa(size)
		return map[string]string{"src": "/canvass/icon-" + s + ".png", "sizes": s + "x" + s, "type": "image/png", "purpose": purpose}
	}
	b, err := json.Marshal(map[string]any{
		"name": v.T.T("Canvass") + " · " + v.Site().Name, "short_name": v.T.T("Canvass"), "lang": string(v.T.Lang),
		"id": "/canvass", "start_url": "/canvass", "scope": "/canvass", "display": "standalone",
		"background_color": "#ffffff", "theme_color": "#0b4b3f",
		"icons": []any{icon(192, "any"), icon(512, "any"), icon(512, "maskable")},
	})
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	v.W.Header().Set("Content-Type", "application/manifest+json")
	_, err = v.W.Write(b)
	return err
}

// mark is the site's mark on a field of 28: the walls of a floor plan and its one filled room, left, top, right, bottom.
var mark = [][4]int{{2, 2, 26, 4}, {2, 24, 26, 26}, {2, 2, 4, 26}, {24, 2, 26, 26}, {3, 11, 13, 13}, {11, 3, 13, 13}, {11, 12, 13, 25}, {12, 16, 25, 18}, {13, 13, 24, 16}}

// appIcon answers with the mark in white on the colour of organizing; its margin is what a phone may cut off.
func appIcon(v *web.Visit, size int) error {
	const field, margin = 28, 8
	picture := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(color.RGBA{R: 0x0b, G: 0x4b, B: 0x3f, A: 0xff}), image.Point{}, draw.Src)
	at := func(n int) int { return (n + margin) * size / (field + 2*margin) }
	for _, m := range mark {
		draw.Draw(picture, image.Rect(at(m[0]), at(m[1]), at(m[2]), at(m[3])), image.White, image.Point{}, draw.Src)
	}
	v.W.Header().Set("Content-Type", "image/png")
	return png.Encode(v.W, picture)
}
