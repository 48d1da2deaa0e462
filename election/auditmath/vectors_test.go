package auditmath

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectorsAt is where the vectors stand, beside the repository.
const vectorsAt = "../../../shared/samples/audit"

// vector is one line of the samples; their README is the protocol.
type vector struct {
	ID     string
	Op     string
	Input  json.RawMessage
	Expect map[string]any
	Tol    map[string]float64
}

func TestVectors(t *testing.T) {
	files := []string{"bravo", "minerva", "providence", "macro", "supersimple", "suite", "sampler", "safety"}
	if _, err := os.Stat(vectorsAt); err != nil {
		t.Skipf("THE VECTORS OF THE AUDIT MATHEMATICS ARE NOT HERE: %v", err)
	}
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			for _, v := range readVectors(t, name+".jsonl") {
				if why := v.check(); why != "" {
					t.Errorf("%s: %s", v.ID, why)
				}
			}
		})
	}
}

func readVectors(t *testing.T, name string) []vector {
	t.Helper()
	f, err := os.Open(filepath.Join(vectorsAt, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	var all []vector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, MaxLine)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatal("no vectors", lines.Err())
	}
	return all
}

// check says what is wrong with our answer, or "".
func (v vector) check() string {
	question, err := json.Marshal(map[string]any{"id": v.ID, "op": v.Op, "input": v.Input})
	if err != nil {
		return err.Error()
	}
	var got struct {
		ID     string
		Result map[string]any
		Error  string
		Detail string
	}
	if err := json.Unmarshal(Answer(question), &got); err != nil {
		return err.Error()
	}
	if want, ok := v.Expect["error"]; ok || got.Error != "" {
		if want != got.Error {
			return fmt.Sprintf("error %q (%s), want %v", got.Error, got.Detail, want)
		}
		return ""
	}
	for key, want := range v.Expect {
		if why := v.same(key, got.Result, want); why != "" {
			return key + ": " + why
		}
	}
	return ""
}

// same compares one part of a result.
func (v vector) same(key string, result map[string]any, want any) string {
	rel, abs := v.tol("p_rel", 1e-6), v.tol("p_abs", 1e-12)
	got := result[key]
	switch key {
	case "p", "U":
		return apart(got, want, rel, abs)
	case "p_min":
		return least(result["p"], want)
	case "p_max":
		return least(want, result["p"])
	case "size", "comparison", "polling":
		return apart(got, want, 0, math.Max(v.Tol["size_abs"], v.Tol["size_rel"]*want.(float64)))
	case "u":
		return each(got, want, func(a, b any) string { return apart(a, b, 1e-9, 1e-15) })
	case "options":
		return v.options(got, want)
	case "pairs", "assertions":
		return pairs(got, want, rel, abs)
	case "p_history": // of the statistician's library, for information
		return ""
	}
	return cmp.Diff(want, got)
}

func (v vector) tol(key string, usual float64) float64 {
	if x, ok := v.Tol[key]; ok {
		return x
	}
	return usual
}

func apart(got, want any, rel, abs float64) string {
	a, ok1 := got.(float64)
	b, ok2 := want.(float64)
	if ok1 && ok2 && math.Abs(a-b) <= math.Max(abs, rel*math.Max(math.Abs(a), math.Abs(b))) {
		return ""
	}
	return fmt.Sprintf("%v, want %v", got, want)
}

func least(got, want any) string {
	a, ok1 := got.(float64)
	b, ok2 := want.(float64)
	if ok1 && ok2 && a >= b*(1-1e-6) {
		return ""
	}
	return fmt.Sprintf("%v is less than %v", got, want)
}

func each(got, want any, same func(a, b any) string) string {
	a, b := list(got), list(want)
	if len(a) != len(b) {
		return fmt.Sprintf("%d, want %d", len(a), len(b))
	}
	for i := range b {
		if why := same(a[i], b[i]); why != "" {
			return fmt.Sprintf("%d: %s", i, why)
		}
	}
	return ""
}

func list(v any) []any { l, _ := v.([]any); return l }

func (v vector) options(got, want any) string {
	byKey := map[any]map[string]any{}
	for _, o := range list(got) {
		byKey[o.(map[string]any)["key"]] = o.(map[string]any)
	}
	for _, o := range list(want) {
		w := o.(map[string]any)
		g := byKey[w["key"]]
		size := w["size"].(float64)
		if why := apart(g["size"], size, 0, math.Max(v.Tol["size_abs"], v.Tol["size_rel"]*size)); why != "" {
			return fmt.Sprintf("%v: %s", w["key"], why)
		}
		if w["prob"] != nil && w["key"] == "asn" {
			if why := apart(g["prob"], w["prob"], 0, v.tol("prob_abs", .011)); why != "" {
				return "asn: chance " + why
			}
		}
	}
	return ""
}

func pairs(got, want any, rel, abs float64) string {
	found := map[[2]any]any{}
	for _, x := range list(got) {
		m := x.(map[string]any)
		found[[2]any{m["winner"], m["loser"]}] = m["p"]
	}
	for _, x := range list(want) {
		m := x.(map[string]any)
		if why := apart(found[[2]any{m["winner"], m["loser"]}], m["p"], rel, abs); why != "" {
			return fmt.Sprintf("%v over %v: %s", m["winner"], m["loser"], why)
		}
	}
	return ""
}

// What other programs write for whole numbers, and numbers that are none.
func TestCounts(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":1,"op":"supersimple.sample_size","input":{"risk_limit":10,"contest":{"ballots":1000.0,"num_winners":1,"votes_allowed":1,"candidates":[{"id":"A","votes":"600"},{"id":"B","votes":400}]}}}`: `{"id":1,"result":{"size":27}}`,
		`{"id":1,"op":"bravo.risk","input":{"risk_limit":10,"contest":{"ballots":1.5}}}`:                                                                                                                  `"error":"bad_input"`,
		`{"id":1,"op":"bravo.risk","input":{"risk_limit":10,"contest":{"ballots":1e300}}}`:                                                                                                                `"error":"bad_input"`,
		`{"id":1,"op":"bravo.risk"}`: `"error":"bad_input"`,
		`{"id":1,"op":"bravo.sample_size","input":{"risk_limit":10,"contest":{"ballots":10,"num_winners":1,"votes_allowed":1,"candidates":[{"id":"A","votes":6}]}}}`:                                                                  `"error":"no_losers"`,
		`{"id":1,"op":"macro.bounds","input":{"contest":{"ballots":10,"num_winners":1,"votes_allowed":1,"candidates":[{"id":"A","votes":5},{"id":"B","votes":5}]},"batches":[{"key":["J","1"],"ballots":10,"votes":{"A":5,"B":5}}]}}`: `"U":1e999`,
	} {
		if got := string(Answer([]byte(text))); !strings.Contains(got, want) {
			t.Errorf("%s\nanswers %s\nwant    %s", text, got, want)
		}
	}
}
