package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/liststore/listtest"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/words"
)

func world(t *testing.T, f func(w *listtest.World, s *export.Store)) {
	t.Helper()
	above := listtest.Above{Permits: export.Permits, Roles: export.Roles, Spanish: [][]byte{export.Spanish, contact.Spanish}}
	listtest.Run(t, above, func(w *listtest.World) {
		now := func() time.Time { return w.At }
		mail, err := outbox.New(outbox.Config{DB: w.DB, Transport: outbox.Catch{}, From: "Precinct <no-reply@halden.example>", Now: now})
		if err != nil {
			w.Fatal(err)
		}
		f(w, export.New(export.Config{DB: w.DB, Lists: w.Lists, Orgs: w.Orgs, Accounts: w.Accounts, Words: w.Words, Outbox: mail, Origin: "https://halden.example", Now: now}))
	})
}

func wants(t *testing.T, err error, k fault.Kind, what string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != k {
		t.Errorf("%s: %v, want %s", what, err, k)
	}
}

func request(k liststore.Ask) export.Request {
	return export.Request{Ask: k, Form: export.CSV, Columns: []string{"person", "last_name"}, Purpose: "knocking on Saturday", Lang: words.EN}
}

func ask(w *listtest.World, s *export.Store, a org.Actor, r export.Request) export.Export {
	w.Helper()
	w.Ready(a)
	e, err := s.Ask(w.Context(), a, r)
	if err != nil {
		w.Fatal(err)
	}
	return e
}

// letters returns to whom mail went since the last look, with its subjects; none may say more than the page lets people see.
func letters(w *listtest.World, secret string) []string {
	w.Helper()
	type letter struct {
		To      string `db:"to_email"`
		Subject string `db:"subject"`
		Text    string `db:"body"`
	}
	all, err := db.All[letter](db.WithSite(w.Context()), w.DB, `SELECT to_email, subject, body FROM outbox_message ORDER BY to_email`)
	if err != nil {
		w.Fatal(err)
	}
	var told []string
	for _, l := range all {
		if strings.Contains(l.Text, secret) || !strings.Contains(l.Text, "https://halden.example/o/1/field/export/") {
			w.Errorf("a letter says\n%s", l.Text)
		}
		told = append(told, l.To+": "+l.Subject)
	}
	w.Exec(`DELETE FROM outbox_message`)
	return told
}

// take writes an export and returns its cells.
func take(w *listtest.World, s *export.Store, a org.Actor, id export.ID) (rows [][]string, r exchange.Receipt) {
	w.Helper()
	var b bytes.Buffer
	r, err := s.Write(w.Context(), a, id, &b)
	if err != nil {
		w.Fatal(err)
	}
	if sum := sha256.Sum256(b.Bytes()); hex.EncodeToString(sum[:]) != r.SHA256 {
		w.Error("the receipt's hash is not that of the file")
	}
	rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\uFEFF"))).ReadAll()
	if err != nil {
		w.Fatal(err)
	}
	return rows, r
}

