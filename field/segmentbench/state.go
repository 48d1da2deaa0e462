// Package segmentbench measures how fast lists are counted by segments, beside SQLite and Postgres on the same people, and makes the state it measures.
package segmentbench

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"sync"

	"github.com/openprecinct/precinct/internal/db"
)

// State is people who do not exist: the same seed makes the same people, and each fact about a person is a function of the seed and the person's id.
type State struct {
	Voters int
	Seed   uint64
	First  int64 // least person id; 0 is 1
	File   int64 // voter file
	Org    int64 // whose codes, answers and contacts
}

// Sizes of the made-up state.
const (
	counties       = 67
	municipalities = 2560
	schools        = 500
	elections      = 10
	questions      = 60
	responses      = 6
	codes          = 300
	scores         = 6
	accounts       = 400
	now            = 1_793_000_000_000 // October 2026
	day            = 24 * 60 * 60 * 1000
)

// precincts returns how many precincts the state has: 9,200 for 5 million.
func (s *State) precincts() int { return max(counties, s.Voters/543) }

// homes returns how many households it has: 1.8 people each.
func (s *State) homes() int { return max(1, s.Voters*5/9) }

// rnd returns a number for one fact of one thing.
func (s *State) rnd(fact, id uint64) uint64 {
	x := s.Seed + fact*0x9E3779B97F4A7C15 + id*0xD1B54A32D192ED03
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

func (s *State) upTo(fact, id uint64, n int) int { return int(s.rnd(fact, id) % uint64(n)) }

// share reports an event of a probability.
func (s *State) share(fact, id uint64, p float64) bool {
	return float64(s.rnd(fact, id)>>11)/(1<<53) < p
}

// facts, to keep their numbers apart
const (
	fHome = iota + 1
	fSex
	fBirth
	fParty
	fStatus
	fRegistered
	fLast
	fFirst
	fMiddle
	fPhone
	fKind
	fEmail
	fVote
	fMethod
	fScore
	fHouse
	fUnit
	fRace
	fMinor
	fDropped
	fHidden
	fContact
	fResult
	fWhen
	fWho
	fAnswer
	fCode
	fSuppressed
	fPlace
	fVoteAt
)

var (
	parties    = []string{"DEM", "DEM", "DEM", "DEM", "NPA", "NPA", "NPA", "REP", "REP", "REP", "REP", "LPF", "GRE", "IND"}
	races      = []string{"white", "white", "white", "white", "black", "black", "hispanic", "asian", "", "other"}
	methods    = []int{1, 1, 1, 2, 2, 3, 4, 5}
	types      = []string{"ST", "AVE", "RD", "DR", "LN", "CT"}
	channels   = []string{"door", "door", "door", "phone", "phone", "text"}
	results    = []string{"canvassed", "not_home", "not_home", "refused", "moved", "wrong_number", "left_message"}
	statuses   = []string{"active", "active", "active", "active", "active", "active", "active", "active", "inactive"}
	elections_ = [elections]int64{2024110501, 2022110801, 2020110301, 2018110601, 2024082002, 2022082302, 2020081802, 2018082802, 2023110704, 2021110204}
)

// home is a household.
type home struct {
	precinct, county, city int
	street, house          int
	unit                   string
	zip                    int
	lon, lat               float64
	key, door              int64
}

func (s *State) home(h int) home {
	id := uint64(h)
	door := h
	building := s.share(fUnit, id/8, 0.2)
	if building {
		door = h / 8 * 8
	}
	p := door * s.precincts() / s.homes() // neighbours have neighbouring numbers
	x := home{precinct: p, county: p * counties / s.precincts()}
	x.city = p * municipalities / s.precincts()
	x.street = x.city*40 + door/30%40
	x.house = 100 + door%30*10 + s.upTo(fHouse, uint64(door), 9)
	x.zip = 30000 + x.city/2
	if building {
		x.unit = fmt.Sprint(h%8 + 1)
	}
	x.key = int64(s.rnd(1000, id)>>2) + 1
	x.door = int64(s.rnd(1001, uint64(door))>>2) + 1
	side := int(math.Ceil(math.Sqrt(float64(s.precincts()))))
	px, py := p%side, p/side
	x.lon = -87 + (float64(px)+float64(s.rnd(fPlace, uint64(door))%1000)/1000)*6/float64(side)
	x.lat = 25 + (float64(py)+float64(s.rnd(fPlace, uint64(door))/1000%1000)/1000)*6/float64(side)
	return x
}

// homeOf returns the household of a person; ids are in order of registration, so neighbours are anybody.
func (s *State) homeOf(id int64) int { return s.upTo(fHome, uint64(id), s.homes()) }

func (s *State) birth(id uint64) int64 {
	y := 1930 + s.upTo(fBirth, id, 78)
	if y > 1985 && s.share(fBirth+100, id, 0.2) {
		y -= 25
	}
	k := s.rnd(fBirth+200, id)
	return int64(y)*10000 + int64(k%12+1)*100 + int64(k/12%28+1)
}

func (s *State) name(fact, id uint64, n int) int { // few are common
	r := float64(s.rnd(fact, id)>>11) / (1 << 53)
	return int(float64(n) * r * r * r)
}

func word(k int) string {
	const syllables = "BADOGARINOMUKELATISOPEVURA"
	b := make([]byte, 0, 10)
	for range 2 {
		i := k % 13 * 2
		b = append(b, syllables[i:i+2]...)
		k /= 13
	}
	for k > 0 {
		b = append(b, byte('A'+k%26))
		k /= 26
	}
	return string(b)
}

// ids yields the person ids.
func (s *State) ids() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		first := max(s.First, 1)
		for i := range s.Voters {
			if !yield(first + int64(i)) {
				return
			}
		}
	}
}

