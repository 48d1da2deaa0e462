package canvasspage

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// API is what the phone app asks the server: JSON over HTTPS. A phone shows its token, which is the fence of these routes; cookies play no part but
// where somebody who is signed in lets their own phone in.
type API struct {
	Canvass *canvass.Store
	Words   *words.Catalog
}

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// SiteKeys returns the keys with which packets are signed, for the app's shell.
func SiteKeys(c *canvass.Store) func(context.Context) ([]Key, error) {
	return func(context.Context) ([]Key, error) {
		var all []Key
		for _, k := range c.Keys() {
			all = append(all, Key(k))
		}
		return all, nil
	}
}

// Bodies of requests, at most: a phone sends 500 events of 16 KiB in the worst case, but never that worst.
const (
	syncBody   = 4 << 20
	parcelBody = offline.MostParcel*4/3 + 1<<10 // as base64
	smallBody  = 16 << 10
)

// APIRoutes returns the routes of the phone app.
func APIRoutes(a API) []web.Route {
	route := func(method, path string, body int64, handle func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: path, Permit: permit.Public, Handle: handle, Body: body}
	}
	return []web.Route{
		route(http.MethodGet, "/canvass/keys", 0, a.keys),
		route(http.MethodPost, "/canvass/join", smallBody, a.join),
		route(http.MethodGet, "/canvass/packets", 0, a.device(a.packets)),
		route(http.MethodGet, "/canvass/packet/{id}", 0, a.device(a.packet)),
		route(http.MethodPost, "/canvass/near", smallBody, a.device(a.near)),
		route(http.MethodGet, "/canvass/wrap", 0, a.device(a.wrap)),
		route(http.MethodPost, "/canvass/sync", syncBody, a.sync),
		route(http.MethodPost, "/canvass/parcel", parcelBody, a.parcel),
	}
}

func errUnread() *fault.Error {
	return fault.Invalidf("The request could not be read. The app may be older or newer than the site: reload it.")
}

// refuse answers with a sentence in the reader's language.
func refuse(v *web.Visit, status int, f *fault.Error, more map[string]any) error {
	said := map[string]any{"error": web.Say(v.T, f), "reference": v.Reference()}
	for k, x := range more {
		said[k] = x
	}
	return v.JSON(status, said)
}

func errUnknown() *fault.Error {
	return fault.Deniedf("This phone is not known here. Type the list number again.")
}

// failed answers with a fault; an error that is ours is web's to answer.
func failed(v *web.Visit, err error) error {
	if in, ok := web.Inputs(err); ok {
		return refuse(v, http.StatusUnprocessableEntity, in[0].Err, nil)
	}
	f := fault.As(err)
	if f == nil {
		return err
	}
	status := map[fault.Kind]int{fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Denied: http.StatusForbidden,
		fault.Conflict: http.StatusConflict, fault.Busy: http.StatusTooManyRequests}[f.Kind]
	if status == http.StatusTooManyRequests {
		v.W.Header().Set("Retry-After", "60")
	}
	return refuse(v, status, f, nil)
}

