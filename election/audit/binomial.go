package audit

import "math"

// binomial is the number of successes in n trials of chance p each.
type binomial struct {
	n int
	p float64
}

// lnPmf is the logarithm of the chance of exactly k, to about 14 digits at any n (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000).
func (b binomial) lnPmf(k int) float64 {
	switch {
	case k < 0 || k > b.n || b.p == 0 && k > 0 || b.p == 1 && k < b.n:
		return math.Inf(-1)
	case b.p == 0 || b.p == 1:
		return 0
	case k == 0:
		return float64(b.n) * math.Log1p(-b.p)
	case k == b.n:
		return float64(b.n) * math.Log(b.p)
	}
	n, x := float64(b.n), float64(k)
	lc := stirling(n) - stirling(x) - stirling(n-x) - deviance(x, n*b.p) - deviance(n-x, n*(1-b.p))
	return lc + .5*math.Log(n/(2*math.Pi*x*(n-x)))
}

// stirling is ln n! − Stirling's formula for it.
func stirling(n float64) float64 {
	if n < 16 {
		g, _ := math.Lgamma(n + 1)
		return g - ((n+.5)*math.Log(n) - n + .5*math.Log(2*math.Pi))
	}
	nn := n * n
	return (1./12 - (1./360-(1./1260-(1./1680-1./1188/nn)/nn)/nn)/nn) / n
}

// deviance is x ln(x/m) + m − x without cancellation.
func deviance(x, m float64) float64 {
	if math.Abs(x-m) < .1*(x+m) {
		v := (x - m) / (x + m)
		s, e := (x-m)*v, 2*x*v
		for j := 1; j < 1000; j++ {
			e *= v * v
			next := s + e/float64(2*j+1)
			if next == s {
				break
			}
			s = next
		}
		return s
	}
	return x*math.Log(x/m) + m - x
}

// lnAtLeast is ln P(X ≥ k). Tails are summed term by term from their large end, so that they are right to about 13 digits however small they are.
func (b binomial) lnAtLeast(k int) float64 {
	switch {
	case k <= 0:
		return 0
	case k > b.n:
		return math.Inf(-1)
	case b.p == 0 || b.p == 1:
		return b.lnPmf(b.n)
	case float64(k) <= float64(b.n)*b.p:
		return math.Log1p(-math.Exp(b.lnAtMost(k - 1)))
	}
	odds := b.p / (1 - b.p)
	total, term := 1., 1.
	for i := k; i < b.n && term > 1e-17*total; i++ {
		term *= float64(b.n-i) / float64(i+1) * odds
		total += term
	}
	return b.lnPmf(k) + math.Log(total)
}

// lnAtMost is ln P(X ≤ k), the upper tail of the failures.
func (b binomial) lnAtMost(k int) float64 {
	if k < 0 {
		return math.Inf(-1)
	}
	if k >= b.n {
		return 0
	}
	if float64(k) > float64(b.n)*b.p {
		return math.Log1p(-math.Exp(b.lnAtLeast(k + 1)))
	}
	odds := (1 - b.p) / b.p
	total, term := 1., 1.
	for i := k; i > 0 && term > 1e-17*total; i-- {
		term *= float64(i) / float64(b.n-i+1) * odds
		total += term
	}
	return b.lnPmf(k) + math.Log(total)
}

// below is P(X ≤ k).
func (b binomial) below(k int) float64 { return math.Exp(b.lnAtMost(k)) }

// quantile is the least x with P(X ≤ x) ≥ q.
func quantile(q float64, n int, p float64) int {
	lo, hi := -1, n // P(X ≤ lo) < q ≤ P(X ≤ hi)
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; (binomial{n, p}).below(mid) >= q {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}
