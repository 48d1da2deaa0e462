package city

import (
	"bufio"
	"fmt"
	"io"

	"github.com/openprecinct/precinct/internal/geo"
)

// middle is where on the globe made-up cities lie, and those whose plane is not known.
var middle = geo.Point{Lon: -93.62, Lat: 41.6}

// WriteNodes writes the table of crossings.
func (c *City) WriteNodes(w io.Writer) error {
	b := bufio.NewWriter(w)
	plane := geo.NewPlane(middle)
	_, _ = fmt.Fprintln(b, "node,x,y,lon,lat")
	for i, n := range c.Nodes {
		p := plane.Unproject(n)
		_, _ = fmt.Fprintf(b, "%d,%.1f,%.1f,%.7f,%.7f\n", i, n.X, n.Y, p.Lon, p.Lat)
	}
	return b.Flush()
}

// WriteEdges writes the table of streets.
func (c *City) WriteEdges(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = fmt.Fprintln(b, "edge,u,v,length_m,class,street")
	for i, e := range c.Edges {
		_, _ = fmt.Fprintf(b, "%d,%d,%d,%.1f,%s,%s\n", i, e.From, e.To, e.Metres, e.Class, e.Name)
	}
	return b.Flush()
}

// WriteDoors writes the table of doors.
func (c *City) WriteDoors(w io.Writer) error {
	b := bufio.NewWriter(w)
	plane := geo.NewPlane(middle)
	_, _ = fmt.Fprintln(b, "door,x,y,lon,lat,number,street,unit,edge,side,along_m,precinct")
	for i, d := range c.City.Doors {
		p := plane.Unproject(d.At)
		_, _ = fmt.Fprintf(b, "%d,%.1f,%.1f,%.7f,%.7f,%d,%s,%s,%d,%d,%.1f,%s\n", d.Key, d.At.X, d.At.Y, p.Lon, p.Lat,
			d.Number, d.Street, c.Doors[i].Unit, d.Edge, d.Side, d.Along, c.Doors[i].Precinct)
	}
	return b.Flush()
}
