package ballot

import (
	"math"
	"testing"
)

// TestTheGridIsVxSuites holds the geometry to what was measured on official ballots.
func TestTheGridIsVxSuites(t *testing.T) {
	for _, c := range []struct {
		paper Paper
		rows  int
		pitch float64
	}{{Letter, 41, 0.26510}, {Legal, 53, 0.26162}, {Custom22, 85, 0}} {
		if c.paper.Rows() != c.rows || c.pitch > 0 && math.Abs(c.paper.RowPitch()-c.pitch) > 5e-6 {
			t.Errorf("%s: %d rows, pitch %.5f", c.paper, c.paper.Rows(), c.paper.RowPitch())
		}
		x, y := c.paper.Place(Point{Columns - 1, float64(c.rows - 1)})
		if math.Abs(x-(PaperWidth-FirstX)) > 1e-9 || math.Abs(y-(c.paper.Height()-FirstY)) > 1e-9 {
			t.Errorf("%s: the last mark is at %.4f, %.4f", c.paper, x, y)
		}
		if p := c.paper.PointAt(c.paper.Place(Point{10.15, 13.56})); math.Abs(p.Col-10.15)+math.Abs(p.Row-13.56) > 1e-9 {
			t.Errorf("%s: there and back: %v", c.paper, p)
		}
	}
	if math.Abs(ColumnPitch-0.23996) > 5e-6 {
		t.Errorf("column pitch %.5f", ColumnPitch)
	}
}
