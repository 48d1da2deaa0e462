package exchange

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Writer writes rows to a stream. Cells are strings, whole numbers, floats, bools, times (a date when at midnight UTC) or nil.
// Strings that look like formulas are made harmless (Armed); numbers are numbers.
type Writer interface {
	Row(cells ...any) error
	Close() error // writes what is left; does not close the stream
}

// NewWriter returns a writer of the format. worksheet names the one worksheet of an XLSX file.
func NewWriter(w io.Writer, f Format, worksheet string) Writer {
	if f == XLSX {
		return newXLSX(w, worksheet)
	}
	return NewCSV(w)
}

// NewCSV returns a writer of CSV (RFC 4180) in UTF-8 with a byte order mark, without which Excel takes it for Windows-1252.
func NewCSV(w io.Writer) Writer {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &csvWriter{out: w, csv: c}
}

// csvText brings line breaks to the one kind that encoding/csv keeps in a cell.
var csvText = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

type csvWriter struct {
	out    io.Writer
	csv    *csv.Writer
	begun  bool
	record []string
}

// Row writes one row.
func (w *csvWriter) Row(cells ...any) error {
	if !w.begun {
		w.begun = true
		if _, err := w.out.Write(utf8Mark); err != nil {
			return fmt.Errorf("writing CSV: %w", err)
		}
	}
	w.record = w.record[:0]
	for _, c := range cells {
		s := valueText(c)
		if _, text := c.(string); text {
			s = Armed(csvText.Replace(s))
		}
		w.record = append(w.record, s)
	}
	if err := w.csv.Write(w.record); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// Close writes what is left.
func (w *csvWriter) Close() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// valueText writes a cell's value as text.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		if v {
			return "TRUE"
		}
		return "FALSE"
	case time.Time:
		switch {
		case v.IsZero():
			return ""
		case v.Equal(v.Truncate(24 * time.Hour)):
			return v.UTC().Format(time.DateOnly)
		}
		return v.UTC().Format(time.DateTime)
	}
	return fmt.Sprint(v)
}
