package turfstore

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"

	"github.com/openprecinct/precinct/field/turfpeople"
)

// pack returns v as compressed JSON.
func pack(v any) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return nil, fmt.Errorf("packing a map: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// unpack reads what pack made.
func unpack(b []byte, v any) error { return turfpeople.Unpack(b, v) }
