package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Noun returns what the rows of a file of w hold, for the mapping.
func (s *Store) Noun(ctx context.Context, a org.Actor, w What) (exchange.Noun, error) {
	d, err := s.definition(ctx, a, w)
	return noun(w.Kind, d), err
}

// definition checks that the actor may load w at all and returns its definition.
func (s *Store) definition(ctx context.Context, a org.Actor, w What) (codebook.Definition, error) {
	sort, ok := SortOf(w.Kind)
	if !ok {
		return codebook.Definition{}, fault.Invalidf("Choose what the rows of the file are.")
	}
	if err := a.Must(PermitLoad); err != nil {
		return codebook.Definition{}, err
	}
	if err := a.Must(sort.Permit); err != nil {
		return codebook.Definition{}, err
	}
	files, err := voterfile.Visible(a.Within(ctx), s.DB, a, s.now())
	if err != nil {
		return codebook.Definition{}, err
	}
	if !slices.Contains(files, w.File) {
		return codebook.Definition{}, fault.NotFoundf("There is no such voter file, or it is not shared with your organization.")
	}
	if sort.Definition == "" {
		return codebook.Definition{}, nil
	}
	return s.Codebook.Definition(ctx, a, sort.Definition, w.Object)
}

// Plan joins a file and a mapping to a plan that exchange rehearses.
func (s *Store) Plan(ctx context.Context, a org.Actor, w What, f *exchange.File, m exchange.Mapping) (exchange.Plan, error) {
	n, err := s.Noun(ctx, a, w)
	if err != nil {
		return exchange.Plan{}, err
	}
	if m[colVoter] == "" && m[colPerson] == "" {
		return exchange.Plan{}, fault.Invalidf("Say which column holds the voter id, or the person number.")
	}
	return exchange.Plan{File: f, Noun: n, Mapping: m, Check: func(ctx context.Context, rs []exchange.Record) ([]error, error) {
		return s.find(a.Within(ctx), w, rs)
	}}, nil
}

// find puts the person of each record into it.
func (s *Store) find(ctx context.Context, w What, rs []exchange.Record) ([]error, error) {
	var states []string
	var ids []int64
	for _, r := range rs {
		if id, ok := r.Values[colPerson].(int64); ok {
			ids = append(ids, id)
		}
		if v := r.Text(colVoter); v != "" {
			states = append(states, strings.ToUpper(v))
		}
	}
	byState, err := peopleByVoterID(ctx, s.DB, w.File, states)
	if err != nil {
		return nil, err
	}
	known, err := peopleKnown(ctx, s.DB, w.File, ids)
	if err != nil {
		return nil, err
	}
	wrong := make([]error, len(rs))
	for i, r := range rs {
		id, byNumber := r.Values[colPerson].(int64)
		voter := strings.ToUpper(r.Text(colVoter))
		switch {
		case byNumber && known[id]:
			r.Values[found] = id
			if other, ok := byState[voter]; ok && other != id {
				wrong[i] = fault.Inputs{{Name: colVoter, Err: fault.Invalidf("This voter id and this person number are two different people.")}}
			}
		case byNumber:
			wrong[i] = fault.Inputs{{Name: colPerson, Err: fault.Invalidf("No person of this voter file has this number.")}}
		case voter == "":
			wrong[i] = fault.Inputs{{Name: colVoter, Err: fault.Invalidf("The cell is empty. Every row needs it.")}}
		case byState[voter] == 0:
			wrong[i] = fault.Inputs{{Name: colVoter, Err: fault.Invalidf("No voter of this file has this id.")}}
		default:
			r.Values[found] = byState[voter]
		}
	}
	return wrong, nil
}

// Loaded is what a load did.
type Loaded struct {
	exchange.Report
	Scores codebook.LoadID // the file of scores that waits for approval now
}

// Load writes all rows of a rehearsed plan that fit, or nothing.
func (s *Store) Load(ctx context.Context, a org.Actor, w What, p exchange.Plan, t exchange.Terms) (Loaded, error) {
	d, err := s.definition(ctx, a, w)
	if err != nil {
		return Loaded{}, err
	}
	var out Loaded
	out.Report, err = exchange.Load(a.Within(ctx), s.DB, a, p, t, func(ctx context.Context, tx *db.Tx, rows iter.Seq2[exchange.Record, error]) error {
		b := codebook.Batch{Source: "file", Note: p.File.Name}
		if w.Kind == Scores {
			out.Scores, err = s.stage(ctx, tx, a, w, d, p.File.Name, rows)
			return err
		}
		all, err := collect(rows)
		if err != nil || len(all) == 0 {
			return err
		}
		return s.write(ctx, tx, a, w, p, b, all)
	})
	return out, err
}

// collect takes all records into memory: a file has at most a million rows, and what they say must be in order of person.
func collect(rows iter.Seq2[exchange.Record, error]) ([]exchange.Record, error) {
	var all []exchange.Record
	for r, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func who(r exchange.Record) int64 {
	id, _ := r.Values[found].(int64)
	return id
}

func everybody(all []exchange.Record) []int64 {
	people := make([]int64, len(all))
	for i, r := range all {
		people[i] = who(r)
	}
	return people
}

func at(r exchange.Record) time.Time {
	t, _ := r.Values[colDay].(time.Time)
	return t
}

// rowID names a row of a file, so that loading the file again finds what it left.
func rowID(hash string, r exchange.Record) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", hash, r.Row))
	return hex.EncodeToString(sum[:12])
}

