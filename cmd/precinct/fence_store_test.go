package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// emptyForms are pages that ask no store for anything: they show nothing of the organisation.
var emptyForms = map[string]bool{"/o/{org}/org/role/edit": true, "/o/{org}/org/partner/add": true, "/o/{org}/field/person": true, "/o/{org}/field/person/last": true, "/o/{org}/field/voterfile/new": true,
	"/o/{org}/field/codebook/{kind}/new": true}

// TestFenceBehindTheRoutes takes the permits off all routes: what stands behind them must still refuse somebody who holds none.
func TestFenceBehindTheRoutes(t *testing.T) {
	e := newEstate(t, "", nil)
	c := e.site.Web()
	declared := c.Routes
	c.Routes = nil
	for _, r := range declared {
		if r.Permit != permit.Public {
			r.Permit = permit.SignedIn
		}
		c.Routes = append(c.Routes, r)
	}
	h, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range declared {
		if r.Permit == permit.Public || r.Permit == permit.SignedIn {
			continue
		}
		path := strings.NewReplacer("{org}", fmt.Sprint(e.alpha.id), "{import}", fmt.Sprint(e.alpha.imported), "{load}", fmt.Sprint(e.alpha.load), "{kind}", "code", "{version}", "1").Replace(r.Path)
		for prefix, id := range map[string]any{"/voterfile/{id}": e.alpha.file, "/field/person/{id}": e.alpha.person, "/org/folder/{id}": e.alpha.folder,
			"/org/person/{id}": e.alpha.membership, "/org/invite/{id}": e.alpha.invitation, "/org/group/{id}": e.alpha.group, "/org/partner/{id}": e.bravo.id, "/ledger/{id}": e.alpha.entry,
			"/field/list/{id}": e.alpha.list, "/field/export/{id}": e.alpha.export, "/codebook/code/{id}": e.alpha.code, "/codebook/score/{id}": e.alpha.score, "/field/upload/{id}": e.alpha.upload, "/field/script/{id}": e.alpha.script, "/field/turf/{id}": e.alpha.turf,
			"/field/canvass/map/{id}": e.alpha.turf} {
			if strings.Contains(path, prefix) {
				path = strings.Replace(path, "{id}", fmt.Sprint(id), 1)
			}
		}
		form := fullForm()
		for k, v := range map[string]string{"q": "rosa qzalpha", "purpose": "question", "email": "x@people.example", "org": "X", "permit": "org.member.see", "member": fmt.Sprint(e.alpha.membership), "entry": fmt.Sprint(e.alpha.entry), "date": "2026-11-01", "layout": "nc", "partner": "3", "with": "org:1"} {
			form.Set(k, v)
		}
		if r.Method == http.MethodGet {
			path, form = path+"?purpose=question", nil
		}
		res := reply(h, request(e.alpha.session[nothing], r.Method, path, form))
		if r.Method == http.MethodGet && emptyForms[r.Path] {
			if strings.Contains(strings.ToLower(res.Body.String()), "qzalpha f") || strings.Contains(res.Body.String(), "Qzalpha, ") {
				t.Errorf("%s was an empty form and shows something", r.Path)
			}
			continue
		}
		if res.Code == http.StatusOK || res.Code == http.StatusSeeOther {
			t.Errorf("%s %s without %s: %d %s", r.Method, r.Path, r.Permit, res.Code, res.Header().Get("Location"))
		}
	}
}
