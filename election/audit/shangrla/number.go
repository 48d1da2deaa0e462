package shangrla

import "math"

// product multiplies any number of factors without overflow or underflow: its value is mantissa × 2^exponent.
type product struct {
	mantissa float64
	exponent int
}

// one is the empty product.
func one() product { return product{mantissa: 1} }

// times multiplies by f, which may be 0 or negative but is finite.
func (p *product) times(f float64) {
	p.mantissa *= f
	if a := math.Abs(p.mantissa); a > 0x1p+500 || a < 0x1p-500 && a != 0 {
		m, e := math.Frexp(p.mantissa)
		p.mantissa, p.exponent = m, p.exponent+e
	}
}

// greater says whether p is greater than q.
func (p product) greater(q product) bool {
	if p.mantissa <= 0 || q.mantissa <= 0 || p.exponent == q.exponent {
		return p.mantissa > q.mantissa
	}
	return p.log() > q.log()
}

// log returns the natural logarithm; −Inf for a product that is not positive.
func (p product) log() float64 {
	if p.mantissa <= 0 {
		return math.Inf(-1)
	}
	return math.Log(p.mantissa) + float64(p.exponent)*math.Ln2
}

// inverse returns 1 over the product, at most 1, as a p-value of a fortune; a product that is not positive gives 1.
func (p product) inverse() float64 {
	if p.mantissa <= 0 {
		return 1
	}
	return min(1, math.Ldexp(1/p.mantissa, -p.exponent))
}

// total adds numbers and keeps what rounding loses (Neumaier 1974).
type total struct{ sum, lost float64 }

func (t *total) add(x float64) {
	s := t.sum + x
	if math.Abs(t.sum) >= math.Abs(x) {
		t.lost += (t.sum - s) + x
	} else {
		t.lost += (x - s) + t.sum
	}
	t.sum = s
}

func (t *total) value() float64 { return t.sum + t.lost }
