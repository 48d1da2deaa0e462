package segment

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/db"
)

// readPart is what one goroutine has read: rows in the order of reading, texts as codes of its own dictionaries.
type readPart struct {
	ids          []int64
	texts        [][]uint32 // by textColumns; of those that are read in groups none
	words        []*texts   // by textColumns, and then by districts
	groups       [2]group   // who, where
	numbers      [2][]int64 // birth, registered_on
	hidden       []uint8    // hiddenCode
	home, door   []int64
	votesCast    []uint8
	votes        map[int64]*partVotes
	ballots      map[ballot]vote
	parties      *texts
	districts    map[string]int // kind: index in words
	phones       []reached
	emails       []reached
	kinds, marks *interner[string]
	buf          []byte
}

type kindCode struct {
	column int
	code   uint32
}

type partVotes struct {
	words *texts
	codes []uint32 // as long as there are rows up to the last vote
}

// ballot is what a row of field_vote says besides who voted.
type ballot struct {
	election, method int64
	party            uint32
}

// vote is a ballot as it is kept.
type vote struct {
	of     *partVotes
	code   uint32
	counts bool
}

// reached is a number or an address of a row.
type reached struct {
	num  uint64
	row  uint32 // an index into ids
	kind uint32
}

// textColumns are the columns of texts that everybody has, in the order of readPart.texts.
var textColumns = []string{"last", "first", "middle", "suffix", "sex", "race", "ethnicity", "party", "status", "house", "street", "unit", "city", "zip", "zip4",
	"county", "precinct", "congress", "state_senate", "state_house", "municipality"}

// newReadPart returns a part with room for so many people.
func newReadPart(room int) *readPart {
	p := &readPart{votes: map[int64]*partVotes{}, ballots: map[ballot]vote{}, parties: newTexts(), districts: map[string]int{},
		kinds: internerOf[string](nil), marks: internerOf[string](nil), ids: make([]int64, 0, room), home: make([]int64, 0, room), door: make([]int64, 0, room),
		votesCast: make([]uint8, 0, room)}
	for i := range p.numbers {
		p.numbers[i] = make([]int64, 0, room)
	}
	p.hidden = make([]uint8, 0, room)
	p.texts = make([][]uint32, len(textColumns))
	for range textColumns {
		p.words = append(p.words, newTexts())
	}
	for _, c := range ownColumns {
		p.texts[c] = make([]uint32, 0, room)
	}
	for i := range p.groups {
		p.groups[i] = group{index: newTexts(), of: make([]uint32, 0, room)}
		p.groups[i].codes = [][]kindCode{nil} // of the empty key, which nobody has
	}
	return p
}

// namePair joins a name as written and as folded; mostly they are the same.
func namePair(name, key string) string {
	if name == key {
		return name
	}
	return name + "\x00" + key
}

// textsOf returns what stands in the columns of texts.
func (r *personRow) textsOf() [21]string {
	zip4 := strings.TrimPrefix(r.ZIP[len(list.ZIPValue(r.ZIP)):], "-")
	return [...]string{namePair(r.Last, r.LastKey), namePair(r.First, r.FirstKey), r.Middle, r.Suffix, r.Sex, r.Race, r.Ethnicity, r.Party, r.Status, r.House, r.Street,
		r.Unit, r.City, list.ZIPValue(r.ZIP), zip4, r.County, list.PrecinctValue(r.County, r.Precinct), r.Congress, r.StateSenate, r.StateHouse, r.Municipality}
}

// add adds a person.
func (p *readPart) add(s *db.Swept) {
	p.addNumbers(s)
	p.addText(ownColumns[0], p.pair(s.Texts[sweptLast], s.Texts[sweptLastKey]))
	p.addText(ownColumns[1], p.pair(s.Texts[sweptFirst], s.Texts[sweptFirstKey]))
	for i, c := range ownColumns[2:] {
		p.addText(c, s.Texts[sweptMiddle+i])
	}
	p.addGroup(s, who, s.Texts[firstOfWho:firstOfWhere])
	p.addGroup(s, where, s.Texts[firstOfWhere:])
}

func (p *readPart) addText(column int, s []byte) {
	p.texts[column] = append(p.texts[column], p.words[column].code(s))
}

// pair is namePair.
func (p *readPart) pair(name, key []byte) []byte {
	if bytes.Equal(name, key) {
		return name
	}
	p.buf = append(append(append(p.buf[:0], name...), 0), key...)
	return p.buf
}

