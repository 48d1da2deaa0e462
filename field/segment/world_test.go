package segment_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/segmentbench"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

const (
	fileID = 1
	orgID  = 1
	other  = 2 // another organisation on the same file
)

var universe = list.Universe{VoterFile: fileID, Org: orgID, Contacts: []int64{orgID}}

// world is a small made-up state in a database, and everything that somebody may write about it.
type world struct {
	t      testing.TB
	d      *db.DB
	state  segmentbench.State
	number int64
}

func lines() []db.Line {
	return []db.Line{ledger.Schema(), account.Schema(), org.Schema(), place.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
}

// run gives a test a world of n people on each engine.
func run(t *testing.T, n int, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Run(t, lines(), func(t *testing.T, d *db.DB) { f(t, newWorld(t, d, n)) })
}

func newWorld(t testing.TB, d *db.DB, n int) *world {
	t.Helper()
	w := &world{t: t, d: d, state: segmentbench.State{Voters: n, Seed: 7, File: fileID, Org: orgID, First: 11}, number: 1}
	if err := w.state.Write(context.Background(), d, func(string) {}); err != nil {
		t.Fatal(err)
	}
	w.exec(`UPDATE field_code SET shared = 1 WHERE id = 2`)
	w.exec(`UPDATE field_tag SET shared = 1 WHERE id = 2`)
	w.exec(`UPDATE field_question SET shared = 1 WHERE id = 2`)
	for _, q := range []string{
		`INSERT INTO field_custom (id, org_id, name, kind, status, created_by, created_at, changed_at, shared) VALUES (?, 1, ?, 'text', 'active', 1, 1, 1, ?)`,
		`INSERT INTO field_target (id, org_id, name, status, created_by, created_at, changed_at, shared) VALUES (?, 1, ?, 'active', 1, 1, 1, ?)`,
		`INSERT INTO field_event (id, org_id, name, starts_at, status, created_by, created_at, changed_at, shared) VALUES (?, 1, ?, 1, 'active', 1, 1, 1, ?)`,
	} {
		w.exec(q, 1, "one", 0)
		w.exec(q, sharedObject, "two", 1)
	}
	for id := 1; id <= 2; id++ {
		w.exec(`INSERT INTO field_list (id, org_id, voterfile_id, folder_id, kind, name, criteria, people, doors, epoch, counted_at, created_by, created_at, changed_at)
			VALUES (?, 1, 1, 0, 'list', ?, '{}', 0, 0, 0, 0, 1, 1, 1)`, id, fmt.Sprint("list ", id))
	}
	r := rand.New(rand.NewPCG(1, uint64(n)))
	for range 40 { // so that what is built first has seen everything too
		w.write(r)
	}
	return w
}

func (w *world) exec(q string, args ...any) {
	w.t.Helper()
	err := w.d.Transact(db.WithSite(context.Background()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// record writes and tells the feed, in one transaction.
func (w *world) record(changes []change.Change, writes ...func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	w.number++
	err := w.d.Transact(db.WithSite(context.Background()), func(ctx context.Context, tx *db.Tx) error {
		for _, f := range writes {
			if err := f(ctx, tx); err != nil {
				return err
			}
		}
		return change.Record(ctx, tx, w.number, changes...)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func sql(q string, args ...any) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q, args...)
		return err
	}
}

func (w *world) person(r *rand.Rand) int64 { return 11 + r.Int64N(int64(w.state.Voters)) }

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// write writes something at random.
func (w *world) write(r *rand.Rand) {
	w.t.Helper()
	p := w.person(r)
	org := pick[int64](r, orgID, orgID, other)
	object := int64(1 + r.IntN(3))
	at := int64(1_700_000_000_000) + r.Int64N(90_000_000_000)
	say := func(what change.What, object, org int64) []change.Change {
		return []change.Change{{What: what, Person: p, Object: object, Org: org}}
	}
	own := object == sharedObject
	if !own {
		org = orgID
	}
	switch r.IntN(13) {
	case 0, 1, 2:
		w.writePerson(r, p)
	case 3:
		w.record(say(change.Code, object, org), sql(`INSERT INTO field_person_code (person_id, code_id, org_id, account_id, applied_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, p, object, org, 1+r.IntN(3), at))
	case 4:
		w.record(say(change.Code, 0, org), sql(`DELETE FROM field_person_code WHERE person_id = ? AND org_id = ?`, p, org))
	case 5:
		w.record(say(change.Answer, object, org), sql(`INSERT INTO field_answer (person_id, answer_id, question_id, response_id, org_id, account_id, source, answered_at)
			VALUES (?, ?, ?, ?, ?, ?, 'hand', ?)`, p, fmt.Sprintf("a%d", r.Int64()), object, (object-1)*6+1+r.Int64N(6), org, 1+r.IntN(3), at-at%pick[int64](r, 1, 30_000_000_000)))
	case 6:
		org = pick[int64](r, orgID, other)
		w.record(say(change.Contact, 0, org), sql(`INSERT INTO field_contact (person_id, contact_id, org_id, account_id, channel, result, source, tried_at)
			VALUES (?, ?, ?, ?, ?, ?, 'hand', ?)`, p, fmt.Sprintf("c%d", r.Int64()), org, 1+r.IntN(3), pick(r, "door", "phone", "text"), pick(r, "canvassed", "not_home"), at))
	case 7:
		w.writePhone(r, p)
	case 8:
		org = pick[int64](r, 0, orgID, other)
		w.record(say(change.Suppression, 0, org), sql(`INSERT INTO field_suppression (person_id, org_id, channel, reason, account_id, created_at) VALUES (?, ?, ?, '', 1, 1)
			ON CONFLICT DO NOTHING`, p, org, pick(r, "door", "text", "phone")))
	case 9:
		w.writeScore(r, p)
	case 10:
		w.writeOther(r, p, object, org, at)
	case 11:
		w.writeSaved(r)
	case 12:
		w.writePlace(r)
	}
}

// writePlace moves, forgets or finds an address, as loading a file of addresses does.
func (w *world) writePlace(r *rand.Rand) {
	w.t.Helper()
	key := all[int64](w.t, w.d, `SELECT address_key FROM field_person WHERE person_id = ?`, w.person(r))[0]
	if key == 0 { // no address has it
		return
	}
	if r.IntN(4) == 0 {
		w.record([]change.Change{{What: change.Place}}, sql(`DELETE FROM place_address WHERE key = ?`, key))
		return
	}
	w.record([]change.Change{{What: change.Place}}, sql(`INSERT INTO place_address (key, lon, lat, source) VALUES (?, ?, ?, '')
		ON CONFLICT (key) DO UPDATE SET lon = excluded.lon, lat = excluded.lat`, key, -84+r.Float64(), 27+r.Float64()))
}

func (w *world) writePerson(r *rand.Rand, p int64) {
	w.t.Helper()
	home := all[int64](w.t, w.d, `SELECT household_key FROM field_person WHERE person_id = ?`, w.person(r))[0]
	door := all[int64](w.t, w.d, `SELECT address_key FROM field_person WHERE person_id = ?`, w.person(r))[0]
	q := pick(r,
		sql(`UPDATE field_person SET party = ?, status = ? WHERE person_id = ?`, pick(r, "DEM", "REP", "NEW", ""), pick(r, "active", "inactive", "removed"), p),
		sql(`UPDATE field_person SET household_key = ?, address_key = ? WHERE person_id = ?`, pick(r, home, home, 0), pick(r, door, door, 0, 99), p),
		sql(`UPDATE field_person SET dropped_on = ?, minor = ?, confidential = ? WHERE person_id = ?`, pick(r, 0, 0, 20260101), pick(r, 0, 0, 1), pick(r, 0, 0, 1), p),
		sql(`UPDATE field_person SET birth_date = ?, birth_year = ? WHERE person_id = ?`, pick[int64](r, 0, 19800229, 18000101, 20301231), pick[int64](r, 0, 1980), p),
		sql(`UPDATE field_person SET last_name = ?, last_key = ?, registered_on = ? WHERE person_id = ?`, "O'Néw", "ONEW", pick(r, 0, 20250131, 19000101), p),
		sql(`UPDATE field_person SET districts = ?, precinct = ?, county = ?, zip = ?, city = ? WHERE person_id = ?`, pick(r, "", `{"school":"3"}`, `{"ward":"9","school":"1"}`),
			pick(r, "", "77"), pick(r, "001", "099"), pick(r, "", "30001-1234", "30002"), pick(r, "", "NEWTOWN"), p),
		func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, `DELETE FROM field_vote WHERE person_id = ? AND election_id = ?`, p, pick(r, elections...)); err != nil {
				return err
			}
			_, err := db.Exec(ctx, tx, `INSERT INTO field_vote (person_id, election_id, method, party, county) VALUES (?, ?, ?, ?, '') ON CONFLICT DO NOTHING`,
				p, pick(r, elections...), r.IntN(7), pick(r, "", "DEM"))
			return err
		})
	w.record([]change.Change{{What: change.Person, Person: p}}, q)
}

var elections = []int64{2024110501, 2022110801, 2020110301, 2018110601, 2024082002, 1999010100}

func (w *world) writePhone(r *rand.Rand, p int64) {
	w.t.Helper()
	if r.IntN(3) == 0 {
		org := pick[int64](r, 0, orgID, other)
		w.record([]change.Change{{What: change.Email, Person: p, Org: org}}, sql(`INSERT INTO field_email (person_id, email, org_id, source, confidence, wrong_at)
			VALUES (?, ?, ?, '', 1, ?) ON CONFLICT (person_id, email, org_id) DO UPDATE SET wrong_at = excluded.wrong_at`, p, fmt.Sprintf("v%d@example.org", w.person(r)/2), org, pick(r, 0, 5)))
		return
	}
	org := pick[int64](r, 0, orgID, orgID, other)
	number := "2025550147"
	if known := all[string](w.t, w.d, `SELECT number FROM field_phone WHERE person_id = ? ORDER BY number`, pick(r, p, w.person(r))); len(known) > 0 {
		number = known[0]
	}
	w.record([]change.Change{{What: change.Phone, Person: p, Org: org}}, sql(`INSERT INTO field_phone (person_id, number, org_id, kind, source, confidence, wrong_at)
		VALUES (?, ?, ?, ?, '', 1, ?) ON CONFLICT (person_id, number, org_id) DO UPDATE SET kind = excluded.kind, wrong_at = excluded.wrong_at`, p, number, org,
		pick(r, "cell", "home", "work"), pick(r, 0, 0, 5)))
}

func (w *world) writeScore(r *rand.Rand, p int64) {
	object := int64(1 + r.IntN(3))
	value := pick[int64](r, 0, 500, 1000, -70_000, 5_000_000)
	c := change.Change{What: change.Score, Person: p, Object: object}
	if r.IntN(4) == 0 {
		c.Person, c.VoterFile = 0, fileID
	}
	if r.IntN(4) == 0 {
		w.record([]change.Change{c}, sql(`DELETE FROM field_person_score WHERE person_id = ? AND score_id = ?`, p, object))
		return
	}
	w.record([]change.Change{c}, sql(`INSERT INTO field_person_score (person_id, score_id, value) VALUES (?, ?, ?)
		ON CONFLICT (person_id, score_id) DO UPDATE SET value = excluded.value`, p, object, value))
}

func (w *world) writeOther(r *rand.Rand, p, object, org, at int64) {
	object = 1 + object%2
	if object != sharedObject {
		org = orgID
	}
	say := func(what change.What) []change.Change {
		return []change.Change{{What: what, Person: p, Object: object, Org: org}}
	}
	switch r.IntN(4) {
	case 0:
		w.record(say(change.Tag), sql(`INSERT INTO field_person_tag (person_id, tag_id, org_id, account_id, applied_at) VALUES (?, ?, ?, 1, ?) ON CONFLICT DO NOTHING`, p, object, org, at))
	case 1:
		w.record(say(change.Custom), sql(`INSERT INTO field_person_custom (person_id, custom_id, org_id, text_value, number_value, account_id, changed_at) VALUES (?, ?, ?, ?, ?, 1, ?)
			ON CONFLICT (person_id, custom_id, org_id) DO UPDATE SET text_value = excluded.text_value`, p, object, org, pick(r, "a/b", "c", "d\x1fe", "f\x1eg"), r.IntN(50)-9, at))
	case 2:
		w.record(say(change.Target), sql(`INSERT INTO field_person_target (person_id, target_id, group_id) VALUES (?, ?, ?)
			ON CONFLICT (person_id, target_id) DO UPDATE SET group_id = excluded.group_id`, p, object, 1+r.IntN(3)))
	case 3:
		w.record(say(change.Signup), sql(`INSERT INTO field_signup (person_id, event_id, org_id, status, changed_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			p, object, org, pick(r, "came", "no_show", "invited"), at))
	}
}

func (w *world) writeSaved(r *rand.Rand) {
	w.t.Helper()
	id := 1 + r.IntN(2)
	m := roaring.New()
	for range r.IntN(200) {
		m.Add(uint32(w.person(r)))
	}
	b, err := m.ToBytes()
	if err != nil {
		w.t.Fatal(err)
	}
	w.record([]change.Change{{What: change.Saved, VoterFile: fileID, Org: orgID, Object: int64(id)}}, sql(`DELETE FROM field_list_chunk WHERE list_id = ?`, id),
		sql(`INSERT INTO field_list_chunk (list_id, chunk, people) VALUES (?, 0, ?)`, id, b))
}

func (w *world) engine(t testing.TB, dir string) *segment.Engine {
	e := segment.New(segment.Config{DB: w.d, Dir: dir, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func ptr[T any](x T) *T { return &x }

// node makes a condition at random.
func node(r *rand.Rand, depth int) list.Node {
	some := func() []list.Node {
		all := make([]list.Node, r.IntN(4))
		for i := range all {
			all[i] = node(r, depth-1)
		}
		return all
	}
	k := r.IntN(27)
	if depth <= 0 {
		k = 5 + r.IntN(21)
	}
	days := pick(r, list.Days{}, list.Days{Since: 1_740_000_000_000}, list.Days{Until: 1_760_000_000_000}, list.Days{Since: 1_710_000_000_000, Until: 1_750_000_000_000})
	by := pick(r, nil, nil, []int64{1, 2})
	object := int64(1 + r.IntN(2))
	switch k {
	case 0, 1:
		return list.All(some())
	case 2:
		return list.Any(some())
	case 3:
		return list.None(some())
	case 4:
		return list.LivesWith{Who: node(r, depth-1)}
	case 5:
		return list.Is{Attr: list.Party, Values: pick(r, []string{"DEM"}, []string{"REP", "NPA"}, []string{"NEW", ""}, []string{"none of them"})}
	case 6:
		return list.Is{Attr: pick(r, list.Sex, list.Status, list.County), Values: pick(r, []string{"F", "active", "001"}, []string{"M", "inactive", "009", "035"})}
	case 7:
		return list.Is{Attr: pick(r, list.Precinct, list.ZIP, list.City, list.Race, list.Congress), Values: []string{"001/00", "", "099/77", "30001", "30002", "NEWTOWN", "white", "3"}}
	case 8:
		return list.Is{Attr: pick[list.Attr](r, "district:school", "district:ward", "district:none"), Values: []string{"3", pick(r, "", "9")}}
	case 9:
		return list.Between{Attr: list.Birth, From: pick(r, nil, ptr[int64](19700101)), To: ptr[int64](pick[int64](r, 19991231, 19800228, 20401231))}
	case 10:
		return list.Between{Attr: list.RegisteredOn, From: ptr[int64](20050101), To: pick(r, nil, ptr[int64](20151231))}
	case 11:
		return list.Between{Attr: list.HouseholdSize, From: ptr[int64](2), To: pick(r, nil, ptr[int64](3))}
	case 12:
		return list.Between{Attr: list.VotesCast, From: ptr(r.Int64N(4)), To: pick(r, nil, ptr[int64](5))}
	case 13:
		return list.Known{Attr: pick(r, list.Birth, list.RegisteredOn, list.Door, list.Place)}
	case 14:
		return list.Name{Part: pick(r, "first", "last"), Begins: r.IntN(2) == 0, Values: []string{"BA", "BABA", "ONEW"}}
	case 15:
		ids := slices.Clone(elections)
		r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		ids = ids[:1+r.IntN(5)]
		slices.Sort(ids)
		return list.Voted{Elections: ids, AtLeast: ptr(r.IntN(4)), AtMost: ptr(pick(r, 0, 2, 30)), Methods: pick(r, nil, nil, []string{"polls", "mail"}), Parties: pick(r, nil, nil, []string{"DEM"})}
	case 16:
		ring := [][2]list.Micro{{-86_000_000, 26_000_000}, {-83_000_000, 25_500_000}, {-82_000_000, 29_000_000}, {-84_500_000, 27_100_000}, {-86_500_000, 30_000_000}, {-86_000_000, 26_000_000}}
		return list.Area{Rings: [][][2]list.Micro{ring}, West: -86_500_000, South: 25_500_000, East: -82_000_000, North: 30_000_000}
	case 17:
		return list.Disc{Lon: -84_000_000, Lat: 28_000_000, KX: 930_000, R2: 1_000_000 * 1_000_000, West: -85_200_000, East: -82_800_000, South: 27_000_000, North: 29_000_000}
	case 18:
		return pick[list.Node](r, list.Phone{}, list.Phone{Kinds: []string{"cell"}}, list.Phone{Textable: true}, list.Phone{Kinds: []string{"home", "work"}}, list.Email{})
	case 19:
		return list.Suppressed{Channels: pick(r, nil, []string{"text"}, []string{"door", "phone"})}
	case 20:
		return list.Scored{Score: int64(1 + r.IntN(3)), From: pick[int64](r, -1<<40, 0, 500), To: pick[int64](r, 700, 1<<40)}
	case 21:
		return list.Answered{Question: object, Responses: pick(r, nil, []int64{(object-1)*6 + 1, (object-1)*6 + 3}), Ever: r.IntN(2) == 0, By: by, Days: days}
	case 22:
		return list.Code{Codes: pick(r, []int64{object}, []int64{1, 2, 3}), By: by, Days: days}
	case 23:
		return list.Contact{Channels: pick(r, nil, []string{"door"}), Results: pick(r, nil, []string{"canvassed"}), By: by, Days: days, AtLeast: ptr(r.IntN(3)), AtMost: pick(r, nil, ptr(0), ptr(2))}
	case 24:
		return pick[list.Node](r, list.Tag{Tags: []int64{object}}, list.Event{Events: []int64{1, 2}, Statuses: pick(r, nil, []string{"came"})}, list.Saved{List: object})
	case 25:
		return pick[list.Node](r, list.Custom{Field: object, Values: []string{"a/b", "d\x1fe"}}, list.Custom{Field: object, From: ptr[int64](3)}, list.Target{Target: object, Groups: pick(r, nil, []int64{1, 2})})
	}
	return list.Sub{List: 9, Steps: []list.Step{{Do: list.Start, Where: node(r, depth-1)}, {Do: list.Sample, Take: 300, Seed: 5}}}
}

// plan makes a plan at random.
func plan(r *rand.Rand) list.Plan {
	p := list.Plan{Universe: universe, Today: 20261103}
	p.Universe.Dropped, p.Universe.Minors, p.Universe.Confidential = r.IntN(4) == 0, r.IntN(4) == 0, r.IntN(4) == 0
	p.Universe.Contacts = pick(r, []int64{orgID}, []int64{orgID, other})
	p.Steps = []list.Step{{Do: list.Start}}
	if r.IntN(3) > 0 {
		p.Steps[0].Where = node(r, 3)
	}
	for range r.IntN(4) {
		st := list.Step{Do: pick(r, list.Add, list.Narrow, list.Remove, list.Households, list.OnePerHousehold, list.Sample, list.Part), Where: node(r, 2)}
		switch st.Do {
		case list.OnePerHousehold:
			st.Where, st.Prefer = nil, pick(r, list.Oldest, list.Youngest, list.MostVotes, list.LastToSignUp)
		case list.Sample:
			st.Where, st.Take, st.Seed, st.Whole = nil, int64(r.IntN(500)), r.Int64N(1<<31-1), r.IntN(2) == 0
		case list.Part:
			st.Where, st.Parts, st.Seed, st.Whole = nil, 2+r.IntN(5), r.Int64N(1<<31-1), r.IntN(2) == 0
			st.Part = 1 + r.IntN(st.Parts)
		}
		p.Steps = append(p.Steps, st)
	}
	return p
}
