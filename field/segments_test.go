package field

import (
	"testing"
	"time"
)

func TestUntilHour(t *testing.T) {
	for now, want := range map[string]time.Duration{
		"2027-10-09T07:59:00Z": time.Minute,
		"2027-10-09T08:00:00Z": 24 * time.Hour,
		"2027-12-31T09:00:00Z": 23 * time.Hour,
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := untilHour(at, 8); got != want {
			t.Errorf("from %s it is %s, want %s", now, got, want)
		}
	}
}
