package turf

import "github.com/openprecinct/precinct/internal/geo"

// Hues is how many colours tell turfs apart on a map; neighbours never share one while six can do it.
const Hues = 6

// Why says in a sentence why a turf is not within the rules; it is empty where it is. The sentence is a key of Spanish.
type Why string

// The reasons for which a turf may be out of bounds.
const (
	WhyFew      Why = "There are fewer doors here than a turf should have."
	WhyShare    Why = "These doors cannot be shared into turfs of the size asked for."
	WhyBuilding Why = "One building has more doors than a turf may have. Split the building to share it."
	WhyCutOff   Why = "These doors are cut off from all others by barriers or missing streets."
	WhyEdited   Why = "It was changed by hand."
	WhyFar      Why = "The doors lie so far apart that the walk takes longer than asked for."
	WhyLocked   Why = "It was locked as it is."
)

// Turf is doors that one person walks in one go.
type Turf struct {
	ID      int     `json:"id"`    // from 1; kept by edits
	Doors   []int32 `json:"doors"` // indexes of City.Doors in walk order
	Size    int     `json:"size"`  // sum of the doors' weights
	Loop    float64 `json:"loop"`  // metres of the walk and back to its start
	Path    float64 `json:"path"`  // metres without the longest leg of the loop, or from the start chosen to the last door
	Longest float64 `json:"longest"`
	Minutes float64 `json:"minutes"` // see Minutes
	Centre  geo.XY  `json:"centre"`  // a door of the turf in its middle: where its number is drawn
	Hue     int     `json:"hue"`     // 0 to Hues-1
	Near    []int   `json:"near"`    // ids of neighbouring turfs, ascending
	Whole   bool    `json:"whole"`   // it hangs together on streets
	Main    bool    `json:"main"`    // the walk crosses an arterial street
	Locked  bool    `json:"locked"`
	Spare   bool    `json:"spare"` // kept back for whoever is done early
	Start   *geo.XY `json:"start"` // where the walk was asked to begin
	Why     Why     `json:"why"`
}

// Plan is the doors of a city shared out over turfs. Doors are named by their index in City.Doors; a plan belongs to
// one Ground. Plans are values: an edit returns another and leaves the slices of the first alone.
type Plan struct {
	Rules Rules   `json:"rules"`
	Turfs []Turf  `json:"turfs"` // by ID as Cut makes them: beside each other on the map as in the list, where possible
	Loose []int32 `json:"loose"` // doors in no turf, ascending
	Split []Parts `json:"split"` // buildings that may be divided
	Next  int     `json:"next"`  // the ID of the next new turf
}

// Parts says that a building is divided, named by its first door.
type Parts struct {
	Door  int32 `json:"door"`
	Parts int   `json:"parts"`
}

// Summary is a plan in figures.
type Summary struct {
	Doors         int     `json:"doors"`
	Loose         int     `json:"loose"`
	Turfs         int     `json:"turfs"`
	InBounds      int     `json:"inBounds"`
	Smallest      int     `json:"smallest"`
	Largest       int     `json:"largest"`
	Deviation     float64 `json:"deviation"` // standard deviation of sizes
	LoopPerDoor   float64 `json:"loopPerDoor"`
	PathPerDoor   float64 `json:"pathPerDoor"`
	Minutes       float64 `json:"minutes"`
	Blocks        int     `json:"blocks"`
	SplitBlocks   int     `json:"splitBlocks"`
	Buildings     int     `json:"buildings"`
	SplitBuilding int     `json:"splitBuildings"`
	Apart         int     `json:"nonContiguous"`
}

// Minutes estimates how long a walk takes: metres at 75 a minute, and at each door either 1 minute (nobody opens, four
// of five) or 4 (a talk, one of five). Fifty doors at 32 m each are 21 + 80 minutes.
func Minutes(metres float64, doors int) float64 {
	return metres/paceMetres + float64(doors)*doorMinutes
}

const (
	paceMetres  = 75.0
	doorMinutes = 0.8*1 + 0.2*4
)
