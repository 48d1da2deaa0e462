package ballot

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var realDefinitions = []string{"vx-qr/elections/v41-town/election.json", "vx-qr/elections/v40-city-primary/election.json", "accuvote-scan/election.json", "legacy-mississippi/election.json"}

func TestRealDefinitionsAreWrittenAsRead(t *testing.T) {
	near := cmpopts.EquateApprox(0, 1e-9)
	for _, path := range realDefinitions {
		d, err := Parse(sample(t, path))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		again, err := Define(&d.Election, d.Format)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		read, err := Parse(again.Bytes)
		if err != nil {
			t.Fatalf("%s, written again: %v", path, err)
		}
		if diff := cmp.Diff(d.Election, read.Election, near, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Contest{}, "Kind", "Prompt"), cmpopts.IgnoreFields(Election{}, "HashInput")); diff != "" {
			t.Errorf("%s (-read +written and read)\n%.2000s", path, diff)
		}
	}
}

func TestContestsOfStyles(t *testing.T) {
	d, err := Parse(sample(t, "vx-qr/elections/v40-city-primary/election.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Styles {
		seen := map[string]bool{}
		for _, c := range d.ContestsOf(s) {
			seen[c.ID] = true
			if c.Party != "" && c.Party != s.Party {
				t.Errorf("style %s has “%s” of another party", s.ID, c.Title)
			}
		}
		printed := map[string]bool{}
		for _, sheet := range s.Sheets {
			for _, side := range sheet {
				for _, p := range side {
					printed[p.Contest] = true
				}
			}
		}
		if diff := cmp.Diff(printed, seen); diff != "" {
			t.Errorf("style %s (-printed by its maker +found)\n%s", s.ID, diff)
		}
	}
}

func TestWhatIsNoDefinition(t *testing.T) {
	for _, c := range []struct{ what, text, says string }{
		{"nothing", "", "The election definition cannot be read: line 1 is not JSON. Ask its maker for the file as it was exported."},
		{"a broken line", "{\n\"title\": \"x\",\n\"date\": }", "The election definition cannot be read: line 3 is not JSON. Ask its maker for the file as it was exported."},
		{"a number for a text", "{\n\"title\": 7}", "The election definition cannot be read: line 2, “title” holds a number. Ask its maker for the file as it was exported."},
		{"an unknown contest", `{"contests":[{"type":"approval","title":"Dog catcher"}]}`, "Contest 1, “Dog catcher”, is of the type “approval”, which this program does not know. Update this program, or ask for a definition without it."},
		{"an unknown type", `{"type":"recall"}`, "The election is of the type “recall”, which this program does not know. It knows general, closed-primary and open-primary."},
		{"positions of nothing", `{"gridLayouts":[{"ballotStyleId":"9"}]}`, "The definition says where the ovals of the ballot style “9” are, and has no such style."},
		{"a third side", `{"ballotStyles":[{"id":"9"}],"gridLayouts":[{"ballotStyleId":"9","gridPositions":[{"sheetNumber":1,"side":"edge"}]}]}`, "An oval of the ballot style “9” is on the side “edge”. There is only front and back."},
		{"a million sheets", `{"ballotStyles":[{"id":"9"}],"gridLayouts":[{"ballotStyleId":"9","gridPositions":[{"sheetNumber":1000000,"side":"front"}]}]}`, "The ballot style “9” has 1000000 sheets; a ballot has at most 15."},
	} {
		if _, err := Parse([]byte(c.text)); err == nil || err.Error() != c.says {
			t.Errorf("%s: %v\nwant %s", c.what, err, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"county":{},"ballotStyles":[{"id":"1"}],"gridLayouts":[{"ballotStyleId":"1","gridPositions":[{"sheetNumber":1,"side":"back"}]}],"ballotStrings":{"en":{"a":"b","c":{"d":"e"}}}}`))
	f.Add([]byte(`{"jurisdiction":{},"contests":[{"type":"yesno","options":[{"id":"a"}]}],"ballotStyles":[{"ballotPositions":[[[{"options":[{"writeInIndex":0}]}],[]]]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		if _, err := Define(&d.Election, V41); err != nil && len(d.Contests) == 0 {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}
