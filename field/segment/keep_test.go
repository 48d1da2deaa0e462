package segment

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/change"
)

// TestKeptKeysAreInTheNames finds again of which pieces there are files.
func TestKeptKeysAreInTheNames(t *testing.T) {
	dir := t.TempDir()
	want := []pieceKey{{What: change.Answer, Object: 7, Org: 3}, {What: change.Contact, Org: 12}, {What: change.Score, Object: 2}}
	for _, k := range want {
		if err := os.WriteFile(filepath.Join(dir, k.fileStem()+"1a2b"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, other := range []string{"c01", "piece-odd", "piece-score-x-0-1"} {
		if err := os.WriteFile(filepath.Join(dir, other), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, keptKeys(dir)); diff != "" {
		t.Error(diff)
	}
}
