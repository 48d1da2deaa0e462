package layout

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func kindsOf(d Drift) map[ChangeKind]int {
	out := map[ChangeKind]int{}
	for _, c := range d.Changes {
		out[c.Kind]++
	}
	return out
}

// The changes of February 2022 are known: five columns renamed, four dropped; the header of 2026 adds three.
func TestDriftOfNorthCarolina(t *testing.T) {
	old, since22, now := Header(NC, Before22, Voters), Header(NC, Since22, Voters), Header(NC, Current, Voters)
	if len(old) != 71 || len(since22) != 67 || len(now) != 70 {
		t.Fatalf("the generations have %d, %d and %d columns", len(old), len(since22), len(now))
	}
	d := Compare(NC, Voters, since22, old)
	var renamed, dropped []string
	for _, c := range d.Changes {
		switch c.Kind {
		case Renamed:
			renamed = append(renamed, c.Was+" → "+c.Column)
		case Dropped:
			dropped = append(dropped, c.Was)
		}
	}
	slices.Sort(renamed)
	if diff := cmp.Diff([]string{
		"birth_age → age_at_year_end", "birth_place → birth_state", "midl_name → middle_name", "name_sufx_cd → name_suffix_lbl",
	}, renamed); diff != "" {
		t.Errorf("renamed: %s", diff)
	}
	if diff := cmp.Diff([]string{"absent_ind", "name_prefx_cd", "dist_2_abbrv", "dist_2_desc"}, dropped); diff != "" {
		t.Errorf("dropped: %s", diff)
	}
	if got := kindsOf(Compare(NC, Voters, now, since22)); got[Added] != 3 || len(got) != 1 {
		t.Errorf("2026: %v", got)
	}
	for _, h := range [][]string{old, since22, now} {
		if d := Compare(NC, Voters, h, nil); !d.Empty() {
			t.Errorf("a known form drifts: %v", d.Changes)
		}
	}
}

func TestDriftKinds(t *testing.T) {
	base := Header(NC, Current, Voters)
	for name, c := range map[string]struct {
		edit func([]string) []string
		want map[ChangeKind]int
	}{
		"renamed":  {func(h []string) []string { h[4] = "lastname_txt"; return h }, map[ChangeKind]int{Renamed: 1}},
		"added":    {func(h []string) []string { return append(h, "preferred_language") }, map[ChangeKind]int{Added: 1}},
		"dropped":  {func(h []string) []string { return slices.Delete(h, 40, 41) }, map[ChangeKind]int{Dropped: 1}},
		"moved":    {func(h []string) []string { h = slices.Delete(h, 3, 4); return append(h, "ncid") }, map[ChangeKind]int{Moved: 1}},
		"twice":    {func(h []string) []string { return append(h, "ncid") }, map[ChangeKind]int{Twice: 1}},
		"spelling": {func(h []string) []string { h[3] = "NCID"; h[4] = "Last Name"; return h }, map[ChangeKind]int{}},
	} {
		got := Compare(NC, Voters, c.edit(slices.Clone(base)), nil)
		if diff := cmp.Diff(c.want, kindsOf(got)); diff != "" {
			t.Errorf("%s: -want +got\n%s%v", name, diff, got.Changes)
		}
	}
	d := Compare(OH, Voters, append(Header(OH, Current, Voters), "GENERAL-11/03/2026"), nil)
	if diff := cmp.Diff(map[ChangeKind]int{NewElection: 1}, kindsOf(d)); diff != "" {
		t.Errorf("Ohio: %s", diff)
	}
}

// Columns may come in any order and with others among them: values are found by name.
func TestReorderedAndExtraColumns(t *testing.T) {
	data := ncFile(t, 3)
	want, _, err := read(NC, bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\r\n"), "\r\n") {
		cells := strings.Split(line, "\t")
		slices.Reverse(cells)
		extra := `"new_column"`
		if i > 0 {
			extra = `"7"`
		}
		out.WriteString(strings.Join(append(cells[:9:9], append([]string{extra}, cells[9:]...)...), "\t") + "\r\n")
	}
	got, refused, err := read(NC, strings.NewReader(out.String()), nil)
	if err != nil || len(refused) > 0 {
		t.Fatal(err, refused)
	}
	for i := range got { // districts come in the order of the columns
		slices.Reverse(got[i].Districts)
	}
	if diff := cmp.Diff(want, got, plain); diff != "" {
		t.Error(diff)
	}
}

