package webtest

import (
	_ "embed"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axe-core 4.14.1, Mozilla Public License 2.0, as its authors publish it.
//
//go:embed axe.min.js
var axe string

const runAxe = `axe.run(document, {
	runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
	resultTypes: ["violations"],
}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + "\n    " + n.html.slice(0, 200) + "\n    " + n.any.concat(n.all, n.none).map(c => c.message).join("; "))))`

// Axe fails the test for everything in the page that axe-core finds against WCAG 2.2 AA.
func (tab *Tab) Axe() {
	tab.t.Helper()
	if !Eval[bool](tab, "typeof axe === 'object'") {
		Eval[bool](tab, axe+"\n;true")
	}
	if found := Eval[[]string](tab, runAxe); len(found) > 0 {
		tab.t.Errorf("%s: %d violations of WCAG 2.2 AA\n  %s", tab.location(), len(found), strings.Join(found, "\n  "))
	}
}

// Overflow fails the test when the page is wider than the window, which makes people scroll two ways.
func (tab *Tab) Overflow() {
	tab.t.Helper()
	const widest = `(() => {
		const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return "";
		const bad = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > w + 1 && !e.closest(".wrap, .hide"));
		return document.documentElement.scrollWidth + " > " + w + " " + bad.slice(0, 5).map(e => e.tagName + "." + e.className).join(", ");
	})()`
	if s := Eval[string](tab, widest); s != "" {
		tab.t.Errorf("%s scrolls sideways: %s", tab.location(), s)
	}
}

// Stop is one element that the Tab key reaches.
type Stop struct {
	Name string `json:"name"` // its words, or its label
	Ring bool   `json:"ring"` // whether it shows that it has the focus
}

// Stops presses Tab from the top of the page, at most n times, and returns where the focus went.
func (tab *Tab) Stops(n int) []Stop {
	tab.t.Helper()
	Eval[bool](tab, "document.activeElement?.blur(), scrollTo(0, 0), true")
	var all []Stop
	for range n {
		tab.Do(pressTab)
		s := Eval[Stop](tab, `(() => {
			const e = document.activeElement, c = getComputedStyle(e);
			return {name: e === document.body ? "" : (e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.innerText || e.id || e.tagName).trim().replace(/\s+/g, " "), ring: c.outlineStyle !== "none" && parseFloat(c.outlineWidth) >= 2};
		})()`)
		if s.Name == "" {
			return all
		}
		all = append(all, s)
	}
	return all
}

var pressTab = chromedp.KeyEvent(kb.Tab)
