package exchange

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
)

// Column is one thing that a row may tell.
type Column struct {
	Key      string   // "phone"
	Label    string   // English: "Phone"
	Names    []string // what files call it besides its label; case and punctuation do not count
	Required bool     // a row without it is refused
	// Parse makes a value of a cell that is not empty, or says what is wrong with it (a fault). Nil keeps the text.
	Parse func(cell string) (any, error)
}

// Noun is what the rows of a file are.
type Noun struct {
	Key     string // spelled as its table: "field_phone"
	Columns []Column
	Unique  []string // keys of the columns that together may occur only once in a file
}

func (n Noun) has(key string) bool {
	return slices.ContainsFunc(n.Columns, func(c Column) bool { return c.Key == key })
}

// Text takes any text of at most most letters. The value is a string.
func Text(most int) func(string) (any, error) {
	return func(s string) (any, error) {
		if utf8.RuneCountInString(s) > most {
			return nil, fault.Invalidf("This has more than %d letters.", most)
		}
		return s, nil
	}
}

// Email takes one mail address. The value is a string, its domain in lower case.
func Email(s string) (any, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return nil, fault.Invalidf("This is not a mail address.")
	}
	local, domain, _ := strings.Cut(s, "@")
	return local + "@" + strings.ToLower(domain), nil
}

// Phone takes a North American number however it is written. The value is a string of ten digits.
func Phone(s string) (any, error) {
	digits := make([]byte, 0, 11)
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case !strings.ContainsRune(" ()-./+", rune(c)):
			return nil, fault.Invalidf("This is not a phone number of ten digits.")
		}
	}
	if len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	// The North American Numbering Plan: area code and exchange begin with 2 to 9.
	if len(digits) != 10 || digits[0] < '2' || digits[3] < '2' {
		return nil, fault.Invalidf("This is not a phone number of ten digits.")
	}
	return string(digits), nil
}

// Whole takes a whole number from least to most. The value is an int64.
func Whole(least, most int64) func(string) (any, error) {
	return func(s string) (any, error) {
		n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
		if err != nil || n < least || n > most {
			return nil, fault.Invalidf("This is not a whole number from %d to %d.", least, most)
		}
		return n, nil
	}
}

// Day takes a date as 2027-10-09 or, as the United States write it, 10/9/2027. The value is a time.Time at midnight UTC.
func Day(s string) (any, error) {
	for _, layout := range []string{time.DateOnly, "1/2/2006", "1-2-2006", "20060102", time.DateTime, "1/2/2006 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1800 && t.Year() < 2200 {
			return t.Truncate(24 * time.Hour), nil
		}
	}
	return nil, fault.Invalidf("This is not a date. Write it like 2027-10-09 or 10/9/2027.")
}

// OneOf takes one of the words, in any case. The value is the word as given here.
func OneOf(words ...string) func(string) (any, error) {
	return func(s string) (any, error) {
		for _, w := range words {
			if strings.EqualFold(w, s) {
				return w, nil
			}
		}
		return nil, fault.Invalidf("This must be one of: %s.", strings.Join(words, ", "))
	}
}
