package turfstore

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/openprecinct/precinct/internal/geo"
)

// Found is an address of a map, as somebody looked for it.
type Found struct {
	House, Street, City string
	At                  geo.Point
	Doors               int
	Turf                int // by the ID it has in the plan; 0 for none
}

// Find returns addresses of the map of which every word of text begins one, a house number that is just that first, at most so many. House numbers come in
// their order on the street.
func (d Draft) Find(text string, most int) []Found {
	want := addressWords(text)
	if len(want) == 0 {
		return nil
	}
	type address struct{ house, street, city string }
	at := map[address]int{}
	var all []Found
	var first []int // by address: its first door, as the plan counts
	for i, k := range d.o.door {
		x := &d.o.ground.Doors[k]
		if !fitsAddress(x, want) {
			continue
		}
		a := address{x.House, x.Street, x.City}
		n, ok := at[a]
		if !ok {
			n = len(all)
			at[a] = n
			all, first = append(all, Found{House: x.House, Street: x.Street, City: x.City, At: x.At}), append(first, i)
		}
		all[n].Doors++
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	exact := func(f Found) int {
		if slices.Contains(want, f.House) {
			return 0
		}
		return 1
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := all[a], all[b]
		return cmp.Or(cmp.Compare(exact(x), exact(y)), cmp.Compare(x.Street, y.Street), cmp.Compare(x.City, y.City), cmp.Compare(number(x.House), number(y.House)), cmp.Compare(a, b))
	})
	of := d.Of()
	out := make([]Found, 0, min(most, len(order)))
	for _, i := range order[:min(most, len(order))] {
		f := all[i]
		f.Turf = of[first[i]]
		out = append(out, f)
	}
	return out
}

// addressWords are the words of an address in capitals, without what is no letter or digit.
func addressWords(text string) []string {
	return strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '/' })
}

// fitsAddress says whether each wanted word begins a word of a door's address.
func fitsAddress(d *Door, want []string) bool {
	for _, w := range want {
		if !begins(d.House, w) && !begins(d.Street, w) && !begins(d.City, w) && !begins(d.Unit, w) {
			return false
		}
	}
	return true
}

// begins says whether a word of s begins with w, whatever their letters' case.
func begins(s, w string) bool {
	for i := 0; i < len(s); {
		if len(s)-i >= len(w) && strings.EqualFold(s[i:i+len(w)], w) {
			return true
		}
		next := strings.IndexAny(s[i:], " -#")
		if next < 0 {
			return false
		}
		i += next + 1
	}
	return false
}
