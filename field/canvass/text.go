package canvass

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/words"
)

// The packet as phones read it. Names of its parts never change: month-old phones read it.
type (
	packetText struct {
		V         int                 `json:"v"`
		ID        string              `json:"id"`
		Org       int64               `json:"org"`
		Turf      turfText            `json:"turf"`
		Made      time.Time           `json:"made"`
		Ends      time.Time           `json:"ends"`
		Canvasser string              `json:"canvasser"`
		Script    *scriptstore.Packet `json:"script"`
		Results   []resultText        `json:"results"`
		Doors     []doorText          `json:"doors"`
		Streets   []streetText        `json:"streets"`
		Areas     []areaText          `json:"areas"`
		Outline   []at                `json:"outline"`
		Metres    int                 `json:"metres"`
		Minutes   int                 `json:"minutes"`
	}
	turfText struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
		Map  string `json:"map"`
	}
	resultText struct {
		Key   contact.Result    `json:"key"`
		Text  map[string]string `json:"text"`
		For   string            `json:"for"`
		Quick bool              `json:"quick"`
	}
	doorText struct {
		ID     string       `json:"id"`
		House  string       `json:"house"`
		Street string       `json:"street"`
		Unit   string       `json:"unit"`
		City   string       `json:"city"`
		ZIP    string       `json:"zip"`
		At     *at          `json:"at"`
		Side   string       `json:"side"`
		Hint   string       `json:"hint"`
		People []personText `json:"people"`
	}
	personText struct {
		ID      int64            `json:"id"`
		First   string           `json:"first"`
		Last    string           `json:"last"`
		Age     int              `json:"age,omitempty"`
		Sex     string           `json:"sex,omitempty"`
		List    bool             `json:"list"`
		Knock   bool             `json:"knock"`
		Answers map[string]int64 `json:"answers,omitempty"`
		Codes   []int64          `json:"codes,omitempty"`
		Before  *beforeText      `json:"before,omitempty"`
	}
	beforeText struct {
		Result contact.Result `json:"result"`
		At     int64          `json:"at"`
	}
	streetText struct {
		Name  string `json:"name"`
		Class string `json:"class"`
		Line  []at   `json:"line"`
	}
	areaText struct {
		Kind string `json:"kind"`
		Ring []at   `json:"ring"`
	}
)

// at is a place, longitude first, to about a metre.
type at [2]float64

func rounded(p geo.Point) at {
	return at{math.Round(p.Lon*1e5) / 1e5, math.Round(p.Lat*1e5) / 1e5}
}

func chain(points []geo.Point) []at {
	all := make([]at, 0, len(points))
	for _, p := range points {
		if r := rounded(p); len(all) == 0 || all[len(all)-1] != r {
			all = append(all, r)
		}
	}
	return all
}

// text writes a packet, and returns the version of the script in it.
func (s *Store) text(ctx context.Context, a org.Actor, p Packet, c turfstore.Content) ([]byte, int64, error) {
	now := s.c.Now().UTC().Truncate(time.Second)
	t := packetText{V: 1, ID: p.ID, Org: int64(a.Org()), Turf: turfText{ID: p.Turf, Name: c.Turf.Name, Map: c.Map.Name}, Made: now, Ends: p.Ends.UTC(), Canvasser: a.Name(),
		Metres: int(c.Turf.Metres), Minutes: int(c.Turf.Minutes), Outline: chain(largest(c.Outline)), Doors: []doorText{}, Streets: []streetText{}, Areas: []areaText{}}
	var err error
	if t.Script, err = s.scriptOf(ctx, s.c.DB, a, p, p.ScriptVersion); err != nil {
		return nil, 0, err
	}
	if t.Results, err = s.resultTexts(ctx, a); err != nil {
		return nil, 0, err
	}
	if t.Doors, err = s.doorTexts(ctx, a, c, t.Script); err != nil {
		return nil, 0, err
	}
	if err := s.ground(ctx, &t, c); err != nil {
		return nil, 0, err
	}
	version := int64(0)
	if t.Script != nil {
		version = t.Script.Version
	}
	b, err := json.Marshal(t)
	if err != nil {
		return nil, 0, fmt.Errorf("writing packet %s: %w", p.ID, err)
	}
	return b, version, nil
}

// largest returns the ring with the most points: a turf of several parts shows its main one.
func largest(rings [][]geo.Point) []geo.Point {
	var best []geo.Point
	for _, r := range rings {
		if len(r) > len(best) {
			best = r
		}
	}
	return best
}

func (s *Store) resultTexts(ctx context.Context, a org.Actor) ([]resultText, error) {
	chosen, err := s.Results(ctx, a, person.ByDoor)
	if err != nil {
		return nil, err
	}
	all := make([]resultText, len(chosen))
	for i, m := range chosen {
		all[i] = resultText{Key: m.Result, Text: s.saidIn(m.Name), For: whole(m.Result), Quick: i < quickest}
	}
	return all, nil
}

// saidIn returns a sentence in every language of the site.
func (s *Store) saidIn(sentence string) map[string]string {
	m := map[string]string{}
	for _, l := range []words.Lang{words.EN, words.ES} {
		m[string(l)] = s.c.Words.In(l).T(sentence)
	}
	return m
}

