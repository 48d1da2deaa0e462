package segment

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/change"
)

// Pieces that took long to read are written beside the generation, so that after a restart only what changed since is read. Their sum is in the name.

// worthKeeping is from how many facts on a piece is written.
const worthKeeping = 4096

func (k pieceKey) fileStem() string { return fmt.Sprintf("piece-%s-%d-%d-", k.What, k.Object, k.Org) }

// keptKeys returns of which pieces there are files in a folder: what somebody has asked for since the generation was built.
func keptKeys(dir string) []pieceKey {
	names, _ := filepath.Glob(filepath.Join(dir, "piece-*"))
	var all []pieceKey
	for _, name := range names {
		f := strings.Split(filepath.Base(name), "-")
		if len(f) != 5 {
			continue
		}
		object, err1 := strconv.ParseInt(f[2], 10, 64)
		org, err2 := strconv.ParseInt(f[3], 10, 64)
		if err1 == nil && err2 == nil {
			all = append(all, pieceKey{What: change.What(f[1]), Object: object, Org: org})
		}
	}
	return all
}

// keepPiece writes a piece, forgets earlier states of it, and puts the mapped file in the place of what was read. That it could not be written only costs
// time and memory.
func (e *Engine) keepPiece(r *replica, g *generation, p *piece) {
	if p.col == nil && p.events() < worthKeeping || frozen[p.key.What] != nil {
		return
	}
	e.wg.Go(func() {
		name, err := writePiece(g.dir, p)
		if err == nil {
			err = e.mapInstead(r, g, p, name)
		}
		if err != nil && e.ctx.Err() == nil {
			e.log.Info("a piece of a list segment was not written", "error", err)
		}
	})
}

// mapInstead puts a piece's mapped file in the place of the piece, unless something was changed in it since.
func (e *Engine) mapInstead(r *replica, g *generation, p *piece, name string) error {
	m, err := mapPiece(g, name)
	if err != nil {
		return err
	}
	for b := range p.blocks { // what was computed from them stays good
		m.blocks[b].stamp = p.blocks[b].stamp
	}
	if p.col != nil {
		for b := range p.col.blocks {
			m.col.blocks[b].stamp = p.col.blocks[b].stamp
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.view.Load()
	if w == nil || w.gen != g || w.pieces[p.key] != p {
		return nil
	}
	n := *w
	n.pieces = maps.Clone(w.pieces)
	n.pieces[p.key] = m
	r.publish(&n)
	return nil
}

// mapPiece maps the file of a piece, whose name ends with its sum. It stays mapped as long as the generation lives.
func mapPiece(g *generation, name string) (*piece, error) {
	b, unmap, err := mapFile(name)
	if err != nil {
		return nil, err
	}
	p, err := pieceIn(b, name, g.rows)
	if err != nil {
		unmap()
		return nil, err
	}
	rest(b)
	runtime.AddCleanup(g, func(unmap func()) { unmap() }, unmap)
	return p, nil
}

// pieceIn checks the sum of a file and takes it apart.
func pieceIn(b []byte, name string, rows int) (*piece, error) {
	sum, err := strconv.ParseUint(name[strings.LastIndexByte(name, '-')+1:], 16, 32)
	if err != nil || crc32.Checksum(b, castagnoli) != uint32(sum) {
		return nil, errTorn
	}
	h, err := readHead(b)
	if err != nil {
		return nil, err
	}
	return pieceOf(h, rows)
}

var errTorn = errors.New("it is not what was written")

func writePiece(dir string, p *piece) (name string, err error) {
	old, _ := filepath.Glob(filepath.Join(dir, p.key.fileStem()+"*"))
	temp, err := os.MkdirTemp(dir, "temp-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp) //nolint:errcheck // swept with the generation
	f, err := p.save(filepath.Join(temp, "piece"))
	if err != nil {
		return "", err
	}
	name = filepath.Join(dir, p.key.fileStem()+strconv.FormatUint(uint64(f.CRC), 16))
	if err := os.Rename(filepath.Join(temp, "piece"), name); err != nil {
		return "", err
	}
	for _, o := range old {
		if o != name {
			_ = os.Remove(o) // it would only be tried and found older
		}
	}
	return name, nil
}

// keptPiece returns a piece as it was written, brought forward to the view; nil where there is none, or one that cannot be trusted.
func (e *Engine) keptPiece(ctx context.Context, v *View, k pieceKey, newest, oldest int64) (*piece, error) {
	names, _ := filepath.Glob(filepath.Join(v.gen.dir, k.fileStem()+"*"))
	for _, name := range names {
		p, err := mapPiece(v.gen, name)
		if err != nil {
			e.log.Warn("a piece of a list segment cannot be used and is read anew", "file", name, "error", err)
			_ = os.Remove(name) // or it is found again
			continue
		}
		if p, err = e.bringForward(ctx, v, k, p, newest, oldest); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

func (e *Engine) bringForward(ctx context.Context, v *View, k pieceKey, p *piece, newest, oldest int64) (*piece, error) {
	if p.key != k || p.epoch < newest && oldest > p.epoch {
		return nil, nil // read anew
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
