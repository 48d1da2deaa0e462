package web

import "strconv"

// Share is part of whole in hundredths, as the widths of drawn bars want it: never more than the whole, and none of nothing.
func Share(part, whole int64) string {
	whole = max(whole, 1)
	return strconv.FormatFloat(100*float64(min(part, whole))/float64(whole), 'f', 2, 64)
}
