package auditmath

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/vendor"
	"github.com/openprecinct/precinct/election/manifest"
)

// cvrOps read files of cast vote records as the audit tool Arlo does, so that both can be compared card by card.
var cvrOps = map[string]op{"cvr.import": taking(importCVRs)}

// importInput names files of this machine: whoever asks on standard input may read them anyway.
type importInput struct {
	Vendor   string `json:"vendor"`
	Manifest string `json:"manifest"`
	CVR      string `json:"cvr"`
}

type importResult struct {
	Contests map[string]*importedContest `json:"contests"`
	Ballots  []importedBallot            `json:"ballots"`
}

type importedContest struct {
	VotesAllowed int            `json:"votes_allowed"`
	Ballots      int            `json:"ballots"`
	Choices      map[string]int `json:"choices"`
}

type importedBallot struct {
	Tabulator   string                       `json:"tabulator"`
	Batch       string                       `json:"batch"`
	Position    int                          `json:"position"`
	RecordID    int                          `json:"record_id"`
	ImprintedID string                       `json:"imprinted_id"`
	Contests    map[string]map[string]string `json:"contests"`
}

func importCVRs(in importInput) (result importResult, err error) {
	m, err := readManifest(in)
	if err != nil {
		return result, err
	}
	r, err := vendor.Open(vendor.Vendor(in.Vendor), asPeer, cvr.Source{Name: in.CVR, Open: func() (io.ReadCloser, error) { return openFile(in.CVR) }})
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var places cvr.Places
	var cards []cvr.Card
	for {
		var c cvr.Card
		if err := r.Next(&c); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return result, err
		}
		if in.Vendor == string(vendor.Hart) {
			if err := m.Machine(&c); err != nil {
				return result, err
			}
		}
		if err := places.Add(&c); err != nil {
			return result, err
		}
		for i := range c.Votes { // readers use their memory again
			c.Votes[i].Marks = slices.Clone(c.Votes[i].Marks)
		}
		cards = append(cards, c)
	}
	if err := m.Agrees(places.Batches()); err != nil {
		return result, err
	}
	at, err := places.Positions()
	if err != nil {
		return result, err
	}
	return imported(in.Vendor, r.Contests(), cards, at)
}

// file is a file of this machine that can be read at any place.
type file struct {
	*os.File
	size int64
}

// Size returns how many bytes the file has.
func (f file) Size() int64 { return f.size }

func openFile(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return file{f, info.Size()}, nil
}

func readManifest(in importInput) (*manifest.Manifest, error) {
	b, err := os.ReadFile(in.Manifest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", BadInput, err)
	}
	r, err := asPeer(cvr.Bytes(in.Manifest, b)).Open()
	if err != nil {
		return nil, err
	}
	return manifest.Read(in.Manifest, r, manifest.Options{Tabulator: true})
}

// imported says what was read in the words of the peer: a contest whose choices nobody marked is left out, overvotes count for nobody, of two choices with
// one name the later counts, and Hart's contests that were left blank are not on the card.
func imported(system string, contests []cvr.Contest, cards []cvr.Card, at []int) (importResult, error) {
	res := importResult{Contests: map[string]*importedContest{}, Ballots: make([]importedBallot, 0, len(cards))}
	for _, c := range contests {
		if len(c.Choices) == 0 {
			continue
		}
		k := &importedContest{VotesAllowed: max(c.VotesAllowed, 1), Choices: map[string]int{}}
		for _, o := range c.Choices {
			k.Choices[o.Name] = 0
		}
		res.Contests[c.Name] = k
	}
	for i, c := range cards {
		n, err := strconv.Atoi(c.RecordID)
		if err != nil {
			return res, fmt.Errorf("%w: the record id %q is no number", BadInput, c.RecordID)
		}
		b := importedBallot{Tabulator: c.Tabulator, Batch: c.Batch, Position: at[i], RecordID: n, ImprintedID: c.ImprintedID, Contests: map[string]map[string]string{}}
		for _, v := range c.Votes {
			k := res.Contests[contests[v.Contest].Name]
			if k == nil || system == "hart" && len(v.Marks) == 0 {
				continue
			}
			b.Contests[contests[v.Contest].Name] = k.count(contests[v.Contest].Choices, v)
		}
		res.Ballots = append(res.Ballots, b)
	}
	slices.SortFunc(res.Ballots, func(a, b importedBallot) int {
		return cmp.Or(cmp.Compare(a.Tabulator, b.Tabulator), cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Position, b.Position))
	})
	return res, nil
}

// count adds a vote to the contest and returns it by choice.
func (k *importedContest) count(choices []cvr.Choice, v cvr.Vote) map[string]string {
	k.Ballots++
	out := make(map[string]string, len(choices))
	for i, o := range choices {
		switch {
		case v.Over:
			out[o.Name] = "o"
		case v.Under:
			out[o.Name] = "u"
		case slices.ContainsFunc(v.Marks, func(m cvr.Mark) bool { return m.Choice == i }):
			out[o.Name] = "1"
		default:
			out[o.Name] = "0"
		}
	}
	votes := 0
	for _, x := range out {
		if x == "1" {
			votes++
		}
	}
	if votes <= k.VotesAllowed {
		for name, x := range out {
			if x == "1" {
				k.Choices[name]++
			}
		}
	}
	return out
}

// peerLooks is how much of a file the peer looks at when it guesses the encoding.
const peerLooks = 502 * 64

// asPeer decodes a file as the peer does. It takes UTF-8 with a single letter beyond ASCII in its first 32 kB for Windows-1252, so that letter becomes two;
// our readers do not. Names have to be equal to the peer's here, or no vector could be compared.
func asPeer(s cvr.Source) cvr.Source {
	open := s.Open
	s.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		head := make([]byte, peerLooks)
		n, err := io.ReadFull(r, head)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.Join(err, r.Close())
		}
		again := io.MultiReader(bytes.NewReader(head[:n]), r)
		if oneLetter(head[:n]) {
			again = transform.NewReader(again, charmap.Windows1252.NewDecoder())
		}
		return struct {
			io.Reader
			io.Closer
		}{again, r}, nil
	}
	return s
}

// oneLetter reports whether a text is UTF-8 with exactly one letter beyond ASCII, and no byte order mark.
func oneLetter(b []byte) bool {
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		return false
	}
	letters := 0
	for len(b) > 0 && letters < 2 {
		c, size := utf8.DecodeRune(b)
		switch {
		case c == utf8.RuneError && size == 1 && !utf8.FullRune(b):
			return letters == 1
		case c == utf8.RuneError && size == 1:
			return false
		case size > 1:
			letters++
		}
		b = b[size:]
	}
	return letters == 1
}