func (s *Store) write(ctx context.Context, tx *db.Tx, a org.Actor, w What, p exchange.Plan, b codebook.Batch, all []exchange.Record) error {
	switch w.Kind {
	case Codes, Tags:
		k := codebook.Code
		if w.Kind == Tags {
			k = codebook.Tag
		}
		_, err := s.Codebook.Mark(ctx, tx, a, k, w.Object, everybody(all), !w.Remove, b)
		return err
	case Answers:
		answers := make([]codebook.Answer, len(all))
		for i, r := range all {
			response, _ := r.Values[colResponse].(codebook.ID)
			answers[i] = codebook.Answer{ID: rowID(p.File.Hash, r), Person: who(r), Response: response, At: at(r)}
		}
		return s.Codebook.Answers(ctx, tx, a, w.Object, answers, b)
	case Customs:
		fillings := make([]codebook.Filling, len(all))
		for i, r := range all {
			n, _ := r.Values[colValue].(int64)
			fillings[i] = codebook.Filling{Person: who(r), Text: r.Text(colValue), Number: n}
		}
		return s.Codebook.Fill(ctx, tx, a, w.Object, fillings, b)
	case Targets:
		return eachGroup(all, colGroup, func(group codebook.ID, people []int64) error {
			return s.Codebook.Aim(ctx, tx, a, w.Object, group, people, b)
		})
	case Signups:
		return eachGroup(all, colStatus, func(status string, people []int64) error {
			return s.Codebook.SignUp(ctx, tx, a, w.Object, status, people, b)
		})
	case Contacts:
		return s.Contacts.Record(ctx, tx, a, b.Source, b.Note, attempts(p.File.Hash, all))
	}
	return s.writeOwn(ctx, tx, a, w, b, all)
}

// eachGroup calls f with the people of each value of a column, in the order in which the values first occur.
func eachGroup[V comparable](all []exchange.Record, column string, f func(V, []int64) error) error {
	people := map[V][]int64{}
	var order []V
	for _, r := range all {
		v, _ := r.Values[column].(V)
		if people[v] == nil {
			order = append(order, v)
		}
		people[v] = append(people[v], who(r))
	}
	for _, v := range order {
		if err := f(v, people[v]); err != nil {
			return err
		}
	}
	return nil
}

func attempts(hash string, all []exchange.Record) []contact.Attempt {
	out := make([]contact.Attempt, len(all))
	for i, r := range all {
		channel, _ := r.Values[colChannel].(person.Channel)
		result, _ := r.Values[colResult].(contact.Result)
		out[i] = contact.Attempt{ID: rowID(hash, r), Person: who(r), Channel: channel, Result: result, Number: r.Text(colPhone), At: at(r)}
	}
	return out
}

// writeOwn writes what no other noun takes many of at once.
func (s *Store) writeOwn(ctx context.Context, tx *db.Tx, a org.Actor, w What, b codebook.Batch, all []exchange.Record) error {
	var err error
	var kind ledger.Kind
	var what change.What
	switch w.Kind {
	case Phones:
		kind, what, err = KindPhones, change.Phone, putPhones(ctx, tx, int64(a.Org()), b.Note, all)
	case Emails:
		kind, what, err = KindEmails, change.Email, putEmails(ctx, tx, int64(a.Org()), b.Note, all)
	default:
		kind, what, err = KindSuppressions, change.Suppression, putSuppressions(ctx, tx, int64(a.Org()), int64(a.Account()), s.now(), all)
	}
	if err != nil {
		return err
	}
	n, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: kind, Object: fmt.Sprintf("field_voterfile/%d", int64(w.File)),
		Data: map[string]any{"rows": len(all), "note": b.Note}})
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Of(what, int64(a.Org()), 0, everybody(all))...)
}

// stage puts a file of scores where another person approves it.
func (s *Store) stage(ctx context.Context, tx *db.Tx, a org.Actor, w What, d codebook.Definition, file string, rows iter.Seq2[exchange.Record, error]) (codebook.LoadID, error) {
	g := codebook.Staging{Score: w.Object, VoterFile: w.File, File: file, Whole: w.Whole}
	var wrong fault.Inputs
	for _, x := range []struct {
		input, text string
		to          **int64
	}{{"average", w.Average, &g.Average}, {"tolerance", w.Tolerance, &g.Tolerance}} {
		if x.text == "" {
			continue
		}
		v, ok := Scaled(x.text, d.Decimals)
		if !ok {
			wrong.Add(x.input, "This is not a number with at most %d decimals.", d.Decimals)
		}
		*x.to = &v
	}
	if err := wrong.Or(); err != nil {
		return 0, err
	}
	return s.Codebook.Stage(ctx, tx, a, g, func(yield func(codebook.Value, error) bool) {
		seen := map[int64]int{}
		for r, err := range rows {
			v, _ := r.Values[colValue].(int64)
			if first, twice := seen[who(r)]; twice && err == nil {
				err = fault.Invalidf("Rows %d and %d are about the same person. A person has one score: take one of them out.", first, r.Row)
			}
			seen[who(r)] = r.Row
			if !yield(codebook.Value{Person: who(r), Value: v}, err) || err != nil {
				return
			}
		}
	})
}

// Sources returns the voter files whose people the actor's organisation may name.
func (s *Store) Sources(ctx context.Context, a org.Actor) ([]Source, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitLoad); err != nil {
		return nil, err
	}
	files, err := voterfile.Visible(ctx, s.DB, a, s.now())
	if err != nil {
		return nil, err
	}
	return sources(ctx, s.DB, files)
}
