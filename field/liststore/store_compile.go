package liststore

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
)

// sqlPart is a piece of a statement with its values.
type sqlPart struct {
	text string
	args []any
}

func part(text string, args ...any) sqlPart { return sqlPart{text, args} }

// yes and no are the conditions that everybody and nobody meets.
var yes, no = part("1 = 1"), part("1 = 0")

// filled puts parts where text has %s, in order.
func filled(text string, parts ...sqlPart) sqlPart {
	texts := make([]any, len(parts))
	var args []any
	for i, p := range parts {
		texts[i] = p.text
		args = append(args, p.args...)
	}
	return sqlPart{fmt.Sprintf(text, texts...), args}
}

// compiler turns a plan into one statement of common table expressions, the same for both engines: one for each step, each saved search and each
// condition on households. Each is worked out once, however often it is named: in a chain of steps that each look back twice it would be twice as
// many times with every step. Two-valued logic throughout: no condition is ever NULL.
type compiler struct {
	u      list.Universe
	frozen frozen // the people of lists and turfs that the plan names
	ctes   []sqlPart
	n      int
}

// compile returns the statement up to the name of its last step, a relation of person_id and household_key.
func compile(p list.Plan, people frozen) (with sqlPart, steps []string, err error) {
	c := &compiler{u: p.Universe, frozen: people}
	steps, err = c.steps(p.Steps)
	if err != nil {
		return with, nil, err
	}
	texts := make([]string, len(c.ctes))
	for i, x := range c.ctes {
		texts[i] = x.text
		with.args = append(with.args, x.args...)
	}
	with.text = "WITH " + strings.Join(texts, ",\n")
	return with, steps, nil
}

// name adds a common table expression and returns its name.
func (c *compiler) name(kind string, body sqlPart) string {
	c.n++
	name := kind + strconv.Itoa(c.n)
	c.ctes = append(c.ctes, sqlPart{name + " AS MATERIALIZED (" + body.text + ")", body.args})
	return name
}

// universe is the condition that field_person p is in the universe.
func (c *compiler) universe(p string) sqlPart {
	text := p + ".voterfile_id = ?"
	for _, x := range []struct {
		in     bool
		column string
	}{{c.u.Dropped, "dropped_on"}, {c.u.Minors, "minor"}, {c.u.Confidential, "confidential"}} {
		if !x.in {
			text += " AND " + p + "." + x.column + " = 0"
		}
	}
	return part(text, c.u.VoterFile)
}

const people = `SELECT p.person_id, p.household_key FROM field_person p WHERE `

func (c *compiler) steps(steps []list.Step) ([]string, error) {
	var names []string
	for _, s := range steps {
		cond := yes
		if s.Where != nil {
			var err error
			if cond, err = c.node(s.Where); err != nil {
				return nil, err
			}
		}
		before := ""
		if len(names) > 0 {
			before = names[len(names)-1]
		}
		body, err := c.step(s, before, cond)
		if err != nil {
			return nil, err
		}
		names = append(names, c.name("s", body))
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("a plan without steps")
	}
	return names, nil
}

func (c *compiler) step(s list.Step, before string, cond sqlPart) (sqlPart, error) {
	among := part(`p.person_id IN (SELECT person_id FROM ` + before + `)`)
	old := part(`SELECT person_id, household_key FROM ` + before)
	switch s.Do {
	case list.Start:
		return filled(people+`%s AND (%s)`, c.universe("p"), cond), nil
	case list.Add:
		return filled(`%s UNION `+people+`%s AND (%s)`, old, c.universe("p"), cond), nil
	case list.Narrow:
		return filled(people+`%s AND (%s)`, among, cond), nil
	case list.Remove:
		return filled(people+`%s AND NOT (%s)`, among, cond), nil
	case list.Households:
		return filled(`%s UNION `+people+`%s AND p.household_key <> 0 AND p.household_key IN (SELECT household_key FROM `+before+`) AND (%s)`,
			old, c.universe("p"), cond), nil
	case list.OnePerHousehold:
		return filled(`SELECT x.person_id, x.household_key FROM (SELECT p.person_id, p.household_key,
			ROW_NUMBER() OVER (PARTITION BY p.household_key ORDER BY %s, p.person_id) AS place FROM field_person p WHERE %s) x
			WHERE x.household_key = 0 OR x.place = 1`, preferred(s.Prefer), among), nil
	case list.Sample, list.Part:
		return c.random(s, before), nil
	}
	return sqlPart{}, fmt.Errorf("the step %q is not known", s.Do)
}

