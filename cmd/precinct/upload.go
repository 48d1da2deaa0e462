package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/org"
)

type uploadCmd struct {
	where
	answer
	Path      string            `arg:"" help:"CSV or XLSX file." placeholder:"FILE"`
	Kind      string            `help:"What its rows are: answer, code, tag, score, custom, target, signup, phone, email, contact or suppression." required:"" enum:"answer,code,tag,score,custom,target,signup,phone,email,contact,suppression"`
	Of        string            `help:"The question, code, tag, score, field, target or event, by name or id." placeholder:"NAME"`
	Column    map[string]string `help:"Which column holds what, where the headings do not say it: voter_id=NCID. May be given often." placeholder:"KEY=HEADING"`
	Remove    bool              `help:"Take the code or tag from these people."`
	Whole     bool              `help:"Scores: people who are not in the file lose theirs."`
	Average   string            `help:"Scores: what their average should be." placeholder:"NUMBER"`
	Tolerance string            `help:"Scores: how far off it may be." placeholder:"NUMBER"`
	Load      bool              `help:"Load it. Without this the file is only rehearsed; nothing is written about anybody."`
	Leave     bool              `help:"With --load: leave out the rows that are refused instead of loading nothing."`
	File      int64             `help:"Voter file whose ids the rows hold; needed when the organization may see several." placeholder:"ID"`
	Org       int64             `help:"Organization to act for; needed when the site has several." placeholder:"ID"`
}

// uploaded is what 'field upload' answers.
type uploaded struct {
	Upload   upload.ID         `json:"upload"`
	Loaded   bool              `json:"loaded"`
	Read     int               `json:"read"`
	Fit      int               `json:"fit"`
	Refused  int               `json:"refused"`
	Odd      int               `json:"odd"`
	Columns  map[string]string `json:"columns"`
	Troubles []uploadTrouble   `json:"troubles"` // the first
	More     int               `json:"more,omitempty"`
	Approval int64             `json:"approval,omitempty"` // the file of scores that waits for another person
	Seconds  float64           `json:"seconds"`
}

type uploadTrouble struct {
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Value   string `json:"value"`
	Said    string `json:"said"`
	Refused bool   `json:"refused"`
}

func (c *uploadCmd) Run(ctx context.Context, s streams) error {
	return c.withActor(ctx, c.Org, func(site *app.Site, actor org.Actor) error {
		began := time.Now()
		loads := field.Uploads(&site.Ground)
		u, err := c.rehearse(ctx, loads, actor)
		if err != nil {
			return err
		}
		switch {
		case !c.Load:
		case u.Report.Refused > 0 && !c.Leave:
			if err := c.say(s, u, time.Since(began)); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(s.err, "precinct: %d rows are refused, so nothing was loaded: mend the file, or leave them out with --leave\n", u.Report.Refused)
			return errSaid
		default:
			if err := loads.LoadKept(ctx, actor, u.ID, c.Leave); err != nil {
				return err
			}
			if u, err = loads.Upload(ctx, actor, u.ID); err != nil {
				return err
			}
		}
		return c.say(s, u, time.Since(began))
	})
}

// rehearse takes the file in, as the page does, and tries its rows.
func (c *uploadCmd) rehearse(ctx context.Context, loads *upload.Store, a org.Actor) (upload.Upload, error) {
	w, err := c.what(ctx, loads, a)
	if err != nil {
		return upload.Upload{}, err
	}
	f, err := os.Open(filepath.Clean(c.Path))
	if err != nil {
		return upload.Upload{}, err
	}
	id, err := loads.Receive(ctx, a, w, filepath.Base(c.Path), f)
	if err := errors.Join(err, f.Close()); err != nil {
		return upload.Upload{}, err
	}
	u, err := loads.Upload(ctx, a, id)
	if err != nil {
		return u, err
	}
	mapping := maps.Clone(u.Mapping)
	maps.Copy(mapping, c.Column)
	if err := loads.Map(ctx, a, u, mapping, ""); err != nil {
		return u, err
	}
	if err := loads.Rehearse(ctx, a, id); err != nil {
		return u, err
	}
	return loads.Upload(ctx, a, id)
}

// what says what the file is to be loaded as.
func (c *uploadCmd) what(ctx context.Context, loads *upload.Store, a org.Actor) (upload.What, error) {
	w := upload.What{Kind: upload.Kind(c.Kind), File: voterfile.FileID(c.File), Remove: c.Remove, Whole: c.Whole, Average: c.Average, Tolerance: c.Tolerance}
	if c.File == 0 {
		files, err := loads.Sources(ctx, a)
		switch {
		case err != nil:
			return w, err
		case len(files) != 1:
			return w, fmt.Errorf("this organization may see %d voter files: choose one with --file ID", len(files))
		}
		w.File = files[0].ID
	}
	sort, _ := upload.SortOf(w.Kind)
	if sort.Definition == "" {
		return w, nil
	}
	all, err := loads.Codebook.Definitions(ctx, a, sort.Definition, false)
	if err != nil {
		return w, err
	}
	i := slices.IndexFunc(all, func(d codebook.Definition) bool {
		return strings.EqualFold(d.Name, c.Of) || fmt.Sprint(int64(d.ID)) == c.Of
	})
	if i < 0 {
		names := make([]string, len(all))
		for i, d := range all {
			names[i] = d.Name
		}
		return w, fmt.Errorf("say with --of which it is: %s", strings.Join(names, ", "))
	}
	w.Object = all[i].ID
	return w, nil
}

func (c *uploadCmd) say(s streams, u upload.Upload, took time.Duration) error {
	r := uploaded{Upload: u.ID, Loaded: u.State == upload.Done, Read: u.Report.Read, Fit: u.Report.Fit, Refused: u.Report.Refused, Odd: u.Report.Odd, Columns: u.Mapping,
		Troubles: []uploadTrouble{}, More: u.Report.More, Approval: u.Scores, Seconds: took.Seconds()}
	for _, t := range u.Report.Troubles {
		r.Troubles = append(r.Troubles, uploadTrouble{Row: t.Row, Column: t.Column, Value: t.Value, Said: t.Said.Fault().Error(), Refused: t.Refused})
	}
	if c.JSON {
		return printJSON(s.out, r)
	}
	return r.print(s.out)
}

// shownTroubles is how many rows a person reads about; the page of the upload has them all.
const shownTroubles = 20

func (r uploaded) print(w io.Writer) error {
	for i, t := range r.Troubles {
		if i == shownTroubles {
			break
		}
		mark := "odd"
		if t.Refused {
			mark = "refused"
		}
		if _, err := fmt.Fprintf(w, "row %d, %s “%s”: %s (%s)\n", t.Row, t.Column, t.Value, t.Said, mark); err != nil {
			return err
		}
	}
	if more := len(r.Troubles) + r.More - shownTroubles; more > 0 {
		if _, err := fmt.Fprintf(w, "… and %d more\n", more); err != nil {
			return err
		}
	}
	end := "Nothing was written yet: load it with --load, or on the page."
	switch {
	case r.Approval != 0:
		end = "Loaded. Another person approves these scores before they show."
	case r.Loaded:
		end = "Loaded."
	}
	_, err := fmt.Fprintf(w, "upload %d: %d rows read, %d fit, %d refused, %d odd, in %.1f s\n%s\n", r.Upload, r.Read, r.Fit, r.Refused, r.Odd, r.Seconds, end)
	return err
}
