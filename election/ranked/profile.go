package ranked

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
)

// Overvote marks, as a mark's candidate, a rank where the system says only that there was an overvote.
const Overvote = -1

// Mark is one mark on a ballot of the contest.
type Mark struct {
	Rank      int // from 1
	Candidate int // index into the contest's candidates, or Overvote
	Alias     int // which of the candidate's aliases the file says, from 1; 0 for the name. A count does not look at it
}

// Ballot is what one card says about the contest.
type Ballot struct {
	Source    int    // which source of the config, from 0
	ID        string // the name reports call it by: of the file and its place there, or what the vendor says
	VendorID  string // the vendor's own
	Contest   string // as the source names it
	Tabulator string
	Batch     string
	Precinct  string
	Portion   string
	Marks     []Mark // by rank
}

// Slice is a way to cut a count into parts.
type Slice uint8

// The ways to cut a count.
const (
	ByPrecinct Slice = iota
	ByBatch
	sliceKinds
)

// String returns the word that reports use: "precinct", "batch".
func (s Slice) String() string {
	if s == ByBatch {
		return "batch"
	}
	return "precinct"
}

// Missing is the name of the part that holds ballots without a precinct or batch.
func (s Slice) Missing() string { return "no " + s.String() + " id" }

// Profile is all ballots of a contest with equal ones put together: a ranking, how often it was cast, and how often in
// each precinct and batch that was asked for. It is as large as the variety of ballots, not as their number.
type Profile struct {
	Ballots int64 // how many there are

	arena  []byte // rankings end to end, packed
	ends   []uint64
	counts []int64
	table  []uint32 // open addressing: index of a ranking plus 1
	seed   maphash.Seed

	cut   [sliceKinds]bool
	parts [sliceKinds]parts
	// cells are the parts of each ranking: sorted and counted by Seal.
	cells map[cell]int64
	sheet cells
	pack  []byte
}

type parts struct {
	names []string
	index map[string]uint32
}

type cell struct{ ranking, book uint32 }

// cells lists the books (0 is the whole, then precincts, then batches) in which each ranking stands.
type cells struct {
	from   []uint32 // by ranking, and the end
	book   []uint32
	counts []int64
}

// NewProfile returns an empty profile that keeps the parts asked for.
func NewProfile(by ...Slice) *Profile {
	p := &Profile{table: make([]uint32, 1<<10), seed: maphash.MakeSeed(), cells: map[cell]int64{}}
	for _, s := range by {
		p.cut[s] = true
		p.parts[s].index = map[string]uint32{}
	}
	return p
}

// Add puts a ballot to its like. The ballot may be used again.
func (p *Profile) Add(b *Ballot) {
	p.pack = packMarks(p.pack[:0], b.Marks)
	r := p.find(p.pack)
	p.counts[r]++
	p.Ballots++
	if p.cut[ByPrecinct] {
		p.cells[cell{r, p.parts[ByPrecinct].of(b.Precinct, ByPrecinct)}]++
	}
	if p.cut[ByBatch] {
		p.cells[cell{r, 1<<31 | p.parts[ByBatch].of(b.Batch, ByBatch)}]++
	}
}

func (t *parts) of(name string, s Slice) uint32 {
	if name == "" {
		name = s.Missing()
	}
	i, ok := t.index[name]
	if !ok {
		i = uint32(len(t.names)) // #nosec G115 -- fewer than ballots
		t.names = append(t.names, strings.Clone(name))
		t.index[t.names[i]] = i
	}
	return i
}

// packMarks writes marks as pairs of varints: how far the rank is from the last, and the candidate.
func packMarks(out []byte, marks []Mark) []byte {
	last := 0
	for _, m := range marks {
		out = binary.AppendUvarint(out, uint64(m.Rank-last))   // #nosec G115 -- marks are by rank
		out = binary.AppendUvarint(out, uint64(m.Candidate+1)) // #nosec G115 -- Overvote is -1
		last = m.Rank
	}
	return out
}

