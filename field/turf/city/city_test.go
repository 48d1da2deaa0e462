package city

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/turf"
)

func write(t testing.TB, c *City) (nodes, edges, doors string) {
	t.Helper()
	var n, e, d bytes.Buffer
	if err := c.WriteNodes(&n); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteEdges(&e); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteDoors(&d); err != nil {
		t.Fatal(err)
	}
	return n.String(), e.String(), d.String()
}

func read(nodes, edges, doors string) (*City, error) {
	return Read(strings.NewReader(nodes), strings.NewReader(edges), strings.NewReader(doors))
}

func TestWrittenCitiesAreRead(t *testing.T) {
	want := Invent(Options{Doors: 800, Seed: 3})
	got, err := read(write(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.City.Doors, got.City.Doors); diff != "" {
		t.Errorf("doors (-made up +read):\n%.2000s", diff)
	}
	if diff := cmp.Diff(want.Edges, got.Edges); diff != "" {
		t.Errorf("streets:\n%.2000s", diff)
	}
	if diff := cmp.Diff(want.Doors, got.Doors); diff != "" {
		t.Errorf("units and precincts:\n%.2000s", diff)
	}
	if len(got.Nodes) != len(want.Nodes) || got.Apart != nil || got.Unknown != nil {
		t.Errorf("%d nodes, %v apart, %v unknown", len(got.Nodes), got.Apart, got.Unknown)
	}
}

func TestMadeUpCitiesAreCities(t *testing.T) {
	for _, n := range []int{0, 1, 50, 20000} {
		c := Invent(Options{Doors: n, Seed: 7})
		if err := c.Check(); err != nil {
			t.Errorf("%d doors: %v", n, err)
		}
		if n >= 50 && (len(c.Doors) < n/2 || len(c.Doors) > 2*n) {
			t.Errorf("asked for %d doors, made up %d", n, len(c.Doors))
		}
	}
	a, b := Invent(Options{Seed: 1}), Invent(Options{Seed: 1})
	if !cmp.Equal(a.City.Doors, b.City.Doors) || !cmp.Equal(a.Edges, b.Edges) || !cmp.Equal(a.Nodes, b.Nodes) {
		t.Error("the same seed makes another city")
	}
	if cmp.Equal(a.City.Doors, Invent(Options{Seed: 2}).City.Doors) {
		t.Error("another seed makes the same city")
	}
}

const (
	someNodes = "node,x,y\n0,0,0\n1,100,0\n"
	someEdges = "edge,u,v,length_m,class,street\n0,0,1,100,local,Elm St\n"
	someDoors = "door,x,y,number,street,edge,side,along_m\n0,10,5,2,Elm St,0,0,10\n"
)

func TestRefusedTables(t *testing.T) {
	for _, c := range []struct{ name, nodes, edges, doors, want string }{
		{"empty nodes", "", someEdges, someDoors, "nodes.csv: is empty"},
		{"empty edges", someNodes, "", someDoors, "edges.csv: is empty"},
		{"empty doors", someNodes, someEdges, "", "doors.csv: is empty"},
		{"column missing", someNodes, "edge,u,v,class\n", someDoors, `edges.csv, line 1: the column "length_m" is missing`},
		{"column twice", "node,x,y,x\n", someEdges, someDoors, `"x" is there twice`},
		{"node twice", "node,x,y\n0,0,0\n0,1,1\n", someEdges, someDoors, "nodes.csv, line 3: node 0 is there twice"},
		{"edge twice", someNodes, someEdges + "0,0,1,5,local,\n", someDoors, "edges.csv, line 3: edge 0 is there twice"},
		{"door twice", someNodes, someEdges, someDoors + "0,1,1,2,Elm St,0,0,1\n", "doors.csv, line 3: door 0 is there twice, first in line 2"},
		{"node not there", someNodes, someEdges + "1,0,7,5,local,\n", someDoors, "v is node 7, which is not in nodes.csv"},
		{"edge not there", someNodes, someEdges, someDoors + "1,1,1,2,Elm St,9,0,1\n", "edge 9 is not in edges.csv"},
		{"no number", someNodes, someEdges, someDoors + "1,NaN,1,2,Elm St,0,0,1\n", `doors.csv, line 3: x is "NaN"`},
		{"endless", "node,x,y\n0,Inf,0\n", someEdges, someDoors, `x is "Inf"`},
		{"negative length", someNodes, "edge,u,v,length_m,class\n0,0,1,-5,local\n", someDoors, "length_m is -5"},
		{"beyond the edge", someNodes, someEdges, someDoors + "1,1,1,2,Elm St,0,0,250\n", "along_m is 250 on an edge 100 metres long"},
		{"third side", someNodes, someEdges, someDoors + "1,1,1,2,Elm St,0,2,1\n", "side is 2"},
		{"negative id", someNodes, someEdges, someDoors + "-1,1,1,2,Elm St,0,0,1\n", `door is "-1"`},
		{"quotes", someNodes, someEdges, someDoors + "1,1,1,2,\"Elm St,0,0,1\n", "doors.csv, line 3"},
		{"a long name", someNodes, someEdges, someDoors + "1,1,1,2," + strings.Repeat("x", 2000) + ",0,0,1\n", "street has 2000 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(c.nodes, c.edges, c.doors)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestDoorsWithoutPlaceOrStreet(t *testing.T) {
	c, err := read(someNodes, "\ufeffedge,u,v,length_m,class\n0,0,1,100,boulevard\n", someDoors+"1,,,4,Elm St,,,\n2,50,-8,6½,Elm St,,,\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Apart{{1, "it has no coordinates"}}, c.Apart); diff != "" {
		t.Error(diff)
	}
	if d := c.City.Doors[1]; d.Key != 2 || d.Edge != 0 || d.Along != 50 || d.Side != 1 {
		t.Errorf("a door without a street stands at %+v", d)
	}
	if diff := cmp.Diff([]string{"boulevard"}, c.Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestWritePlan(t *testing.T) {
	c, err := read(someNodes, someEdges, someDoors+"7,20,5,4,Elm St,0,0,20\n")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := WritePlan(&b, c.City, turf.Plan{Turfs: []turf.Turf{{ID: 3, Doors: []int32{1, 0}}}}); err != nil {
		t.Fatal(err)
	}
	if want := "door,turf,seq\n7,3,0\n0,3,1\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(someNodes, someEdges, someDoors)
	f.Add(someNodes, someEdges, someDoors+"1,,,4,Elm St,,,\n2,50,-8,6,Elm St,,,\n")
	f.Add("node,x,y\n5,1e6,-1e6\n", "edge,u,v,length_m,class\n1,5,5,0,barrier\n", "door,x,y,edge,side,along_m\n1,0,0,1,1,0\n2,0,0,1,1,0\n")
	f.Fuzz(func(t *testing.T, nodes, edges, doors string) {
		c, err := read(nodes, edges, doors)
		if err != nil {
			return
		}
		g, err := turf.Prepare(c.City, nil)
		if err != nil {
			return
		}
		p, err := g.Cut(context.Background(), turf.Rules{Target: 3})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, u := range p.Turfs {
			n += len(u.Doors)
		}
		if n != len(c.City.Doors) {
			t.Errorf("%d of %d doors are in turfs", n, len(c.City.Doors))
		}
	})
}
