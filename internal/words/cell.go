package words

import (
	"strings"
	"unicode/utf8"
)

// Armed makes one cell of a spreadsheet harmless: what a spreadsheet program would run as a formula (OWASP ASVS 5.0 1.2.10)
// gets an apostrophe before it, which the programs show as text. Disarmed takes it away again, so a value survives going out
// and in. It stands here because everybody who writes for people's programs needs the one rule.
func Armed(s string) string {
	if dangerous(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Disarmed takes away what Armed added.
func Disarmed(s string) string {
	if len(s) > 1 && s[0] == '\'' && dangerous(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}

// dangerous is what a spreadsheet program takes for the beginning of a formula, the full-width forms included, which some
// languages' versions take too.
func dangerous(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", r)
}
