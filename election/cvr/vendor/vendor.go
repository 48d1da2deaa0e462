// Package vendor opens cast vote records by the name of who made the voting system.
package vendor

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/cdf"
	"github.com/openprecinct/precinct/election/cvr/clearballot"
	"github.com/openprecinct/precinct/election/cvr/dominion"
	"github.com/openprecinct/precinct/election/cvr/ess"
	"github.com/openprecinct/precinct/election/cvr/hart"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// Vendor names a format of cast vote records.
type Vendor string

// The formats that are read.
const (
	Dominion    Vendor = "dominion"
	ClearBallot Vendor = "clearballot"
	ESS         Vendor = "ess"
	Hart        Vendor = "hart"
	CDF         Vendor = "cdf" // NIST SP 1500-103
)

// MaxInMemory is how large a zip file may be that has to be held in memory, because it lies in another or can only be read from front to back.
const MaxInMemory = 2 << 30

// sized is a file that can be read at any place; zip files are read from it without being held.
type sized interface {
	io.ReaderAt
	Size() int64
}

// Reader is a reader whose files are closed by Close.
type Reader struct {
	cvr.Reader
	files []io.Closer
}

// Close closes every file that is still open.
func (r *Reader) Close() error {
	var errs []error
	if c, ok := r.Reader.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	for _, f := range r.files {
		errs = append(errs, f.Close())
	}
	r.files = nil
	return errors.Join(errs...)
}

// Open opens the files of an export as the vendor packs them: CSV files for Dominion and Clear Ballot; one zip file, or what is in it, for ES&S; zip files,
// zip files of zip files, and lists of scanned ballots for Hart; JSON, XML or zip files of them for NIST SP 1500-103. Through, if it is not nil, stands
// between each CSV file and its reader.
func Open(v Vendor, through func(cvr.Source) cvr.Source, files ...cvr.Source) (*Reader, error) {
	if through == nil {
		through = func(s cvr.Source) cvr.Source { return s }
	}
	r := &Reader{}
	inner, err := r.open(v, through, files)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.Reader = inner
	return r, nil
}

func (r *Reader) open(v Vendor, through func(cvr.Source) cvr.Source, files []cvr.Source) (cvr.Reader, error) {
	switch v {
	case Dominion:
		return dominion.New(each(files, through)...)
	case ClearBallot:
		return clearballot.New(each(files, through)...)
	case ESS:
		parts, err := r.unpack(files)
		if err != nil {
			return nil, err
		}
		return ess.New(each(parts, through)...)
	case CDF:
		parts, err := r.unpack(files)
		if err != nil {
			return nil, err
		}
		return cdf.New(parts...)
	case Hart:
		return r.hart(files)
	}
	return nil, fault.Invalidf("There is no voting system “%s”. Choose dominion, clearballot, ess, hart or cdf.", string(v))
}

func each(files []cvr.Source, through func(cvr.Source) cvr.Source) []cvr.Source {
	out := make([]cvr.Source, len(files))
	for i, f := range files {
		out[i] = through(f)
	}
	return out
}

// hart sorts zip files and lists.
func (r *Reader) hart(files []cvr.Source) (cvr.Reader, error) {
	var all hart.Files
	for _, f := range files {
		parts := []cvr.Source{f}
		if isZip(f) {
			var err error
			if parts, err = r.unzip(f); err != nil {
				return nil, err
			}
		}
		base := f.Base()
		if err := all.Open(base, parts, r.unzip); err != nil {
			return nil, err
		}
	}
	return all.Reader()
}

// unpack replaces zip files by what is in them.
func (r *Reader) unpack(files []cvr.Source) ([]cvr.Source, error) {
	var all []cvr.Source
	for _, f := range files {
		if !isZip(f) {
			all = append(all, f)
			continue
		}
		parts, err := r.unzip(f)
		if err != nil {
			return nil, err
		}
		all = append(all, parts...)
	}
	return all, nil
}

func isZip(f cvr.Source) bool { return strings.HasSuffix(strings.ToLower(f.Name), ".zip") }

// unzip opens a zip file, where it lies if it can.
func (r *Reader) unzip(f cvr.Source) ([]cvr.Source, error) {
	file, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", f.Name, err)
	}
	if at, ok := file.(sized); ok {
		r.files = append(r.files, file)
		return cvr.Unzip(f.Name, at, at.Size(), cvr.UsualZip)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("closing %s: %w", f.Name, err)
	}
	b, err := f.ReadAll(MaxInMemory)
	if err != nil {
		return nil, err
	}
	return cvr.Unzip(f.Name, bytes.NewReader(b), int64(len(b)), cvr.UsualZip)
}