// born is list.Born.
const born = `(CASE WHEN p.birth_date <> 0 THEN p.birth_date WHEN p.birth_year <> 0 THEN CAST(p.birth_year AS BIGINT) * 10000 + 101 ELSE 0 END)`

// votesCast counts the elections a person voted in.
var votesCast = part(`(SELECT COUNT(*) FROM field_vote v WHERE v.person_id = p.person_id AND v.method <> ?)`, int64(layout.NotCounted))

// preferred orders the people of a household, those to keep first.
func preferred(p list.Prefer) sqlPart {
	switch p {
	case list.Oldest:
		return part(`CASE WHEN ` + born + ` = 0 THEN 99999999 ELSE ` + born + ` END`)
	case list.Youngest:
		return part(`-` + born)
	case list.MostVotes:
		return filled(`-%s`, votesCast)
	default:
		return part(`-p.registered_on`)
	}
}

// random orders the units of the people before by list.Rank, step by step in whole numbers below 2^63, and takes the wanted places.
func (c *compiler) random(s list.Step, before string) sqlPart {
	const prime = 1<<31 - 1
	key := `person_id`
	if s.Whole {
		key = `CASE WHEN household_key <> 0 THEN household_key ELSE person_id END`
	}
	p := strconv.Itoa(prime)
	fifth := func(from string) string {
		return c.name("r", part(`SELECT k, ((x * x % `+p+`) * (x * x % `+p+`) % `+p+`) * x % `+p+` AS x FROM `+from))
	}
	units := c.name("r", part(`SELECT DISTINCT `+key+` AS k, (`+key+`) % `+p+` AS x FROM `+before))
	first := c.name("r", part(`SELECT k, ((x + CASE WHEN x < 0 THEN `+p+` ELSE 0 END) * 48271 + CAST(? AS BIGINT)) % `+p+` AS x FROM `+units, s.Seed%prime))
	second := c.name("r", part(`SELECT k, (x * 69621 + CAST(? AS BIGINT)) % `+p+` AS x FROM `+fifth(first), s.Seed*40692%prime+1013904223))
	placed := c.name("r", part(`SELECT k, ROW_NUMBER() OVER (ORDER BY x, k) - 1 AS place, COUNT(*) OVER () AS units FROM `+fifth(second)))
	taken := part(`place < ?`, s.Take)
	if s.Do == list.Part {
		taken = part(`place >= units * CAST(? AS BIGINT) / CAST(? AS BIGINT) AND place < units * CAST(? AS BIGINT) / CAST(? AS BIGINT)`, s.Part-1, s.Parts, s.Part, s.Parts)
	}
	return filled(`SELECT person_id, household_key FROM `+before+` WHERE `+key+` IN (SELECT k FROM `+placed+` WHERE %s)`, taken)
}

// node is the condition that field_person p meets n.
func (c *compiler) node(n list.Node) (sqlPart, error) {
	switch n := n.(type) {
	case list.All:
		return c.many(n, " AND ", yes)
	case list.Any:
		return c.many(n, " OR ", no)
	case list.None:
		some, err := c.many(n, " OR ", no)
		return filled(`NOT (%s)`, some), err
	case list.LivesWith:
		return c.livesWith(n)
	case list.Sub:
		steps, err := c.steps(n.Steps)
		if err != nil {
			return sqlPart{}, err
		}
		return part(`p.person_id IN (SELECT person_id FROM ` + steps[len(steps)-1] + `)`), nil
	case list.Saved:
		ids, ok := c.frozen.lists[n.List]
		if !ok {
			return sqlPart{}, fmt.Errorf("the people of list %d were not read", n.List)
		}
		return in("p.person_id", ids), nil
	case list.Turf:
		ids, err := c.frozen.of(n)
		return in("p.person_id", ids), err
	}
	return c.criterion(n)
}

