package ranked

import (
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Decimal is an exact number of votes with the places it is written with: 8.0000 and 8 are equal and look different, as
// in java.math.BigDecimal, whose rules of scale the reports follow. The zero value is 0.
type Decimal struct {
	units big.Int // in 10^-scale
	scale int
}

// NewDecimal returns n, written without places.
func NewDecimal(n int64) Decimal {
	var d Decimal
	d.units.SetInt64(n)
	return d
}

// ParseDecimal reads digits with at most one point: "7.5". Signs, exponents and more than 40 characters are refused.
func ParseDecimal(s string) (Decimal, bool) {
	whole, places, _ := strings.Cut(s, ".")
	if len(s) > 40 || whole+places == "" || strings.Trim(whole+places, "0123456789") != "" {
		return Decimal{}, false
	}
	var d Decimal
	d.units.SetString(whole+places, 10)
	d.scale = len(places)
	return d, true
}

var ten = big.NewInt(10)

// powers are 10^0 and on, as far as votes need them.
var powers = func() (all [64]*big.Int) {
	for n := range all {
		all[n] = new(big.Int).Exp(ten, big.NewInt(int64(n)), nil)
	}
	return all
}()

// power returns 10^n, which nobody may change.
func power(n int) *big.Int {
	if n < len(powers) {
		return powers[n]
	}
	return new(big.Int).Exp(ten, big.NewInt(int64(n)), nil)
}

// at returns the number's units in 10^-scale, which is not less than its own scale.
func (d *Decimal) at(scale int) *big.Int {
	if scale == d.scale {
		return &d.units
	}
	return new(big.Int).Mul(&d.units, power(scale-d.scale))
}

// Cmp compares the numbers, whatever their places: -1, 0 or 1.
func (d Decimal) Cmp(e Decimal) int {
	s := max(d.scale, e.scale)
	return d.at(s).Cmp(e.at(s))
}

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int { return d.units.Sign() }

// Plus returns d + e with the places of the longer.
func (d Decimal) Plus(e Decimal) Decimal {
	var r Decimal
	r.scale = max(d.scale, e.scale)
	r.units.Add(d.at(r.scale), e.at(r.scale))
	return r
}

// Minus returns d - e with the places of the longer.
func (d Decimal) Minus(e Decimal) Decimal {
	var r Decimal
	r.scale = max(d.scale, e.scale)
	r.units.Sub(d.at(r.scale), e.at(r.scale))
	return r
}

// Times returns d × e with the places of both together.
func (d Decimal) Times(e Decimal) Decimal {
	var r Decimal
	r.units.Mul(&d.units, &e.units)
	r.scale = d.scale + e.scale
	return r
}

// Over returns d / e rounded to so many places: towards zero, or away from it. e is not 0.
func (d Decimal) Over(e Decimal, places int, up bool) Decimal {
	var r Decimal
	r.scale = places
	num := new(big.Int).Mul(&d.units, power(places+e.scale))
	den := new(big.Int).Mul(&e.units, power(d.scale))
	rest := new(big.Int)
	r.units.QuoRem(num, den, rest)
	if up && rest.Sign() != 0 {
		r.units.Add(&r.units, big.NewInt(int64(num.Sign()*den.Sign())))
	}
	return r
}

// Down returns d with so many places; what is beyond them is dropped.
func (d Decimal) Down(places int) Decimal {
	if places >= d.scale {
		return Decimal{*new(big.Int).Set(d.at(places)), places}
	}
	var r Decimal
	r.scale = places
	r.units.Quo(&d.units, power(d.scale-places))
	return r
}

// String writes the number as Java's BigDecimal.toString does: 0.00000012 with eight places is 1.2E-7.
func (d Decimal) String() string {
	digits := new(big.Int).Abs(&d.units).String()
	sign := ""
	if d.units.Sign() < 0 {
		sign = "-"
	}
	if d.scale == 0 {
		return sign + digits
	}
	if exp := len(digits) - 1 - d.scale; exp < -6 {
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return sign + digits + "E" + strconv.Itoa(exp)
	}
	return sign + pointed(digits, d.scale)
}

// Plain writes the number without an exponent, and without zeros at its end.
func (d Decimal) Plain() string {
	digits := new(big.Int).Abs(&d.units).String()
	if d.scale > 0 {
		digits = strings.TrimRight(strings.TrimRight(pointed(digits, d.scale), "0"), ".")
	}
	if d.units.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

func pointed(digits string, scale int) string {
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale+1-len(digits)) + digits
	}
	return digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// Float returns the nearest floating-point number, for pictures.
func (d Decimal) Float() float64 {
	f, _ := new(big.Rat).SetFrac(&d.units, power(d.scale)).Float64()
	return f
}

// Percent returns d / of in percent, cut to two places, as RCTab writes it: the quotient is first rounded to seven
// digits (half to even), then the percent is cut. "" where of is 0.
func (d Decimal) Percent(of Decimal) string {
	switch {
	case of.Sign() == 0:
		return ""
	case d.Sign() == 0:
		return "0.0%"
	}
	hundredths := d.seven(of)
	text := strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text + "%"
}

// seven returns 10000 × d/of, d/of rounded to seven digits, cut to a whole number.
func (d Decimal) seven(of Decimal) int64 {
	num := new(big.Int).Mul(&d.units, power(of.scale))
	den := new(big.Int).Mul(&of.units, power(d.scale))
	// places after the point so that the quotient has seven digits
	places := 7 - digitsOf(num, den)
	if places > 0 {
		num = new(big.Int).Mul(num, power(places))
	} else {
		den = new(big.Int).Mul(den, power(-places))
	}
	q, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(den) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		if q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
	}
	if places >= 4 {
		q.Quo(q, power(places-4))
	} else {
		q.Mul(q, power(4-places))
	}
	return q.Int64()
}

