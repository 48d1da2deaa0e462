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
	if err := l.check(a); err != nil {
		return Receipt{}, err
	}
	var r Receipt
	err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r.Entry, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindExport, Object: l.Noun, Purpose: strings.TrimSpace(l.Purpose),
			Data: map[string]any{"format": l.Format.String(), "columns": l.Headers}, Personal: map[string]any{"filter": l.Filter}})
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	out := &counted{w: w, sum: sha256.New()}
	failed := l.stream(ctx, out, rows, &r)
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
func (l Leaving) stream(ctx context.Context, w io.Writer, rows iter.Seq2[[]any, error], r *Receipt) error {
	out := NewWriter(w, l.Format, l.Name)
	head := make([]any, len(l.Headers))
	for i, h := range l.Headers {
		head[i] = h
	}
	if err := out.Row(head...); err != nil {
		return err
	}
	for row, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := out.Row(row...); err != nil {
			return err
		}
		r.Rows++
	}
	return out.Close()
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
	late := &download{w: w, leaving: l}
	r, err := Export(req.Context(), d, a, l, late, rows)
	if err != nil && late.begun {
		panic(http.ErrAbortHandler)
	}
	return r, err
}

// download sets the headers when the first byte comes.
type download struct {
	w       http.ResponseWriter
	leaving Leaving
	begun   bool
}

func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		Attach(d.w.Header(), d.leaving.Name, d.leaving.Format)
	}
	return d.w.Write(p)
}

// Attach sets the headers of a download: the type, the name (RFC 6266, any letters), no sniffing and no copy in caches.
func Attach(h http.Header, name string, f Format) {
	kind := "text/csv; charset=utf-8"
	if f == XLSX {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(name) + "." + f.String()}))
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
