package codebook

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/org"
)

// Fact is one thing recorded about a person, as shown on the profile.
type Fact struct {
	Kind   Kind      `db:"-"`
	Name   string    `db:"name"`     // of the definition
	Value  string    `db:"value"`    // of the answer, the score, the field; "" for codes and tags
	Choice bool      `db:"-"`        // Value is a word of ours, to be said in the reader's language: a sign-up's status
	At     time.Time `db:"at"`       // zero for scores and targets
	Org    string    `db:"org_name"` // whose it is
}

// About returns what the actor's organisation may see of what is recorded about a person: latest answers, codes, tags, scores, fields, targets, sign-ups.
func (s *Store) About(ctx context.Context, a org.Actor, person int64) ([]Fact, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	files, err := voterfile.Visible(ctx, s.DB, a, s.now())
	if err != nil {
		return nil, err
	}
	seen, err := personIn(ctx, s.DB, files, person)
	if err != nil || !seen {
		return nil, err
	}
	all, err := facts(ctx, s.DB, int64(a.Org()), person)
	if err != nil {
		return nil, fmt.Errorf("reading what is recorded about a person: %w", err)
	}
	return all, nil
}

// Unscaled writes a whole number of 10^-decimals as people read it: 7025 with two decimals is 70.25, 7000 is 70.
func Unscaled(v int64, decimals int) string {
	if decimals == 0 {
		return strconv.FormatInt(v, 10)
	}
	sign, abs := "", strconv.FormatInt(v, 10)
	if v < 0 {
		sign, abs = "-", abs[1:]
	}
	abs = strings.Repeat("0", max(0, decimals+1-len(abs))) + abs
	whole, part := abs[:len(abs)-decimals], strings.TrimRight(abs[len(abs)-decimals:], "0")
	if part == "" {
		return sign + whole
	}
	return sign + whole + "." + part
}

// PartUses returns how many people gave each response of a question as their latest answer, or are in each group of a target.
func (s *Store) PartUses(ctx context.Context, a org.Actor, d Definition) (map[ID]int64, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return partUses(ctx, s.DB, d, int64(a.Org()))
}

// Spread returns how many people have a score in each of 20 equal parts of its range.
func (s *Store) Spread(ctx context.Context, a org.Actor, d Definition) ([]int64, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return spread(ctx, s.DB, d)
}
