package layout

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseStreet(t *testing.T) {
	for line, want := range map[string]Address{
		"123 MAIN ST":                         {House: "123", Street: "MAIN", StreetType: "ST"},
		"123 N Main Street Apt. 5":            {House: "123", PreDir: "N", Street: "MAIN", StreetType: "ST", UnitType: "APT", Unit: "5"},
		"4430  E GREENSBORO-CHAPEL HILL RD  ": {House: "4430", PreDir: "E", Street: "GREENSBORO-CHAPEL HILL", StreetType: "RD"},
		"123 1/2 MAIN ST":                     {House: "123", HouseSuffix: "1/2", Street: "MAIN", StreetType: "ST"},
		"123A MAIN ST":                        {House: "123", HouseSuffix: "A", Street: "MAIN", StreetType: "ST"},
		"123 B MAIN ST":                       {House: "123", HouseSuffix: "B", Street: "MAIN", StreetType: "ST"},
		"123 A ST":                            {House: "123", Street: "A", StreetType: "ST"},
		"100 NORTH AVE":                       {House: "100", Street: "NORTH", StreetType: "AVE"},
		"100 AVENUE N":                        {House: "100", Street: "AVENUE N"},
		"100 AVENUE C":                        {House: "100", Street: "AVENUE C"},
		"100 COURT ST":                        {House: "100", Street: "COURT", StreetType: "ST"},
		"100 N WEST ST":                       {House: "100", PreDir: "N", Street: "WEST", StreetType: "ST"},
		"100 N E MAIN ST":                     {House: "100", PreDir: "NE", Street: "MAIN", StreetType: "ST"},
		"100 BROADWAY N":                      {House: "100", Street: "BROADWAY", PostDir: "N"},
		"100 MAIN ST NW":                      {House: "100", Street: "MAIN", StreetType: "ST", PostDir: "NW"},
		"100 MAIN ST NW # 5":                  {House: "100", Street: "MAIN", StreetType: "ST", PostDir: "NW", UnitType: "#", Unit: "5"},
		"100 MAIN ST #5B":                     {House: "100", Street: "MAIN", StreetType: "ST", UnitType: "#", Unit: "5B"},
		"100 MAIN ST APT #5":                  {House: "100", Street: "MAIN", StreetType: "ST", UnitType: "APT", Unit: "5"},
		"100 MAIN ST BLDG 2 APT 5":            {House: "100", Street: "MAIN", StreetType: "ST", UnitType: "BLDG", Unit: "2 APT 5"},
		"100 MAIN ST BSMT":                    {House: "100", Street: "MAIN", StreetType: "ST", UnitType: "BSMT"},
		"100 FRONT ST":                        {House: "100", Street: "FRONT", StreetType: "ST"},
		"100 UPPER MILL RD":                   {House: "100", Street: "UPPER MILL", StreetType: "RD"},
		"37-15 73RD ST":                       {House: "37-15", Street: "73RD", StreetType: "ST"},
		"N6W23001 BLUEMOUND RD":               {House: "N6W23001", Street: "BLUEMOUND", StreetType: "RD"},
		"2980 39.2 RD":                        {House: "2980", Street: "39.2", StreetType: "RD"},
		"5TH AVE":                             {Street: "5TH", StreetType: "AVE"},
		"12 5TH AVE":                          {House: "12", Street: "5TH", StreetType: "AVE"},
		"PO BOX 12":                           {Street: "PO BOX 12"},
		"P.O. Box 12":                         {Street: "PO BOX 12"},
		"POST OFFICE BOX 12":                  {Street: "PO BOX 12"},
		"RR 2 BOX 7":                          {Street: "RR 2 BOX 7"},
		"RURAL ROUTE 2 BOX 7":                 {Street: "RR 2 BOX 7"},
		"HC 68 BOX 23A":                       {Street: "HC 68 BOX 23A"},
		"PSC 3 BOX 4":                         {Street: "PSC 3 BOX 4"},
		"88 CR 20":                            {House: "88", Street: "COUNTY ROAD 20"},
		"88 COUNTY RD 20 N":                   {House: "88", Street: "COUNTY ROAD 20", PostDir: "N"},
		"88 COUNTY ROAD N":                    {House: "88", Street: "COUNTY ROAD N"},
		"88 US HWY 1":                         {House: "88", Street: "US HIGHWAY 1"},
		"88 NC HWY 55 W":                      {House: "88", Street: "NC HIGHWAY 55", PostDir: "W"},
		"1200 W ST JAMES PL LOT 4":            {House: "1200", PreDir: "W", Street: "ST JAMES", StreetType: "PL", UnitType: "LOT", Unit: "4"},
		"9 MILL POND CROSSING DRIVE":          {House: "9", Street: "MILL POND CROSSING", StreetType: "DR"},
		"":                                    {},
		"GENERAL DELIVERY":                    {Street: "GENERAL DELIVERY"},
		"12":                                  {Street: "12"},
	} {
		want.Line = line
		if diff := cmp.Diff(want, ParseStreet(line)); diff != "" {
			t.Errorf("ParseStreet(%q): -want +got\n%s", line, diff)
		}
	}
}

// Taking a standard line apart and putting it together again changes nothing but blanks.
func TestParseStreetComposeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Address{
			House:      rapid.StringMatching(`[1-9][0-9]{0,4}`).Draw(t, "house"),
			PreDir:     rapid.SampledFrom([]string{"", "N", "SW"}).Draw(t, "pre"),
			Street:     rapid.SampledFrom([]string{"OAK", "MARTIN LUTHER KING", "5TH", "GRAY FOX", "O'NEAL"}).Draw(t, "street"),
			StreetType: rapid.SampledFrom([]string{"ST", "AVE", "RD", "CIR"}).Draw(t, "type"),
			PostDir:    rapid.SampledFrom([]string{"", "E", "NW"}).Draw(t, "post"),
		}
		if rapid.Bool().Draw(t, "hasUnit") {
			a.UnitType = rapid.SampledFrom([]string{"APT", "UNIT", "STE", "LOT", "#"}).Draw(t, "unitType")
			a.Unit = rapid.StringMatching(`[1-9][0-9]{0,2}[A-D]?`).Draw(t, "unit")
		}
		a.Line = a.compose()
		if diff := cmp.Diff(a, ParseStreet(a.Line)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseStreet(f *testing.F) {
	for _, s := range []string{"123 1/2 N MAIN ST NW APT 5", "PO BOX #", "# # #", "RR 2 BOX", "UNIT", "N N N N", ",,,..", "1 #", "\xff\xfe 12 ÑANDÚ ST"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		a := ParseStreet(line)
		if a.Line != line {
			t.Fatalf("the line itself was lost: %q became %q", line, a.Line)
		}
		if strings.ContainsAny(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") && a.compose() == "" {
			t.Fatalf("nothing left of %q", line)
		}
	})
}
