package turfpage

import (
	"math"

	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/web"
)

// planJSON is a plan as the page's script draws it.
type planJSON struct {
	Edition int64      `json:"edition"`
	Undo    bool       `json:"undo"`
	Redo    bool       `json:"redo"`
	May     bool       `json:"may"`
	Tried   bool       `json:"tried"`
	Box     [4]float64 `json:"box"`
	Doors   [][2]any   `json:"doors,omitempty"` // [lon,lat] and how many people, for who asks for them
	Turfs   []turfJSON `json:"turfs"`
	Lines   [][]xy     `json:"lines"` // barriers drawn by hand
	Panel   string     `json:"panel"` // HTML
	Wrong   string     `json:"wrong,omitempty"`
}

type turfJSON struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Doors   int    `json:"doors"`
	People  int    `json:"people"`
	Metres  int    `json:"metres"`
	Minutes int    `json:"minutes"`
	Time    string `json:"time"`
	Hue     int    `json:"hue"`
	Locked  bool   `json:"locked"`
	Held    bool   `json:"held"`
	Spare   bool   `json:"spare"`
	Centre  xy     `json:"centre"`
	Outline [][]xy `json:"outline"`
}

// xy is longitude and latitude, to a decimetre.
type xy [2]float64

func pair(p geo.Point) xy {
	return xy{math.Round(p.Lon*1e6) / 1e6, math.Round(p.Lat*1e6) / 1e6}
}

func pairs(all []geo.Point) []xy {
	out := make([]xy, len(all))
	for i, p := range all {
		out[i] = pair(p)
	}
	return out
}

// planOf writes the plan of the page. The doors themselves never change, so the script asks for them once.
func planOf(v *web.Visit, c cutting, panel string) planJSON {
	b := c.Box()
	out := planJSON{Edition: c.Map.Edition, Undo: c.Undo, Redo: c.Redo, May: c.may, Tried: c.tried, Box: [4]float64{b.West, b.South, b.East, b.North}, Panel: panel,
		Turfs: []turfJSON{}, Lines: [][]xy{}, Wrong: web.Say(v.T, c.wrong)}
	if v.Value("doors") != "" {
		for _, d := range c.Doors() {
			out.Doors = append(out.Doors, [2]any{pair(d.At), d.Visit})
		}
	}
	for _, l := range c.Wish.Lines {
		out.Lines = append(out.Lines, pairs(l))
	}
	outlines := c.Outlines()
	for _, t := range c.Turfs {
		x := turfJSON{ID: t.ID, Name: c.name(v, t), Doors: len(t.Doors), People: t.People, Metres: t.Metres, Minutes: t.Mins, Time: long(v.T, t.Mins), Hue: t.Hue, Locked: t.Locked, Held: t.Held,
			Spare: t.Spare, Centre: pair(t.Middle)}
		for _, r := range outlines[t.ID] {
			x.Outline = append(x.Outline, pairs(r))
		}
		out.Turfs = append(out.Turfs, x)
	}
	return out
}
