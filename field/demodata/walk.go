package demodata

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Walker is a canvasser of the demo: a program that speaks to the site as a phone does.
type Walker struct {
	Name    string
	Place   int      // among the crew
	Numbers []string // list numbers of turfs, in the order to walk them
	Turfs   []int64  // and these turfs
	Been    []int    // doors of each that are visited already
	Token   string   // of the phone, when it joined before
}

// Walk lets a crew walk until ctx ends or all doors are visited: first what they did in the past hours, then door by door. problem is told what
// went wrong; a phone that cannot be heard tries again. joined is told the token of each phone that was let in.
func Walk(ctx context.Context, origin string, all []Walker, joined func(place int, token string), problem func(error)) {
	var wg sync.WaitGroup
	for _, w := range all {
		wg.Go(func() {
			p := phone{Walker: w, origin: origin, client: &http.Client{Timeout: 20 * time.Second}, chance: rand.New(rand.NewPCG(uint64(time.Now().Unix()), uint64(w.Place))), //nolint:gosec // made-up people
				token: w.Token, joined: joined, seq: time.Now().UnixMilli() / 10} // numbers of a phone only grow, also over a restart
			if err := p.walk(ctx); err != nil && ctx.Err() == nil {
				problem(fmt.Errorf("%s of the demo: %w", w.Name, err))
			}
		})
	}
	wg.Wait()
}

// phone is one canvasser's phone.
type phone struct {
	Walker
	origin  string
	client  *http.Client
	token   string
	chance  *rand.Rand
	joined  func(int, string)
	seq     int64
	packets []packet
	waiting []event
	visits  int
}

type packet struct {
	ID   string `json:"id"`
	Turf struct {
		ID int64 `json:"id"`
	} `json:"turf"`
	Script *struct {
		Person []struct {
			ID        string `json:"id"`
			Kind      string `json:"kind"`
			Question  int64  `json:"question"`
			Responses []struct {
				ID int64 `json:"id"`
			} `json:"responses"`
		} `json:"person"`
	} `json:"script"`
	Doors []door `json:"doors"`
}

type door struct {
	ID     string `json:"id"`
	House  string `json:"house"`
	Street string `json:"street"`
	City   string `json:"city"`
	People []struct {
		ID    int64 `json:"id"`
		Knock bool  `json:"knock"`
	} `json:"people"`
}

type event struct {
	ID     string         `json:"id"`
	Seq    int64          `json:"seq"`
	At     int64          `json:"at"`
	Packet string         `json:"packet"`
	Kind   string         `json:"kind"`
	Door   string         `json:"door"`
	Person any            `json:"person,omitempty"`
	Data   map[string]any `json:"data"`
}

const (
	atDoor   = 95 * time.Second // the shortest visit with the way to it
	longer   = 120              // seconds that it can take beyond
	mostSent = 400              // events in one request
)

// quiet is the walker whose phone finds no network after the first hours: boards have to show that.
const quiet = 7

func (p *phone) walk(ctx context.Context) error {
	if err := p.start(ctx); err != nil {
		return err
	}
	type visit struct {
		packet int
		door   door
	}
	var todo []visit
	begun := false
	for i, x := range p.packets {
		been := min(p.Been[slices.Index(p.Turfs, x.Turf.ID)], len(x.Doors))
		begun = begun || been > 0
		for _, d := range x.Doors[been:] {
			todo = append(todo, visit{i, d})
		}
	}
	at := time.Now().Add(-p.pause())
	if !begun {
		at = at.Add(-time.Duration(30+p.chance.IntN(90)) * time.Minute)
	}
	for i, v := range todo {
		if at = at.Add(p.pause()); at.After(time.Now()) {
			if err := p.tell(ctx); err != nil {
				return err
			}
			if p.Place == quiet {
				return nil
			}
			if i > 0 && time.Until(at) > 0 && !wait(ctx, time.Until(at)) {
				return nil
			}
		}
		p.visit(v.packet, v.door, at)
	}
	return p.tell(ctx)
}

func (p *phone) pause() time.Duration {
	return atDoor + time.Duration(p.chance.IntN(longer))*time.Second
}

// wait reports whether d went by before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// start joins by the list numbers and takes the packets along.
func (p *phone) start(ctx context.Context) error {
	for _, number := range p.Numbers {
		var joined struct {
			Token   string   `json:"token"`
			Packets []string `json:"packets"`
		}
		if err := p.ask(ctx, http.MethodPost, "/canvass/join", map[string]string{"number": number, "name": p.Name, "lang": "en", "agent": "Android"}, &joined); err != nil {
			return err
		}
		if joined.Token != "" {
			p.token = joined.Token
			p.joined(p.Place, p.token)
		}
		for _, id := range joined.Packets {
			if p.has(id) {
				continue
			}
			var signed struct {
				Packet string `json:"packet"`
			}
			if err := p.ask(ctx, http.MethodGet, "/canvass/packet/"+id, nil, &signed); err != nil {
				return err
			}
			var x packet
			if err := json.Unmarshal([]byte(signed.Packet), &x); err != nil {
				return fmt.Errorf("reading a packet: %w", err)
			}
			p.packets = append(p.packets, x)
		}
	}
	for _, x := range p.packets {
		if !slices.Contains(p.Turfs, x.Turf.ID) {
			return fmt.Errorf("a packet of turf %d, which nobody asked for", x.Turf.ID)
		}
	}
	slices.SortFunc(p.packets, func(x, y packet) int { return slices.Index(p.Turfs, x.Turf.ID) - slices.Index(p.Turfs, y.Turf.ID) })
	return nil
}

