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
		sit := func(who account.ID, needs permit.Permit) (Actor, bool) {
			got, welcome, err := w.SitByDevice(ctx, w.db, who, w.halden, needs, []permit.Permit{PermitGroup})
			if err != nil {
				w.Fatal(err)
			}
			return got, welcome
		}
		got, welcome := sit(ana.Account, lookUp)
		if !welcome || got.May(lookUp) || !got.May(PermitGroup) || got.Account() != ana.Account || got.Org() != w.halden || got.Who().Via != "device" {
			w.Errorf("Ana by a device: %v %v", got, welcome)
		}
		if got, welcome := sit(ana.Account, PermitAudit); welcome || got.May(PermitGroup) {
			w.Error("a device lets in somebody without the right it needs")
		}
		if _, err := w.End(ctx, a, w.membership(ana, w.halden).ID); err != nil {
			w.Fatal(err)
		}
		if got, welcome := sit(ana.Account, lookUp); welcome || got.May(PermitGroup) || got.Org() != w.halden {
			w.Error("a device outlives its person's membership, or forgets whose it is")
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
			_, is, err := w.SitByDevice(ctx, w.db, who, w.halden, lookUp, nil)
			if err != nil {
				w.Fatal(err)
			}
			return is
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
