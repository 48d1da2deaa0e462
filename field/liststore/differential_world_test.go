package liststore_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
)

// made is a made-up voter file with everything two organisations, 7 and 8, know about its people: rows as they are in the database, kept here too so that a
// plain reading of the contract can be compared with every engine.
type made struct {
	humans []*human
	at     map[int64][2]float64 // place of an address
	defs   map[string][]definition
	lists  map[int64][]int64
	turfs  map[int64][]int64 // and maps of turf, which have other numbers here

	private bool // learn only what nobody shares
}

type definition struct {
	id, org int64
	shared  bool
	parts   []int64 // responses, groups
	kind    string  // of a custom field
}

type human struct {
	id, file, household, address         int64
	birthDate, birthYear, registered     int64
	text                                 map[list.Attr]string // stored columns; Precinct without its county, ZIP whole
	last, first                          string
	districts                            map[string]string
	confidential, minor, dropped         int64
	votes                                []vote
	phones, emails                       []reach
	suppressions                         []suppression
	codes, tags, scores, customs, groups []fact
	answers, signups                     []fact
	contacts                             []attempt
}

type vote struct {
	election int64
	method   layout.Method
	party    string
}

type reach struct {
	what, kind string
	org        int64
	wrong      bool
}

type suppression struct {
	org     int64
	channel string
}

// fact is a row about a definition.
type fact struct {
	def, org, account, at int64
	id                    string // of an answer
	part                  int64  // response, group
	number                int64  // score, custom
	text                  string // custom, status
}

type attempt struct {
	id, channel, result string
	org, account, at    int64
}

const (
	ours, theirs = 7, 8
	today        = 20261121
	theFile      = 1
)

var elections = []list.Election{{ID: 2026110301, Day: 20261103, Type: "general"}, {ID: 2026030402, Day: 20260304, Type: "primary"}, {ID: 2024110501, Day: 20241105, Type: "general"},
	{ID: 2023110704, Day: 20231107, Type: "municipal"}, {ID: 2022110801, Day: 20221108, Type: "general"}, {ID: 2020110301, Day: 20201103, Type: "general"}}

func now() time.Time { return time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC) }

// makeWorld draws a world of n people.
func makeWorld(r *rand.Rand, n int) *made {
	w := &made{at: map[int64][2]float64{}, defs: map[string][]definition{}, lists: map[int64][]int64{}, turfs: map[int64][]int64{}}
	w.define(r, ours, theirs)
	for a := range int64(n / 3) {
		w.at[a+1] = [2]float64{-78.7 + 0.1*r.Float64(), 35.7 + 0.1*r.Float64()}
		if a%7 == 0 { // halves of a microdegree
			w.at[a+1] = [2]float64{float64(-78_650_000+r.IntN(50)*2)/1e6 + 0.5e-6, float64(35_750_000+r.IntN(50))/1e6 - 0.5e-6}
		}
	}
	for i := range n {
		w.humans = append(w.humans, w.human(r, int64(i)*53+1, n))
	}
	for _, org := range []int64{ours, theirs} {
		w.learn(r, org)
	}
	for l := range int64(3) {
		w.lists[1000+l] = w.draw(r, 0.2)
		w.turfs[2000+l] = w.draw(r, 0.2)
	}
	return w
}

// define makes four definitions of each kind: two of each organisation, of which one is shared.
func (w *made) define(r *rand.Rand, a, b int64) {
	id := int64(0)
	for _, kind := range []string{"code", "tag", "question", "score", "custom", "target", "event"} {
		for _, d := range []definition{{org: a}, {org: a, shared: true}, {org: b, shared: true}, {org: b}} {
			id++
			d.id = id
			for range 3 {
				id++
				d.parts = append(d.parts, id)
			}
			d.kind = []string{"text", "number", "choice", "date"}[r.IntN(4)]
			w.defs[kind] = append(w.defs[kind], d)
		}
	}
}

