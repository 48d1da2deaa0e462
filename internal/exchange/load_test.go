package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

// The noun of these tests: yard signs that stand at doors.
var (
	signLine = db.Line{Program: "sign", FS: fstest.MapFS{"0001_sign.sql": {Data: []byte(
		`CREATE TABLE sign (number @int NOT NULL, phone @text NOT NULL, placed_at @int NOT NULL) @strict;`)}}}
	lines = []db.Line{ledger.Schema(), exchange.Schema(), signLine}
	sign  = exchange.Noun{Key: "sign", Unique: []string{"number"}, Columns: []exchange.Column{
		{Key: "number", Label: "Sign number", Names: []string{"sign"}, Required: true, Parse: exchange.Whole(1, 9999)},
		{Key: "phone", Label: "Phone", Parse: exchange.Phone},
		{Key: "email", Label: "E-mail", Parse: exchange.Email},
		{Key: "placed", Label: "Placed on", Parse: exchange.Day},
		{Key: "size", Label: "Size", Parse: exchange.OneOf("large", "small")},
	}}
	actor = org.Operate(3, permit.NewSet("sign.export"))
)

const signs = `Sign,Home phone,Mail,Placed on,Size
1,(919) 555-0147,a@example.org,2027-10-09,LARGE
2,919-555-014,b@example.org,10/9/2027,small
2,919-555-0148,,,
x,,not mail,,huge
,,,,
3,1 919 555 0149,,10/31/2027,
3,,,,small
4,,,31/10/2027,
,919-555-0150,,,
`

