package db

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExpand(t *testing.T) {
	for _, c := range []struct {
		q    string
		args []any
		lite string
		pg   string
		out  []any
	}{
		{`SELECT 1`, nil, `SELECT 1`, `SELECT 1`, nil},
		{`a = ? AND b = ?`, []any{1, "x"}, `a = ? AND b = ?`, `a = $1 AND b = $2`, []any{1, "x"}},
		{`a IN (?) AND b = ?`, []any{[]int64{7, 8, 9}, 1}, `a IN (?,?,?,?) AND b = ?`, `a IN ($1,$2,$3,$4) AND b = $5`, []any{int64(7), int64(8), int64(9), int64(9), 1}},
		{`a IN (?)`, []any{[]string{}}, `a IN (NULL)`, `a IN (NULL)`, []any{}},
		{`a IN (?)`, []any{Many[int64]{7, 8}}, `a IN (SELECT value FROM json_each(?))`,
			`a IN (SELECT CAST(x AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS JSONB)) x)`, []any{"[7,8]"}},
		{`a IN (?)`, []any{Many[string]{`"`}}, `a IN (SELECT value FROM json_each(?))`,
			`a IN (SELECT CAST(x AS TEXT) FROM jsonb_array_elements_text(CAST($1 AS JSONB)) x)`, []any{`["\""]`}},
		{`a = ?`, []any{[]byte("raw")}, `a = ?`, `a = $1`, []any{[]byte("raw")}},
		{`a = '?' AND b = "c?" AND d = ?`, []any{1}, `a = '?' AND b = "c?" AND d = ?`, `a = '?' AND b = "c?" AND d = $1`, []any{1}},
		{`a = 'it''s ?' AND d = ?`, []any{1}, `a = 'it''s ?' AND d = ?`, `a = 'it''s ?' AND d = $1`, []any{1}},
		{"a -- isn't it?\n = ?", []any{1}, "a -- isn't it?\n = ?", "a -- isn't it?\n = $1", []any{1}},
		{`a /* what's this? */ = ? - 1 / ?`, []any{1, 2}, `a /* what's this? */ = ? - 1 / ?`, `a /* what's this? */ = $1 - 1 / $2`, []any{1, 2}},
		{`a = 'open ?`, nil, `a = 'open ?`, `a = 'open ?`, []any{}},
	} {
		for e, want := range map[Engine]string{SQLite: c.lite, Postgres: c.pg} {
			got, out, _, err := expand(e, c.q, c.args)
			if err != nil || got != want {
				t.Errorf("%s: got %s, %v\nwant %s", c.q, got, err, want)
			}
			if diff := cmp.Diff(c.out, out); diff != "" {
				t.Errorf("%s: %s", c.q, diff)
			}
		}
	}
	for q, args := range map[string][]any{`a = ?`: nil, `a = ? AND b = ?`: {1}, `a`: {1}, `a = ? AND '?'`: {1, 2}} {
		if _, _, _, err := expand(Postgres, q, args); err == nil {
			t.Errorf("%s with %d values was let through", q, len(args))
		}
	}
}

func FuzzExpand(f *testing.F) {
	f.Add(`SELECT '?', "?" -- ?
		FROM x /* ? */ WHERE a = ? AND b IN (?)`, "value")
	f.Add(`'`, "")
	f.Fuzz(func(t *testing.T, q, value string) {
		n := 0
		for ; n < 20; n++ {
			args := make([]any, n)
			for i := range args {
				args[i] = value
			}
			text, out, _, err := expand(SQLite, q, args)
			if err == nil {
				if text != q || len(out) != n {
					t.Errorf("%q became %q with %d values, given %d", q, text, len(out), n)
				}
				pg, _, _, err := expand(Postgres, q, args)
				if err != nil || n == 0 && pg != q || n > 0 && !strings.Contains(pg, "$1") {
					t.Errorf("%q became %q, %v", q, pg, err)
				}
				return
			}
		}
	})
}
