package voterfile

import (
	"context"
	"iter"
	"maps"

	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
)

// The kinds of field_person_word.
const (
	WordLast   = 1
	WordFirst  = 2
	WordStreet = 3
)

// What comes with the voter file itself, as field_phone and field_email say it.
const (
	source          = "voter file"
	phoneConfidence = 60 // registrations are years old
	emailConfidence = 60
)

// written is what one chunk wrote, and what the load must remember once it is committed.
type written struct {
	fresh, changed, vanished, votes int64

	words     []word
	seen      map[uint64]struct{} // hashes of words
	elections []ElectionID

	phones []phoneRow
	emails []emailRow
	parts  []partRow
	err    error // a damaged record, found while rows were being handed over
}

type phoneRow struct {
	person int64
	phone  layout.Phone
}

type emailRow struct {
	person int64
	email  string
}

type partRow struct {
	person      int64
	part, first string
}

func (l *load) writePeople(ctx context.Context, tx *db.Tx, c *chunk, w *written) error {
	for _, x := range c.people {
		switch x.deed {
		case fresh:
			w.fresh++
		case vanished:
			w.vanished++
		default:
			w.changed++
		}
	}
	steps := []func(context.Context, *db.Tx, *chunk, *written) error{l.writeFresh, l.writeVotes, l.writeChanged, l.writeVanished, l.writeWords}
	for _, step := range steps {
		if err := step(ctx, tx, c, w); err != nil {
			return err
		}
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

func (l *load) writeFresh(ctx context.Context, tx *db.Tx, c *chunk, w *written) error {
	if w.fresh == 0 {
		return nil
	}
	isFresh := func(x *change) bool { return x.deed == fresh }
	if _, err := db.Bulk(ctx, tx, keyTable, keyColumns, rowsAhead(len(keyColumns), l.keyRows(c, isFresh))); err != nil {
		return err
	}
	if _, err := db.Bulk(ctx, tx, personTable, personColumns, rowsAhead(len(personColumns), l.personRows(c, w, isFresh))); err != nil {
		return err
	}
	return l.writeAlong(ctx, tx, w, false)
}

// writeAlong writes what goes with the people handed over before: name parts, phones and e-mails.
func (l *load) writeAlong(ctx context.Context, tx *db.Tx, w *written, there bool) error {
	put := func(table string, columns []string, key int, rows iter.Seq[[]any]) error {
		var err error
		if there {
			_, err = db.Upsert(ctx, tx, table, columns, key, rows)
		} else {
			_, err = db.Bulk(ctx, tx, table, columns, rows)
		}
		return err
	}
	if err := put(partTable, partColumns, 2, partRows(w.parts)); err != nil {
		return err
	}
	if err := put(phoneTable, phoneColumns, 3, phoneRows(w.phones)); err != nil {
		return err
	}
	if err := put(emailTable, emailColumns, 3, emailRows(w.emails)); err != nil {
		return err
	}
	w.parts, w.phones, w.emails = w.parts[:0], w.phones[:0], w.emails[:0]
	return nil
}

func (l *load) writeVotes(ctx context.Context, tx *db.Tx, c *chunk, w *written) error {
	if err := l.writeElections(ctx, tx, c, w); err != nil || w.err != nil {
		return err
	}
	isFresh := func(x *change) bool { return x.deed == fresh }
	n, err := db.Bulk(ctx, tx, voteTable, voteColumns, rowsAhead(len(voteColumns), voteRows(c, w, isFresh)))
	if err != nil {
		return err
	}
	w.votes += n
	// A vote that is missing from a newer file stays: states leave old elections out.
	old := func(x *change) bool { return x.voted && (x.deed == changed || x.deed == revoted) }
	if none(c, old) {
		return nil
	}
	n, err = db.Upsert(ctx, tx, voteTable, voteColumns, 2, voteRows(c, w, old))
	w.votes += n
	return err
}

func none(c *chunk, want func(*change) bool) bool {
	for i := range c.people {
		if want(&c.people[i]) {
			return false
		}
	}
	return true
}

func (l *load) writeElections(ctx context.Context, tx *db.Tx, c *chunk, w *written) error {
	add := map[ElectionID]bool{}
	for i := range c.people {
		if !c.people[i].voted {
			continue
		}
		for v := range votesOf(c.people[i].row.votes, w) {
			if !l.elections[v.election] && !add[v.election] {
				add[v.election] = true
				w.elections = append(w.elections, v.election)
			}
		}
	}
	if len(add) == 0 {
		return nil
	}
	row := make([]any, 4)
	return db.InsertNew(ctx, tx, electionTable, electionColumns, func(yield func([]any) bool) {
		for _, e := range l.report.Elections {
			if !add[e.ID] {
				continue
			}
			row[0], row[1], row[2], row[3] = int64(e.ID), int64(e.ID.Date()), int64(e.ID.Type()), e.Name
			if !yield(row) {
				return
			}
		}
	})
}

func (l *load) writeChanged(ctx context.Context, tx *db.Tx, c *chunk, w *written) error {
	if w.changed == 0 {
		return nil
	}
	isOld := func(x *change) bool { return x.deed == changed || x.deed == revoted }
	if _, err := db.Upsert(ctx, tx, keyTable, keyColumns, 2, l.keyRows(c, isOld)); err != nil {
		return err
	}
	isChanged := func(x *change) bool { return x.deed == changed }
	if none(c, isChanged) {
		return nil
	}
	if _, err := db.Upsert(ctx, tx, personTable, personColumns, 1, l.personRows(c, w, isChanged)); err != nil {
		return err
	}
	var people []int64
	for i := range c.people {
		if isChanged(&c.people[i]) {
			people = append(people, c.people[i].old.Person)
		}
	}
	if err := l.store.dropStale(ctx, tx, people, w); err != nil {
		return err
	}
	return l.writeAlong(ctx, tx, w, true)
}

func (l *load) writeVanished(ctx context.Context, tx *db.Tx, c *chunk, w *written) error {
	if w.vanished == 0 {
		return nil
	}
	var people []int64
	var ids []string
	for i := range c.people {
		if x := &c.people[i]; x.deed == vanished {
			people = append(people, x.old.Person)
			ids = append(ids, x.old.StateID)
		}
	}
	return l.store.drop(ctx, tx, l.file.ID, l.imp.ID, int64(l.imp.FileDate), people, ids)
}

func (l *load) writeWords(ctx context.Context, tx *db.Tx, _ *chunk, w *written) error {
	if len(w.words) == 0 {
		return nil
	}
	row := make([]any, 3)
	return db.InsertNew(ctx, tx, wordTable, wordColumns, func(yield func([]any) bool) {
		for _, x := range w.words {
			row[0], row[1], row[2] = int64(l.file.ID), int64(x.kind), x.text
			if !yield(row) {
				return
			}
		}
	})
}

// The tables a load writes to, and their columns in the order of the rows below.
const (
	keyTable      = "field_voter_key"
	personTable   = "field_person"
	partTable     = "field_person_name_part"
	phoneTable    = "field_phone"
	emailTable    = "field_email"
	voteTable     = "field_vote"
	electionTable = "field_election"
	wordTable     = "field_person_word"
)

var (
	keyColumns    = []string{"voterfile_id", "state_id", "person_id", "row_hash", "vote_hash", "household_key", "county", "party", "dropped_on"}
	personColumns = []string{"person_id", "voterfile_id", "state_id", "county", "party", "last_name", "first_name", "middle_name", "suffix",
		"last_key", "first_key", "race", "ethnicity", "status_code", "status_reason", "house", "street", "unit", "address", "city", "region", "zip",
		"street_key", "mailing", "precinct", "congress", "state_senate", "state_house", "municipality", "districts", "birth_year", "birth_date",
		"sex", "status", "registered_on", "household_key", "address_key", "confidential", "minor", "dropped_on",
		"raw_import_id", "raw_file", "raw_offset", "raw_length", "raw_hash", "import_id"}
	partColumns     = []string{"person_id", "part", "first_key"}
	phoneColumns    = []string{"person_id", "number", "org_id", "kind", "source", "confidence"}
	emailColumns    = []string{"person_id", "email", "org_id", "source", "confidence"}
	voteColumns     = []string{"person_id", "election_id", "method", "party", "county"}
	electionColumns = []string{"id", "held_on", "type", "name"}
	wordColumns     = []string{"voterfile_id", "kind", "word"}
)

func (l *load) keyRows(c *chunk, want func(*change) bool) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, len(keyColumns))
		for i := range c.people {
			x := &c.people[i]
			if !want(x) {
				continue
			}
			votes := x.old.VoteHash
			if x.voted {
				votes = voteHash(x.row.votes)
			}
			g, _ := glanceAt(x.row.voter) // it could be read when it was compared
			row[0], row[1], row[2], row[3], row[4] = int64(l.file.ID), view(x.row.key), x.old.Person, g.rowHash, votes
			row[5], row[6], row[7], row[8] = g.household, g.county, g.party, int64(0)
			if !yield(row) {
				return
			}
		}
	}
}

