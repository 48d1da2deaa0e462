package place

import "strings"

// shorten brings the words of a street to their short forms, by their place in the line (Publication 28 §233–§235): a
// direction counts as one only beside a name, so NORTH AVE keeps its name and N CEDAR ST loses nothing; of two street
// types only the last is one; a number makes a street type of the word before it (HIGHWAY 7).
func (k *keyText) shorten() {
	k.joinDirections()
	last := k.n - 1
	if last >= 2 { // a postdirectional needs a name and a type, or a number, before it
		if d, ok := directions[k.word[last]]; ok {
			k.word[last] = d
			last--
		}
	}
	typed := last
	if s, ok := streetTypes[k.word[last]]; ok && last > 0 {
		k.word[last] = s
		typed--
	}
	if d, ok := directions[k.word[0]]; ok && typed > 0 {
		k.word[0] = d
	}
	for i := 0; i <= typed; i++ {
		w := k.word[i]
		next := i < k.n-1 && isDigit(k.word[i+1][0])
		if s, ok := streetTypes[w]; ok && (next || i == 0 && typed == last && last > 0) {
			k.word[i] = s
		} else if s, ok := nameWords[w]; ok {
			k.word[i] = s
		}
	}
	k.shortenRoads()
}

// joinDirections makes NE of N E, NORTH EAST and N EAST where they begin or end the line.
func (k *keyText) joinDirections() {
	for _, at := range [2]int{0, k.n - 2} {
		if k.n < 3 || at+1 >= k.n {
			return
		}
		a, b := directions[k.word[at]], directions[k.word[at+1]]
		if (a == "N" || a == "S") && (b == "E" || b == "W") {
			k.word[at] = directions[a+b]
			copy(k.word[at+1:], k.word[at+2:k.n])
			k.n--
		}
	}
}

// shortenRoads spells COUNTY ROAD 20, CO RD 20 and CR 20 alike, and RURAL ROUTE 2 like RR 2.
func (k *keyText) shortenRoads() {
	for i := 0; i+1 < k.n; i++ {
		number := isDigit(k.word[i+1][0])
		switch w := k.word[i]; {
		case w == "CR" && number:
			k.word[i] = "CORD"
		case (w == "CO" || w == "COUNTY") && k.word[i+1] == "RD":
			k.joinTwo(i, "CORD")
		case w == "RURAL" && k.word[i+1] == "RTE":
			k.joinTwo(i, "RR")
		}
	}
}

func (k *keyText) joinTwo(i int, word string) {
	k.word[i] = word
	copy(k.word[i+1:], k.word[i+2:k.n])
	k.n--
}

// directions are the directional words and their short forms (Publication 28 §233).
var directions = pairs(`N NORTH NO NORTE, S SOUTH SO SUR, E EAST ESTE, W WEST OESTE,
NE NORTHEAST NORESTE, NW NORTHWEST NOROESTE, SE SOUTHEAST SURESTE, SW SOUTHWEST SUROESTE`)

// nameWords are words inside a name that are written both ways.
var nameWords = pairs(`ST SAINT, MT MOUNT, FT FORT,
1ST FIRST, 2ND SECOND, 3RD THIRD, 4TH FOURTH, 5TH FIFTH, 6TH SIXTH, 7TH SEVENTH, 8TH EIGHTH, 9TH NINTH, 10TH TENTH,
11TH ELEVENTH, 12TH TWELFTH, 13TH THIRTEENTH, 14TH FOURTEENTH, 15TH FIFTEENTH, 16TH SIXTEENTH, 17TH SEVENTEENTH,
18TH EIGHTEENTH, 19TH NINETEENTH, 20TH TWENTIETH`)

