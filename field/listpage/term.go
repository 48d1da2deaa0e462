package listpage

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/list"
)

// A term is one criterion as the panel shows it: a choice of values, a range, or one of the few with inputs of their own. Key says which,
// as the names of its inputs do: "party", "question.7", "age", "last". Terms of one key and sign are one choice; different keys are
// joined by and. What the panel cannot show is a term without key, kept as it is.
type term struct {
	key  string
	not  bool
	node list.Node // without the negation
}

// keys with inputs of their own.
const (
	keyLast    = "last"    // voted in k of the last n
	keyContact = "contact" // contact history
	keyInside  = "inside"  // an area drawn on the map
	keyNear    = "near"    // a distance
	keyPhone   = "phone"   // phones and e-mail
	keySaved   = "saved"
	keyTurf    = "turf"    // some turfs
	keyMap     = "turfmap" // whole maps of turf
	keyCode    = "code"
	keyTag     = "tag"
	keyEvent   = "event"
	keyLives   = "lives.party"
	keyAsked   = "suppressed" // asked not to be contacted

	pre = "." // between a kind and an id
)

const (
	valueNever    = "never" // never asked
	valueAny      = "any"
	valueTextable = "textable"
	valueEmail    = "email"
	valueYes      = "yes"
	valueNo       = "no"
)

// whole returns the term's condition, negation and all.
func (t term) whole() list.Node {
	if t.not {
		return list.None{t.node}
	}
	return t.node
}

// terms takes a condition of a step apart. It is all of: nested alls are flattened, and a none of several becomes as many exclusions.
func terms(n list.Node) []term {
	all := apart(n)
	for i := range all { // a second choice of one key cannot be shown as one with the first, nor one with other notes
		if slices.ContainsFunc(all[:i], func(t term) bool {
			return t.key == all[i].key && (t.not == all[i].not || !sameNotes(t.node, all[i].node))
		}) {
			all[i].node, all[i].key, all[i].not = all[i].whole(), "", false
		}
	}
	return all
}

func sameNotes(a, b list.Node) bool {
	x, _ := notesOf(a)
	y, _ := notesOf(b)
	return reflect.DeepEqual(x, y)
}

func apart(n list.Node) []term {
	if k := keyOf(n); k != "" {
		return []term{{key: k, node: n}}
	}
	switch n := n.(type) {
	case nil:
		return nil
	case list.All:
		var all []term
		for _, m := range n {
			all = append(all, apart(m)...)
		}
		return all
	case list.None:
		var all []term
		for _, m := range n {
			k := keyOf(m)
			if k == "" {
				return []term{{node: n}}
			}
			all = append(all, term{key: k, not: true, node: m})
		}
		return all
	}
	return []term{{node: n}}
}

// joined is the condition of several terms: nil for none, the one itself, or all of them.
func joined(ts []term) list.Node {
	switch len(ts) {
	case 0:
		return nil
	case 1:
		return ts[0].whole()
	}
	all := make(list.All, len(ts))
	for i, t := range ts {
		all[i] = t.whole()
	}
	return all
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// keyOf returns the key under which the panel shows a node, "" when it cannot.
func keyOf(n list.Node) string {
	if k, _, ok := choiceOf(n); ok {
		return k
	}
	if k, _, _, ok := rangeOf(n); ok {
		return k
	}
	switch n := n.(type) {
	case list.Voted:
		if n.Last > 0 {
			return keyLast
		}
	case list.Contact:
		return keyContact
	case list.Name:
		return "name" + pre + n.Part
	case list.Inside:
		return keyInside
	case list.Near:
		return keyNear
	}
	return ""
}

// choiceOf reads a node as a choice of values.
func choiceOf(n list.Node) (key string, values []string, ok bool) {
	switch n := n.(type) {
	case list.Is:
		return string(n.Attr), n.Values, true
	case list.Known:
		return "known" + pre + string(n.Attr), []string{valueYes}, true
	case list.Email:
		return keyPhone, []string{valueEmail}, true
	case list.Phone:
		return keyPhone, phoneValues(n), !(n.Textable && len(n.Kinds) > 0)
	case list.Code:
		return keyCode, ids(n.Codes), true
	case list.Tag:
		return keyTag, ids(n.Tags), true
	case list.Event:
		return keyEvent, ids(n.Events), true
	case list.Target:
		return "target" + pre + id(n.Target), ids(n.Groups), len(n.Groups) > 0
	case list.Custom:
		return "custom" + pre + id(n.Field), n.Values, len(n.Values) > 0
	case list.Suppressed:
		return keyAsked, orAny(n.Channels), true
	case list.Saved:
		return keySaved, []string{id(n.List)}, true
	case list.Turf:
		if len(n.Maps) > 0 {
			return keyMap, ids(n.Maps), len(n.Turfs) == 0
		}
		return keyTurf, ids(n.Turfs), true
	case list.Answered:
		return "question" + pre + id(n.Question), orAny(ids(n.Responses)), true
	case list.Voted:
		return electionOf(n)
	case list.LivesWith:
		if is, isAttr := n.Who.(list.Is); isAttr && is.Attr == list.Party {
			return keyLives, is.Values, true
		}
	case list.Any:
		return anyOf(n)
	case list.None: // never asked
		if len(n) == 1 {
			if a, isAnswer := n[0].(list.Answered); isAnswer && reflect.DeepEqual(a, list.Answered{Question: a.Question}) {
				return "question" + pre + id(a.Question), []string{valueNever}, true
			}
		}
	}
	return "", nil, false
}

// orAny names what asks for no value in particular.
func orAny(values []string) []string {
	if len(values) == 0 {
		return []string{valueAny}
	}
	return values
}

func phoneValues(n list.Phone) []string {
	switch {
	case n.Textable:
		return []string{valueTextable}
	case len(n.Kinds) == 0:
		return []string{valueAny}
	}
	return n.Kinds
}

// electionOf reads "voted in this one election" or "did not".
func electionOf(n list.Voted) (string, []string, bool) {
	if n.Last != 0 || len(n.Elections) != 1 || len(n.Methods) > 0 || len(n.Parties) > 0 {
		return "", nil, false
	}
	key := "election" + pre + id(n.Elections[0])
	switch {
	case n.AtLeast != nil && *n.AtLeast == 1 && n.AtMost == nil:
		return key, []string{valueYes}, true
	case n.AtMost != nil && *n.AtMost == 0 && n.AtLeast == nil:
		return key, []string{valueNo}, true
	}
	return "", nil, false
}

// anyOf reads an any of choices of one key.
func anyOf(n list.Any) (key string, values []string, ok bool) {
	for _, m := range n {
		k, vs, isChoice := choiceOf(m)
		if !isChoice || key != "" && k != key {
			return "", nil, false
		}
		key, values = k, append(values, vs...)
	}
	_, same := notesOf(n)
	return key, values, len(n) > 0 && same
}

func ids(ns []int64) []string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = id(n)
	}
	return out
}