var personColumns = []string{"person_id", "voterfile_id", "state_id", "last_name", "first_name", "middle_name", "suffix", "last_key", "first_key",
	"birth_year", "birth_date", "sex", "race", "ethnicity", "party", "status", "status_code", "status_reason", "registered_on",
	"house", "street", "unit", "address", "city", "region", "zip", "street_key", "household_key", "address_key", "mailing",
	"county", "precinct", "congress", "state_senate", "state_house", "municipality", "districts", "confidential", "minor", "dropped_on",
	"raw_import_id", "raw_file", "raw_offset", "raw_length", "raw_hash", "import_id"}

// voter is one made-up person.
type voter struct {
	id           int64
	last, first  string
	birth        int64
	sex, party   string
	status       string
	registered   int64
	home         home
	at           int
	confidential bool
	minor        bool
	dropped      int64
}

func (s *State) voter(id int64) voter {
	n := uint64(id)
	v := voter{id: id, last: word(s.name(fLast, n, 90000)), first: word(s.name(fFirst, n, 9000)), birth: s.birth(n), sex: "F",
		party: parties[s.upTo(fParty, n, len(parties))], status: statuses[s.upTo(fStatus, n, len(statuses))], at: s.homeOf(id)}
	if k := s.upTo(fSex, n, 100); k >= 53 {
		v.sex = "M"
		if k == 99 {
			v.sex = "U"
		}
	}
	k := s.rnd(fRegistered, n)
	v.registered = int64(1990+k%37)*10000 + int64(k/37%12+1)*100 + int64(k/444%28+1)
	v.home = s.home(v.at)
	v.confidential = s.share(fHidden, n, 0.002)
	v.minor = s.share(fMinor, n, 0.004)
	if s.share(fDropped, n, 0.02) {
		v.dropped = 20260901
	}
	return v
}

// vote returns how a person voted in an election, 0 not.
func (s *State) vote(v *voter, e int) int {
	n := uint64(v.id)
	habit := float64(s.rnd(fVote, n)>>11) / (1 << 53)
	turnout := []float64{0.72, 0.52, 0.7, 0.55, 0.25, 0.22, 0.24, 0.2, 0.12, 0.1}[e]
	if v.registered > elections_[e]/100 || (habit+float64(s.rnd(fVoteAt+uint64(e), n)>>11)/(1<<53))/2 > turnout {
		return 0
	}
	return methods[s.upTo(fMethod+uint64(e)*64, n, len(methods))]
}

// score returns the k-th score in tenths, false when there is none.
func (s *State) score(id int64, k int) (int64, bool) {
	n := uint64(id)
	if k > 0 && s.share(fScore+500, n*8+uint64(k), 0.03) {
		return 0, false
	}
	a, b := s.rnd(fScore, n*8+uint64(k))%1001, s.rnd(fScore+501, n*8+uint64(k))%1001
	return int64(a+b) / 2, true
}

