package canvasspage

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/canvass/app"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// stub is a server that speaks the wire of the phone app and does what a test wants: it forgets, cuts its answers, revokes. It knows nothing of lists.
type stub struct {
	t    testing.TB
	site *webtest.Site
	key  ed25519.PrivateKey
	box  hpke.PrivateKey // of parcels

	mu      sync.Mutex
	events  map[string]event
	order   []string
	packets map[string]string // text by id
	forged  map[string]bool
	states  map[string]string
	asked   map[string]int // requests by path
	aside   map[string]string
	most    int // events in one request; more answer 413
	largest int // events in one request so far
	revoked bool
	unknown bool
	down    bool          // no answer to anything
	ground  int           // the map whose nearest doors may be taken; 0 none
	fate    func() string // of a sync: "" well, "drop" before it is read, "cut" after it is kept
	wrap    string
	parcels [][]byte
	built   fs.FS // what the worker is made from
}

// Open is fs.FS over whatever a test put into built.
func (s *stub) Open(name string) (fs.File, error) { return s.built.Open(name) }

type event struct {
	ID     string         `json:"id"`
	Seq    int            `json:"seq"`
	At     int64          `json:"at"`
	Packet string         `json:"packet"`
	Kind   string         `json:"kind"`
	Door   string         `json:"door"`
	Person any            `json:"person"`
	Data   map[string]any `json:"data"`
}

const (
	stubToken  = "token-of-the-device"
	stubNumber = "4821730"
	packetID   = "00112233445566778899aabbccddeeff"
)

func newStub(t testing.TB) *stub {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	box, err := hpke.DHKEM(ecdh.P256()).GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, 32)
	_, _ = rand.Read(half)
	s := &stub{t: t, key: key, box: box, events: map[string]event{}, packets: map[string]string{}, forged: map[string]bool{}, states: map[string]string{}, asked: map[string]int{},
		aside: map[string]string{}, most: 500, wrap: base64.StdEncoding.EncodeToString(half), fate: func() string { return "" }, built: os.DirFS("..")}
	routes := AppRoutes(App{Built: s, SignIn: "/sign-in", Parcel: func() ([]byte, error) { return box.PublicKey().Bytes(), nil }, Keys: func(context.Context) ([]Key, error) { return s.public(), nil }})
	for path, handle := range map[string]func(*web.Visit) error{
		"POST /canvass/join": s.join, "GET /canvass/packets": s.list, "GET /canvass/packet/{id}": s.packet, "POST /canvass/sync": s.sync, "GET /canvass/wrap": s.half, "POST /canvass/near": s.near, "POST /canvass/parcel": s.parcel, "GET /canvass/keys": s.keyPage,
	} {
		method, path, _ := strings.Cut(path, " ")
		routes = append(routes, web.Route{Method: method, Path: path, Permit: permit.Public, Handle: s.counted(path, handle), Body: 4 << 20})
	}
	h := webtest.NewHouse()
	s.site = webtest.Serve(t, web.Config{Routes: routes, Sessions: h, Seats: h, Assets: []fs.FS{os.DirFS("../built")}}, app.Spanish)
	return s
}

func (s *stub) public() []Key {
	public, _ := s.key.Public().(ed25519.PublicKey)
	return []Key{{ID: "0011223344556677", Public: base64.StdEncoding.EncodeToString(public)}}
}

// counted counts what is asked, answers one request at a time, and not at all while the server is down.
func (s *stub) counted(path string, handle func(*web.Visit) error) func(*web.Visit) error {
	return func(v *web.Visit) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked[path]++
		if s.down {
			panic(http.ErrAbortHandler)
		}
		if path != "/canvass/join" && path != "/canvass/keys" && path != "/canvass/parcel" && v.R.Header.Get("Authorization") != "Bearer "+stubToken || s.unknown {
			return v.JSON(http.StatusUnauthorized, map[string]any{"error": "This phone is not known here.", "wipe": false})
		}
		return handle(v)
	}
}

