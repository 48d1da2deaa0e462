package auditmath

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
)

// MaxLine is how many bytes a question may have.
const MaxLine = 256 << 20

// inFlight bounds how many answers may wait for an earlier one.
const inFlight = 64

// Serve answers every line of in on out, in order, on all processors. It ends with in, and returns an error only if reading or writing fails.
// An answer is flushed as soon as no other is ready, so that a program may ask one question at a time.
func Serve(in io.Reader, out io.Writer) error {
	waiting := make(chan chan []byte, inFlight)
	stop := make(chan struct{})
	var readErr error
	go func() {
		defer close(waiting)
		readErr = ask(in, waiting, stop)
	}()
	w := bufio.NewWriterSize(out, 1<<16)
	err := func() error {
		for one := range waiting {
			if _, err := w.Write(append(<-one, '\n')); err != nil {
				return err
			}
			if len(waiting) == 0 {
				if err := w.Flush(); err != nil {
					return err
				}
			}
		}
		return w.Flush()
	}()
	if err != nil {
		close(stop)
		return fmt.Errorf("writing answers: %w", err)
	}
	return readErr
}

// ask reads lines and has them answered, each answer in its own channel, in the order of the lines.
func ask(in io.Reader, waiting chan<- chan []byte, stop <-chan struct{}) error {
	r := bufio.NewReaderSize(in, 1<<16)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for {
		line, long, err := readLine(r, MaxLine)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading questions: %w", err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 || long {
			one := make(chan []byte, 1)
			select {
			case waiting <- one:
			case <-stop:
				return nil
			}
			slots <- struct{}{}
			go func() {
				if long {
					one <- refusal(nil, LineTooLong, fmt.Sprintf("a question has at most %d bytes", MaxLine))
				} else {
					one <- Answer(line)
				}
				<-slots
			}()
		}
		if err != nil {
			return nil
		}
	}
}

// readLine reads one line of any length and keeps up to limit bytes of it; long says that there were more. io.EOF comes with the last line.
func readLine(r *bufio.Reader, limit int) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > limit {
			long, line = true, nil
		}
		if !long {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// kindOf finds the kind that an error carries.
func kindOf(err error) Kind {
	var k Kind
	if errors.As(err, &k) {
		return k
	}
	return BadInput
}

func refusal(id json.RawMessage, k Kind, detail string) []byte {
	b, err := compact(reply{ID: idOf(id), Error: k, Detail: detail})
	if err != nil { // an id that is not JSON cannot come from a decoded line
		return []byte(`{"id":null,"error":"broken"}`)
	}
	return b
}

func idOf(id json.RawMessage) json.RawMessage {
	if len(id) == 0 {
		return json.RawMessage("null")
	}
	return id
}

// compact writes JSON on one line, with letters as they are.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
