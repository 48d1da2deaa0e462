package person

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

var testNow = time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)

func lines() []db.Line {
	return []db.Line{ledger.Schema(), account.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
}

// run gives a test a site on each engine with voter file 1 of organisation 1.
func run(t *testing.T, f func(t *testing.T, p *Store)) {
	t.Helper()
	dbtest.Run(t, lines(), func(t *testing.T, d *db.DB) { f(t, newPeople(t, d)) })
}

func newPeople(t testing.TB, d *db.DB) *Store {
	p := New(Config{DB: d, Now: func() time.Time { return testNow }})
	exec(t, d, `INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'North Carolina', 1)`)
	return p
}

func exec(t testing.TB, d *db.DB, q string, args ...any) {
	t.Helper()
	err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func catalog(t testing.TB) permit.Catalog {
	c, err := permit.NewCatalog(Permits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// role returns an actor of organisation o with the role's permits.
func role(t testing.TB, o org.ID, key string) org.Actor {
	for _, r := range Roles {
		if r.Key == key {
			return org.Operate(o, catalog(t).Expand(r.Permits...))
		}
	}
	t.Fatalf("no role %q", key)
	return org.Actor{}
}

func holding(t testing.TB, o org.ID, ps ...permit.Permit) org.Actor {
	return org.Operate(o, catalog(t).Expand(ps...))
}

// human is one made-up person, with only what a test cares about; insert fills the rest.
type human struct {
	id                          int64
	file                        int64
	last, first, middle, suffix string
	born                        int
	house, street, unit, city   string
	zip, county, stateID        string
	status                      Status
	confidential, minor         bool
	droppedOn                   int
	household                   int64
	phone                       string
}

var personColumns = []string{"person_id", "voterfile_id", "state_id", "last_name", "first_name", "middle_name", "suffix", "last_key", "first_key",
	"birth_year", "birth_date", "sex", "race", "ethnicity", "party", "status", "status_code", "status_reason", "registered_on",
	"house", "street", "unit", "address", "city", "region", "zip", "street_key", "household_key", "address_key", "mailing",
	"county", "precinct", "congress", "state_senate", "state_house", "municipality", "districts", "confidential", "minor", "dropped_on",
	"raw_import_id", "raw_file", "raw_offset", "raw_length", "raw_hash", "import_id"}

func (h human) row() []any {
	if h.file == 0 {
		h.file = 1
	}
	if h.status == "" {
		h.status = Active
	}
	if h.stateID == "" {
		h.stateID = fmt.Sprintf("AA%06d", h.id)
	}
	street := h.street
	key := street
	for _, d := range []string{"N ", "S ", "E ", "W "} {
		key = strings.TrimPrefix(key, d)
	}
	for _, typ := range []string{" ST", " AVE", " RD", " DR", " LN"} {
		key = strings.TrimSuffix(key, typ)
	}
	address := strings.TrimSpace(h.house + " " + street)
	if h.unit != "" {
		address += " APT " + h.unit
	}
	date := 0
	if h.born != 0 {
		date = h.born*10000 + 514
	}
	return []any{h.id, h.file, h.stateID, h.last, h.first, h.middle, h.suffix, personkey.Fold(h.last), personkey.Fold(h.first),
		h.born, date, "F", "white", "not_hispanic", "UNA", string(h.status), "A", "VERIFIED", 20220314,
		h.house, street, h.unit, address, h.city, "NC", h.zip, personkey.Fold(key), h.household, 0, "",
		h.county, "P07", "4", "14", "41", "PORT ANSEL", `{"ward":"3","school":"WAKE"}`, btoi(h.confidential), btoi(h.minor), h.droppedOn,
		1, 0, 0, 0, 0, 1}
}

// insert writes people with their parts, keys, phones and words as an import does.
func insert(t testing.TB, p *Store, humans iter.Seq[human]) {
	t.Helper()
	words := map[int64][4]map[string]bool{}
	err := p.db.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		var parts, keys, phones [][]any
		_, err := db.Bulk(ctx, tx, "field_person", personColumns, func(yield func([]any) bool) {
			for h := range humans {
				row := h.row()
				file := row[1].(int64)
				w, ok := words[file]
				if !ok {
					for k := range w {
						w[k] = map[string]bool{}
					}
				}
				w[lastWord][row[7].(string)] = true
				w[firstWord][row[8].(string)] = true
				w[streetWord][row[26].(string)] = true
				for _, part := range personkey.Parts(h.last) {
					parts = append(parts, []any{h.id, part, row[8]})
					w[lastWord][part] = true
				}
				words[file] = w
				keys = append(keys, []any{file, row[2], h.id, 0, 0, h.household, h.county, "UNA", h.droppedOn})
				if h.phone != "" {
					phones = append(phones, []any{h.id, h.phone, 0, "cell", "voter file", 70, 0})
				}
				if !yield(row) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		if _, err := db.Bulk(ctx, tx, "field_person_name_part", []string{"person_id", "part", "first_key"}, slices.Values(parts)); err != nil {
			return err
		}
		if _, err := db.Bulk(ctx, tx, "field_voter_key", []string{"voterfile_id", "state_id", "person_id", "row_hash", "vote_hash", "household_key",
			"county", "party", "dropped_on"}, slices.Values(keys)); err != nil {
			return err
		}
		if _, err := db.Bulk(ctx, tx, "field_phone", []string{"person_id", "number", "org_id", "kind", "source", "confidence", "wrong_at"},
			slices.Values(phones)); err != nil {
			return err
		}
		_, err = db.Bulk(ctx, tx, "field_person_word", []string{"voterfile_id", "kind", "word"}, wordRows(words))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func wordRows(words map[int64][4]map[string]bool) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for file, kinds := range words {
			for k := lastWord; k <= streetWord; k++ {
				for w := range kinds[k] {
					if w != "" && !yield([]any{file, int(k), w}) {
						return
					}
				}
			}
		}
	}
}

var (
	manyFirst = strings.Fields(`MARY JAMES ROBERT PATRICIA JOHN JENNIFER MICHAEL LINDA DAVID ELIZABETH WILLIAM BARBARA RICHARD SUSAN JOSEPH JESSICA
		THOMAS SARAH CHARLES KAREN CHRISTOPHER LISA DANIEL NANCY MATTHEW BETTY ANTHONY SANDRA MARK MARGARET DONALD ASHLEY STEVEN KIMBERLY ANDREW EMILY
		PAUL DONNA JOSHUA MICHELLE KENNETH CAROL KEVIN AMANDA BRIAN MELISSA GEORGE DEBORAH TIMOTHY STEPHANIE RONALD REBECCA JASON SHARON EDWARD LAURA
		JEFFREY CYNTHIA RYAN DOROTHY JACOB AMY GARY KATHLEEN NICHOLAS ANGELA ERIC SHIRLEY JONATHAN EMMA STEPHEN BRENDA LARRY PAMELA JUSTIN NICOLE SCOTT
		ANNA BRANDON SAMANTHA BENJAMIN KATHERINE SAMUEL CHRISTINE GREGORY DEBRA ALEXANDER RACHEL PATRICK CAROLYN FRANK JANET RAYMOND MARIA JACK OLIVIA
		DENNIS HEATHER JERRY HELEN TYLER CATHERINE AARON DIANE JOSE JULIE ADAM VICTORIA NATHAN JOYCE HENRY LAUREN ZACHARY KELLY DOUGLAS CHRISTINA PETER
		JOAN KYLE EVELYN NOAH JUDITH ETHAN ANDREA JEREMY HANNAH CHRISTIAN MEGAN WALTER CHERYL KEITH JACQUELINE AUSTIN MARTHA ROGER MADISON TERRY TERESA
		ROSA LUIS CARMEN JUAN GUADALUPE CARLOS ANA MIGUEL JUANA FRANCISCO ELENA PEDRO LUZ ALEJANDRO SOFIA HECTOR GABRIELA RAUL LETICIA XIMENA JOAQUIN`)
	manyLast = strings.Fields(`SMITH JOHNSON WILLIAMS BROWN JONES GARCIA MILLER DAVIS RODRIGUEZ MARTINEZ HERNANDEZ LOPEZ GONZALEZ WILSON ANDERSON THOMAS
		TAYLOR MOORE JACKSON MARTIN LEE PEREZ THOMPSON WHITE HARRIS SANCHEZ CLARK RAMIREZ LEWIS ROBINSON WALKER YOUNG ALLEN KING WRIGHT SCOTT TORRES
		NGUYEN HILL FLORES GREEN ADAMS NELSON BAKER HALL RIVERA CAMPBELL MITCHELL CARTER ROBERTS GOMEZ PHILLIPS EVANS TURNER DIAZ PARKER CRUZ EDWARDS
		COLLINS REYES STEWART MORRIS MORALES MURPHY COOK ROGERS GUTIERREZ ORTIZ MORGAN COOPER PETERSON BAILEY REED KELLY HOWARD RAMOS KIM COX WARD
		RICHARDSON WATSON BROOKS CHAVEZ WOOD JAMES BENNETT GRAY MENDOZA RUIZ HUGHES PRICE ALVAREZ CASTILLO SANDERS PATEL MYERS LONG ROSS FOSTER JIMENEZ`)
	manyStreets = strings.Fields(`CEDAR MAIN OAK MAPLE ELM WASHINGTON LAKE HILL PINE PARK CHURCH MILL RIVER SPRING RIDGE HIGHLAND FOREST JACKSON FRANKLIN
		WALNUT CHESTNUT SYCAMORE MAGNOLIA DOGWOOD HICKORY POPLAR WILLOW BIRCH LAUREL JEFFERSON LINCOLN MADISON MONROE ADAMS GRANT HARRISON SUNSET MEADOW`)
	manyCities = strings.Fields(`RALEIGH DURHAM CHARLOTTE GREENSBORO WILMINGTON ASHEVILLE CONCORD CARY HICKORY KINSTON BURLINGTON GASTONIA`)
	syllables  = strings.Fields(`ba be bi bo bra bri ca ce cho cla co cra da de di do dra el en er fa fe fi flo fra ga ge gi go gra ha he hi ho hu ja je jo ka ke ki ko
		la le li lo lu ma me mi mo mu na ne ni no pa pe pi po pra ra re ri ro ru sa se sha si so sta ste ta te ti to tra tru va ve vi vo wa we wi wo ya yo za`)
	endings = strings.Fields(`son ton ley man berg ski er field ford well ez ano elli worth ham ard ett ick low`)
)

// many makes n people whose names are spread as in a state: few names very often, a long tail of rare ones.
func many(n int, seed uint64) iter.Seq[human] {
	return func(yield func(human) bool) {
		r := rand.New(rand.NewPCG(seed, 1))
		tail := make([]string, max(200, n/12))
		for i := range tail {
			tail[i] = strings.ToUpper(syllables[r.IntN(len(syllables))] + syllables[r.IntN(len(syllables))] + endings[r.IntN(len(endings))])
			if r.IntN(3) == 0 {
				tail[i] = strings.ToUpper(syllables[r.IntN(len(syllables))]) + tail[i]
			}
		}
		pick := func(all []string) string { // Zipf-like
			x := r.Float64()
			return all[int(x*x*x*float64(len(all)))]
		}
		for i := range n {
			h := human{id: int64(i + 1), born: 1930 + r.IntN(78), first: pick(manyFirst), middle: pick(manyFirst), last: pick(manyLast),
				house: fmt.Sprint(100 + r.IntN(9000)), street: pick(manyStreets) + " ST", city: pick(manyCities), zip: fmt.Sprintf("27%03d", r.IntN(600)),
				county: fmt.Sprint(r.IntN(100) + 1), stateID: fmt.Sprintf("%c%c%06d", 'A'+i/1_000_000%26, 'A'+i%26, i/26), household: int64(i/2 + 1)}
			if r.IntN(100) < 55 {
				h.last = pick(tail)
			}
			if r.IntN(12) == 0 {
				h.last += " " + pick(manyLast)
			}
			if r.IntN(40) == 0 {
				h.first = strings.ToUpper(syllables[r.IntN(len(syllables))] + syllables[r.IntN(len(syllables))] + "a")
			}
			if r.IntN(3) == 0 {
				h.phone = fmt.Sprintf("%d555%04d", []int{919, 984, 704, 980, 336, 910}[r.IntN(6)], r.IntN(10000))
			}
			if r.IntN(10) == 0 {
				h.status = Inactive
			}
			if !yield(h) {
				return
			}
		}
	}
}
