package raire

import (
	"os"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	_, err := ReadFile(strings.NewReader("2\nContest,1,3,a,b,c,winner,a,order,b,c,a\r\nContest, x,2,ann b,winner,winner,ann b\n1,1,a,b\n1,2,a,b\n1,3,,c\n1,4\n\n x,9,ann b,zed\n"))
	if err == nil {
		t.Error("a ballot of “x” is not one of “ x”")
	}
	contests, err := ReadFile(strings.NewReader("2\nContest,1,3,a,b,c,winner,a,order,b,c,a\r\nContest,x,2,ann b,winner,winner,ann b\n1,1,a,b\n1,2,a,b\n1,3,,c\n1,4\n\nx,9,zed,ann b"))
	if err != nil || len(contests) != 2 {
		t.Fatal(contests, err)
	}
	c := contests[0]
	if c.Winner != "a" || c.Profile.Ballots != 4 || len(c.Profile.Groups) != 2 || c.Profile.Groups[0].Count != 2 || c.Profile.Groups[1].Ranking[0] != 2 {
		t.Errorf("%+v", c.Profile)
	}
	if c = contests[1]; c.Winner != "ann b" || c.Profile.Names[1] != "winner" || c.Profile.Groups[0].Ranking[0] != Unlisted {
		t.Errorf("%+v", c)
	}
}

func TestReadFileRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "ends at line 1",
		"x":                           "Line 1",
		"0":                           "Line 1",
		"2\nContest,1,1,a,winner,a":   "ends at line 3",
		"1\nContest,1,2,a,winner,a":   "Line 2",
		"1\nContest,1,-3,a,winner,a":  "Line 2",
		"1\nContest,1,1,a,victor,a":   "Line 2",
		"1\nContest,1,2,a,a,winner,a": "called",
		"2\nContest,1,1,a,winner,a\nContest,1,1,a,winner,a": "second time",
		"1\nContest,1,1,a,winner,a\n2,1,a":                  "does not describe",
		"1\n" + strings.Repeat("x", maxLine+2):              "longer than",
	} {
		if _, err := ReadFile(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", in, err, want)
		}
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add("1\nContest,1,3,a,b,c,winner,a\n1,1,a,b\n1,2,c\n1,3,b,c\n1,4,a")
	f.Add("2\nContest,1,1,a,winner,a\nContest,2,2,a,b,winner,b,order,a,b\n2,1,b\n1,1,,a,zz")
	f.Add("1\nContest,1,99999999999,a,winner,a")
	f.Fuzz(func(t *testing.T, in string) {
		contests, err := ReadFile(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, c := range contests {
			if len(c.Profile.Names) > 6 {
				continue
			}
			w := c.Profile.Number(c.Winner)
			found, err := Assertions(c.Profile, w, 0)
			if err != nil {
				continue
			}
			if open, ok, err := Sufficient(len(c.Profile.Names), w, found.Assertions); !ok || err != nil {
				t.Errorf("%v is open: %v", open, err)
			}
		}
	})
}

// Real contests with known answers.
func TestRealContests(t *testing.T) {
	for name, want := range map[string][]int{
		"Berkeley_2010.raire":             {2348, 1033, 728, 0},
		"NSW2015_Data_NA_Drummoyne.raire": {16198},
	} {
		f, err := os.Open("../../../../shared/samples/audit/raire/" + name)
		if err != nil {
			t.Skip("NOT TESTED: the samples of audits are not here: ", err)
		}
		contests, err := ReadFile(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range contests {
			found, err := Assertions(c.Profile, c.Profile.Number(c.Winner), 0)
			if err != nil || want[i] != 0 && found.Hardest != want[i] {
				t.Errorf("%s, contest %s: %d, want %d, %v", name, c.ID, found.Hardest, want[i], err)
			}
		}
	}
}
