package voterfile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/openprecinct/precinct/field/voterfile/extsort"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
)

// The limits on what is kept of what is wrong with a file.
const (
	keptRefusals = 10_000 // rows with a reason; the rest is counted
	maxElections = 5_000
)

// reading is everything read from the files of one import: voters and votes, being sorted, and what is to be said about them.
type reading struct {
	files []Received

	voters *extsort.Sorter
	inline *extsort.Sorter // votes in columns of the voters' file
	votes  *extsort.Sorter // votes in files of their own

	mu        sync.Mutex // guards what follows
	elections map[ElectionID]string
	refusals  []Refusal
	counts    Counts
	columns   []Columns
	drift     []Sentence
	strange   int64
	twice     int64 // voter ids that several rows have
	choices   Choices
}

// Refusal is one row that was left out, or one cell left out of a row that went in.
type Refusal struct {
	File    string
	Line    int64
	Column  string
	Value   string
	Why     Sentence
	Refused bool // the whole row was left out

	file int
}

// read reads all files of an import: voters and vote history side by side.
func (s *Store) read(ctx context.Context, f File, made layout.Date, files []Received, dir string, before []Columns, progress Progress) (*reading, error) {
	mapping, err := f.mapping()
	if err != nil {
		return nil, err
	}
	r := &reading{files: files, elections: map[ElectionID]string{},
		voters: extsort.New(dir, "voters", s.memory()*5/12),
		inline: extsort.New(dir, "inline", s.memory()*2/12),
		votes:  extsort.New(dir, "votes", s.memory()*5/12)}
	group, ctx := errgroup.WithContext(ctx)
	for _, kind := range []layout.Kind{layout.Voters, layout.History} {
		group.Go(func() error {
			total, done := int64(0), int64(0)
			for _, one := range files {
				if one.Kind == kind {
					total += one.Bytes
				}
			}
			for i, one := range files {
				if one.Kind != kind {
					continue
				}
				tell := func(n int64) { progress(stageOf(kind), done+n, total) }
				tell(0)
				if err := s.readOne(ctx, r, f, mapping, made, i, before, tell); err != nil {
					return err
				}
				done += one.Bytes
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, r.discard())
	}
	return r, nil
}

func stageOf(k layout.Kind) string {
	if k == layout.History {
		return StageVotes
	}
	return StageVoters
}

func (r *reading) discard() error {
	return errors.Join(r.voters.Discard(), r.inline.Discard(), r.votes.Discard())
}

// readOne reads file number i.
func (s *Store) readOne(ctx context.Context, r *reading, f File, mapping *layout.Mapping, made layout.Date, i int, before []Columns, tell func(int64)) (err error) {
	one := r.files[i]
	if one.Bytes == 0 { // a small county may have no votes; the person should know all the same
		r.mu.Lock()
		defer r.mu.Unlock()
		r.counts.Warnings++
		r.refusals = append(r.refusals, Refusal{File: one.Name, Why: Sentence{Format: "The file %s is empty.", Args: Args{one.Name}}, file: i})
		return nil
	}
	in, err := s.Blobs.Reader(ctx, one.Blob)
	if err != nil {
		return fmt.Errorf("reading %s: %w", one.Name, err)
	}
	ahead := newReadAhead(in)
	defer func() { err = errors.Join(err, ahead.Close()) }()
	file, err := layout.Open(f.Layout, one.Kind, ahead, mapping)
	if err != nil {
		return inFile(one.Name, err)
	}
	file.AsOf = made
	r.opened(f.Layout, one, file, before)
	reader := &oneFile{reading: r, in: file, number: i, names: map[ElectionID]string{}, tell: tell}
	if one.Kind == layout.History {
		err = reader.votes(ctx)
	} else {
		err = reader.voters(ctx)
	}
	if err != nil {
		return inFile(one.Name, err)
	}
	return reader.finish()
}

// inFile says which of several files a fault is about.
func inFile(name string, err error) error {
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return fault.Inputs{{Name: name, Err: f}}
	}
	return fmt.Errorf("reading %s: %w", name, err)
}

// opened notes the columns of a file and how they differ from those of the file before.
func (r *reading) opened(id layout.ID, one Received, file *layout.File, before []Columns) {
	now := file.Columns()
	drift := file.Drift()
	if was := sameFile(before, one); was != nil {
		drift = layout.Compare(id, one.Kind, now, was)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.columns = append(r.columns, Columns{File: one.Name, Kind: one.Kind, Header: slices.Clone(now)})
	for _, c := range drift.Changes {
		s := Sentence{Format: c.Format, Args: c.Args}
		if !slices.ContainsFunc(r.drift, func(o Sentence) bool { return o.String() == s.String() }) {
			r.drift = append(r.drift, s)
		}
	}
}

// sameFile finds the header that one had in the import before: under its name, or the first of its kind.
func sameFile(before []Columns, one Received) []string {
	var first []string
	for _, c := range before {
		if c.Kind != one.Kind {
			continue
		}
		if c.File == one.Name {
			return c.Header
		}
		if first == nil {
			first = c.Header
		}
	}
	return first
}

// oneFile is one file being read by one goroutine.
type oneFile struct {
	reading *reading
	in      *layout.File
	number  int
	names   map[ElectionID]string
	tell    func(int64)

	encode   encoder
	scratch  []byte
	refusals []Refusal
	counts   Counts
}

const tellEvery = 20_000 // rows

func (o *oneFile) voters(ctx context.Context) error {
	var v layout.Voter
	for n := 1; ; n++ {
		err := o.in.ReadVoter(&v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		o.counts.Read++
		if refused, err := o.refused(err); err != nil {
			return err
		} else if refused {
			continue
		}
		o.warn()
		if err := o.voter(&v); err != nil {
			return err
		}
		if n%tellEvery == 0 {
			o.tell(o.in.Row().Offset)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
}

func (o *oneFile) voter(v *layout.Voter) error {
	row := o.in.Row()
	at := rowPlace{file: o.number, line: row.Line, offset: row.Offset, length: row.Length, hash: row.Hash}
	key := []byte(v.StateID)
	for i := range v.Votes {
		if err := o.vote(o.reading.inline, key, &v.Votes[i]); err != nil {
			return err
		}
	}
	return o.reading.voters.Add(key, o.encode.voter(v, at))
}

func (o *oneFile) votes(ctx context.Context) error {
	var x layout.Vote
	var key []byte
	for n := 1; ; n++ {
		err := o.in.ReadVote(&x)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if refused, err := o.refused(err); err != nil {
			return err
		} else if refused {
			continue
		}
		o.warn()
		key = append(key[:0], x.StateID...)
		if err := o.vote(o.reading.votes, key, &x); err != nil {
			return err
		}
		if n%tellEvery == 0 {
			o.tell(o.in.Row().Offset)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
}

func (o *oneFile) vote(to *extsort.Sorter, key []byte, x *layout.Vote) error {
	id := ElectionOf(x.Date, x.Type)
	// The same election is spelled in several ways; which one is kept must not depend on the order of the rows.
	if name, ok := o.names[id]; !ok || x.Name < name {
		if o.names[id] = strings.Clone(x.Name); len(o.names) > maxElections {
			return fault.Invalidf("There are more than %d elections in the file, which cannot be. Check that the column of the election's date is the right one.", maxElections)
		}
	}
	o.counts.Votes++
	o.scratch = appendVote(o.scratch[:0], id, x.Method, x.Party, x.CountyCode)
	return to.Add(key, o.scratch)
}

// refused notes a row that is left out. Any other error ends the reading.
func (o *oneFile) refused(err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	var row *layout.RowError
	if !errors.As(err, &row) {
		return false, err
	}
	o.counts.Refused++
	o.note(row, true)
	return true, nil
}

func (o *oneFile) warn() {
	for _, n := range o.in.Notes() {
		o.counts.Warnings++
		o.note(n, false)
	}
}

func (o *oneFile) note(row *layout.RowError, refused bool) {
	if len(o.refusals) >= keptRefusals {
		return
	}
	o.refusals = append(o.refusals, Refusal{File: o.reading.files[o.number].Name, Line: row.Line, Column: strings.Clone(row.Column),
		Value: strings.Clone(row.Value), Why: Sentence{Format: row.Why.Format, Args: plain(row.Why.Args)}, Refused: refused, file: o.number})
}

// plain keeps a sentence's values as what JSON gives back, in memory of their own.
func plain(args []any) Args {
	out := make(Args, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case string:
			out[i] = strings.Clone(v)
		case int:
			out[i] = int64(v)
		case int64, float64:
			out[i] = v
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	return out
}

// finish hands what was found to the reading.
func (o *oneFile) finish() error {
	r := o.reading
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, name := range o.names {
		if was, ok := r.elections[id]; !ok || name < was {
			r.elections[id] = name
		}
	}
	if len(r.elections) > maxElections {
		return fault.Invalidf("There are more than %d elections in the file, which cannot be. Check that the column of the election's date is the right one.", maxElections)
	}
	r.refusals = append(r.refusals, o.refusals...)
	r.trimRefusals()
	r.counts.Read += o.counts.Read
	r.counts.Refused += o.counts.Refused
	r.counts.Warnings += o.counts.Warnings
	r.counts.Votes += o.counts.Votes
	return nil
}

// trimRefusals keeps the first ones by file and line: which ones must not depend on which file was read faster.
func (r *reading) trimRefusals() {
	slices.SortStableFunc(r.refusals, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.Line, b.Line), strings.Compare(a.Column, b.Column))
	})
	r.refusals = r.refusals[:min(len(r.refusals), keptRefusals)]
}
