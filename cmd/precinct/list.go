package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// whom is what the commands of lists ask about.
type whom struct {
	where
	answer
	Criteria string `help:"JSON file that describes the people (docs/criteria.md); - reads it from standard input." placeholder:"FILE"`
	List     int64  `help:"A saved list or search instead." placeholder:"ID"`
	File     int64  `help:"Voter file; needed when the organization may see several." placeholder:"ID"`
	Channel  string `help:"For contact by this way: who does not wish it is taken out. door, phone, text, mail or email." enum:",door,phone,text,mail,email" default:""`
	Dropped  bool   `help:"Also people who are no longer in the newest file."`
	Org      int64  `help:"Organization to ask for; needed when the site has several." placeholder:"ID"`
}

// listSite is an open site with its lists.
type listSite struct {
	*app.Site
	actor org.Actor
	lists *liststore.Store
	ask   liststore.Ask
	began time.Time
}

// open opens the site with the segment of the voter file asked about, up to date.
func (c whom) with(ctx context.Context, act func(listSite) error) error {
	return c.withActor(ctx, c.Org, func(site *app.Site, actor org.Actor) (err error) {
		engine := field.Segments(&site.Ground)
		defer func() { err = errors.Join(err, engine.Close()) }()
		s := listSite{Site: site, actor: actor, lists: field.Lists(&site.Ground, engine)}
		if s.ask, err = c.askOf(ctx, s); err != nil {
			return err
		}
		if err := s.lists.Ready(ctx, actor, s.ask.File); err != nil {
			return err
		}
		s.began = time.Now()
		return act(s)
	})
}

// askOf reads what is asked.
func (c whom) askOf(ctx context.Context, s listSite) (liststore.Ask, error) {
	if (c.Criteria == "") == (c.List == 0) {
		return liststore.Ask{}, errors.New("say who: --criteria FILE, or --list ID")
	}
	if c.List != 0 {
		saved, err := s.lists.List(ctx, s.actor, liststore.ListID(c.List))
		if err != nil {
			return liststore.Ask{}, err
		}
		k := saved.Ask
		if saved.Kind == liststore.Frozen {
			k.Criteria = liststore.Of(saved.ID)
		}
		if c.Channel != "" {
			k.Channel = liststore.Channel(c.Channel)
		}
		return k, nil
	}
	k := liststore.Ask{Channel: liststore.Channel(c.Channel), Dropped: c.Dropped}
	var err error
	if k.File, err = fileOf(ctx, s, c.File); err != nil {
		return k, err
	}
	b, err := readInput(c.Criteria)
	if err != nil {
		return k, err
	}
	if k.Criteria, err = list.Parse(b); err != nil {
		return k, fmt.Errorf("%s: %w", c.Criteria, err)
	}
	return k, nil
}

func readInput(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, 2<<20))
	}
	return os.ReadFile(path)
}

// fileOf returns the voter file with an id, or the only one there is.
func fileOf(ctx context.Context, s listSite, id int64) (voterfile.FileID, error) {
	files, err := s.lists.Files(ctx, s.actor)
	switch {
	case err != nil:
		return 0, err
	case id != 0:
		return voterfile.FileID(id), nil
	case len(files) == 0:
		return 0, errors.New("there is no voter file here yet: 'precinct field voterfile import' brings one in")
	case len(files) > 1:
		return 0, fmt.Errorf("this organization may see %d voter files: choose one with --file ID", len(files))
	}
	return files[0].ID, nil
}

type listCountCmd struct{ whom }

// counted is what 'field list count' answers.
type counted struct {
	liststore.Counts
	Sentence string                `json:"sentence"`
	Steps    []liststore.StepCount `json:"steps"`
	Epoch    int64                 `json:"epoch"`
	Slow     bool                  `json:"slow,omitempty"`
	Millis   float64               `json:"ms"`
	Doubts   []string              `json:"doubts,omitempty"` // areas that hold nobody
}

func (c *listCountCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(site listSite) error {
		n, err := site.lists.Count(ctx, site.actor, site.ask)
		if err != nil {
			return err
		}
		r := counted{Counts: n.Counts, Sentence: sentenceOf(site, n.Checked), Steps: n.Steps, Epoch: n.Epoch, Slow: n.Slow, Millis: float64(n.Took.Microseconds()) / 1000}
		doubts, err := site.lists.Doubts(ctx, site.actor, site.ask)
		if err != nil {
			return err
		}
		for _, p := range doubts {
			r.Doubts = append(r.Doubts, p.Sentence(site.Words.In(words.EN)))
		}
		if c.JSON {
			return printJSON(s.out, r)
		}
		for _, d := range r.Doubts {
			_, _ = fmt.Fprintf(s.err, "Look again: %s\n", d)
		}
		_, err = fmt.Fprintf(s.out, "%s\n%12d people\n%12d doors\n%12d phone numbers\n%12d email addresses\ncounted in %.1f ms, as of ledger entry %d\n",
			r.Sentence, r.People, r.Doors, r.Phones, r.Emails, r.Millis, r.Epoch)
		return err
	})
}

func sentenceOf(site listSite, c liststore.Checked) string {
	return list.Plain(list.Sentence(c.Whole, c.Catalog, site.Words.In(words.EN)))
}

type listExplainCmd struct{ whom }

