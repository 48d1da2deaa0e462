package export

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Column is one column that a table may have.
type Column struct {
	Key   string // "last_name", "score:12": stable, in saved formats
	Group string // English, as a words key
	Title string // English, as a words key; with Own the organisation's own words
	Own   bool

	of    func(*record) any
	needs need
	phone bool // leaves only for calls and texts
	email bool // leaves only for email
}

// Label writes the column's title for people.
func (c Column) Label(t words.Translator) string {
	if c.Own {
		return c.Title
	}
	return t.T(c.Title)
}

// need says what must be read for a column besides the person.
type need uint16

const (
	needPhones need = 1 << iota
	needEmails
	needVotes
	needScores
	needAnswers
	needCodes
	needTags
	needCustoms
	needTargets
	needContacts
)

// The groups of columns.
const (
	groupPerson   = "Person"
	groupAddress  = "Address"
	groupDistrict = "Districts"
	groupReach    = "Phone and email"
	groupVotes    = "Vote history"
	groupScores   = "Scores"
	groupAnswers  = "Answers"
	groupCodes    = "Activist codes and tags"
	groupOther    = "Custom fields, targets and contacts"
)

// Groups returns the groups in the order to show them.
func Groups() []string {
	return []string{groupPerson, groupAddress, groupDistrict, groupReach, groupVotes, groupScores, groupAnswers, groupCodes, groupOther}
}

// UsualColumns are chosen until somebody chooses others.
var UsualColumns = []string{"person", "state_id", "last_name", "first_name", "age", "address", "city", "region", "zip", "county", "precinct"}

// Columns returns what a table of the voter file may have for the actor, in the order of the file.
func (s *Store) Columns(ctx context.Context, a org.Actor, file voterfile.FileID) ([]Column, error) {
	cat, err := s.lists.Defined(ctx, a, file)
	if err != nil {
		return nil, err
	}
	all := personColumns(a, cat)
	all = append(all, reachColumns(a)...)
	for _, e := range cat.Elections {
		all = append(all, voteColumn(e))
	}
	return append(all, definedColumns(cat)...), nil
}

func plain(group, key, title string, of func(*record) any) Column {
	return Column{Key: key, Group: group, Title: title, of: of}
}

// personColumns are those of the registration.
func personColumns(a org.Actor, cat *list.Catalog) []Column {
	exact := a.May(person.PermitBirth)
	all := []Column{
		plain(groupPerson, "person", "Person id", func(r *record) any { return r.ID }),
		plain(groupPerson, "state_id", "Voter id of the state", func(r *record) any { return r.StateID }),
		plain(groupPerson, "last_name", "Last name", func(r *record) any { return r.Last }),
		plain(groupPerson, "first_name", "First name", func(r *record) any { return r.First }),
		plain(groupPerson, "middle_name", "Middle name", func(r *record) any { return r.Middle }),
		plain(groupPerson, "suffix", "Suffix", func(r *record) any { return r.Suffix }),
		plain(groupPerson, "age", "Age", func(r *record) any { return orNothing(r.age(cat.Today, exact)) }),
		plain(groupPerson, "status", "Status", func(r *record) any { return r.Status }),
		plain(groupPerson, "registered_on", "Registered on", func(r *record) any { return day(r.RegisteredOn) }),
	}
	if exact {
		all = append(all, plain(groupPerson, "birth_date", "Date of birth", func(r *record) any { return day(r.BirthDate) }),
			plain(groupPerson, "birth_year", "Year of birth", func(r *record) any { return orNothing(r.BirthYear) }))
	}
	if a.May(person.PermitDemographic) {
		all = append(all, plain(groupPerson, "party", "Party", func(r *record) any { return r.Party }),
			plain(groupPerson, "sex", "Sex", func(r *record) any { return r.Sex }),
			plain(groupPerson, "race", "Race", func(r *record) any { return r.Race }),
			plain(groupPerson, "ethnicity", "Ethnicity", func(r *record) any { return r.Ethnicity }))
	}
	all = append(all,
		plain(groupAddress, "address", "Address", func(r *record) any { return r.Address }),
		plain(groupAddress, "house", "House number", func(r *record) any { return r.House }),
		plain(groupAddress, "street", "Street", func(r *record) any { return r.Street }),
		plain(groupAddress, "unit", "Unit", func(r *record) any { return r.Unit }),
		plain(groupAddress, "city", "City", func(r *record) any { return r.City }),
		plain(groupAddress, "region", "State", func(r *record) any { return r.Region }),
		plain(groupAddress, "zip", "ZIP code", func(r *record) any { return r.ZIP }),
		plain(groupAddress, "mailing", "Mailing address", func(r *record) any { return strings.Join(r.mailing(), ", ") }),
		plain(groupAddress, "household", "Household number", func(r *record) any { return r.household() }),
		plain(groupAddress, "longitude", "Longitude", func(r *record) any { return r.degrees(int64(r.at.Lon)) }),
		plain(groupAddress, "latitude", "Latitude", func(r *record) any { return r.degrees(int64(r.at.Lat)) }),
		plain(groupDistrict, "county", "County", func(r *record) any { return r.County }),
		plain(groupDistrict, "precinct", "Precinct", func(r *record) any { return r.Precinct }),
		plain(groupDistrict, "congress", "Congress", func(r *record) any { return r.Congress }),
		plain(groupDistrict, "state_senate", "State senate", func(r *record) any { return r.StateSenate }),
		plain(groupDistrict, "state_house", "State house", func(r *record) any { return r.StateHouse }),
		plain(groupDistrict, "municipality", "Municipality", func(r *record) any { return r.Municipality }),
		plain(groupDistrict, "districts", "Other districts", func(r *record) any { return r.otherDistricts() }))
	return all
}

