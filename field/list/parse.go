package list

import (
	"math"
	"slices"
	"strconv"

	"github.com/openprecinct/precinct/internal/fault"
)

// reader turns a raw value into a criteria and notes what does not fit.
type reader struct{ nodes int }

func (r *reader) criteria(v raw, at place) Criteria {
	o := open(v, at)
	var c Criteria
	version := int64(0)
	o.int("version", &version)
	switch {
	case o.bad:
	case version == 0:
		at.wrong(fault.Invalidf("Say which version of the form this is: \"version\": %d.", Version))
	case version < 0 || version > Version:
		at.wrong(fault.Invalidf("This is version %d of the form; this program reads up to version %d. Update the program.", version, Version))
	}
	c.Version = int(version)
	steps := o.take("steps")
	if steps != nil && steps.kind != '[' {
		at.wrong(wantList("steps"))
		steps = nil
	}
	if steps != nil {
		if len(steps.items) > MaxSteps {
			at.wrong(fault.Invalidf("A criteria has at most %d steps; this one has %d. Use a saved search for the first of them.", MaxSteps, len(steps.items)))
			return c
		}
		for i, s := range steps.items {
			here := at
			here.Path = Path{Step: i}
			c.Steps = append(c.Steps, r.step(s, here))
		}
	}
	o.end()
	return c
}

func (r *reader) step(v raw, at place) Step {
	o := open(v, at)
	var s Step
	text(o, "do", &s.Do)
	if w := o.take("where"); w != nil {
		s.Where = r.node(*w, at)
	}
	text(o, "prefer", &s.Prefer)
	o.int("take", &s.Take)
	o.small("part", &s.Part)
	o.small("parts", &s.Parts)
	o.int("seed", &s.Seed)
	o.bool("whole", &s.Whole)
	o.end()
	return s
}

func (r *reader) many(v raw, kind Kind, at place) []Node {
	if v.kind != '[' {
		at.wrong(wantList(string(kind)))
		return nil
	}
	var all []Node
	for i, x := range v.items {
		if r.nodes > MaxNodes { // has been said
			return all
		}
		if n := r.node(x, at.down(kind, i)); n != nil {
			all = append(all, n)
		}
	}
	return all
}

func (r *reader) node(v raw, at place) Node {
	if r.nodes++; r.nodes > MaxNodes {
		if r.nodes == MaxNodes+1 {
			at.wrong(tooMany())
		}
		return nil
	}
	switch {
	case v.kind != '{':
		at.wrong(fault.Invalidf("A condition is an object in braces whose one member says its kind, such as {\"is\": …}."))
		return nil
	case len(v.names) != 1:
		at.wrong(fault.Invalidf("A condition has exactly one member, which says its kind; this one has %d. Put several conditions into a list of \"all\" or \"any\".", len(v.names)))
		return nil
	case len(at.Nodes) >= MaxDepth:
		at.wrong(tooDeep())
		return nil
	}
	kind, body := Kind(v.names[0]), v.items[0]
	switch kind {
	case KindAll:
		return All(r.many(body, kind, at))
	case KindAny:
		return Any(r.many(body, kind, at))
	case KindNone:
		return None(r.many(body, kind, at))
	case KindLivesWith:
		o := open(body, at)
		var x LivesWith
		if who := o.take("who"); who != nil {
			x.Who = r.node(*who, at.down(kind, 0))
		} else if !o.bad {
			at.wrong(fault.Invalidf("Say with whom: \"who\" is missing."))
		}
		o.end()
		return x
	}
	read, ok := criterions[kind]
	if !ok {
		at.wrong(fault.Invalidf("There is no kind of condition %q. docs/criteria.md names them all.", shown(string(kind))))
		return nil
	}
	o := open(body, at)
	n := read(o)
	o.end()
	return n
}

func tooMany() *fault.Error {
	return fault.Invalidf("A criteria has at most %d conditions. Many values belong into one condition; a part of the criteria can be a saved search.", MaxNodes)
}

func tooDeep() *fault.Error {
	return fault.Invalidf("Conditions are nested more than %d deep here. Use a saved search for a part of them.", MaxDepth)
}

