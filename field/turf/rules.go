package turf

import "github.com/openprecinct/precinct/internal/fault"

// By says in what the size of a turf is given.
type By string

const (
	// ByDoors gives sizes in doors. The zero By means it too.
	ByDoors By = "doors"
	// ByMinutes gives sizes in estimated minutes, walk and talk together.
	ByMinutes By = "minutes"
)

// Rules are what a person asks of a plan.
type Rules struct {
	Target int    `json:"target"`           // doors or minutes a turf should have
	Min    int    `json:"min"`              // and at least; 0: four fifths of the target
	Max    int    `json:"max"`              // and at most; 0: six fifths of the target
	By     By     `json:"by,omitempty"`     // unit of the three
	Seed   uint64 `json:"seed,omitempty"`   // the same seed gives the same plan
	Effort int    `json:"effort,omitempty"` // kicks per door of each walk's search: 0 means 1; -1 none
	// Quick leaves out the exchange measured by walks: for a plan that is only looked at while a slider moves.
	Quick bool `json:"quick,omitempty"`
}

// maxTarget bounds sizes: nobody walks a thousand doors.
const maxTarget = 1000

// Check completes the rules, or says what is wrong with them.
func (r Rules) Check() (Rules, error) {
	var in fault.Inputs
	if r.By == "" {
		r.By = ByDoors
	}
	if r.By != ByDoors && r.By != ByMinutes {
		in.Add("by", "Turfs are measured in doors or in minutes, not in %q.", string(r.By))
	}
	if r.Target < 1 || r.Target > maxTarget {
		in.Add("target", "A turf can have 1 to %d doors or minutes; %d cannot be aimed at.", maxTarget, r.Target)
		return r, in
	}
	if r.Min == 0 {
		r.Min = max(1, r.Target*4/5)
	}
	if r.Max == 0 {
		r.Max = max(r.Target, (r.Target*6+4)/5)
	}
	if r.Min < 1 || r.Min > r.Target {
		in.Add("min", "The least size, %d, must lie between 1 and the target, %d.", r.Min, r.Target)
	}
	if r.Max < r.Target || r.Max > 2*maxTarget {
		in.Add("max", "The largest size, %d, must lie between the target, %d, and %d.", r.Max, r.Target, 2*maxTarget)
	}
	if r.Effort < -1 || r.Effort > 100 {
		in.Add("effort", "Effort is -1 to 100 kicks a door, not %d.", r.Effort)
	}
	if len(in) > 0 {
		return r, in
	}
	return r, nil
}

func (r Rules) kicks() int {
	switch {
	case r.Effort < 0:
		return 0
	case r.Effort == 0:
		return 1
	default:
		return r.Effort
	}
}