func TestAnExportAboveTheLimitWaitsForAnotherPerson(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		dolores, ana, ben := w.Sit(w.Table, "dolores", org.Administrator), w.Sit(w.Table, "ana", "data-associate"), w.Sit(w.Table, "ben", "organizer")
		carla := w.Sit(w.Partner, "carla", org.Administrator)
		if err := s.SetLimit(w.Context(), dolores, "organizer", 3); err != nil {
			t.Fatal(err)
		}
		within := ask(w, s, ben, request(listtest.In("SABLE POINT")))
		if within.State != export.Approved {
			t.Errorf("an export within the limit is %s", within.State)
		}
		e := ask(w, s, ben, request(listtest.In("QUAY")))
		if e.State != export.Waiting || e.People != 8 || e.MayDecide {
			t.Fatalf("%s with %d people, may decide: %v; want waiting with 8", e.State, e.People, e.MayDecide)
		}
		want := []string{"ana@halden.example: An export waits for your decision", "dolores@halden.example: An export waits for your decision"}
		if d := cmp.Diff(want, letters(w, "Quay")); d != "" {
			t.Errorf("who was written to: %s", d)
		}
		_, err := s.Write(w.Context(), ben, e.ID, &bytes.Buffer{})
		wants(t, err, fault.Denied, "taking what waits")
		wants(t, s.Decide(w.Context(), ben, e.ID, true, ""), fault.Denied, "an organizer deciding")
		wants(t, s.Decide(w.Context(), carla, e.ID, true, ""), fault.NotFound, "another organisation deciding")
		_, err = s.Export(w.Context(), carla, e.ID)
		wants(t, err, fault.NotFound, "another organisation looking")
		if n, err := s.Waiting(w.Context(), ana); err != nil || n != 1 {
			t.Errorf("%d wait for ana, %v; want 1", n, err)
		}
		if err := s.Decide(w.Context(), ana, e.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		wants(t, s.Decide(w.Context(), dolores, e.ID, false, "no"), fault.Conflict, "deciding twice")
		if d := cmp.Diff([]string{"ben@halden.example: Your export is approved"}, letters(w, "Quay")); d != "" {
			t.Errorf("who was written to: %s", d)
		}
		other := ask(w, s, ben, request(listtest.In("QUAY")))
		letters(w, "Quay")
		if err := s.Decide(w.Context(), dolores, other.ID, false, "Quay Street is done"); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff([]string{"ben@halden.example: Your export is refused"}, letters(w, "Quay")); d != "" {
			t.Errorf("who was written to: %s", d)
		}
		_, err = s.Write(w.Context(), ana, e.ID, &bytes.Buffer{})
		wants(t, err, fault.Denied, "somebody else taking it")
		rows, r := take(w, s, ben, e.ID)
		if len(rows) != 9 || r.Rows != 8 {
			t.Errorf("%d lines and %d rows, want 9 and 8", len(rows), r.Rows)
		}
		for _, row := range rows {
			if slices.Contains(row, "HIDDEN") {
				t.Error("a protected voter left")
			}
		}
		if e, err = s.Export(w.Context(), ben, e.ID); err != nil || e.State != export.Done || e.Rows != 8 || e.SHA256 != r.SHA256 || e.Decider != "ana" {
			t.Errorf("afterwards it is %+v, %v", e, err)
		}
		w.At = w.At.Add(25 * time.Hour)
		_, err = s.Write(w.Context(), ben, e.ID, &bytes.Buffer{})
		wants(t, err, fault.Conflict, "taking it the day after")
	})
}

func TestWhatLeftIsInTheLedger(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		e := ask(w, s, ana, request(listtest.In("QUAY")))
		_, r := take(w, s, ana, e.ID)
		entries, err := ledger.Entries(w.Context(), w.DB, ledger.Filter{Object: e.ID.Object()})
		if err != nil || len(entries) != 3 {
			t.Fatalf("%d entries, %v; want three: asked, begun, ended", len(entries), err)
		}
		left, begun, asked := entries[0], entries[1], entries[2]
		if left.Kind != exchange.KindLeft || left.Data["sha256"] != r.SHA256 || left.Data["rows"] != json.Number("8") || left.Data["complete"] != true {
			t.Errorf("the end is %+v", left)
		}
		if begun.Purpose != "knocking on Saturday" || !strings.Contains(begun.Personal["filter"].(string), "QUAY") && !strings.Contains(begun.Personal["filter"].(string), "Quay") {
			t.Errorf("the beginning is %+v", begun)
		}
		if asked.Kind != export.KindAsk || asked.Data["people"] != json.Number("8") {
			t.Errorf("the asking is %+v", asked)
		}
	})
}

func TestNobodyLeavesWhoBecameProtectedMeanwhile(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		e := ask(w, s, ana, request(listtest.In("QUAY")))
		w.Exec(`UPDATE field_person SET confidential = 1 WHERE person_id = 3`) // no segment knows of it
		rows, r := take(w, s, ana, e.ID)
		if r.Rows != 7 || slices.ContainsFunc(rows, func(row []string) bool { return row[0] == "3" }) {
			t.Errorf("%d rows left: %v", r.Rows, rows)
		}
	})
}

