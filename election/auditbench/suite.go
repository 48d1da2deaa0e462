package auditbench

import (
	"context"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/election/audit"
)

// suiteRows measures SUITE: a size before the first round, a size after it, and a risk. The naive way, at a grid of λ and with every logarithm summed, took the
// peer four seconds each (docs/performance.md); there is none to run here.
func suiteRows(context.Context) ([]Row, error) {
	var rows []Row
	for _, losers := range []int{1, 4} {
		s := audit.SUITE{Contest: audit.Contest{Ballots: 2_000_000, NumWinners: 1, VotesAllowed: 1}, Limit: audit.Percent(5)}
		s.Comparison = audit.ComparisonStratum{Ballots: 1_900_000, Votes: audit.Tally{}, Errors: map[audit.PairID]audit.Overstatements{}}
		s.Polling = audit.PollingStratum{Ballots: 100_000, Votes: audit.Tally{}}
		found := audit.Tally{}
		for i := range losers + 1 {
			id, votes := fmt.Sprint("Candidate ", i), 980_000/(losers+1)-i*5_000
			s.Comparison.Votes[id], s.Polling.Votes[id], found[id] = votes-votes/20, votes/20, votes/2_000
			s.Contest.Candidates = append(s.Contest.Candidates, audit.Candidate{ID: id, Votes: votes})
		}
		size := func() error { _, _, err := s.Size(); return err }
		for _, step := range []struct {
			what string
			run  func() error
		}{
			{"SUITE: a first size", size},
			{"SUITE: a later size", func() error {
				s.Comparison.Drawn, s.Polling.Drawn, s.Polling.Found = 1900, 1000, []audit.Tally{found}
				return size()
			}},
			{"SUITE: a risk", func() error { _, err := s.Risk(); return err }},
		} {
			took, err := best(5, step.run)
			if err != nil {
				return nil, err
			}
			rows = append(rows, Row{What: step.what, Size: fmt.Sprintf("2000000 ballots, %d pairs", losers), Ours: took, Target: "≤ " + span(50*time.Millisecond)})
		}
	}
	return rows, nil
}
