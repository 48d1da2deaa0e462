package ranked

// Status is why a ballot counts for nobody.
type Status uint8

// The states of a ballot. All but Active last.
const (
	Active       Status = iota
	DidNotRank          // no mark at all
	Exhausted           // nobody whom the ballot ranks continues
	ByOvervote          // stopped at a rank with several candidates
	BySkipped           // stopped at ranks left out
	ByRepeated          // stopped at a candidate ranked before
	FinalSurplus        // all seats were filled when it would have moved
	statuses
)

// Cause is what a step of a walk met at a rank.
type Cause uint8

// What can be met at a rank.
const (
	Counted    Cause = iota // a continuing candidate: the ballot counts here
	Passed                  // nobody who continues
	Skipped                 // an overvote, passed over by the rule
	Overvoted               // an overvote that ends the ballot
	TooManyGap              // more ranks left out than the rule allows
	Repeated                // a candidate ranked before
	Filled                  // all seats are filled
)

// Step is a rank that a ballot's walk came to.
type Step struct {
	Rank       int
	Candidates []int // at the rank; Overvote for one that is not known
	Cause      Cause
}

// field is who is in the race in a round, as a ballot sees it.
type field struct {
	rules      *Rules
	continuing []bool
	filled     bool // every seat of a contest that transfers surpluses is filled
	seen       []bool
	steps      *[]Step // where the walk is noted, or nil
}

func newField(c *Contest) *field {
	return &field{rules: &c.Rules, continuing: make([]bool, c.Size()), seen: make([]bool, c.Size()+1)}
}

// walk finds for whom a ballot counts that counts for nobody now: it goes up the ranks from the first. It returns a
// candidate and Active, or why there is none. (RCTab's rules a to f, in their order.)
func (f *field) walk(marks []Mark) (int, Status) {
	if len(marks) == 0 {
		return -1, DidNotRank
	}
	if f.rules.ExhaustOnDuplicate {
		clear(f.seen)
	}
	last := 0
	for from := 0; from < len(marks); {
		rank, to := marks[from].Rank, from+1
		for to < len(marks) && marks[to].Rank == rank {
			to++
		}
		at := marks[from:to]
		from = to
		cause := f.meet(at, rank-last)
		f.note(rank, at, cause)
		last = rank
		switch cause {
		case Filled:
			return -1, FinalSurplus
		case TooManyGap:
			return -1, BySkipped
		case Repeated:
			return -1, ByRepeated
		case Overvoted:
			return -1, ByOvervote
		case Counted:
			for _, m := range at {
				if m.Candidate >= 0 && f.continuing[m.Candidate] {
					return m.Candidate, Active
				}
			}
		}
	}
	return -1, Exhausted
}

// meet says what a rank means; step is how far it is from the rank before.
func (f *field) meet(at []Mark, step int) Cause {
	if f.filled {
		return Filled
	}
	if f.rules.MaxSkipped != Unlimited && step > f.rules.MaxSkipped+1 {
		return TooManyGap
	}
	if f.rules.ExhaustOnDuplicate {
		for _, m := range at {
			if f.seen[m.Candidate+1] {
				return Repeated
			}
			f.seen[m.Candidate+1] = true
		}
	}
	if len(at) > 1 || at[0].Candidate == Overvote {
		switch f.rules.Overvote {
		case SkipOvervote:
			return Skipped
		case ExhaustOvervote:
			return Overvoted
		}
	}
	going := 0
	for _, m := range at {
		if m.Candidate >= 0 && f.continuing[m.Candidate] {
			going++
		}
	}
	switch going {
	case 0:
		return Passed
	case 1:
		return Counted
	default:
		return Overvoted
	}
}

func (f *field) note(rank int, at []Mark, cause Cause) {
	if f.steps == nil {
		return
	}
	s := Step{Rank: rank, Cause: cause}
	for _, m := range at {
		s.Candidates = append(s.Candidates, m.Candidate)
	}
	*f.steps = append(*f.steps, s)
}

// Preferences returns whom a ballot counts for, one after the other, as those before are eliminated: its ranking as the rules
// read it, which is what audits of ranked contests (package raire) need. Excluded candidates are left out. ok is false where
// that hangs on who is eliminated when: at an overvote under ExhaustContinuing.
func (c *Contest) Preferences(marks []Mark) (order []int, ok bool) {
	f := newField(c)
	var steps []Step
	for i := range f.continuing {
		f.continuing[i] = !c.excluded(i)
	}
	f.steps = &steps
	for {
		next, state := f.walk(marks)
		if state != Active {
			break
		}
		order = append(order, next)
		f.continuing[next] = false
	}
	if c.Rules.Overvote != ExhaustContinuing {
		return order, true
	}
	for _, s := range steps {
		if len(s.Candidates) > 1 {
			return nil, false
		}
	}
	return order, true
}
