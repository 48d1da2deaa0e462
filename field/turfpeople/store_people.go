package turfpeople

import (
	"context"
	"errors"

	"github.com/openprecinct/precinct/internal/db"
)

// Maps returns the maps of an organisation on a voter file that are not put away, by name. It and MapsOf stay before the column of the doors, which is large.
func Maps(ctx context.Context, r db.Reader, org, file int64) ([]Map, error) {
	return db.All[Map](ctx, r, `SELECT id, voterfile_id, folder_id, name FROM field_turf_map WHERE org_id = ? AND archived_at = 0 AND voterfile_id = ? ORDER BY name, id`, org, file)
}

// MapsOf returns some of its maps there, those that are put away too.
func MapsOf(ctx context.Context, r db.Reader, org, file int64, ids []int64) ([]Map, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All[Map](ctx, r, `SELECT id, voterfile_id, folder_id, name FROM field_turf_map WHERE org_id = ? AND voterfile_id = ? AND id IN (?)`, org, file, db.Many[int64](ids))
}

// TurfsOf returns some of an organisation's turfs, retired ones too.
func TurfsOf(ctx context.Context, r db.Reader, org int64, ids []int64) ([]Turf, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All[Turf](ctx, r, `SELECT id, map_id, name FROM field_turf WHERE org_id = ? AND id IN (?)`, org, db.Many[int64](ids))
}

// OfTurf returns the people of a turf, nobody for one that is not the organisation's.
func OfTurf(ctx context.Context, r db.Reader, org, id int64) ([]int64, error) {
	return opened(db.One[[]byte](ctx, r, `SELECT content FROM field_turf WHERE id = ? AND org_id = ?`, id, org))
}

// OfMap returns the people of a map, nobody for one that is not the organisation's.
func OfMap(ctx context.Context, r db.Reader, org, id int64) ([]int64, error) {
	return opened(db.One[[]byte](ctx, r, `SELECT ground FROM field_turf_map WHERE id = ? AND org_id = ?`, id, org))
}

func opened(packed []byte, err error) ([]int64, error) {
	if errors.Is(err, db.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return behind(packed)
}
