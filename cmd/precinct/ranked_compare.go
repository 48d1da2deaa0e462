package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/openprecinct/precinct/election/ranked"
	"github.com/openprecinct/precinct/internal/words"
)

// rankedWords speaks the language that a command is asked for.
func rankedWords(lang string) (words.Translator, error) {
	cat, err := words.NewCatalog(ranked.Spanish)
	if err != nil {
		return words.Translator{}, err
	}
	l, ok := words.ParseLang(lang)
	if !ok {
		return words.Translator{}, fmt.Errorf("--lang %q: there are en and es", lang)
	}
	return cat.In(l), nil
}

type rankedTraceCmd struct {
	answer
	countedBy
	Config string `help:"The contest: RCTab's file of settings." required:"" placeholder:"FILE"`
	Ballot string `help:"The ballot's id: the vendor's, or the one in rctab_cvr.csv." required:"" placeholder:"ID"`
	Lang   string `help:"en or es." default:"en"`
}

// tracedBallot is a ballot and its way.
type tracedBallot struct {
	ID     string   `json:"id"`
	Source string   `json:"source"`
	Marks  string   `json:"ranks"`
	Pass   int      `json:"pass,omitempty"`
	Rounds []string `json:"rounds"`
}

func (c *rankedTraceCmd) Run(ctx context.Context, s streams) error {
	f, err := readContest(c.Config)
	if err != nil {
		return err
	}
	t, err := rankedWords(c.Lang)
	if err != nil {
		return err
	}
	ask, err := c.asker(&f.settings.Contest)
	if err != nil {
		return err
	}
	var found []ranked.Ballot
	p, err := f.profile(ctx, nil, func(b *ranked.Ballot) {
		if (b.ID == c.Ballot || b.VendorID == c.Ballot) && len(found) < 100 {
			one := *b
			one.Marks = slices.Clone(b.Marks)
			found = append(found, one)
		}
	})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("none of the %d ballots has the id %q; the ids are in the file that ends in _rctab_cvr.csv", p.Ballots, c.Ballot)
	}
	results, err := ranked.Tabulate(ctx, &f.settings.Contest, p, ask)
	if err != nil {
		return err
	}
	var all []tracedBallot
	for _, b := range found {
		for _, r := range results {
			all = append(all, tracedBallot{b.ID, f.settings.Sources[b.Source].Path, f.settings.Say(b.Marks, t), r.Pass, r.Tell(b.Marks, t)})
		}
	}
	if c.JSON {
		return printJSON(s.out, map[string]any{"ballots": all})
	}
	out := bufio.NewWriter(s.out)
	for _, b := range all {
		_, _ = fmt.Fprintf(out, "%s (%s): %s\n", b.ID, b.Source, b.Marks)
		for _, line := range b.Rounds {
			_, _ = fmt.Fprintln(out, " ", line)
		}
	}
	return out.Flush()
}

type rankedCompareCmd struct {
	answer
	countedBy
	Config string `help:"The contest: RCTab's file of settings." required:"" placeholder:"FILE"`
	Lang   string `help:"en or es." default:"en"`
}

// compared is what the command answers.
type compared struct {
	Contest string         `json:"contest"`
	Methods []methodWinner `json:"methods"`
	Names   []string       `json:"candidates"`
	Prefer  [][]int64      `json:"prefer"` // ballots that prefer the candidate of the row to that of the column
	Smith   []string       `json:"smithSet"`
	Loser   string         `json:"condorcetLoser,omitempty"`
	Rules   []string       `json:"otherRules"`
	contest *ranked.Contest
}

type methodWinner struct {
	Method  string   `json:"method"`
	Winners []string `json:"winners"`
	Why     string   `json:"why,omitempty"`
}

