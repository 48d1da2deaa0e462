package exchange

import "github.com/openprecinct/precinct/internal/words"

// Armed makes a cell harmless in spreadsheet programs, as words.Armed says. Files read by this package lose the mark again.
func Armed(s string) string { return words.Armed(s) }
