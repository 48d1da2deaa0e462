package script

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
)

// The limits of a script.
const (
	MaxBytes      = 128 << 10 // of its JSON
	MaxSteps      = 60        // of one part
	MaxLanguages  = 6         //
	MaxLetters    = 2000      // of one text
	MaxConditions = 8         // of one step
	MaxCodes      = 20        // of one step
	maxValues     = 100       // of one condition, and names of one step
)

// ID returns the value that stands for a response or a code.
func ID(id int64) Value { return Value(strconv.FormatInt(id, 10)) }

// Number returns the id of a response or a code; false for an answer to an ask.
func (v Value) Number() (int64, bool) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	return n, err == nil && n > 0 && ID(n) == v
}

// MarshalJSON writes an id as a number and any other answer as a string.
func (v Value) MarshalJSON() ([]byte, error) {
	if _, ok := v.Number(); ok {
		return []byte(v), nil
	}
	return json.Marshal(string(v))
}

// UnmarshalJSON reads what MarshalJSON writes and refuses all else.
func (v *Value) UnmarshalJSON(data []byte) error {
	got, ok := readValue(data)
	if !ok {
		return fmt.Errorf("%.40s is no answer to a step", data)
	}
	*v = got
	return nil
}

func readValue(data []byte) (Value, bool) {
	if v := Value(data); len(data) > 0 && data[0] != '"' {
		_, ok := v.Number()
		return v, ok
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return "", false
	}
	return Value(s), slices.Contains(AskValues(), Value(s))
}

// wireStep is a step as written.
type wireStep struct {
	ID       string          `json:"id"`
	Kind     Kind            `json:"kind"`
	Text     Text            `json:"text,omitempty"`
	Question int64           `json:"question,omitempty"`
	Codes    []int64         `json:"codes,omitempty"`
	Event    int64           `json:"event,omitempty"`
	Names    map[string]Text `json:"names,omitempty"`
	When     []wireWhen      `json:"when,omitempty"`
}

type wireWhen struct {
	Step string  `json:"step"`
	Is   []Value `json:"is"`
}

// wire returns the step as written, without texts that are empty.
func (s Step) wire() wireStep {
	w := wireStep{ID: s.ID, Kind: s.Kind, Text: s.Text.said(), Question: s.Question, Codes: s.Codes, Event: s.Event}
	for v, t := range s.Names {
		if t = t.said(); len(t) > 0 {
			if w.Names == nil {
				w.Names = map[string]Text{}
			}
			w.Names[string(v)] = t
		}
	}
	for _, c := range s.When {
		w.When = append(w.When, wireWhen(c))
	}
	return w
}

// said returns the text without languages it is empty in; nil when it is empty in all.
func (t Text) said() Text {
	kept := maps.Clone(t)
	maps.DeleteFunc(kept, func(_, s string) bool { return s == "" })
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// MarshalJSON writes the one form in which a script is kept. Equal scripts give equal bytes.
func (c Content) MarshalJSON() ([]byte, error) {
	w := struct {
		Version   int        `json:"v"`
		Languages []string   `json:"languages"`
		Household []wireStep `json:"household"`
		Person    []wireStep `json:"person"`
	}{Version, append([]string{}, c.Languages...), wireSteps(c.Household), wireSteps(c.Person)}
	return json.Marshal(w)
}

func wireSteps(all []Step) []wireStep {
	w := make([]wireStep, len(all))
	for i, s := range all {
		w[i] = s.wire()
	}
	return w
}

// UnmarshalJSON is Parse.
func (c *Content) UnmarshalJSON(data []byte) error {
	got, err := Parse(data)
	if err == nil {
		*c = got
	}
	return err
}

// Parse reads a script from its JSON form, strictly: whatever it does not know is a problem, and all are returned at once as Problems. What it returns is well
// formed and may be half written; whether it can be used, Check says.
//
//	{"v":1,"languages":["en","es"],"household":[Step…],"person":[Step…]}
//	Step = {"id":"s1","kind":"say|question|codes|ask|note","text":{"en":"…"},"question":12,"codes":[34],"event":5,
//	        "names":{"101":{"es":"…"}},"when":[{"step":"s1","is":[101,"yes"]}]}
func Parse(data []byte) (Content, error) {
	r := &reader{}
	at := Problem{Step: -1}
	if len(data) > MaxBytes {
		r.wrong(at, fault.Invalidf("This script is longer than %d kB. Shorten its texts, or make two scripts of it.", MaxBytes>>10))
		return Content{}, r.found
	}
	c := r.content(data, at)
	if len(r.found) > 0 {
		return Content{}, r.found
	}
	return c, nil
}

// reader notes what does not fit while it reads.
type reader struct {
	found Problems
	ids   map[string]bool
}

func (r *reader) wrong(at Problem, err *fault.Error) {
	if len(r.found) < mostProblems {
		at.Err = err
		r.found = append(r.found, at)
	}
}

// member is one member of an object as written.
type member struct {
	name string
	data json.RawMessage
}

// object reads the members of an object in order. Names must be among known, or any when there are none.
func (r *reader) object(data []byte, at Problem, known ...string) []member {
	d := json.NewDecoder(bytes.NewReader(data))
	open, err := d.Token()
	if err != nil || open != json.Delim('{') {
		r.wrong(at, fault.Invalidf("This is not JSON as a script has it: an object in braces belongs here."))
		return nil
	}
	var all []member
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		var m member
		if err == nil && ok {
			m.name = name
			err = d.Decode(&m.data)
		}
		if err != nil || !ok {
			r.wrong(at, fault.Invalidf("This is not JSON: something is wrong near letter %d of this place.", d.InputOffset()))
			return nil
		}
		switch {
		case seen[name]:
			r.wrong(at, fault.Invalidf("“%s” is there twice. Keep one.", short(name, 40)))
		case len(known) > 0 && !slices.Contains(known, name):
			r.wrong(at, fault.Invalidf("A script knows nothing called “%s” here. It may be: %s.", short(name, 40), strings.Join(known, ", ")))
		case len(all) == maxValues:
			r.wrong(at, fault.Invalidf("There are more than %d things in one place.", maxValues))
			return nil
		default:
			all = append(all, m)
		}
		seen[name] = true
	}
	if _, err := d.Token(); err != nil {
		r.wrong(at, fault.Invalidf("This is not JSON: something is wrong near letter %d of this place.", d.InputOffset()))
		return nil
	}
	if _, err := d.Token(); err != io.EOF {
		r.wrong(at, fault.Invalidf("After the script comes something else. Leave it out."))
	}
	return all
}

