// Package turftest gives tests of turf a small village: streets in a grid, two people behind each door, and a saved list of all of them.
package turftest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/liststore/listtest"
	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

// The village: Streets streets side by side, on each Houses houses with numbers of both sides.
const (
	Streets = 8
	Houses  = 20
	First   = 1001 // id of the first person; door k has the people First+2k and First+2k+1
	City    = "MILLBROOK"
	ZIP     = "27001"
)

// World is a site with the village on its voter file.
type World struct {
	*listtest.World
	Turfs  *turfstore.Store
	Places *place.Store
}

// Run gives f a village on each engine.
func Run(t *testing.T, f func(w *World)) {
	t.Helper()
	above := listtest.Above{Permits: turfstore.Permits, Roles: turfstore.Roles, Spanish: [][]byte{turfstore.Spanish, turf.Spanish}}
	listtest.Run(t, above, func(l *listtest.World) {
		w := &World{World: l, Places: place.New(l.DB)}
		w.Turfs = turfstore.New(turfstore.Config{DB: l.DB, Lists: l.Lists, Orgs: l.Orgs, Accounts: l.Accounts, Places: w.Places, Now: func() time.Time { return l.At }})
		w.build()
		f(w)
	})
}

// Door is the household key of the k-th door, which is on street k/Houses.
func Door(k int) int64 { return int64(5000 + k) }

// Person is one of the two people behind the k-th door.
func Person(k, which int) int64 { return int64(First + 2*k + which) }

func street(k int) string { return fmt.Sprintf("%s ST", string(rune('A'+k))+"LDER") }

// at is where a house stands: streets run east, 80 metres from each other; houses stand every 20 metres, odd ones north.
func at(s, h int) (lon, lat float64) {
	return -79 + float64(h/2)*0.00025, 36 + float64(s)*0.00072 + (float64(h%2)*2-1)*0.0001
}

func (w *World) build() {
	w.Helper()
	var humans []persontest.Human
	var addresses strings.Builder
	addresses.WriteString("number,street,city,zip,lon,lat\n")
	for s := range Streets {
		for h := range Houses {
			k := s*Houses + h
			for i, first := range []string{"ANA", "BEN"} {
				humans = append(humans, persontest.Human{ID: Person(k, i), Last: fmt.Sprintf("VILLAGER%03d", k), First: first, Born: 1960 + k%40,
					House: fmt.Sprint(100 + h), Street: street(s), City: City, ZIP: ZIP, Household: Door(k), StateID: fmt.Sprintf("VV%06d", Person(k, i))})
			}
			lon, lat := at(s, h)
			fmt.Fprintf(&addresses, "%d,%s,%s,%s,%.6f,%.6f\n", 100+h, street(s), City, ZIP, lon, lat)
		}
	}
	persontest.Insert(w, w.DB, func(yield func(persontest.Human) bool) {
		for _, h := range humans {
			if !yield(h) {
				return
			}
		}
	})
	w.Write(func(ctx context.Context, tx *db.Tx) error { return addressKeys(ctx, tx, humans) })
	owner := org.Operate(w.Table, w.Catalog.Everything())
	for name, content := range map[string]string{"addresses.csv": addresses.String(), "streets.geojson": streets()} {
		if _, err := w.Places.Import(w.Context(), owner, name, strings.NewReader(content)); err != nil {
			w.Fatalf("%s: %v", name, err)
		}
	}
}

// streets is the grid, cut at its crossings: the streets, and three that join them.
func streets() string {
	var parts []string
	line := func(name string, x0, y0, x1, y1 float64) {
		parts = append(parts, fmt.Sprintf(`{"type":"Feature","properties":{"TLID":"%d","FULLNAME":%q,"MTFCC":"S1400"},"geometry":{"type":"LineString","coordinates":[[%.6f,%.6f],[%.6f,%.6f]]}}`,
			len(parts)+1, name, x0, y0, x1, y1))
	}
	cross := []float64{-79.0003, -78.99885, -78.9974}
	for s := range Streets {
		y := 36 + float64(s)*0.00072
		for i := range len(cross) - 1 {
			line(street(s), cross[i], y, cross[i+1], y)
		}
		for i, x := range cross {
			if s+1 < Streets {
				line(fmt.Sprintf("%d AVE", i+1), x, y, x, y+0.00072)
			}
		}
	}
	return `{"type":"FeatureCollection","features":[` + strings.Join(parts, ",") + `]}`
}

// Saved saves everybody of the village as a list.
func (w *World) Saved(a org.Actor, name string) liststore.Saved {
	w.Helper()
	l, err := w.Lists.Save(w.Context(), a, liststore.Save{Ask: listtest.In(City), Kind: liststore.Frozen, Name: name})
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// Made makes a map of everybody of the village, cut for 20 doors each.
func (w *World) Made(a org.Actor, name string) turfstore.Map {
	w.Helper()
	m, err := w.Turfs.Make(w.Context(), a, w.Saved(a, name).ID, turfstore.About{Name: name}, turfstore.Wish{Rules: turf.Rules{Target: 20}})
	if err != nil {
		w.Fatal(err)
	}
	return m
}

// Cut makes a map and saves its turfs.
func (w *World) Cut(a org.Actor, name string) (turfstore.Map, []turfstore.Turf) {
	w.Helper()
	m := w.Made(a, name)
	if _, err := w.Turfs.Save(w.Context(), a, m.ID, m.Edition, Name); err != nil {
		w.Fatal(err)
	}
	m, err := w.Turfs.Map(w.Context(), a, m.ID)
	if err != nil {
		w.Fatal(err)
	}
	all, err := w.Turfs.Turfs(w.Context(), a, m.ID)
	if err != nil {
		w.Fatal(err)
	}
	return m, all
}

// Name is what a turf without a name is called.
func Name(n int) string { return fmt.Sprintf("Turf %d", n) }
