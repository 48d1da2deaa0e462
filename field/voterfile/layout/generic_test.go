package layout

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fieldsOf maps column names to fields.
func fieldsOf(m Mapping) map[string]string {
	out := map[string]string{}
	for _, c := range m.Columns {
		out[c.Name] = c.Field
	}
	return out
}

func TestSuggest(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		row    string
		want   map[string]string
	}{
		"Massachusetts": {
			"Record Sequence Number|Voter ID Number|Last Name|First Name|Middle Name|Title|Residential Address - Street Number|Residential Address - Street Suffix|Residential Address - Street Name|Residential Address - Apartment Number|Residential Address - Zip Code|Mailing Address - Street Number and Name|Mailing Address - City or Town|Mailing Address - State|Mailing Address - Zip Code|Party Affiliation|Gender|Date of Birth|Date of Registration|Ward Number|Precinct Number|Congressional District Number|Senatorial District Number|State Representative District|Voter Status",
			"1|03SJN2071000|SMITH|ANA|||12|A|MAIN ST|3|02139||||||F|01/02/1980|03/04/2010|3|1|7|12|15|A",
			map[string]string{
				"Voter ID Number": "state_id", "Last Name": "last_name", "First Name": "first_name", "Middle Name": "middle_name",
				"Residential Address - Street Number": "house", "Residential Address - Street Suffix": "house_suffix",
				"Residential Address - Street Name": "street_name", "Residential Address - Apartment Number": "unit",
				"Residential Address - Zip Code": "zip", "Mailing Address - Street Number and Name": "mail1",
				"Mailing Address - City or Town": "mail_city", "Mailing Address - State": "mail_state", "Mailing Address - Zip Code": "mail_zip",
				"Party Affiliation": "party", "Gender": "sex", "Date of Birth": "birth_date", "Date of Registration": "registered",
				"Ward Number": "district.ward", "Precinct Number": "precinct", "Congressional District Number": "district.congress",
				"Senatorial District Number": "district.state_senate", "State Representative District": "district.state_house",
				"Voter Status": "status",
			},
		},
		"Mississippi": {
			"VoterID|LastName|FirstName|MiddleName|Suffix|ResidenceAddress1|ResidenceAddress2|ResidenceCity|ResidenceState|ResidenceZip|MailingAddress1|MailingCity|MailingState|MailingZip|County|Precinct|RegistrationDate|Status|LastVotedDate",
			"123|SMITH|ANA|||1 MAIN ST||JACKSON|MS|39201|||||HINDS|12|03/04/2010|ACTIVE|11/05/2024",
			map[string]string{
				"VoterID": "state_id", "LastName": "last_name", "FirstName": "first_name", "MiddleName": "middle_name", "Suffix": "name_suffix",
				"ResidenceAddress1": "street_line", "ResidenceAddress2": "street_line2", "ResidenceCity": "city", "ResidenceState": "state",
				"ResidenceZip": "zip", "MailingAddress1": "mail1", "MailingCity": "mail_city", "MailingState": "mail_state",
				"MailingZip": "mail_zip", "County": "county", "Precinct": "precinct", "RegistrationDate": "registered", "Status": "status",
			},
		},
		"L2": {
			"LALVOTERID|Voters_Active|Voters_FirstName|Voters_MiddleName|Voters_LastName|Voters_NameSuffix|Residence_Addresses_AddressLine|Residence_Addresses_ExtraAddressLine|Residence_Addresses_City|Residence_Addresses_State|Residence_Addresses_Zip|Residence_Addresses_ZipPlus4|Mailing_Addresses_AddressLine|Mailing_Addresses_City|Mailing_Addresses_State|Mailing_Addresses_Zip|Voters_Gender|Voters_BirthDate|Parties_Description|Ethnic_Description|Voters_OfficialRegDate|VoterTelephones_LandlineFormatted|VoterTelephones_CellPhoneFormatted|County|Precinct|US_Congressional_District|State_Senate_District|State_House_District|General_2024_11_05|Primary_2024_06_04",
			"LALNC1|A|ANA||SMITH||1 MAIN ST|APT 3|CARY|NC|27511|1234|||||F|01/02/1980|Democratic||03/04/2010||(919) 555-0123|WAKE|01-07|02|14|38|Y|",
			map[string]string{
				"LALVOTERID": "state_id", "Voters_Active": "status", "Voters_FirstName": "first_name", "Voters_MiddleName": "middle_name",
				"Voters_LastName": "last_name", "Voters_NameSuffix": "name_suffix", "Residence_Addresses_AddressLine": "street_line",
				"Residence_Addresses_ExtraAddressLine": "street_line2", "Residence_Addresses_City": "city", "Residence_Addresses_State": "state",
				"Residence_Addresses_Zip": "zip", "Residence_Addresses_ZipPlus4": "zip4", "Mailing_Addresses_AddressLine": "mail1",
				"Mailing_Addresses_City": "mail_city", "Mailing_Addresses_State": "mail_state", "Mailing_Addresses_Zip": "mail_zip",
				"Voters_Gender": "sex", "Voters_BirthDate": "birth_date", "Parties_Description": "party", "Ethnic_Description": "race",
				"Voters_OfficialRegDate": "registered", "VoterTelephones_LandlineFormatted": "home_phone",
				"VoterTelephones_CellPhoneFormatted": "cell_phone", "County": "county", "Precinct": "precinct",
				"US_Congressional_District": "district.congress", "State_Senate_District": "district.state_senate",
				"State_House_District": "district.state_house",
			},
		},
		"TargetSmart": {
			"voterbase_id|vb_tsmart_first_name|vb_tsmart_middle_name|vb_tsmart_last_name|vb_tsmart_name_suffix|vb_tsmart_full_address|vb_tsmart_city|vb_tsmart_state|vb_tsmart_zip|vb_tsmart_zip4|vb_voterbase_dob|vb_voterbase_gender|vb_voterbase_race|vb_voterbase_phone|vb_vf_registration_date|vb_vf_voter_status|vb_vf_party|vb_vf_county_name|vb_vf_precinct_id|vb_vf_cd|vb_vf_sd|vb_vf_hd",
			"NC-1|ANA||SMITH||1 MAIN ST APT 3|CARY|NC|27511|1234|19800102|F|White|9195550123|20100304|Active|D|WAKE|01-07|02|14|38",
			map[string]string{
				"voterbase_id": "state_id", "vb_tsmart_first_name": "first_name", "vb_tsmart_middle_name": "middle_name",
				"vb_tsmart_last_name": "last_name", "vb_tsmart_name_suffix": "name_suffix", "vb_tsmart_full_address": "street_line",
				"vb_tsmart_city": "city", "vb_tsmart_state": "state", "vb_tsmart_zip": "zip", "vb_tsmart_zip4": "zip4",
				"vb_voterbase_dob": "birth_date", "vb_voterbase_gender": "sex", "vb_voterbase_race": "race", "vb_voterbase_phone": "phone",
				"vb_vf_registration_date": "registered", "vb_vf_voter_status": "status", "vb_vf_party": "party",
				"vb_vf_county_name": "county", "vb_vf_precinct_id": "precinct", "vb_vf_cd": "district.congress",
				"vb_vf_sd": "district.state_senate", "vb_vf_hd": "district.state_house",
			},
		},
		"history": {
			"Voter ID|Election Date|Election Name|Voting Method|Party Voted",
			"1|11/05/2024|GENERAL|EARLY|D",
			map[string]string{
				"Voter ID": "state_id", "Election Date": "vote_date", "Election Name": "vote_election", "Voting Method": "vote_method",
				"Party Voted": "vote_party",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			row := strings.Split(c.row, "|")
			m := Suggest(strings.Split(c.header, "|"), [][]string{row})
			if diff := cmp.Diff(c.want, fieldsOf(m)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if err := m.Validate(); err != nil {
				t.Fatal(err)
			}
			if m.Kind == History.String() {
				return
			}
			voters, refused, err := read(Generic, strings.NewReader(c.header+"\n"+c.row+"\n"), &m)
			if err != nil || len(refused) > 0 || len(voters) != 1 {
				t.Fatalf("%v, %v, %v", voters, refused, err)
			}
			v := voters[0]
			if v.Last != "SMITH" || v.First != "ANA" || v.Residence.Street != "MAIN" || v.Residence.StreetType != "ST" || v.Status != Active {
				t.Errorf("%+v", v)
			}
			if name == "L2" && (len(v.Votes) != 1 || v.Votes[0].Date != 20241105 || v.Votes[0].Type != General || len(v.Phones) != 1) {
				t.Errorf("votes %v, phones %v", v.Votes, v.Phones)
			}
			if name != "Mississippi" && v.Residence.Unit != "3" {
				t.Errorf("unit %q of %+v", v.Residence.Unit, v.Residence)
			}
		})
	}
}

