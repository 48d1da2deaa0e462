package ranked

// Station is where a ballot was in one round.
type Station struct {
	Round     int     // from 1
	Candidate int     // for whom it counts, or -1
	Status    Status  // why it counts for nobody
	Value     Decimal // of what is left of it
	Moved     bool    // it came here in this round
	Steps     []Step  // the ranks it passed on its way here
	Kept      []Kept  // what winners have kept of it so far
}

// Kept is the part of a ballot that stays with a winner.
type Kept struct {
	Candidate int
	Value     Decimal
}

// Trace follows one ballot through the rounds of a count.
func (r *Result) Trace(marks []Mark) []Station {
	f := newField(r.Contest)
	var path []Station
	at := Station{Candidate: notYet, Value: NewDecimal(1)}
	for n := range r.Rounds {
		at.Round, at.Moved, at.Steps = n+1, false, nil
		r.fieldAt(f, n)
		if at.Status == Active && (at.Candidate == notYet || !f.continuing[at.Candidate]) {
			f.steps = &at.Steps
			at.Candidate, at.Status = f.walk(marks)
			at.Moved = true
		}
		path = append(path, at)
		if c := at.Candidate; at.Status == Active && r.elected[c] == n+1 && r.Contest.Rules.Method.transfers() && r.Contest.Rules.Winners > 1 {
			goes := at.Value.Times(r.cutFraction[c]).Down(r.places)
			at.Kept = append(at.Kept[:len(at.Kept):len(at.Kept)], Kept{c, at.Value.Minus(goes)})
			at.Value = goes
		}
	}
	return path
}

// fieldAt sets who continues in a round (from 0).
func (r *Result) fieldAt(f *field, n int) {
	seats := 0
	for i := range f.continuing {
		gone := r.eliminated[i] > 0 && r.eliminated[i] <= n
		won := r.elected[i] > 0 && r.elected[i] <= n
		if won {
			seats++
		}
		f.continuing[i] = !r.Contest.excluded(i) && !gone && (!won || r.Contest.Rules.UntilTwoRemain)
	}
	f.filled = r.Contest.Rules.Method.transfers() && r.Contest.Rules.Winners > 1 && seats == r.Contest.Rules.Winners
}
