package auditbench

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	rankedcount "github.com/openprecinct/precinct/election/ranked"
	"github.com/openprecinct/precinct/election/ranked/cast"
)

// The sizes of Minneapolis in 2013: 36 candidates, three ranks, 119 precincts, 80,101 ballots; and thirteen times as many.
const (
	rankedCandidates = 36
	rankedPrecincts  = 119
	rankedSmall      = 80_101
	rankedLarge      = 1_041_313
)

// rankedRows measures counting a ranked contest from its files. The naive way keeps every ballot and looks at each in every
// round.
func rankedRows(ctx context.Context) (rows []Row, err error) {
	dir, err := os.MkdirTemp("", "ranked")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, c := range []struct {
		what, file string
		ballots    int
		slices     bool
		target     string
	}{
		{"Ranked count from ES&S's workbook", "large.xlsx", rankedLarge, false, "≤ 8 s, ≤ 400 MB"},
		{"Ranked count from a table", "large.csv", rankedLarge, false, "≤ 8 s, ≤ 400 MB"},
		{"Ranked count with reports of 119 precincts", "small.xlsx", rankedSmall, true, "≤ 1 s"},
	} {
		size, err := writeRanked(filepath.Join(dir, c.file), c.ballots)
		if err != nil {
			return nil, err
		}
		s := rankedSettings(c.file, c.slices)
		row := Row{What: c.what, Size: fmt.Sprintf("%d ballots, %d candidates, %d MB", c.ballots, rankedCandidates, size>>20), Target: c.target}
		var rounds, won int
		peak := watchHeap()
		row.Ours, err = best(3, func() (err error) { rounds, won, err = countRanked(ctx, dir, s); return err })
		row.Rate = fmt.Sprintf("%d rounds, at most %d MB", rounds, peak()>>20)
		if err != nil {
			return nil, err
		}
		if !c.slices {
			began := time.Now()
			peak := watchHeap()
			who, err := countNaively(ctx, dir, s)
			row.Naive = time.Since(began)
			row.How = fmt.Sprintf("every ballot in every round, by name; at most %d MB", peak()>>20)
			if err != nil {
				return nil, err
			}
			if who != s.Candidates[won].Name {
				return nil, fmt.Errorf("the naive count elects %s, the other %s", who, s.Candidates[won].Name)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// watchHeap looks at the heap until it is asked, and then returns the most it saw.
func watchHeap() func() uint64 {
	runtime.GC()
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var m runtime.MemStats
		top := uint64(0)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapInuse+m.StackInuse)
			select {
			case <-tick.C:
			case <-stop:
				most <- top
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-most
	}
}

func beside(dir string) cast.Opener {
	return func(name string) (fs.FS, string, error) { return os.DirFS(dir), name, nil }
}

// countRanked reads and counts; with parts it also writes all their reports.
func countRanked(ctx context.Context, dir string, s *rankedcount.Settings) (rounds, won int, err error) {
	p := rankedcount.NewProfile(s.Slices...)
	if err := cast.Each(ctx, s, beside(dir), func(b *rankedcount.Ballot) error { p.Add(b); return nil }); err != nil {
		return 0, 0, err
	}
	all, err := rankedcount.Tabulate(ctx, &s.Contest, p, nil)
	if err != nil {
		return 0, 0, err
	}
	r := all[0]
	for b := range r.Books {
		if err := errors.Join(r.WriteJSON(io.Discard, b, rankedcount.Generator{}), r.WriteCSV(io.Discard, b, rankedcount.Generator{}, true)); err != nil {
			return 0, 0, err
		}
	}
	return len(r.Rounds), r.Winners()[0], nil
}

// countNaively keeps all ballots as lists of names and counts them again in every round.
func countNaively(ctx context.Context, dir string, s *rankedcount.Settings) (string, error) {
	var all [][]string
	err := cast.Each(ctx, s, beside(dir), func(b *rankedcount.Ballot) error {
		var names []string
		for _, m := range b.Marks {
			names = append(names, s.Candidates[m.Candidate].Name)
		}
		all = append(all, names)
		return nil
	})
	if err != nil {
		return "", err
	}
	out := map[string]bool{}
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		votes := map[string]int{}
		for _, c := range s.Candidates {
			if !out[c.Name] {
				votes[c.Name] = 0
			}
		}
		active := 0
		for _, names := range all {
			for _, n := range names {
				if !out[n] {
					votes[n]++
					active++
					break
				}
			}
		}
		last := ""
		for name, v := range votes {
			if v > active/2 {
				return name, nil
			}
			if last == "" || v < votes[last] || v == votes[last] && name > last {
				last = name
			}
		}
		out[last] = true
	}
}

func rankedSettings(file string, slices bool) *rankedcount.Settings {
	s := &rankedcount.Settings{Contest: rankedcount.Contest{Name: "Mayor"}}
	for i := range rankedCandidates {
		s.Candidates = append(s.Candidates, rankedcount.Candidate{Name: candidateName(i)})
	}
	s.Rules = rankedcount.Rules{Winners: 1, TieBreak: rankedcount.CandidateOrder, MaxSkipped: rankedcount.Unlimited, MaxRanks: 3, Places: 4}
	src := rankedcount.Source{Path: file, Provider: rankedcount.ESS, FirstVoteRow: 1, FirstVoteColumn: 2, IDColumn: 0, PrecinctColumn: 1, BatchColumn: -1, SkippedLabel: "undervote"}
	if filepath.Ext(file) == ".csv" {
		src.Provider = rankedcount.GenericCSV
	}
	s.Sources = []rankedcount.Source{src}
	if slices {
		s.Slices = []rankedcount.Slice{rankedcount.ByPrecinct}
	}
	return s
}

func candidateName(i int) string { return fmt.Sprintf("Candidate %02d", i+1) }

// drawBallot draws three ranks of people of whom the first are liked most; -1 is a rank left out.
func drawBallot(seed *uint64) (ranks [3]int) {
	for i := range ranks {
		*seed += 0x9e3779b97f4a7c15 // splitmix64 (Steele, Lea, Flood 2014)
		z := *seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		u := float64((z^z>>31)>>11) / (1 << 53)
		ranks[i] = int(u*u*u*(rankedCandidates+2)) - 1
		for j := range i {
			if ranks[i] == ranks[j] {
				ranks[i] = -1
			}
		}
		ranks[i] = min(ranks[i], rankedCandidates-1)
	}
	return ranks
}

// writeRanked writes made-up ballots as a workbook or a table, and returns the size of the file.
func writeRanked(name string, ballots int) (size int64, err error) {
	f, err := os.Create(name) // #nosec G304 -- in our own folder
	if err != nil {
		return 0, err
	}
	if filepath.Ext(name) == ".csv" {
		err = writeTable(f, ballots)
	} else {
		err = writeWorkbook(f, ballots)
	}
	info, statErr := f.Stat()
	if err = errors.Join(err, statErr, f.Close()); err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func writeTable(f io.Writer, ballots int) error {
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("id,precinct")
	for i := range rankedCandidates {
		_, _ = w.WriteString("," + candidateName(i))
	}
	seed := uint64(1)
	for n := range ballots {
		_, _ = fmt.Fprintf(w, "\n%d,P-%03d", n+1, n%rankedPrecincts)
		cells := [rankedCandidates]string{}
		for rank, c := range drawBallot(&seed) {
			if c >= 0 {
				cells[c] = strconv.Itoa(rank + 1)
			}
		}
		for _, c := range cells {
			_ = w.WriteByte(',')
			_, _ = w.WriteString(c)
		}
	}
	return w.Flush()
}

func writeWorkbook(f io.Writer, ballots int) error {
	z := zip.NewWriter(f)
	shared := "<sst>"
	for i := range rankedCandidates {
		shared += "<si><t>" + candidateName(i) + "</t></si>"
	}
	shared += "<si><t>undervote</t></si>"
	for i := range rankedPrecincts {
		shared += fmt.Sprintf("<si><t>P-%03d</t></si>", i)
	}
	for _, part := range [][2]string{
		{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="Votes" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/sharedStrings.xml", shared + "</sst>"},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = io.WriteString(w, part[1])
		}
		if err != nil {
			return err
		}
	}
	part, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(part, 1<<20)
	_, _ = w.WriteString(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>`)
	seed := uint64(1)
	for n := range ballots {
		r := n + 2
		_, _ = fmt.Fprintf(w, `<row r="%d" spans="1:5"><c r="A%d"><v>%d</v></c><c r="B%d" s="1" t="s"><v>%d</v></c>`, r, r, n+1, r, rankedCandidates+1+n%rankedPrecincts)
		for i, c := range drawBallot(&seed) {
			if c < 0 {
				c = rankedCandidates
			}
			_, _ = fmt.Fprintf(w, `<c r="%c%d" s="1" t="s"><v>%d</v></c>`, 'C'+i, r, c)
		}
		_, _ = w.WriteString("</row>")
	}
	_, _ = w.WriteString("</sheetData></worksheet>")
	return errors.Join(w.Flush(), z.Close())
}
