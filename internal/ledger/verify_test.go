package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
)

// site is a ledger with its seal, and a second way into its database, as a thief would have.
type site struct {
	t     *testing.T
	d     *db.DB
	seal  *Seal
	thief *sql.DB
	clock time.Time
}

func onBoth(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	open := func(t *testing.T, c db.Config, driver, dsn string) *site {
		d := dbtest.Open(t, c, Schema())
		thief, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { thief.Close() })
		seal, err := OpenSeal(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return &site{t: t, d: d, seal: seal, thief: thief, clock: time.Date(2026, 11, 3, 6, 0, 0, 0, time.UTC)}
	}
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		f(t, open(t, db.Config{Dir: dir}, "sqlite", "file:"+filepath.Join(dir, db.FileName)+"?_pragma=busy_timeout(5000)"))
	})
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		f(t, open(t, db.Config{URL: url}, "pgx", url))
	})
}

// append makes n entries, a second apart; each third has a personal part.
func (s *site) append(n int) {
	s.t.Helper()
	s.must(func(ctx context.Context, tx *db.Tx) error {
		for i := range n {
			at := s.clock.Add(time.Duration(i+1) * time.Second)
			e := Entry{Kind: "field.person.look", Object: fmt.Sprintf("field_person/%d", at.Unix()%5), Purpose: "Return a call", Data: map[string]any{"page": "profile"}}
			if at.Second()%3 == 0 {
				e.Personal = map[string]any{"name": "Ada Nguyễn"}
			}
			if _, err := appendAll(ctx, tx, at, Who{Account: 1 + at.Unix()%3, Org: 4, Via: "browser"}, []Entry{e}); err != nil {
				return err
			}
		}
		return nil
	})
	s.clock = s.clock.Add(time.Duration(n) * time.Second)
}

func (s *site) must(f func(context.Context, *db.Tx) error) {
	s.t.Helper()
	if err := s.d.Transact(context.Background(), f); err != nil {
		s.t.Fatal(err)
	}
}

// sign makes a checkpoint at the site's own clock.
func (s *site) sign() Checkpoint {
	s.t.Helper()
	var c Checkpoint
	s.must(func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = s.seal.seal(ctx, tx, s.clock)
		return err
	})
	return c
}

// steal changes the database behind the program's back.
func (s *site) steal(statements ...string) {
	s.t.Helper()
	drop := []string{`DROP TRIGGER IF EXISTS ledger_entry_unchanged`, `DROP TRIGGER IF EXISTS ledger_entry_kept`, `DROP TRIGGER IF EXISTS ledger_personal_unchanged`,
		`DROP TRIGGER IF EXISTS ledger_checkpoint_kept`, `DROP TRIGGER IF EXISTS ledger_checkpoint_unchanged`}
	if s.d.Engine() == db.Postgres {
		drop = []string{`DROP TRIGGER IF EXISTS ledger_entry_kept ON ledger_entry`, `DROP TRIGGER IF EXISTS ledger_personal_unchanged ON ledger_personal`, `DROP TRIGGER IF EXISTS ledger_checkpoint_kept ON ledger_checkpoint`}
	}
	for _, q := range append(drop, statements...) {
		if _, err := s.thief.Exec(q); err != nil {
			s.t.Fatalf("%s: %v", q, err)
		}
	}
}

// empty begins again with an empty ledger.
func (s *site) empty() {
	s.t.Helper()
	s.steal(`DELETE FROM ledger_entry`, `DELETE FROM ledger_personal`, `DELETE FROM ledger_checkpoint`)
	s.clock = time.Date(2026, 11, 3, 6, 0, 0, 0, time.UTC)
}

