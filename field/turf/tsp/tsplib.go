package tsp

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Kind is an EDGE_WEIGHT_TYPE of TSPLIB.
type Kind string

// The kinds that are read. Distances are those of Reinelt's TSPLIB 95, section 2, rounding and all.
const (
	Euc2D    Kind = "EUC_2D"
	Ceil2D   Kind = "CEIL_2D"
	Man2D    Kind = "MAN_2D"
	Max2D    Kind = "MAX_2D"
	Att      Kind = "ATT"
	Geo      Kind = "GEO"
	Explicit Kind = "EXPLICIT"
)

// Instance is a problem as TSPLIB writes it.
type Instance struct {
	Name string
	Kind Kind
	N    int
	X, Y []float64 // by place; empty for Explicit
	IDs  []int     // the numbers the file gives the places

	matrix []int32 // Explicit: N×N
}

// Limits of what is read.
const (
	MaxPlaces   = 200_000
	maxExplicit = 5_000
)

// Read reads a file of TSPLIB 95: symmetric problems with coordinates, or with a matrix of weights. What it does not read
// it names, with the line. Errors are sentences that say what to do.
func Read(r io.Reader) (*Instance, error) {
	p := &reader{in: bufio.NewScanner(r), sheet: map[string]string{}}
	p.in.Buffer(make([]byte, 64<<10), 1<<20)
	for p.scan() {
		word, rest := keyword(p.text)
		switch word {
		case "EOF":
			return p.finish()
		case "NODE_COORD_SECTION":
			if err := p.coordinates(); err != nil {
				return nil, err
			}
		case "EDGE_WEIGHT_SECTION":
			if err := p.weights(); err != nil {
				return nil, err
			}
		case "DISPLAY_DATA_SECTION":
			p.skipNumbers()
		case "FIXED_EDGES_SECTION", "DEPOT_SECTION", "DEMAND_SECTION", "EDGE_DATA_SECTION", "TOUR_SECTION":
			return nil, p.refuse("%s is not read: only symmetric travelling salesman problems without fixed edges are", word)
		default:
			if err := p.specify(word, rest); err != nil {
				return nil, err
			}
		}
	}
	if err := p.in.Err(); err != nil {
		return nil, fmt.Errorf("reading line %d: %w", p.line+1, err)
	}
	return p.finish()
}

type reader struct {
	in    *bufio.Scanner
	line  int
	text  string
	held  bool // text was put back
	sheet map[string]string
	inst  Instance
}

func (p *reader) scan() bool {
	if p.held {
		p.held = false
		return true
	}
	for p.in.Scan() {
		p.line++
		if p.text = strings.TrimSpace(p.in.Text()); p.text != "" {
			return true
		}
	}
	return false
}

func (p *reader) refuse(format string, args ...any) error {
	return fmt.Errorf("line %d: %s", p.line, fmt.Sprintf(format, args...))
}

func keyword(text string) (word, rest string) {
	word, rest, _ = strings.Cut(text, ":")
	return strings.ToUpper(strings.TrimSpace(word)), strings.TrimSpace(rest)
}

// specify takes one line of the specification part.
func (p *reader) specify(word, value string) error {
	switch word {
	case "NAME", "EDGE_WEIGHT_FORMAT", "EDGE_WEIGHT_TYPE":
	case "COMMENT", "DISPLAY_DATA_TYPE", "NODE_COORD_TYPE", "CAPACITY":
		return nil
	case "TYPE":
		if t, _, _ := strings.Cut(value, " "); t != "TSP" {
			return p.refuse("TYPE is %q; only TSP is read, where both directions cost the same", value)
		}
	case "DIMENSION":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > MaxPlaces {
			return p.refuse("DIMENSION is %q; it must be a number from 1 to %d", value, MaxPlaces)
		}
		p.inst.N = n
	default:
		return p.refuse("%.60q is no keyword of TSPLIB that is read here", p.text)
	}
	if _, twice := p.sheet[word]; twice {
		return p.refuse("%s is there twice", word)
	}
	p.sheet[word] = value
	return nil
}

