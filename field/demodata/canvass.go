package demodata

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// Ground is what a canvass of the demo stands on.
type Ground struct {
	DB       *db.DB
	Codebook *codebook.Store
	Scripts  *scriptstore.Store
	Lists    *liststore.Store
	Turfs    *turfstore.Store
	Canvass  *canvass.Store
}

const (
	doorsEach = 45
	handedOut = 16 // turfs
	crew      = 8  // canvassers
)

// Canvass makes a script, a list of the densest precinct, a map of it with its turfs, and hands some of them out by list number.
func Canvass(ctx context.Context, g Ground, a org.Actor, file voterfile.FileID) error {
	precincts, err := densest(a.Within(ctx), g.DB, file)
	if err != nil || len(precincts) == 0 {
		return err
	}
	where := precincts[0]
	name := person.ProperAddress(where.City)
	say, err := g.script(ctx, a)
	if err != nil {
		return fmt.Errorf("writing the script of the demo: %w", err)
	}
	active := list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start,
		Where: list.All{list.Is{Attr: list.Status, Values: []string{"active"}}, list.Is{Attr: list.Precinct, Values: []string{list.PrecinctValue(where.County, where.Precinct)}}}}}}
	l, err := g.Lists.Save(ctx, a, liststore.Save{Kind: liststore.Frozen, Name: name + ", active voters", Ask: liststore.Ask{File: file, Criteria: active, Channel: person.ByDoor}})
	if err != nil {
		return fmt.Errorf("saving the list of the demo: %w", err)
	}
	m, err := g.Turfs.Make(ctx, a, l.ID, turfstore.About{Name: name, Region: "Halden", Script: int64(say)}, turfstore.Wish{Rules: turf.Rules{Target: doorsEach}})
	if err != nil {
		return fmt.Errorf("cutting the turf of the demo: %w", err)
	}
	if _, err := g.Turfs.Save(ctx, a, m.ID, m.Edition, func(n int) string { return fmt.Sprintf("Turf %d", n) }); err != nil {
		return fmt.Errorf("saving the turf of the demo: %w", err)
	}
	turfs, err := g.Turfs.Turfs(ctx, a, m.ID)
	if err != nil {
		return err
	}
	// The shortest ones: nobody begins with the farms.
	slices.SortStableFunc(turfs, func(x, y turfstore.Turf) int { return x.Minutes - y.Minutes })
	var ids []turfstore.TurfID
	for _, t := range turfs[:min(len(turfs), handedOut)] {
		ids = append(ids, t.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	_, err = g.Turfs.Give(ctx, a, turfstore.Give{Map: m.ID, Turfs: ids, To: turfstore.ToNumber, Script: int64(say)})
	return err
}

// script publishes what the demo's canvassers say, with the questions that Fill defined.
func (g Ground) script(ctx context.Context, a org.Actor) (scriptstore.ID, error) {
	id := func(k codebook.Kind, name string) (int64, error) {
		all, err := g.Codebook.Definitions(ctx, a, k, false)
		for _, d := range all {
			if d.Name == name {
				return int64(d.ID), nil
			}
		}
		return 0, err
	}
	c := script.Content{Version: 1, Languages: []string{"en", "es"}, Household: []script.Step{{ID: "h1", Kind: script.Say,
		Text: script.Text{"en": "Hello, I am {canvasser} from the Halden Voter Table. Do you have two minutes?", "es": "Buenas tardes, soy {canvasser} de la Mesa de Votantes de Halden. ¿Tiene dos minutos?"}}}}
	for i, q := range []struct{ name, en, es string }{
		{"Transit measure", "Measure 4 would add evening buses. Do you support it?", "La medida 4 agregaría autobuses nocturnos. ¿La apoya usted?"},
		{"Most important issue", "What matters most to you this year?", "¿Qué es lo más importante para usted este año?"},
	} {
		n, err := id(codebook.Question, q.name)
		if err != nil {
			return 0, err
		}
		if n != 0 {
			c.Person = append(c.Person, script.Step{ID: fmt.Sprintf("s%d", i+1), Kind: script.Question, Question: n, Text: script.Text{"en": q.en, "es": q.es}})
		}
	}
	sign, err := id(codebook.Code, "Yard sign")
	if err != nil {
		return 0, err
	}
	if sign != 0 {
		c.Person = append(c.Person, script.Step{ID: "s3", Kind: script.Ask, Codes: []int64{sign}, Text: script.Text{"en": "Would you put up a yard sign?", "es": "¿Pondría un letrero en su jardín?"}})
	}
	made, err := g.Scripts.Make(ctx, a, scriptstore.Script{Name: "Measure 4 at the door", Channel: person.ByDoor}, c)
	if err != nil {
		return 0, err
	}
	d, err := g.Scripts.Draft(ctx, a, made)
	if err != nil {
		return 0, err
	}
	_, err = g.Scripts.Publish(ctx, a, made, d.Mark)
	return made, err
}

// Crew returns who walks the turfs that are handed out by number, and how far each turf is already.
func Crew(ctx context.Context, g Ground, a org.Actor) ([]Walker, error) {
	maps, err := g.Canvass.Board(ctx, a, canvass.Scope{})
	if err != nil {
		return nil, err
	}
	been := map[int64]int64{}
	for _, t := range maps.Turfs {
		been[t.Turf] = t.Attempted
	}
	all := make([]Walker, crew)
	n := 0
	for _, m := range maps.Maps {
		given, err := g.Turfs.Handouts(ctx, a, turfstore.MapID(m.Map))
		if err != nil {
			return nil, err
		}
		slices.SortFunc(given, func(x, y turfstore.Handout) int { return int(x.ID - y.ID) })
		for _, h := range given {
			if h.To != turfstore.ToNumber || h.Turf == 0 || !h.RecalledAt.IsZero() || strings.TrimSpace(h.Number) == "" {
				continue
			}
			w := &all[n%crew]
			w.Numbers = append(w.Numbers, turfstore.WriteNumber(h.Number))
			w.Turfs = append(w.Turfs, int64(h.Turf))
			w.Been = append(w.Been, int(been[int64(h.Turf)]))
			n++
		}
	}
	for i := range all {
		all[i].Name, all[i].Place = names[i], i
	}
	return slices.DeleteFunc(all, func(w Walker) bool { return len(w.Numbers) == 0 }), nil
}

var names = [crew]string{"Sam Rivera", "Inés Duarte", "Walt Kowalski", "Priya Raman", "Marcus Bell", "Lucía Fuentes", "Hank Brandt", "Amara Nwosu"}
