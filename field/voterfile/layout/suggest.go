package layout

import "strings"

// Suggest proposes a mapping for a file from its header (nil without one) and some rows: by the names that states, towns and vendors
// give their columns, and, for what is left, by nothing: a wrong guess costs more than an empty input. Kind is history when a column
// holds the date of an election and none holds a last name.
func Suggest(header []string, rows [][]string) Mapping {
	yes := len(header) > 0
	m := Mapping{Version: MappingVersion, Kind: Voters.String(), Header: &yes, Dates: AnyDate.String()}
	s := suggestion{used: map[target]bool{}}
	for i, name := range header {
		t, ok := s.target(name)
		if !ok || s.used[t] {
			continue
		}
		s.used[t] = true
		m.Columns = append(m.Columns, ColumnMapping{Name: name, Position: i + 1, Field: t.String()})
	}
	m.ElectionColumns = suggestElections(header)
	if s.has(fVoteDate) && !s.has(fLastName) {
		m.Kind = History.String()
	} else {
		s.dropHistory(&m)
	}
	s.preferLine(&m)
	s.houseSuffix(&m, rows)
	m.Dates = suggestDates(&m, rows)
	return m
}

type suggestion struct{ used map[target]bool }

func (s *suggestion) has(f field) bool { return s.used[target{field: f}] }

// group says which of two addresses a column name belongs to, and what is left of the name.
var groups = []struct {
	prefix string
	mail   bool
}{
	{"residentialaddress", false}, {"residenceaddresses", false}, {"residenceaddress", false}, {"registrationaddress", false},
	{"residential", false}, {"residence", false}, {"resident", false}, {"mailingaddresses", true}, {"mailingaddress", true}, {"mailing", true},
	{"mailaddress", true}, {"mail", true}, {"vbvfmail", true}, {"vbtsmart", false}, {"vbvoterbase", false}, {"vbvfreg", false},
	{"vbvf", false}, {"votertelephones", false}, {"voters", false}, {"voterbase", false}, {"tsmart", false}, {"voter", false},
	{"registered", false}, {"reg", false}, {"res", false}, {"txt", false}, {"cde", false}, {"vb", false},
}

// target finds what a column holds by its name.
func (s *suggestion) target(name string) (target, bool) {
	k := key(name)
	if t, ok := lookupName(k, false); ok {
		return t, true
	}
	for _, g := range groups {
		rest, ok := strings.CutPrefix(k, g.prefix)
		if !ok || rest == "" {
			continue
		}
		if t, ok := lookupName(rest, g.mail); ok {
			return t, true
		}
	}
	return target{}, false
}

func lookupName(k string, mail bool) (target, bool) {
	table := synonyms
	if mail {
		table = mailSynonyms
	}
	name, ok := table[k]
	if !ok {
		return target{}, false
	}
	return parseTarget(name)
}

// dropHistory takes the columns of a vote out of a voters mapping (a "last voted" date is no history).
func (s *suggestion) dropHistory(m *Mapping) {
	kept := m.Columns[:0]
	for _, c := range m.Columns {
		if !strings.HasPrefix(c.Field, "vote_") {
			kept = append(kept, c)
		}
	}
	m.Columns = kept
}

// preferLine: where a file has the street both whole and in parts, the parts are better when number and name are there.
func (s *suggestion) preferLine(m *Mapping) {
	if !s.has(fStreetLine) || s.has(fStreetName) && s.has(fHouse) {
		return
	}
	kept := m.Columns[:0]
	for _, c := range m.Columns {
		switch c.Field {
		case "house", "house_prefix", "house_suffix", "pre_dir", "street_name", "street_type", "post_dir":
			continue
		}
		kept = append(kept, c)
	}
	m.Columns = kept
}

