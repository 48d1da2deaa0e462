package person

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// BenchRow is one line of the look-up benchmark: how long one kind of query took, and how often its person was found.
type BenchRow struct {
	Name     string
	N, Found int
	P50, P95 time.Duration
}

// BenchQueries measures look-ups and profiles on the voter files that the actor sees: each kind n times, with people drawn by seed,
// nothing recorded. Last come the ways a user would otherwise search: LIKE over the whole table, and on Postgres trigram
// similarity, whose index the call builds and drops.
func (p *Store) BenchQueries(ctx context.Context, actor org.Actor, n int, seed uint64) ([]BenchRow, error) {
	ctx = actor.Within(ctx)
	if err := p.Refresh(ctx); err != nil {
		return nil, err
	}
	sample, err := p.benchSample(ctx, actor, n, seed)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a repeatable draw, no secret
	var all []BenchRow
	for _, kind := range benchKinds(r) {
		row, err := benchOne(kind.name, sample, kind.make, func(q string) ([]ID, error) { return p.benchFind(ctx, actor, q) })
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	row, err := benchOne("what a profile shows", sample, func(r row) string { return r.StateID }, nil, func(r row) error {
		_, err := p.profile(ctx, actor, r.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	all = append(all, row)
	others, err := p.benchOthers(ctx, actor, sample[:min(len(sample), max(5, n/20))])
	return append(all, others...), err
}

// BenchPeople returns n people whom the actor sees, drawn by seed as BenchQueries draws them.
func (p *Store) BenchPeople(ctx context.Context, actor org.Actor, n int, seed uint64) ([]ID, error) {
	rows, err := p.benchSample(actor.Within(ctx), actor, n, seed)
	all := make([]ID, len(rows))
	for i, r := range rows {
		all[i] = r.ID
	}
	return all, err
}

type benchKind struct {
	name string
	make func(row) string
}

func benchKinds(r *rand.Rand) []benchKind {
	common := []string{"john smith", "maria garcia", "james johnson", "mary brown", "michael davis"}
	return []benchKind{
		{"full name", func(p row) string { return p.First + " " + p.Last }},
		{"full name, one wrong letter", func(p row) string { return benchTypo(r, p.First+" "+p.Last) }},
		{"last name first", func(p row) string { return p.Last + ", " + p.First }},
		{"name and year of birth", func(p row) string { return fmt.Sprintf("%s %s %d", p.First, p.Last, p.BirthYear) }},
		{"name and city", func(p row) string { return p.First + " " + p.Last + " " + p.City }},
		{"common name", func(row) string { return common[r.IntN(len(common))] }},
		{"last name alone", func(p row) string { return p.Last }},
		{"first name alone", func(p row) string { return p.First }},
		{"first name and year of birth", func(p row) string { return fmt.Sprintf("%s %d", p.First, p.BirthYear) }},
		{"email address", func(p row) string { return personkey.Fold(p.First) + "." + personkey.Fold(p.Last) + "@example.org" }},
		{"address", func(p row) string { return p.Address + " " + p.City }},
		{"phone number", func(row) string { return fmt.Sprintf("919-555-%04d", r.IntN(10000)) }},
		{"voter id", func(p row) string { return p.StateID }},
		{"nobody's name", func(row) string { return benchNonsense(r) + " " + benchNonsense(r) }},
	}
}

func benchOne(name string, sample []row, query func(row) string, find func(string) ([]ID, error), direct ...func(row) error) (BenchRow, error) {
	out := BenchRow{Name: name, N: len(sample)}
	took := make([]time.Duration, 0, len(sample))
	for _, person := range sample {
		q := query(person)
		begin := time.Now()
		if len(direct) > 0 {
			if err := direct[0](person); err != nil {
				return out, fmt.Errorf("%s %d: %w", name, person.ID, err)
			}
			took = append(took, time.Since(begin))
			out.Found++
			continue
		}
		ids, err := find(q)
		if err != nil {
			return out, fmt.Errorf("%s %q: %w", name, q, err)
		}
		took = append(took, time.Since(begin))
		if slices.Contains(ids, person.ID) {
			out.Found++
		}
	}
	slices.Sort(took)
	out.P50, out.P95 = took[len(took)/2], took[len(took)*95/100]
	return out, nil
}

func (p *Store) benchFind(ctx context.Context, actor org.Actor, text string) ([]ID, error) {
	q, err := parseQuery(text)
	if err != nil {
		return nil, err
	}
	f, err := p.search(ctx, actor, q, false)
	ids := make([]ID, len(f.Hits))
	for i, h := range f.Hits {
		ids[i] = h.ID
	}
	return ids, err
}

// benchSample draws people whose names and addresses are known, evenly over the file.
func (p *Store) benchSample(ctx context.Context, actor org.Actor, n int, seed uint64) ([]row, error) {
	f, err := p.fenceOf(ctx, actor, false)
	if err != nil {
		return nil, err
	}
	f.confidential, f.minor = false, false
	last, err := p.lastPerson(ctx)
	if err != nil || last == 0 {
		return nil, fmt.Errorf("there are no people to look up: %w", err)
	}
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a repeatable draw, no secret
	var all []row
	for tries := 0; len(all) < n && tries < 20*n; tries++ {
		got, err := p.byStep(ctx, f, r.Int64N(last)+1)
		if err != nil {
			return nil, err
		}
		if len(got) == 1 && got[0].Address != "" && got[0].FirstKey != "" && got[0].LastKey != "" {
			all = append(all, got[0])
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("nobody in the files can be looked up")
	}
	return all, nil
}

// benchOthers measures what the database offers by itself.
func (p *Store) benchOthers(ctx context.Context, actor org.Actor, sample []row) ([]BenchRow, error) {
	f, err := p.fenceOf(ctx, actor, false)
	if err != nil {
		return nil, err
	}
	name := func(r row) string { return strings.ToUpper(r.First + " " + r.Last) }
	like, err := benchOne("for comparison: LIKE '%first last%'", sample, name, func(q string) ([]ID, error) { return p.likeName(ctx, f, q) })
	if err != nil || p.db.Engine() != db.Postgres {
		return []BenchRow{like}, err
	}
	if err := p.makeTrigrams(ctx); err != nil {
		return []BenchRow{like}, err
	}
	var rows []BenchRow
	r := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // a repeatable draw, no secret
	for _, kind := range []benchKind{{"for comparison: pg_trgm, full name", name}, {"for comparison: pg_trgm, one wrong letter", func(p row) string { return benchTypo(r, name(p)) }}} {
		row, err := benchOne(kind.name, sample, kind.make, func(q string) ([]ID, error) { return p.trigramName(ctx, f, q) })
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return append([]BenchRow{like}, rows...), p.dropTrigrams(ctx)
}

// benchTypo swaps, drops or exchanges one letter.
func benchTypo(r *rand.Rand, name string) string {
	b := []byte(name)
	for range 50 {
		i := r.IntN(max(1, len(b)-1))
		if i+1 >= len(b) || b[i] == ' ' || b[i+1] == ' ' {
			continue
		}
		switch r.IntN(3) {
		case 0:
			return string(slices.Delete(b, i, i+1))
		case 1:
			b[i] = byte('A' + r.IntN(26))
		default:
			b[i], b[i+1] = b[i+1], b[i]
		}
		return string(b)
	}
	return name
}

func benchNonsense(r *rand.Rand) string {
	b := make([]byte, 6+r.IntN(4))
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}
