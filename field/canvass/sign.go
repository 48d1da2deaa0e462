package canvass

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// signer signs packets, so that a phone knows that one comes from its site and is whole. Its key is made from the site's own, which lies outside the
// database; it is not the ledger's, which signs nothing but checkpoints.
type signer struct {
	private ed25519.PrivateKey
	public  ed25519.PublicKey
}

func newSigner(seed [32]byte) signer {
	private := ed25519.NewKeyFromSeed(seed[:])
	return signer{private: private, public: ed25519.PublicKey(private[ed25519.SeedSize:])}
}

// id names the key: the beginning of the hash of its public half.
func (s signer) id() string {
	sum := sha256.Sum256(s.public)
	return hex.EncodeToString(sum[:8])
}

// Signed is a packet as it goes to a phone.
type Signed struct {
	Packet    string `json:"packet"`    // JSON
	Signature string `json:"signature"` // Ed25519 over its bytes, base64
	Key       string `json:"key"`
}

func (s signer) sign(packet []byte) Signed {
	return Signed{Packet: string(packet), Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(s.private, packet)), Key: s.id()}
}

// Key is a key with which packets can be checked.
type Key struct {
	ID     string `json:"id"`
	Public string `json:"public"` // base64
}

// Keys returns the keys of the site.
func (s *Store) Keys() []Key {
	return []Key{{ID: s.key.id(), Public: base64.StdEncoding.EncodeToString(s.key.public)}}
}