func (s *State) people(yield func([]any) bool) {
	row := make([]any, len(personColumns))
	for id := range s.ids() {
		v := s.voter(id)
		h := &v.home
		county, street := fmt.Sprintf("%03d", h.county*2+1), word(h.street)+" "+types[h.street%len(types)]
		city := word(h.city)
		for i, x := range []any{id, s.File, fmt.Sprintf("%09d", id), v.last, v.first, word(s.upTo(fMiddle, uint64(id), 300)), "", v.last, v.first,
			v.birth / 10000, v.birth, v.sex, races[s.upTo(fRace, uint64(id), len(races))], "", v.party, v.status, "A", "", v.registered,
			fmt.Sprint(h.house), street, h.unit, fmt.Sprint(h.house, " ", street), city, "FL", fmt.Sprint(h.zip), word(h.street), h.key, h.door, "",
			county, fmt.Sprintf("%02d", h.precinct%100+h.precinct/100*100), fmt.Sprint(h.precinct*18/s.precincts() + 1), fmt.Sprint(h.precinct*50/s.precincts() + 1),
			fmt.Sprint(h.precinct*203/s.precincts() + 1), city, fmt.Sprintf(`{"school":"%d"}`, h.precinct*schools/s.precincts()), v.confidential, v.minor, v.dropped,
			1, 0, 0, 0, 0, 1} {
			row[i] = x
		}
		if !yield(row) {
			return
		}
	}
}

func (s *State) votes(yield func([]any) bool) {
	row := make([]any, 5)
	for id := range s.ids() {
		v := s.voter(id)
		for e := elections - 1; e >= 0; e-- {
			m := s.vote(&v, order[e])
			if m == 0 {
				continue
			}
			party := ""
			if elections_[order[e]]%100 == 2 {
				party = v.party
			}
			row[0], row[1], row[2], row[3], row[4] = id, elections_[order[e]], m, party, ""
			if !yield(row) {
				return
			}
		}
	}
}

// order is the elections by id, descending.
var order = [elections]int{0, 4, 8, 1, 5, 9, 2, 6, 3, 7}

func (s *State) phones(yield func([]any) bool) {
	row := make([]any, 7)
	put := func(id int64, number uint64, kind string) bool {
		row[0], row[1], row[2], row[3], row[4], row[5], row[6] = id, fmt.Sprintf("%010d", 2_000_000_000+number%7_999_999_999), 0, kind, "voter file", 70, 0
		return yield(row)
	}
	for id := range s.ids() {
		n := uint64(id)
		if s.share(fPhone, n, 0.55) && !put(id, s.rnd(fPhone+600, n), "cell") {
			return
		}
		if s.share(fPhone+601, n, 0.25) && !put(id, s.rnd(fPhone+602, uint64(s.homeOf(id))), "home") {
			return
		}
	}
}

func (s *State) emails(yield func([]any) bool) {
	row := make([]any, 6)
	for id := range s.ids() {
		if !s.share(fEmail, uint64(id), 0.3) {
			continue
		}
		row[0], row[1], row[2], row[3], row[4], row[5] = id, fmt.Sprintf("v%d@example.org", id/2), 0, "voter file", 70, 0
		if !yield(row) {
			return
		}
	}
}

// perPerson yields about n facts for each person, ids ascending: f gets the person and a number that is the fact's own.
func (s *State) perPerson(fact uint64, n float64, f func(id int64, k uint64) bool) {
	for id := range s.ids() {
		k := int(n * 2 * float64(s.rnd(fact, uint64(id))>>11) / (1 << 53) * 1.0001)
		if s.share(fact+700, uint64(id), n*2-math.Floor(n*2)) && k == 0 {
			k = 1
		}
		for i := range k {
			if !f(id, uint64(id)<<6|uint64(i)) {
				return
			}
		}
	}
}

func (s *State) account(k uint64) int64 { return int64(s.upTo(fWho, k, accounts)) + 1 }

func (s *State) when(k uint64) int64 { return now - int64(s.rnd(fWhen, k)%(400*day)) }

// contactRows yields 1.6 attempts for each voter.
func (s *State) contactRows(yield func([]any) bool) {
	row := make([]any, 8)
	s.perPerson(fContact, 1.8, func(id int64, k uint64) bool {
		row[0], row[1], row[2], row[3] = id, fmt.Sprintf("%016x", s.rnd(fContact+1, k)), s.Org, s.account(k)
		row[4], row[5], row[6], row[7] = channels[s.upTo(fResult+1, k, len(channels))], results[s.upTo(fResult, k, len(results))], "door", s.when(k)
		return yield(row)
	})
}

