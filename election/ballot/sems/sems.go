// Package sems reads the elections that Mississippi's Statewide Election Management System hands out, and writes the results it takes in.
//
// An election comes as two files. The first lists, one row each and told apart by its first number, districts, places, precincts and their splits, parties,
// contests and options; in it a candidate is only a place in the contest's order. The second, the candidate map, gives each such place the identifier by which
// results are known. Facts: the state's files as counties received them; nothing of the format is published.
package sems

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/internal/fault"
)

// File is an election as SEMS describes it.
type File struct {
	Title, Date string // the date as month/day/year
	County      string // number of the county, from the candidate map
	Districts   []ballot.District
	Precincts   []Precinct
	Parties     []Party
	Contests    []Contest
	windows1252 bool // results are written in the encoding the election came in
}

// Precinct is a precinct; those who live in one of its splits vote on the same ballot.
type Precinct struct {
	ID, Name string
	Splits   []Split
}

// Split is a part of a precinct.
type Split struct {
	ID, Name, Style string
	Districts       []string
}

// Party is a party as SEMS knows it.
type Party struct{ ID, Name, Abbrev string }

// Contest is a contest; Lines are those of its text as it is printed.
type Contest struct {
	ID, Label, District string
	Measure             bool
	Seats, WriteIns     int
	Lines               []string
	Party               string // "0" or "": of none
	Options             []Option
	pair                int // of an either/neither pair: 1 the first, 2 the second, 0 no pair
}

// Option is a candidate or an answer; ID is the one that results have.
type Option struct {
	ID, Label, Party string
	Lines            []string
	Kind             OptionKind
	sequence, sort   int
}

// OptionKind says whether an option is printed.
type OptionKind int

// Named options are printed. WriteInLine is the line for a name, RegisteredWriteIn somebody whose written name counts.
const (
	Named OptionKind = iota
	WriteInLine
	RegisteredWriteIn
)

// The kinds of rows, by their first number.
const (
	rowHeader = iota
	rowTitle
	rowDistrict
	rowPlace
	rowPrecinct
	rowSplit
	rowParty
	rowContest
	rowOption
	rowMapped
)

// fewest is how many values a row has at least.
var fewest = [...]int{rowHeader: 1, rowTitle: 3, rowDistrict: 4, rowPlace: 4, rowPrecinct: 7, rowSplit: 3, rowParty: 4, rowContest: 9, rowOption: 8, rowMapped: 5}

// maxFile is how many bytes either file may have.
const maxFile = 64 << 20

// Read reads an election and its candidate map. names are those of the files, for errors.
func Read(election, candmap io.Reader, names [2]string) (*File, error) {
	f := &File{}
	err := f.rows(election, names[0], func(r row) error { return f.add(r) })
	if err == nil {
		err = f.rows(candmap, names[1], func(r row) error { return f.mapped(r) })
	}
	if err == nil {
		err = f.finish(names)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// row is one row of a file.
type row struct {
	file   string
	line   int
	values []string
}

func (r row) wrong(format string, args ...any) error {
	return fault.Invalidf(format, append([]any{r.file, r.line}, args...)...)
}

func (r row) number(i int) (int, error) {
	n, err := strconv.Atoi(r.values[i])
	if err != nil || n < 0 {
		return 0, r.wrong("%s, line %d: value %d is “%s”, not a number. Export the file again.", i+1, r.values[i])
	}
	return n, nil
}

// rows calls add with every row of a file.
func (f *File) rows(r io.Reader, name string, add func(row) error) error {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return err
	}
	if len(data) > maxFile {
		return fault.Invalidf("%s is larger than %d bytes: it is no file of SEMS.", name, maxFile)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		if data, err = charmap.Windows1252.NewDecoder().Bytes(data); err != nil {
			return err
		}
		f.windows1252 = true
	}
	c := csv.NewReader(bytes.NewReader(data))
	c.TrimLeadingSpace, c.FieldsPerRecord = true, -1
	for {
		values, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return fault.Invalidf("%s, line %d cannot be read: a quotation mark is missing or stands where none may. Export the file again.", name, bad.Line).Because(err)
		}
		if err != nil {
			return err
		}
		line, _ := c.FieldPos(0)
		for i := range values {
			values[i] = strings.TrimSpace(values[i])
		}
		if err := add(row{name, line, values}); err != nil {
			return err
		}
	}
}

// kind returns the kind of a row that has enough values.
func (r row) kind() (int, error) {
	k, err := r.number(0)
	if err != nil {
		return 0, err
	}
	if k >= len(fewest) {
		return 0, r.wrong("%s, line %d begins with %d: no such row is known. Export the file again.", k)
	}
	if len(r.values) < fewest[k] {
		return 0, r.wrong("%s, line %d has %d values, and a row that begins with %d has at least %d. Export the file again.", len(r.values), k, fewest[k])
	}
	return k, nil
}

func (f *File) add(r row) error {
	k, err := r.kind()
	if err != nil {
		return err
	}
	v := r.values
	switch k {
	case rowTitle:
		f.Title, f.Date = v[1], v[2]
	case rowDistrict:
		f.Districts = append(f.Districts, ballot.District{ID: v[2], Name: v[3]})
	case rowPrecinct:
		return f.addPrecinct(v)
	case rowSplit:
		return f.addDistrict(r)
	case rowParty:
		f.Parties = append(f.Parties, Party{ID: v[1], Name: v[2], Abbrev: v[3]})
	case rowContest:
		return f.addContest(r)
	case rowOption:
		return f.addOption(r)
	case rowMapped:
		return f.mapped(r)
	}
	return nil
}

