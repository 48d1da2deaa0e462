package app

import (
	"io/fs"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/accountpage"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/job"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/orgpage"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/outboxpage"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
)

// defs are the permits of the ground and of the programs.
func defs(programs []Program) [][]permit.Def {
	all := [][]permit.Def{org.Permits}
	for _, p := range programs {
		all = append(all, p.Permits)
	}
	return all
}

// roles are the roles that come with the product.
func roles(programs []Program) []permit.Role {
	all := org.Roles
	for _, p := range programs {
		all = append(all[:len(all):len(all)], p.Roles...)
	}
	return all
}

// Kinds is the ledger's catalogue for a site of these programs.
func Kinds(programs []Program) []ledger.KindDef { // the ledger adds its own
	var all []ledger.KindDef
	for _, k := range [][]ledger.KindDef{account.Kinds, org.Kinds, place.Kinds, outbox.Kinds, exchange.Kinds} {
		all = append(all, k...)
	}
	for _, p := range programs {
		all = append(all, p.Kinds...)
	}
	return all
}

func spanish(programs []Program) [][]byte {
	all := [][]byte{web.Spanish, db.Spanish, ledger.Spanish, job.Spanish, account.Spanish, org.Spanish, place.Spanish, outbox.Spanish, exchange.Spanish, accountpage.Spanish, orgpage.Spanish, outboxpage.Spanish}
	for _, p := range programs {
		all = append(all, p.Spanish...)
	}
	return all
}

func assets(programs []Program) []fs.FS {
	all := []fs.FS{accountpage.Built}
	for _, p := range programs {
		all = append(all, p.Assets...)
	}
	return all
}

// nav puts the programs' work first and the organisation's own affairs last.
func nav(programs []Program) []web.NavGroup {
	var all []web.NavGroup
	for _, p := range programs {
		all = append(all, p.Nav...)
	}
	return append(all, orgpage.Nav...)
}
