// Package webtest tests pages as people and attackers meet them: in a real browser, and with requests that must be refused.
package webtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Chromium is a running browser.
type Chromium struct {
	ctx  context.Context
	kept bool // its tabs share what is on the disk
}

// Browser starts a Chromium that ends with the test. Without one the test is skipped, or fails when
// PRECINCT_REQUIRE_CHROMIUM is set.
func Browser(t testing.TB) *Chromium {
	t.Helper()
	return launch(t)
}

// BrowserOn is Browser with what it keeps in dir, so that it can be killed and started again where it was. Its tabs share it.
func BrowserOn(t testing.TB, dir string) *Chromium {
	t.Helper()
	c := launch(t, chromedp.UserDataDir(dir))
	c.kept = true
	return c
}

// Kill ends the browser as a dying phone does: with SIGKILL, in the middle of whatever it does.
func (c *Chromium) Kill() {
	if p := chromedp.FromContext(c.ctx).Browser.Process(); p != nil {
		_ = p.Kill()
		_, _ = p.Wait()
	}
}

// NeedPackages skips the test where the packages of package.json are not installed, or fails it when PRECINCT_REQUIRE_CHROMIUM is set: whatever bundles
// TypeScript while it runs needs them.
func NeedPackages(t testing.TB) {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil {
		return
	}
	const missing = "the packages of package.json are not installed; install them with: npm ci --ignore-scripts"
	if os.Getenv("PRECINCT_REQUIRE_CHROMIUM") != "" {
		t.Fatal(missing)
	}
	t.Skip("NOT TESTED: " + missing)
}

func launch(t testing.TB, more ...chromedp.ExecAllocatorOption) *Chromium {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		const missing = "there is no Chromium here; install it with: apt-get install chromium"
		if os.Getenv("PRECINCT_REQUIRE_CHROMIUM") != "" {
			t.Fatal(missing)
		}
		t.Skip("NOT TESTED in a browser: " + missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("lang", "en-US"), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root with it
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, closeBrowser := chromedp.NewContext(alloc)
	t.Cleanup(func() { closeBrowser(); stop() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return &Chromium{ctx: ctx}
}

// Tab is one tab with cookies of its own. What goes wrong in it fails the test: its methods return only
// what the test asked for. Ctx is for chromedp actions that have no method here.
type Tab struct {
	Ctx context.Context

	t        testing.TB
	mu       sync.Mutex
	troubles []string
	flaky    bool // requests may fail
}

// Tab opens a tab that shares nothing with other tabs. When the test ends it fails for every script error,
// and for everything the content security policy had to stop.
func (c *Chromium) Tab(t testing.TB) *Tab {
	t.Helper()
	var apart []chromedp.ContextOption
	if !c.kept {
		apart = append(apart, chromedp.WithNewBrowserContext())
	}
	ctx, stop := chromedp.NewContext(c.ctx, apart...)
	tab := &Tab{Ctx: ctx, t: t}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	if err := chromedp.Listen(ctx, tab.hear); err != nil {
		t.Fatalf("listening to a tab: %v", err)
	}
	// Nothing fades while it is looked at: a colour half-way is no contrast of the page's.
	still := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, still); err != nil {
		t.Fatalf("asking for no motion: %v", err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, struct{}{}); err != nil {
		t.Fatalf("listening to the log of a tab: %v", err)
	}
	t.Cleanup(func() {
		stop()
		tab.mu.Lock()
		defer tab.mu.Unlock()
		for _, s := range tab.troubles {
			t.Errorf("in the browser: %s", s)
		}
	})
	return tab
}

func (tab *Tab) hear(event any) {
	said := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			said += " " + x.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "the server responded with a status of") {
			said = e.Entry.Text
		}
	}
	if said == "" {
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if tab.flaky && strings.Contains(said, "net::ERR_") {
		return
	}
	tab.troubles = append(tab.troubles, said)
}

// Do performs actions in order.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if err := chromedp.Do(tab.Ctx, actions...); err != nil {
		tab.t.Fatalf("in the browser at %s: %v", tab.location(), err)
	}
}

// Open goes to url and waits for the page.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.Do(chromedp.Navigate(url))
}

// Size makes the window as wide and high as a screen; up to 600 px it is a phone that is touched.
func (tab *Tab) Size(width, height int64) {
	tab.t.Helper()
	var o []chromedp.EmulateViewportOption
	if width <= 600 {
		o = append(o, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	tab.Do(chromedp.EmulateViewport(width, height, o...))
}

// Shot writes a picture of the whole page into file (.png) and makes its folder.
func (tab *Tab) Shot(file string) {
	tab.t.Helper()
	png, err := chromedp.Run(tab.Ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		tab.t.Fatalf("taking a picture: %v", err)
	}
}

// Text returns the visible text of the first element that matches the CSS selector, once it is there.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	return Run(tab, chromedp.Text(chromedp.CSS(selector)))
}

// Click clicks the first element that matches the CSS selector, once it is visible.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.Do(chromedp.Click(chromedp.CSS(selector)))
}

// Type types text into the first input that matches the CSS selector.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.Do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Path returns path and query of the page.
func (tab *Tab) Path() string {
	tab.t.Helper()
	return Eval[string](tab, "location.pathname + location.search")
}

// Run performs an action that returns something.
func Run[T any](tab *Tab, a chromedp.Action[T]) T {
	tab.t.Helper()
	v, err := chromedp.Run(tab.Ctx, a)
	if err != nil {
		tab.t.Fatalf("in the browser at %s: %v", tab.location(), err)
	}
	return v
}

// Eval returns the value of a JavaScript expression in the page; promises are awaited.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	return Run(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

func (tab *Tab) location() string {
	at, err := chromedp.Run(tab.Ctx, chromedp.Location())
	if err != nil {
		return fmt.Sprintf("an unknown page (%v)", err)
	}
	return at
}

// Authenticator gives the tab a passkey device that always says yes; passkeys made in the tab stay in it.
// Open a page of the site first.
func (tab *Tab) Authenticator() {
	tab.t.Helper()
	if _, err := chromedp.Call(tab.Ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		tab.t.Fatalf("enabling WebAuthn: %v", err)
	}
	_, err := chromedp.Call(tab.Ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		},
	})
	if err != nil {
		tab.t.Fatalf("adding an authenticator: %v", err)
	}
}