// recalculate gives every entry from number n on the hashes that its content now asks for, as a thief who
// knows the program would.
func (s *site) recalculate() {
	s.t.Helper()
	tr := &tree{}
	s.must(func(ctx context.Context, tx *db.Tx) error {
		rows, err := db.All[row](ctx, tx, `SELECT `+rowColumns+` FROM ledger_entry ORDER BY n`)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if _, err := db.Exec(ctx, tx, `UPDATE ledger_entry SET hashes = ? WHERE n = ?`, joinHashes(tr.push(tlog.RecordHash(r.record()))), r.N); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *site) verify(more ...Checkpoint) Report {
	s.t.Helper()
	r, err := Verify(context.Background(), s.d, Options{Keys: s.seal.Keys(), Checkpoints: more})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// first returns the first finding as "entry tamper".
func first(r Report) string {
	if r.OK() {
		return "ok"
	}
	return fmt.Sprintf("%d %s", r.Findings[0].Entry, r.Findings[0].Tamper)
}

func TestVerifyAcceptsAnHonestLedger(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		if r := s.verify(); !r.OK() || r.Entries != 0 {
			t.Errorf("an empty ledger: %+v", r)
		}
		var kept []Checkpoint
		for i := range 6 {
			s.append(i * 3)
			if c := s.sign(); c.Size > 0 { // an empty ledger has none
				kept = append(kept, c)
			}
		}
		r := s.verify(kept...)
		if !r.OK() {
			t.Fatal(r.Findings)
		}
		if r.Entries != 50 || r.Personal != 15 || r.Checkpoints != 5+5 {
			t.Errorf("got %+v", r)
		}
		last := kept[len(kept)-1]
		if r.Root != last.Root.String() || last.Size != 50 || !r.Last.Equal(s.clock) {
			t.Errorf("got %+v, want the last checkpoint's %+v", r, last)
		}
	})
}

func TestVerifyNamesTheFirstBadEntry(t *testing.T) {
	// Forty entries, a checkpoint as the 41st, nine more. In each case a thief changes the database itself.
	type thief struct {
		name        string
		do          []string
		recalculate bool
		kept        bool // somebody kept the checkpoint outside
		want        string
	}
	thieves := []thief{
		{name: "nothing", want: "ok"},
		{name: "purpose edited", do: []string{`UPDATE ledger_entry SET purpose = 'Nothing' WHERE n = 17`}, want: "17 edited"},
		{name: "who edited", do: []string{`UPDATE ledger_entry SET account = 99 WHERE n = 1`}, want: "1 edited"},
		{name: "data edited", do: []string{`UPDATE ledger_entry SET data = '{"page": "profile"}' WHERE n = 50`}, want: "50 edited"},
		{name: "commitment removed", do: []string{`UPDATE ledger_entry SET personal = NULL WHERE n = 15`, `DELETE FROM ledger_personal WHERE n = 15`}, want: "15 edited"},
		{name: "hash emptied", do: []string{`UPDATE ledger_entry SET hashes = personal WHERE n = 12`}, want: "12 edited"},
		{name: "edited and recalculated", do: []string{`UPDATE ledger_entry SET account = 99 WHERE n = 17`}, recalculate: true, want: "1 edited"},
		{name: "deleted", do: []string{`DELETE FROM ledger_entry WHERE n = 17`}, want: "17 deleted"},
		{name: "several deleted", do: []string{`DELETE FROM ledger_entry WHERE n BETWEEN 3 AND 9`}, want: "3 deleted"},
		{name: "first deleted", do: []string{`DELETE FROM ledger_entry WHERE n = 1`}, want: "1 deleted"},
		{name: "deleted, closed up and recalculated", recalculate: true, want: "17 deleted", do: []string{
			`DELETE FROM ledger_entry WHERE n = 17`, `UPDATE ledger_entry SET n = -n WHERE n > 17`, `UPDATE ledger_entry SET n = -n - 1 WHERE n < 0`}},
		{name: "two rows exchanged", want: "17 reordered", do: []string{
			`UPDATE ledger_entry SET n = -1 WHERE n = 17`, `UPDATE ledger_entry SET n = 17 WHERE n = 20`, `UPDATE ledger_entry SET n = 20 WHERE n = -1`}},
		{name: "two contents exchanged", want: "16 reordered", do: []string{
			`DROP TABLE IF EXISTS loot`, `CREATE TABLE loot AS SELECT n, at, account, object, personal FROM ledger_entry WHERE n IN (16, 20)`,
			`UPDATE ledger_entry SET at = (SELECT l.at FROM loot l WHERE l.n = 36 - ledger_entry.n), account = (SELECT l.account FROM loot l WHERE l.n = 36 - ledger_entry.n),
			 object = (SELECT l.object FROM loot l WHERE l.n = 36 - ledger_entry.n), personal = (SELECT l.personal FROM loot l WHERE l.n = 36 - ledger_entry.n) WHERE n IN (16, 20)`}},
		{name: "cut off before the checkpoint", do: []string{`DELETE FROM ledger_checkpoint`, `DELETE FROM ledger_entry WHERE n > 30`}, kept: true, want: "31 truncated"},
		{name: "cut off, checkpoint in the database forgotten", do: []string{`DELETE FROM ledger_entry WHERE n > 30`}, want: "31 truncated"},
		{name: "checkpoint removed", do: []string{`DELETE FROM ledger_checkpoint`}, want: "41 deleted"},
		{name: "back-dated", do: []string{`UPDATE ledger_entry SET at = at - 86400000 WHERE n = 45`}, want: "45 back-dated"},
		{name: "back-dated and recalculated", do: []string{`UPDATE ledger_entry SET at = at - 86400000 WHERE n = 45`}, recalculate: true, want: "45 back-dated"},
		{name: "checkpoint's date edited", do: []string{`UPDATE ledger_checkpoint SET at = at - 1000`}, want: "41 back-dated"},
		{name: "personal part edited", do: []string{`UPDATE ledger_personal SET body = '{"name":"Eve"}' WHERE n = 12`}, want: "12 edited"},
		{name: "personal part removed", do: []string{`DELETE FROM ledger_personal WHERE n = 12`}, want: "12 deleted"},
		{name: "checkpoint forged", do: []string{`UPDATE ledger_checkpoint SET note = replace(note, '41', '40')`}, want: "41 forged"},
		{name: "entry put in at the end", recalculate: true, want: "51 back-dated", do: []string{`INSERT INTO ledger_entry (n, at, account, org, via, kind, object, purpose, data, hashes)
			SELECT 51, e.at, e.account, e.org, e.via, e.kind, e.object, e.purpose, e.data, e.hashes FROM ledger_entry e WHERE n = 7`}},
	}
	onBoth(t, func(t *testing.T, s *site) {
		for _, c := range thieves {
			t.Run(c.name, func(t *testing.T) {
				s.t = t
				s.empty()
				s.append(40)
				kept := s.sign()
				s.append(9)
				s.steal(c.do...)
				if c.recalculate {
					s.recalculate()
				}
				var outside []Checkpoint
				if c.kept {
					outside = append(outside, kept)
				}
				if r := s.verify(outside...); first(r) != c.want {
					t.Errorf("got %s, want %s\n%v", first(r), c.want, r.Findings)
				}
			})
		}
	})
}

func TestASecondKeyCannotSignForTheFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.append(5)
		s.sign()
		s.steal(`DELETE FROM ledger_checkpoint`, `UPDATE ledger_entry SET account = 99 WHERE n = 2`)
		s.recalculate()
		// The thief makes a key with the same name and signs what is there now.
		private, _, err := note.GenerateKey(rand.Reader, s.seal.signer.Name())
		if err != nil {
			t.Fatal(err)
		}
		forger, err := note.NewSigner(private)
		if err != nil {
			t.Fatal(err)
		}
		forged := &Seal{signer: forger}
		s.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := forged.sign(ctx, tx, 6)
			return err
		})
		if got := first(s.verify()); got != "6 forged" {
			t.Errorf("got %s", got)
		}
	})
}

