package upload

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

var testNow = time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)

// world is a site on one engine: people 1 to 9 with the voter ids V1 to V9 in file 1 of organisation 1, person 10 (W10) in file 2 of organisation 2.
type world struct {
	*Store
	t *testing.T
	a org.Actor
}

func run(t *testing.T, f func(t *testing.T, w world)) {
	t.Helper()
	lines := []db.Line{ledger.Schema(), account.Schema(), org.Schema(), exchange.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		must(t, d.Transact(db.WithSite(t.Context()), fill))
		now := func() time.Time { return testNow }
		c, err := permit.NewCatalog(Permits, codebook.Permits, contact.Permits, person.Permits, voterfile.Permits, org.Permits)
		must(t, err)
		a := org.Operate(1, c.Expand(PermitLoad, codebook.PermitShare, codebook.PermitRecord, codebook.PermitApprove, contact.PermitRecord, person.PermitPhoneAdd,
			person.PermitEmailAdd, person.PermitSuppress))
		blobs, err := blob.Open(t.TempDir())
		must(t, err)
		f(t, world{t: t, a: a, Store: &Store{DB: d, Blobs: blobs, Codebook: &codebook.Store{DB: d, Now: now}, Contacts: &contact.Store{DB: d, Now: now}, Now: now}})
	})
}

func fill(ctx context.Context, tx *db.Tx) error {
	for _, q := range []string{
		`INSERT INTO org (id, name, kind, created_at) VALUES (1, 'Halden Voter Table', 'table', 1), (2, 'Lakeshore Neighbors', 'partner', 1)`,
		`INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'NC', 1), (2, 2, 'OH', 'oh', 'OH', 1)`,
	} {
		if _, err := db.Exec(ctx, tx, q); err != nil {
			return err
		}
	}
	for id := int64(1); id <= 10; id++ {
		file, state := 1, "V"+strconv.FormatInt(id, 10)
		if id == 10 {
			file, state = 2, "W10"
		}
		if err := insertPerson(ctx, tx, id, file, state); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `INSERT INTO field_voter_key (voterfile_id, state_id, person_id, row_hash, vote_hash, household_key, county, party, dropped_on)
			VALUES (?, ?, ?, 0, 0, 0, '', '', 0)`, file, state, id); err != nil {
			return err
		}
	}
	return nil
}