// addNumbers adds what is not text.
func (p *readPart) addNumbers(s *db.Swept) {
	p.ids = append(p.ids, s.Key)
	p.numbers[0] = append(p.numbers[0], list.Born(s.Ints[sweptBirthDate], s.Ints[sweptBirthYear]))
	p.numbers[1] = append(p.numbers[1], s.Ints[sweptRegisteredOn])
	p.hidden = append(p.hidden, uint8(hiddenCode(s.Ints[sweptDroppedOn] != 0, s.Ints[sweptMinor] != 0, s.Ints[sweptConfidential] != 0)))
	p.home, p.door = append(p.home, s.Ints[sweptHousehold]), append(p.door, s.Ints[sweptDoor])
	p.votesCast = append(p.votesCast, 0)
}

// Fields that many people have the same are looked up together.
const (
	who   = iota // sex to status
	where        // city to districts
)

// group remembers which fields were met together.
type group struct {
	index *texts
	codes [][]kindCode // by code of the group
	of    []uint32     // of rows: code of the group
}

// The columns that a person's own fields fill, that sex to status fill, and that city to districts fill.
var (
	ownColumns   = columnsOf("last", "first", "middle", "suffix", "house", "street", "unit")
	whoColumns   = columnsOf("sex", "race", "ethnicity", "party", "status")
	whereColumns = columnsOf("city", "zip", "zip4", "county", "precinct", "congress", "state_senate", "state_house", "municipality")
)

func columnsOf(names ...string) []int {
	all := make([]int, len(names))
	for i, n := range names {
		all[i] = slices.Index(textColumns, n)
	}
	return all
}

// groupOf returns with which others a column is read; false when by itself.
func groupOf(column int) (int, bool) {
	switch {
	case slices.Contains(whoColumns, column):
		return who, true
	case column >= len(textColumns) || slices.Contains(whereColumns, column):
		return where, true
	}
	return 0, false
}

// addGroup adds fields that many people have the same.
func (p *readPart) addGroup(s *db.Swept, which int, fields [][]byte) {
	p.buf = p.buf[:0]
	for _, f := range fields {
		p.buf = append(binary.AppendUvarint(p.buf, uint64(len(f))), f...)
	}
	g := &p.groups[which]
	c := g.index.code(p.buf)
	if int(c) == len(g.codes) {
		g.codes = append(g.codes, p.groupCodes(s, which))
	}
	g.of = append(g.of, c)
}

func (p *readPart) groupCodes(s *db.Swept, which int) []kindCode {
	var codes []kindCode
	r := sweptPerson(s)
	texts := r.textsOf()
	columns := whoColumns
	if which == where {
		columns = whereColumns
	}
	for _, c := range columns {
		codes = append(codes, kindCode{c, p.words[c].code([]byte(texts[c]))})
	}
	if which == who {
		return codes
	}
	for kind, code := range districtsOf(r.Districts) {
		i, ok := p.districts[kind]
		if !ok {
			i = len(p.words)
			p.words = append(p.words, newTexts())
			p.districts[kind] = i
		}
		codes = append(codes, kindCode{i, p.words[i].code([]byte(code))})
	}
	return codes
}

// addVote adds a vote of a row, the newest as any other.
func (p *readPart) addVote(row int, election, method int64, party []byte) {
	b := ballot{election, method, p.parties.code(party)}
	v, ok := p.ballots[b]
	if !ok {
		v.of = p.votes[election]
		if v.of == nil {
			v.of = &partVotes{words: newTexts(), codes: make([]uint32, 0, cap(p.ids))}
			p.votes[election] = v.of
		}
		text := voteText(method, string(party))
		v.code, v.counts = v.of.words.code([]byte(text)), voteCounts(text, nil, nil)
		p.ballots[b] = v
	}
	for len(v.of.codes) <= row {
		v.of.codes = append(v.of.codes, 0)
	}
	v.of.codes[row] = v.code
	if v.counts && p.votesCast[row] < 255 {
		p.votesCast[row]++
	}
}

// numberOf returns what tells a phone number from all others.
func numberOf(s string) uint64 {
	if n, err := strconv.ParseUint(s, 10, 63); err == nil && len(s) == 10 {
		return n + 1
	}
	return hashOf(s)
}

// hashOf returns what tells an e-mail address from all others: 63 bits, of which two addresses in a state of ten millions have the same once in 180,000.
func hashOf(s string) uint64 {
	x := uint64(14695981039346656037) // FNV-1a
	for i := range len(s) {
		x = (x ^ uint64(s[i])) * 1099511628211
	}
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33 | 1<<63
}

