// Package demodata makes up what a campaign would have recorded about the people of a synthetic state, so that lists and profiles of the demo have life.
//
// It is deterministic: the same people get the same answers. Nothing of it is about anybody who exists.
package demodata

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// Stores are what the data goes into.
type Stores struct {
	DB       *db.DB
	Codebook *codebook.Store
	Contacts *contact.Store
	Now      time.Time
}

// voter is what the made-up answers depend on.
type voter struct {
	ID        int64  `db:"person_id"`
	Party     string `db:"party"`
	BirthYear int    `db:"birth_year"`
}

// Fill makes two questions, three codes, a tag, a score, an event and ninety days of door and phone work with the people of one voter file.
func Fill(ctx context.Context, s Stores, a org.Actor, file voterfile.FileID) error {
	people, err := voters(a.Within(ctx), s.DB, file)
	if err != nil {
		return fmt.Errorf("reading the people of the demo: %w", err)
	}
	d, err := s.define(ctx, a)
	if err != nil {
		return fmt.Errorf("defining what the demo records: %w", err)
	}
	load, err := s.record(ctx, a, file, people, d)
	if err != nil {
		return fmt.Errorf("recording what the demo shows: %w", err)
	}
	return s.Codebook.Approve(ctx, a, load, "")
}

// defined are the definitions of the demo.
type defined struct{ transit, issue, volunteer, sign, spanish, callBack, score, launch codebook.Definition }

func (s Stores) define(ctx context.Context, a org.Actor) (d defined, err error) {
	parts := func(names ...string) []codebook.Part {
		var all []codebook.Part
		for _, n := range names {
			all = append(all, codebook.Part{Name: n})
		}
		return all
	}
	for _, x := range []struct {
		to *codebook.Definition
		d  codebook.Definition
	}{
		{&d.transit, codebook.Definition{Kind: codebook.Question, Name: "Transit measure", Purpose: "Measure 4 would add evening buses. Do you support it?", Cycle: s.Now.Year(),
			Parts: parts("Strong support", "Leaning support", "Undecided", "Leaning against", "Strong against")}},
		{&d.issue, codebook.Definition{Kind: codebook.Question, Name: "Most important issue", Purpose: "What matters most to you this year?", Cycle: s.Now.Year(),
			Parts: parts("Schools", "Housing", "Health care", "Jobs", "Roads and buses")}},
		{&d.volunteer, codebook.Definition{Kind: codebook.Code, Name: "Volunteer", Purpose: "Gave time to the campaign at least once"}},
		{&d.sign, codebook.Definition{Kind: codebook.Code, Name: "Yard sign", Cycle: s.Now.Year()}},
		{&d.spanish, codebook.Definition{Kind: codebook.Code, Name: "Speaks Spanish first", Shared: true}},
		{&d.callBack, codebook.Definition{Kind: codebook.Tag, Name: "Owes a call", Purpose: "Promised at the door to call back"}},
		{&d.score, codebook.Definition{Kind: codebook.Score, Name: "Transit support", Purpose: "Model of September: how likely a person supports Measure 4", Decimals: 1, Min: 0, Max: 1000}},
		{&d.launch, codebook.Definition{Kind: codebook.Event, Name: "Measure 4 kick-off", Starts: s.Now.AddDate(0, 0, 9)}},
	} {
		id, err := s.Codebook.Define(ctx, a, x.d)
		if err != nil {
			return d, err
		}
		if *x.to, err = s.Codebook.Definition(ctx, a, x.d.Kind, id); err != nil {
			return d, err
		}
	}
	return d, nil
}

// roll returns a number from 0 to 999 that a person keeps for one subject (splitmix64, S. Vigna).
func roll(id int64, subject uint64) int {
	z := uint64(id)*0x9e3779b97f4a7c15 + subject*0xd1b54a32d192ed03
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % 1000)
}

// support is the score of a person in tenths: younger people and some parties like buses better, and nobody is certain.
func (v voter) support(now time.Time) int64 {
	s := 420 + roll(v.ID, 1)/3 - roll(v.ID, 2)/3
	switch v.Party {
	case "DEM":
		s += 180
	case "REP":
		s -= 160
	case "GRE":
		s += 260
	}
	if age := now.Year() - v.BirthYear; v.BirthYear != 0 {
		s += (45 - age) * 4
	}
	return int64(min(max(s, 0), 1000))
}

