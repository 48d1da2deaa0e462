package voterfile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// The limits on what is received: far above a real state (Texas sends 510 files, the largest state about 20 GB).
const (
	maxFiles    = 1000
	maxBytes    = 256 << 30
	maxZip      = 64 << 30
	maxZipRatio = 100 // text of this kind is packed to a fifth or a tenth
	zipFreely   = 1 << 20
)

// Receive stores the files of one import as they are, made by the state on the day of made, and returns the import's id. Nothing is
// read yet: Rehearse says whether they are what they were said to be.
func (s *Store) Receive(ctx context.Context, a org.Actor, file FileID, uploads []Upload, made layout.Date) (ImportID, error) {
	return s.ReceiveAll(ctx, a, file, func() (Upload, error) {
		if len(uploads) == 0 {
			return Upload{}, io.EOF
		}
		u := uploads[0]
		uploads = uploads[1:]
		return u, nil
	}, made)
}

// ReceiveAll is Receive for files that come one after the other; next returns io.EOF after the last.
func (s *Store) ReceiveAll(ctx context.Context, a org.Actor, file FileID, next func() (Upload, error), made layout.Date) (ImportID, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitImport); err != nil {
		return 0, err
	}
	if _, err := s.file(ctx, a, file); err != nil {
		return 0, err
	}
	if made == 0 {
		return 0, fault.Invalidf("Say on which day the state made the file: people who are missing from it are marked as dropped on that day.")
	}
	r := receiving{store: s, left: maxBytes}
	for {
		u, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		if err := r.upload(ctx, u); err != nil {
			return 0, err
		}
	}
	if !r.hasVoters() {
		return 0, fault.Invalidf("There is no file of voters among the files, or it is empty. Vote history alone cannot be imported; give the file of voters too.")
	}
	var id ImportID
	err := s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if id, err = s.insertImport(ctx, tx, a, file, r.files, made); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindReceive, Object: object(id),
			Data: map[string]any{"file": int64(file), "made": int64(made), "files": blobsOf(r.files)}})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("receiving a voter file: %w", err)
	}
	return id, nil
}

func object(id ImportID) string { return fmt.Sprintf("field_voterfile_import/%d", id) }

func blobsOf(files []Received) []any {
	all := make([]any, len(files))
	for i, f := range files {
		all[i] = map[string]any{"name": f.Name, "kind": f.Kind.String(), "sha256": f.Blob, "bytes": f.Bytes}
	}
	return all
}

type receiving struct {
	store *Store
	files []Received
	left  int64
}

func (r *receiving) hasVoters() bool {
	for _, f := range r.files {
		if f.Kind == layout.Voters && f.Bytes > 0 {
			return true
		}
	}
	return false
}

func (r *receiving) upload(ctx context.Context, u Upload) error {
	in := bufio.NewReaderSize(u.R, 64<<10)
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("receiving %s: %w", u.Name, err)
	}
	if bytes.Equal(head, []byte("PK\x03\x04")) {
		return r.zip(ctx, u, in)
	}
	return r.put(ctx, u.Name, u.Kind, in)
}

func (r *receiving) put(ctx context.Context, name string, kind layout.Kind, in io.Reader) error {
	if len(r.files) >= maxFiles {
		return fault.Invalidf("These are more than %d files. Give only the files of voters and of their votes.", maxFiles)
	}
	limited := &atMost{r: in, left: r.left, name: name}
	ref, err := r.store.Blobs.Put(ctx, limited)
	if err != nil {
		return fmt.Errorf("receiving %s: %w", name, err)
	}
	r.left -= ref.Size
	r.files = append(r.files, Received{Name: name, Kind: kind, Blob: ref.Hash, Bytes: ref.Size})
	return nil
}

// atMost fails, where io.LimitReader would silently end.
type atMost struct {
	r    io.Reader
	left int64
	name string
}

func (l *atMost) Read(b []byte) (int, error) {
	n, err := l.r.Read(b[:min(int64(len(b)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		return 0, fault.Invalidf("The file %s is larger than any voter file can be. It was not kept.", l.name)
	}
	return n, err
}

// zip takes an archive apart. What it holds is checked before it is unpacked and again while it is.
func (r *receiving) zip(ctx context.Context, u Upload, in io.Reader) (err error) {
	if err := os.MkdirAll(r.store.Temp, 0o700); err != nil {
		return fmt.Errorf("receiving %s: %w", u.Name, err)
	}
	f, err := os.CreateTemp(r.store.Temp, "upload-*.zip")
	if err != nil {
		return fmt.Errorf("receiving %s: %w", u.Name, err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	size, err := io.Copy(f, &atMost{r: in, left: maxZip, name: u.Name})
	if err != nil {
		return fmt.Errorf("receiving %s: %w", u.Name, err)
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return fault.Invalidf("The archive %s is damaged or was cut short. Download it again.", u.Name).Because(err)
	}
	if len(z.File) > maxFiles {
		return fault.Invalidf("The archive %s holds more than %d files. Give only the files of voters and of their votes.", u.Name, maxFiles)
	}
	for _, m := range z.File {
		if m.FileInfo().IsDir() || path.Base(m.Name)[0] == '.' {
			continue
		}
		if err := r.member(ctx, u, m); err != nil {
			return err
		}
	}
	return nil
}

func (r *receiving) member(ctx context.Context, u Upload, m *zip.File) error {
	if m.UncompressedSize64 > zipFreely && m.UncompressedSize64/maxZipRatio > m.CompressedSize64 {
		return fault.Invalidf("The file %s in %s unpacks to more than %d times its size, which no voter file does. It was not unpacked.", path.Base(m.Name), u.Name, maxZipRatio)
	}
	in, err := m.Open()
	if err != nil {
		return fault.Invalidf("The file %s in %s cannot be unpacked. Unpack it yourself and give the files.", path.Base(m.Name), u.Name).Because(err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	// The archive's directory may lie about the size: what comes out is held to it.
	err = r.put(ctx, path.Base(m.Name), u.Kind, &atMost{r: in, left: int64(min(m.UncompressedSize64, maxBytes)), name: path.Base(m.Name)})
	if errors.Is(err, zip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zip.ErrFormat) {
		return fault.Invalidf("The archive %s is damaged or was cut short. Download it again.", u.Name).Because(err)
	}
	return err
}
