package org

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

// Zone returns the time zone of the actor's organisation; nil where it has chosen none and works by the server's.
func (a Actor) Zone() *time.Location { return a.zone }

// ParseZone returns the time zone called name in the tz database ("America/Chicago").
func ParseZone(name string) (*time.Location, error) {
	if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return zone, nil
	}
	return nil, fault.Invalidf("There is no time zone called %s. Zones are named as in America/New_York, America/Chicago, America/Denver, America/Los_Angeles.", name)
}

// zoneOf returns the zone that a row names. A name that this program's tz database does not have is as good as none.
func zoneOf(name string) *time.Location {
	zone, err := ParseZone(name)
	if err != nil {
		return nil
	}
	return zone
}

// SetZone says in which time zone the actor's organisation works.
func (o *Orgs) SetZone(ctx context.Context, a Actor, name string) error {
	if err := a.Must(PermitChange); err != nil {
		return err
	}
	if _, err := ParseZone(name); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := updateZone(ctx, tx, a.org, name); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryZone, Object: object("org", a.org), Data: map[string]any{"zone": name}})
		return err
	})
}

// ZoneByState gives an organisation that has no time zone yet the one in which most people of a state live ("TN"). One of an unknown state keeps none.
func ZoneByState(ctx context.Context, tx *db.Tx, a Actor, state string) error {
	name := stateZones[state]
	if name == "" {
		return nil
	}
	was, err := zoneName(ctx, tx, a.org)
	if errors.Is(err, db.ErrNone) || was != "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the time zone of org %d: %w", a.org, err)
	}
	if _, err := updateZone(ctx, tx, a.org, name); err != nil {
		return fmt.Errorf("choosing a time zone for org %d: %w", a.org, err)
	}
	_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryZone, Object: object("org", a.org), Data: map[string]any{"zone": name, "state": state}})
	return err
}

// stateZones are the zones in which most people of each state live (49 CFR part 71; names of the tz database).
var stateZones = func() map[string]string {
	m := map[string]string{"IN": "America/Indiana/Indianapolis", "KY": "America/Kentucky/Louisville", "MI": "America/Detroit", "AZ": "America/Phoenix", "ID": "America/Boise",
		"AK": "America/Anchorage", "HI": "Pacific/Honolulu", "PR": "America/Puerto_Rico", "VI": "America/Puerto_Rico", "GU": "Pacific/Guam"}
	for zone, states := range map[string][]string{
		"America/New_York":    {"CT", "DC", "DE", "FL", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY", "OH", "PA", "RI", "SC", "VA", "VT", "WV"},
		"America/Chicago":     {"AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX", "WI"},
		"America/Denver":      {"CO", "MT", "NM", "UT", "WY"},
		"America/Los_Angeles": {"CA", "NV", "OR", "WA"},
	} {
		for _, s := range states {
			m[s] = zone
		}
	}
	return m
}()
