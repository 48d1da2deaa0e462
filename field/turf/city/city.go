// Package city reads and writes a city's streets and doors as three tables, and makes up cities that do not exist.
//
// The tables are CSV with a head: nodes.csv (node, x, y and if known lon, lat), edges.csv (edge, u, v, length_m, class,
// street) and doors.csv (door, x, y, number, street, unit, edge, side, along_m, and if known lon, lat, precinct). Lengths and
// coordinates are metres; a door without an edge is put onto the nearest; columns may stand in any order and others are passed over.
package city

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/internal/geo"
)

// The names of the three tables.
const (
	NodesFile = "nodes.csv"
	EdgesFile = "edges.csv"
	DoorsFile = "doors.csv"
)

// City is a city as its tables have it.
type City struct {
	turf.City
	Doors   []Door   // the doors on the map, parallel to turf.City.Doors
	Apart   []Apart  // doors that have no coordinates
	Unknown []string // classes of streets that are not known; such streets were taken for local ones
}

// Door is what the tables say of a door besides what is needed to cut.
type Door struct {
	Unit     string
	Precinct string
}

// Apart is a door that cannot be cut in, and why.
type Apart struct {
	Key    uint64
	Reason string
}

// Error says where a table cannot be read, and what to do.
type Error struct {
	File    string
	Line    int // 0: the file as a whole
	Problem string
}

// Error returns the file, the line and the problem in one line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Problem
	}
	return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Problem)
}

// maxField bounds one cell; a street's name is below it.
const maxField = 1000

// table reads one table row by row.
type table struct {
	file string
	in   *csv.Reader
	line int
	col  map[string]int
	row  []string
	err  error
}

func open(file string, r io.Reader, need ...string) *table {
	t := &table{file: file, in: csv.NewReader(r), col: map[string]int{}}
	t.in.ReuseRecord = true
	t.in.FieldsPerRecord = -1
	head, err := t.in.Read()
	if errors.Is(err, io.EOF) {
		t.refuse("is empty; its first line must name the columns %s", strings.Join(need, ", "))
		return t
	}
	if err != nil {
		t.line = 1
		t.refuse("%v", err)
		return t
	}
	for i, name := range head {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if _, twice := t.col[name]; twice && name != "" {
			t.line = 1
			t.refuse("the column %q is there twice; rename one", name)
		}
		t.col[name] = i
	}
	for _, name := range need {
		if _, ok := t.col[name]; !ok && t.err == nil {
			t.line = 1
			t.refuse("the column %q is missing; there are %q", name, strings.Join(head, ","))
		}
	}
	return t
}

func (t *table) refuse(format string, args ...any) {
	if t.err == nil {
		t.err = &Error{t.file, t.line, fmt.Sprintf(format, args...)}
	}
}

func (t *table) next() bool {
	if t.err != nil {
		return false
	}
	row, err := t.in.Read()
	if errors.Is(err, io.EOF) {
		return false
	}
	t.line, _ = t.in.FieldPos(0)
	if err != nil {
		t.refuse("%v; write the table as CSV, fields with commas in quotation marks", err)
		return false
	}
	t.row = row
	return true
}

// text returns a cell, "" when the row or the table does not have it.
func (t *table) text(name string) string {
	i, ok := t.col[name]
	if !ok || i >= len(t.row) {
		return ""
	}
	s := strings.TrimSpace(t.row[i])
	if len(s) > maxField {
		t.refuse("%s has %d characters; at most %d are read", name, len(s), maxField)
		return ""
	}
	return s
}

func (t *table) float(name string) float64 {
	s := t.text(name)
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		t.refuse("%s is %.40q; a number is needed", name, s)
		return 0
	}
	return v
}

func (t *table) id(name string) uint64 {
	s := t.text(name)
	v, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		t.refuse("%s is %.40q; a whole number from 0 is needed", name, s)
	}
	return v
}

// Read reads a city from its three tables.
func Read(nodes, edges, doors io.Reader) (*City, error) {
	c := &City{}
	places, err := c.readNodes(nodes)
	if err != nil {
		return nil, err
	}
	streets, err := c.readEdges(edges, places)
	if err != nil {
		return nil, err
	}
	if err := c.readDoors(doors, streets); err != nil {
		return nil, err
	}
	c.Stand()
	return c, nil
}

