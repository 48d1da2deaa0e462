package main

import (
	"bufio"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/election/ranked"
	"github.com/openprecinct/precinct/election/ranked/cast"
	"github.com/openprecinct/precinct/internal/words"
)

// countedBy names the contest and how its ties are decided, for every command that counts one.
type countedBy struct {
	Tie []string `help:"How a tie was decided that the rules leave to people, by round: 3='Rosa Peña'. May be given for several rounds." placeholder:"ROUND=NAME" sep:"none"`
}

// asker answers ties from the command line.
func (c countedBy) asker(contest *ranked.Contest) (ranked.Asker, error) {
	said := map[int]string{}
	for _, t := range c.Tie {
		round, name, ok := strings.Cut(t, "=")
		n, err := strconv.Atoi(round)
		if !ok || err != nil {
			return nil, fmt.Errorf("--tie %q: give a round and a name, as 3='Rosa Peña'", t)
		}
		said[n] = name
	}
	return func(t *ranked.Tie) (int, error) {
		for i, k := range t.Among {
			if contest.NameOf(k) == said[t.Round] {
				return i, nil
			}
		}
		return -1, nil
	}, nil
}

// contestFile is a contest as the command line names it.
type contestFile struct {
	path     string
	settings *ranked.Settings
}

// name is how files of reports call the contest: as its settings are called.
func (c *contestFile) name() string {
	base := filepath.Base(c.path)
	return fileWord(strings.TrimSuffix(strings.TrimSuffix(base, filepath.Ext(base)), "_config"))
}

func readContest(path string) (*contestFile, error) {
	b, err := os.ReadFile(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, err
	}
	s, err := ranked.ParseSettings(b)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", path, err)
	}
	return &contestFile{path, s}, nil
}

// open finds a source beside the settings.
func (c *contestFile) open(name string) (fs.FS, string, error) {
	full := name
	if !filepath.IsAbs(full) {
		full = filepath.Join(filepath.Dir(c.path), filepath.FromSlash(name))
	}
	full = filepath.Clean(full)
	if _, err := os.Stat(full); err != nil {
		return nil, "", err
	}
	return os.DirFS(filepath.Dir(full)), filepath.Base(full), nil
}

// profile reads all ballots; each is also handed to also.
func (c *contestFile) profile(ctx context.Context, by []ranked.Slice, also func(*ranked.Ballot)) (*ranked.Profile, error) {
	p := ranked.NewProfile(by...)
	err := cast.Each(ctx, c.settings, c.open, func(b *ranked.Ballot) error {
		p.Add(b)
		if also != nil {
			also(b)
		}
		return nil
	})
	return p, err
}

type rankedTabulateCmd struct {
	answer
	countedBy
	Config []string `help:"The contest: RCTab's file of settings, or a JSON list of such files. May be given several times." required:"" placeholder:"FILE" sep:"none"`
	Out    string   `help:"Folder for the reports. Of several contests each gets a folder in it." required:"" placeholder:"DIR"`
	Stamp  string   `help:"What names of files begin with. Default: the time." placeholder:"TEXT"`
	Quick  bool     `help:"Leave out what takes a second look at the ballots: whether another rule would elect somebody else."`
}

// tabulated is what the command answers for a contest.
type tabulated struct {
	Contest string   `json:"contest"`
	Config  string   `json:"config"`
	Winners []string `json:"winners"`
	Rounds  int      `json:"rounds"`
	Ballots int64    `json:"ballots"`
	Kinds   int      `json:"differentBallots"`
	Out     string   `json:"out"`
	Ignored []string `json:"ignoredKeys,omitempty"`
	Close   []string `json:"warnings,omitempty"`
	Seconds float64  `json:"seconds"`
}

