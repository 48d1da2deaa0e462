package app

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/accountpage"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/job"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/ledgerpage"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/orgpage"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/outboxpage"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/placepage"
	"github.com/openprecinct/precinct/internal/web"
)

// defs are the permits of the ground and of the programs.
func defs(programs []Program) [][]permit.Def {
	all := [][]permit.Def{org.Permits, ledgerpage.Permits}
	for _, p := range programs {
		all = append(all, p.Permits)
	}
	return all
}

// roles are the roles that come with the product.
func roles(programs []Program) []permit.Role {
	all := slices.Concat(org.Roles, ledgerpage.Roles)
	for _, p := range programs {
		all = append(all[:len(all):len(all)], p.Roles...)
	}
	return all
}

// Kinds is the ledger's catalogue for a site of these programs.
func Kinds(programs []Program) []ledger.KindDef { // the ledger adds its own
	var all []ledger.KindDef
	for _, k := range [][]ledger.KindDef{account.Kinds, org.Kinds, place.Kinds, outbox.Kinds, exchange.Kinds, offline.Kinds, siteKinds} {
		all = append(all, k...)
	}
	for _, p := range programs {
		all = append(all, p.Kinds...)
	}
	return all
}

func spanish(programs []Program) [][]byte {
	all := [][]byte{siteSpanish, web.Spanish, db.Spanish, ledger.Spanish, job.Spanish, account.Spanish, org.Spanish, place.Spanish, outbox.Spanish, exchange.Spanish, offline.Spanish, accountpage.Spanish, orgpage.Spanish, outboxpage.Spanish, ledgerpage.Spanish, placepage.Spanish}
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
func nav(programs []Program, work []Work) []web.NavGroup {
	var all []web.NavGroup
	for _, p := range programs {
		all = append(all, p.Nav...)
	}
	for _, w := range work {
		all = append(all, w.Nav...)
	}
	return slices.Concat(all, orgpage.Nav, ledgerpage.Nav)
}

// groups sorts the ledger's kinds as people look for them: the ground's by package, a program's by noun.
func groups(programs []Program) []ledgerpage.Group {
	all := []ledgerpage.Group{
		{Key: "org", Title: "People and rights", Kinds: org.Kinds},
		{Key: "account", Title: "Accounts and signing in", Kinds: account.Kinds},
		{Key: "exchange", Title: "Spreadsheets in and out", Kinds: exchange.Kinds},
		{Key: "place", Title: "Maps", Kinds: place.Kinds},
		{Key: "outbox", Title: "Mail", Kinds: outbox.Kinds},
		{Key: "offline", Title: "Devices taken along", Kinds: offline.Kinds},
	}
	for _, p := range programs {
		for _, k := range p.Kinds {
			key := nounOf(k.Kind)
			i := slices.IndexFunc(all, func(g ledgerpage.Group) bool { return g.Key == key })
			if i < 0 {
				i = len(all)
				all = append(all, ledgerpage.Group{Key: key, Title: p.Nouns[key]})
			}
			all[i].Kinds = append(all[i].Kinds[:len(all[i].Kinds):len(all[i].Kinds)], k)
		}
	}
	return all
}

// nounOf returns the program and the noun of a kind: "field.voterfile" of "field.voterfile.load".
func nounOf(k ledger.Kind) string {
	parts := strings.SplitN(string(k), ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}
