package segment

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTextsAreAMap gives texts their codes and compares with a map.
func TestTextsAreAMap(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d, codes := newTexts(), map[string]uint32{"": 0}
		for _, s := range rapid.SliceOf(rapid.OneOf(rapid.StringN(0, 40, 60), rapid.SampledFrom([]string{"", "\x00", "a", "a\x00", "abc", "abcd", "abcde", "1234567", "12345678", "123456789", "12345678912", "12345678913", "123456789124", "123456789125"}))).Draw(r, "texts") {
			want, ok := codes[s]
			if !ok {
				want = uint32(len(codes))
				codes[s] = want
			}
			if got := d.code([]byte(s)); got != want || d.all[got] != s {
				r.Fatalf("%q has the code %d, want %d", s, got, want)
			}
		}
		if len(d.all) != len(codes) {
			r.Fatalf("%d texts, want %d", len(d.all), len(codes))
		}
	})
}
