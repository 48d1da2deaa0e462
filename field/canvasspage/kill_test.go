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

// TestEveryWriteIsFlushed looks at what killing cannot show: that whatever is written is asked to be on the phone's storage, not only in its memory.
func TestEveryWriteIsFlushed(t *testing.T) {
	s := newStub(t)
	tab := webtest.Browser(t).Tab(t)
	m := &model{t: t, s: s, tab: tab, r: rand.New(rand.NewPCG(4, 9)), tapped: map[int]bool{}, tried: map[int]bool{}}
	tab.Open(s.site.URL + "/healthz")
	engine(t, tab, modelSource)
	webtest.Eval[bool](tab, `(() => {
		globalThis.writes = [];
		const begin = IDBDatabase.prototype.transaction;
		IDBDatabase.prototype.transaction = function (stores, mode, options) {
			const tx = begin.call(this, stores, mode, options);
			if (mode === "readwrite") writes.push(tx.durability);
			return tx;
		};
		return true;
	})()`)
	webtest.Eval[bool](tab, fmt.Sprintf("T.start(%q, %q).then(a => (globalThis.app = a, true))", s.wrap, stubToken))
	webtest.Eval[bool](tab, fmt.Sprintf(`T.tap(app, %q, %s).then(() => app.sender.poke("now")).then(() => true)`, packetID, asJSON(t, m.tags())))
	writes := webtest.Eval[[]string](tab, "writes")
	if len(writes) < 8 {
		t.Fatalf("only %d writes were seen", len(writes))
	}
	for _, w := range writes {
		if w != "strict" {
			t.Errorf("a write is %s", w)
		}
	}
}
