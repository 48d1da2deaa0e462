package web

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Events is an open stream of server-sent events (WHATWG HTML §9.2) to the island "live": an element
// with data-live="/path/of/the/stream" shows what Show sends, and the page is asked again after Done.
type Events struct {
	v *Visit
	c *http.ResponseController
}

// Events opens a stream. The handler sends until the request's context ends.
func (v *Visit) Events() (*Events, error) {
	h := v.W.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // a proxy that collects would make live late
	e := &Events{v: v, c: http.NewResponseController(v.W)}
	if err := e.c.SetWriteDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("opening a stream of events: %w", err)
	}
	v.W.WriteHeader(http.StatusOK)
	return e, e.c.Flush()
}

// Show sends part, which replaces what is inside the element.
func (e *Events) Show(part templ.Component) error {
	var b bytes.Buffer
	if err := part.Render(e.v.R.Context(), &b); err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	return e.send("show", string(slices.Concat(b.Bytes(), drawings(b.Bytes()))))
}

// Done tells the page to ask for itself again: what it showed has ended.
func (e *Events) Done() error { return e.send("done", "") }

// Beat keeps a quiet stream open through proxies that close idle connections.
func (e *Events) Beat() error { return e.send("beat", "") }

func (e *Events) send(name, data string) error {
	_, err := fmt.Fprintf(e.v.W, "event: %s\ndata: %s\n\n", name, strings.ReplaceAll(data, "\n", "\ndata: "))
	if err != nil {
		return fmt.Errorf("sending an event: %w", err)
	}
	return e.c.Flush()
}
