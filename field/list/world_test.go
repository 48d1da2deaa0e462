package list

import (
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/words"
)

// world is what organisation 7 may ask about on voter file 3.
func world() *Catalog {
	def := func(id int64, name string) Definition { return Definition{ID: id, Org: 7, Name: name} }
	attrs := map[Attr]bool{}
	for _, a := range Attrs() {
		attrs[a] = true
	}
	return &Catalog{
		Today: 20261121, Zone: time.UTC, Attrs: attrs, Contacts: true, Phones: true,
		Universe: Universe{VoterFile: 3, Org: 7, Contacts: []int64{7}},
		Elections: []Election{{2026110301, 20261103, "general", ""}, {2026030402, 20260304, "primary", ""}, {2025110404, 20251104, "municipal", ""},
			{2024110501, 20241105, "general", ""}, {2022110801, 20221108, "general", ""}, {2020110301, 20201103, "general", ""}, {2030110501, 20301105, "general", ""}},
		Values: map[Attr][]Value{
			Party: {{"DEM", "Democratic"}, {"REP", "Republican"}, {"UNA", "Unaffiliated"}}, City: {{"PORT ANSEL", ""}, {"KETTLE BAY", ""}},
			County: {{"063", "Marrow"}, {"001", "Ingle"}}, Precinct: {{"063/12-01", ""}, {"063/12-02", ""}}},
		Questions: map[int64]Question{5: {def(5, "Transit levy"), []Definition{def(51, "Strong support"), def(52, "Leaning"), def(53, "Opposed")}}},
		Codes:     map[int64]Definition{1: def(1, "Volunteer"), 2: def(2, "Donor")},
		Tags:      map[int64]Definition{3: def(3, "Block captain")},
		Scores:    map[int64]ScoreDef{4: {def(4, "Transit support"), 1, 0, 1000}},
		Customs: map[int64]CustomDef{6: {def(6, "Language"), "choice", []string{"Spanish", "Haitian Creole"}}, 8: {def(8, "Pledge"), "number", nil},
			9: {def(9, "Joined on"), "date", nil}},
		Targets: map[int64]TargetDef{10: {def(10, "Persuasion"), []Definition{def(101, "First wave"), def(102, "Second wave")}}},
		Events:  map[int64]Definition{11: def(11, "Phone bank Oct 9")},
		Saved: map[int64]SavedDef{20: {def(20, "Walked in spring"), nil},
			21: {def(21, "Young voters"), &Criteria{Version: 1, Steps: []Step{{Do: Start, Where: Between{Age, nil, ptr(int64(29))}}}}},
			22: {def(22, "A"), &Criteria{Version: 1, Steps: []Step{{Do: Start, Where: Saved{23}}}}},
			23: {def(23, "B"), &Criteria{Version: 1, Steps: []Step{{Do: Start, Where: Saved{22}}}}},
			24: {def(24, "Self"), &Criteria{Version: 1, Steps: []Step{{Do: Start, Where: Saved{24}}}}}},
		Maps:   map[int64]Definition{40: def(40, "Northside"), 41: def(41, "Kettle Bay")},
		Turfs:  map[int64]TurfDef{401: {def(401, "Turf 1"), 40}, 402: {def(402, "Turf 2"), 40}, 411: {def(411, "Harbor"), 41}},
		People: map[int64]string{30: "Maya Ortiz", 31: "Tobias Brandt"},
	}
}

func translators(t testing.TB) (en, es words.Translator) {
	t.Helper()
	c, err := words.NewCatalog(Spanish)
	if err != nil {
		t.Fatal(err)
	}
	return c.In(words.EN), c.In(words.ES)
}
