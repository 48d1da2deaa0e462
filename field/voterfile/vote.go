package voterfile

import (
	"encoding/binary"
	"slices"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// ElectionID is the same for one election everywhere: yyyymmdd * 100 + layout.ElectionType.
type ElectionID int64

// ElectionOf returns the id of the election a vote was cast in.
func ElectionOf(d layout.Date, t layout.ElectionType) ElectionID {
	return ElectionID(int64(d)*100 + int64(t))
}

// Date returns the day of the election.
func (e ElectionID) Date() layout.Date { return layout.Date(e / 100) }

// Type returns what was elected.
func (e ElectionID) Type() layout.ElectionType { return layout.ElectionType(e % 100) }

// vote is one vote of a person: 8 bytes of election, a method, a party and a county.
type vote struct {
	election ElectionID
	method   layout.Method
	party    string
	county   string // "" when it is the person's own
}

func appendVote(b []byte, election ElectionID, method layout.Method, party, county string) []byte {
	b = binary.AppendUvarint(b, uint64(election))
	b = append(b, byte(method))
	b = appendText(b, party)
	return appendText(b, county)
}

func (c *cursor) vote() vote {
	return vote{election: ElectionID(c.uvarint()), method: layout.Method(c.byte()), party: c.text(), county: c.text()}
}

// appendVotes puts a person's votes in order of election, one for each, and leaves out the county that is the person's own. Of two
// votes in one election the one that counted is kept, then the one that says more.
func appendVotes(b []byte, votes []vote, county string) []byte {
	for i := range votes {
		if votes[i].county == county {
			votes[i].county = ""
		}
	}
	slices.SortFunc(votes, compareVotes)
	for i, v := range votes {
		if i > 0 && votes[i-1].election == v.election {
			continue
		}
		b = appendVote(b, v.election, v.method, v.party, v.county)
	}
	return b
}

func compareVotes(a, b vote) int {
	switch {
	case a.election != b.election:
		return int(min(max(a.election-b.election, -1), 1))
	case methodRank(a.method) != methodRank(b.method):
		return methodRank(a.method) - methodRank(b.method)
	case a.method != b.method:
		return int(a.method) - int(b.method)
	case a.party != b.party:
		return descending(a.party, b.party)
	default:
		return descending(a.county, b.county)
	}
}

func methodRank(m layout.Method) int {
	switch m {
	case layout.NotCounted:
		return 2
	case layout.MethodUnknown:
		return 1
	default:
		return 0
	}
}

// descending puts what is said before what is not.
func descending(a, b string) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	default:
		return 0
	}
}

// voteHash is 0 only when there are no votes.
func voteHash(votes []byte) int64 {
	if len(votes) == 0 {
		return 0
	}
	if h := int64(layout.Hash(votes)); h != 0 {
		return h
	}
	return 1
}
