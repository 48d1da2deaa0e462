package canvassbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Crowd is a site's canvassers with their phones.
type Crowd struct {
	Org       int64
	Question  int64
	Responses []int64
	Members   []Member
}

// Member is one phone, let in, with a packet.
type Member struct {
	Token, Packet string
	Doors         []Door
}

// Door is one door with one person behind it.
type Door struct {
	Key    string
	Person int64
}

// Site is what a crowd is made on.
type Site struct {
	DB       *db.DB
	Orgs     *org.Orgs
	Devices  *offline.Store
	Codebook *codebook.Store
	All      func(org.ID) org.Actor // somebody who may do everything there
}

// Fill makes an organisation with people, one to a door, and phones that each have some of the doors.
func Fill(ctx context.Context, s Site, phones, doors int) (c Crowd, err error) {
	ctx = db.WithSite(ctx)
	var in org.ID
	err = s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if in, err = s.Orgs.Establish(ctx, tx, "Halden Voter Table"); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, ?, 'NC', 'nc', 'NC', 1)`, in); err != nil {
			return err
		}
		return people(ctx, tx, phones*doors)
	})
	if err != nil {
		return c, err
	}
	a := s.All(in)
	q, err := s.Codebook.Define(ctx, a, codebook.Definition{Kind: codebook.Question, Name: "Support", Medium: "Support", Short: "SUP", Status: codebook.Active, Purpose: "Will you vote for the library?",
		Parts: []codebook.Part{{Name: "Yes", Medium: "Yes", Short: "Y"}, {Name: "No", Medium: "No", Short: "N"}}})
	if err != nil {
		return c, err
	}
	d, err := s.Codebook.Definition(ctx, a, codebook.Question, q)
	if err != nil {
		return c, err
	}
	c = Crowd{Org: int64(in), Question: int64(q), Responses: []int64{int64(d.Parts[0].ID), int64(d.Parts[1].ID)}}
	err = s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		c.Members = c.Members[:0]
		for i := range phones {
			m, err := member(ctx, tx, s.Devices, in, i, doors)
			if err != nil {
				return err
			}
			c.Members = append(c.Members, m)
		}
		return nil
	})
	return c, err
}

func member(ctx context.Context, tx *db.Tx, devices *offline.Store, in org.ID, i, doors int) (Member, error) {
	ends := time.Now().AddDate(0, 1, 0)
	d, token, err := devices.EnrolGuest(ctx, tx, offline.Guest{Org: in, Name: fmt.Sprint("Canvasser ", i+1), Lang: words.EN, Role: "canvasser", Ends: ends}, "phone", "")
	if err != nil {
		return Member{}, err
	}
	m := Member{Token: token, Packet: offline.NewID()}
	type held struct {
		Key    string  `json:"key"`
		People []int64 `json:"people"`
	}
	var content struct {
		Doors []held `json:"doors"`
	}
	for n := range doors {
		p := int64(i*doors + n + 1)
		m.Doors = append(m.Doors, Door{Key: strconv.FormatInt(p, 10), Person: p})
		content.Doors = append(content.Doors, held{Key: strconv.FormatInt(p, 10), People: []int64{p}})
	}
	text, err := json.Marshal(content)
	if err != nil {
		return m, err
	}
	_, err = db.Exec(ctx, tx, `INSERT INTO field_canvass_packet (id, org_id, map_id, turf_id, handout_id, device_id, account_id, doors, hash, content, made_at, ends_at)
		VALUES (?, ?, 1, ?, 0, ?, ?, ?, 'x', ?, ?, ?)`, m.Packet, in, i+1, d.ID, int64(d.Account), doors, string(text), time.Now(), ends)
	return m, err
}

// people writes people, each alone at a door whose key is their number.
func people(ctx context.Context, tx *db.Tx, n int) error {
	columns := []string{"person_id", "voterfile_id", "state_id", "last_name", "first_name", "middle_name", "suffix", "last_key", "first_key", "birth_year", "birth_date", "sex", "race",
		"ethnicity", "party", "status", "status_code", "status_reason", "registered_on", "house", "street", "unit", "address", "city", "region", "zip", "street_key", "household_key",
		"address_key", "mailing", "county", "precinct", "congress", "state_senate", "state_house", "municipality", "districts", "confidential", "minor", "raw_import_id", "raw_file",
		"raw_offset", "raw_length", "raw_hash", "import_id"}
	_, err := db.Bulk(ctx, tx, "field_person", columns, func(yield func([]any) bool) {
		for i := range int64(n) {
			id := i + 1
			if !yield([]any{id, 1, strconv.FormatInt(id, 10), "DOE", "JANE", "", "", "doe", "jane", 1980, 0, "F", "", "", "", "active", "A", "", 20000101, strconv.FormatInt(id, 10), "ELM ST", "", "", "",
				"NC", "", "elm", id, id, "", "", "", "", "", "", "", "{}", 0, 0, 1, 0, 0, 0, 0, 1}) {
				return
			}
		}
	})
	return err
}

// missing counts the records that were said to be safe and are not there, and the effects that are there more often than they were recorded.
func missing(ctx context.Context, d *db.DB, in int64, safe map[string]bool) (lost, twice int, err error) {
	ctx = db.WithSite(ctx)
	counts := map[string]int{}
	for r, err := range db.Each[heldRow](ctx, d, `SELECT id, kind FROM offline_event WHERE org_id = ? AND state = 'applied'`, in) {
		if err != nil {
			return 0, 0, err
		}
		counts[r.Kind]++
		delete(safe, r.ID)
	}
	lost = len(safe)
	attempts, err := db.One[int](ctx, d, `SELECT COUNT(*) FROM field_contact WHERE org_id = ?`, in)
	if err != nil {
		return lost, 0, err
	}
	answers, err := db.One[int](ctx, d, `SELECT COUNT(*) FROM field_answer WHERE org_id = ?`, in)
	if err != nil {
		return lost, 0, err
	}
	if less := counts["attempt"] - attempts + counts["answer"] - answers; less > 0 {
		return lost + less, 0, nil // an event without its effect is as good as lost
	}
	return lost, attempts - counts["attempt"] + answers - counts["answer"], nil
}

type heldRow struct {
	ID   string `db:"id"`
	Kind string `db:"kind"`
}

// sound checks that a database is whole.
func sound(ctx context.Context, c db.Config) error {
	d, err := db.Open(ctx, c)
	if err != nil {
		return err
	}
	said, err := db.One[string](db.WithSite(ctx), d, `PRAGMA integrity_check`)
	if err == nil && said != "ok" {
		err = fmt.Errorf("the database is damaged: %s", said)
	}
	return errors.Join(err, d.Close())
}
