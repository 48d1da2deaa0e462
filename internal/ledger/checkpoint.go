package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/fault"
)

// Checkpoint is a signed statement of how many entries there are and what their tree hash is. Whoever keeps
// one, on paper or in a mail, can later prove that the ledger they see still begins with the same entries.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	At   time.Time // of its last entry, as the ledger says; zero for one that came as text
	Note string    // the signed note: https://c2sp.org/tlog-checkpoint
}

func checkpointBody(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
}

// ParseCheckpoint reads one signed note. It does not check the signature: Verify does.
func ParseCheckpoint(text string) (Checkpoint, error) {
	body, signatures, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(body, "\n")
	if !ok || len(lines) < 3 || lines[0] == "" || !strings.HasPrefix(signatures, signatureMark) {
		return Checkpoint{}, fault.Invalidf("This is not a checkpoint: a checkpoint is a name, a number, a hash, an empty line and a line that begins with a dash.")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || lines[1] != strconv.FormatInt(size, 10) {
		return Checkpoint{}, fault.Invalidf("The second line of a checkpoint is its number of entries; here it is %q.", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fault.Invalidf("The third line of a checkpoint is its hash; here it is %q.", lines[2])
	}
	return Checkpoint{Size: size, Root: root, Note: text}, nil
}

// signatureMark begins each signature line of a note.
const signatureMark = "— "

// Limits of a file of checkpoints, far above what one an hour for a century needs.
const (
	checkpointLineMost = 4 << 10
	checkpointsMost    = 1_000_000
)

// ReadCheckpoints reads any number of signed notes, one after the other with or without empty lines between:
// the site's own file of checkpoints, or one that somebody kept.
func ReadCheckpoints(r io.Reader) ([]Checkpoint, error) {
	var all []Checkpoint
	var text strings.Builder
	signed := false
	end := func() error {
		if strings.TrimSpace(text.String()) == "" {
			return nil
		}
		c, err := ParseCheckpoint(text.String())
		if err != nil {
			return err
		}
		if len(all) == checkpointsMost {
			return fault.Invalidf("The file has more than %d checkpoints.", checkpointsMost)
		}
		all = append(all, c)
		text.Reset()
		signed = false
		return nil
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, checkpointLineMost)
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		mark := strings.HasPrefix(line, signatureMark)
		if signed && !mark {
			if err := end(); err != nil {
				return nil, err
			}
		}
		if text.Len() == 0 && line == "" {
			continue
		}
		signed = signed || mark
		text.WriteString(line + "\n")
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fault.Invalidf("This is not a file of checkpoints: it has a line of more than %d characters.", checkpointLineMost)
	} else if err != nil {
		return nil, fmt.Errorf("reading checkpoints: %w", err)
	}
	return all, end()
}

// verifiers makes the list that note.Open takes from keys in text form.
func verifiers(keys []string) (note.Verifiers, error) {
	var all []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return nil, fault.Invalidf("%q is not a public key of a ledger.", k).Because(err)
		}
		all = append(all, v)
	}
	return note.VerifierList(all...), nil
}

// signedBy reports whether one of keys signed the checkpoint under the name it carries.
func (c Checkpoint) signedBy(keys note.Verifiers) bool {
	n, err := note.Open([]byte(c.Note), keys)
	if err != nil {
		return false
	}
	origin, _, _ := strings.Cut(n.Text, "\n")
	for _, s := range n.Sigs {
		if s.Name == origin {
			return true
		}
	}
	return false
}
