package listpage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// crosstab is the list counted by two things at once, ready to print.
type crosstab struct {
	title      string
	rows, cols string // the keys of the axes
	axes       []web.Option
	first      string // head of the first column
	heads      []string
	lines      []tableLine
	totals     []int64
	all        int64
	unknown    int     // the column of what is not known, -1 for none
	chart      *stacks // nil where there is nothing to compare
}

type tableLine struct {
	label string
	cells []tableCell
	all   int64
	bar   string // share of the largest line, 0 to 100
}

type tableCell struct {
	n    int64
	heat int // 0 to 4, by share of the largest cell
}

// An axis is one thing to count by: its group and how its options are called.
type axis struct {
	key, title string
	group      segment.Group
	name       func(i int, o segment.Option) string
	unknown    string
}

const (
	axisVotes = "votes"
	mostLines = 12
)

// crosstab counts the list by two axes; unknown keys become age and votes.
func (a asking) crosstab(v *web.Visit, rows, cols string) (*crosstab, error) {
	all := a.axes(v.T)
	if len(all) < 2 {
		return nil, nil
	}
	r, c := pick(all, rows, string(list.Age), 0), pick(all, cols, axisVotes, 1)
	if r.key == c.key {
		c = all[slices.IndexFunc(all, func(x axis) bool { return x.key != r.key })]
	}
	table, err := a.view.Crosstab(a.ctx, a.plan.Universe, a.plan.Today, a.set, r.group, c.group)
	if err != nil {
		return nil, err
	}
	out := &crosstab{title: v.T.T("%s by %s", r.title, lower(c.title)), rows: r.key, cols: c.key, first: r.title}
	for _, x := range all {
		out.axes = append(out.axes, web.Option{Value: x.key, Label: x.title})
	}
	out.fill(v.T, r, c, table)
	out.chart = out.stacked(v.T)
	return out, nil
}

