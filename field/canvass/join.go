package canvass

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Joining is somebody who wants to walk.
type Joining struct {
	Number string // the list number they typed
	Name   string
	Lang   words.Lang
	Agent  string // what kind of phone
	From   account.From
	Token  string // of the phone, when it is in already
}

// Joined is a phone that was let in.
type Joined struct {
	Device  offline.Device
	Actor   org.Actor
	Token   string // "" when the phone had one already
	Org     string // its name
	Packets []Packet
	Maps    []turfstore.Handout // of which it can take the nearest doors
	Ends    time.Time           // when the first of it ends
}

// A number that nobody has and one that has ended look the same: who guesses learns nothing.
func errNoNumber() *fault.Error {
	return fault.NotFoundf("No turf waits under this number, or its time is over. Check the digits, or ask whoever leads the canvass for a new number.")
}

const slowNumbers = "list number"

// Join lets a phone in by a list number.
func (s *Store) Join(ctx context.Context, j Joining) (Joined, error) {
	name, err := account.ParseName(j.Name)
	if err != nil {
		return Joined{}, err
	}
	if err := s.c.Accounts.Slow(ctx, slowNumbers, j.From); err != nil {
		return Joined{}, err
	}
	site := db.WithSite(ctx)
	handouts, err := s.c.Turfs.ByNumber(site, s.c.DB, j.Number)
	if err != nil {
		return Joined{}, err
	}
	if len(handouts) == 0 {
		return Joined{}, errNoNumber()
	}
	in, ends := handouts[0].Org, handouts[0].Ends
	for _, h := range handouts {
		if h.Ends.After(ends) {
			ends = h.Ends
		}
	}
	out := Joined{}
	d, _, err := s.devices.Welcome(ctx, j.Token)
	known := err == nil && d.Org == in
	err = s.c.DB.Transact(site, func(ctx context.Context, tx *db.Tx) (err error) {
		if !known {
			d, out.Token, err = s.devices.EnrolGuest(ctx, tx, offline.Guest{Org: in, Name: name, Lang: j.Lang, Role: guestRole, Ends: ends}, name, j.Agent)
		} else {
			err = s.devices.Prolong(ctx, tx, d, ends)
		}
		if err != nil {
			return err
		}
		for _, h := range handouts {
			if err := insertJoin(ctx, tx, int64(in), d.ID, int64(h.ID), s.c.Now()); err != nil {
				return fmt.Errorf("letting a phone in to a turf: %w", err)
			}
		}
		return s.c.Accounts.Guessed(ctx, tx, slowNumbers, j.From)
	})
	if err != nil {
		return Joined{}, err
	}
	return s.joined(ctx, d, out)
}

// JoinAs lets in a phone of somebody who is signed in. in is 0 where they did not say for which organisation: then it is the first that has handed
// something out to them.
func (s *Store) JoinAs(ctx context.Context, session account.Session, in org.ID, agent, token string) (Joined, error) {
	a, err := s.seat(ctx, session, in)
	if err != nil {
		return Joined{}, err
	}
	out := Joined{}
	d, _, err := s.devices.Welcome(ctx, token)
	if err != nil || d.Org != a.Org() || d.Account != a.Account() {
		err := s.c.DB.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) (err error) {
			d, out.Token, err = s.devices.Enrol(ctx, tx, a, a.Name(), agent)
			return err
		})
		if err != nil {
			return Joined{}, err
		}
	}
	return s.joined(ctx, d, out)
}

// seat finds for which organisation somebody wants to walk.
func (s *Store) seat(ctx context.Context, session account.Session, in org.ID) (org.Actor, error) {
	if in != 0 {
		return s.c.Orgs.Sit(ctx, session, in)
	}
	all, err := s.c.Orgs.Of(ctx, session.Account)
	if err != nil {
		return org.Actor{}, err
	}
	var walks []org.Actor
	for i, m := range all {
		if slices.ContainsFunc(all[:i], func(x org.Membership) bool { return x.Org == m.Org }) {
			continue
		}
		a, err := s.c.Orgs.Sit(ctx, session, m.Org)
		if err != nil {
			return a, err
		}
		if !a.May(PermitWalk) {
			continue
		}
		walks = append(walks, a)
		given, err := s.c.Turfs.For(ctx, s.c.DB, a)
		if err != nil || len(given) > 0 {
			return a, err
		}
	}
	if len(walks) == 0 {
		return org.Actor{}, fault.Deniedf("None of your organizations lets you walk turf. Type a list number instead, or ask whoever leads the canvass.")
	}
	return walks[0], nil
}

func (s *Store) joined(ctx context.Context, d offline.Device, out Joined) (Joined, error) {
	_, a, err := s.devices.WelcomeOf(ctx, d)
	if err != nil {
		return out, err
	}
	out.Device, out.Actor = d, a
	if out.Packets, out.Maps, err = s.Packets(ctx, d, a); err != nil {
		return out, err
	}
	o, err := s.c.Orgs.Own(ctx, a)
	if err != nil {
		return out, err
	}
	out.Org = o.Name
	for _, p := range out.Packets {
		if out.Ends.IsZero() || p.Ends.Before(out.Ends) {
			out.Ends = p.Ends
		}
	}
	for _, h := range out.Maps {
		if out.Ends.IsZero() || h.Ends.Before(out.Ends) {
			out.Ends = h.Ends
		}
	}
	return out, nil
}

// Guest reports whether a device belongs to somebody who came with a list number and can sign in nowhere.
func (s *Store) Guest(ctx context.Context, d offline.Device) (bool, error) {
	a, err := s.c.Accounts.Account(ctx, d.Account)
	return a.Email == "", err
}

// Near takes the free doors of a map that are nearest to a phone, for as many days as its hand-out says.
func (s *Store) Near(ctx context.Context, d offline.Device, a org.Actor, m turfstore.MapID, at geo.Point, most int) (Packet, error) {
	ctx = a.Within(ctx)
	all, err := s.handouts(ctx, d, a)
	if err != nil {
		return Packet{}, err
	}
	i := slices.IndexFunc(all, func(h turfstore.Handout) bool { return h.Map == m && h.Turf == 0 })
	if i < 0 {
		return Packet{}, fault.NotFoundf("This map is not handed out to you, or its time is over.")
	}
	h := all[i]
	if most <= 0 || most > h.DoorsEach {
		most = h.DoorsEach
	}
	ends := s.c.Now().AddDate(0, 0, h.Days)
	if h.Ends.Before(ends) {
		ends = h.Ends
	}
	// The map is read once before the transaction, so that opening it keeps nobody waiting.
	if _, err := s.c.Turfs.MapDoors(ctx, s.c.DB, a, m, nil); err != nil {
		return Packet{}, err
	}
	var p Packet
	err = s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		done, err := attemptedDoors(ctx, tx, int64(a.Org()), int64(m))
		if err != nil {
			return fmt.Errorf("reading which doors are done: %w", err)
		}
		id := offline.NewID()
		keys, err := s.c.Turfs.Claim(ctx, tx, a, m, id, at, most, ends, done)
		if err != nil {
			return err
		}
		c, err := s.c.Turfs.MapDoors(ctx, tx, a, m, keys)
		if err != nil {
			return err
		}
		if p, err = s.issue(ctx, tx, a, d, h, id, c, ends); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindNear, Object: p.object(), Data: map[string]any{"map": int64(m), "device": d.ID, "doors": len(keys)}})
		return err
	})
	return p, err
}
