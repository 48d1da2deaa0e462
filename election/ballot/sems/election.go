package sems

import (
	"html"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/internal/fault"
)

// Election returns the election as this program defines one. Contests, options, precincts and parties keep the ids of SEMS, so that results find back.
func (f *File) Election() (*ballot.Election, error) {
	day, err := time.Parse("1/2/2006", f.Date)
	if err != nil {
		return nil, fault.Invalidf("The date of the election is “%s”; SEMS writes month/day/year.", f.Date)
	}
	e := &ballot.Election{Format: ballot.V41, ID: "sems-" + f.County + "-" + day.Format("20060102"), Title: f.Title, State: "Mississippi", Date: day.Format(time.DateOnly),
		Jurisdiction: ballot.Jurisdiction{ID: f.County, Name: "County " + f.County}, Paper: ballot.Letter, Codes: ballot.QRCodes, Districts: f.Districts}
	for _, p := range f.Parties {
		e.Parties = append(e.Parties, ballot.Party{ID: p.ID, Name: p.Name, FullName: p.Name, Abbrev: p.Abbrev})
	}
	for _, p := range f.Precincts {
		x := ballot.Precinct{ID: p.ID, Name: p.Name}
		for _, s := range p.Splits {
			x.Splits = append(x.Splits, ballot.Split{ID: s.ID, Name: s.Name, Districts: s.Districts})
		}
		if len(p.Splits) == 1 {
			x.Districts, x.Splits = p.Splits[0].Districts, nil
		}
		e.Precincts = append(e.Precincts, x)
	}
	for _, c := range f.Contests {
		if c.Party != "" {
			e.Type = ballot.ClosedPrimary
		}
		e.Contests = append(e.Contests, c.contest())
	}
	e.Styles, err = f.styles(e)
	return e, err
}

func (c Contest) contest() ballot.Contest {
	x := ballot.Contest{ID: c.ID, Title: c.title(), District: c.District, Seats: max(c.Seats, 1), Party: c.Party, WriteIns: c.WriteIns > 0}
	switch {
	case !c.Measure:
		x.Section = c.Lines[0]
		if len(c.Lines) > 3 { // area, office, term, "Vote for ONE"
			x.Term = strings.Join(c.Lines[2:len(c.Lines)-1], " ")
		}
	default:
		x.Kind, x.WriteIns = [...]ballot.ContestKind{ballot.Measure, ballot.EitherNeither, ballot.PickOne}[c.pair], false
		var text strings.Builder
		for _, line := range c.Lines[1:] {
			if line = strings.TrimSpace(line); line != "" {
				text.WriteString("<p>" + html.EscapeString(line) + "</p>")
			}
		}
		x.Text = text.String()
	}
	for _, o := range c.Options {
		if o.Kind != Named {
			continue
		}
		y := ballot.Option{ID: o.ID, Name: c.name(o)}
		if o.Party != "" {
			y.Parties = []string{o.Party}
		}
		if c.Measure && len(o.Lines) > 1 {
			x.Prompt = o.Lines[0]
		}
		x.Options = append(x.Options, y)
	}
	return x
}

// styles returns a ballot style for each that the splits name, in a primary one for each party too.
func (f *File) styles(e *ballot.Election) ([]ballot.Style, error) {
	var all []ballot.Style
	for _, p := range f.Precincts {
		for _, s := range p.Splits {
			i := slices.IndexFunc(all, func(x ballot.Style) bool { return x.Group == s.Style })
			if i < 0 {
				i = len(all)
				all = append(all, ballot.Style{ID: s.Style, Group: s.Style, Districts: s.Districts, Languages: []string{"en"}})
			}
			if !sameSet(all[i].Districts, s.Districts) {
				return nil, fault.Invalidf("Splits with ballot style %s do not all vote in the same districts: split %s differs. Ask the state for a corrected file.", s.Style, s.ID)
			}
			if !slices.Contains(all[i].Precincts, p.ID) {
				all[i].Precincts = append(all[i].Precincts, p.ID)
			}
		}
	}
	if e.Type != ballot.ClosedPrimary {
		return all, nil
	}
	var primary []ballot.Style
	for _, s := range all {
		for _, p := range e.Parties {
			x := s
			x.Party, x.ID = p.ID, s.ID+"-"+p.Abbrev
			x.Group = x.ID
			if slices.ContainsFunc(e.ContestsOf(x), func(c ballot.Contest) bool { return c.Party == p.ID }) {
				primary = append(primary, x)
			}
		}
	}
	return primary, nil
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
