package exchange_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

var leaving = exchange.Leaving{Noun: "sign", Permit: "sign.export", Purpose: "Put up signs on Saturday", Filter: "Signs in Ward 3", Name: "Señales: Ward 3/4", Headers: []string{"Sign", "Note"}}

func rowsOf(all ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// cells that spreadsheet programs take for formulas, and some that they do not.
var risky = []string{"=1+1", "+1 919 555 0147", "-12", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", "'=1", "''@x", "a=1", "O'Brien", "'", "", " =1", "x,\"y\"", "x;=1"}

func TestNoCellLeavesAsAFormula(t *testing.T) {
	var rows [][]any
	for _, s := range risky {
		rows = append(rows, []any{s})
	}
	for _, f := range []exchange.Format{exchange.CSV, exchange.XLSX} {
		for i, cells := range foreign(t, f, rows) {
			cell := ""
			if len(cells) > 0 {
				cell = cells[0]
			}
			for _, bad := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
				if strings.HasPrefix(cell, bad) {
					t.Errorf("%s: %q left as %q", f, risky[i], cell)
				}
			}
		}
	}
	if n := exchange.Armed("a=1"); n != "a=1" {
		t.Errorf("a harmless cell became %q", n)
	}
}

// foreign writes rows and reads them with another program's library.
func foreign(t *testing.T, f exchange.Format, rows [][]any) [][]string {
	t.Helper()
	var b bytes.Buffer
	w := exchange.NewWriter(&b, f, "A/B: [it's] a name that is longer than thirty-one letters")
	for _, r := range rows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if f == exchange.CSV {
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\xef\xbb\xbf"))))
		r.FieldsPerRecord = -1
		got, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	x, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	got, err := x.GetRows(x.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestXLSXIsReadByAnotherProgram(t *testing.T) {
	got := foreign(t, exchange.XLSX, [][]any{
		{"Name & <tag>", "Number", "Float", "Bool", "Day", "Moment", "Old", "Nothing", "Last"},
		{"Peña_x0041_\x01😀", int64(-5), 2.5, true, time.Date(2027, 10, 9, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 9, 14, 41, 0, 0, time.UTC),
			time.Date(1899, 5, 1, 0, 0, 0, 0, time.UTC), nil, " spaces "},
	})
	want := [][]string{{"Name & <tag>", "Number", "Float", "Bool", "Day", "Moment", "Old", "Nothing", "Last"},
		{"Peña_x0041_\x01😀", "-5", "2.5", "TRUE", "2027-10-09", "2027-10-09 14:41:00", "1899-05-01", "", " spaces "}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What goes out comes in again unchanged, in both formats, whatever the texts are.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letter := rapid.RuneFrom([]rune("=+-@'\t\n\r\",;_x0F<&>é😀 aB1"))
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.StringOfN(letter, 0, 12, -1), 3, 3), 1, 6).Draw(t, "rows")
		for _, f := range []exchange.Format{exchange.CSV, exchange.XLSX} {
			var b bytes.Buffer
			w := exchange.NewWriter(&b, f, "x")
			_ = w.Row("a", "b", "c")
			var want []string
			for i, r := range rows {
				if err := w.Row("#"+r[0], r[1], "#"+r[2]); err != nil {
					t.Fatal(err)
				}
				// Spaces around a cell are not kept, and CSV has one kind of line break.
				line := fmt.Sprintf("%d: %s|%s|%s", i+2, strings.TrimSpace("#"+r[0]), strings.TrimSpace(r[1]), strings.TrimSpace("#"+r[2]))
				want = append(want, oneBreak.Replace(line))
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			_, got, err := read(b.Bytes(), exchange.Shape{Comma: ','}, exchange.Limits{})
			for i := range got {
				got[i] = oneBreak.Replace(got[i])
			}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatalf("%s: %v\n%s", f, err, diff)
			}
		}
	})
}

var oneBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n")

type entry struct {
	Kind, Purpose, Data string
}

func entries(t *testing.T, d *db.DB) []entry {
	t.Helper()
	type row struct {
		Kind    string `db:"kind"`
		Purpose string `db:"purpose"`
		Data    string `db:"data"`
	}
	all, err := db.All[row](context.Background(), d, `SELECT kind, purpose, data FROM ledger_entry ORDER BY n`)
	if err != nil {
		t.Fatal(err)
	}
	var out []entry
	for _, r := range all {
		out = append(out, entry(r))
	}
	return out
}

func TestAnExportIsInTheLedgerBeforeAndAfter(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		var b bytes.Buffer
		r, err := exchange.Export(context.Background(), d, actor, leaving, &b, rowsOf([]any{int64(1), "=x"}, []any{int64(2), "y"}))
		if err != nil {
			t.Fatal(err)
		}
		if want := "\ufeffSign,Note\r\n1,'=x\r\n2,y\r\n"; b.String() != want {
			t.Errorf("got %q", b.String())
		}
		sum := sha256.Sum256(b.Bytes())
		if r.Rows != 2 || r.Bytes != int64(b.Len()) || r.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("receipt %+v", r)
		}
		e := entries(t, d)
		if len(e) != 2 || e[0].Purpose != leaving.Purpose || !strings.Contains(e[1].Data, r.SHA256) {
			t.Fatalf("ledger %+v", e)
		}
		var data struct {
			Rows     int64
			Complete bool
			Export   int64
		}
		if err := json.Unmarshal([]byte(e[1].Data), &data); err != nil || data.Rows != 2 || !data.Complete || data.Export != r.Entry {
			t.Errorf("%v %+v", err, data)
		}
	})
}