func TestErasedPartsAreGoneAndTheLedgerVerifies(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.append(9)
		s.sign()
		var n int
		s.must(func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = Erase(ctx, tx, Who{Account: 1, Via: "browser"}, "Asked to be forgotten", 1, 2, 3, 4, 5, 6)
			return err
		})
		r := s.verify()
		if n != 2 || !r.OK() || r.Erased != 2 || r.Personal != 1 {
			t.Errorf("erased %d, report %+v", n, r)
		}
		all, err := Entries(context.Background(), s.d, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if e := all[len(all)-3]; !e.Erased || e.Personal != nil {
			t.Errorf("entry 3 reads %+v", e)
		}
		if all[0].Kind != KindErase || fmt.Sprint(all[0].Data["entries"]) != "[3 6]" {
			t.Errorf("the erasure is recorded as %+v", all[0])
		}
		for _, table := range []string{"ledger_personal"} {
			left, err := db.All[int64](context.Background(), s.d, `SELECT n FROM `+table+` ORDER BY n`)
			if err != nil || !cmp.Equal(left, []int64{9}) {
				t.Errorf("%s holds %v, %v", table, left, err)
			}
		}
	})
}

func TestEraseObjectFindsItsEntries(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.append(30)
		s.must(func(ctx context.Context, tx *db.Tx) error {
			n, err := EraseObject(ctx, tx, Who{Account: 1}, "Asked", "field_person/3")
			if n != 2 {
				t.Errorf("erased %d, want 2", n)
			}
			return err
		})
		if r := s.verify(); !r.OK() || r.Erased != 2 {
			t.Errorf("got %+v", r)
		}
	})
}

func TestProofConvincesWithoutTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.append(37)
		if _, err := Prove(ctx, s.d, 5); fault.KindOf(err) != fault.Conflict {
			t.Errorf("before any checkpoint: %v", err)
		}
		s.sign()
		s.append(2)
		for n := int64(1); n <= 38; n++ {
			p, err := Prove(ctx, s.d, n)
			if err != nil {
				t.Fatal(err)
			}
			got, err := CheckProof(p.Text(), s.seal.Keys())
			if err != nil || !bytes.Contains(got.Record, fmt.Appendf(nil, `"n":%d,`, n)) || got.Number != n {
				t.Errorf("entry %d: %+v, %v", n, got, err)
			}
		}
		if _, err := Prove(ctx, s.d, 39); fault.KindOf(err) != fault.Conflict {
			t.Errorf("after the checkpoint: %v", err)
		}
		if _, err := Prove(ctx, s.d, 99); fault.KindOf(err) != fault.NotFound {
			t.Errorf("no such entry: %v", err)
		}
		p, _ := Prove(ctx, s.d, 8)
		for i := range p.Text() { // change any one character
			text := []byte(p.Text())
			text[i] ^= 1
			if got, err := CheckProof(string(text), s.seal.Keys()); err == nil && !cmp.Equal(got.Record, p.Record) {
				t.Fatalf("a proof changed at byte %d still convinces of %s", i, got.Record)
			}
		}
		s.steal(`UPDATE ledger_entry SET account = 99 WHERE n = 8`)
		if _, err := Prove(ctx, s.d, 8); fault.KindOf(err) != fault.Conflict {
			t.Errorf("an edited entry: %v", err)
		}
	})
}

