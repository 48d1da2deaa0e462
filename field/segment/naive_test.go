package segment_test

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
)

// naive answers plans by looking at one person after the other, with what the tables say.
type naive struct {
	people map[int64]*naivePerson
	ids    []int64
	homes  map[int64][]int64 // by household key, of the universe
	u      list.Universe
	saved  map[int64]map[int64]bool
	subs   map[*list.Step]map[int64]bool
}

type naivePerson struct {
	ID           int64  `db:"person_id"`
	Last         string `db:"last_key"`
	First        string `db:"first_key"`
	BirthYear    int64  `db:"birth_year"`
	BirthDate    int64  `db:"birth_date"`
	Sex          string `db:"sex"`
	Race         string `db:"race"`
	Party        string `db:"party"`
	Status       string `db:"status"`
	RegisteredOn int64  `db:"registered_on"`
	City         string `db:"city"`
	ZIP          string `db:"zip"`
	Household    int64  `db:"household_key"`
	Door         int64  `db:"address_key"`
	County       string `db:"county"`
	Precinct     string `db:"precinct"`
	Congress     string `db:"congress"`
	Municipality string `db:"municipality"`
	Districts    string `db:"districts"`
	Confidential int64  `db:"confidential"`
	Minor        int64  `db:"minor"`
	DroppedOn    int64  `db:"dropped_on"`

	lon, lat list.Micro
	placed   bool
	votes    []naiveVote
	phones   []naivePhone
	emails   []naivePhone
	facts    map[string][]naiveFact // by table
	score    map[int64]int64
}

type naiveVote struct {
	Person   int64  `db:"person_id"`
	Election int64  `db:"election_id"`
	Method   int64  `db:"method"`
	Party    string `db:"party"`
}

type naivePhone struct {
	Person int64  `db:"person_id"`
	Number string `db:"number"`
	Org    int64  `db:"org_id"`
	Kind   string `db:"kind"`
	Wrong  int64  `db:"wrong_at"`
}

type naiveFact struct {
	Person  int64  `db:"person_id"`
	Object  int64  `db:"object"`
	Org     int64  `db:"org_id"`
	Text    string `db:"text_value"`
	Number  int64  `db:"number_value"`
	Account int64  `db:"account_id"`
	At      int64  `db:"at"`
	ID      string `db:"id"`
}

