package manifest

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/internal/fault"
)

// Contest is what batch tallies are counted in.
type Contest struct {
	Name         string
	VotesAllowed int
	Choices      []string
}

// Tally is what was reported of one batch: Votes by contest and then choice, in the order of the contests given.
type Tally struct {
	Batch int // index into the batches of the manifest
	Votes [][]int
}

// ReadTallies reads batch tallies: Batch Name and one column for each choice, called by the choice's name, or "Contest - Choice" where there are several
// contests. There must be one row for each batch of the manifest, and no more votes in a batch than its ballots allow. The result is in the order of the
// manifest.
func ReadTallies(name string, r io.Reader, m *Manifest, contests []Contest) ([]Tally, error) {
	s := table.New(name, r, table.Usual)
	if err := first(s); err != nil {
		return nil, err
	}
	want, choices := tallyColumns(contests, len(contests) > 1)
	cells, last, err := header(s, want)
	if len(contests) == 1 && err != nil { // the long names are right too
		long, _ := tallyColumns(contests, true)
		if c, l, errLong := header(s, long); errLong == nil {
			cells, last, want, err = c, l, long, nil
		}
	}
	if err != nil {
		return nil, err
	}
	for i, c := range cells {
		if c < 0 {
			_, err := s.Need(table.Columns{}, want[i])
			return nil, err
		}
	}
	byName := make(map[string]int, len(m.Batches))
	for i, b := range m.Batches {
		byName[b.Name] = i
	}
	all := make([]Tally, len(m.Batches))
	lines := make([]int, len(m.Batches))
	for {
		if err := s.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if s.Blank() {
			continue
		}
		if err := row(s, last); err != nil {
			return nil, err
		}
		batch := strings.TrimSpace(s.Text(cells[0]))
		i, ok := byName[batch]
		switch {
		case batch == "":
			return nil, s.Missing(want[0])
		case !ok:
			return nil, fault.Invalidf("%s, line %d: the manifest has no batch “%s”. The names must be the same in both; correct one of them.", name, s.Line(), batch)
		case lines[i] > 0:
			return nil, fault.Invalidf("%s, line %d: the batch “%s” is on line %d too. Give every batch a name of its own, or join the two if they are one stack.", name, s.Line(), batch, lines[i])
		}
		lines[i] = s.Line()
		if all[i], err = tally(s, cells, want, choices, contests, m.Batches[i]); err != nil {
			return nil, err
		}
		all[i].Batch = i
	}
	if i := slices.Index(lines, 0); i >= 0 {
		return nil, fault.Invalidf("%s has no line for the batch “%s” of the manifest. Add what was counted in it.", name, m.Batches[i].Name)
	}
	return all, nil
}

// column names a choice: contest and index in it.
type column struct{ contest, choice int }

func tallyColumns(contests []Contest, long bool) ([]string, []column) {
	names, at := []string{"Batch Name"}, []column{{}}
	for i, c := range contests {
		for k, choice := range c.Choices {
			if long {
				choice = c.Name + " - " + choice
			}
			names, at = append(names, choice), append(at, column{i, k})
		}
	}
	return names, at
}

// tally reads the votes of one batch.
func tally(s *table.Scanner, cells []int, names []string, choices []column, contests []Contest, b Batch) (Tally, error) {
	t := Tally{Votes: make([][]int, len(contests))}
	for i, c := range contests {
		t.Votes[i] = make([]int, len(c.Choices))
	}
	for i := 1; i < len(cells); i++ {
		n, err := s.Number(cells[i], names[i])
		if err != nil {
			return t, err
		}
		t.Votes[choices[i].contest][choices[i].choice] = n
	}
	for i, c := range contests {
		sum := 0
		for _, n := range t.Votes[i] {
			sum += n
		}
		if most := b.Ballots * c.VotesAllowed; sum > most {
			return t, fault.Invalidf("%s, line %d: the batch “%s” has %d votes for “%s”, and its %d ballots allow %d. Correct the tally or the manifest.", s.Name(), s.Line(), b.Name, sum, c.Name, b.Ballots, most)
		}
	}
	return t, nil
}
