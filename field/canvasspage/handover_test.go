package canvasspage

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/web/webtest"
)

// TestSealing holds the app's HPKE to Go's.
func TestSealing(t *testing.T) {
	s := newStub(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.site.URL + "/healthz")
	engine(t, tab, `export { seal } from "../../../internal/web/offline/_hpke"; export { base64, unbase64, utf8 } from "../../../internal/web/offline/_bytes"`)
	for _, text := range []string{"", "a", strings.Repeat("Rosa Elena, ", 5000)} {
		key, err := hpke.DHKEM(ecdh.P256()).GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		to := base64.StdEncoding.EncodeToString(key.PublicKey().Bytes())
		got := webtest.Eval[string](tab, fmt.Sprintf(`T.seal(T.unbase64(%q), T.utf8("for a test"), T.utf8(%q)).then(T.base64)`, to, text))
		box, err := base64.StdEncoding.DecodeString(got)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("for a test"), box)
		if err != nil || string(plain) != text {
			t.Errorf("%d letters: %.40q %v", len(text), plain, err)
		}
		if _, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("for another"), box); err == nil {
			t.Error("a box opens for another use")
		}
	}
}

// TestPiecesComeTogether gathers pieces mixed up, twice, between those of others, and damaged.
func TestPiecesComeTogether(t *testing.T) {
	s := newStub(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.site.URL + "/healthz")
	engine(t, tab, `export { pieces, Gathering, base32, unbase32, letter, fromLetter } from "../../../internal/web/offline/_parcel"`)
	got := webtest.Eval[[]string](tab, `(async () => {
		const said = [], say = (what, ok) => { if (!ok) said.push(what); };
		const same = (a, b) => a && b && a.length === b.length && a.every((x, i) => x === b[i]);
		for (const n of [0, 1, 2, 3, 4, 5, 6, 369, 370, 371, 5000]) {
			const b = crypto.getRandomValues(new Uint8Array(n));
			say("base 32 of " + n, same(T.unbase32(T.base32(b)), b));
			if (n) say("a letter of " + n, same(T.fromLetter(T.letter(b, "two\nlines")), b));
		}
		const one = crypto.getRandomValues(new Uint8Array(3000)), two = crypto.getRandomValues(new Uint8Array(700));
		const [p, q] = [await T.pieces(one), await T.pieces(two)];
		say("pieces", p.length === 9 && q.length === 2 && p.every(x => /^[0-9A-Z:]+$/.test(x) && x.length <= 619));
		const g = new T.Gathering();
		for (const x of [...p].reverse().slice(0, 8)) say("taken", g.add(x) && g.add(x));
		say("not whole", g.have === 8 && g.count === 9 && !(await g.whole()));
		for (const x of ["", "4821-730", "PRC1:", p[0] + "0", p[0].toLowerCase(), p[0].replace(":1:", ":0:"), p[0].replace(":1:", ":10:")]) say("strange " + x, !g.add(x) && g.have === 8);
		g.add(p[0]);
		say("whole", same(await g.whole(), one));
		for (const x of q) g.add(x);
		say("another", same(await g.whole(), two));
		const bad = p[3].slice(0, -1) + (p[3].endsWith("A") ? "B" : "A");
		for (const x of [...p.slice(0, 3), bad, ...p.slice(4)]) g.add(x);
		say("damaged", g.count === 9 && !(await g.whole()) && g.count === 0);
		for (const x of p) g.add(x);
		say("again", same(await g.whole(), one));
		say("no letter", !T.fromLetter("") && !T.fromLetter("hello") && !T.fromLetter("PRECINCT-PARCEL-1\nx\n***"));
		return said;
	})()`)
	if len(got) > 0 {
		t.Errorf("wrong: %q", got)
	}
}

