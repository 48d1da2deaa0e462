package listpage

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/fault"
)

// names of inputs that come more than once.
var many = []string{"is", "not", "method", "ballot", "by", "result", "who", "signup", "lang"}

// readTerms makes the terms of a block from the panel's inputs. Input "shown" says which keys the panel had: what it did not have stays as
// it was. Choices stand in "is" and "not" as key=value, ranges in from.key and to.key.
func readTerms(form url.Values, old []term) ([]term, fault.Inputs) {
	f := reader{form: form, shown: strings.Split(form.Get("shown"), ",")}
	new := map[string]term{}
	var order []string
	put := func(t term) {
		if t.node == nil {
			return
		}
		k := signed(t)
		if _, there := new[k]; !there {
			order = append(order, k)
		}
		new[k] = t
	}
	for _, sign := range []string{"is", "not"} {
		for key, values := range choices(form[sign]) {
			put(term{key: key, not: sign == "not", node: noted(choice(key, values), f.notes(key))})
		}
	}
	for _, key := range f.shown {
		put(term{key: key, node: f.special(key)})
	}
	slices.Sort(order)
	var out []term
	for _, t := range old {
		k := signed(t)
		switch n, chosen := new[k]; {
		case t.key == "" || !slices.Contains(f.shown, t.key):
			out = append(out, t)
		case chosen:
			out = append(out, n)
		}
	}
	for _, k := range order {
		if !slices.ContainsFunc(out, func(t term) bool { return signed(t) == k }) {
			out = append(out, new[k])
		}
	}
	return out, f.wrong
}

func signed(t term) string {
	if t.not {
		return "!" + t.key
	}
	return t.key
}

// choices gathers key=value pairs by key.
func choices(pairs []string) map[string][]string {
	all := map[string][]string{}
	for _, p := range pairs {
		if key, value, ok := strings.Cut(p, "="); ok && !slices.Contains(all[key], value) {
			all[key] = append(all[key], value)
		}
	}
	return all
}

type reader struct {
	form  url.Values
	shown []string
	wrong fault.Inputs
}

func (f *reader) get(name string) string { return strings.TrimSpace(f.form.Get(name)) }

// special reads what is no choice.
func (f *reader) special(key string) list.Node {
	kind, rest, _ := strings.Cut(key, pre)
	switch {
	case key == keyLast:
		return f.last()
	case key == keyContact:
		return f.contact()
	case key == keyInside:
		return f.inside()
	case key == keyNear:
		return f.near()
	case kind == "name":
		return f.name(rest)
	case kind == "score":
		return f.score(key, rest)
	case kind == "custom" && f.form.Has(key):
		return f.text(key, rest)
	case !f.form.Has("from."+key) && !f.form.Has("to."+key):
		return nil
	}
	read := f.number
	if dated(list.Attr(key)) || f.form.Get("kind."+key) == "date" {
		read = f.date
	}
	from, to := read("from."+key), read("to."+key)
	f.ordered(key, from, to)
	switch {
	case from == nil && to == nil:
		return nil
	case kind == "custom":
		n, _ := strconv.ParseInt(rest, 10, 64)
		return list.Custom{Field: n, From: from, To: to}
	}
	return list.Between{Attr: list.Attr(key), From: from, To: to}
}

func dated(a list.Attr) bool { return a == list.RegisteredOn || a == list.Birth }

func (f *reader) ordered(key string, from, to *int64) {
	if from != nil && to != nil && *from > *to {
		f.wrong.Add("to."+key, "The end lies before the beginning.")
	}
}

// number reads a whole number; nothing is nil.
func (f *reader) number(name string) *int64 {
	s := strings.ReplaceAll(f.get(name), ",", "")
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		f.wrong.Add(name, "“%s” is not a whole number.", short(s))
		return nil
	}
	return &n
}

func (f *reader) count(name string) *int {
	n := f.number(name)
	if n == nil {
		return nil
	}
	i := int(min(*n, 1_000_000))
	return &i
}