// houseSuffix: a "street suffix" that holds no types of street is what follows the house number, as in Massachusetts.
func (s *suggestion) houseSuffix(m *Mapping, rows [][]string) {
	if s.has(fHouseSuffix) {
		return
	}
	for i := range m.Columns {
		c := &m.Columns[i]
		if c.Field != fStreetType.String() {
			continue
		}
		types, filled := 0, 0
		for _, row := range rows {
			if c.Position > len(row) || row[c.Position-1] == "" {
				continue
			}
			filled++
			if streetTypes[upperASCII(row[c.Position-1])] != "" {
				types++
			}
		}
		if filled > 0 && types*3 < filled {
			c.Field = fHouseSuffix.String()
		}
	}
}

// suggestElections proposes a pattern for the columns that hold a word and a date.
func suggestElections(header []string) []ElectionPattern {
	var out []ElectionPattern
	seen := map[string]bool{}
	for _, n := range header {
		at := dateInName.FindStringIndex(n)
		if at == nil || len(out) == 20 || at[0] == 0 && at[1] == len(n) {
			continue
		}
		p := n[:at[0]] + "{date}" + n[at[1]:]
		if seen[p] || len(p) > 100 || strings.Contains(n, "{date}") {
			continue
		}
		seen[p] = true
		out = append(out, ElectionPattern{Pattern: p})
	}
	return out
}

// suggestDates looks whether the dates of the rows have the day first: some day above 12 decides.
func suggestDates(m *Mapping, rows [][]string) string {
	for _, c := range m.Columns {
		switch c.Field {
		case "registered", "birth_date", "vote_date":
		default:
			continue
		}
		for _, row := range rows {
			if c.Position > len(row) {
				continue
			}
			if v := row[c.Position-1]; v != "" {
				_, any := ParseDate(v, AnyDate)
				_, day := ParseDate(v, DayFirst)
				if !any && day {
					return DayFirst.String()
				}
			}
		}
	}
	return AnyDate.String()
}