func plan(t *testing.T, text string) exchange.Plan {
	t.Helper()
	f, err := exchange.Open(strings.NewReader(text), int64(len(text)), "signs.csv", exchange.Shape{}, exchange.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return exchange.Plan{File: f, Noun: sign, Mapping: exchange.Suggest(sign, f.Headers)}
}

func TestSuggestedMapping(t *testing.T) {
	got := exchange.Suggest(sign, []string{"SIZE", "Sign", "Home phone", "Work Phone", "E-Mail Address", "placedOn", "Signature"})
	want := exchange.Mapping{"number": "Sign", "phone": "Home phone", "email": "E-Mail Address", "placed": "placedOn", "size": "SIZE"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRehearsalTellsOfEveryRow(t *testing.T) {
	p := plan(t, signs)
	p.Mapping["email"] = "Mail"
	p.Check = func(_ context.Context, rs []exchange.Record) ([]error, error) {
		wrong := make([]error, len(rs))
		for i, r := range rs {
			if r.Values["number"] == int64(1) {
				wrong[i] = fault.Inputs{{Name: "size", Err: fault.Invalidf("Sign 1 is small.")}}
			}
		}
		return wrong, nil
	}
	got, err := exchange.Rehearse(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Row                 int
		Column, Value, What string
	}
	var lines []line
	for _, x := range got.Troubles {
		lines = append(lines, line{x.Row, x.Column, x.Value, x.Err.Error()})
		if !x.Refused {
			t.Errorf("%+v is not refused", x)
		}
	}
	want := []line{
		{2, "Size", "LARGE", "Sign 1 is small."},
		{3, "Home phone", "919-555-014", "This is not a phone number of ten digits."},
		{5, "Sign", "x", "This is not a whole number from 1 to 9999."},
		{5, "Mail", "not mail", "This is not a mail address."},
		{5, "Size", "huge", "This must be one of: large, small."},
		{8, "Sign", "3", "Row 7 has the same. The first one counts."},
		{9, "Placed on", "31/10/2027", "This is not a date. Write it like 2027-10-09 or 10/9/2027."},
		{10, "Sign", "", "The cell is empty. Every row needs it."},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if got.Read != 8 || got.Fit != 2 || got.Refused != 6 {
		t.Errorf("read %d, fit %d, refused %d", got.Read, got.Fit, got.Refused)
	}
}

func TestTroublesAndRefusedRowsCanBeTakenAway(t *testing.T) {
	ctx := context.Background()
	p := plan(t, "Sign,Size,Note\n1,huge,=cmd()\n2,small,fine\n")
	var troubles, refused bytes.Buffer
	es, err := words.NewCatalog(exchange.Spanish)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(exchange.WriteTroubles(ctx, p, &troubles, es.In(words.ES)), exchange.WriteRefused(ctx, p, &refused, es.In(words.EN))); err != nil {
		t.Fatal(err)
	}
	if want := "\ufeffFila,Columna,Valor,Qué está mal,Qué se hace\r\n2,Size,huge,\"Debe ser una de estas opciones: large, small.\",Esta fila no se carga.\r\n"; troubles.String() != want {
		t.Errorf("troubles\n%s\nwant\n%s", troubles.String(), want)
	}
	if want := "\ufeffSign,Size,Note,Why it was not loaded\r\n1,huge,'=cmd(),\"Size: This must be one of: large, small.\"\r\n"; refused.String() != want {
		t.Errorf("refused\n%s\nwant\n%s", refused.String(), want)
	}
}

func TestMappingsThatCannotBeAreRefused(t *testing.T) {
	for name, m := range map[string]exchange.Mapping{
		"required column missing": {"phone": "Home phone"},
		"no such header":          {"number": "Nummer"},
		"one header twice":        {"number": "Sign", "phone": "Sign"},
		"no such column":          {"number": "Sign", "colour": "Size"},
	} {
		p := plan(t, signs)
		p.Mapping = m
		if _, err := exchange.Rehearse(context.Background(), p); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := exchange.Rehearse(context.Background(), plan(t, "Sign\n")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no rows: %v", err)
	}
}

func write(ctx context.Context, tx *db.Tx, r exchange.Record) error {
	placed, _ := r.Values["placed"].(time.Time)
	_, err := db.Exec(ctx, tx, `INSERT INTO sign (number, phone, placed_at) VALUES (?, ?, ?)`, r.Values["number"], r.Text("phone"), placed)
	return err
}

func loaded(t *testing.T, d *db.DB) []int64 {
	t.Helper()
	all, err := db.All[int64](context.Background(), d, `SELECT number FROM sign ORDER BY number`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLoadWritesAllOrNothing(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		text string
		set  func(*exchange.Terms)
		stop error
		want []int64
		kind fault.Kind
	}{
		{name: "all fit", text: "Sign\n1\n2\n3\n", want: []int64{1, 2, 3}},
		{name: "one is refused", text: "Sign\n1\nx\n3\n", kind: fault.Invalid},
		{name: "the refused one is left out", text: "Sign\n1\nx\n3\n", set: func(t *exchange.Terms) { t.Leave = true }, want: []int64{1, 3}},
		{name: "none fits", text: "Sign\nx\n", set: func(t *exchange.Terms) { t.Leave = true }, kind: fault.Invalid},
		{name: "cut off at the end", text: "Sign,Size\n1,small\n2,\"sm", set: func(t *exchange.Terms) { t.Leave = true }, kind: fault.Invalid},
		{name: "writing fails", text: "Sign\n1\n2\n", stop: errors.New("disk full"), kind: fault.Internal},
		{name: "another file was rehearsed", text: "Sign\n1\n", set: func(t *exchange.Terms) { t.Rehearsed = "0" }, kind: fault.Conflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
				p := plan(t, c.text)
				terms := exchange.Terms{Rehearsed: p.File.Hash, Purpose: "the signs of October"}
				if c.set != nil {
					c.set(&terms)
				}
				n := 0
				report, err := exchange.Load(ctx, d, actor, p, terms, func(ctx context.Context, tx *db.Tx, rows iter.Seq2[exchange.Record, error]) error {
					for r, err := range rows {
						if err != nil {
							return err
						}
						if n++; n == 2 && c.stop != nil {
							return c.stop
						}
						if err := write(ctx, tx, r); err != nil {
							return err
						}
					}
					return nil
				})
				if (err == nil) != (c.want != nil) || err != nil && fault.KindOf(err) != c.kind {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, loaded(t, d)); diff != "" || report.Fit != len(c.want) {
					t.Errorf("%d %s", report.Fit, diff)
				}
				entries, err := db.All[string](ctx, d, `SELECT kind FROM ledger_entry`)
				if err != nil || len(entries) > 0 != (c.want != nil) {
					t.Errorf("ledger %v, %v", entries, err)
				}
			})
		})
	}
}

func TestTemplatesBelongToTheirOrganisation(t *testing.T) {
	ctx := context.Background()
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		now := time.Date(2027, 10, 9, 0, 0, 0, 0, time.UTC)
		save := func(a org.Actor, name string, m exchange.Mapping) {
			t.Helper()
			now = now.Add(time.Minute)
			if err := d.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
				return exchange.SaveTemplate(ctx, tx, a, sign, name, m, now)
			}); err != nil {
				t.Fatal(err)
			}
		}
		other := org.Operate(4, permit.NewSet())
		save(actor, "County", exchange.Mapping{"number": "No.", "phone": "Tel"})
		save(actor, "County", exchange.Mapping{"number": "Nr", "phone": "Tel"})
		save(actor, "Ours", exchange.Mapping{"number": "Schild"})
		save(other, "County", exchange.Mapping{"number": "Tel"})
		m, used, err := exchange.Recall(ctx, d, actor, sign, []string{"Tel", "Nr", "Mail"})
		if err != nil || used == nil || used.Name != "County" {
			t.Fatal(used, err)
		}
		if diff := cmp.Diff(exchange.Mapping{"number": "Nr", "phone": "Tel"}, m); diff != "" {
			t.Error(diff)
		}
		if m, used, err := exchange.Recall(ctx, d, actor, sign, []string{"Sign"}); err != nil || used != nil || m["number"] != "Sign" {
			t.Error(m, used, err)
		}
		remove := func(a org.Actor) error {
			return d.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
				return exchange.RemoveTemplate(ctx, tx, a, "sign", used.ID)
			})
		}
		if err := remove(other); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another organisation removed it: %v", err)
		}
		if err := remove(actor); err != nil {
			t.Error(err)
		}
		all, err := exchange.Templates(ctx, d, actor, "sign")
		if err != nil || len(all) != 1 || all[0].Name != "Ours" {
			t.Error(all, err)
		}
	})
}

