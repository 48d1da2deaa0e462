package record

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/internal/fault"
)

// county makes the manifest, records and papers of a jurisdiction: batches of some size, in which every third ballot is for Bob, every fifth has only the
// measure, and every seventh is an overvote.
func county(name string, batches, size int, hybrid bool) (man, records string, papers map[Paper]Found) {
	man = "Tabulator,Batch Name,Number of Ballots,CVR\n"
	records = "E,5.10\n,,,,Mayor (Vote For=1),Mayor (Vote For=1),Measure A (Vote For=1)\n,,,,Ann,\"Bob, Jr.\",Yes\nTabulatorNum,BatchId,RecordId,ImprintedId,,,\n"
	papers = map[Paper]Found{}
	for b := range batches {
		without := hybrid && b%2 == 1
		man += fmt.Sprintf("%d,B%d,%d,%s\n", 1+b%2, b, size, map[bool]string{false: "Y", true: "N"}[without])
		for i := range size {
			n := b*size + i
			cells, found := "1,0,1", map[string]int{"Ann": 1}
			switch {
			case n%5 == 0:
				cells, found = ",,1", nil
			case n%7 == 0:
				cells, found = "1,1,0", map[string]int{"Ann": 1, "Bob, Jr.": 1}
			case n%3 == 0:
				cells, found = "0,1,0", map[string]int{"Bob, Jr.": 1}
			}
			if !without {
				records += fmt.Sprintf("%d,B%d,%d,x-%d,%s\n", 1+b%2, b, 10*i+3, n, cells)
			}
			p := Paper{name, fmt.Sprint(1 + b%2), fmt.Sprintf("B%d", b), i + 1}
			papers[p] = Found{Paper: p, Absent: found == nil, Votes: found}
		}
	}
	return man, records, papers
}

// count adds up the votes of papers as they count.
func count(papers map[Paper]Found) (ann, bob int) {
	for _, f := range papers {
		if sum(f.Votes) == 1 {
			ann += f.Votes["Ann"]
			bob += f.Votes["Bob, Jr."]
		}
	}
	return ann, bob
}

// election is an audit that can be begun.
type election struct {
	b      Builder
	papers map[Paper]Found
	com    Commitment
}

func begin(t testing.TB, method Method) *election {
	t.Helper()
	e := &election{papers: map[Paper]Found{}}
	total := 0
	for i, name := range []string{"South", "North"} {
		man, records, papers := county(name, 2+i, 40, method == SUITE)
		maps.Copy(e.papers, papers)
		total += len(papers)
		add(t, &e.b, "parts/"+name+".csv", man)
		j := Jurisdiction{Name: name, Manifest: "parts/" + name + ".csv"}
		switch method {
		case SuperSimple, SHANGRLA, SUITE:
			add(t, &e.b, "parts/"+name+"-cvr.csv", records)
			j.Records = &Records{Vendor: "dominion", Parts: []string{"parts/" + name + "-cvr.csv"}}
		case MACRO:
			man = "Batch Name,Ann,\"Bob, Jr.\"\n"
			for b := range 2 + i {
				ann, bob := count(batch(papers, fmt.Sprintf("B%d", b)))
				man += fmt.Sprintf("B%d,%d,%d\n", b, ann, bob)
			}
			add(t, &e.b, "parts/"+name+"-tallies.csv", man)
			j.Tallies = "parts/" + name + "-tallies.csv"
		}
		e.com.Jurisdictions = append(e.com.Jurisdictions, j)
	}
	ann, bob := count(e.papers)
	e.com.Election = "A town"
	e.com.Contests = []Contest{{
		Name: "Mayor", Method: method, RiskLimit: 1000, Winners: 1, VotesAllowed: 1, Ballots: total, Choices: []Choice{{"Ann", ann}, {"Bob, Jr.", bob}},
	}}
	return e
}

func add(t testing.TB, b *Builder, name, text string) {
	t.Helper()
	if err := b.AddPart(name, cvr.Bytes(name, []byte(text))); err != nil {
		t.Fatal(err)
	}
}

func batch(papers map[Paper]Found, name string) map[Paper]Found {
	some := map[Paper]Found{}
	for p, f := range papers {
		if p.Batch == name {
			some[p] = f
		}
	}
	return some
}

func (e *election) commit(t testing.TB) {
	t.Helper()
	if _, err := e.b.Commit(e.com); err != nil {
		t.Fatal(err)
	}
	if _, err := e.b.Seed("31415926535897932384"); err != nil {
		t.Fatal(err)
	}
}

