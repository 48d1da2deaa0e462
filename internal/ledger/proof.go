package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// Proof shows, without the database, that one entry is among those that a signed checkpoint counts.
type Proof struct {
	Number     int64
	Record     []byte // the entry as the tree hashes it: canonical JSON
	Hashes     tlog.RecordProof
	Checkpoint Checkpoint
}

// Prove makes the proof of entry n under the newest checkpoint.
func Prove(ctx context.Context, r db.Reader, n int64) (Proof, error) {
	e, err := rowOf(ctx, r, n)
	if errors.Is(err, db.ErrNone) {
		return Proof{}, fault.NotFoundf("The ledger has no entry %d.", n)
	}
	if err != nil {
		return Proof{}, fmt.Errorf("reading entry %d: %w", n, err)
	}
	c, err := lastCheckpoint(ctx, r)
	if err != nil {
		return Proof{}, fmt.Errorf("reading the last checkpoint: %w", err)
	}
	if c.Size < n {
		return Proof{}, fault.Conflictf("Entry %d is not yet under a signed checkpoint. Make one, then ask again.", n)
	}
	hashes, err := tlog.ProveRecord(c.Size, n-1, storedHashes(ctx, r))
	if err != nil {
		return Proof{}, fmt.Errorf("proving entry %d: %w", n, err)
	}
	p := Proof{Number: n, Record: e.record(), Hashes: hashes, Checkpoint: c}
	if err := p.check(); err != nil {
		return Proof{}, err
	}
	return p, nil
}

func (p Proof) check() error {
	if tlog.CheckRecord(p.Hashes, p.Checkpoint.Size, p.Checkpoint.Root, p.Number-1, tlog.RecordHash(p.Record)) != nil {
		return fault.Conflictf("Entry %d is not what the checkpoint of %d entries counts: the entry or the proof was changed.", p.Number, p.Checkpoint.Size)
	}
	return nil
}

const proofHead = "c2sp.org/tlog-proof@v1"

// Text returns the proof as https://c2sp.org/tlog-proof has it, with the record as its extra data. Files of
// this kind end in .tlog-proof.
func (p Proof) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHead, base64.StdEncoding.EncodeToString(p.Record), p.Number-1)
	for _, h := range p.Hashes {
		fmt.Fprintln(&b, h)
	}
	b.WriteString("\n" + p.Checkpoint.Note)
	return b.String()
}

// proofJSON is a proof as JSON. It carries no key: whoever checks it has the site's key from elsewhere.
type proofJSON struct {
	Format     string   `json:"format"`
	Entry      int64    `json:"entry"`
	Record     string   `json:"record"` // the canonical JSON whose hash is in the tree, byte for byte
	Hashes     []string `json:"hashes"`
	Checkpoint string   `json:"checkpoint"` // the signed note
}

const proofFormat = "precinct ledger proof 1"

// JSON returns the proof as a JSON object, which ParseProof and CheckProof read too.
func (p Proof) JSON() ([]byte, error) {
	j := proofJSON{Format: proofFormat, Entry: p.Number, Record: string(p.Record), Hashes: []string{}, Checkpoint: p.Checkpoint.Note}
	for _, h := range p.Hashes {
		j.Hashes = append(j.Hashes, h.String())
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(j)
	return b.Bytes(), err
}

// asText turns a proof in JSON into its text; anything else is left as it is.
func asText(proof string) string {
	var j proofJSON
	if !strings.HasPrefix(strings.TrimSpace(proof), "{") || json.Unmarshal([]byte(proof), &j) != nil || j.Format != proofFormat {
		return proof
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHead, base64.StdEncoding.EncodeToString([]byte(j.Record)), j.Entry-1)
	for _, h := range j.Hashes {
		fmt.Fprintln(&b, h)
	}
	b.WriteString("\n" + j.Checkpoint)
	return b.String()
}

// proofMost bounds a proof in text form: a record is small, and 63 hashes prove any log.
const proofMost = 1 << 20

// ParseProof reads a proof from its text or its JSON. It checks nothing but the form.
func ParseProof(text string) (Proof, error) {
	if len(text) > proofMost {
		return Proof{}, fault.Invalidf("This is not the proof of a ledger entry: it is too long.")
	}
	head, checkpoint, ok := strings.Cut(strings.ReplaceAll(asText(text), "\r\n", "\n"), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != proofHead {
		return Proof{}, fault.Invalidf("This is not the proof of a ledger entry: it does not begin with %s.", proofHead)
	}
	extra, ok1 := strings.CutPrefix(lines[1], "extra ")
	index, ok2 := strings.CutPrefix(lines[2], "index ")
	record, err1 := base64.StdEncoding.DecodeString(extra)
	n, err2 := strconv.ParseInt(index, 10, 64)
	if !ok1 || !ok2 || err1 != nil || err2 != nil || n < 0 || n == 1<<63-1 {
		return Proof{}, fault.Invalidf("This is not the proof of a ledger entry: its second line is the record and its third the index.")
	}
	p := Proof{Number: n + 1, Record: record}
	for _, l := range lines[3:] {
		h, err := tlog.ParseHash(l)
		if err != nil || len(p.Hashes) == 63 {
			return Proof{}, fault.Invalidf("This is not the proof of a ledger entry: after the index come hashes, one a line.")
		}
		p.Hashes = append(p.Hashes, h)
	}
	c, err := ParseCheckpoint(checkpoint)
	p.Checkpoint = c
	return p, err
}

// CheckProof reads a proof and returns it when one of keys signed its checkpoint and the entry is under it.
func CheckProof(text string, keys []string) (Proof, error) {
	p, err := ParseProof(text)
	if err != nil {
		return Proof{}, err
	}
	known, err := verifiers(keys)
	if err != nil {
		return Proof{}, err
	}
	if !p.Checkpoint.signedBy(known) {
		return Proof{}, fault.Conflictf("The checkpoint in this proof is not signed by the ledger's key.")
	}
	return p, p.check()
}
