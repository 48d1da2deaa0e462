package org

import (
	"context"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

func TestAnOrganizationWorksInItsZone(t *testing.T) {
	both(t, func(w *world) {
		zone := func() string {
			if z := w.admin().Zone(); z != nil {
				return z.String()
			}
			return ""
		}
		byState := func(state string) {
			if err := w.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error { return ZoneByState(ctx, tx, w.admin(), state) }); err != nil {
				w.Fatal(err)
			}
		}
		if got := zone(); got != "" {
			w.Errorf("before anything was chosen: %q", got)
		}
		byState("ZZ")
		if got := zone(); got != "" {
			w.Errorf("a state that is none: %q", got)
		}
		byState("TN")
		byState("CA")
		if got := zone(); got != "America/Chicago" {
			w.Errorf("by the first state: %q", got)
		}
		for _, name := range []string{"", "Local", "Mars/Olympus", "../../etc/passwd"} {
			if err := w.SetZone(ctx, w.admin(), name); fault.KindOf(err) != fault.Invalid {
				w.Errorf("zone %q: %v", name, err)
			}
		}
		if err := w.SetZone(ctx, w.admin(), "America/Denver"); err != nil || zone() != "America/Denver" {
			w.Errorf("chosen: %v, %q", err, zone())
		}
		if err := w.SetZone(ctx, Actor{}, "America/Denver"); fault.KindOf(err) != fault.Denied {
			w.Errorf("nobody: %v", err)
		}
	})
}

func TestEveryStateHasAZoneThatThereIs(t *testing.T) {
	if len(stateZones) != 54 {
		t.Errorf("%d states, the district and territories have a zone, want 54", len(stateZones))
	}
	for state, name := range stateZones {
		if _, err := ParseZone(name); err != nil {
			t.Errorf("%s: %v", state, err)
		}
	}
}
