package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// tokenBytes makes session and link tokens 256 bits long.
const tokenBytes = 32

// NewToken returns a random 256-bit token for a cookie or a link and the hash under which it is to be stored.
func NewToken() (token, hash string) {
	b := make([]byte, tokenBytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b), hashBytes(b)
}

// HashToken returns the hash under which a token is stored; ok is false for what cannot be a token, which
// is refused before the database is asked.
func HashToken(token string) (hash string, ok bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return "", false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", false
	}
	return hashBytes(b), true
}

func hashBytes(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// vault seals what must not be readable in the database or changed in a browser, with keys derived from
// the site's key.
type vault struct {
	aead cipher.AEAD
	mac  []byte
}

func newVault(key [32]byte) (vault, error) {
	sealing, err := hkdf.Key(sha256.New, key[:], nil, "precinct account seal", 32)
	if err != nil {
		return vault{}, fmt.Errorf("deriving the sealing key: %w", err)
	}
	mac, err := hkdf.Key(sha256.New, key[:], nil, "precinct account mac", 32)
	if err != nil {
		return vault{}, fmt.Errorf("deriving the hashing key: %w", err)
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return vault{}, fmt.Errorf("deriving the sealing key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return vault{aead: aead, mac: mac}, err
}

var errSealed = errors.New("this was not sealed here")

// seal encrypts plain for one purpose; nothing sealed for another opens in its place.
func (v vault) seal(purpose string, plain []byte) string {
	return base64.RawURLEncoding.EncodeToString(v.aead.Seal(nil, nil, plain, []byte(purpose))) //nolint:gosec // the cipher makes a random nonce itself
}

func (v vault) open(purpose, sealed string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return nil, errSealed
	}
	plain, err := v.aead.Open(nil, nil, b, []byte(purpose))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// keyed hashes short secrets and e-mails, which a plain hash would leave open to guessing.
func (v vault) keyed(purpose, s string) string {
	m := hmac.New(sha256.New, v.mac)
	m.Write([]byte(purpose + "\x00" + s))
	return hex.EncodeToString(m.Sum(nil))
}

// ceremony is what the site must remember between a challenge and its answer. It travels through the
// browser, sealed, so that asking for a challenge writes nothing; its answer is taken once.
type ceremony[T any] struct {
	Ends  time.Time
	State T
}

func sealCeremony[T any](v vault, purpose string, now time.Time, state T) (string, error) {
	b, err := json.Marshal(ceremony[T]{Ends: now.Add(ceremonyTime), State: state})
	if err != nil {
		return "", fmt.Errorf("sealing a ceremony: %w", err)
	}
	return v.seal(purpose, b), nil
}

func openCeremony[T any](v vault, purpose string, now time.Time, sealed string) (state T, err error) {
	b, err := v.open(purpose, sealed)
	if err != nil {
		return state, err
	}
	var c ceremony[T]
	if err := json.Unmarshal(b, &c); err != nil {
		return state, fmt.Errorf("opening a ceremony: %w", err)
	}
	if now.After(c.Ends) {
		return state, errSealed
	}
	return c.State, nil
}
