package turfstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"github.com/openprecinct/precinct/internal/db"
)

// numberDigits is how long list numbers are: ten million of them, of which a busy weekend uses some hundreds, so that guessing finds one in ten thousand tries.
const numberDigits = 7

// newNumbers returns n list numbers that cannot be foreseen and that nobody has, in any organisation. Their first digit is not 0, so that they survive a
// spreadsheet. The index on the table refuses what becomes taken between here and the transaction.
func (s *Store) newNumbers(ctx context.Context, n int) ([]string, error) {
	ctx = db.WithSite(ctx)
	seen := map[string]bool{}
	all := make([]string, 0, n)
	for len(all) < n {
		r, err := rand.Int(rand.Reader, big.NewInt(9_000_000))
		if err != nil {
			return nil, fmt.Errorf("making a list number: %w", err)
		}
		number := r.Add(r, big.NewInt(1_000_000)).String()
		taken, err := takenNumber(ctx, s.db, number)
		if err != nil {
			return nil, fmt.Errorf("making a list number: %w", err)
		}
		if taken || seen[number] {
			continue
		}
		seen[number] = true
		all = append(all, number)
	}
	return all, nil
}

// ParseNumber returns the digits of a list number as people type it: “4821-730”, “4821 730”; false for what cannot be one.
func ParseNumber(s string) (digits string, ok bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == ' ' || r == '-' || r == '–' || r == '.' || r == '\u00a0':
		default:
			return "", false
		}
	}
	return b.String(), b.Len() == numberDigits
}

// WriteNumber writes the digits of a list number as people read it: “4821-730”.
func WriteNumber(digits string) string {
	if len(digits) != numberDigits {
		return digits
	}
	return digits[:4] + "-" + digits[4:]
}
