package segment

import (
	"cmp"
	"context"
	"iter"
	"math/bits"
	"runtime"
	"slices"
	"sort"
	"strconv"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
)

// Order is the order in which people come.
type Order int

// The orders.
const (
	Walk   Order = iota // county, precinct, city, street, house, unit, household
	ByName              // last name, first name as look-ups fold them, person id
)

// Row is what segments know of one person.
type Row struct {
	Person                         int64
	Household, Door                int64 // field_person.household_key and address_key
	Last, First, Middle, Suffix    string
	House, Street, Unit, City, ZIP string
	County, Precinct               string // Precinct as list.PrecinctValue
	Sex, Party, Status             string
	Birth                          int64  // yyyymmdd, 0 unknown
	Phone, PhoneKind               string // a right number, a cell's before others
	Lon, Lat                       list.Micro
	Placed                         bool
}

// Page returns people of a set, limit from offset.
func (v *View) Page(ctx context.Context, u list.Universe, s *Set, o Order, offset, limit int) (all []Row, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if s.gen != v.gen {
		return nil, ErrOther
	}
	f, err := v.filler(ctx, u)
	if err != nil {
		return nil, err
	}
	all = make([]Row, 0, max(min(limit, int(s.Len())), 0))
	for row := range v.ordered(s, o, offset) {
		if len(all) >= limit {
			break
		}
		all = append(all, Row{})
		f.fill(row, &all[len(all)-1])
	}
	return all, nil
}

// Each yields the people of a set.
func (v *View) Each(ctx context.Context, u list.Universe, s *Set, o Order) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		defer runtime.KeepAlive(v)
		if s.gen != v.gen {
			yield(Row{}, ErrOther)
			return
		}
		if err := v.each(ctx, u, s, o, yield); err != nil {
			yield(Row{}, err)
		}
	}
}

func (v *View) each(ctx context.Context, u list.Universe, s *Set, o Order, yield func(Row, error) bool) (err error) {
	defer v.guard(&err)()
	f, err := v.filler(ctx, u)
	if err != nil {
		return err
	}
	for row := range v.ordered(s, o, 0) {
		var r Row
		f.fill(row, &r)
		if !yield(r, ctx.Err()) {
			return nil
		}
	}
	return nil
}

// ordered yields the rows of a set in an order, without the first offset of them.
func (v *View) ordered(s *Set, o Order, offset int) iter.Seq[int] {
	if o == ByName {
		return v.byName(s, offset)
	}
	word := 0
	for word < len(s.bits) {
		n := bits.OnesCount64(s.bits[word])
		if n > offset {
			break
		}
		offset -= n
		word++
	}
	return func(yield func(int) bool) {
		skip := offset
		for row := range s.rowsFrom(word) {
			if skip > 0 {
				skip--
				continue
			}
			if !yield(row) {
				return
			}
		}
	}
}

