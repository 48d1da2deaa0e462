package layout

// plan is a file's columns bound to the fields they fill.
type plan struct {
	id        ID
	kind      Kind
	codes     *codes
	names     []string // the file's columns; made-up names where it has no header
	at        [numFields]int
	districts []districtAt
	elections []electionAt
	split     bool // the street comes in parts
	sexes     map[string]byte
	parties   map[string]string         // what Voter.Party becomes; nil leaves it as written
	types     map[string]ElectionType   // election type codes of a Mapping
	lookups   map[string]ElectionColumn // election codes of a Mapping
	state     string                    // of residences without a state column
	surname   bool                      // full_name begins with the last name
}

type districtAt struct {
	kind       DistrictKind
	code, name int
}

type electionAt struct {
	column int
	vote   Vote // Date, Type and Name
	not    map[string]bool
}

func newPlan(id ID, kind Kind, c *codes) *plan {
	p := &plan{id: id, kind: kind, codes: c}
	for i := range p.at {
		p.at[i] = -1
	}
	return p
}

// bind sends the values of column i to t. A field that has a column already keeps it.
func (p *plan) bind(t target, i int) {
	if t.part == noPart {
		if t.field != fIgnored && p.at[t.field] < 0 {
			p.at[t.field] = i
		}
		return
	}
	for k := range p.districts {
		if d := &p.districts[k]; d.kind == t.district {
			if t.part == partName && d.name < 0 {
				d.name = i
				return
			}
			if t.part == partCode && d.code < 0 {
				d.code = i
				return
			}
		}
	}
	d := districtAt{kind: t.district, code: -1, name: -1}
	if t.part == partName {
		d.name = i
	} else {
		d.code = i
	}
	p.districts = append(p.districts, d)
}

// finish settles what follows from the columns bound.
func (p *plan) finish() {
	p.split = p.at[fStreetName] >= 0
}

func (p *plan) has(f field) bool { return p.at[f] >= 0 }

// name returns the name of a field's column, for messages.
func (p *plan) name(f field) string {
	if i := p.at[f]; i >= 0 && i < len(p.names) {
		return p.names[i]
	}
	return f.String()
}

// bindNames binds a state's form by the header of the file.
func bindNames(s *spec, header []string) *plan {
	p := newPlan(s.id, s.kind, s.codes)
	p.names = header
	for i, name := range header {
		if k := s.find(name); k >= 0 {
			p.bind(s.columns[k].target, i)
		} else if s.elections {
			if e, ok := ParseElectionColumn(name); ok {
				p.elections = append(p.elections, electionAt{column: i, vote: Vote{Date: e.Date, Type: e.Type, Name: e.Name}})
			}
		}
	}
	p.finish()
	return p
}

// bindPositions binds a form without a header.
func bindPositions(s *spec) *plan {
	p := newPlan(s.id, s.kind, s.codes)
	for i, c := range s.columns {
		p.names = append(p.names, c.name)
		p.bind(c.target, i)
	}
	p.finish()
	return p
}

// matches counts the columns of the form that the header has.
func (s *spec) matches(header []string) int {
	n := 0
	seen := map[int]bool{}
	for _, name := range header {
		if k := s.find(name); k >= 0 && !seen[k] {
			seen[k] = true
			n++
		}
	}
	return n
}
