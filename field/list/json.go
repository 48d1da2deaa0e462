package list

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// The limits of a criteria.
const (
	MaxBytes  = 1 << 20 // of its JSON
	MaxSteps  = 100     //
	MaxDepth  = 20      // of nodes within nodes
	MaxNodes  = 2000    //
	MaxValues = 10_000  // of one node
	MaxPoints = 10_000  // of one area, when points closer than a metre are taken together
)

// MarshalJSON writes the criteria as docs/criteria.md has it. Equal criteria give equal bytes.
func (c Criteria) MarshalJSON() ([]byte, error) {
	type step struct {
		Do     Do              `json:"do"`
		Where  json.RawMessage `json:"where,omitempty"`
		Prefer Prefer          `json:"prefer,omitempty"`
		Take   int64           `json:"take,omitempty"`
		Part   int             `json:"part,omitempty"`
		Parts  int             `json:"parts,omitempty"`
		Seed   int64           `json:"seed,omitempty"`
		Whole  bool            `json:"whole,omitempty"`
	}
	wire := struct {
		Version int    `json:"version"`
		Steps   []step `json:"steps"`
	}{Version, make([]step, len(c.Steps))}
	for i, s := range c.Steps {
		wire.Steps[i] = step{s.Do, nil, s.Prefer, s.Take, s.Part, s.Parts, s.Seed, s.Whole}
		if s.Where == nil {
			continue
		}
		var err error
		if wire.Steps[i].Where, err = appendNode(nil, s.Where); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return json.Marshal(wire)
}

// appendNode appends {"kind": …}, of plan nodes too.
func appendNode(b []byte, n Node) ([]byte, error) {
	if n == nil {
		return nil, fmt.Errorf("a condition is missing")
	}
	b = append(append(append(b, `{"`...), n.Kind()...), `":`...)
	var err error
	switch n := n.(type) {
	case All:
		b, err = appendNodes(b, n)
	case Any:
		b, err = appendNodes(b, n)
	case None:
		b, err = appendNodes(b, n)
	case LivesWith:
		if b, err = appendNode(append(b, `{"who":`...), n.Who); err == nil {
			b = append(b, '}')
		}
	default:
		var one []byte
		one, err = json.Marshal(n)
		b = append(b, one...)
	}
	return append(b, '}'), err
}

func appendNodes(b []byte, all []Node) ([]byte, error) {
	b = append(b, '[')
	for i, n := range all {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendNode(b, n); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// UnmarshalJSON is Parse.
func (c *Criteria) UnmarshalJSON(data []byte) error {
	got, err := Parse(data)
	if err == nil {
		*c = got
	}
	return err
}

// Read parses a criteria from its JSON form.
func Read(r io.Reader) (Criteria, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Criteria{}, fmt.Errorf("reading a criteria: %w", err)
	}
	return Parse(data)
}

// Parse reads a criteria from its JSON form, strictly: whatever it does not know is a problem, and all are returned at once as Problems. What
// it returns is sound by itself; whether it may be asked, Check says.
func Parse(data []byte) (Criteria, error) {
	var found Problems
	at := place{Path: Path{Step: -1}, found: &found}
	v, ok := parseRaw(data, at)
	if !ok {
		return Criteria{}, found
	}
	c := (&reader{}).criteria(v, at)
	if len(found) == 0 {
		found = valid(c, at, true)
	}
	if len(found) > 0 {
		return Criteria{}, found
	}
	return c, nil
}

// ParseNode reads one condition, as Parse reads those of a criteria. Its Problems are those of a criteria that starts with it.
func ParseNode(data []byte) (Node, error) {
	var found Problems
	at := place{Path: Path{Step: -1}, found: &found}
	v, ok := parseRaw(data, at)
	if !ok {
		return nil, found
	}
	at.Path = Path{Step: 0}
	n := (&reader{}).node(v, at)
	if len(found) == 0 {
		found = valid(Criteria{Version: Version, Steps: []Step{{Do: Start, Where: n}}}, at, true)
	}
	if len(found) > 0 {
		return nil, found
	}
	return n, nil
}

// raw is a JSON value as written, with members in order.
type raw struct {
	kind  rune // { [ " 0 t f n
	text  string
	names []string
	items []raw
}

const maxNesting = 2*MaxDepth + 12

// parseRaw reads data that is not too long, or says what is wrong with it.
func parseRaw(data []byte, at place) (raw, bool) {
	if len(data) > MaxBytes {
		at.wrong(fault.Invalidf("The criteria are longer than %d kB. Mostly an area on the map has far too many points then: draw it with fewer. Long lists of people belong into a saved list.", MaxBytes>>10))
		return raw{}, false
	}
	d := tokens{json.NewDecoder(bytes.NewReader(data)), data}
	d.UseNumber()
	v, err := d.next(0)
	if err == nil {
		end := d.InputOffset()
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = fault.Invalidf("After the criteria, on line %d, comes something else: “%s”. Leave it out.", d.line(), shown(oneLine(data[end:])))
		}
	}
	if err != nil {
		at.wrong(err)
	}
	return v, err == nil
}

// tokens reads a value token by token and can say where it is, in words of who wrote it.
type tokens struct {
	*json.Decoder
	data []byte
}

// line is the line that was read last, from 1.
func (d tokens) line() int { return 1 + bytes.Count(d.data[:d.InputOffset()], []byte("\n")) }

func oneLine(b []byte) string { return strings.Join(strings.Fields(string(b)), " ") }

func (d tokens) notJSON(err error) *fault.Error {
	const most = 24
	before := []rune(oneLine(d.data[:d.InputOffset()]))
	if len(before) == 0 {
		return fault.Invalidf("This is not JSON, which begins with a brace: {. docs/criteria.md has examples.").Because(err)
	}
	if len(before) > most {
		before = append([]rune("…"), before[len(before)-most:]...)
	}
	return fault.Invalidf("This is not JSON: on line %d something is wrong after “%s”. docs/criteria.md has examples.", d.line(), string(before)).Because(err)
}

func (d tokens) next(depth int) (raw, *fault.Error) {
	if depth > maxNesting {
		return raw{}, fault.Invalidf("The criteria are nested more than %d deep. Use a saved search for a part of them.", MaxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return raw{}, d.notJSON(err)
	}
	switch t := token.(type) {
	case json.Delim:
		return d.many(t, depth)
	case string:
		return raw{kind: '"', text: t}, nil
	case json.Number:
		return raw{kind: '0', text: t.String()}, nil
	case bool:
		if t {
			return raw{kind: 't'}, nil
		}
		return raw{kind: 'f'}, nil
	}
	return raw{kind: 'n'}, nil
}

func (d tokens) many(open json.Delim, depth int) (raw, *fault.Error) {
	v := raw{kind: rune(open)}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return v, d.notJSON(err)
			}
			n, _ := name.(string)
			if slices.Contains(v.names, n) {
				return v, fault.Invalidf("The member %q is there twice, the second time on line %d. Keep one.", shown(n), d.line())
			}
			v.names = append(v.names, n)
			if len(v.names) > maxMembers {
				return v, fault.Invalidf("On line %d is an object with more than %d members, which no criteria has.", d.line(), maxMembers)
			}
		}
		item, err := d.next(depth + 1)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	if _, err := d.Token(); err != nil {
		return v, d.notJSON(err)
	}
	return v, nil
}

const maxMembers = 64

// shown cuts what somebody wrote to a length fit for a sentence.
func shown(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
