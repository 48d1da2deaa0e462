package turf

import (
	"cmp"
	"slices"
)

// linkMost is how long a link may be, in centimetres: a kilometre of streets on which nobody of the list lives.
const linkMost = 1000 * 100

// tie finds the links of sparse country: streets with doors that hang together with no other are linked to those nearest on
// foot. They are the shortest set of ways that ties what is apart (Mehlhorn 1988: a spanning tree of the cells around it).
func (n *network) tie() {
	part, many := n.clusters()
	if many < 2 {
		return
	}
	w := newWalker(n)
	w.begin()
	from := make([]int32, len(n.at)) // by crossing: the street with doors that is nearest
	for _, e := range n.home {
		for _, v := range [2]int32{n.edges[e].from, n.edges[e].to} {
			from[v] = e
			w.sow(v)
		}
	}
	w.grow(linkMost, func(v, to int32) { from[to] = from[v] })
	n.links = map[int32][]int32{}
	joined := newSets(many)
	for _, l := range n.borders(w, part, from) {
		if joined.join(part[l.a], part[l.b]) {
			n.links[l.a], n.links[l.b] = append(n.links[l.a], l.b), append(n.links[l.b], l.a)
		}
	}
}

// link is a way between two streets with doors.
type link struct{ cm, a, b int32 }

// borders lists the ways that lead from one cluster to another, shortest first.
func (n *network) borders(w *walker, part map[int32]int32, from []int32) []link {
	var all []link
	for _, e := range n.edges {
		if !e.open || w.mark[e.from] != w.turn || w.mark[e.to] != w.turn {
			continue
		}
		a, b := from[e.from], from[e.to]
		if cm := w.cm[e.from] + e.length + w.cm[e.to]; part[a] != part[b] && cm <= linkMost {
			all = append(all, link{cm, min(a, b), max(a, b)})
		}
	}
	slices.SortFunc(all, func(x, y link) int {
		return cmp.Or(cmp.Compare(x.cm, y.cm), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return all
}

// clusters says which streets with doors hang together without links, and how many clusters there are.
func (n *network) clusters() (of map[int32]int32, many int) {
	of = make(map[int32]int32, len(n.home))
	touch := newContact(n)
	touch.begin()
	for _, e := range n.home {
		touch.add(e)
	}
	for _, e := range n.home {
		if touch.reached(e) {
			continue
		}
		for _, f := range touch.flood(e) {
			of[f] = int32(many) // #nosec G115 -- MaxEdges
		}
		many++
	}
	return of, many
}

// sets are numbers joined to each other (Tarjan 1975).
type sets []int32

func newSets(n int) sets { return allOf(n) }

func (s sets) find(a int32) int32 {
	for s[a] != a {
		s[a] = s[s[a]]
		a = s[a]
	}
	return a
}

// join joins two, and says whether they were apart.
func (s sets) join(a, b int32) bool {
	a, b = s.find(a), s.find(b)
	s[max(a, b)] = min(a, b)
	return a != b
}
