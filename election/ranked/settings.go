package ranked

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// Provider is a kind of files of votes.
type Provider uint8

// The providers that RCTab knows.
const (
	CDF         Provider = iota // NIST SP 1500-103, JSON or XML
	ClearBallot                 // CSV, a column for each candidate and rank
	Dominion                    // a folder of JSON
	ESS                         // ES&S, .xlsx, a column for each rank
	Hart                        // a folder of XML, a file for each ballot
	GenericCSV                  // a column for each candidate, ranks in the cells
)

var providers = [...]string{"cdf", "clearBallot", "dominion", "ess", "hart", "genericCsv"}

// String returns the word that settings use.
func (p Provider) String() string { return providers[p] }

// Source is one file or folder of votes. Columns and rows count from 0; a column that is not there is -1.
type Source struct {
	Path              string // as the settings have it, relative to their folder
	Provider          Provider
	ContestID         string
	FirstVoteColumn   int
	FirstVoteRow      int
	IDColumn          int
	BatchColumn       int
	PrecinctColumn    int
	OvervoteDelimiter string // between several candidates in a cell
	OvervoteLabel     string // what stands for an overvote
	SkippedLabel      string // what stands for a rank left out
	WriteInLabel      string // what stands for somebody nobody declared
	BlankIsWriteIn    bool   // so does an empty cell
}

// Settings are a contest and where its votes are: what RCTab's configuration file says.
type Settings struct {
	Contest
	Version     string
	Sources     []Source
	Slices      []Slice  // reports that are wanted
	CDF         bool     // votes are wanted as NIST SP 1500-103, with each round
	Ignored     []string // keys of the file that mean nothing here
	Description string
}

// MaxSettings is how long a file of settings may be.
const MaxSettings = 16 << 20

// text reads a JSON string, number or truth value: versions of RCTab differ in which they write.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case len(b) > 0 && (b[0] == '{' || b[0] == '['):
		return errors.New("a single value is expected")
	}
	*t = text(b)
	return nil
}

func (t text) yes() bool { return strings.EqualFold(strings.TrimSpace(string(t)), "true") }

func (t text) blank() bool { return strings.TrimSpace(string(t)) == "" }

// raw is the file as RCTab's versions write it.
type raw struct {
	Version text `json:"tabulatorVersion"`
	Output  struct {
		ContestName  text `json:"contestName"`
		Directory    text `json:"outputDirectory"`
		Date         text `json:"contestDate"`
		Jurisdiction text `json:"contestJurisdiction"`
		Office       text `json:"contestOffice"`
		ByBatch      text `json:"tabulateByBatch"`
		ByPrecinct   text `json:"tabulateByPrecinct"`
		CDF          text `json:"generateCdfJson"`
	} `json:"outputSettings"`
	Sources    []rawSource    `json:"cvrFileSources"`
	Candidates []rawCandidate `json:"candidates"`
	Rules      rawRules       `json:"rules"`
}

type rawSource struct {
	Path              text `json:"filePath"`
	ContestID         text `json:"contestId"`
	FirstVoteColumn   text `json:"firstVoteColumnIndex"`
	FirstVoteRow      text `json:"firstVoteRowIndex"`
	IDColumn          text `json:"idColumnIndex"`
	BatchColumn       text `json:"batchColumnIndex"`
	PrecinctColumn    text `json:"precinctColumnIndex"`
	OvervoteDelimiter text `json:"overvoteDelimiter"`
	Provider          text `json:"provider"`
	OvervoteLabel     text `json:"overvoteLabel"`
	SkippedLabel      text `json:"skippedRankLabel"`
	UndervoteLabel    text `json:"undervoteLabel"` // until 1.3
	WriteInLabel      text `json:"undeclaredWriteInLabel"`
	BlankIsWriteIn    text `json:"treatBlankAsUndeclaredWriteIn"`
}

type rawCandidate struct {
	Name     text   `json:"name"`
	Code     text   `json:"code"` // until 1.3
	Excluded text   `json:"excluded"`
	Aliases  []text `json:"aliases"`
}

