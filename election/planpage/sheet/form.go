package sheet

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/election/audit/plan"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// Form is what was asked, as it was typed. Read fills it.
type Form struct {
	Ballots, Margin, Tally, Winners, Method, Limit string
	Over1, Over2, Batch, Minutes, Counties         string
	Wrong                                          fault.Inputs // of what was typed; after Answer
}

// Read takes the inputs by their names; what is usual stands where nothing was typed.
func Read(value func(name string) string) Form {
	f := Form{Ballots: value("ballots"), Margin: value("margin"), Tally: value("tally"), Winners: value("winners"), Method: value("method"), Limit: value("limit"),
		Over1: value("over1"), Over2: value("over2"), Batch: value("batch"), Minutes: value("minutes"), Counties: value("counties")}
	usual := func(s *string, text string) {
		if *s == "" {
			*s = text
		}
	}
	usual(&f.Winners, "1")
	usual(&f.Method, string(plan.AlphaComparison))
	usual(&f.Limit, "5")
	usual(&f.Over1, "1")
	usual(&f.Over2, "0.1")
	usual(&f.Batch, "500")
	usual(&f.Minutes, "3")
	return f
}

// runs is how many audits a page simulates.
const runs = 500

// Answer answers what was asked, in the language of t. It returns nil where something is wrong with the question: then f.Wrong says what. An error is ours.
func (f *Form) Answer(t words.Translator) (*Sheet, error) {
	q := f.question()
	if len(f.Wrong) > 0 {
		return nil, nil
	}
	a, err := q.Ask()
	switch {
	case errors.Is(err, audit.ErrNoLosers):
		f.Wrong.Add("tally", "Everybody on this list wins. Name at least one who did not.")
	case errors.Is(err, audit.ErrInput):
		f.Wrong.Add("ballots", "These numbers contradict each other: there are more votes than the ballots can hold, or the counties' ballots do not add up. Correct them.")
	case err != nil:
		return nil, err
	default:
		return say(t, q, a), nil
	}
	return nil, nil
}

// maxBallots is the largest contest that is planned; no state has cast half as many.
const maxBallots = 100_000_000

// question reads what was typed; what is wrong with it stands in the form.
func (f *Form) question() plan.Question {
	q := plan.Question{Method: plan.Method(f.Method), Seed: 1, Runs: runs, BatchSize: 1}
	ballots, ok := count(f.Ballots)
	if !ok || ballots < 1 || ballots > maxBallots {
		f.Wrong.Add("ballots", "Give the number of ballots, from 1 to 100,000,000.")
		ballots = 1
	}
	f.outcome(&q, ballots)
	if limit, ok := decimal(f.Limit); ok && limit >= .01 && limit <= 50 {
		q.Limit = audit.Limit(math.Round(limit * 100))
	} else {
		f.Wrong.Add("limit", "Give the risk limit in percent, up to 50.")
	}
	q.Rates.Over1, q.Rates.Over2 = f.rate("over1", f.Over1), f.rate("over2", f.Over2)
	q.Rates.Under1, q.Rates.Under2 = q.Rates.Over1, q.Rates.Over2
	if q.Method == plan.MACRO {
		if q.BatchSize, ok = count(f.Batch); !ok || q.BatchSize < 1 || q.BatchSize > ballots {
			f.Wrong.Add("batch", "Give how many ballots are in a batch: at least 1, and no more than there are.")
		}
	}
	var minutes bool
	if q.Minutes, minutes = decimal(f.Minutes); !minutes || q.Minutes < 0 || q.Minutes > 240 {
		f.Wrong.Add("minutes", "Give the minutes for one ballot, up to 240.")
	}
	q.Counties = f.countyList()
	return q
}

// outcome reads the margin or the votes, one of the two.
func (f *Form) outcome(q *plan.Question, ballots int) {
	switch {
	case f.Margin == "" && f.Tally == "":
		f.Wrong.Add("margin", "Give the margin, or the votes below.")
	case f.Margin != "" && f.Tally != "":
		f.Wrong.Add("margin", "Give the margin or the votes, not both.")
	case f.Margin != "":
		margin, ok := decimal(f.Margin)
		if !ok || margin < 0 || margin > 100 {
			f.Wrong.Add("margin", "Give the margin in percent of all ballots, from 0 to 100.")
		}
		q.Contest = plan.FromMargin(ballots, margin/100)
	default:
		winners, _ := count(f.Winners)
		q.Contest = audit.Contest{Ballots: ballots, NumWinners: max(1, winners), VotesAllowed: max(1, winners)}
		for i, line := range lines(f.Tally) {
			name, number := lastField(line)
			votes, ok := count(number)
			if !ok || name == "" {
				f.Wrong.Add("tally", "Line %d does not end in a number of votes. Write a name, a comma and the votes.", i+1)
				return
			}
			q.Contest.Candidates = append(q.Contest.Candidates, audit.Candidate{ID: name, Votes: votes})
		}
	}
}

// rate reads ballots in a thousand.
func (f *Form) rate(name, text string) float64 {
	r, ok := decimal(text)
	if !ok || r < 0 || r > 200 {
		f.Wrong.Add(name, "Give how many ballots in a thousand, up to 200.")
	}
	return r / 1000
}

// maxCounties is more than any state has.
const maxCounties = 500

// countyList reads a county a line: name, ballots, and teams if there are several.
func (f *Form) countyList() []plan.County {
	var all []plan.County
	for i, line := range lines(f.Counties) {
		parts := strings.Split(line, ";")
		if len(parts) == 1 {
			parts = strings.Split(line, ",")
		}
		c := plan.County{Name: strings.TrimSpace(parts[0]), Teams: 1}
		ok := len(parts) == 2 || len(parts) == 3
		if ok {
			c.Ballots, ok = count(parts[1])
		}
		if ok && len(parts) == 3 {
			c.Teams, ok = count(parts[2])
		}
		if !ok || c.Name == "" || c.Teams < 1 || c.Teams > 10_000 || i >= maxCounties {
			f.Wrong.Add("counties", "Line %d is not a name, a number of ballots and a number of teams, with commas between. Write numbers without commas.", i+1)
			return nil
		}
		all = append(all, c)
	}
	return all
}

func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// lastField splits a line before its last comma, semicolon, tab or space that a number follows: thousands may have commas.
func lastField(line string) (name, number string) {
	i := len(line)
	for i > 0 && (unicode.IsDigit(rune(line[i-1])) || line[i-1] == ',' && i < len(line) && unicode.IsDigit(rune(line[i]))) {
		i--
	}
	return strings.TrimRight(line[:i], " \t,;:="), line[i:]
}

// count reads a whole number; thousands may be grouped.
func count(text string) (int, bool) {
	bare := strings.NewReplacer(",", "", " ", "", "\u00a0", "", "\u202f", "", "'", "").Replace(strings.TrimSpace(text))
	n, err := strconv.Atoi(bare)
	return n, err == nil && n >= 0
}

// decimal reads a number with a point or a comma before its decimals.
func decimal(text string) (float64, bool) {
	x, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(strings.Replace(text, ",", ".", 1)), "%"), 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}
