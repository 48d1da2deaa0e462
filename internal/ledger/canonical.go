package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// canonical returns v as JSON with one spelling only, after RFC 8785: no spaces, object keys in the order of
// their UTF-16 code units, the shortest escapes, floats as ECMAScript prints them. It departs from the RFC in
// one point: integers keep all their digits, as our ids are 64-bit.
func canonical(v map[string]any) (string, error) {
	if len(v) == 0 {
		return "{}", nil
	}
	var b strings.Builder
	if err := appendValue(&b, v); err != nil {
		return "", err
	}
	return b.String(), nil
}

func appendValue(b *strings.Builder, v any) error {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case string:
		appendString(b, v)
	case int:
		b.WriteString(strconv.Itoa(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case json.Number:
		b.WriteString(v.String())
	case time.Time:
		appendString(b, stamp(v))
	case []any:
		return appendArray(b, v)
	case map[string]any:
		return appendObject(b, v)
	default:
		return appendOther(b, v)
	}
	return nil
}

func appendArray(b *strings.Builder, all []any) error {
	b.WriteByte('[')
	for i, v := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := appendValue(b, v); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func appendObject(b *strings.Builder, m map[string]any) error {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareUTF16)
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		appendString(b, k)
		b.WriteByte(':')
		if err := appendValue(b, m[k]); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	b.WriteByte('}')
	return nil
}

// appendOther takes the long way through encoding/json, for named types, structs and slices of them.
func appendOther(b *strings.Builder, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		return err
	}
	return appendValue(b, plain)
}

func compareUTF16(a, b string) int {
	if isASCII(a) && isASCII(b) {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// appendString quotes s. Bytes that are not UTF-8 become U+FFFD, as JSON has no way to carry them.
func appendString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"':
			b.WriteString(`\"`)
		case '\\':
			b.WriteString(`\\`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			if r < 0x20 {
				fmt.Fprintf(b, `\u%04x`, r)
				continue
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// stamp spells a time as the ledger does: UTC, to the millisecond.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
