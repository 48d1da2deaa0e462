package contact

import (
	"slices"

	"github.com/openprecinct/precinct/field/person"
)

// Standard is what VAN calls a result, a contact type or an input type: numbers and names that files, scanners and other programs go by.
type Standard struct {
	Number int64
	Name   string // VAN's own English, not for pages
	Short  string // of results, as printed sheets have it; "" for none
}

// own is where the numbers begin of results to which VAN gives none that anybody has seen.
const own = 500

// standards are VAN's results. Numbers are on paper and in other people's files: they never change.
var standards = map[Result]Standard{
	NotHome: {1, "Not Home", "NH"}, Refused: {2, "Refused", "RF"}, Inaccessible: {3, "Inaccessible", "IA"}, Deceased: {4, "Deceased", "DC"},
	Moved: {5, "Moved", "MV"}, CallBack: {13, "Come Back", "CB"}, Reached: {14, "Canvassed", "CV"}, Busy: {18, "Busy", "BZ"},
	LeftMessage: {19, "Left Message", "LM"}, WrongNumber: {20, "Wrong Number", "WN"}, LitDropped: {21, "Lit Dropped", ""},
	DoNotCall: {22, "Do Not Call", "XC"}, DoNotKnock: {23, "Do Not Walk", "XW"}, Disconnected: {25, "Disconnected", "WX"}, Hostile: {41, "Hostile", ""},
	DoNotText: {130, "Do Not Text", "XT"}, DoNotEmail: {131, "Do Not Email", "DE"}, Language: {own, "Language Barrier", ""}, Sent: {own + 1, "Texted", ""},
	Undelivered: {own + 2, "Deliverability Error", ""}, DoNotMail: {own + 3, "Do Not Mail", ""},
}

// Standard returns what VAN calls a result. Numbers from 500 on are ours: VAN has such a result, but its number is not known.
func (r Result) Standard() Standard { return standards[r] }

// ResultOf returns the result of one of VAN's numbers, or of ours.
func ResultOf(number int64) (Result, bool) {
	for _, m := range Meanings() {
		if standards[m.Result].Number == number {
			return m.Result, true
		}
	}
	switch number {
	case 17: // VAN has two of them: “Call Back” by phone, “Come Back” at the door
		return CallBack, true
	case 205: // “Contacted”, which it writes when only an answer came
		return Reached, true
	}
	return "", false
}

// ContactType returns how VAN calls an attempt by a channel.
func ContactType(c person.Channel) (Standard, bool) {
	s, ok := map[person.Channel]Standard{person.ByCall: {Number: 1, Name: "Phone"}, person.ByDoor: {Number: 2, Name: "Walk"}, person.ByText: {Number: 37, Name: "SMS Text"}}[c]
	return s, ok
}

// ChannelOf returns the channel of one of VAN's contact types; distributed and community canvasses are walks like any other.
func ChannelOf(contactType int64) (person.Channel, bool) {
	for c, types := range map[person.Channel][]int64{person.ByCall: {1, 4, 19, 133, 143}, person.ByDoor: {2, 139, 141, 145}, person.ByText: {37, 132, 142}} {
		if slices.Contains(types, contactType) {
			return c, true
		}
	}
	return "", false
}

// The sources of attempts and answers: how they came in.
const (
	FromHand  = "hand"  // typed on a person's page
	FromFile  = "file"  // loaded from a file
	FromDoor  = "door"  // the phone app
	FromPhone = "phone" // a phone bank
	FromText  = "text"  // texting
	FromPaper = "paper" // a sheet, typed into the grid
	FromScan  = "scan"  // a sheet, its bar codes scanned
)

// InputType returns how VAN calls a source.
func InputType(source string) (Standard, bool) {
	s, ok := map[string]Standard{FromHand: {Number: 2, Name: "Manual"}, FromScan: {Number: 3, Name: "Bar Code"}, FromFile: {Number: 4, Name: "Bulk"},
		FromPhone: {Number: 10, Name: "VPB"}, FromDoor: {Number: 14, Name: "Mobile"}, FromText: {Number: 11, Name: "API"}, FromPaper: {Number: 2, Name: "Manual"}}[source]
	return s, ok
}
