package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// writer is one run of Write: the counters, the buffers and the open files.
type writer struct {
	s      *State
	create Create
	r      *chance // the county's people
	own    chance  // lent to newcomers, so that r's stream stays the same every month
	names  arena
	slips  slips

	homeBuffer household
	lean       int
	v          layout.Voter
	votes      []cast
	row        layout.Vote
	m          Manifest
	truth      *CountyTruth
	county     *county
	base       int // registrations of the counties before
	vacant     []door
	turn       int // of the next vacant door to replace

	voters  *sheet
	history []*sheet
	ground  ground
}

// Write makes all files of the state: voter file and history in the state's layout and with its names, streets.geojson,
// landmarks.geojson, precincts.geojson, districts.geojson, addresses.csv, elections.csv and manifest.json. It may be called
// again and writes the same bytes. After an error the files are incomplete.
//
// addresses.csv has one row for each house: its line without a unit, city, state, ZIP code, longitude, latitude, county and
// precinct as the voter file codes them, the TLID of its street with L or R for the side, and the number of its doors.
// mapping.json, which only Michigan's fixed-width files need, says which election each code of the history is.
// districts.geojson names each shape by KIND (as layout.DistrictKind spells it, or county), CODE and NAME.
func (s *State) Write(create Create) (Manifest, error) {
	w := &writer{s: s, create: create}
	w.m = Manifest{Layout: string(s.opts.Layout), Generation: int(s.opts.Generation), Seed: s.opts.Seed, Date: s.asOf.String(), Months: len(s.changes),
		Precincts: len(s.precincts), Statuses: map[string]int{}, Slips: map[string]int{}, Refused: []RefusedRow{}}
	s.tlid = 0
	err := w.all()
	if err == nil {
		err = w.finish()
	}
	if err != nil {
		w.abandon()
		return Manifest{}, err
	}
	return w.m, nil
}

func (w *writer) all() error {
	if err := w.openGround(); err != nil {
		return err
	}
	w.m.Counties = make([]CountyTruth, len(w.s.counties))
	for i := range w.s.counties {
		c := &w.s.counties[i]
		w.county, w.truth = c, &w.m.Counties[i]
		w.truth.Code, w.truth.Name = c.code, c.name
		if err := w.openRows(c); err != nil {
			return err
		}
		if err := w.settle(w.s.survey(c)); err != nil {
			return fmt.Errorf("writing county %s: %w", c.name, err)
		}
		w.base += c.voters
	}
	return nil
}

// finish closes everything and writes the manifest.
func (w *writer) finish() error {
	if err := w.closeRows(); err != nil {
		return err
	}
	if err := w.closeGround(); err != nil {
		return err
	}
	for i, n := range w.slips.counts {
		if i > 0 {
			w.m.Slips[slipNames[i]] = n
		}
	}
	text, err := json.MarshalIndent(&w.m, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	f, err := w.create("manifest.json")
	if err != nil {
		return fmt.Errorf("creating manifest.json: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("writing manifest.json: %w", err)
	}
	return nil
}

// abandon closes what is open after an error; the first error is the one that matters.
func (w *writer) abandon() {
	for _, h := range append(w.history, w.voters) {
		if h != nil {
			_ = h.file.file.Close()
		}
	}
	w.ground.abandon()
}

// output is a file that counts and hashes what goes through it.
type output struct {
	file  io.WriteCloser
	hash  hash.Hash
	truth FileTruth
}

func (w *writer) open(name, kind string) (*output, error) {
	f, err := w.create(name)
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", name, err)
	}
	return &output{file: f, hash: sha256.New(), truth: FileTruth{Name: name, Kind: kind}}, nil
}

func (o *output) Write(p []byte) (int, error) {
	o.hash.Write(p)
	o.truth.Bytes += int64(len(p))
	n, err := o.file.Write(p)
	if err != nil {
		return n, fmt.Errorf("writing %s: %w", o.truth.Name, err)
	}
	return n, nil
}

// close ends the file and adds it to the manifest.
func (w *writer) close(o *output) error {
	if err := o.file.Close(); err != nil {
		return fmt.Errorf("closing %s: %w", o.truth.Name, err)
	}
	o.truth.SHA256 = hex.EncodeToString(o.hash.Sum(nil))
	w.m.Files = append(w.m.Files, o.truth)
	return nil
}

// sheet is a voter or history file with the layout's writer in front.
type sheet struct {
	file *output
	rows *layout.Writer
}

func (w *writer) sheet(name string, kind layout.Kind) (*sheet, error) {
	o, err := w.open(name, kind.String())
	if err != nil {
		return nil, err
	}
	rows, err := w.s.newRows(o, kind)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return &sheet{file: o, rows: rows}, nil
}

// openRows opens the voter and history files that the county belongs to, where they are not open yet.
func (w *writer) openRows(c *county) error {
	names := w.s.fileNames(c)
	if w.voters != nil && w.voters.file.truth.Name == names[0] {
		return nil
	}
	if err := w.closeRows(); err != nil {
		return err
	}
	var err error
	if w.voters, err = w.sheet(names[0], layout.Voters); err != nil {
		return err
	}
	for _, name := range names[1:] {
		h, err := w.sheet(name, layout.History)
		if err != nil {
			return err
		}
		w.history = append(w.history, h)
	}
	return nil
}

func (w *writer) closeRows() error {
	for _, h := range append([]*sheet{w.voters}, w.history...) {
		if h == nil {
			continue
		}
		if err := h.rows.Flush(); err != nil {
			return fmt.Errorf("writing %s: %w", h.file.truth.Name, err)
		}
		if err := w.close(h.file); err != nil {
			return err
		}
	}
	w.voters, w.history = nil, nil
	return nil
}

// fileNames returns the names of the voter file and of the history files that hold a county.
func (s *State) fileNames(c *county) []string {
	day := strings.ReplaceAll(s.asOf.String(), "-", "")
	switch s.opts.Layout {
	case layout.OH:
		part := [...]string{"SWVF_1_22.txt", "SWVF_23_44.txt", "SWVF_45_66.txt", "SWVF_67_88.txt"}
		return []string{part[c.index/22]}
	case layout.FL:
		return []string{c.code + "_" + day + ".txt", c.code + "_H_" + day + ".txt"}
	case layout.MI:
		if s.opts.Generation == layout.Fixed {
			return []string{"entire_state_v.lst", "entire_state_h.lst"}
		}
		return []string{"EntireStateVoters.csv", "EntireStateVoterHistory.csv"}
	case layout.WA:
		return []string{day + "_VRDB_Extract.txt", day + "_VotingHistory_2006_2015.txt", day + "_VotingHistory_2016_on.txt"}
	}
	return []string{"ncvoter_Statewide.txt", "ncvhis_Statewide.txt"}
}

// historyOf returns which of the open history files takes an election.
func (w *writer) historyOf(e *election) *sheet {
	if len(w.history) == 2 && e.Date.Year() >= 2016 {
		return w.history[1]
	}
	return w.history[0]
}
