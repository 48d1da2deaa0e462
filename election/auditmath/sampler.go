package auditmath

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openprecinct/precinct/election/audit/sampler"
)

// samplerOps draw what an audit looks at.
var samplerOps = map[string]op{
	"sampler.ballots": taking(drawBallots),
	"sampler.ids":     taking(drawIDs),
}

type ballotsInput struct {
	Seed     string `json:"seed"`
	Manifest []struct {
		Key       sampler.Key `json:"key"`
		Count     int         `json:"count"`
		Positions []int       `json:"positions"`
	} `json:"manifest"`
	SampleSize int  `json:"sample_size"`
	NumSampled int  `json:"num_sampled"`
	Replace    bool `json:"with_replacement"`
}

type ballotDraw struct {
	Ticket     string      `json:"ticket"`
	Key        sampler.Key `json:"key"`
	Position   int         `json:"position"`
	Generation int         `json:"generation"`
}

// draws is a result whose list is never null.
type draws[D any] struct {
	Draws []D `json:"draws"`
}

func drawBallots(in ballotsInput) (draws[ballotDraw], error) {
	out := draws[ballotDraw]{[]ballotDraw{}}
	manifest := make([]sampler.Batch, len(in.Manifest))
	for i, m := range in.Manifest {
		manifest[i] = sampler.Batch{Key: m.Key, Count: m.Count, Positions: m.Positions}
	}
	drawn, err := sampler.Ballots(manifest, sampler.Order{Seed: in.Seed, Replace: in.Replace, Drop: in.NumSampled, Take: in.SampleSize, Digits: sampler.Digits})
	if err != nil {
		return out, err
	}
	for _, d := range drawn {
		out.Draws = append(out.Draws, ballotDraw{d.Ticket, manifest[d.Batch].Key, d.Position, d.Generation})
	}
	return out, nil
}

type idsInput struct {
	Seed    string            `json:"seed"`
	IDs     []json.RawMessage `json:"ids"`
	Replace bool              `json:"with_replacement"`
	Drop    int               `json:"drop"`
	Take    *int              `json:"take"`
	Digits  int               `json:"digits"`
}

type idDraw struct {
	Ticket     string          `json:"ticket"`
	ID         json.RawMessage `json:"id"`
	Generation int             `json:"generation"`
}

func drawIDs(in idsInput) (draws[idDraw], error) {
	out := draws[idDraw]{[]idDraw{}}
	ids := make([]string, len(in.IDs))
	for i, raw := range in.IDs {
		text, err := pythonText(raw)
		if err != nil {
			return out, err
		}
		ids[i] = text
	}
	o := sampler.Order{Seed: in.Seed, Replace: in.Replace, Drop: in.Drop, Digits: in.Digits}
	switch {
	case in.Take != nil:
		o.Take = *in.Take
	case in.Replace:
		return out, errors.New("a draw with replacement has no end: say how many to take")
	default:
		o.Take = max(0, len(ids)-in.Drop)
	}
	if o.Digits == 0 {
		o.Digits = 9 // the sampler's own default
	}
	drawn, err := sampler.IDs(ids, o)
	if err != nil {
		return out, err
	}
	for _, d := range drawn {
		out.Draws = append(out.Draws, idDraw{d.Ticket, in.IDs[d.ID], d.Generation})
	}
	return out, nil
}

// pythonText is what str() prints for an id: a text itself, a number its digits, a list a tuple.
func pythonText(raw json.RawMessage) (string, error) {
	var k sampler.Key
	if k.UnmarshalJSON(raw) == nil {
		return k.String(), nil
	}
	var n int64
	if err := json.Unmarshal(raw, &n); err != nil {
		return "", fmt.Errorf("an id is a text, a whole number or a list of texts, not %s", raw)
	}
	return fmt.Sprint(n), nil
}
