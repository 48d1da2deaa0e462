package turfpage

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/words"
)

// drawing is the map as a picture, for pages without script and until the script has fetched its map.
type drawing struct {
	wide, tall float64
	streets    string
	main       string
	water      string
	doors      string
	turfs      []drawn
}

type drawn struct {
	id, doors, hue int
	name           string
	outline        string
	x, y           float64
	chosen         bool
}

const (
	drawWide    = 800.0
	drawEdge    = 40.0
	mostDrawn   = 6000 // doors and pieces of street; beyond, the picture shows turfs alone
	closestDraw = 1e-4 // degrees: one house still has a street around it
)

// draw draws the plan.
func (c cutting) draw() drawing {
	b := c.Box()
	mid := b.Center()
	squeeze := math.Cos(mid.Lat * math.Pi / 180)
	scale := (drawWide - 2*drawEdge) / max((b.East-b.West)*squeeze, closestDraw)
	if tall := (b.North - b.South) * scale; tall > 1.2*drawWide {
		scale *= 1.2 * drawWide / tall
	}
	d := drawing{wide: drawWide, tall: math.Ceil(max((b.North-b.South)*scale+2*drawEdge, drawWide/2))}
	at := func(p geo.Point) (x, y float64) {
		return d.wide/2 + (p.Lon-mid.Lon)*squeeze*scale, d.tall/2 - (p.Lat-mid.Lat)*scale
	}
	path := func(s *strings.Builder, line []geo.Point) {
		for i, p := range line {
			x, y := at(p)
			fmt.Fprintf(s, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
		}
	}
	if streets := c.Streets(); len(streets) <= mostDrawn {
		var small, large strings.Builder
		for _, x := range streets {
			if strings.HasPrefix(x.Class, "S14") || x.Class == "" {
				path(&small, x.Line)
			} else {
				path(&large, x.Line)
			}
		}
		d.streets, d.main = small.String(), large.String()
	}
	var water strings.Builder
	for _, poly := range c.Water() {
		for _, ring := range poly {
			path(&water, ring)
		}
	}
	d.water = water.String()
	if doors := c.Doors(); len(doors) <= mostDrawn {
		var s strings.Builder
		for _, x := range doors {
			px, py := at(x.At)
			fmt.Fprintf(&s, "M%.1f %.1fh0", px, py)
		}
		d.doors = s.String()
	}
	outlines := c.Outlines()
	for _, t := range c.Turfs {
		x := drawn{id: t.ID, doors: len(t.Doors), hue: t.Hue, name: t.Name, chosen: t.ID == c.chosen}
		var s strings.Builder
		for _, ring := range outlines[t.ID] {
			path(&s, ring)
			s.WriteByte('Z')
		}
		x.outline = s.String()
		x.x, x.y = at(t.Middle)
		d.turfs = append(d.turfs, x)
	}
	return d
}

// long writes minutes as people say them.
func long(t words.Translator, minutes int) string {
	return t.Duration(time.Duration(minutes) * time.Minute)
}

// short writes minutes for a narrow column: “1 h 05”, “48 min”.
func short(minutes int) string {
	if minutes < 60 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %02d", minutes/60, minutes%60)
}