func (p *reader) coordinates() error {
	n := p.inst.N
	switch kind := Kind(p.sheet["EDGE_WEIGHT_TYPE"]); kind {
	case Euc2D, Ceil2D, Man2D, Max2D, Att, Geo, Explicit:
	default:
		return p.refuse("EDGE_WEIGHT_TYPE is %q; EUC_2D, CEIL_2D, MAN_2D, MAX_2D, ATT, GEO and EXPLICIT are read", string(kind))
	}
	if n == 0 {
		return p.refuse("NODE_COORD_SECTION stands before DIMENSION: say first how many places there are")
	}
	if p.inst.IDs != nil {
		return p.refuse("NODE_COORD_SECTION is there twice")
	}
	seen := make(map[int]int, min(n, 1<<16))
	for range n {
		if !p.scan() {
			return p.refuse("the file ends after %d of %d places", len(p.inst.IDs), n)
		}
		f := strings.Fields(p.text)
		if len(f) != 3 {
			return p.refuse("%.60q is no place: a number and two coordinates are expected (%d of %d places read)", p.text, len(p.inst.IDs), n)
		}
		id, err := strconv.Atoi(f[0])
		if err != nil {
			return p.refuse("%.20q is no number of a place", f[0])
		}
		if first, twice := seen[id]; twice {
			return p.refuse("place %d is there twice, first in line %d", id, first)
		}
		seen[id] = p.line
		x, errX := strconv.ParseFloat(f[1], 64)
		y, errY := strconv.ParseFloat(f[2], 64)
		if errX != nil || errY != nil || !(math.Abs(x) <= maxCoordinate && math.Abs(y) <= maxCoordinate) {
			return p.refuse("place %d has no usable coordinates: %.40q and %.40q", id, f[1], f[2])
		}
		p.inst.IDs, p.inst.X, p.inst.Y = append(p.inst.IDs, id), append(p.inst.X, x), append(p.inst.Y, y)
	}
	return nil
}

// maxCoordinate keeps every distance below 2^40 and every sum of MaxPlaces of them in 63 bits.
const maxCoordinate = 1e9

// skipNumbers passes over lines that begin with a number.
func (p *reader) skipNumbers() {
	for p.scan() {
		if c := p.text[0]; c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') {
			p.held = true
			return
		}
	}
}

// weights reads an explicit matrix in any of the eight formats of TSPLIB for symmetric problems.
func (p *reader) weights() error {
	n := p.inst.N
	if n == 0 || n > maxExplicit {
		return p.refuse("a matrix needs a DIMENSION from 1 to %d before it", maxExplicit)
	}
	if p.inst.matrix != nil {
		return p.refuse("EDGE_WEIGHT_SECTION is there twice")
	}
	cells, err := cellsOf(p.sheet["EDGE_WEIGHT_FORMAT"], n)
	if err != nil {
		return p.refuse("%s", err)
	}
	m := make([]int32, n*n)
	set := make([]bool, n*n)
	var words []string
	for at := range cells {
		for len(words) == 0 {
			if !p.scan() {
				return p.refuse("the file ends in the matrix")
			}
			words = strings.Fields(p.text)
		}
		v, err := strconv.ParseFloat(words[0], 64)
		if err != nil || v != math.Trunc(v) || v < 0 || v > math.MaxInt32 {
			return p.refuse("%.20q is no weight: whole numbers from 0 to %d are", words[0], math.MaxInt32)
		}
		words = words[1:]
		i, j, w := at[0], at[1], int32(v)
		if set[j*n+i] && m[j*n+i] != w && i != j {
			return p.refuse("going from place %d to %d costs %d and back %d: only symmetric problems are read", j+1, i+1, m[j*n+i], w)
		}
		m[i*n+j], set[i*n+j] = w, true
		if !set[j*n+i] {
			m[j*n+i] = w
		}
	}
	if len(words) > 0 {
		return p.refuse("the line has more weights than the matrix")
	}
	p.inst.matrix = m
	return nil
}