// byName looks through everybody in the order of names, or sorts the set when it is small.
func (v *View) byName(s *Set, offset int) iter.Seq[int] {
	names := v.nameOrder()
	if n := s.Len(); n < int64(max(v.rows/256, 100)) {
		rows := names.sorted(s)
		return func(yield func(int) bool) {
			for _, r := range rows[min(offset, len(rows)):] {
				if !yield(int(r.row)) {
					return
				}
			}
		}
	}
	return func(yield func(int) bool) {
		skip := offset
		for _, r := range names.rows {
			if !s.has(int(r)) {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			if !yield(int(r)) {
				return
			}
		}
	}
}

// nameOrder is the rows in the order of their names.
type nameOrder struct {
	names [2]*column // last, first
	ranks [2][]uint32
	rows  []uint32
}

// namedRow is a row with what it is sorted by.
type namedRow struct {
	name    uint64 // nameOrder.of
	id, row uint32
}

// of returns the ranks of a row's last and first name, the last name's before the first's.
func (o *nameOrder) of(row uint32) uint64 {
	last, first := o.names[0].code(int(row)), o.names[1].code(int(row))
	return uint64(o.ranks[0][last])<<32 | uint64(o.ranks[1][first])
}

// sorted returns the rows of a small set in the order of their names.
func (o *nameOrder) sorted(s *Set) []namedRow {
	all := make([]namedRow, 0, s.Len())
	for row := range s.rowsFrom(0) {
		all = append(all, namedRow{o.of(uint32(row)), s.gen.ids[row], uint32(row)})
	}
	slices.SortFunc(all, func(a, b namedRow) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
	return all
}

// nameOrder returns the order of names as it is now: that of the generation until somebody's name changes.
func (v *View) nameOrder() *nameOrder {
	last, first := v.cols["last"], v.cols["first"]
	columns := [2]*column{last, first}
	if last == v.gen.cols["last"] && first == v.gen.cols["first"] {
		return &nameOrder{columns, [2][]uint32{v.gen.last, v.gen.first}, v.gen.byName}
	}
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	if k := v.shared.byName; k != nil && k.names == columns {
		return k
	}
	g := &generation{rows: v.rows, cols: v.cols, byID: v.gen.byID}
	g.sortNames()
	v.shared.byName = &nameOrder{columns, [2][]uint32{g.last, g.first}, g.byName}
	return v.shared.byName
}

// filler fills in rows.
type filler struct {
	v                                                                                                                        *View
	last, first, middle, suffix, house, street, unit, city, zip, zip4, county, precinct, sex, party, status, birth, lon, lat *column
	file, own                                                                                                                *piece
	right                                                                                                                    []bool // of the file's kinds
	rightOwn                                                                                                                 []bool
}

func (v *View) filler(ctx context.Context, u list.Universe) (*filler, error) {
	c := v.cols
	f := &filler{v: v, last: c["last"], first: c["first"], middle: c["middle"], suffix: c["suffix"], house: c["house"], street: c["street"], unit: c["unit"], city: c["city"], zip: c["zip"], zip4: c["zip4"], county: c["county"], precinct: c["precinct"], sex: c["sex"], party: c["party"], status: c["status"], birth: c["birth"], lon: c["lon"], lat: c["lat"]}
	var err error
	f.file, f.own, err = v.reach(v.compiler(ctx, u), change.Phone)
	if err != nil {
		return nil, err
	}
	f.right = rightKinds(f.file, nil).val
	if f.own != nil {
		f.rightOwn = rightKinds(f.own, nil).val
	}
	return f, nil
}

func (f *filler) fill(row int, r *Row) {
	v := f.v
	last, _ := nameKey(f.last.text(row))
	first, _ := nameKey(f.first.text(row))
	zip := f.zip.text(row)
	if z4 := f.zip4.text(row); z4 != "" {
		zip += "-" + z4
	}
	*r = Row{Person: v.gen.personAt(row), Household: v.homeOf(row), Door: v.doorOf(row), Last: last, First: first, Middle: f.middle.text(row),
		Suffix: f.suffix.text(row), House: f.house.text(row), Street: f.street.text(row), Unit: f.unit.text(row), City: f.city.text(row), ZIP: zip,
		County: f.county.text(row), Precinct: f.precinct.text(row), Sex: f.sex.text(row), Party: f.party.text(row), Status: f.status.text(row)}
	r.Birth, _ = f.birth.value(row)
	if lon := f.lon.code(row); lon != 0 {
		r.Lon, r.Lat, r.Placed = lonOf(lon), latOf(f.lat.code(row)), true
	}
	r.Phone, r.PhoneKind = f.phone(row)
}

// factsOf returns where the facts of a row stand in its block.
func (p *piece) factsOf(row int) (k *facts, from, to int) {
	k = &p.blocks[row>>16]
	low := uint16(row)
	from = sort.Search(len(k.row), func(i int) bool { return k.row[i] >= low })
	for to = from; to < len(k.row) && k.row[to] == low; to++ {
	}
	return k, from, to
}

// phone returns the number to call: a right one, a cell phone's before others, what the organisation knows before what the file says.
func (f *filler) phone(row int) (number, kind string) {
	take := func(p *piece, k *facts, i int) {
		if t := p.texts[k.val.at(i)]; number == "" || kind != "cell" && t == "cell" {
			number, kind = numberText(k.num[i]), t
		}
	}
	var said []uint64
	if f.own != nil {
		k, from, to := f.own.factsOf(row)
		for i := from; i < to; i++ {
			said = append(said, k.num[i])
			if f.rightOwn[k.val.at(i)] {
				take(f.own, k, i)
			}
		}
	}
	k, from, to := f.file.factsOf(row)
	for i := from; i < to; i++ {
		if f.right[k.val.at(i)] && !slices.Contains(said, k.num[i]) {
			take(f.file, k, i)
		}
	}
	return number, kind
}

// numberText is the inverse of numberOf; a number that was not ten digits is not known any more.
func numberText(n uint64) string {
	if n>>63 != 0 || n == 0 {
		return ""
	}
	s := strconv.FormatUint(n-1, 10)
	return "0000000000"[:max(10-len(s), 0)] + s
}
