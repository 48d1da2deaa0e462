package export

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/contact"
)

func TestScansComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Scan{Kind: ScanKind(rapid.IntRange(1, 4).Draw(t, "kind")), Object: rapid.Int64Range(1, 999_999_999).Draw(t, "object"), Person: rapid.Int64Range(1, 1<<40).Draw(t, "person")}
		got, err := ParseScan(s.String())
		if err != nil || got != s {
			t.Fatalf("%+v is printed as %s and read as %+v, %v", s, s, got, err)
		}
	})
}

// The numbers are on paper that lies around: a result without one cannot be printed, and two with one are one.
func TestEveryResultHasANumberOfItsOwn(t *testing.T) {
	seen := map[int64]contact.Result{}
	for _, m := range contact.Meanings() {
		n := m.Result.Standard().Number
		if n == 0 || seen[n] != "" {
			t.Errorf("%s has the number %d, as has %q", m.Result, n, seen[n])
		}
		seen[n] = m.Result
		if r, ok := (Scan{Kind: ScanResult, Object: n}).ResultOf(); !ok || r != m.Result {
			t.Errorf("number %d is read as %q, want %q", n, r, m.Result)
		}
	}
	n := Scan{Kind: ScanResult, Object: contact.WrongNumber.Standard().Number, Person: 7}.OfNumber("5550140630")
	if end, ok := n.NumberEnd(); !ok || end != "0630" {
		t.Errorf("%s is about the number that ends in %q", n, end)
	}
	if r, ok := n.ResultOf(); !ok || r != contact.WrongNumber {
		t.Errorf("%s is read as %q", n, r)
	}
	if _, ok := (Scan{Kind: ScanResponse, Object: 1}).ResultOf(); ok {
		t.Error("a response was read as a result")
	}
}

func FuzzParseScan(f *testing.F) {
	for _, s := range []string{"", "0", "00", "211500", "02114512345", "1914", "2311450000", "3105", "abc", "２1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, digits string) {
		s, err := ParseScan(digits)
		if err == nil && s.String() != digits {
			t.Errorf("%q is read as %+v, which is printed as %q", digits, s, s.String())
		}
	})
}