func TestAKeptFileReadsLikeTheUpload(t *testing.T) {
	ctx := context.Background()
	store, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text := "Sign,Size\n" + strings.Repeat("1,small\n", 500_000) // more than keptFrames frames
	if _, err := exchange.Keep(ctx, store, strings.NewReader(text), exchange.Limits{Bytes: 1000}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("too large a file: %v", err)
	}
	ref, err := exchange.Keep(ctx, store, strings.NewReader(text), exchange.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := exchange.Open(exchange.Kept(ctx, store, ref), ref.Size, "signs.csv", exchange.Shape{}, exchange.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := exchange.OpenKept(ctx, store, ref, "signs.csv", exchange.Limits{})
	if err == nil && f.Hash != plain.Hash {
		t.Errorf("the store calls the file %s, its bytes are %s", f.Hash, plain.Hash)
	}
	if err != nil || f.Hash != ref.Hash {
		t.Fatal(f, err)
	}
	n := 0
	for r, err := range f.Rows(ctx) {
		if n++; err != nil || r.Cells[1] != "small" {
			t.Fatal(r, err)
		}
	}
	if n != 500_000 {
		t.Errorf("%d rows", n)
	}
}

func BenchmarkRehearse(b *testing.B) {
	var text strings.Builder
	text.WriteString("Sign,Home phone,E-mail,Placed on,Size\n")
	const n = 200_000
	for i := range n {
		fmt.Fprintf(&text, "%d,(919) 555-%04d,a%d@example.org,10/9/2027,small\n", i%9999+1, i%10000, i)
	}
	noun := sign
	noun.Unique = []string{"email"}
	for b.Loop() {
		f, err := exchange.Open(strings.NewReader(text.String()), int64(text.Len()), "x", exchange.Shape{}, exchange.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		r, err := exchange.Rehearse(context.Background(), exchange.Plan{File: f, Noun: noun, Mapping: exchange.Suggest(noun, f.Headers)})
		if err != nil || r.Fit != n {
			b.Fatal(r.Read, r.Fit, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
