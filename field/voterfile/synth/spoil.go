package synth

import "github.com/openprecinct/precinct/field/voterfile/layout"

// spoils are the broken rows of Options.Dirty: at the first, the eleventh and the twenty-first registration of every
// ninth county, one of each kind in turn.
var spoils = [...]string{"duplicate_id", "no_id", "bad_id"}

// spoil follows a good row with a broken one, now and then.
func (w *writer) spoil(p *person) error {
	if w.county.index%9 != 0 || p.number%10 != 0 || p.number >= 10*len(spoils) {
		return nil
	}
	why := spoils[p.number/10]
	bad := w.v.Clone()
	switch why {
	case "no_id":
		bad.StateID = ""
	case "bad_id":
		bad.StateID = "?" + bad.StateID[1:]
	}
	if err := w.voters.rows.WriteVoter(&bad); err != nil {
		return err
	}
	o := &w.voters.file.truth
	o.Rows++
	line := o.Rows
	if w.s.opts.Layout != layout.FL && w.s.opts.Generation != layout.Fixed {
		line++
	}
	w.m.Refused = append(w.m.Refused, RefusedRow{File: o.Name, Line: line, Why: why})
	return nil
}
