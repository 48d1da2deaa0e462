package list

import "time"

// voted says "voted by mail in at least 2 of the last 4 general elections", and its contrary with the bounds turned where there is one only.
func (s speaker) voted(n Voted, neg bool) string {
	from, to := wide(n.AtLeast), wide(n.AtMost)
	of := int64(len(n.Elections))
	if n.Last > 0 {
		of = int64(n.Last)
	}
	if from != nil && *from == 0 {
		from = nil
	}
	if to != nil && *to >= of {
		to = nil
	}
	if neg && (from == nil) != (to == nil) {
		neg = false
		if from != nil {
			from, to = nil, ptr(*from-1)
		} else {
			from, to = ptr(*to+1), nil
		}
	}
	how, set, one := s.how(n), s.elections(n, " or "), of == 1
	switch {
	case to != nil && *to == 0: // in none
		if one || n.Last == 0 {
			return s.t.T("did not vote%s in %s", how, set)
		}
		return s.t.T("voted%s in none of %s", how, set)
	case from != nil && *from == of && to == nil:
		if one || n.Last == 0 {
			return s.t.T("voted%s in %s", how, s.elections(n, " and "))
		}
		return s.t.T("voted%s in all of %s", how, set)
	case from != nil && *from == 1 && to == nil && n.Last == 0:
		return s.t.T("voted%s in %s", how, set)
	case from == nil && to == nil:
		return s.either(neg, "voted%s in any number of %s", "did not vote%s in any number of %s", how, set)
	}
	if n.Last == 0 {
		set = s.t.T("these %d elections (%s)", of, s.elections(n, " and "))
	}
	return s.either(neg, "voted%s in %s of %s", "did not vote%s in %s of %s", how, s.span(from, to), set)
}

// how says by which methods and with which ballot, with a blank before it.
func (s speaker) how(n Voted) string {
	out := ""
	if len(n.Methods) > 0 {
		out = " " + s.list(s.words(n.Methods, methodWords), " or ")
	}
	if len(n.Parties) > 0 {
		out += " " + s.t.T("with the %s ballot", s.list(s.names(Party, n.Parties), " or "))
	}
	return out
}

func (s speaker) elections(n Voted, word string) string {
	if n.Last == 0 {
		all := make([]string, len(n.Elections))
		for i, id := range n.Elections {
			all[i] = s.election(id)
		}
		return s.list(all, word)
	}
	one, many := electionWords(n.LastType)
	if n.Last == 1 {
		return s.t.T("the last %s", s.t.T(one))
	}
	return s.t.T("the last %d %s", n.Last, s.t.T(many))
}

// election says "the Nov 2024 general election".
func (s speaker) election(id int64) string {
	for _, e := range s.cat.Elections {
		if e.ID == id && isDay(e.Day) {
			one, _ := electionWords(e.Type)
			month := s.t.Month(int(e.Day/10_000), time.Month(e.Day/100%100))
			return s.t.T("the %[1]s %[2]s", month, s.t.T(one))
		}
	}
	return s.t.T("the election %d", id)
}