// round draws a round and looks at the papers. What was seen before is left out.
func (e *election) round(t testing.TB, size int, change func([]Found) []Found) (p float64, met bool) {
	t.Helper()
	polled := 0
	if e.com.Contests[0].Method == SUITE {
		polled = size / 2
	}
	draws, err := e.b.Draw("Mayor", size, polled)
	if err != nil {
		t.Fatal(err)
	}
	var found []Found
	for _, d := range draws {
		known := slices.ContainsFunc(found, func(f Found) bool { return f.Paper == d.Paper })
		if _, before := e.b.f.contests["Mayor"].found[d.Paper]; !known && !before {
			found = append(found, e.look(d.Paper))
		}
	}
	if change != nil {
		found = change(found)
	}
	p, met, err = e.b.Audit("Mayor", found)
	if err != nil {
		t.Fatal(err)
	}
	return p, met
}

// look returns what is on a ballot, or counts a batch.
func (e *election) look(p Paper) Found {
	if p.Position > 0 {
		return e.papers[p]
	}
	some := map[Paper]Found{}
	for q, f := range e.papers {
		if q.Jurisdiction == p.Jurisdiction && q.Batch == p.Batch {
			some[q] = f
		}
	}
	ann, bob := count(some)
	return Found{Paper: p, Votes: map[string]int{"Ann": ann, "Bob, Jr.": bob}}
}

func (e *election) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.b.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func check(b []byte, e Expect) (*Verdict, error) { return Verify(bytes.NewReader(b), int64(len(b)), e) }

func TestEveryMethodIsFollowed(t *testing.T) {
	for method, size := range map[Method]int{SuperSimple: 30, SHANGRLA: 30, SUITE: 40, MACRO: 4, BRAVO: 60, Minerva: 60, Providence: 60} {
		e := begin(t, method)
		e.commit(t)
		var met bool
		var p float64
		for rounds := 0; !met && rounds < 6; rounds++ {
			p, met = e.round(t, size, nil)
		}
		b := e.bytes(t)
		v, err := check(b, Expect{Seed: "31415926535897932384"})
		if err != nil {
			t.Errorf("%s: %v", method, err)
			continue
		}
		if !met || !v.Done() || v.Contests[0].P != p || v.Contests[0].Limit != 1000 {
			t.Errorf("%s: p %v, met %v, verdict %+v", method, p, met, v.Contests)
		}
		for _, s := range v.Proven {
			if strings.Contains(s.String(), "%!") {
				t.Errorf("%s: %q", method, s)
			}
		}
		again := e.bytes(t)
		if !bytes.Equal(b, again) {
			t.Errorf("%s: the same record is another file", method)
		}
		if _, err := check(b, Expect{Commitment: v.Commitment, Last: v.Last}); err != nil {
			t.Errorf("%s: its own fingerprints: %v", method, err)
		}
	}
}

// Ballots that differ or are missing make the p-value larger, and the record that says so follows.
func TestErrorsCount(t *testing.T) {
	for _, method := range []Method{SuperSimple, SHANGRLA, SUITE} {
		clean := begin(t, method)
		clean.commit(t)
		p0, _ := clean.round(t, 30, nil)
		for name, change := range map[string]func(f *Found){
			"for the other": func(f *Found) { f.Absent, f.Votes = false, map[string]int{"Bob, Jr.": 1} },
			"missing":       func(f *Found) { *f = Found{Paper: f.Paper, Missing: true} },
		} {
			e := begin(t, method)
			e.commit(t)
			p, _ := e.round(t, 30, func(all []Found) []Found {
				i := slices.IndexFunc(all, func(f Found) bool { return f.Votes["Ann"] == 1 && len(f.Votes) == 1 })
				change(&all[i])
				return all
			})
			v, err := check(e.bytes(t), Expect{})
			if err != nil || p <= p0 || v.Contests[0].Differed != 1 {
				t.Errorf("%s, %s: p %v after %v, %v, %+v", method, name, p, p0, err, v.Contests)
			}
		}
	}
}

