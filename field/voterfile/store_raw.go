package voterfile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Raw is a voter's row as the state wrote it.
type Raw struct {
	Import ImportID
	File   string // the received file's name
	Blob   string // its SHA-256
	Offset int64
	Text   string   // the row, in UTF-8
	Header []string // the file's columns
}

// RawRow returns the row that a person's registration was read from, after checking it against the hash taken when it was read. The
// row of a confidential voter, and of one who left the file while confidential, is shown to nobody.
func (s *Store) RawRow(ctx context.Context, a org.Actor, person int64) (Raw, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitRaw); err != nil {
		return Raw{}, err
	}
	files, err := Visible(ctx, s.DB, a, s.now())
	if err != nil {
		return Raw{}, err
	}
	row, err := db.One[struct {
		File         FileID   `db:"voterfile_id"`
		Import       ImportID `db:"raw_import_id"`
		Number       int      `db:"raw_file"`
		Offset       int64    `db:"raw_offset"`
		Length       int64    `db:"raw_length"`
		Hash         int64    `db:"raw_hash"`
		Confidential bool     `db:"confidential"`
	}](ctx, s.DB, `SELECT voterfile_id, raw_import_id, raw_file, raw_offset, raw_length, raw_hash, confidential FROM field_person WHERE person_id = ?`, person)
	if errors.Is(err, db.ErrNone) || err == nil && !slices.Contains(files, row.File) {
		return Raw{}, fault.NotFoundf("There is no such person here.")
	}
	if err != nil {
		return Raw{}, err
	}
	if row.Confidential {
		return Raw{}, fault.Deniedf("This voter's record is confidential by law. The state's row is not shown.")
	}
	imp, err := db.One[importRow](ctx, s.DB, `SELECT `+importColumns+` FROM field_voterfile_import WHERE id = ?`, row.Import)
	if err != nil {
		return Raw{}, fmt.Errorf("reading the raw row of person %d: %w", person, err)
	}
	one, err := imp.whole()
	if err != nil || row.Number >= len(one.Files) {
		return Raw{}, errors.Join(fmt.Errorf("reading the raw row of person %d", person), err)
	}
	from := one.Files[row.Number]
	b, err := s.Blobs.ReadAt(ctx, from.Blob, row.Offset, row.Length)
	if err != nil {
		return Raw{}, fmt.Errorf("reading the raw row of person %d: %w", person, err)
	}
	text, ok := rawText(b, uint64(row.Hash))
	if !ok {
		return Raw{}, fmt.Errorf("the raw row of person %d in %s at byte %d is not the one that was imported", person, from.Name, row.Offset)
	}
	raw := Raw{Import: row.Import, File: from.Name, Blob: from.Blob, Offset: row.Offset, Text: text}
	for _, c := range one.Report.Columns {
		if c.File == from.Name {
			raw.Header = c.Header
		}
	}
	return raw, s.exposed(ctx, a, person)
}

// exposed records that a raw row was read.
func (s *Store) exposed(ctx context.Context, a org.Actor, person int64) error {
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindRaw, Object: fmt.Sprintf("field_person/%d", person)})
		return err
	})
}

// rawText returns the bytes of a row as UTF-8 when they have the hash; a row of a UTF-16 file was hashed in UTF-8.
func rawText(b []byte, hash uint64) (string, bool) {
	if layout.Hash(b) != hash {
		for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
			text, err := unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(b)
			if err == nil && layout.Hash(text) == hash {
				return string(text), true
			}
		}
		return "", false
	}
	if utf8.Valid(b) {
		return string(b), true
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(b)
	return string(text), err == nil
}

// RawRowOf is RawRow for the state's own voter id, in the files of the actor's organisation.
func (s *Store) RawRowOf(ctx context.Context, a org.Actor, stateID string) (Raw, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitRaw); err != nil {
		return Raw{}, err
	}
	person, err := db.One[int64](ctx, s.DB, `SELECT k.person_id FROM field_voter_key k JOIN field_voterfile f ON f.id = k.voterfile_id
		WHERE k.state_id = ? AND f.org_id = ?`, stateID, a.Org())
	if errors.Is(err, db.ErrNone) {
		return Raw{}, fault.NotFoundf("There is no such person here.")
	}
	if err != nil {
		return Raw{}, err
	}
	return s.RawRow(ctx, a, person)
}
