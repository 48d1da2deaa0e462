package segment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Files are mapped, and somebody may cut one short or write into it while it is. Reading what is not there any more would end the program; here it ends one
// answer: the view is given up, the files are checked as at every opening, and built anew.

// ErrDamaged says that a file was damaged while it was read. The next view is another one.
var ErrDamaged = errors.New("a file of the list segment was damaged while it was in use")

// watchEvery is how often files are looked at from outside: what was written into one changes its time.
const watchEvery = 5 * time.Second

// guard makes what is read of a damaged file until the returned function is called an error. It is for one goroutine: defer v.guard(&err)().
func (v *View) guard(err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		if r := recover(); r != nil {
			if !isFault(r) {
				panic(r)
			}
			v.engine.damaged(v, fmt.Errorf("%v", r))
			*err = ErrDamaged
		}
	}
}

// isFault reports whether r is what the runtime panics with when memory is not there.
func isFault(r any) bool {
	f, ok := r.(interface {
		runtime.Error
		Addr() uintptr
	})
	return ok && f.Addr() != 0
}

// damaged gives up what stands of a view's generation.
func (e *Engine) damaged(v *View, why error) {
	r := e.replica(v.gen.file)
	w := r.view.Load()
	if w == nil || w.gen != v.gen || !r.view.CompareAndSwap(w, nil) {
		return // another one did, or there is a newer view
	}
	e.log.Warn("a list segment was damaged while it was in use, and is checked and built anew", "voterfile", v.gen.file, "error", why)
	e.background(r, e.openOrBuild)
}

// helper runs f beside others and keeps the fault that ends it, for the goroutine that waits for it.
func helper(kept *atomic.Pointer[any], f func()) {
	defer func() {
		if r := recover(); r != nil {
			if !isFault(r) {
				panic(r)
			}
			kept.Store(&r)
		}
	}()
	debug.SetPanicOnFault(true)
	f()
}

// mark is a file as it looked when it was opened.
type mark struct {
	bytes int64
	at    time.Time
}

// watched remembers how the files of a generation look.
func (g *generation) watched(files []fileEntry) {
	g.marks = make(map[string]mark, len(files))
	for _, f := range files {
		if info, err := os.Stat(filepath.Join(g.dir, f.Name)); err == nil {
			g.marks[f.Name] = mark{info.Size(), info.ModTime()}
		}
	}
}

// touched returns an error when somebody wrote into a file since. One that was deleted stays mapped, as it was.
func (g *generation) touched() error {
	for name, m := range g.marks {
		info, err := os.Stat(filepath.Join(g.dir, name))
		if err == nil && (info.Size() != m.bytes || !info.ModTime().Equal(m.at)) {
			return fmt.Errorf("somebody wrote into %s", name)
		}
	}
	return nil
}
