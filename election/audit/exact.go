package audit

import (
	"fmt"
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"
)

// digits is how many decimal digits are kept where a ceiling or a decision hangs on a logarithm. Arlo keeps 28.
const digits = 50

// logs adds up multiples of logarithms of fractions with many digits.
type logs struct {
	ed  *apd.ErrDecimal
	sum apd.Decimal
}

func newLogs() *logs {
	ctx := apd.BaseContext.WithPrecision(digits)
	ctx.Traps &^= apd.Inexact | apd.Rounded | apd.Subnormal | apd.Underflow
	ed := apd.MakeErrDecimal(ctx)
	return &logs{ed: &ed}
}

// value writes a fraction as a decimal.
func (g *logs) value(r *big.Rat) *apd.Decimal {
	num := apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(r.Num()), 0)
	den := apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(r.Denom()), 0)
	return g.ed.Quo(new(apd.Decimal), num, den)
}

// ln is the logarithm of a positive fraction.
func (g *logs) ln(r *big.Rat) *apd.Decimal {
	if r.Cmp(one) == 0 {
		return apd.New(0, 0)
	}
	return g.ed.Ln(new(apd.Decimal), g.value(r))
}

// add adds times · ln r.
func (g *logs) add(times *big.Rat, r *big.Rat) {
	if times.Sign() == 0 {
		return
	}
	t := g.ed.Mul(new(apd.Decimal), g.value(times), g.ln(r))
	g.ed.Add(&g.sum, &g.sum, t)
}

// sign is the sign of the sum. A sum of which all digits but the last few cancel is nothing.
func (g *logs) sign() (int, error) {
	if err := g.ed.Err(); err != nil {
		return 0, fmt.Errorf("deciding exactly: %w", err)
	}
	if g.sum.IsZero() || g.sum.Exponent+int32(g.sum.NumDigits()) < -(digits-12) { // #nosec G115 -- at most as many digits as are kept
		return 0, nil
	}
	return g.sum.Sign(), nil
}

// ceilOver is the ceiling of the sum over another, both exact to about 40 digits.
func (g *logs) ceilOver(under *logs) (int, error) {
	q := g.ed.Quo(new(apd.Decimal), &g.sum, &under.sum)
	near := g.ed.RoundToIntegralValue(new(apd.Decimal), q)
	off := g.ed.Sub(new(apd.Decimal), q, near)
	n, err := near.Int64()
	for _, e := range []error{g.ed.Err(), under.ed.Err(), err} {
		if e != nil {
			return 0, fmt.Errorf("%w: a size cannot be computed: %w", ErrInput, e)
		}
	}
	if off.Sign() > 0 && off.Exponent+int32(off.NumDigits()) >= -(digits-20) { // #nosec G115 -- as above
		n++
	}
	if n > math.MaxInt32*1024 {
		return 0, fmt.Errorf("%w: a size of %d is none", ErrInput, n)
	}
	return int(n), nil
}

var (
	one  = big.NewRat(1, 1)
	half = big.NewRat(1, 2)
)

// rat is a fraction of two counts.
func rat(a, b int) *big.Rat { return big.NewRat(int64(a), int64(b)) }

// whole is a count as a fraction.
func whole(n int) *big.Rat { return rat(n, 1) }

// alpha is the limit as a fraction.
func (l Limit) alpha() *big.Rat { return rat(int(l), 10_000) }

// doubt is how near two logarithms may be before they are compared exactly.
const doubt = 1e-7

// atMost says whether a p-value, known as its logarithm, is at most the limit; exactly adds up the same logarithm where it is near.
func (l Limit) atMost(lnP float64, exactly func(*logs)) (bool, error) {
	diff := lnP - math.Log(l.Alpha())
	if math.IsNaN(diff) {
		return false, fmt.Errorf("%w: a p-value is no number", ErrInput)
	}
	if math.Abs(diff) > doubt*math.Max(1, math.Abs(lnP)) {
		return diff < 0, nil
	}
	g := newLogs()
	exactly(g)
	g.add(big.NewRat(-1, 1), l.alpha())
	s, err := g.sign()
	return s <= 0, err
}
