// Command precinct-verify follows published records again without asking anybody: it needs no database, no network and no account, and imports only pure
// packages of this repository.
//
// It ends with 0 if everything in the record follows, with 1 if something does not, and with 2 if it was not asked properly.
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/openprecinct/precinct/election/audit/record"
	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/cdf"
	"github.com/openprecinct/precinct/election/cvr/clearballot"
	"github.com/openprecinct/precinct/election/cvr/dominion"
	"github.com/openprecinct/precinct/election/cvr/ess"
	"github.com/openprecinct/precinct/election/cvr/grid"
	"github.com/openprecinct/precinct/election/cvr/hart"
	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/election/cvr/vendor"
	"github.com/openprecinct/precinct/election/manifest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

//go:embed es.json
var spanish []byte

// How the command ends.
const (
	follows    = 0
	doesNot    = 1
	notProper  = 2
	usageLines = `Usage: precinct-verify audit [--commitment SHA256] [--last SHA256] [--seed TEXT] [--lang en|es] FILE

Follows the published record of an audit again: files, sample, discrepancies, tallies and p-values.

  --commitment  the fingerprint that was published before the seed was rolled
  --last        the fingerprint of the last step that was published
  --seed        the seed that you heard or saw
  --lang        en or es
`
)

func main() { os.Exit(run(os.Args[1:], os.Getenv("LANG"), os.Stdout, os.Stderr)) }

func run(args []string, locale string, out, trouble io.Writer) int {
	o, err := parse(args, locale)
	if err != nil {
		say(trouble, "%s\n\n%s", err, usageLines)
		return notProper
	}
	t, err := translator(o.lang)
	if err != nil {
		say(trouble, "%v\n", err)
		return notProper
	}
	verdict, err := verify(o)
	var f *fault.Error
	switch {
	case err == nil:
	case errors.As(err, &f):
		report(out, t, verdict)
		say(out, "\n%s\n  %s\n", t.T("The record does not follow. The first thing that does not:"), t.T(f.Format, f.Args...))
		return doesNot
	default:
		say(trouble, "%v\n", err)
		return notProper
	}
	report(out, t, verdict)
	conclude(out, t, verdict)
	return follows
}

// say writes; whoever closed the other end does not want to hear.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

type options struct {
	file   string
	expect record.Expect
	lang   words.Lang
}

func parse(args []string, locale string) (o options, err error) {
	if len(args) == 0 || args[0] != "audit" {
		return o, errors.New("say what is to be verified: audit")
	}
	set := flag.NewFlagSet("audit", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.expect.Commitment, "commitment", "", "")
	set.StringVar(&o.expect.Last, "last", "", "")
	set.StringVar(&o.expect.Seed, "seed", "", "")
	lang := set.String("lang", strings.ToLower(locale[:min(2, len(locale))]), "")
	for rest := args[1:]; ; rest = set.Args()[1:] { // options may stand behind the file too
		if err := set.Parse(rest); err != nil {
			return o, fmt.Errorf("%w", err)
		}
		if set.NArg() == 0 {
			break
		}
		if o.file != "" {
			return o, fmt.Errorf("name one file, not %s and %s", o.file, set.Arg(0))
		}
		o.file = set.Arg(0)
	}
	if o.file == "" {
		return o, errors.New("name the file with the record")
	}
	o.lang = words.EN
	if l, ok := words.ParseLang(*lang); ok {
		o.lang = l
	}
	return o, nil
}

func translator(lang words.Lang) (words.Translator, error) {
	c, err := words.NewCatalog(spanish, record.Spanish, manifest.Spanish, cvr.Spanish, table.Spanish, grid.Spanish, vendor.Spanish,
		dominion.Spanish, clearballot.Spanish, ess.Spanish, hart.Spanish, cdf.Spanish)
	if err != nil {
		return words.Translator{}, fmt.Errorf("reading translations: %w", err)
	}
	return c.In(lang), nil
}

func verify(o options) (v *record.Verdict, err error) {
	f, err := os.Open(o.file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return record.Verify(f, info.Size(), o.expect)
}

// report says what was proven.
func report(out io.Writer, t words.Translator, v *record.Verdict) {
	if len(v.Proven) == 0 {
		return
	}
	say(out, "%s\n", t.T("Proven, in the order of the record:"))
	for i, p := range v.Proven {
		say(out, "%3d. %s\n", i+1, t.T(p.Format, p.Args...))
	}
}

func conclude(out io.Writer, t words.Translator, v *record.Verdict) {
	say(out, "\n%s\n", t.T("Everything in the record follows."))
	for _, c := range v.Contests {
		switch {
		case c.Rounds == 0:
			say(out, "  %s\n", t.T("“%s”: nothing was audited yet.", c.Contest))
		case c.Waiting:
			say(out, "  %s\n", t.T("“%s”: a round is drawn and not audited yet. Before it, the p-value was %s.", c.Contest, fmt.Sprintf("%.4g", c.P)))
		case c.Met:
			say(out, "  %s\n", t.T("“%s”: if the outcome were wrong, a sample as good as this one would have had a chance of at most %s. That is within the risk limit: the audit confirms the outcome.", c.Contest, fmt.Sprintf("%.4g", c.P)))
		default:
			say(out, "  %s\n", t.T("“%s”: the p-value is %s, above the risk limit: the audit does not confirm the outcome yet.", c.Contest, fmt.Sprintf("%.4g", c.P)))
		}
	}
	say(out, "%s\n", t.T("No file can prove that the papers are those that were cast, or that people wrote down what they saw. Those who watched can."))
}
