package sampler

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The steps of docs/audit-methods.md, followed with nothing but SHA-256 and a decimal number, give what the page says and what the sampler draws.
func TestDrawAndCheckATicketByHand(t *testing.T) {
	page, err := os.ReadFile("../../../docs/audit-methods.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "## Draw and check a ticket by hand")
	if !ok {
		t.Fatal("the page no longer says how")
	}
	var said []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(section, -1) {
		said = append(said, m[1])
	}
	if len(said) < 9 {
		t.Fatalf("the page says only %q", said)
	}
	h := func(x string) string { sum := sha256.Sum256([]byte(x)); return hex.EncodeToString(sum[:]) }
	decimal := func(hash string) string {
		n, _ := new(big.Int).SetString(hash, 16)
		return fmt.Sprintf("%064d", n)
	}
	backwards := func(digits string) string {
		b := []byte(digits)
		slices.Reverse(b)
		return "0." + string(b)
	}
	seed, ballot := said[0], said[2]
	both := h(h(seed) + ballot)
	ticket := backwards(decimal(both))
	steps := []string{seed, h(seed), ballot, both, decimal(both), ticket, ticket[:20], h(ticket + ":1"), backwards(decimal(h(ticket + ":1")))[:20]}
	if !slices.Equal(said[:9], steps) {
		t.Errorf("the page says\n%s\nby hand it is\n%s", strings.Join(said[:9], "\n"), strings.Join(steps, "\n"))
	}
	drawn, err := Ballots([]Batch{{Key: Tuple("Halden", "Scanner 2", "Batch 12"), Positions: []int{7}}}, Order{Seed: seed, Replace: true, Take: 2, Digits: Digits})
	if err != nil || len(drawn) != 2 || drawn[0].Ticket != steps[6] || drawn[1].Ticket != steps[8] {
		t.Errorf("%+v, %v", drawn, err)
	}
}