func TestNumbersLeaveOnlyForCallsAndWithoutThoseWhoDoNotWishThem(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		ana, ben := w.Sit(w.Table, "ana", "data-associate"), w.Sit(w.Table, "ben", "organizer")
		w.Exec(`INSERT INTO field_phone (person_id, number, org_id, kind, source, confidence, wrong_at) VALUES (2, '5550140002', 0, 'cell', 'file', 50, 0), (2, '5550140003', 0, 'home', 'file', 90, 0),
			(4, '5550140004', 0, 'home', 'file', 50, 0), (4, '5550140004', 1, 'home', 'mark', 50, 7), (6, '5550140006', 2, 'cell', 'hand', 50, 0)`)
		err := w.DB.Transact(ana.Within(w.Context()), func(ctx context.Context, tx *db.Tx) error {
			return person.New(person.Config{DB: w.DB}).Suppress(ctx, tx, ana, 1, person.ByCall, "asked")
		})
		if err != nil {
			t.Fatal(err)
		}
		r := request(listtest.Everybody())
		r.Columns = []string{"person", "phone", "phone_2", "cell"}
		_, err = s.Ask(w.Context(), ana, r)
		var in fault.Inputs
		if !inputs(err, &in) || in[0].Name != "channel" {
			t.Errorf("numbers without a channel: %v", err)
		}
		r.Channel = person.ByCall
		rows, _ := take(w, s, ana, ask(w, s, ana, r).ID)
		by := map[string][]string{}
		for _, row := range rows[1:] {
			by[row[0]] = row[1:]
		}
		want := map[string][]string{"2": {"5550140003", "5550140002", "5550140002"}, "4": {"", "", ""}, "6": {"", "", ""}}
		for id, cells := range want { // 4's is marked wrong by the organisation, 6's is another organisation's
			if d := cmp.Diff(cells, by[id]); d != "" {
				t.Errorf("person %s: %s", id, d)
			}
		}
		if _, there := by["1"]; there {
			t.Error("somebody who asked not to be called left for calls")
		}
		r.Channel, r.Columns = person.ByText, []string{"person", "phone"}
		rows, _ = take(w, s, ana, ask(w, s, ana, r).ID)
		if i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == "2" }); i < 0 || rows[i][1] != "5550140002" {
			t.Errorf("for texts person 2 has another number than the cell: %v", rows)
		}
		r.Columns = []string{"person", "party"}
		_, err = s.Ask(w.Context(), ben, r)
		if !inputs(err, &in) || in[0].Name != "columns" {
			t.Errorf("an organizer asking for parties: %v", err)
		}
	})
}

func inputs(err error, in *fault.Inputs) (ok bool) {
	*in, ok = err.(fault.Inputs) //nolint:errorlint // it is returned as it is
	return ok
}

func TestCellsCannotBecomeFormulas(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		w.Exec(`UPDATE field_person SET last_name = '=HYPERLINK("http://evil")' WHERE person_id = 5`)
		r := request(listtest.In("SABLE POINT"))
		rows, _ := take(w, s, ana, ask(w, s, ana, r).ID)
		if got := rows[1][1]; got != `'=HYPERLINK("http://evil")` {
			t.Errorf("the cell is %q", got)
		}
		r.Form, r.Lang = export.XLSX, words.ES
		var b bytes.Buffer
		if _, err := s.Write(w.Context(), ana, ask(w, s, ana, r).ID, &b); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		cells, err := book.GetRows(book.GetSheetName(0))
		if err != nil || len(cells) != 2 || cells[0][0] != "Identificador de la persona" || cells[1][1] != `'=HYPERLINK("http://evil")` {
			t.Errorf("the worksheet is %v, %v", cells, err)
		}
	})
}

func TestEveryColumnCanBeWritten(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		for _, q := range []string{
			`INSERT INTO field_score (id, org_id, name, medium_name, short_name, decimals, min_value, max_value, status, created_by, created_at, changed_at) VALUES (1, 1, 'Support', 'Support', 'S', 1, 0, 1000, 'active', 1, 1, 1)`,
			`INSERT INTO field_person_score (person_id, score_id, value) VALUES (5, 1, 705)`,
			`INSERT INTO field_code (id, org_id, name, medium_name, short_name, status, created_by, created_at, changed_at) VALUES (1, 1, 'Volunteer', 'V', 'V', 'active', 1, 1, 1)`,
			`INSERT INTO field_code (id, org_id, name, medium_name, short_name, status, created_by, created_at, changed_at) VALUES (2, 2, 'Theirs', 'V', 'V', 'active', 1, 1, 1)`,
			`INSERT INTO field_person_code (person_id, code_id, org_id, account_id, applied_at) VALUES (5, 1, 1, 1, 1), (5, 2, 2, 1, 1)`,
			`INSERT INTO field_question (id, org_id, name, medium_name, short_name, status, created_by, created_at, changed_at) VALUES (1, 1, 'Transit', 'T', 'T', 'active', 1, 1, 1)`,
			`INSERT INTO field_response (id, question_id, position, name, medium_name, short_name, status) VALUES (1, 1, 1, 'Yes', 'Y', 'Y', 'active'), (2, 1, 2, 'No', 'N', 'N', 'active')`,
			`INSERT INTO field_answer (person_id, answer_id, question_id, response_id, org_id, account_id, source, answered_at) VALUES (5, 'b', 1, 1, 1, 1, 'hand', 1000), (5, 'a', 1, 2, 1, 1, 'hand', 2000)`,
			`INSERT INTO field_contact (person_id, contact_id, org_id, account_id, channel, result, source, tried_at) VALUES (5, 'a', 1, 1, 'door', 'not_home', 'hand', 86400000), (5, 'b', 2, 1, 'door', 'refused', 'hand', 172800000)`,
			`INSERT INTO field_election (id, held_on, type, name) VALUES (2024110501, 20241105, 1, '11/05/2024 GENERAL')`,
			`INSERT INTO field_vote (person_id, election_id, method, party, county) VALUES (5, 2024110501, 2, '', '')`,
		} {
			w.Exec(q)
		}
		w.At = w.At.Add(time.Minute) // definitions are believed for some seconds
		all, err := s.Columns(w.Context(), ana, listtest.File)
		if err != nil {
			t.Fatal(err)
		}
		r := request(listtest.In("SABLE POINT"))
		r.Columns, r.Channel = nil, person.ByCall
		for _, c := range all {
			if c.Key != "email" { // leaves for another channel than numbers do
				r.Columns = append(r.Columns, c.Key)
			}
		}
		rows, _ := take(w, s, ana, ask(w, s, ana, r).ID)
		got := map[string]string{}
		for i, key := range r.Columns {
			got[key] = rows[1][i]
		}
		want := map[string]string{"last_name": "SMITH", "age": "36", "score:1": "70.5", "code:1": "TRUE", "answer:1": "No", "tried": "1", "last_result": "not_home", "vote:2024110501": "early",
			"districts": "school WAKE; ward 3", "registered_on": "2022-03-14", "mailing": "9 ELM ST, SABLE POINT NC 40555"}
		for key, v := range want {
			if got[key] != v {
				t.Errorf("%s is %q, want %q", key, got[key], v)
			}
		}
		if _, theirs := got["code:2"]; theirs {
			t.Error("another organisation's code is a column")
		}
	})
}