// cellsOf yields the cells of a matrix format in the order of the file.
func cellsOf(format string, n int) (func(yield func([2]int) bool), error) {
	rows := func(from, to func(i int) int, turned bool) func(yield func([2]int) bool) {
		return func(yield func([2]int) bool) {
			for i := range n {
				for j := from(i); j < to(i); j++ {
					at := [2]int{i, j}
					if turned {
						at = [2]int{j, i}
					}
					if !yield(at) {
						return
					}
				}
			}
		}
	}
	zero, all := func(int) int { return 0 }, func(int) int { return n }
	self, after := func(i int) int { return i }, func(i int) int { return i + 1 }
	switch format {
	case "FULL_MATRIX":
		return rows(zero, all, false), nil
	case "UPPER_ROW":
		return rows(after, all, false), nil
	case "LOWER_ROW":
		return rows(zero, self, false), nil
	case "UPPER_DIAG_ROW":
		return rows(self, all, false), nil
	case "LOWER_DIAG_ROW":
		return rows(zero, after, false), nil
	case "UPPER_COL":
		return rows(zero, self, true), nil
	case "LOWER_COL":
		return rows(after, all, true), nil
	case "UPPER_DIAG_COL":
		return rows(zero, after, true), nil
	case "LOWER_DIAG_COL":
		return rows(self, all, true), nil
	}
	return nil, fmt.Errorf("EDGE_WEIGHT_FORMAT is %q; FULL_MATRIX and the UPPER and LOWER rows and columns are read", format)
}

func (p *reader) finish() (*Instance, error) {
	inst := &p.inst
	inst.Name, inst.Kind = p.sheet["NAME"], Kind(p.sheet["EDGE_WEIGHT_TYPE"])
	switch {
	case p.line == 0:
		return nil, fmt.Errorf("the file is empty: give a problem of TSPLIB")
	case inst.Kind == Explicit && inst.matrix == nil:
		return nil, p.refuse("the file ends without an EDGE_WEIGHT_SECTION")
	case inst.Kind != Explicit && inst.matrix != nil:
		return nil, p.refuse("there is a matrix, but EDGE_WEIGHT_TYPE is %q and not EXPLICIT", string(inst.Kind))
	case inst.Kind != Explicit && inst.IDs == nil:
		return nil, p.refuse("the file ends without a NODE_COORD_SECTION")
	}
	if inst.IDs == nil {
		for i := range inst.N {
			inst.IDs = append(inst.IDs, i+1)
		}
	}
	return inst, nil
}

// ReadTour reads a tour of TSPLIB, or bare numbers: the numbers of the places in order.
func ReadTour(r io.Reader) ([]int, error) {
	b, err := io.ReadAll(io.LimitReader(r, 16<<20))
	if err != nil {
		return nil, err
	}
	if _, after, found := bytes.Cut(b, []byte("TOUR_SECTION")); found {
		b = after
	}
	var ids []int
	for _, w := range strings.Fields(string(b)) {
		if w == "-1" || w == "EOF" {
			break
		}
		id, err := strconv.Atoi(w)
		if err != nil {
			return nil, fmt.Errorf("%.20q in a tour is no number of a place", w)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// WriteTour writes a tour as TSPLIB has them; places are named by the numbers of the instance's file.
func WriteTour(w io.Writer, inst *Instance, tour []int32, length int64) error {
	b := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(b, "NAME : %s\nCOMMENT : length %d\nTYPE : TOUR\nDIMENSION : %d\nTOUR_SECTION\n", inst.Name, length, inst.N)
	for _, c := range tour {
		_, _ = fmt.Fprintln(b, inst.IDs[c])
	}
	_, _ = fmt.Fprint(b, "-1\nEOF\n")
	return b.Flush()
}
