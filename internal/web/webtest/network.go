package webtest

import (
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Flaky tells the tab that requests may fail for want of a network, which is then no error of the page.
func (tab *Tab) Flaky() {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.flaky = true
}

// Unplug takes the tab off the network, or puts it back. The page knows, as it does on a phone.
func (tab *Tab) Unplug(off bool) {
	tab.t.Helper()
	tab.Flaky()
	state := network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}
	rules := network.EmulateNetworkConditionsByRuleParams{EmulateOfflineServiceWorker: &off,
		MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1, Offline: off}}}
	_, err := chromedp.Call(tab.Ctx, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(tab.Ctx, network.OverrideNetworkState, state)
	}
	if err == nil {
		_, err = chromedp.Call(tab.Ctx, network.EmulateNetworkConditionsByRule, rules)
	}
	if err != nil {
		tab.t.Fatalf("unplugging the network: %v", err)
	}
}

// Slow makes the processor of the tab so many times slower; 1 is its own speed.
func (tab *Tab) Slow(times float64) {
	tab.t.Helper()
	if _, err := chromedp.Call(tab.Ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times}); err != nil {
		tab.t.Fatalf("slowing the processor: %v", err)
	}
}

// At makes the tab stand somewhere, and lets the pages of origin ask where.
func (tab *Tab) At(origin string, lon, lat float64) {
	tab.t.Helper()
	accuracy := 5.0
	leave := browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "geolocation"}, Setting: browser.PermissionSettingGranted, Origin: origin,
		BrowserContextID: chromedp.FromContext(tab.Ctx).BrowserContextID}
	_, err := chromedp.CallBrowser(tab.Ctx, browser.SetPermission, leave)
	if err == nil {
		_, err = chromedp.Call(tab.Ctx, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Longitude: &lon, Latitude: &lat, Accuracy: &accuracy})
	}
	if err != nil {
		tab.t.Fatalf("standing somewhere: %v", err)
	}
}
