package voterfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
)

// naive is what an import means, said as plainly as possible: one map, no sorting, no chunks, no database.
type naive map[string]naiveVoter

type naiveVoter struct {
	Last, Party, County, Address, Phone string
	Confidential                        bool
	DroppedOn                           int64
	Votes                               map[ElectionID]string
}

func (n naive) load(day int64, rows []layout.Voter, votes []layout.Vote) {
	best := map[string]layout.Voter{}
	for _, v := range rows {
		was, twice := best[v.StateID]
		if !twice || naiveRank(v) > naiveRank(was) {
			best[v.StateID] = v
		}
	}
	for id, v := range best {
		p := n[id]
		p.Last, p.Party, p.County, p.DroppedOn, p.Confidential = v.Last, v.Party, v.CountyCode, 0, v.Confidential
		p.Address, p.Phone = v.Residence.Line, ""
		if len(v.Phones) > 0 {
			p.Phone = v.Phones[0].Number
		}
		if v.Confidential {
			p.Address, p.Phone = "", ""
		}
		if p.Votes == nil {
			p.Votes = map[ElectionID]string{}
		}
		n[id] = p
	}
	for _, x := range votes {
		if _, ok := best[x.StateID]; ok {
			n[x.StateID].Votes[ElectionOf(x.Date, x.Type)] = x.Method.String() + x.Party
		}
	}
	for id, p := range n {
		if _, ok := best[id]; !ok && p.DroppedOn == 0 {
			p.DroppedOn = day
			n[id] = p
		}
	}
}

func naiveRank(v layout.Voter) int {
	rank := int(v.Registered)
	if v.Status == layout.Active {
		rank += 1e9
	}
	return rank
}

func (n naive) list() []string {
	var all []string
	for id, p := range n {
		for e, how := range p.Votes {
			all = append(all, fmt.Sprintf("vote %s %d %s", id, e, how))
		}
		all = append(all, fmt.Sprintf("%s %s %s %s %q %q %t %d", id, p.Last, p.Party, p.County, p.Address, p.Phone, p.Confidential, p.DroppedOn))
	}
	sort.Strings(all)
	return all
}

