package layout

import (
	"errors"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/words"
)

// Every sentence this package can say has a Spanish one with the same verbs. Rows and changes are said through helpers, which the
// test of the whole repository does not see.
func TestSentencesAreSaidInSpanish(t *testing.T) {
	c, err := words.NewCatalog(Spanish)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range All() {
		if !c.Has(id.Title()) {
			t.Errorf("no Spanish for %q", id.Title())
		}
	}
	d := Compare(NC, Voters, append(Header(NC, Before22, Voters)[1:], "ncid", "favourite_colour"), Header(NC, Current, Voters))
	d.Changes = append(d.Changes, Compare(OH, Voters, append(Header(OH, Current, Voters), "GENERAL-11/03/2026"), nil).Changes...)
	seen := map[ChangeKind]bool{}
	for _, x := range d.Changes {
		seen[x.Kind] = true
		if !c.Has(x.Format) || strings.Contains(x.String(), "%!") {
			t.Errorf("no Spanish for %q", x.String())
		}
	}
	for _, k := range []ChangeKind{Renamed, Added, Dropped, Moved, Twice, NewElection} {
		if !seen[k] {
			t.Errorf("no change of kind %s was made: the test sees too little", k)
		}
	}
	data := strings.Replace(string(ncFile(t, 30)), `"AA103"`, `"3"`, 1)
	_, refused, err := read(NC, strings.NewReader(data), nil)
	if err != nil || len(refused) != 1 || !c.Has(refused[0].Why.Format) || errors.Unwrap(refused[0]) == nil {
		t.Errorf("%v, %v", refused, err)
	}
}
