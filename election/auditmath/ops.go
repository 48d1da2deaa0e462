// Package auditmath speaks the mathematics of audits over lines of JSON, so that any other program can check it.
//
// One line asks, `{"id","op","input"}`, and one line answers, `{"id","result":{…}}` or `{"id","error":"kind","detail":"in words"}`, in the order of the
// questions. A question that cannot be understood is answered by an error; it never ends the conversation and never stops the program.
package auditmath

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
)

// Kind is why a question has no result: a word for programs.
type Kind string

func (k Kind) Error() string { return string(k) }

// What may be wrong with any question. An op adds kinds of its own, as "no_losers".
const (
	BadRequest  Kind = "bad_request"   // the line is not JSON, or says no op
	UnknownOp   Kind = "unknown_op"    // nothing here is called so
	BadInput    Kind = "bad_input"     // the input is not what the op takes, or contradicts itself
	LineTooLong Kind = "line_too_long" // the line is longer than MaxLine
	Broken      Kind = "broken"        // our mistake: the detail says where
)

// op answers one input. An error that wraps a Kind is answered as that kind, any other as BadInput.
type op func(input json.RawMessage) (any, error)

// families are the ops of each part of the mathematics; a part keeps its own in its own file.
var families = []map[string]op{methodOps, samplerOps, alphaOps, raireOps, cvrOps}

// ops is every op by its name.
var ops = join(families)

// join makes one table of several; the same name twice is a mistake of ours that no test run survives.
func join(tables []map[string]op) map[string]op {
	all := map[string]op{}
	for _, t := range tables {
		for name, o := range t {
			if all[name] != nil {
				panic("auditmath: two ops are called " + name)
			}
			all[name] = o
		}
	}
	return all
}

// Ops returns the names of all ops, sorted.
func Ops() []string {
	names := make([]string, 0, len(ops))
	for n := range ops {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// taking makes an op of a function that takes a decoded input.
func taking[I, O any](f func(I) (O, error)) op {
	return func(raw json.RawMessage) (any, error) {
		var in I
		if len(raw) == 0 {
			return nil, fmt.Errorf("%w: the question has no input", BadInput)
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		if err := d.Decode(&in); err != nil {
			return nil, fmt.Errorf("%w: %w", BadInput, err)
		}
		return f(in)
	}
}

// request is one question. The id is given back as it came.
type request struct {
	ID    json.RawMessage `json:"id"`
	Op    string          `json:"op"`
	Input json.RawMessage `json:"input"`
}

// reply is one answer.
type reply struct {
	ID     json.RawMessage `json:"id"`
	Result any             `json:"result,omitempty"`
	Error  Kind            `json:"error,omitempty"`
	Detail string          `json:"detail,omitempty"`
}

// Answer answers one line. It never panics; the answer has no line break.
func Answer(line []byte) []byte {
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return refusal(nil, BadRequest, err.Error())
	}
	if q.Op == "" {
		return refusal(q.ID, BadRequest, "the question names no op")
	}
	o := ops[q.Op]
	if o == nil {
		return refusal(q.ID, UnknownOp, fmt.Sprintf("no op is called %q", q.Op))
	}
	result, err := guarded(o, q.Input)
	if err != nil {
		return refusal(q.ID, kindOf(err), err.Error())
	}
	b, err := compact(reply{ID: idOf(q.ID), Result: result})
	if err != nil {
		return refusal(q.ID, Broken, err.Error())
	}
	return b
}

// guarded runs an op; a panic in it is an error of kind Broken.
func guarded(o op, input json.RawMessage) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			result, err = nil, fmt.Errorf("%w: %v at %s", Broken, r, firstFrame(debug.Stack()))
		}
	}()
	return o(input)
}

// firstFrame finds the line of ours that a panic came from.
func firstFrame(stack []byte) string {
	_, after, _ := bytes.Cut(stack, []byte("panic("))
	for line := range bytes.Lines(after) {
		if i := bytes.Index(line, []byte("/election/")); i >= 0 {
			return string(bytes.TrimSpace(line[i+1:]))
		}
	}
	return "an unknown line"
}
