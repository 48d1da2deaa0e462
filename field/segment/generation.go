package segment

import (
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/openprecinct/precinct/field/change"
)

// generation is one build of a voter file's columns. Rows keep their places for as long as it lives.
type generation struct {
	file   int64
	epoch  int64
	rows   int
	dir    string
	marks  map[string]mark // of its files
	cols   map[string]*column
	votes  []election
	pieces map[pieceKey]*piece

	numbers map[pieceKey]*numbers // of the file's own pieces, so that the first who counts phones need not wait

	ids      []uint32 // person id of each row, less firstID
	firstID  int64
	byID     []uint32 // rows in order of person id
	byName   []uint32 // rows in order of last name, first name, person id
	last     []uint32 // by code of a last name: its place among folded ones; the same for names that are folded alike
	first    []uint32 // the same of first names
	joined   []uint64 // bit set: the row lives with the row before it
	homed    []uint64 // bit set: the row has an address to knock at
	groups   []uint32 // for each 64 rows how many households begin before them
	homeKeys []int64  // household key of each household; 0 of a person without one
	doorKeys []int64  // address key of each household, which is that of its first row
	odd      []uint32 // rows of another address than their household's first, ascending
	oddDoors []int64  // and the keys of those
}

// files of a generation that are not columns
const (
	rowsName   = "rows"
	votePrefix = "vote "
)

// rowOf returns the row of a person.
func (g *generation) rowOf(person int64) (int, bool) {
	d := person - g.firstID
	if d < 0 || len(g.byID) == 0 {
		return 0, false
	}
	last := int64(g.ids[g.byID[len(g.byID)-1]])
	if d > last {
		return 0, false
	}
	if last == int64(len(g.byID)-1) { // no id is left out
		return int(g.byID[d]), true
	}
	i, ok := slices.BinarySearchFunc(g.byID, uint32(d), func(row, want uint32) int {
		return int(int64(g.ids[row]) - int64(want))
	})
	if !ok {
		return 0, false
	}
	return int(g.byID[i]), true
}

func (g *generation) personAt(row int) int64 { return g.firstID + int64(g.ids[row]) }

// group returns the number of a row's household as it was built.
func (g *generation) group(row int) int {
	w := row >> 6
	starts := ^g.joined[w] & (1<<(row&63)<<1 - 1)
	return int(g.groups[w]) + bits.OnesCount64(starts) - 1
}

func (g *generation) home(row int) int64 { return g.homeKeys[g.group(row)] }

// door returns the address key of a row.
func (g *generation) door(row int) int64 {
	if len(g.odd) > 0 {
		if i, ok := slices.BinarySearch(g.odd, uint32(row)); ok {
			return g.oddDoors[i]
		}
	}
	return g.doorKeys[g.group(row)]
}

// doors returns the address key of every row.
func (g *generation) doors() []int64 {
	all := make([]int64, g.rows)
	group := -1
	for row := range all {
		if g.joined[row>>6]>>(row&63)&1 == 0 {
			group++
		}
		all[row] = g.doorKeys[group]
	}
	for i, row := range g.odd {
		all[row] = g.oddDoors[i]
	}
	return all
}

// setDoors takes in the address key of every row; joined is there already.
func (g *generation) setDoors(all []int64) {
	g.doorKeys = make([]int64, 0, len(g.homeKeys))
	for row, key := range all {
		if g.joined[row>>6]>>(row&63)&1 == 0 {
			g.doorKeys = append(g.doorKeys, key)
		} else if key != g.doorKeys[len(g.doorKeys)-1] {
			g.odd, g.oddDoors = append(g.odd, uint32(row)), append(g.oddDoors, key)
		}
	}
}

// openNewest opens the newest generation of a folder, every file of it checked.
func openNewest(dir string, file int64, site string) (*generation, error) {
	all := generations(dir)
	if len(all) == 0 {
		return nil, errNoGeneration
	}
	return openGeneration(filepath.Join(dir, strconv.FormatInt(all[0], 10)), file, site)
}