func (p *phone) has(id string) bool {
	for _, x := range p.packets {
		if x.ID == id {
			return true
		}
	}
	return false
}

// number returns 32 hexadecimal digits.
func (p *phone) number() string {
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(p.chance.IntN(256))
	}
	return hex.EncodeToString(b)
}

// say records one event.
func (p *phone) say(packet int, kind, door string, person any, at time.Time, data map[string]any) {
	p.seq++
	p.waiting = append(p.waiting, event{ID: p.number(), Seq: p.seq, At: at.UnixMilli() + p.seq%50, Packet: p.packets[packet].ID, Kind: kind, Door: door, Person: person, Data: data})
}

// visit is what happens at one door.
func (p *phone) visit(in int, d door, at time.Time) {
	who := int64(0)
	for _, x := range d.People {
		if x.Knock {
			who = x.ID
			break
		}
	}
	if who == 0 {
		return
	}
	p.visits++
	one := func(result string) { p.say(in, "attempt", d.ID, who, at, map[string]any{"result": result}) }
	all := func(result string) { p.say(in, "attempt", d.ID, nil, at, map[string]any{"result": result}) }
	switch r := roll(who, 30); {
	case p.visits == 5 && p.Place == 0:
		p.meet(in, d, who, at)
	case r < 500:
		all("not_home")
	case r < 545:
		all("lit_dropped")
	case r < 610:
		one("refused")
	case r < 630:
		one("moved")
	case r < 642:
		one("language")
	case r < 650:
		one("do_not_knock")
	case r < 975:
		one("reached")
		p.talk(in, d, who, at)
	default:
		one("not_home")
		p.meet(in, d, who, at)
	}
	if p.visits == 9 && p.Place%4 == 0 { // a door of another turf
		p.say(in, "attempt", "1"+d.ID, nil, at, map[string]any{"result": "not_home"})
	}
	if p.visits == 14 && p.Place%4 == 2 {
		p.say(in, "place", "n-"+p.number(), nil, at, map[string]any{"house": d.House, "street": d.Street, "unit": "REAR", "city": d.City})
	}
}

var remarks = []string{"Side stair, the bell is broken.", "Wants to know when the bus hearing is.", "Come back after six.", "Has a big dog, friendly.", "Already spoke with us at the market."}

// talk is a conversation: what the script asks, in its order.
func (p *phone) talk(in int, d door, who int64, at time.Time) {
	if s := p.packets[in].Script; s != nil {
		for i, step := range s.Person {
			r := roll(who, 40+uint64(i))
			switch {
			case step.Kind == "question" && len(step.Responses) > 0 && (i == 0 || r%10 < 7):
				n := min(r*r/1000*len(step.Responses)/1000, len(step.Responses)-1) // the first ones more often
				p.say(in, "answer", d.ID, who, at, map[string]any{"step": step.ID, "question": step.Question, "response": step.Responses[n].ID})
			case step.Kind == "ask" && r < 400:
				p.say(in, "ask", d.ID, who, at, map[string]any{"step": step.ID, "answer": []string{"no", "yes", "maybe", "no"}[r/100]})
			}
		}
	}
	if r := roll(who, 50); r < 60 {
		p.say(in, "note", d.ID, who, at, map[string]any{"text": remarks[r%len(remarks)]})
	}
}

var strangers = []struct{ first, last, wants string }{
	{"Dana", "Whitfield", "Moved here in spring. Wants to register."}, {"Omar", "Haddad", "Would help on a Saturday."}, {"Yolanda", "Prieto", "A ride to the polls."},
	{"Chris", "Ambrose", ""}, {"Thuy", "Pham", "A yard sign."},
}

// meet is somebody at the door who is not on the list.
func (p *phone) meet(in int, d door, who int64, at time.Time) {
	x := strangers[roll(who, 60)%len(strangers)]
	id := "n-" + p.number()
	p.say(in, "met", d.ID, id, at, map[string]any{"first": x.first, "last": x.last, "phone": "55501" + strconv.Itoa(46000+roll(who, 61)), "wants": x.wants})
	p.talk(in, d, who, at)
}

// tell sends what waits until it is safe; without a network it tries again.
func (p *phone) tell(ctx context.Context) error {
	held := make([]string, len(p.packets))
	for i, x := range p.packets {
		held[i] = x.ID
	}
	for failures := 0; len(p.waiting) > 0; {
		now := p.waiting[:min(len(p.waiting), mostSent)]
		err := p.ask(ctx, http.MethodPost, "/canvass/sync", map[string]any{"now": time.Now().UnixMilli(), "held": held, "events": now}, &struct{}{})
		if err == nil {
			p.waiting, failures = p.waiting[len(now):], 0
			continue
		}
		if failures++; failures > 5 || !wait(ctx, time.Duration(failures)*10*time.Second) {
			return err
		}
	}
	return nil
}

// ask sends a request and reads the answer.
func (p *phone) ask(ctx context.Context, method, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, p.origin+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	got, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer got.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(io.LimitReader(got.Body, 4<<20))
	if err != nil {
		return err
	}
	if got.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s answers %d: %s", path, got.StatusCode, text)
	}
	return json.Unmarshal(text, into)
}
