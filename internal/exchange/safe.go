package exchange

import (
	"strings"
	"unicode/utf8"
)

// dangerous is what a spreadsheet program takes for the beginning of a formula (OWASP ASVS 5.0 1.2.10), the full-width
// forms included, which some languages' versions take too.
func dangerous(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", r)
}

// Armed makes a cell harmless in spreadsheet programs: what looks like a formula gets an apostrophe before it, which the
// programs show as text. Files read by this package lose it again, so a value survives going out and in.
func Armed(s string) string {
	if dangerous(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// unarmed takes away what Armed added.
func unarmed(s string) string {
	if len(s) > 1 && s[0] == '\'' && dangerous(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}
