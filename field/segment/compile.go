package segment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// compiler turns the nodes of one plan into ops on one view.
type compiler struct {
	ctx context.Context
	v   *View
	u   list.Universe
}

// columns by attribute
var attrColumns = map[list.Attr]string{
	list.Status: "status", list.Party: "party", list.Sex: "sex", list.Race: "race", list.Ethnicity: "ethnicity",
	list.County: "county", list.Precinct: "precinct", list.City: "city", list.ZIP: "zip", list.Congress: "congress",
	list.StateSenate: "state_senate", list.StateHouse: "state_house", list.Municipality: "municipality",
	list.Birth: "birth", list.RegisteredOn: "registered_on", list.VotesCast: "votes_cast",
}

// columnNames are the columns that every generation has; districts of other kinds come besides.
var columnNames = []string{"status", "party", "sex", "race", "ethnicity", "county", "precinct", "city", "zip", "zip4", "congress", "state_senate",
	"state_house", "municipality", "birth", "registered_on", "votes_cast", "hidden", "lon", "lat",
	"last", "first", "middle", "suffix", "house", "street", "unit"}

// attrColumn returns the column of an attribute; nil with ok for a district that nobody on the file has.
func (v *View) attrColumn(a list.Attr) (c *column, ok bool) {
	if kind, is := strings.CutPrefix(string(a), string(list.District)); is {
		return v.cols[string(list.District)+kind], true
	}
	name, ok := attrColumns[a]
	return v.cols[name], ok
}

// universe is who a plan starts from.
func (c *compiler) universe() leaf {
	out := hiddenCode(!c.u.Dropped, !c.u.Minors, !c.u.Confidential)
	in := &codes{}
	for why := range hiddenCode(true, true, true) + 1 {
		if why&out == 0 {
			in.add(why)
		}
	}
	return c.keep("universe "+itoa(int64(out)), true, newCodes(c.v.cols["hidden"], in))
}

// hiddenCode is why somebody is left out of plans that do not ask for them, a bit for each reason.
func hiddenCode(dropped, minor, confidential bool) uint32 {
	code := uint32(0)
	for i, x := range []bool{dropped, minor, confidential} {
		if x {
			code |= 1 << i
		}
	}
	return code
}

func (c *compiler) keep(key string, soon bool, l leaf) leaf {
	return c.v.shared.cache.of(key, c.v.rows, soon, l)
}

func (c *compiler) nodes(all []list.Node) ([]op, error) {
	ops := make([]op, len(all))
	for i, n := range all {
		var err error
		if ops[i], err = c.node(n); err != nil {
			return nil, err
		}
	}
	return ops, nil
}

func (c *compiler) node(n list.Node) (op, error) {
	switch n := n.(type) {
	case nil:
		return everybodyOp{}, nil
	case list.All:
		all, err := c.nodes(n)
		if err != nil || len(all) == 0 {
			return everybodyOp{}, err
		}
		return newAll(all), nil
	case list.Any:
		all, err := c.nodes(n)
		if err != nil || len(all) == 0 {
			return nobodyOp{}, err
		}
		return anyOp(all), nil
	case list.None:
		all, err := c.nodes(n)
		return noneOp(all), err
	case list.LivesWith:
		return c.livesWith(n)
	case list.Sub:
		s, _, err := c.steps(n.Steps)
		if err != nil {
			return nil, err
		}
		return c.setOp(s), nil
	}
	return c.one(n)
}

// one compiles a node without nodes inside.
func (c *compiler) one(n list.Node) (op, error) {
	switch n := n.(type) {
	case list.Is:
		return c.is(n)
	case list.Between:
		return c.between(n)
	case list.Known:
		return c.known(n)
	case list.Name:
		return c.name(n), nil
	case list.Voted:
		return c.voted(n), nil
	case list.Area:
		return c.area(n), nil
	case list.Disc:
		return c.disc(n), nil
	case list.Phone, list.Email:
		return c.reach(n)
	case list.Suppressed:
		return c.suppressed(n.Channels)
	case list.Scored:
		return c.scored(n)
	}
	return c.learned(n)
}

// learned compiles what organisations know.
func (c *compiler) learned(n list.Node) (op, error) {
	switch n := n.(type) {
	case list.Answered:
		return c.answered(n)
	case list.Code:
		return c.applied(change.Code, n.Codes, n.By, n.Days)
	case list.Tag:
		return c.applied(change.Tag, n.Tags, nil, list.Days{})
	case list.Contact:
		return c.contact(n)
	case list.Event:
		return c.event(n)
	case list.Custom:
		return c.custom(n)
	case list.Target:
		return c.target(n)
	case list.Saved:
		return c.saved(n.List)
	case list.Turf:
		return c.turf(n)
	}
	return nil, fmt.Errorf("a plan with a node of kind %q, which segments do not know", n.Kind())
}

// keyOf names a node in the cache.
func keyOf(n list.Node) string {
	b, err := json.Marshal(n)
	if err != nil { // no node of a plan holds what JSON cannot say
		return ""
	}
	return string(n.Kind()) + string(b)
}

func (c *compiler) is(n list.Is) (op, error) {
	col, ok := c.v.attrColumn(n.Attr)
	switch {
	case !ok || col != nil && col.words == nil:
		return nil, fmt.Errorf("a plan asks for values of %q, which has none", n.Attr)
	case col == nil && slices.Contains(n.Values, ""):
		return everybodyOp{}, nil
	case col == nil:
		return nobodyOp{}, nil
	}
	set := &codes{}
	for _, s := range n.Values {
		if code, ok := col.words.find(s); ok {
			set.add(code)
		}
	}
	return c.keep(keyOf(n), false, newCodes(col, set)), nil
}