// reachColumns are phone numbers and e-mail addresses; which ones a file holds is for what it is used.
func reachColumns(a org.Actor) (all []Column) {
	number := func(key, title string, of func(*record) any) {
		all = append(all, Column{Key: key, Group: groupReach, Title: title, of: of, needs: needPhones, phone: true})
	}
	if a.May(person.PermitPhone) {
		number("phone", "Phone", func(r *record) any { return r.phone(0).Number })
		number("phone_kind", "Kind of phone", func(r *record) any { return r.phone(0).Kind })
		number("phone_2", "Second phone", func(r *record) any { return r.phone(1).Number })
		number("cell", "Cell phone", func(r *record) any { return r.cell() })
	}
	if a.May(person.PermitEmail) {
		all = append(all, Column{Key: "email", Group: groupReach, Title: "Email", needs: needEmails, email: true, of: func(r *record) any { return r.email }})
	}
	return all
}

func voteColumn(e list.Election) Column {
	return Column{Key: "vote:" + strconv.FormatInt(e.ID, 10), Group: groupVotes, Title: electionTitle(e), Own: true, needs: needVotes,
		of: func(r *record) any { return r.votes[e.ID] }}
}

// electionTitle names an election so that two of one name differ.
func electionTitle(e list.Election) string {
	d := dayText(e.Day)
	if strings.Contains(e.Name, d) || strings.Contains(e.Name, fmt.Sprintf("%02d/%02d/%d", e.Day/100%100, e.Day%100, e.Day/10000)) {
		return e.Name
	}
	return strings.TrimSpace(d + " " + e.Name)
}

// definedColumns are what the organisation defined, each kind by name.
func definedColumns(cat *list.Catalog) (all []Column) {
	add := func(d list.Definition, kind, group string, needs need, of func(*record) any) {
		all = append(all, Column{Key: kind + ":" + strconv.FormatInt(d.ID, 10), Group: group, Title: d.Name, Own: true, needs: needs, of: of})
	}
	for _, d := range byName(cat.Scores, func(x list.ScoreDef) list.Definition { return x.Definition }) {
		def := cat.Scores[d.ID]
		add(d, "score", groupScores, needScores, func(r *record) any { return r.score(def) })
	}
	for _, d := range byName(cat.Questions, func(x list.Question) list.Definition { return x.Definition }) {
		names := map[int64]string{}
		for _, x := range cat.Questions[d.ID].Responses {
			names[x.ID] = x.Name
		}
		add(d, "answer", groupAnswers, needAnswers, func(r *record) any { return names[r.answers[d.ID]] })
	}
	for _, d := range byName(cat.Codes, func(x list.Definition) list.Definition { return x }) {
		add(d, "code", groupCodes, needCodes, func(r *record) any { return r.codes[d.ID] })
	}
	for _, d := range byName(cat.Tags, func(x list.Definition) list.Definition { return x }) {
		add(d, "tag", groupCodes, needTags, func(r *record) any { return r.tags[d.ID] })
	}
	for _, d := range byName(cat.Customs, func(x list.CustomDef) list.Definition { return x.Definition }) {
		def := cat.Customs[d.ID]
		add(d, "custom", groupOther, needCustoms, func(r *record) any { return r.custom(def) })
	}
	for _, d := range byName(cat.Targets, func(x list.TargetDef) list.Definition { return x.Definition }) {
		names := map[int64]string{}
		for _, x := range cat.Targets[d.ID].Groups {
			names[x.ID] = x.Name
		}
		add(d, "target", groupOther, needTargets, func(r *record) any { return names[r.targets[d.ID]] })
	}
	if cat.Contacts {
		all = append(all,
			Column{Key: "tried", Group: groupOther, Title: "Times tried", needs: needContacts, of: func(r *record) any { return r.tried }},
			Column{Key: "last_tried", Group: groupOther, Title: "Last tried on", needs: needContacts, of: func(r *record) any { return r.lastTried }},
			Column{Key: "last_result", Group: groupOther, Title: "Last result", needs: needContacts, of: func(r *record) any { return r.lastResult }})
	}
	return all
}

// byName returns definitions in the order of their names.
func byName[T any](m map[int64]T, of func(T) list.Definition) []list.Definition {
	var all []list.Definition
	for d := range maps.Values(m) {
		all = append(all, of(d))
	}
	slices.SortFunc(all, func(x, y list.Definition) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	return all
}

func orNothing(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// day turns yyyymmdd into a date, and what is none into nothing.
func day(d int64) any {
	if d == 0 {
		return nil
	}
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC)
}

func dayText(d int64) string { return fmt.Sprintf("%04d-%02d-%02d", d/10000, d/100%100, d%100) }

// votedWord says how somebody voted in one cell: the method, and the party of a primary's ballot.
func votedWord(method layout.Method, party string) string {
	if method == layout.NotCounted {
		return ""
	}
	if party == "" {
		return method.String()
	}
	return method.String() + " " + party
}
