package list

// districtWords says in English what kinds of district there are, by the names of layout.DistrictKinds.
var districtWords = map[string]string{
	"other": "Another district", "congress": "U.S. House district", "state_senate": "State senate district", "state_house": "State house district",
	"county_commission": "County commission district", "municipality": "City or town", "municipal_district": "City council district", "ward": "Ward",
	"school": "School district", "local_school": "Local school district", "exempted_village_school": "Exempted village school district", "school_board": "School board district",
	"judicial": "Judicial district", "superior_court": "Superior court district", "appeals_court": "Appeals court district", "county_court": "County court district",
	"municipal_court": "Municipal court district", "prosecutorial": "Prosecutor's district", "township": "Township", "village": "Village", "vtd": "Voting tabulation district",
	"fire": "Fire district", "rescue": "Rescue district", "water": "Water district", "sewer": "Sewer district", "sanitation": "Sanitation district", "library": "Library district",
	"board_of_education": "State board of education district", "career_center": "Career center district", "education_service": "Education service district",
	"jurisdiction": "Election jurisdiction", "community_college": "Community college district", "precinct_part": "Part of a precinct",
}