// answerRows yields 1.2 answers for each voter.
func (s *State) answerRows(yield func([]any) bool) {
	row := make([]any, 8)
	s.perPerson(fAnswer, 1.4, func(id int64, k uint64) bool {
		q := int64(s.upTo(fAnswer+1, k, questions)) + 1
		row[0], row[1], row[2], row[3] = id, fmt.Sprintf("%016x", s.rnd(fAnswer+2, k)), q, (q-1)*responses+int64(s.upTo(fAnswer+3, k, responses))+1
		row[4], row[5], row[6], row[7] = s.Org, s.account(k), "door", s.when(k)
		return yield(row)
	})
}

// codeRows yields 0.8 codes for each voter.
func (s *State) codeRows(yield func([]any) bool) {
	row := make([]any, 5)
	last := int64(0)
	seen := map[int64]bool{}
	s.perPerson(fCode, 0.95, func(id int64, k uint64) bool {
		if id != last {
			clear(seen)
			last = id
		}
		c := int64(s.upTo(fCode+1, k, codes)) + 1
		if seen[c] {
			return true
		}
		seen[c] = true
		row[0], row[1], row[2], row[3], row[4] = id, c, s.Org, s.account(k), s.when(k)
		return yield(row)
	})
}

func (s *State) scoreRows(yield func([]any) bool) {
	row := make([]any, 3)
	for id := range s.ids() {
		for k := range scores {
			x, ok := s.score(id, k)
			if !ok {
				continue
			}
			row[0], row[1], row[2] = id, int64(k+1), x
			if !yield(row) {
				return
			}
		}
	}
}

func (s *State) suppressionRows(yield func([]any) bool) {
	row := make([]any, 6)
	for id := range s.ids() {
		if !s.share(fSuppressed, uint64(id), 0.02) {
			continue
		}
		row[0], row[1], row[2], row[3], row[4], row[5] = id, int64(s.upTo(fSuppressed+1, uint64(id), 2))*s.Org, channels[s.upTo(fSuppressed+2, uint64(id), 6)], "asked", 1, now
		if !yield(row) {
			return
		}
	}
}

func (s *State) placeRows(yield func([]any) bool) {
	row := make([]any, 4)
	seen := map[int64]bool{}
	for h := range s.homes() {
		x := s.home(h)
		if seen[x.door] {
			continue
		}
		if len(seen) > 64 {
			clear(seen) // the flats of a building are neighbours
		}
		seen[x.door] = true
		row[0], row[1], row[2], row[3] = x.door, x.lon, x.lat, "made up"
		if !yield(row) {
			return
		}
	}
}

// table is one table of the state.
type table struct {
	name    string
	columns []string
	rows    iter.Seq[[]any]
}

func (s *State) tables() []table {
	return []table{
		{"field_person", personColumns, s.people},
		{"field_vote", []string{"person_id", "election_id", "method", "party", "county"}, s.votes},
		{"field_phone", []string{"person_id", "number", "org_id", "kind", "source", "confidence", "wrong_at"}, s.phones},
		{"field_email", []string{"person_id", "email", "org_id", "source", "confidence", "wrong_at"}, s.emails},
		{"place_address", []string{"key", "lon", "lat", "source"}, s.placeRows},
		{"field_contact", []string{"person_id", "contact_id", "org_id", "account_id", "channel", "result", "source", "tried_at"}, s.contactRows},
		{"field_answer", []string{"person_id", "answer_id", "question_id", "response_id", "org_id", "account_id", "source", "answered_at"}, s.answerRows},
		{"field_person_code", []string{"person_id", "code_id", "org_id", "account_id", "applied_at"}, s.codeRows},
		{"field_person_score", []string{"person_id", "score_id", "value"}, s.scoreRows},
		{"field_suppression", []string{"person_id", "org_id", "channel", "reason", "account_id", "created_at"}, s.suppressionRows},
	}
}

// Write puts the state into a database that has the tables of the program and none of its people. say hears what is being written.
func (s *State) Write(ctx context.Context, d *db.DB, say func(string)) error {
	ctx = db.WithSite(ctx)
	if err := s.define(ctx, d); err != nil {
		return err
	}
	writers := 1
	if d.Engine() == db.Postgres {
		writers = 2
	}
	tables := make(chan table)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for t := range tables {
				if errs[w] != nil {
					continue
				}
				say(t.name)
				err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
					_, err := db.Bulk(ctx, tx, t.name, t.columns, t.rows)
					return err
				})
				if err != nil {
					errs[w] = fmt.Errorf("writing %s: %w", t.name, err)
				}
			}
		})
	}
	for _, t := range s.tables() {
		tables <- t
	}
	close(tables)
	wg.Wait()
	return errors.Join(errs...)
}