func insertPerson(ctx context.Context, tx *db.Tx, id int64, file int, state string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_person (person_id, voterfile_id, state_id, last_name, first_name, middle_name, suffix, last_key, first_key, birth_year,
		birth_date, sex, race, ethnicity, party, status, status_code, status_reason, registered_on, house, street, unit, address, city, region, zip, street_key,
		household_key, address_key, mailing, county, precinct, congress, state_senate, state_house, municipality, districts, confidential, minor, raw_import_id,
		raw_file, raw_offset, raw_length, raw_hash, import_id)
		VALUES (?, ?, ?, 'DOE', 'JANE', '', '', 'DOE', 'JANE', 1980, 0, 'F', '', '', '', 'active', 'A', '', 20000101, '1', 'ELM ST', '', '', '', 'NC', '', 'ELM',
		?, 0, '', '', '', '', '', '', '', '{}', 0, 0, 1, 0, 0, 0, 0, 1)`, id, file, state, id)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w world) define(d codebook.Definition) codebook.ID {
	w.t.Helper()
	id, err := w.Codebook.Define(w.t.Context(), w.a, d)
	must(w.t, err)
	return id
}

func (w world) plan(what What, text string) (exchange.Plan, error) {
	w.t.Helper()
	f, err := exchange.Open(strings.NewReader(text), int64(len(text)), "june.csv", exchange.Shape{}, exchange.Limits{})
	must(w.t, err)
	n, err := w.Noun(w.t.Context(), w.a, what)
	if err != nil {
		return exchange.Plan{}, err
	}
	return w.Plan(w.t.Context(), w.a, what, f, exchange.Suggest(n, f.Headers))
}

func (w world) load(what What, text string, leave bool) (Loaded, error) {
	w.t.Helper()
	p, err := w.plan(what, text)
	if err != nil {
		return Loaded{}, err
	}
	return w.Load(w.t.Context(), w.a, what, p, exchange.Terms{Rehearsed: p.File.Hash, Leave: leave})
}

func (w world) rows(q string) []string {
	w.t.Helper()
	all, err := db.All[string](db.WithSite(w.t.Context()), w.DB, q)
	must(w.t, err)
	return all
}

// loads are one file of each kind: what is in it, and what a question to the database finds afterwards.
func loads(w world) []struct {
	what        What
	text, query string
	want        []string
} {
	transit := w.define(codebook.Definition{Kind: codebook.Question, Name: "Transit", Parts: []codebook.Part{{Name: "Strong support"}, {Name: "Against", Short: "A"}}})
	volunteer := w.define(codebook.Definition{Kind: codebook.Code, Name: "Volunteer"})
	tag := w.define(codebook.Definition{Kind: codebook.Tag, Name: "Owes a call"})
	shirt := w.define(codebook.Definition{Kind: codebook.Custom, Name: "Shirt", Type: codebook.Choice, Choices: []string{"S", "M"}})
	joined := w.define(codebook.Definition{Kind: codebook.Custom, Name: "Joined", Type: codebook.Date})
	path := w.define(codebook.Definition{Kind: codebook.Target, Name: "Path", Parts: []codebook.Part{{Name: "Base"}, {Name: "Persuade"}}})
	launch := w.define(codebook.Definition{Kind: codebook.Event, Name: "Launch", Starts: testNow})
	return []struct {
		what        What
		text, query string
		want        []string
	}{
		{What{Kind: Answers, Object: transit}, "Voter ID,Response,Date\nV1,strong SUPPORT,2027-10-01\nv2,a,10/2/2027\nV1,Against,2027-10-03\n",
			`SELECT a.person_id || ' ' || r.name || ' ' || a.source FROM field_answer a JOIN field_response r ON r.id = a.response_id ORDER BY a.answered_at`,
			[]string{"1 Strong support file", "2 Against file", "1 Against file"}},
		{What{Kind: Codes, Object: volunteer}, "person id,note\n3,x\n1,\n3,again\n", `SELECT person_id || '' FROM field_person_code ORDER BY person_id`, []string{"1", "3"}},
		{What{Kind: Codes, Object: volunteer, Remove: true}, "person id\n3\n4\n", `SELECT person_id || '' FROM field_person_code ORDER BY person_id`, []string{"1"}},
		{What{Kind: Tags, Object: tag}, "NCID\nV5\n", `SELECT person_id || '' FROM field_person_tag`, []string{"5"}},
		{What{Kind: Customs, Object: shirt}, "ncid,Shirt\nV5,m\nV6,S\n", `SELECT person_id || text_value FROM field_person_custom ORDER BY person_id`, []string{"5M", "6S"}},
		{What{Kind: Customs, Object: joined}, "ncid,Joined\nV5,2/29/2024\n", `SELECT person_id || ' ' || number_value FROM field_person_custom WHERE number_value > 0`, []string{"5 20240229"}},
		{What{Kind: Targets, Object: path}, "ncid,Group\nV5,base\nV6,Persuade\nV7,Base\n",
			`SELECT p.person_id || g.name FROM field_person_target p JOIN field_target_group g ON g.id = p.group_id ORDER BY p.person_id`, []string{"5Base", "6Persuade", "7Base"}},
		{What{Kind: Signups, Object: launch}, "ncid,Status\nV5,CAME\nV6,no_show\n", `SELECT person_id || status FROM field_signup ORDER BY person_id`, []string{"5came", "6no_show"}},
		{What{Kind: Phones}, "ncid,Cell Phone,Phone type\nV5,(919) 555-0147,cell\nV6,919.555.0148,\n",
			`SELECT person_id || ' ' || number || ' ' || kind || ' ' || source || ' ' || org_id FROM field_phone ORDER BY person_id`,
			[]string{"5 9195550147 cell june.csv 1", "6 9195550148 unknown june.csv 1"}},
		{What{Kind: Emails}, "ncid,E-mail\nV5,rosa@Example.org\n", `SELECT person_id || email FROM field_email`, []string{"5rosa@example.org"}},
		{What{Kind: Contacts}, "ncid,Contact type,Result,Date canvassed,Phone\nV5,Walk,Not home,2027-10-02,\nV6,Phone,Wrong Number,2027-10-02,9195550148\nV7,phone,Canvassed,2027-10-03,\n",
			`SELECT person_id || ' ' || channel || ' ' || result FROM field_contact ORDER BY person_id`, []string{"5 door not_home", "6 phone wrong_number", "7 phone reached"}},
		{What{Kind: Suppressions}, "ncid,Channel,Reason\nV5,text,asked on June 2\nV5,door,dog\n", `SELECT person_id || ' ' || channel FROM field_suppression ORDER BY channel`,
			[]string{"5 door", "5 text"}},
	}
}

func TestLoadingOnceOrTwiceLeavesTheSame(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		for _, c := range loads(w) {
			c.what.File = 1
			for range 2 {
				got, err := w.load(c.what, c.text, false)
				if err != nil || got.Fit != strings.Count(c.text, "\n")-1 {
					t.Fatalf("%s: %+v %v", c.what.Kind, got.Report, err)
				}
				if diff := cmp.Diff(c.want, w.rows(c.query)); diff != "" {
					t.Errorf("%s: %s", c.what.Kind, diff)
				}
			}
		}
	})
}

func TestScoresAreStagedDigitForDigit(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		score := w.define(codebook.Definition{Kind: codebook.Score, Name: "Transit model", Decimals: 2, Min: 0, Max: 10000})
		what := What{Kind: Scores, File: 1, Object: score, Average: "50.5", Tolerance: "1"}
		got, err := w.load(what, "ncid,Transit model\nV1,70.25\nV2,1e1\nV3,100\nV4,100.01\n", false)
		must(t, err)
		if diff := cmp.Diff([]string{"1=7025", "2=1000", "3=10000"}, w.rows(`SELECT person_id || '=' || value FROM field_score_row ORDER BY person_id`)); diff != "" {
			t.Error(diff)
		}
		all, err := w.Codebook.WaitingLoads(t.Context(), w.a)
		must(t, err)
		if len(all) != 1 || all[0].ID != got.Scores || *all[0].Average != 5050 || *all[0].Tolerance != 100 || all[0].Figures.OutOfRange != 1 {
			t.Errorf("waiting: %+v", all)
		}
		for name, text := range map[string]string{
			"more decimals than the score keeps": "ncid,score\nV1,70.255\n",
			"no number":                          "ncid,score\nV1,high\n",
			"one person twice":                   "ncid,person id,score\nV1,,5\n,1,6\n",
		} {
			if _, err := w.load(What{Kind: Scores, File: 1, Object: score}, text, false); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestRowsThatDoNotFitAreNamed(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		code := w.define(codebook.Definition{Kind: codebook.Code, Name: "Volunteer"})
		what := What{Kind: Codes, File: 1, Object: code}
		p, err := w.plan(what, "ncid,person id\nV1,\nW10,\nX1,\n,10\n,\n\"\",\"\"\nV2,3\nV3,3\n")
		must(t, err)
		r, err := exchange.Rehearse(w.a.Within(t.Context()), p)
		must(t, err)
		var got []string
		for _, x := range r.Troubles {
			got = append(got, fmt.Sprintf("%d %s: %s", x.Row, x.Column, x.Err))
		}
		want := []string{
			"3 ncid: No voter of this file has this id.", "4 ncid: No voter of this file has this id.", "5 person id: No person of this voter file has this number.",
			"8 ncid: This voter id and this person number are two different people.",
		}
		if diff := cmp.Diff(want, got); diff != "" || r.Fit != 2 {
			t.Error(r.Fit, diff)
		}
		if _, err := w.load(what, "ncid\nV1\nW10\n", false); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a refused row did not stop the load: %v", err)
		}
		if n := len(w.rows(`SELECT person_id || '' FROM field_person_code`)); n != 0 {
			t.Errorf("%d rows of a stopped load were kept", n)
		}
		if _, err := w.load(what, "ncid\nV1\nW10\n", true); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"1"}, w.rows(`SELECT person_id || '' FROM field_person_code`)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhoMayLoad(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		code := w.define(codebook.Definition{Kind: codebook.Code, Name: "Volunteer"})
		other := org.Operate(2, w.a.Permits())
		less := org.Operate(1, permit.NewSet(PermitLoad, codebook.PermitSee))
		for name, c := range map[string]struct {
			a    org.Actor
			what What
			kind fault.Kind
		}{
			"a code of another organisation": {other, What{Kind: Codes, File: 2, Object: code}, fault.NotFound},
			"a file of another organisation": {w.a, What{Kind: Codes, File: 2, Object: code}, fault.NotFound},
			"no such kind":                   {w.a, What{Kind: "gold", File: 1}, fault.Invalid},
			"without the right to record":    {less, What{Kind: Codes, File: 1, Object: code}, fault.Denied},
		} {
			if _, err := w.Noun(t.Context(), c.a, c.what); fault.KindOf(err) != c.kind {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnUploadIsKeptRehearsedAndLoaded(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		code := w.define(codebook.Definition{Kind: codebook.Code, Name: "Volunteer"})
		what := What{Kind: Codes, File: 1, Object: code}
		id, err := w.Receive(t.Context(), w.a, what, "../june.csv", strings.NewReader("Who,Note\nV1,x\nW10,y\nV2,z\n"))
		must(t, err)
		if err := w.LoadKept(t.Context(), w.a, id, true); fault.KindOf(err) != fault.Conflict {
			t.Errorf("loaded before it was rehearsed: %v", err)
		}
		u, err := w.Upload(t.Context(), w.a, id)
		must(t, err)
		if u.Name != "june.csv" || u.State != Received || u.What != what {
			t.Errorf("received %+v", u)
		}
		if err := w.Map(t.Context(), w.a, u, exchange.Mapping{colVoter: "Whom"}, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("took a column the file does not have: %v", err)
		}
		must(t, w.Map(t.Context(), w.a, u, exchange.Mapping{colVoter: "Who"}, "County list"))
		must(t, w.Rehearse(t.Context(), w.a, id))
		u, err = w.Upload(t.Context(), w.a, id)
		must(t, err)
		if u.State != Rehearsed || u.Report.Fit != 2 || u.Report.Refused != 1 || u.Report.Troubles[0].Said.Fault().Error() != "No voter of this file has this id." {
			t.Errorf("rehearsed %+v", u)
		}
		if err := w.LoadKept(t.Context(), w.a, id, false); fault.KindOf(err) != fault.Invalid {
			t.Errorf("loaded with a refused row: %v", err)
		}
		u, err = w.Upload(t.Context(), w.a, id)
		must(t, err)
		if u.State != Failed || u.Message == nil || len(w.rows(`SELECT person_id || '' FROM field_person_code`)) != 0 {
			t.Errorf("after a refusal %+v", u)
		}
		must(t, w.Rehearse(t.Context(), w.a, id))
		must(t, w.LoadKept(t.Context(), w.a, id, true))
		if diff := cmp.Diff([]string{"1", "2"}, w.rows(`SELECT person_id || '' FROM field_person_code ORDER BY person_id`)); diff != "" {
			t.Error(diff)
		}
		if err := w.LoadKept(t.Context(), w.a, id, true); fault.KindOf(err) != fault.Conflict {
			t.Errorf("loaded twice: %v", err)
		}
		second, err := w.Receive(t.Context(), w.a, what, "july.csv", strings.NewReader("Who,Note\nV3,x\n"))
		must(t, err)
		if u, err = w.Upload(t.Context(), w.a, second); err != nil || u.Mapping[colVoter] != "Who" {
			t.Errorf("the kept template was not taken: %+v %v", u.Mapping, err)
		}
		if _, err := w.Upload(t.Context(), org.Operate(2, w.a.Permits()), id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another organisation sees the upload: %v", err)
		}
	})
}

func TestWhatAnotherRunLeftUnderWayHasFailed(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		code := w.define(codebook.Definition{Kind: codebook.Code, Name: "Volunteer"})
		id, err := w.Receive(t.Context(), w.a, What{Kind: Codes, File: 1, Object: code}, "june.csv", strings.NewReader("NCID\nV1\n"))
		must(t, err)
		must(t, w.DB.Transact(w.a.Within(t.Context()), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `UPDATE field_upload SET state = 'loading', run_token = 'gone'`)
			return err
		}))
		u, err := w.Upload(t.Context(), w.a, id)
		must(t, err)
		if u.State != Failed || u.Message == nil {
			t.Errorf("reads as %+v", u)
		}
		must(t, w.Rehearse(t.Context(), w.a, id))
		must(t, w.LoadKept(t.Context(), w.a, id, false))
	})
}

func TestTheFileOfAnUploadIsKeptForThirtyDays(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		code := w.define(codebook.Definition{Kind: codebook.Code, Name: "Volunteer"})
		id, err := w.Receive(t.Context(), w.a, What{Kind: Codes, File: 1, Object: code}, "june.csv", strings.NewReader("NCID\nV1\n"))
		must(t, err)
		u, err := w.Upload(t.Context(), w.a, id)
		must(t, err)
		for days, want := range map[int]int{29: 1, 31: 0} {
			held, err := Held(t.Context(), w.DB, testNow.AddDate(0, 0, days))
			must(t, err)
			if len(held) != want {
				t.Errorf("after %d days %v are held, want %d", days, held, want)
			}
		}
		must(t, w.Blobs.Delete(t.Context(), u.Hash))
		if _, err := w.File(t.Context(), u); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a deleted file: %v", err)
		}
	})
}

func TestSayingKeepsItsVerbs(t *testing.T) {
	f := fault.Invalidf("Row %d has %q, %s of %.1f.", 12, "x", "y", 2.5)
	b, err := json.Marshal(Saying{Format: f.Format, Args: f.Args})
	must(t, err)
	var back Saying
	must(t, json.Unmarshal(b, &back))
	if got, want := fmt.Sprintf("Row %d has %q", back.Args[0], back.Args[1]), `Row 12 has "x"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestScaled(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "70.5": 7050, "-3.25": -325, "1e1": 1000, ".5": 50, "+2": 200} {
		if got, ok := Scaled(s, 2); !ok || got != want {
			t.Errorf("Scaled(%q) = %d %v, want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "1.234", "1/2", "0x10", "1_0", "1e99", "9999999999999999999", "NaN", "Inf", "1e-9", "1e999999999"} {
		if got, ok := Scaled(s, 2); ok {
			t.Errorf("Scaled(%q) = %d", s, got)
		}
	}
}

func FuzzScaled(f *testing.F) {
	f.Add("70.25", 2)
	f.Add("1e-30", 6)
	f.Fuzz(func(t *testing.T, s string, decimals int) {
		if decimals < 0 || decimals > 6 {
			return
		}
		if v, ok := Scaled(s, decimals); ok {
			sign, abs := "", strconv.FormatInt(v, 10)
			if v < 0 {
				sign, abs = "-", strings.TrimPrefix(abs, "-")
			}
			abs = strings.Repeat("0", max(0, decimals+1-len(abs))) + abs
			again, ok := Scaled(sign+abs[:len(abs)-decimals]+"."+abs[len(abs)-decimals:]+"0", decimals+1)
			if !ok || again != v*10 && v < 1<<59 && v > -1<<59 {
				t.Errorf("%q with %d decimals is %d, but that reads as %d %v", s, decimals, v, again, ok)
			}
		}
	})
}
