package web

import (
	"encoding/json"
	"net/url"
	"strings"
)

// BaseMap is what lies below the maps of a site, besides its own streets, water and parks. The zero BaseMap is none: then a map asks nobody but the site.
type BaseMap struct {
	Tiles  string // https address with {z}, {x} and {y}; "" where the site has them itself, at place/base below an organisation
	Own    bool   // the site has them itself
	Raster bool   // pictures, not vector tiles
	Min    int    // zooms there are
	Max    int
	Credit string // whom to name on the map, as text
}

// BaseMap returns what the page's script needs to draw the base map, as JSON, and lets this page, and no other, ask for its tiles where they are. Without a
// base map it returns "".
func (v *Visit) BaseMap() string {
	b := v.server.c.BaseMap
	tiles := b.Tiles
	switch {
	case b.Own:
		tiles = v.Path("place", "base") + "/{z}/{x}/{y}"
	case tiles == "":
		return ""
	default:
		v.allowOrigin(tiles)
	}
	said, err := json.Marshal(map[string]any{"tiles": tiles, "raster": b.Raster, "min": b.Min, "max": b.Max})
	if err != nil { // strings and numbers always go
		return ""
	}
	return string(said)
}

// BaseCredit returns whom the base map names, "" for nobody.
func (v *Visit) BaseCredit() string { return v.server.c.BaseMap.Credit }

// allowOrigin lets this page fetch from the server of an address.
func (v *Visit) allowOrigin(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return
	}
	h := v.W.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "connect-src 'self'", "connect-src 'self' "+u.Scheme+"://"+u.Host, 1))
}
