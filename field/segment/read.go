package segment

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/openprecinct/precinct/field/list"
)

// readPart is what one goroutine has read: rows in the order of reading, texts as codes of its own dictionaries.
type readPart struct {
	ids          []int64
	texts        [][]uint32 // by textColumns, and then by districts
	words        []*texts
	numbers      [][]int64 // birth, registered_on
	flags        [3][]bool // dropped, minor, confidential
	home, door   []int64
	votesCast    []uint8
	votes        map[int64]*partVotes
	districts    map[string]int // kind: index in texts
	phones       []event        // row is an index into ids
	emails       []event
	kinds, marks *interner[string]
	shared       shared
	fields       []string
}

type kindCode struct {
	column int
	code   uint32
}

type partVotes struct {
	words *texts
	codes []uint32 // as long as there are rows up to the last vote
}

// texts is a dictionary that grows.
type texts struct {
	index    map[string]uint32
	all      []string
	last     string
	lastCode uint32
}

func newTexts() *texts { return &texts{index: map[string]uint32{"": 0}, all: []string{""}} }

func (t *texts) code(s string) uint32 {
	if s == t.last {
		return t.lastCode
	}
	c, ok := t.index[s]
	if !ok {
		s = strings.Clone(s)
		c = uint32(len(t.all))
		t.index[s] = c
		t.all = append(t.all, s)
	}
	t.last, t.lastCode = t.all[c], c
	return c
}

// textColumns are the columns of texts that everybody has, in the order of readPart.texts.
var textColumns = []string{"last", "first", "middle", "suffix", "sex", "race", "ethnicity", "party", "status", "house", "street", "unit", "city", "zip", "zip4",
	"county", "precinct", "congress", "state_senate", "state_house", "municipality"}

func newReadPart() *readPart {
	p := &readPart{shared: shared{}, fields: make([]string, 0, 64), votes: map[int64]*partVotes{}, districts: map[string]int{}, numbers: make([][]int64, 2), kinds: internerOf[string](nil), marks: internerOf[string](nil)}
	for range textColumns {
		p.addTexts()
	}
	return p
}