// personRows hands over the people and collects what goes along with them.
func (l *load) personRows(c *chunk, w *written, want func(*change) bool) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, len(personColumns))
		var d decoded
		for i := range c.people {
			x := &c.people[i]
			if !want(x) {
				continue
			}
			if w.err = d.decode(x.row.voter); w.err != nil {
				return
			}
			l.fill(row, x, &d)
			l.along(x.old.Person, &d, w)
			if !yield(row) {
				return
			}
		}
	}
}

// fill puts a person into the order of personColumns; the texts follow the order in which a record has them.
func (l *load) fill(row []any, x *change, d *decoded) {
	row[0], row[1], row[2] = x.old.Person, int64(l.file.ID), view(x.row.key)
	for i, s := range &d.text {
		row[3+i] = s
	}
	rest := row[3+texts:]
	rest[0], rest[1], rest[2], rest[3], rest[4] = d.year, d.birth, sexText(d.sex), d.status.String(), d.registered
	rest[5], rest[6], rest[7], rest[8], rest[9] = d.household, d.address, d.confidential, d.minor, int64(0)
	rest[10], rest[11], rest[12], rest[13], rest[14] = int64(l.imp.ID), int64(d.place.file), d.place.offset, int64(d.place.length), int64(d.place.hash)
	rest[15] = int64(l.imp.ID)
}

