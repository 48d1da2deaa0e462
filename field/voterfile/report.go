package voterfile

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// Counts says what an import does to people, or did. A person is New, Changed, Unchanged or Dropped; Moved, Party and Returned are
// among the Changed.
type Counts struct {
	Read      int64 `json:"read"` // rows of voters, the refused ones too
	New       int64 `json:"new"`
	Changed   int64 `json:"changed"` // the voter or the votes differ, or the voter is back
	Unchanged int64 `json:"unchanged"`
	Moved     int64 `json:"moved"`    // lives at another address
	Party     int64 `json:"party"`    // is registered with another party
	Dropped   int64 `json:"dropped"`  // was here and is not in the file
	Returned  int64 `json:"returned"` // had been dropped and is in the file again
	Refused   int64 `json:"refused"`  // rows of voters and votes that were left out
	Warnings  int64 `json:"warnings"` // cells that were left out of rows that went in

	Confidential int64 `json:"confidential"`
	Minors       int64 `json:"minors"`
	Votes        int64 `json:"votes"`        // votes of voters in the file
	StrangeVotes int64 `json:"strangeVotes"` // votes of people who are not in the file
}

// County is what an import does to one county.
type County struct {
	Code     string `json:"county" db:"county"`
	Name     string `json:"name,omitempty" db:"-"`
	Before   int64  `json:"before" db:"before_people"` // people of the county who were in the file before
	Read     int64  `json:"read" db:"read_people"`
	New      int64  `json:"new" db:"new_people"`
	Changed  int64  `json:"changed" db:"changed_people"`
	Moved    int64  `json:"moved" db:"moved_people"` // to an address in this county
	Party    int64  `json:"party" db:"party_people"`
	Dropped  int64  `json:"dropped" db:"dropped_people"` // who lived here
	Returned int64  `json:"returned" db:"returned_people"`
}

// Stop is why a load wants a person's word first: more of a county changes than the file's stop share.
type Stop struct {
	County string  `json:"county"`
	What   string  `json:"what"` // new, moved, party or dropped
	Count  int64   `json:"count"`
	Of     int64   `json:"of"`
	Share  float64 `json:"share"`
	Limit  float64 `json:"limit"`
}

// Election is one election that the files know of.
type Election struct {
	ID   ElectionID `json:"id"`
	Name string     `json:"name"`
}

// Columns is the header of one received file, kept to compare the next file with.
type Columns struct {
	File   string      `json:"file"`
	Kind   layout.Kind `json:"kind"`
	Header []string    `json:"header,omitempty"`
}

// Report is what a rehearsal found. A load does what its rehearsal said, or nothing.
type Report struct {
	Import    ImportID   `json:"import"`
	Counts    Counts     `json:"counts"`
	Counties  []County   `json:"counties,omitempty"`
	Stops     []Stop     `json:"stops,omitempty"`
	Drift     []Sentence `json:"drift,omitempty"` // one for each column that differs from the file before
	Columns   []Columns  `json:"columns,omitempty"`
	Elections []Election `json:"elections,omitempty"`
	Twice     int64      `json:"twice,omitempty"` // voter ids that several rows have
	Choices   Choices    `json:"choices,omitzero"`
	Seconds   float64    `json:"seconds"` // that the rehearsal took
}

// Sentence is a sentence for a person that is stored: an English format, which is the key of its translation, and what fills it.
type Sentence struct {
	Format string `json:"format"`
	Args   Args   `json:"args,omitempty"`
}

// String returns the sentence in English.
func (s Sentence) String() string { return fmt.Sprintf(s.Format, s.Args...) }

// Args are the values of a Sentence; through JSON, whole numbers stay whole.
type Args []any

// UnmarshalJSON reads whole numbers as int64, so that %d prints them.
func (a *Args) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var all []any
	if err := d.Decode(&all); err != nil {
		return err
	}
	for i, v := range all {
		n, ok := v.(json.Number)
		if !ok {
			continue
		}
		if whole, err := n.Int64(); err == nil {
			all[i] = whole
			continue
		}
		f, err := n.Float64()
		if err != nil {
			return err
		}
		all[i] = f
	}
	*a = all
	return nil
}

// stopLeast keeps a handful of people in a small county from stopping a state.
const stopLeast = 20

// stops returns where more changes than share allows. A file's first import stops nowhere.
func stops(counties []County, share float64) []Stop {
	var all []Stop
	for _, c := range counties {
		if c.Before == 0 {
			continue
		}
		check := func(what string, n int64) {
			got := float64(n) / float64(c.Before)
			if n >= stopLeast && got > share {
				all = append(all, Stop{County: c.Code, What: what, Count: n, Of: c.Before, Share: got, Limit: share})
			}
		}
		check("new", c.New)
		check("moved", c.Moved)
		check("party", c.Party)
		check("dropped", c.Dropped)
	}
	return all
}
