package turf

// contact finds out whether streets hang together: they do when they share a crossing, when one street lies between them, or
// by a link (see tie).
type contact struct {
	net   *network
	mark  []uint32 // by edge
	turn  uint32
	edges []int32
	found []int32
}

func newContact(n *network) *contact {
	return &contact{net: n, mark: make([]uint32, len(n.edges))}
}

// begin forgets the streets added before. Turns count in twos: the second says that a street was reached.
func (c *contact) begin() {
	c.turn += 2
	c.edges = c.edges[:0]
}

func (c *contact) add(edge int32) {
	if c.mark[edge] != c.turn {
		c.mark[edge] = c.turn
		c.edges = append(c.edges, edge)
	}
}

// pieces counts how many parts the streets added make. Afterwards begin is needed.
func (c *contact) pieces() int {
	n := 0
	for _, e := range c.edges {
		if c.mark[e] == c.turn {
			n++
			c.flood(e)
		}
	}
	return n
}

// flood reaches all streets that hang together with one, and returns them until the next flood.
func (c *contact) flood(edge int32) []int32 {
	c.mark[edge] = c.turn + 1
	c.found = append(c.found[:0], edge)
	for i := 0; i < len(c.found); i++ {
		c.beside(c.found[i], func(e int32) {
			if c.mark[e] == c.turn {
				c.mark[e] = c.turn + 1
				c.found = append(c.found, e)
			}
		})
	}
	return c.found
}

// beside calls for the streets that hang together with one by themselves, some of them more than once.
func (c *contact) beside(edge int32, reach func(int32)) {
	e := &c.net.edges[edge]
	for _, v := range [2]int32{e.from, e.to} {
		for _, a := range c.net.arcs[c.net.first[v]:c.net.first[v+1]] {
			reach(a.edge)
			for _, b := range c.net.arcs[c.net.first[a.to]:c.net.first[a.to+1]] {
				reach(b.edge)
			}
		}
	}
	for _, l := range c.net.links[edge] {
		reach(l)
	}
}

// reached says whether a flood came to a street that was added.
func (c *contact) reached(edge int32) bool { return c.mark[edge] == c.turn+1 }