func (s *stub) join(v *web.Visit) error {
	var asked struct{ Number, Name, Lang string }
	if err := json.NewDecoder(v.R.Body).Decode(&asked); err != nil {
		return err
	}
	if asked.Number != stubNumber {
		return v.JSON(http.StatusNotFound, map[string]any{"error": "There is no such list number, or it has ended."})
	}
	ids := []string{}
	for id := range s.packets {
		ids = append(ids, id)
	}
	return v.JSON(http.StatusCreated, map[string]any{"device": "0f", "token": stubToken, "wrap": s.wrap, "packets": ids, "expires": 0, "name": asked.Name, "org": 3, "orgName": "Lakeshore Neighbors"})
}

func (s *stub) list(v *web.Visit) error {
	all := []any{}
	for id := range s.packets {
		all = append(all, map[string]any{"id": id, "turf": "Turf 14", "map": "Cedar Hill", "doors": 20, "state": s.state(id), "ends": 0})
	}
	if s.ground != 0 {
		all = append(all, map[string]any{"id": "", "turf": "", "map": "Cedar Hill", "near": s.ground, "doors": 20, "state": "open", "ends": 0})
	}
	return v.JSON(http.StatusOK, all)
}

// near makes a packet of the doors nearest to where the phone says it is.
func (s *stub) near(v *web.Visit) error {
	var asked struct {
		Map, Doors int
		At         [2]float64
	}
	if err := json.NewDecoder(v.R.Body).Decode(&asked); err != nil {
		return err
	}
	if asked.Map != s.ground || asked.At != [2]float64{-76.2, 38.9} {
		s.t.Errorf("asked for the doors of %+v", asked)
	}
	const id = "ffeeddccbbaa99887766554433221100"
	s.packets[id] = strings.Replace(turfText(20), packetID, id, 1)
	return v.JSON(http.StatusCreated, map[string]any{"packet": id})
}

func (s *stub) state(id string) string {
	if st := s.states[id]; st != "" {
		return st
	}
	return "open"
}

func (s *stub) packet(v *web.Visit) error {
	text, ok := s.packets[v.R.PathValue("id")]
	if !ok {
		return v.JSON(http.StatusNotFound, map[string]any{"error": "There is no such turf."})
	}
	signature := ed25519.Sign(s.key, []byte(text))
	if s.forged[v.R.PathValue("id")] {
		text = strings.Replace(text, "Aguilar", "Aguilera", 1)
	}
	return v.JSON(http.StatusOK, map[string]any{"packet": text, "signature": base64.StdEncoding.EncodeToString(signature), "key": "0011223344556677"})
}

func (s *stub) half(v *web.Visit) error {
	if s.revoked {
		return v.JSON(http.StatusForbidden, map[string]any{"error": "This phone was signed out.", "wipe": true})
	}
	return v.JSON(http.StatusOK, map[string]any{"wrap": s.wrap})
}

func (s *stub) keyPage(v *web.Visit) error {
	return v.JSON(http.StatusOK, map[string]any{"keys": s.public()})
}

func (s *stub) sync(v *web.Visit) error {
	fate := s.fate()
	if fate == "drop" {
		panic(http.ErrAbortHandler)
	}
	var asked struct {
		Now    int64
		Held   []string
		Events []event
	}
	if err := json.NewDecoder(v.R.Body).Decode(&asked); err != nil {
		return err
	}
	s.largest = max(s.largest, len(asked.Events))
	if len(asked.Events) > s.most {
		return v.JSON(http.StatusRequestEntityTooLarge, map[string]any{"error": "Too many at once.", "most": s.most})
	}
	safe, aside := s.take(asked.Events)
	if fate == "cut" {
		panic(http.ErrAbortHandler)
	}
	packets := []any{}
	for _, id := range asked.Held {
		packets = append(packets, map[string]any{"id": id, "state": s.state(id)})
	}
	return v.JSON(http.StatusOK, map[string]any{"now": asked.Now, "safe": safe, "aside": aside, "packets": packets, "wipe": s.revoked})
}

// take keeps events, each once.
func (s *stub) take(events []event) (safe []string, aside []any) {
	safe, aside = []string{}, []any{}
	for _, e := range events {
		if old, ok := s.events[e.ID]; ok && (old.Seq != e.Seq || old.Kind != e.Kind || old.At != e.At) {
			s.t.Errorf("event %s came as %v and as %v", e.ID, old, e)
		} else if !ok {
			s.order = append(s.order, e.ID)
		}
		s.events[e.ID] = e
		safe = append(safe, e.ID)
		if why := s.aside[e.Kind]; why != "" {
			aside = append(aside, map[string]any{"id": e.ID, "why": why, "es": "Apartada"})
		}
	}
	return safe, aside
}