// unpackMarks reads packed marks into marks.
func unpackMarks(marks []Mark, packed []byte) []Mark {
	rank := uint64(0)
	for len(packed) > 0 {
		d, n := binary.Uvarint(packed)
		c, m := binary.Uvarint(packed[n:])
		rank += d
		packed = packed[n+m:]
		marks = append(marks, Mark{Rank: int(rank), Candidate: int(c) - 1}) // #nosec G115 -- as it was packed
	}
	return marks
}

// find returns the ranking that is packed like this; a new one is made.
func (p *Profile) find(packed []byte) uint32 {
	if len(p.counts)*2 >= len(p.table) {
		p.grow()
	}
	mask := uint64(len(p.table) - 1)
	for at := maphash.Bytes(p.seed, packed) & mask; ; at = (at + 1) & mask {
		r := p.table[at]
		if r == 0 {
			p.arena = append(p.arena, packed...)
			p.ends = append(p.ends, uint64(len(p.arena)))
			p.counts = append(p.counts, 0)
			p.table[at] = uint32(len(p.counts)) // #nosec G115 -- fewer than ballots, which are fewer than 2^32
			return p.table[at] - 1
		}
		if string(p.packed(r-1)) == string(packed) {
			return r - 1
		}
	}
}

func (p *Profile) packed(r uint32) []byte {
	from := uint64(0)
	if r > 0 {
		from = p.ends[r-1]
	}
	return p.arena[from:p.ends[r]]
}

func (p *Profile) grow() {
	p.table = make([]uint32, len(p.table)*4)
	mask := uint64(len(p.table) - 1)
	for r := range p.counts {
		at := maphash.Bytes(p.seed, p.packed(uint32(r))) & mask // #nosec G115 -- an index
		for p.table[at] != 0 {
			at = (at + 1) & mask
		}
		p.table[at] = uint32(r + 1) // #nosec G115 -- an index
	}
}

// Rankings returns how many different ballots there are.
func (p *Profile) Rankings() int { return len(p.counts) }

// Each calls fn with every different ballot and how often it was cast, in the order in which they first came.
func (p *Profile) Each(fn func(marks []Mark, count int64)) {
	var marks []Mark
	for r, n := range p.counts {
		marks = unpackMarks(marks[:0], p.packed(uint32(r))) // #nosec G115 -- an index
		fn(marks, n)
	}
}

// Parts returns the names of the parts of a slice, sorted.
func (p *Profile) Parts(s Slice) []string { return slices.Sorted(slices.Values(p.parts[s].names)) }

// whole returns the profile without its parts, for counts that need none.
func (p *Profile) whole() *Profile {
	w := *p
	w.parts, w.cells, w.sheet = [sliceKinds]parts{}, nil, cells{}
	return &w
}

// seal sorts the cells for counting.
func (p *Profile) seal() *cells {
	c := &p.sheet
	if len(c.from) == len(p.counts)+1 {
		return c
	}
	c.from = make([]uint32, len(p.counts)+1)
	for k := range p.cells {
		c.from[k.ranking+1]++
	}
	for r := range p.counts {
		c.from[r+1] += c.from[r] + 1 // and one for the whole
	}
	total := c.from[len(p.counts)]
	c.book, c.counts = make([]uint32, total), make([]int64, total)
	fill := slices.Clone(c.from)
	for r, n := range p.counts {
		c.counts[fill[r]] = n
		fill[r]++
	}
	batches := uint32(1 + len(p.parts[ByPrecinct].names)) // #nosec G115 -- fewer than ballots
	for k, n := range p.cells {
		at := fill[k.ranking]
		fill[k.ranking]++
		if k.book&(1<<31) != 0 {
			c.book[at] = batches + k.book&^(1<<31)
		} else {
			c.book[at] = 1 + k.book
		}
		c.counts[at] = n
	}
	return c
}