func sexText(s byte) string {
	switch s {
	case layout.SexFemale:
		return "F"
	case layout.SexMale:
		return "M"
	case layout.SexOther:
		return "X"
	default:
		return "U"
	}
}

// along collects a person's name parts, phones, e-mails and new words.
func (l *load) along(person int64, d *decoded, w *written) {
	last, first := d.text[textLastKey], d.text[textFirstKey]
	l.words.see(w, WordLast, last)
	l.words.see(w, WordFirst, first)
	l.words.see(w, WordStreet, d.text[textStreetKey])
	for _, part := range personkey.Parts(d.text[textLast]) {
		w.parts = append(w.parts, partRow{person: person, part: part, first: first})
		l.words.see(w, WordLast, part)
	}
	for i, p := range d.phones {
		if !containsPhone(d.phones[:i], p.Number) {
			w.phones = append(w.phones, phoneRow{person: person, phone: p})
		}
	}
	for i, m := range d.emails {
		if !contains(d.emails[:i], m) {
			w.emails = append(w.emails, emailRow{person: person, email: m})
		}
	}
}

func containsPhone(all []layout.Phone, number string) bool {
	for _, p := range all {
		if p.Number == number {
			return true
		}
	}
	return false
}

func contains(all []string, s string) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

func partRows(parts []partRow) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, len(partColumns))
		for _, p := range parts {
			row[0], row[1], row[2] = p.person, p.part, p.first
			if !yield(row) {
				return
			}
		}
	}
}

func phoneRows(phones []phoneRow) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, len(phoneColumns))
		for _, p := range phones {
			row[0], row[1], row[2], row[3], row[4], row[5] = p.person, p.phone.Number, int64(0), p.phone.Kind.String(), source, int64(phoneConfidence)
			if !yield(row) {
				return
			}
		}
	}
}

func emailRows(emails []emailRow) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, len(emailColumns))
		for _, m := range emails {
			row[0], row[1], row[2], row[3], row[4] = m.person, m.email, int64(0), source, int64(emailConfidence)
			if !yield(row) {
				return
			}
		}
	}
}

func voteRows(c *chunk, w *written, want func(*change) bool) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, len(voteColumns))
		for i := range c.people {
			x := &c.people[i]
			if !want(x) {
				continue
			}
			for v := range votesOf(x.row.votes, w) {
				row[0], row[1], row[2], row[3], row[4] = x.old.Person, int64(v.election), int64(v.method), v.party, v.county
				if !yield(row) {
					return
				}
			}
		}
	}
}

// votesOf yields the votes of one person.
func votesOf(b []byte, w *written) iter.Seq[vote] {
	return func(yield func(vote) bool) {
		for c := (cursor{b: b}); len(c.b) > 0; {
			v := c.vote()
			if c.bad {
				w.err = errRecord
				return
			}
			if !yield(v) {
				return
			}
		}
	}
}

// word is one word that a look-up compares a misspelled one with.
type word struct {
	kind int
	text string
}

// wordSet knows the words that are written, by a hash of each: a file has a few hundred thousand.
type wordSet map[uint64]struct{}

func (s wordSet) see(w *written, kind int, text string) {
	if text == "" {
		return
	}
	h := wordHash(kind, text)
	if _, ok := s[h]; ok {
		return
	}
	// The set itself learns the word when the chunk is committed.
	if _, ok := w.seen[h]; ok {
		return
	}
	if w.seen == nil {
		w.seen = map[uint64]struct{}{}
	}
	w.seen[h] = struct{}{}
	w.words = append(w.words, word{kind, text})
}

func (s wordSet) keep(seen map[uint64]struct{}) { maps.Copy(s, seen) }

func wordHash(kind int, text string) uint64 {
	h := uint64(14695981039346656037) ^ uint64(kind)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}