func (c *rankedTabulateCmd) Run(ctx context.Context, s streams) error {
	contests, err := readContests(c.Config)
	if err != nil {
		return err
	}
	if c.Stamp == "" {
		c.Stamp = time.Now().Format("2006-01-02_15-04-05")
	}
	var all []tabulated
	used := map[string]bool{}
	for _, f := range contests {
		dir := c.Out
		if len(contests) > 1 {
			dir = filepath.Join(dir, folderFor(f.settings.Name, used))
		}
		t, err := c.tabulate(ctx, f, dir)
		if err != nil {
			if len(contests) > 1 {
				return fmt.Errorf("%s: %w", f.path, err)
			}
			return err
		}
		all = append(all, t)
	}
	if c.JSON {
		return printJSON(s.out, map[string]any{"contests": all})
	}
	for _, t := range all {
		if err := t.print(s.out); err != nil {
			return err
		}
	}
	return nil
}

// readContests reads every file of settings; one that is a list names others, relative to its folder.
func readContests(paths []string) ([]*contestFile, error) {
	var all []*contestFile
	for _, p := range paths {
		b, err := os.ReadFile(p) // #nosec G304 -- the operator names it
		if err != nil {
			return nil, err
		}
		var list []string
		if json.Unmarshal(b, &list) == nil {
			for i := range list {
				list[i] = filepath.Join(filepath.Dir(p), filepath.FromSlash(list[i]))
			}
		} else {
			list = []string{p}
		}
		for _, one := range list {
			c, err := readContest(one)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// folderFor names a contest's folder as no other is named.
func folderFor(name string, used map[string]bool) string {
	name = fileWord(name)
	for n, is := 2, name; ; n++ {
		if !used[strings.ToLower(is)] {
			used[strings.ToLower(is)] = true
			return is
		}
		is = name + "_" + strconv.Itoa(n)
	}
}

// fileWord makes a text fit for the name of a file, as RCTab does.
func fileWord(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 128 && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune("_-.", r)) {
			return r
		}
		return '_'
	}, s)
	if strings.Trim(s, ".") == "" {
		return "_" + s
	}
	return s
}

func (c *rankedTabulateCmd) tabulate(ctx context.Context, f *contestFile, dir string) (tabulated, error) {
	began := time.Now()
	w := &reports{dir: dir, stamp: c.Stamp + "_" + f.name(), by: generator()}
	t := tabulated{Contest: f.settings.Name, Config: f.path, Out: dir, Ignored: f.settings.Ignored}
	ask, err := c.asker(&f.settings.Contest)
	if err != nil {
		return t, err
	}
	profile, err := w.readBallots(ctx, f)
	if err != nil {
		return t, err
	}
	results, err := ranked.Tabulate(ctx, &f.settings.Contest, profile, ask)
	if err != nil {
		return t, err
	}
	for _, r := range results {
		if err := w.result(r); err != nil {
			return t, err
		}
		for _, i := range r.Winners() {
			t.Winners = append(t.Winners, r.Contest.NameOf(i))
		}
		t.Rounds += len(r.Rounds)
	}
	if f.settings.CDF {
		if err := w.rounds(ctx, f, profile, results); err != nil {
			return t, err
		}
	}
	if !c.Quick {
		if t.Close, err = w.options(ctx, f, profile, results, ask); err != nil {
			return t, err
		}
	}
	t.Ballots, t.Kinds, t.Seconds = profile.Ballots, profile.Rankings(), time.Since(began).Seconds()
	return t, nil
}

func (t *tabulated) print(out io.Writer) error {
	b := bufio.NewWriter(out)
	_, _ = fmt.Fprintf(b, "%s: %s\n", t.Contest, strings.Join(t.Winners, "; "))
	_, _ = fmt.Fprintf(b, "%d ballots (%d different), %d rounds, %.2f s. Reports are in %s.\n", t.Ballots, t.Kinds, t.Rounds, t.Seconds, t.Out)
	for _, k := range t.Ignored {
		_, _ = fmt.Fprintf(b, "The settings have %s, which means nothing here.\n", k)
	}
	for _, x := range t.Close {
		_, _ = fmt.Fprintln(b, x)
	}
	return b.Flush()
}

