package export

import (
	"context"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
)

// record is one person with all that the chosen columns need.
type record struct {
	personRow
	at      liststore.Row
	phones  []liststore.Phone
	email   string
	votes   map[int64]string
	scores  map[int64]int64
	answers map[int64]int64
	codes   map[int64]bool
	tags    map[int64]bool
	customs map[int64]customValue
	targets map[int64]int64

	tried      int64
	lastTried  time.Time
	lastResult string
}

type customValue struct {
	text   string
	number int64
}

// age is the age today; without exact only what the year of birth tells.
func (r *record) age(today int64, exact bool) int64 {
	born := list.Born(r.BirthDate, r.BirthYear)
	switch {
	case born == 0:
		return 0
	case exact && r.BirthDate != 0:
		return (today - born) / 10000
	}
	return today/10000 - born/10000
}

// mailing returns the lines of where mail goes: the mailing address, or the residence where there is no other; none where no letter arrives.
func (r *record) mailing() []string {
	if r.Mailing != "" {
		var m voterfile.Mailing
		if json.Unmarshal([]byte(r.Mailing), &m) == nil {
			lines := append(slices.Clone(m.Lines), cityLine(m.City, m.State, m.ZIP), m.Country)
			if m.City == "" && m.ZIP == "" && m.Country == "" {
				return nil
			}
			return slices.DeleteFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
		}
	}
	return r.residence()
}

// residence returns the lines of where somebody lives; none for whom the state removed, and wrote a word over the address.
func (r *record) residence() []string {
	if r.City == "" && r.ZIP == "" {
		return nil
	}
	return slices.DeleteFunc([]string{r.Address, cityLine(r.City, r.Region, r.ZIP)}, func(s string) bool { return s == "" })
}

// reached reports whether a form on paper is of any use for a person: a walk list where there is a door to find, a call sheet where there is a number, a label
// where mail arrives.
func (r *record) reached(by Form) bool {
	switch by {
	case Walk:
		return r.Street != "" || r.Household != 0 && r.Address != ""
	case Calls:
		return len(r.phones) > 0
	case Labels:
		return len(r.mailing()) > 0
	}
	return true
}

func cityLine(city, state, zip string) string {
	return strings.Join(strings.Fields(city+" "+state+" "+zip), " ")
}

// household is a number that people of one door share in one file. It is text, because spreadsheet programs round numbers of 16 digits.
func (r *record) household() any {
	if r.Household == 0 {
		return nil
	}
	return "H" + strings.TrimPrefix(itoa(r.Household), "-")
}

func (r *record) degrees(micro int64) any {
	if !r.at.Placed {
		return nil
	}
	return float64(micro) / 1e6
}

// otherDistricts writes the districts without a column of their own: "school WAKE; ward 3".
func (r *record) otherDistricts() string {
	m := map[string]string{}
	if r.Districts == "" || json.Unmarshal([]byte(r.Districts), &m) != nil {
		return ""
	}
	var all []string
	for kind, code := range m {
		all = append(all, kind+" "+code)
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func (r *record) phone(i int) liststore.Phone {
	if i < len(r.phones) {
		return r.phones[i]
	}
	return liststore.Phone{}
}

func (r *record) cell() string {
	for _, p := range r.phones {
		if p.Kind == "cell" {
			return p.Number
		}
	}
	return ""
}

func (r *record) score(d list.ScoreDef) any {
	v, ok := r.scores[d.ID]
	if !ok {
		return nil
	}
	if d.Decimals == 0 {
		return v
	}
	return float64(v) / math.Pow10(d.Decimals)
}

func (r *record) custom(d list.CustomDef) any {
	v, ok := r.customs[d.ID]
	switch {
	case !ok:
		return nil
	case d.Type == "number":
		return v.number
	case d.Type == "date":
		return day(v.number)
	}
	return v.text
}

// batch is how many people are read at once.
const batch = 1000

// records reads the people of a stream with what the columns need, in its order. Who is protected is left out even where a segment does not know it yet.
func (s *Store) records(ctx context.Context, c liststore.Checked, rows iter.Seq2[liststore.Row, error], needs need) iter.Seq2[*record, error] {
	return func(yield func(*record, error) bool) {
		some := make([]liststore.Row, 0, batch)
		flush := func() bool {
			all, err := s.facts(ctx, c.Plan.Universe, some, needs)
			if err != nil {
				yield(nil, err)
				return false
			}
			for _, r := range all {
				if c.Channel == person.ByText { // only cell phones get texts
					r.phones = slices.DeleteFunc(r.phones, func(p liststore.Phone) bool { return p.Kind != "cell" })
				}
				if !yield(r, nil) {
					return false
				}
			}
			some = some[:0]
			return true
		}
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if some = append(some, row); len(some) == batch && !flush() {
				return
			}
		}
		if len(some) > 0 {
			flush()
		}
	}
}

// facts reads one batch.
func (s *Store) facts(ctx context.Context, u list.Universe, rows []liststore.Row, needs need) ([]*record, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Person
	}
	people, err := s.people(ctx, u, ids)
	if err != nil {
		return nil, err
	}
	by := make(map[int64]*record, len(people))
	for _, p := range people {
		by[p.ID] = &record{personRow: p}
	}
	for _, part := range []struct {
		need need
		read func(context.Context, list.Universe, []int64, map[int64]*record) error
	}{{needPhones, s.readPhones}, {needEmails, s.readEmails}, {needVotes, s.readVotes}, {needScores, s.readScores}, {needAnswers, s.readAnswers},
		{needCodes, s.readCodes}, {needTags, s.readTags}, {needCustoms, s.readCustoms}, {needTargets, s.readTargets}, {needContacts, s.readContacts}} {
		if needs&part.need == 0 {
			continue
		}
		if err := part.read(ctx, u, ids, by); err != nil {
			return nil, err
		}
	}
	all := make([]*record, 0, len(people))
	for _, row := range rows {
		if r, ok := by[row.Person]; ok {
			r.at = row
			all = append(all, r)
		}
	}
	return all, nil
}

// put sets m[k] in a map that is made when it is needed.
func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}
