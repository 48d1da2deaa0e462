package segment

import (
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/change"
)

// Pieces that took long to read are written beside the generation, so that after a restart only what changed since is read. Their sum is in the name.

// worthKeeping is from how many facts on a piece is written.
const worthKeeping = 50_000

func (k pieceKey) fileStem() string { return fmt.Sprintf("piece-%s-%d-%d-", k.What, k.Object, k.Org) }

// keepPiece writes a piece and forgets earlier states of it. That it could not be written only costs time later.
func (e *Engine) keepPiece(g *generation, p *piece) {
	if p.col == nil && p.events() < worthKeeping || p.key.What == change.Saved {
		return
	}
	e.wg.Go(func() {
		if err := writePiece(g.dir, p); err != nil && e.ctx.Err() == nil {
			e.log.Info("a piece of a list segment was not written", "error", err)
		}
	})
}

func writePiece(dir string, p *piece) error {
	old, _ := filepath.Glob(filepath.Join(dir, p.key.fileStem()+"*"))
	temp, err := os.MkdirTemp(dir, "temp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp) //nolint:errcheck // swept with the generation
	f, err := p.save(filepath.Join(temp, "piece"))
	if err != nil {
		return err
	}
	name := filepath.Join(dir, p.key.fileStem()+strconv.FormatUint(uint64(f.CRC), 16))
	if err := os.Rename(filepath.Join(temp, "piece"), name); err != nil {
		return err
	}
	for _, o := range old {
		if o != name {
			_ = os.Remove(o) // it would only be tried and found older
		}
	}
	return nil
}

// keptPiece returns a piece as it was written, brought forward to the view; nil where there is none, or one that cannot be trusted.
func (e *Engine) keptPiece(ctx context.Context, v *View, k pieceKey, newest, oldest int64) (*piece, error) {
	names, _ := filepath.Glob(filepath.Join(v.gen.dir, k.fileStem()+"*"))
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		sum, err := strconv.ParseUint(strings.TrimPrefix(filepath.Base(name), k.fileStem()), 16, 32)
		if err != nil || crc32.Checksum(b, castagnoli) != uint32(sum) {
			e.log.Warn("a piece of a list segment is not what was written and is read anew", "file", name)
			_ = os.Remove(name) // or it is found again
			continue
		}
		p, err := e.bringForward(ctx, v, k, b, newest, oldest)
		if p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

func (e *Engine) bringForward(ctx context.Context, v *View, k pieceKey, b []byte, newest, oldest int64) (*piece, error) {
	h, err := readHead(b)
	if err != nil {
		return nil, nil //nolint:nilerr // read anew
	}
	p, err := pieceOf(h, v.gen.rows)
	if err != nil || p.key != k || p.epoch < newest && oldest > p.epoch {
		return nil, nil //nolint:nilerr // read anew
	}
	changes, err := change.Since(ctx, e.db, p.epoch, maxChanges)
	if err != nil || len(changes) == maxChanges {
		return nil, err
	}
	w := *v
	w.pieces = map[pieceKey]*piece{k: p}
	t := newTouched(&w, changes)
	if t.anew[k] || t.all {
		return nil, nil
	}
	return e.patchPiece(ctx, &w, p, t.people[k])
}
