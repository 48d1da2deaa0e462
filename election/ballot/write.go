package ballot

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
)

// Define writes an election in the words of a version and returns the definition. Writing what was parsed gives an equal election, not equal bytes: what is
// to stay the same ballot keeps the bytes it has.
func Define(e *Election, f Format) (*Definition, error) {
	w, err := wordsOf(e, f)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(w); err != nil {
		return nil, err
	}
	d := &Definition{Election: *e, Bytes: buf.Bytes(), Hash: sha256.Sum256(buf.Bytes())}
	d.Format = f
	return d, nil
}

func wordsOf(e *Election, f Format) (*vxElection, error) {
	w := &vxElection{ID: e.ID, Type: typeWord(e.Type, f), Title: e.Title, State: e.State, Date: e.Date, Seal: e.Seal, Layout: &vxLayout{e.Paper, e.Codes},
		Districts: []vxNamed{}, Parties: []vxParty{}, Precincts: []vxPrecinct{}, Contests: []vxContest{}, Styles: []vxStyle{}, Strings: vxStrings{}, HashInput: e.HashInput}
	office := vxNamed(e.Jurisdiction)
	if w.County = &office; f == V41 {
		w.County, w.Jurisdiction = nil, &office
	}
	if e.Signature != nil {
		w.Signature = &vxSignature{e.Signature.Image, e.Signature.Caption}
	}
	for _, d := range e.Districts {
		w.Districts = append(w.Districts, vxNamed(d))
	}
	for _, p := range e.Parties {
		w.Parties = append(w.Parties, vxParty(p))
	}
	for _, p := range e.Precincts {
		w.Precincts = append(w.Precincts, precinctWords(p))
	}
	for _, p := range e.Places {
		w.Places = append(w.Places, placeWords(p))
	}
	for _, c := range e.Contests {
		x, err := contestWords(c, f)
		if err != nil {
			return nil, err
		}
		w.Contests = append(w.Contests, x)
	}
	for _, s := range e.Styles {
		w.Styles = append(w.Styles, styleWords(s, f))
		if f == V40 && len(s.Sheets) > 0 {
			w.Grids = append(w.Grids, gridWords(s))
		}
	}
	for lang, texts := range e.Texts {
		w.Strings[lang] = map[string]vxText{}
		for key, t := range texts {
			w.Strings[lang][key] = vxText(t)
		}
	}
	return w, nil
}

func typeWord(t Type, f Format) string {
	switch {
	case t == ClosedPrimary && f == V40:
		return "primary"
	case t == ClosedPrimary:
		return "closed-primary"
	case t == OpenPrimary:
		return "open-primary"
	}
	return "general"
}

func precinctWords(p Precinct) vxPrecinct {
	w := vxPrecinct{ID: p.ID, Name: p.Name, Districts: p.Districts}
	for _, s := range p.Splits {
		x := vxSplit{ID: s.ID, Name: s.Name, Districts: s.Districts, Title: s.Title, Seal: s.Seal}
		if s.Signature != nil {
			x.Image, x.Caption = s.Signature.Image, s.Signature.Caption
		}
		w.Splits = append(w.Splits, x)
	}
	return w
}

func placeWords(p Place) vxPlace {
	w := vxPlace{ID: p.ID, Name: p.Name, Precincts: map[string]vxPlacePrecinct{}, Type: [...]string{"election_day", "early_voting", "absentee"}[p.Kind]}
	for _, x := range p.Precincts {
		kind := "whole"
		if len(x.Splits) > 0 {
			kind = "partial"
		}
		w.Precincts[x.Precinct] = vxPlacePrecinct{kind, x.Splits}
	}
	return w
}

func contestWords(c Contest, f Format) (vxContest, error) {
	w := vxContest{ID: c.ID, Section: c.Section, District: c.District, Title: c.Title, Party: c.Party, Term: c.Term, Description: c.Text}
	switch c.Kind {
	case Candidates:
		w.Type, w.Seats, w.WriteIns, w.Candidates = "candidate", c.Seats, &c.WriteIns, []vxCandidate{}
		for _, o := range c.Options {
			w.Candidates = append(w.Candidates, vxCandidate{ID: o.ID, Name: o.Name, First: o.First, Middle: o.Mid, Last: o.Last, Parties: o.Parties})
		}
	case Measure, EitherNeither, PickOne: // the pair is two measures, as VxSuite has it since 4.0
		w.Type = "yesno"
		if w.Options = labels(c.Options); f == V41 {
			break
		}
		if len(c.Options) != 2 {
			return w, fault.Invalidf("The contest “%s” has %d answers; version 4.0 of the definition has room for two. Write version 4.1.", c.Title, len(c.Options))
		}
		w.Yes, w.No, w.Options = &w.Options[0], &w.Options[1], nil
	case StraightParty:
		w.Type, w.Options = "straight-party", labels(c.Options)
	default:
		return w, fault.Invalidf("The contest “%s” is ranked; no version of VxSuite's definition has such contests.", c.Title)
	}
	return w, nil
}

