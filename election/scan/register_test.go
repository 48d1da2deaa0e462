package scan

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/ballot"
)

func openLegacy(t *testing.T) (sample, *Template, map[string][]string) {
	t.Helper()
	dir := filepath.Join(samples, "legacy-mississippi")
	s := openSampleFolder(t, dir)
	w := struct {
		Expected struct{ Votes map[string][]string }
	}{}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "expected.json")), &w); err != nil {
		t.Fatal(err)
	}
	targets, err := Targets(read(t, filepath.Join(dir, "targets.json")))
	if err != nil {
		t.Fatal(err)
	}
	blank, refused := Decode(read(t, filepath.Join(dir, "template.png")))
	if refused != nil {
		t.Fatal(refused.Err())
	}
	return s, NewTemplate(blank, targets), w.Expected.Votes
}

// openSampleFolder opens the election and the page of the legacy sample.
func openSampleFolder(t *testing.T, dir string) sample {
	t.Helper()
	if found, err := filepath.Glob(filepath.Join(dir, "*.png")); err != nil || len(found) == 0 {
		t.Skip("SKIPPED: the sample ballots are not beside the repository")
	}
	d, err := ballot.Parse(read(t, filepath.Join(dir, "election.json")))
	if err != nil {
		t.Fatal(err)
	}
	s := sample{reader: NewReader(d, Options{Thresholds: usual})}
	img, refused := Decode(read(t, filepath.Join(dir, "page-1.png")))
	if refused != nil {
		t.Fatal(refused.Err())
	}
	s.sides[0] = img
	return s
}

func TestAPageIsReadUponItsBlankPage(t *testing.T) {
	s, template, want := openLegacy(t)
	for i := range 4 {
		img := s.sides[0]
		rng := seeded(uint64(i))
		how := scanning{degrees: 0.8 * (rng.Float64() - 0.5), scaleX: 1, scaleY: 0.99 + 0.02*rng.Float64(), noise: 5, down: i%2 == 1}
		if i > 0 {
			img = how.through(img, rng)
		}
		got, refused := template.Page(&s.reader.election.Election, img, usual)
		if refused != nil {
			t.Errorf("%d: refused, %v %s", i, refused.Reason, refused.Evidence())
			continue
		}
		votes := map[string][]string{}
		for _, c := range got.Contests {
			votes[c.ID] = c.Votes
		}
		if d := cmp.Diff(want, votes); d != "" || got.UpsideDown != (i%2 == 1) || got.Review() {
			t.Errorf("%d: upside down %v, review %v %s", i, got.UpsideDown, got.Review(), d)
		}
		low, high, match := 0.0, 1.0, 1.0
		for _, o := range got.Ovals {
			match = min(match, o.Match)
			if slices.Contains(want[o.Position.Contest], OptionID(o.Position)) {
				high = min(high, o.Fill)
			} else {
				low = max(low, o.Fill)
			}
		}
		t.Logf("%d: agreement %.2f, blank up to %.3f, marked from %.3f, match from %.2f", i, got.Agreement, low, high, match)
	}
}

func TestAnotherPageIsNotReadUponABlankPage(t *testing.T) {
	s, template, _ := openLegacy(t)
	d := renderedElection(t)
	_, refused := template.Page(&s.reader.election.Election, blankSheet(d).draw(t, 0), usual)
	if refused == nil || refused.Reason != NotOnTemplate {
		t.Errorf("read: %+v", refused)
	}
}
