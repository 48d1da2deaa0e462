package export

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/internal/fault"
)

// ScanKind is what a code on paper records.
type ScanKind uint8

// The kinds. Their numbers are on paper: they never change.
const (
	ScanResult   ScanKind = 1 // Object is one of the numbers of contact results
	ScanResponse ScanKind = 2 // Object is a response to a question
	ScanCode     ScanKind = 3 // Object is an activist code
	ScanNumber   ScanKind = 4 // Object is the number of a contact result that says something of a phone number, and that number's last four digits
)

// Scan is one answer of one person, as the code beside it says: whoever reads the code needs nothing else.
type Scan struct {
	Kind   ScanKind
	Object int64
	Person int64
}

// ResultOf returns the contact result of a scan.
func (s Scan) ResultOf() (contact.Result, bool) {
	switch s.Kind {
	case ScanResult:
		return contact.ResultOf(s.Object)
	case ScanNumber:
		return contact.ResultOf(s.Object / tails)
	}
	return "", false
}

// tails is how many ends of four digits there are.
const tails = 10_000

// OfNumber returns the scan of a result as it stands beside a phone number: whoever reads it later knows which number was printed.
func (s Scan) OfNumber(number string) Scan {
	if len(number) < 4 {
		return s
	}
	end, err := strconv.ParseInt(number[len(number)-4:], 10, 64)
	if s.Kind != ScanResult || err != nil || end < 0 {
		return s
	}
	return Scan{Kind: ScanNumber, Object: s.Object*tails + end, Person: s.Person}
}

// NumberEnd returns the last four digits of the number that a scan is about; false when it says none.
func (s Scan) NumberEnd() (string, bool) {
	if s.Kind != ScanNumber {
		return "", false
	}
	return fmt.Sprintf("%04d", s.Object%tails), true
}

// String returns the digits under the bars: the kind, how many digits the object has, the object, the person; an even number of them, since Code 128 packs two
// into one character, with a zero before them where there would be an odd number.
func (s Scan) String() string {
	object := strconv.FormatInt(s.Object, 10)
	d := strconv.Itoa(int(s.Kind)) + strconv.Itoa(len(object)) + object + strconv.FormatInt(s.Person, 10)
	if len(d)%2 == 1 {
		d = "0" + d
	}
	return d
}

// ParseScan reads what String wrote. The bars carry a check character of their own, so a misread is noticed by the scanner.
func ParseScan(digits string) (Scan, error) {
	wrong := fault.Invalidf("“%s” is no code of a walk list or call sheet. Scan it again.", digits)
	d := strings.TrimPrefix(digits, "0")
	if len(d) < 4 || len(digits)%2 == 1 || strings.Trim(d, "0123456789") != "" || d[0] < '1' || d[0] > '4' {
		return Scan{}, wrong
	}
	n := int(d[1] - '0')
	if n == 0 || len(d) < 3+n || d[2] == '0' || d[2+n] == '0' {
		return Scan{}, wrong
	}
	object, err1 := strconv.ParseInt(d[2:2+n], 10, 64)
	who, err2 := strconv.ParseInt(d[2+n:], 10, 64)
	s := Scan{Kind: ScanKind(d[0] - '0'), Object: object, Person: who}
	if err1 != nil || err2 != nil || s.String() != digits {
		return Scan{}, wrong
	}
	return s, nil
}