// synonyms maps keys of column names to fields. They are the names in the files of
// the states whose headers are public, in L2's and TargetSmart's dictionaries, and in Massachusetts town lists.
var synonyms = fieldsByName(`
state_id            stateid statevoterid svid sosvoterid sosid voterid voteridnumber voteridentificationnumber voterregistrationnumber registrationnumber regnum registrantid
state_id            registrantnumber voternumber voterno vuid ncid lalvoterid voterbaseid sboeid statefileid idnumber id dwid vanid voterregnum vtrid vfstateid
county_reg_id       countyvoterid countyid countyregid countyvoterregistrationnumber
county_code         countycode countynumber countyno countycd countyfips
county              county countyname countydesc jurisdictionname
last_name           lastname namelast lname surname last familyname lastnm
first_name          firstname namefirst fname first givenname firstnm
middle_name         middlename namemiddle mname middle middleinitial mi midlname middlenm
name_suffix         suffix namesuffix suffixname namesuffixlbl namesufxcd
full_name           fullname name votername
status              status voterstatus statuscode statuscd votersstatus registrationstatus vfvoterstatus voterstatustypecode statustype active
status_name         statusdesc voterstatusdesc statusdescription
reason_code         reasoncd reasoncode statusreasoncode
reason              reason statusreason reasondesc voterstatusreason
birth_year          birthyear yearofbirth yob birthyr
birth_date          birthdate dateofbirth dob birthday dtbirth
age                 age
sex                 sex gender gendercode sexcode gendercd
race                race racecode ethnicdescription ethnicgroupsethnicgroup1desc racedesc
ethnicity           ethnicity ethniccode ethnicgroup hispanic
party               party partycode partycd partyaffiliation politicalparty enrollment partyenrolled partiesdescription partyname affiliation politicalaffiliation
registered          registrationdate dateofregistration regdate registrdt dateregistered registered officialregdate calculatedregdate voterregistrationdate originalregistrationdate effectiveregistrationdate earliestregistrationdate
house_prefix        streetnumberprefix housenumberprefix
house               housenumber housenum house streetnumber stnum streetnum number houseno addressnumber hn
house_suffix        housenumbersuffix streetnumbersuffix halfcode housesuffix stfrac fraction streetsuffixnumber
pre_dir             predirection predirectional streetdir streetpredirection prefixdirection directionprefix predir stpredirection
street_name         streetname stname street
street_type         streettype sttype streetsuffix designator suffixtype streettypecd
post_dir            postdirection postdirectional streetpostdirection suffixdirection directionsuffix postdir stpostdirection
unit_type           unittype apartmenttype unitdesignator apttype
unit                unit unitnumber apartment apartmentnumber apartmentnum apt aptnum aptnumber unitnum extension secondarynumber aptno stunitnum
street_line         address address1 addressline addressline1 addr1 line1 streetaddress fulladdress streetaddress1 addressstreet
street_line2        address2 addressline2 extraaddressline secondaryaddr secondaryaddress addr2 line2
city                city cityname town citytown cityortown citydesc postalcity municipalityname
state               state statecd statecode st
zip                 zip zipcode zip5 postalcode
zip4                zip4 zipplus4 plus4 zipcode4
phone               phone phonenumber telephone telephonenumber primaryphone fullphonenumber homephonenumber
cell_phone          cellphone cellphoneformatted mobile mobilephone cell cellphonefullnumber
home_phone          homephone landline landlineformatted landlinephone landlinefullnumber
work_phone          workphone businessphone
email               email emailaddress
precinct            precinct precinctcode precinctnumber precinctno precinctabbrv pctcode pct precinctid
precinct_name       precinctname precinctdesc precinctdescription
confidential        confidential confidentialind confidentialindicator addressconfidentiality
district.congress           congressionaldistrict congressionaldistrictnumber uscongressionaldistrict congress cd congdist uscongressdistrict cong usrep congdistabbrv
district.state_senate       statesenatedistrict senatedistrict senatorialdistrict senatorialdistrictnumber sd upperdistrict statesenate sldu senate ssd
district.state_house        statehousedistrict housedistrict staterepresentativedistrict staterepdistrict hd lowerdistrict statehouse sldl assemblydistrict legislativedistrict representativedistrict shd
district.county_commission  countycommissionerdistrict countycommissiondistrict supervisordistrict countycouncildistrict supervisordist countycommission
district.municipality       municipality municipalitycode citydistrict
district.ward               ward wardnumber wardcode
district.school             schooldistrict schooldistrictcode schooldist
district.township           township townshipcode
district.judicial           judicialdistrict courtdistrict
vote_date           electiondate dateofelection voteddate electiondt
vote_election       electionname electiondescription electiondesc election electiontitle
vote_type           electiontype electiontypecode typeofelection
vote_method         votingmethod votemethod methodofvoting howvoted voterhistorycode historycode votetype ballottype
vote_absentee       isabsenteevoter absentee absenteeind
vote_party          partyvoted votedparty votedpartycd ballotparty primaryparty
vote_county         countyvoted votedcounty countycodevoting votedcountyid
`)

// mailSynonyms are for columns whose names begin with "mail".
var mailSynonyms = fieldsByName(`
mail1               address address1 addressline addressline1 addr1 line1 1 lineone streetaddress streetnumberandname street
mail2               address2 addressline2 addr2 line2 2 linetwo extraaddressline secondaryaddress apartment apartmentnumber apt
mail3               address3 addressline3 addr3 line3 3 linethree
mail4               address4 addressline4 addr4 line4 4 linefour
mail_city           city citytown cityortown town
mail_state          state st
mail_zip            zip zipcode zip5 postalcode
mail_zip4           zip4 zipplus4
mail_country        country
`)

// fieldsByName reads lines of a field followed by the keys of its names.
func fieldsByName(table string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		for i := 1; i < len(f); i++ {
			if out[f[i]] == "" {
				out[f[i]] = f[0]
			}
		}
	}
	return out
}