type rawRules struct {
	TieBreak            text `json:"tiebreakMode"`
	Overvote            text `json:"overvoteRule"`
	Method              text `json:"winnerElectionMode"`
	Seed                text `json:"randomSeed"`
	Winners             text `json:"numberOfWinners"`
	Percent             text `json:"multiSeatBottomsUpPercentageThreshold"`
	Places              text `json:"decimalPlacesForVoteArithmetic"`
	MinimumVotes        text `json:"minimumVoteThreshold"` // read and not used, as in RCTab 2
	MaxSkipped          text `json:"maxSkippedRanksAllowed"`
	MaxRanks            text `json:"maxRankingsAllowed"`
	NonInteger          text `json:"nonIntegerWinningThreshold"`
	FirstRoundThreshold text `json:"doesFirstRoundDetermineThreshold"`
	Hare                text `json:"hareQuota"`
	Batch               text `json:"batchElimination"`
	Cutoff              text `json:"cutoffElimination"`
	UntilTwo            text `json:"continueUntilTwoCandidatesRemain"`
	StopAfter           text `json:"stopTabulationEarlyAfterRound"`
	OnDuplicate         text `json:"exhaustOnDuplicateCandidate"`
	Description         text `json:"rulesDescription"`
	// until 1.2 these held for all sources
	OvervoteLabel  text `json:"overvoteLabel"`
	UndervoteLabel text `json:"undervoteLabel"`
	WriteInLabel   text `json:"undeclaredWriteInLabel"`
	BlankIsWriteIn text `json:"treatBlankAsUndeclaredWriteIn"`
}

// ParseSettings reads a file of settings as any version of RCTab from 1.0 on writes it. What is wrong in it is returned
// together, as fault.Inputs whose names are the keys.
func ParseSettings(b []byte) (*Settings, error) {
	if len(b) > MaxSettings {
		return nil, fault.Invalidf("The settings are longer than %d megabytes.", MaxSettings>>20)
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	var r raw
	if err := json.Unmarshal(b, &r); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line := 1 + bytes.Count(b[:min(int(syntax.Offset), len(b))], []byte("\n"))
			return nil, fault.Invalidf("The settings are not JSON: line %d cannot be read (%s).", line, syntax.Error()).Because(err)
		}
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return nil, fault.Invalidf("The settings have something else under %q than RCTab writes there.", kind.Field).Because(err)
		}
		return nil, fault.Invalidf("The settings cannot be read.").Because(err)
	}
	p := &parser{raw: &r, s: &Settings{Version: string(r.Version)}}
	p.contest()
	p.rules()
	p.sources()
	p.together()
	p.s.Ignored = ignored(b)
	return p.s, p.wrong.Or()
}

// parser turns what a file says into settings, and keeps what is wrong.
type parser struct {
	raw   *raw
	s     *Settings
	wrong fault.Inputs
}

func (p *parser) contest() {
	o := &p.raw.Output
	p.s.Name, p.s.Date, p.s.Jurisdiction, p.s.Office = string(o.ContestName), string(o.Date), string(o.Jurisdiction), string(o.Office)
	if o.ContestName.blank() {
		p.wrong.Add("outputSettings.contestName", "Give the contest a name.")
	}
	if o.ByPrecinct.yes() {
		p.s.Slices = append(p.s.Slices, ByPrecinct)
	}
	if o.ByBatch.yes() {
		p.s.Slices = append(p.s.Slices, ByBatch)
	}
	p.s.CDF = o.CDF.yes()
	seen := map[string]bool{}
	excluded := 0
	for i, c := range p.raw.Candidates {
		at := "candidates[" + strconv.Itoa(i) + "]"
		k := Candidate{Name: string(c.Name), Excluded: c.Excluded.yes()}
		if c.Name.blank() {
			p.wrong.Add(at+".name", "Give the candidate a name.")
		}
		if !c.Code.blank() {
			k.Aliases = append(k.Aliases, string(c.Code))
		}
		for _, a := range c.Aliases {
			if !a.blank() {
				k.Aliases = append(k.Aliases, string(a))
			}
		}
		for _, n := range append([]string{k.Name}, k.Aliases...) {
			if reserved(n) {
				p.wrong.Add(at, "%q means something else in reports: no candidate can be called that.", n)
			}
			if seen[n] {
				p.wrong.Add(at, "%q stands for two candidates, or twice for one. Every name and alias must be there once.", n)
			}
			seen[n] = true
		}
		if k.Excluded {
			excluded++
		}
		p.s.Candidates = append(p.s.Candidates, k)
	}
	if len(p.s.Candidates) == excluded {
		p.wrong.Add("candidates", "At least one candidate must be there and not excluded.")
	}
}

