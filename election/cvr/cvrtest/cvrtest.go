// Package cvrtest reads whole files of records, for tests of their readers.
package cvrtest

import (
	"errors"
	"io"

	"github.com/openprecinct/precinct/election/cvr"
)

// All returns every card of a reader, and its contests. It takes what a New returns, so that an error of either is the error.
func All(r cvr.Reader, err error) ([]cvr.Card, []cvr.Contest, error) {
	if err != nil {
		return nil, nil, err
	}
	var all []cvr.Card
	for {
		var c cvr.Card
		if err := r.Next(&c); errors.Is(err, io.EOF) {
			return all, r.Contests(), nil
		} else if err != nil {
			return all, nil, err
		}
		for i := range c.Votes {
			c.Votes[i].Marks = append([]cvr.Mark(nil), c.Votes[i].Marks...)
		}
		all = append(all, c)
	}
}
