// Package fault sorts the errors a person can act on into a few kinds; every other error is ours.
//
// The English format string of a fault is also its key in the catalogue of sentences (package words),
// so a page can say the same thing in the reader's language.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of trouble an error is, and so which answer a person gets.
type Kind uint8

const (
	// Internal is every error that was not made by this package: our mistake, not the reader's.
	Internal Kind = iota
	// Invalid means that what was given cannot be taken: the sentence says what, where and what to do.
	Invalid
	// NotFound means there is no such thing, or none that this reader may know of.
	NotFound
	// Denied means the thing exists and this person may not do that with it.
	Denied
	// Conflict means somebody or something changed it first, or it is already so.
	Conflict
	// Busy means it can be tried again later: a limit was met or something else is running.
	Busy
)

// String returns the kind in one lower-case word.
func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case NotFound:
		return "not found"
	case Denied:
		return "denied"
	case Conflict:
		return "conflict"
	case Busy:
		return "busy"
	default:
		return "internal"
	}
}

// Error is an error with a sentence for people. Format is an English sentence with fmt verbs; Args fill it.
type Error struct {
	Kind   Kind
	Format string
	Args   []any
	cause  error
}

// Error returns the English sentence.
func (e *Error) Error() string { return fmt.Sprintf(e.Format, e.Args...) }

// Unwrap returns the cause given to Because, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Because keeps the technical cause for the log; people do not see it.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

func newError(k Kind, format string, args []any) *Error {
	return &Error{Kind: k, Format: format, Args: args}
}

// Invalidf reports input that cannot be taken.
func Invalidf(format string, args ...any) *Error { return newError(Invalid, format, args) }

// NotFoundf reports a thing that is not there for this reader.
func NotFoundf(format string, args ...any) *Error { return newError(NotFound, format, args) }

// Deniedf reports an act this person may not do.
func Deniedf(format string, args ...any) *Error { return newError(Denied, format, args) }

// Conflictf reports that the world is not as the caller thought.
func Conflictf(format string, args ...any) *Error { return newError(Conflict, format, args) }

// Busyf reports that the same request may succeed later.
func Busyf(format string, args ...any) *Error { return newError(Busy, format, args) }

// KindOf returns the kind of err: Internal for nil's opposite, an error nobody sorted.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	var in Inputs
	if errors.As(err, &in) {
		return Invalid
	}
	return Internal
}

// As returns the fault inside err, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Input is what is wrong with one input of a form or one key of a request.
type Input struct {
	Name string // the input's name attribute
	Err  *Error
}

// Inputs collects what is wrong with several inputs, in the order of the form.
type Inputs []Input

// Add notes one wrong input.
func (in *Inputs) Add(name, format string, args ...any) {
	*in = append(*in, Input{Name: name, Err: Invalidf(format, args...)})
}

// Or returns the inputs as an error, or nil when nothing is wrong.
func (in Inputs) Or() error {
	if len(in) == 0 {
		return nil
	}
	return in
}

// For returns the fault of the input called name, or nil.
func (in Inputs) For(name string) *Error {
	for _, i := range in {
		if i.Name == name {
			return i.Err
		}
	}
	return nil
}

// Error joins the sentences, one a line.
func (in Inputs) Error() string {
	s := ""
	for i, x := range in {
		if i > 0 {
			s += "\n"
		}
		s += x.Name + ": " + x.Err.Error()
	}
	return s
}
