package cast

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/election/ranked"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/xlsx"
)

// ess reads a workbook of ES&S: a row a ballot, a column a rank.
func (r *reader) ess(f fs.File) error {
	at, ok := f.(io.ReaderAt)
	info, err := f.Stat()
	if err != nil || !ok {
		return fault.Invalidf("%s is not a file that can be read at any place.", r.source.Path).Because(err)
	}
	book, err := xlsx.Open(at, info.Size())
	if err != nil {
		return in(r.source.Path, err)
	}
	rows, err := book.Rows(0)
	if err != nil {
		return in(r.source.Path, err)
	}
	defer rows.Close()
	e := &essRow{reader: r, parts: interned{}, prefix: sanitized(path.Base(strings.ReplaceAll(r.source.Path, "\\", "/"))) + "-"}
	for rows.Next() {
		if rows.Row() < r.source.FirstVoteRow {
			continue
		}
		if err := e.ballot(rows); err != nil {
			return err
		}
	}
	return in(r.source.Path, rows.Err())
}

// in puts the file before a sentence about it.
func in(file string, err error) error {
	if err == nil {
		return nil
	}
	return fault.Invalidf("%s: %s", file, err.Error()).Because(err)
}

// sanitized makes a text fit for names of files and ids, as RCTab does.
func sanitized(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' {
			return c
		}
		return '_'
	}, s)
}

type essRow struct {
	*reader
	parts  interned
	prefix string
	id     []byte
}

func (e *essRow) ballot(rows *xlsx.Rows) error {
	src := e.source
	e.begin()
	b := &e.reader.ballot
	e.id = strconv.AppendInt(append(e.id[:0], e.prefix...), e.count+1, 10)
	b.ID = string(e.id)
	last := 0
	for _, c := range rows.Cells() {
		switch c.Col {
		case src.PrecinctColumn:
			b.Precinct = e.parts.of(c.Text)
			continue
		case src.BatchColumn:
			b.Batch = e.parts.of(c.Text)
			continue
		case src.IDColumn:
			b.VendorID = string(c.Text)
			continue
		}
		rank := c.Col - src.FirstVoteColumn + 1
		if rank < 1 || e.settings.Rules.MaxRanks > 0 && rank > e.settings.Rules.MaxRanks {
			continue // columns beyond the ranks are not votes
		}
		text := bytes.TrimSpace(c.Text)
		if len(text) == 0 {
			continue
		}
		e.blanks(last+1, rank)
		last = rank
		if err := e.cell(rows.Row(), rank, text); err != nil {
			return err
		}
	}
	e.blanks(last+1, e.lastRank()+1)
	if src.IDColumn >= 0 && b.VendorID == "" {
		return fault.Invalidf("%s, row %d: the ballot's id is missing in column %d.", src.Path, rows.Row()+1, src.IDColumn+1)
	}
	if src.PrecinctColumn >= 0 && b.Precinct == "" {
		b.Precinct = "missing_precinct_id"
	}
	if src.BatchColumn >= 0 && b.Batch == "" {
		b.Batch = "missing_batch_id"
	}
	if e.broken(b.Marks) {
		return e.end("row " + strconv.Itoa(rows.Row()+1))
	}
	return e.end("")
}

// broken reports whether end would refuse the marks, and so needs to know where they are.
func (e *essRow) broken(marks []ranked.Mark) bool {
	return len(marks) > 0 && marks[len(marks)-1].Rank > maxRank
}

// lastRank is the last rank whose blank cell can mean something.
func (e *essRow) lastRank() int {
	if e.settings.Rules.MaxRanks > 0 {
		return e.settings.Rules.MaxRanks
	}
	return len(e.settings.Candidates)
}

// blanks takes empty cells for write-ins where the settings say so.
func (e *essRow) blanks(from, to int) {
	if e.source.BlankIsWriteIn {
		for rank := from; rank < to; rank++ {
			e.put(rank, e.writeIn())
		}
	}
}

