package list

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// normal returns a node with the same meaning and fewer levels: lists in lists of the same kind become one, lists of one their only member, and what
// everybody or nobody meets goes where it decides nothing. All{} is everybody, Any{} nobody.
func normal(n Node) Node {
	switch n := n.(type) {
	case All:
		return normalAll(n)
	case Any:
		return normalAny(n)
	case None:
		return normalNone(n)
	case LivesWith:
		who := normal(n.Who)
		if isEverybody(who) || isNobody(who) {
			return who
		}
		return LivesWith{who}
	}
	return n
}

func isEverybody(n Node) bool {
	a, ok := n.(All)
	return ok && len(a) == 0
}

func isNobody(n Node) bool {
	a, ok := n.(Any)
	return ok && len(a) == 0
}

func normalAll(all All) Node {
	out := All{}
	for _, x := range all {
		switch x := normal(x).(type) {
		case All:
			out = append(out, x...)
		default:
			if isNobody(x) {
				return Any{}
			}
			out = append(out, x)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func normalAny(all Any) Node {
	out := Any{}
	for _, x := range all {
		switch x := normal(x).(type) {
		case Any:
			out = append(out, x...)
		default:
			if isEverybody(x) {
				return All{}
			}
			out = append(out, x)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func normalNone(all None) Node {
	switch x := normalAny(Any(all)).(type) {
	case Any:
		if len(x) == 0 {
			return All{}
		}
		return None(x)
	case All:
		if len(x) == 0 {
			return Any{}
		}
		return None{x}
	case None:
		return normalAny(Any(x))
	default:
		return None{x}
	}
}

// Key returns a name for what the plan asks, for caches: plans with the same key find the same people at the same epoch.
func (p Plan) Key() string {
	h := sha256.New()
	u, err := json.Marshal(p.Universe)
	h.Write(u)
	h.Write(keyOfSteps(p.Steps))
	if err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func keyOfSteps(steps []Step) []byte {
	var b []byte
	for _, s := range steps {
		where := s.Where
		s.Where = nil
		one, err := json.Marshal(s)
		if err != nil {
			return nil
		}
		b = append(append(b, one...), '\n')
		if where != nil {
			b = append(append(b, keyOf(where)...), '\n')
		}
	}
	return b
}

// keyOf writes a node with its children in an order that does not depend on how they were given.
func keyOf(n Node) []byte {
	b := append([]byte(n.Kind()), ' ')
	children := func(all []Node) []byte {
		keys := make([][]byte, len(all))
		for i, x := range all {
			keys[i] = keyOf(x)
		}
		slices.SortFunc(keys, bytes.Compare)
		b = append(b, '[')
		for _, k := range keys {
			b = append(append(b, k...), ',')
		}
		return append(b, ']')
	}
	switch n := n.(type) {
	case All:
		return children(n)
	case Any:
		return children(n)
	case None:
		return children(n)
	case LivesWith:
		return children([]Node{n.Who})
	case Sub:
		return append(append(append(b, '{'), keyOfSteps(n.Steps)...), '}')
	}
	one, err := json.Marshal(n)
	if err != nil { // no node of a plan holds what JSON cannot say
		return b
	}
	return append(b, one...)
}
