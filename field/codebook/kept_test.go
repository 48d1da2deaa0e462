package codebook

import (
	"testing"
	"time"
)

// TestWhenACountIsBelieved: a fast one until something is written, a slow one for ten minutes.
func TestWhenACountIsBelieved(t *testing.T) {
	at := time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)
	fast, slow := kept{epoch: 5, at: at, took: time.Millisecond, n: map[ID]int64{}}, kept{epoch: 5, at: at, took: time.Second, n: map[ID]int64{}}
	for what, c := range map[string]struct {
		k     kept
		epoch int64
		after time.Duration
		want  bool
	}{
		"nothing counted yet":          {kept{}, 0, 0, false},
		"fast, nothing written":        {fast, 5, 24 * time.Hour, true},
		"fast, something written":      {fast, 6, time.Second, false},
		"slow, nothing written":        {slow, 5, 24 * time.Hour, true},
		"slow, something written":      {slow, 6, 9 * time.Minute, true},
		"slow, something written, old": {slow, 6, 11 * time.Minute, false},
	} {
		if got := c.k.good(c.epoch, at.Add(c.after)); got != c.want {
			t.Errorf("%s: believed %v", what, got)
		}
	}
}