func (c *rankedCompareCmd) Run(ctx context.Context, s streams) error {
	f, err := readContest(c.Config)
	if err != nil {
		return err
	}
	t, err := rankedWords(c.Lang)
	if err != nil {
		return err
	}
	ask, err := c.asker(&f.settings.Contest)
	if err != nil {
		return err
	}
	p, err := f.profile(ctx, nil, nil)
	if err != nil {
		return err
	}
	contest := &f.settings.Contest
	results, err := ranked.Tabulate(ctx, contest, p, ask)
	if err != nil {
		return err
	}
	r := compared{Contest: contest.Name, Methods: methodsOf(ctx, contest, p, results, ask), contest: contest}
	r.pairs(ranked.Compare(contest, p))
	all, err := ranked.Options(ctx, contest, p, results, ask)
	if err != nil {
		return err
	}
	for i := range all {
		r.Rules = append(r.Rules, all[i].Say(contest, t))
	}
	if c.JSON {
		return printJSON(s.out, r)
	}
	return r.print(s.out)
}

// methodsOf counts by the contest's own method, and a contest with one seat by the others.
func methodsOf(ctx context.Context, contest *ranked.Contest, p *ranked.Profile, results []*ranked.Result, ask ranked.Asker) []methodWinner {
	own := methodWinner{Method: contest.Rules.Method.String()}
	for _, r := range results {
		for _, i := range r.Winners() {
			own.Winners = append(own.Winners, contest.NameOf(i))
		}
	}
	all := []methodWinner{own}
	if contest.Rules.Winners != 1 {
		return all
	}
	for _, m := range []ranked.Method{ranked.SingleWinner, ranked.TopTwo, ranked.BottomTwoRunoff} {
		if m == contest.Rules.Method {
			continue
		}
		other := *contest
		other.Rules.Method, other.Rules.BatchElimination, other.Rules.UntilTwoRemain = m, false, false
		w := methodWinner{Method: m.String()}
		if again, err := ranked.Tabulate(ctx, &other, p, ask); err != nil {
			w.Why = err.Error()
		} else {
			for _, i := range again[0].Winners() {
				w.Winners = append(w.Winners, contest.NameOf(i))
			}
		}
		all = append(all, w)
	}
	first := methodWinner{Method: "firstChoices"}
	most, _ := results[0].Votes(0, 0, results[0].Order[0])
	for _, i := range results[0].Order {
		if v, in := results[0].Votes(0, 0, i); in && v.Cmp(most) == 0 && i < len(contest.Candidates) {
			first.Winners = append(first.Winners, contest.NameOf(i))
		}
	}
	return append(all, first)
}

func (r *compared) pairs(k *ranked.Condorcet) {
	winner := methodWinner{Method: "condorcet"}
	for _, i := range k.Smith {
		r.Smith = append(r.Smith, r.contest.NameOf(i))
	}
	if k.Winner >= 0 {
		winner.Winners = r.Smith
	} else {
		winner.Why = "nobody beats everybody else; the Smith set is " + strings.Join(r.Smith, "; ")
	}
	r.Methods = append(r.Methods, winner)
	if k.Loser >= 0 {
		r.Loser = r.contest.NameOf(k.Loser)
	}
	for a := range r.contest.Candidates {
		r.Names = append(r.Names, r.contest.NameOf(a))
		row := make([]int64, len(r.contest.Candidates))
		for b := range row {
			row[b] = k.Pairs.Prefer(a, b)
		}
		r.Prefer = append(r.Prefer, row)
	}
}

func (r *compared) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, r.Contest)
	for _, m := range r.Methods {
		_, _ = fmt.Fprintf(t, "%s\t%s%s\n", m.Method, strings.Join(m.Winners, "; "), m.Why)
	}
	_, _ = fmt.Fprintln(t)
	_, _ = fmt.Fprintln(t, "Ballots that prefer the candidate of the row to that of the column:")
	for i := range r.Names {
		_, _ = fmt.Fprintf(t, "\t%d", i+1)
	}
	_, _ = fmt.Fprintln(t)
	for a, row := range r.Prefer {
		_, _ = fmt.Fprintf(t, "%d %s", a+1, r.Names[a])
		for b, n := range row {
			if a == b {
				_, _ = fmt.Fprint(t, "\t–")
				continue
			}
			_, _ = fmt.Fprintf(t, "\t%d", n)
		}
		_, _ = fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(r.Rules) == 0 {
		_, err := fmt.Fprintln(w, "\nNo other rule for overvotes, ranks left out, candidates ranked twice, batches or ties elects anybody else.")
		return err
	}
	_, err := fmt.Fprintln(w, "\n"+strings.Join(r.Rules, "\n"))
	return err
}