// token returns what a phone shows, "" for none.
func token(v *web.Visit) string {
	t, ok := strings.CutPrefix(v.R.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(t)
}

// device answers a phone that is welcome, and tells others what to do.
func (a API) device(handle func(*web.Visit, offline.Device, org.Actor) error) func(*web.Visit) error {
	return func(v *web.Visit) error {
		d, actor, err := a.Canvass.Devices().Welcome(v.R.Context(), token(v))
		switch {
		case errors.Is(err, offline.ErrNoDevice):
			return refuse(v, http.StatusUnauthorized, errUnknown(), map[string]any{"wipe": false})
		case offline.Unwelcome(err):
			return refuse(v, http.StatusForbidden, fault.As(err), map[string]any{"wipe": true})
		case err != nil:
			return err
		}
		if err := handle(v, d, actor); err != nil {
			return failed(v, err)
		}
		return nil
	}
}

func body(v *web.Visit, into any) error {
	b, err := io.ReadAll(v.R.Body)
	if err != nil {
		return err // too large: web says so
	}
	if json.Unmarshal(b, into) != nil {
		return errUnread()
	}
	return nil
}

func (a API) keys(v *web.Visit) error {
	return v.JSON(http.StatusOK, map[string]any{"keys": a.Canvass.Keys()})
}

type joinRequest struct {
	Number  string `json:"number"`
	Name    string `json:"name"`
	Lang    string `json:"lang"`
	Agent   string `json:"agent"`
	Session bool   `json:"session"`
	Org     int64  `json:"org"`
}

func (a API) join(v *web.Visit) error {
	var q joinRequest
	if err := body(v, &q); err != nil {
		return failed(v, err)
	}
	agent := q.Agent + " " + v.R.UserAgent()
	var j canvass.Joined
	var err error
	if q.Session {
		if !v.SignedIn() {
			return refuse(v, http.StatusUnauthorized, fault.Deniedf("Sign in first, in this browser, and come back."), map[string]any{"signIn": true})
		}
		j, err = a.Canvass.JoinAs(v.R.Context(), v.Session, org.ID(q.Org), agent, token(v))
	} else {
		lang, _ := words.ParseLang(q.Lang)
		j, err = a.Canvass.Join(v.R.Context(), canvass.Joining{Number: q.Number, Name: q.Name, Lang: lang, Agent: agent,
			From: account.From{Address: v.Address(), Agent: agent}, Token: token(v)})
	}
	if err != nil {
		return failed(v, err)
	}
	said := map[string]any{"device": j.Device.ID, "token": j.Token, "wrap": "", "packets": ids(j.Packets), "name": j.Actor.Name(), "org": int64(j.Actor.Org()), "orgName": j.Org,
		"expires": millis(j.Ends)}
	if j.Token != "" {
		said["wrap"] = a.wrapped(j.Device)
	}
	return v.JSON(http.StatusCreated, said)
}

func ids(all []canvass.Packet) []string {
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = p.ID
	}
	return out
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func (a API) wrapped(d offline.Device) string {
	w := a.Canvass.Devices().Wrap(d)
	return base64.StdEncoding.EncodeToString(w[:])
}

// offer is a packet that a phone may take, or with Near the map whose nearest free doors it may.
type offer struct {
	ID    string        `json:"id"`
	Turf  string        `json:"turf"`
	Map   string        `json:"map"`
	Near  int64         `json:"near,omitempty"`
	Doors int           `json:"doors"`
	State canvass.State `json:"state"`
	Ends  int64         `json:"ends"`
}

func (a API) packets(v *web.Visit, d offline.Device, actor org.Actor) error {
	packets, maps, err := a.Canvass.Packets(v.R.Context(), d, actor)
	if err != nil {
		return err
	}
	all := []offer{}
	for _, p := range packets {
		all = append(all, offer{ID: p.ID, Turf: p.TurfName, Map: p.MapName, Doors: p.Doors, State: p.State(v.Now), Ends: millis(p.Ends)})
	}
	for _, h := range maps {
		all = append(all, offer{Map: h.MapName, Near: int64(h.Map), Doors: h.DoorsEach, State: canvass.Open, Ends: millis(h.Ends)})
	}
	return v.JSON(http.StatusOK, all)
}

func (a API) packet(v *web.Visit, d offline.Device, actor org.Actor) error {
	signed, err := a.Canvass.Take(v.R.Context(), d, actor, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, signed)
}

func (a API) near(v *web.Visit, d offline.Device, actor org.Actor) error {
	var q struct {
		Map   int64       `json:"map"`
		At    *[2]float64 `json:"at"`
		Doors int         `json:"doors"`
	}
	if err := body(v, &q); err != nil {
		return err
	}
	if q.At == nil {
		return fault.Invalidf("The phone does not say where it is. Let the app use its position, and try again.")
	}
	p, err := a.Canvass.Near(v.R.Context(), d, actor, turfstore.MapID(q.Map), geo.Point{Lon: q.At[0], Lat: q.At[1]}, q.Doors)
	if err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]any{"packet": p.ID})
}

