// Package hart reads the cast vote records of Hart InterCivic's Verity: zip files with one XML file a card, and lists of scanned ballots.
//
// A card names its batch, its number in the batch and the contests on it, each with the options that were marked, in a ranked contest with a row of
// digits by rank ("0100" is the second). A contest without options is on the card and left blank: it is kept, for a reader that dropped it would take the card
// out of that contest's audit. Which machine read a card stands in the lists of scanned ballots ("Workstation"), or is the name of the zip file where there
// are several.
package hart

import (
	_ "embed"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/grid"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// maxCard is how many bytes the XML of one card may have.
const maxCard = 4 << 20

// Export is one zip file of cards.
type Export struct {
	Tabulator string // the name of the machine, or "" if the zip file is not called after one
	Cards     []cvr.Source
}

// Reader reads the cards of the exports in their order. It is a [cvr.Reader].
type Reader struct {
	exports  []Export
	scanned  map[string]Scanned
	contests []cvr.Contest
	byName   map[string]int
	choices  []map[string]int
	seed     maphash.Seed
	seen     map[uint64]struct{} // hashes of guids: of three million cards, two agree by chance once in four million exports
	marks    []cvr.Mark
}

// New returns a reader of exports. The scanned ballots, by the guid of the card, may be nil; see [ReadScanned].
func New(scanned map[string]Scanned, exports ...Export) (*Reader, error) {
	r := &Reader{scanned: scanned, byName: map[string]int{}, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
	for _, e := range exports {
		e.Cards = slices.DeleteFunc(slices.Clone(e.Cards), func(s cvr.Source) bool { return !strings.EqualFold(ext(s.Name), ".xml") })
		if len(e.Cards) > 0 {
			r.exports = append(r.exports, e)
		}
	}
	if len(r.exports) == 0 {
		return nil, fault.Invalidf("There is no XML file of a cast vote record. Choose the zip files that Verity exports.")
	}
	return r, nil
}

func ext(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

// Contests returns the contests and choices that were read so far: the files name them only where they are on a card or marked. The files do not say how
// many votes a contest allows.
func (r *Reader) Contests() []cvr.Contest { return r.contests }

// Next reads the next card. BatchSequence is its RecordID; the ImprintedID is the identifier of the list of scanned ballots, or the guid.
func (r *Reader) Next(c *cvr.Card) error {
	for len(r.exports) > 0 && len(r.exports[0].Cards) == 0 {
		r.exports = r.exports[1:]
	}
	if len(r.exports) == 0 {
		return io.EOF
	}
	e := &r.exports[0]
	src := e.Cards[0]
	e.Cards = e.Cards[1:]
	raw, err := src.ReadAll(maxCard)
	if err != nil {
		return err
	}
	x, err := parse(src.Name, raw)
	if err != nil {
		return err
	}
	*c = cvr.Card{
		Tabulator: e.Tabulator, Batch: x.Batch, RecordID: x.Sequence, ImprintedID: x.GUID, Precinct: x.Precinct.Name, Portion: x.Precinct.ID, Votes: c.Votes[:0],
	}
	if s, ok := r.scanned[x.GUID]; ok {
		c.ImprintedID = s.ID
		if c.Tabulator == "" {
			c.Tabulator = s.Workstation
		}
	}
	guid := maphash.String(r.seed, x.GUID)
	if _, twice := r.seen[guid]; twice {
		return fault.Invalidf("%s: the record %s was read before. A ballot has one record; export the records again without the duplicate.", src.Name, x.GUID)
	}
	r.seen[guid] = struct{}{}
	return r.votes(src.Name, x, c)
}

// card is the XML of one card.
type card struct {
	Contests struct {
		Contest []contest
	}
	Sequence string `xml:"BatchSequence"`
	Batch    string `xml:"BatchNumber"`
	GUID     string `xml:"CvrGuid"`
	Precinct struct {
		Name string
		ID   string `xml:"Id"`
	} `xml:"PrecinctSplit"`
}

type contest struct {
	Name    string
	ID      string `xml:"Id"`
	Options struct {
		Option []option
	}
}

type option struct {
	Name    string
	ID      string `xml:"Id"`
	Value   *string
	WriteIn *struct {
		Inner []any `xml:",any"`
	} `xml:"WriteInData"`
}

func parse(name string, raw []byte) (card, error) {
	var x struct {
		XMLName xml.Name `xml:"Cvr"`
		card
	}
	if err := xml.Unmarshal(raw, &x); errors.Is(err, io.EOF) { // no element at all; an error that wraps io.EOF would look like the end of the records
		return card{}, fault.Invalidf("%s is not the XML of a cast vote record. Export it again.", name)
	} else if err != nil {
		return card{}, fault.Invalidf("%s is not the XML of a cast vote record. Export it again.", name).Because(err)
	}
	for tag, value := range map[string]*string{"BatchSequence": &x.Sequence, "BatchNumber": &x.Batch, "CvrGuid": &x.GUID} {
		if *value = strings.TrimSpace(*value); *value == "" {
			return card{}, fault.Invalidf("%s has no %s. Every record needs it; export it again.", name, tag)
		}
	}
	return x.card, nil
}

func (r *Reader) votes(file string, x card, c *cvr.Card) error {
	r.marks = r.marks[:0]
	for _, k := range x.Contests.Contest {
		if len(c.Votes) == cvr.MaxOnCard {
			return tooMuch(file)
		}
		if k.Name == "" {
			return fault.Invalidf("%s: a contest has no name. Export it again.", file)
		}
		i := r.contest(k)
		if slices.ContainsFunc(c.Votes, func(v cvr.Vote) bool { return v.Contest == i }) {
			return fault.Invalidf("%s: the contest “%s” is there twice. Export it again.", file, k.Name)
		}
		from := len(r.marks)
		for _, o := range k.Options.Option {
			if err := r.option(file, i, from, o); err != nil {
				return err
			}
		}
		v := cvr.Vote{Contest: i, Marks: r.marks[from:len(r.marks):len(r.marks)]}
		slices.SortStableFunc(v.Marks, func(a, b cvr.Mark) int { return a.Rank - b.Rank })
		c.Votes = append(c.Votes, v)
	}
	slices.SortFunc(c.Votes, func(a, b cvr.Vote) int { return a.Contest - b.Contest })
	return nil
}

func tooMuch(file string) error {
	return fault.Invalidf("%s: the card has more than %d contests or marks. Export it again.", file, cvr.MaxOnCard)
}

func (r *Reader) contest(k contest) int {
	i, ok := r.byName[k.Name]
	if !ok {
		i = len(r.contests)
		r.byName[k.Name] = i
		r.contests = append(r.contests, cvr.Contest{ID: k.ID, Name: k.Name})
		r.choices = append(r.choices, map[string]int{})
	}
	return i
}

// option adds the marks of one option: one, or one for each rank at which its row of digits has a 1.
func (r *Reader) option(file string, contest, from int, o option) error {
	name := o.Name
	if o.WriteIn != nil && (len(o.WriteIn.Inner) > 0 || name == "") {
		name = "Write-In"
	}
	if name == "" {
		return fault.Invalidf("%s: an option of “%s” has no name. Export it again.", file, r.contests[contest].Name)
	}
	i, ok := r.choices[contest][name]
	if !ok {
		i = len(r.contests[contest].Choices)
		r.choices[contest][name] = i
		r.contests[contest].Choices = append(r.contests[contest].Choices, cvr.Choice{ID: o.ID, Name: name, WriteIn: o.WriteIn != nil || grid.WriteIn(name)})
	}
	value := "1"
	if o.Value != nil {
		value = strings.TrimSpace(*o.Value)
	}
	if value == "" || strings.Trim(value, "01") != "" || len(value) > 999 {
		return fault.Invalidf("%s: “%s” is not the vote for an option, which is written in the digits 0 and 1. Export it again.", file, value)
	}
	if len(r.marks)+len(value) > cvr.MaxOnCard {
		return tooMuch(file)
	}
	if len(value) == 1 {
		if value == "1" {
			r.mark(from, cvr.Mark{Choice: i})
		}
		return nil
	}
	r.contests[contest].Ranks = max(r.contests[contest].Ranks, len(value))
	for rank, digit := range value {
		if digit == '1' {
			r.mark(from, cvr.Mark{Choice: i, Rank: rank + 1})
		}
	}
	return nil
}

// mark adds a mark of the contest whose marks begin at from. An option listed twice is one mark.
func (r *Reader) mark(from int, m cvr.Mark) {
	if !slices.Contains(r.marks[from:], m) {
		r.marks = append(r.marks, m)
	}
}

// Files is what a person chooses: zip files of cards, zip files that hold such zip files, and lists of scanned ballots, all mixed.
type Files struct {
	Exports []Export
	Scanned []cvr.Source // lists
}

// Open sorts the parts of one chosen zip file. A zip file inside it is opened by inner, which gets its name and returns its parts.
func (f *Files) Open(name string, parts []cvr.Source, inner func(cvr.Source) ([]cvr.Source, error)) error {
	here := Export{Tabulator: strings.TrimSuffix(name, ext(name))}
	for _, p := range parts {
		switch strings.ToLower(ext(p.Name)) {
		case ".zip":
			cards, err := inner(p)
			if err != nil {
				return fmt.Errorf("opening %s: %w", p.Name, err)
			}
			base := p.Base()
			f.Exports = append(f.Exports, Export{Tabulator: strings.TrimSuffix(base, ext(base)), Cards: cards})
		case ".csv":
			f.Scanned = append(f.Scanned, p)
		case ".xml":
			here.Cards = append(here.Cards, p)
		}
	}
	if len(here.Cards) > 0 {
		f.Exports = append(f.Exports, here)
	}
	return nil
}

// Reader returns a reader of all that was opened. One export alone is not called after a machine.
func (f *Files) Reader() (*Reader, error) {
	scanned, err := ReadScanned(f.Scanned...)
	if err != nil {
		return nil, err
	}
	if len(f.Exports) == 1 {
		f.Exports[0].Tabulator = ""
	}
	r, err := New(scanned, f.Exports...)
	if err != nil {
		return nil, errors.Join(err)
	}
	return r, nil
}