// reserved are the words that reports use beside candidates' names.
func reserved(name string) bool {
	for _, w := range []string{"exhausted", "residual surplus", "uncounted", "overvote", WriteIns} {
		if strings.EqualFold(name, w) {
			return true
		}
	}
	return false
}

// older maps words of earlier versions to those of today.
var older = map[string]string{
	"singleSeatContinueUntilTwoCandidatesRemain": "singleWinnerMajority", "multiSeatAllowOnlyOneWinnerPerRound": "multiWinnerAllowOnlyOneWinnerPerRound",
	"multiSeatSequentialWinnerTakesAll": "multiPassIrv", "interactive": "stopCountingAndAsk", "previousRoundCountsThenInteractive": "previousRoundCountsThenAsk",
	"usePermutationInConfig": "useCandidateOrder",
}

func word(t text, all []string) int {
	w := strings.TrimSpace(string(t))
	if today, ok := older[w]; ok {
		w = today
	}
	return slices.Index(all, w)
}

func (p *parser) rules() {
	r, to := &p.raw.Rules, &p.s.Rules
	to.Winners = p.number("rules.numberOfWinners", r.Winners, 0, math.MaxInt32, -1)
	to.Method = p.method(to)
	to.TieBreak = TieBreak(p.choice("rules.tiebreakMode", r.TieBreak, tieBreaks[:]))         // #nosec G115 -- an index into a short list
	to.Overvote = OvervoteRule(p.choice("rules.overvoteRule", r.Overvote, overvoteRules[:])) // #nosec G115 -- an index into a short list
	to.Places = p.number("rules.decimalPlacesForVoteArithmetic", r.Places, 1, 20, -1)
	to.StopAfter = p.number("rules.stopTabulationEarlyAfterRound", r.StopAfter, 1, math.MaxInt32, 0)
	to.MaxSkipped = Unlimited
	if !strings.EqualFold(string(r.MaxSkipped), "unlimited") {
		to.MaxSkipped = p.number("rules.maxSkippedRanksAllowed", r.MaxSkipped, 0, math.MaxInt32, -1)
	}
	if !strings.EqualFold(string(r.MaxRanks), "max") {
		to.MaxRanks = p.number("rules.maxRankingsAllowed", r.MaxRanks, 1, math.MaxInt32, -1)
	}
	to.ExhaustOnDuplicate, to.BatchElimination, to.CutoffElimination = r.OnDuplicate.yes(), r.Batch.yes(), r.Cutoff.yes()
	to.UntilTwoRemain = r.UntilTwo.yes() || strings.TrimSpace(string(r.Method)) == "singleSeatContinueUntilTwoCandidatesRemain"
	to.FirstRoundThreshold, to.NonIntegerThreshold, to.Hare = r.FirstRoundThreshold.yes(), r.NonInteger.yes(), r.Hare.yes()
	if !r.Percent.blank() {
		share, ok := ParseDecimal(strings.TrimSpace(string(r.Percent)))
		if !ok || share.Cmp(NewDecimal(0)) <= 0 || share.Cmp(NewDecimal(100)) > 0 {
			p.wrong.Add("rules.multiSeatBottomsUpPercentageThreshold", "Give a share in percent between 0 and 100, or leave it empty.")
		}
		to.Percent = share
	}
	if !r.Seed.blank() {
		seed, err := strconv.ParseInt(strings.TrimSpace(string(r.Seed)), 10, 64)
		if err != nil || seed < -1<<47 || seed >= 1<<47 {
			p.wrong.Add("rules.randomSeed", "Give a whole number between %d and %d.", int64(-1<<47), int64(1<<47-1))
		}
		to.Seed = seed
	} else if to.TieBreak.seeded() {
		p.wrong.Add("rules.randomSeed", "Ties are to be broken by lot: give the seed from which it is drawn.")
	}
	p.s.Description = string(r.Description)
}

func (p *parser) method(to *Rules) Method {
	t := p.raw.Rules.Method
	switch strings.TrimSpace(string(t)) {
	case "standard":
		if to.Winners > 1 {
			return ManyWinnersARound
		}
		return SingleWinner
	case "multiSeatBottomsUp":
		if to.Winners == 0 || !p.raw.Rules.Percent.blank() {
			return BottomsUpPercent
		}
		return BottomsUp
	}
	return Method(p.choice("rules.winnerElectionMode", t, methods[:])) // #nosec G115 -- an index into a short list
}