// criterions reads the kinds that have no conditions within.
var criterions = map[Kind]func(o *object) Node{
	KindIs: func(o *object) Node { var x Is; text(o, "attr", &x.Attr); o.texts("values", &x.Values); return x },
	KindBetween: func(o *object) Node {
		var x Between
		text(o, "attr", &x.Attr)
		o.maybe("from", &x.From)
		o.maybe("to", &x.To)
		return x
	},
	KindKnown: func(o *object) Node { var x Known; text(o, "attr", &x.Attr); return x },
	KindName: func(o *object) Node {
		var x Name
		text(o, "part", &x.Part)
		o.bool("begins", &x.Begins)
		o.texts("values", &x.Values)
		return x
	},
	KindVoted: func(o *object) Node {
		var x Voted
		o.ints("elections", &x.Elections)
		o.small("last", &x.Last)
		text(o, "last_type", &x.LastType)
		o.maybeSmall("at_least", &x.AtLeast)
		o.maybeSmall("at_most", &x.AtMost)
		o.texts("methods", &x.Methods)
		o.texts("parties", &x.Parties)
		return x
	},
	KindInside: func(o *object) Node { var x Inside; o.rings("rings", &x.Rings); return x },
	KindNear: func(o *object) Node {
		var x Near
		o.need("lon", "lat")
		o.float("lon", &x.Lon)
		o.float("lat", &x.Lat)
		o.int("metres", &x.Metres)
		return x
	},
	KindPhone: func(o *object) Node {
		var x Phone
		o.texts("kinds", &x.Kinds)
		o.bool("textable", &x.Textable)
		return x
	},
	KindEmail:    func(*object) Node { return Email{} },
	KindSuppress: func(o *object) Node { var x Suppressed; o.texts("channels", &x.Channels); return x },
	KindScore: func(o *object) Node {
		var x Score
		o.int("score", &x.Score)
		o.maybeFloat("from", &x.From)
		o.maybeFloat("to", &x.To)
		return x
	},
	KindAnswered: func(o *object) Node {
		var x Answered
		o.int("question", &x.Question)
		o.ints("responses", &x.Responses)
		o.bool("ever", &x.Ever)
		o.ints("by", &x.By)
		o.days(&x.Days)
		return x
	},
	KindCode: func(o *object) Node {
		var x Code
		o.ints("codes", &x.Codes)
		o.ints("by", &x.By)
		o.days(&x.Days)
		return x
	},
	KindTag: func(o *object) Node { var x Tag; o.ints("tags", &x.Tags); return x },
	KindContact: func(o *object) Node {
		var x Contact
		o.texts("channels", &x.Channels)
		o.texts("results", &x.Results)
		o.ints("by", &x.By)
		o.maybeSmall("at_least", &x.AtLeast)
		o.maybeSmall("at_most", &x.AtMost)
		o.days(&x.Days)
		return x
	},
	KindEvent: func(o *object) Node {
		var x Event
		o.ints("events", &x.Events)
		o.texts("statuses", &x.Statuses)
		return x
	},
	KindCustom: func(o *object) Node {
		var x Custom
		o.int("field", &x.Field)
		o.texts("values", &x.Values)
		o.maybe("from", &x.From)
		o.maybe("to", &x.To)
		return x
	},
	KindTarget: func(o *object) Node { var x Target; o.int("target", &x.Target); o.ints("groups", &x.Groups); return x },
	KindTurf: func(o *object) Node {
		var x Turf
		o.ints("turfs", &x.Turfs)
		o.ints("maps", &x.Maps)
		return x
	},
	KindSaved: func(o *object) Node { var x Saved; o.int("list", &x.List); return x },
}

// object hands out the members of one object, once each.
type object struct {
	raw
	at   place
	used []bool
	bad  bool // is no object at all, which has been said
}

func open(v raw, at place) *object {
	if v.kind != '{' {
		at.wrong(fault.Invalidf("Here must be an object in braces."))
		return &object{at: at, bad: true}
	}
	return &object{raw: v, at: at, used: make([]bool, len(v.names))}
}

// take returns a member, or nil where it is not given.
func (o *object) take(name string) *raw {
	i := slices.Index(o.names, name)
	if i < 0 {
		return nil
	}
	o.used[i] = true
	return &o.items[i]
}

// need complains about members that are missing.
func (o *object) need(names ...string) {
	for _, n := range names {
		if !o.bad && !slices.Contains(o.names, n) {
			o.at.wrong(fault.Invalidf("“%s” is missing.", n))
		}
	}
}

// end complains about what nobody took.
func (o *object) end() {
	for i, name := range o.names {
		if !o.used[i] {
			o.at.wrong(fault.Invalidf("%q is not known here. Correct its spelling, or leave it out.", shown(name)))
		}
	}
}

// typed returns a member of one kind.
func (o *object) typed(name string, kind rune, complain func(name string) *fault.Error) (raw, bool) {
	v := o.take(name)
	if v == nil {
		return raw{}, false
	}
	if v.kind != kind {
		o.at.wrong(complain(name))
		return raw{}, false
	}
	return *v, true
}