func (w *made) draw(r *rand.Rand, share float64) []int64 {
	var ids []int64
	for _, h := range w.humans {
		if r.Float64() < share {
			ids = append(ids, h.id)
		}
	}
	return ids
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (w *made) human(r *rand.Rand, id int64, n int) *human {
	h := &human{id: id, file: theFile, household: (1 + r.Int64N(int64(n/2))) * 0x1e3779b97f4a7c15, address: r.Int64N(int64(n / 2)),
		text: map[list.Attr]string{list.Status: pick(r, "active", "active", "inactive", "pending", "unknown", ""), list.Party: pick(r, "DEM", "REP", "UNA", "L'IB", ""),
			list.Sex: pick(r, "F", "M", "X", "U"), list.Race: pick(r, "black", "white", "hispanic", ""), list.Ethnicity: pick(r, "hispanic", "not_hispanic", ""),
			list.County: pick(r, "063", "001", ""), list.Precinct: pick(r, "12-01", "12-02", "7", ""), list.City: pick(r, "PORT ANSEL", "KETTLE BAY", "ÑUÑOA", ""),
			list.ZIP: pick(r, "27601", "27601-1234", "27603", ""), list.Congress: pick(r, "7", "12", ""), list.StateSenate: pick(r, "3", "4"),
			list.StateHouse: pick(r, "33", ""), list.Municipality: pick(r, "RA", "")},
		last: pick(r, "ortiz", "oneal", "ibarra", "ortega", ""), first: pick(r, "maria", "mario", "john", ""), districts: map[string]string{}}
	if r.IntN(8) == 0 {
		h.household = 0
	}
	if r.IntN(12) == 0 {
		h.file = 2
	}
	if year := int64(1930 + r.IntN(80)); r.IntN(6) > 0 {
		h.birthYear = year
		if r.IntN(4) > 0 {
			h.birthDate = year*10000 + int64(1+r.IntN(12))*100 + int64(1+r.IntN(28))
		}
	}
	if r.IntN(5) > 0 {
		h.registered = int64(1990+r.IntN(37))*10000 + int64(1+r.IntN(11))*100 + int64(1+r.IntN(28))
	}
	for _, k := range []string{"school", "ward"} {
		if v := pick(r, "4", "B", `É "9"`, "A&B<", ""); v != "" {
			h.districts[k] = v
		}
	}
	for _, flag := range []*int64{&h.confidential, &h.minor} {
		if r.IntN(10) == 0 {
			*flag = 1
		}
	}
	if r.IntN(10) == 0 {
		h.dropped = 20260101
	}
	for _, e := range elections {
		if r.IntN(2) == 0 {
			h.votes = append(h.votes, vote{e.ID, layout.Method(r.IntN(7)), pick(r, "DEM", "REP", "")})
		}
	}
	return h
}

// learn draws all that an organisation knows: its own reach, suppressions and contacts, and rows of the definitions it may use.
func (w *made) learn(r *rand.Rand, org int64) {
	for _, h := range w.humans {
		for _, o := range []int64{0, org} {
			if o == 0 && org != ours {
				continue // the file's own, once
			}
			for range r.IntN(3) {
				h.phones = addReach(h.phones, reach{pick(r, "5550140001", "5550140002", fmt.Sprint(5550150000+h.id)), pick(r, "cell", "cell", "home", "work", "unknown"), o, r.IntN(4) == 0})
			}
			if r.IntN(3) == 0 {
				h.emails = addReach(h.emails, reach{pick(r, "a@example.org", fmt.Sprint(h.id, "@example.org")), "", o, r.IntN(4) == 0})
			}
			if s := (suppression{o, pick(r, "door", "phone", "text", "mail", "email")}); r.IntN(6) == 0 && !slices.Contains(h.suppressions, s) {
				h.suppressions = append(h.suppressions, s)
			}
		}
		for i := range r.IntN(4) {
			h.contacts = append(h.contacts, attempt{fmt.Sprint("c", org, "-", i), pick(r, "door", "phone", "text"), pick(r, "not_home", "reached", "refused"), org, int64(30 + r.IntN(3)), moment(r)})
		}
		w.learnFacts(r, h, org)
	}
}

func (w *made) learnFacts(r *rand.Rand, h *human, org int64) {
	each := func(kind string, to *[]fact, f func(d definition) fact) {
		for _, d := range w.defs[kind] {
			if d.org != org && !d.shared || d.shared && w.private || r.IntN(4) > 0 {
				continue
			}
			x := f(d)
			x.def, x.org, x.account, x.at = d.id, org, int64(30+r.IntN(3)), moment(r)
			*to = append(*to, x)
		}
	}
	none := func(definition) fact { return fact{} }
	each("code", &h.codes, none)
	each("tag", &h.tags, none)
	for i := range 3 {
		each("question", &h.answers, func(d definition) fact {
			return fact{id: fmt.Sprint("a", org, "-", i, "-", d.id, r.IntN(1000)), part: pick(r, d.parts...)}
		})
	}
	each("custom", &h.customs, func(d definition) fact {
		if d.kind == "text" || d.kind == "choice" {
			return fact{text: pick(r, "Spanish", "a", "")}
		}
		return fact{number: int64(r.IntN(20)) - 3}
	})
	owned := func(kind string, to *[]fact, f func(d definition) fact) { // one row a person, of the owner
		each(kind, to, f)
		*to = slices.DeleteFunc(*to, func(x fact) bool { return x.org != w.def(kind, x.def).org })
	}
	owned("score", &h.scores, func(definition) fact { return fact{number: int64(r.IntN(1001))} })
	owned("target", &h.groups, func(d definition) fact { return fact{part: pick(r, d.parts...)} })
	owned("event", &h.signups, func(definition) fact { return fact{text: pick(r, "invited", "signed_up", "came")} })
}

func (w *made) def(kind string, id int64) definition {
	i := slices.IndexFunc(w.defs[kind], func(d definition) bool { return d.id == id })
	if i < 0 {
		return definition{}
	}
	return w.defs[kind][i]
}

func addReach(all []reach, x reach) []reach {
	if slices.ContainsFunc(all, func(o reach) bool { return o.what == x.what && o.org == x.org }) {
		return all
	}
	return append(all, x)
}

// moment draws one in the last year, often at the edge of a day.
func moment(r *rand.Rand) int64 {
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -r.IntN(300))
	return day.UnixMilli() + pick(r, 0, -1, int64(r.IntN(86_400_000)))
}

