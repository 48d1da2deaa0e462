package placepage

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo/mvt"
	"github.com/openprecinct/precinct/internal/place/pmtiles"
	"github.com/openprecinct/precinct/internal/web"
)

// Base is a base map, open: a file of tiles here, or tiles of another server. The zero Base is none.
type Base struct {
	Map  web.BaseMap
	file *pmtiles.File
	disk *os.File
}

// OpenBase opens what a site was told to lay below its maps: "", the name of a PMTiles file, or the https address of tiles with {z}, {x} and {y}. credit is whom
// to name; "" names whom a file names. Only with an address does anybody else learn which places are looked at.
func OpenBase(where, credit string) (Base, error) {
	if where == "" {
		return Base{}, nil
	}
	if strings.Contains(where, "://") {
		m, err := tilesAt(where)
		m.Credit = credit
		return Base{Map: m}, err
	}
	disk, err := os.Open(where) // #nosec G304 -- the operator names it
	if errors.Is(err, fs.ErrNotExist) {
		return Base{}, fault.NotFoundf("There is no file %s. Give a PMTiles file, or the address of tiles.", where)
	}
	if err != nil {
		return Base{}, fmt.Errorf("opening the base map: %w", err)
	}
	info, err := disk.Stat()
	if err != nil {
		return Base{}, errors.Join(err, disk.Close())
	}
	file, err := pmtiles.Open(disk, info.Size())
	if err != nil {
		return Base{}, errors.Join(err, disk.Close())
	}
	if credit == "" {
		credit = plain(file.Credit)
	}
	return Base{Map: web.BaseMap{Own: true, Raster: file.Kind != pmtiles.Vector, Min: file.MinZoom, Max: file.MaxZoom, Credit: credit}, file: file, disk: disk}, nil
}

// Close closes the file, where there is one.
func (b Base) Close() error {
	if b.disk == nil {
		return nil
	}
	return b.disk.Close()
}

// The zooms that servers of tiles have, mostly.
const (
	mostVector = 14
	mostRaster = 19
)

// tilesAt takes the address of tiles apart.
func tilesAt(where string) (web.BaseMap, error) {
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, " '\";,") {
		return web.BaseMap{}, fault.Invalidf("The address of the base map must begin with https:// and name a server. It is “%s”.", where)
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(where, part) {
			return web.BaseMap{}, fault.Invalidf("The address of the base map lacks %s: it needs {z}, {x} and {y} where zoom, column and row belong.", part)
		}
	}
	m := web.BaseMap{Tiles: where, Max: mostVector}
	switch path.Ext(u.Path) {
	case ".pbf", ".mvt":
	case ".png", ".jpg", ".jpeg", ".webp":
		m.Raster, m.Max = true, mostRaster
	default:
		return web.BaseMap{}, fault.Invalidf("The address of the base map does not say what its tiles are: it must end in .pbf, .mvt, .png, .jpg or .webp.")
	}
	return m, nil
}

var tags = regexp.MustCompile(`<[^>]*>`)

// mostCredit is how many letters of a credit are shown.
const mostCredit = 200

// plain is the text of a credit, which may hold links.
func plain(credit string) string {
	text := []rune(strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(credit, " "))), " "))
	return string(text[:min(len(text), mostCredit)])
}

// tile answers a tile of the base map.
func (p pages) tile(v *web.Visit) error {
	t, ok := mvt.Parse(v.R.PathValue("z"), v.R.PathValue("x"), v.R.PathValue("y"))
	if !ok || p.base.file == nil {
		return fault.NotFoundf("This part of the map is not there.")
	}
	b, there, err := p.base.file.Tile(t.Z, t.X, t.Y)
	if err != nil {
		return err
	}
	v.W.Header().Set("Cache-Control", "private, max-age=86400")
	if !there {
		v.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	v.W.Header().Set("Content-Type", p.base.file.Kind.Type())
	if p.base.file.Gzip {
		v.W.Header().Set("Content-Encoding", "gzip")
	}
	v.W.WriteHeader(http.StatusOK)
	_, _ = v.W.Write(b)
	return nil
}
