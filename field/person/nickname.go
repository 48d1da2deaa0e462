package person

import "strings"

// nicknames are first names that one person may go by, one group a line; a name may stand in several groups. English and
// Spanish, because a person says Bob or Pepe and is registered as Robert or José.
const nicknames = `
abigail abby gail
abraham abe abram
adelaida adela
albert al bert alberto beto
alejandro alex ale jandro alexander
alejandra alex ale sandra
alexander alex al sandy xander lex
alexandra alex sandy sandra lexi alexis
alfonso poncho fonso alfonzo
alfred al fred alfredo fredo
alice allie ali alicia
alicia licha alice
amanda mandy
andrew andy drew andres
angela angie
angelina angie lina
ann anne anna annie nancy ana anita
anthony tony antonio tonio
antonio tono tonio tony anthony
antonia tona toni
arthur art artie arturo
augustine gus agustin
barbara barb babs barbie
beatrice bea trixie beatriz
beatriz bety betty
benjamin ben benny benji
bernard bernie bernardo
bradley brad
caroline carol carrie carolina carolyn
carlos charlie carlitos charles
catherine cathy kate katie kathy katherine kathryn kat cat catalina
catalina cata lina
cecilia ceci cissy
charles charlie chuck chas carlos
christina chris tina chrissy christine cristina
christine chris tina chrissy christina
christopher chris topher kit cristobal
cynthia cindy
daniel dan danny
david dave davey
deborah deb debbie debra
dolores lola lolita
donald don donnie
dorothy dot dottie dolly
edith edie
edward ed eddie ted teddy ned eduardo
eduardo lalo edward eddie
eleanor ellie nora nell elena
elena nena helena helen
elizabeth liz beth betty betsy lizzie eliza lisa libby isabel elisa
emily em emma
enrique quique kike henry
ernest ernie ernesto neto
esteban steven stephen
ezekiel zeke
felipe phillip philip pipe
fernando nando fer
frances fran fannie francisca
francis frank fran
francisca paquita panchita paca
francisco paco pancho frank cisco frankie
franklin frank
frederick fred freddie rick federico
gabriel gabe
george jorge georgie
gerald jerry gerardo
gertrude trudy gert
gregory greg gregorio goyo
gloria glo
graciela chela
guadalupe lupe lupita
guillermo memo william billy
gustavo tavo gus
harold hal harry
helen nell ellen elena
henry hank harry hal enrique
hortensia tencha
humberto beto
ignacio nacho
isabel chabela isa isabella bella elizabeth
isabella bella isa izzy
jacob jake jacobo
jacqueline jackie
james jim jimmy jamie jaime santiago
janet jan
jeffrey jeff geoffrey
jennifer jen jenny jenn
jeremy jerry
jessica jess jessie
jesus chuy chucho
jesusa chuyita
joan joanie juana
joaquin quino
john jack johnny jon juan
jonathan jon john nathan
jorge george coque
jose pepe chepe joseph
josefina pepa fina josephine
joseph joe joey jose
josephine jo josie
joshua josh josue
juan john juancho
juana jane joan
judith judy
julia julie
kathryn kate katie kathy kat katherine catherine
kathleen kathy kath katie
katherine kate katie kathy kat kay catherine kathryn
kenneth ken kenny
kimberly kim
lawrence larry lorenzo
leonard len lenny leo leonardo
leticia lety letty
lillian lily lil liliana
louis lou louie luis
louise lou luisa
lucia lucy lucha
luis lucho louis
luz lucecita
manuel manny manolo memo
manuela manola
marcos marco mark
margaret maggie meg peggy marge margie greta rita margarita
margarita mago rita margaret
maria mary mari mayra
mariana mari ana
maribel mari isabel
mark marcos marc
marguerite margaret
martha marty patsy marta
mary molly polly maria
matthew matt mateo
maximilian max maximo
mercedes meche merche
melissa missy mel
michael mike mick mickey miguel
michelle shelly
miguel mike michael migue
mildred millie
mohammed mohamed muhammad mohammad
nancy nan ann
natalie nat
nathaniel nate nathan nat
nicholas nick nicky nicolas
nicole nicky nikki
olivia liv livvy
oscar ozzie
pamela pam
patricia pat patty tricia trish
patrick pat paddy patricio
paul pablo
pedro peter perico
peter pete pedro
philip phil felipe
rafael rafa
ramon moncho
raymond ray ramon
rebecca becky becca
ricardo rick richard rica
richard rick dick rich richie ricky ricardo
robert bob bobby rob robbie bert roberto
roberto beto robert
rodolfo rudy fito rudolph
rodrigo rigo
roger rogelio
ronald ron ronnie
rosa rosita rose rosie
rosario chayo charo
rosemary rose rosie
rose rosa rosie
russell russ rusty
salvador chava
samantha sam sammy
samuel sam sammy
sandra sandy
santiago jaime james diego
sarah sally sara sadie
sergio checo
silvia sylvia
socorro coco
sofia sophia sophie
sophia sophie sofia
stephanie steph stefanie
stephen steve steven stevie esteban
steven steve stephen stevie esteban
susan sue susie suzy susana
susana susan susie
teodoro teo ted theodore
teresa tere theresa
theodore ted teddy theo
theresa terry tess tessa teresa
thomas tom tommy tomas
timothy tim timmy timoteo
tomas tom thomas
valentina vale tina
veronica vero ronnie
vicente chente vincent
victor vic
victoria vicky tori
vincent vince vinny
virginia ginny ginger
walter walt wally
wilfredo fredo
william bill billy will willie liam guillermo
zachary zach zack
`

var nicknameOf = readNicknames()

// readNicknames returns each name's other names.
func readNicknames() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(nicknames) {
		group := strings.Fields(line)
		for i, a := range group {
			for j, b := range group {
				// Within a group only the head joins its short forms both ways: Bob and Bert are both Robert, not each other.
				if i != j && (i == 0 || j == 0) {
					all[a] = append(all[a], b)
				}
			}
		}
	}
	return all
}

// sameByNickname reports whether a and b may be one person's first name.
func sameByNickname(a, b string) bool {
	for _, n := range nicknameOf[a] {
		if n == b {
			return true
		}
	}
	return false
}