func (p *readPart) addTexts() {
	p.texts = append(p.texts, make([]uint32, len(p.ids)))
	p.words = append(p.words, newTexts())
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
func (p *readPart) add(r *personRow) {
	p.addOwn(r)
	for i, s := range r.textsOf() {
		p.texts[i] = append(p.texts[i], p.words[i].code(s))
	}
	codes := p.districtCodes(r.Districts, len(p.ids)-1)
	for i := len(textColumns); i < len(p.texts); i++ {
		p.texts[i] = append(p.texts[i], 0)
	}
	for _, k := range codes {
		p.texts[k.column][len(p.ids)-1] = k.code
	}
}

// addOwn adds what is not text.
func (p *readPart) addOwn(r *personRow) {
	p.ids = append(p.ids, r.ID)
	p.numbers[0] = append(p.numbers[0], list.Born(r.BirthDate, r.BirthYear))
	p.numbers[1] = append(p.numbers[1], r.RegisteredOn)
	p.flags[0] = append(p.flags[0], r.DroppedOn != 0)
	p.flags[1] = append(p.flags[1], r.Minor != 0)
	p.flags[2] = append(p.flags[2], r.Confidential != 0)
	p.home, p.door = append(p.home, r.Household), append(p.door, r.Door)
	p.votesCast = append(p.votesCast, 0)
}

// districtCodes takes the JSON of other districts apart. A kind that is new gets a column of so many rows.
func (p *readPart) districtCodes(json string, rows int) []kindCode {
	var codes []kindCode
	for kind, code := range districtsOf(json) {
		i, ok := p.districts[kind]
		if !ok {
			i = len(p.texts)
			p.addTexts()
			p.texts[i] = p.texts[i][:rows]
			p.districts[kind] = i
		}
		codes = append(codes, kindCode{i, p.words[i].code(code)})
	}
	return codes
}

func (p *readPart) addVote(row int, v voteRow) {
	e := p.votes[v.Election]
	if e == nil {
		e = &partVotes{words: newTexts()}
		p.votes[v.Election] = e
	}
	for len(e.codes) <= row {
		e.codes = append(e.codes, 0)
	}
	text := voteText(v.Method, v.Party)
	e.codes[row] = e.words.code(text)
	if voteCounts(text, nil, nil) && p.votesCast[row] < 255 {
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
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	x := h.Sum64()
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

// splitRows takes the text of many rows apart and calls f with the fields of each; it reports whether there were as many of both as there should be.
func splitRows(p packed, fields int, buf []string, f func(fields []string, row string)) bool {
	rest := p.Text
	if p.Rows == 0 {
		return true
	}
	if int64(strings.Count(rest, rowEnd)) != p.Rows-1 || int64(strings.Count(rest, fieldEnd)) != p.Rows*int64(fields-1) {
		return false
	}
	for more := true; more; {
		var row string
		row, rest, more = strings.Cut(rest, rowEnd)
		whole := row
		buf = buf[:0]
		for i := strings.IndexByte(row, fieldEnd[0]); i >= 0; i = strings.IndexByte(row, fieldEnd[0]) {
			buf, row = append(buf, row[:i]), row[i+1:]
		}
		if buf = append(buf, row); len(buf) != fields {
			return false
		}
		f(buf, whole)
	}
	return true
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

const (
	personFieldCount = 32
	firstOfWho       = 18 // sex to status
	firstOfWhere     = 23 // city to districts
)

// person turns fields into a row; its texts live as long as the text they are from.
func person(f []string, r *personRow) {
	*r = personRow{ID: num(f[0]), BirthYear: num(f[1]), BirthDate: num(f[2]), RegisteredOn: num(f[3]), Household: num(f[4]), Door: num(f[5]),
		Confidential: num(f[6]), Minor: num(f[7]), DroppedOn: num(f[8]), Last: f[9], LastKey: f[10], First: f[11], FirstKey: f[12], Middle: f[13], Suffix: f[14],
		House: f[15], Street: f[16], Unit: f[17], Sex: f[18], Race: f[19], Ethnicity: f[20], Party: f[21], Status: f[22], City: f[23], ZIP: f[24], County: f[25],
		Precinct: f[26], Congress: f[27], StateSenate: f[28], StateHouse: f[29], Municipality: f[30], Districts: f[31]}
}

// shared remembers the codes of fields that many people have the same.
type shared map[string][]kindCode

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

// addPacked adds a person from the fields of a row and the row they are parts of.
func (p *readPart) addPacked(f []string, row string, r *personRow) {
	person(f, r)
	who := 0
	for _, s := range f[:firstOfWho] {
		who += len(s) + 1
	}
	where := who
	for _, s := range f[firstOfWho:firstOfWhere] {
		where += len(s) + 1
	}
	p.addOwn(r)
	own := [...]string{namePair(r.Last, r.LastKey), namePair(r.First, r.FirstKey), r.Middle, r.Suffix, r.House, r.Street, r.Unit}
	for i, c := range ownColumns {
		p.texts[c] = append(p.texts[c], p.words[c].code(own[i]))
	}
	for _, part := range []struct {
		key     string
		columns []int
		kinds   bool
	}{{row[who:where], whoColumns, false}, {row[where:], whereColumns, true}} {
		codes, ok := p.shared[part.key]
		if !ok {
			codes = p.sharedCodes(r, part.columns, part.kinds)
			p.shared[strings.Clone(part.key)] = codes
		}
		if part.kinds {
			for i := len(textColumns); i < len(p.texts); i++ {
				p.texts[i] = append(p.texts[i], 0)
			}
		}
		for _, k := range codes {
			if k.column < len(textColumns) {
				p.texts[k.column] = append(p.texts[k.column], k.code)
			} else {
				p.texts[k.column][len(p.ids)-1] = k.code
			}
		}
	}
}

func (p *readPart) sharedCodes(r *personRow, columns []int, kinds bool) []kindCode {
	var codes []kindCode
	texts := r.textsOf()
	for _, c := range columns {
		codes = append(codes, kindCode{c, p.words[c].code(texts[c])})
	}
	if kinds {
		codes = append(codes, p.districtCodes(r.Districts, len(p.ids)-1)...)
	}
	return codes
}

// chunkIDs is how many person ids are read with one statement.
const chunkIDs = 2048

// readAll reads a voter file, each goroutine its own stretches of ids.
func (e *Engine) readAll(ctx context.Context, file int64, ids idRange, total int64, say func(stage string, done, total int64)) ([]*readPart, error) {
	parts := make([]*readPart, workers())
	var next, done atomic.Int64
	next.Store(ids.from)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var first error
	var wg sync.WaitGroup
	for w := range parts {
		parts[w] = newReadPart()
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
	text, err := packedPeople(ctx, e.db, file, ids)
	if err != nil || text.Rows == 0 {
		return 0, err
	}
	var r personRow
	if !splitRows(text, personFieldCount, p.fields, func(f []string, row string) { p.addPacked(f, row, &r) }) {
		if len(p.ids) != before {
			return 0, fmt.Errorf("people %d to %d: the database counts them in two ways", ids.from, ids.to)
		}
		all, err := peopleIn(ctx, e.db, file, ids)
		if err != nil {
			return 0, err
		}
		for i := range all {
			p.add(&all[i])
		}
	}
	at := make([]int32, ids.to-ids.from) // row + 1 by id
	for row := before; row < len(p.ids); row++ {
		at[p.ids[row]-ids.from] = int32(row + 1)
	}
	if err := e.readVotes(ctx, p, ids, at); err != nil {
		return 0, err
	}
	return len(p.ids) - before, e.readReach(ctx, p, ids, at)
}

func (e *Engine) readVotes(ctx context.Context, p *readPart, ids idRange, at []int32) error {
	text, err := packedVotes(ctx, e.db, ids)
	if err != nil {
		return err
	}
	add := func(v voteRow) {
		if row := at[v.Person-ids.from]; row > 0 {
			p.addVote(int(row-1), v)
		}
	}
	if splitRows(text, 4, p.fields, func(f []string, _ string) { add(voteRow{num(f[0]), num(f[1]), num(f[2]), f[3]}) }) {
		return nil
	}
	all, err := votesIn(ctx, e.db, ids)
	for _, v := range all {
		add(v)
	}
	return err
}

func (e *Engine) readReach(ctx context.Context, p *readPart, ids idRange, at []int32) error {
	phones, err := packedPhones(ctx, e.db, ids)
	if err != nil {
		return err
	}
	add := func(to *[]event, kinds *interner[string], r phoneRow, number uint64) {
		if row := at[r.Person-ids.from]; row > 0 {
			*to = append(*to, event{row: int(row - 1), num: number, val: kinds.code(kindText(r.Kind, r.Wrong))})
		}
	}
	ok := splitRows(phones, 4, p.fields, func(f []string, _ string) {
		add(&p.phones, p.kinds, phoneRow{Person: num(f[0]), Kind: strings.Clone(f[2]), Wrong: num(f[3])}, numberOf(f[1]))
	})
	if !ok {
		all, err := phonesIn(ctx, e.db, 0, ids)
		if err != nil {
			return err
		}
		for _, r := range all {
			add(&p.phones, p.kinds, r, numberOf(r.Number))
		}
	}
	emails, err := packedEmails(ctx, e.db, ids)
	if err != nil {
		return err
	}
	ok = splitRows(emails, 4, p.fields, func(f []string, _ string) {
		add(&p.emails, p.marks, phoneRow{Person: num(f[0]), Wrong: num(f[3])}, hashOf(f[1]))
	})
	if !ok {
		all, err := emailsIn(ctx, e.db, 0, ids)
		if err != nil {
			return err
		}
		for _, r := range all {
			add(&p.emails, p.marks, r, hashOf(r.Number))
		}
	}
	return nil
}

// placesOf returns the places of address keys, sorted as keys are; a place is lon and lat, and absent where unknown.
func (e *Engine) placesOf(ctx context.Context, keys []int64) (map[int64][2]int32, error) {
	n, err := countPlaces(ctx, e.db)
	if err != nil || n == 0 || len(keys) == 0 {
		return nil, err
	}
	all := make(map[int64][2]int32, min(int(n), len(keys)))
	const each = 4096
	stretches := slices.Collect(slices.Chunk(keys, each))
	got := make([]error, len(stretches))
	var mu sync.Mutex
	eachBlock(len(stretches), func(_, i int) {
		part := stretches[i]
		text, err := packedPlaces(ctx, e.db, idRange{part[0], part[len(part)-1]})
		got[i] = err
		splitRows(text, 3, nil, func(f []string, _ string) { // numbers hold no marks
			key := num(f[0])
			if _, ok := slices.BinarySearch(part, key); ok {
				mu.Lock()
				all[key] = [2]int32{int32(num(f[1])), int32(num(f[2]))}
				mu.Unlock()
			}
		})
	})
	for _, err := range got {
		if err != nil {
			return nil, fmt.Errorf("reading places: %w", err)
		}
	}
	return all, nil
}
