package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// The files of a Seal. They lie in a folder and not in the database, so that whoever can change the database
// (a stolen password of its administrator, an injected statement, a restored older copy) can neither sign nor
// take back what was signed. Whoever owns the whole machine can do both: against them help only the
// checkpoints that other people keep.
const (
	keyFile    = "ledger.key"         // the private key
	publicFile = "ledger.pub"         // every public key ever used here, one a line
	anchorFile = "ledger.checkpoints" // every checkpoint ever signed here, only ever appended to
)

// Seal signs checkpoints with the site's Ed25519 key and keeps them in a file outside the database.
type Seal struct {
	dir    string
	signer note.Signer
	keys   []string

	mu       sync.Mutex
	anchored int64 // the size of the last checkpoint in the file
}

// OpenSeal opens the key in dir, making one when there has never been any.
func OpenSeal(dir string) (*Seal, error) {
	public, err := os.ReadFile(filepath.Join(dir, publicFile))
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(dir); err != nil {
			return nil, fmt.Errorf("making the ledger's key: %w", err)
		}
		public, err = os.ReadFile(filepath.Join(dir, publicFile))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger's public key: %w", err)
	}
	private, err := os.ReadFile(filepath.Join(dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Conflictf("The ledger's signing key %s is missing. Put it back from a backup: without it nothing more can be sealed.", filepath.Join(dir, keyFile))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger's key: %w", err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(private)))
	if err != nil {
		return nil, fmt.Errorf("reading the ledger's key: %w", err)
	}
	s := &Seal{dir: dir, signer: signer, keys: strings.Fields(string(public))}
	if s.anchored, err = s.lastAnchor(); err != nil {
		return nil, fmt.Errorf("reading the last kept checkpoint: %w", err)
	}
	return s, nil
}

// anchorTail is more than two checkpoints take.
const anchorTail = 16 << 10

// lastAnchor returns the size of the last kept checkpoint without reading years of them.
func (s *Seal) lastAnchor() (int64, error) {
	f, err := os.Open(filepath.Join(s.dir, anchorFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	from := max(0, info.Size()-anchorTail)
	tail, err := io.ReadAll(io.NewSectionReader(f, from, anchorTail))
	if err != nil {
		return 0, err
	}
	if from > 0 { // begin behind a whole checkpoint
		_, tail, _ = bytes.Cut(tail, []byte("\n"+signatureMark))
		_, tail, _ = bytes.Cut(tail, []byte("\n"))
	}
	all, err := ReadCheckpoints(bytes.NewReader(tail))
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[len(all)-1].Size, nil
}

// makeKey makes the key of a new site. The public half is written last: it says that there is a key.
func makeKey(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := make([]byte, 8)
	rand.Read(name)
	private, public, err := note.GenerateKey(rand.Reader, "precinct-"+hex.EncodeToString(name))
	if err != nil {
		return err
	}
	if err := appendSynced(filepath.Join(dir, keyFile), private+"\n", os.O_TRUNC); err != nil {
		return err
	}
	return appendSynced(filepath.Join(dir, publicFile), public+"\n", 0)
}

// appendSynced adds text to a file and returns when it is on stable storage, name and all.
func appendSynced(path, text string, flag int) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|flag, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Keys returns the public keys in text form, for Options.Keys and for whoever wants to check from outside.
func (s *Seal) Keys() []string { return s.keys }

// Anchors returns the checkpoints kept outside the database, oldest first.
func (s *Seal) Anchors() ([]Checkpoint, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, anchorFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the kept checkpoints: %w", err)
	}
	all, err := ReadCheckpoints(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("reading the kept checkpoints in %s: %w", filepath.Join(s.dir, anchorFile), err)
	}
	return all, nil
}

// Checkpoint signs the ledger as it stands, unless nothing was added since the last time, and returns the
// newest checkpoint (the zero one of an empty ledger). It first recomputes what was added since, and refuses to sign when that, or the last
// checkpoint, no longer agrees with the database. Call it every few minutes and before the program ends.
func (s *Seal) Checkpoint(ctx context.Context, d *db.DB) (c Checkpoint, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err = s.seal(ctx, tx, time.Now())
		return err
	})
	if err != nil || c.Size <= s.anchored {
		return c, err
	}
	// Only now: a checkpoint whose transaction was lost must not be kept anywhere.
	if err := appendSynced(filepath.Join(s.dir, anchorFile), c.Note+"\n", 0); err != nil {
		return c, fmt.Errorf("keeping the checkpoint outside the database: %w", err)
	}
	s.anchored = c.Size
	return c, nil
}

func (s *Seal) seal(ctx context.Context, tx *db.Tx, now time.Time) (Checkpoint, error) {
	if err := db.Lock(ctx, tx, "ledger"); err != nil {
		return Checkpoint{}, fmt.Errorf("waiting to seal the ledger: %w", err)
	}
	last, err := lastRow(ctx, tx)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("reading the end of the ledger: %w", err)
	}
	before, err := lastCheckpoint(ctx, tx)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("reading the last checkpoint: %w", err)
	}
	if before.Size < s.anchored {
		return Checkpoint{}, fault.Conflictf("The ledger's last checkpoint here covers %d entries, but one of %d entries was signed before: this database was cut off or is an older copy. Verify the ledger.", before.Size, s.anchored)
	}
	if last.N == before.Size {
		return before, nil
	}
	if err := checkSince(ctx, tx, before); err != nil {
		return Checkpoint{}, err
	}
	n, err := appendAll(ctx, tx, now, Who{Via: "program"}, []Entry{{Kind: KindCheckpoint, Data: map[string]any{"key": s.signer.Name()}}})
	if err != nil {
		return Checkpoint{}, err
	}
	return s.sign(ctx, tx, n)
}

func (s *Seal) sign(ctx context.Context, tx *db.Tx, size int64) (Checkpoint, error) {
	root, err := tlog.TreeHash(size, storedHashes(ctx, tx))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("computing the tree hash: %w", err)
	}
	text, err := note.Sign(&note.Note{Text: checkpointBody(s.signer.Name(), size, root)}, s.signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("signing a checkpoint: %w", err)
	}
	last, err := lastRow(ctx, tx)
	if err != nil {
		return Checkpoint{}, err
	}
	c := Checkpoint{Size: size, Root: root, At: last.At, Note: string(text)}
	return c, insertCheckpoint(ctx, tx, c)
}

// checkSince recomputes the entries after the checkpoint before.
func checkSince(ctx context.Context, r db.Reader, before Checkpoint) error {
	t := &tree{n: before.Size}
	if before.Size > 0 {
		var err error
		if t.full, err = frontierHashes(ctx, r, before.Size); err != nil {
			return fmt.Errorf("reading the tree of the last checkpoint: %w", err)
		}
		if t.root() != before.Root {
			return fault.Conflictf("The first %d entries of the ledger are not the ones that were sealed. Nothing was signed; verify the ledger.", before.Size)
		}
	}
	for e, err := range rowsAfter(ctx, r, before.Size) {
		if err != nil {
			return fmt.Errorf("reading the ledger: %w", err)
		}
		if e.N != t.n+1 || !bytes.Equal(joinHashes(t.push(tlog.RecordHash(e.record()))), e.Hashes) {
			return fault.Conflictf("Entry %d of the ledger is not what was written. Nothing was signed; verify the ledger.", e.N)
		}
	}
	return nil
}

func joinHashes(all []tlog.Hash) []byte {
	out := make([]byte, 0, len(all)*tlog.HashSize)
	for _, h := range all {
		out = append(out, h[:]...)
	}
	return out
}
