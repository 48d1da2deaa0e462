package synth

import "github.com/openprecinct/precinct/field/voterfile/layout"

// spoils are the broken rows of Options.Dirty: after the first, the eleventh, the twenty-first and the thirty-first registration of
// every ninth county, one of each kind in turn.
var spoils = [...]string{"duplicate_id", "no_id", "bad_id", "short_row"}

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
	var err error
	if why == "short_row" {
		err = w.cutRow(&bad)
	} else {
		err = w.voters.rows.WriteVoter(&bad)
	}
	if err != nil {
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

// cutRow writes a row of two cells, as a file has where a transfer broke off and went on.
func (w *writer) cutRow(v *layout.Voter) error {
	if err := w.voters.rows.Flush(); err != nil {
		return err
	}
	between := map[layout.ID]string{layout.NC: "\t", layout.FL: "\t", layout.WA: "|", layout.OH: ",", layout.MI: ","}[w.s.opts.Layout]
	_, err := w.voters.file.Write([]byte(v.CountyCode + between + v.County + "\r\n"))
	return err
}
