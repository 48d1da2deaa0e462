package person

import "strings"

// How far a word of the query is from a word of the record. Lower is nearer; none is no match at all. The steps are wide
// enough apart that two small doubts weigh more than one.
const (
	same     = 0
	begins   = 2 // the record's word begins with the query's
	nickname = 3 // Bob for Robert
	near     = 4 // one letter off
	sounds   = 5 // other letters, same sound
	far      = 8 // two letters off
	none     = 100
)

// match returns how far the query's word q is from the record's word w; first says that they are first names.
func match(q, w string, first bool) int {
	switch {
	case q == w:
		return same
	case q == "" || w == "":
		return none
	case strings.HasPrefix(w, q) && (len(q) >= 3 || first):
		return begins
	case first && sameByNickname(q, w):
		return nickname
	}
	d := distance(q, w, limit(len(q)))
	switch {
	case d == 1:
		return near
	case len(q) >= 4 && len(w) >= 3 && soundKey(q) == soundKey(w) && distance(q, w, 4) <= 4:
		return sounds
	case d == 2:
		return far
	}
	return none
}

// limit is how many letters may be wrong in a word of n letters.
func limit(n int) int {
	switch {
	case n < 3:
		return 0
	case n <= 5:
		return 1
	default:
		return 2
	}
}

const longestWord = 40

// distance returns the optimal string alignment distance of a and b (Damerau's errors: a letter left out, put in, exchanged, two
// neighbours swapped; no part is edited twice), or most+1 when it is more than most.
func distance(a, b string, most int) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > most || len(b) > longestWord {
		return most + 1
	}
	var rows [3][longestWord + 1]uint8
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(a); j++ {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(b); i++ {
		now[0] = uint8(i)
		least := now[0]
		for j := 1; j <= len(a); j++ {
			d := last[j-1]
			if b[i-1] != a[j-1] {
				d = min(d, last[j], now[j-1]) + 1
				if i > 1 && j > 1 && b[i-1] == a[j-2] && b[i-2] == a[j-1] {
					d = min(d, before[j-2]+1)
				}
			}
			now[j] = d
			least = min(least, d)
		}
		if int(least) > most {
			return most + 1
		}
		before, last, now = last, now, before
	}
	return min(int(last[len(a)]), most+1)
}

// soundKey reduces a folded word to what is heard of it in English and Spanish: b and v, s and z, c before e and s, k and qu,
// ph and f, i and y, g before e and j are one; h and double letters are silent; vowels after the first letter are dropped.
func soundKey(w string) uint32 {
	h := uint32(2166136261)
	last, begun := byte(0), false
	for i := 0; i < len(w); i++ {
		c, skip := heard(w, i)
		i += skip
		if c == 0 {
			continue
		}
		if vowel(c) {
			if !begun {
				h = (h ^ 'a') * 16777619
			}
			last, begun = 0, true
			continue
		}
		begun = true
		if c != last {
			h = (h ^ uint32(c)) * 16777619
		}
		last = c
	}
	return h
}

func vowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

// heard returns the sound of w at i, 0 for none, and how many letters after it belong to it.
func heard(w string, i int) (c byte, skip int) {
	next := byte(0)
	if i+1 < len(w) {
		next = w[i+1]
	}
	soft := next == 'e' || next == 'i' || next == 'y'
	switch w[i] {
	case 'v':
		return 'b', 0
	case 'z':
		return 's', 0
	case 'y':
		return 'i', 0
	case 'w':
		if i == 0 {
			return 'w', 0
		}
		return 0, 0
	case 'h':
		return 0, 0
	case 'p':
		if next == 'h' {
			return 'b', 1 // Stephen, Steven
		}
	case 'f':
		return 'b', 0
	case 'c':
		if soft {
			return 's', 0
		}
		return 'k', 0
	case 'q':
		return 'k', 0
	case 'g':
		if soft {
			return 'j', 0
		}
		if next == 'h' && i > 0 {
			return 0, 1
		}
	case 'x':
		if i == 0 {
			return 'j', 0 // Ximénez, Jiménez
		}
		return 's', 0
	case 'l':
		if next == 'l' && i == 0 {
			return 'i', 1 // Llanes, Yanes
		}
	case 'm':
		return 'n', 0
	}
	return w[i], 0
}