func (c *listExplainCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(site listSite) error {
		n, err := site.lists.Count(ctx, site.actor, site.ask)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, map[string]any{"sentence": sentenceOf(site, n.Checked), "criteria": n.Whole, "plan": list.Explain(n.Plan), "steps": n.Steps})
		}
		_, _ = fmt.Fprintln(s.out, sentenceOf(site, n.Checked))
		for i, step := range list.Steps(n.Whole, n.Catalog, site.Words.In(words.EN)) {
			always := ""
			if n.Steps[i].Always {
				always = "  (always on)"
			}
			_, _ = fmt.Fprintf(s.out, "%12d  %s %s%s\n", n.Steps[i].After, step.Label, list.Plain(step.Pieces), always)
		}
		_, err = fmt.Fprintf(s.out, "\n%s", list.Explain(n.Plan))
		return err
	})
}

type listBuildCmd struct {
	where
	answer
	File int64 `help:"Voter file; needed when the organization may see several." placeholder:"ID"`
	Org  int64 `help:"Organization to act for; needed when the site has several." placeholder:"ID"`
}

func (c *listBuildCmd) Run(ctx context.Context, s streams) error {
	return c.withActor(ctx, c.Org, func(site *app.Site, actor org.Actor) (err error) {
		engine := field.Segments(&site.Ground)
		defer func() { err = errors.Join(err, engine.Close()) }()
		in := listSite{Site: site, actor: actor, lists: field.Lists(&site.Ground, engine)}
		file, err := fileOf(ctx, in, c.File)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := in.lists.Build(ctx, actor, file); err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, map[string]any{"file": file, "seconds": time.Since(began).Seconds()})
		}
		_, err = fmt.Fprintf(s.out, "The segment of voter file %d is built anew, in %.1f s.\n", file, time.Since(began).Seconds())
		return err
	})
}

type listExportCmd struct {
	whom
	Form     string   `help:"csv, xlsx, walk, calls or labels." enum:"csv,xlsx,walk,calls,labels" default:"csv"`
	Columns  []string `help:"Columns of a table, by key; 'all' prints the keys there are." placeholder:"KEY"`
	Purpose  string   `help:"What the export is for; it goes into the ledger." required:""`
	Title    string   `help:"Title of a printed form."`
	Order    string   `help:"walk or name." enum:"walk,name" default:"walk"`
	Each     string   `help:"Labels for each person or household." enum:"person,household" default:"person"`
	Scan     bool     `help:"A bar code beside every answer of a walk list or call sheet."`
	Result   []string `help:"Results to tick on a printed form: not_home, refused …" placeholder:"RESULT"`
	Question []int64  `help:"Questions on a printed form." placeholder:"ID"`
	Code     []int64  `help:"Activist codes on a printed form." placeholder:"ID"`
	Lang     string   `help:"Language of heads and forms." enum:"en,es" default:"en"`
	To       string   `help:"File to write; it must not exist. Default: standard output." placeholder:"FILE"`
}

func (c *listExportCmd) request(k liststore.Ask) export.Request {
	r := export.Request{Ask: k, List: liststore.ListID(c.List), Form: export.Form(c.Form), Columns: c.Columns, Purpose: c.Purpose, Lang: words.Lang(c.Lang),
		Sheet: export.Sheet{Title: c.Title, Household: c.Each == "household", Scan: c.Scan, Questions: c.Question, Codes: c.Code}}
	if c.Order == "name" {
		r.Order = liststore.ByName
	}
	if len(r.Columns) == 0 {
		r.Columns = export.UsualColumns
	}
	for _, x := range c.Result {
		r.Sheet.Results = append(r.Sheet.Results, contact.Result(x))
	}
	return r
}

func (c *listExportCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(site listSite) error {
		exports := field.Exports(&site.Ground, site.lists)
		if len(c.Columns) == 1 && c.Columns[0] == "all" {
			return printColumns(ctx, s.out, site, exports)
		}
		e, err := exports.Ask(ctx, site.actor, c.request(site.ask))
		if err != nil {
			return err
		}
		out, done, err := c.output(s)
		if err != nil {
			return err
		}
		r, err := exports.Write(ctx, site.actor, e.ID, out)
		if err := errors.Join(err, done()); err != nil {
			return err
		}
		return c.say(s, e, r, time.Since(site.began))
	})
}

// output returns where the file goes, and what ends it.
func (c *listExportCmd) output(s streams) (io.Writer, func() error, error) {
	if c.To == "" {
		if c.JSON {
			return nil, nil, errors.New("--json prints an object: say with --to FILE where the export goes")
		}
		return s.out, func() error { return nil }, nil
	}
	f, err := os.OpenFile(filepath.Clean(c.To), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("making the file: %w", err)
	}
	return f, f.Close, nil
}

func (c *listExportCmd) say(s streams, e export.Export, r exchange.Receipt, took time.Duration) error {
	if c.JSON {
		return printJSON(s.out, map[string]any{"export": e.ID, "sentence": e.Sentence, "rows": r.Rows, "bytes": r.Bytes, "sha256": r.SHA256, "seconds": took.Seconds()})
	}
	_, err := fmt.Fprintf(s.err, "%s\nexport %d: %d people, %d bytes, SHA-256 %s, in %.1f s\n", e.Sentence, e.ID, r.Rows, r.Bytes, r.SHA256, took.Seconds())
	return err
}

func printColumns(ctx context.Context, w io.Writer, site listSite, exports *export.Store) error {
	all, err := exports.Columns(ctx, site.actor, site.ask.File)
	if err != nil {
		return err
	}
	for _, c := range all {
		if _, err := fmt.Fprintf(w, "%-24s %s\n", c.Key, c.Title); err != nil {
			return err
		}
	}
	return nil
}