func (c *compiler) many(all []list.Node, word string, none sqlPart) (sqlPart, error) {
	parts := make([]sqlPart, len(all))
	for i, n := range all {
		var err error
		if parts[i], err = c.node(n); err != nil {
			return sqlPart{}, err
		}
	}
	return joined(parts, word, none), nil
}

// joined puts a word between parts, halves within halves: engines bound how deep an expression may go.
func joined(parts []sqlPart, word string, none sqlPart) sqlPart {
	switch len(parts) {
	case 0:
		return none
	case 1:
		return parts[0]
	}
	half := len(parts) / 2
	return filled(`(%s)`+word+`(%s)`, joined(parts[:half], word, none), joined(parts[half:], word, none))
}

func (c *compiler) livesWith(n list.LivesWith) (sqlPart, error) {
	who, err := c.node(n.Who)
	if err != nil {
		return sqlPart{}, err
	}
	w := c.name("w", filled(people+`%s AND (%s)`, c.universe("p"), who))
	return part(`p.person_id IN (SELECT person_id FROM ` + w + `) OR (p.household_key <> 0 AND p.household_key IN (SELECT household_key FROM ` + w + `))`), nil
}

// in is the condition that a column is one of values.
func in[T int64 | string](column string, values []T) sqlPart {
	const few = 64
	if len(values) <= few {
		return part(column+` IN (?)`, values)
	}
	return part(column+` IN (?)`, db.Many[T](values))
}

// also adds a condition on values where some are given.
func also[T int64 | string](text sqlPart, column string, values []T) sqlPart {
	if len(values) == 0 {
		return text
	}
	return filled(`%s AND %s`, text, in(column, values))
}

func (c *compiler) criterion(n list.Node) (sqlPart, error) {
	switch n := n.(type) {
	case list.Is:
		return is(n)
	case list.Between:
		return c.between(n)
	case list.Known:
		return known(n)
	case list.Name:
		return name(n), nil
	case list.Voted:
		return voted(n), nil
	case list.Area:
		return c.area(n), nil
	case list.Disc:
		return disc(n), nil
	case list.Phone:
		return c.phone(n), nil
	case list.Email:
		return filled(`EXISTS (%s)`, c.own("field_email", "email")), nil
	case list.Suppressed:
		return filled(`EXISTS (%s)`, also(part(`SELECT 1 FROM field_suppression t WHERE t.person_id = p.person_id AND t.org_id IN (0, ?)`, c.u.Org), "t.channel", n.Channels)), nil
	}
	return c.learned(n)
}

var columns = map[list.Attr]string{list.Status: "p.status", list.Party: "p.party", list.Sex: "p.sex", list.Race: "p.race", list.Ethnicity: "p.ethnicity",
	list.County: "p.county", list.Precinct: `CASE WHEN p.precinct = '' THEN '' ELSE p.county || '/' || p.precinct END`, list.City: "p.city",
	list.ZIP: "SUBSTR(p.zip, 1, 5)", list.Congress: "p.congress", list.StateSenate: "p.state_senate", list.StateHouse: "p.state_house", list.Municipality: "p.municipality"}

func is(n list.Is) (sqlPart, error) {
	if kind, ok := n.Attr.Other(); ok {
		return district(kind, n.Values), nil
	}
	column, ok := columns[n.Attr]
	if !ok {
		return sqlPart{}, fmt.Errorf("the attribute %q has no column", n.Attr)
	}
	return in(column, n.Values), nil
}

