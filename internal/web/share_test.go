package web_test

import (
	"testing"

	"github.com/openprecinct/precinct/internal/web"
)

func TestShare(t *testing.T) {
	for _, c := range []struct {
		part, whole int64
		want        string
	}{{0, 0, "0.00"}, {1, 3, "33.33"}, {3, 3, "100.00"}, {7, 3, "100.00"}, {0, 9, "0.00"}, {1, 40_000, "0.00"}} {
		if got := web.Share(c.part, c.whole); got != c.want {
			t.Errorf("%d of %d is %s, want %s", c.part, c.whole, got, c.want)
		}
	}
}
