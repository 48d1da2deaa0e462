package ballot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// Definition is an election with the bytes that define it.
type Definition struct {
	Election
	Bytes []byte
	Hash  [sha256.Size]byte // of Bytes: the ballot hash
}

// HashText returns the ballot hash in hexadecimal digits.
func (d *Definition) HashText() string { return hex.EncodeToString(d.Hash[:]) }

// ShortHash returns the first seven digits of the ballot hash, by which people know a definition.
func (d *Definition) ShortHash() string { return d.HashText()[:7] }

// MaxDefinition is how many bytes a definition may have.
const MaxDefinition = 64 << 20

// Parse reads an election definition of VxSuite. What it does not know it leaves alone, since the bytes are kept; what it cannot read it refuses. Whether the
// definition makes sense is Check's.
func Parse(data []byte) (*Definition, error) {
	if len(data) > MaxDefinition {
		return nil, fault.Invalidf("The election definition has %d bytes; at most %d are read.", len(data), MaxDefinition)
	}
	var w vxElection
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, notRead(data, err)
	}
	e, err := w.election()
	if err != nil {
		return nil, err
	}
	return &Definition{Election: *e, Bytes: data, Hash: sha256.Sum256(data)}, nil
}

// notRead says where a definition stops being one.
func notRead(data []byte, err error) error {
	at := int64(-1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		line := 1 + bytes.Count(data[:min(int(kind.Offset), len(data))], []byte{'\n'})
		return fault.Invalidf("The election definition cannot be read: line %d, “%s” holds a %s. Ask its maker for the file as it was exported.", line, kind.Field, kind.Value).Because(err)
	}
	line := 1 + bytes.Count(data[:max(0, min(int(at), len(data)))], []byte{'\n'})
	return fault.Invalidf("The election definition cannot be read: line %d is not JSON. Ask its maker for the file as it was exported.", line).Because(err)
}

// The words of VxSuite's election.json. Both versions stand in one type, each with what the other does not have.
type vxElection struct {
	ID           string          `json:"id,omitempty"`
	Type         string          `json:"type,omitempty"`
	Title        string          `json:"title"`
	State        string          `json:"state"`
	County       *vxNamed        `json:"county,omitempty"`       // 4.0
	Jurisdiction *vxNamed        `json:"jurisdiction,omitempty"` // 4.1
	Date         string          `json:"date"`
	Seal         string          `json:"seal"`
	Signature    *vxSignature    `json:"signature,omitempty"`
	Layout       *vxLayout       `json:"ballotLayout,omitempty"`
	Districts    []vxNamed       `json:"districts"`
	Parties      []vxParty       `json:"parties"`
	Precincts    []vxPrecinct    `json:"precincts"`
	Places       []vxPlace       `json:"pollingPlaces,omitempty"`
	Contests     []vxContest     `json:"contests"`
	Styles       []vxStyle       `json:"ballotStyles"`
	Strings      vxStrings       `json:"ballotStrings"`
	Grids        []vxGrid        `json:"gridLayouts,omitempty"` // 4.0
	HashInput    json.RawMessage `json:"additionalHashInput,omitempty"`
}

type vxNamed struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type vxSignature struct {
	Image   string `json:"image"`
	Caption string `json:"caption"`
}

type vxLayout struct {
	PaperSize        Paper `json:"paperSize"`
	MetadataEncoding Codes `json:"metadataEncoding"`
}

type vxParty struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	FullName string `json:"fullName"`
	Abbrev   string `json:"abbrev"`
}

type vxPrecinct struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Districts []string  `json:"districtIds,omitempty"`
	Splits    []vxSplit `json:"splits,omitempty"`
}

type vxSplit struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Districts []string `json:"districtIds"`
	Title     string   `json:"electionTitleOverride,omitempty"`
	Seal      string   `json:"electionSealOverride,omitempty"`
	Image     string   `json:"clerkSignatureImage,omitempty"`
	Caption   string   `json:"clerkSignatureCaption,omitempty"`
}

type vxPlace struct {
	ID        string                     `json:"id"`
	Name      string                     `json:"name"`
	Precincts map[string]vxPlacePrecinct `json:"precincts"`
	Type      string                     `json:"type"`
}

type vxPlacePrecinct struct {
	Type   string   `json:"type"`
	Splits []string `json:"splitIds,omitempty"`
}