// list reads an array of at most most items.
func list[T any](r *reader, m member, at Problem, most int, read func(i int, data json.RawMessage) T) []T {
	var raw []json.RawMessage
	if json.Unmarshal(m.data, &raw) != nil || raw == nil {
		r.wrong(at, fault.Invalidf("“%s” must be a list in square brackets.", m.name))
		return nil
	}
	if len(raw) > most {
		r.wrong(at, fault.Invalidf("“%s” has %d items; it may have %d.", m.name, len(raw), most))
		return nil
	}
	var all []T
	for i, x := range raw {
		all = append(all, read(i, x))
	}
	return all
}

func (r *reader) content(data []byte, at Problem) Content {
	r.ids = map[string]bool{}
	var c Content
	for _, m := range r.object(data, at, "v", "languages", "household", "person") {
		switch m.name {
		case "v":
			c.Version = int(r.number(m, at))
		case "languages":
			c.Languages = list(r, m, at, MaxLanguages, func(_ int, x json.RawMessage) string { return r.language(x, at) })
		default:
			p := Part(m.name)
			steps := list(r, m, at, MaxSteps, func(i int, x json.RawMessage) Step { return r.step(x, Problem{Part: p, Step: i}) })
			c.SetSteps(p, steps)
		}
	}
	if len(r.found) == 0 && c.Version != Version {
		r.wrong(at, fault.Invalidf("This is version %d of the form; this program reads version %d. Update the program.", c.Version, Version))
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(c.Languages)))
	if len(r.found) == 0 && (len(c.Languages) == 0 || len(distinct) < len(c.Languages)) {
		r.wrong(at, fault.Invalidf("Name the languages of the script, each once, the main one first."))
	}
	return c
}

var languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)

func (r *reader) language(data []byte, at Problem) string {
	var s string
	if json.Unmarshal(data, &s) != nil || !languageCode.MatchString(s) {
		r.wrong(at, fault.Invalidf("A language is named by its code, like “en”, “es” or “zh-Hant”."))
	}
	return s
}

// number reads a whole number from 0 up.
func (r *reader) number(m member, at Problem) int64 {
	n, err := strconv.ParseInt(string(m.data), 10, 64)
	if err != nil || n < 0 || n > 1<<53 {
		r.wrong(at, fault.Invalidf("“%s” must be a whole number.", m.name))
		return 0
	}
	return n
}

var stepID = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)

// belongs says of which kinds a member is.
var belongs = map[string][]Kind{"question": {Question}, "codes": {Codes, Ask}, "event": {Ask}, "names": {Question, Codes}}

