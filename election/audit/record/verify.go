package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/internal/fault"
)

// maxStep is how many bytes a step may have; maxSteps how many there may be.
const (
	maxStep  = 256 << 20
	maxSteps = 10_000
)

// limits bound what a record may unpack to.
var limits = cvr.ZipLimits{Parts: 100_000, Part: 16 << 30, All: 256 << 30, Ratio: 1_000}

// Sentence is something that was proven, as a sentence for package words.
type Sentence struct {
	Format string
	Args   []any
}

// String returns the English sentence.
func (s Sentence) String() string { return fmt.Sprintf(s.Format, s.Args...) }

// Expect is what an observer knows from elsewhere: what was published in its time, and the seed that was heard in the room. Empty texts are not compared.
type Expect struct {
	Commitment string // SHA-256 of the first step, in hexadecimal
	Last       string // SHA-256 of the last step
	Seed       string
}

// Verdict is what a record proves.
type Verdict struct {
	Proven     []Sentence
	Commitment string // SHA-256 of the first step
	Last       string // SHA-256 of the last
	Seed       string
	Contests   []Outcome
}

// Outcome is where the audit of a contest stands.
type Outcome struct {
	Contest  string
	Method   Method
	Limit    audit.Limit
	Rounds   int // judged
	Waiting  bool
	P        float64
	Met      bool
	Draws    int
	Papers   int // distinct
	Missing  int
	Differed int // papers on which what was found is not what was reported
}

// Done reports whether every contest met its limit.
func (v *Verdict) Done() bool {
	return len(v.Contests) > 0 && !slices.ContainsFunc(v.Contests, func(o Outcome) bool { return !o.Met || o.Waiting })
}

// Verify follows a record from its first step to its last. An error that is a fault is the first thing that does not follow; the verdict then holds what was
// proven before it. It is the same for everybody: it asks for nothing but the file.
func Verify(r io.ReaderAt, size int64, e Expect) (*Verdict, error) {
	v := &verifier{verdict: &Verdict{}, expect: e}
	err := v.run(r, size)
	return v.verdict, err
}

type verifier struct {
	verdict *Verdict
	expect  Expect
	follow  follower
	steps   []step
	raw     [][]byte
	last    map[string]judgement
}

func (v *verifier) prove(format string, args ...any) {
	v.verdict.Proven = append(v.verdict.Proven, Sentence{format, args})
}

func (v *verifier) run(r io.ReaderAt, size int64) error {
	sources, err := cvr.Unzip("record", r, size, limits)
	if err != nil {
		return err
	}
	v.follow.parts = map[string]cvr.Source{}
	steps := map[string]cvr.Source{}
	for _, s := range sources {
		name := strings.TrimPrefix(s.Name, "record: ")
		s.Name = name
		switch {
		case strings.HasPrefix(name, "steps/"):
			steps[name] = s
		case strings.HasPrefix(name, "parts/"):
			v.follow.parts[name] = s
		default:
			return fault.Invalidf("The record holds “%s”, which is neither a part nor a step.", name)
		}
	}
	if err := v.chain(steps); err != nil {
		return err
	}
	if err := v.commitment(); err != nil {
		return err
	}
	return v.walk()
}

func stepName(i int) string { return fmt.Sprintf("steps/%04d.json", i+1) }