type vxContest struct {
	ID          string        `json:"id"`
	Section     string        `json:"section,omitempty"` // 2020
	District    string        `json:"districtId"`
	Title       string        `json:"title"`
	Type        string        `json:"type"`
	Seats       int           `json:"seats,omitempty"`
	Candidates  []vxCandidate `json:"candidates,omitempty"`
	WriteIns    *bool         `json:"allowWriteIns,omitempty"`
	Party       string        `json:"partyId,omitempty"`
	Term        string        `json:"termDescription,omitempty"`
	Description string        `json:"description,omitempty"`
	Yes         *vxLabelled   `json:"yesOption,omitempty"` // 4.0
	No          *vxLabelled   `json:"noOption,omitempty"`
	Options     []vxLabelled  `json:"options,omitempty"` // 4.1
	// The either/neither pair of 2020 stands in one contest.
	EitherNeitherID    string      `json:"eitherNeitherContestId,omitempty"`
	PickOneID          string      `json:"pickOneContestId,omitempty"`
	EitherNeitherLabel string      `json:"eitherNeitherLabel,omitempty"`
	PickOneLabel       string      `json:"pickOneLabel,omitempty"`
	Either             *vxLabelled `json:"eitherOption,omitempty"`
	Neither            *vxLabelled `json:"neitherOption,omitempty"`
	First              *vxLabelled `json:"firstOption,omitempty"`
	Second             *vxLabelled `json:"secondOption,omitempty"`
}

type vxCandidate struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	First   string   `json:"firstName,omitempty"`
	Middle  string   `json:"middleName,omitempty"`
	Last    string   `json:"lastName,omitempty"`
	Parties []string `json:"partyIds,omitempty"`
	Party   string   `json:"partyId,omitempty"` // 2020
}

type vxLabelled struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type vxStyle struct {
	ID        string                 `json:"id"`
	Group     string                 `json:"groupId,omitempty"`
	Precincts []string               `json:"precincts"`
	Districts []string               `json:"districts"`
	Party     string                 `json:"partyId,omitempty"`
	Languages []string               `json:"languages,omitempty"`
	Order     map[string][]vxOrdered `json:"orderedCandidatesByContest,omitempty"`
	Positions [][2][]vxOnSheet       `json:"ballotPositions,omitempty"` // 4.1
}

type vxOrdered struct {
	ID      string   `json:"id"`
	Parties []string `json:"partyIds,omitempty"`
}

type vxOnSheet struct {
	Contest string       `json:"contestId"`
	Bounds  vxBox        `json:"bounds"`
	Options []vxPosition `json:"options"`
}

type vxPosition struct {
	Type    string   `json:"type"`
	Bubble  vxPoint  `json:"bubbleCenter"`
	Bounds  vxBox    `json:"bounds"`
	Option  string   `json:"optionId,omitempty"`
	WriteIn *int     `json:"writeInIndex,omitempty"`
	Area    *vxBox   `json:"writeInArea,omitempty"`
	Parties []string `json:"partyIds,omitempty"`
}

type vxPoint struct {
	Row    float64 `json:"row"`
	Column float64 `json:"column"`
}