// Fewer records than ballots is in order, and never easier: each ballot without a record counts as the worst.
func TestMissingRecordsCount(t *testing.T) {
	for _, method := range []Method{SuperSimple, SHANGRLA, SUITE} {
		var p [2]float64
		for i := range p {
			e := begin(t, method)
			if i == 1 {
				e.lose(t, "South", "B0")
			}
			e.commit(t)
			p[i], _ = e.round(t, 40, nil)
			if v, err := check(e.bytes(t), Expect{}); err != nil || i == 1 && v.Contests[0].Differed == 0 {
				t.Errorf("%s: %v, %+v", method, err, v.Contests)
			}
		}
		if p[1] <= p[0] {
			t.Errorf("%s: p is %v with all records and %v without some", method, p[0], p[1])
		}
	}
}

// lose takes the records of half a batch away, and their votes out of what is reported where only records are reported.
func (e *election) lose(t *testing.T, name, batch string) {
	t.Helper()
	raw, err := e.b.f.parts["parts/"+name+"-cvr.csv"].ReadAll(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, line := range strings.SplitAfter(string(raw), "\n") {
		var number int
		if _, err := fmt.Sscanf(line, "1,"+batch+",%d,", &number); err == nil && number > 200 {
			if e.com.Contests[0].Method != SUITE {
				e.com.Contests[0].Choices[0].Votes -= strings.Count(line, ",1,0,1")
				e.com.Contests[0].Choices[1].Votes -= strings.Count(line, ",0,1,0")
			}
			continue
		}
		kept = append(kept, line)
	}
	e.b.f.parts["parts/"+name+"-cvr.csv"] = cvr.Bytes("parts/"+name+"-cvr.csv", []byte(strings.Join(kept, "")))
}

// files unpacks a record, pack makes one again.
func files(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if all[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func pack(t *testing.T, all map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(all[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// edit changes a step, and then every fingerprint behind it: what a forger can do who holds the whole record.
func edit(t *testing.T, all map[string][]byte, i int, change func(*step)) {
	t.Helper()
	for k := 0; ; k++ {
		raw, ok := all[stepName(k)]
		if !ok {
			return
		}
		var s step
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		if k == 0 {
			for name := range s.Commitment.Parts {
				s.Commitment.Parts[name] = digest(all[name])
			}
		} else {
			s.Before = digest(all[stepName(k-1)])
		}
		if k == i {
			change(&s)
		}
		raw, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		all[stepName(k)] = raw
	}
}

func swap(b []byte, from, to string) []byte { return bytes.Replace(b, []byte(from), []byte(to), 1) }

func TestEveryByteIsFastened(t *testing.T) {
	e := begin(t, SuperSimple)
	e.commit(t)
	e.round(t, 10, nil)
	e.round(t, 10, nil)
	good := e.bytes(t)
	v, err := check(good, Expect{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files(t, good))) {
		for _, at := range []float64{.2, .5, .97} {
			all := files(t, good)
			all[name][int(at*float64(len(all[name])))] ^= 1
			if _, err := check(pack(t, all), Expect{Last: v.Last}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s with one bit changed: %v", name, err)
			}
		}
		all := files(t, good)
		delete(all, name)
		if _, err := check(pack(t, all), Expect{Last: v.Last}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// A forger who makes all fingerprints anew is found by what does not follow.
func TestForgeries(t *testing.T) {
	for name, c := range map[string]struct {
		step int // changed by change
		part func(all map[string][]byte)
		do   func(*step)
		want string
	}{
		"the seed changed after the draw": {step: 1, do: func(s *step) { s.Seed.Seed = "1" }, want: "“Mayor”, round 1: draw 1 is "},
		"another ballot in its place":     {step: 2, do: func(s *step) { s.Drawn.Draws[3].Position++ }, want: "“Mayor”, round 1: draw 4 is "},
		"a lost ballot":                   {step: 3, do: func(s *step) { s.Audited.Found = s.Audited.Found[1:] }, want: "was drawn, and the record does not say what was found"},
		"a ballot that was not drawn":     {step: 3, do: func(s *step) { s.Audited.Found[0].Position = 40 }, want: "was not drawn, but the record says what was found on it"},
		"a ballot that is not there":      {step: 3, do: func(s *step) { s.Audited.Found = append(s.Audited.Found, Found{Paper: Paper{"South", "1", "B0", 41}}) }, want: "South / 1 / B0 / 41 was not drawn"},
		"a vote for nobody known":         {step: 3, do: func(s *step) { s.Audited.Found[0].Absent, s.Audited.Found[0].Votes = false, map[string]int{"Cy": 1} }, want: "a vote for “Cy”, who is not in the contest"},
		"a paper changed":                 {step: 3, do: func(s *step) { s.Audited.Found[0] = Found{Paper: s.Audited.Found[0].Paper, Missing: true} }, want: "the record says that the p-value is"},
		"a smaller p-value":               {step: 3, do: func(s *step) { s.Audited.P /= 2 }, want: "the record says that the p-value is"},
		"a limit said to be met":          {step: 3, do: func(s *step) { s.Audited.Met = !s.Audited.Met }, want: "the record says that the risk limit is "},
		"a round left out":                {step: 2, do: func(s *step) { s.Drawn.Round = 2 }, want: "a draw of round 2 does not follow round 0"},
		"a lower limit":                   {step: 0, do: func(s *step) { s.Commitment.Contests[0].RiskLimit = 1 }, want: "the record says that the risk limit is met. The p-value is"},
		"fewer ballots":                   {step: 0, do: func(s *step) { s.Commitment.Contests[0].Ballots-- }, want: "as a contest of 199 ballots, and the manifests of its jurisdictions list 200"},
		"other votes reported":            {step: 0, do: func(s *step) { s.Commitment.Contests[0].Choices[0].Votes++ }, want: "votes are reported for “Ann”, and the records hold"},
		"a choice left out": {step: 0, do: func(s *step) {
			s.Commitment.Contests[0].Choices[1] = Choice{"Cy", 0}
		}, want: "the records hold"},
		"another version":            {step: 0, do: func(s *step) { s.Commitment.Version = 2 }, want: "version 2; this program knows version 1"},
		"another method":             {step: 0, do: func(s *step) { s.Commitment.Contests[0].Method = "trust" }, want: "audited by “trust”, a method that this program does not know"},
		"a jurisdiction twice":       {step: 0, do: func(s *step) { s.Commitment.Jurisdictions[1] = s.Commitment.Jurisdictions[0] }, want: "names the jurisdiction “South” twice"},
		"no contest":                 {step: 0, do: func(s *step) { s.Commitment.Contests = nil }, want: "names no contest"},
		"a contest nobody committed": {step: 2, do: func(s *step) { s.Drawn.Contest = "Sheriff" }, want: "the contest “Sheriff”, which was not committed to"},
		"a changed record": {part: func(all map[string][]byte) {
			all["parts/South-cvr.csv"] = swap(all["parts/South-cvr.csv"], "0,1,0\n", "1,0,0\n")
		}, want: "votes are reported for “Ann”, and the records hold"},
		"a deleted record": {part: func(all map[string][]byte) {
			all["parts/South-cvr.csv"] = swap(all["parts/South-cvr.csv"], "1,B0,13,x-1,1,0,1\n", "")
		}, want: "votes are reported for “Ann”, and the records hold"},
		"a record twice": {part: func(all map[string][]byte) {
			all["parts/South-cvr.csv"] = swap(all["parts/South-cvr.csv"], "1,B0,13,x-1,", "1,B0,3,x-1,")
		}, want: "Two records have the number 3 in batch “B0”"},
		"a manifest smaller than its records": {part: func(all map[string][]byte) {
			all["parts/South.csv"] = swap(swap(all["parts/South.csv"], "1,B0,40", "1,B0,39"), "2,B1,40", "2,B1,41")
		}, want: "parts/South.csv, line 2: the batch “B0” has 39 ballots, and 40 records"},
		"a batch nobody has": {part: func(all map[string][]byte) {
			all["parts/South.csv"] = swap(all["parts/South.csv"], "1,B0,40", "1,B9,40")
		}, want: "parts/South.csv has no batch “B0”"},
		"a contest missing": {part: func(all map[string][]byte) {
			all["parts/South-cvr.csv"] = bytes.ReplaceAll(all["parts/South-cvr.csv"], []byte("Mayor (V"), []byte("Major (V"))
		}, want: "“Mayor” is on no record of South"},
		"a file nobody committed to": {part: func(all map[string][]byte) { all["parts/more.csv"] = []byte("x") }, want: "“parts/more.csv” is in the record, and nobody committed to it"},
		"a file of another kind":     {part: func(all map[string][]byte) { all["readme.txt"] = []byte("x") }, want: "“readme.txt”, which is neither a part nor a step"},
	} {
		e := begin(t, SuperSimple)
		e.commit(t)
		e.round(t, 30, nil)
		all := files(t, e.bytes(t))
		if c.part != nil {
			c.part(all)
		}
		if c.do == nil {
			c.do = func(*step) {}
		}
		edit(t, all, c.step, c.do)
		v, err := check(pack(t, all), Expect{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if fault.KindOf(err) != fault.Invalid || v == nil {
			t.Errorf("%s: %v is no fault", name, err)
		}
	}
}

// What a forger makes to follow in every way is another record than was published.
func TestWhatWasPublishedDecides(t *testing.T) {
	e := begin(t, BRAVO)
	e.commit(t)
	e.round(t, 30, nil)
	good := e.bytes(t)
	v, err := check(good, Expect{})
	if err != nil {
		t.Fatal(err)
	}
	all := files(t, good)
	edit(t, all, 0, func(s *step) { s.Commitment.Election = "Another town" })
	forged := pack(t, all)
	if _, err := check(forged, Expect{}); err != nil {
		t.Fatalf("a forgery that follows: %v", err)
	}
	for _, known := range []Expect{{Commitment: v.Commitment}, {Last: v.Last}} {
		if _, err := check(forged, known); err == nil || !strings.Contains(err.Error(), "The record is not the one that was published") {
			t.Errorf("%+v: %v", known, err)
		}
	}
	if _, err := check(good, Expect{Seed: "27182818284590452353"}); err == nil || !strings.Contains(err.Error(), "“27182818284590452353” was heard") {
		t.Errorf("another seed: %v", err)
	}
}

// Batches that were mixed are counted together, and then neither alone.
func TestCombinedBatches(t *testing.T) {
	start := func() (*election, []Draw) {
		e := begin(t, MACRO)
		e.commit(t)
		draws, err := e.b.Draw("Mayor", 3, 0)
		if err != nil {
			t.Fatal(err)
		}
		return e, draws
	}
	group := func(e *election, names ...Paper) Combined {
		c := Combined{Batches: names, Votes: map[string]int{}}
		for _, p := range names {
			for name, n := range e.look(p).Votes {
				c.Votes[name] += n
			}
		}
		return c
	}
	e, draws := start()
	first := draws[0].Paper
	other := Paper{"North", "1", "B0", 0}
	if first == other {
		other = Paper{"North", "2", "B1", 0}
	}
	rest := func(skip ...Paper) []Found {
		var found []Found
		for _, d := range draws {
			if !slices.Contains(skip, d.Paper) && !slices.ContainsFunc(found, func(f Found) bool { return f.Paper == d.Paper }) {
				found = append(found, e.look(d.Paper))
			}
		}
		return found
	}
	if _, _, err := e.b.Audit("Mayor", rest(first, other), group(e, first, other)); err != nil {
		t.Fatal(err)
	}
	if _, err := check(e.bytes(t), Expect{}); err != nil {
		t.Errorf("two batches counted together: %v", err)
	}
	all := files(t, e.bytes(t))
	edit(t, all, 3, func(s *step) { s.Audited.Combined[0].Votes["Ann"] = 0 })
	if _, err := check(pack(t, all), Expect{}); err == nil || !strings.Contains(err.Error(), "the record says that the p-value is") {
		t.Errorf("votes taken from the mixture: %v", err)
	}
	for name, c := range map[string]struct {
		groups []Combined
		want   string
	}{
		"alone too":         {[]Combined{group(e, first, other)}, "was counted by itself and also together with others"},
		"in two mixtures":   {[]Combined{group(e, first, other), group(e, first, other)}, "was counted twice"},
		"of no manifest":    {[]Combined{{Batches: []Paper{first, {"North", "9", "B9", 0}}}}, "is in no manifest"},
		"a mixture of one":  {[]Combined{group(e, first)}, "are two or more"},
		"for nobody known":  {[]Combined{{Batches: []Paper{first, other}, Votes: map[string]int{"Cy": 1}}}, "who is not in the contest"},
		"less than nothing": {[]Combined{{Batches: []Paper{first, other}, Votes: map[string]int{"Ann": -1}}}, "has -1 votes for “Ann”"},
	} {
		e, _ := start()
		if _, _, err := e.b.Audit("Mayor", rest(), c.groups...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	e := begin(f, BRAVO)
	e.commit(f)
	e.round(f, 10, nil)
	f.Add(e.bytes(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := check(b, Expect{})
		if err == nil && (len(v.Proven) == 0 || v.Last == "") {
			t.Fatalf("nothing was proven and nothing refused: %+v", v)
		}
	})
}
