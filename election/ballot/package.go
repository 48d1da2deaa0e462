package ballot

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
)

// Package is an election package of VxSuite: the definition, the settings of the machines, the texts they show and say, and the ballots as they are printed.
type Package struct {
	Definition *Definition
	Settings   Settings
	Hash       [sha256.Size]byte // of the whole file
	zip        *zip.Reader
}

// Settings are those of systemSettings.json that this program acts on. JSON is all of them, as they came.
type Settings struct {
	Thresholds Thresholds
	// CenterReasons and PrecinctReasons are why a scanner of either kind puts a sheet before a person: Overvote, Undervote, BlankBallot, UnmarkedWriteIn,
	// MarginalMark.
	CenterReasons, PrecinctReasons, AdminReasons []string
	OfficialInTest                               bool    // official ballots count while a machine is tested
	LeastScale                                   float64 // below which a printed sheet is refused; 0 leaves it to the scanner
	NoStreaks                                    bool    // vertical streaks are not looked for
	JSON                                         []byte
}

// Thresholds say how dark an oval is that counts: shares of its inside.
type Thresholds struct {
	Marginal float64 // from here on a person may be asked
	Definite float64 // from here on it is a mark
	WriteIn  float64 // share of a write-in line, from which on a name without a mark is noticed
}

// Printed is one ballot of a package as a PDF.
type Printed struct {
	Style    string
	Precinct string
	Type     string // precinct or absentee
	Mode     string // official, test or sample
	Compact  bool
	PDF      []byte
}

// The files of a package, and how large each may be.
const (
	definitionFile = "election.json"
	settingsFile   = "systemSettings.json"
	metadataFile   = "metadata.json"
	textsFile      = "appStrings.json"
	ballotsFile    = "ballots.jsonl"

	maxSettings   = 1 << 20
	maxBallotLine = 128 << 20
	maxBallots    = 1 << 30
)

// HashText returns the package hash in hexadecimal digits.
func (p *Package) HashText() string { return hex.EncodeToString(p.Hash[:]) }

// ElectionID returns by what people know an election on screens and reports: seven digits of the ballot hash and seven of the package hash.
func (p *Package) ElectionID() string { return p.Definition.ShortHash() + "-" + p.HashText()[:7] }

// OpenPackage reads a package of size bytes. Only election.json must be there; a package without settings has VxSuite's own.
func OpenPackage(r io.ReaderAt, size int64) (*Package, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.Invalidf("The file is not an election package: it is no zip file, or not a whole one. Copy it again from where it was made.").Because(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, fmt.Errorf("reading an election package: %w", err)
	}
	p := &Package{zip: z, Hash: [sha256.Size]byte(h.Sum(nil))}
	seen := map[string]bool{}
	for _, f := range z.File {
		if seen[f.Name] {
			return nil, fault.Invalidf("The election package holds “%s” twice.", f.Name)
		}
		seen[f.Name] = true
	}
	if !seen[definitionFile] {
		return nil, fault.Invalidf("The zip file holds no election.json: it is not an election package.")
	}
	data, err := p.read(definitionFile, MaxDefinition)
	if err != nil {
		return nil, err
	}
	if p.Definition, err = Parse(data); err != nil {
		return nil, err
	}
	p.Settings = defaultSettings()
	if seen[settingsFile] {
		if data, err = p.read(settingsFile, maxSettings); err != nil {
			return nil, err
		}
		p.Settings, err = ParseSettings(data)
	}
	return p, err
}

// read returns a file of the package, as long as it is not larger than most.
func (p *Package) read(name string, most int64) ([]byte, error) {
	f, err := p.zip.Open(name)
	if err != nil {
		return nil, damaged(name, err)
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, damaged(name, err)
	}
	if int64(len(data)) > most {
		return nil, fault.Invalidf("“%s” in the election package is larger than %d bytes.", name, most)
	}
	return data, nil
}

func damaged(name string, err error) error {
	return fault.Invalidf("“%s” in the election package is damaged. Copy the package again from where it was made.", name).Because(err)
}

func defaultSettings() Settings {
	return Settings{Thresholds: Thresholds{Marginal: 0.05, Definite: 0.07, WriteIn: 0.05}}
}

