package liststore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// File is a voter file that an organisation may ask about.
type File struct {
	ID       voterfile.FileID `db:"id"`
	Org      org.ID           `db:"org_id"`
	Name     string           `db:"name"`
	State    string           `db:"state"`
	Layout   layout.ID        `db:"layout"`
	Terms    string           `db:"terms"`     // what the state allows it to be used for, and what the owner does where it is shared
	FileDate int64            `db:"file_date"` // of the newest one loaded, yyyymmdd; 0 for none yet
	Loaded   int64            `db:"loaded"`    // its import
	Own      bool             `db:"-"`
}

func errNoFile() error {
	return fault.NotFoundf("There is no such voter file here, or it is not shared with your organization.")
}

// Files returns the voter files that the actor's organisation may ask about: its own first, then by name.
func (s *Store) Files(ctx context.Context, a org.Actor) ([]File, error) {
	if err := a.Must(PermitCount); err != nil {
		return nil, err
	}
	all, err := s.files(a.Within(ctx), int64(a.Org()), s.now())
	if err != nil {
		return nil, fmt.Errorf("reading the voter files: %w", err)
	}
	for i := range all {
		all[i].Own = all[i].Org == a.Org()
	}
	slices.SortStableFunc(all, func(x, y File) int {
		if x.Own != y.Own {
			return btoi(y.Own) - btoi(x.Own)
		}
		return strings.Compare(x.Name, y.Name)
	})
	return all, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// file returns one of Files, or NotFound.
func (s *Store) file(ctx context.Context, a org.Actor, id voterfile.FileID) (File, error) {
	all, err := s.Files(ctx, a)
	if err != nil {
		return File{}, err
	}
	for _, f := range all {
		if f.ID == id {
			return f, nil
		}
	}
	return File{}, errNoFile()
}

// Catalog returns what the actor may ask about on a voter file: the fence of every criteria. Of turfs it has those that some criteria name, about among them. It
// is the caller's to read, not to change.
func (s *Store) Catalog(ctx context.Context, a org.Actor, file voterfile.FileID, about ...list.Criteria) (*list.Catalog, error) {
	c, err := s.bare(ctx, a, file)
	if err != nil {
		return nil, err
	}
	if err := s.turfs(a.Within(ctx), a, c, file, about, true); err != nil {
		return nil, err
	}
	c.Values, err = s.valuesOf(ctx, a, file, c.Attrs)
	return c, err
}

// catalog is Catalog without the values of attributes and the maps that nobody names, which a check does not need.
func (s *Store) catalog(ctx context.Context, a org.Actor, file voterfile.FileID, about ...list.Criteria) (*list.Catalog, error) {
	c, err := s.bare(ctx, a, file)
	if err != nil {
		return nil, err
	}
	return c, s.turfs(a.Within(ctx), a, c, file, about, false)
}

func (s *Store) bare(ctx context.Context, a org.Actor, file voterfile.FileID) (*list.Catalog, error) {
	f, err := s.file(ctx, a, file)
	if err != nil {
		return nil, err
	}
	ctx = a.Within(ctx)
	d, err := s.definitionsOf(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("reading what the organization has defined: %w", err)
	}
	if !a.May(codebook.PermitSee) {
		d = definitions{elections: d.elections, people: d.people}
	}
	c := &list.Catalog{Today: s.today(), Universe: list.Universe{VoterFile: int64(file), Org: int64(a.Org()), Contacts: []int64{int64(a.Org())}},
		Attrs: attrsFor(a), Contacts: a.May(person.PermitLook), Phones: a.May(person.PermitPhone),
		Questions: d.questions, Codes: d.codes, Tags: d.tags, Scores: d.scores, Customs: d.customs, Targets: d.targets, Events: d.events, People: d.people}
	if a.May(person.PermitVote) {
		c.Elections = d.elections
	}
	seen, _, err := s.reach(ctx, a, f.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the saved lists: %w", err)
	}
	c.Saved = map[int64]list.SavedDef{}
	for _, l := range seen {
		def := list.SavedDef{Definition: list.Definition{ID: int64(l.ID), Org: int64(l.Org), Name: l.Name}}
		if l.Kind == Search {
			def.Criteria = &l.Criteria
		}
		c.Saved[int64(l.ID)] = def
	}
	return c, nil
}

// attrsFor returns the attributes of a registration that the actor may ask about: those that a profile would show.
func attrsFor(a org.Actor) map[list.Attr]bool {
	all := map[list.Attr]bool{}
	allow := func(ok bool, attrs ...list.Attr) {
		for _, x := range attrs {
			if ok {
				all[x] = true
			}
		}
	}
	allow(true, list.Status, list.County, list.Precinct, list.City, list.ZIP, list.Congress, list.StateSenate, list.StateHouse, list.Municipality,
		list.Age, list.RegisteredOn, list.HouseholdSize, list.Door, list.Place)
	allow(a.May(person.PermitDemographic), list.Party, list.Sex, list.Race, list.Ethnicity)
	allow(a.May(person.PermitBirth), list.BirthYear, list.Birth)
	allow(a.May(person.PermitVote), list.VotesCast)
	for _, k := range layout.DistrictKinds() {
		allow(true, list.District+list.Attr(k.String()))
	}
	return all
}

// definitions are what an organisation sees of what was defined on the site: its own, and what others share. They are shared between requests and
// never changed.
type definitions struct {
	epoch int64
	until time.Time

	elections []list.Election
	questions map[int64]list.Question
	codes     map[int64]list.Definition
	tags      map[int64]list.Definition
	scores    map[int64]list.ScoreDef
	customs   map[int64]list.CustomDef
	targets   map[int64]list.TargetDef
	events    map[int64]list.Definition
	people    map[int64]string
}

type definitionKey struct {
	org    org.ID
	people bool // may name who wrote
}

// definitionsTime bounds how long definitions are believed besides the feed of changes, for what the feed does not tell: who is a member.
const definitionsTime = 5 * time.Second

func (s *Store) definitionsOf(ctx context.Context, a org.Actor) (definitions, error) {
	epoch, err := change.Newest(db.WithSite(ctx), s.db)
	if err != nil {
		return definitions{}, err
	}
	key := definitionKey{a.Org(), a.May(org.PermitPeople)}
	s.mu.Lock()
	d, ok := s.definitions[key]
	s.mu.Unlock()
	if ok && d.epoch == epoch && s.now().Before(d.until) {
		return d, nil
	}
	if d, err = s.readDefinitions(ctx, int64(a.Org())); err != nil {
		return definitions{}, err
	}
	if key.people {
		d.people = map[int64]string{}
		members, err := s.orgs.People(ctx, a)
		if err != nil {
			return definitions{}, err
		}
		for _, m := range members {
			d.people[int64(m.Account)] = m.Name
		}
	}
	d.epoch, d.until = epoch, s.now().Add(definitionsTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.definitions[key] = d
	return d, nil
}

// readDefinitions reads all that an organisation sees.
func (s *Store) readDefinitions(ctx context.Context, in int64) (d definitions, err error) {
	named := func(table string) map[int64]list.Definition {
		m := map[int64]list.Definition{}
		var rows []definitionRow
		if err == nil {
			rows, err = s.defined(ctx, table, in)
		}
		for _, r := range rows {
			m[r.ID] = r.definition()
		}
		return m
	}
	d.codes, d.tags, d.events = named("field_code"), named("field_tag"), named("field_event")
	questions, targets := named("field_question"), named("field_target")
	if err != nil {
		return d, err
	}
	if d.questions, err = s.questions(ctx, questions); err != nil {
		return d, err
	}
	if d.targets, err = s.targets(ctx, targets); err != nil {
		return d, err
	}
	if d.scores, err = s.scores(ctx, in); err != nil {
		return d, err
	}
	if d.customs, err = s.customs(ctx, in); err != nil {
		return d, err
	}
	d.elections, err = s.elections(ctx)
	return d, err
}

// fileValues are the values that occur in a voter file, as of one import.
type fileValues struct {
	loaded int64
	until  time.Time // zero: as long as the import is the newest
	of     map[list.Attr][]list.Value
}

// valuesOf returns the values that occur for the attributes the actor may ask about, with names for people.
func (s *Store) valuesOf(ctx context.Context, a org.Actor, file voterfile.FileID, may map[list.Attr]bool) (map[list.Attr][]list.Value, error) {
	f, err := s.file(ctx, a, file)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	v, ok := s.values[file]
	s.mu.Unlock()
	if !ok || v.loaded != f.Loaded || !v.until.IsZero() && s.now().After(v.until) {
		if v, err = s.readValues(db.WithSite(ctx), f); err != nil {
			return nil, fmt.Errorf("reading what occurs in the voter file: %w", err)
		}
		s.mu.Lock()
		s.values[file] = v
		s.mu.Unlock()
	}
	out := make(map[list.Attr][]list.Value, len(v.of))
	for attr, all := range v.of {
		if may[attr] {
			out[attr] = all
		}
	}
	return out, nil
}

// readValues finds the values that occur, and names them.
func (s *Store) readValues(ctx context.Context, f File) (fileValues, error) {
	v := fileValues{loaded: f.Loaded, of: map[list.Attr][]list.Value{}}
	found, err := s.inSegment(f)
	switch {
	case err != nil:
		return fileValues{}, err
	case found != nil: // which may be older than the import, for the time it takes to build the next one
		v.until = s.now().Add(valuesTime)
	default:
		if found, err = s.distinct(ctx, f); err != nil {
			return fileValues{}, err
		}
	}
	for attr, set := range found {
		name, err := s.namer(ctx, f, attr)
		if err != nil {
			return fileValues{}, err
		}
		all := make([]list.Value, 0, len(set))
		for value := range set {
			all = append(all, list.Value{Value: value, Name: name(value)})
		}
		slices.SortFunc(all, func(x, y list.Value) int {
			if (x.Value == "") != (y.Value == "") { // unknown last
				return btoi(x.Value == "") - btoi(y.Value == "")
			}
			return cmp.Or(natural(cmp.Or(x.Name, x.Value), cmp.Or(y.Name, y.Value)), strings.Compare(x.Value, y.Value))
		})
		v.of[attr] = all
	}
	return v, nil
}

// valuesTime is how long values that a segment told are believed.
const valuesTime = time.Minute

// inSegment returns the values that occur as the segment knows them, nil where there is none: with millions of people the database takes many seconds.
func (s *Store) inSegment(f File) (map[list.Attr]map[string]bool, error) {
	if s.engine == nil {
		return nil, nil
	}
	view, _ := s.engine.Current(int64(f.ID))
	if view == nil || view.People() == 0 {
		return nil, nil
	}
	attrs := []list.Attr{list.Status, list.Party, list.Sex, list.Race, list.Ethnicity, list.County, list.Precinct, list.City, list.ZIP, list.Congress,
		list.StateSenate, list.StateHouse, list.Municipality}
	for _, k := range layout.DistrictKinds() {
		attrs = append(attrs, list.District+list.Attr(k.String()))
	}
	found := map[list.Attr]map[string]bool{}
	for _, a := range attrs {
		options, err := view.Values(a)
		if err != nil {
			return nil, err
		}
		if len(options) == 0 {
			continue
		}
		found[a] = map[string]bool{}
		for _, o := range options {
			found[a][o.Value] = true
		}
	}
	return found, nil
}

// namer returns how the values of an attribute are called by people, "" where the value says it itself.
func (s *Store) namer(ctx context.Context, f File, attr list.Attr) (func(string) string, error) {
	none := func(string) string { return "" }
	switch attr {
	case list.County:
		return func(v string) string { return title(layout.CountyName(f.Layout, v)) }, nil
	case list.Party:
		return func(v string) string { return layout.PartyName(f.Layout, v) }, nil
	case list.Status, list.Sex, list.Race, list.Ethnicity, list.City, list.ZIP:
		return none, nil
	}
	if s.places == nil {
		return none, nil
	}
	kind := strings.TrimPrefix(string(attr), string(list.District))
	named, err := s.places.Names(ctx, f.State, kind)
	if err != nil {
		return nil, err
	}
	return func(v string) string {
		county, code := "", v
		if attr == list.Precinct {
			county, code, _ = strings.Cut(v, "/")
		}
		return named(county, code)
	}, nil
}

// title writes a name in capitals as names are written: "NEW HANOVER" is "New Hanover".
func title(s string) string {
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// natural compares so that 9 comes before 12.
func natural(x, y string) int {
	for x != "" && y != "" {
		dx, dy := digits(x), digits(y)
		if dx == 0 || dy == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		nx, ny := strings.TrimLeft(x[:dx], "0"), strings.TrimLeft(y[:dy], "0")
		if c := cmp.Or(cmp.Compare(len(nx), len(ny)), strings.Compare(nx, ny)); c != 0 {
			return c
		}
		x, y = x[dx:], y[dy:]
	}
	return cmp.Compare(len(x), len(y))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// districtsOf reads the kinds and codes of field_person.districts.
func districtsOf(text string) map[string]string {
	m := map[string]string{}
	if text == "" || text == "{}" || json.Unmarshal([]byte(text), &m) != nil {
		return nil
	}
	return m
}
