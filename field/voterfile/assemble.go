package voterfile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/openprecinct/precinct/field/voterfile/extsort"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
)

// The joined file holds every voter of an import once, in the order of the state's ids, with the votes: length and bytes of the id, of
// the voter's record and of the votes. The file is made from the received files and can be made again, byte for byte.
const joinedName = "joined"

const joinedMagic = "precinct voters 1\n"

// assembly joins voters with votes.
type assembly struct {
	reading *reading
	voters  *extsort.Merger
	votes   *extsort.Merger
	out     *bufio.Writer
	length  [binary.MaxVarintLen64]byte

	key    []byte
	best   []byte // the record kept of the voter at hand
	rows   int    // rows of the voter at hand
	none   bool   // none of them goes in
	joined []byte
	own    []vote
	arena  []byte // behind the strings of own
}

// assemble writes the joined file into dir and returns the counts that only show here.
func (r *reading) assemble(ctx context.Context, dir string, progress Progress) (err error) {
	a := assembly{reading: r}
	if a.voters, err = extsort.Merge(r.voters); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.voters.Close()) }()
	if a.votes, err = extsort.Merge(r.votes, r.inline); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.votes.Close()) }()
	temp := filepath.Join(dir, joinedName+".part")
	f, err := os.Create(temp)
	if err != nil {
		return fmt.Errorf("joining voters and votes: %w", err)
	}
	behind := newWriteBehind(f)
	a.out = bufio.NewWriterSize(behind, 1<<20)
	if _, err = a.out.WriteString(joinedMagic); err == nil {
		err = a.run(ctx, progress)
	}
	if err = errors.Join(err, a.out.Flush(), behind.Close()); err == nil {
		err = f.Sync() // the name must not outlive the bytes in a power cut
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("joining voters and votes: %w", err)
	}
	return os.Rename(temp, filepath.Join(dir, joinedName))
}

func (a *assembly) run(ctx context.Context, progress Progress) error {
	total := a.reading.voters.Records()
	more, err := a.voters.Next()
	if err != nil {
		return err
	}
	if _, err := a.votes.Next(); err != nil {
		return err
	}
	for n := int64(0); more; n++ {
		if n%10_000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(StageJoin, n, total)
		}
		if more, err = a.person(); err != nil {
			return err
		}
	}
	return a.strange(nil)
}

// person writes the next voter and reports whether there is one after it.
func (a *assembly) person() (more bool, err error) {
	a.key = append(a.key[:0], a.voters.Key()...)
	a.best = append(a.best[:0], a.voters.Body()...)
	a.rows, a.none = 1, false
	for {
		if more, err = a.voters.Next(); err != nil {
			return false, err
		}
		if !more || !bytes.Equal(a.key, a.voters.Key()) {
			break
		}
		if err := a.twice(a.voters.Body()); err != nil {
			return false, err
		}
	}
	if err := a.strange(a.key); err != nil || a.none {
		return more, err
	}
	g, err := glanceAt(a.best)
	if err != nil {
		return false, err
	}
	if err := a.gather(g.county); err != nil {
		return false, err
	}
	return more, a.write()
}

// twice decides between two rows with one id, as a person has chosen; the other is refused. Without a choice a registration that stands goes
// before one that was removed (North Carolina keeps the rows of the counties a voter has left), then the later one, then the first in the file.
func (a *assembly) twice(other []byte) error {
	rule := a.reading.choices.of(a.key)
	if a.rows++; a.rows == 2 {
		a.reading.twice++
	}
	kept, err := glanceAt(a.best)
	if err != nil {
		return err
	}
	left, err := glanceAt(other)
	if err != nil {
		return err
	}
	if rule == KeepNone {
		if !a.none {
			a.reading.leaveNone(string(a.key), kept)
		}
		a.none = true
		a.reading.leaveNone(string(a.key), left)
		return nil
	}
	swap := rule.better(left, kept)
	if swap {
		kept, left = left, kept
	}
	a.reading.duplicate(string(a.key), kept, left)
	if swap {
		a.best = append(a.best[:0], other...)
	}
	return nil
}