// ParseSettings reads systemSettings.json. What it does not say is as VxSuite has it.
func ParseSettings(data []byte) (Settings, error) {
	s := defaultSettings()
	w := struct {
		MarkThresholds struct {
			Marginal, Definite *float64
			WriteInTextArea    *float64
		}
		PrecinctScanAdjudicationReasons, CentralScanAdjudicationReasons, AdminAdjudicationReasons []string
		AllowOfficialBallotsInTestMode, DisableVerticalStreakDetection                            bool
		MinimumDetectedBallotScaleOverride                                                        float64
	}{}
	if err := json.Unmarshal(data, &w); err != nil {
		return s, fault.Invalidf("The settings of the machines (systemSettings.json) cannot be read.").Because(err)
	}
	for to, from := range map[*float64]*float64{&s.Thresholds.Marginal: w.MarkThresholds.Marginal, &s.Thresholds.Definite: w.MarkThresholds.Definite,
		&s.Thresholds.WriteIn: w.MarkThresholds.WriteInTextArea} {
		if from != nil {
			*to = *from
		}
	}
	if t := s.Thresholds; t.Marginal <= 0 || t.Definite < t.Marginal || t.Definite > 1 || t.WriteIn <= 0 || t.WriteIn > 1 {
		return s, fault.Invalidf("The thresholds of marks are %g marginal, %g definite, %g for written names. Each is a share above 0 and up to 1, and marginal is not above definite.", t.Marginal, t.Definite, t.WriteIn)
	}
	s.PrecinctReasons, s.CenterReasons, s.AdminReasons = w.PrecinctScanAdjudicationReasons, w.CentralScanAdjudicationReasons, w.AdminAdjudicationReasons
	s.OfficialInTest, s.NoStreaks, s.LeastScale = w.AllowOfficialBallotsInTestMode, w.DisableVerticalStreakDetection, w.MinimumDetectedBallotScaleOverride
	s.JSON = slices.Clone(data)
	return s, nil
}

// vxPrinted is a line of ballots.jsonl.
type vxPrinted struct {
	Style    string `json:"ballotStyleId"`
	Precinct string `json:"precinctId"`
	Type     string `json:"ballotType"`
	Mode     string `json:"ballotMode"`
	Compact  bool   `json:"compact,omitempty"`
	PDF      []byte `json:"encodedBallot"`
}

// Ballots yields the ballots of the package, one after the other; a package may have none.
func (p *Package) Ballots() iter.Seq2[Printed, error] {
	return func(yield func(Printed, error) bool) {
		if !slices.ContainsFunc(p.zip.File, func(f *zip.File) bool { return f.Name == ballotsFile }) {
			return
		}
		f, err := p.zip.Open(ballotsFile)
		if err != nil {
			yield(Printed{}, damaged(ballotsFile, err))
			return
		}
		defer f.Close() //nolint:errcheck // it is read
		lines := bufio.NewScanner(io.LimitReader(f, maxBallots))
		lines.Buffer(make([]byte, 0, 1<<20), maxBallotLine)
		for n := 1; lines.Scan(); n++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			var w vxPrinted
			if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
				yield(Printed{}, fault.Invalidf("Line %d of ballots.jsonl in the election package is not a ballot.", n).Because(err))
				return
			}
			if !yield(Printed(w), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Printed{}, damaged(ballotsFile, err))
		}
	}
}

// WritePackage writes a package: the definition's own bytes, settings, texts of screens (JSON, or nil) and ballots. The same content gives the same bytes.
func WritePackage(w io.Writer, d *Definition, settings, texts []byte, ballots iter.Seq2[Printed, error]) error {
	z := zip.NewWriter(w)
	if texts == nil {
		texts = []byte("{}")
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{definitionFile, d.Bytes}, {settingsFile, settings}, {metadataFile, []byte(`{"version":"latest"}`)}, {textsFile, texts}} {
		out, err := z.Create(f.name)
		if err == nil {
			_, err = out.Write(f.data)
		}
		if err != nil {
			return fmt.Errorf("writing %s of an election package: %w", f.name, err)
		}
	}
	out, err := z.Create(ballotsFile)
	if err != nil {
		return fmt.Errorf("writing %s of an election package: %w", ballotsFile, err)
	}
	enc := json.NewEncoder(out)
	for b, err := range ballots {
		if err == nil {
			err = enc.Encode(vxPrinted(b))
		}
		if err != nil {
			return fmt.Errorf("writing %s of an election package: %w", ballotsFile, err)
		}
	}
	return z.Close()
}