func (r *reader) step(data []byte, at Problem) Step {
	var s Step
	all := r.object(data, at, "id", "kind", "text", "question", "codes", "event", "names", "when")
	for _, m := range all {
		switch m.name {
		case "id":
			s.ID = r.id(m, at)
		case "kind":
			s.Kind = r.kind(m, at)
		case "text":
			s.Text = r.text(m, at)
		case "question":
			s.Question = r.number(m, at)
		case "codes":
			s.Codes = list(r, m, at, MaxCodes, func(_ int, x json.RawMessage) int64 { return r.number(member{"codes", x}, at) })
		case "event":
			s.Event = r.number(m, at)
		case "names":
			s.Names = r.names(m, at)
		case "when":
			s.When = list(r, m, at, MaxConditions, func(_ int, x json.RawMessage) Condition { return r.when(x, at) })
		}
	}
	for _, m := range all {
		if kinds, ok := belongs[m.name]; ok && s.Kind != "" && !slices.Contains(kinds, s.Kind) {
			r.wrong(at, fault.Invalidf("“%s” does not belong to a step of the kind “%s”.", m.name, string(s.Kind)))
		}
	}
	if s.Kind == "" && len(r.found) == 0 {
		r.wrong(at, fault.Invalidf("A step needs a kind."))
	}
	switch {
	case s.ID == "" && len(r.found) == 0:
		r.wrong(at, fault.Invalidf("A step needs an id."))
	case r.ids[s.ID] && s.ID != "":
		r.wrong(at, fault.Invalidf("Another step is called %s too. Ids are unique in both parts.", s.ID))
	}
	r.ids[s.ID] = true
	return s
}

func (r *reader) id(m member, at Problem) string {
	var s string
	if json.Unmarshal(m.data, &s) != nil || !stepID.MatchString(s) {
		r.wrong(at, fault.Invalidf("“%s” must name a step: a small letter, then small letters and digits, at most 16.", m.name))
		return ""
	}
	return s
}

func (r *reader) kind(m member, at Problem) Kind {
	var k Kind
	if json.Unmarshal(m.data, &k) != nil || !slices.Contains(Kinds(), k) {
		r.wrong(at, fault.Invalidf("A step is one of: say, question, codes, ask, note."))
		return ""
	}
	return k
}

func (r *reader) text(m member, at Problem) Text {
	var t Text
	for _, x := range r.object(m.data, at) {
		var s string
		switch {
		case !languageCode.MatchString(x.name):
			r.wrong(at, fault.Invalidf("A language is named by its code, like “en”, “es” or “zh-Hant”."))
		case json.Unmarshal(x.data, &s) != nil || x.data[0] != '"':
			r.wrong(at, fault.Invalidf("A text belongs in quotation marks."))
		case utf8.RuneCountInString(s) > MaxLetters:
			r.wrong(at, fault.Invalidf("A text has at most %d letters. This one has %d.", MaxLetters, utf8.RuneCountInString(s)))
		case strings.ContainsFunc(s, func(c rune) bool { return unicode.IsControl(c) && c != '\n' }):
			r.wrong(at, fault.Invalidf("A text holds a character that cannot be shown. Type it again."))
		case s != "":
			if t == nil {
				t = Text{}
			}
			t[x.name] = s
		}
	}
	return t
}

func (r *reader) names(m member, at Problem) map[Value]Text {
	all := map[Value]Text{}
	for _, x := range r.object(m.data, at) {
		v := Value(x.name)
		if _, ok := v.Number(); !ok {
			r.wrong(at, fault.Invalidf("“%s” must be the number of a response or a code.", short(x.name, 40)))
			continue
		}
		if t := r.text(x, at); t != nil {
			all[v] = t
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

func (r *reader) when(data []byte, at Problem) Condition {
	var c Condition
	for _, m := range r.object(data, at, "step", "is") {
		if m.name == "step" {
			c.Step = r.id(m, at)
			continue
		}
		c.Is = list(r, m, at, maxValues, func(_ int, x json.RawMessage) Value {
			v, ok := readValue(x)
			if !ok {
				r.wrong(at, fault.Invalidf("A condition names the numbers of responses or codes, or “yes”, “maybe” and “no”."))
			}
			return v
		})
	}
	if len(r.found) == 0 && (c.Step == "" || len(c.Is) == 0) {
		r.wrong(at, fault.Invalidf("A condition names a step, and at least one answer to it."))
	}
	slices.SortFunc(c.Is, compareValues)
	c.Is = slices.Compact(c.Is)
	return c
}

// compareValues orders ids by number, and words after them.
func compareValues(a, b Value) int {
	x, okx := a.Number()
	y, oky := b.Number()
	switch {
	case okx && oky:
		return cmp.Compare(x, y)
	case okx != oky:
		return map[bool]int{true: -1, false: 1}[okx]
	}
	return cmp.Compare(a, b)
}
