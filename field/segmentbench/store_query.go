package segmentbench

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
)

// query is one question, to segments as a plan and to databases as SQL on one flat table with an index for it.
type query struct {
	name  string
	steps []list.Step
	ask   func(ctx context.Context, v *segment.View, p list.Plan) (int64, error) // nil: the number of people
	sql   string
	args  []any
}

const today = 20261103

func yearsAgo(n int64) int64 { return today - n*10000 }

func ptr[T any](x T) *T { return &x }

func where(all ...list.Node) []list.Step {
	return []list.Step{{Do: list.Start, Where: list.All(all)}}
}

func is(a list.Attr, values ...string) list.Node { return list.Is{Attr: a, Values: values} }

var (
	generals = []int64{2018110601, 2020110301, 2022110801, 2024110501}
	ages     = []int64{18, 25, 35, 45, 55, 65}
)

const monthAgo = now - 30*day

// precinctsFrom returns the values of n precincts in a row, in the middle of the state.
func (s *State) precinctsFrom(n int) (values []string, first, last int) {
	first = s.precincts() / 3
	last = min(first+n, s.precincts()) - 1
	for p := first; p <= last; p++ {
		county := fmt.Sprintf("%03d", p*counties/s.precincts()*2+1)
		values = append(values, list.PrecinctValue(county, fmt.Sprintf("%02d", p%100+p/100*100)))
	}
	slices.Sort(values)
	return values, first, last
}

// polygon is a star of twelve corners.
func polygon() (list.Area, string) {
	var a list.Area
	a.West, a.South, a.East, a.North = math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32
	var ring [][2]list.Micro
	text := ""
	for i := range 12 {
		r := 1.6
		if i%2 == 1 {
			r = 1.1
		}
		phi := float64(i) * math.Pi / 6
		p := [2]list.Micro{list.ToMicro(-84 + r*math.Cos(phi)), list.ToMicro(28 + r*math.Sin(phi))}
		ring = append(ring, p)
		a.West, a.East = min(a.West, p[0]), max(a.East, p[0])
		a.South, a.North = min(a.South, p[1]), max(a.North, p[1])
	}
	ring = append(ring, ring[0])
	a.Rings = [][][2]list.Micro{ring}
	for i := 1; i < len(ring); i++ { // the same rule as list.Area.Has, written out
		p, q := ring[i-1], ring[i]
		if p[1] > q[1] {
			p, q = q, p
		}
		if text != "" {
			text += " + "
		}
		text += fmt.Sprintf("CASE WHEN %d <= lat AND lat < %d AND (lon - (%d)) * CAST(%d AS BIGINT) < (lat - (%d)) * CAST(%d AS BIGINT) THEN 1 ELSE 0 END",
			p[1], q[1], p[0], q[1]-p[1], p[1], q[0]-p[0])
	}
	return a, fmt.Sprintf("lon BETWEEN %d AND %d AND lat BETWEEN %d AND %d AND (%s) %% 2 = 1", a.West, a.East, a.South, a.North, text)
}