func (p *parser) choice(key string, t text, all []string) int {
	i := word(t, all)
	if i < 0 {
		p.wrong.Add(key, "%q is not known. There are: %s.", string(t), strings.Join(all, ", "))
		return 0
	}
	return i
}

// number reads a whole number within bounds; an empty one is missing unless none is below 0.
func (p *parser) number(key string, t text, least, most, none int) int {
	if t.blank() && none >= 0 {
		return none
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(t)))
	if err != nil || n < least || n > most {
		if most == math.MaxInt32 {
			p.wrong.Add(key, "Give a whole number of at least %d.", least)
		} else {
			p.wrong.Add(key, "Give a whole number between %d and %d.", least, most)
		}
		return max(least, 0)
	}
	return n
}

func (p *parser) sources() {
	if len(p.raw.Sources) == 0 {
		p.wrong.Add("cvrFileSources", "Name at least one file of votes.")
	}
	rules := &p.raw.Rules
	seen := map[string]bool{}
	for i := range p.raw.Sources {
		r := &p.raw.Sources[i]
		at := "cvrFileSources[" + strconv.Itoa(i) + "]"
		s := Source{Path: string(r.Path), ContestID: string(r.ContestID), OvervoteDelimiter: string(r.OvervoteDelimiter),
			OvervoteLabel: first(r.OvervoteLabel, rules.OvervoteLabel), SkippedLabel: first(r.SkippedLabel, r.UndervoteLabel, rules.UndervoteLabel),
			WriteInLabel: first(r.WriteInLabel, rules.WriteInLabel), BlankIsWriteIn: r.BlankIsWriteIn.yes() || rules.BlankIsWriteIn.yes()}
		if r.Path.blank() {
			p.wrong.Add(at+".filePath", "Name the file of votes.")
		}
		if seen[s.Path] {
			p.wrong.Add(at+".filePath", "%s is named twice: its votes would count twice.", s.Path)
		}
		seen[s.Path] = true
		s.Provider = p.provider(at, r)
		p.columns(at, r, &s)
		if s.WriteInLabel != "" || s.BlankIsWriteIn {
			p.s.WriteIns = true
		}
		if s.OvervoteLabel != "" && p.s.Rules.Overvote == ExhaustContinuing {
			p.wrong.Add(at+".overvoteLabel", "A word for overvotes does not say who was marked, so exhaustIfMultipleContinuing cannot be applied. Choose another overvoteRule.")
		}
		if s.Provider == ESS && s.OvervoteDelimiter == "" && p.s.Rules.Overvote == ExhaustContinuing {
			p.wrong.Add(at+".overvoteDelimiter", "Say what stands between several candidates in a cell: exhaustIfMultipleContinuing needs to know them.")
		}
		p.s.Sources = append(p.s.Sources, s)
	}
}

func first(all ...text) string {
	for _, t := range all {
		if !t.blank() {
			return string(t)
		}
	}
	return ""
}

func (p *parser) provider(at string, r *rawSource) Provider {
	w := strings.ToLower(strings.TrimSpace(string(r.Provider)))
	switch strings.NewReplacer(" ", "", "&", "", "-", "").Replace(w) {
	case "cdf":
		return CDF
	case "clearballot":
		return ClearBallot
	case "dominion":
		return Dominion
	case "ess":
		return ESS
	case "hart":
		return Hart
	case "genericcsv", "csv":
		return GenericCSV
	}
	path := strings.ToLower(string(r.Path))
	switch { // until 1.1 the provider was a free text, and there were two formats
	case strings.HasSuffix(path, ".xlsx") && !r.FirstVoteColumn.blank():
		return ESS
	case w == "" && strings.HasSuffix(path, ".json"):
		return CDF
	}
	p.wrong.Add(at+".provider", "%q is not known. There are: %s.", string(r.Provider), strings.Join(providers[:], ", "))
	return CDF
}