func numbers(ss []string) []int64 {
	var out []int64
	for _, s := range ss {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// choice is the node of a choice, nil for a key that has none or for values that say nothing.
func choice(key string, values []string) list.Node {
	kind, rest, _ := strings.Cut(key, pre)
	n, _ := strconv.ParseInt(rest, 10, 64)
	switch {
	case len(values) == 0:
		return nil
	case key == keyPhone:
		return reach(values)
	case key == keyCode:
		return list.Code{Codes: numbers(values)}
	case key == keyTag:
		return list.Tag{Tags: numbers(values)}
	case key == keyEvent:
		return list.Event{Events: numbers(values)}
	case key == keySaved:
		return savedNode(numbers(values))
	case key == keyTurf:
		return list.Turf{Turfs: numbers(values)}
	case key == keyMap:
		return list.Turf{Maps: numbers(values)}
	case key == keyAsked:
		return asked(values)
	case key == keyLives:
		return list.LivesWith{Who: list.Is{Attr: list.Party, Values: values}}
	case kind == "known":
		return list.Known{Attr: list.Attr(rest)}
	case kind == "target":
		return list.Target{Target: n, Groups: numbers(values)}
	case kind == "custom":
		return list.Custom{Field: n, Values: values}
	case kind == "question":
		return answered(n, values)
	case kind == "election":
		return election(n, values)
	case rest == "" || strings.HasPrefix(key, string(list.District)):
		return list.Is{Attr: list.Attr(key), Values: values}
	}
	return nil
}

func reach(values []string) list.Node {
	var kinds []string
	var any list.Any
	for _, v := range values {
		switch v {
		case valueAny:
			any = append(any, list.Phone{})
		case valueTextable:
			any = append(any, list.Phone{Textable: true})
		case valueEmail:
			any = append(any, list.Email{})
		default:
			kinds = append(kinds, v)
		}
	}
	if len(kinds) > 0 {
		any = append(any, list.Phone{Kinds: kinds})
	}
	return oneOrAny(any)
}

// asked is met by who asked not to be contacted by one of some channels, or by any.
func asked(values []string) list.Node {
	if slices.Contains(values, valueAny) {
		return list.Suppressed{}
	}
	return list.Suppressed{Channels: values}
}

func savedNode(lists []int64) list.Node {
	var any list.Any
	for _, l := range lists {
		any = append(any, list.Saved{List: l})
	}
	return oneOrAny(any)
}

func answered(question int64, values []string) list.Node {
	var any list.Any
	switch rs := numbers(values); {
	case slices.Contains(values, valueAny):
		any = append(any, list.Answered{Question: question})
	case len(rs) > 0:
		any = append(any, list.Answered{Question: question, Responses: rs})
	}
	if slices.Contains(values, valueNever) {
		any = append(any, list.None{list.Answered{Question: question}})
	}
	return oneOrAny(any)
}

func election(n int64, values []string) list.Node {
	one, none := 1, 0
	yes, no := slices.Contains(values, valueYes), slices.Contains(values, valueNo)
	switch {
	case yes && no:
		return nil
	case yes:
		return list.Voted{Elections: []int64{n}, AtLeast: &one}
	case no:
		return list.Voted{Elections: []int64{n}, AtMost: &none}
	}
	return nil
}

func oneOrAny(any list.Any) list.Node {
	switch len(any) {
	case 0:
		return nil
	case 1:
		return any[0]
	}
	return any
}

// rangeOf reads a node as a range: bounds as people write them.
func rangeOf(n list.Node) (key, from, to string, ok bool) {
	switch n := n.(type) {
	case list.Between:
		return string(n.Attr), whole(n.From), whole(n.To), true
	case list.Score:
		return "score" + pre + id(n.Score), decimal(n.From), decimal(n.To), true
	case list.Custom:
		return "custom" + pre + id(n.Field), whole(n.From), whole(n.To), len(n.Values) == 0 && (n.From != nil || n.To != nil)
	}
	return "", "", "", false
}

func whole(n *int64) string {
	if n == nil {
		return ""
	}
	return id(*n)
}

func decimal(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}
