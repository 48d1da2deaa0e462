package ballot

// The geometry of VxSuite's ballots, in inches from the top left corner of the sheet, measured on official ballots. Timing marks stand along all four edges;
// what can be marked is placed by columns and rows between their centres.
const (
	PaperWidth = 8.5

	// MarkWidth and MarkHeight are those of a timing mark.
	MarkWidth  = 3.0 / 16
	MarkHeight = 1.0 / 16

	// FirstX and FirstY are the centre of the top left timing mark.
	FirstX = 0.29060
	FirstY = 0.19792

	// ColumnPitch is the distance between the centres of two neighbouring timing marks of the top edge.
	ColumnPitch = (PaperWidth - 2*FirstX) / (Columns - 1)

	// OvalWidth, OvalHeight, OvalRadius and OvalLine are those of an oval: a box with round corners.
	OvalWidth  = 0.20
	OvalHeight = 0.13
	OvalRadius = 0.07
	OvalLine   = 1.0 / 96

	// QRSize is the side of the code at the bottom left of each page.
	QRSize = 0.6

	// SideMargin and TopMargin are what is kept free of print: at left and right, and at top and bottom.
	SideMargin = 0.19685
	TopMargin  = 1.0 / 6
)

// Columns is how many timing marks stand along the top and the bottom of every sheet.
const Columns = 34

// Rows returns how many timing marks stand along the side of a sheet: four to an inch, less three.
func (p Paper) Rows() int { return int(4*p.Height()) - 3 }

// RowPitch returns the distance between the centres of two neighbouring timing marks of the side, in inches.
func (p Paper) RowPitch() float64 { return (p.Height() - 2*FirstY) / float64(p.Rows()-1) }

// Place returns where a point lies on a sheet, in inches from its top left corner.
func (p Paper) Place(at Point) (x, y float64) {
	return FirstX + at.Col*ColumnPitch, FirstY + at.Row*p.RowPitch()
}

// PointAt returns the point of a place in inches from the top left corner.
func (p Paper) PointAt(x, y float64) Point {
	return Point{(x - FirstX) / ColumnPitch, (y - FirstY) / p.RowPitch()}
}