// camera has the phone's camera see pictures, one after the other.
func (p *phone) camera(pictures ...string) {
	p.t.Helper()
	list, err := json.Marshal(pictures)
	if err != nil {
		p.t.Fatal(err)
	}
	webtest.Eval[bool](p.Tab, fmt.Sprintf(`(async () => {
		const all = await Promise.all(%s.map(async s => { const i = new Image(); i.src = s; await i.decode(); return i; }));
		const c = document.createElement("canvas"), pen = c.getContext("2d");
		[c.width, c.height] = [640, 480];
		let n = 0;
		clearInterval(globalThis.showing);
		globalThis.showing = setInterval(() => { pen.fillStyle = "#ccc"; pen.fillRect(0, 0, 640, 480); pen.imageSmoothingEnabled = false; pen.drawImage(all[n++ %% all.length], 90, 10, 462, 462); }, 200);
		globalThis.asked = 0;
		navigator.mediaDevices.getUserMedia = async () => { asked++; return globalThis.stream = c.captureStream(10); };
		return true;
	})()`, list))
}

// code draws a QR code in the tab of a phone and returns it as a picture.
func (p *phone) code(text string) string {
	p.t.Helper()
	engine(p.t, p.Tab, `import encodeQR from "qr"; export const draw = text => { const b = encodeQR(text, "raw", { border: 4 }), c = document.createElement("canvas"), k = c.getContext("2d"); c.width = c.height = b.length; b.forEach((r, y) => r.forEach((d, x) => { k.fillStyle = d ? "#000" : "#fff"; k.fillRect(x, y, 1, 1); })); return c.toDataURL(); }`)
	return webtest.Eval[string](p.Tab, fmt.Sprintf("T.draw(%q)", text))
}

func TestAListNumberIsScanned(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.open()
	p.see("Start canvassing")
	p.kept()
	mine, other, strange := p.code(s.site.URL+"/canvass#4821-730"), p.code("https://elsewhere.example/canvass#4821-730"), p.code("https://example.org/menu")
	p.camera(strange)
	p.Unplug(true) // a code is read without a network
	if asked := webtest.Eval[int](p.Tab, "asked"); asked != 0 {
		t.Error("the camera is asked for before somebody wants it")
	}
	p.tap("Scan the code on the paper")
	p.see("This code is of something else")
	p.look("scan-en")
	p.camera(other)
	p.tap("Back")
	p.see("Start canvassing")
	p.tap("Scan the code on the paper")
	p.see("This code belongs to another site, elsewhere.example.")
	p.tap("Back")
	p.see("Start canvassing")
	p.camera(mine)
	webtest.Eval[bool](p.Tab, `globalThis.BarcodeDetector = class { static getSupportedFormats() { return Promise.resolve(["qr_code"]); } detect() { return Promise.reject(new Error("not here")); } }, true`)
	p.tap("Scan the code on the paper")
	p.until(`[...document.querySelectorAll("input")].some(i => i.value === "4821-730")`, "the number is not filled in")
	if on := webtest.Eval[bool](p.Tab, `stream.getTracks().some(t => t.readyState === "live")`); on {
		t.Error("the camera stays on")
	}
	webtest.Eval[bool](p.Tab, `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); }, true`)
	p.tap("Scan the code on the paper")
	p.see("The camera is not allowed here.")
	p.look("scan-denied-en")
	if ok := webtest.Eval[bool](p.Tab, `document.featurePolicy ? document.featurePolicy.allowsFeature("camera") && !document.featurePolicy.allowsFeature("microphone") : true`); !ok {
		t.Error("the page may not ask for the camera, or may for the microphone")
	}
}

// noise is a note that cannot be made smaller.
var noise = func() string {
	b := make([]byte, 300)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}()

// outOfSignal is a phone with four events that nobody has heard of: too much for one picture.
func outOfSignal(t *testing.T, b *webtest.Chromium, s *stub) *phone {
	t.Helper()
	p := newPhone(t, b, s)
	p.join()
	p.Unplug(true)
	p.tap("Next door:")
	p.tap("Not home")
	p.tap("Next door:")
	p.tap("Martín")
	p.tap("Strong yes")
	p.tap("Add a note")
	p.see("the microphone is on your keyboard")
	p.fill("Note", noise)
	p.tap("Save the note")
	p.see("No signal. 4 answers are kept on this phone.")
	p.tap("Back")
	p.tap("Back")
	p.tap("More")
	p.tap("What is on this phone")
	p.tap("Hand over to a nearby phone")
	p.see("4 answers wait here.")
	return p
}

