package personpage

import (
	"github.com/openprecinct/precinct/field/list"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// day writes a date kept as yyyymmdd.
func day(t words.Translator, d int) string {
	if d == 0 {
		return "–"
	}
	return t.Day(d/10000, time.Month(max(1, d/100%100)), d%100)
}

func statusTone(s person.Status) web.Tone {
	switch s {
	case person.Active:
		return web.OK
	case person.Removed:
		return web.Stop
	case person.Inactive:
		return web.Warn
	default:
		return web.ToDo
	}
}

func whyWord(t words.Translator, w person.Why) string {
	switch w {
	case person.WhyBegins:
		return t.T("Begins like this")
	case person.WhyNickname:
		return t.T("Nickname")
	case person.WhyNear:
		return t.T("Spelled almost like this")
	case person.WhySounds:
		return t.T("Sounds like this")
	case person.WhyMiddle:
		return t.T("Middle name")
	case person.WhyPart:
		return t.T("Part of the last name")
	case person.WhyOrder:
		return t.T("Last name first")
	case person.WhyAddress:
		return t.T("Address")
	case person.WhyPhone:
		return t.T("Phone number")
	case person.WhyFirst:
		return t.T("First name")
	case person.WhyEmail:
		return t.T("Email address")
	default:
		return t.T("Voter id")
	}
}

func wayWord(t words.Translator, w person.Way) string {
	switch w {
	case person.ByAddress:
		return t.T("as an address")
	case person.ByPhone:
		return t.T("as a phone number")
	case person.ByEmailAddress:
		return t.T("as an email address")
	case person.ByStateID:
		return t.T("as a voter id")
	default:
		return t.T("as a name")
	}
}

func channelWord(t words.Translator, c person.Channel) string {
	switch c {
	case person.ByDoor:
		return t.T("Door")
	case person.ByText:
		return t.T("Text")
	case person.ByCall:
		return t.T("Call")
	case person.ByMail:
		return t.T("Mail")
	default:
		return t.T("Email")
	}
}

func stopLabel(t words.Translator, c person.Channel) string {
	switch c {
	case person.ByDoor:
		return t.T("Stop visits to this person")
	case person.ByText:
		return t.T("Stop texts to this person")
	case person.ByCall:
		return t.T("Stop calls to this person")
	case person.ByMail:
		return t.T("Stop mail to this person")
	default:
		return t.T("Stop email to this person")
	}
}

func stoppedWord(t words.Translator, c person.Channel) string {
	switch c {
	case person.ByDoor:
		return t.T("Do not knock")
	case person.ByText:
		return t.T("Do not text")
	case person.ByCall:
		return t.T("Do not call")
	case person.ByMail:
		return t.T("Do not mail")
	default:
		return t.T("Do not email")
	}
}

func methodWord(t words.Translator, e person.Election) string {
	switch {
	case e.Before:
		return t.T("Not yet registered")
	case e.Method == layout.NotCounted && !e.Voted:
		return t.T("Ballot not counted")
	case !e.Voted:
		return t.T("Did not vote")
	}
	switch e.Method {
	case layout.Polls:
		return t.T("At the polls")
	case layout.Early:
		return t.T("Early")
	case layout.ByMail:
		return t.T("By mail")
	case layout.Provisional:
		return t.T("Provisional ballot")
	case layout.Absentee:
		return t.T("Absentee")
	default:
		return t.T("Voted")
	}
}

func electionWord(t words.Translator, e layout.ElectionType) string {
	switch e {
	case layout.General:
		return t.T("General")
	case layout.Primary:
		return t.T("Primary")
	case layout.PresidentialPrimary:
		return t.T("Presidential primary")
	case layout.Runoff:
		return t.T("Runoff")
	case layout.Municipal:
		return t.T("City")
	case layout.Special:
		return t.T("Special")
	default:
		return t.T("Other")
	}
}

func sourceWord(t words.Translator, own bool, source string) string {
	switch {
	case own:
		return t.T("added by your organization")
	case source == "voter file":
		return t.T("from the voter file")
	default:
		return source
	}
}

func raceWord(t words.Translator, d *person.Demographic) string {
	s := list.RaceName(t, d.Race)
	if d.Ethnicity != "" {
		s += ", " + list.EthnicityName(t, d.Ethnicity)
	}
	return s
}

// dayOfMoment is the calendar day of a moment, without its weekday.
func dayOfMoment(t words.Translator, at time.Time) string {
	return t.Day(at.Year(), at.Month(), at.Day())
}