// district looks for "kind":"code" in the JSON of districts. Quotes within codes are escaped there, so what looks like a member is one.
func district(kind string, values []string) sqlPart {
	key := jsonText(kind) + ":"
	var parts []sqlPart
	for _, v := range values {
		if v == "" {
			parts = append(parts, part(`REPLACE(p.districts, ?, '') = p.districts`, key+`"`))
			continue
		}
		forms := []string{jsonText(v), `"` + v + `"`} // the import leaves < > & as they are
		for _, f := range forms[:1+min(1, strings.Count(forms[0], `\u00`))] {
			parts = append(parts, part(`REPLACE(p.districts, ?, '') <> p.districts`, key+f))
		}
	}
	return joined(parts, " OR ", no)
}

func jsonText(s string) string {
	b, _ := json.Marshal(s) // texts always can be
	return string(b)
}

func (c *compiler) between(n list.Between) (sqlPart, error) {
	switch n.Attr {
	case list.Birth:
		return bounded(part(born), n.From, n.To, part(born+` <> 0`)), nil
	case list.RegisteredOn:
		return bounded(part(`p.registered_on`), n.From, n.To, part(`p.registered_on <> 0`)), nil
	case list.VotesCast:
		return bounded(votesCast, n.From, n.To, yes), nil
	case list.HouseholdSize:
		size := filled(`(CASE WHEN p.household_key = 0 THEN 1 ELSE (SELECT COUNT(*) FROM field_person q WHERE q.household_key = p.household_key AND %s) END)`, c.universe("q"))
		return bounded(size, n.From, n.To, yes), nil
	}
	return sqlPart{}, fmt.Errorf("the attribute %q has no order in a plan", n.Attr)
}

func bounded(what sqlPart, from, to *int64, also sqlPart) sqlPart {
	out := also
	if from != nil {
		out = filled(`%s AND %s >= ?`, out, what)
		out.args = append(out.args, *from)
	}
	if to != nil {
		out = filled(`%s AND %s <= ?`, out, what)
		out.args = append(out.args, *to)
	}
	return out
}

func known(n list.Known) (sqlPart, error) {
	switch n.Attr {
	case list.Birth:
		return part(born + ` <> 0`), nil
	case list.RegisteredOn:
		return part(`p.registered_on <> 0`), nil
	case list.Door:
		return part(`p.household_key <> 0`), nil
	case list.Place:
		return part(`EXISTS (SELECT 1 FROM place_address a WHERE a.key = p.address_key)`), nil
	}
	return sqlPart{}, fmt.Errorf("whether %q is known is not asked in a plan", n.Attr)
}

func name(n list.Name) sqlPart {
	column := "p.last_key"
	if n.Part == "first" {
		column = "p.first_key"
	}
	if !n.Begins {
		return in(column, n.Values)
	}
	byLength := map[int][]string{}
	for _, v := range n.Values {
		byLength[len(v)] = append(byLength[len(v)], v)
	}
	var parts []sqlPart
	for length, values := range byLength {
		parts = append(parts, in(`SUBSTR(`+column+`, 1, `+strconv.Itoa(length)+`)`, values))
	}
	slices.SortFunc(parts, func(a, b sqlPart) int { return strings.Compare(a.text, b.text) })
	return joined(parts, " OR ", no)
}

func voted(n list.Voted) sqlPart {
	votes := part(`SELECT COUNT(*) FROM field_vote v WHERE v.person_id = p.person_id AND v.method <> ?`, int64(layout.NotCounted))
	votes = filled(`%s AND %s`, votes, in("v.election_id", n.Elections))
	var methods []int64
	for _, m := range n.Methods {
		if x, ok := layout.ParseMethod(m); ok {
			methods = append(methods, int64(x))
		}
	}
	votes = also(also(votes, "v.method", methods), "v.party", n.Parties)
	out := filled(`(%s) BETWEEN ? AND ?`, votes)
	out.args = append(out.args, int64(*n.AtLeast), int64(*n.AtMost))
	return out
}

