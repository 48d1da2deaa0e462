package sheet

import "testing"

func TestNumbersAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string]int{"1,234": 1234, " 12 ": 12, "1 234": 1234, "-1": -1, "x": -1, "": -1, "1.5": -1} {
		if n, ok := count(text); ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d, %v", text, n, ok)
		}
	}
	for line, want := range map[string][2]string{"A, 1,200": {"A", "1,200"}, "Ward 3; 40": {"Ward 3", "40"}, "12": {"", "12"}, "A": {"A", ""}, "B 7": {"B", "7"}} {
		if name, number := lastField(line); name != want[0] || number != want[1] {
			t.Errorf("%q: %q and %q", line, name, number)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "1,234", "Ana, 3,000\nBo 2500", "Halden, 110000, 3\nBrandt Creek, 40000", "-1", "1e9", "NaN", ";", ",,"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, number, list string) {
		form := Read(func(name string) string {
			if name == "tally" || name == "counties" {
				return list
			}
			return number
		})
		if q := form.question(); len(form.Wrong) == 0 && (q.Contest.Ballots < 1 || q.Contest.Ballots > maxBallots || q.Minutes < 0) {
			t.Errorf("%q and %q are taken for %+v", number, list, q)
		}
	})
}