func TestHeaderProblems(t *testing.T) {
	t.Run("Washington history without a header", func(t *testing.T) {
		f, err := Open(WA, History, strings.NewReader("1|KI|KI|WA012345678|2024-11-05\n2|KI|SN|WA012345679|2024-08-06\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		var v Vote
		if err := f.ReadVote(&v); err != nil || v.StateID != "WA012345678" || v.Type != General || kindsOf(f.Drift())[HeaderMissing] != 1 {
			t.Errorf("%+v, %v, %v", v, err, f.Drift().Changes)
		}
		if err := f.ReadVote(&v); err != nil || v.CountyCode != "SN" || v.Type != Primary {
			t.Errorf("%+v, %v", v, err)
		}
	})
	t.Run("Michigan voters with a name too few", func(t *testing.T) {
		v := Voter{StateID: "1234567890123", CountyCode: "82", Last: "SMITH", StatusCode: "A", BirthYear: 1980, Sex: 'F', Registered: 20200101}
		data := string(writeVoters(t, form{MI, Current}, []Voter{v, v}))
		data = strings.Replace(data, `,"IS_PERM_AV_APP_VOTER"`, "", 1)
		f, err := Open(MI, Voters, strings.NewReader(data), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.ReadVoter(&v); err != nil || v.StateID != "1234567890123" || v.Status != Active {
			t.Errorf("%+v, %v", v, err)
		}
	})
	t.Run("North Carolina without a header", func(t *testing.T) {
		_, rows, _ := strings.Cut(string(ncFile(t, 3)), "\n")
		voters, _, err := read(NC, strings.NewReader(rows), nil)
		if err != nil || len(voters) != 3 || voters[0].Last != "SMITH" {
			t.Errorf("%v, %v", voters, err)
		}
	})
}

// Michigan's old history names elections by code; the mapping gives their dates.
func TestMichiganElectionCodes(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, MI, Fixed, History, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteVote(&Vote{StateID: "1234567890123", Name: "102000693", Method: Absentee, CountyCode: "82"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(MI, History, bytes.NewReader(b.Bytes()), nil); err == nil || !strings.Contains(err.Error(), "electionscd.lst") {
		t.Errorf("without codes: %v", err)
	}
	m := &Mapping{Version: 1, Elections: []ElectionCode{{Code: "102000693", Date: "2016-11-08", Name: "STATE GENERAL"}}}
	f, err := Open(MI, History, bytes.NewReader(b.Bytes()), m)
	if err != nil {
		t.Fatal(err)
	}
	var got Vote
	if err := f.ReadVote(&got); err != nil {
		t.Fatal(err)
	}
	want := Vote{StateID: "1234567890123", Date: 20161108, Type: General, Name: "STATE GENERAL", Method: Absentee, Code: "Y", CountyCode: "82"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A voter under 18 is marked by the age a file gives, by the birth date or year on the file's day, or by status.
func TestMinors(t *testing.T) {
	const day Date = 20261003
	for name, c := range map[string]struct {
		form  form
		voter Voter
		asOf  Date
		want  bool
	}{
		"NC, 17 at the end of the year": {form{NC, Current}, Voter{BirthYear: 2009}, 0, true},
		"NC, 18 at the end of the year": {form{NC, Current}, Voter{BirthYear: 2008}, 0, false},
		"FL, by status":                 {form{FL, Current}, Voter{StatusCode: "PRE", BirthDate: 20090101}, 0, true},
		"FL, 18 tomorrow":               {form{FL, Current}, Voter{StatusCode: "ACT", BirthDate: 20081004}, day, true},
		"FL, 18 today":                  {form{FL, Current}, Voter{StatusCode: "ACT", BirthDate: 20081003}, day, false},
		"MI, by year":                   {form{MI, Current}, Voter{BirthYear: 2009}, day, true},
		"MI, no day given":              {form{MI, Current}, Voter{BirthYear: 2009}, 0, false},
	} {
		c.voter.StateID, c.voter.Last, c.voter.CountyCode = idOf(c.form.id), "SMITH", countyOf(c.form.id)
		var b bytes.Buffer
		w, err := NewWriter(&b, c.form.id, c.form.gen, Voters, WriterOptions{AsOf: day})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteVoter(&c.voter); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		f, err := Open(c.form.id, Voters, bytes.NewReader(b.Bytes()), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f.AsOf = c.asOf
		var got Voter
		if err := f.ReadVoter(&got); err != nil || got.Minor != c.want {
			t.Errorf("%s: minor %v, %v", name, got.Minor, err)
		}
	}
}

func TestGuess(t *testing.T) {
	for _, x := range allForms {
		v := []Voter{{StateID: idOf(x.id), Last: "SMITH", First: "ANA", CountyCode: countyOf(x.id), BirthYear: 1980, BirthDate: 19800102, Sex: 'F', Registered: 20200103}}
		data := writeVoters(t, x, append(v, v[0], v[0]))
		got := Guess(data)
		if len(got) == 0 || got[0].ID != x.id || got[0].Kind != Voters || got[0].Generation != x.gen {
			t.Errorf("%s/%d: %+v", x.id, x.gen, got)
		}
	}
	for _, junk := range []string{"", "a,b,c\n1,2,3\n", "PK\x03\x04", strings.Repeat("x", 600)} {
		if got := Guess([]byte(junk)); len(got) != 0 {
			t.Errorf("%.10q: %+v", junk, got)
		}
	}
	if got := Guess(ncHistoryFile(t)); len(got) == 0 || got[0].ID != NC || got[0].Kind != History {
		t.Errorf("history: %+v", got)
	}
}

func idOf(id ID) string {
	return map[ID]string{NC: "AA123456", OH: "OH0012345678", FL: "123456789", MI: "1234567890123", WA: "WA012345678"}[id]
}

func countyOf(id ID) string {
	return map[ID]string{NC: "92", OH: "25", FL: "DAD", MI: "82", WA: "KI"}[id]
}

func TestCounties(t *testing.T) {
	for id, want := range map[ID]int{NC: 100, OH: 88, FL: 67, MI: 83, WA: 39} {
		if got := len(Counties(id)); got != want {
			t.Errorf("%s has %d counties, want %d", id, got, want)
		}
	}
	for _, c := range []struct {
		id         ID
		code, name string
	}{{NC, "92", "WAKE"}, {NC, "65", "NEW HANOVER"}, {NC, "100", "YANCEY"}, {OH, "88", "WYANDOT"}, {OH, "18", "CUYAHOGA"}, {MI, "82", "WAYNE"}, {MI, "63", "OAKLAND"}, {FL, "DAD", "MIAMI-DADE"}, {WA, "KI", "KING"}} {
		if got := CountyName(c.id, c.code); got != c.name {
			t.Errorf("%s %s is %q, want %q", c.id, c.code, got, c.name)
		}
	}
}

func TestParse(t *testing.T) {
	for _, id := range All() {
		if got, err := Parse(strings.ToUpper(string(id))); err != nil || got != id {
			t.Errorf("%s: %v, %v", id, got, err)
		}
	}
	if _, err := Parse("tx"); err == nil {
		t.Error("tx was taken")
	}
}

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		s    string
		form DateForm
		want Date
		ok   bool
	}{
		{"11/05/2024", USDate, 20241105, true}, {"1/5/2024", USDate, 20240105, true}, {"2024-11-05", ISODate, 20241105, true},
		{"20241105", Compact, 20241105, true}, {"11052024", USCompact, 20241105, true}, {"05/11/2024", DayFirst, 20241105, true},
		{"2024-11-05 00:00:00", AnyDate, 20241105, true}, {"2024-11-05T00:00:00Z", AnyDate, 20241105, true}, {"11/05/2024 12:00 AM", AnyDate, 20241105, true},
		{"02/29/2023", USDate, 0, false}, {"02/29/2024", USDate, 20240229, true}, {"13/01/2024", USDate, 0, false},
		{"", USDate, 0, true}, {"00/00/0000", USDate, 0, true}, {"01/01/1900", USDate, 0, true}, {"##/##/####", USDate, 0, true},
		{"banana", AnyDate, 0, false}, {"1/2/24", USDate, 0, false}, {"2024", AnyDate, 0, false}, {"99999999999", AnyDate, 0, false},
	} {
		if got, ok := ParseDate(c.s, c.form); got != c.want || ok != c.ok {
			t.Errorf("ParseDate(%q, %v) = %v, %v; want %v, %v", c.s, c.form, got, ok, c.want, c.ok)
		}
	}
}

// The hash is stored, so it may never change.
func TestHashIsFixed(t *testing.T) {
	for s, want := range map[string]uint64{"": 0x64b62d56a2f61a47, "AA1": 0xc219f94a772e19e6, strings.Repeat("voter", 100): 0xf91833f2ddead575} {
		if got := Hash([]byte(s)); got != want {
			t.Errorf("Hash(%.10q…) = %#x, want %#x", s, got, want)
		}
	}
	if Hash([]byte("a")) == Hash([]byte("a\x00")) || Hash(make([]byte, 31)) == Hash(make([]byte, 32)) {
		t.Error("zeros at the end do not count")
	}
}
