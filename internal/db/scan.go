package db

import (
	"database/sql"
	"fmt"
	"reflect"
	"sync"
	"time"
)

// slice returns the elements of a slice argument; []byte is one value, not a slice.
func slice(a any) ([]any, bool) {
	v := reflect.ValueOf(a)
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
		return nil, false
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = v.Index(i).Interface()
	}
	return out, true
}

// timeCell scans Unix milliseconds into a time in UTC; NULL and 0 are the zero time.
type timeCell struct{ to *time.Time }

func (c timeCell) Scan(src any) error {
	var ms sql.NullInt64
	if err := ms.Scan(src); err != nil {
		return err
	}
	*c.to = time.Time{}
	if ms.Int64 != 0 {
		*c.to = time.UnixMilli(ms.Int64).UTC()
	}
	return nil
}

// nullCell scans a NULL as the zero value: a missing text is "", a missing number 0.
type nullCell[V any] struct{ to *V }

func (c nullCell[V]) Scan(src any) error {
	var n sql.Null[V]
	if err := n.Scan(src); err != nil {
		return err
	}
	*c.to = n.V
	return nil
}

var (
	timeType    = reflect.TypeFor[time.Time]()
	scannerType = reflect.TypeFor[sql.Scanner]()
)

// target returns where database/sql should scan a column for the field at p.
func target(p reflect.Value) any {
	switch q := p.Interface().(type) {
	case *time.Time:
		return timeCell{q}
	case *string:
		return nullCell[string]{q}
	case *int64:
		return nullCell[int64]{q}
	case *int:
		return nullCell[int]{q}
	case *bool:
		return nullCell[bool]{q}
	case *float64:
		return nullCell[float64]{q}
	case sql.Scanner:
		return q
	}
	if base, ok := baseTypes[p.Elem().Kind()]; ok && p.Elem().Type() != base { // a named type, such as an id
		return target(p.Convert(reflect.PointerTo(base)))
	}
	return p.Interface()
}

var baseTypes = map[reflect.Kind]reflect.Type{
	reflect.String: reflect.TypeFor[string](), reflect.Int64: reflect.TypeFor[int64](), reflect.Int: reflect.TypeFor[int](),
	reflect.Bool: reflect.TypeFor[bool](), reflect.Float64: reflect.TypeFor[float64](),
}

// fields maps column names to struct fields, found once per type.
var fields sync.Map // reflect.Type → map[string][]int

func fieldsOf(t reflect.Type) map[string][]int {
	if m, ok := fields.Load(t); ok {
		return m.(map[string][]int)
	}
	m := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if tag := f.Tag.Get("db"); tag != "" {
			m[tag] = f.Index
		}
	}
	fields.Store(t, m)
	return m
}

// scannerOf returns how to read one row into a T.
func scannerOf[T any](rows *sql.Rows) (func(*sql.Rows) (T, error), error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct || t == timeType || reflect.PointerTo(t).Implements(scannerType) {
		return func(rows *sql.Rows) (v T, err error) {
			err = rows.Scan(target(reflect.ValueOf(&v)))
			return v, err
		}, nil
	}
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	byName := fieldsOf(t)
	index := make([][]int, len(cols))
	for i, c := range cols {
		f, ok := byName[c]
		if !ok {
			return nil, fmt.Errorf("%s has no field tagged db:%q", t, c)
		}
		index[i] = f
	}
	return func(rows *sql.Rows) (v T, err error) {
		to := make([]any, len(index))
		rv := reflect.ValueOf(&v).Elem()
		for i, f := range index {
			to[i] = target(rv.FieldByIndex(f).Addr())
		}
		err = rows.Scan(to...)
		return v, err
	}, nil
}
