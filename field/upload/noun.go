package upload

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
)

// The keys of the columns.
const (
	colVoter    = "voter_id"
	colPerson   = "person_id"
	colResponse = "response"
	colValue    = "value"
	colGroup    = "group"
	colStatus   = "status"
	colPhone    = "phone"
	colKind     = "kind"
	colEmail    = "email"
	colChannel  = "channel"
	colResult   = "result"
	colReason   = "reason"
	colDay      = "day"
)

// found is where Check leaves the person of a row.
const found = "found"

// noun returns what the rows of a file hold.
func noun(k Kind, d codebook.Definition) exchange.Noun {
	n := exchange.Noun{Key: "field_" + string(k), Columns: []exchange.Column{
		{Key: colVoter, Label: "Voter ID", Names: []string{"ncid", "sos voterid", "state voter id", "voter registration number", "voterid", "state id"}, Parse: exchange.Text(40)},
		{Key: colPerson, Label: "Person number", Names: []string{"person id", "precinct id"}, Parse: exchange.Whole(1, 1<<62)},
	}}
	n.Columns = append(n.Columns, columns(k, d)...)
	if k == Scores {
		n.Unique = []string{colVoter, colPerson}
	}
	return n
}

func columns(k Kind, d codebook.Definition) []exchange.Column {
	day := exchange.Column{Key: colDay, Label: "Date", Names: []string{"day", "when", "date canvassed", "answered on"}, Parse: exchange.Day}
	channel := exchange.Column{Key: colChannel, Label: "Channel", Names: []string{"contact type", "by"}, Required: true, Parse: oneOf(channels())}
	switch k {
	case Answers:
		return []exchange.Column{{Key: colResponse, Label: "Response", Names: []string{"answer", "survey response"}, Required: true, Parse: oneOf(parts(d))}, day}
	case Scores:
		return []exchange.Column{{Key: colValue, Label: "Score", Names: []string{"value", d.Name}, Required: true, Parse: decimal(d)}}
	case Customs:
		return []exchange.Column{{Key: colValue, Label: "Value", Names: []string{d.Name}, Required: true, Parse: custom(d)}}
	case Targets:
		return []exchange.Column{{Key: colGroup, Label: "Group", Names: []string{"subgroup"}, Required: true, Parse: oneOf(parts(d))}}
	case Signups:
		return []exchange.Column{{Key: colStatus, Label: "Sign-up status", Names: []string{"status"}, Required: true, Parse: exchange.OneOf(codebook.SignupStatuses()...)}}
	case Phones:
		return []exchange.Column{{Key: colPhone, Label: "Phone", Names: []string{"phone number", "cell phone", "mobile", "number"}, Required: true, Parse: exchange.Phone},
			{Key: colKind, Label: "Kind of phone", Names: []string{"phone type", "kind"}, Parse: exchange.OneOf(person.PhoneKinds()...)}}
	case Emails:
		return []exchange.Column{{Key: colEmail, Label: "Email", Names: []string{"e-mail", "email address", "mail"}, Required: true, Parse: exchange.Email}}
	case Contacts:
		return []exchange.Column{channel, {Key: colResult, Label: "Result", Required: true, Parse: oneOf(results())}, day,
			{Key: colPhone, Label: "Phone", Names: []string{"phone number"}, Parse: exchange.Phone}}
	case Suppressions:
		return []exchange.Column{channel, {Key: colReason, Label: "Reason not to", Names: []string{"reason", "why", "note"}, Required: true, Parse: exchange.Text(200)}}
	}
	return nil
}

// word is one thing a cell may say, under any of its names.
type word struct {
	value any
	names []string
}

// oneOf takes any name of a word, in any case. The value is the word's.
func oneOf(words []word) func(string) (any, error) {
	values := map[string]any{}
	var first []string
	for _, w := range words {
		for _, n := range w.names {
			if n = strings.ToLower(n); values[n] == nil {
				values[n] = w.value
			}
		}
		first = append(first, w.names[0])
	}
	return func(s string) (any, error) {
		if v := values[strings.ToLower(s)]; v != nil {
			return v, nil
		}
		return nil, fault.Invalidf("This must be one of: %s.", strings.Join(first, ", "))
	}
}

// parts are the responses or groups of a definition that may be given, by any of their names.
func parts(d codebook.Definition) []word {
	var all []word
	for _, p := range d.Parts {
		if !p.Active {
			continue
		}
		w := word{value: p.ID, names: []string{p.Name}}
		for _, n := range []string{p.Medium, p.Short} {
			if n != "" {
				w.names = append(w.names, n)
			}
		}
		all = append(all, w)
	}
	return all
}

func channels() []word {
	return []word{
		{person.ByDoor, []string{"door", "walk", "canvass"}}, {person.ByCall, []string{"phone", "call"}}, {person.ByText, []string{"text", "sms", "sms text"}},
		{person.ByMail, []string{"mail", "letter"}}, {person.ByEmail, []string{"email", "e-mail"}},
	}
}

// results are all results of attempts, by our word, by their English name, and by the names that VAN's exports give them.
func results() []word {
	old := map[contact.Result][]string{
		contact.Reached: {"canvassed", "contacted"}, contact.NotHome: {"nh"}, contact.CallBack: {"call back", "come back"}, contact.LitDropped: {"lit dropped"},
		contact.Language: {"language barrier"}, contact.Moved: {"moved"}, contact.Refused: {"refused"}, contact.Undelivered: {"deliverability error"},
		contact.DoNotCall: {"do not call"}, contact.DoNotText: {"do not text"}, contact.DoNotKnock: {"do not walk"}, contact.DoNotEmail: {"do not email"},
		contact.Sent: {"texted", "mailed"}, contact.Inaccessible: {"inaccessible"}, contact.LeftMessage: {"left message"},
	}
	var all []word
	for _, m := range contact.Meanings() {
		all = append(all, word{m.Result, append([]string{string(m.Result), m.Name, strings.ReplaceAll(string(m.Result), "_", " ")}, old[m.Result]...)})
	}
	return all
}

// decimal takes a number of the score's unit and returns it in its whole numbers, digit for digit: what has more decimals than the score keeps is refused, not
// rounded.
func decimal(d codebook.Definition) func(string) (any, error) {
	return func(s string) (any, error) {
		v, ok := Scaled(s, d.Decimals)
		if !ok {
			return nil, fault.Invalidf("This is not a number with at most %d decimals.", d.Decimals)
		}
		return v, nil
	}
}

// Scaled reads a decimal number as a whole number of 10^-decimals. It reports false for what is no number, does not fit, or has more decimals than that.
func Scaled(s string, decimals int) (int64, bool) {
	if strings.ContainsAny(s, "/_xXpPbBoO") || len(s) > 40 { // what big.Rat reads besides
		return 0, false
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 { // 1e9999 would be computed
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e < -30 || e > 30 {
			return 0, false
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, false
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)))
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// custom takes what a custom field holds.
func custom(d codebook.Definition) func(string) (any, error) {
	switch d.Type {
	case codebook.Choice:
		return exchange.OneOf(d.Choices...)
	case codebook.Number:
		return exchange.Whole(-1<<53, 1<<53)
	case codebook.Date:
		return func(s string) (any, error) {
			v, err := exchange.Day(s)
			if err != nil {
				return nil, err
			}
			t, _ := v.(time.Time)
			return int64(t.Year()*10000 + int(t.Month())*100 + t.Day()), nil
		}
	}
	return exchange.Text(80)
}
