package canvasspage

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/web/webtest"
)

// TestBrowserKilled kills the whole browser, with -9, while somebody taps, and starts it again on the same disk.
func TestBrowserKilled(t *testing.T) {
	s := newStub(t)
	dir := t.TempDir()
	m := &model{t: t, s: s, r: rand.New(rand.NewPCG(4, 9)), tapped: map[int]bool{}, tried: map[int]bool{}}
	s.do(func() { s.fate = func() string { return "drop" } }) // nothing gets away: what is there at the end was on the disk
	for round := range 4 {
		browser := webtest.BrowserOn(t, dir)
		m.tab = browser.Tab(t)
		m.tab.Flaky()
		m.start()
		for range 8 {
			tags := m.tags()
			webtest.Eval[bool](m.tab, fmt.Sprintf("T.tap(app, %q, %s).then(() => true)", packetID, asJSON(t, tags)))
			m.keep(tags...)
		}
		tags := m.tags()
		webtest.Eval[bool](m.tab, fmt.Sprintf("void T.tap(app, %q, %s), true", packetID, asJSON(t, tags)))
		time.Sleep(time.Duration(round) * time.Millisecond)
		browser.Kill()
	}
	browser := webtest.BrowserOn(t, dir)
	m.tab = browser.Tab(t)
	m.tab.Flaky()
	m.settle()
	m.judge()
	browser.Kill()
}