// forget takes away what only an organisation knows.
func (w *made) forget(org int64) {
	for _, h := range w.humans {
		h.phones = slices.DeleteFunc(h.phones, func(x reach) bool { return x.org == org })
		h.emails = slices.DeleteFunc(h.emails, func(x reach) bool { return x.org == org })
		h.suppressions = slices.DeleteFunc(h.suppressions, func(x suppression) bool { return x.org == org })
		h.contacts = slices.DeleteFunc(h.contacts, func(x attempt) bool { return x.org == org })
		for kind, of := range h.facts() {
			*of = slices.DeleteFunc(*of, func(x fact) bool { return x.org == org && !w.def(kind, x.def).shared })
		}
	}
}

func (h *human) facts() map[string]*[]fact {
	return map[string]*[]fact{"code": &h.codes, "tag": &h.tags, "question": &h.answers, "score": &h.scores, "custom": &h.customs, "target": &h.groups, "event": &h.signups}
}

// catalog is what org may ask about: its own definitions and shared ones.
func (w *made) catalog(org int64, u list.Universe) *list.Catalog {
	u.VoterFile, u.Org, u.Contacts = theFile, org, []int64{org}
	c := &list.Catalog{Today: today, Universe: u, Attrs: map[list.Attr]bool{}, Contacts: true, Phones: true, Elections: elections,
		Questions: map[int64]list.Question{}, Codes: map[int64]list.Definition{}, Tags: map[int64]list.Definition{}, Scores: map[int64]list.ScoreDef{},
		Customs: map[int64]list.CustomDef{}, Targets: map[int64]list.TargetDef{}, Events: map[int64]list.Definition{},
		Saved:  map[int64]list.SavedDef{1000: {}, 1001: {}, 1002: {}},
		People: map[int64]string{30: "a", 31: "b", 32: "c"}}
	if org == ours {
		c.Maps = map[int64]list.Definition{2000: {}}
		c.Turfs = map[int64]list.TurfDef{2001: {Map: 2000}, 2002: {Map: 2000}}
	}
	for _, a := range list.Attrs() {
		c.Attrs[a] = true
	}
	for kind, all := range w.defs {
		for _, d := range all {
			if d.org != org && !d.shared {
				continue
			}
			def := list.Definition{ID: d.id, Org: d.org}
			var parts []list.Definition
			for _, p := range d.parts {
				parts = append(parts, list.Definition{ID: p})
			}
			switch kind {
			case "code":
				c.Codes[d.id] = def
			case "tag":
				c.Tags[d.id] = def
			case "question":
				c.Questions[d.id] = list.Question{Definition: def, Responses: parts}
			case "score":
				c.Scores[d.id] = list.ScoreDef{Definition: def, Decimals: 1, Max: 1000}
			case "custom":
				c.Customs[d.id] = list.CustomDef{Definition: def, Type: d.kind, Choices: []string{"Spanish", "a", ""}}
			case "target":
				c.Targets[d.id] = list.TargetDef{Definition: def, Groups: parts}
			case "event":
				c.Events[d.id] = def
			}
		}
	}
	return c
}

