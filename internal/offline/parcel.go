package offline

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/openprecinct/precinct/internal/fault"
)

// A parcel is what one device hands to another, or to any browser, to carry it here: events and the token of the device that recorded them, sealed so that
// only this site can open it (RFC 9180: base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM). It opens nothing else and tells the one who
// carries it nothing. The device keeps its events until it hears itself that they are safe; what comes both ways counts once.

// parcelInfo binds what is sealed to its use.
const parcelInfo = "precinct offline parcel 1"

// How the text in a parcel is packed: its first byte.
const (
	parcelPlain    = 0
	parcelDeflated = 1 // RFC 1951
)

// Limits of a parcel, in bytes.
const (
	MostParcel    = 1 << 20 // sealed
	mostUnpacked  = 4 << 20
	parcelOverBox = 65 + 16 // the sender's point and the tag
)

// ErrParcel is the error of a parcel that was not sealed for this site, or not whole.
var ErrParcel = errors.New("not a parcel for this site")

func errNoSender() *fault.Error {
	return fault.NotFoundf("The phone that handed this over is not known here. It still has its answers: have it send them itself.")
}

func (s *Store) parcelKey() (hpke.PrivateKey, error) {
	seed := s.accounts.Derive("offline parcel\x00" + s.program.Name)
	return hpke.DHKEM(ecdh.P256()).DeriveKeyPair(seed[:])
}

// ParcelKey returns the public key to which devices seal parcels: an uncompressed point on P-256, 65 bytes. Like Wrap it is the same every time.
func (s *Store) ParcelKey() ([]byte, error) {
	k, err := s.parcelKey()
	if err != nil {
		return nil, fmt.Errorf("making the key of parcels: %w", err)
	}
	return k.PublicKey().Bytes(), nil
}

// Carry takes in what a device handed to somebody else, as if the device had come itself. Times follow its clock as it stood when it was last heard of:
// how long the parcel was on its way nobody knows. The error of what cannot be opened is ErrParcel; those of ParseBatch are returned as they are.
func (s *Store) Carry(ctx context.Context, parcel []byte) (Receipt, error) {
	token, b, err := s.unpack(parcel)
	if err != nil {
		return Receipt{}, err
	}
	d, err := s.Known(ctx, token)
	if errors.Is(err, ErrNoDevice) {
		return Receipt{}, errNoSender()
	}
	if err != nil {
		return Receipt{}, err
	}
	return s.Receive(ctx, d, b)
}

// unpack opens a parcel.
func (s *Store) unpack(parcel []byte) (token string, b Batch, err error) {
	if len(parcel) < parcelOverBox || len(parcel) > MostParcel {
		return "", b, ErrParcel
	}
	k, err := s.parcelKey()
	if err != nil {
		return "", b, fmt.Errorf("making the key of parcels: %w", err)
	}
	packed, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(parcelInfo), parcel)
	if err != nil {
		return "", b, ErrParcel
	}
	text, err := unpacked(packed)
	if err != nil {
		return "", b, err
	}
	var w struct {
		Token string `json:"token"`
	}
	if json.Unmarshal(text, &w) != nil {
		return "", b, ErrParcel
	}
	b, err = ParseBatch(text)
	b.Carried = true
	return w.Token, b, err
}

func unpacked(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, ErrParcel
	}
	switch packed[0] {
	case parcelPlain:
		return packed[1:], nil
	case parcelDeflated:
		r := flate.NewReader(bytes.NewReader(packed[1:]))
		text, err := io.ReadAll(io.LimitReader(r, mostUnpacked+1))
		if err != nil || len(text) > mostUnpacked {
			return nil, ErrParcel
		}
		return text, nil
	}
	return nil, ErrParcel
}
