// Package turfpeople says who was behind the doors of maps and turfs when they were made, for whoever counts people by them.
//
// It reads what turfstore writes. Neither a map's doors nor a turf's ever change, so what it returns may be kept.
package turfpeople

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"github.com/openprecinct/precinct/internal/permit"
)

// PermitSee is the right to see maps and turfs.
const PermitSee permit.Permit = "field.turf.see"

// Map is one map of doors on a voter file.
type Map struct {
	ID     int64  `db:"id"`
	File   int64  `db:"voterfile_id"`
	Folder int64  `db:"folder_id"` // 0: for everybody of the organisation who may see turf
	Name   string `db:"name"`
}

// Turf is one saved turf of a map.
type Turf struct {
	ID   int64  `db:"id"`
	Map  int64  `db:"map_id"`
	Name string `db:"name"`
}

// mostUnpacked bounds what is unpacked from the database, in bytes: fifty thousand doors are below a tenth of it.
const mostUnpacked = 256 << 20

// Unpack reads what is kept of a map or a turf, compressed JSON.
func Unpack(b []byte, v any) error {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("unpacking a map: %w", err)
	}
	if err := json.NewDecoder(io.LimitReader(z, mostUnpacked)).Decode(v); err != nil {
		return fmt.Errorf("unpacking a map: %w", err)
	}
	return nil
}

// behind returns the people of the doors that a map or a turf keeps, door by door.
func behind(packed []byte) ([]int64, error) {
	var kept struct {
		Doors []struct {
			People []int64 `json:"m"`
		} `json:"doors"`
	}
	if err := Unpack(packed, &kept); err != nil {
		return nil, err
	}
	var all []int64
	for _, d := range kept.Doors {
		all = append(all, d.People...)
	}
	return all, nil
}
