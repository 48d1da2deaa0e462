package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// Leaving says what leaves the site, why, and who may take it.
type Leaving struct {
	Noun    string        // what the rows are, spelled as their table: "field_person"
	Permit  permit.Permit // what the actor must hold
	Purpose string        // why; an export without a reason is refused
	Filter  string        // what was asked for, in words: "Active Democrats in Ward 3"
	Name    string        // of the file, without ending
	Format  Format
	Kind    string // of the file, in the ledger; "": the format's
	Headers []string
}

// Receipt is what left.
type Receipt struct {
	Rows   int64
	Bytes  int64
	SHA256 string // of the bytes, hexadecimal
	Entry  int64  // number of the ledger entry that was made before the first byte
}

// maxPurpose is the longest purpose in letters.
const maxPurpose = 500

// Export streams rows to w. The ledger has an entry before the first byte leaves and another when it ended, with the rows and
// the SHA-256 of what left, also when it broke off: no row leaves unseen. Set the headers of an HTTP answer with Serve.
func Export(ctx context.Context, d *db.DB, a org.Actor, l Leaving, w io.Writer, rows iter.Seq2[[]any, error]) (Receipt, error) {
	return Leave(ctx, d, a, l, w, func(w io.Writer) (int64, error) { return l.stream(ctx, w, rows) })
}

// Leave is Export for what is no table: write writes all of it and says how many rows it holds. l.Kind names the format, and Headers what of each row is in it.
func Leave(ctx context.Context, d *db.DB, a org.Actor, l Leaving, w io.Writer, write func(io.Writer) (rows int64, err error)) (Receipt, error) {
	if err := l.check(a); err != nil {
		return Receipt{}, err
	}
	if l.Kind == "" {
		l.Kind = l.Format.String()
	}
	var r Receipt
	err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r.Entry, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindExport, Object: l.Noun, Purpose: strings.TrimSpace(l.Purpose),
			Data: map[string]any{"format": l.Kind, "columns": l.Headers}, Personal: map[string]any{"filter": l.Filter}})
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	out := &counted{w: w, sum: sha256.New()}
	var failed error
	r.Rows, failed = write(out)
	r.Bytes, r.SHA256 = out.n, hex.EncodeToString(out.sum.Sum(nil))
	// The reader may have gone away, which ends ctx; what left is recorded all the same.
	err = d.Transact(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindLeft, Object: l.Noun,
			Data: map[string]any{"export": r.Entry, "rows": r.Rows, "bytes": r.Bytes, "sha256": r.SHA256, "complete": failed == nil}})
		return err
	})
	if failed != nil {
		return r, fmt.Errorf("exporting %s: %w", l.Noun, failed)
	}
	return r, err
}

func (l Leaving) check(a org.Actor) error {
	if err := a.Must(l.Permit); err != nil {
		return err
	}
	var in fault.Inputs
	switch p := strings.TrimSpace(l.Purpose); {
	case p == "":
		in.Add("purpose", "Say what the export is for. The reason is kept with it.")
	case utf8.RuneCountInString(p) > maxPurpose:
		in.Add("purpose", "A reason can have %d letters.", maxPurpose)
	}
	return in.Or()
}

// stream writes the header and the rows and counts them.
func (l Leaving) stream(ctx context.Context, w io.Writer, rows iter.Seq2[[]any, error]) (n int64, err error) {
	out := NewWriter(w, l.Format, l.Name)
	head := make([]any, len(l.Headers))
	for i, h := range l.Headers {
		head[i] = h
	}
	if err := out.Row(head...); err != nil {
		return 0, err
	}
	for row, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return n, err
		}
		if err := out.Row(row...); err != nil {
			return n, err
		}
		n++
	}
	return n, out.Close()
}

// counted counts and hashes what passes.
type counted struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	return n, err
}

// Serve exports as the answer to a request: a download that nothing keeps a copy of. Trouble before the first byte is
// returned with the answer untouched; trouble after it cuts the connection, so that nobody takes half a file for a whole one.
func Serve(w http.ResponseWriter, req *http.Request, d *db.DB, a org.Actor, l Leaving, rows iter.Seq2[[]any, error]) (Receipt, error) {
	late := NewDownload(w, l.Name, l.Format.String())
	r, err := Export(req.Context(), d, a, l, late, rows)
	late.CutOff(err)
	return r, err
}

// Download is the body of an answer that is a file. Its headers are set when the first byte comes, so that trouble before it can still be a page.
type Download struct {
	w            http.ResponseWriter
	name, ending string
	begun        bool
}

// NewDownload returns a download of a file with a name and one of the endings csv, xlsx and pdf.
func NewDownload(w http.ResponseWriter, name, ending string) *Download {
	return &Download{w: w, name: name, ending: ending}
}

// Write writes to the answer.
func (d *Download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		attach(d.w.Header(), d.name, d.ending)
	}
	return d.w.Write(p)
}

// CutOff cuts the connection when err came after the first byte. It returns otherwise.
func (d *Download) CutOff(err error) {
	if err != nil && d.begun {
		panic(http.ErrAbortHandler)
	}
}

// Attach sets the headers of a download: the type, the name (RFC 6266, any letters), no sniffing and no copy in caches.
func Attach(h http.Header, name string, f Format) { attach(h, name, f.String()) }

var contentTypes = map[string]string{
	"csv": "text/csv; charset=utf-8", "pdf": "application/pdf", "zip": "application/zip",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

func attach(h http.Header, name, ending string) {
	h.Set("Content-Type", contentTypes[ending])
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(name) + "." + ending}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

// fileName leaves out what file systems do not take.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) || !utf8.ValidRune(r) || r == utf8.RuneError:
			return '-'
		}
		return r
	}, s)
	s = strings.Trim(s, ". -")
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100])
	}
	if s == "" {
		return "precinct"
	}
	return s
}
