package scriptstore

import (
	"context"
	"slices"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/org"
)

// Unshared returns what a script asks with and other organisations cannot: questions, codes and events of the actor's organisation that are not shared.
// Phones of others leave those steps out.
func (s *Store) Unshared(ctx context.Context, a org.Actor, c script.Content) ([]codebook.Definition, error) {
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	asked := map[codebook.Kind][]int64{}
	for _, p := range script.Parts() {
		for _, x := range c.Steps(p) {
			asked[codebook.Question] = append(asked[codebook.Question], x.Question)
			asked[codebook.Code] = append(asked[codebook.Code], x.Codes...)
			asked[codebook.Event] = append(asked[codebook.Event], x.Event)
		}
	}
	var all []codebook.Definition
	for _, k := range []codebook.Kind{codebook.Question, codebook.Code, codebook.Event} {
		known, err := s.codebook.Known(ctx, s.db, a, k)
		if err != nil {
			return nil, err
		}
		for _, d := range known {
			if d.Org == int64(a.Org()) && !d.Shared && slices.Contains(asked[k], int64(d.ID)) {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// ShareAsked shares them, and with them all that was ever recorded with them, and returns how many they were. It needs the right to share definitions.
func (s *Store) ShareAsked(ctx context.Context, a org.Actor, id ID) (int, error) {
	if err := a.Must(codebook.PermitShare); err != nil {
		return 0, err
	}
	c, err := s.said(ctx, a, id)
	if err != nil {
		return 0, err
	}
	all, err := s.Unshared(ctx, a, c)
	if err != nil {
		return 0, err
	}
	for i, d := range all {
		d.Shared = true
		d.Parts = slices.DeleteFunc(d.Parts, func(p codebook.Part) bool { return !p.Active }) // one that is missing stays as it is: not offered
		if err := s.codebook.Change(ctx, a, d); err != nil {
			return i, err
		}
	}
	return len(all), nil
}

// said is what a script of the actor's own organisation says: its draft, for who may write it, else its newest version.
func (s *Store) said(ctx context.Context, a org.Actor, id ID) (script.Content, error) {
	if a.May(PermitWrite) {
		e, err := s.Draft(ctx, a, id)
		return e.Content, err
	}
	x, err := s.Script(ctx, a, id)
	if err != nil {
		return script.Content{}, err
	}
	return s.Content(ctx, a, id, x.Version)
}
