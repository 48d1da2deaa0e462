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
	_, err := guarded(func(json.RawMessage) (any, error) { var m map[string]int; m["x"] = 1; return nil, nil }, nil)
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
	f.Fuzz(func(t *testing.T, line string) {
		if got := Answer([]byte(line)); !json.Valid(got) || bytes.ContainsRune(got, '\n') {
			t.Errorf("%q → %q", line, got)
		}
	})
}