// date reads yyyy-mm-dd, as inputs for dates send it, as yyyymmdd.
func (f *reader) date(name string) *int64 {
	s := f.get(name)
	if s == "" {
		return nil
	}
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		f.wrong.Add(name, "“%s” is not a date. Write it as 2027-10-09.", short(s))
		return nil
	}
	n := int64(at.Year())*10000 + int64(at.Month())*100 + int64(at.Day())
	return &n
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// several reads values with commas between them.
func (f *reader) several(name string) []string {
	var all []string
	for s := range strings.SplitSeq(f.form.Get(name), ",") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// text reads the values of a custom field that is text.
func (f *reader) text(key, rest string) list.Node {
	values := f.several(key)
	if len(values) == 0 {
		return nil
	}
	n, _ := strconv.ParseInt(rest, 10, 64)
	return list.Custom{Field: n, Values: values}
}

func (f *reader) name(part string) list.Node {
	values := f.several("name." + part)
	if len(values) == 0 {
		return nil
	}
	return list.Name{Part: part, Begins: f.get("begins."+part) != "", Values: values}
}

func (f *reader) score(key, rest string) list.Node {
	n, _ := strconv.ParseInt(rest, 10, 64)
	from, to := f.decimal("from."+key), f.decimal("to."+key)
	if from == nil && to == nil {
		return nil
	}
	if from != nil && to != nil && *from > *to {
		f.wrong.Add("to."+key, "The end lies before the beginning.")
	}
	return list.Score{Score: n, From: from, To: to}
}

func (f *reader) decimal(name string) *float64 {
	s := f.get(name)
	if s == "" {
		return nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x != x || x > 1e12 || x < -1e12 {
		f.wrong.Add(name, "“%s” is not a number.", short(s))
		return nil
	}
	return &x
}

// last reads "voted in least to most of the last n elections of a type, by these methods".
func (f *reader) last() list.Node {
	least, most := f.count("least"), f.count("most")
	if least == nil && most == nil {
		return nil
	}
	n := f.count("last")
	if n == nil || *n < 1 || *n > 30 {
		f.wrong.Add("last", "Choose 1 to 30 elections.")
		return nil
	}
	if least != nil && most != nil && *least > *most {
		f.wrong.Add("most", "The end lies before the beginning.")
	}
	if most != nil && *most >= *n {
		most = nil
	}
	if least != nil && *least == 0 {
		least = nil
	}
	if least == nil && most == nil {
		return nil
	}
	if most == nil && least != nil && *least > *n {
		f.wrong.Add("least", "There are only %s elections to choose from.", strconv.Itoa(*n))
	}
	return list.Voted{Last: *n, LastType: f.get("lasttype"), AtLeast: least, AtMost: most, Methods: f.form["method"], Parties: f.form["ballot"]}
}

// contact reads contact history. Without a word about how often it says nothing.
func (f *reader) contact() list.Node {
	c := list.Contact{Channels: f.form["by"], Results: f.form["result"], By: f.who(keyContact), Days: f.days(keyContact)}
	one, none := 1, 0
	switch f.get("tried") {
	case valueYes:
		c.AtLeast = &one
		if n := f.count("times"); n != nil && *n > 1 {
			c.AtLeast = n
		}
	case valueNo:
		c.AtLeast, c.AtMost = &none, &none
	default:
		return nil
	}
	return c
}

func (f *reader) near() list.Node {
	at, metres := f.get("near.at"), f.number("near.metres")
	if at == "" || metres == nil {
		return nil
	}
	a, b, ok := strings.Cut(at, ",")
	lat, err := strconv.ParseFloat(strings.TrimSpace(a), 64)
	lon, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if !ok || err != nil || err2 != nil {
		f.wrong.Add("near.at", "Write the point as latitude and longitude: 35.7796, -78.6382.")
		return nil
	}
	return list.Near{Lon: lon, Lat: lat, Metres: *metres}
}

// inside reads areas drawn on the map: rings divided by ";", points by spaces, "longitude,latitude".
func (f *reader) inside() list.Node {
	s := f.get("inside")
	if s == "" {
		return nil
	}
	var in list.Inside
	for ring := range strings.SplitSeq(s, ";") {
		var points [][2]float64
		for p := range strings.FieldsSeq(ring) {
			a, b, _ := strings.Cut(p, ",")
			lon, err := strconv.ParseFloat(a, 64)
			lat, err2 := strconv.ParseFloat(b, 64)
			if err != nil || err2 != nil {
				f.wrong.Add("inside", "The area on the map could not be read. Draw it again.")
				return nil
			}
			points = append(points, [2]float64{lon, lat})
		}
		in.Rings = append(in.Rings, points)
	}
	return in
}

// drawn writes areas as inside reads them.
func drawn(in list.Inside) string {
	var b strings.Builder
	for i, ring := range in.Rings {
		if i > 0 {
			b.WriteByte(';')
		}
		for j, p := range ring {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.FormatFloat(p[0], 'f', -1, 64) + "," + strconv.FormatFloat(p[1], 'f', -1, 64))
		}
	}
	return b.String()
}