// record writes everything and returns the file of scores that waits for approval.
func (s Stores) record(ctx context.Context, a org.Actor, file voterfile.FileID, people []voter, d defined) (load codebook.LoadID, err error) {
	b := codebook.Batch{Source: "door", Note: "demo"}
	m := s.made(people, d)
	err = s.DB.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		for _, x := range []struct {
			kind   codebook.Kind
			id     codebook.ID
			people []int64
		}{{codebook.Code, d.volunteer.ID, m.volunteers}, {codebook.Code, d.sign.ID, m.signs}, {codebook.Code, d.spanish.ID, m.spanish}, {codebook.Tag, d.callBack.ID, m.callBack}} {
			if _, err := s.Codebook.Mark(ctx, tx, a, x.kind, x.id, x.people, true, b); err != nil {
				return err
			}
		}
		if err := s.Codebook.Answers(ctx, tx, a, d.transit.ID, m.transit, b); err != nil {
			return err
		}
		if err := s.Codebook.Answers(ctx, tx, a, d.issue.ID, m.issue, b); err != nil {
			return err
		}
		for _, x := range []struct {
			status string
			people []int64
		}{{"signed_up", m.coming}, {"invited", m.invited}} {
			if err := s.Codebook.SignUp(ctx, tx, a, d.launch.ID, x.status, x.people, b); err != nil {
				return err
			}
		}
		if err := s.Contacts.Record(ctx, tx, a, "door", "demo", m.attempts); err != nil {
			return err
		}
		load, err = s.Codebook.Stage(ctx, tx, a, codebook.Staging{Score: d.score.ID, VoterFile: file, File: "transit-model.csv"}, scores(people, s.Now))
		return err
	})
	return load, err
}

func scores(people []voter, now time.Time) iter.Seq2[codebook.Value, error] {
	return func(yield func(codebook.Value, error) bool) {
		for _, v := range people {
			if roll(v.ID, 3) < 970 && !yield(codebook.Value{Person: v.ID, Value: v.support(now)}, nil) { // models miss a few
				return
			}
		}
	}
}

// made is who has what.
type made struct {
	volunteers, signs, spanish, callBack, coming, invited []int64
	transit, issue                                        []codebook.Answer
	attempts                                              []contact.Attempt
}

func (s Stores) made(people []voter, d defined) (m made) {
	for _, v := range people {
		support := v.support(s.Now)
		if roll(v.ID, 10) < int(support)/40 {
			m.volunteers = append(m.volunteers, v.ID)
			switch r := roll(v.ID, 11); {
			case r < 300:
				m.coming = append(m.coming, v.ID)
			case r < 700:
				m.invited = append(m.invited, v.ID)
			}
		}
		if roll(v.ID, 12) < int(support)/60 {
			m.signs = append(m.signs, v.ID)
		}
		if roll(v.ID, 13) < 55 {
			m.spanish = append(m.spanish, v.ID)
		}
		if roll(v.ID, 14) < 250 {
			s.visit(&m, v, support, d)
		}
	}
	return m
}

// visit is one attempt at a door or by phone some time in the last ninety days, and what came of it.
func (s Stores) visit(m *made, v voter, support int64, d defined) {
	at := s.Now.Add(-time.Duration(roll(v.ID, 15)) * 90 * 24 * time.Hour / 1000).Truncate(time.Minute)
	x := contact.Attempt{ID: fmt.Sprintf("demo-%d", v.ID), Person: v.ID, Channel: person.ByDoor, Result: contact.NotHome, At: at}
	if roll(v.ID, 16) < 350 {
		x.Channel = person.ByCall
	}
	switch r := roll(v.ID, 17); {
	case r < 380:
		x.Result = contact.Reached
		m.transit = append(m.transit, codebook.Answer{ID: x.ID + "-t", Person: v.ID, Response: d.transit.Parts[answer(support, roll(v.ID, 18))].ID, At: at})
		if roll(v.ID, 19) < 500 {
			m.issue = append(m.issue, codebook.Answer{ID: x.ID + "-i", Person: v.ID, Response: d.issue.Parts[roll(v.ID, 20)%len(d.issue.Parts)].ID, At: at})
		}
	case r < 430:
		x.Result = contact.CallBack
		m.callBack = append(m.callBack, v.ID)
	case r < 480:
		x.Result = contact.Refused
	case r < 520:
		x.Result = contact.Moved
	case r < 530 && x.Channel == person.ByDoor:
		x.Result = contact.DoNotKnock
	}
	m.attempts = append(m.attempts, x)
}

// answer is the place of a response from strong support to strong against: near the score, with some chance.
func answer(support int64, chance int) int {
	at := 4 - int(support)/200 + (chance%3 - 1)
	return min(max(at, 0), 4)
}