// onlyOnce has the phone whose answers were handed over find signal: the server holds what it held.
func onlyOnce(t *testing.T, p *phone) {
	t.Helper()
	want := []string{"attempt not_home", "attempt reached", "answer 101", "note " + noise}
	if diff := cmp.Diff(want, p.stub.kinds()); diff != "" {
		t.Errorf("the server holds (-want +got)\n%s", diff)
	}
	p.Unplug(false)
	p.tap("Back")
	p.tap("Try to send now")
	p.holds(4)
	if diff := cmp.Diff(want, p.stub.kinds()); diff != "" {
		t.Errorf("the server holds (-want +got)\n%s", diff)
	}
}

// TestAnswersGoByTheCameraOfANearbyPhone shows what waits on one phone to the camera of another.
func TestAnswersGoByTheCameraOfANearbyPhone(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	b := webtest.Browser(t)
	from, to := outOfSignal(t, b, s), newPhone(t, b, s)
	from.see("pictures, again and again")
	from.look("handover-en")
	pictures := map[string]string{}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		shown := webtest.Eval[[]string](from.Tab, `(c => [c.dataset.piece, c.toDataURL()])(document.querySelector(".codes canvas"))`)
		pictures[shown[0]] = shown[1]
		if n := 0; len(pictures) > 1 {
			_, _ = fmt.Sscanf(strings.Split(shown[0], ":")[3], "%d", &n)
			if len(pictures) == n {
				break
			}
		}
	}
	var all []string
	for _, p := range pictures {
		all = append(all, p)
	}
	to.open()
	to.see("Start canvassing")
	to.camera(all...)
	to.tap("Scan the code on the paper")
	to.see("4 answers of another phone are on the server now.")
	to.look("carried-en")
	onlyOnce(t, from)
	for _, secret := range []string{stubToken, "not_home", packetID} {
		if strings.Contains(string(s.parcels[0]), secret) {
			t.Errorf("%q can be read in what another phone carries", secret)
		}
	}
}

// TestAnswersGoAsAFile saves what waits as a file, opens it on a phone without signal, which is closed and opened again before it finds some.
func TestAnswersGoAsAFile(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	b := webtest.Browser(t)
	from, to := outOfSignal(t, b, s), newPhone(t, b, s)
	webtest.Eval[bool](from.Tab, `navigator.canShare = () => true, navigator.share = async ({ files }) => { globalThis.shared = await files[0].text(); }, true`)
	from.see("pictures, again and again")
	from.until(`[...document.querySelectorAll("button")].some(b => /as a file/.test(b.innerText))`, "there is no file")
	from.until(`[...document.querySelectorAll("button")].find(b => /as a file/.test(b.innerText)).click() ?? "shared" in globalThis`, "no file was shared")
	letter := webtest.Eval[string](from.Tab, "shared")

	to.open()
	to.see("Start canvassing")
	to.kept()
	open := func(text string) {
		to.tap("Scan the code on the paper")
		to.see("This code is of something else")
		webtest.Eval[bool](to.Tab, fmt.Sprintf(`(i => { const d = new DataTransfer(); d.items.add(new File([%q], "x.txt", { type: "text/plain" })); i.files = d.files; i.dispatchEvent(new Event("change")); return true; })(document.getElementById("letter"))`, text))
	}
	to.camera(to.code("https://example.org/menu")) // what it says about that does not stay in the way
	open("Dear friends")
	to.see("This file was not saved by")
	to.tap("Back")
	to.see("Start canvassing")
	to.Unplug(true)
	open(letter)
	to.see("Answers of another phone are on this phone now, sealed.")
	to.open() // closed and opened again
	to.see("What another phone handed over waits here")
	to.look("carrying-en")
	if s.count() != 0 {
		t.Fatalf("the server holds %v before anything was delivered", s.kinds())
	}
	to.Unplug(false)
	to.see("4 answers of another phone are on the server now.")
	to.camera(to.code("https://example.org/menu"))
	damaged := strings.Replace(letter, letter[len(letter)-9:], "AAAAAAAA\n", 1)
	open(damaged)
	to.see("This was not sealed by a phone of this site.")
	onlyOnce(t, from)
}
