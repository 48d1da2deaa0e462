package cvr

import (
	"archive/zip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// Source is one file of records, opened when its turn comes and possibly more than once.
type Source struct {
	Name string // what errors call it
	Open func() (io.ReadCloser, error)
}

// Bytes is a source that is in memory.
func Bytes(name string, b []byte) Source {
	return Source{Name: name, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(b))), nil
	}}
}

// ZipLimits bound what a zip file may unpack to, so that a small file cannot fill a machine.
type ZipLimits struct {
	Parts int   // files in it
	Part  int64 // bytes of one, unpacked
	All   int64 // bytes of all, unpacked
	Ratio int64 // unpacked bytes for each packed one, in parts above a megabyte
}

// UsualZip are limits above the largest export known: three million cards of one county, each a file of its own.
var UsualZip = ZipLimits{Parts: 4_000_000, Part: 16 << 30, All: 256 << 30, Ratio: 1_000}

// Unzip returns the files in a zip file in its order, without folders and without what a Mac adds. Nothing is unpacked before it is opened, and never
// more than the zip file's directory promises.
func Unzip(name string, r io.ReaderAt, size int64, lim ZipLimits) ([]Source, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.Invalidf("%s is damaged or is not a zip file. Export it again.", name).Because(err)
	}
	if len(z.File) > lim.Parts {
		return nil, fault.Invalidf("%s holds %d files, and at most %d can be read. Export it in several parts.", name, len(z.File), lim.Parts)
	}
	var all int64
	var parts []Source
	seen := map[string]bool{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasPrefix(path.Base(f.Name), "._") {
			continue
		}
		n := int64(min(f.UncompressedSize64, 1<<62))
		all += min(n, lim.All+1)
		if n > lim.Part || all > lim.All || n > 1<<20 && n/lim.Ratio > int64(min(f.CompressedSize64, 1<<62)) {
			return nil, fault.Invalidf("%s: “%s” unpacks to more than a file of records may hold. Nothing of it was read; export it again.", name, f.Name)
		}
		if seen[f.Name] { // two readers could see two different files
			return nil, fault.Invalidf("%s holds two files called “%s”. Export it again.", name, f.Name)
		}
		seen[f.Name] = true
		parts = append(parts, Source{Name: name + ": " + f.Name, Open: func() (io.ReadCloser, error) { return openPart(name, f) }})
	}
	return parts, nil
}

func openPart(name string, f *zip.File) (io.ReadCloser, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fault.Invalidf("%s: “%s” cannot be unpacked. Export it again.", name, f.Name).Because(err)
	}
	return part{r, name, f.Name}, nil
}

// part says which file a damaged piece of a zip file belongs to.
type part struct {
	io.ReadCloser
	zip, name string
}

func (p part) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fault.Invalidf("%s: “%s” cannot be unpacked. Export it again.", p.zip, p.name).Because(err)
	}
	return n, err
}

// Base returns the source's file name without folders.
func (s Source) Base() string {
	name := s.Name
	if i := strings.LastIndex(name, ": "); i >= 0 {
		name = name[i+2:]
	}
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}

// ReadAll returns the whole source, which may have at most limit bytes.
func (s Source) ReadAll(limit int64) ([]byte, error) {
	r, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", s.Name, err)
	}
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.Name, err)
	}
	if int64(len(b)) > limit {
		return nil, fault.Invalidf("%s is larger than %d bytes, the most that can be read of such a file. Export it in several parts.", s.Name, limit)
	}
	return b, nil
}
