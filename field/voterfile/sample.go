package voterfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Sample is the beginning of a received file: what a person looks at to say what its columns are.
type Sample struct {
	File      string
	Dialect   layout.Dialect
	Header    []string   // made-up names where the file has none
	Rows      [][]string // at most sampleRows
	Guesses   []layout.Guessed
	Suggested layout.Mapping
	head      []byte
}

const (
	sampleBytes = 256 << 10
	sampleRows  = 200
)

// Sample reads the beginning of the first file of voters of an import. It shows personal data, so it needs the right to import.
func (s *Store) Sample(ctx context.Context, a org.Actor, id ImportID) (Sample, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitImport); err != nil {
		return Sample{}, err
	}
	imp, _, err := s.seen(ctx, a, id)
	if err != nil {
		return Sample{}, err
	}
	if !imp.Gone.IsZero() {
		return Sample{}, fault.NotFoundf("The files of import %d are no longer kept. Give them again.", id)
	}
	files, err := imp.received()
	if err != nil {
		return Sample{}, err
	}
	i := slices.IndexFunc(files, func(f Received) bool { return f.Kind == layout.Voters })
	if i < 0 {
		return Sample{}, fault.NotFoundf("Import %d has no file of voters.", id)
	}
	in, err := s.Blobs.Reader(ctx, files[i].Blob)
	if err != nil {
		return Sample{}, fmt.Errorf("reading %s: %w", files[i].Name, err)
	}
	head, err := io.ReadAll(io.LimitReader(in, sampleBytes))
	if err = errors.Join(err, in.Close()); err != nil {
		return Sample{}, fmt.Errorf("reading %s: %w", files[i].Name, err)
	}
	return sampleOf(files[i].Name, wholeRows(head, files[i].Bytes))
}

// wholeRows cuts the beginning of a file of size bytes after its last whole row: a row that was cut says nothing about the file.
func wholeRows(head []byte, size int64) []byte {
	end := bytes.LastIndexByte(head, '\n') + 1
	if int64(len(head)) >= size || end == 0 {
		return head
	}
	if d := layout.Sniff(head); d.Encoding == layout.UTF16LE && end%2 == 1 {
		end++ // the other half of the line's end
	}
	return head[:min(end, len(head))]
}

// sampleOf reads what a person looks at from the beginning of a file.
func sampleOf(name string, head []byte) (Sample, error) {
	r, err := layout.NewReader(bytes.NewReader(head), layout.Options{})
	if err != nil {
		return Sample{}, err
	}
	c := Sample{File: name, Dialect: r.Dialect(), Guesses: layout.Guess(head), head: head}
	for len(c.Rows) < sampleRows {
		err := r.Next()
		var bad *layout.RowError
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return Sample{}, err
		}
		row := make([]string, r.Len())
		for i := range row {
			row[i] = r.Cell(i)
		}
		if c.Header == nil && c.Dialect.Header {
			c.Header = row
			continue
		}
		c.Rows = append(c.Rows, row)
	}
	if c.Header == nil && len(c.Rows) == 0 {
		return Sample{}, fault.Invalidf("The file has no whole row in its first %d bytes. Its line ends are missing, or it is cut off or no table; get it again.", len(head))
	}
	c.Suggested = layout.Suggest(c.Header, c.Rows)
	if c.Header == nil && len(c.Rows) > 0 {
		for i := range c.Rows[0] {
			c.Header = append(c.Header, fmt.Sprintf("%d", i+1))
		}
	}
	return c, nil
}

// Preview reads the first people of a sample as a mapping would, at most n.
func (c Sample) Preview(m *layout.Mapping, n int) ([]layout.Voter, error) {
	f, err := layout.Open(layout.Generic, layout.Voters, bytes.NewReader(c.head), m)
	if err != nil {
		return nil, err
	}
	var all []layout.Voter
	for len(all) < n {
		var v layout.Voter
		err := f.ReadVoter(&v)
		var bad *layout.RowError
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case errors.As(err, &bad):
			continue
		case err != nil:
			return nil, err
		}
		all = append(all, v.Clone())
	}
	return all, nil
}

// Codes returns the distinct values of a column in the sample, in the order they come, at most 40.
func (c Sample) Codes(column int) []string {
	var all []string
	for _, row := range c.Rows {
		if column < len(row) && row[column] != "" && !slices.Contains(all, row[column]) && len(all) < 40 {
			all = append(all, row[column])
		}
	}
	return all
}