// parcel opens what another phone handed over.
func (s *stub) parcel(v *web.Visit) error {
	var asked struct{ Parcel []byte }
	if err := json.NewDecoder(v.R.Body).Decode(&asked); err != nil {
		return err
	}
	s.parcels = append(s.parcels, asked.Parcel)
	text, err := s.unpacked(asked.Parcel)
	if err != nil {
		return v.JSON(http.StatusUnprocessableEntity, map[string]any{"error": "This was not sealed by a phone of this site."})
	}
	var inside struct {
		Token  string
		Events []event
	}
	if err := json.Unmarshal(text, &inside); err != nil || inside.Token != stubToken {
		s.t.Errorf("in a parcel is %s: %v", text, err)
	}
	safe, aside := s.take(inside.Events)
	return v.JSON(http.StatusOK, map[string]any{"held": len(safe), "aside": len(aside)})
}

func (s *stub) unpacked(parcel []byte) ([]byte, error) {
	plain, err := hpke.Open(s.box, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("precinct offline parcel 1"), parcel)
	if err != nil || plain[0] == 0 {
		return bytes.TrimPrefix(plain, []byte{0}), err
	}
	return io.ReadAll(flate.NewReader(bytes.NewReader(plain[1:])))
}

// do changes the server between requests.
func (s *stub) do(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// kinds are what the server holds, in the order it came: "attempt not_home".
func (s *stub) kinds() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []string{}
	for _, id := range s.order {
		e := s.events[id]
		word := e.Kind
		for _, k := range []string{"result", "response", "channel", "what", "answer", "text", "first", "house"} {
			if x, ok := e.Data[k]; ok {
				word += " " + fmt.Sprint(x)
				break
			}
		}
		all = append(all, word)
	}
	return all
}

// count is how many events the server holds.
func (s *stub) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events)
}

// --- a turf of a town that does not exist

type (
	object = map[string]any
	both   = map[string]string
)

// turfText is a packet of so many doors, as the server writes it.
func turfText(doors int) string {
	streets := []string{"Cedar St", "Foundry Ln", "Ninth Ave", "Harbor Rd"}
	lasts := []string{"Okafor", "Aguilar", "Castellanos", "Lindqvist", "Achterberg", "Brandt", "Fofanah", "Ocampo", "Whitfield", "Nakamura"}
	firsts := []string{"Rosa Elena", "Martín", "Luz", "Tobias", "Ben", "Ana", "Iván", "Maribel", "Kofi", "Ingrid"}
	all := []object{}
	perSide := max(4, doors/8+1)
	for i := range doors {
		run := i / perSide
		side, base := "even", 1100
		if run%2 == 1 {
			side, base = "odd", 1101
		}
		street := run / 2 % len(streets)
		n := i % perSide
		if side == "odd" {
			n = perSide - 1 - n
		}
		unit := ""
		if i%7 == 3 {
			unit = fmt.Sprint(i%4 + 1)
		}
		at := []float64{-76.2 + float64(n)*0.00028, 38.9 + float64(street)*0.0012}
		if side == "odd" {
			at[1] -= 0.00022
		}
		people := []object{}
		for k := range i%3 + 1 {
			p := object{"id": 1000 + 10*i + k, "first": firsts[(i+k)%len(firsts)], "last": lasts[i%len(lasts)], "age": 24 + (i*7+k*13)%50, "sex": "F", "list": k < 2, "knock": i%9 != 5, "answers": object{}, "codes": []int{}}
			if i%6 == 1 && k == 0 {
				p["before"] = object{"result": "not_home", "at": time.Now().Add(-50 * 24 * time.Hour).UnixMilli()}
				p["answers"] = object{"12": 102}
			}
			people = append(people, p)
		}
		hint := ""
		if i == 1 {
			hint = "Side stair, buzzer broken"
		}
		all = append(all, object{"id": fmt.Sprint(700000000000 + i), "house": fmt.Sprint(base + 2*n), "street": streets[street], "unit": unit, "city": "Port Ansel", "zip": "27001", "at": at, "side": side, "hint": hint, "people": people})
	}
	lines := []object{}
	for k, name := range streets {
		y := 38.9 + float64(k)*0.0012 - 0.00011
		lines = append(lines, object{"name": name, "class": []string{"main", "local", "local", "local"}[k], "line": [][]float64{{-76.2016, y}, {-76.1990, y}, {-76.1964, y + 0.0001}}})
	}
	for k, name := range []string{"First Pl", "Second Pl"} {
		x := -76.2006 + 0.0028*float64(k)
		lines = append(lines, object{"name": name, "class": "local", "line": [][]float64{{x, 38.8990}, {x, 38.9048}}})
	}
	packet := object{
		"v": 1, "id": packetID, "org": 3, "turf": object{"id": 9, "name": "Turf 14", "map": "Cedar Hill"},
		"made": time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "ends": time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339), "canvasser": "Maribel Ocampo",
		"script": turfScript(), "results": turfResults(), "doors": all, "streets": lines,
		"areas":   []object{{"kind": "water", "ring": [][]float64{{-76.2016, 38.9040}, {-76.1964, 38.9042}, {-76.1964, 38.9052}, {-76.2016, 38.9050}}}, {"kind": "park", "ring": [][]float64{{-76.1985, 38.9003}, {-76.1975, 38.9003}, {-76.1975, 38.9010}, {-76.1985, 38.9010}}}},
		"outline": [][]float64{{-76.2004, 38.8994}, {-76.1984, 38.8994}, {-76.1984, 38.9032}, {-76.2004, 38.9032}}, "metres": 1190, "minutes": 74,
	}
	b, _ := json.Marshal(packet)
	return string(b)
}