func generator() ranked.Generator {
	return ranked.Generator{Name: "Precinct " + version()}
}

// reports writes files of one contest, each with its hash beside it.
type reports struct {
	dir, stamp string
	by         ranked.Generator
}

// reportFile is a file that gets its name when it is whole.
type reportFile struct {
	*bufio.Writer
	f    *os.File
	sum  hash.Hash
	path string
}

func (w *reports) create(elements ...string) (*reportFile, error) {
	path := filepath.Join(append([]string{w.dir}, elements...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	f, err := os.Create(path + ".part") // #nosec G304 -- the operator names the folder
	if err != nil {
		return nil, err
	}
	sum := sha512.New()
	return &reportFile{bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<18), f, sum, path}, nil
}

// done puts the file in its place and its SHA-512 beside it.
func (r *reportFile) done(err error) error {
	if err = errors.Join(err, r.Flush(), r.f.Close()); err != nil {
		return errors.Join(err, os.Remove(r.f.Name()))
	}
	if err := os.Rename(r.f.Name(), r.path); err != nil {
		return err
	}
	return os.WriteFile(r.path+".hash", []byte("sha512: "+hex.EncodeToString(r.sum.Sum(nil))+"\n"), 0o600)
}

func (w *reports) write(write func(io.Writer) error, elements ...string) error {
	r, err := w.create(elements...)
	if err != nil {
		return err
	}
	return r.done(write(r))
}

// readBallots reads all ballots once, and writes them down as they come: as a table, and in NIST's form where that is wanted.
func (w *reports) readBallots(ctx context.Context, f *contestFile) (*ranked.Profile, error) {
	table, err := w.create(w.stamp + "_rctab_cvr.csv")
	if err != nil {
		return nil, err
	}
	rows := ranked.NewRecordWriter(table, f.settings)
	also := rows.Write
	var nist *reportFile
	var records *ranked.CDFWriter
	if f.settings.CDF {
		if nist, err = w.create("cdf_cvr.json"); err != nil {
			return nil, table.done(err)
		}
		records = ranked.NewCDFWriter(nist, f.settings, nil, nil, w.by, time.Now().Format(time.RFC3339))
		also = func(b *ranked.Ballot) {
			rows.Write(b)
			records.Write(b)
		}
	}
	p, err := f.profile(ctx, f.settings.Slices, also)
	if err == nil {
		err = rows.Close()
	}
	if nist != nil {
		e := err
		if e == nil {
			e = records.Close()
		}
		err = errors.Join(err, ignoreSame(nist.done(e), e))
	}
	return p, ignoreNil(table.done(err), err)
}

// ignoreSame returns what done adds to an error that is already known.
func ignoreSame(got, known error) error {
	if known != nil {
		return nil
	}
	return got
}

// ignoreNil prefers the first error, which says more.
func ignoreNil(got, known error) error {
	if known != nil {
		return known
	}
	return got
}

// result writes all reports of one count.
func (w *reports) result(r *ranked.Result) error {
	pre := w.stamp
	if r.Pass > 0 {
		pre += "_" + strconv.Itoa(r.Pass)
	}
	for b, book := range r.Books {
		dir, name := "", pre
		if b > 0 {
			dir = map[ranked.Slice]string{ranked.ByPrecinct: "Tabulate by Precinct", ranked.ByBatch: "Tabulate by Batch"}[book.Slice]
			name += "_" + w.sliceWord(r, b) + "_" + book.Slice.String()
		}
		err := errors.Join(
			w.write(func(o io.Writer) error { return r.WriteJSON(o, b, w.by) }, dir, name+"_detailed_report.json"),
			w.write(func(o io.Writer) error { return r.WriteCSV(o, b, w.by, true) }, dir, name+"_detailed_report.csv"),
			w.write(func(o io.Writer) error { return r.WriteCSV(o, b, w.by, false) }, dir, name+"_summary_report.csv"))
		if err != nil {
			return err
		}
	}
	for _, s := range []ranked.Slice{ranked.ByPrecinct, ranked.ByBatch} {
		if len(r.BooksOf(s)) == 0 {
			continue
		}
		if err := w.write(func(o io.Writer) error { return r.WriteMatrix(o, s) }, pre+"_by_"+s.String()+".csv"); err != nil {
			return err
		}
	}
	return w.pictures(r, pre)
}

// sliceWord names the files of a part as no other part's are named.
func (w *reports) sliceWord(r *ranked.Result, book int) string {
	name := fileWord(r.Books[book].Name)
	n := 1
	for b := 1; b < book; b++ {
		if r.Books[b].Slice == r.Books[book].Slice && fileWord(r.Books[b].Name) == name {
			n++
		}
	}
	if n > 1 {
		name += "_" + strconv.Itoa(n)
	}
	return name
}

// rounds writes every ballot as it stood in each round, which takes a second look at all of them.
func (w *reports) rounds(ctx context.Context, f *contestFile, p *ranked.Profile, results []*ranked.Result) error {
	for _, r := range results {
		name := w.stamp + "_cdf_cvr.json"
		if r.Pass > 0 {
			name = w.stamp + "_" + strconv.Itoa(r.Pass) + "_cdf_cvr.json"
		}
		err := w.write(func(o io.Writer) error {
			var precincts []string
			if slices.Contains(f.settings.Slices, ranked.ByPrecinct) {
				precincts = p.Parts(ranked.ByPrecinct)
			}
			records := ranked.NewCDFWriter(o, f.settings, r, precincts, w.by, time.Now().Format(time.RFC3339))
			if err := cast.Each(ctx, f.settings, f.open, func(b *ranked.Ballot) error {
				records.Write(b)
				return nil
			}); err != nil {
				return err
			}
			return records.Close()
		}, name)
		if err != nil {
			return err
		}
	}
	return nil
}

// pictures writes the rounds as sentences and as a picture, in both languages.
func (w *reports) pictures(r *ranked.Result, pre string) error {
	cat, err := words.NewCatalog(ranked.Spanish)
	if err != nil {
		return err
	}
	for _, lang := range []words.Lang{words.EN, words.ES} {
		t := cat.In(lang)
		err := errors.Join(
			w.write(func(o io.Writer) error {
				_, err := io.WriteString(o, strings.Join(r.Explain(t), "\n\n")+"\n")
				return err
			}, pre+"_rounds."+string(lang)+".txt"),
			w.write(func(o io.Writer) error { return r.WriteChart(o, t) }, pre+"_rounds."+string(lang)+".svg"))
		if err != nil {
			return err
		}
	}
	return nil
}

// maxQuickLook is how many different ballots are counted again under other rules without being asked for it.
const maxQuickLook = 500_000

// options says which other rules would elect somebody else.
func (w *reports) options(ctx context.Context, f *contestFile, p *ranked.Profile, results []*ranked.Result, ask ranked.Asker) ([]string, error) {
	if p.Rankings() > maxQuickLook {
		return []string{fmt.Sprintf("There are %d different ballots: whether another rule would elect somebody else was not looked at. 'precinct election ranked compare' does.", p.Rankings())}, nil
	}
	all, err := ranked.Options(ctx, &f.settings.Contest, p, results, ask)
	if err != nil {
		return nil, err
	}
	cat, err := words.NewCatalog(ranked.Spanish)
	if err != nil {
		return nil, err
	}
	var said []string
	for i := range all {
		said = append(said, all[i].Say(&f.settings.Contest, cat.In(words.EN)))
	}
	if len(said) > 0 {
		err = w.write(func(o io.Writer) error {
			_, err := io.WriteString(o, strings.Join(said, "\n\n")+"\n")
			return err
		}, w.stamp+"_other_rules.txt")
	}
	return said, err
}