func kindText(kind string, wrong int64) string {
	if wrong != 0 {
		return wrongMark + kind
	}
	return kind
}

// num reads a whole number that the database wrote.
func num(s string) int64 {
	n, minus := int64(0), false
	if len(s) > 0 && s[0] == '-' {
		minus, s = true, s[1:]
	}
	for i := range len(s) {
		n = n*10 + int64(s[i]-'0')
	}
	if minus {
		return -n
	}
	return n
}

// chunkIDs is how many person ids are read at once.
const chunkIDs = 8192

// readAll reads a voter file, each goroutine its own stretches of ids.
func (e *Engine) readAll(ctx context.Context, file int64, ids idRange, total int64, say func(stage string, done, total int64)) ([]*readPart, error) {
	parts := make([]*readPart, workers())
	room := int(total)/len(parts) + int(total)/16 + chunkIDs
	var next, done atomic.Int64
	next.Store(ids.from)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var first error
	var wg sync.WaitGroup
	for w := range parts {
		parts[w] = newReadPart(min(room, int(total)))
		wg.Go(func() {
			for ctx.Err() == nil {
				from := next.Add(chunkIDs) - chunkIDs
				if from >= ids.to {
					return
				}
				n, err := e.readChunk(ctx, parts[w], file, idRange{from, min(from+chunkIDs, ids.to)})
				if err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
					cancel()
					return
				}
				say("people", done.Add(int64(n)), total)
			}
		})
	}
	wg.Wait()
	if first != nil {
		return nil, fmt.Errorf("reading people: %w", first)
	}
	return parts, ctx.Err()
}

// readChunk reads the people of a stretch of ids with their votes, phones and e-mail addresses.
func (e *Engine) readChunk(ctx context.Context, p *readPart, file int64, ids idRange) (int, error) {
	before := len(p.ids)
	at := make([]int32, ids.to-ids.from) // row + 1 by id
	err := sweepPeople(ids).Each(ctx, e.db, func(s *db.Swept) error {
		if s.Ints[sweptFile] == file {
			p.add(s)
			at[s.Key-ids.from] = int32(len(p.ids))
		}
		return nil
	})
	if err != nil || len(p.ids) == before {
		return 0, err
	}
	err = sweepVotes(ids).Each(ctx, e.db, func(s *db.Swept) error {
		if row := at[s.Key-ids.from]; row > 0 {
			p.addVote(int(row-1), s.Ints[0], s.Ints[1], s.Texts[0])
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(p.ids) - before, e.readReach(ctx, p, ids, at)
}

// readReach reads the voter file's own numbers and addresses.
func (e *Engine) readReach(ctx context.Context, p *readPart, ids idRange, at []int32) error {
	err := sweepPhones(ids).Each(ctx, e.db, func(s *db.Swept) error {
		if row := at[s.Key-ids.from]; row > 0 && s.Ints[0] == 0 {
			kind := p.kinds.code(kindText(string(s.Texts[1]), s.Ints[1]))
			p.phones = append(p.phones, reached{numberOf(string(s.Texts[0])), uint32(row - 1), kind})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sweepEmails(ids).Each(ctx, e.db, func(s *db.Swept) error {
		if row := at[s.Key-ids.from]; row > 0 && s.Ints[0] == 0 {
			p.emails = append(p.emails, reached{hashOf(string(s.Texts[0])), uint32(row - 1), p.marks.code(kindText("", s.Ints[1]))})
		}
		return nil
	})
}

// placesOf calls f with the places of doors, which are in order of their keys; where none is known it does not. Calls come at once, each door's once.
func (e *Engine) placesOf(ctx context.Context, doors []door, f func(d door, lon, lat list.Micro)) error {
	n, err := countPlaces(ctx, e.db)
	if err != nil || n == 0 {
		return err
	}
	const each = 1 << 16
	stretches := (len(doors) + each - 1) / each
	got := make([]error, stretches)
	eachBlock(stretches, func(_, i int) {
		part := doors[i*each : min((i+1)*each, len(doors))]
		near := 0
		got[i] = sweepPlaces(idRange{part[0].key, part[len(part)-1].key + 1}).Each(ctx, e.db, func(s *db.Swept) error {
			if near == len(part) || part[near].key != s.Key { // mostly places come in order, and all are wanted
				near = sort.Search(len(part), func(i int) bool { return part[i].key >= s.Key })
			}
			for ; near < len(part) && part[near].key == s.Key; near++ {
				f(part[near], list.ToMicro(s.Reals[0]), list.ToMicro(s.Reals[1]))
			}
			return nil
		})
	})
	return errors.Join(got...)
}
