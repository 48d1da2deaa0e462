package auditmath

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryLineIsAnswered(t *testing.T) {
	in := strings.Join([]string{
		`{"id":"a","op":"nothing.such","input":{}}`,
		``,
		`not json`,
		`{"id":7,"input":{}}`,
		`{"id":{"x":[1]},"op":"nothing.such"}`,
		`[]`,
	}, "\n")
	var out bytes.Buffer
	if err := Serve(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		var r struct {
			ID    json.RawMessage
			Error string
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got = append(got, string(r.ID)+" "+r.Error)
	}
	want := []string{`"a" unknown_op`, `null bad_request`, `7 bad_request`, `{"x":[1]} unknown_op`, `null bad_request`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	_, err := guarded(func(json.RawMessage) (any, error) { panic("as a bug would") }, nil)
	if kindOf(err) != Broken {
		t.Error(err)
	}
}

func TestLongLinesAreRefusedAndThenForgotten(t *testing.T) {
	var lines []string
	r := bufio.NewReader(strings.NewReader(strings.Repeat("x", 100_000) + "\nab\n" + strings.Repeat("y", 40)))
	for {
		line, long, err := readLine(r, 64)
		if long {
			line = []byte("long")
		}
		lines = append(lines, strings.TrimSpace(string(line)))
		if err != nil {
			break
		}
	}
	if d := cmp.Diff([]string{"long", "ab", strings.Repeat("y", 40)}, lines); d != "" {
		t.Error(d)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestNobodyListens(t *testing.T) {
	in := strings.Repeat(`{"id":1,"op":"x"}`+"\n", 10_000)
	if err := Serve(strings.NewReader(in), brokenPipe{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"id":"a","op":"nothing.such","input":{}}`)
	f.Add(`{"id":1e999,"op":1}`)
	contest := `"risk_limit":5,"contest":{"ballots":100,"num_winners":1,"votes_allowed":1,"candidates":[{"id":"A","votes":60},{"id":"B","votes":40}]}`
	for _, seed := range []string{
		`"op":"bravo.risk","input":{` + contest + `,"rounds":[{"size":9,"votes":{"A":6,"B":3},"not_found":1}]}`,
		`"op":"minerva.sample_size","input":{` + contest + `}`,
		`"op":"providence.sample_size","input":{` + contest + `,"rounds":[{"size":9,"votes":{"A":6,"B":3}}]}`,
		`"op":"macro.risk","input":{` + contest + `,"batches":[{"key":["J","1"],"ballots":50,"votes":{"A":30,"B":20}}],"sample":[{"key":["J","1"],"tickets":["0.1"],"votes":{"A":30}}],"combined":[[["J","1"]]]}`,
		`"op":"sampler.ppeb","input":{"seed":"s","sample_size":1,` + contest + `,"batches":[{"key":["J","1"],"ballots":50,"votes":{"A":30,"B":20}},{"key":"2","ballots":50}]}`,
		`"op":"supersimple.risk","input":{` + contest + `,"sample":[{"times":2,"reported":{"A":"o","B":"1"},"audited":"missing"},{"times":1,"reported":null,"audited":{"A":1}}]}`,
		`"op":"suite.risk","input":{` + contest + `,"polling":{"ballots":50,"votes":{"A":30,"B":20},"sample_size":5,"rounds":[{"A":3,"B":2}]},"comparison":{"ballots":50,"votes":{"A":30,"B":20},"sample_size":5,"misstatements":[{"winner":"A","loser":"B","o1":1,"o2":0}]}}`,
	} {
		f.Add(`{"id":1,` + seed + `}`)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if got := Answer([]byte(line)); !json.Valid(got) || bytes.ContainsRune(got, '\n') {
			t.Errorf("%q → %q", line, got)
		}
	})
}
