package synth

import "strings"

// People get names of the community they belong to. Every name here is a common one, and given and family names are
// combined at random: a match with a living person is chance. The order matters: earlier names are drawn more often.

// community is a group of people who share naming habits. Its numbers are permille.
type community struct {
	women, men [3][]string // by age: over 60, 35 to 60, under 35
	surnames   []string
	double     int // two family names, as in Spanish
	fathers    int // married women keep their own name (or another habit that parts a family's names)
	middle     int // has a middle name
	junior     int // sons named after their fathers
	tail       int // one of many rare English family names instead
	race       race
	hispanic   bool
	left       int // registered with the Democrats, of those who choose a party
	party      int // choose a party at all
}

// race is what goes into the state's race column.
type race uint8

const (
	white race = iota
	black
	asian
	native
	multi
	other
	undesignated
)

// The communities. The letters in the county tables name mixes of them.
const (
	anglo = iota
	german
	irish
	italian
	polish
	africanAmerican
	nigerian
	ethiopian
	somali
	haitian
	mexican
	puertoRican
	cuban
	vietnamese
	chinese
	hmong
	korean
	indian
	filipino
	arab
	lumbee
	nativeAmerican
	samoan
	russian
	communities
)

// mixes gives, for each letter of the county tables, the permille of each community in the order above.
var mixes = map[byte][communities]uint16{
	//   ang ger iri ita pol afr nig eth som hai mex pr  cub vie chi hmo kor ind fil ara lum nat sam rus
	'u': {390, 45, 55, 25, 15, 250, 10, 6, 2, 2, 62, 14, 4, 14, 20, 3, 9, 34, 10, 12, 2, 4, 2, 10},
	's': {560, 60, 60, 25, 16, 135, 4, 1, 0, 1, 58, 14, 4, 8, 8, 2, 6, 14, 8, 5, 2, 5, 0, 4},
	'r': {720, 70, 50, 12, 12, 80, 1, 0, 0, 0, 34, 4, 1, 2, 2, 1, 1, 2, 2, 1, 1, 3, 0, 1},
	'm': {815, 70, 60, 8, 12, 10, 0, 0, 0, 0, 15, 2, 0, 1, 1, 0, 0, 1, 1, 0, 0, 4, 0, 0},
	'b': {475, 20, 20, 5, 3, 420, 2, 0, 0, 1, 36, 5, 1, 1, 1, 0, 1, 3, 2, 1, 1, 2, 0, 0},
	'l': {480, 45, 40, 20, 15, 110, 1, 1, 0, 2, 220, 30, 10, 5, 4, 1, 2, 6, 4, 1, 1, 2, 0, 0},
	'h': {650, 80, 50, 15, 12, 70, 1, 0, 0, 0, 50, 6, 1, 6, 4, 40, 2, 5, 3, 1, 1, 2, 0, 1},
	'n': {330, 25, 20, 4, 4, 180, 0, 0, 0, 0, 50, 4, 0, 1, 1, 0, 1, 2, 2, 0, 330, 46, 0, 0},
	'a': {320, 50, 50, 30, 80, 280, 6, 1, 2, 0, 45, 8, 1, 3, 5, 6, 3, 18, 6, 78, 1, 4, 0, 3},
	'o': {450, 60, 50, 25, 12, 200, 10, 14, 28, 2, 38, 10, 1, 8, 14, 6, 6, 36, 6, 14, 1, 3, 0, 6},
	'c': {340, 40, 45, 45, 15, 200, 3, 1, 0, 75, 60, 70, 40, 6, 8, 0, 3, 16, 9, 6, 0, 2, 0, 16},
	'd': {170, 15, 15, 15, 5, 120, 1, 0, 0, 35, 270, 80, 240, 3, 6, 0, 1, 5, 6, 3, 0, 3, 0, 7},
	'w': {410, 70, 55, 25, 16, 62, 6, 14, 14, 1, 70, 6, 2, 36, 58, 4, 26, 48, 30, 7, 0, 9, 9, 22},
}

// words splits a list of names; an underscore keeps a name of two words together.
func words(s string) []string {
	list := strings.Fields(s)
	for i, w := range list {
		list[i] = strings.ReplaceAll(w, "_", " ")
	}
	return list
}

// three is one pool for all ages.
func three(s string) [3][]string {
	w := words(s)
	return [3][]string{w, w, w}
}

