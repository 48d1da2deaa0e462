package synth

import "github.com/openprecinct/precinct/field/voterfile/layout"

// slip is an error of the kind that real files have and that an importer must live with.
type slip uint8

const (
	noSlip      slip = iota
	slipSwapped      // given and family name in each other's column
	slip1900         // born in 1900, the year of records without one
	slipPadded       // blanks behind names
	slipLower        // the whole row in lower case
	slipSpelled      // STREET for ST, AVENUE for AVE
	slipSpaced       // two blanks inside the address
	slipFuture       // registered after the day of the file
	slipNoUnit       // an apartment without its number
	slipCount
)

// slipNames are the keys of the manifest.
var slipNames = [slipCount]string{"", "names_swapped", "born_1900", "trailing_blanks", "lower_case", "type_spelled_out", "double_blank",
	"registered_in_future", "unit_missing"}

// slipChances are per ten thousand.
var slipChances = [slipCount]int{0, 9, 25, 60, 14, 120, 90, 2, 60}

// slips draws slips and counts them.
type slips struct{ counts [slipCount]int }

func (s *slips) draw(c *chance, p *person) slip {
	k := c.n(10_000)
	for i, share := range slipChances {
		if k -= share; k < 0 {
			if slip(i) == slipFuture && p.status != layout.Active {
				return noSlip
			}
			return slip(i)
		}
	}
	return noSlip
}

var spelledOut = map[string]string{"ST": "STREET", "AVE": "AVENUE", "DR": "DRIVE", "LN": "LANE", "CT": "COURT", "RD": "ROAD", "PL": "PLACE",
	"CIR": "CIRCLE", "TER": "TERRACE", "BLVD": "BOULEVARD", "PKWY": "PARKWAY", "WAY": "WAY"}
