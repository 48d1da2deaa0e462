package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// argon2id with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const (
	argonTime   = 2
	argonMemory = 19 * 1024
	argonBytes  = 32
	saltBytes   = 16
)

// How long a password may be, in characters. There are no rules of composition (ASVS 5.0 6.2.5).
const (
	passwordLeast = 12
	passwordMost  = 256
)

// hashers bounds how many hashes run at once, and so the memory a flood of sign-ins can take.
var hashers = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

func argon(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case hashers <- struct{}{}:
		defer func() { <-hashers }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, argonTime, argonMemory, 1, argonBytes), nil
}

// hashPassword returns the PHC string of password with a new salt.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	h, err := argon(ctx, password, salt)
	if err != nil {
		return "", err
	}
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, argonMemory, argonTime, e.EncodeToString(salt), e.EncodeToString(h)), nil
}

// checkPassword reports whether password made hash. An empty hash costs the same time and holds for none.
func checkPassword(ctx context.Context, hash, password string) (bool, error) {
	salt, want := splitHash(hash)
	got, err := argon(ctx, shorten(password), salt)
	if err != nil {
		return false, err
	}
	return len(want) == argonBytes && subtle.ConstantTimeCompare(got, want) == 1, nil
}

func splitHash(hash string) (salt, sum []byte) {
	parts := strings.Split(hash, "$")
	none := make([]byte, saltBytes)
	if len(parts) != 6 || parts[3] != fmt.Sprintf("m=%d,t=%d,p=1", argonMemory, argonTime) {
		return none, nil
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) != saltBytes {
		return none, nil
	}
	sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return none, nil
	}
	return salt, sum
}

// shorten keeps an attacker from making us normalise megabytes.
func shorten(password string) string {
	if len(password) > passwordMost*utf8.UTFMax {
		return ""
	}
	return password
}

//go:embed weak.txt
var weakText string

// weakWords are what guessers try first, in the folded form of foldPassword.
var weakWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(weakText) {
		m[w] = true
	}
	return m
}()

// judgePassword returns an Invalid fault for a password that is too short, too long or among the first that
// guessers try. own are words of the person and the site: name, e-mail.
func judgePassword(password string, own ...string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < passwordLeast:
		return fault.Invalidf("This password has %d characters. Use at least %d; four or five unrelated words are easy to remember.", n, passwordLeast)
	case n > passwordMost || !utf8.ValidString(password):
		return fault.Invalidf("This password is too long. Use at most %d characters.", passwordMost)
	}
	folded := foldPassword(password)
	for _, w := range own {
		for _, part := range strings.FieldsFunc(strings.ToLower(w), notLetter) {
			if utf8.RuneCountInString(part) >= 4 && strings.Contains(strings.ToLower(password), part) {
				return fault.Invalidf("This password contains your name, your email or the name of the site. Use other words.")
			}
		}
	}
	if repeats(strings.ToLower(password)) || runs(strings.ToLower(password)) || madeOfWeak(folded) {
		return fault.Invalidf("This password is among the first that guessers try. Use four or five unrelated words.")
	}
	return nil
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// foldPassword undoes the usual disguises: case, digits for letters, and what is hung on at the end.
func foldPassword(p string) string {
	p = strings.ToLower(p)
	p = strings.TrimRightFunc(p, notLetter)
	p = strings.TrimLeftFunc(p, notLetter)
	p = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "!", "i").Replace(p)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, p)
}

// repeats reports a password that is one piece over and over, or has fewer than five different characters.
func repeats(p string) bool {
	seen := map[rune]bool{}
	for _, r := range p {
		seen[r] = true
	}
	return len(seen) < 5 || strings.Contains((p + p)[1:len(p)*2-1], p)
}

// rows are the orders that fingers and minds follow.
var rows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn"}

// runs reports a password of which all but three characters follow the one before in some row.
func runs(p string) bool {
	steps := 0
	for i := 1; i < len(p); i++ {
		for _, row := range rows {
			if strings.Contains(row, p[i-1:i+1]) || strings.Contains(row, string([]byte{p[i], p[i-1]})) {
				steps++
				break
			}
		}
	}
	return steps >= len(p)-4
}

// madeOfWeak reports a folded password that is nothing, or one to three weak words in a row.
func madeOfWeak(p string) bool { return p == "" || weakIn(p, 3) }

func weakIn(p string, words int) bool {
	if weakWords[p] {
		return true
	}
	if words == 1 {
		return false
	}
	for i := 3; i <= len(p)-3; i++ {
		if weakWords[p[:i]] && weakIn(p[i:], words-1) {
			return true
		}
	}
	return false
}
