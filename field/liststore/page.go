package liststore

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Row is one person of a list as pages show it: what the actor may not see is empty.
type Row = segment.Row

// Order is the order of people.
type Order = segment.Order

// The orders.
const (
	Walk   = segment.Walk // street by street, door by door
	ByName = segment.ByName
)

// pageMost is how many people a page shows at most.
const pageMost = 500

// Page returns some people of k in an order, from offset on. It is recorded: whoever may not export may not read a whole list off the screen unseen.
func (s *Store) Page(ctx context.Context, a org.Actor, k Ask, o Order, offset, limit int) ([]Row, error) {
	if err := a.Must(PermitLook); err != nil {
		return nil, err
	}
	c, err := s.Check(ctx, a, k)
	if err != nil {
		return nil, err
	}
	offset, limit = max(offset, 0), min(max(limit, 0), pageMost)
	by, err := s.answerer(ctx, int64(k.File))
	if err != nil {
		return nil, err
	}
	rows, err := s.some(ctx, by, c, o, offset, limit)
	if err != nil {
		return nil, err
	}
	if rows, err = s.withoutProtected(a.Within(ctx), rows); err != nil {
		return nil, err
	}
	for i := range rows {
		Withhold(a, &rows[i])
	}
	err = s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindLook, Object: fmt.Sprintf("field_voterfile/%d", k.File),
			Data: map[string]any{"from": offset, "people": len(rows)}, Personal: map[string]any{"criteria": c.Whole}})
		return err
	})
	return rows, err
}

func (s *Store) some(ctx context.Context, by answering, c Checked, o Order, offset, limit int) ([]Row, error) {
	if by.view == nil {
		var rows []Row
		for r, err := range s.slowEach(ctx, c, o) {
			if err != nil {
				return nil, err
			}
			if offset--; offset >= 0 {
				continue
			}
			if rows = append(rows, r); len(rows) >= limit {
				break
			}
		}
		return rows, nil
	}
	r, err := by.view.Eval(ctx, c.Plan)
	if err != nil {
		return nil, fmt.Errorf("asking the segment: %w", err)
	}
	return by.view.Page(ctx, c.Plan.Universe, r.Set, o, offset, limit)
}

// withoutProtected leaves out who became protected since the segment was built.
func (s *Store) withoutProtected(ctx context.Context, rows []Row) ([]Row, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Person
	}
	open, err := s.unprotected(ctx, ids)
	return slices.DeleteFunc(rows, func(r Row) bool { return !open[r.Person] }), err
}

// Withhold empties what the actor may not see of a person.
func Withhold(a org.Actor, r *Row) {
	if !a.May(person.PermitDemographic) {
		r.Sex, r.Party = "", ""
	}
	if !a.May(person.PermitPhone) {
		r.Phone, r.PhoneKind = "", ""
	}
}

// Each streams the people of a checked question in an order, with all that a segment knows of them; the caller withholds what the actor may not see. It is
// for exports, which check, limit and record by themselves.
func (s *Store) Each(ctx context.Context, c Checked, o Order) (rows iter.Seq2[Row, error], people, epoch int64, err error) {
	if err := s.upToDate(ctx, c.File); err != nil {
		return nil, 0, 0, err
	}
	by, err := s.answerer(ctx, int64(c.File))
	if err != nil {
		return nil, 0, 0, err
	}
	if by.view == nil {
		n, err := SlowCounts(db.WithSite(ctx), s.db, c.Plan)
		return s.slowEach(ctx, c, o), n.People, by.epoch, err
	}
	r, err := by.view.Eval(ctx, c.Plan)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("asking the segment: %w", err)
	}
	return by.view.Each(ctx, c.Plan.Universe, r.Set, o), r.Set.Len(), by.epoch, nil
}

// slowEach is Each from the database: all keys are read, sorted, and then the people in batches.
func (s *Store) slowEach(ctx context.Context, c Checked, o Order) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		ctx := db.WithSite(ctx)
		ids, err := Slow(ctx, s.db, c.Plan)
		if err == nil {
			ids, err = s.sorted(ctx, ids, o)
		}
		if err != nil {
			yield(Row{}, err)
			return
		}
		for some := range slices.Chunk(ids, idBatch) {
			rows, err := s.rowsOf(ctx, c.Plan.Universe, some)
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, id := range some {
				if r, ok := rows[id]; ok && !yield(r, nil) {
					return
				}
			}
		}
	}
}

// row turns a person as stored into one as shown.
func (p slowPerson) row() Row {
	return Row{Person: p.ID, Household: p.Household, Door: p.Address, Last: p.Last, First: p.First, Middle: p.Middle, Suffix: p.Suffix, House: p.House,
		Street: p.Street, Unit: p.Unit, City: p.City, ZIP: list.ZIPValue(p.ZIP), County: p.County, Precinct: list.PrecinctValue(p.County, p.Precinct),
		Sex: p.Sex, Party: p.Party, Birth: list.Born(p.BirthDate, p.BirthYear)}
}

// Phones returns the numbers of people that are not known to be wrong, as an organisation knows them, the surest first. For exports, as Each.
func (s *Store) Phones(ctx context.Context, in int64, ids []int64) (map[int64][]Phone, error) {
	return s.phonesOf(ctx, in, ids)
}

// Defined returns what Catalog returns, without the values that occur.
func (s *Store) Defined(ctx context.Context, a org.Actor, file voterfile.FileID) (*list.Catalog, error) {
	return s.catalog(ctx, a, file)
}
