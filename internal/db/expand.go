package db

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// expansion is a statement on its way from (?) to the text that an engine takes.
type expansion struct {
	engine Engine
	text   strings.Builder
	args   []any
}

// expand widens (?) for slice arguments and, on Postgres, numbers the placeholders. A ? inside quotes or a
// comment is left alone. keep says that the text is worth keeping compiled: it will come again.
func expand(e Engine, q string, args []any) (text string, out []any, keep bool, err error) {
	if !strings.Contains(q, "?") {
		if len(args) > 0 {
			return "", nil, false, fmt.Errorf("%s has no placeholder for %d values", firstWords(q), len(args))
		}
		return q, args, true, nil
	}
	x := expansion{engine: e, args: make([]any, 0, len(args))}
	x.text.Grow(len(q) + 16)
	next := 0
	keep = true
	for len(q) > 0 {
		plain := strings.IndexAny(q, "?'\"-/")
		if plain < 0 {
			x.text.WriteString(q)
			break
		}
		x.text.WriteString(q[:plain])
		q = q[plain:]
		if q[0] != '?' {
			n := passed(q)
			x.text.WriteString(q[:n])
			q = q[n:]
			continue
		}
		if next == len(args) {
			return "", nil, false, fmt.Errorf("%s has more placeholders than values", firstWords(x.text.String()))
		}
		keep = x.put(args[next]) && keep
		next++
		q = q[1:]
	}
	if next != len(args) {
		return "", nil, false, fmt.Errorf("%s has fewer placeholders than values", firstWords(x.text.String()))
	}
	return x.text.String(), x.args, keep, nil
}

// passed returns how much at the beginning of q is a quoted text, a comment, or one byte that is neither.
func passed(q string) int {
	end := func(from int, mark string) int {
		if i := strings.Index(q[from:], mark); i >= 0 {
			return from + i + len(mark)
		}
		return len(q)
	}
	switch {
	case q[0] == '\'' || q[0] == '"':
		return end(1, q[:1]) // a doubled quote is the end of one text and the beginning of the next
	case strings.HasPrefix(q, "--"):
		return end(2, "\n")
	case strings.HasPrefix(q, "/*"):
		return end(2, "*/")
	}
	return 1
}

// padMost is the largest slice whose length is rounded up, so that statements over lists of any length come
// in a few texts only.
const padMost = 1024

// Many is a long list of values for IN (?), sent as one: engines bound how many placeholders a statement may have. Texts must be free of NUL.
type Many[T int64 | string] []T

// columns returns the list as JSON and the queries that make rows of it.
func (m Many[T]) columns() (array, lite, postgres string) {
	b, _ := json.Marshal([]T(m)) // texts and whole numbers always can be
	as := "BIGINT"
	if _, text := any(m).(Many[string]); text {
		as = "TEXT"
	}
	return string(b), "SELECT value FROM json_each(", "SELECT CAST(x AS " + as + ") FROM jsonb_array_elements_text(CAST("
}

// put writes the placeholders of one argument and reports whether the text will come again.
func (x *expansion) put(arg any) bool {
	if m, ok := arg.(interface {
		columns() (string, string, string)
	}); ok {
		array, lite, postgres := m.columns()
		if x.engine == SQLite {
			x.text.WriteString(lite)
			x.one(array)
			x.text.WriteByte(')')
			return true
		}
		x.text.WriteString(postgres)
		x.one(array)
		x.text.WriteString(" AS JSONB)) x")
		return true
	}
	all, many := slice(arg)
	switch {
	case !many:
		x.one(arg)
		return true
	case len(all) == 0:
		x.text.WriteString("NULL") // x IN (NULL) holds for no x
		return true
	}
	want := len(all)
	if want <= padMost {
		for want = 1; want < len(all); want *= 2 { //nolint:revive // the next power of two
		}
	}
	for i := range want {
		if i > 0 {
			x.text.WriteByte(',')
		}
		x.one(all[min(i, len(all)-1)]) // x IN (1, 2, 2, 2) is x IN (1, 2)
	}
	return want <= padMost
}

func (x *expansion) one(arg any) {
	x.args = append(x.args, arg)
	if x.engine == SQLite {
		x.text.WriteByte('?')
		return
	}
	x.text.WriteByte('$')
	x.text.WriteString(strconv.Itoa(len(x.args)))
}