func TestCheckpointRefusesToSealALie(t *testing.T) {
	for name, lie := range map[string]string{
		"sealed before": `UPDATE ledger_entry SET hashes = (SELECT e.hashes FROM ledger_entry e WHERE e.n = 8) WHERE n = 4`,
		"new":           `UPDATE ledger_entry SET account = 99 WHERE n = 9`,
		"gone":          `DELETE FROM ledger_entry WHERE n = 10`,
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *site) {
				s.append(4)
				if _, err := s.seal.Checkpoint(context.Background(), s.d); err != nil {
					t.Fatal(err)
				}
				s.clock = time.Now()
				s.append(6)
				s.steal(lie)
				if _, err := s.seal.Checkpoint(context.Background(), s.d); fault.KindOf(err) != fault.Conflict {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestCheckpointsAreKeptOutsideTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.append(3)
		for range 3 { // nothing new: nothing signed
			if _, err := s.seal.Checkpoint(ctx, s.d); err != nil {
				t.Fatal(err)
			}
		}
		s.clock = time.Now()
		s.append(2)
		last, err := s.seal.Checkpoint(ctx, s.d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := OpenSeal(s.seal.dir)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := again.Anchors()
		if err != nil || len(kept) != 2 || kept[1].Note != last.Note {
			t.Fatalf("kept %+v, %v; want the last to be %+v", kept, err, last)
		}
		if r := s.verify(kept...); !r.OK() || r.Checkpoints != 4 {
			t.Errorf("got %+v", r)
		}
		s.steal(`DELETE FROM ledger_checkpoint WHERE size > 4`, `DELETE FROM ledger_entry WHERE n > 4`)
		if got := first(s.verify()); got != "ok" {
			t.Errorf("a clean cut cannot be seen from inside: %s", got)
		}
		if got := first(s.verify(kept...)); got != "5 truncated" {
			t.Errorf("got %s, want it seen from outside", got)
		}
		if _, err := again.Checkpoint(ctx, s.d); fault.KindOf(err) != fault.Conflict {
			t.Errorf("sealing a cut ledger: %v", err)
		}
	})
}

func TestTheLastAnchorIsFoundInALongFile(t *testing.T) {
	s, err := OpenSeal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for size := int64(1); size < 300; size++ {
		text, err := note.Sign(&note.Note{Text: checkpointBody(s.signer.Name(), size, tlog.Hash{byte(size)})}, s.signer)
		if err != nil {
			t.Fatal(err)
		}
		if err := appendSynced(filepath.Join(s.dir, anchorFile), string(text)+"\n", 0); err != nil {
			t.Fatal(err)
		}
		if got, err := s.lastAnchor(); got != size || err != nil {
			t.Fatalf("got %d, %v; want %d", got, err, size)
		}
	}
	if all, err := s.Anchors(); err != nil || len(all) != 299 {
		t.Errorf("%d anchors, %v", len(all), err)
	}
}

func TestAMissingKeyIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenSeal(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, keyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSeal(dir); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
}

func TestAClockSetBackIsRecorded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.append(2)
		s.clock = s.clock.Add(-10 * time.Second) // small: the entry takes the time of the one before
		s.append(1)
		s.clock = s.clock.Add(-time.Hour)
		s.append(1)
		r := s.verify()
		if !r.OK() || !cmp.Equal(r.Clock, []int64{4}) || r.Entries != 5 {
			t.Errorf("got %+v", r)
		}
	})
}

func TestTreeAgreesWithTlog(t *testing.T) {
	tr := &tree{}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, _ error) {
		for _, x := range indexes {
			out = append(out, stored[x])
		}
		return out, nil
	})
	for n := range int64(300) {
		record := fmt.Appendf(nil, "record %d", n)
		want, err := tlog.StoredHashes(n, record, reader)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, tr.push(tlog.RecordHash(record))); diff != "" {
			t.Fatal(diff)
		}
		stored = append(stored, want...)
		root, err := tlog.TreeHash(n+1, reader)
		if err != nil || root != tr.root() {
			t.Fatalf("root of %d: %v, want %v (%v)", n+1, tr.root(), root, err)
		}
	}
}

