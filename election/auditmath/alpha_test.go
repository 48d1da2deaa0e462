package auditmath

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// question is one line of the samples, with what is expected.
type question struct {
	ID, Op string
	Input  json.RawMessage
	Expect struct {
		P          *float64
		Done       *bool
		Size       *int
		Assertions []struct {
			Winner, Loser string
			P             float64
		}
		Possible *bool
		Hardest  int `json:"hardest_margin"`
	}
}

// asked answers every sample of a file and hands both to check.
func asked(t *testing.T, name string, check func(t *testing.T, q question, result json.RawMessage)) {
	t.Helper()
	f, err := os.Open("../../../shared/samples/audit/" + name)
	if err != nil {
		t.Skip("NOT TESTED: the samples of audits are not here: ", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		var a struct {
			Result        json.RawMessage
			Error, Detail string
		}
		if err := json.Unmarshal(Answer(lines.Bytes()), &a); err != nil || a.Error != "" {
			t.Errorf("%s: %v %s %s", q.ID, err, a.Error, a.Detail)
			continue
		}
		check(t, q, a.Result)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= max(1e-6*max(math.Abs(a), math.Abs(b)), 1e-12) }

func TestSamplesOfAlpha(t *testing.T) {
	asked(t, "alpha.jsonl", func(t *testing.T, q question, result json.RawMessage) {
		var r comparisonResult
		if err := json.Unmarshal(result, &r); err != nil {
			t.Fatal(err)
		}
		if !near(r.P, *q.Expect.P) || q.Expect.Done != nil && r.Done != *q.Expect.Done {
			t.Errorf("%s: %g %v, want %g", q.ID, r.P, r.Done, *q.Expect.P)
		}
		for i, a := range q.Expect.Assertions {
			if g := r.Assertions[i]; g.Winner != a.Winner || g.Loser != a.Loser || !near(g.P, a.P) {
				t.Errorf("%s: %+v, want %+v", q.ID, g, a)
			}
		}
	})
}

func TestSamplesOfRAIRE(t *testing.T) {
	asked(t, "raire.jsonl", func(t *testing.T, q question, result json.RawMessage) {
		var r struct {
			raireResult
			P    float64
			Done bool
			Size int
		}
		if err := json.Unmarshal(result, &r); err != nil {
			t.Fatal(err)
		}
		switch e := q.Expect; {
		case e.Possible != nil && (r.Possible != *e.Possible || r.Hardest != e.Hardest):
			t.Errorf("%s: %v %d, want %v %d", q.ID, r.Possible, r.Hardest, *e.Possible, e.Hardest)
		case e.P != nil && (!near(r.P, *e.P) || r.Done != *e.Done):
			t.Errorf("%s: %g %v, want %g %v", q.ID, r.P, r.Done, *e.P, *e.Done)
		case e.Size != nil && (r.Size < *e.Size-1 || r.Size > *e.Size+1):
			t.Errorf("%s: %d, want %d", q.ID, r.Size, *e.Size)
		}
	})
}

// What the published library answers is not always a p-value; the valid one stands beside it.
func TestPublishedAndValid(t *testing.T) {
	ask := func(input string) alphaResult {
		t.Helper()
		var a struct {
			Result alphaResult
			Error  string
		}
		if err := json.Unmarshal(Answer([]byte(`{"id":1,"op":"alpha.p_value","input":`+input+`}`)), &a); err != nil || a.Error != "" {
			t.Fatal(err, a.Error)
		}
		return a.Result
	}
	r := ask(`{"test":"wald_sprt","population_size":null,"null_mean":0.5,"upper_bound":1,"params":{"eta":0.6},"x":[1,1,1,1]}`)
	if want := math.Pow(1.2, -4); !near(*r.PValid, want) || !near(r.P, math.Pow(1.2, -10)) {
		t.Errorf("%g and %g, want %g", r.P, *r.PValid, want)
	}
	r = ask(`{"test":"alpha_mart","estimator":"fixed_alternative_mean","population_size":20,"null_mean":0.5,"upper_bound":1,"params":{"eta":0.99},"x":[0.5,0.5,0.5,0.5,0.5]}`)
	if *r.PValid < r.P || *r.PValid > 1 {
		t.Errorf("%g and %g", r.P, *r.PValid)
	}
}

func TestAlphaRefuses(t *testing.T) {
	for what, line := range map[string]string{
		"more than all":      `{"id":1,"op":"alpha.p_value","input":{"test":"alpha_mart","population_size":2,"null_mean":0.5,"upper_bound":1,"params":{},"x":[1,1,1]}}`,
		"outside":            `{"id":1,"op":"alpha.p_value","input":{"test":"alpha_mart","population_size":9,"null_mean":0.5,"upper_bound":1,"params":{},"x":[1,2]}}`,
		"no such test":       `{"id":1,"op":"alpha.p_value","input":{"test":"tea_leaves","population_size":9,"null_mean":0.5,"upper_bound":1,"params":{},"x":[1]}}`,
		"nobody":             `{"id":1,"op":"alpha.p_value","input":{"test":"alpha_mart","population_size":0,"null_mean":0.5,"upper_bound":1,"params":{},"x":[1]}}`,
		"every one a winner": `{"id":1,"op":"shangrla.comparison","input":{"risk_limit":5,"contest":{"ballots":10,"num_winners":1,"candidates":[{"id":"a","votes":3}]},"sample":[],"test":"alpha_mart","params":{}}}`,
		"no such file":       `{"id":1,"op":"raire.file","input":{"path":"/nowhere/at/all.raire"}}`,
		"unknown assertion":  `{"id":1,"op":"raire_comparison.risk","input":{"risk_limit":5,"contest":{"ballots":10,"candidates":[{"id":"a"},{"id":"b"}]},"profile":[],"assertions":[{"type":"NEX","winner":"a","loser":"b"}],"sample":[]}}`,
		"drawn never":        `{"id":1,"op":"raire_comparison.risk","input":{"risk_limit":5,"contest":{"ballots":10,"candidates":[{"id":"a"},{"id":"b"}]},"profile":[],"assertions":[],"sample":[{"times":0,"reported":[],"audited":[]}]}}`,
	} {
		if a := string(Answer([]byte(line))); !strings.Contains(a, `"error":`) || strings.Contains(a, "broken") {
			t.Errorf("%s: %s", what, a)
		}
	}
}

// Whatever is asked about assertions, nothing breaks and no p-value leaves [0, 1].
func FuzzAssertions(f *testing.F) {
	f.Add("alpha.p_value", `{"test":"betting_mart","bet":"agrapa","population_size":5,"null_mean":0.5,"upper_bound":1,"params":{"lam":9e9},"x":[1,0.5,0]}`)
	f.Add("alpha.p_value", `{"test":"alpha_mart","estimator":"shrink_trunc","null_mean":0.5,"upper_bound":1.01,"params":{"eta":1,"c":3,"d":0,"f":-1},"x":[1e-300,1]}`)
	f.Add("shangrla.comparison", `{"risk_limit":5,"contest":{"ballots":10,"num_winners":1,"candidates":[{"id":"a","votes":7},{"id":"b","votes":3}]},"sample":[{"reported":"missing","audited":null}],"test":"alpha_mart","params":{}}`)
	f.Add("raire.assertions", `{"candidates":["a","b","c"],"winner":"a","ballots":9,"profile":[{"ranking":["a","x","b"],"count":5},{"ranking":["b","b"],"count":4}]}`)
	f.Add("raire_comparison.risk", `{"risk_limit":5,"contest":{"ballots":10,"candidates":[{"id":"a"},{"id":"b"}]},"profile":[{"ranking":["a"],"count":9}],"assertions":[{"type":"NEN","winner":"a","loser":"b","eliminated":["zed"]}],"sample":[{"times":2,"reported":["a"],"audited":"missing"}]}`)
	f.Add("raire_comparison.sample_size", `{"risk_limit":5,"contest":{"ballots":10,"candidates":[{"id":"a"},{"id":"b"}]},"profile":[{"ranking":["a"],"count":9}],"assertions":[{"type":"NEB","winner":"a","loser":"b"}],"observed":[{"draws":3,"o1":-1}]}`)
	f.Fuzz(func(t *testing.T, name, input string) {
		if !json.Valid([]byte(input)) || name == "raire.file" || alphaOps[name] == nil && raireOps[name] == nil {
			return
		}
		line, err := json.Marshal(map[string]any{"id": 1, "op": name, "input": json.RawMessage(input)})
		if err != nil {
			t.Fatal(err)
		}
		var a struct {
			Result struct {
				P, PValid *float64
				Size      int
			}
			Error Kind
		}
		if err := json.Unmarshal(Answer(line), &a); err != nil || a.Error == Broken {
			t.Fatalf("%s: %v %s", line, err, a.Error)
		}
		for _, p := range []*float64{a.Result.P, a.Result.PValid} {
			if p != nil && !(*p >= 0 && *p <= 1) {
				t.Errorf("%s: p = %g", line, *p)
			}
		}
		if a.Result.Size < 0 {
			t.Errorf("%s: %d", line, a.Result.Size)
		}
	})
}