// write puts the world into an empty database. clear takes everything that learn made out first.
func (w *made) write(t testing.TB, d *db.DB, clear bool) {
	t.Helper()
	err := d.Transact(db.WithSite(context.Background()), func(ctx context.Context, tx *db.Tx) error {
		if clear {
			for _, table := range []string{"field_phone", "field_email", "field_suppression", "field_contact", "field_person_code", "field_person_tag", "field_answer",
				"field_person_custom", "field_person_score", "field_person_target", "field_signup"} {
				if _, err := db.Exec(ctx, tx, `DELETE FROM `+table); err != nil {
					return err
				}
			}
		} else if err := w.writePeople(ctx, tx); err != nil {
			return err
		}
		return w.writeLearned(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

type rows = iter.Seq[[]any]

func (w *made) writePeople(ctx context.Context, tx *db.Tx) error {
	columns := []string{"person_id", "voterfile_id", "state_id", "last_name", "first_name", "middle_name", "suffix", "last_key", "first_key", "birth_year", "birth_date",
		"sex", "race", "ethnicity", "party", "status", "status_code", "status_reason", "registered_on", "house", "street", "unit", "address", "city", "region", "zip",
		"street_key", "household_key", "address_key", "mailing", "county", "precinct", "congress", "state_senate", "state_house", "municipality", "districts",
		"confidential", "minor", "dropped_on", "raw_import_id", "raw_file", "raw_offset", "raw_length", "raw_hash", "import_id"}
	tables := []struct {
		name    string
		columns []string
		rows    rows
	}{
		{"field_voterfile", []string{"id", "org_id", "state", "layout", "name", "created_at"}, slices.Values([][]any{{1, ours, "NC", "nc", "One", 0}, {2, theirs, "NC", "nc", "Two", 0}})},
		{"field_voterfile_grant", []string{"voterfile_id", "org_id", "granted_by", "granted_at", "ends_at"}, slices.Values([][]any{{1, theirs, 1, 0, int64(4102444800000)}})},
		{"place_address", []string{"key", "lon", "lat", "source"}, func(yield func([]any) bool) {
			for _, k := range slices.Sorted(maps.Keys(w.at)) {
				yield([]any{k, w.at[k][0], w.at[k][1], ""})
			}
		}},
		{"field_person", columns, func(yield func([]any) bool) {
			for _, h := range w.humans {
				districts, _ := json.Marshal(h.districts)
				yield([]any{h.id, h.file, fmt.Sprint("S", h.id), h.last, h.first, "", "", h.last, h.first, h.birthYear, h.birthDate,
					h.text[list.Sex], h.text[list.Race], h.text[list.Ethnicity], h.text[list.Party], h.text[list.Status], "", "", h.registered, "", "", "", "", h.text[list.City], "", h.text[list.ZIP],
					"", h.household, h.address, "", h.text[list.County], h.text[list.Precinct], h.text[list.Congress], h.text[list.StateSenate], h.text[list.StateHouse],
					h.text[list.Municipality], string(districts), h.confidential, h.minor, h.dropped, 1, 0, 0, 0, 0, 1})
			}
		}},
		{"field_vote", []string{"person_id", "election_id", "method", "party", "county"}, func(yield func([]any) bool) {
			for _, h := range w.humans {
				for _, v := range h.votes {
					yield([]any{h.id, v.election, int64(v.method), v.party, ""})
				}
			}
		}},
		{"field_election", []string{"id", "held_on", "type", "name"}, func(yield func([]any) bool) {
			for _, e := range elections {
				typ, _ := layout.ParseElectionType(e.Type)
				yield([]any{e.ID, e.Day, int64(typ), ""})
			}
		}},
		{"field_list", []string{"id", "org_id", "voterfile_id", "folder_id", "kind", "name", "criteria", "people", "doors", "epoch", "counted_at", "created_by", "created_at", "changed_at"},
			slices.Values([][]any{{1000, ours, 1, 0, "list", "a", "", 0, 0, 0, 0, 1, 0, 0}, {1001, ours, 1, 0, "list", "b", "", 0, 0, 0, 0, 1, 0, 0}, {1002, ours, 1, 0, "list", "c", "", 0, 0, 0, 0, 1, 0, 0}})},
		{"field_list_chunk", []string{"list_id", "chunk", "people"}, w.chunks},
		{"field_turf_map", []string{"id", "org_id", "voterfile_id", "list_id", "name", "doors", "people", "ground", "created_by", "created_at", "changed_at"},
			slices.Values([][]any{{2000, ours, 1, 1000, "a", 0, 0, packed(w.turfs[2000]), 1, 0, 0}})},
		{"field_turf", []string{"id", "map_id", "org_id", "number", "name", "hue", "doors", "people", "metres", "minutes", "hash", "content", "created_by", "created_at"},
			slices.Values([][]any{{2001, 2000, ours, 1, "a", 0, 0, 0, 0, 0, "a", packed(w.turfs[2001]), 1, 0}, {2002, 2000, ours, 2, "b", 0, 0, 0, 0, 0, "b", packed(w.turfs[2002]), 1, 0}})},
	}
	for _, x := range append(tables, w.definitions()...) {
		if _, err := db.Bulk(ctx, tx, x.name, x.columns, x.rows); err != nil {
			return err
		}
	}
	return nil
}

// packed is what a map or turf keeps of its doors, two people behind each.
func packed(people []int64) []byte {
	type door struct {
		People []int64 `json:"m"`
	}
	var doors []door
	for some := range slices.Chunk(people, 2) {
		doors = append(doors, door{some})
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_ = json.NewEncoder(z).Encode(map[string]any{"doors": doors, "outline": []int{}})
	_ = z.Close()
	return b.Bytes()
}

func (w *made) chunks(yield func([]any) bool) {
	for _, id := range slices.Sorted(maps.Keys(w.lists)) {
		chunks := map[int64]*roaring.Bitmap{}
		for _, p := range w.lists[id] {
			if chunks[p>>16] == nil {
				chunks[p>>16] = roaring.New()
			}
			chunks[p>>16].Add(uint32(p & 0xffff))
		}
		for _, c := range slices.Sorted(maps.Keys(chunks)) {
			b, _ := chunks[c].ToBytes()
			yield([]any{id, c, b})
		}
	}
}

func (w *made) definitions() (tables []struct {
	name    string
	columns []string
	rows    rows
}) {
	shared := func(d definition) int64 {
		if d.shared {
			return 1
		}
		return 0
	}
	for kind, all := range w.defs {
		columns, values := []string{"id", "org_id", "name", "status", "shared", "created_by", "created_at", "changed_at"}, func(definition) []any { return nil }
		switch kind {
		case "code", "question":
			columns = append(columns, "medium_name", "short_name")
			values = func(definition) []any { return []any{"", ""} }
		case "score":
			columns = append(columns, "medium_name", "short_name", "decimals", "min_value", "max_value")
			values = func(definition) []any { return []any{"", "", 1, 0, 1000} }
		case "custom":
			columns = append(columns, "kind")
			values = func(d definition) []any { return []any{d.kind} }
		case "event":
			columns = append(columns, "starts_at")
			values = func(definition) []any { return []any{0} }
		}
		tables = append(tables, struct {
			name    string
			columns []string
			rows    rows
		}{"field_" + kind, columns, func(yield func([]any) bool) {
			for _, d := range all {
				yield(append([]any{d.id, d.org, fmt.Sprint(kind, d.id), "active", shared(d), 1, 0, 0}, values(d)...))
			}
		}})
	}
	return tables
}

func (w *made) writeLearned(ctx context.Context, tx *db.Tx) error {
	each := func(f func(h *human, yield func(...any))) rows {
		return func(yield func([]any) bool) {
			for _, h := range w.humans {
				f(h, func(row ...any) { yield(row) })
			}
		}
	}
	wrong := func(x reach) int64 {
		if x.wrong {
			return 1
		}
		return 0
	}
	for _, x := range []struct {
		name    string
		columns []string
		rows    rows
	}{
		{"field_phone", []string{"person_id", "number", "org_id", "kind", "source", "confidence", "wrong_at"}, each(func(h *human, y func(...any)) {
			for _, p := range h.phones {
				y(h.id, p.what, p.org, p.kind, "", 0, wrong(p))
			}
		})},
		{"field_email", []string{"person_id", "email", "org_id", "source", "confidence", "wrong_at"}, each(func(h *human, y func(...any)) {
			for _, p := range h.emails {
				y(h.id, p.what, p.org, "", 0, wrong(p))
			}
		})},
		{"field_suppression", []string{"person_id", "org_id", "channel", "reason", "account_id", "created_at"}, each(func(h *human, y func(...any)) {
			for _, s := range h.suppressions {
				y(h.id, s.org, s.channel, "", 1, 0)
			}
		})},
		{"field_contact", []string{"person_id", "contact_id", "org_id", "account_id", "channel", "result", "source", "tried_at"}, each(func(h *human, y func(...any)) {
			for _, c := range h.contacts {
				y(h.id, c.id, c.org, c.account, c.channel, c.result, "hand", c.at)
			}
		})},
		{"field_person_code", []string{"person_id", "code_id", "org_id", "account_id", "applied_at"}, each(func(h *human, y func(...any)) {
			for _, f := range h.codes {
				y(h.id, f.def, f.org, f.account, f.at)
			}
		})},
		{"field_person_tag", []string{"person_id", "tag_id", "org_id", "account_id", "applied_at"}, each(func(h *human, y func(...any)) {
			for _, f := range h.tags {
				y(h.id, f.def, f.org, f.account, f.at)
			}
		})},
		{"field_answer", []string{"person_id", "answer_id", "question_id", "response_id", "org_id", "account_id", "source", "answered_at"}, each(func(h *human, y func(...any)) {
			for _, f := range h.answers {
				y(h.id, f.id, f.def, f.part, f.org, f.account, "hand", f.at)
			}
		})},
		{"field_person_custom", []string{"person_id", "custom_id", "org_id", "text_value", "number_value", "account_id", "changed_at"}, each(func(h *human, y func(...any)) {
			for _, f := range h.customs {
				y(h.id, f.def, f.org, f.text, f.number, f.account, f.at)
			}
		})},
		{"field_person_score", []string{"person_id", "score_id", "value"}, each(func(h *human, y func(...any)) {
			for _, f := range h.scores {
				y(h.id, f.def, f.number)
			}
		})},
		{"field_person_target", []string{"person_id", "target_id", "group_id"}, each(func(h *human, y func(...any)) {
			for _, f := range h.groups {
				y(h.id, f.def, f.part)
			}
		})},
		{"field_signup", []string{"person_id", "event_id", "org_id", "status", "changed_at"}, each(func(h *human, y func(...any)) {
			for _, f := range h.signups {
				y(h.id, f.def, f.org, f.text, f.at)
			}
		})},
	} {
		if _, err := db.Bulk(ctx, tx, x.name, x.columns, x.rows); err != nil {
			return err
		}
	}
	return nil
}
