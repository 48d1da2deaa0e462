package synth

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// table returns the rows of a file by the names of its columns. Michigan's fixed-width files are cut where its documentation says.
func table(t *testing.T, o Options, kind layout.Kind, text string) []map[string]string {
	t.Helper()
	header := layout.Header(o.Layout, o.Generation, kind)
	var rows [][]string
	if o.Generation == layout.Fixed {
		cuts := []int{13, 15, 20, 25, 38, 39}
		if kind == layout.Voters { // only what the history repeats
			header, cuts = []string{"", "VOTER_IDENTIFICATION_NUMBER", "COUNTY_CODE", "JURISDICTION_CODE", "", "SCHOOL_DISTRICT_CODE"}, []int{448, 461, 463, 468, 474, 479}
		}
		for line := range strings.Lines(text) {
			var row []string
			for i, from := 0, 0; i < len(cuts); from, i = cuts[i], i+1 {
				row = append(row, strings.TrimSpace(line[from:cuts[i]]))
			}
			rows = append(rows, row)
		}
	} else {
		in := csv.NewReader(strings.NewReader(text))
		in.FieldsPerRecord, in.LazyQuotes = -1, true
		if o.Layout == layout.NC {
			in.Comma = '\t'
		}
		var err error
		if rows, err = in.ReadAll(); err != nil {
			t.Fatal(err)
		}
		rows = rows[1:]
	}
	var out []map[string]string
	for _, row := range rows {
		m := map[string]string{}
		for i, name := range header {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// TestHistoryRepeatsTheRegistration: every column of a history row is filled, and what it repeats of the voter is what the voters' file says.
func TestHistoryRepeatsTheRegistration(t *testing.T) {
	nc := map[string]string{"county_id": "county_id", "county_desc": "county_desc", "voter_reg_num": "voter_reg_num", "pct_label": "precinct_abbrv",
		"pct_description": "precinct_desc", "vtd_label": "vtd_abbrv", "vtd_description": "vtd_desc"}
	mi := map[string]string{"COUNTY_CODE": "COUNTY_CODE", "JURISDICTION_CODE": "JURISDICTION_CODE", "SCHOOL_DISTRICT_CODE": "SCHOOL_DISTRICT_CODE"}
	miNames := map[string]string{"COUNTY_NAME": "COUNTY_NAME", "JURISDICTION_NAME": "JURISDICTION_NAME", "SCHOOL_DISTRICT_NAME": "SCHOOL_DISTRICT_NAME"}
	for _, c := range []struct {
		o               Options
		voters, history string
		id              string
		same            []map[string]string
		absentee        string // lost in Michigan since April 2024
	}{
		{Options{Layout: layout.NC}, "ncvoter_Statewide.txt", "ncvhis_Statewide.txt", "ncid", []map[string]string{nc}, ""},
		{Options{Layout: layout.MI}, "EntireStateVoters.csv", "EntireStateVoterHistory.csv", "VOTER_IDENTIFICATION_NUMBER", []map[string]string{mi, miNames}, "IS_ABSENTEE_VOTER"},
		{Options{Layout: layout.MI, Generation: layout.Fixed}, "entire_state_v.lst", "entire_state_h.lst", "VOTER_IDENTIFICATION_NUMBER", []map[string]string{mi}, ""},
	} {
		c.o.Voters, c.o.Seed = 1500, 3
		t.Run(c.o.name(), func(t *testing.T) {
			_, f, m := make1(t, c.o)
			voters := map[string]map[string]string{}
			for _, v := range table(t, c.o, layout.Voters, f[c.voters].String()) {
				voters[v[c.id]] = v
			}
			votes := table(t, c.o, layout.History, f[c.history].String())
			if len(votes) != m.Votes || m.Votes < 1000 {
				t.Fatalf("%d rows, manifest says %d", len(votes), m.Votes)
			}
			for n, row := range votes {
				for name, cell := range row {
					if cell == "" && name != c.absentee {
						t.Fatalf("row %d has no %s: %v", n+1, name, row)
					}
				}
				want, got := map[string]string{}, map[string]string{}
				for _, same := range c.same {
					for here, there := range same {
						got[here], want[here] = row[here], voters[row[c.id]][there]
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("row %d (-voter +history):\n%s", n+1, diff)
				}
			}
		})
	}
}