func TestAnExportThatBreaksOffIsInTheLedgerToo(t *testing.T) {
	stop := errors.New("the table is gone")
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...)
	for name, c := range map[string]struct {
		ctx  func() context.Context
		w    io.Writer
		rows iter.Seq2[[]any, error]
	}{
		"rows fail": {context.Background, io.Discard, func(yield func([]any, error) bool) {
			_ = yield([]any{int64(1), "x"}, nil) && yield(nil, stop)
		}},
		"the reader goes away": {func() context.Context { return context.Background() }, broken{}, func(yield func([]any, error) bool) {
			for yield([]any{int64(1), strings.Repeat("x", 100)}, nil) {
			}
		}},
		"the request ends": {func() context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(time.Millisecond, cancel)
			return ctx
		}, io.Discard, func(yield func([]any, error) bool) {
			for yield([]any{int64(1), "x"}, nil) {
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(entries(t, d))
			if _, err := exchange.Export(c.ctx(), d, actor, leaving, c.w, c.rows); err == nil {
				t.Fatal("no error")
			}
			if e := entries(t, d)[before:]; len(e) != 2 || !strings.Contains(e[1].Data, `"complete":false`) {
				t.Errorf("ledger %+v", e)
			}
		})
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestExportsThatMayNotBe(t *testing.T) {
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...)
	nobody := org.Operate(3, permit.NewSet("sign.look"))
	for name, c := range map[string]struct {
		actor org.Actor
		set   func(*exchange.Leaving)
		kind  fault.Kind
	}{
		"no permit":      {nobody, func(*exchange.Leaving) {}, fault.Denied},
		"permit unnamed": {actor, func(l *exchange.Leaving) { l.Permit = "" }, fault.Denied},
		"no purpose":     {actor, func(l *exchange.Leaving) { l.Purpose = "  " }, fault.Invalid},
		"long purpose":   {actor, func(l *exchange.Leaving) { l.Purpose = strings.Repeat("á", 501) }, fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			l := leaving
			c.set(&l)
			w := httptest.NewRecorder()
			_, err := exchange.Serve(w, httptest.NewRequest("POST", "/", nil), d, c.actor, l, rowsOf([]any{int64(1), "x"}))
			if fault.KindOf(err) != c.kind || w.Body.Len() > 0 || len(w.Header()) > 0 {
				t.Errorf("%v, answer %q %v", err, w.Body, w.Header())
			}
		})
	}
	if e := entries(t, d); len(e) != 0 {
		t.Errorf("ledger %+v", e)
	}
}

