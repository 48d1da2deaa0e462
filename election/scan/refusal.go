package scan

import (
	"fmt"
	"image"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// Reason is why a sheet is not read. These are all; None is not among them.
type Reason uint8

// The reasons. Numbers in brackets are those a Refusal carries as evidence.
const (
	None Reason = iota
	// NotAnImage: the file cannot be decoded, or is damaged.
	NotAnImage
	// TooLarge: the image's header names more pixels than are read (pixels, most).
	TooLarge
	// TooCoarse: too few pixels to an inch to tell an oval's line from dust (pixels to an inch, least).
	TooCoarse
	// NoPaper: nothing in the image is light and large enough to be paper, or no ink stands out from it.
	NoPaper
	// NoTimingMarks: fewer than four timing marks in line along the left or the right edge: no ballot, or a blank page.
	NoTimingMarks
	// WrongPaper: there are timing marks, but not as many as this election's paper has.
	WrongPaper
	// TornTimingMarks: marks are missing or smeared and their neighbours do not agree where they were.
	TornTimingMarks
	// WrongScale: the sheet was printed smaller or larger than it must be (horizontal, vertical, least, most).
	WrongScale
	// Streaks: vertical lines of dust or a scratch of the scanner run down the sheet (pixels wide, first column).
	Streaks
	// NoCode: neither side says which ballot it is.
	NoCode
	// ForeignCode: what stands in the code is not a ballot's, or one that this program does not know.
	ForeignCode
	// SidesDisagree: front and back are of different ballots, or the same side twice.
	SidesDisagree
	// OtherElection: the ballot hash is that of another election.
	OtherElection
	// NoSuchPage: the election has no such precinct, ballot style or sheet.
	NoSuchPage
	// WrongMode: a test ballot while votes are counted, or an official one in a test.
	WrongMode
	// WrongPrecinct: a ballot of a precinct that is not counted here.
	WrongPrecinct
	// NotOnTemplate: in registration mode, the page is not that of the template, or too much of it differs.
	NotOnTemplate
	reasons // how many there are
)

var reasonNames = [reasons]string{"none", "not_an_image", "too_large", "too_coarse", "no_paper", "no_timing_marks", "wrong_paper", "torn_timing_marks", "invalid_scale",
	"vertical_streaks", "no_code", "foreign_code", "sides_disagree", "other_election", "no_such_page", "wrong_mode", "wrong_precinct", "not_on_template"}

// String returns the reason in one word.
func (r Reason) String() string { return reasonNames[min(r, reasons-1)] }

// Reasons returns all reasons, as they are counted in reports.
func Reasons() []Reason {
	all := make([]Reason, 0, reasons-1)
	for r := None + 1; r < reasons; r++ {
		all = append(all, r)
	}
	return all
}

// Peer returns the word that VotingWorks' scanners have for the reason, which has fewer.
func (r Reason) Peer() string {
	switch r {
	case WrongScale:
		return "invalid_scale"
	case Streaks:
		return "vertical_streaks"
	case OtherElection:
		return "invalid_ballot_hash"
	case WrongMode:
		return "invalid_test_mode"
	case WrongPrecinct:
		return "invalid_precinct"
	}
	return "unreadable"
}

// Refusal is why a sheet was not read, with its evidence.
type Refusal struct {
	Reason  Reason
	Side    int             // 0 or 1, as they were given; -1 for both
	Numbers []Number        // what was measured
	Crop    image.Rectangle // the part of the image that shows it, in its pixels; empty where it is all of it
}

// Number is one thing that was measured, with its name in English.
type Number struct {
	Name  string
	Value float64
}

// Evidence returns the numbers in one line.
func (r *Refusal) Evidence() string {
	var all []string
	for _, n := range r.Numbers {
		all = append(all, fmt.Sprintf("%s %.4g", n.Name, n.Value))
	}
	return strings.Join(all, ", ")
}

// Err returns the refusal as a sentence for people: what is wrong, and what to do.
func (r *Refusal) Err() error {
	switch r.Reason {
	case NotAnImage:
		return fault.Invalidf("The file is not a whole image. Scan the sheet again.")
	case TooLarge:
		return fault.Invalidf("The image has more pixels than any ballot needs. Scan the sheet at 200 or 300 pixels to an inch.")
	case TooCoarse:
		return fault.Invalidf("The image is too coarse to read marks safely. Scan the sheet at 200 or 300 pixels to an inch.")
	case NoPaper:
		return fault.Invalidf("There is no sheet in the image, or nothing is printed on it. Look at the paper and scan it again.")
	case NoTimingMarks:
		return fault.Invalidf("The timing marks along the edges were not found: this is no ballot, or its edges are covered. Look at the paper.")
	case WrongPaper:
		return fault.Invalidf("The sheet has another number of timing marks than this election's paper. Look whether it belongs to this election.")
	case TornTimingMarks:
		return fault.Invalidf("Timing marks are torn off, covered or smeared. Straighten and clean the sheet and scan it again, or have it copied onto a new ballot by two people.")
	case WrongScale:
		return fault.Invalidf("The ballot was not printed at its full size. Print it at 100 %% and have it copied onto a new ballot by two people.")
	case Streaks:
		return fault.Invalidf("Lines run down the image where the scanner is dirty. Clean its glass and scan the sheet again.")
	case NoCode:
		return fault.Invalidf("The code that says which ballot this is cannot be read on either side. Straighten and clean the sheet and scan it again.")
	case ForeignCode:
		return fault.Invalidf("The code on the sheet is not that of a ballot this program can read. Look at the paper.")
	case SidesDisagree:
		return fault.Invalidf("Front and back are not of the same sheet. Scan it again by itself.")
	case OtherElection:
		return fault.Invalidf("The sheet belongs to another election, or to another edition of this one. Set it aside.")
	case NoSuchPage:
		return fault.Invalidf("The code names a precinct, a ballot style or a page that this election does not have. Set the sheet aside.")
	case WrongMode:
		return fault.Invalidf("Test ballots are not counted with votes, nor official ones in a test. Set the sheet aside.")
	case WrongPrecinct:
		return fault.Invalidf("The ballot belongs to a precinct that is not counted here. Set it aside.")
	case NotOnTemplate:
		return fault.Invalidf("The page does not look like the blank page it is compared with. Look whether it is the right page.")
	}
	return fmt.Errorf("refusing a sheet: reason %d", r.Reason)
}
