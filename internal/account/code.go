package account

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"image/color"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp/hotp"
)

// One-time codes by RFC 6238: SHA-1, six digits, 30 seconds, which every code app takes. The step before
// and the one after count too, for clocks that are off (RFC 6238 §5.2), and each step only once.
const (
	codeStep   = 30
	codeDigits = 6
	seedBytes  = 20 // as long as the hash, RFC 4226 §4
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

func newSeed() string {
	b := make([]byte, seedBytes)
	rand.Read(b)
	return base32Plain.EncodeToString(b)
}

// matchCode returns the step whose code was typed, or 0. Steps up to after have been used.
func matchCode(seed, code string, now time.Time, after int64) int64 {
	found := int64(0)
	current := now.Unix() / codeStep
	for step := current - 1; step <= current+1; step++ {
		ok, err := hotp.ValidateCustom(code, uint64(step), seed, hotp.ValidateOpts{Digits: codeDigits})
		if err == nil && ok && step > after {
			found = step
		}
	}
	return found
}

// Typed is what a person typed where a code is asked for: at most one of the two is set.
type Typed struct {
	Code     string // six digits from a code app
	Recovery string // a recovery code in its stored spelling
}

// ParseTyped reads what people type: codes with spaces, recovery codes in either case and with or without
// dashes, with the letters that look like digits.
func ParseTyped(s string) Typed {
	if len(s) > 64 {
		return Typed{}
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\t' || r == '–':
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, s)
	if len(s) == codeDigits && strings.Trim(s, "0123456789") == "" {
		return Typed{Code: s}
	}
	s = strings.NewReplacer("0", "O", "1", "I", "8", "B").Replace(s)
	if len(s) == recoveryLength && strings.Trim(s, recoveryLetters) == "" {
		return Typed{Recovery: s}
	}
	return Typed{}
}

// Recovery codes: ten, 80 bits each, as 16 letters and digits that base32 cannot confuse.
const (
	recoveryCount   = 10
	recoveryLength  = 16
	recoveryLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// newRecovery returns a recovery code in its stored spelling.
func newRecovery() string {
	b := make([]byte, 10)
	rand.Read(b)
	return base32Plain.EncodeToString(b)
}

// spellRecovery writes a code for reading: "ABCD-EFGH-IJKL-MNOP".
func spellRecovery(code string) string {
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]
}

// codeURI is the key URI that code apps read from a QR code.
func codeURI(site, email, seed string) string {
	q := url.Values{"secret": {seed}, "issuer": {site}}
	return "otpauth://totp/" + url.PathEscape(site+":"+email) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// QR draws text as a QR code: the path of its dark squares, one unit each, in a square of size units that
// includes the quiet zone of four.
func QR(text string) (path string, size int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return "", 0, fmt.Errorf("drawing a QR code: %w", err)
	}
	const quiet = 4
	bounds := code.Bounds()
	var b strings.Builder
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if code.At(x, y) == color.Black {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x-bounds.Min.X+quiet, y-bounds.Min.Y+quiet)
			}
		}
	}
	return b.String(), bounds.Dx() + 2*quiet, nil
}
