// Package cast reads ballots of ranked contests from the files that RCTab reads, one after the other.
//
// Each format is one function that goes through a source and calls for every ballot of the contest. None holds a file: the
// CDF formats, whose records may come before the contests they speak of, are gone through twice. What a source says that
// the settings do not know (a candidate, a rank too many) is refused with the file and the place in it, never left out.
package cast

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/openprecinct/precinct/election/ranked"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the sentences of this package in Spanish, keyed by the English ones.
//
//go:embed es.json
var Spanish []byte

// Limits against files that are not what they say.
const (
	maxManifest = 64 << 20 // bytes of one of Dominion's lists
	maxRecord   = 16 << 20 // bytes of one record of a JSON or XML file, of one Hart ballot
	maxRank     = 1000
	maxUnknown  = 1000 // different unknown candidates
)

// Opener finds a source by its path in the settings: a file system, and the name of the file or folder in it. Files of
// ES&S must be io.ReaderAt.
type Opener func(path string) (fs.FS, string, error)

// Each reads all sources of a contest in their order and calls fn for each of its ballots. The ballot is used again: fn
// copies what is to outlive the call. It ends with the first error, fn's among them.
func Each(ctx context.Context, s *ranked.Settings, open Opener, fn func(*ranked.Ballot) error) error {
	for i := range s.Sources {
		r := &reader{ctx: ctx, settings: s, source: &s.Sources[i], fn: fn, names: names(s), unknown: map[string]int64{}}
		r.ballot.Source = i
		if err := r.read(open); err != nil {
			return err
		}
		if err := r.refuseUnknown(); err != nil {
			return err
		}
	}
	return nil
}

// names maps names and aliases to candidates.
func names(s *ranked.Settings) map[string]person {
	m := map[string]person{}
	for i, c := range s.Candidates {
		m[c.Name] = person{i, 0}
		for j, a := range c.Aliases {
			m[a] = person{i, j + 1}
		}
	}
	if s.WriteIns {
		m[ranked.WriteIns] = person{len(s.Candidates), 0}
	}
	return m
}

// person is a candidate and how a file calls them: by an alias, from 1, or by name.
type person struct{ candidate, alias int }

// reader goes through one source.
type reader struct {
	ctx      context.Context // #nosec -- lives as long as the call
	settings *ranked.Settings
	source   *ranked.Source
	fn       func(*ranked.Ballot) error
	names    map[string]person
	unknown  map[string]int64
	ballot   ranked.Ballot
	count    int64
	tooMany  int // ranks that the source itself allows, or 0
}

func (r *reader) read(open Opener) error {
	fsys, name, err := open(r.source.Path)
	if err != nil {
		return fault.NotFoundf("The file of votes %s cannot be opened. Check filePath.", r.source.Path).Because(err)
	}
	switch r.source.Provider {
	case ranked.Dominion:
		return r.dominion(fsys, name)
	case ranked.Hart:
		return r.hart(fsys, name)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return fault.NotFoundf("The file of votes %s cannot be opened. Check filePath.", r.source.Path).Because(err)
	}
	err = r.file(fsys, name, f)
	return errors.Join(err, f.Close())
}

func (r *reader) file(fsys fs.FS, name string, f fs.File) error {
	switch r.source.Provider {
	case ranked.ESS:
		return r.ess(f)
	case ranked.GenericCSV:
		return r.generic(f)
	case ranked.ClearBallot:
		return r.clearBallot(f)
	}
	if strings.EqualFold(path.Ext(name), ".xml") {
		return r.cdfXML(fsys, name)
	}
	return r.cdfJSON(fsys, name)
}

// begin makes the ballot ready for its marks.
func (r *reader) begin() {
	b := &r.ballot
	*b = ranked.Ballot{Source: b.Source, Marks: b.Marks[:0]}
}

// mark adds a mark for whom a file calls name. Names that nobody knows are counted and refused at the end.
func (r *reader) mark(rank int, name string) {
	switch {
	case r.source.OvervoteLabel != "" && name == r.source.OvervoteLabel:
		r.put(rank, person{ranked.Overvote, 0})
	case r.source.WriteInLabel != "" && name == r.source.WriteInLabel:
		r.put(rank, r.writeIn())
	default:
		i, ok := r.names[name]
		if !ok {
			r.strange(name)
			return
		}
		r.put(rank, i)
	}
}

func (r *reader) put(rank int, p person) {
	r.ballot.Marks = append(r.ballot.Marks, ranked.Mark{Rank: rank, Candidate: p.candidate, Alias: p.alias})
}

// writeIn is everybody nobody declared.
func (r *reader) writeIn() person { return person{len(r.settings.Candidates), 0} }

func (r *reader) strange(name string) {
	if _, ok := r.unknown[name]; ok || len(r.unknown) < maxUnknown {
		r.unknown[strings.Clone(name)]++
	}
}

// end hands the ballot on. where names its place in the source for an error.
func (r *reader) end(where string) error {
	b := &r.ballot
	r.count++
	if r.count&0xfff == 0 {
		if err := r.ctx.Err(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(b.Marks, func(x, y ranked.Mark) int { return cmp.Compare(x.Rank, y.Rank) })
	if n := len(b.Marks); n > 0 {
		if b.Marks[0].Rank < 1 || b.Marks[n-1].Rank > maxRank {
			return fault.Invalidf("%s, %s: a rank is not between 1 and %d.", r.source.Path, where, maxRank)
		}
		if most := r.ranks(); most > 0 && b.Marks[n-1].Rank > most {
			return fault.Invalidf("%s, %s: a candidate has rank %d, but there are only %d ranks. Correct maxRankingsAllowed, or the file.", r.source.Path, where, b.Marks[n-1].Rank, most)
		}
	}
	return r.fn(b)
}

// ranks returns how many ranks a ballot may have, or 0.
func (r *reader) ranks() int {
	if r.settings.Rules.MaxRanks > 0 {
		return r.settings.Rules.MaxRanks
	}
	return r.tooMany
}

func (r *reader) refuseUnknown() error {
	if len(r.unknown) == 0 {
		return nil
	}
	var all []string
	for name := range r.unknown {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(r.unknown[b], r.unknown[a]), strings.Compare(a, b))
	})
	more := ""
	if len(all) > 10 {
		all, more = all[:10], " …"
	}
	for i, name := range all {
		all[i] = fmt.Sprintf("%q (%d)", name, r.unknown[name])
	}
	return fault.Invalidf("%s has votes for candidates that the settings do not know: %s%s. Add them, or add an alias to a candidate, or name them as undeclaredWriteInLabel.", r.source.Path, strings.Join(all, ", "), more)
}

// id names a ballot by its file and its number in it.
func (r *reader) id() string {
	return fmt.Sprintf("%s(%d)", path.Base(strings.ReplaceAll(r.source.Path, "\\", "/")), r.count+1)
}

// legible returns text as UTF-8: what is not is taken for Windows-1252, which old exports use.
func legible(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	if utf8.ValidString(s) {
		return s
	}
	if t, err := charmap.Windows1252.NewDecoder().String(s); err == nil {
		return t
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// interned keeps one copy of each of a few texts that come again and again.
type interned map[string]string

func (in interned) of(b []byte) string {
	if s, ok := in[string(b)]; ok {
		return s
	}
	s := legible(string(b))
	in[string(b)] = s
	return s
}

// bounded is a reader that fails when there is more than n.
type bounded struct {
	r io.Reader
	n int64
}

var errTooLong = errors.New("longer than allowed")

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.n -= int64(n); b.n < 0 {
		return 0, errTooLong
	}
	return n, err
}
