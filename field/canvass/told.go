package canvass

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
)

// Told is what one recorded event says, for people to read. What it does not say is zero.
type Told struct {
	Kind     string
	Door     string
	Person   int64  // of the voter file
	Met      string // somebody who was met
	Result   contact.Result
	Question int64
	Response int64
	Code     int64
	On       bool
	Answer   string // to an ask
	Text     string // of a note, or what should be written instead
	Channel  string // in which somebody does not want to be reached
	What     string // that is wrong
}

// Tell reads an event. What cannot be read is zero.
func Tell(e offline.Event) Told {
	x, f := read(e)
	t := Told{Kind: e.Kind, Door: x.door}
	if f != nil {
		return t
	}
	d := x.data
	t.Person, t.Met, t.Result, t.Question, t.Response, t.Code, t.On = x.about, x.met, contact.Result(d.Result), d.Question, d.Response, d.Code, d.On
	t.Answer, t.Text, t.Channel, t.What = d.Answer, strings.TrimSpace(d.Text), d.Channel, d.What
	if e.Kind == kindFix {
		t.Text = strings.TrimSpace(d.Should)
	}
	return t
}

// Spot is a door of a packet as people know it.
type Spot struct {
	Map, Turf         int64
	Number            int // of the turf on its map; 0 when it is not there now
	MapName, TurfName string
	Address           string           // "" for a door that is not in the turf now
	People            map[int64]string // who is on the list there
}

// At names a door of a packet.
type At struct{ Packet, Door string }

// Spots returns where recorded work was done, as far as it is known and the actor sees its map.
func (s *Store) Spots(ctx context.Context, a org.Actor, of []At) (map[At]Spot, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	ids := []string{""}
	for _, x := range of {
		ids = append(ids, x.Packet)
	}
	slices.Sort(ids)
	packets, err := packetsByID(ctx, s.c.DB, int64(a.Org()), slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("reading packets: %w", err)
	}
	x, err := s.sight(ctx, a)
	if err != nil {
		return nil, err
	}
	packets = slices.DeleteFunc(packets, func(p Packet) bool { return !x.sees(p.Map) })
	all := make(map[At]Spot, len(of))
	turfs := map[int64]turfstore.Content{}
	for _, p := range packets {
		c, known := turfs[p.Turf]
		if !known || p.Turf == 0 {
			h, err := p.held()
			if err != nil {
				return nil, err
			}
			c, err = s.contentOf(ctx, a, p, h)
			if err != nil && !errors.Is(err, db.ErrNone) && fault.KindOf(err) != fault.NotFound { // a map that is gone: its work is still there
				return nil, err
			}
			turfs[p.Turf] = c
		}
		for _, x := range of {
			if x.Packet == p.ID {
				all[x] = spotOf(p, c, x.Door)
			}
		}
	}
	return all, nil
}

func spotOf(p Packet, c turfstore.Content, door string) Spot {
	spot := Spot{Map: p.Map, Turf: p.Turf, Number: p.TurfNumber, MapName: p.MapName, TurfName: p.TurfName, People: map[int64]string{}}
	for _, d := range c.Doors {
		if doorID(d.Key) != door {
			continue
		}
		spot.Address = strings.TrimSpace(d.House + " " + person.ProperAddress(d.Street))
		if d.Unit != "" {
			spot.Address += ", " + d.Unit
		}
		if d.City != "" {
			spot.Address += ", " + person.ProperAddress(d.City)
		}
		for _, x := range d.People {
			spot.People[x.ID] = strings.TrimSpace(person.Proper(x.First) + " " + person.Proper(x.Last))
		}
	}
	return spot
}