func turfScript() object {
	say := func(en, es string) both { return both{"en": en, "es": es} }
	return object{"id": 4, "version": 2, "name": "Transit", "v": 1, "languages": []string{"en", "es"},
		"household": []object{{"id": "h1", "kind": "say", "text": say("Hello, I am {canvasser}, a volunteer with Lakeshore Neighbors. Who is at home?", "Buenas tardes, soy {canvasser}, de Lakeshore Neighbors. ¿Quién está en casa?")}},
		"person": []object{
			{"id": "s1", "kind": "question", "question": 12, "text": say("Do you support the transit measure on the November 2 ballot?", "¿Apoya usted la medida de transporte que estará en la boleta el 2 de noviembre?"),
				"responses": []object{{"id": 101, "text": say("Strong yes", "Sí, apoyo firme")}, {"id": 102, "text": say("Leaning yes", "Inclinada a favor")}, {"id": 103, "text": say("Does not know yet", "No sabe todavía")}, {"id": 104, "text": say("Against", "En contra")}}},
			{"id": "s2", "kind": "ask", "codes": []int{35}, "text": say("Would you put a sign in your yard, {first}?", "¿Pondría un letrero en su jardín, {first}?"), "when": []object{{"step": "s1", "is": []int{101, 102}}}},
			{"id": "s3", "kind": "codes", "codes": []int{34, 36}, "text": say("What matters most to you?", "¿Qué le importa más?"), "marks": []object{{"id": 34, "text": say("Buses that run on time", "Autobuses puntuales")}, {"id": 36, "text": say("Safe crossings", "Cruces seguros")}}},
			{"id": "s4", "kind": "say", "text": say("Thank you. The polls close at 8 pm.", "Gracias. Las urnas cierran a las 8 p. m.")},
		}}
}

func turfResults() []object {
	r := func(key, en, es, who string, quick bool) object {
		return object{"key": key, "text": both{"en": en, "es": es}, "for": who, "quick": quick}
	}
	return []object{r("not_home", "Not home", "No estaba en casa", "any", true), r("refused", "Refused to talk", "No quiso hablar", "any", true), r("moved", "Has moved", "Se mudó", "person", true), r("inaccessible", "Could not get to the door", "No se pudo llegar a la puerta", "door", true),
		r("lit_dropped", "Left literature", "Se dejó material", "any", false), r("call_back", "Come or call back", "Volver o llamar después", "any", false), r("language", "No language in common", "Sin idioma en común", "any", false),
		r("deceased", "Deceased", "Falleció", "person", false), r("do_not_knock", "Asked not to be visited", "Pidió que no se le visite", "any", false)}
}
