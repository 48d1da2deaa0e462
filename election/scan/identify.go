package scan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/ballot"
)

// identify finds out which ballot the sheet is, from what both sides say of themselves.
func (r *Reader) identify(s *scratch, out *Reading) *Refusal {
	a, b := &s.sides[0].said, &s.sides[1].said
	for i, x := range []*said{a, b} {
		if x.alien {
			return &Refusal{Reason: ForeignCode, Side: i}
		}
	}
	out.Inferred = -1
	switch {
	case !a.ok && !b.ok:
		return &Refusal{Reason: NoCode, Side: -1}
	case a.ok && b.ok && a.side == b.side:
		return &Refusal{Reason: SidesDisagree, Side: -1, Numbers: []Number{{"page", float64(a.page.Number)}, {"other page", float64(b.page.Number)}}}
	case !a.ok:
		out.Inferred, out.FrontSide = 0, 1-b.side
	case !b.ok:
		out.Inferred, out.FrontSide = 1, a.side
	default:
		out.FrontSide = a.side
	}
	if r.election.Codes == ballot.TimingMarks {
		return r.identifyCard(s, out)
	}
	return r.identifyPage(s, out)
}

// identifyPage checks what QR codes say.
func (r *Reader) identifyPage(s *scratch, out *Reading) *Refusal {
	a, b := s.sides[0].said, s.sides[1].said
	p, other := a.page, b.page
	if out.Inferred == 0 {
		p = b.page
	}
	if out.Inferred < 0 {
		x := a.page
		x.Number = other.Number
		if x != other || a.page.Sheet() != other.Sheet() {
			return &Refusal{Reason: SidesDisagree, Side: -1, Numbers: []Number{{"page", float64(a.page.Number)}, {"other page", float64(b.page.Number)}}}
		}
	}
	p.Number = 2*p.Sheet() - 1
	out.Page, out.Sheet, out.Pages = p, p.Sheet(), [2]int{p.Number, p.Number + 1}
	e := &r.election.Election
	switch {
	case !strings.HasPrefix(r.hash, p.HashStart) || p.Format != e.Format:
		return &Refusal{Reason: OtherElection, Side: -1}
	case p.Precinct >= len(e.Precincts) || p.Style >= len(e.Styles):
		return &Refusal{Reason: NoSuchPage, Side: -1, Numbers: []Number{{"precinct", float64(p.Precinct)}, {"style", float64(p.Style)}, {"page", float64(p.Number)}}}
	}
	style := e.Styles[p.Style]
	out.Precinct, out.Style = e.Precincts[p.Precinct].ID, style.ID
	switch {
	case out.Sheet > len(style.Sheets) || !slices.Contains(style.Precincts, out.Precinct):
		return &Refusal{Reason: NoSuchPage, Side: -1, Numbers: []Number{{"precinct", float64(p.Precinct)}, {"style", float64(p.Style)}, {"page", float64(p.Number)}}}
	case p.Test != r.options.Test && !(r.options.Test && r.options.OfficialInTest):
		return &Refusal{Reason: WrongMode, Side: -1}
	}
	return r.here(out)
}

// identifyCard checks what timing marks say. They name a style, and the precinct only where it has one.
func (r *Reader) identifyCard(s *scratch, out *Reading) *Refusal {
	front := s.sides[out.FrontSide].said
	if !front.ok {
		return &Refusal{Reason: NoCode, Side: out.FrontSide} // a back does not say which card it is
	}
	out.Card, out.Sheet, out.Pages, out.Style = front.front, 1, [2]int{1, 2}, fmt.Sprintf("card-number-%d", front.front.Card)
	style, ok := r.election.Election.Style(out.Style)
	if !ok || len(style.Sheets) == 0 {
		return &Refusal{Reason: NoSuchPage, Side: out.FrontSide, Numbers: []Number{{"card", float64(front.front.Card)}}}
	}
	out.Page = ballot.Page{Number: 1, Style: slices.IndexFunc(r.election.Styles, func(x ballot.Style) bool { return x.ID == out.Style })}
	if len(style.Precincts) == 1 {
		out.Precinct = style.Precincts[0]
	}
	return r.here(out)
}

// here checks that the precinct is counted here.
func (r *Reader) here(out *Reading) *Refusal {
	if len(r.options.Precincts) > 0 && !slices.Contains(r.options.Precincts, out.Precinct) {
		return &Refusal{Reason: WrongPrecinct, Side: -1}
	}
	return nil
}
