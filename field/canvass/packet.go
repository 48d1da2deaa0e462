package canvass

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
)

// State says whether a packet can still be worked with.
type State string

// The states.
const (
	Open     State = "open"
	Recalled State = "recalled"
	Ended    State = "ended"
	Foreign  State = "unknown" // none of this device's
)

// Packet is what one phone was given.
type Packet struct {
	ID            string    `db:"id"`
	Map           int64     `db:"map_id"`
	Turf          int64     `db:"turf_id"` // 0: doors taken from a whole map
	Handout       int64     `db:"handout_id"`
	Device        string    `db:"device_id"`
	Account       int64     `db:"account_id"`
	Script        int64     `db:"script_id"`
	ScriptVersion int64     `db:"script_version"`
	Doors         int       `db:"doors"`
	Hash          string    `db:"hash"`
	Content       string    `db:"content"`
	Made          time.Time `db:"made_at"`
	Ends          time.Time `db:"ends_at"`
	Returned      time.Time `db:"returned_at"`
	Recalled      time.Time `db:"recalled_at"` // of its hand-out
	MapName       string    `db:"map_name"`
	TurfName      string    `db:"turf_name"`
	TurfNumber    int       `db:"turf_number"` // on its map; 0 when it was cut anew
}

func (p Packet) object() string { return "field_canvass_packet/" + p.ID }

// State returns whether it can still be worked with.
func (p Packet) State(now time.Time) State {
	switch {
	case !p.Recalled.IsZero():
		return Recalled
	case !p.Returned.IsZero() || !now.Before(p.Ends):
		return Ended
	}
	return Open
}

// over is when work in it is no longer what was agreed: recorded later, it is set aside.
func (p Packet) over() time.Time {
	if !p.Recalled.IsZero() && p.Recalled.Before(p.Ends) {
		return p.Recalled
	}
	return p.Ends
}

// held is what a packet holds, as kept: all doors and people that ever were in it.
type held struct {
	Doors []heldDoor `json:"doors"`
}

type heldDoor struct {
	Key    string  `json:"key"`
	People []int64 `json:"people"`
}

func (h held) door(key string) (heldDoor, bool) {
	i := slices.IndexFunc(h.Doors, func(d heldDoor) bool { return d.Key == key })
	if i < 0 {
		return heldDoor{}, false
	}
	return h.Doors[i], true
}

// with adds what is in the turf now. Nothing is taken away: a phone may still have what it got before.
func (h held) with(c turfstore.Content) held {
	for _, d := range c.Doors {
		key := doorID(d.Key)
		i := slices.IndexFunc(h.Doors, func(x heldDoor) bool { return x.Key == key })
		if i < 0 {
			i = len(h.Doors)
			h.Doors = append(h.Doors, heldDoor{Key: key})
		}
		for _, p := range d.People {
			if !slices.Contains(h.Doors[i].People, p.ID) {
				h.Doors[i].People = append(h.Doors[i].People, p.ID)
			}
		}
	}
	return h
}

func (p Packet) held() (h held, err error) {
	if err := json.Unmarshal([]byte(p.Content), &h); err != nil {
		return h, fmt.Errorf("reading packet %s: %w", p.ID, err)
	}
	return h, nil
}

func doorID(key int64) string { return strconv.FormatInt(key, 10) }

func errNoPacket() *fault.Error {
	return fault.NotFoundf("There is no such packet for this phone.")
}

// issue makes a packet of a hand-out for a device, without its text: that is made when the phone takes it along.
func (s *Store) issue(ctx context.Context, tx *db.Tx, a org.Actor, d offline.Device, h turfstore.Handout, id string, c turfstore.Content, ends time.Time) (Packet, error) {
	now := s.c.Now()
	content, err := json.Marshal(held{}.with(c))
	if err != nil {
		return Packet{}, fmt.Errorf("keeping what is in a packet: %w", err)
	}
	p := Packet{ID: id, Map: int64(h.Map), Turf: int64(h.Turf), Handout: int64(h.ID), Device: d.ID, Account: int64(a.Account()), Script: h.Script, ScriptVersion: h.ScriptVersion,
		Doors: len(c.Doors), Content: string(content), Made: now, Ends: ends, MapName: h.MapName, TurfName: h.TurfName}
	if err := insertPacket(ctx, tx, int64(a.Org()), p); err != nil {
		return p, fmt.Errorf("making a packet: %w", err)
	}
	return p, nil
}