// digitsOf returns how many digits num/den has before its point: 0 for 0.1 to 0.99…, -1 for 0.01.
func digitsOf(num, den *big.Int) int {
	n := len(num.String()) - len(den.String())
	scaled := new(big.Int).Set(den)
	left := new(big.Int).Set(num)
	if n >= 0 {
		scaled.Mul(scaled, power(n))
	} else {
		left.Mul(left, power(-n))
	}
	if left.Cmp(scaled) >= 0 {
		return n + 1
	}
	return n
}

// amount is a running sum of ballots' values in units of the contest: 128 bits, since twenty places of ten million
// ballots are 10^27. broken counts the ballots in it whose value is written with places.
type amount struct {
	hi     uint64
	lo     uint64
	broken int64
}

func (a *amount) add(v *value, count int64) {
	hi, lo := bits.Mul64(v.lo, uint64(count)) // #nosec G115 -- counts are not negative
	hi += v.hi * uint64(count)                // #nosec G115 -- counts are not negative
	var carry uint64
	a.lo, carry = bits.Add64(a.lo, lo, 0)
	a.hi, _ = bits.Add64(a.hi, hi, carry)
	if v.scaled {
		a.broken += count
	}
}

func (a *amount) merge(b *amount) {
	var carry uint64
	a.lo, carry = bits.Add64(a.lo, b.lo, 0)
	a.hi, _ = bits.Add64(a.hi, b.hi, carry)
	a.broken += b.broken
}

// decimal writes the amount, whose units are 10^-places, with places only if one of its ballots has them.
func (a *amount) decimal(places int) Decimal {
	var d Decimal
	if a.hi == 0 {
		d.units.SetUint64(a.lo)
	} else {
		d.units.SetUint64(a.hi)
		d.units.Lsh(&d.units, 64)
		d.units.Add(&d.units, new(big.Int).SetUint64(a.lo))
	}
	if a.broken > 0 {
		d.scale = places
	} else if places > 0 {
		d.units.Quo(&d.units, power(places))
	}
	return d
}

// value is what a ballot is worth, in units of the contest.
type value struct {
	hi, lo uint64
	scaled bool // written with places: it has given something to a winner
}

func newValue(units *big.Int, scaled bool) value {
	low := new(big.Int).And(units, new(big.Int).SetUint64(^uint64(0)))
	return value{new(big.Int).Rsh(units, 64).Uint64(), low.Uint64(), scaled}
}

func (v *value) units() *big.Int {
	n := new(big.Int).SetUint64(v.hi)
	return n.Add(n.Lsh(n, 64), new(big.Int).SetUint64(v.lo))
}

func (v *value) zero() bool { return v.hi|v.lo == 0 }
