package canvass

import (
	"encoding/json"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
)

// The kinds of event, beside undo.
const (
	kindAttempt = "attempt" // somebody was there, for a person or for the whole door
	kindAnswer  = "answer"  // to a survey question
	kindCode    = "code"    // an activist code, given or taken
	kindAsk     = "ask"     // asked for help: yes, no, maybe
	kindNote    = "note"    // about a person, or about the door
	kindStop    = "stop"    // asked not to be reached
	kindFix     = "fix"     // something about a person is wrong
	kindMet     = "met"     // somebody who is not on the list
	kindPlace   = "place"   // a unit or household that is not in the file
)

// newMark begins the ids of people and doors that a phone made: those met on the way.
const newMark = "n-"

func isNew(id string) bool {
	rest, ok := strings.CutPrefix(id, newMark)
	return ok && offline.ValidID(rest)
}

// said is one event as this package reads it.
type said struct {
	offline.Event
	packet *Packet
	door   string
	about  int64  // a person of the file; 0 for the whole door
	met    string // somebody met, not known yet; "" for none
	data   saidData
	people []int64 // whom it is about: one person, everybody of the list at the door, or nobody
}

// saidData is what the kinds carry, all in one.
type saidData struct {
	Result   string          `json:"result"`
	Step     string          `json:"step"`
	Question int64           `json:"question"`
	Response int64           `json:"response"`
	Code     int64           `json:"code"`
	On       bool            `json:"on"`
	Answer   string          `json:"answer"`
	Text     string          `json:"text"`
	Channel  string          `json:"channel"`
	What     string          `json:"what"`
	About    string          `json:"about"`
	Should   string          `json:"should"`
	Raw      json.RawMessage `json:"-"`
}

func errBadEvent() *fault.Error {
	return fault.Invalidf("It is not written as this program writes it. The app may be older or newer than the site.")
}

// read reads the parts of an event.
func read(e offline.Event) (said, *fault.Error) {
	var w struct {
		Door   string          `json:"door"`
		Person json.RawMessage `json:"person"`
		Data   json.RawMessage `json:"data"`
	}
	x := said{Event: e}
	if json.Unmarshal(e.Body, &w) != nil {
		return x, errBadEvent()
	}
	x.door = w.Door
	if len(w.Person) > 0 && string(w.Person) != "null" {
		if json.Unmarshal(w.Person, &x.about) != nil && (json.Unmarshal(w.Person, &x.met) != nil || !isNew(x.met)) || x.about < 0 || x.about == 0 && x.met == "" {
			return x, errBadEvent()
		}
	}
	if len(w.Data) > 0 && json.Unmarshal(w.Data, &x.data) != nil {
		return x, errBadEvent()
	}
	x.data.Raw = w.Data
	return x, nil
}

// own is the number under which something of the event about one person is kept.
func (x said) own(person int64) string {
	if x.about != 0 {
		return x.ID
	}
	return x.ID + "-" + doorID(person)
}
