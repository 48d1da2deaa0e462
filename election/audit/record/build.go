package record

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/internal/fault"
)

// Builder makes a record step by step, as an audit goes on. After an error it is of no more use.
type Builder struct {
	f     follower
	names []string // of parts
	raw   [][]byte
}

// AddPart adds a file before the commitment. Its name begins with parts/.
func (b *Builder) AddPart(name string, s cvr.Source) error {
	if !strings.HasPrefix(name, "parts/") || len(b.raw) > 0 {
		return fault.Invalidf("The part “%s” cannot be added: parts are called parts/… and come before the commitment.", name)
	}
	if b.f.parts == nil {
		b.f.parts = map[string]cvr.Source{}
	}
	s.Name = name
	b.f.parts[name] = s
	b.names = append(b.names, name)
	return nil
}

// publish adds a step and returns its fingerprint.
func (b *Builder) publish(s step) (string, error) {
	if n := len(b.raw); n > 0 {
		s.Before = digest(b.raw[n-1])
	}
	if err := s.kind(len(b.raw)); err != nil {
		return "", err
	}
	raw, err := s.encode()
	if err != nil {
		return "", err
	}
	b.raw = append(b.raw, raw)
	return digest(raw), nil
}

// Commit writes the first step: c with the fingerprints of all parts. It refuses what [Verify] would. The fingerprint that it returns is to be published
// before the seed is known.
func (b *Builder) Commit(c Commitment) (string, error) {
	c.Format, c.Version, c.Parts = Format, Version, map[string]string{}
	for name, s := range b.f.parts {
		is, err := fingerprint(s)
		if err != nil {
			return "", err
		}
		c.Parts[name] = is
	}
	if err := b.f.commit(c); err != nil {
		return "", err
	}
	return b.publish(step{Commitment: &c})
}

// Seed writes the second step.
func (b *Builder) Seed(seed string) (string, error) {
	b.f.seed, b.f.seeded = seed, true
	return b.publish(step{Seed: &Seed{seed}})
}

// Draw draws the next round of a contest and returns what is to be looked at. Polled is how many of the ballots without records a hybrid audit draws, and 0 in
// every other.
func (b *Builder) Draw(name string, size, polled int) ([]Draw, error) {
	c := b.f.contests[name]
	if c == nil || !b.f.seeded || c.judged != len(c.rounds) {
		return nil, fault.Invalidf("“%s”: a round cannot be drawn now. It is drawn from the seed, when the round before it was audited.", name)
	}
	r, err := b.f.draw(c, size, polled)
	if err != nil {
		return nil, err
	}
	c.rounds = append(c.rounds, r)
	_, err = b.publish(step{Drawn: &Drawn{Contest: name, Round: len(c.rounds), Draws: r.draws, Polled: r.polled}})
	return r.all(), err
}

// Audit takes what was found in the round of a contest that was drawn last, and returns the p-value and whether the limit is met.
func (b *Builder) Audit(name string, found []Found, combined ...Combined) (p float64, met bool, err error) {
	c := b.f.contests[name]
	if c == nil {
		return 0, false, fault.Invalidf("A step is about the contest “%s”, which was not committed to.", name)
	}
	a := Audited{Contest: name, Round: len(c.rounds), Found: found, Combined: combined}
	if err := c.take(a); err != nil {
		return 0, false, err
	}
	j, err := b.f.judge(c)
	if err != nil {
		return 0, false, err
	}
	a.P, a.Met = j.risk.P, j.risk.Met
	_, err = b.publish(step{Audited: &a})
	return a.P, a.Met, err
}

// Last returns the fingerprint of the last step, which its publishers make known with it.
func (b *Builder) Last() string {
	if len(b.raw) == 0 {
		return ""
	}
	return digest(b.raw[len(b.raw)-1])
}

// Write writes the record as it stands. Entries have no times, so that the same record is the same file.
func (b *Builder) Write(w io.Writer) error {
	z := zip.NewWriter(w)
	for i, raw := range b.raw {
		f, err := z.Create(stepName(i))
		if err != nil {
			return fmt.Errorf("writing a record: %w", err)
		}
		if _, err := f.Write(raw); err != nil {
			return fmt.Errorf("writing a record: %w", err)
		}
	}
	slices.Sort(b.names)
	for _, name := range b.names {
		if err := copyPart(z, name, b.f.parts[name]); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

func copyPart(z *zip.Writer, name string, s cvr.Source) error {
	f, err := z.Create(name)
	if err != nil {
		return err
	}
	r, err := s.Open()
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, r.Close())
}
