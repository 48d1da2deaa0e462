// Package contact is what was tried to reach people, and how it went.
//
// Each attempt belongs to the organisation whose person tried. Results are a closed list, so that they mean the same on a phone, in a file and in a count;
// some of them say more than how the attempt went, and what they say is written down with them: a wrong number is wrong from then on, a wish not to be
// called is a suppression.
package contact

import (
	_ "embed"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Result is how an attempt went.
type Result string

// The results. Names follow what field programs have used for decades (VAN's canvass results).
const (
	Reached      Result = "reached"      // talked; answers, if any, are recorded apart
	NotHome      Result = "not_home"     //
	Refused      Result = "refused"      //
	CallBack     Result = "call_back"    // asked to be called or visited later
	LeftMessage  Result = "left_message" // on a machine
	LitDropped   Result = "lit_dropped"  // left paper at the door
	Inaccessible Result = "inaccessible" // gate, dog, no such door
	Language     Result = "language"     // no language in common
	Moved        Result = "moved"        // lives elsewhere now
	Deceased     Result = "deceased"     //
	WrongNumber  Result = "wrong_number" // somebody else's phone
	Disconnected Result = "disconnected" // no such number any more
	Busy         Result = "busy"         //
	Sent         Result = "sent"         // text, letter or e-mail went out
	Undelivered  Result = "undelivered"  // it came back
	DoNotCall    Result = "do_not_call"  // asked not to be called again
	DoNotText    Result = "do_not_text"  //
	DoNotKnock   Result = "do_not_knock" //
	DoNotEmail   Result = "do_not_email" //
	DoNotMail    Result = "do_not_mail"  //
	Hostile      Result = "hostile"      // do not go there alone
)

// Meaning says what a result is: its name, by which channels it can happen, and what it does besides.
type Meaning struct {
	Result     Result
	Name       string
	Channels   []person.Channel
	Counts     bool             // the person was talked with
	Suppresses []person.Channel // the person is not to be reached this way any more
	BadNumber  bool             // the number tried is wrong
}

var (
	anyWay  = person.Channels()
	byVoice = []person.Channel{person.ByDoor, person.ByCall}
	byPhone = []person.Channel{person.ByCall, person.ByText}
	written = []person.Channel{person.ByText, person.ByMail, person.ByEmail}
)

// Meanings returns all results in the order to show them.
func Meanings() []Meaning {
	return []Meaning{
		{Result: Reached, Name: "Reached", Channels: anyWay, Counts: true},
		{Result: NotHome, Name: "Not home", Channels: byVoice},
		{Result: Refused, Name: "Refused to talk", Channels: []person.Channel{person.ByDoor, person.ByCall, person.ByText}, Counts: true},
		{Result: CallBack, Name: "Come or call back", Channels: byVoice, Counts: true},
		{Result: LeftMessage, Name: "Left a message", Channels: []person.Channel{person.ByCall}},
		{Result: LitDropped, Name: "Left literature", Channels: []person.Channel{person.ByDoor}},
		{Result: Inaccessible, Name: "Could not get to the door", Channels: []person.Channel{person.ByDoor}},
		{Result: Language, Name: "No language in common", Channels: byVoice},
		{Result: Moved, Name: "Has moved", Channels: anyWay},
		{Result: Deceased, Name: "Deceased", Channels: anyWay, Suppresses: anyWay},
		{Result: WrongNumber, Name: "Wrong number", Channels: byPhone, BadNumber: true},
		{Result: Disconnected, Name: "Disconnected", Channels: byPhone, BadNumber: true},
		{Result: Busy, Name: "Busy", Channels: []person.Channel{person.ByCall}},
		{Result: Sent, Name: "Sent", Channels: written},
		{Result: Undelivered, Name: "Could not be delivered", Channels: written},
		{Result: DoNotCall, Name: "Asked not to be called", Channels: anyWay, Suppresses: []person.Channel{person.ByCall}},
		{Result: DoNotText, Name: "Asked not to be texted", Channels: anyWay, Suppresses: []person.Channel{person.ByText}},
		{Result: DoNotKnock, Name: "Asked not to be visited", Channels: anyWay, Suppresses: []person.Channel{person.ByDoor}},
		{Result: DoNotEmail, Name: "Asked not to get email", Channels: anyWay, Suppresses: []person.Channel{person.ByEmail}},
		{Result: DoNotMail, Name: "Asked not to get mail", Channels: anyWay, Suppresses: []person.Channel{person.ByMail}},
		{Result: Hostile, Name: "Hostile", Channels: byVoice},
	}
}

// MeaningOf returns what r says.
func MeaningOf(r Result) (Meaning, bool) {
	all := Meanings()
	i := slices.IndexFunc(all, func(m Meaning) bool { return m.Result == r })
	if i < 0 {
		return Meaning{}, false
	}
	return all[i], true
}

// Attempt is one attempt to reach a person.
type Attempt struct {
	ID      string         // made by whoever tried; "" makes one here. Sending it again changes nothing
	Person  int64          //
	Channel person.Channel //
	Result  Result         //
	Number  string         // the phone number tried, ten digits; needed for results about the number
	At      time.Time      // zero: now
	By      int64          // account of who tried; 0: the actor, who otherwise only wrote it down
}

// Store keeps the attempts of a site.
type Store struct {
	DB  *db.DB
	Now func() time.Time // nil: time.Now
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}
