package cdf

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// writeElement writes what JSON says as the XML of the same standard: "@id" is ObjectId, "@type" is xsi:type where an element may have several, lists are repeated
// elements, and lists of references are words.
func writeElement(w *bufio.Writer, name string, v any) error {
	switch v := v.(type) {
	case []m:
		for _, one := range v {
			if err := writeElement(w, name, one); err != nil {
				return err
			}
		}
		return nil
	case []string:
		if strings.HasSuffix(name, "Ids") {
			return writeElement(w, name, strings.Join(v, " "))
		}
		for _, one := range v {
			if err := writeElement(w, name, one); err != nil {
				return err
			}
		}
		return nil
	case m:
		return object(w, name, v)
	default:
		if _, err := w.WriteString("<" + name + ">"); err != nil {
			return err
		}
		if err := xml.EscapeText(w, []byte(fmt.Sprint(v))); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		_, err := w.WriteString("</" + name + ">")
		return err
	}
}

// object writes an element with others in it. Its identifier is one of ours and needs no escape.
func object(w *bufio.Writer, name string, v m) error {
	open := "<" + name
	if id, ok := v["@id"].(string); ok {
		open += ` ObjectId="` + id + `"`
	}
	if t, ok := v["@type"].(string); ok && (name == "Contest" || name == "ContestSelection") {
		open += ` xsi:type="` + strings.TrimPrefix(t, "CVR.") + `"`
	}
	if _, err := w.WriteString(open + ">"); err != nil {
		return err
	}
	if err := children(w, v); err != nil {
		return err
	}
	_, err := w.WriteString("</" + name + ">\n")
	return err
}

// children writes elements in the order of the schema, by name without regard to case.
func children(w *bufio.Writer, v m) error {
	names := slices.SortedFunc(maps.Keys(v), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for _, name := range names {
		if strings.HasPrefix(name, "@") {
			continue
		}
		if err := writeElement(w, name, v[name]); err != nil {
			return err
		}
	}
	return nil
}