func (e *essRow) cell(row, rank int, text []byte) error {
	src := e.source
	if src.OvervoteDelimiter == "" || !bytes.Contains(text, []byte(src.OvervoteDelimiter)) {
		e.one(rank, text)
		return nil
	}
	all := strings.Split(strings.TrimRight(string(text), " "), src.OvervoteDelimiter)
	for len(all) > 1 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	for _, name := range all {
		name = strings.TrimSpace(name)
		if len(all) > 1 && (name == "" || name == src.SkippedLabel || src.OvervoteLabel != "" && name == src.OvervoteLabel) {
			return fault.Invalidf("%s, row %d: the cell %q names several candidates, but one of them is empty or no candidate.", src.Path, row+1, text)
		}
		e.one(rank, []byte(name))
	}
	return nil
}

// one marks whom a cell names; a word for a rank left out is no mark.
func (e *essRow) one(rank int, name []byte) {
	if string(name) == e.source.SkippedLabel {
		return
	}
	if i, ok := e.names[string(name)]; ok && string(name) != e.source.OvervoteLabel && string(name) != e.source.WriteInLabel {
		e.put(rank, i)
		return
	}
	e.mark(rank, string(name))
}

// newCSV reads comma-separated values with any number of cells.
func newCSV(f io.Reader) *csv.Reader {
	c := csv.NewReader(f)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	c.LazyQuotes = true
	return c
}

// csvError names the line that cannot be read.
func (r *reader) csvError(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault.Invalidf("%s, line %d: this is not comma-separated values (%s).", r.source.Path, p.Line, p.Err.Error()).Because(err)
	}
	return fault.Invalidf("%s cannot be read.", r.source.Path).Because(err)
}

// generic reads a table with a column for each candidate and ranks in its cells. Names are in its first row.
func (r *reader) generic(f io.Reader) error {
	c := newCSV(f)
	head, err := c.Read()
	if err != nil {
		return errors.Join(r.csvError(err), missing(err, r.source.Path))
	}
	head = slices.Clone(head)
	var columns []person // in the order of columns
	for i := r.source.FirstVoteColumn; i < len(head); i++ {
		name := legible(head[i])
		if strings.TrimSpace(name) == "" {
			return fault.Invalidf("%s: column %d has votes but no candidate's name in its first row.", r.source.Path, i+1)
		}
		columns = append(columns, r.column(name))
	}
	parts := interned{}
	for row := 1; ; row++ {
		cells, err := c.Read()
		if err != nil {
			return r.csvError(err)
		}
		if row < r.source.FirstVoteRow {
			continue
		}
		line, _ := c.FieldPos(0)
		if err := r.genericRow(cells, head, columns, parts, line); err != nil {
			return err
		}
	}
}

func missing(err error, file string) error {
	if errors.Is(err, io.EOF) {
		return fault.Invalidf("%s is empty.", file)
	}
	return nil
}

// unknown is somebody the settings do not know.
const unknown = -2

// column finds the candidate of a column; an unknown one matters only when it has a vote.
func (r *reader) column(name string) person {
	if r.source.WriteInLabel != "" && name == r.source.WriteInLabel {
		return r.writeIn()
	}
	if i, ok := r.names[name]; ok {
		return i
	}
	return person{unknown, 0}
}

func (r *reader) genericRow(cells, head []string, columns []person, parts interned, line int) error {
	r.begin()
	src := r.source
	b := &r.ballot
	b.ID, b.Precinct, b.Batch = r.id(), at(cells, src.PrecinctColumn, parts), at(cells, src.BatchColumn, parts)
	if src.IDColumn >= 0 && src.IDColumn < len(cells) {
		b.VendorID = strings.Clone(cells[src.IDColumn])
	}
	for i := src.FirstVoteColumn; i < len(cells); i++ {
		text := strings.TrimSpace(cells[i])
		if text == "" {
			continue
		}
		rank, err := strconv.Atoi(text)
		if err != nil || rank < 1 {
			return fault.Invalidf("%s, line %d, column %d: a rank is expected, a whole number from 1, and not %q.", src.Path, line, i+1, text)
		}
		if i >= len(head) {
			return fault.Invalidf("%s, line %d, column %d: there is a vote beyond the last candidate of the first row.", src.Path, line, i+1)
		}
		if k := columns[i-src.FirstVoteColumn]; k.candidate == unknown {
			r.strange(legible(head[i]))
		} else {
			r.put(rank, k)
		}
	}
	return r.end("line " + strconv.Itoa(line))
}

