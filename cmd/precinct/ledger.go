package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/web"
)

// openLedger opens a site's database as it is: nothing is migrated, sealed or appended, because whoever
// checks a record must not touch it.
func (w where) openLedger(ctx context.Context) (*db.DB, string, error) {
	c, err := w.config()
	if err != nil {
		return nil, "", err
	}
	if err := mustExist(c); err != nil {
		return nil, "", err
	}
	dir := c.Files
	if dir == "" {
		dir = c.DB.Dir
	}
	d, err := db.Open(ctx, c.DB)
	return d, dir, err
}

type ledgerVerifyCmd struct {
	where
	answer
	Since []string `help:"File with a checkpoint that was kept elsewhere; the ledger must have grown from it." type:"existingfile" sep:"none" placeholder:"FILE"`
}

func (c *ledgerVerifyCmd) Run(ctx context.Context, s streams) error {
	d, dir, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	r, err := c.verify(ctx, d, dir)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(s.out, verifyAnswer(r))
	} else {
		err = printVerified(s.out, r)
	}
	if err == nil && !r.OK() {
		return errSaid
	}
	return err
}

func (c *ledgerVerifyCmd) verify(ctx context.Context, d *db.DB, dir string) (ledger.Report, error) {
	seal, err := ledger.OpenSeal(dir)
	if err != nil {
		return ledger.Report{}, err
	}
	o := ledger.Options{Keys: seal.Keys()}
	if o.Checkpoints, err = seal.Anchors(); err != nil {
		return ledger.Report{}, err
	}
	for _, p := range c.Since {
		kept, err := readCheckpoints(p)
		if err != nil {
			return ledger.Report{}, err
		}
		o.Checkpoints = append(o.Checkpoints, kept...)
	}
	return ledger.Verify(ctx, d, o)
}

func readCheckpoints(path string) (all []ledger.Checkpoint, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if all, err = ledger.ReadCheckpoints(f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no checkpoint", path)
	}
	return all, nil
}

func verifyAnswer(r ledger.Report) map[string]any {
	findings := []map[string]any{}
	for _, f := range r.Findings {
		findings = append(findings, map[string]any{"entry": f.Entry, "tamper": f.Tamper, "what": f.Fault.Error()})
	}
	return map[string]any{"ok": r.OK(), "entries": r.Entries, "root": r.Root, "checkpoints": r.Checkpoints,
		"personal": r.Personal, "erased": r.Erased, "clockSetBack": r.Clock, "findings": findings}
}

func printVerified(w io.Writer, r ledger.Report) error {
	if r.OK() {
		_, err := fmt.Fprintf(w, "The ledger is what was written: %d entries, %d checkpoints agree, root %s.\n", r.Entries, r.Checkpoints, r.Root)
		return err
	}
	_, err := fmt.Fprintf(w, "THE LEDGER WAS CHANGED. %d entries read.\n", r.Entries)
	for _, f := range r.Findings {
		_, _ = fmt.Fprintf(w, "- entry %d, %s: %s\n", f.Entry, f.Tamper, f.Fault.Error())
	}
	_, _ = fmt.Fprintln(w, "Stop writing to this site, copy the database and the files beside it, and compare with your last backup.")
	return err
}

type ledgerProveCmd struct {
	where
	Entry int64 `arg:"" help:"Number of the entry."`
}

func (c *ledgerProveCmd) Run(ctx context.Context, s streams) error {
	d, _, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	p, err := ledger.Prove(ctx, d, c.Entry)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	_, err = io.WriteString(s.out, p.Text())
	return err
}

type ledgerCheckCmd struct {
	answer
	Proof string   `arg:"" help:"File with the proof." type:"existingfile"`
	Key   []string `help:"Public key, or a file of them (ledger.pub), that may have signed it." required:"" sep:"none"`
}

func (c *ledgerCheckCmd) Run(s streams) error {
	text, err := os.ReadFile(c.Proof)
	if err != nil {
		return err
	}
	var keys []string
	for _, k := range c.Key {
		if b, err := os.ReadFile(k); err == nil {
			keys = append(keys, strings.Fields(string(b))...)
			continue
		}
		keys = append(keys, k)
	}
	p, err := ledger.CheckProof(string(text), keys)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, map[string]any{"ok": true, "entry": p.Number, "record": string(p.Record), "of": p.Checkpoint.Size})
	}
	_, err = fmt.Fprintf(s.out, "Entry %d is one of the %d that the checkpoint counts:\n%s\n", p.Number, p.Checkpoint.Size, p.Record)
	return err
}

type ledgerCheckpointCmd struct{ where }

func (c *ledgerCheckpointCmd) Run(ctx context.Context, s streams) error {
	d, dir, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	seal, err := ledger.OpenSeal(dir)
	var p ledger.Checkpoint
	if err == nil {
		p, err = seal.Checkpoint(ctx, d)
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	_, err = io.WriteString(s.out, p.Note)
	return err
}

type ledgerDocCmd struct{}

func (c *ledgerDocCmd) Run(s streams) error {
	doc, err := ledger.Doc(app.Kinds(programs(web.Organizing)))
	if err != nil {
		return err
	}
	_, err = s.out.Write(doc)
	return err
}
