package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/election/cvr/vx"
	"github.com/openprecinct/precinct/election/tabulate"
	"github.com/openprecinct/precinct/internal/fault"
)

type cvrVerifyCmd struct {
	answer
	Dir   string `arg:"" help:"Folder of an export." type:"existingdir"`
	Trust string `help:"Certificate (PEM) of the authority whose machines are trusted. Without it a signature is only held against the certificate beside it." type:"existingfile" placeholder:"FILE"`
}

type cvrTallyCmd struct {
	answer
	Election string   `help:"Election package (zip) or definition (election.json)." required:"" type:"existingfile" placeholder:"FILE"`
	Dirs     []string `arg:"" name:"dir" help:"Folders of exports. A record that comes twice is counted once." type:"existingdir"`
	Unproven bool     `help:"Count exports too whose records are not those that the export binds."`
}

// exportReport is what is known of one export.
type exportReport struct {
	Folder    string        `json:"folder"`
	OK        bool          `json:"ok"`
	Records   int           `json:"cvrCount"`
	Root      string        `json:"castVoteRecordRootHash"`
	RootFits  bool          `json:"rootHashMatches"`
	Signature string        `json:"signature"` // valid, untrusted, missing or invalid
	Signer    *vx.Signer    `json:"signer,omitempty"`
	Why       string        `json:"signatureProblem,omitempty"`
	Test      bool          `json:"test"`
	Images    int           `json:"imagesChecked"`
	Missing   int           `json:"imagesMissing"`
	Rejected  int           `json:"rejectedSheets"`
	Asides    []asideReport `json:"quarantined"`
	Again     int           `json:"duplicates"` // records that were counted before
	Counted   bool          `json:"counted"`
}

type asideReport struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

func (r *exportReport) found(f *vx.Found, fits bool) {
	r.Records, r.Root, r.RootFits, r.Images, r.Missing, r.Rejected, r.Asides = f.Records, f.RootHash, fits, f.Images, f.ImagesMissing, f.Rejected, []asideReport{}
	for _, a := range f.Asides {
		r.Asides = append(r.Asides, asideReport{a.ID, a.Err.Error()})
	}
	r.OK = fits && len(f.Asides) == 0 && r.Signature != "invalid"
}

// signature looks for the signature beside the folder.
func (r *exportReport) signature(x *vx.Export, dir string, roots *x509.CertPool) {
	file, err := os.ReadFile(filepath.Clean(dir) + ".vxsig")
	if errors.Is(err, fs.ErrNotExist) {
		r.Signature = "missing"
		return
	}
	if err == nil {
		r.Signer, err = vx.Verify(vx.CastVoteRecords, x.Bytes, file, roots, time.Now())
	}
	switch {
	case err != nil:
		r.Signature, r.Why = "invalid", err.Error()
	case r.Signer.Trusted:
		r.Signature = "valid"
	default:
		r.Signature = "untrusted"
	}
}

