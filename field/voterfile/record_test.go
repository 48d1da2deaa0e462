package voterfile

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

func TestRecordReadsBackAsWritten(t *testing.T) {
	var e encoder
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-zñÁ'" -]{0,12}`)
		v := layout.Voter{StateID: "A1", CountyCode: text.Draw(t, "county"), Last: text.Draw(t, "last"), First: text.Draw(t, "first"), Party: text.Draw(t, "party"),
			Status: layout.Status(rapid.IntRange(0, 5).Draw(t, "status")), Sex: 'F', BirthYear: int16(rapid.IntRange(0, 2020).Draw(t, "year")),
			Registered: layout.Date(rapid.IntRange(0, 20261231).Draw(t, "registered")), Confidential: rapid.Bool().Draw(t, "confidential"), Minor: rapid.Bool().Draw(t, "minor"),
			Residence: layout.Address{House: "12", PreDir: "N", Street: text.Draw(t, "street"), StreetType: "ST", UnitType: "APT", Unit: text.Draw(t, "unit"), City: "RALEIGH", State: "NC", ZIP5: "27601", ZIP4: "1234"},
			Phones:    []layout.Phone{{Number: "9195550101", Kind: layout.PhoneCell}}, Emails: []string{"a@example.org"},
			Districts: []layout.District{{Kind: layout.Congress, Code: "02"}, {Kind: layout.Fire, Code: text.Draw(t, "fire")}, {Kind: layout.School, Name: text.Draw(t, "school")}}}
		at := rowPlace{file: rapid.IntRange(0, 99).Draw(t, "file"), line: 7, offset: rapid.Int64Min(0).Draw(t, "offset"), length: 80, hash: rapid.Uint64().Draw(t, "hash")}
		rec := e.voter(&v, at)
		var d decoded
		if err := d.decode(rec); err != nil {
			t.Fatal(err)
		}
		g, err := glanceAt(rec)
		if err != nil {
			t.Fatal(err)
		}
		if d.place != at || d.rowHash != g.rowHash || d.household != g.household || g.county != v.CountyCode || g.party != v.Party || d.text[textLast] != v.Last ||
			d.confidential != v.Confidential || d.minor != v.Minor || d.registered != int64(v.Registered) || d.status != v.Status {
			t.Fatalf("wrote %+v, read %+v and %+v", v, d, g)
		}
		if !json.Valid([]byte(d.text[textDistricts])) {
			t.Fatalf("districts are not JSON: %s", d.text[textDistricts])
		}
		if v.Confidential && (d.text[textAddress] != "" || d.text[textStreet] != "" || d.household != 0 || len(d.phones)+len(d.emails) > 0) {
			t.Fatalf("a confidential voter's address went on: %+v", d)
		}
	})
}

func TestHouseholdIsOneForEverySpelling(t *testing.T) {
	var e encoder
	key := func(a layout.Address) int64 {
		var d decoded
		if err := d.decode(e.voter(&layout.Voter{Residence: a}, rowPlace{})); err != nil {
			t.Fatal(err)
		}
		return d.household
	}
	one := key(layout.Address{House: "12", Street: "CEDAR", StreetType: "ST", UnitType: "APT", Unit: "3b", City: "RALEIGH", ZIP5: "27601"})
	if two := key(layout.Address{House: "12", Street: "CEDAR", StreetType: "STREET", UnitType: "#", Unit: "3-B", City: "Raleigh", ZIP5: "27601"}); one != two {
		t.Error("two spellings of one door are two households")
	}
	if other := key(layout.Address{House: "12", Street: "CEDAR", StreetType: "ST", UnitType: "APT", Unit: "4", City: "RALEIGH", ZIP5: "27601"}); one == other {
		t.Error("two doors are one household")
	}
	if none := key(layout.Address{City: "RALEIGH", ZIP5: "27601"}); none != 0 {
		t.Error("no address is a household")
	}
}

func TestAppendVotesKeepsOneOfEach(t *testing.T) {
	votes := []vote{{202411051, layout.Early, "DEM", "9"}, {202011031, layout.Polls, "", "1"}, {202411051, layout.NotCounted, "REP", "1"}, {202411051, layout.Early, "", "1"}}
	var got []vote
	var w written
	for v := range votesOf(appendVotes(nil, votes, "1"), &w) {
		got = append(got, v)
	}
	want := []vote{{202011031, layout.Polls, "", ""}, {202411051, layout.Early, "DEM", "9"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(vote{})); diff != "" || w.err != nil {
		t.Errorf("%s %v", diff, w.err)
	}
}

func TestSentenceKeepsWholeNumbersThroughJSON(t *testing.T) {
	b, err := json.Marshal(Sentence{Format: "Line %d has %q, %.1f %%.", Args: Args{int64(7), "=x", 2.5}})
	if err != nil {
		t.Fatal(err)
	}
	var s Sentence
	if err := json.Unmarshal(b, &s); err != nil || s.String() != `Line 7 has "=x", 2.5 %.` {
		t.Errorf("got %s, %v", s, err)
	}
}

func FuzzDecode(f *testing.F) {
	var e encoder
	f.Add([]byte{})
	f.Add(e.voter(&layout.Voter{Last: "SMITH", Phones: []layout.Phone{{Number: "9195550101"}}}, rowPlace{line: 3}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d decoded
		if err := d.decode(b); err == nil {
			if _, err := glanceAt(b); err != nil {
				t.Error("a whole record cannot be glanced at")
			}
		}
		var w written
		for range votesOf(b, &w) {
		}
	})
}