// queries are the fifteen of the reference.
func (s *State) queries() []query {
	women := []list.Node{is(list.Sex, "F"), list.Between{Attr: list.Birth, From: ptr(yearsAgo(41) + 1), To: ptr(yearsAgo(25))}}
	fresh := append(slices.Clip(women), is(list.Status, "active"), list.Between{Attr: list.RegisteredOn, From: ptr[int64](20220101)})
	habit := []list.Node{is(list.Party, "DEM", "NPA"), list.Voted{Elections: generals, AtLeast: ptr(2), AtMost: ptr(4)}, list.Scored{Score: 1, From: 300, To: 700}}
	support := list.Scored{Score: 2, From: 701, To: 1000}
	resting := list.None{list.Contact{AtLeast: ptr(1), Days: list.Days{Since: monthAgo}}}
	reachable := []list.Node{list.None{list.Suppressed{}}, list.Phone{Kinds: []string{"cell"}}}
	ps, first, last := s.precinctsFrom(40)
	forty := is(list.Precinct, ps...)
	all := slices.Concat(women, habit, []list.Node{is(list.Status, "active"), support, resting}, reachable)
	area, inArea := polygon()
	const (
		live    = "dropped = 0 AND minor = 0 AND hidden = 0"
		qWomen  = "sex = 'F' AND birth BETWEEN ? AND ?"
		qHabit  = "party IN ('DEM', 'NPA') AND (CASE WHEN v0 > 0 THEN 1 ELSE 0 END) + (CASE WHEN v1 > 0 THEN 1 ELSE 0 END) + (CASE WHEN v2 > 0 THEN 1 ELSE 0 END) + (CASE WHEN v3 > 0 THEN 1 ELSE 0 END) >= 2 AND s0 BETWEEN 300 AND 700"
		qRest   = "NOT EXISTS (SELECT 1 FROM field_contact c WHERE c.person_id = v.id AND c.org_id = 1 AND c.tried_at >= ?)"
		qReach  = "dnc = 0 AND cell = 1"
		qForty  = "precinct BETWEEN ? AND ?"
		qPeople = "SELECT COUNT(*) FROM bench_voter v WHERE " + live + " AND "
	)
	born := []any{yearsAgo(41) + 1, yearsAgo(25)}
	return []query{
		{name: "Q1 women 25–40", steps: where(women...), sql: qPeople + qWomen, args: born},
		{name: "Q2 + registered ≥ 2022, active", steps: where(fresh...), sql: qPeople + qWomen + " AND status = 'active' AND registered >= 20220101", args: born},
		{name: "Q3 voted ≥ 2 of 4 generals, D/NPA, turnout 30–70", steps: where(habit...), sql: qPeople + qHabit},
		{name: "Q4 CD 7, support > 70, not contacted in 30 days", steps: where(is(list.Congress, "7"), support, resting),
			sql: qPeople + "congress = 7 AND s1 > 700 AND " + qRest, args: []any{monthAgo}},
		{name: "Q5 40 precincts, support > 70, not DNC, has cell", steps: where(append([]list.Node{forty, support}, reachable...)...),
			sql: qPeople + qForty + " AND s1 > 700 AND " + qReach, args: []any{first, last}},
		{name: "Q6 all of these, 40 precincts", steps: where(append([]list.Node{forty}, all...)...),
			sql:  qPeople + qForty + " AND " + qWomen + " AND " + qHabit + " AND status = 'active' AND s1 > 700 AND " + qReach + " AND " + qRest,
			args: append([]any{first, last}, append(slices.Clone(born), monthAgo)...)},
		{name: "Q6s the same, statewide", steps: where(all...), sql: qPeople + qWomen + " AND " + qHabit + " AND status = 'active' AND s1 > 700 AND " + qReach + " AND " + qRest,
			args: append(slices.Clone(born), monthAgo)},
		{name: "Q7 crosstab party × age", steps: where(), ask: crosstab,
			sql: `SELECT COUNT(*) FROM (SELECT party, CASE WHEN birth > 20011103 THEN 0 WHEN birth > 19911103 THEN 1 WHEN birth > 19811103 THEN 2 WHEN birth > 19711103 THEN 3
				WHEN birth > 19611103 THEN 4 ELSE 5 END AS band, COUNT(*) AS n FROM bench_voter WHERE ` + live + ` GROUP BY 1, 2) AS t`},
		{name: "Q8 households of Democrats", steps: where(is(list.Party, "DEM")), ask: doors,
			sql: "SELECT COUNT(DISTINCT household) FROM bench_voter v WHERE " + live + " AND party = 'DEM'"},
		{name: "Q9 survey answer and not code, SD 12", steps: where(is(list.StateSenate, "12"), list.Answered{Question: 7, Responses: []int64{37, 38}, Ever: true}, list.None{list.Code{Codes: []int64{9}}}),
			sql: qPeople + `senate = 12 AND EXISTS (SELECT 1 FROM field_answer a WHERE a.person_id = v.id AND a.question_id = 7 AND a.response_id IN (37, 38))
				AND NOT EXISTS (SELECT 1 FROM field_person_code k WHERE k.person_id = v.id AND k.code_id = 9)`},
		{name: "Q10 polygon of 12 corners, Democrats", steps: where(area, is(list.Party, "DEM")), sql: qPeople + "party = 'DEM' AND " + inArea},
		{name: "Q11 random split in three", ask: split,
			sql: "SELECT COUNT(*) FROM (SELECT ((id * 48271) % 2147483647 * 69621) % 2147483647 % 3, COUNT(*) FROM bench_voter WHERE " + live + " GROUP BY 1) AS t"},
		{name: "Q12 counts in every precinct", steps: where(), ask: perPrecinct,
			sql: "SELECT COUNT(*) FROM (SELECT precinct, COUNT(*) FROM bench_voter WHERE " + live + " GROUP BY 1) AS t"},
		{name: "Q13 walk list, 10,000 rows", steps: where(is(list.Precinct, s.walkPrecincts()...)), ask: walk,
			sql: "SELECT COUNT(*) FROM (SELECT last, first, house, street, unit, city, birth, sex, party, lon, lat FROM bench_voter WHERE " + live +
				" AND precinct BETWEEN ? AND ? ORDER BY precinct, street, house, unit LIMIT 10000) AS t", args: []any{first, first + 19}},
		{name: "Q14 first 50 by name of many", steps: where(is(list.Party, "DEM")), ask: firstByName,
			sql: "SELECT COUNT(*) FROM (SELECT last, first, id FROM bench_voter WHERE " + live + " AND party = 'DEM' ORDER BY last, first, id LIMIT 50) AS t"},
	}
}