// Run says whether an export is whole and unchanged.
func (c *cvrVerifyCmd) Run(s streams) error {
	var roots *x509.CertPool
	if c.Trust != "" {
		data, err := os.ReadFile(c.Trust)
		if err != nil {
			return err
		}
		if roots = x509.NewCertPool(); !roots.AppendCertsFromPEM(data) {
			return fmt.Errorf("%s holds no certificate in PEM", c.Trust)
		}
	}
	x, err := vx.Open(os.DirFS(c.Dir))
	if err != nil {
		return err
	}
	r := &exportReport{Folder: c.Dir, Test: x.Test}
	r.signature(x, c.Dir, roots)
	f, err := x.Read(vx.Options{Workers: runtime.GOMAXPROCS(0), Images: true}, func(_ int, one *vx.Record) error {
		if x.Metadata.Election != "" && one.Election != x.Metadata.Election {
			return fault.Invalidf("Record %s is of another election than its export.", one.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.found(f, x.RootMatches(f))
	if c.JSON {
		err = printJSON(s.out, r)
	} else {
		r.print(s.out)
	}
	if err == nil && !r.OK {
		err = errSaid
	}
	return err
}

func (r *exportReport) print(w io.Writer) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("%d records read, %d set aside, %d rejected sheets; %d pictures fit, %d are not there.", r.Records, len(r.Asides), r.Rejected, r.Images, r.Missing)
	if r.RootFits {
		line("The records are those that the export binds: none changed, none missing, none added.")
	} else {
		line("The records are NOT those that the export binds: one was changed, removed or added since. Export again from the machine.")
	}
	switch r.Signature {
	case "valid":
		line("Signed by machine %s (%s, %s), which is trusted.", r.Signer.MachineID, r.Signer.Component, r.Signer.Jurisdiction)
	case "untrusted":
		line("Signed by the certificate beside it (%s, %s). Give --trust to say whose machines you trust.", r.Signer.Component, r.Signer.Jurisdiction)
	case "missing":
		line("There is no signature beside the folder: who made it is not proven.")
	case "invalid":
		line("The signature is NOT good: %s", r.Why)
	}
	for _, a := range r.Asides {
		line("set aside  %s", a.Reason)
	}
}

// tallied is a count of several exports.
type tallied struct {
	mu     sync.Mutex
	seen   map[string]countedRecord
	mine   []string // ids that the export being read brought
	again  int      // its records that were counted before
	totals *tabulate.Totals
}

type countedRecord struct {
	hash   [32]byte
	folder string
}

// first reports whether a record was not counted before; one that differs from the one counted is an error.
func (t *tallied) first(r *vx.Record, folder string) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, ok := t.seen[r.ID]
	switch {
	case !ok:
		t.seen[r.ID] = countedRecord{r.Hash, folder}
		t.mine = append(t.mine, r.ID)
		return true, nil
	case before.hash == r.Hash:
		t.again++
		return false, nil
	}
	return false, fault.Conflictf("Record %s says something else here than in %s, where it was counted. Look at both.", r.ID, before.folder)
}

type contestTally struct {
	Ballots    int64            `json:"ballots"`
	Undervotes int64            `json:"undervotes"`
	Overvotes  int64            `json:"overvotes"`
	Votes      map[string]int64 `json:"votes"`
}

type tallyReport struct {
	Complete bool                    `json:"complete"` // nothing was set aside, nothing changed
	Records  int                     `json:"cvrCount"`
	Root     string                  `json:"castVoteRecordRootHash,omitempty"`
	Exports  []exportReport          `json:"exports"`
	Contests map[string]contestTally `json:"contests"`
}

// Run counts exports.
func (c *cvrTallyCmd) Run(s streams) error {
	d, _, err := openElection(c.Election)
	if err != nil {
		return err
	}
	reader, t := vx.NewReader(d), &tallied{seen: map[string]countedRecord{}, totals: tabulate.New(&d.Election, tabulate.Rules{})}
	report := tallyReport{Complete: true, Contests: map[string]contestTally{}}
	mode := map[bool]bool{}
	for _, dir := range c.Dirs {
		r, err := t.export(d, reader, dir, c.Unproven)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		mode[r.Test] = true
		report.Complete = report.Complete && r.OK
		report.Exports = append(report.Exports, *r)
	}
	if len(mode) > 1 {
		return fault.Invalidf("Some of these exports are of a test and some are not: they are never counted together.")
	}
	report.Records = len(t.seen)
	if len(report.Exports) == 1 {
		report.Root = report.Exports[0].Root
	}
	report.contests(d, t.totals.All())
	if c.JSON {
		err = printJSON(s.out, report)
	} else {
		report.print(s.out, d)
	}
	if err == nil && !report.Complete {
		err = errSaid
	}
	return err
}

// export counts one export. Unless unproven is set, nothing is counted of one whose records are not those that it binds.
func (t *tallied) export(d *ballot.Definition, reader *vx.Reader, dir string, unproven bool) (*exportReport, error) {
	x, err := vx.Open(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	r := &exportReport{Folder: dir, Test: x.Test}
	r.signature(x, dir, nil)
	totals := make([]*tabulate.Totals, runtime.GOMAXPROCS(0))
	for i := range totals {
		totals[i] = tabulate.New(&d.Election, tabulate.Rules{})
	}
	t.mine, t.again = t.mine[:0], 0
	f, err := x.Read(vx.Options{Workers: len(totals)}, func(w int, one *vx.Record) error {
		sheet, err := reader.Sheet(one)
		if err != nil {
			return err
		}
		if first, err := t.first(one, dir); !first {
			return err
		}
		return totals[w].Add(sheet)
	})
	if err != nil {
		return nil, err
	}
	r.found(f, x.RootMatches(f))
	r.Again, r.Counted = t.again, r.RootFits && r.Signature != "invalid" || unproven
	for _, one := range totals {
		if r.Counted {
			t.totals.Merge(one)
		}
	}
	for _, id := range t.mine {
		if !r.Counted {
			delete(t.seen, id)
		}
	}
	return r, nil
}

func (r *tallyReport) contests(d *ballot.Definition, all tabulate.Result) {
	for i, c := range d.Contests {
		n := all.Counts[i]
		if n.Ballots == 0 {
			continue
		}
		votes := map[string]int64{}
		for o, v := range n.Votes {
			if v > 0 {
				votes[c.Options[o].ID] = v
			}
		}
		if n.Written > 0 {
			votes["write-in"] = n.Written
		}
		r.Contests[c.ID] = contestTally{n.Ballots, n.Under, n.Over, votes}
	}
}

func (r *tallyReport) print(w io.Writer, d *ballot.Definition) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	for _, x := range r.Exports {
		line("%s", x.Folder)
		x.print(w)
		if x.Again > 0 {
			line("%d of its records were counted before and are not counted again.", x.Again)
		}
		if !x.Counted {
			line("NOTHING of it is counted.")
		}
		line("")
	}
	if !r.Complete {
		line("INCOMPLETE: what follows leaves out what is set aside above.\n")
	}
	for _, c := range d.Contests {
		t, ok := r.Contests[c.ID]
		if !ok {
			continue
		}
		line("%s: %d ballots, vote for %d", c.Title, t.Ballots, c.Seats)
		for _, o := range c.Options {
			line("%8d  %s", t.Votes[o.ID], o.Name)
		}
		if c.WriteIns {
			line("%8d  written names", t.Votes["write-in"])
		}
		line("%8d  overvotes\n%8d  undervotes\n", t.Overvotes, t.Undervotes)
	}
	if slices.ContainsFunc(r.Exports, func(x exportReport) bool { return x.Test }) {
		line("%s", strings.ToUpper("These are test ballots."))
	}
}
