package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/election/audit/record"
	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// auditRecordCmd makes a record from a folder. It goes as far as the folder does and says what comes next, so that it is run again after each step; the same
// folder gives the same record.
type auditRecordCmd struct {
	Dir string `arg:"" help:"Folder of the audit: commitment.json and parts/ before the seed; then seed.txt, rounds.json, and found-1.json, found-2.json … after each round." type:"existingdir"`
	Out string `help:"File for the record, to be published." required:"" placeholder:"FILE"`
}

// The files of the folder.
const (
	commitmentFile = "commitment.json"
	seedFile       = "seed.txt"
	roundsFile     = "rounds.json"
)

// plannedRound is a round as rounds.json has it.
type plannedRound struct {
	Contest string `json:"contest"`
	Draw    int    `json:"draw"`
	Polled  int    `json:"polled,omitempty"`
}

// foundInRound is what found-N.json holds.
type foundInRound struct {
	Found    []record.Found    `json:"found"`
	Combined []record.Combined `json:"combined,omitempty"`
}

// Run makes the record.
func (c *auditRecordCmd) Run(s streams) error {
	var b record.Builder
	if err := c.build(s, &b); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, out.Bytes(), 0o600); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.out, "Fingerprint of the last step, to publish with the record: %s\n", b.Last())
	return nil
}

func (c *auditRecordCmd) build(s streams, b *record.Builder) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }
	if err := c.parts(b); err != nil {
		return err
	}
	var begin record.Commitment
	if err := c.read(commitmentFile, &begin); err != nil {
		return err
	}
	print, err := b.Commit(begin)
	if err != nil {
		return err
	}
	say("Commitment, to publish before the seed: %s", print)
	seed, err := os.ReadFile(filepath.Join(c.Dir, seedFile))
	if errors.Is(err, fs.ErrNotExist) {
		say("Next: roll the seed in public and write it into %s.", seedFile)
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := b.Seed(strings.TrimSpace(string(seed))); err != nil {
		return err
	}
	var rounds []plannedRound
	if err := c.read(roundsFile, &rounds); errors.Is(err, fs.ErrNotExist) {
		say(`Next: say in %s what is drawn: [{"contest": "Mayor", "draw": 60}].`, roundsFile)
		return nil
	} else if err != nil {
		return err
	}
	for i, r := range rounds {
		more, err := c.round(s, b, i+1, r)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// round draws a round and takes in what was found. It reports false where that is not there yet.
func (c *auditRecordCmd) round(s streams, b *record.Builder, n int, r plannedRound) (bool, error) {
	draws, err := b.Draw(r.Contest, r.Draw, r.Polled)
	if err != nil {
		return false, err
	}
	list := filepath.Join(c.Dir, fmt.Sprintf("draws-%d.csv", n))
	if err := writeDraws(list, draws); err != nil {
		return false, err
	}
	name := fmt.Sprintf("found-%d.json", n)
	var found foundInRound
	if err := c.read(name, &found); errors.Is(err, fs.ErrNotExist) {
		_, _ = fmt.Fprintf(s.out, "Round %d, %s: %d draws are in %s. Next: write what is on the paper into %s.\n", n, r.Contest, len(draws), list, name)
		return false, nil
	} else if err != nil {
		return false, err
	}
	p, met, err := b.Audit(r.Contest, found.Found, found.Combined...)
	if err != nil {
		return false, err
	}
	done := "not met: draw another round"
	if met {
		done = "met"
	}
	_, _ = fmt.Fprintf(s.out, "Round %d, %s: p = %.6g; the risk limit is %s.\n", n, r.Contest, p, done)
	return true, nil
}

// parts adds every file below parts/.
func (c *auditRecordCmd) parts(b *record.Builder) error {
	root := filepath.Join(c.Dir, "parts")
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return fault.NotFoundf("The folder %s has no parts/ with manifests and records.", c.Dir)
		}
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(c.Dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		return b.AddPart(name, cvr.Source{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(path) }})
	})
}

// read reads a file of the folder, strictly.
func (c *auditRecordCmd) read(name string, to any) error {
	data, err := os.ReadFile(filepath.Join(c.Dir, name))
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fault.Invalidf("%s cannot be read: %s. docs/audit-record.md says what stands in it.", name, err.Error())
	}
	return nil
}

func writeDraws(path string, draws []record.Draw) error {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"Ticket", "Jurisdiction", "Tabulator", "Batch", "Position"})
	for _, d := range draws {
		position := ""
		if d.Position > 0 {
			position = strconv.Itoa(d.Position)
		}
		_ = w.Write([]string{d.Ticket, words.Armed(d.Jurisdiction), words.Armed(d.Tabulator), words.Armed(d.Batch), position})
	}
	w.Flush()
	return errors.Join(w.Error(), os.WriteFile(path, out.Bytes(), 0o600))
}
