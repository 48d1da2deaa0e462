package offline

import (
	"bytes"
	"compress/flate"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/fault"
)

// parcel seals what a device would send, as a device does.
func (w *world) parcel(token string, how byte, events ...json.RawMessage) []byte {
	w.Helper()
	text, err := json.Marshal(map[string]any{"token": token, "events": events})
	if err != nil {
		w.Fatal(err)
	}
	return w.sealed(append([]byte{how}, packed(w.T, how, text)...))
}

func packed(t testing.TB, how byte, text []byte) []byte {
	t.Helper()
	if how != parcelDeflated {
		return text
	}
	var b bytes.Buffer
	f, err := flate.NewWriter(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (w *world) sealed(plain []byte) []byte {
	w.Helper()
	raw, err := w.ParcelKey()
	if err != nil {
		w.Fatal(err)
	}
	k, err := hpke.DHKEM(ecdh.P256()).NewPublicKey(raw)
	if err != nil {
		w.Fatal(err)
	}
	box, err := hpke.Seal(k, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(parcelInfo), plain)
	if err != nil {
		w.Fatal(err)
	}
	return box
}

func TestAParcelCountsOnceHoweverOftenItComes(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		events := []json.RawMessage{event(id(1), 1, w.at, "attempt", nil), event(id(2), 2, w.at, "wrong", nil), event(id(3), 3, w.at, "answer", nil)}
		for _, how := range []byte{parcelDeflated, parcelPlain, parcelDeflated} {
			got, err := w.Carry(t.Context(), w.parcel(token, how, events...))
			if err != nil || len(got.Safe) != 3 || len(got.Aside) != 1 {
				t.Fatalf("%+v %v", got, err)
			}
		}
		if got := w.send(token, w.at, append(events, event(id(4), 4, w.at, "attempt", nil))...); len(got.Safe) != 4 {
			t.Errorf("the phone itself hears %+v", got)
		}
		if diff := cmp.Diff(map[string]bool{id(1): true, id(3): true, id(4): true}, w.effects(w.org)); diff != "" {
			t.Error(diff)
		}
	})
}

// A phone whose clock is a day ahead hands over what it recorded, and it arrives two days later.
func TestAParcelIsDatedByTheClockOfItsPhone(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		w.send(token, w.at.Add(24*time.Hour)) // heard of
		recorded := w.at.Add(time.Hour)
		p := w.parcel(token, parcelDeflated, event(id(1), 1, recorded.Add(24*time.Hour), "attempt", nil))
		w.at = w.at.Add(48 * time.Hour)
		if _, err := w.Carry(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		rows, err := eventsByID(w.staff(w.org).Within(t.Context()), w.db, int64(w.org), []string{id(1)})
		if err != nil || len(rows) != 1 || !rows[0].When.Equal(recorded) {
			t.Errorf("%+v %v, want %v", rows, err, recorded)
		}
	})
}

func TestParcelsThatCannotBeTaken(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		good := w.parcel(token, parcelDeflated, event(id(1), 1, w.at, "attempt", nil))
		flip := func(i int) []byte { b := bytes.Clone(good); b[i] ^= 1; return b }
		bomb := w.sealed(append([]byte{parcelDeflated}, packed(t, parcelDeflated, bytes.Repeat([]byte(" "), 64<<20))...))
		for name, p := range map[string][]byte{
			"nothing": nil, "cut short": good[:len(good)-1], "another point": flip(9), "another text": flip(80), "another tag": flip(len(good) - 1), "noise": bytes.Repeat([]byte{4}, 300),
			"too large": make([]byte, MostParcel+1), "a bomb": bomb, "an empty box": w.sealed(nil), "packed in a new way": w.parcel(token, 7), "no JSON": w.sealed([]byte("\x00{")),
		} {
			if _, err := w.Carry(t.Context(), p); !errors.Is(err, ErrParcel) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.Carry(t.Context(), w.parcel(strings.Repeat("A", 43), parcelPlain, event(id(1), 1, w.at, "attempt", nil))); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of a phone that nobody knows: %v", err)
		}
		many := make([]json.RawMessage, MostEvents+1)
		for i := range many {
			many[i] = json.RawMessage(`{}`)
		}
		var tooMany *TooMany
		if _, err := w.Carry(t.Context(), w.parcel(token, parcelDeflated, many...)); !errors.As(err, &tooMany) {
			t.Errorf("too many: %v", err)
		}
		if n := len(w.states(w.org)); n != 0 {
			t.Errorf("%d records of what was refused are kept", n)
		}
	})
}

// What a phone that is shut out hands over waits like what it sends.
func TestAParcelOfAPhoneThatIsShutOutWaits(t *testing.T) {
	run(t, func(w *world) {
		d, token := w.guest(w.org)
		if err := w.Revoke(t.Context(), w.staff(w.org), d.ID, "lost"); err != nil {
			t.Fatal(err)
		}
		got, err := w.Carry(t.Context(), w.parcel(token, parcelDeflated, event(id(1), 1, w.at, "attempt", nil)))
		if err != nil || len(got.Safe) != 1 || reasons(got)[id(1)] != errShutOut().Error() || len(w.effects(w.org)) != 0 {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func FuzzUnpacked(f *testing.F) {
	f.Add([]byte("\x00{}"))
	f.Add(append([]byte{1}, packed(f, parcelDeflated, []byte(`{"events":[]}`))...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if text, err := unpacked(b); err == nil && len(text) > max(mostUnpacked, len(b)) {
			t.Errorf("%d bytes", len(text))
		}
	})
}