// places is place_address in microdegrees, as list.ToMicro.
const places = `(SELECT key, CAST(FLOOR(lon * 1000000.0 + 0.5) AS BIGINT) AS x, CAST(FLOOR(lat * 1000000.0 + 0.5) AS BIGINT) AS y FROM place_address)`

func (c *compiler) area(n list.Area) sqlPart {
	var edges []string
	for _, r := range n.Rings {
		for i := 1; i < len(r); i++ {
			a, b := r[i-1], r[i]
			if a[1] > b[1] {
				a, b = b, a
			}
			if a[1] < b[1] { // no ray eastward meets a level edge
				edges = append(edges, fmt.Sprintf("(%d, %d, %d, %d)", a[0], a[1], b[0], b[1]))
			}
		}
	}
	if len(edges) == 0 {
		return no
	}
	e := c.name("e", part(`SELECT CAST(column1 AS BIGINT) AS ax, CAST(column2 AS BIGINT) AS ay, CAST(column3 AS BIGINT) AS bx, CAST(column4 AS BIGINT) AS py FROM (VALUES `+
		strings.Join(edges, ", ")+`) v`))
	return part(`EXISTS (SELECT 1 FROM `+places+` a WHERE a.key = p.address_key AND a.x BETWEEN ? AND ? AND a.y BETWEEN ? AND ?
		AND (SELECT COUNT(*) FROM `+e+` e WHERE e.ay <= a.y AND e.py > a.y AND (a.x - e.ax) * (e.py - e.ay) < (a.y - e.ay) * (e.bx - e.ax)) % 2 = 1)`,
		int64(n.West), int64(n.East), int64(n.South), int64(n.North))
}

func disc(n list.Disc) sqlPart {
	dx := `(CAST(? AS BIGINT) * (a.x - CAST(? AS BIGINT)) / 1048576)`
	dy := `(a.y - CAST(? AS BIGINT))`
	lon, lat := int64(n.Lon), int64(n.Lat)
	return part(`EXISTS (SELECT 1 FROM `+places+` a WHERE a.key = p.address_key AND a.x BETWEEN ? AND ? AND a.y BETWEEN ? AND ?
		AND `+dx+` * `+dx+` + `+dy+` * `+dy+` <= ?)`, int64(n.West), int64(n.East), int64(n.South), int64(n.North), n.KX, lon, n.KX, lon, lat, lat, n.R2)
}

// own selects a person's rows t of a table of numbers or addresses that are right: the organisation's own row stands before the file's.
func (c *compiler) own(table, what string) sqlPart {
	return part(`SELECT 1 FROM `+table+` t WHERE t.person_id = p.person_id AND t.wrong_at = 0 AND `+standing(table, what), c.u.Org, c.u.Org)
}

// standing is the condition that row t counts for an organisation, which is asked for twice.
func standing(table, what string) string {
	return `(t.org_id = ? OR t.org_id = 0 AND NOT EXISTS (SELECT 1 FROM ` + table + ` o WHERE o.person_id = t.person_id AND o.` + what + ` = t.` + what + ` AND o.org_id = ?))`
}

func (c *compiler) phone(n list.Phone) sqlPart {
	rows := also(c.own("field_phone", "number"), "t.kind", n.Kinds)
	if !n.Textable {
		return filled(`EXISTS (%s)`, rows)
	}
	return filled(`EXISTS (%s AND t.kind = 'cell') AND NOT EXISTS (%s)`, rows,
		part(`SELECT 1 FROM field_suppression t WHERE t.person_id = p.person_id AND t.org_id IN (0, ?) AND t.channel = 'text'`, c.u.Org))
}