func labels(all []Option) []vxLabelled {
	var w []vxLabelled
	for _, o := range all {
		w = append(w, vxLabelled{o.ID, o.Name})
	}
	return w
}

func styleWords(s Style, f Format) vxStyle {
	w := vxStyle{ID: s.ID, Group: s.Group, Precincts: slices.Concat([]string{}, s.Precincts), Districts: slices.Concat([]string{}, s.Districts), Party: s.Party, Languages: s.Languages}
	if s.Order != nil {
		w.Order = map[string][]vxOrdered{}
		for contest, order := range s.Order {
			for _, o := range order {
				w.Order[contest] = append(w.Order[contest], vxOrdered{o.Option, o.Parties})
			}
		}
	}
	if f == V41 {
		for _, sheet := range s.Sheets {
			w.Positions = append(w.Positions, [2][]vxOnSheet{sideWords(sheet[Front]), sideWords(sheet[Back])})
		}
	}
	return w
}

// sideWords groups what can be marked on a side by contest, each with the box around its options.
func sideWords(side []Position) []vxOnSheet {
	all := []vxOnSheet{}
	for _, p := range side {
		if len(all) == 0 || all[len(all)-1].Contest != p.Contest {
			all = append(all, vxOnSheet{Contest: p.Contest, Bounds: boxWords(p.Bounds)})
		}
		c := &all[len(all)-1]
		c.Bounds = around(c.Bounds, boxWords(p.Bounds))
		o := vxPosition{Type: "option", Bubble: vxPoint{Row: p.Bubble.Row, Column: p.Bubble.Col}, Bounds: boxWords(p.Bounds), Option: p.Option, Parties: p.Parties}
		if p.Option == "" {
			area := boxWords(p.Area)
			o.Type, o.WriteIn, o.Area = "write-in", &p.WriteIn, &area
		}
		c.Options = append(c.Options, o)
	}
	return all
}

func boxWords(b Box) vxBox { return vxBox{Row: b.Row, Column: b.Col, Width: b.Width, Height: b.Height} }

func around(a, b vxBox) vxBox {
	left, top := min(a.Column, b.Column), min(a.Row, b.Row)
	return vxBox{Row: top, Column: left, Width: max(a.Column+a.Width, b.Column+b.Width) - left, Height: max(a.Row+a.Height, b.Row+b.Height) - top}
}

// gridWords writes the positions of version 4.0, where all options of a style reach equally far around their ovals: as far as the widest does.
func gridWords(s Style) vxGrid {
	g := vxGrid{Style: s.ID}
	for i, sheet := range s.Sheets {
		for side, all := range sheet {
			for _, p := range all {
				g.Around.Left, g.Around.Top = max(g.Around.Left, p.Bubble.Col-p.Bounds.Col), max(g.Around.Top, p.Bubble.Row-p.Bounds.Row)
				g.Around.Right = max(g.Around.Right, p.Bounds.Col+p.Bounds.Width-p.Bubble.Col)
				g.Around.Bottom = max(g.Around.Bottom, p.Bounds.Row+p.Bounds.Height-p.Bubble.Row)
				x := vxGridPosition{Type: "option", Sheet: i + 1, Side: [...]string{"front", "back"}[side], Column: p.Bubble.Col, Row: p.Bubble.Row,
					Contest: p.Contest, Option: p.Option, Parties: p.Parties}
				if p.Option == "" {
					x.Type, x.WriteIn, x.Area = "write-in", &p.WriteIn, &vxXYArea{p.Area.Col, p.Area.Row, p.Area.Width, p.Area.Height}
				}
				g.Positions = append(g.Positions, x)
			}
		}
	}
	return g
}