// lower writes a title within a sentence; one that begins with a capital for a reason has a second one.
func lower(s string) string {
	r := []rune(s)
	if len(r) > 1 && strings.ToUpper(string(r[1])) == string(r[1]) && strings.ToLower(string(r[1])) != string(r[1]) {
		return s
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

func pick(all []axis, key, usual string, other int) axis {
	for _, k := range []string{key, usual} {
		if i := slices.IndexFunc(all, func(x axis) bool { return x.key == k }); i >= 0 {
			return all[i]
		}
	}
	return all[min(other, len(all)-1)]
}

// axes returns everything the reader may count by.
func (a asking) axes(t words.Translator) []axis {
	var all []axis
	if a.cat.Attrs[list.Age] {
		all = append(all, a.ageAxis(t))
	}
	if len(a.cat.Elections) > 0 {
		all = append(all, a.voteAxis(t))
	}
	for _, attr := range []list.Attr{list.Party, list.Sex, list.Race, list.Ethnicity, list.Status, list.County, list.City, list.Congress, list.StateSenate, list.StateHouse} {
		if a.cat.Attrs[attr] && len(a.cat.Values[attr]) > 1 {
			all = append(all, a.attrAxis(t, attr))
		}
	}
	all = append(all, axis{key: string(list.HouseholdSize), title: attrWord(t, list.HouseholdSize), group: segment.Group{Kind: segment.Bands, Attr: list.HouseholdSize, Edges: []int64{1, 2, 3, 4, 5, 6, 1000}},
		name: func(i int, o segment.Option) string {
			if i == 5 {
				return "6+"
			}
			return id(o.From)
		}})
	for _, v := range valuesOf(defs(a.cat.Questions, func(q list.Question) list.Definition { return q.Definition })) {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		all = append(all, axis{key: "question" + pre + v.Value, title: v.Name, group: segment.Group{Kind: segment.Responses, Object: n}, unknown: t.T("Never asked"),
			name: func(_ int, o segment.Option) string { return definitionName(a.cat.Questions[n].Responses, o.ID) }})
	}
	for _, v := range valuesOf(defs(a.cat.Scores, func(s list.ScoreDef) list.Definition { return s.Definition })) {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		all = append(all, scoreAxis(t, v, a.cat.Scores[n]))
	}
	return all
}

func definitionName(all []list.Definition, n int64) string {
	for _, d := range all {
		if d.ID == n {
			return d.Name
		}
	}
	return id(n)
}

func (a asking) attrAxis(t words.Translator, attr list.Attr) axis {
	named := map[string]list.Value{}
	for _, v := range a.cat.Values[attr] {
		named[v.Value] = v
	}
	return axis{key: string(attr), title: attrWord(t, attr), group: segment.Group{Kind: segment.Attribute, Attr: attr},
		name: func(_ int, o segment.Option) string {
			v, ok := named[o.Value]
			if !ok {
				v = list.Value{Value: o.Value}
			}
			return valueWord(t, attr, v)
		}}
}

// ageAxis has bands of ten years, or four bands where the list has only some ages.
func (a asking) ageAxis(t words.Translator) axis {
	bounds := []int64{16, 25, 35, 45, 55, 65, 75, 130}
	from, to, ok := a.ages()
	if ok && to-from >= 3 && to-from < 40 {
		width := (to - from + 4) / 4
		bounds = append(edges(from, from+3*width, width), to+1)
	}
	return axis{key: string(list.Age), title: t.T("Age"), group: segment.Group{Kind: segment.Bands, Attr: list.Age, Edges: bounds},
		name: func(_ int, o segment.Option) string {
			if o.To >= 120 {
				return id(o.From) + "+"
			}
			return fmt.Sprintf("%d–%d", o.From, o.To-1)
		}}
}

// ages returns the ages to which the plan narrows, in years: births say it, the younger bound first.
func (a asking) ages() (from, to int64, ok bool) {
	for _, s := range a.plan.Steps {
		for _, n := range flatten(s.Where) {
			b, is := n.(list.Between)
			if !is || b.Attr != list.Birth || b.From == nil || b.To == nil || s.Do != list.Start && s.Do != list.Narrow {
				continue
			}
			return (a.plan.Today - *b.To) / 10000, (a.plan.Today - *b.From) / 10000, true
		}
	}
	return 0, 0, false
}

func flatten(n list.Node) []list.Node {
	all, ok := n.(list.All)
	if !ok {
		return []list.Node{n}
	}
	var out []list.Node
	for _, m := range all {
		out = append(out, flatten(m)...)
	}
	return out
}

// voteAxis counts in how many of the last four general elections people voted.
func (a asking) voteAxis(t words.Translator) axis {
	n := 0
	for _, e := range a.cat.Elections {
		if e.Type == "general" && e.Day < a.cat.Today {
			n++
		}
	}
	n = min(n, 4)
	kind := "general"
	if n == 0 {
		n, kind = min(len(a.cat.Elections), 4), ""
	}
	g := segment.Group{Kind: segment.Conditions}
	for k := range n + 1 {
		g.Nodes = append(g.Nodes, planned(a.cat, list.Voted{Last: n, LastType: kind, AtLeast: &k, AtMost: &k}))
	}
	title := t.T("Votes of the last %s general elections", strconv.Itoa(n))
	if kind == "" {
		title = t.T("Votes of the last %s elections", strconv.Itoa(n))
	}
	return axis{key: axisVotes, title: title, group: g, name: func(i int, _ segment.Option) string { return strconv.Itoa(i) }}
}

func scoreAxis(t words.Translator, v list.Value, s list.ScoreDef) axis {
	width := max((s.Max-s.Min+4)/5, 1)
	bounds := edges(s.Min, s.Max, width)
	bounds[len(bounds)-1] = s.Max + 1
	unit := pow10(s.Decimals)
	return axis{key: "score" + pre + v.Value, title: v.Name, group: segment.Group{Kind: segment.ScoreBands, Object: s.ID, Edges: bounds}, unknown: t.T("No score"),
		name: func(i int, o segment.Option) string {
			last := o.To - 1
			if s.Decimals > 0 && i < len(bounds)-2 {
				last = o.To
			}
			return trim(float64(o.From)/unit) + "–" + trim(float64(last)/unit)
		}}
}

// fill names, totals and shades the cells. Lines and columns of nobody are left out; of very many lines the largest stay.
func (c *crosstab) fill(t words.Translator, r, k axis, table *segment.Table) {
	var cols []int
	c.unknown = -1
	for j := range table.Cols {
		n := int64(0)
		for i := range table.Rows {
			n += table.Cells[i][j]
		}
		if n > 0 {
			cols = append(cols, j)
			if last := j == len(table.Cols)-1; last && nothing(table.Cols[j]) {
				c.unknown = len(c.heads)
			}
			c.heads = append(c.heads, k.label(t, j, table.Cols[j], j == len(table.Cols)-1))
			c.totals = append(c.totals, n)
			c.all += n
		}
	}
	for i := range table.Rows {
		l := tableLine{label: r.label(t, i, table.Rows[i], i == len(table.Rows)-1)}
		for _, j := range cols {
			l.cells = append(l.cells, tableCell{n: table.Cells[i][j]})
			l.all += table.Cells[i][j]
		}
		if l.all > 0 {
			c.lines = append(c.lines, l)
		}
	}
	c.fold(t)
	c.shade()
}

// nothing reports whether an option is that of no value.
func nothing(o segment.Option) bool { return o.Value == "" && o.ID == 0 && o.From == 0 && o.To == 0 }

func (x axis) label(t words.Translator, i int, o segment.Option, last bool) string {
	if last && nothing(o) {
		if x.unknown != "" {
			return x.unknown
		}
		return t.T("Unknown")
	}
	return x.name(i, o)
}

// fold joins the small lines of a very long table.
func (c *crosstab) fold(t words.Translator) {
	if len(c.lines) <= mostLines {
		return
	}
	slices.SortStableFunc(c.lines, func(a, b tableLine) int { return int(b.all - a.all) })
	rest := tableLine{label: t.N(int64(len(c.lines)-mostLines+1), "%s other", "%s others"), cells: make([]tableCell, len(c.heads))}
	for _, l := range c.lines[mostLines-1:] {
		rest.all += l.all
		for j := range l.cells {
			rest.cells[j].n += l.cells[j].n
		}
	}
	c.lines = append(c.lines[:mostLines-1], rest)
}

func (c *crosstab) shade() {
	top, line := int64(1), int64(1)
	for _, l := range c.lines {
		line = max(line, l.all)
		for _, x := range l.cells {
			top = max(top, x.n)
		}
	}
	for i := range c.lines {
		c.lines[i].bar = web.Share(c.lines[i].all, line)
		for j := range c.lines[i].cells {
			x := &c.lines[i].cells[j]
			x.heat = int(x.n * 5 / (top + 1))
		}
	}
}