func all[T any](t testing.TB, d *db.DB, q string, args ...any) []T {
	t.Helper()
	rows, err := db.All[T](db.WithSite(context.Background()), d, q, args...)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func readNaive(t testing.TB, d *db.DB, u list.Universe) *naive {
	n := &naive{people: map[int64]*naivePerson{}, homes: map[int64][]int64{}, u: u, saved: map[int64]map[int64]bool{}, subs: map[*list.Step]map[int64]bool{}}
	for _, p := range all[naivePerson](t, d, `SELECT person_id, last_key, first_key, birth_year, birth_date, sex, race, party, status, registered_on, city, zip, household_key, address_key,
		county, precinct, congress, municipality, districts, confidential, minor, dropped_on FROM field_person WHERE voterfile_id = ?`, u.VoterFile) {
		p.facts, p.score = map[string][]naiveFact{}, map[int64]int64{}
		n.people[p.ID] = &p
		if n.in(&p) && p.Household != 0 {
			n.homes[p.Household] = append(n.homes[p.Household], p.ID)
		}
	}
	n.ids = slices.Sorted(maps.Keys(n.people))
	type place struct {
		Key int64   `db:"key"`
		Lon float64 `db:"lon"`
		Lat float64 `db:"lat"`
	}
	places := map[int64]place{}
	for _, p := range all[place](t, d, `SELECT key, lon, lat FROM place_address`) {
		places[p.Key] = p
	}
	for _, p := range n.people {
		if x, ok := places[p.Door]; ok {
			p.lon, p.lat, p.placed = list.ToMicro(x.Lon), list.ToMicro(x.Lat), true
		}
	}
	for _, v := range all[naiveVote](t, d, `SELECT person_id, election_id, method, party FROM field_vote`) {
		if p := n.people[v.Person]; p != nil {
			p.votes = append(p.votes, v)
		}
	}
	for _, v := range all[naivePhone](t, d, `SELECT person_id, number, org_id, kind, wrong_at FROM field_phone`) {
		if p := n.people[v.Person]; p != nil {
			p.phones = append(p.phones, v)
		}
	}
	for _, v := range all[naivePhone](t, d, `SELECT person_id, email AS number, org_id, '' AS kind, wrong_at FROM field_email`) {
		if p := n.people[v.Person]; p != nil {
			p.emails = append(p.emails, v)
		}
	}
	for table, q := range map[string]string{
		"code":        `SELECT person_id, code_id AS object, org_id, '' AS text_value, 0 AS number_value, account_id, applied_at AS at, '' AS id FROM field_person_code`,
		"tag":         `SELECT person_id, tag_id AS object, org_id, '' AS text_value, 0 AS number_value, account_id, applied_at AS at, '' AS id FROM field_person_tag`,
		"answer":      `SELECT person_id, question_id AS object, org_id, '' AS text_value, response_id AS number_value, account_id, answered_at AS at, answer_id AS id FROM field_answer`,
		"contact":     `SELECT person_id, 0 AS object, org_id, channel || '/' || result AS text_value, 0 AS number_value, account_id, tried_at AS at, contact_id AS id FROM field_contact`,
		"suppression": `SELECT person_id, 0 AS object, org_id, channel AS text_value, 0 AS number_value, 0 AS account_id, 0 AS at, '' AS id FROM field_suppression`,
		"signup":      `SELECT person_id, event_id AS object, org_id, status AS text_value, 0 AS number_value, 0 AS account_id, 0 AS at, '' AS id FROM field_signup`,
		"target":      `SELECT person_id, target_id AS object, 0 AS org_id, '' AS text_value, group_id AS number_value, 0 AS account_id, 0 AS at, '' AS id FROM field_person_target`,
		"custom":      `SELECT person_id, custom_id AS object, org_id, text_value, number_value, account_id, changed_at AS at, '' AS id FROM field_person_custom`,
	} {
		for _, f := range all[naiveFact](t, d, q) {
			if p := n.people[f.Person]; p != nil {
				p.facts[table] = append(p.facts[table], f)
			}
		}
	}
	for _, f := range all[naiveFact](t, d, `SELECT person_id, score_id AS object, value AS number_value FROM field_person_score`) {
		if p := n.people[f.Person]; p != nil {
			p.score[f.Object] = f.Number
		}
	}
	type chunk struct {
		List   int64  `db:"list_id"`
		Chunk  int64  `db:"chunk"`
		People []byte `db:"people"`
	}
	for _, c := range all[chunk](t, d, `SELECT list_id, chunk, people FROM field_list_chunk`) {
		m := roaring.New()
		if err := m.UnmarshalBinary(c.People); err != nil {
			t.Fatal(err)
		}
		if n.saved[c.List] == nil {
			n.saved[c.List] = map[int64]bool{}
		}
		for _, low := range m.ToArray() {
			n.saved[c.List][c.Chunk<<16|int64(low)] = true
		}
	}
	return n
}

func (n *naive) in(p *naivePerson) bool {
	return (n.u.Dropped || p.DroppedOn == 0) && (n.u.Minors || p.Minor == 0) && (n.u.Confidential || p.Confidential == 0)
}

// visible are the facts of one definition that the organisation counts: its own here, since nothing is shared but object 2 of each kind.
func (n *naive) visible(p *naivePerson, table string, object int64) []naiveFact {
	var out []naiveFact
	for _, f := range p.facts[table] {
		if f.Object == object && (f.Org == n.u.Org || object == sharedObject || table == "target") {
			out = append(out, f)
		}
	}
	return out
}

const sharedObject = 2

func (n *naive) attr(p *naivePerson, a list.Attr) string {
	switch a {
	case list.Status:
		return p.Status
	case list.Party:
		return p.Party
	case list.Sex:
		return p.Sex
	case list.Race:
		return p.Race
	case list.County:
		return p.County
	case list.Precinct:
		return list.PrecinctValue(p.County, p.Precinct)
	case list.City:
		return p.City
	case list.ZIP:
		return list.ZIPValue(p.ZIP)
	case list.Congress:
		return p.Congress
	case list.Municipality:
		return p.Municipality
	}
	kind, _ := strings.CutPrefix(string(a), string(list.District))
	m := map[string]string{}
	_ = json.Unmarshal([]byte(p.Districts), &m)
	return m[kind]
}

func (n *naive) right(rows []naivePhone, kinds []string) []string {
	own := map[string]bool{}
	for _, r := range rows {
		if r.Org == n.u.Org {
			own[r.Number] = true
		}
	}
	var out []string
	for _, r := range rows {
		if (r.Org == n.u.Org || r.Org == 0 && !own[r.Number]) && r.Wrong == 0 && (len(kinds) == 0 || slices.Contains(kinds, r.Kind)) {
			out = append(out, r.Number)
		}
	}
	return out
}

func inDays(f naiveFact, d list.Days, by []int64) bool {
	return (d.Since == 0 || f.At >= d.Since) && (d.Until == 0 || f.At < d.Until) && (len(by) == 0 || slices.Contains(by, f.Account))
}

func between(x int64, known bool, from, to *int64) bool {
	return known && (from == nil || x >= *from) && (to == nil || x <= *to)
}

func (n *naive) meets(p *naivePerson, node list.Node) bool {
	switch x := node.(type) {
	case nil:
		return true
	case list.All:
		return !slices.ContainsFunc(x, func(y list.Node) bool { return !n.meets(p, y) })
	case list.Any:
		return slices.ContainsFunc(x, func(y list.Node) bool { return n.meets(p, y) })
	case list.None:
		return !slices.ContainsFunc(x, func(y list.Node) bool { return n.meets(p, y) })
	case list.LivesWith:
		if p.Household == 0 {
			return n.meets(p, x.Who)
		}
		return slices.ContainsFunc(n.homes[p.Household], func(id int64) bool { return n.meets(n.people[id], x.Who) })
	case list.Is:
		return slices.Contains(x.Values, n.attr(p, x.Attr))
	case list.Between:
		v, known := n.number(p, x.Attr)
		return between(v, known, x.From, x.To)
	case list.Known:
		switch x.Attr {
		case list.Door:
			return p.Household != 0
		case list.Place:
			return p.placed
		}
		_, known := n.number(p, x.Attr)
		return known
	case list.Name:
		key := p.Last
		if x.Part == "first" {
			key = p.First
		}
		return slices.ContainsFunc(x.Values, func(s string) bool { return key == s || x.Begins && strings.HasPrefix(key, s) })
	case list.Area:
		return p.placed && x.Has(p.lon, p.lat)
	case list.Disc:
		return p.placed && x.Has(p.lon, p.lat)
	}
	return n.knows(p, node)
}

func (n *naive) number(p *naivePerson, a list.Attr) (int64, bool) {
	switch a {
	case list.Birth:
		b := list.Born(p.BirthDate, p.BirthYear)
		return b, b != 0
	case list.RegisteredOn:
		return p.RegisteredOn, p.RegisteredOn != 0
	case list.HouseholdSize:
		if p.Household == 0 {
			return 1, true
		}
		return int64(len(n.homes[p.Household])), true
	}
	k := int64(0)
	for _, v := range p.votes {
		if v.Method != int64(layout.NotCounted) {
			k++
		}
	}
	return k, true
}

func (n *naive) knows(p *naivePerson, node list.Node) bool {
	switch x := node.(type) {
	case list.Voted:
		k := 0
		for _, v := range p.votes {
			m := layout.Method(v.Method)
			if slices.Contains(x.Elections, v.Election) && m != layout.NotCounted && (len(x.Methods) == 0 || slices.Contains(x.Methods, m.String())) &&
				(len(x.Parties) == 0 || slices.Contains(x.Parties, v.Party)) {
				k++
			}
		}
		return k >= *x.AtLeast && k <= *x.AtMost
	case list.Phone:
		kinds := x.Kinds
		if x.Textable {
			if len(kinds) > 0 && !slices.Contains(kinds, "cell") || n.meets(p, list.Suppressed{Channels: []string{"text"}}) {
				return false
			}
			kinds = []string{"cell"}
		}
		return len(n.right(p.phones, kinds)) > 0
	case list.Email:
		return len(n.right(p.emails, nil)) > 0
	case list.Suppressed:
		return slices.ContainsFunc(p.facts["suppression"], func(f naiveFact) bool {
			return (f.Org == 0 || f.Org == n.u.Org) && (len(x.Channels) == 0 || slices.Contains(x.Channels, f.Text))
		})
	case list.Scored:
		s, ok := p.score[x.Score]
		return between(s, ok, &x.From, &x.To)
	case list.Answered:
		var got []naiveFact
		for _, f := range n.visible(p, "answer", x.Question) {
			if inDays(f, x.Days, x.By) {
				got = append(got, f)
			}
		}
		slices.SortFunc(got, func(a, b naiveFact) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
		if !x.Ever && len(got) > 1 {
			got = got[len(got)-1:]
		}
		return slices.ContainsFunc(got, func(f naiveFact) bool { return len(x.Responses) == 0 || slices.Contains(x.Responses, f.Number) })
	case list.Code:
		return slices.ContainsFunc(x.Codes, func(id int64) bool {
			return slices.ContainsFunc(n.visible(p, "code", id), func(f naiveFact) bool { return inDays(f, x.Days, x.By) })
		})
	case list.Tag:
		return slices.ContainsFunc(x.Tags, func(id int64) bool { return len(n.visible(p, "tag", id)) > 0 })
	case list.Contact:
		k := 0
		for _, f := range p.facts["contact"] {
			channel, result, _ := strings.Cut(f.Text, "/")
			if slices.Contains(n.u.Contacts, f.Org) && inDays(f, x.Days, x.By) && (len(x.Channels) == 0 || slices.Contains(x.Channels, channel)) &&
				(len(x.Results) == 0 || slices.Contains(x.Results, result)) {
				k++
			}
		}
		return k >= *x.AtLeast && (x.AtMost == nil || k <= *x.AtMost)
	case list.Event:
		return slices.ContainsFunc(x.Events, func(id int64) bool {
			return slices.ContainsFunc(n.visible(p, "signup", id), func(f naiveFact) bool { return len(x.Statuses) == 0 || slices.Contains(x.Statuses, f.Text) })
		})
	case list.Custom:
		return slices.ContainsFunc(n.visible(p, "custom", x.Field), func(f naiveFact) bool {
			if len(x.Values) > 0 {
				return slices.Contains(x.Values, f.Text)
			}
			return between(f.Number, true, x.From, x.To)
		})
	case list.Target:
		return slices.ContainsFunc(n.visible(p, "target", x.Target), func(f naiveFact) bool { return len(x.Groups) == 0 || slices.Contains(x.Groups, f.Number) })
	case list.Saved:
		return n.saved[x.List][p.ID]
	case list.Sub:
		key := &x.Steps[0]
		if n.subs[key] == nil {
			n.subs[key] = n.steps(x.Steps)
		}
		return n.subs[key][p.ID]
	}
	panic("a node the oracle does not know")
}

func (n *naive) steps(steps []list.Step) map[int64]bool {
	set := map[int64]bool{}
	for _, st := range steps {
		next := map[int64]bool{}
		switch st.Do {
		case list.Start, list.Add, list.Narrow, list.Remove:
			for _, id := range n.ids {
				p := n.people[id]
				met := n.in(p) && n.meets(p, st.Where)
				if st.Do == list.Start && met || st.Do == list.Add && (set[id] || met) || st.Do == list.Narrow && set[id] && met || st.Do == list.Remove && set[id] && !met {
					next[id] = true
				}
			}
		case list.Households:
			maps.Copy(next, set)
			for id := range set {
				if k := n.people[id].Household; k != 0 {
					for _, other := range n.homes[k] {
						if n.meets(n.people[other], st.Where) {
							next[other] = true
						}
					}
				}
			}
		default:
			for _, id := range n.chosen(set, st) {
				next[id] = true
			}
		}
		set = next
	}
	return set
}

func (n *naive) chosen(set map[int64]bool, st list.Step) []int64 {
	units := map[int64][]int64{} // by key
	for _, id := range slices.Sorted(maps.Keys(set)) {
		key := n.people[id].Household
		if key == 0 || st.Do != list.OnePerHousehold && !st.Whole {
			key = id
		}
		units[key] = append(units[key], id)
	}
	if st.Do == list.OnePerHousehold {
		var out []int64
		for _, ids := range units {
			out = append(out, slices.MinFunc(ids, func(a, b int64) int { return n.prefer(st.Prefer, n.people[a], n.people[b]) }))
		}
		return out
	}
	keys := slices.SortedFunc(maps.Keys(units), func(a, b int64) int {
		return cmp.Or(cmp.Compare(list.Rank(a, st.Seed), list.Rank(b, st.Seed)), cmp.Compare(a, b))
	})
	from, to := 0, min(int(st.Take), len(keys))
	if st.Do == list.Part {
		from, to = (st.Part-1)*len(keys)/st.Parts, st.Part*len(keys)/st.Parts
	}
	var out []int64
	for _, k := range keys[from:to] {
		out = append(out, units[k]...)
	}
	return out
}

func (n *naive) prefer(p list.Prefer, a, b *naivePerson) int {
	value := func(x *naivePerson) (int64, bool) {
		switch p {
		case list.Oldest, list.Youngest:
			return n.number(x, list.Birth)
		case list.MostVotes:
			return n.number(x, list.VotesCast)
		}
		return n.number(x, list.RegisteredOn)
	}
	x, kx := value(a)
	y, ky := value(b)
	if kx != ky {
		if kx {
			return -1
		}
		return 1
	}
	if p == list.Oldest {
		x, y = y, x
	}
	return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.ID, b.ID))
}

// counts returns people, doors, phones and e-mail addresses.
func (n *naive) counts(set map[int64]bool) [4]int64 {
	doors, phones, emails := map[int64]bool{}, map[string]bool{}, map[string]bool{}
	for id := range set {
		p := n.people[id]
		doors[p.Household] = true
		for _, s := range n.right(p.phones, nil) {
			phones[s] = true
		}
		for _, s := range n.right(p.emails, nil) {
			emails[s] = true
		}
	}
	delete(doors, 0)
	return [4]int64{int64(len(set)), int64(len(doors)), int64(len(phones)), int64(len(emails))}
}
