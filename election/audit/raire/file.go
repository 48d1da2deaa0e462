package raire

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// Limits of a file: longer ones are refused before they fill memory.
const (
	maxContests = 10_000
	maxLine     = 1 << 20
	maxRankings = 8 << 20
)

// Contest is one contest of a file.
type Contest struct {
	ID      string
	Winner  string // as the file reports it
	Profile *Profile
}

// ReadFile reads the text format of RAIRE: the number of contests; for each a line "Contest,id,count,candidate…,winner,name" and anything after it; then one line
// for each ballot, "contest,ballot,first choice,second choice…". Lines and cells may be empty. Names are kept as they are written.
func ReadFile(r io.Reader) ([]*Contest, error) {
	f := &file{in: bufio.NewReaderSize(r, 1<<16), byID: map[string]*Contest{}}
	first, err := f.line()
	if err != nil {
		return nil, f.ended(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || n < 1 || n > maxContests {
		return nil, fault.Invalidf("Line %d: the file begins with the number of its contests, 1 to %d, not “%s”.", f.at, maxContests, clip(first))
	}
	for range n {
		line, err := f.line()
		if err != nil {
			return nil, f.ended(err)
		}
		if err := f.contest(strings.Split(line, ",")); err != nil {
			return nil, err
		}
	}
	for {
		line, err := f.line()
		if errors.Is(err, io.EOF) {
			return f.contests, nil
		}
		if err != nil {
			return nil, err
		}
		if err := f.ballot(line); err != nil {
			return nil, err
		}
	}
}

// file is a file being read.
type file struct {
	in       *bufio.Reader
	at       int // line, from 1
	contests []*Contest
	byID     map[string]*Contest
	rankings int
}

// line returns the next line without what surrounds it; io.EOF after the last.
func (f *file) line() (string, error) {
	f.at++
	var b []byte
	for {
		part, err := f.in.ReadSlice('\n')
		b = append(b, part...)
		switch {
		case len(b) > maxLine:
			return "", fault.Invalidf("Line %d is longer than %d bytes. This is not a file of rankings.", f.at, maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && !(errors.Is(err, io.EOF) && len(b) > 0):
			return "", err
		default:
			return strings.TrimSpace(string(b)), nil
		}
	}
}

// ended says that the file stops too early, or passes on why it cannot be read.
func (f *file) ended(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.Invalidf("The file ends at line %d, before all its contests are described. It may have been cut off; copy it again.", f.at)
	}
	return err
}

// contest reads a line that describes one.
func (f *file) contest(cells []string) error {
	bad := fault.Invalidf("Line %d: a contest is described as “Contest,id,number of candidates,candidates,winner,name”.", f.at)
	if len(cells) < 3 {
		return bad
	}
	k, err := strconv.Atoi(strings.TrimSpace(cells[2]))
	if err != nil || k < 1 || len(cells) < 3+k+2 {
		return bad
	}
	w := slices.Index(cells[3+k:], "winner")
	if w < 0 || 3+k+w+1 >= len(cells) {
		return bad
	}
	p, err := NewProfile(cells[3 : 3+k])
	if err != nil {
		return err
	}
	c := &Contest{ID: cells[1], Winner: cells[3+k+w+1], Profile: p}
	if f.byID[c.ID] != nil {
		return fault.Invalidf("Line %d describes contest “%s” a second time. Give each contest a number of its own.", f.at, clip(c.ID))
	}
	f.byID[c.ID] = c
	f.contests = append(f.contests, c)
	return nil
}

// ballot reads a line that is one; a line without cells is none.
func (f *file) ballot(line string) error {
	cells := strings.Split(line, ",")
	if len(cells) < 2 {
		return nil
	}
	c := f.byID[cells[0]]
	if c == nil {
		return fault.Invalidf("Line %d is a ballot of contest “%s”, which the file does not describe.", f.at, clip(cells[0]))
	}
	var ranking []int8
	for _, name := range cells[2:] {
		if name != "" {
			ranking = append(ranking, int8(c.Profile.Number(name))) // #nosec G115 -- at most 64
		}
	}
	before := len(c.Profile.Groups)
	if err := c.Profile.Add(ranking, 1); err != nil {
		return err
	}
	if f.rankings += len(c.Profile.Groups) - before; f.rankings > maxRankings {
		return fault.Invalidf("Line %d: the file has more than %d different rankings. Split it by contest.", f.at, maxRankings)
	}
	return nil
}

// clip shortens what is quoted in a sentence.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