func (s *Store) doorTexts(ctx context.Context, a org.Actor, c turfstore.Content, words *scriptstore.Packet) ([]doorText, error) {
	k, err := s.known(ctx, a, c, words)
	if err != nil {
		return nil, err
	}
	now := s.c.Now()
	all := make([]doorText, len(c.Doors))
	for i, d := range c.Doors {
		x := doorText{ID: doorID(d.Key), House: d.House, Street: person.ProperAddress(d.Street), Unit: d.Unit, City: person.ProperAddress(d.City), ZIP: d.Code, Side: d.Side(),
			Hint: k.hints[doorID(d.Key)], People: make([]personText, len(d.People))}
		if d.At != (geo.Point{}) && d.At.Valid() {
			r := rounded(d.At)
			x.At = &r
		}
		for j, p := range d.People {
			x.People[j] = personText{ID: p.ID, First: person.Proper(p.First), Last: person.Proper(p.Last), Age: age(p, now), Sex: p.Sex, List: true, Knock: p.Knock,
				Answers: k.answers[p.ID], Codes: k.codes[p.ID], Before: k.before[p.ID]}
		}
		all[i] = x
	}
	return all, nil
}

// age in years, as far as the date or year of birth tells.
func age(p turfstore.ContentPerson, now time.Time) int {
	year, month, day := now.Date()
	if b := int(p.BirthDate); b > 0 {
		years := year - b/10000
		if int(month)*100+day < b%10000 {
			years--
		}
		return years
	}
	if p.BirthYear > 0 {
		return year - int(p.BirthYear)
	}
	return 0
}

// known is what was recorded about the people of a packet before.
type known struct {
	answers map[int64]map[string]int64
	codes   map[int64][]int64
	before  map[int64]*beforeText
	hints   map[string]string
}

func (s *Store) known(ctx context.Context, a org.Actor, c turfstore.Content, words *scriptstore.Packet) (known, error) {
	k := known{answers: map[int64]map[string]int64{}, codes: map[int64][]int64{}, before: map[int64]*beforeText{}, hints: map[string]string{}}
	var people, questions, codes []int64
	var doors []string
	for _, d := range c.Doors {
		doors = append(doors, doorID(d.Key))
		for _, p := range d.People {
			people = append(people, p.ID)
		}
	}
	if len(people) == 0 {
		return k, nil
	}
	if words != nil {
		for _, step := range slices.Concat(words.Household, words.Person) {
			if step.Kind == script.Question {
				questions = append(questions, step.Question)
			}
			codes = append(codes, step.Codes...)
		}
	}
	in := int64(a.Org())
	answers, err := latestAnswers(ctx, s.c.DB, in, people, questions)
	if err != nil {
		return k, fmt.Errorf("reading earlier answers: %w", err)
	}
	for _, x := range answers {
		if k.answers[x.Person] == nil {
			k.answers[x.Person] = map[string]int64{}
		}
		k.answers[x.Person][doorID(x.Question)] = x.Response
	}
	given, err := givenCodes(ctx, s.c.DB, in, people, codes)
	if err != nil {
		return k, fmt.Errorf("reading earlier codes: %w", err)
	}
	for _, x := range given {
		k.codes[x.Person] = append(k.codes[x.Person], x.Code)
	}
	tried, err := latestAttempts(ctx, s.c.DB, in, people)
	if err != nil {
		return k, fmt.Errorf("reading earlier attempts: %w", err)
	}
	for _, x := range tried {
		k.before[x.Person] = &beforeText{Result: x.Result, At: x.At.UnixMilli()}
	}
	hints, err := hintsAt(ctx, s.c.DB, in, doors)
	if err != nil {
		return k, fmt.Errorf("reading what was written about doors: %w", err)
	}
	for _, x := range hints {
		k.hints[x.Door] = x.Body
	}
	return k, nil
}

// What of the ground may weigh, in places on it: a packet of 60 doors stays below 60 kB.
const (
	mostStreetPoints = 900
	mostAreaPoints   = 300
	beside           = 0.0015 // degrees around the doors, about 150 m
)

// ground adds streets, water and parks around the doors, the nearest streets first when there are too many.
func (s *Store) ground(ctx context.Context, t *packetText, c turfstore.Content) error {
	box := geo.EmptyBox()
	for _, d := range c.Doors {
		if d.At != (geo.Point{}) && d.At.Valid() {
			box = box.Extend(d.At)
		}
	}
	if s.c.Places == nil || box.Empty() {
		return nil
	}
	box = geo.Box{West: box.West - beside, South: box.South - beside, East: box.East + beside, North: box.North + beside}
	if box.East-box.West > 0.2 || box.North-box.South > 0.2 { // doors far apart: a sketch of twenty kilometres shows nothing
		return nil
	}
	streets, err := s.c.Places.StreetsNear(ctx, box, 2000)
	if err != nil {
		return fmt.Errorf("reading the streets of a packet: %w", err)
	}
	centre, left := box.Center(), mostStreetPoints
	slices.SortStableFunc(streets, func(a, b place.Street) int {
		return int(geo.Distance(a.Line.Box().Center(), centre) - geo.Distance(b.Line.Box().Center(), centre))
	})
	for _, x := range streets {
		line := chain(x.Line)
		if left -= len(line); left < 0 {
			break
		}
		t.Streets = append(t.Streets, streetText{Name: person.ProperAddress(x.Name), Class: classOf(x.Class), Line: line})
	}
	areas, err := s.c.Places.AreasNear(ctx, box, 40, place.Park, place.Water)
	if err != nil {
		return fmt.Errorf("reading the water and parks of a packet: %w", err)
	}
	left = mostAreaPoints
	for _, x := range areas {
		for _, polygon := range x.Shape {
			ring := chain(polygon[0])
			if left -= len(ring); left < 0 {
				return nil
			}
			t.Areas = append(t.Areas, areaText{Kind: x.Kind, Ring: ring})
		}
	}
	return nil
}

// classOf says a street's class in the phone's words.
func classOf(mtfcc string) string {
	switch mtfcc {
	case "S1100":
		return "highway"
	case "S1200":
		return "main"
	}
	return "local"
}
