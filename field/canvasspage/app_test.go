package canvasspage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/web/webtest"
)

// phone is a phone with the app open.
type phone struct {
	*webtest.Tab
	t    *testing.T
	stub *stub
}

const pin = "4711"

func newPhone(t *testing.T, b *webtest.Chromium, s *stub) *phone {
	t.Helper()
	p := &phone{Tab: b.Tab(t), t: t, stub: s}
	p.Size(360, 740)
	return p
}

// see waits until words stand on the screen.
func (p *phone) see(words string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.body.innerText.includes(%q)", words), fmt.Sprintf("%q never appears", words))
}

// until waits until a condition holds, also over a page that loads anew.
func (p *phone) until(condition, otherwise string) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		ok, err := chromedp.Run(p.Ctx, chromedp.Evaluate[bool](condition, chromedp.EvalAwaitPromise))
		if err == nil && ok { // an error is a page that is just going
			return
		}
	}
	p.t.Fatalf("%s; on the screen:\n%s", otherwise, webtest.Eval[string](p.Tab, "document.body.innerText"))
}

// tap taps the button or link that says words, or is labelled so.
func (p *phone) tap(words string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll("button, a")].filter(e => e.getClientRects().length);
		const e = all.find(e => (e.getAttribute("aria-label") ?? "") === %[1]q || e.innerText.trim() === %[1]q) ?? all.find(e => e.innerText.includes(%[1]q));
		if (!e) return false;
		e.click();
		return true;
	})()`, words), fmt.Sprintf("nothing to tap says %q", words))
}

// fill types into the input with a label.
func (p *phone) fill(label, text string) {
	p.t.Helper()
	ok := webtest.Eval[bool](p.Tab, fmt.Sprintf(`(() => {
		const l = [...document.querySelectorAll("label")].find(l => l.innerText.trim() === %q);
		if (!l) return false;
		l.control.value = %q;
		return true;
	})()`, label, text))
	if !ok {
		p.t.Fatalf("no input is called %q; on the screen:\n%s", label, webtest.Eval[string](p.Tab, "document.body.innerText"))
	}
}

func (p *phone) open() {
	p.t.Helper()
	p.Open(p.stub.site.URL + "/canvass")
}

// join joins with the list number and a PIN, and sees the doors.
func (p *phone) join() {
	p.t.Helper()
	p.arrive()
	p.see("Next door:")
	p.kept()
}

func (p *phone) arrive() {
	p.t.Helper()
	p.Open(p.stub.site.URL + "/canvass#4821-730")
	p.see("Start canvassing")
	p.fill("Your first name and last name", "Sam Rivera")
	p.tap("Start canvassing")
	p.see("Choose a PIN")
	p.fill("PIN", pin)
	p.fill("The same PIN again", pin)
	p.tap("Lock this phone with the PIN")
}

// kept waits until the service worker holds the app.
func (p *phone) kept() {
	p.t.Helper()
	webtest.Eval[bool](p.Tab, "navigator.serviceWorker.ready.then(() => true)")
}

// unlock types the PIN.
func (p *phone) unlock() {
	p.t.Helper()
	p.see("Locked")
	p.fill("PIN", pin)
	p.tap("Unlock")
}

// holds waits until the server holds so many events.
func (p *phone) holds(want int) {
	p.t.Helper()
	words := fmt.Sprintf("All %d answers are on the server", want)
	if want == 1 {
		words = "Your answer is on the server"
	}
	p.see(words)
	if got := p.stub.count(); got != want {
		p.t.Errorf("the phone says that %d answers are on the server, which holds %d: %v", want, got, p.stub.kinds())
	}
}

// look fails for violations of WCAG 2.2 AA and for anything wider than 320 px, and keeps a picture.
func (p *phone) look(name string) {
	p.t.Helper()
	p.Axe()
	p.Size(320, 740)
	p.Overflow()
	p.Size(360, 740)
	p.Overflow()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		p.Shot(filepath.Join(dir, "app-"+name+"-360.png"))
	}
}

func TestCanvassWithoutSignal(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()

	const next = `document.querySelector("footer .btn.go").innerText`
	first := webtest.Eval[string](p.Tab, next)
	p.tap("Next door:")
	p.see("For the whole door")
	p.tap("Not home")
	p.tap("Undo")
	p.see("Taken back")
	if got := webtest.Eval[string](p.Tab, next); got != first {
		t.Errorf("after a wrong tap at the first door was taken back: %q, want %q", got, first)
	}
	p.tap("Next door:")
	p.see("For the whole door")
	p.tap("Not home")
	p.see("Not home, try again")
	p.see("All 3 answers are on the server")

	p.Unplug(true)
	p.tap("Next door:")
	p.tap("Martín")
	p.see("Do you support the transit measure")
	p.tap("Strong yes")
	p.see("answers are kept on this phone")
	p.tap("Next question")
	p.see("Would you put a sign in your yard, Martín?")
	p.tap("Maybe")
	p.tap("Next question")
	p.tap("Safe crossings")
	p.see("No signal. 4 answers are kept on this phone.")

	p.open() // the tab is killed and opened again, without signal
	p.unlock()
	p.see("What matters most to you?")
	if on := webtest.Eval[string](p.Tab, `document.querySelector('[aria-pressed="true"][data-k^="s3"]')?.innerText ?? ""`); on != "Safe crossings" {
		t.Errorf("after the app was killed the step shows %q as answered", on)
	}
	p.tap("Next question")
	p.tap("Done with Martín")
	p.see("Canvassed")
	p.tap("Luz")
	p.tap("Refused to talk")
	p.see("Next door:")
	p.tap("Undo")
	p.see("Taken back")

	p.Unplug(false)
	p.holds(9)
	want := []string{"attempt not_home", "undo", "attempt not_home", "attempt reached", "answer 101", "ask maybe", "code", "attempt refused", "undo"}
	if diff := cmp.Diff(want, s.kinds()); diff != "" {
		t.Errorf("the server holds (-want +got)\n%s", diff)
	}
	p.tap("More")
	p.tap("What is on this phone")
	p.see("Received")
	if lost := webtest.Eval[string](p.Tab, `[...document.querySelectorAll(".figs dd")].map(e => e.innerText).join(" ")`); lost != "0 9 0" {
		t.Errorf("waiting, on the server, lost: %s", lost)
	}
}

func TestTamperedPacketIsRefused(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	s.forged[packetID] = true
	p := newPhone(t, webtest.Browser(t), s)
	p.arrive()
	p.see("was not signed by this site")
	if strings.Contains(webtest.Eval[string](p.Tab, "document.body.innerText"), "Next door") {
		t.Error("a packet with a wrong signature is used")
	}
	s.do(func() { s.forged[packetID] = false })
	p.tap("Take along")
	p.see("Turf 14 · Cedar Hill")
	p.look("refused-en")
}

// TestEveryViewForEverybody looks at every view in both languages, at phone width.
func TestEveryViewForEverybody(t *testing.T) {
	browser := webtest.Browser(t)
	for _, lang := range []string{"en", "es"} {
		t.Run(lang, func(t *testing.T) {
			s := newStub(t)
			s.packets[packetID] = turfText(20)
			s.aside["fix"] = "The turf was taken back before this came."
			p := newPhone(t, browser, s)
			p.open()
			p.see("List number")
			p.look("start-" + lang)
			p.tap("Start canvassing")
			p.see("Type the list number")
			p.look("start-faults-" + lang)
			p.join()
			if lang == "es" {
				p.tap("More")
				p.tap("Settings")
				p.tap("Español")
				p.see("Ajustes")
				webtest.Eval[bool](p.Tab, "history.back(), true")
			}
			look := func(name string) { p.t.Helper(); p.look(name + "-" + lang) }
			say := func(en, es string) string {
				if lang == "es" {
					return es
				}
				return en
			}
			next := say("Next door:", "Próxima puerta:")
			back := say("Back", "Atrás")
			p.see(next)
			look("doors")
			p.tap(say("Show the map", "Ver el mapa"))
			p.see(say("Next: ", "Siguiente: "))
			look("map")
			p.tap(say("Show the list", "Ver la lista"))
			p.tap(next)
			p.see(say("For the whole door", "Para toda la puerta"))
			p.tap(say("Not home", "No estaba en casa"))
			p.see(say("Undo", "Deshacer"))
			look("toast")
			p.tap(next)
			p.see(say("For the whole door", "Para toda la puerta"))
			look("door")
			p.tap("Martín")
			p.see(say("Step 1 of 3", "Paso 1 de 3"))
			p.tap("Español")
			p.see("¿Apoya usted la medida")
			p.tap("Sí, apoyo firme")
			p.see(say("Step 1 of 4", "Paso 1 de 4"))
			look("person")
			p.tap(say("Next question", "Siguiente pregunta"))
			p.see("¿Pondría un letrero en su jardín, Martín?")
			look("ask")
			p.tap(say("Add a note", "Agregar una nota"))
			p.see(say("Save the note", "Guardar la nota"))
			p.fill(say("Note", "Nota"), "Side stair, buzzer broken")
			look("note")
			p.tap(say("Save the note", "Guardar la nota"))
			p.see(say("Step 2 of 4", "Paso 2 de 4"))
			p.tap(say("Other result", "Otro resultado"))
			p.see(say("Not by phone", "No por teléfono"))
			look("results")
			p.tap(back)
			p.see(say("Step 2 of 4", "Paso 2 de 4"))
			p.tap(say("More about this person", "Más sobre esta persona"))
			p.tap(say("Something here is wrong", "Algo aquí está mal"))
			p.see(say("Has died", "Falleció"))
			look("fix")
			p.tap(say("The name is wrong", "El nombre está mal"))
			p.fill(say("How it should be", "Cómo debe ser"), "Martín José")
			look("fixwords")
			p.tap(say("Send the correction", "Enviar la corrección"))
			p.see(say("For the whole door", "Para toda la puerta"))
			p.tap(say("Add a person", "Agregar a una persona"))
			p.fill(say("First name", "Nombre"), "Yusuf")
			look("met")
			p.tap(say("Add the person", "Agregar a la persona"))
			p.see("Yusuf")
			p.tap(back)
			p.tap(back)
			p.see(next)
			p.tap(say("Add a door that is missing", "Agregar una puerta que falta"))
			p.fill(say("House number", "Número de casa"), "1104")
			p.fill(say("Apartment or unit", "Apartamento o unidad"), "B")
			look("newdoor")
			p.tap(say("Add the door", "Agregar la puerta"))
			p.see("1104 Cedar St")
			p.tap(say("Other result", "Otro resultado"))
			p.tap(say("Not at the door", "No en la puerta"))
			p.see(say("Do not knock", "No tocar la puerta"))
			look("locked")
			p.tap(back)
			p.see(next)
			p.Unplug(true)
			p.tap(next)
			p.tap(say("Not home", "No estaba en casa"))
			p.see(next)
			look("unplugged")
			p.tap(say("More", "Más"))
			p.see(say("Settings", "Ajustes"))
			look("more")
			p.tap(say("What is on this phone", "Lo que hay en este teléfono"))
			p.see(say("Waiting here", "Esperan aquí"))
			look("phone")
			p.tap(say("Hand over to a nearby phone", "Entregar a un teléfono cercano"))
			p.see(say("They are sealed", "Están selladas"))
			look("handover")
			p.tap(back)
			p.see(say("Waiting here", "Esperan aquí"))
			p.tap(back)
			p.tap(say("More", "Más"))
			p.tap(say("Settings", "Ajustes"))
			p.see(say("Size of the text", "Tamaño del texto"))
			look("settings")
			p.tap(say("Very large", "Muy grande"))
			p.tap(back)
			p.see(next)
			look("large")
			p.tap(next)
			look("large-door")
			p.tap(back)
			p.tap(say("More", "Más"))
			p.tap(say("Your turf", "Sus recorridos"))
			look("large-turfs")
			p.tap(say("More", "Más"))
			p.tap(say("Settings", "Ajustes"))
			p.tap(say("Usual", "Habitual"))
			p.tap(back)
			look("turfs")
			p.tap(say("More", "Más"))
			p.tap(say("Lock now", "Bloquear ahora"))
			p.see(say("Forgot the PIN", "Olvidé el PIN"))
			look("unlock")
			p.tap(say("Forgot the PIN", "Olvidé el PIN"))
			look("forgot")
		})
	}
}
