// Package persontest makes up people for tests and writes them as an import does.
package persontest

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/internal/db"
)

// Human is one made-up person, with only what a test cares about; Insert fills the rest.
type Human struct {
	ID                          int64
	File                        int64 // 1 when left out
	Last, First, Middle, Suffix string
	Born                        int
	House, Street, Unit, City   string
	ZIP, County, StateID        string
	Status                      string // active when left out
	Confidential, Minor         bool
	DroppedOn                   int
	Household                   int64
	Phone, Email                string
}

// Town is a handful of people, each there for one reason.
var Town = []Human{
	{ID: 1, Last: "AGUILAR", First: "ROSA", Middle: "ELENA", Born: 2003, House: "1140", Street: "CEDAR ST", Unit: "3", City: "PORT ANSEL", ZIP: "40417", Household: 9, Phone: "5550146630", Email: "Rosa.Aguilar@example.org"},
	{ID: 2, Last: "AGUILAR", First: "MARTIN", Born: 1975, House: "1140", Street: "CEDAR ST", Unit: "3", City: "PORT ANSEL", ZIP: "40417", Household: 9},
	{ID: 3, Last: "LOPEZ GARCIA", First: "MARIA", Born: 1980, House: "12 1/2", Street: "N OAK AVE", City: "QUAY", ZIP: "40420"},
	{ID: 4, Last: "SMITH", First: "JOHN", Born: 1950, House: "7", Street: "MAIN ST", City: "QUAY", ZIP: "40420"},
	{ID: 5, Last: "SMITH", First: "JOHN", Born: 1991, House: "9", Street: "ELM ST", City: "SABLE POINT", ZIP: "40555", Status: "inactive"},
	{ID: 6, Last: "SMITH", First: "ROBERT", Middle: "JOHN", Born: 1960, House: "11", Street: "ELM ST", City: "QUAY"},
	{ID: 7, Last: "DE LA CRUZ", First: "GUADALUPE", Born: 1969, House: "401", Street: "COUNTY ROAD 20", City: "QUAY"},
	{ID: 8, Last: "O'NEAL", First: "KATHRYN", Born: 1988, House: "1", Street: "MARTIN LUTHER KING AVE", City: "QUAY"},
	{ID: 9, Last: "JIMENEZ", First: "STEPHEN", Born: 1977, House: "2", Street: "ELM ST", City: "QUAY"},
	{ID: 10, Last: "HIDDEN", First: "CLARA", Born: 1970, House: "1140", Street: "CEDAR ST", City: "PORT ANSEL", Confidential: true, Phone: "5550140000", Email: "clara.hidden@example.org", Household: 9},
	{ID: 11, Last: "YOUNG", First: "TEEN", Born: 2010, House: "1140", Street: "CEDAR ST", City: "PORT ANSEL", Minor: true, Household: 9},
	{ID: 12, Last: "GONE", First: "WENDY", Born: 1940, House: "5", Street: "ELM ST", City: "QUAY", DroppedOn: 20270901},
	{ID: 13, Last: "THOMAS", First: "JAMES", Born: 1944, City: "QUAY"},
	{ID: 14, Last: "NGUYỄN", First: "THI DAO", Born: 1990, City: "QUAY"},
	{ID: 15, Last: "FOREIGN", First: "ROSA", File: 2, City: "QUAY"},
}

var personColumns = []string{"person_id", "voterfile_id", "state_id", "last_name", "first_name", "middle_name", "suffix", "last_key", "first_key",
	"birth_year", "birth_date", "sex", "race", "ethnicity", "party", "status", "status_code", "status_reason", "registered_on",
	"house", "street", "unit", "address", "city", "region", "zip", "street_key", "household_key", "address_key", "mailing",
	"county", "precinct", "congress", "state_senate", "state_house", "municipality", "districts", "confidential", "minor", "dropped_on",
	"raw_import_id", "raw_file", "raw_offset", "raw_length", "raw_hash", "import_id"}