func (f *File) addPrecinct(v []string) error {
	s := Split{ID: v[3], Name: v[4], Style: v[6]}
	for i := range f.Precincts {
		if p := &f.Precincts[i]; p.ID == v[2] {
			p.Splits = append(p.Splits, s)
			return nil
		}
	}
	f.Precincts = append(f.Precincts, Precinct{ID: v[2], Name: v[4], Splits: []Split{s}})
	return nil
}

func (f *File) addDistrict(r row) error {
	for i := range f.Precincts {
		for j := range f.Precincts[i].Splits {
			if s := &f.Precincts[i].Splits[j]; s.ID == r.values[1] {
				s.Districts = append(s.Districts, r.values[2])
				return nil
			}
		}
	}
	return r.wrong("%s, line %d gives a district to split %s, which no row before it names. Export the file again.", r.values[1])
}

func (f *File) addContest(r row) error {
	v := r.values
	c := Contest{ID: v[1], Label: v[2], Measure: v[3] == "1", District: v[5], Lines: lines(v[8])}
	var err error
	if c.Seats, err = r.number(6); err != nil {
		return err
	}
	if c.WriteIns, err = r.number(7); err != nil {
		return err
	}
	if len(v) > 9 && v[9] != "0" {
		c.Party = v[9]
	}
	for i := range f.Contests {
		o := &f.Contests[i]
		if o.ID == c.ID {
			return r.wrong("%s, line %d: contest %s comes twice.", c.ID)
		}
		if c.Measure && o.Measure && o.pair == 0 && c.pair == 0 && o.Label == c.Label && slices.Equal(o.Lines, c.Lines) {
			o.pair, c.pair = 1, 2
		}
	}
	f.Contests = append(f.Contests, c)
	return nil
}

func (f *File) addOption(r row) error {
	v := r.values
	o := Option{Label: v[3], Lines: lines(v[7])}
	var err error
	if o.sequence, err = r.number(2); err != nil {
		return err
	}
	kind, err := r.number(4)
	if err != nil {
		return err
	}
	if o.sort, err = r.number(5); err != nil {
		return err
	}
	if o.Kind = OptionKind(kind); o.Kind > RegisteredWriteIn {
		return r.wrong("%s, line %d: “%s” is of kind %d; known are 0 printed, 1 written and 2 registered to be written.", o.Label, kind)
	}
	if v[6] != "0" {
		o.Party = v[6]
	}
	for i := range f.Contests {
		if c := &f.Contests[i]; c.ID == v[1] {
			if c.Measure {
				o.ID = v[2]
			}
			c.Options = append(c.Options, o)
			return nil
		}
	}
	return r.wrong("%s, line %d: “%s” runs in contest %s, which no row before it names.", o.Label, v[1])
}

// mapped gives a candidate the id that results have.
func (f *File) mapped(r row) error {
	if r.values[0] == "" { // the last row: “, , , , 0”
		return nil
	}
	k, err := r.kind()
	if err != nil || k != rowMapped {
		return err
	}
	v := r.values
	if f.County == "" {
		f.County = v[1]
	}
	if v[1] != f.County {
		return r.wrong("%s, line %d is of county %s, and those before it of %s.", v[1], f.County)
	}
	sequence, err := r.number(3)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(f.Contests, func(c Contest) bool { return c.ID == v[2] })
	if i < 0 {
		return r.wrong("%s, line %d maps a candidate of contest %s, which the election does not have. The two files must be of the same election.", v[2])
	}
	if f.Contests[i].Measure { // whose answers have their ids already
		return nil
	}
	for j := range f.Contests[i].Options {
		if o := &f.Contests[i].Options[j]; o.sequence == sequence {
			o.ID = v[4]
			return nil
		}
	}
	return r.wrong("%s, line %d maps candidate %d of contest %s, whom the election does not have. The two files must be of the same election.", sequence, v[2])
}

// finish sorts options and refuses what would count nobody's votes.
func (f *File) finish(names [2]string) error {
	if f.Title == "" || len(f.Contests) == 0 || len(f.Precincts) == 0 {
		return fault.Invalidf("%s holds no election: a row with its title, precincts and contests are needed.", names[0])
	}
	for i := range f.Contests {
		c := &f.Contests[i]
		slices.SortStableFunc(c.Options, func(a, b Option) int { return a.sort - b.sort })
		seen := map[string]string{}
		for _, o := range c.Options {
			if o.Kind == WriteInLine {
				continue
			}
			if o.ID == "" {
				return fault.Invalidf("%s does not map “%s” of contest %s: their votes could not be reported. Ask the state for the candidate map of this election.", names[1], o.Label, c.ID)
			}
			if other, ok := seen[o.ID]; ok {
				return fault.Invalidf("“%s” and “%s” of contest %s both have the id %s.", other, o.Label, c.ID, o.ID)
			}
			seen[o.ID] = o.Label
		}
	}
	return nil
}

// lines cuts a text at its line ends, which are written as a backslash and an n, or as they are. Empty lines at the end are left out.
func lines(text string) []string {
	text = strings.ReplaceAll(text, `\n`, "\n")
	return strings.Split(strings.TrimRight(text, " \n"), "\n")
}

// title returns by what name results know a contest.
func (c Contest) title() string {
	switch {
	case c.Measure && c.pair == 0:
		return c.Lines[0] + ": " + c.Label
	case c.Measure, len(c.Lines) < 2:
		return c.Lines[0]
	}
	return c.Lines[1]
}

// name returns by what name results know an option.
func (c Contest) name(o Option) string {
	if c.Measure && len(o.Lines) > 1 {
		return strings.Join(o.Lines[1:], " ")
	}
	return strings.Join(o.Lines, " ")
}