// stored lists what is in the database the same way.
func stored(t *testing.T, d *db.DB, file FileID) []string {
	t.Helper()
	type row struct {
		StateID      string `db:"state_id"`
		Last         string `db:"last_name"`
		Party        string `db:"party"`
		County       string `db:"county"`
		Address      string `db:"address"`
		Phone        string `db:"number"`
		Confidential bool   `db:"confidential"`
		DroppedOn    int64  `db:"dropped_on"`
	}
	people, err := db.All[row](db.WithSite(t.Context()), d, `SELECT p.state_id, p.last_name, p.party, p.county, p.address, f.number, p.confidential, p.dropped_on
		FROM field_person p LEFT JOIN field_phone f ON f.person_id = p.person_id WHERE p.voterfile_id = ?`, file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range people {
		all = append(all, fmt.Sprintf("%s %s %s %s %q %q %t %d", p.StateID, p.Last, p.Party, p.County, p.Address, p.Phone, p.Confidential, p.DroppedOn))
	}
	type vote struct {
		StateID  string `db:"state_id"`
		Election int64  `db:"election_id"`
		Method   int    `db:"method"`
		Party    string `db:"party"`
	}
	votes, err := db.All[vote](db.WithSite(t.Context()), d, `SELECT k.state_id, v.election_id, v.method, v.party FROM field_vote v JOIN field_voter_key k ON k.person_id = v.person_id
		WHERE k.voterfile_id = ?`, file)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range votes {
		all = append(all, fmt.Sprintf("vote %s %d %s", v.StateID, v.Election, layout.Method(v.Method).String()+v.Party))
	}
	sort.Strings(all)
	return all
}

func randomFile(r *rand.Rand) (rows []layout.Voter, votes []layout.Vote) {
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	for range r.IntN(40) + 1 {
		v := layout.Voter{StateID: fmt.Sprintf("A%s%d", pick("A", "B"), 10000+r.IntN(30)), CountyCode: pick("1", "2", "92"), Last: pick("SMITH", "LOPEZ GARCIA", "O'NEAL"),
			First: pick("ANA", "JOHN"), Party: pick("DEM", "REP", "UNA"), Status: []layout.Status{layout.Active, layout.Removed}[r.IntN(2)], BirthYear: 1980,
			Registered: layout.MakeDate(2000+r.IntN(20), 1+r.IntN(12), 1+r.IntN(28)), Sex: layout.SexFemale}
		if v.Status == layout.Active {
			v.StatusCode, v.Reason, v.ReasonCode = "A", "VERIFIED", "AV"
		} else {
			v.StatusCode, v.Reason, v.ReasonCode = "R", "MOVED FROM STATE", "RM"
		}
		v.County = layout.CountyName(layout.NC, v.CountyCode)
		if v.Confidential = r.IntN(6) == 0; !v.Confidential {
			v.Residence = layout.Address{Line: fmt.Sprintf("%d MAIN ST", 1+r.IntN(5)), City: "RALEIGH", State: "NC", ZIP5: "27601"}
		}
		if r.IntN(2) == 0 {
			v.Phones = []layout.Phone{{Number: fmt.Sprintf("91955501%02d", r.IntN(100))}}
		}
		// Two rows with one id on one day of registration would make the model repeat the rule about lines.
		if !slices.ContainsFunc(rows, func(o layout.Voter) bool { return o.StateID == v.StateID && naiveRank(o) == naiveRank(v) }) {
			rows = append(rows, v)
		}
	}
	seen := map[string]bool{}
	for range r.IntN(60) {
		x := layout.Vote{StateID: fmt.Sprintf("A%s%d", pick("A", "B"), 10000+r.IntN(30)), Date: layout.MakeDate(2010+2*r.IntN(4), 11, 3), Type: layout.General,
			Method: layout.Polls, Code: "IN-PERSON", Party: pick("DEM", "REP"), CountyCode: pick("1", "2")}
		x.Name = x.Date.String()[5:7] + "/03/" + x.Date.String()[:4] + " GENERAL"
		if key := x.StateID + x.Date.String(); !seen[key] {
			seen[key] = true
			votes = append(votes, x)
		}
	}
	return rows, votes
}

func inLayout(t *testing.T, kind layout.Kind, write func(w *layout.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := layout.NewWriter(&b, layout.NC, layout.Current, kind, layout.WriterOptions{AsOf: 20261003})
	if err == nil {
		err = write(w)
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnySequenceOfFilesGivesWhatTheyMean(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.Memory, s.chunk = 20<<10, 7
		for seed := range uint64(12) {
			r := rand.New(rand.NewPCG(seed, 1))
			file, err := s.Create(t.Context(), owner, File{Name: fmt.Sprint("random ", seed), Layout: layout.NC})
			if err != nil {
				t.Fatal(err)
			}
			model := naive{}
			for month := range 4 {
				rows, votes := randomFile(r)
				day := int64(20260103 + 100*month)
				model.load(day, rows, votes)
				voters := inLayout(t, layout.Voters, func(w *layout.Writer) error { return each(rows, w.WriteVoter) })
				history := inLayout(t, layout.History, func(w *layout.Writer) error {
					return each(votes, func(v *layout.Vote) error { return w.WriteVote(v, nil) })
				})
				loadAll(t, s, receive(t, s, file, layout.Date(day), Upload{Name: "v", Kind: layout.Voters, R: bytes.NewReader(voters)},
					Upload{Name: "h", Kind: layout.History, R: bytes.NewReader(history)}))
				if diff := cmp.Diff(model.list(), stored(t, s.DB, file)); diff != "" {
					t.Fatalf("seed %d, month %d (-meant +stored):\n%s\n%s", seed, month, diff, strings.ReplaceAll(string(voters), "\t", "|"))
				}
			}
		}
	})
}

func each[T any](all []T, f func(*T) error) error {
	for i := range all {
		if err := f(&all[i]); err != nil {
			return err
		}
	}
	return nil
}