// Packets returns what a device may take along, and makes packets of what was handed out to its person meanwhile. Maps whose doors phones take as they
// go come apart from them.
func (s *Store) Packets(ctx context.Context, d offline.Device, a org.Actor) ([]Packet, []turfstore.Handout, error) {
	ctx = a.Within(ctx)
	handouts, err := s.handouts(ctx, d, a)
	if err != nil {
		return nil, nil, err
	}
	have, err := packetsOf(ctx, s.c.DB, int64(a.Org()), d.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the packets of a phone: %w", err)
	}
	var maps []turfstore.Handout
	for _, h := range handouts {
		if h.Turf == 0 {
			maps = append(maps, h)
			continue
		}
		if slices.ContainsFunc(have, func(p Packet) bool { return p.Handout == int64(h.ID) }) {
			continue
		}
		p, err := s.give(ctx, d, a, h)
		if err != nil {
			return nil, nil, err
		}
		have = append(have, p)
	}
	now := s.c.Now()
	have = slices.DeleteFunc(have, func(p Packet) bool { return p.State(now) != Open && now.Sub(p.over()) > forgetAfter })
	return have, maps, nil
}

// forgetAfter is how long a packet that is over is still named to its phone.
const forgetAfter = 30 * 24 * time.Hour

// give makes the packet of one hand-out for a device, once.
func (s *Store) give(ctx context.Context, d offline.Device, a org.Actor, h turfstore.Handout) (p Packet, err error) {
	err = s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := db.Lock(ctx, tx, "field_canvass_packet/"+d.ID); err != nil {
			return err
		}
		have, err := packetsOf(ctx, tx, int64(a.Org()), d.ID)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(have, func(p Packet) bool { return p.Handout == int64(h.ID) }); i >= 0 {
			p = have[i]
			return nil
		}
		c, err := s.c.Turfs.Doors(ctx, tx, a, h.Turf)
		if err != nil {
			return err
		}
		if p, err = s.issue(ctx, tx, a, d, h, offline.NewID(), c, h.Ends); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindJoin, Object: p.object(), Data: map[string]any{"turf": p.Turf, "map": p.Map, "handout": p.Handout, "device": d.ID, "doors": p.Doors}})
		return err
	})
	return p, err
}

// handouts returns the live hand-outs of a device: those of its person, and those whose numbers were typed into it.
func (s *Store) handouts(ctx context.Context, d offline.Device, a org.Actor) ([]turfstore.Handout, error) {
	all, err := s.c.Turfs.For(ctx, s.c.DB, a)
	if err != nil {
		return nil, err
	}
	joined, err := joinedBy(ctx, s.c.DB, int64(a.Org()), d.ID)
	if err != nil {
		return nil, fmt.Errorf("reading what a phone was let in to: %w", err)
	}
	for _, id := range joined {
		h, err := s.c.Turfs.Handout(ctx, s.c.DB, a, turfstore.HandoutID(id))
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if h.Live(s.c.Now()) && !slices.ContainsFunc(all, func(x turfstore.Handout) bool { return x.ID == h.ID }) {
			all = append(all, h)
		}
	}
	return all, nil
}

