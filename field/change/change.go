// Package change is the feed by which replicas of people's data learn what was written.
//
// A change is recorded in the transaction that makes it, after its ledger entry and under that entry's number. Entries are numbered under a
// lock that is held until commit, so numbers are in commit order, and a reader who has seen number n never misses a later commit below it.
package change

import "slices"

// What says which kind of fact changed.
type What string

// The kinds of fact.
const (
	People      What = "people"      // a voter file as a whole: rebuild
	Person      What = "person"      // a registration, a correction of it
	Phone       What = "phone"       //
	Email       What = "email"       //
	Suppression What = "suppression" //
	Code        What = "code"        //
	Answer      What = "answer"      //
	Score       What = "score"       //
	Tag         What = "tag"         //
	Custom      What = "custom"      //
	Contact     What = "contact"     //
	Signup      What = "signup"      //
	Target      What = "target"      //
	Saved       What = "saved"       // the people of a saved list
	Place       What = "place"       // where addresses are, all of them
	Definition  What = "definition"  // a name, a share: no person's data
)

// Change is one fact that changed.
type Change struct {
	Number    int64 `db:"number"`       // of the ledger entry it was made under: the epoch
	VoterFile int64 `db:"voterfile_id"` // 0 where Person says enough
	Person    int64 `db:"person_id"`    // 0 for very many at once: read all of What anew
	Org       int64 `db:"org_id"`       // whose data, 0 the file's own
	What      What  `db:"what"`
	Object    int64 `db:"object_id"` // the code, question, score, list …; 0 where that says nothing
}

// mostNamed is how many people one entry names in the feed; more are one change of everybody, which replicas read anew.
const mostNamed = 1000

// Of returns the changes of one kind of fact about people, each named once, for Record: of everybody where they are very many. object is the code, question …,
// or 0.
func Of(what What, org, object int64, people []int64) []Change {
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	if len(people) > mostNamed {
		return []Change{{Org: org, What: what, Object: object}}
	}
	all := make([]Change, len(people))
	for i, p := range people {
		all[i] = Change{Person: p, Org: org, What: what, Object: object}
	}
	return all
}
