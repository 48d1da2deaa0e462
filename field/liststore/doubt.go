package liststore

import (
	"context"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/org"
)

// mostDoubted bounds how many areas of one criteria are looked at by themselves.
const mostDoubted = 8

// Doubts says which areas and distances of k hold nobody of the voter file at all. That is an answer, and a right one, but hardly ever what somebody meant:
// longitude and latitude were exchanged, or the area lies in another state.
func (s *Store) Doubts(ctx context.Context, a org.Actor, k Ask) ([]list.Problem, error) {
	heres := list.Heres(k.Criteria)
	var found []list.Problem
	for _, h := range heres[:min(len(heres), mostDoubted)] {
		here, err := s.alone(ctx, a, k, h.Node)
		if err != nil {
			return nil, err
		}
		if here > 0 {
			continue
		}
		placed, err := s.alone(ctx, a, k, list.Known{Attr: list.Place})
		if err != nil {
			return nil, err
		}
		exchanged := int64(0)
		if n, ok := h.Exchanged(); ok && placed > 0 {
			if exchanged, err = s.alone(ctx, a, k, n); err != nil {
				return nil, err
			}
		}
		found = append(found, h.Deserted(exchanged, placed))
	}
	return found, nil
}

// alone counts who meets one condition.
func (s *Store) alone(ctx context.Context, a org.Actor, k Ask, n list.Node) (int64, error) {
	k.Channel = NoContact
	k.Criteria = list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start, Where: n}}}
	got, err := s.Count(ctx, a, k)
	return got.People, err
}
