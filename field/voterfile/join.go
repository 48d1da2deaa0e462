package voterfile

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// deed is what an import does to one person.
type deed uint8

const (
	same     deed = iota
	fresh         // nobody here has the state's id
	changed       // the voter differs, or is back after having been dropped
	revoted       // only the votes differ
	vanished      // was here and is not in the file
)

// change is one person's deed. Its bytes belong to the join and last until the next one.
type change struct {
	deed  deed
	row   joinedRow // empty when the person vanished
	look  glance    // of row
	voted bool      // the votes differ
	old   existing  // zero when the person is fresh
	moved bool
	party bool
	back  bool
}

// existing is what field_voter_key remembers of one voter.
type existing struct {
	StateID   string `db:"state_id"`
	Person    int64  `db:"person_id"`
	RowHash   int64  `db:"row_hash"`
	VoteHash  int64  `db:"vote_hash"`
	Household int64  `db:"household_key"`
	County    string `db:"county"`
	Party     string `db:"party"`
	DroppedOn int64  `db:"dropped_on"`
}

const existingPage = 20_000

// keys walks the voters a file has here, in the order of the state's ids. It reads a page at a time: a long read would keep the
// database from tidying up behind the chunks. The pages lie ahead of what a load has written, never behind.
type keys struct {
	store *Store
	ctx   context.Context
	file  FileID
	after string
	page  []existing
	ended bool
}

// peek returns the next voter, nil at the end.
func (k *keys) peek() (*existing, error) {
	if len(k.page) == 0 && !k.ended {
		var err error
		if k.page, err = k.store.keysAfter(k.ctx, k.file, k.after, existingPage); err != nil {
			return nil, err
		}
		k.ended = len(k.page) < existingPage
		if n := len(k.page); n > 0 {
			k.after = k.page[n-1].StateID
		}
	}
	if len(k.page) == 0 {
		return nil, nil
	}
	return &k.page[0], nil
}

func (k *keys) next() { k.page = k.page[1:] }

// join compares the voters in the joined file with those here, beginning after the state id after, and calls each with what becomes
// of everyone, in the order of the state's ids.
func (s *Store) join(ctx context.Context, file FileID, joined *joinedFile, after string, each func(*change) error) error {
	here := keys{store: s, ctx: ctx, file: file, after: after}
	more, err := joined.next()
	for more && err == nil && string(joined.row.key) <= after {
		joined.skipped++
		more, err = joined.next()
	}
	for n := 0; err == nil; n++ {
		if n%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		old, err := here.peek()
		if err != nil {
			return err
		}
		var c change
		switch order := compareKeys(old, more, joined); {
		case old == nil && !more:
			return nil
		case order < 0:
			if here.next(); old.DroppedOn != 0 {
				continue
			}
			c = change{deed: vanished, old: *old}
		case order > 0:
			c = change{deed: fresh, row: joined.row}
		default:
			here.next()
			c = change{row: joined.row, old: *old}
		}
		if c.deed != vanished {
			if err := c.compare(); err != nil {
				return err
			}
		}
		if err := each(&c); err != nil {
			return err
		}
		if c.deed != vanished {
			if more, err = joined.next(); err != nil {
				return err
			}
		}
	}
	return err
}

// compareKeys is below 0 when the voter here comes first, above 0 when the one in the file does.
func compareKeys(old *existing, more bool, joined *joinedFile) int {
	switch {
	case old == nil:
		return 1
	case !more:
		return -1
	default:
		return strings.Compare(old.StateID, view(joined.row.key))
	}
}

// compare finds out what is new about a person who is in the file.
func (c *change) compare() (err error) {
	if c.look, err = glanceAt(c.row.voter); err != nil {
		return errors.Join(errRecord, err)
	}
	if c.deed == fresh {
		c.voted = len(c.row.votes) > 0
		return nil
	}
	// A file without vote history says nothing about anybody's votes.
	c.voted = len(c.row.votes) > 0 && voteHash(c.row.votes) != c.old.VoteHash
	c.back = c.old.DroppedOn != 0
	c.moved = c.old.Household != 0 && c.look.household != 0 && c.old.Household != c.look.household
	c.party = c.old.Party != c.look.party
	switch {
	case c.back || c.look.rowHash != c.old.RowHash:
		c.deed = changed
	case c.voted:
		c.deed = revoted
	}
	return nil
}

// tally counts changes, in all and per county.
type tally struct {
	counts   Counts
	counties map[string]*County
}

func (t *tally) county(code string) *County {
	c := t.counties[code]
	if c == nil {
		code = strings.Clone(code)
		c = &County{Code: code}
		t.counties[code] = c
	}
	return c
}

func (t *tally) add(c *change) {
	n := &t.counts
	if c.deed != fresh && c.old.DroppedOn == 0 {
		t.county(c.old.County).Before++
	}
	if c.deed == vanished {
		n.Dropped++
		t.county(c.old.County).Dropped++
		return
	}
	county := t.county(c.look.county)
	county.Read++
	if c.look.confidential {
		n.Confidential++
	}
	if c.look.minor {
		n.Minors++
	}
	switch c.deed {
	case fresh:
		n.New++
		county.New++
		return
	case same:
		n.Unchanged++
		return
	}
	n.Changed++
	county.Changed++
	count := func(ok bool, all, here *int64) {
		if ok {
			*all++
			*here++
		}
	}
	count(c.moved, &n.Moved, &county.Moved)
	count(c.party, &n.Party, &county.Party)
	count(c.back, &n.Returned, &county.Returned)
}

// list returns the counties in order of their codes, with their names.
func (t *tally) list(id layout.ID) []County {
	var all []County
	for _, c := range t.counties {
		c.Name = layout.CountyName(id, c.Code)
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b County) int { return compareCodes(a.Code, b.Code) })
	return all
}

// compareCodes puts county 2 before county 10.
func compareCodes(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil && x != y {
		return x - y
	}
	return strings.Compare(a, b)
}