func TestDeclaredKindsOnly(t *testing.T) {
	defer catalogue.Store(nil)
	if err := Declare([]KindDef{{Kind: "a.b", Sentence: "A"}}, []KindDef{{Kind: "a.b", Sentence: "B"}}); err == nil {
		t.Error("a kind was declared twice")
	}
	if err := Declare([]KindDef{{Kind: "field.person.look", Sentence: "A voter's record was opened"}}); err != nil {
		t.Fatal(err)
	}
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, Schema())
	for kind, ok := range map[Kind]bool{"field.person.look": true, "field.person.peek": false, "": false, KindErase: true} {
		err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := Append(ctx, tx, Who{}, Entry{Kind: kind})
			return err
		})
		if (err == nil) != ok {
			t.Errorf("%q: %v", kind, err)
		}
	}
	page, err := Doc([]KindDef{{Kind: "field.person.look", Sentence: "A voter's record was opened"}})
	if err != nil || !strings.Contains(string(page), "| `field.person.look` | A voter's record was opened |") || !strings.Contains(string(page), "## ledger") {
		t.Errorf("%s, %v", page, err)
	}
}

func TestEntriesFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.append(30)
		ctx := context.Background()
		for _, c := range []struct {
			f    Filter
			want int
		}{{Filter{}, 30}, {Filter{Object: "field_person/3"}, 6}, {Filter{Object: "field_person/3", Kind: "field.person.edit"}, 0}, {Filter{Account: 2}, 10}, {Filter{Org: 4, Limit: 7}, 7}, {Filter{Org: 5}, 0}, {Filter{Before: 11}, 10}, {Filter{Since: s.clock}, 1}} {
			all, err := Entries(ctx, s.d, c.f)
			if err != nil || len(all) != c.want {
				t.Errorf("%+v: %d entries, want %d (%v)", c.f, len(all), c.want, err)
			}
		}
		got, err := Entries(ctx, s.d, Filter{Before: 4, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Hash == (tlog.Hash{}) {
			t.Error("an entry without a hash")
		}
		got[0].Hash = tlog.Hash{} // the salt of the personal part makes another each time
		want := []Record{{Entry: Entry{Kind: "field.person.look", Object: "field_person/3", Purpose: "Return a call", Data: map[string]any{"page": "profile"}, Personal: map[string]any{"name": "Ada Nguyễn"}},
			Who: Who{Account: 1, Org: 4, Via: "browser"}, Number: 3, At: s.clock.Add(-27 * time.Second)}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzReadCheckpoints(f *testing.F) {
	f.Add("precinct-00\n5\nFi2KMoYUHZ5h2LcWVvvBRXmiFoUsrZ1Ek3GWyWpyv0Y=\n\n— precinct-00 aaaa\n")
	f.Add("a\n1\n\n— \n\n\na\n2\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadCheckpoints(strings.NewReader(text))
		if err != nil {
			return
		}
		var b strings.Builder
		for _, c := range all {
			b.WriteString(c.Note + "\n")
		}
		again, err := ReadCheckpoints(strings.NewReader(b.String()))
		if diff := cmp.Diff(all, again); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add(proofHead + "\nextra e30=\nindex 0\nFi2KMoYUHZ5h2LcWVvvBRXmiFoUsrZ1Ek3GWyWpyv0Y=\n\nprecinct-00\n5\nFi2KMoYUHZ5h2LcWVvvBRXmiFoUsrZ1Ek3GWyWpyv0Y=\n\n— precinct-00 aaaa\n")
	f.Add(`{"format": "precinct ledger proof 1", "entry": 1, "record": "{}", "hashes": ["Fi2KMoYUHZ5h2LcWVvvBRXmiFoUsrZ1Ek3GWyWpyv0Y="], "checkpoint": "precinct-00\n5\nFi2KMoYUHZ5h2LcWVvvBRXmiFoUsrZ1Ek3GWyWpyv0Y=\n\n— precinct-00 aaaa\n"}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProof(text)
		if err != nil {
			return
		}
		again, err := ParseProof(p.Text())
		if diff := cmp.Diff(p, again); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if p.check() == nil && p.Checkpoint.Size == 0 {
			t.Error("an empty ledger proves something")
		}
	})
}