func (h Human) row() []any {
	if h.File == 0 {
		h.File = 1
	}
	if h.Status == "" {
		h.Status = "active"
	}
	if h.StateID == "" {
		h.StateID = fmt.Sprintf("AA%06d", h.ID)
	}
	street := h.Street
	key := street
	for _, d := range []string{"N ", "S ", "E ", "W "} {
		key = strings.TrimPrefix(key, d)
	}
	for _, typ := range []string{" ST", " AVE", " RD", " DR", " LN"} {
		key = strings.TrimSuffix(key, typ)
	}
	address := strings.TrimSpace(h.House + " " + street)
	if h.Unit != "" {
		address += " APT " + h.Unit
	}
	date := 0
	if h.Born != 0 {
		date = h.Born*10000 + 514
	}
	return []any{h.ID, h.File, h.StateID, h.Last, h.First, h.Middle, h.Suffix, personkey.Fold(h.Last), personkey.Fold(h.First),
		h.Born, date, "F", "white", "not_hispanic", "UNA", h.Status, "A", "VERIFIED", 20220314,
		h.House, street, h.Unit, address, h.City, "NC", h.ZIP, personkey.Fold(key), h.Household, 0, "",
		h.County, "P07", "4", "14", "41", "PORT ANSEL", `{"ward":"3","school":"WAKE"}`, flag(h.Confidential), flag(h.Minor), h.DroppedOn,
		1, 0, 0, 0, 0, 1}
}

// Insert writes people with their parts, keys, phones and words as an import does.
func Insert(t testing.TB, d *db.DB, humans iter.Seq[Human]) {
	t.Helper()
	words := map[int64][4]map[string]bool{}
	err := d.Transact(db.WithSite(context.Background()), func(ctx context.Context, tx *db.Tx) error {
		var parts, keys, phones, emails [][]any
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
				w[1][row[7].(string)] = true
				w[2][row[8].(string)] = true
				w[3][row[26].(string)] = true
				for _, part := range personkey.Parts(h.Last) {
					parts = append(parts, []any{h.ID, part, row[8]})
					w[1][part] = true
				}
				words[file] = w
				keys = append(keys, []any{file, row[2], h.ID, 0, 0, h.Household, h.County, "UNA", h.DroppedOn})
				if h.Phone != "" {
					phones = append(phones, []any{h.ID, h.Phone, 0, "cell", "voter file", 70, 0})
				}
				if h.Email != "" {
					emails = append(emails, []any{h.ID, h.Email, 0, "voter file", 60, 0})
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
		if _, err := db.Bulk(ctx, tx, "field_email", []string{"person_id", "email", "org_id", "source", "confidence", "wrong_at"}, slices.Values(emails)); err != nil {
			return err
		}
		_, err = db.Bulk(ctx, tx, "field_person_word", []string{"voterfile_id", "kind", "word"}, wordRows(words))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wordRows(words map[int64][4]map[string]bool) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for file, kinds := range words {
			for k := 1; k <= 3; k++ {
				for w := range kinds[k] {
					if w != "" && !yield([]any{file, k, w}) {
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

// Many makes n people whose names are spread as in a state: few names very often, a long tail of rare ones.
func Many(n int, seed uint64) iter.Seq[Human] {
	return func(yield func(Human) bool) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a repeatable draw, no secret
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
			h := Human{ID: int64(i + 1), Born: 1930 + r.IntN(78), First: pick(manyFirst), Middle: pick(manyFirst), Last: pick(manyLast),
				House: fmt.Sprint(100 + r.IntN(9000)), Street: pick(manyStreets) + " ST", City: pick(manyCities), ZIP: fmt.Sprintf("27%03d", r.IntN(600)),
				County: fmt.Sprint(r.IntN(100) + 1), StateID: fmt.Sprintf("%c%c%06d", 'A'+i/1_000_000%26, 'A'+i%26, i/26), Household: int64(i/2 + 1)}
			if r.IntN(100) < 55 {
				h.Last = pick(tail)
			}
			if r.IntN(12) == 0 {
				h.Last += " " + pick(manyLast)
			}
			if r.IntN(40) == 0 {
				h.First = strings.ToUpper(syllables[r.IntN(len(syllables))] + syllables[r.IntN(len(syllables))] + "a")
			}
			if r.IntN(3) == 0 {
				h.Phone = fmt.Sprintf("%d555%04d", []int{919, 984, 704, 980, 336, 910}[r.IntN(6)], r.IntN(10000))
			}
			if r.IntN(10) == 0 {
				h.Status = "inactive"
			}
			if !yield(h) {
				return
			}
		}
	}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
