package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// row is an entry as it is stored.
type row struct {
	N        int64     `db:"n"`
	At       time.Time `db:"at"`
	Account  int64     `db:"account"`
	Org      int64     `db:"org"`
	Via      string    `db:"via"`
	Kind     string    `db:"kind"`
	Object   string    `db:"object"`
	Purpose  string    `db:"purpose"`
	Data     string    `db:"data"`
	Personal []byte    `db:"personal"`
	Hashes   []byte    `db:"hashes"`
}

// record returns the bytes that the tree hashes: one canonical JSON object that holds every column but the
// hashes themselves.
func (r row) record() []byte {
	var b strings.Builder
	b.Grow(200 + len(r.Data))
	number := func(key string, n int64) {
		b.WriteString(key)
		b.WriteString(strconv.FormatInt(n, 10))
	}
	text := func(key, s string) {
		b.WriteString(key)
		appendString(&b, s)
	}
	number(`{"account":`, r.Account)
	text(`,"at":`, stamp(r.At))
	b.WriteString(`,"data":`)
	b.WriteString(r.Data)
	text(`,"kind":`, r.Kind)
	number(`,"n":`, r.N)
	text(`,"object":`, r.Object)
	number(`,"org":`, r.Org)
	if r.Personal != nil {
		text(`,"personal":`, base64.StdEncoding.EncodeToString(r.Personal))
	}
	text(`,"purpose":`, r.Purpose)
	text(`,"via":`, r.Via)
	b.WriteByte('}')
	return []byte(b.String())
}

// commit returns the commitment to a personal part: without the salt, which is erased with the body, nobody
// can test a guess against it.
func commit(salt []byte, body string) []byte {
	m := hmac.New(sha256.New, salt)
	m.Write([]byte(body))
	return m.Sum(nil)
}
