package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

func TestAppendNumbersEntriesInTheCallersTransaction(t *testing.T) {
	dbtest.Run(t, []db.Line{Schema()}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var got []int64
		for i := range 40 {
			_ = d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				n, err := Append(ctx, tx, Who{Account: 7, Org: 3, Via: "browser"}, Entry{Kind: "field.person.look", Object: "field_person/12", Data: map[string]any{"i": i}})
				if err != nil {
					t.Fatal(err)
				}
				if i%2 == 1 {
					return context.Canceled // rolled back: its number is given to the next
				}
				got = append(got, n)
				return nil
			})
		}
		want := make([]int64, 20)
		for i := range want {
			want[i] = int64(i + 1)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCanonicalHasOneSpelling(t *testing.T) {
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{nil, `{}`},
		{map[string]any{"b": 1, "a": "x", "c": nil, "d": true}, `{"a":"x","b":1,"c":null,"d":true}`},
		{map[string]any{"t": time.UnixMilli(1763724000123)}, `{"t":"2025-11-21T11:20:00.123Z"}`},
		{map[string]any{"id": int64(9007199254740993)}, `{"id":9007199254740993}`},
		{map[string]any{"f": 1e21, "g": 0.1, "h": 1.0}, `{"f":1e+21,"g":0.1,"h":1}`},
		{map[string]any{"s": "\u2028<é>\x01\"\\"}, "{\"s\":\"\u2028<é>\\u0001\\\"\\\\\"}"},
		{map[string]any{"list": []string{"b", "a"}, "in": map[string]any{"z": 1, "y": []any{2, "3"}}}, `{"in":{"y":[2,"3"],"z":1},"list":["b","a"]}`},
		// RFC 8785 §3.2.3: UTF-16 order puts U+1F600 (a surrogate pair) before U+FB33.
		{map[string]any{"\ufb33": 1, "\U0001f600": 2, "\r": 3, "1": 4, "ö": 5}, "{\"\\r\":3,\"1\":4,\"ö\":5,\"\U0001f600\":2,\"\ufb33\":1}"},
	} {
		got, err := canonical(c.in)
		if err != nil || got != c.want {
			t.Errorf("got %s, %v\nwant %s", got, err, c.want)
		}
	}
}