func TestServe(t *testing.T) {
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...)
	w := httptest.NewRecorder()
	if _, err := exchange.Serve(w, httptest.NewRequest("POST", "/", nil), d, actor, leaving, rowsOf([]any{int64(1), "x"})); err != nil {
		t.Fatal(err)
	}
	want := http.Header{"Content-Type": {"text/csv; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}, "Cache-Control": {"no-store"},
		"Content-Disposition": {"attachment; filename*=utf-8''Se%C3%B1ales-%20Ward%203-4.csv"}}
	if diff := cmp.Diff(want, w.Header()); diff != "" {
		t.Error(diff)
	}
	defer func() {
		if recover() != http.ErrAbortHandler { //nolint:errorlint // it is panicked with as it is
			t.Error("half a file was sent as a whole one")
		}
	}()
	_, _ = exchange.Serve(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil), d, actor, leaving, func(yield func([]any, error) bool) {
		for range 100_000 {
			if !yield([]any{int64(1), "x"}, nil) {
				return
			}
		}
		yield(nil, errors.New("broken off"))
	})
}

func TestAWorksheetsEdges(t *testing.T) {
	w := exchange.NewWriter(io.Discard, exchange.XLSX, "x")
	if err := w.Row(strings.Repeat("é", 40_000)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a long cell: %v", err)
	}
	w = exchange.NewWriter(io.Discard, exchange.XLSX, "x")
	if err := w.Row(make([]any, 20_000)...); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a wide row: %v", err)
	}
}

// people yields n rows of the width that lists are exported with.
func people(n int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		row := []any{int64(0), "Aguilar-Nguyễn", "Rosa María", "1140 N Cedar St Apt 12", "Raleigh", "27601", "9195550147", "rosa@example.org", int64(1984), "DEM",
			time.Date(2020, 3, 3, 0, 0, 0, 0, time.UTC), true, 0.731, "01-07", "Ward 3", "Very likely", "", "Spoke Spanish", "NC", "Active"}
		for i := range n {
			row[0] = int64(i)
			if !yield(row, nil) {
				return
			}
		}
	}
}

func BenchmarkExport(b *testing.B) {
	d := dbtest.Open(b, db.Config{Dir: b.TempDir()}, lines...)
	l := leaving
	l.Headers = make([]string, 20)
	for _, f := range []exchange.Format{exchange.CSV, exchange.XLSX} {
		for _, n := range []int{75_000, 750_000} {
			b.Run(fmt.Sprintf("%s/%d", f, n), func(b *testing.B) {
				l.Format = f
				for b.Loop() {
					runtime.GC()
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					before, most := m.HeapInuse, uint64(0)
					rows := func(yield func([]any, error) bool) {
						i := 0
						for r, err := range people(n) {
							if i++; i%10_000 == 0 {
								runtime.ReadMemStats(&m)
								most = max(most, m.HeapInuse)
							}
							if !yield(r, err) {
								return
							}
						}
					}
					r, err := exchange.Export(context.Background(), d, actor, l, io.Discard, rows)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(r.Bytes)/1e6, "MB")
					b.ReportMetric(float64(most-min(before, most))/1e6, "heap-MB")
				}
			})
		}
	}
}

func BenchmarkReadXLSX(b *testing.B) {
	var file bytes.Buffer
	w := exchange.NewWriter(&file, exchange.XLSX, "x")
	_ = w.Row(make([]any, 20)...)
	for r := range people(75_000) {
		if err := w.Row(r...); err != nil {
			b.Fatal(err)
		}
	}
	_ = w.Close()
	b.Run("exchange", func(b *testing.B) {
		for b.Loop() {
			f, err := exchange.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), "x", exchange.Shape{}, exchange.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for _, err := range f.Rows(context.Background()) {
				if n++; err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("excelize", func(b *testing.B) {
		for b.Loop() {
			x, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			rows, err := x.Rows(x.GetSheetName(0))
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				if _, err := rows.Columns(); err != nil {
					b.Fatal(err)
				}
			}
			_ = x.Close()
		}
	})
}