func (c *City) readNodes(r io.Reader) (map[uint64]int32, error) {
	t := open(NodesFile, r, "node", "x", "y")
	index := map[uint64]int32{}
	for t.next() {
		id := t.id("node")
		if _, twice := index[id]; twice {
			t.refuse("node %d is there twice", id)
		}
		index[id] = int32(len(c.Nodes)) // #nosec G115 -- bounded below
		c.Nodes = append(c.Nodes, geo.XY{X: t.float("x"), Y: t.float("y")})
		if len(c.Nodes) > 2*turf.MaxEdges {
			t.refuse("there are more than %d nodes", 2*turf.MaxEdges)
		}
	}
	return index, t.err
}

func (c *City) readEdges(r io.Reader, nodes map[uint64]int32) (map[uint64]int32, error) {
	t := open(EdgesFile, r, "edge", "u", "v", "length_m", "class")
	index := map[uint64]int32{}
	node := func(name string) int32 {
		id := t.id(name)
		n, ok := nodes[id]
		if !ok {
			t.refuse("%s is node %d, which is not in %s; add it there, or leave this edge out", name, id, NodesFile)
		}
		return n
	}
	for t.next() {
		id := t.id("edge")
		if _, twice := index[id]; twice {
			t.refuse("edge %d is there twice", id)
		}
		index[id] = int32(len(c.Edges)) // #nosec G115 -- bounded below
		e := turf.Edge{From: node("u"), To: node("v"), Metres: t.float("length_m"), Name: t.text("street")}
		if e.Metres < 0 {
			t.refuse("length_m is %g; lengths are 0 or more", e.Metres)
		}
		class, known := turf.ClassOf(t.text("class"))
		if e.Class = class; !known && len(c.Unknown) < 20 && !slices.Contains(c.Unknown, t.text("class")) {
			c.Unknown = append(c.Unknown, t.text("class"))
		}
		c.Edges = append(c.Edges, e)
		if len(c.Edges) > turf.MaxEdges {
			t.refuse("there are more than %d edges", turf.MaxEdges)
		}
	}
	return index, t.err
}

func (c *City) readDoors(r io.Reader, edges map[uint64]int32) error {
	t := open(DoorsFile, r, "door", "x", "y", "edge", "side", "along_m")
	seen := map[uint64]int{}
	for t.next() {
		d := turf.Door{Key: t.id("door"), Street: t.text("street"), Edge: -1}
		if first, twice := seen[d.Key]; twice {
			t.refuse("door %d is there twice, first in line %d; give each door a number of its own", d.Key, first)
		}
		seen[d.Key] = t.line
		d.Number, _ = strconv.Atoi(t.text("number")) // a number like 12½ is no number and costs only the order within a building
		if t.text("x") == "" && t.text("y") == "" {
			c.Apart = append(c.Apart, Apart{d.Key, "it has no coordinates"})
			continue
		}
		d.At = geo.XY{X: t.float("x"), Y: t.float("y")}
		if t.text("edge") != "" {
			c.stand(t, &d, edges)
		}
		c.City.Doors = append(c.City.Doors, d)
		c.Doors = append(c.Doors, Door{Unit: t.text("unit"), Precinct: t.text("precinct")})
		if len(c.Doors) > turf.MaxDoors {
			t.refuse("there are more than %d doors; cut the city in parts", turf.MaxDoors)
		}
	}
	return t.err
}

// stand puts a door on the edge its row names.
func (c *City) stand(t *table, d *turf.Door, edges map[uint64]int32) {
	id := t.id("edge")
	e, ok := edges[id]
	if !ok {
		t.refuse("edge %d is not in %s; add it there, or leave the cell empty for a door on no street", id, EdgesFile)
		return
	}
	side, along := t.id("side"), t.float("along_m")
	if side > 1 {
		t.refuse("side is %d; sides are 0 and 1", side)
		return
	}
	if long := c.Edges[e].Metres; along < 0 || along > long+1 {
		t.refuse("along_m is %g on an edge %g metres long", along, long)
		return
	}
	d.Edge, d.Side, d.Along = e, int8(side), along
}

// WritePlan writes a plan: the columns door, turf and seq, doors in walk order.
func WritePlan(w io.Writer, c turf.City, p turf.Plan) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"door", "turf", "seq"})
	for _, t := range p.Turfs {
		for i, d := range t.Doors {
			_ = out.Write([]string{strconv.FormatUint(c.Doors[d].Key, 10), strconv.Itoa(t.ID), strconv.Itoa(i)})
		}
	}
	out.Flush()
	return out.Error()
}
