package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/web"
)

// Only the page that draws the base map may ask its server, and nothing else of the policy gets wider.
func TestBaseMapWidensThePolicyOfItsPage(t *testing.T) {
	for _, c := range []struct {
		name, said, connect string
		base                web.BaseMap
	}{
		{"none", "{}", "connect-src 'self';", web.BaseMap{}},
		{"a file", `{"m":"{\"max\":14,\"min\":0,\"raster\":false,\"tiles\":\"/o/3/place/base/{z}/{x}/{y}\"}"}`, "connect-src 'self';", web.BaseMap{Own: true, Max: 14}},
		{"a server", "https://tiles.example/{z}/{x}/{y}.png", "connect-src 'self' https://tiles.example;", web.BaseMap{Tiles: "https://tiles.example/{z}/{x}/{y}.png", Raster: true, Max: 19}},
	} {
		site, _, _ := house(t, func(w *web.Config) {
			w.BaseMap = c.base
			w.Routes = append(w.Routes, web.Route{Method: http.MethodGet, Path: "/o/{org}/map", Permit: look, Handle: func(v *web.Visit) error {
				said := map[string]string{}
				if m := v.BaseMap(); m != "" {
					said["m"] = m
				}
				return v.JSON(http.StatusOK, said)
			}})
		})
		res, body := get(t, site, "maribel", "/o/3/map", nil)
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, c.connect) || strings.Count(csp, "https://") > strings.Count(c.connect, "https://") || !strings.Contains(body, c.said) {
			t.Errorf("%s: %s with %q", c.name, body, csp)
		}
		if res, _ := get(t, site, "maribel", "/o/3/field/person", nil); strings.Contains(res.Header.Get("Content-Security-Policy"), "tiles.example") {
			t.Errorf("%s: another page may ask the server of the base map", c.name)
		}
	}
}