// learned compiles what asks about definitions. visible is a second fence below the catalogue: the definition is the organisation's own or shared, and of an
// unshared one only its owner's rows count.
func (c *compiler) learned(n list.Node) (sqlPart, error) {
	switch n := n.(type) {
	case list.Scored:
		return c.rows("field_person_score", "score_id", "field_score", []int64{n.Score}, part(`t.value BETWEEN ? AND ?`, n.From, n.To), false), nil
	case list.Answered:
		return c.answered(n), nil
	case list.Code:
		return c.rows("field_person_code", "code_id", "field_code", n.Codes, noted("t.", "applied_at", n.By, n.Days), true), nil
	case list.Tag:
		return c.rows("field_person_tag", "tag_id", "field_tag", n.Tags, yes, true), nil
	case list.Contact:
		return c.contact(n), nil
	case list.Event:
		return c.rows("field_signup", "event_id", "field_event", n.Events, also(yes, "t.status", n.Statuses), true), nil
	case list.Custom:
		cond := also(yes, "t.text_value", n.Values)
		return c.rows("field_person_custom", "custom_id", "field_custom", []int64{n.Field}, bounded(part("t.number_value"), n.From, n.To, cond), true), nil
	case list.Target:
		return c.rows("field_person_target", "target_id", "field_target", []int64{n.Target}, also(yes, "t.group_id", n.Groups), false), nil
	}
	return sqlPart{}, fmt.Errorf("a condition %q is not known in a plan", n.Kind())
}

// rows asks for a row t of a person in a table of what was learned about some definitions.
func (c *compiler) rows(table, column, definitions string, ids []int64, cond sqlPart, owned bool) sqlPart {
	own := ""
	if owned {
		own = ` AND (d.shared = 1 OR t.org_id = d.org_id)`
	}
	return filled(`EXISTS (SELECT 1 FROM `+table+` t JOIN `+definitions+` d ON d.id = t.`+column+` WHERE t.person_id = p.person_id AND %s AND %s
		AND (d.shared = 1 OR d.org_id = ?)`+own+`)`, in("t."+column, ids), cond).with(c.u.Org)
}

// with appends values for the placeholders at the end.
func (s sqlPart) with(args ...any) sqlPart {
	s.args = append(s.args, args...)
	return s
}

// noted bounds by whom and when something was written down.
func noted(t, at string, by []int64, d list.Days) sqlPart {
	out := also(yes, t+"account_id", by)
	if d.Since != 0 {
		out = filled(`%s AND `+t+at+` >= ?`, out).with(d.Since)
	}
	if d.Until != 0 {
		out = filled(`%s AND `+t+at+` < ?`, out).with(d.Until)
	}
	return out
}

func (c *compiler) answered(n list.Answered) sqlPart {
	cond := also(noted("t.", "answered_at", n.By, n.Days), "t.response_id", n.Responses)
	if !n.Ever && len(n.Responses) > 0 {
		cond = filled(`%s AND NOT EXISTS (SELECT 1 FROM field_answer o WHERE o.person_id = t.person_id AND o.question_id = t.question_id AND (d.shared = 1 OR o.org_id = d.org_id)
			AND (o.answered_at > t.answered_at OR o.answered_at = t.answered_at AND o.answer_id > t.answer_id) AND %s)`, cond, noted("o.", "answered_at", n.By, n.Days))
	}
	return c.rows("field_answer", "question_id", "field_question", []int64{n.Question}, cond, true)
}

func (c *compiler) contact(n list.Contact) sqlPart {
	// Plus nothing, so that no engine thinks of the index by organisation, which leads to all of its contacts for each person.
	tries := filled(`SELECT COUNT(*) FROM field_contact t WHERE t.person_id = p.person_id AND %s AND %s`, in("t.org_id + 0", c.u.Contacts), noted("t.", "tried_at", n.By, n.Days))
	tries = also(also(tries, "t.channel", n.Channels), "t.result", n.Results)
	most := int64(math.MaxInt32)
	if n.AtMost != nil {
		most = int64(*n.AtMost)
	}
	return filled(`(%s) BETWEEN ? AND ?`, tries).with(int64(*n.AtLeast), most)
}
