package turfstore

import (
	"slices"
	"testing"
)

// Apartments come as somebody walks along the corridor.
func TestUnitOrder(t *testing.T) {
	want := []string{"", "APT 1", "2", "# 3", "APT 4", "UNIT 5", "5A", "APT 5B", "#6", "APT 10", "LOT 303", "APT A", "APT A2", "B1", "BLDG 2 APT B12"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(x, y string) int { return unitOrder(x) - unitOrder(y) })
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	for _, s := range []string{"APT", "APT 99999999999999999999", "Ñ 4", "##", "½"} {
		if n := unitOrder(s); n < 0 {
			t.Errorf("%q: %d", s, n)
		}
	}
}