func (c *compiler) between(n list.Between) (op, error) {
	col, ok := c.v.attrColumn(n.Attr)
	if n.Attr == list.HouseholdSize {
		var err error
		if col, err = c.v.householdSizes(c); err != nil {
			return nil, err
		}
		ok = true
	}
	if !ok || col.number == nil {
		return nil, fmt.Errorf("a plan asks for a range of %q, which has no order", n.Attr)
	}
	lo, hi := col.number.between(n.From, n.To, maxCode(col.width))
	l := newRange(col, lo, hi)
	if n.Attr == list.HouseholdSize {
		return l, nil
	}
	return c.keep(keyOf(n), false, l), nil
}

func (c *compiler) known(n list.Known) (op, error) {
	switch n.Attr {
	case list.Door:
		return c.v.homedOp(), nil
	case list.Place:
		lon := c.v.cols["lon"]
		return c.keep("place", false, newRange(lon, 1, maxCode(lon.width))), nil
	}
	col, ok := c.v.attrColumn(n.Attr)
	switch {
	case !ok:
		return everybodyOp{}, nil // of the rest everybody's is known
	case col == nil:
		return nobodyOp{}, nil
	}
	if col.words == nil {
		return c.keep(keyOf(n), false, newRange(col, 1, maxCode(col.width))), nil
	}
	none, ok := col.words.find("")
	if !ok {
		return everybodyOp{}, nil
	}
	set := &codes{}
	set.add(none)
	return noneOp{c.keep(keyOf(n), false, newCodes(col, set))}, nil
}

// nameKey splits a text of the columns of names into the name as written and as folded.
func nameKey(s string) (name, key string) {
	if name, key, ok := strings.Cut(s, "\x00"); ok {
		return name, key
	}
	return s, s
}

func (c *compiler) name(n list.Name) op {
	col := c.v.cols["last"]
	if n.Part == "first" {
		col = c.v.cols["first"]
	}
	exact := map[string]bool{}
	for _, v := range n.Values {
		exact[v] = true
	}
	key := keyOf(n)
	set := c.v.shared.namesOf(key, col.words, func(s string) bool {
		_, k := nameKey(s)
		if !n.Begins {
			return exact[k]
		}
		return slices.ContainsFunc(n.Values, func(v string) bool { return strings.HasPrefix(k, v) })
	})
	return c.keep(key, false, newCodes(col, set))
}

// voteText is how a vote is written in the column of its election; nobody's vote is "".
func voteText(method int64, party string) string {
	return layout.Method(method).String() + "/" + party
}

// voteCounts reports whether a vote, as voteText writes it, counts by one of methods and in one of parties' primaries.
func voteCounts(vote string, methods, parties []string) bool {
	method, party, ok := strings.Cut(vote, "/")
	return ok && method != layout.NotCounted.String() && (len(methods) == 0 || slices.Contains(methods, method)) &&
		(len(parties) == 0 || slices.Contains(parties, party))
}

func (v *View) votesOf(id int64) *column {
	i, ok := slices.BinarySearchFunc(v.votes, id, func(e election, id int64) int { return int(min(max(e.id-id, -1), 1)) })
	if !ok {
		return nil
	}
	return v.votes[i].col
}

func (c *compiler) voted(n list.Voted) op {
	var all []op
	for _, id := range n.Elections {
		col := c.v.votesOf(id)
		if col == nil { // an election nobody voted in
			continue
		}
		set := col.words.where(func(s string) bool { return voteCounts(s, n.Methods, n.Parties) })
		key := fmt.Sprintf("vote %d %q %q", id, n.Methods, n.Parties) // the ballot "" is not any ballot
		all = append(all, c.keep(key, true, newCodes(col, set)))
	}
	lo, hi := 0, len(all)
	if n.AtLeast != nil {
		lo = *n.AtLeast
	}
	if n.AtMost != nil {
		hi = *n.AtMost
	}
	o := newCount(all, lo, hi)
	if l, ok := o.(leaf); ok && len(all) > 2 {
		return c.keep(keyOf(n), false, l)
	}
	return o
}

func (c *compiler) livesWith(n list.LivesWith) (op, error) {
	who, err := c.node(n.Who)
	if err != nil {
		return nil, err
	}
	s := c.v.newSet()
	in := c.universe()
	c.v.run(func(x *scratch, b int) {
		w := s.block(b)
		ones(c.v.rows, b, w)
		in.and(x, b, w)
		who.and(x, b, w)
	})
	c.v.flood(s)
	return c.setOp(s), nil
}

func (c *compiler) setOp(s *Set) op {
	return setOp{s, float64(s.Len()) / float64(max(c.v.rows, 1))}
}

// run calls f for every block with the memory of its goroutine.
func (v *View) run(f func(x *scratch, b int)) {
	all := make([]*scratch, workers())
	eachBlock(v.blocks(), func(w, b int) {
		if all[w] == nil {
			all[w] = scratches.Get().(*scratch)
		}
		f(all[w], b)
	})
	for _, x := range all {
		if x != nil {
			scratches.Put(x)
		}
	}
}

// namesOf returns the codes of a dictionary for which f holds, remembered by key: a file has some hundred thousand names.
func (s *sharedState) namesOf(key string, d *dict, f func(string) bool) *codes {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.names[key]; ok && m.dict == d {
		return m.codes
	}
	if len(s.names) > 256 || s.names == nil {
		s.names = map[string]named{}
	}
	m := named{d, d.where(f)}
	slices.Sort(m.codes.list)
	s.names[key] = m
	return m.codes
}

type named struct {
	dict  *dict
	codes *codes
}