func openGeneration(dir string, file int64, site string) (*generation, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	if m.VoterFile != file || m.Site != site {
		return nil, fmt.Errorf("the files in %s are of voter file %d of the site %q, not of %d of %q", dir, m.VoterFile, m.Site, file, site)
	}
	g := &generation{file: file, epoch: m.Epoch, rows: m.Rows, dir: dir, cols: map[string]*column{}, pieces: map[pieceKey]*piece{}, numbers: map[pieceKey]*numbers{}}
	heads := make([]*head, len(m.Files))
	errs := make([]error, len(m.Files))
	unmaps := make([]func(), len(m.Files))
	eachBlock(len(m.Files), func(_, i int) { heads[i], unmaps[i], errs[i] = openFile(dir, m.Files[i]) })
	unmap := func(all []func()) {
		for _, f := range all {
			if f != nil {
				f()
			}
		}
	}
	err = errors.Join(errs...)
	if err == nil {
		err = g.adopt(heads)
	}
	if err != nil {
		unmap(unmaps)
		return nil, err
	}
	runtime.AddCleanup(g, unmap, unmaps)
	g.watched(m.Files)
	return g, nil
}

// openFile maps one file and checks its length and sum.
func openFile(dir string, e fileEntry) (h *head, unmap func(), err error) {
	if e.Name != filepath.Base(e.Name) {
		return nil, nil, fmt.Errorf("the manifest names %q", e.Name)
	}
	b, unmap, err := mapFile(filepath.Join(dir, e.Name))
	if err != nil {
		return nil, nil, err
	}
	switch {
	case int64(len(b)) != e.Bytes:
		err = fmt.Errorf("%s has %d bytes instead of %d", e.Name, len(b), e.Bytes)
	case crc32.Checksum(b, castagnoli) != e.CRC:
		err = fmt.Errorf("%s is not what was written", e.Name)
	default:
		if h, err = readHead(b); err != nil {
			err = fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	if err != nil {
		unmap()
		return nil, nil, err
	}
	rest(b)
	return h, unmap, nil
}

func (g *generation) adopt(heads []*head) error {
	rows := false
	var counted []*head
	for _, h := range heads {
		switch h.Kind {
		case "numbers":
			counted = append(counted, h)
		case "rows":
			rows = true
			if err := g.adoptRows(h); err != nil {
				return err
			}
		case "piece", "scores":
			p, err := pieceOf(h, g.rows)
			if err != nil {
				return err
			}
			g.pieces[p.key] = p
		case "column":
			c, err := columnOf(h, g.rows)
			if err != nil {
				return err
			}
			g.addColumn(c)
		default:
			return fmt.Errorf("a file of kind %q", h.Kind)
		}
	}
	for _, name := range columnNames {
		if g.cols[name] == nil {
			return fmt.Errorf("column %s is missing", name)
		}
	}
	if len(g.last) != g.cols["last"].words.len() || len(g.first) != g.cols["first"].words.len() {
		return errors.New("the order of names is cut short")
	}
	for _, h := range counted {
		if h.Key == nil || g.pieces[*h.Key] == nil {
			return errors.New("numbers are counted that are not there")
		}
		n, err := numbersOfFile(h, g, g.pieces[*h.Key])
		if err != nil {
			return err
		}
		g.numbers[*h.Key] = n
	}
	for _, what := range []change.What{change.Phone, change.Email} {
		if g.pieces[pieceKey{What: what}] == nil || g.numbers[pieceKey{What: what}] == nil {
			return fmt.Errorf("the voter file's own %ss are missing", what)
		}
	}
	if !rows {
		return errors.New("the rows are missing")
	}
	return nil
}

func (g *generation) addColumn(c *column) {
	if id, ok := strings.CutPrefix(c.name, votePrefix); ok {
		n, _ := strconv.ParseInt(id, 10, 64)
		i, _ := slices.BinarySearchFunc(g.votes, n, func(e election, id int64) int { return int(min(max(e.id-id, -1), 1)) })
		g.votes = slices.Insert(g.votes, i, election{id: n, col: c})
		return
	}
	g.cols[c.name] = c
}

func (g *generation) adoptRows(h *head) error {
	n := g.rows
	u32 := func(name string, want int) []uint32 { return take[uint32](h, name, want) }
	if len(h.Numbers) != 1 {
		return errors.New("the first id is missing")
	}
	g.firstID = h.Numbers[0]
	wordsOf := (n + blockRows - 1) / blockRows * blockWords
	g.ids, g.byID, g.byName = u32("ids", n), u32("by id", n), u32("by name", n)
	g.last, g.first = takeAll[uint32](h, "last names"), takeAll[uint32](h, "first names")
	g.joined, g.homed = take[uint64](h, "joined", wordsOf), take[uint64](h, "homed", wordsOf)
	g.groups = u32("groups", wordsOf)
	g.homeKeys = takeAll[int64](h, "home keys")
	g.doorKeys = take[int64](h, "door keys", len(g.homeKeys))
	g.odd = takeAll[uint32](h, "odd rows")
	g.oddDoors = take[int64](h, "odd doors", len(g.odd))
	if n > 0 && (g.ids == nil || g.byID == nil || g.byName == nil || g.joined == nil || g.homed == nil || g.groups == nil || len(g.homeKeys) == 0 ||
		g.doorKeys == nil || len(g.oddDoors) != len(g.odd)) {
		return errors.New("the rows are cut short")
	}
	return nil
}

func takeAll[T uint32 | int64](h *head, name string) []T {
	b, _ := h.get(name)
	return sliceOf[T](b)
}

func take[T uint32 | uint64 | int64](h *head, name string, n int) []T {
	b, _ := h.get(name)
	s := sliceOf[T](b)
	if len(s) != n {
		return nil
	}
	return s
}

func (g *generation) saveRows(path string) (fileEntry, error) {
	h := &head{Kind: "rows", Name: rowsName, Numbers: []int64{g.firstID}}
	h.put("ids", bytesOf(g.ids))
	h.put("by id", bytesOf(g.byID))
	h.put("by name", bytesOf(g.byName))
	h.put("last names", bytesOf(g.last))
	h.put("first names", bytesOf(g.first))
	h.put("joined", bytesOf(g.joined))
	h.put("homed", bytesOf(g.homed))
	h.put("groups", bytesOf(g.groups))
	h.put("home keys", bytesOf(g.homeKeys))
	h.put("door keys", bytesOf(g.doorKeys))
	h.put("odd rows", bytesOf(g.odd))
	h.put("odd doors", bytesOf(g.oddDoors))
	return h.write(path)
}

// save writes the generation into a folder, the manifest last.
func (g *generation) save(dir, site string) error {
	type job struct {
		name string
		f    func(string) (fileEntry, error)
	}
	jobs := []job{{rowsName, g.saveRows}}
	i := 0
	for _, name := range sortedKeys(g.cols) {
		jobs = append(jobs, job{fmt.Sprintf("c%02d", i), g.cols[name].save})
		i++
	}
	for _, e := range g.votes {
		jobs = append(jobs, job{fmt.Sprintf("v%d", e.id), e.col.save})
	}
	for _, p := range g.pieces {
		jobs = append(jobs, job{"p-" + string(p.key.What), p.save})
	}
	for k, n := range g.numbers {
		jobs = append(jobs, job{"n-" + string(k.What), n.save})
	}
	var mu sync.Mutex
	var errs error
	files := make([]fileEntry, len(jobs))
	eachBlock(len(jobs), func(_, i int) {
		e, err := jobs[i].f(filepath.Join(dir, jobs[i].name))
		files[i] = e
		mu.Lock()
		errs = errors.Join(errs, err)
		mu.Unlock()
	})
	if errs != nil {
		return errs
	}
	return writeManifest(dir, manifest{Format: format, Order: machineOrder(), VoterFile: g.file, Site: site, Epoch: g.epoch, Rows: g.rows, Files: files})
}

func sortedKeys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
