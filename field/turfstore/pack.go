package turfstore

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
)

// mostUnpacked bounds what is unpacked from the database, in bytes: fifty thousand doors are below a tenth of it.
const mostUnpacked = 256 << 20

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
func unpack(b []byte, v any) error {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("unpacking a map: %w", err)
	}
	if err := json.NewDecoder(io.LimitReader(z, mostUnpacked)).Decode(v); err != nil {
		return fmt.Errorf("unpacking a map: %w", err)
	}
	return nil
}