func TestPapersNeedNoMoreThanTheRoleSees(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		ben := w.Sit(w.Table, "ben", "organizer")
		for _, form := range []export.Form{export.Walk, export.Calls, export.Labels} {
			r := request(listtest.In("QUAY"))
			r.Form, r.Columns, r.Sheet = form, nil, export.Sheet{Scan: true, Household: true, Results: []contact.Result{contact.NotHome}}
			e := ask(w, s, ben, r)
			if e.Channel == liststore.NoContact {
				t.Errorf("%s is for no channel", form)
			}
			var b bytes.Buffer
			if _, err := s.Write(w.Context(), ben, e.ID, &b); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("%PDF-")) {
				t.Errorf("%s: %v", form, err)
			}
		}
	})
}

func TestLimitsAndFormatsAreTheOrganisations(t *testing.T) {
	world(t, func(w *listtest.World, s *export.Store) {
		dolores, ben, carla := w.Sit(w.Table, "dolores", org.Administrator), w.Sit(w.Table, "ben", "organizer"), w.Sit(w.Partner, "carla", org.Administrator)
		limits := func(a org.Actor) map[string]int64 {
			all, err := s.Limits(w.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			m := map[string]int64{}
			for _, l := range all {
				m[l.Role] = l.People
			}
			return m
		}
		if d := cmp.Diff(map[string]int64{org.Administrator: 100_000, "data-associate": 100_000, "organizer": 2_000}, limits(dolores)); d != "" {
			t.Error(d)
		}
		for people, want := range map[int64]fault.Kind{-1: fault.Invalid, 2_000_000: fault.Invalid} {
			wants(t, s.SetLimit(w.Context(), dolores, "organizer", people), want, "a limit that cannot be")
		}
		wants(t, s.SetLimit(w.Context(), dolores, "volunteer", 5), fault.NotFound, "a role that does not export")
		wants(t, s.SetLimit(w.Context(), ben, "organizer", 5), fault.Denied, "an organizer setting limits")
		if err := s.SetLimit(w.Context(), dolores, "organizer", 7); err != nil {
			t.Fatal(err)
		}
		if a, b := limits(dolores)["organizer"], limits(carla)["organizer"]; a != 7 || b != 2_000 {
			t.Errorf("limits are %d here and %d at the partner, want 7 and 2,000", a, b)
		}
		id, err := s.SaveFormat(w.Context(), ben, "Mail house", export.CSV, []string{"person"})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.SaveFormat(w.Context(), ben, "Mail house", export.XLSX, []string{"last_name"}); err != nil || again != id {
			t.Errorf("the same name is format %d and %d, %v", id, again, err)
		}
		if theirs, err := s.Formats(w.Context(), carla); err != nil || len(theirs) != 0 {
			t.Errorf("the partner sees %v, %v", theirs, err)
		}
		wants(t, s.DropFormat(w.Context(), carla, id), fault.NotFound, "the partner removing it")
		if err := s.DropFormat(w.Context(), ben, id); err != nil {
			t.Error(err)
		}
	})
}