// streetTypes are the street types in use and their short forms (Publication 28, appendix C1).
var streetTypes = pairs(`ALY ALLEE ALLEY ALLY, ANX ANEX ANNEX ANNX, ARC ARCADE, AVE AV AVEN AVENU AVENUE AVN AVNUE,
BYU BAYOO BAYOU, BCH BEACH, BND BEND, BLF BLUF BLUFF, BLFS BLUFFS, BTM BOT BOTTM BOTTOM, BLVD BOUL BOULEVARD BOULV BLV,
BR BRNCH BRANCH, BRG BRDGE BRIDGE, BRK BROOK, BRKS BROOKS, BG BURG, BGS BURGS, BYP BYPA BYPAS BYPASS BYPS,
CP CAMP CMP, CYN CANYN CANYON CNYN, CPE CAPE, CSWY CAUSEWAY CAUSWA, CTR CEN CENT CENTER CENTR CENTRE CNTER CNTR,
CTRS CENTERS, CIR CIRC CIRCL CIRCLE CRCL CRCLE, CIRS CIRCLES, CLF CLIFF, CLFS CLIFFS, CLB CLUB, CMN COMMON, CMNS COMMONS,
COR CORNER, CORS CORNERS, CRSE COURSE, CT COURT CRT, CTS COURTS, CV COVE, CVS COVES, CRK CREEK,
CRES CRESCENT CRSENT CRSNT, CRST CREST, XING CROSSING CRSSNG, XRD CROSSROAD, XRDS CROSSROADS, CURV CURVE,
DL DALE, DM DAM, DV DIV DIVIDE DVD, DR DRIV DRIVE DRV, DRS DRIVES, EST ESTATE, ESTS ESTATES,
EXPY EXP EXPR EXPRESS EXPRESSWAY EXPW, EXT EXTENSION EXTN EXTNSN, EXTS EXTENSIONS, FALL, FLS FALLS, FRY FERRY FRRY,
FLD FIELD, FLDS FIELDS, FLT FLAT, FLTS FLATS, FRD FORD, FRDS FORDS, FRST FOREST FORESTS, FRG FORG FORGE, FRGS FORGES,
FRK FORK, FRKS FORKS, FWY FREEWAY FREEWY FRWAY FRWY, GDN GARDEN GARDN GRDEN GRDN, GDNS GARDENS GRDNS,
GTWY GATEWAY GATEWY GATWAY GTWAY, GLN GLEN, GLNS GLENS, GRN GREEN, GRNS GREENS, GRV GROV GROVE, GRVS GROVES,
HBR HARB HARBOR HARBR HRBOR, HBRS HARBORS, HVN HAVEN, HTS HT HEIGHTS, HWY HIGHWAY HIGHWY HIWAY HIWY HWAY, HL HILL, HLS HILLS,
HOLW HLLW HOLLOW HOLLOWS HOLWS, INLT INLET, IS ISLAND ISLND, ISS ISLANDS ISLNDS, ISLE ISLES, JCT JCTION JCTN JUNCTION JUNCTN JUNCTON,
JCTS JCTNS JUNCTIONS, KY KEY, KYS KEYS, KNL KNOL KNOLL, KNLS KNOLLS, LK LAKE, LKS LAKES, LAND, LNDG LANDING LNDNG, LN LANE,
LGT LIGHT, LGTS LIGHTS, LF LOAF, LCK LOCK, LCKS LOCKS, LDG LDGE LODG LODGE, LOOP LOOPS LP, MALL, MNR MANOR, MNRS MANORS,
MDW MEADOW, MDWS MEADOWS MEDOWS, MEWS, ML MILL, MLS MILLS, MSN MISSN MISSION MSSN, MTWY MOTORWAY, MTN MNTAIN MNTN MOUNTAIN MOUNTIN MTIN,
MTNS MNTNS MOUNTAINS, NCK NECK, ORCH ORCHARD ORCHRD, OVAL OVL, OPAS OVERPASS, PARK PRK PARKS, PKWY PARKWAY PARKWY PKWAY PKY PARKWAYS PKWYS,
PASS, PSGE PASSAGE, PATH PATHS, PIKE PIKES, PNE PINE, PNES PINES, PL PLACE, PLN PLAIN, PLNS PLAINS, PLZ PLAZA PLZA, PT POINT, PTS POINTS,
PRT PORT, PRTS PORTS, PR PRAIRIE PRR, RADL RAD RADIAL RADIEL, RAMP, RNCH RANCH RANCHES RNCHS, RPD RAPID, RPDS RAPIDS, RST REST,
RDG RDGE RIDGE, RDGS RIDGES, RIV RIVER RVR RIVR, RD ROAD, RDS ROADS, RTE ROUTE RT, ROW, RUE, RUN, SHL SHOAL, SHLS SHOALS,
SHR SHOAR SHORE, SHRS SHOARS SHORES, SKWY SKYWAY, SPG SPNG SPRING SPRNG, SPGS SPNGS SPRINGS SPRNGS, SPUR SPURS, SQ SQR SQRE SQU SQUARE,
SQS SQRS SQUARES, STA STATION STATN STN, STRA STRAV STRAVEN STRAVENUE STRAVN STRVN STRVNUE, STRM STREAM STREME, ST STREET STRT STR,
STS STREETS, SMT SUMIT SUMITT SUMMIT, TER TERR TERRACE, TRWY THROUGHWAY, TRCE TRACE TRACES, TRAK TRACK TRACKS TRK TRKS,
TRFY TRAFFICWAY, TRL TRAIL TRAILS TRLS TR, TUNL TUNEL TUNLS TUNNEL TUNNELS TUNNL, TPKE TURNPIKE TRNPK TURNPK, UPAS UNDERPASS,
UN UNION, UNS UNIONS, VLY VALLEY VALLY VLLY, VLYS VALLEYS, VIA, VDCT VIADCT VIADUCT, VW VIEW, VWS VIEWS, VLG VILL VILLAG VILLAGE VILLG VILLIAGE,
VLGS VILLAGES, VL VILLE, VIS VIST VISTA VST VSTA, WALK WALKS, WALL, WAY WY, WAYS, WL WELL, WLS WELLS`)

// pairs reads "SHORT LONG OTHER, SHORT …" into every spelling → SHORT.
func pairs(s string) map[string]string {
	m := map[string]string{}
	for group := range strings.SplitSeq(s, ",") {
		words := strings.Fields(group)
		for _, w := range words {
			m[w] = words[0]
		}
	}
	return m
}
