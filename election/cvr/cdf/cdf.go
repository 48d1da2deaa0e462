// Package cdf reads cast vote records in the common data format NIST SP 1500-103 (version 1.0, JSON and XML), and writes them.
//
// A report defines contests, selections, candidates and places, and then lists cards; each card has snapshots of what was on it — the marks as read, and as
// people or rules changed them —, of which one is current. Definitions may stand behind the cards, so a file is read twice. Of the current snapshot a mark
// counts unless it may not be allocated (IsAllocable "no"); in a contest that is overvoted all marks are kept, so that it is seen to be overvoted.
package cdf

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
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

// most is how many bytes one card, or one list of definitions, may have.
const most = 64 << 20

// Reader reads one file after another. It is a [cvr.Reader].
type Reader struct {
	left     []cvr.Source
	file     io.Closer
	name     string
	cards    cards
	number   int // of the card in the file
	contests []cvr.Contest
	known    map[string]*contest
	units    map[string]string
	marks    []cvr.Mark
}

// contest is a contest and its choices by their identifiers.
type contest struct {
	index   int
	choices map[string]int
	defined bool
}

// cards yields the cards of a file one by one, and io.EOF.
type cards interface{ next(*record) error }

// New returns a reader of reports of one election, in their order. A contest that two files define must be called the same in both.
func New(files ...cvr.Source) (*Reader, error) {
	if len(files) == 0 {
		return nil, fault.Invalidf("There is no file of cast vote records. Choose at least one.")
	}
	r := &Reader{left: files, known: map[string]*contest{}, units: map[string]string{}}
	if err := r.open(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close closes the file that is open; at its end a reader has closed it itself.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	if err != nil {
		return fmt.Errorf("closing records: %w", err)
	}
	return nil
}

// Contests returns the contests that the files opened so far define, in their order.
func (r *Reader) Contests() []cvr.Contest { return r.contests }

// open reads the definitions of the next file and goes back to its beginning.
func (r *Reader) open() error {
	src := r.left[0]
	r.left, r.name, r.number = r.left[1:], src.Name, 0
	for _, definitions := range []bool{true, false} {
		f, err := src.Open()
		if err != nil {
			return fmt.Errorf("opening %s: %w", src.Name, err)
		}
		r.file = f
		g := &guard{r: f, name: src.Name, left: most}
		first, err := g.peek()
		if err != nil {
			return err
		}
		switch {
		case first == '{':
			r.cards, err = newJSON(g, definitions, r.define)
		case first == '<':
			r.cards, err = newXML(g, definitions, r.define)
		default:
			return fault.Invalidf("%s is neither JSON nor XML. Choose a report of cast vote records as NIST SP 1500-103 describes it.", src.Name)
		}
		if err != nil {
			return r.damaged(err)
		}
		if definitions {
			if err := r.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

// damaged makes a sentence of what a decoder says.
func (r *Reader) damaged(err error) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Invalidf("%s was cut off behind card %d. Export it again.", r.name, r.number)
	}
	return fault.Invalidf("%s cannot be read behind card %d. Export it again as a report of NIST SP 1500-103.", r.name, r.number).Because(err)
}

// Next reads the next card.
func (r *Reader) Next(c *cvr.Card) error {
	for {
		if r.file == nil {
			return io.EOF
		}
		var rec record
		err := r.cards.next(&rec)
		switch {
		case err == io.EOF: //nolint:errorlint // a wrapped one means a file cut off
			if err := r.Close(); err != nil {
				return err
			}
			if len(r.left) == 0 {
				return io.EOF
			}
			if err := r.open(); err != nil {
				return err
			}
		case err != nil:
			return r.damaged(err)
		default:
			r.number++
			return r.card(rec, c)
		}
	}
}

// define adds what a file defines.
func (r *Reader) define(d definitions) error {
	for _, u := range d.GpUnit {
		r.units[u.ID] = u.Name
	}
	for _, e := range d.Election {
		names := map[string]string{}
		for _, c := range e.Candidate {
			names[c.ID] = c.Name
		}
		for _, k := range e.Contest {
			if err := r.defineContest(k, names); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Reader) defineContest(k contestDef, names map[string]string) error {
	name := strings.Join(strings.Fields(k.Name), " ")
	at, again := r.known[k.ID]
	if again && r.contests[at.index].Name != name {
		return fault.Invalidf("%s calls the contest %s “%s”, and another file calls it “%s”. Export the files together.", r.name, k.ID, name, r.contests[at.index].Name)
	}
	if !again {
		at = &contest{index: len(r.contests), choices: map[string]int{}, defined: true}
		r.known[k.ID] = at
		r.contests = append(r.contests, cvr.Contest{ID: k.ID, Name: name, VotesAllowed: int(k.VotesAllowed)})
	}
	for _, s := range k.Selection {
		if _, ok := at.choices[s.ID]; ok {
			continue
		}
		var said []string
		for _, id := range s.CandidateIDs {
			if n := names[id]; n != "" {
				said = append(said, n)
			}
		}
		title := strings.Join(said, " and ")
		if title == "" {
			title = s.Selection
		}
		r.choice(at, s.ID, title, bool(s.WriteIn))
	}
	return nil
}

// choice adds a choice to a contest.
func (r *Reader) choice(at *contest, id, name string, writeIn bool) int {
	if name = strings.Join(strings.Fields(name), " "); name == "" {
		name = id
	}
	c := &r.contests[at.index]
	at.choices[id] = len(c.Choices)
	c.Choices = append(c.Choices, cvr.Choice{ID: id, Name: name, WriteIn: writeIn || grid.WriteIn(name)})
	return len(c.Choices) - 1
}

// card makes a card of a record.
func (r *Reader) card(rec record, c *cvr.Card) error {
	*c = cvr.Card{
		Tabulator: rec.Device, Batch: rec.Batch, Position: int(rec.Sequence), RecordID: rec.UniqueID, ImprintedID: rec.AuditID, Style: rec.Style,
		Precinct: rec.Unit, Votes: c.Votes[:0],
	}
	if c.ImprintedID == "" {
		c.ImprintedID = rec.PrePrinted
	}
	if n := r.units[rec.Unit]; n != "" {
		c.Precinct = n
	}
	var now *snapshot
	for i := range rec.Snapshot {
		if rec.Snapshot[i].ID == rec.Current || len(rec.Snapshot) == 1 && rec.Current == "" {
			now = &rec.Snapshot[i]
		}
	}
	if now == nil {
		return fault.Invalidf("%s: card %d has no snapshot called “%s”, its current one. Export the file again.", r.name, r.number, rec.Current)
	}
	r.marks = r.marks[:0]
	for _, k := range now.Contest {
		if len(c.Votes) == cvr.MaxOnCard {
			return r.tooMuch()
		}
		v, err := r.vote(k)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(c.Votes, func(o cvr.Vote) bool { return o.Contest == v.Contest }) {
			return fault.Invalidf("%s: card %d has the contest “%s” twice. Export the file again.", r.name, r.number, r.contests[v.Contest].Name)
		}
		c.Votes = append(c.Votes, v)
	}
	slices.SortFunc(c.Votes, func(a, b cvr.Vote) int { return a.Contest - b.Contest })
	return nil
}

func (r *Reader) tooMuch() error {
	return fault.Invalidf("%s: card %d has more than %d contests or marks. Export the file again.", r.name, r.number, cvr.MaxOnCard)
}

// vote reads the marks of a contest. Only where a file defines no contests are they taken as they come.
func (r *Reader) vote(k contestVote) (cvr.Vote, error) {
	at := r.known[k.ID]
	if at == nil {
		if slices.ContainsFunc(r.contests, func(c cvr.Contest) bool { return r.known[c.ID].defined }) || k.ID == "" {
			return cvr.Vote{}, fault.Invalidf("%s: card %d has the contest “%s”, which the file does not define. Export the file again with its definitions.", r.name, r.number, k.ID)
		}
		at = &contest{index: len(r.contests), choices: map[string]int{}}
		r.known[k.ID] = at
		r.contests = append(r.contests, cvr.Contest{ID: k.ID, Name: k.ID})
	}
	from := len(r.marks)
	for _, s := range k.Selection {
		for _, p := range s.Position {
			if len(r.marks) == cvr.MaxOnCard {
				return cvr.Vote{}, r.tooMuch()
			}
			if p.Indication != "yes" || p.Allocable == "no" && k.Overvotes == 0 || p.Votes != nil && *p.Votes == 0 {
				continue
			}
			choice, err := r.selected(at, s.ID, p)
			if err != nil {
				return cvr.Vote{}, err
			}
			m := cvr.Mark{Choice: choice, Rank: int(p.Rank)}
			if r.contests[at.index].Ranks < m.Rank {
				r.contests[at.index].Ranks = m.Rank
			}
			if !slices.Contains(r.marks[from:], m) {
				r.marks = append(r.marks, m)
			}
		}
	}
	marks := r.marks[from:len(r.marks):len(r.marks)]
	slices.SortFunc(marks, func(a, b cvr.Mark) int {
		if a.Rank != b.Rank {
			return a.Rank - b.Rank
		}
		return a.Choice - b.Choice
	})
	return cvr.Vote{Contest: at.index, Marks: marks, Over: k.Overvotes > 0 && len(marks) == 0}, nil
}

// selected finds the choice of a mark. What a contest does not define must be a name that was written.
func (r *Reader) selected(at *contest, id string, p position) (int, error) {
	if i, ok := at.choices[id]; ok {
		return i, nil
	}
	written := p.WriteIn != nil || grid.WriteIn(id)
	if at.defined && !written {
		return 0, fault.Invalidf("%s: card %d has a mark for “%s” in “%s”, which defines no such choice. Export the file again with its definitions.", r.name, r.number, id, r.contests[at.index].Name)
	}
	name := id
	if name == "" {
		name = "Write-in"
	}
	return r.choice(at, id, name, written), nil
}

// guard bounds how much one card or list of definitions may have; the decoders hold it whole.
type guard struct {
	r    io.Reader
	name string
	left int
	head []byte
}

func (g *guard) renew() { g.left = most }

// peek returns the first byte that is no white space or byte order mark.
func (g *guard) peek() (byte, error) {
	var b [1]byte
	for range 1 << 16 {
		if _, err := io.ReadFull(g.r, b[:]); errors.Is(err, io.EOF) {
			return 0, fault.Invalidf("%s is empty. Export it again.", g.name)
		} else if err != nil {
			return 0, fmt.Errorf("reading %s: %w", g.name, err)
		}
		switch b[0] {
		case ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf:
		default:
			g.head = []byte{b[0]}
			return b[0], nil
		}
	}
	return 0, nil
}

func (g *guard) Read(p []byte) (int, error) {
	if len(g.head) > 0 {
		n := copy(p, g.head)
		g.head = g.head[n:]
		return n, nil
	}
	if g.left <= 0 {
		return 0, fault.Invalidf("%s has a card or a definition of more than %d bytes. Export it again.", g.name, most)
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// jsonCards reads the list "CVR" of a report.
type jsonCards struct {
	d *json.Decoder
	g *guard
}

// newJSON reads to the first card, or, of the definitions, to the end of the file.
func newJSON(g *guard, defs bool, define func(definitions) error) (cards, error) {
	d := json.NewDecoder(g)
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		g.renew()
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		if key == "CVR" {
			if t, err := d.Token(); err != nil || t != json.Delim('[') {
				return nil, errors.Join(errors.New("CVR is no list"), err)
			}
			if !defs {
				return &jsonCards{d, g}, nil
			}
			for d.More() {
				g.renew()
				if err := d.Decode(&skipped{}); err != nil {
					return nil, err
				}
			}
			if _, err := d.Token(); err != nil {
				return nil, err
			}
			continue
		}
		var some definitions
		var into any = &skipped{}
		switch key {
		case "Election":
			into = &some.Election
		case "GpUnit":
			into = &some.GpUnit
		}
		if err := d.Decode(into); err != nil {
			return nil, err
		}
		if defs {
			if err := define(some); err != nil {
				return nil, err
			}
		}
	}
	return none{}, nil
}

// skipped is a value that is not looked at.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// none is a file without cards.
type none struct{}

func (none) next(*record) error { return io.EOF }

func (j *jsonCards) next(rec *record) error {
	if !j.d.More() {
		if _, err := j.d.Token(); err != nil {
			return fmt.Errorf("after the cards: %w", err)
		}
		return io.EOF
	}
	j.g.renew()
	if err := j.d.Decode(rec); err != nil {
		return fmt.Errorf("decoding a card: %w", err)
	}
	return nil
}