func (p *parser) columns(at string, r *rawSource, s *Source) {
	s.FirstVoteColumn, s.FirstVoteRow, s.IDColumn, s.BatchColumn, s.PrecinctColumn = -1, -1, -1, -1, -1
	if s.Provider == ESS || s.Provider == GenericCSV {
		s.FirstVoteColumn = p.number(at+".firstVoteColumnIndex", r.FirstVoteColumn, 1, 1000, -1) - 1
		s.FirstVoteRow = p.number(at+".firstVoteRowIndex", r.FirstVoteRow, 1, 100_000, -1) - 1
		s.IDColumn = p.number(at+".idColumnIndex", r.IDColumn, 1, 1000, 0) - 1
		s.BatchColumn = p.number(at+".batchColumnIndex", r.BatchColumn, 1, 1000, 0) - 1
		s.PrecinctColumn = p.number(at+".precinctColumnIndex", r.PrecinctColumn, 1, 1000, 0) - 1
		for _, w := range []struct {
			slice  Slice
			column int
			key    string
		}{{ByPrecinct, s.PrecinctColumn, ".precinctColumnIndex"}, {ByBatch, s.BatchColumn, ".batchColumnIndex"}} {
			if w.column < 0 && slices.Contains(p.s.Slices, w.slice) {
				p.wrong.Add(at+w.key, "Reports by %s are wanted: say in which column it stands.", w.slice.String())
			}
		}
	} else if strings.TrimSpace(s.ContestID) == "" {
		p.wrong.Add(at+".contestId", "Say which contest of the file is meant.")
	}
}

// together checks what rules say about each other, as RCTab does.
func (p *parser) together() {
	r := &p.s.Rules
	many := r.Winners > 1
	switch {
	case r.Method == BottomsUpPercent && r.Winners != 0:
		p.wrong.Add("rules.numberOfWinners", "It must be 0 for %s.", r.Method.String())
	case r.Method == BottomsUpPercent && r.Percent.Sign() == 0:
		p.wrong.Add("rules.multiSeatBottomsUpPercentageThreshold", "Say which share a candidate must have.")
	case r.Method != BottomsUpPercent && r.Winners == 0:
		p.wrong.Add("rules.numberOfWinners", "It can be 0 only for %s.", BottomsUpPercent.String())
	case r.Method.single() && many, !r.Method.single() && r.Winners == 1:
		p.wrong.Add("rules.numberOfWinners", "%d does not fit to %s.", r.Winners, r.Method.String())
	}
	if r.UntilTwoRemain && many && r.Method != MultiPass {
		p.wrong.Add("rules.continueUntilTwoCandidatesRemain", "It is only for contests with one seat, and for multiPassIrv.")
	}
	if r.BatchElimination && (many && r.Method != MultiPass || r.Method == BottomsUpPercent) {
		p.wrong.Add("rules.batchElimination", "It is only for contests with one seat, and for multiPassIrv.")
	}
	if r.CutoffElimination && r.Method != BottomsUpPercent {
		p.wrong.Add("rules.cutoffElimination", "It is only for %s.", BottomsUpPercent.String())
	}
	if !r.Method.transfers() && r.NonIntegerThreshold {
		p.wrong.Add("rules.nonIntegerWinningThreshold", "It is only for contests in which winners pass on votes.")
	}
	if !r.Method.transfers() && r.Hare {
		p.wrong.Add("rules.hareQuota", "It is only for contests in which winners pass on votes.")
	}
	if r.Hare && r.NonIntegerThreshold {
		p.wrong.Add("rules.hareQuota", "It and nonIntegerWinningThreshold cannot both hold.")
	}
}

// ignored returns keys of the rules and sources that no version of RCTab up to 2.0.1 has: they might matter.
func ignored(b []byte) []string {
	var all []string
	var loose struct {
		Rules   map[string]json.RawMessage   `json:"rules"`
		Sources []map[string]json.RawMessage `json:"cvrFileSources"`
	}
	if json.Unmarshal(b, &loose) != nil {
		return nil
	}
	known := func(in any) map[string]bool {
		var m map[string]json.RawMessage
		j, _ := json.Marshal(in)
		_ = json.Unmarshal(j, &m)
		keys := map[string]bool{}
		for k := range m {
			keys[k] = true
		}
		return keys
	}
	rules, source := known(rawRules{}), known(rawSource{})
	for k := range loose.Rules {
		if !rules[k] {
			all = append(all, "rules."+k)
		}
	}
	for i, s := range loose.Sources {
		for k := range s {
			if !source[k] {
				all = append(all, "cvrFileSources["+strconv.Itoa(i)+"]."+k)
			}
		}
	}
	slices.Sort(all)
	return all
}