func better(a, b glance) bool {
	if ra, rb := standing(a.status), standing(b.status); ra != rb {
		return ra < rb
	}
	if a.registered != b.registered {
		return a.registered > b.registered
	}
	return a.before(b)
}

func standing(s layout.Status) int {
	switch s {
	case layout.Active:
		return 0
	case layout.Inactive, layout.Preregistered:
		return 1
	case layout.Pending, layout.StatusUnknown:
		return 2
	default:
		return 3
	}
}

// strange counts and passes the votes of people before key, or of all when key is nil: nobody in the file cast them.
func (a *assembly) strange(key []byte) error {
	for !a.votes.Done() && (key == nil || bytes.Compare(a.votes.Key(), key) < 0) {
		a.reading.strange++
		if _, err := a.votes.Next(); err != nil {
			return err
		}
	}
	return nil
}

// gather collects the votes of the voter at hand.
func (a *assembly) gather(county string) error {
	a.own, a.arena, a.joined = a.own[:0], a.arena[:0], a.joined[:0]
	n := 0
	for !a.votes.Done() && bytes.Equal(a.votes.Key(), a.key) {
		a.arena = append(a.arena, a.votes.Body()...)
		n++
		if n > maxVotes {
			return fault.Invalidf("The voter %s has more than %d votes in the vote history, which cannot be. Check that the column of the voter's id is the right one.", string(a.key), maxVotes)
		}
		if _, err := a.votes.Next(); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	c := cursor{b: a.arena}
	for range n {
		a.own = append(a.own, c.vote())
	}
	if c.bad {
		return errRecord
	}
	a.joined = appendVotes(a.joined, a.own, county)
	return nil
}

// maxVotes is more than anybody casts in a life.
const maxVotes = 2000

func (a *assembly) write() error {
	for _, part := range [...][]byte{a.key, a.best, a.joined} {
		n := binary.PutUvarint(a.length[:], uint64(len(part)))
		if _, err := a.out.Write(a.length[:n]); err != nil {
			return err
		}
		if _, err := a.out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// joinedFile reads a joined file.
type joinedFile struct {
	f   *os.File
	in  *bufio.Reader
	row joinedRow
	buf []byte

	skipped int64 // rows passed over before the cursor of a load
}

// joinedRow is one voter of a joined file; its bytes are valid until the next one.
type joinedRow struct{ key, voter, votes []byte }

// openJoined opens the joined file in dir; the error is fs.ErrNotExist when there is none.
func openJoined(dir string) (*joinedFile, error) {
	f, err := os.Open(filepath.Join(dir, joinedName))
	if err != nil {
		return nil, err
	}
	j := &joinedFile{f: f, in: bufio.NewReaderSize(f, 1<<20)}
	magic := make([]byte, len(joinedMagic))
	if _, err := io.ReadFull(j.in, magic); err != nil || string(magic) != joinedMagic {
		return nil, errors.Join(errRecord, f.Close())
	}
	return j, nil
}

// next reads the next row and reports whether there is one.
func (j *joinedFile) next() (bool, error) {
	var end [3]int
	j.buf = j.buf[:0]
	for i := range end {
		n, err := binary.ReadUvarint(j.in)
		if i == 0 && errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil || n > maxRecord {
			return false, errRecord
		}
		from := len(j.buf)
		j.buf = grow(j.buf, int(n))
		if _, err := io.ReadFull(j.in, j.buf[from:]); err != nil {
			return false, errRecord
		}
		end[i] = len(j.buf)
	}
	j.row = joinedRow{key: j.buf[:end[0]], voter: j.buf[end[0]:end[1]], votes: j.buf[end[1]:end[2]]}
	return true, nil
}

const maxRecord = 64 << 20

func grow(b []byte, n int) []byte {
	if cap(b)-len(b) < n {
		bigger := make([]byte, len(b), 2*cap(b)+n)
		copy(bigger, b)
		b = bigger
	}
	return b[:len(b)+n]
}

func (j *joinedFile) close() error { return j.f.Close() }
