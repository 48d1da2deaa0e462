package canvasspage

import (
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/web"
)

// picture is the map of a board: the ground once, and on it the doors where somebody was.
type picture struct {
	of          turfstore.MapID
	box         string
	streets     string
	main        string
	water       string
	left        string // every door
	turfs       []turfShape
	tried, said string // doors where nobody talked, and where somebody did
	doors       int64
	nTried      int64
	nSaid       int64

	edition int64
	at      map[string]string // where each door is drawn
}

type turfShape struct {
	hue     int
	outline string
}

const (
	pictureWide = 1000.0
	pictureEdge = 20.0
	mostDrawn   = 6000 // doors or pieces of street; beyond, the picture leaves them out
	mostKept    = 8    // pictures in memory
)

// pictures keeps the ground of the maps that were looked at last, which changes only when a map is cut again.
type pictures struct {
	mu  sync.Mutex
	all []*picture
}

func (p *pictures) get(id turfstore.MapID, edition int64) (picture, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.all {
		if x.of == id && x.edition == edition {
			return *x, true
		}
	}
	return picture{}, false
}

func (p *pictures) put(x picture) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) >= mostKept {
		p.all = p.all[1:]
	}
	p.all = append(p.all, &x)
}

// draw returns the picture of a map as it is now. Whether the reader may see the map is asked each time.
func (b Board) draw(v *web.Visit, id turfstore.MapID) (*picture, error) {
	m, err := b.Turfs.Map(v.R.Context(), v.Actor, id)
	if err != nil {
		return nil, err
	}
	p, ok := b.pictures.get(id, m.Edition)
	if !ok {
		d, err := b.Turfs.Draft(v.R.Context(), v.Actor, id)
		if err != nil {
			return nil, err
		}
		p = ground(d)
		b.pictures.put(p)
	}
	been, err := b.Canvass.Visited(v.R.Context(), v.Actor, int64(id))
	if err != nil {
		return nil, err
	}
	var tried, said strings.Builder
	for _, x := range been {
		at, ok := p.at[x.Door]
		switch {
		case !ok: // it is not on the map any more
		case x.Talked:
			said.WriteString(at)
			p.nSaid++
		default:
			tried.WriteString(at)
			p.nTried++
		}
	}
	p.tried, p.said = tried.String(), said.String()
	return &p, nil
}

// ground draws what does not change while people walk.
func ground(d turfstore.Draft) picture {
	b := d.Box()
	mid := b.Center()
	squeeze := math.Cos(mid.Lat * math.Pi / 180)
	scale := (pictureWide - 2*pictureEdge) / max((b.East-b.West)*squeeze, 1e-4)
	tall := max((b.North-b.South)*scale, 1)
	if most := .7 * pictureWide; tall > most {
		scale, tall = scale*most/tall, most
	}
	tall += 2 * pictureEdge
	at := func(p geo.Point) (x, y float64) {
		return pictureWide/2 + (p.Lon-mid.Lon)*squeeze*scale, tall/2 - (p.Lat-mid.Lat)*scale
	}
	line := func(s *strings.Builder, points []geo.Point) {
		for i, q := range points {
			x, y := at(q)
			fmt.Fprintf(s, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
		}
	}
	p := picture{of: d.Map.ID, edition: d.Map.Edition, box: fmt.Sprintf("0 0 %.0f %.0f", pictureWide, tall), at: map[string]string{}}
	var small, large, water, left strings.Builder
	if streets := d.Streets(); len(streets) <= mostDrawn {
		for _, x := range streets {
			if strings.HasPrefix(x.Class, "S14") || x.Class == "" {
				line(&small, x.Line)
			} else {
				line(&large, x.Line)
			}
		}
	}
	for _, poly := range d.Water() {
		for _, ring := range poly {
			line(&water, ring)
		}
	}
	doors := d.Doors()
	for _, x := range doors {
		px, py := at(x.At)
		spot := fmt.Sprintf("M%.1f %.1fh0", px, py)
		p.at[fmt.Sprint(x.Key)] = spot
		if len(doors) <= mostDrawn {
			left.WriteString(spot)
		}
	}
	outlines := d.Outlines()
	for _, t := range d.Turfs {
		var s strings.Builder
		for _, ring := range outlines[t.ID] {
			line(&s, ring)
			s.WriteByte('Z')
		}
		p.turfs = append(p.turfs, turfShape{hue: t.Hue, outline: s.String()})
	}
	p.streets, p.main, p.water, p.left, p.doors = small.String(), large.String(), water.String(), left.String(), int64(len(doors))
	return p
}