func at(cells []string, column int, parts interned) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	return parts.of([]byte(cells[column]))
}

// The columns of Clear Ballot's file before its choices.
const (
	cbBatch    = 1 // BoxID
	cbBallot   = 3
	cbPrecinct = 4
	cbScanner  = 7
	cbChoices  = 10
)

// clearBallot reads a file of Clear Ballot (RCV format 2.1): a column for each candidate and rank, 1 where there is a mark.
func (r *reader) clearBallot(f io.Reader) error {
	c := newCSV(f)
	head, err := c.Read()
	if err != nil {
		return errors.Join(r.csvError(err), missing(err, r.source.Path))
	}
	head = slices.Clone(head)
	if len(head) <= cbChoices {
		return fault.Invalidf("%s has no columns of choices: it is not a file of Clear Ballot.", r.source.Path)
	}
	type choice struct {
		column, rank int
		person
	}
	var choices []choice
	for i := cbChoices; i < len(head); i++ {
		part := strings.Split(legible(head[i]), ":")
		if len(part) != 6 {
			return fault.Invalidf("%s: the head of column %d is %q, where \"Choice_id:contest:rank:Vote For n:candidate:party\" is expected.", r.source.Path, i+1, head[i])
		}
		if part[1] != r.source.ContestID {
			continue
		}
		rank, err := strconv.Atoi(part[2])
		if err != nil || rank < 1 || rank > maxRank {
			return fault.Invalidf("%s: the head of column %d has the rank %q.", r.source.Path, i+1, part[2])
		}
		if most := r.settings.Rules.MaxRanks; most > 0 && rank > most {
			return fault.Invalidf("%s has rank %d, but the settings allow only %d. Correct maxRankingsAllowed.", r.source.Path, rank, most)
		}
		choices = append(choices, choice{i, rank, r.column(part[4])})
	}
	if len(choices) == 0 {
		return fault.Invalidf("%s has no contest %q. Check contestId.", r.source.Path, r.source.ContestID)
	}
	strangers := map[int]string{}
	for _, ch := range choices {
		if ch.candidate == unknown {
			strangers[ch.column] = strings.Split(legible(head[ch.column]), ":")[4]
		}
	}
	width := len(head)
	parts := interned{}
	for {
		cells, err := c.Read()
		if err != nil {
			return r.csvError(err)
		}
		line, _ := c.FieldPos(0)
		if len(cells) != width {
			return fault.Invalidf("%s, line %d: there are %d cells, and the first line has %d.", r.source.Path, line, len(cells), width)
		}
		r.begin()
		b := &r.ballot
		b.Contest, b.VendorID = r.source.ContestID, strings.Clone(cells[cbBallot])
		b.ID = b.VendorID
		b.Precinct, b.Tabulator, b.Batch = at(cells, cbPrecinct, parts), at(cells, cbScanner, parts), at(cells, cbBatch, parts)
		for _, ch := range choices {
			switch text := strings.TrimSpace(cells[ch.column]); {
			case text == "1" && ch.candidate == unknown:
				r.strange(strangers[ch.column])
			case text == "1":
				r.put(ch.rank, ch.person)
			case text != "0" && text != "":
				return fault.Invalidf("%s, line %d, column %d: 0 or 1 is expected, and not %q.", r.source.Path, line, ch.column+1, text)
			}
		}
		if err := r.end("line " + strconv.Itoa(line)); err != nil {
			return err
		}
	}
}