func digest(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// chain reads the steps and checks that each is fastened to the one before.
func (v *verifier) chain(files map[string]cvr.Source) error {
	if len(files) == 0 || len(files) > maxSteps {
		return fault.Invalidf("The record has %d steps. It has at least one, which commits to what is audited.", len(files))
	}
	for i := range len(files) {
		src, ok := files[stepName(i)]
		if !ok {
			return fault.Invalidf("The step %s is missing. A record has every step from the first to the last.", stepName(i))
		}
		b, err := src.ReadAll(maxStep)
		if err != nil {
			return err
		}
		var s step
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil || d.More() {
			return fault.Invalidf("The step %s cannot be read: %v.", stepName(i), err)
		}
		if i > 0 && s.Before != digest(v.raw[i-1]) || i == 0 && s.Before != "" {
			return fault.Invalidf("The step %s follows a step with the fingerprint %s, and the step before it has another. One of them was changed after it was published.", stepName(i), s.Before)
		}
		if err := s.kind(i); err != nil {
			return err
		}
		v.raw, v.steps = append(v.raw, b), append(v.steps, s)
	}
	v.verdict.Commitment, v.verdict.Last = digest(v.raw[0]), digest(v.raw[len(v.raw)-1])
	v.prove("The record has %d steps, each fastened to the one before it; the last has the fingerprint %s.", len(v.steps), v.verdict.Last)
	return nil
}

// kind checks that a step is what its place asks for.
func (s step) kind(i int) error {
	n := 0
	for _, is := range []bool{s.Commitment != nil, s.Seed != nil, s.Drawn != nil, s.Audited != nil} {
		if is {
			n++
		}
	}
	if n != 1 || (i == 0) != (s.Commitment != nil) || (i == 1) != (s.Seed != nil) {
		return fault.Invalidf("The step %s is not what stands in its place: the first commits, the second gives the seed, and each after them says what was drawn or what was found.", stepName(i))
	}
	return nil
}

// commitment checks every part against its fingerprint and the first step against what is published.
func (v *verifier) commitment() error {
	for _, w := range []struct{ want, is string }{{v.expect.Commitment, v.verdict.Commitment}, {v.expect.Last, v.verdict.Last}} {
		if w.want != "" && !strings.EqualFold(w.want, w.is) {
			return fault.Invalidf("The fingerprint %s was published, and the record has %s. The record is not the one that was published.", w.want, w.is)
		}
	}
	com := *v.steps[0].Commitment
	for _, name := range slices.Sorted(maps.Keys(v.follow.parts)) {
		if _, ok := com.Parts[name]; !ok {
			return fault.Invalidf("The part “%s” is in the record, and nobody committed to it.", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(com.Parts)) {
		src, ok := v.follow.parts[name]
		if !ok {
			return fault.Invalidf("The part “%s” was committed to, and is not in the record.", name)
		}
		is, err := fingerprint(src)
		if err != nil {
			return err
		}
		if is != com.Parts[name] {
			return fault.Invalidf("The part “%s” has the fingerprint %s, and %s was committed to. It was changed after the commitment.", name, is, com.Parts[name])
		}
	}
	v.prove("All %d files are, byte for byte, those committed to before the seed. The commitment has the fingerprint %s: compare it with what was published then.", len(com.Parts), v.verdict.Commitment)
	if err := v.follow.commit(com); err != nil {
		return err
	}
	for _, p := range v.follow.places {
		if p.Records == nil {
			v.prove("%s: the manifest lists %d ballots in %d batches.", p.Name, p.manifest.Ballots, len(p.manifest.Batches))
			continue
		}
		v.prove("%s: the manifest lists %d ballots in %d batches, and there are records of %d of them.", p.Name, p.manifest.Ballots, len(p.manifest.Batches), p.records)
	}
	for _, k := range com.Contests {
		switch {
		case k.Method == SUITE:
			v.prove("“%s”: the votes reported are at least those of the records.", k.Name)
		case k.Method.compares():
			v.prove("“%s”: the votes reported are those of the records.", k.Name)
		case k.Method == MACRO:
			v.prove("“%s”: the votes reported are at least those of the batches.", k.Name)
		}
	}
	return nil
}

func fingerprint(s cvr.Source) (string, error) {
	r, err := s.Open()
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", s.Name, err)
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return "", fmt.Errorf("reading %s: %w", s.Name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// walk follows the seed, the draws and what was found.
func (v *verifier) walk() error {
	v.last = map[string]judgement{}
	for _, s := range v.steps[1:] {
		var err error
		switch {
		case s.Seed != nil:
			err = v.seed(s.Seed.Seed)
		case s.Drawn != nil:
			err = v.drawn(*s.Drawn)
		default:
			err = v.audited(*s.Audited)
		}
		if err != nil {
			return err
		}
	}
	for _, k := range v.follow.com.Contests {
		c, j := v.follow.contests[k.Name], v.last[k.Name]
		v.verdict.Contests = append(v.verdict.Contests, Outcome{
			Contest: k.Name, Method: k.Method, Limit: audit.Limit(k.RiskLimit), Rounds: c.judged, Waiting: c.judged == 0 || c.judged < len(c.rounds),
			P: pvalue(c, j), Met: c.judged > 0 && j.risk.Met, Draws: j.draws, Papers: j.papers, Missing: j.missing, Differed: j.discrepancies,
		})
	}
	return nil
}

// pvalue is 1 before anything was found.
func pvalue(c *contest, j judgement) float64 {
	if c.judged == 0 {
		return 1
	}
	return j.risk.P
}

func (v *verifier) seed(seed string) error {
	if seed == "" {
		return fault.Invalidf("The seed is empty, so everybody knew before what would be drawn.")
	}
	if v.expect.Seed != "" && v.expect.Seed != seed {
		return fault.Invalidf("The seed “%s” was heard, and the record says “%s”. Everything drawn from another seed is another sample.", v.expect.Seed, seed)
	}
	v.follow.seed, v.follow.seeded, v.verdict.Seed = seed, true, seed
	v.prove("The seed is “%s”: compare it with what was rolled in public.", seed)
	return nil
}

// known returns the contest of a step.
func (v *verifier) known(name string) (*contest, error) {
	c := v.follow.contests[name]
	if c == nil {
		return nil, fault.Invalidf("A step is about the contest “%s”, which was not committed to.", name)
	}
	return c, nil
}

func (v *verifier) drawn(d Drawn) error {
	c, err := v.known(d.Contest)
	if err != nil {
		return err
	}
	if d.Round != len(c.rounds)+1 || c.judged != len(c.rounds) || len(d.Draws) == 0 {
		return fault.Invalidf("“%s”: a draw of round %d does not follow round %d. A round is drawn when the one before it was audited.", d.Contest, d.Round, len(c.rounds))
	}
	if (len(d.Polled) > 0) != (c.Method == SUITE) {
		return fault.Invalidf("“%s”, round %d: ballots without records are drawn in hybrid audits, and only there.", d.Contest, d.Round)
	}
	drawn, err := v.follow.draw(c, len(d.Draws), len(d.Polled))
	if err != nil {
		return err
	}
	draws, said := drawn.all(), slices.Concat(d.Draws, d.Polled)
	if len(draws) != len(said) {
		return fault.Invalidf("“%s”, round %d: the record has %d draws, and the seed gives only %d.", d.Contest, d.Round, len(said), len(draws))
	}
	papers := map[Paper]bool{}
	for i := range draws {
		if draws[i] != said[i] {
			return fault.Invalidf("“%s”, round %d: draw %d is %s with the ticket %s, and the seed gives %s with the ticket %s. The seed, the manifest or the draw was changed.",
				d.Contest, d.Round, i+1, said[i].Paper.String(), said[i].Ticket, draws[i].Paper.String(), draws[i].Ticket)
		}
		papers[draws[i].Paper] = true
	}
	c.rounds = append(c.rounds, drawn)
	v.prove("“%s”, round %d: the seed gives exactly the %d draws of the record, of %d papers.", d.Contest, d.Round, len(draws), len(papers))
	return nil
}

func (v *verifier) audited(a Audited) error {
	c, err := v.known(a.Contest)
	if err != nil {
		return err
	}
	if err := c.take(a); err != nil {
		return err
	}
	j, err := v.follow.judge(c)
	if err != nil {
		return err
	}
	v.last[a.Contest] = j
	if !near(a.P, j.risk.P) {
		return fault.Invalidf("“%s”, round %d: the record says that the p-value is %s, and what was found gives %s.", a.Contest, a.Round, short(a.P), short(j.risk.P))
	}
	limit := percent(c.RiskLimit)
	switch {
	case a.Met != j.risk.Met && a.Met:
		return fault.Invalidf("“%s”, round %d: the record says that the risk limit is met. The p-value is %s and the limit %s %%: it is not met.", a.Contest, a.Round, short(j.risk.P), limit)
	case a.Met != j.risk.Met:
		return fault.Invalidf("“%s”, round %d: the record says that the risk limit is not met. The p-value is %s and the limit %s %%: it is met.", a.Contest, a.Round, short(j.risk.P), limit)
	case j.risk.Met:
		v.prove("“%s”, round %d: %d draws of %d papers, %d of them other than reported and %d missing, give a p-value of %s. The risk limit of %s %% is met.",
			a.Contest, a.Round, j.draws, j.papers, j.discrepancies, j.missing, short(j.risk.P), limit)
	default:
		v.prove("“%s”, round %d: %d draws of %d papers, %d of them other than reported and %d missing, give a p-value of %s. The risk limit of %s %% is not met.",
			a.Contest, a.Round, j.draws, j.papers, j.discrepancies, j.missing, short(j.risk.P), limit)
	}
	return nil
}

// near reports whether two p-values are the same but for how a machine rounds.
func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b))
}

func short(p float64) string { return fmt.Sprintf("%.6g", p) }

func percent(hundredths int) string { return fmt.Sprintf("%g", float64(hundredths)/100) }
