package canvasspage

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/web/webtest"
)

// modelSource runs the app without its screens: what a tap does, and all that happens below.
const modelSource = `
	import { open } from "../../../internal/web/offline/_db";
	import { Vault } from "../../../internal/web/offline/_vault";
	import { App } from "./_app";
	const views = { turfs: () => ({ title: "", body: [] }) };
	export const start = async (wrap, token) => {
		const db = await open("field-canvass");
		const app = new App({ name: "", keys: [], es: {}, signIn: "" }, db, new Vault(db, 5), views, document.createElement("div"));
		if (await app.vault.isEmpty()) await app.create("1", { wrap, token, device: "0f", name: "", org: 3, orgName: "" }, "1");
		else { await app.vault.byPIN("1"); await app.unlocked(); }
		return app;
	};
	export const tap = (app, packet, tags) => app.record(tags.map(tag => ({ packet, kind: "note", door: "1", data: { tag } })), "");
`

// model is a phone that suffers, and what was tapped on it.
type model struct {
	t       *testing.T
	s       *stub
	tab     *webtest.Tab
	r       *rand.Rand
	tapped  map[int]bool // the screen moved on
	tried   map[int]bool
	clock   int64 // ms that the phone's clock is wrong
	restart int
}

func (m *model) start() {
	m.t.Helper()
	m.tab.Open(m.s.site.URL + "/healthz")
	engine(m.t, m.tab, modelSource)
	webtest.Eval[bool](m.tab, fmt.Sprintf("globalThis.real ??= Date.now, Date.now = () => real() + %d, T.start(%q, %q).then(a => (globalThis.app = a, true))", m.clock, m.s.wrap, stubToken))
	m.restart++
}

// tags are new things to record.
func (m *model) tags() []int {
	var all []int
	for range 1 + m.r.IntN(3) {
		n := len(m.tried) + 1
		m.tried[n] = true
		all = append(all, n)
	}
	return all
}

func (m *model) keep(tags ...int) {
	for _, n := range tags {
		m.tapped[n] = true
	}
}

// step does one thing that happens to phones.
func (m *model) step() {
	m.t.Helper()
	switch n := m.r.IntN(100); {
	case n < 45: // a tap
		tags := m.tags()
		webtest.Eval[bool](m.tab, fmt.Sprintf("T.tap(app, %q, %s).then(() => true)", packetID, asJSON(m.t, tags)))
		m.keep(tags...)
	case n < 55: // two tabs of the app at once
		a, b := m.tags(), m.tags()
		webtest.Eval[bool](m.tab, fmt.Sprintf("T.start().then(second => Promise.all([T.tap(app, %[1]q, %[2]s), T.tap(second, %[1]q, %[3]s)]).then(() => second.lock())).then(() => true)", packetID, asJSON(m.t, a), asJSON(m.t, b)))
		m.keep(append(a, b...)...)
	case n < 68: // the tab is killed in the middle of a tap
		tags := m.tags()
		webtest.Eval[bool](m.tab, fmt.Sprintf("void T.tap(app, %q, %s), new Promise(r => setTimeout(() => r(true), %d))", packetID, asJSON(m.t, tags), m.r.IntN(4)))
		m.start()
	case n < 74: // killed while it sends
		webtest.Eval[bool](m.tab, `void app.sender.poke("now"), true`)
		m.start()
	case n < 84: // the clock is put right, or wrong
		m.clock = (m.r.Int64N(60*24) - 30*24) * 3_600_000
		webtest.Eval[bool](m.tab, fmt.Sprintf("Date.now = () => real() + %d, true", m.clock))
	default: // there is signal for a moment
		webtest.Eval[bool](m.tab, `app.sender.poke("now").then(() => true)`)
	}
}

// fates lets requests be dropped, and answers cut, at random.
func (m *model) fates() {
	var seed [32]byte
	seed[0] = byte(m.r.IntN(256))
	r := rand.New(rand.NewChaCha8(seed))
	m.s.do(func() {
		m.s.most = 1 + r.IntN(40)
		m.s.fate = func() string { return []string{"", "", "drop", "cut"}[r.IntN(4)] }
	})
}

// settle puts everything in order and waits until the phone says that nothing waits.
func (m *model) settle() {
	m.t.Helper()
	m.s.do(func() { m.s.fate = func() string { return "" } })
	m.start()
	_, err := chromedp.Run(m.tab.Ctx, chromedp.Poll[bool](`app.sender.poke("now"), app.log.figures().waiting === 0`, chromedp.WithPollingTimeout(30*time.Second), chromedp.WithPollingInterval(50*time.Millisecond)))
	if err != nil {
		m.t.Fatalf("something waits for ever: %v %s", err, webtest.Eval[string](m.tab, "JSON.stringify([app.log.figures(), app.sender.status])"))
	}
}

// judge compares what the server holds with what was tapped.
func (m *model) judge() {
	m.t.Helper()
	held, seqs := map[int]bool{}, []int{}
	m.s.do(func() {
		for _, e := range m.s.events {
			tag, _ := e.Data["tag"].(float64)
			if held[int(tag)] {
				m.t.Errorf("%v came twice, as two events", tag)
			}
			held[int(tag)] = true
			seqs = append(seqs, e.Seq)
		}
	})
	for tag := range m.tapped {
		if !held[tag] {
			m.t.Errorf("%d was tapped, and the server does not hold it", tag)
		}
	}
	for tag := range held {
		if !m.tried[tag] {
			m.t.Errorf("the server holds %d, which nobody tapped", tag)
		}
	}
	slices.Sort(seqs)
	for i, n := range seqs {
		if n != i+1 {
			m.t.Fatalf("numbers of events have gaps or come twice: %v", seqs)
		}
	}
	var f struct{ Waiting, Safe, Lost int }
	if err := json.Unmarshal([]byte(webtest.Eval[string](m.tab, "JSON.stringify(app.log.figures())")), &f); err != nil {
		m.t.Fatal(err)
	}
	if f.Waiting != 0 || f.Lost != 0 || f.Safe != len(held) {
		m.t.Errorf("the phone says %+v, the server holds %d", f, len(held))
	}
	m.t.Logf("%d tapped, %d held, %d starts, largest request %d", len(m.tapped), len(held), m.restart, m.s.largest)
}

// TestWhateverHappensTheServerHoldsWhatWasTapped plays random afternoons: requests that never arrive, answers that are cut, tabs killed between any two
// steps, two tabs, clocks a month wrong. Each event arrives, once.
func TestWhateverHappensTheServerHoldsWhatWasTapped(t *testing.T) {
	browser := webtest.Browser(t)
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := &model{t: t, s: newStub(t), tab: browser.Tab(t), r: rand.New(rand.NewPCG(seed, 9)), tapped: map[int]bool{}, tried: map[int]bool{}}
			m.tab.Flaky()
			m.fates()
			m.start()
			for range 45 {
				m.step()
			}
			m.settle()
			m.judge()
			if len(m.tapped) < 20 || maps.Equal(m.tapped, map[int]bool{}) {
				t.Errorf("only %d things were tapped", len(m.tapped))
			}
		})
	}
}
