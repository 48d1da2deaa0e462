// Command precinct is the whole product: it makes a site, serves it, and does by command what the pages do.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/web"
)

// cli is every command. A command that touches data embeds where; one that answers embeds answer.
type cli struct {
	Demo    demoCmd    `cmd:"" help:"Start an organizing site and an office site with made-up data, and print a link that signs you in."`
	Init    initCmd    `cmd:"" help:"Make a new site and print the link with which its first owner signs in."`
	Serve   serveCmd   `cmd:"" help:"Serve a site."`
	Migrate migrateCmd `cmd:"" help:"Bring a site's database forward to this program."`
	Doctor  doctorCmd  `cmd:"" help:"Check a site and say what is wrong."`
	Backup  backupCmd  `cmd:"" help:"Copy a site's embedded database while it runs."`
	Account struct {
		Link  accountLinkCmd  `cmd:"" help:"Print a one-time link that signs a person in, for when nothing else works."`
		End   accountEndCmd   `cmd:"" help:"Disable an account and end its sessions at once."`
		Reset accountResetCmd `cmd:"" help:"Clear the passkeys, password and codes of somebody who lost them, and print a one-time link. Only says so without --yes."`
	} `cmd:"" help:"Accounts."`
	Org struct {
		Zone orgZoneCmd `cmd:"" help:"Say in which time zone an organization works. The first voter file chooses one by its state."`
	} `cmd:"" help:"Organizations."`
	Ledger struct {
		Verify     ledgerVerifyCmd     `cmd:"" help:"Recompute the whole ledger and name the first entry that is not what it was."`
		Prove      ledgerProveCmd      `cmd:"" help:"Prove that an entry is in the ledger, in a text that can be checked without this site."`
		Check      ledgerCheckCmd      `cmd:"" help:"Check a proof made by 'ledger prove'."`
		Checkpoint ledgerCheckpointCmd `cmd:"" help:"Sign the ledger as it is now and print the checkpoint to keep elsewhere."`
		Doc        ledgerDocCmd        `cmd:"" help:"Print the catalogue of kinds of entries (docs/ledger.md)."`
	} `cmd:"" help:"The ledger: who did what."`
	Field struct {
		Voterfile struct {
			Import   importCmd   `cmd:"" help:"Import a state's voter file: rehearse, then load."`
			Synth    synthCmd    `cmd:"" help:"Write the files of a state that does not exist, in a real layout."`
			Row      rowCmd      `cmd:"" help:"Print the raw row that a voter's record came from, and check its hash."`
			Refusals refusalsCmd `cmd:"" help:"Print what was refused or doubtful in an import, as CSV."`
		} `cmd:"" help:"Voter files."`
		Person struct {
			Find findCmd `cmd:"" help:"Look people up by name, address, phone or id."`
		} `cmd:"" help:"People."`
		List struct {
			Count   listCountCmd   `cmd:"" help:"Count the people, doors, phones and emails that a criteria describes."`
			Explain listExplainCmd `cmd:"" help:"Say in words what a criteria asks, step by step."`
			Export  listExportCmd  `cmd:"" help:"Write the people of a list to a file."`
			Build   listBuildCmd   `cmd:"" help:"Build the segment that lists are counted from anew."`
		} `cmd:"" help:"Lists of people."`
		Upload uploadCmd `cmd:"" help:"Take in answers, codes, scores, numbers or attempts from a file: rehearse, then load."`
		Turf   struct {
			Cut  turfCutCmd  `cmd:"" help:"Cut a city's doors into turfs that people walk, each in walk order."`
			Tour turfTourCmd `cmd:"" help:"Find a short round tour through the places of a TSPLIB file."`
		} `cmd:"" help:"Turf: doors that one person walks in one go."`
	} `cmd:"" help:"Talking with voters."`
	Election electionCmd `cmd:"" help:"Ballots on paper: counted, audited, proven."`
	Bench    struct {
		Voterfile benchVoterfileCmd `cmd:"" help:"Measure import and look-up on both databases and print the table of docs/performance.md."`
		Lists     benchListsCmd     `cmd:"" help:"Measure how fast lists are counted, beside both databases, and print the tables of docs/performance.md."`
		Turf      benchTurfCmd      `cmd:"" help:"Measure cutting and walk order beside the naive method, and print the tables of docs/performance.md."`
		Canvass   benchCanvassCmd   `cmd:"" help:"Measure how many phones a site hears at once, and look for what it forgets when it is killed, and print the table of docs/performance.md."`
		Audit     benchAuditCmd     `cmd:"" help:"Measure the mathematics of audits and ranked counts beside the naive way, and print the table of docs/performance.md."`
	} `cmd:"" help:"Measurements."`
	Version versionCmd `cmd:"" help:"Print the version of this program."`
}

// streams are where a command reads and writes; tests put their own.
type streams struct {
	out io.Writer
	err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run runs one command line and returns the exit status: 0 only when all went well, 2 for a command line
// that cannot be understood, 1 for everything else.
func run(ctx context.Context, args []string, s streams) int {
	if err := ledger.Declare(app.Kinds(programs(web.Organizing))); err != nil {
		_, _ = fmt.Fprintln(s.err, "precinct:", err)
		return 1
	}
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("precinct"), kong.Writers(s.out, s.err),
		kong.Description("Open-source software for the people who make elections happen."),
		findWords(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Exit(func(code int) { exited = code; panic(errHelp) }))
	if err != nil {
		_, _ = fmt.Fprintln(s.err, "precinct:", err)
		return 2
	}
	k, err := parse(parser, args)
	if errors.Is(err, errHelp) {
		return exited
	}
	if err != nil {
		_, _ = fmt.Fprintf(s.err, "precinct: %v\nRun 'precinct --help' to see every command.\n", err)
		return 2
	}
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(s)
	if err := k.Run(); err != nil {
		report(k, s, err)
		return 1
	}
	return 0
}

var errHelp = errors.New("help was printed")

// parse turns kong's exit after --help, which a test must survive, into an error.
func parse(p *kong.Kong, args []string) (k *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok && errors.Is(e, errHelp) {
				err = errHelp
				return
			}
			panic(r)
		}
	}()
	return p.Parse(args)
}

// answer is embedded by commands whose result a program may read.
type answer struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

func (a answer) wantsJSON() bool { return a.JSON }

// report prints an error: one sentence for people, one object for programs that asked for JSON.
func report(k *kong.Context, s streams, err error) {
	if errors.Is(err, errSaid) {
		return
	}
	if a, ok := k.Selected().Target.Addr().Interface().(interface{ wantsJSON() bool }); ok && a.wantsJSON() {
		_ = printJSON(s.out, map[string]any{"error": err.Error()})
		return
	}
	_, _ = fmt.Fprintln(s.err, "precinct:", err)
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

type versionCmd struct{ answer }

func (c *versionCmd) Run(s streams) error {
	v := version()
	if c.JSON {
		return printJSON(s.out, map[string]any{"version": v})
	}
	_, err := fmt.Fprintln(s.out, "precinct", v)
	return err
}

// version names the commit this program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, kv := range info.Settings {
		if kv.Key == "vcs.revision" {
			v += " " + kv.Value
		}
	}
	return v
}
