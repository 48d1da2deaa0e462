package place

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Limits of a file.
const (
	maxBytes    = 8 << 30
	maxRows     = 30_000_000
	maxLine     = 64 << 10
	maxTroubles = 100
)

// Report is what a file brought.
type Report struct {
	Read      int // address rows or features
	Addresses int // distinct within the file's pieces
	Streets   int
	Areas     int
	Removed   int       // areas of an earlier file that this one no longer has
	Skipped   int       // features that no map here shows
	Refused   int       // rows and features that cannot be placed
	Troubles  []Trouble // of the refused, the first 100
}

// Trouble says why a row or a feature was left out.
type Trouble struct {
	Row int // line of a CSV file, or number of a feature
	Err *fault.Error
}

func (r *Report) refuse(row int, err *fault.Error) {
	r.Refused++
	if len(r.Troubles) < maxTroubles {
		r.Troubles = append(r.Troubles, Trouble{Row: row, Err: err})
	}
}

// Import loads a CSV file of address points, or a GeoJSON file of streets, precincts, districts, parks or water, in one
// transaction: all of it or nothing. Which it is is told from the content; columns and properties may have the names of
// TIGER/Line, of VTD files, of OpenAddresses or our own. What is there already under the same key, code or TLID is replaced;
// precincts of a county
// and districts of a state that an earlier file had and this one has not are removed. The caller has checked
// that the actor may do this; the ledger gets the counts and the file's SHA-256.
func (s *Store) Import(ctx context.Context, a org.Actor, name string, r io.Reader) (Report, error) {
	var report Report
	begun := false
	err := s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if begun { // Postgres asks again after a conflict, but the stream is used up
			if _, err := rewind(r); err != nil {
				return fault.Busyf("Someone else changed the maps at the same time. Load the file again.")
			}
		}
		begun = true
		report = Report{}
		l := loader{ctx: ctx, tx: tx, name: name, now: s.now(), report: &report, layers: map[layer]bool{}}
		sum := &hashed{r: r, sum: sha256.New()}
		if err := l.load(sum); err != nil {
			return err
		}
		n, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindLoad, Data: map[string]any{"file": name, "sha256": hex.EncodeToString(sum.sum.Sum(nil)),
			"read": report.Read, "addresses": report.Addresses, "streets": report.Streets, "areas": report.Areas, "removed": report.Removed, "refused": report.Refused}})
		if err != nil || report.Addresses == 0 || s.Addressed == nil {
			return err
		}
		return s.Addressed(ctx, tx, n)
	})
	if err != nil {
		return Report{}, fmt.Errorf("loading %s: %w", name, err)
	}
	return report, nil
}

func rewind(r io.Reader) (int64, error) {
	if s, ok := r.(io.Seeker); ok {
		return s.Seek(0, io.SeekStart)
	}
	return 0, errors.ErrUnsupported
}

// hashed sums what is read, and reads no more than maxBytes.
type hashed struct {
	r   io.Reader
	sum hash.Hash
	n   int64
}

func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.sum.Write(p[:n])
	if h.n += int64(n); h.n > maxBytes {
		return 0, fault.Invalidf("The file has more than %d GB.", maxBytes>>30)
	}
	return n, err
}

// loader writes one file.
type loader struct {
	ctx    context.Context
	tx     *db.Tx
	name   string
	now    time.Time
	report *Report
	layers map[layer]bool // what kinds of areas, of which state and county, the file has
}

// layer is a set of areas that a file replaces as a whole.
type layer struct{ kind, state, county string }

// load looks at the first bytes: GeoJSON begins with a brace.
func (l *loader) load(r io.Reader) error {
	in := bufio.NewReaderSize(r, 256<<10)
	head, err := in.Peek(512)
	if err != nil && err != io.EOF {
		return err
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	switch text := bytes.TrimLeft(head, " \t\r\n"); {
	case len(text) == 0:
		return fault.Invalidf("The file is empty.")
	case text[0] == '{':
		return l.geoJSON(in)
	case bytes.IndexByte(head, 0) >= 0:
		return fault.Invalidf("The file is neither CSV nor GeoJSON.")
	}
	return l.addresses(in)
}
