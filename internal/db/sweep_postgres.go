package db

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
)

// fewTexts is up to how many texts are sent one by one: joining costs the server about what sending three of them costs.
const fewTexts = 3

func (s *Sweep) eachPostgres(ctx context.Context, conn *sql.Conn, f func(*Swept) error) error {
	var c *pgx.Conn
	err := conn.Raw(func(dc any) error {
		c = dc.(*fencedConn).Conn.Conn()
		return nil
	})
	if err != nil {
		return err
	}
	joined := len(s.Texts) > fewTexts
	torn := map[int64]bool{} // keys of rows in which a text holds the joint
	row := s.row()
	err = s.binary(ctx, c, joined, s.From, s.To, func(raw [][]byte) error {
		if err := s.numbers(raw, row); err != nil {
			return err
		}
		texts := raw[1+len(s.Ints)+len(s.Reals):]
		if !joined {
			copy(row.Texts, texts)
			return f(row)
		}
		if !cutAll(texts[0], row.Texts) {
			torn[row.Key] = true
			return nil
		}
		return f(row)
	})
	for key := range torn {
		if err == nil {
			err = s.again(ctx, c, key, f)
		}
	}
	return err
}

// again calls f with those rows of a key of which a text holds the joint.
func (s *Sweep) again(ctx context.Context, c *pgx.Conn, key int64, f func(*Swept) error) error {
	row := s.row()
	return s.binary(ctx, c, false, key, key+1, func(raw [][]byte) error {
		if err := s.numbers(raw, row); err != nil {
			return err
		}
		copy(row.Texts, raw[1+len(s.Ints)+len(s.Reals):])
		for _, t := range row.Texts {
			if bytes.Contains(t, []byte(joint)) {
				return f(row)
			}
		}
		return nil
	})
}

// binary runs the query and hands out what the server sent, as it sent it.
func (s *Sweep) binary(ctx context.Context, c *pgx.Conn, joined bool, from, to int64, f func([][]byte) error) error {
	rows, err := c.Query(ctx, s.query(joined), from, to)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.RawValues()); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Sweep) numbers(raw [][]byte, row *Swept) (err error) {
	if row.Key, err = wholeNumber(raw[0]); err != nil {
		return fmt.Errorf("%s: %w", s.Key, err)
	}
	for i, name := range s.Ints {
		if row.Ints[i], err = wholeNumber(raw[1+i]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for i, name := range s.Reals {
		b := raw[1+len(s.Ints)+i]
		if len(b) != 8 {
			return fmt.Errorf("%s: a number of %d bytes", name, len(b))
		}
		row.Reals[i] = math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return nil
}

// wholeNumber reads a number in Postgres' binary form.
func wholeNumber(b []byte) (int64, error) {
	switch len(b) {
	case 8:
		return int64(binary.BigEndian.Uint64(b)), nil
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b))), nil
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b))), nil
	case 0:
		return 0, errors.New("it is NULL")
	}
	return 0, fmt.Errorf("a number of %d bytes", len(b))
}

// cutAll cuts b at every joint into as many texts as to has room for; it reports whether there are as many.
func cutAll(b []byte, to [][]byte) bool {
	for i := range to {
		end := bytes.IndexByte(b, joint[0])
		if i == len(to)-1 {
			to[i] = b
			return end < 0
		}
		if end < 0 {
			return false
		}
		to[i], b = b[:end], b[end+1:]
	}
	return len(b) == 0
}