// newCommunities builds the pools once per state.
func newCommunities() [communities]community {
	english := [2][3][]string{
		{words(womenOld), words(womenMiddle), words(womenYoung)},
		{words(menOld), words(menMiddle), words(menYoung)},
	}
	with := func(c community, surnames string) community {
		if c.women[0] == nil {
			c.women, c.men = english[0], english[1]
		}
		c.surnames = words(surnames)
		return c
	}
	spanish := community{women: three(womenSpanish), men: three(menSpanish), double: 450, fathers: 700, middle: 550, junior: 20,
		race: white, hispanic: true, left: 620, party: 560}
	cubans := spanish
	cubans.left, cubans.double = 320, 300
	african := func(w, m string, c community) community {
		c.women, c.men, c.race, c.left, c.party = three(w), three(m), black, 850, 650
		return c
	}
	east := func(w, m string, c community) community {
		c.women, c.men, c.race, c.left, c.party = three(w), three(m), asian, 610, 480
		return c
	}
	return [communities]community{
		anglo:   with(community{middle: 880, junior: 45, tail: 330, race: white, left: 400, party: 690}, surnamesEnglish),
		german:  with(community{middle: 860, junior: 25, race: white, left: 420, party: 660}, surnamesGerman),
		irish:   with(community{middle: 880, junior: 35, race: white, left: 480, party: 670}, surnamesIrish),
		italian: with(community{middle: 800, junior: 35, race: white, left: 480, party: 670}, surnamesItalian),
		polish:  with(community{middle: 800, junior: 15, race: white, left: 490, party: 670}, surnamesPolish),
		africanAmerican: with(community{women: [3][]string{words(womenOld), words(womenBlackMiddle), words(womenBlackYoung)},
			men:    [3][]string{words(menOld), words(menBlackMiddle), words(menBlackYoung)},
			middle: 860, junior: 70, tail: 120, race: black, left: 940, party: 800}, surnamesBlack),
		nigerian:       with(african(womenNigerian, menNigerian, community{middle: 600, junior: 10}), surnamesNigerian),
		ethiopian:      with(african(womenEthiopian, menEthiopian, community{fathers: 1000, middle: 300}), menEthiopian),
		somali:         with(african(womenSomali, menSomali, community{fathers: 1000, middle: 700}), menSomali),
		haitian:        with(african(womenHaitian, menHaitian, community{middle: 500, junior: 20}), surnamesHaitian),
		mexican:        with(spanish, surnamesMexican),
		puertoRican:    with(spanish, surnamesPuertoRican),
		cuban:          with(cubans, surnamesCuban),
		vietnamese:     with(east(womenVietnamese, menVietnamese, community{fathers: 850, middle: 800}), surnamesVietnamese),
		chinese:        with(east(womenChinese, menChinese, community{fathers: 700, middle: 300}), surnamesChinese),
		hmong:          with(east(womenHmong, menHmong, community{fathers: 600, middle: 250}), surnamesHmong),
		korean:         with(east(womenKorean, menKorean, community{fathers: 600, middle: 300}), surnamesKorean),
		indian:         with(east(womenIndian, menIndian, community{fathers: 250, middle: 450}), surnamesIndian),
		filipino:       with(east(womenFilipino, menFilipino, community{middle: 900, junior: 50}), surnamesFilipino),
		arab:           with(community{women: three(womenArab), men: three(menArab), fathers: 450, middle: 600, junior: 5, race: white, left: 620, party: 560}, surnamesArab),
		lumbee:         with(community{middle: 900, junior: 60, race: native, left: 560, party: 740}, surnamesLumbee),
		nativeAmerican: with(community{middle: 800, junior: 50, race: native, left: 680, party: 620}, surnamesNative),
		samoan:         with(community{women: three(womenSamoan), men: three(menSamoan), middle: 500, junior: 30, race: other, left: 620, party: 520}, surnamesSamoan),
		russian:        with(community{women: three(womenRussian), men: three(menRussian), middle: 300, race: white, left: 430, party: 520}, surnamesRussian),
	}
}

// rareSurname composes one of about two thousand family names of English place words, for the long tail that makes a
// real index of names large.
func (a *arena) rareSurname(c *chance) string {
	start := a.begin()
	a.b.WriteString(tailHeads[c.n(len(tailHeads))])
	a.b.WriteString(tailEnds[c.n(len(tailEnds))])
	return a.since(start)
}

var (
	tailHeads = words(`ALDER ASH ATTER BARN BECK BENT BING BLACK BRAD BRAMB BRIM BUCK BURN CALD CAR CHAT CLAY COL CRAN CROM CULVER DAL DEN DRAY EDGE ELL ` +
		`FAIR FAL FEN FIRE GAR GLAD GRAN GREEN HAL HAM HART HATHER HAY HEATH HOL HUNT IVES KEL KIN KIRK LANG LAW LIND LOCK MAN MARSH MEL MID MILL NEW NOR OAK ` +
		`OX PEM PICKER PRES QUAR RAD RED ROCK ROTHER RUT SALT SAND SHEL SHER SOUTH STAN STOCK SUT TAL THORN TIL UNDER WAD WAL WARING WEATHER WEST WHIT WIN WOOD WYM YAR`)
	tailEnds = words(`FORD TON LEY WOOD FIELD WORTH BURY HAM WELL BY DALE STEAD MORE RIDGE BROOK WICK MAN COTT GATE LAND HURST SHAW`)
)