func TestGenericValues(t *testing.T) {
	m, err := DecodeMapping([]byte(`{"version":1,"name":"Town list","kind":"voters","state":"ma","delimiter":";","header":false,"dates":"dmy",
		"columns":[{"position":1,"field":"state_id"},{"position":2,"field":"full_name"},{"position":3,"field":"status"},{"position":4,"field":"sex"},
		{"position":5,"field":"party"},{"position":6,"field":"registered"},{"position":7,"field":"street_line"},{"position":8,"field":"district.congress"}],
		"values":{"status":{"1":"active","9":"removed"},"sex":{"W":"F"},"party":{"DEMOCRAT":"D"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	voters, refused, err := read(Generic, strings.NewReader("1;SMITH, ANA MARIA JR;1;W;Democrat;31/12/2010;PO BOX 3;7\n2;BO LEE;9;M;R;01/02/2011;5 ELM ST;\n"), m)
	if err != nil || len(refused) > 0 || len(voters) != 2 {
		t.Fatalf("%v, %v, %v", voters, refused, err)
	}
	want := []Voter{
		{StateID: "1", Last: "SMITH", First: "ANA", Middle: "MARIA", Suffix: "JR", Status: Active, StatusCode: "1", Sex: 'F', Party: "D", Registered: 20101231,
			Residence: Address{State: "MA", Street: "PO BOX 3", Line: "PO BOX 3"}, Districts: []District{{Congress, "7", ""}}},
		{StateID: "2", Last: "LEE", First: "BO", Status: Removed, StatusCode: "9", Sex: 'M', Party: "R", Registered: 20110201,
			Residence: Address{State: "MA", House: "5", Street: "ELM", StreetType: "ST", Line: "5 ELM ST"}},
	}
	if diff := cmp.Diff(want, voters, plain); diff != "" {
		t.Error(diff)
	}
}

func TestGenericHistoryByCode(t *testing.T) {
	m := &Mapping{Version: 1, Name: "h", Kind: "history", Columns: []ColumnMapping{{Name: "id", Field: "state_id"}, {Name: "code", Field: "vote_code"}, {Name: "how", Field: "vote_method"}},
		Elections: []ElectionCode{{Code: "G24", Date: "2024-11-05", Name: "General 2024"}}, Values: map[string]map[string]string{"method": {"Z": "early"}}, NotVoted: []string{"none"}}
	f, err := Open(Generic, History, strings.NewReader("id,code,how\n7,G24,Z\n8,G24,NONE\n9,G24,MAIL\n7,P24,Z\n"), m)
	if err != nil {
		t.Fatal(err)
	}
	var got []Vote
	var v Vote
	for err = f.ReadVote(&v); err == nil; err = f.ReadVote(&v) {
		got = append(got, v)
	}
	want := []Vote{
		{StateID: "7", Date: 20241105, Type: General, Name: "General 2024", Method: Early, Code: "Z"},
		{StateID: "9", Date: 20241105, Type: General, Name: "General 2024", Method: ByMail, Code: "MAIL"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(err.Error(), "P24") {
		t.Errorf("the unknown code gave %v", err)
	}
}

func TestMappingIsChecked(t *testing.T) {
	good := `{"version":1,"name":"x","kind":"voters","columns":[{"name":"a","field":"state_id"},{"name":"b","field":"last_name"}]}`
	if _, err := DecodeMapping([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for edit, want := range map[string]string{
		`"version":1→"version":2`:                          "reads version 1",
		`"kind":"voters"→"kind":"people"`:                  "voters or history",
		`"name":"x"→"title":"x"`:                           "title",
		`"field":"last_name"→"field":"surname"`:            "no field",
		`"field":"last_name"→"field":"state_id"`:           "Two columns",
		`{"name":"a",→{`:                                   "neither a name nor a position",
		`"name":"x"→"delimiter":"x"`:                       "sign between columns",
		`"name":"x"→"dates":"x"`:                           "no date form",
		`"name":"x"→"encoding":"x"`:                        "no encoding",
		`"name":"x"→"values":{"status":{"A":"alive"}}`:     "does not know",
		`"name":"x"→"values":{"colour":{"A":"alive"}}`:     "no values for",
		`"name":"x"→"election_columns":[{"pattern":"x"}]`:  "{date}",
		`"name":"x"→"elections":[{"code":"x","date":"y"}]`: "write it as",
		`]}→]} {}`: "after its end",
	} {
		from, to, _ := strings.Cut(edit, "→")
		_, err := DecodeMapping([]byte(strings.Replace(good, from, to, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want something about %q", edit, err, want)
		}
	}
}

func TestTargetsParse(t *testing.T) {
	all := Targets()
	for _, s := range all {
		got, ok := parseTarget(s)
		if !ok || got.String() != s {
			t.Errorf("%s: %v, %v", s, got, ok)
		}
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(all)))); n != len(all) {
		t.Errorf("%d targets, %d different", len(all), n)
	}
	for k, name := range synonyms {
		if _, ok := parseTarget(name); !ok || key(k) != k {
			t.Errorf("synonym %s → %s", k, name)
		}
	}
}

func TestMappingJSONRoundTrip(t *testing.T) {
	m := Suggest([]string{"Voter ID", "Last Name", "GENERAL-11/05/2024"}, nil)
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeMapping(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if diff := cmp.Diff(&m, got); diff != "" {
		t.Error(diff)
	}
}