type vxBox struct {
	Row    float64 `json:"row"`
	Column float64 `json:"column"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

type vxGrid struct {
	Style     string           `json:"ballotStyleId"`
	Around    vxAround         `json:"optionBoundsFromTargetMark"`
	Positions []vxGridPosition `json:"gridPositions"`
}

type vxAround struct {
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
	Left   float64 `json:"left"`
}

type vxGridPosition struct {
	Type    string    `json:"type"`
	Sheet   int       `json:"sheetNumber"`
	Side    string    `json:"side"`
	Column  float64   `json:"column"`
	Row     float64   `json:"row"`
	Contest string    `json:"contestId"`
	Option  string    `json:"optionId,omitempty"`
	WriteIn *int      `json:"writeInIndex,omitempty"`
	Area    *vxXYArea `json:"writeInArea,omitempty"`
	Parties []string  `json:"partyIds,omitempty"`
}

type vxXYArea struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

type vxStrings map[string]map[string]vxText

func (t *vxStrings) UnmarshalJSON(data []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*t = vxStrings{}
	for lang, x := range all {
		texts := map[string]vxText{}
		if len(x) > 0 && x[0] == '"' { // in 2020 texts stood there without a language
			var text vxText
			if err := json.Unmarshal(x, &text); err != nil {
				return err
			}
			lang, texts[lang] = "en", text
		} else if err := json.Unmarshal(x, &texts); err != nil {
			return err
		}
		if (*t)[lang] == nil {
			(*t)[lang] = texts
		} else {
			maps.Copy((*t)[lang], texts)
		}
	}
	return nil
}

// vxText is a text, or texts by id.
type vxText Text

func (t *vxText) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return json.Unmarshal(data, &t.One)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	t.ByID = map[string]string{}
	for id, x := range all {
		var text string
		if json.Unmarshal(x, &text) == nil { // definitions of 2020 nest deeper; nothing of theirs is printed
			t.ByID[id] = text
		}
	}
	return nil
}

func (t vxText) MarshalJSON() ([]byte, error) {
	if t.ByID != nil {
		return json.Marshal(t.ByID)
	}
	return json.Marshal(t.One)
}

// mostSheets is how many sheets a ballot may have; its pages are counted with five bits.
const mostSheets = 15

func (w *vxElection) election() (*Election, error) {
	e := &Election{ID: w.ID, Title: w.Title, State: w.State, Seal: w.Seal, Paper: Letter, Codes: QRCodes}
	e.Date, _, _ = strings.Cut(w.Date, "T") // in 2020 the hour stood there too
	if w.Jurisdiction != nil {
		e.Format, e.Jurisdiction = V41, Jurisdiction(*w.Jurisdiction)
	} else if w.County != nil {
		e.Jurisdiction = Jurisdiction(*w.County)
	}
	if w.HashInput != nil {
		e.HashInput = slices.Clone(w.HashInput)
	}
	if w.Layout != nil {
		e.Paper, e.Codes = w.Layout.PaperSize, w.Layout.MetadataEncoding
	}
	if w.Signature != nil {
		e.Signature = &Signature{w.Signature.Image, w.Signature.Caption}
	}
	for _, d := range w.Districts {
		e.Districts = append(e.Districts, District(d))
	}
	for _, p := range w.Parties {
		e.Parties = append(e.Parties, Party(p))
	}
	for _, p := range w.Precincts {
		e.Precincts = append(e.Precincts, p.precinct())
	}
	for _, s := range w.Styles {
		if s.Positions != nil {
			e.Format = V41
		}
	}
	for i, c := range w.Contests {
		all, err := c.contests(i)
		if err != nil {
			return nil, err
		}
		e.Contests = append(e.Contests, all...)
	}
	for _, err := range []error{w.setType(e), w.setPlaces(e), w.setStyles(e)} {
		if err != nil {
			return nil, err
		}
	}
	e.Texts = Texts{}
	for lang, texts := range w.Strings {
		e.Texts[lang] = map[string]Text{}
		for key, t := range texts {
			e.Texts[lang][key] = Text(t)
		}
	}
	return e, nil
}

func (w *vxElection) setType(e *Election) error {
	switch w.Type {
	case "general", "": // 2020 says nothing
	case "primary", "closed-primary":
		e.Type = ClosedPrimary
	case "open-primary":
		e.Type = OpenPrimary
	default:
		return fault.Invalidf("The election is of the type “%s”, which this program does not know. It knows general, closed-primary and open-primary.", w.Type)
	}
	return nil
}

func (w *vxElection) setPlaces(e *Election) error {
	for _, p := range w.Places {
		place := Place{ID: p.ID, Name: p.Name}
		switch p.Type {
		case "election_day", "":
		case "early_voting":
			place.Kind = EarlyVoting
		case "absentee":
			place.Kind = AbsenteePlace
		default:
			return fault.Invalidf("The polling place “%s” is of the type “%s”, which this program does not know.", p.Name, p.Type)
		}
		for id, x := range p.Precincts {
			place.Precincts = append(place.Precincts, PlacePrecinct{Precinct: id, Splits: x.Splits})
		}
		slices.SortFunc(place.Precincts, func(a, b PlacePrecinct) int { return strings.Compare(a.Precinct, b.Precinct) })
		e.Places = append(e.Places, place)
	}
	return nil
}

func (w *vxPrecinct) precinct() Precinct {
	p := Precinct{ID: w.ID, Name: w.Name, Districts: w.Districts}
	for _, s := range w.Splits {
		x := Split{ID: s.ID, Name: s.Name, Districts: s.Districts, Title: s.Title, Seal: s.Seal}
		if s.Image != "" || s.Caption != "" {
			x.Signature = &Signature{s.Image, s.Caption}
		}
		p.Splits = append(p.Splits, x)
	}
	return p
}

// contests returns a contest, or the two of an old either/neither pair. i is its place in the definition, from 0.
func (w *vxContest) contests(i int) ([]Contest, error) {
	c := Contest{ID: w.ID, District: w.District, Title: w.Title, Party: w.Party, Seats: 1, Text: w.Description, Term: w.Term, Section: w.Section,
		WriteIns: w.WriteIns != nil && *w.WriteIns}
	switch w.Type {
	case "candidate":
		c.Seats = w.Seats
		for _, x := range w.Candidates {
			o := Option{ID: x.ID, Name: x.Name, First: x.First, Mid: x.Middle, Last: x.Last, Parties: x.Parties}
			if x.Party != "" {
				o.Parties = append(slices.Clone(o.Parties), x.Party)
			}
			c.Options = append(c.Options, o)
		}
	case "yesno":
		c.Kind = Measure
		switch {
		case len(w.Options) > 0:
			c.Options = labelled(w.Options...)
		case w.Yes != nil && w.No != nil:
			c.Options = labelled(*w.Yes, *w.No)
		default: // 2020 prints "Yes" and "No" and gives them no ids
			c.Options = []Option{{ID: "yes", Name: "Yes"}, {ID: "no", Name: "No"}}
		}
	case "straight-party":
		c.Kind, c.Options = StraightParty, labelled(w.Options...)
	case "ms-either-neither":
		if w.Either == nil || w.Neither == nil || w.First == nil || w.Second == nil {
			return nil, fault.Invalidf("Contest %d, “%s”, is an either/neither pair without its four options.", i+1, w.Title)
		}
		a, b := c, c
		a.ID, a.Kind, a.Prompt, a.Options = w.EitherNeitherID, EitherNeither, w.EitherNeitherLabel, labelled(*w.Either, *w.Neither)
		b.ID, b.Kind, b.Prompt, b.Options = w.PickOneID, PickOne, w.PickOneLabel, labelled(*w.First, *w.Second)
		return []Contest{a, b}, nil
	default:
		return nil, fault.Invalidf("Contest %d, “%s”, is of the type “%s”, which this program does not know. Update this program, or ask for a definition without it.", i+1, w.Title, w.Type)
	}
	return []Contest{c}, nil
}

func labelled(all ...vxLabelled) []Option {
	var options []Option
	for _, o := range all {
		options = append(options, Option{ID: o.ID, Name: o.Label})
	}
	return options
}

func (w *vxElection) setStyles(e *Election) error {
	for _, s := range w.Styles {
		x := Style{ID: s.ID, Group: s.Group, Precincts: s.Precincts, Districts: s.Districts, Party: s.Party, Languages: s.Languages}
		if s.Order != nil {
			x.Order = map[string][]Ordered{}
			for contest, order := range s.Order {
				for _, o := range order {
					x.Order[contest] = append(x.Order[contest], Ordered{o.ID, o.Parties})
				}
			}
		}
		if len(s.Positions) > mostSheets {
			return tooManySheets(s.ID, len(s.Positions))
		}
		for _, sheet := range s.Positions {
			x.Sheets = append(x.Sheets, Sheet{onSide(sheet[Front]), onSide(sheet[Back])})
		}
		e.Styles = append(e.Styles, x)
	}
	for _, g := range w.Grids {
		i := slices.IndexFunc(e.Styles, func(s Style) bool { return s.ID == g.Style })
		if i < 0 {
			return fault.Invalidf("The definition says where the ovals of the ballot style “%s” are, and has no such style.", g.Style)
		}
		if err := g.sheets(&e.Styles[i]); err != nil {
			return err
		}
	}
	return nil
}

func tooManySheets(style string, n int) error {
	return fault.Invalidf("The ballot style “%s” has %d sheets; a ballot has at most %d.", style, n, mostSheets)
}

func onSide(all []vxOnSheet) []Position {
	var side []Position
	for _, c := range all {
		for _, o := range c.Options {
			p := Position{Contest: c.Contest, Option: o.Option, Parties: o.Parties, Bubble: Point{o.Bubble.Column, o.Bubble.Row}, Bounds: o.Bounds.box()}
			if o.WriteIn != nil {
				p.WriteIn = *o.WriteIn
			}
			if o.Area != nil {
				p.Area = o.Area.box()
			}
			side = append(side, p)
		}
	}
	return side
}

func (b vxBox) box() Box { return Box{b.Column, b.Row, b.Width, b.Height} }

// sheets lays the positions of version 4.0 out by sheet and side.
func (g *vxGrid) sheets(s *Style) error {
	a := g.Around
	for _, p := range g.Positions {
		if p.Sheet < 1 || p.Sheet > mostSheets {
			return tooManySheets(s.ID, p.Sheet)
		}
		for len(s.Sheets) < p.Sheet {
			s.Sheets = append(s.Sheets, Sheet{})
		}
		x := Position{Contest: p.Contest, Option: p.Option, Parties: p.Parties, Bubble: Point{p.Column, p.Row},
			Bounds: Box{p.Column - a.Left, p.Row - a.Top, a.Left + a.Right, a.Top + a.Bottom}}
		if p.WriteIn != nil {
			x.WriteIn = *p.WriteIn
		}
		if p.Area != nil {
			x.Area = Box{p.Area.X, p.Area.Y, p.Area.Width, p.Area.Height}
		}
		side := Front
		switch p.Side {
		case "front":
		case "back":
			side = Back
		default:
			return fault.Invalidf("An oval of the ballot style “%s” is on the side “%s”. There is only front and back.", s.ID, p.Side)
		}
		s.Sheets[p.Sheet-1][side] = append(s.Sheets[p.Sheet-1][side], x)
	}
	return nil
}