// Take returns a packet as it is now, signed, and records that it left.
func (s *Store) Take(ctx context.Context, d offline.Device, a org.Actor, id string) (Signed, error) {
	ctx = a.Within(ctx)
	p, err := packetByID(ctx, s.c.DB, int64(a.Org()), id)
	if errors.Is(err, db.ErrNone) || err == nil && p.Device != d.ID {
		return Signed{}, errNoPacket()
	}
	if err != nil {
		return Signed{}, fmt.Errorf("reading a packet: %w", err)
	}
	if p.State(s.c.Now()) != Open {
		return Signed{}, fault.Conflictf("This turf was taken back, or its time is over. Ask whoever leads the canvass for another.")
	}
	was, err := p.held()
	if err != nil {
		return Signed{}, err
	}
	c, err := s.contentOf(ctx, a, p, was)
	if err != nil {
		return Signed{}, err
	}
	text, version, err := s.text(ctx, a, p, c)
	if err != nil {
		return Signed{}, err
	}
	content, err := json.Marshal(was.with(c))
	if err != nil {
		return Signed{}, fmt.Errorf("keeping what is in a packet: %w", err)
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	err = s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tookPacket(ctx, tx, int64(a.Org()), p.ID, hash, string(content), len(c.Doors), version); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindPacket, Object: p.object(), Data: map[string]any{"turf": p.Turf, "map": p.Map, "device": d.ID, "doors": len(c.Doors),
			"people": c.People, "hash": hash}})
		return err
	})
	return s.key.sign(text), err
}

// contentOf reads the doors of a packet as they are now.
func (s *Store) contentOf(ctx context.Context, a org.Actor, p Packet, was held) (turfstore.Content, error) {
	if p.Turf != 0 {
		return s.c.Turfs.Doors(ctx, s.c.DB, a, turfstore.TurfID(p.Turf))
	}
	keys := make([]int64, 0, len(was.Doors))
	for _, d := range was.Doors {
		key, err := strconv.ParseInt(d.Key, 10, 64)
		if err != nil {
			return turfstore.Content{}, fmt.Errorf("reading packet %s: %w", p.ID, err)
		}
		keys = append(keys, key)
	}
	return s.c.Turfs.MapDoors(ctx, s.c.DB, a, turfstore.MapID(p.Map), keys)
}

// scriptOf returns the script of a packet. Once the packet was taken along it is that version for good; 0 is none yet.
func (s *Store) scriptOf(ctx context.Context, r db.Reader, a org.Actor, p Packet, version int64) (*scriptstore.Packet, error) {
	if p.Script == 0 {
		return nil, nil
	}
	x, err := s.c.Scripts.Packet(ctx, r, a, scriptstore.ID(p.Script), version)
	if fault.KindOf(err) == fault.NotFound { // deleted or never published: one can walk without words
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the script of a packet: %w", err)
	}
	return &x, nil
}

// States returns whether packets that a device holds can still be worked with. What it does not name and took from a whole map, it has given back.
func (s *Store) States(ctx context.Context, d offline.Device, a org.Actor, ids []string) (map[string]State, error) {
	ctx = a.Within(ctx)
	mine, err := packetsOf(ctx, s.c.DB, int64(a.Org()), d.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the packets of a phone: %w", err)
	}
	now := s.c.Now()
	m := make(map[string]State, len(ids))
	for _, id := range ids {
		m[id] = Foreign
	}
	for _, p := range mine {
		if _, asked := m[p.ID]; asked {
			m[p.ID] = p.State(now)
		} else if p.Turf == 0 && p.Hash != "" && p.Returned.IsZero() && now.Sub(p.Made) > fetchTime && p.State(now) == Open {
			if err := s.giveBack(ctx, a, p); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// fetchTime is how long a phone may take from being given doors to naming them.
const fetchTime = 15 * time.Minute

func (s *Store) giveBack(ctx context.Context, a org.Actor, p Packet) error {
	return s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := returnPacket(ctx, tx, int64(a.Org()), p.ID, s.c.Now()); err != nil {
			return err
		}
		n, err := s.c.Turfs.Release(ctx, tx, a, p.ID)
		if err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindReturn, Object: p.object(), Data: map[string]any{"doors": n}})
		return err
	})
}
