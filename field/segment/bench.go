package segment

import "slices"

// Forget drops what the view keeps of conditions that were asked before, to measure what they cost the first time.
func (v *View) Forget() {
	v.shared.cache.mu.Lock()
	defer v.shared.cache.mu.Unlock()
	v.shared.cache.forget()
}

// Columns returns how many columns the files hold.
func (v *View) Columns() int { return len(v.cols) + len(v.votes) }

// MappedBytes returns how many bytes the columns and rows of the view take.
func (v *View) MappedBytes() int64 {
	n := int64(0)
	for _, c := range v.cols {
		n += int64(c.width) * int64(v.rows)
	}
	for _, e := range v.votes {
		n += int64(e.col.width) * int64(v.rows)
	}
	return n + 20*int64(v.rows) + 8*int64(len(v.gen.homeKeys)) + 8*int64(v.rows)
}

// Tiled returns a view of the same people laid n times beside each other, in memory, to measure how costs grow with rows. Columns that are not named stay behind;
// with none named all come along.
func (v *View) Tiled(n int, names ...string) *View {
	g := &generation{file: v.gen.file, epoch: v.gen.epoch, rows: v.rows * n, cols: map[string]*column{}, pieces: map[pieceKey]*piece{}, firstID: v.gen.firstID}
	for name, c := range v.cols {
		if len(names) == 0 || slices.Contains(names, name) {
			g.cols[name] = c.tiled(n, v.rows)
		}
	}
	for _, e := range v.votes {
		if len(names) == 0 || slices.Contains(names, votePrefix+itoa(e.id)) {
			g.votes = append(g.votes, election{e.id, e.col.tiled(n, v.rows)})
		}
	}
	for k, p := range v.pieces {
		g.pieces[k] = p.tiled(n, v.rows)
	}
	g.tileRows(v.gen, n)
	return newView(v.engine, g)
}

func (c *column) tiled(n, rows int) *column {
	codes := make([]uint32, 0, n*rows)
	for range n {
		for row := range rows {
			codes = append(codes, c.code(row))
		}
	}
	t := newColumn(c.name, c.width, codes)
	t.words, t.number = c.words, c.number
	return t
}

func (p *piece) tiled(n, rows int) *piece {
	t := *p
	if p.col != nil {
		t.col = p.col.tiled(n, rows)
		return &t
	}
	var all []event
	for i := range n {
		for b := range p.blocks {
			k := &p.blocks[b]
			for j, r := range k.row {
				e := event{row: i*rows + b<<16 + int(r), at: int64(k.at[j]) * 1000, val: k.val.at(j), who: k.who.at(j)}
				if k.num != nil {
					e.num = k.num[j] + uint64(i)<<40
				}
				all = append(all, e)
			}
		}
	}
	t.fill(n*rows, all)
	return &t
}

func (g *generation) tileRows(from *generation, n int) {
	rows := from.rows
	span := from.ids[from.byID[rows-1]] + 1
	size := (g.rows + blockRows - 1) / blockRows * blockWords
	g.joined, g.homed, g.groups = make([]uint64, size), make([]uint64, size), make([]uint32, size)
	for i := range n {
		for row := range rows {
			at := i*rows + row
			g.ids = append(g.ids, from.ids[row]+uint32(i)*span)
			g.byID = append(g.byID, from.byID[row]+uint32(i*rows))
			g.doorKeys = append(g.doorKeys, from.doorKeys[row]+int64(i))
			if at&63 == 0 {
				g.groups[at>>6] = uint32(len(g.homeKeys))
			}
			if from.joined[row>>6]>>(row&63)&1 != 0 {
				g.joined[at>>6] |= 1 << (at & 63)
			} else {
				g.homeKeys = append(g.homeKeys, from.home(row)+int64(i))
			}
			if from.homed[row>>6]>>(row&63)&1 != 0 {
				g.homed[at>>6] |= 1 << (at & 63)
			}
		}
	}
	g.nameRank = make([]uint32, g.rows)
	for _, row := range from.byName {
		for i := range n {
			g.nameRank[i*rows+int(row)] = uint32(len(g.byName))
			g.byName = append(g.byName, row+uint32(i*rows))
		}
	}
}
