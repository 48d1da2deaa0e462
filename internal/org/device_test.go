package org

import (
	"context"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

func TestADeviceMayWhatItsWorkNeedsAndNoMore(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		ana := w.join(a, "ana@halden.example", "canvasser")
		sit := func(who account.ID, needs permit.Permit) (Actor, Standing) {
			got, standing, err := w.SitByDevice(ctx, w.db, who, w.halden, needs, []permit.Permit{PermitGroup})
			if err != nil {
				w.Fatal(err)
			}
			return got, standing
		}
		got, standing := sit(ana.Account, lookUp)
		if standing != (Standing{Welcome: true}) || got.May(lookUp) || !got.May(PermitGroup) || got.Account() != ana.Account || got.Org() != w.halden || got.Who().Via != "device" {
			w.Errorf("Ana by a device: %v %v", got, standing)
		}
		if got, standing := sit(ana.Account, PermitAudit); standing != (Standing{}) || got.May(PermitGroup) {
			w.Error("a device lets in somebody without the right it needs")
		}
	})
}

// What somebody recorded while they were welcome counts, however their access ended; one whose account is disabled is shut out of everything.
func TestADeviceKnowsUntilWhenItsPersonWasWelcome(t *testing.T) {
	both(t, func(w *world) {
		a := w.admin()
		begun := w.at
		sit := func(who account.ID) (Actor, Standing) {
			got, standing, err := w.SitByDevice(ctx, w.db, who, w.halden, lookUp, []permit.Permit{PermitGroup})
			if err != nil {
				w.Fatal(err)
			}
			return got, standing
		}
		for name, c := range map[string]struct {
			end  func(account.Session)
			want time.Time
		}{
			"ended": {func(s account.Session) {
				if _, err := w.End(ctx, a, w.membership(s, w.halden).ID); err != nil {
					w.Fatal(err)
				}
			}, begun.Add(time.Hour)},
			"expired": {func(s account.Session) {
				if err := w.Change(ctx, a, w.membership(s, w.halden).ID, "canvasser", begun.Add(90*time.Minute)); err != nil {
					w.Fatal(err)
				}
				w.at = begun.Add(2 * time.Hour)
			}, begun.Add(90 * time.Minute)},
			"another role": {func(s account.Session) {
				m := w.membership(s, w.halden)
				if err := w.Change(ctx, a, m.ID, "member", m.Expires); err != nil {
					w.Fatal(err)
				}
			}, begun.Add(time.Hour)},
			"disabled": {func(s account.Session) {
				if err := w.Disable(ctx, a, w.membership(s, w.halden).ID); err != nil {
					w.Fatal(err)
				}
			}, time.Time{}},
		} {
			w.at = begun
			ana := w.join(a, name[:5]+"@halden.example", "canvasser")
			w.at = begun.Add(time.Hour)
			c.end(ana)
			got, standing := sit(ana.Account)
			if standing.Welcome || !standing.Ended.Equal(c.want) || got.May(PermitGroup) != !c.want.IsZero() || got.Org() != w.halden {
				w.Errorf("%s: %+v, want until %v; holds %v", name, standing, c.want, got.May(PermitGroup))
			}
		}
	})
}

func TestAGuestWorksOnADeviceAndNowhereElse(t *testing.T) {
	both(t, func(w *world) {
		var who account.ID
		ends := w.at.Add(24 * time.Hour)
		err := w.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			who, err = w.AdmitGuest(ctx, tx, w.halden, "Sam", words.ES, "canvasser", ends)
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		welcome := func() bool {
			_, standing, err := w.SitByDevice(ctx, w.db, who, w.halden, lookUp, nil)
			if err != nil {
				w.Fatal(err)
			}
			return standing.Welcome
		}
		if !welcome() {
			w.Error("the guest is not let in")
		}
		acc, err := w.accounts.Account(ctx, who)
		if err != nil || acc.Email != "" || acc.Name != "Sam" {
			w.Errorf("the guest's account: %+v %v", acc, err)
		}
		people, err := w.People(ctx, w.admin())
		if err != nil {
			w.Fatal(err)
		}
		for _, m := range people {
			if m.Account == who && m.Email != "" {
				w.Errorf("the guest's address shows as %q", m.Email)
			}
		}
		if n, err := w.WarnExpiring(ctx); err != nil || n == 0 {
			w.Errorf("telling those whose access ends: %d %v", n, err)
		}
		w.at = ends.Add(time.Minute)
		if welcome() {
			w.Error("the guest stays beyond the end")
		}
	})
}