func wantText(name string) *fault.Error {
	return fault.Invalidf("“%s” must be a text in quotation marks.", name)
}

func wantInt(name string) *fault.Error {
	return fault.Invalidf("“%s” must be a whole number without quotation marks.", name)
}

func wantNumber(name string) *fault.Error {
	return fault.Invalidf("“%s” must be a number without quotation marks.", name)
}

func wantList(name string) *fault.Error {
	return fault.Invalidf("“%s” must be a list in square brackets.", name)
}

func wantBool(name string) *fault.Error {
	return fault.Invalidf("“%s” must be true or false.", name)
}

func text[T ~string](o *object, name string, to *T) {
	if v, ok := o.typed(name, '"', wantText); ok {
		*to = T(v.text)
	}
}

func (o *object) bool(name string, to *bool) {
	v := o.take(name)
	switch {
	case v == nil:
	case v.kind == 't' || v.kind == 'f':
		*to = v.kind == 't'
	default:
		o.at.wrong(wantBool(name))
	}
}

func (o *object) maybe(name string, to **int64) {
	if v, ok := o.typed(name, '0', wantInt); ok {
		n, err := strconv.ParseInt(v.text, 10, 64)
		if err != nil {
			o.at.wrong(wantInt(name))
			return
		}
		*to = &n
	}
}

func (o *object) int(name string, to *int64) {
	var n *int64
	if o.maybe(name, &n); n != nil {
		*to = *n
	}
}

func (o *object) maybeSmall(name string, to **int) {
	var n *int64
	if o.maybe(name, &n); n == nil {
		return
	}
	if *n < math.MinInt32 || *n > math.MaxInt32 {
		o.at.wrong(wantInt(name))
		return
	}
	small := int(*n)
	*to = &small
}

func (o *object) small(name string, to *int) {
	var n *int
	if o.maybeSmall(name, &n); n != nil {
		*to = *n
	}
}

func (o *object) maybeFloat(name string, to **float64) {
	if v, ok := o.typed(name, '0', wantNumber); ok {
		if f, ok := finite(v.text); ok {
			*to = &f
		} else {
			o.at.wrong(wantNumber(name))
		}
	}
}

func (o *object) float(name string, to *float64) {
	var f *float64
	if o.maybeFloat(name, &f); f != nil {
		*to = *f
	}
}

// finite parses a number; minus nothing is nothing, so that equal numbers are written alike.
func finite(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f + 0, err == nil
}

func (o *object) list(name string) []raw {
	v, ok := o.typed(name, '[', wantList)
	if !ok {
		return nil
	}
	if len(v.items) > MaxValues {
		o.at.wrong(fault.Invalidf("“%s” has %d values; one condition takes at most %d. For people by the thousand make a saved list of a file.", name, len(v.items), MaxValues))
		return nil
	}
	return v.items
}

func (o *object) texts(name string, to *[]string) {
	for _, v := range o.list(name) {
		if v.kind != '"' {
			o.at.wrong(fault.Invalidf("“%s” must be a list of texts in quotation marks.", name))
			return
		}
		*to = append(*to, v.text)
	}
}

func (o *object) ints(name string, to *[]int64) {
	for _, v := range o.list(name) {
		n, err := strconv.ParseInt(v.text, 10, 64)
		if v.kind != '0' || err != nil {
			o.at.wrong(fault.Invalidf("“%s” must be a list of whole numbers.", name))
			return
		}
		*to = append(*to, n)
	}
}

func (o *object) days(to *Days) {
	o.int("since", &to.Since)
	o.int("until", &to.Until)
	o.int("within", &to.Within)
}

func (o *object) rings(name string, to *[][][2]float64) {
	v, ok := o.typed(name, '[', wantList)
	if !ok {
		return
	}
	for _, ring := range v.items {
		points := make([][2]float64, 0, len(ring.items))
		for _, p := range ring.items {
			q, ok := point(p)
			if !ok {
				o.at.wrong(fault.Invalidf("An area is a list of rings, each a list of points [longitude, latitude] in degrees."))
				return
			}
			points = append(points, q)
		}
		if ring.kind != '[' {
			o.at.wrong(fault.Invalidf("An area is a list of rings, each a list of points [longitude, latitude] in degrees."))
			return
		}
		*to = append(*to, points)
	}
}

func point(v raw) (p [2]float64, ok bool) {
	if v.kind != '[' || len(v.items) != 2 || v.items[0].kind != '0' || v.items[1].kind != '0' {
		return p, false
	}
	x, ok1 := finite(v.items[0].text)
	y, ok2 := finite(v.items[1].text)
	return [2]float64{x, y}, ok1 && ok2
}
