package account

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/words"
)

// BenchmarkRefusedSignIn compares an e-mail that has an account with one that has none: the two must take
// the same time, or the difference tells who has an account.
func BenchmarkRefusedSignIn(b *testing.B) {
	d := dbtest.Open(b, db.Config{Dir: b.TempDir()}, ledger.Schema(), Schema())
	at := time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)
	a, err := New(Config{DB: d, Origin: "http://localhost:1", Key: [32]byte{1}, Now: func() time.Time { at = at.Add(2 * time.Hour); return at }})
	if err != nil {
		b.Fatal(err)
	}
	err = d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err := a.Create(ctx, tx, ledger.Who{Via: "command"}, "Maribel Ocampo", email, words.EN)
		if err != nil {
			return err
		}
		hash, err := hashPassword(ctx, password)
		if err != nil {
			return err
		}
		return updateFallback(ctx, tx, id, hash, a.vault.seal("seed", []byte(newSeed())), 0)
	})
	if err != nil {
		b.Fatal(err)
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		for _, e := range []string{email, "nobody@lakeshore.example"} { // in turn, so that both see the same load
			began := time.Now()
			if _, err := a.SignInPassword(ctx, e, "a wrong password here", "123456", home); err == nil {
				b.Fatal("signed in")
			}
			took[e] = append(took[e], time.Since(began))
		}
	}
	median := func(e string) float64 {
		slices.Sort(took[e])
		return float64(took[e][len(took[e])/2])
	}
	b.ReportMetric(median(email)/1e6, "ms/known")
	b.ReportMetric(median(email)/median("nobody@lakeshore.example"), "known/unknown")
}