// wrap answers with the half key. The phone of somebody with an account gets it only beside their session: a phone that was found opens nothing by itself.
func (a API) wrap(v *web.Visit, d offline.Device, _ org.Actor) error {
	guest, err := a.Canvass.Guest(v.R.Context(), d)
	if err != nil {
		return err
	}
	if !guest && v.Session.Account != d.Account {
		return refuse(v, http.StatusUnauthorized, fault.Deniedf("Sign in first, in this browser, and come back."), map[string]any{"signIn": true})
	}
	return v.JSON(http.StatusOK, map[string]any{"wrap": a.wrapped(d)})
}

type asideSaid struct {
	ID  string `json:"id"`
	Why string `json:"why"`
	ES  string `json:"es"`
}

type packetState struct {
	ID    string        `json:"id"`
	State canvass.State `json:"state"`
}

// sync takes in what a phone recorded. One that is shut out is heard too: what it still has is kept, and only then is it told to empty itself.
func (a API) sync(v *web.Visit) error {
	d, err := a.Canvass.Devices().Known(v.R.Context(), token(v))
	if errors.Is(err, offline.ErrNoDevice) {
		return refuse(v, http.StatusUnauthorized, errUnknown(), map[string]any{"wipe": false})
	}
	if err != nil {
		return err
	}
	b, err := io.ReadAll(v.R.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooMany(v)
	}
	if err != nil {
		return fmt.Errorf("reading what a phone sent: %w", err)
	}
	batch, err := offline.ParseBatch(b)
	var many *offline.TooMany
	var bad *offline.Unreadable
	switch {
	case errors.As(err, &many):
		return tooMany(v)
	case errors.As(err, &bad):
		return refuse(v, http.StatusUnprocessableEntity, errUnread(), map[string]any{"bad": bad.Index})
	case err != nil:
		return refuse(v, http.StatusUnprocessableEntity, errUnread(), nil)
	}
	return a.received(v, d, batch)
}

// parcel takes in what a phone handed to another, or to whoever sends it: the token of the phone that recorded it is inside. Who carries it learns how much
// it was, and nothing else.
func (a API) parcel(v *web.Visit) error {
	var q struct {
		Parcel []byte `json:"parcel"`
	}
	if err := body(v, &q); err != nil {
		return failed(v, err)
	}
	r, err := a.Canvass.Devices().Carry(v.R.Context(), q.Parcel)
	var many *offline.TooMany
	var bad *offline.Unreadable
	switch {
	case errors.As(err, &many), errors.As(err, &bad), errors.Is(err, offline.ErrParcel):
		return refuse(v, http.StatusUnprocessableEntity, fault.Invalidf("This was not sealed by a phone of this site, or it is damaged. Have it handed over again; the phone it came from still has everything."), nil)
	case fault.As(err) != nil:
		return failed(v, err)
	case err != nil:
		return fmt.Errorf("taking in what a phone handed over: %w", err)
	}
	return v.JSON(http.StatusOK, map[string]any{"held": len(r.Safe), "aside": len(r.Aside)})
}

func tooMany(v *web.Visit) error {
	return refuse(v, http.StatusRequestEntityTooLarge, fault.Invalidf("This is more than can be taken at once: send at most %d records.", offline.MostEvents), map[string]any{"most": offline.MostEvents})
}

func (a API) received(v *web.Visit, d offline.Device, batch offline.Batch) error {
	r, err := a.Canvass.Devices().Receive(v.R.Context(), d, batch)
	if err != nil {
		return err
	}
	packets := []packetState{}
	if !r.Wipe {
		_, actor, err := a.Canvass.Devices().WelcomeOf(v.R.Context(), d)
		if err != nil && !offline.Unwelcome(err) {
			return err
		}
		states, err := a.Canvass.States(v.R.Context(), d, actor, batch.Held)
		if err != nil {
			return err
		}
		for _, id := range batch.Held {
			packets = append(packets, packetState{ID: id, State: states[id]})
		}
	}
	aside := []asideSaid{}
	for _, x := range r.Aside {
		aside = append(aside, asideSaid{ID: x.ID, Why: web.Say(a.Words.In(words.EN), x.Why), ES: web.Say(a.Words.In(words.ES), x.Why)})
	}
	safe := r.Safe
	if safe == nil {
		safe = []string{}
	}
	return v.JSON(http.StatusOK, map[string]any{"now": v.Now.UnixMilli(), "safe": safe, "aside": aside, "packets": packets, "wipe": r.Wipe})
}
