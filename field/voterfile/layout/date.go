package layout

import "fmt"

// Date is a calendar day as yyyymmdd; 0 means none. It has no time and no zone, as in the files.
type Date int32

// MakeDate returns the date, or 0 when there is no such day in the years 1800 to 2199.
func MakeDate(year, month, day int) Date {
	if year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0
	}
	return Date(year*10000 + month*100 + day)
}

// Year returns the year, 0 for no date.
func (d Date) Year() int { return int(d) / 10000 }

// Month returns 1 to 12, 0 for no date.
func (d Date) Month() int { return int(d) / 100 % 100 }

// Day returns 1 to 31, 0 for no date.
func (d Date) Day() int { return int(d) % 100 }

// String returns ISO 8601, "2024-11-05", or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year(), d.Month(), d.Day())
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// DateForm is the order of the parts of a written date.
type DateForm uint8

// The forms. AnyDate takes ISO, US and compact dates alike and is what most generic files need.
const (
	AnyDate   DateForm = iota
	ISODate            // 2024-11-05
	USDate             // 11/05/2024, 1/5/2024
	Compact            // 20241105
	USCompact          // 11052024 (MI fixed width)
	DayFirst           // 05/11/2024
)

var dateForms = [...]string{"any", "iso", "us", "yyyymmdd", "mmddyyyy", "dmy"}

// String returns the form's name as used in a Mapping.
func (f DateForm) String() string { return nameOf(dateForms[:], int(f)) }

// ParseDate reads a date written in form f. A time after the date is ignored. Empty text and the placeholders that files use for
// "none" (all zeros, 00/00/0000, 01/01/1800, 01/01/1900 and ##/##/####) give 0 and true; anything else that is not a day of the
// calendar gives 0 and false.
func ParseDate(s string, f DateForm) (Date, bool) {
	if i := indexTime(s); i >= 0 {
		s = s[:i]
	}
	if s == "" {
		return 0, true
	}
	y, m, d, ok := datePartsOf(s, f)
	if !ok {
		return 0, placeholderDate(s)
	}
	if y == 0 && m == 0 && d == 0 || (y == 1800 || y == 1900) && m == 1 && d == 1 {
		return 0, true
	}
	out := MakeDate(y, m, d)
	return out, out != 0
}

// indexTime finds the blank or T that parts a date from a time, -1 without one.
func indexTime(s string) int {
	for i := 6; i < len(s) && i <= 10; i++ {
		if s[i] == ' ' || s[i] == 'T' {
			return i
		}
	}
	return -1
}

func placeholderDate(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case '0', '#', '/', '-', '*', 'X', 'x', ' ':
		default:
			return false
		}
	}
	return true
}

func datePartsOf(s string, f DateForm) (y, m, d int, ok bool) {
	if len(s) == 8 && allDigits(s) {
		if f == USCompact || f == USDate {
			return number(s[4:8]), number(s[0:2]), number(s[2:4]), true
		}
		if f == DayFirst {
			return number(s[4:8]), number(s[2:4]), number(s[0:2]), true
		}
		return number(s[0:4]), number(s[4:6]), number(s[6:8]), true
	}
	a, b, c, ok := threeNumbers(s)
	if !ok {
		return 0, 0, 0, false
	}
	yearFirst := s[min(4, len(s)-1)] == '-' || s[min(4, len(s)-1)] == '/'
	switch {
	case yearFirst && f != USDate && f != DayFirst:
		return a, b, c, true
	case f == DayFirst && !yearFirst:
		return c, b, a, true
	case !yearFirst && f != ISODate:
		return c, a, b, true
	}
	return 0, 0, 0, false
}

// threeNumbers splits 11/05/2024 or 2024-11-05; the year must have four digits.
func threeNumbers(s string) (a, b, c int, ok bool) {
	var n [3]int
	var digits [3]int
	part := 0
	for i := range len(s) {
		ch := s[i]
		switch {
		case ch >= '0' && ch <= '9':
			n[part] = n[part]*10 + int(ch-'0')
			if digits[part]++; digits[part] > 4 {
				return 0, 0, 0, false
			}
		case (ch == '/' || ch == '-') && part < 2 && digits[part] > 0:
			part++
		default:
			return 0, 0, 0, false
		}
	}
	four := digits[0] == 4 && digits[2] <= 2 || digits[2] == 4 && digits[0] <= 2
	return n[0], n[1], n[2], part == 2 && digits[2] > 0 && digits[1] <= 2 && four
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number reads a short run of digits.
func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// appendUS appends MM/DD/YYYY, nothing for no date.
func appendUS(b []byte, d Date) []byte {
	if d == 0 {
		return b
	}
	b = append(appendTwo(b, d.Month()), '/')
	b = append(appendTwo(b, d.Day()), '/')
	return appendTwo(appendTwo(b, d.Year()/100), d.Year()%100)
}

// appendISO appends YYYY-MM-DD, nothing for no date.
func appendISO(b []byte, d Date) []byte {
	if d == 0 {
		return b
	}
	b = append(appendTwo(appendTwo(b, d.Year()/100), d.Year()%100), '-')
	b = append(appendTwo(b, d.Month()), '-')
	return appendTwo(b, d.Day())
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10%10), byte('0'+n%10)) }
