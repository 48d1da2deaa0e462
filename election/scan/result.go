package scan

import "github.com/openprecinct/precinct/election/ballot"

// Result is a reading or a refusal in the words in which interpreters are compared, as JSON.
type Result struct {
	ID               string                   `json:"id,omitempty"`
	Outcome          string                   `json:"outcome"` // accepted, needs-review or rejected
	Reason           string                   `json:"reason,omitempty"`
	Detail           string                   `json:"detail,omitempty"`   // our own, finer reason
	Evidence         string                   `json:"evidence,omitempty"` // what was measured
	Message          string                   `json:"message,omitempty"`
	Metadata         *ResultMetadata          `json:"metadata,omitempty"`
	Votes            map[string][]string      `json:"votes,omitempty"`
	Contests         map[string]ResultContest `json:"contests,omitempty"`
	UnmarkedWriteIns [][2]string              `json:"unmarkedWriteIns,omitzero"`
	MarginalMarks    [][2]string              `json:"marginalMarks,omitzero"`
	Options          []ResultOption           `json:"options,omitempty"`
	MS               float64                  `json:"ms"` // milliseconds that it took
}

// ResultMetadata is what a sheet says of itself.
type ResultMetadata struct {
	BallotHash20  string `json:"ballotHash20,omitempty"`
	PrecinctID    string `json:"precinctId,omitempty"`
	BallotStyleID string `json:"ballotStyleId,omitempty"`
	BallotType    string `json:"ballotType,omitempty"`
	AuditID       string `json:"ballotAuditId,omitempty"`
	IsTestMode    bool   `json:"isTestMode"`
	SheetNumber   int    `json:"sheetNumber,omitempty"`
	PageNumbers   []int  `json:"pageNumbers,omitempty"`
	SideAIsFront  bool   `json:"sideAIsFront"`
	UpsideDown    bool   `json:"upsideDown"`
}

// ResultContest is what a sheet says in one contest.
type ResultContest struct {
	Overvotes  int      `json:"overvotes"`
	Undervotes int      `json:"undervotes"`
	Status     []string `json:"status"`
}

// ResultOption is one oval.
type ResultOption struct {
	ContestID string  `json:"contestId"`
	OptionID  string  `json:"optionId"`
	Page      int     `json:"page,omitempty"`
	Class     string  `json:"class"`
	Doubt     string  `json:"doubt,omitempty"`
	Fill      float64 `json:"fill"`
	Adaptive  float64 `json:"adaptiveFill"`
	Match     float64 `json:"match"`
	Crop      [4]int  `json:"crop"` // x, y, width, height in the image
	Side      int     `json:"side"` // 0 for the first image
}

// Result returns a refusal as a result.
func (r *Refusal) Result() Result {
	return Result{Outcome: "rejected", Reason: r.Reason.Peer(), Detail: r.Reason.String(), Evidence: r.Evidence(), Message: r.Err().Error()}
}

// Result returns a reading as a result.
func (r *Reading) Result() Result {
	out := resultOf(r.Ovals, r.Contests)
	m := ResultMetadata{BallotHash20: r.Page.HashStart, PrecinctID: r.Precinct, BallotStyleID: r.Style, AuditID: r.Page.AuditID, IsTestMode: r.Page.Test,
		SheetNumber: r.Sheet, PageNumbers: r.Pages[:], SideAIsFront: r.FrontSide == 0, UpsideDown: r.Sides[r.FrontSide].UpsideDown}
	if r.Page.HashStart != "" {
		m.BallotType = r.Page.For.String()
	}
	out.Metadata = &m
	for _, w := range r.WriteIns {
		if w.Unmarked {
			out.UnmarkedWriteIns = append(out.UnmarkedWriteIns, [2]string{w.Contest, OptionID(ballot.Position{WriteIn: w.Index})})
		}
	}
	return out
}

// ResultOfPages returns pages that were read in registration mode as one result.
func ResultOfPages(e *ballot.Election, pages []*PageReading) Result {
	var ovals []Oval
	for i, p := range pages {
		for _, o := range p.Ovals {
			o.Page, o.Side = i+1, i
			ovals = append(ovals, o)
		}
	}
	out := resultOf(ovals, count(e, ovals))
	if len(pages) > 0 {
		out.Metadata = &ResultMetadata{SideAIsFront: true, UpsideDown: pages[0].UpsideDown}
	}
	return out
}

func resultOf(ovals []Oval, contests []Contest) Result {
	out := Result{Outcome: "accepted", Votes: map[string][]string{}, Contests: map[string]ResultContest{}, UnmarkedWriteIns: [][2]string{}, MarginalMarks: [][2]string{}}
	for _, c := range contests {
		out.Votes[c.ID] = c.Votes
		out.Contests[c.ID] = ResultContest{c.Overvotes, c.Undervotes, c.Status()}
	}
	for _, o := range ovals {
		id := OptionID(o.Position)
		if o.Class == Marginal {
			out.Outcome = "needs-review"
			out.MarginalMarks = append(out.MarginalMarks, [2]string{o.Position.Contest, id})
		}
		out.Options = append(out.Options, ResultOption{ContestID: o.Position.Contest, OptionID: id, Page: o.Page, Class: o.Class.String(), Doubt: o.Doubt.String(),
			Fill: o.Fill, Adaptive: o.Adaptive, Match: o.Match, Side: o.Side, Crop: [4]int{o.Crop.Min.X, o.Crop.Min.Y, o.Crop.Dx(), o.Crop.Dy()}})
	}
	return out
}
