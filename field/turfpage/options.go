package turfpage

import (
	"fmt"
	"strings"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

func (f mapForm) lists(t words.Translator) []web.Option {
	all := []web.Option{{Value: "", Label: t.T("Choose a list")}}
	for _, l := range f.saved {
		kind := t.N(l.Doors, "%s door", "%s doors")
		if l.Kind == liststore.Search {
			kind = t.T("search, %s", kind)
		}
		all = append(all, web.Option{Value: idText(l.ID), Label: fmt.Sprintf("%s (%s)", l.Name, kind), Chosen: l.ID == f.list})
	}
	return all
}

func (f mapForm) units(t words.Translator) []web.Option {
	return []web.Option{{Value: string(turf.ByDoors), Label: t.T("doors"), Chosen: f.by != turf.ByMinutes}, {Value: string(turf.ByMinutes), Label: t.T("minutes"), Chosen: f.by == turf.ByMinutes}}
}

func (f mapForm) folderOptions(t words.Translator) []web.Option {
	all := []web.Option{{Value: "0", Label: t.T("None: everybody who may see turf"), Chosen: f.Folder == 0}}
	for _, x := range f.folders {
		all = append(all, web.Option{Value: idText(x.ID), Label: x.Name, Chosen: x.ID == f.Folder})
	}
	return all
}

func (f mapForm) scriptOptions(t words.Translator) []web.Option {
	all := []web.Option{{Value: "0", Label: t.T("None yet"), Chosen: f.Script == 0}}
	for _, x := range f.scripts {
		all = append(all, web.Option{Value: idText(x.ID), Label: x.Name, Chosen: int64(x.ID) == f.Script})
	}
	return all
}

// addressLine is where a door is, as people write it.
func addressLine(t words.Translator, d turfstore.LeftDoor) string {
	line := strings.TrimSpace(d.House + " " + words.Name(d.Street))
	if line == "" {
		return t.T("Without a street address")
	}
	if d.Unit != "" {
		line += ", " + d.Unit
	}
	return line
}

func cityName(d turfstore.LeftDoor) string { return words.Name(d.City) }

func bound(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func streetName(t words.Translator, s string) string {
	if s == "" {
		return t.T("Without a street address")
	}
	return words.Name(s)
}

// corners are the corners of a turf at which its walk can begin.
func (c cutting) corners(t words.Translator, x turfstore.DraftTurf) []web.Option {
	b := geo.EmptyBox()
	doors := c.Doors()
	for _, i := range x.Doors {
		b = b.Extend(doors[i].At)
	}
	return []web.Option{{Value: pointsText(geo.Point{Lon: b.West, Lat: b.North}), Label: t.T("north-west corner")}, {Value: pointsText(geo.Point{Lon: b.East, Lat: b.North}), Label: t.T("north-east corner")},
		{Value: pointsText(geo.Point{Lon: b.West, Lat: b.South}), Label: t.T("south-west corner")}, {Value: pointsText(geo.Point{Lon: b.East, Lat: b.South}), Label: t.T("south-east corner")}}
}

// turfKeys are the keys of the map.
func turfKeys(t words.Translator) []web.Fact {
	f := func(key, what string) web.Fact { return web.Fact{Label: key, Value: web.Text(what)} }
	return []web.Fact{f("/", t.T("Find an address")), f("n p", t.T("Next turf, turf before")), f("d", t.T("Draw around doors")), f("b", t.T("Move one block")), f("l", t.T("Draw a barrier")), f("s", t.T("Split")), f("j", t.T("Join")),
		f("k", t.T("Lock or unlock")), f("u, Ctrl Z", t.T("Undo")), f("r, Ctrl Shift Z", t.T("Redo")), f("+ −", t.T("Closer, farther")), f("Esc", t.T("Drop the tool"))}
}
