package words

import "strings"

// Name writes a name that a file has in capitals as names are written: "NEW HANOVER" is "New Hanover". Codes stay.
func Name(s string) string {
	if s != strings.ToUpper(s) {
		return s
	}
	parts := strings.Fields(s)
	for i, w := range parts {
		if len(w) > 1 && strings.ContainsAny(w, "AEIOU") && !strings.ContainsAny(w, "0123456789-/") {
			r := []rune(strings.ToLower(w))
			parts[i] = strings.ToUpper(string(r[:1])) + string(r[1:])
		}
	}
	return strings.Join(parts, " ")
}