func (s *State) walkPrecincts() []string {
	ps, _, _ := s.precinctsFrom(20)
	return ps
}

func crosstab(ctx context.Context, v *segment.View, p list.Plan) (int64, error) {
	r, err := v.Eval(ctx, p)
	if err != nil {
		return 0, err
	}
	t, err := v.Crosstab(ctx, p.Universe, today, r.Set, segment.Group{Kind: segment.Attribute, Attr: list.Party},
		segment.Group{Kind: segment.Bands, Attr: list.Age, Edges: append(slices.Clone(ages), 200)})
	if err != nil {
		return 0, err
	}
	n := int64(0)
	for _, row := range t.Cells {
		for _, c := range row {
			if c > 0 {
				n++
			}
		}
	}
	return n, nil
}

func doors(ctx context.Context, v *segment.View, p list.Plan) (int64, error) {
	r, err := v.Eval(ctx, p)
	if err != nil {
		return 0, err
	}
	return v.DoorsOf(r.Set), nil
}

func split(ctx context.Context, v *segment.View, p list.Plan) (int64, error) {
	n := int64(0)
	for part := 1; part <= 3; part++ {
		p.Steps = []list.Step{{Do: list.Start}, {Do: list.Part, Part: part, Parts: 3, Seed: 42}}
		r, err := v.Eval(ctx, p)
		if err != nil {
			return 0, err
		}
		if r.Set.Len() > 0 {
			n++
		}
	}
	return n, nil
}

func perPrecinct(ctx context.Context, v *segment.View, p list.Plan) (int64, error) {
	r, err := v.Eval(ctx, p)
	if err != nil {
		return 0, err
	}
	options, _, err := v.Histogram(ctx, p.Universe, today, r.Set, segment.Group{Kind: segment.Attribute, Attr: list.Precinct})
	n := int64(0)
	for _, o := range options {
		if o.People > 0 {
			n++
		}
	}
	return n, err
}

func walk(ctx context.Context, v *segment.View, p list.Plan) (int64, error) {
	r, err := v.Eval(ctx, p)
	if err != nil {
		return 0, err
	}
	rows, err := v.Page(ctx, p.Universe, r.Set, segment.Walk, 0, 10_000)
	return int64(len(rows)), err
}

func firstByName(ctx context.Context, v *segment.View, p list.Plan) (int64, error) {
	r, err := v.Eval(ctx, p)
	if err != nil {
		return 0, err
	}
	rows, err := v.Page(ctx, p.Universe, r.Set, segment.ByName, 0, 50)
	return int64(len(rows)), err
}
